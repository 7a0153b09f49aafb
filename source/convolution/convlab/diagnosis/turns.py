"""Owns asking one function several times in turn, all it was given and gave kept alive, so that what calls share shows."""

import collections
import inspect
import random
import secrets

import numpy as np
import torch

from .. import calling, checks
from ..examples import Example
from .variables import CACHED

CLOSE = 1e-5  # of a map's largest number: far above float32's rounding, far below what anybody sees
MANY = 300  # entries of a list or dictionary that are looked at
SHARE = 0.5  # of the time that is left may be taken
DEEP = 5  # lists in lists that are looked into


class Turns:
    """Asks `asked.conv2d`; raises TimeIsUp when its share of the time is used up."""

    def __init__(self, asked):
        self.asked, self.given, self.came = asked, [], []
        self.rest = asked.left * (1 - SHARE)

    def raw(self, image, kernel):
        """What the function answers when it is given these very tensors, as `told` tells it."""
        answer = self.asked.raw(image, kernel)
        if isinstance(answer, calling.TimeIsUp) or self.asked.left < self.rest:
            raise calling.TimeIsUp
        seen = told(answer)
        if inspect.iscoroutine(answer):
            answer.close()  # or Python warns that nobody has waited for it
        self.given += image, kernel
        self.came.append((answer, seen))
        return seen

    def __call__(self, *cases):
        """What it answers to the last of these Examples, asked about one after the other on copies."""
        return [self.raw(*(tensor.clone() for tensor in case.before)) for case in cases][-1]

    def right(self, case):
        """Whether the latest answer is all that is asked of `case`."""
        answer = self.came[-1][0]
        return (
            not isinstance(answer, BaseException)
            and checks.mistake_in(checks.is_feature_map, answer, case) is None
        )


def told(answer):
    """An answer apart from the function's own memory: numbers as float64, an error as its type, the rest as `frozen`."""
    if isinstance(answer, BaseException):
        return type(answer)
    try:
        if isinstance(answer, torch.Tensor) and answer.layout is torch.strided:
            numbers = (
                torch.view_as_real(answer.detach()) if answer.is_complex() else answer.detach()
            )
            return numbers.to("cpu", torch.float64, copy=True)
        return frozen(answer)
    except Exception:  # a class of one's own may do anything
        return type(answer).__name__


def frozen(value, depth=DEEP):
    """A value that can be compared later, whatever happens meanwhile to lists and tensors in it."""
    if isinstance(value, torch.Tensor):
        try:
            return "tensor", str(value.dtype), tuple(value.shape), value.detach().numpy().tobytes()
        except (TypeError, RuntimeError):  # sparse, or of a type that numpy has not
            return "tensor", str(value)
    if isinstance(value, np.ndarray):
        return "array", str(value.dtype), value.shape, value.tobytes()
    if isinstance(value, (dict, list, tuple, set, collections.deque)) and depth:
        entries = list(value.items() if isinstance(value, dict) else value)[:MANY]
        return (
            type(value).__name__,
            len(value),
            tuple(frozen(entry, depth - 1) for entry in entries),
        )
    if isinstance(value, CACHED):
        return value.cache_info().currsize
    if isinstance(value, torch.Generator):
        return frozen(value.get_state())
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if isinstance(value, random.Random):
        return value.getstate()
    if value is None or isinstance(
        value, (bool, int, float, complex, str, bytes, range, np.generic)
    ):
        return type(value).__name__, repr(value)
    return type(value).__name__


def same(one, other):
    """Whether two answers, as `told`, are the same but for rounding."""
    if not isinstance(one, torch.Tensor) or not isinstance(other, torch.Tensor):
        return type(one) is type(other) and one == other
    reach = max(
        float(side.nan_to_num(0, 0, 0).abs().max()) if side.numel() else 0 for side in (one, other)
    )
    return one.shape == other.shape and torch.allclose(
        one, other, rtol=0, atol=CLOSE * reach, equal_nan=True
    )


def other_numbers(case, image_size=None):
    """An Example of the same sizes (or with an image of `image_size`) and of numbers that no call has seen before."""
    image, kernel = case.before
    return Example(numbers(image_size or image.shape), numbers(kernel.shape))


def numbers(shape):
    """New random numbers between −4 and 4, none of them 0, two of them hardly ever alike: a float32 tensor of this shape."""
    chance = torch.Generator().manual_seed(secrets.randbits(60))
    return (
        torch.randint(1, 2**20, tuple(shape), generator=chance)
        / 2**18
        * (torch.randint(0, 2, tuple(shape), generator=chance) * 2 - 1)
    )
