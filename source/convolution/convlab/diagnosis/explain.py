"""Owns the order in which explanations are sought: the certain and simple first, and nothing rather than a guess."""

import dataclasses

import torch

from .. import calling
from ..checks import wrong_values
from ..examples import SIZES, example
from ..mistakes import (
    LibraryConvolution,
    Mistake,
    NotImplementedYet,
    Raised,
    SideEffect,
    TooSlow,
    WrongDtype,
    WrongType,
)
from ..printing import size
from ..taps import taps
from ..taps.structure import describe
from . import behaviour, errors, kernel_sizes, linear, map_size, names, state, types
from .calls import Asked
from .diagnosis import Diagnosis, diagnosed

SECONDS = 1.5


def diagnose(conv2d, mistake, case, seconds=SECONDS):
    """The Diagnosis of `conv2d`, which made `mistake` on `case` (an Example), sought for about `seconds`; None if there is none."""
    if isinstance(mistake, LibraryConvolution):
        return diagnosed("library-convolution", used=mistake.message.facts["library"])
    if isinstance(mistake, (NotImplementedYet, TooSlow)) or not callable(conv2d):
        return errors.explain(conv2d, mistake, case)
    asked = Asked(conv2d, min(seconds, 2 * calling.patience(conv2d)))
    found = kernel_sizes.explain(asked, case) or state.explain(asked, mistake, case)
    if found or isinstance(mistake, SideEffect):
        return found
    if isinstance(mistake, Raised):
        return errors.explain(conv2d, mistake, case)
    result = asked.answer(*case.before)
    if (
        isinstance(mistake, (WrongType, WrongDtype))
        or not isinstance(result, torch.Tensor)
        or result.ndim != 2
    ):
        return types.explain(conv2d, case, result)
    return (
        names.explain(asked, case)
        or behaviour.heedless(asked, case)
        or map_size.explain(asked, case)
        or located(numbers(asked, case), asked, case)
    )


def located(found, asked, case):
    """The same Diagnosis, its sentence said of this image size alone if the function is right at another of the graded ones."""
    shape = tuple(case.before[0].shape)
    others = (
        [example(*sides, seed=sum(sides)) for sides in SIZES if sides != shape] if found else []
    )
    if not any(
        (came := asked.map(*other.before)) is not None
        and came.shape == other.target.shape
        and not wrong_values(came, other).any()
        for other in others
    ):
        return found
    return dataclasses.replace(found, facts=f"On an image of size {size(shape)}: {found.sentence}")


def numbers(asked, case):
    """The Diagnosis of a function that returns a 2-D map of wrong size or wrong numbers."""
    shapes = tuple(tuple(tensor.shape) for tensor in case.before)
    try:
        seen = taps(asked.conv2d, *shapes, max(asked.left, 0.3))
    except Mistake:
        return behaviour.explain(asked, case, None)
    if seen.departure and seen.departure.unsteady:
        return None
    if seen.right or seen.departure:
        found = behaviour.explain(asked, case, seen.coefficients)
        if found or not seen.departure:
            return found
        return Diagnosis(("other-arithmetic",), describe(seen))
    where = "" if shapes[0] == seen.image_size else f"On an image of size {size(seen.image_size)}: "
    return linear.explain(seen, where)
