"""Owns what a student's code may do with an object of the test's that it was given: use it as anybody would, never see into it."""

import io
import operator
import re
from collections.abc import Iterator
from unittest import mock

from proctor.wire import handles

OPERATIONS = {
    name: getattr(operator, name) for name in (*handles.BINARY, *handles.UNARY, *handles.COMPARE)
} | {
    "len": len,
    "bool": bool,
    "iter": iter,
    "next": next,
    "reversed": reversed,
    "str": str,
    "repr": repr,
    "getitem": operator.getitem,
    "setitem": operator.setitem,
    "delitem": operator.delitem,
    "contains": operator.contains,
    "call": lambda value, *args, **more: value(*args, **more),
    "enter": lambda value: type(value).__enter__(value),
    "exit": lambda value, *error: type(value).__exit__(value, *error),
}
MOCK = frozenset(
    dir(mock.NonCallableMagicMock())
)  # by which a mock is told what to say, or says what it saw


def lent(value):
    """How an object of the test's is handed over: ("iterator", what is called), ("thing", what is called), or None: not at all."""
    kind = type(value)
    if (
        isinstance(value, (io.IOBase, re.Pattern, mock.NonCallableMock))
        or kind.__module__ == "__main__"
        and not isinstance(value, type)
    ):
        return "thing", lambda op, *args, **more: used(value, op, *args, **more)
    if isinstance(value, Iterator):
        return "iterator", lambda: following(value)
    return None


def following(iterator):
    """The next one in a tuple; an empty one at the end."""
    for one in iterator:
        return (one,)
    return ()


def used(value, op, *args, **more):
    """Do what the student's code asks of an object."""
    if op in ("get", "set") and (
        not args or type(args[0]) is not str or args[0].startswith("_") or hidden(value, args[0])
    ):
        raise AttributeError(
            f"{type(value).__name__!r} object has no attribute {args[0]!r}"
            if args
            else "no attribute"
        )
    if op == "get":
        return getattr(value, args[0])
    if op == "set":
        own = getattr(value, "__dict__", {})
        if args[0] not in own or callable(own[args[0]]) or len(args) != 2:
            raise AttributeError(
                f"the attribute {args[0]!r} of a test's {type(value).__name__} is not set by the code under test"
            )
        return setattr(value, *args)
    if op not in OPERATIONS:
        raise TypeError(f"{op!r} is nothing that can be done with a test's {type(value).__name__}")
    return OPERATIONS[op](value, *args, **more)


def hidden(value, name):
    """Whether an attribute is not for the code under test: it would steer a mock, or read beside a file."""
    return (
        isinstance(value, mock.NonCallableMock)
        and name in MOCK
        or isinstance(value, io.IOBase)
        and name in ("buffer", "raw", "detach")
    )
