"""The order in which explanations are sought: the certain first, and none rather than a guess."""

import dataclasses
from collections.abc import Callable

import torch

from .. import calling
from ..examples import SIZES, Example, example
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
from ..taps import describe, taps
from . import causes, kernel_sizes, linear, map_size, types
from .arithmetic import behaviour
from .between_calls import side_effects
from .calls import Asked
from .failing_calls import errors, undefined_names
from .result import Diagnosis, diagnosed

SECONDS = 1.5
UNNAMED = ("other-products", "other-arithmetic")
LEAST = 0.3  # seconds for an X-ray, however much time the other questions took


def diagnose(
    conv2d: Callable, mistake: Mistake, case: Example, seconds: float = SECONDS
) -> Diagnosis | None:
    """The Diagnosis of `conv2d`, which made `mistake` on `case`; None if there is none.

    It is sought for about `seconds`, less for a function that has already failed to return.
    """
    if isinstance(mistake, LibraryConvolution):
        return diagnosed("library-convolution", used=mistake.message.facts["library"])
    if isinstance(mistake, (NotImplementedYet, TooSlow)) or not callable(conv2d):
        return errors.explain(conv2d, mistake, case)
    asked = Asked(conv2d, min(seconds, 2 * calling.patience(conv2d)))
    found = causes.recognised(asked, mistake, case)
    if found:
        return found
    found = kernel_sizes.explain(asked, case) or side_effects.explain(asked, mistake, case)
    if found or isinstance(mistake, SideEffect):
        return found
    if isinstance(mistake, Raised):
        return errors.explain(conv2d, mistake, case)
    result = asked.answer(*case.before)
    if (
        isinstance(mistake, (WrongType, WrongDtype))
        or not issubclass(type(result), torch.Tensor)  # isinstance asks the object itself
        or result.ndim != 2
    ):
        return types.explain(conv2d, case, result)
    found = undefined_names.explain(asked, case) or behaviour.explain_ignored(asked, case)
    found = found or map_size.explain(asked, case)
    found = found or limited_to_size(of_numbers(asked, case), asked, case)
    if found is None or found.names[0] in UNNAMED:  # a changed argument may be the reason
        return side_effects.changed_arguments(asked, case) or found
    causes.remember(asked, found)
    return found


def of_numbers(asked: Asked, case: Example) -> Diagnosis | None:
    """The Diagnosis of a function that returns a 2-D map of wrong size or with wrong numbers."""
    image_size, kernel_size = map(map_size.size_of, case.before)
    read = causes.read_before(asked, case)
    try:
        seconds = max(asked.left, LEAST)
        read = read or taps(asked.conv2d, image_size, kernel_size, seconds, guess=True)
    except Mistake:
        return behaviour.explain(asked, case, None)
    if read.departure and read.departure.unsteady:
        return None
    if read.right or read.departure:
        found = behaviour.explain(asked, case, read.coefficients)
        if found or not read.departure:
            return found
        return Diagnosis(("other-arithmetic",), describe(read))
    found = causes.of_taps(asked, linear.explain(read), read)
    if found and image_size != read.image_size:  # a smaller image, which takes fewer calls
        return dataclasses.replace(found, image_size=read.image_size)
    return found


def limited_to_size(found: Diagnosis | None, asked: Asked, case: Example) -> Diagnosis | None:
    """The same Diagnosis, said of this image size alone if other numbers are right at another.

    Where they are right at this size as well, it is not the size that matters.
    """
    image_size = map_size.size_of(case.before[0])
    if found is None or found.image_size or is_right_at(image_size, asked):
        return found
    if any(is_right_at(sides, asked) for sides in SIZES if sides != image_size):
        return dataclasses.replace(found, image_size=image_size)
    return found


def is_right_at(image_size: tuple[int, int], asked: Asked) -> bool:
    """Whether the map of random numbers of this image size, under a 3×3 kernel, is right."""
    return asked.right(example(*image_size, seed=sum(image_size)))
