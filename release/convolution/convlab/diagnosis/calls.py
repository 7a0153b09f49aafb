"""Asking a function further questions: in limited time, its output unseen, its answers compared.

`Asked` calls it on fresh copies. `CallSequence` calls it several times in a row and keeps alive all
that it was given and gave, so that what calls share with each other shows.
"""

import collections
import random
import secrets
import time
from collections.abc import Callable
from types import CoroutineType
from typing import Any

import numpy as np
import torch

from .. import calling, checks
from ..examples import Example
from ..messages import message
from ..printing import size, told_apart
from ..taps.questions import quiet
from .between_calls.variables import CACHED

CLOSE = 1e-5  # of a map's largest number: far above float32's rounding, too little to be noticed
MANY = 300  # entries of a list or dictionary that are compared
DEPTH = 5  # of lists in lists
SHARE = 0.5  # of the time that is left may be taken by one CallSequence


class Asked:
    """Calls `conv2d` as long as there are `seconds` left in all; `calls` counts the calls."""

    def __init__(self, conv2d: Callable, seconds: float = 1.0) -> None:
        self.conv2d, self.calls, self.deadline = conv2d, 0, time.perf_counter() + seconds
        self.maps: dict[tuple[Any, ...], torch.Tensor | None] = {}

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.deadline - time.perf_counter()

    def answer(self, *arguments: torch.Tensor) -> Any:
        """What the function returns for copies of these tensors, or the BaseException it raised.

        TimeIsUp if it did not return in time, or if there is no time left to ask it.
        """
        return self.raw(*(tensor.clone() for tensor in arguments))

    def raw(self, *arguments: torch.Tensor) -> Any:
        """As `answer`, but the function gets these very tensors, and may change them."""
        if self.left <= 0:
            return calling.TimeIsUp()
        self.calls += 1
        try:
            with quiet(), calling.at_most(self.left):
                return self.conv2d(*arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return error

    def map(self, image: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor | None:
        """The function's map as a float64 copy (rows, columns), for which it is asked once.

        None if it returned no 2-D table of real numbers, or one far larger than any feature map.
        """
        question = tuple(
            (tuple(part.shape), part.dtype, part.numpy().tobytes()) for part in (image, kernel)
        )
        if question not in self.maps:
            self.maps[question] = self.new_map(image, kernel)
        known = self.maps[question]
        return None if known is None else known.clone()

    def new_map(self, image: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor | None:
        """As `map`, whatever has been asked before."""
        result = self.answer(image, kernel)
        try:
            if (
                not isinstance(result, torch.Tensor)
                or result.ndim != 2
                or result.is_complex()
                or not result.numel()
                or result.numel() > 16 * image.numel() + 1000
            ):
                return None
            return result.detach().to(torch.float64, copy=True)
        except BaseException:  # a subclass may do anything
            return None

    def right(self, case: Example) -> bool:
        """Whether the function's map of this case has the right size and the right numbers."""
        came = self.map(*case.before)
        if came is None or came.shape != case.target.shape:
            return False
        return not checks.wrong_values(came, case).any()


class CallSequence:
    """Calls `asked.conv2d` again and again; raises TimeIsUp when its share of the time is used up.

    `answers` holds a pair for each call: what the function returned, and its `snapshot`.
    """

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.given: list[torch.Tensor] = []
        self.answers: list[tuple[Any, Any]] = []
        self.reserve = asked.left * (1 - SHARE)

    def raw(self, image: torch.Tensor, kernel: torch.Tensor) -> Any:
        """The snapshot of what the function answers when it is given these very tensors."""
        answer = self.asked.raw(image, kernel)
        if type(answer) is calling.TimeIsUp or self.asked.left < self.reserve:
            raise calling.TimeIsUp
        taken = snapshot(answer)
        if type(answer) is CoroutineType:
            answer.close()  # or Python warns that nobody has waited for it
        self.given += image, kernel
        self.answers.append((answer, taken))
        return taken

    def __call__(self, *cases: Example) -> Any:
        """The snapshot of the answer to the last of these Examples, asked one after the other."""
        return [self.raw(*(tensor.clone() for tensor in case.before)) for case in cases][-1]

    def right(self, case: Example) -> bool:
        """Whether the latest answer is all that is asked of `case`."""
        answer, taken = self.answers[-1]
        if not isinstance(taken, torch.Tensor):
            return False
        return checks.mistake_in(checks.is_feature_map, answer, case) is None


def snapshot(answer: Any) -> Any:
    """An answer as it is now, apart from the function's own memory.

    Numbers as a float64 tensor, an error as its type, everything else as `frozen`.
    """
    if issubclass(type(answer), BaseException):
        return type(answer)
    try:
        if isinstance(answer, torch.Tensor) and answer.layout is torch.strided:
            values = answer.detach()
            values = torch.view_as_real(values) if values.is_complex() else values
            return values.to("cpu", torch.float64, copy=True)
        return frozen(answer)
    except Exception:  # a class of one's own may do anything
        return type(answer).__name__


def frozen(value: Any, depth: int = DEPTH) -> Any:
    """A copy that can be compared later, whatever happens meanwhile to lists and tensors in it."""
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


def same(one: Any, other: Any) -> bool:
    """Whether two snapshots are the same but for rounding."""
    if not isinstance(one, torch.Tensor) or not isinstance(other, torch.Tensor):
        return type(one) is type(other) and one == other
    reach = max(
        float(side.nan_to_num(0, 0, 0).abs().max()) if side.numel() else 0 for side in (one, other)
    )
    return one.shape == other.shape and torch.allclose(
        one, other, rtol=0, atol=CLOSE * reach, equal_nan=True
    )


def difference(one: torch.Tensor, other: torch.Tensor) -> dict[str, Any]:
    """The facts on how two maps differ that are not the `same`.

    `place` is the first cell that differs, or the size, and `first` and `second` the two values.
    """
    if one.shape != other.shape:
        return {
            "place": message("state", "its-size"),
            "first": size(one.shape),
            "second": size(other.shape),
        }
    apart = (one - other).abs().nan_to_num(torch.inf, posinf=torch.inf)
    apart[(one == other) | (one.isnan() & other.isnan())] = 0
    cell = tuple((apart > CLOSE * apart.nan_to_num(posinf=0).max()).nonzero()[0].tolist())
    first, second = told_apart(float(one[cell]), float(other[cell]))
    return {"place": message("state", "its-cell", cell=cell), "first": first, "second": second}


def other_numbers(case: Example, image_size: tuple[int, ...] | None = None) -> Example:
    """An Example of the same sizes, or with an image of `image_size`, and of new numbers."""
    image, kernel = case.before
    return Example(new_numbers(image_size or image.shape), new_numbers(kernel.shape))


def new_numbers(shape: tuple[int, ...]) -> torch.Tensor:
    """Random numbers that no call has been given before: a float32 tensor of this shape.

    They lie between −4 and 4, none of them is 0, and two of them are hardly ever alike.
    """
    chance = torch.Generator().manual_seed(secrets.randbits(60))
    values = torch.randint(1, 2**20, tuple(shape), generator=chance) / 2**18
    return values * (torch.randint(0, 2, tuple(shape), generator=chance) * 2 - 1)
