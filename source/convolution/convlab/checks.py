"""Owns what is asked of an answer, one question a function, and the sentences a learner gets when it fails."""

import functools
import secrets

import torch

from . import attempt, target
from .mistakes import (
    LibraryConvolution, Mistake, NotImplementedYet, SideEffect, WrongDtype, WrongSize, WrongType, WrongValue)
from .paint import size, told_apart
from .scratch import library_convolutions, warm_up

SIZES = [(8, 8), (12, 10), (10, 10), (12, 8)]
KERNEL = (3, 3)
TOLERANCE = 2e-5

__all__ = [
    "KERNEL", "SIZES", "TOLERANCE", "Example", "LibraryConvolution", "Mistake", "NotImplementedYet", "call",
    "depends_only_on_arguments", "example", "from_scratch", "has_size", "has_values", "is_feature_map",
    "is_float32_tensor", "kept", "left_alone", "mistake", "wrong_values"]


class Example:
    """One image (H, W) and one kernel (M, N), both float32, and the seeds that make them again, if seeds did."""

    def __init__(self, image, kernel, seed=None):
        self.image, self.kernel = image, kernel
        self.seeds = {"image": seed, "kernel": seed}
        self.remember()

    def remember(self):
        """Keep copies of the numbers as they are now, and the feature map that belongs to them."""
        self.before = self.image.clone(), self.kernel.clone()
        self.target = target.feature_map(self.image, self.kernel)

    def refill(self, part):
        """Put new random numbers into the same tensor, `part` being "image" or "kernel"."""
        other = example(*self.image.shape)
        getattr(self, part).copy_(getattr(other, part))
        self.seeds[part] = other.seeds[part]
        self.remember()

    @property
    def name(self):
        """How messages call a call with these two: conv2d(image 8×8, kernel 3×3)."""
        return f"conv2d(image {size(self.image.shape)}, kernel {size(self.kernel.shape)})"

    @property
    def again(self):
        """The line of a message that tells how to get the same numbers; empty if no seed made them."""
        height, width = self.before[0].shape
        image, kernel = (f"checks.example({height}, {width}, seed={seed})" for seed in self.seeds.values())
        if None in self.seeds.values():
            return ""
        if image == kernel:
            return f"\nTo see these numbers again: {image}."
        return f"\nTo see these numbers again: {image}.image and {kernel}.kernel."


def example(height, width, seed=None):
    """New random numbers for an image (height, width) and a 3×3 kernel; the same ones for the same `seed`.

    All are signed fractions on a grid so fine that half precision and rounding show, and so coarse that float32 sums
    are exact in any order. No two of the kernel's nine values have the same magnitude, so that no flip, turn or
    transposition of it goes unseen.
    """
    seed = secrets.randbelow(10**6) if seed is None else seed
    chance = torch.Generator().manual_seed(seed)

    def signs(*shape):
        return torch.randint(0, 2, shape, generator=chance) * 2 - 1

    image = torch.randint(1, 257, (height, width), generator=chance) * signs(height, width) / 64
    kernel = (torch.randperm(32, generator=chance)[:9].reshape(KERNEL) + 1) * signs(*KERNEL) / 16
    return Example(image.float(), kernel.float(), seed)


def call(conv2d, case):
    """Return `conv2d(case.image, case.kernel)`; raise the Mistake that names the reason if it does not return."""
    __tracebackhide__ = True
    return attempt.call(conv2d, case.image, case.kernel, case.name, case.again)


def is_float32_tensor(result, case):
    """Raise WrongType or WrongDtype unless `result` is a torch tensor of float32 numbers."""
    __tracebackhide__ = True
    expected = f"where a float32 torch tensor of size {size(case.target.shape)} was expected"
    if result is None:
        raise WrongType(f"{case.name} returned None, {expected}.\nDoes your function end in `return`?{case.again}")
    if not isinstance(result, torch.Tensor):
        raise WrongType(f"{case.name} returned a {type(result).__name__}, {expected}.\n"
                        f"Look at what you `return`: put the numbers into one torch tensor.{case.again}")
    if result.dtype != torch.float32:
        raise WrongDtype(f"{case.name} returned numbers of type {str(result.dtype).removeprefix('torch.')}, "
                         f"{expected}.\nLook at the line that creates the output: torch.zeros makes float32.{case.again}")


