"""Finds the smallest case that shows a mistake: few pixels, and numbers to add up in the head."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch

from .. import calling, checks, remote
from ..examples import Example, bright, readable
from ..mistakes import Mistake, SideEffect, WrongSize, WrongValue
from ..taps.questions import quiet

SECONDS = 0.5  # for all calls
EVERYWHERE = 0.9  # the share of wrong numbers from which on the rest is right by chance
MOST = 10**6  # numbers of a map that are copied
TYPED = 30  # numbers of an image that are offered to be typed
SIZES = [(3, 3), (3, 4), (4, 3), (4, 4), (4, 5), (5, 4), (5, 5), (6, 5), (6, 6), (7, 6)]


def smallest(
    conv2d: Callable[..., Any], mistake: Mistake, case: Example, result: Any = None
) -> tuple[Mistake, Example, Any]:
    """The smallest case on which `conv2d` makes this kind of mistake: (mistake, case, result).

    It is `case` itself, with what was given, if there is no smaller one, or if the mistake is not
    in the numbers.
    """
    wanted, deadline = sort(mistake, case, result), time.perf_counter() + SECONDS
    if wanted is None:
        return mistake, case, result
    for small in smaller(case):
        if time.perf_counter() > deadline:
            break
        came = answer(conv2d, small, deadline - time.perf_counter())
        found = shown_by(type(mistake), small, came)
        if found and sort(found, small, came) == wanted:
            return found, small, came
    return mistake, case, result


def smaller(case: Example) -> Iterator[Example]:
    """Cases like this one with fewer pixels, the smallest first.

    Whole numbers of both signs or halves come first, then the case's own upper left corner.
    """
    image, kernel = case.before
    kernel_size = kernel.shape[0], kernel.shape[1]
    sizes = [
        (rows, columns)
        for rows, columns in SIZES
        if kernel.shape[0] <= rows <= image.shape[0]
        and kernel.shape[1] <= columns <= image.shape[1]
        and rows * columns < image.numel()
    ]
    for rows, columns in sizes:
        if is_bright(case):
            yield bright(rows, columns, rows - 2, columns - 2)
        else:
            yield readable(rows, columns, kernel_size=kernel_size)
            yield readable(rows, columns, seed=1, kernel_size=kernel_size)
            yield readable(rows, columns, step=0.5, kernel_size=kernel_size)
    for rows, columns in sizes:
        yield Example(image[:rows, :columns].clone(), kernel.clone())


def is_bright(case: Example) -> bool:
    """Whether the case is a dark image with one bright pixel."""
    return int(case.before[0].count_nonzero()) == 1


def code(case: Example) -> str:
    """The call with these numbers as it can be typed, or what makes them if they are too many."""
    if case.before[0].numel() > TYPED:
        return case.again.facts["maker"] if case.again and "maker" in case.again.facts else ""
    image, kernel = (f"torch.tensor({part.tolist()})" for part in case.before)
    return f"conv2d({image},\n       {kernel})".replace(".0,", ".,").replace(".0]", ".]")


def answer(conv2d: Callable[..., Any], case: Example, seconds: float) -> Any:
    """What `conv2d` returns for the case, a map as a copy; None if it returns nothing in time."""
    if not remote.elsewhere(conv2d):
        return copied(called(conv2d, case.image, case.kernel, seconds))
    # There, a call that takes too long is stopped without ending the whole process.
    arguments = case.image, case.kernel, seconds
    limit = seconds + remote.SECONDS
    return copied(remote.asked(conv2d, __name__, "called", *arguments, seconds=limit))


def called(
    conv2d: Callable[..., Any], image: torch.Tensor, kernel: torch.Tensor, seconds: float
) -> Any:
    """What `conv2d(image, kernel)` returns; None if it returns nothing in time."""
    try:
        with quiet(), calling.at_most(seconds):
            return conv2d(image, kernel)
    except KeyboardInterrupt:
        raise
    except BaseException:  # another mistake than the one that is looked for
        return None


def shown_by(kind: type[Mistake], case: Example, result: Any) -> Mistake | None:
    """The Mistake of this kind that this result shows, or None."""
    with contextlib.suppress(Exception):  # a result may be anything
        if kind is SideEffect:
            return checks.mistake_in(checks.left_alone, case)
        if checks.mistake_in(checks.is_float32_tensor, result, case):
            return None
        found = checks.mistake_in(checks.has_size, result, case)
        if kind is WrongValue and not found:
            found = checks.mistake_in(checks.has_values, result, case)
        return found if isinstance(found, kind) else None
    return None


def sort(mistake: Mistake, case: Example, result: Any) -> Any:
    """What has to be alike in a smaller case; None if no smaller one shows it better."""
    if isinstance(mistake, SideEffect):
        changed = [
            not torch.equal(now, before)
            for now, before in zip((case.image, case.kernel), case.before, strict=True)
            if now.shape == before.shape
        ]
        return changed if any(changed) else None
    if not is_tensor(result):
        return None
    if isinstance(mistake, WrongSize):
        pairs = zip(result.shape, case.target.shape, strict=False)
        return result.ndim, *((came > right) - (came < right) for came, right in pairs)
    if not isinstance(mistake, WrongValue):
        return None
    wrong = checks.wrong_values(result, case)
    return bool(wrong.double().mean() > EVERYWHERE), bool(result[wrong].isfinite().all())


def is_tensor(value: Any) -> bool:
    """Whether a value is a tensor; asks nothing of an object that may do anything when asked."""
    return issubclass(type(value), torch.Tensor)


def copied(value: Any) -> Any:
    """A copy of a tensor as it is now, unless it is far too large; any other value as it is."""
    if not is_tensor(value):
        return value
    return value.detach().clone() if value.numel() <= MOST else value.detach()
