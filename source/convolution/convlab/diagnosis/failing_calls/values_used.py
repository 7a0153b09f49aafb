"""Values that an operation cannot use: None, a number to loop over, a count that is not whole."""

import dis
import re
from typing import TYPE_CHECKING

from ...values import kind_named
from ..diagnosis import Diagnosis, diagnosed
from .tracebacks import in_own_line, innermost, own_words

if TYPE_CHECKING:
    from .errors import FailedCall

NOT_ITERABLE = re.compile(r"'(int|float)' object is not iterable")
NOT_AN_INDEX = re.compile(
    r"'float' object cannot be interpreted as an integer|slice indices must be integers|"
    r"list indices must be integers or slices, not float|only integers, slices"
)
MAKERS = ("zeros", "ones", "empty", "full", "new_zeros", "new_ones", "reshape", "view", "arange")


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
    numbers = places + [
        part
        for one in (watch.given if watch.name in MAKERS else ())
        for part in (one if isinstance(one, (list, tuple)) else [one])
    ]
    if watch.failed and any(type(one) is float for one in numbers):
        return diagnosed("fractional-count", **failed.facts)
    of_python = NOT_AN_INDEX.search(failed.said) and "float" in failed.said
    if of_python and in_own_line(error) and not watch.failed:
        return diagnosed("fractional-count", **failed.facts)
    return None
