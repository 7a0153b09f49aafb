"""Owns finding the smallest case that shows a mistake: few pixels, and numbers that can be added up in the head."""

import contextlib
import time

import torch

from .. import calling, checks, remote
from ..examples import KERNEL, Example
from ..mistakes import SideEffect, WrongSize, WrongValue
from ..taps.questions import quiet
from .cases import bright, is_bright, readable
from .results import copied, is_tensor

SECONDS = 0.5  # for all calls
EVERYWHERE = 0.9  # the share of wrong numbers from which on the rest is right by chance
SIZES = [(3, 3), (3, 4), (4, 3), (4, 4), (4, 5), (5, 4), (5, 5), (6, 5), (6, 6), (7, 6)]


def smallest(conv2d, mistake, case, result=None):
    """The smallest case on which `conv2d` makes the same kind of mistake as on `case`: (mistake, case, result).

    It is `case` itself, with what was given, if there is no smaller one, or if the mistake is not in the numbers.
    """
    kind, wanted, deadline = (
        type(mistake),
        sort(mistake, case, result),
        time.perf_counter() + SECONDS,
    )
    if wanted is None:
        return mistake, case, result
    for small in smaller(case):
        if time.perf_counter() > deadline:
            break
        came = answer(conv2d, small, deadline - time.perf_counter())
        found = told_of(kind, small, came)
        if found and sort(found, small, came) == wanted:
            return found, small, came
    return mistake, case, result


def smaller(case):
    """Cases like this one with fewer pixels: whole numbers of both signs or halves, the smallest first; then its own corner."""
    image, kernel = case.before
    sizes = (
        [
            (rows, columns)
            for rows, columns in SIZES
            if rows <= image.shape[0]
            and columns <= image.shape[1]
            and rows * columns < image.numel()
        ]
        if kernel.shape == KERNEL
        else []
    )
    for rows, columns in sizes:
        if is_bright(case):
            yield bright(rows, columns, rows - 2, columns - 2)
        else:
            yield readable(rows, columns)
            yield readable(rows, columns, seed=1)
            yield readable(rows, columns, step=0.5)
    for rows, columns in sizes:
        yield Example(image[:rows, :columns].clone(), kernel.clone())


def answer(conv2d, case, seconds):
    """What `conv2d` returns for the case, a copy of the map if it is one; None if it returns nothing in time."""
    if remote.elsewhere(
        conv2d
    ):  # there, a call that takes too long is stopped without ending the whole process
        limit = seconds + remote.SECONDS
        return copied(
            remote.asked(
                conv2d, __name__, "called", case.image, case.kernel, seconds, seconds=limit
            )
        )
    return copied(called(conv2d, case.image, case.kernel, seconds))


def called(conv2d, image, kernel, seconds):
    """What `conv2d(image, kernel)` returns; None if it returns nothing in time."""
    try:
        with quiet(), calling.at_most(seconds):
            return conv2d(image, kernel)
    except KeyboardInterrupt:
        raise
    except BaseException:  # another mistake than the one that is looked for
        return None


def told_of(kind, case, result):
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


def sort(mistake, case, result):
    """What has to be alike in a smaller case; None if the mistake is of a kind that no smaller one shows better."""
    if isinstance(mistake, SideEffect):
        changed = [
            not torch.equal(now, before)
            for now, before in zip((case.image, case.kernel), case.before)
            if now.shape == before.shape
        ]
        return changed if any(changed) else None
    if not is_tensor(result) or not isinstance(mistake, (WrongSize, WrongValue)):
        return None
    if isinstance(mistake, WrongSize):
        return result.ndim, *(
            (came > right) - (came < right) for came, right in zip(result.shape, case.target.shape)
        )
    wrong = checks.wrong_values(result, case)
    return bool(wrong.double().mean() > EVERYWHERE), bool(result[wrong].isfinite().all())
