"""Owns which objects of a student's are what they say of the test's own data, and that nothing plain is taken from these."""

import datetime
import numbers
from collections.abc import Set

from proctor.codecs import arrays

from proctor.examiner.proxy import is_proxy, link

DIFFERENCES = ("sub", "isub")
# What a test asks a number or a tensor that is a difference, and what it asks an array or a set about the expected one.
MEASURES = frozenset(
    "abs absolute item max min sum mean norm any all allclose equal eq isclose square".split()
)
COMPARING = frozenset(
    "allclose array_equal equal eq ne isclose not_equal lt le gt ge sub subtract issubset issuperset isdisjoint difference "
    "symmetric_difference".split()
)


def expected(value):
    """Whether a value is an array, a tensor or a set, which a test compares as a whole."""
    return not is_proxy(value) and bool(arrays.kind(value) or isinstance(value, Set))


def based(proxy):
    """Whether a student's object holds what a plain type holds, and more."""
    return getattr(type(proxy), "__based__", False)


def weighs(op, other):
    """Whether the result of arithmetic with this may be the difference to what the test expects."""
    return (
        expected(other)
        or op in DIFFERENCES
        and isinstance(other, (datetime.date, datetime.timedelta))
    )


def mark(result, op, self, others):
    """Note on an object which arithmetic it came out of."""
    made, students = link(result), [link(one) for one in (self, *others) if is_proxy(one)]
    plain = [other for other in others if not is_proxy(other)]
    made.mixed |= bool(plain) or any(one.mixed for one in students)
    made.weighed |= any(one.weighed for one in students) or any(
        weighs(op, other) for other in plain
    )
    made.differs |= (
        any(one.differs for one in students)
        or op in DIFFERENCES
        and any(isinstance(other, numbers.Number) for other in plain)
    )


def taken(target, value, weighs=False):
    """What an object said; nothing but text and other objects where it `weighs`, or is what it says of the test's own data."""
    if not is_proxy(target):
        return value
    made = link(target)
    if is_proxy(value):
        found = link(value)
        found.mixed |= made.mixed and (
            based(value) or found.kind in ("method", "function", "builtin")
        )
        found.differs |= made.differs
        found.weighed |= made.weighed or weighs
    elif (made.weighed or weighs) and value is not None and type(value) is not str:
        raise TypeError(
            f"the student's {type(target).__name__} gave plain data ({type(value).__name__}) about the test's own data, "
            "which is not taken: the student's object would pass the verdict"
        )
    return value
