"""Values that an operation cannot use: None, a number to loop over, a count that is not whole."""

import contextlib
import dis
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from unittest import mock

import torch

from ...values import kind_named
from ..result import Diagnosis, diagnosed
from .tracebacks import came_further, in_own_line, innermost, own_words

if TYPE_CHECKING:
    from .errors import FailedCall

NOT_ITERABLE = re.compile(r"'(int|float)' object is not iterable")
NOT_AN_INDEX = re.compile(
    r"'float' object cannot be interpreted as an integer|slice indices must be integers|"
    r"list indices must be integers or slices, not float|only integers, slices"
)
MAKERS = ("zeros", "ones", "empty")


def nothing(failed: "FailedCall") -> Diagnosis | None:
    """The Diagnosis if the failed line calculates with None."""
    of_none = isinstance(failed.error, (TypeError, AttributeError)) and "NoneType" in failed.said
    if not of_none or own_words(failed.error):
        return None
    if not failed.watch.failed and not in_own_line(failed.error):
        return None
    return diagnosed("none-used", **failed.facts)


def loop_over_number(failed: "FailedCall") -> Diagnosis | None:
    """The Diagnosis if a `for` goes through a number."""
    error, number = failed.error, NOT_ITERABLE.match(failed.said)
    if not number or not isinstance(error, TypeError) or not in_own_line(error):
        return None
    frame, offset = innermost(error)
    if dis.opname[frame.f_code.co_code[offset]] != "GET_ITER":
        return None
    return diagnosed("loop-over-number", kind=kind_named(number[1]), **failed.facts)


def fractional_count(failed: "FailedCall") -> Diagnosis | None:
    """The Diagnosis if a size, a place or a number of rounds is no whole number, but a float."""
    error, watch = failed.error, failed.watch
    if not isinstance(error, (TypeError, IndexError)) or own_words(error):
        return None
    key = watch.key if isinstance(watch.key, tuple) else (watch.key,)
    places = [
        part for one in key for part in ([one.start, one.stop] if isinstance(one, slice) else [one])
    ]
    of_index = watch.failed and any(isinstance(one, float) for one in places)
    of_python = NOT_AN_INDEX.search(failed.said) and "float" in failed.said and in_own_line(error)
    if of_index or of_python or of_size(failed):
        return diagnosed("fractional-count", **failed.facts)
    return None


def of_size(failed: "FailedCall") -> bool:
    """Whether the call comes further once torch makes tensors of whole sizes in place of floats."""
    floats = []

    def whole(size: Any) -> Any:
        if isinstance(size, (list, tuple)):
            return type(size)(map(whole, size)) if type(size) in (list, tuple) else size
        if not isinstance(size, float):
            return size
        floats.append(size)
        return int(size)

    def rounding(make: Callable) -> Callable:
        def made(*sizes: Any, **others: Any) -> torch.Tensor:
            return make(*map(whole, sizes), **others)

        return made

    if not isinstance(failed.error, TypeError) or not in_own_line(failed.error):
        return False
    with contextlib.ExitStack() as makers:
        for name in MAKERS:
            replaced = mock.patch.object(torch, name, rounding(getattr(torch, name)))
            makers.enter_context(replaced)
        result = failed.asked.answer(*failed.case.before)
    return bool(floats) and came_further(result, failed.error)