def has_size(result, case):
    """Raise WrongSize unless `result` has exactly the feature map's size."""
    __tracebackhide__ = True
    if result.shape != case.target.shape:
        (height, width), (rows, columns) = case.image.shape, case.kernel.shape
        raise WrongSize(
            f"{case.name} returned {'size ' + size(result.shape) if result.ndim else 'a single number'}, expected size "
            f"{size(case.target.shape)}: {height}−{rows}+1 positions down, {width}−{columns}+1 across.\n"
            f"Look at how far your loops run and how you create the output.{case.again}")


def wrong_values(result, case):
    """Where `result`, of the right size, is not the target's: a boolean tensor of that size."""
    return ~((result.detach().double() - case.target).abs() <= TOLERANCE)


def has_values(result, case, when=""):
    """Raise WrongValue unless every number of `result` is the target's; `when` tells which call it was."""
    __tracebackhide__ = True
    wrong = wrong_values(result, case)
    if wrong.any():
        i, j = wrong.nonzero()[0].tolist()
        came, expected = told_apart(result[i, j], case.target[i, j])
        rows, columns = case.kernel.shape
        raise WrongValue(
            f"{case.name}{when}: row {i}, column {j} is {came}, expected "
            f"{expected}; {pattern(wrong)}.\nLook at the patch image[{i}:{i + rows}, "
            f"{j}:{j + columns}] times the kernel, added up.{case.again}")


def pattern(wrong):
    """Which cells of a feature map are wrong, in a few words: the hint that lies in their places."""
    rows, columns = wrong.any(dim=1).nonzero().flatten().tolist(), wrong.any(dim=0).nonzero().flatten().tolist()
    count = f"{int(wrong.sum())} of {wrong.numel()} values are wrong"
    if wrong.all():
        return "every value is wrong"
    if len(rows) == 1:
        return f"{count}, all in row {rows[0]}"
    if len(columns) == 1:
        return f"{count}, all in column {columns[0]}"
    return count


def is_feature_map(result, case, when=""):
    """Raise the first Mistake that `result` shows: type, dtype, size, then values."""
    __tracebackhide__ = True
    is_float32_tensor(result, case)
    has_size(result, case)
    has_values(result, case, when)


def left_alone(case):
    """Raise SideEffect if the call changed the image or the kernel it was given."""
    __tracebackhide__ = True
    for name, now, before in zip(("image", "kernel"), (case.image, case.kernel), case.before):
        if now.shape != before.shape or not torch.equal(now, before):
            raise SideEffect(f"{case.name} changed the {name} it was given, which the caller still needs.\n"
                             f"Look for a line that assigns into `{name}` or works in place, and use a new tensor.{case.again}")


def kept(result, case):
    """Raise SideEffect if an earlier result has changed since it was checked."""
    __tracebackhide__ = True
    if result.shape != case.target.shape or mistake_in(has_values, result, case):
        raise SideEffect(f"{case.name} returned a feature map that changed during a later call.\n"
                         f"Create the output inside the function, so that every call has its own.{case.again}")


def depends_only_on_arguments(conv2d, case, what):
    """Raise SideEffect unless `conv2d`, right before, is right again now that `what` is other than it was."""
    __tracebackhide__ = True
    wrong = mistake_in(lambda: is_feature_map(call(conv2d, case), case))
    if wrong:
        raise SideEffect(f"{case.name} was right, then wrong when {what}.\n"
                         "Look for a name that your function reads but does not make: "
                         f"use only its two arguments.\n({wrong})") from wrong


def mistake_in(question, *arguments):
    """The Mistake that `question(*arguments)` raises, or None."""
    try:
        question(*arguments)
    except Mistake as mistake:
        return mistake


def mistake(conv2d, case):
    """The first Mistake in one call of `conv2d` on `case`, or None: for tables, pictures and the learner's check."""
    return mistake_in(lambda: is_feature_map(call(conv2d, case), case))


def from_scratch(conv2d):
    """`conv2d` watched: the returned function does the same, and raises LibraryConvolution if a library did it."""

    warm_up()

    @functools.wraps(conv2d, updated=())
    def watched(image, kernel):
        with library_convolutions() as used:
            result = conv2d(image, kernel)
        if used:
            raise LibraryConvolution(
                f"conv2d called {used[0]}, where your own loops or slices were expected.\n"
                "Write the sum over the patch yourself; slicing, unfold, as_strided and einsum are fine.")
        return result

    return watched
