"""Whether data crosses exactly, with its identity and with what is changed in place."""

import datetime
import enum
import functools
import io
import math
import operator
import sys
import time
import types
import uuid
from array import array as array_of
from collections import Counter, OrderedDict, UserDict, defaultdict, deque, namedtuple
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import torch
from sides import Odd, Sides, lie, over

from proctor.codecs.encode import is_data
from proctor.codecs.frames import LIMIT, FrameError, NotPackable

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = datetime.timedelta(hours=1)
Point = namedtuple("Point", "x y")


class Text(str):
    """A student's text, which lies about itself."""

    def __str__(self):
        return "lie"

    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


class Number(int):
    """A student's number."""


class Real(float):
    """A student's number."""


class Whole(np.float64):
    """A student's number."""


class Sly(list):
    """A student's list."""

    def __iter__(self):
        return iter([9])


class Table(dict):
    """A student's dict."""


class Colour(enum.IntEnum):
    """A student's enumeration."""

    RED = 1


class Zone(datetime.tzinfo):
    """A student's zone."""

    def utcoffset(self, moment):
        return HOUR


def with_attribute(value):
    """The value with an attribute more."""
    value.more = 1
    return value


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -1,
        (1 << 63) - 1,
        1 << 63,
        -(1 << 200),
        1.5,
        math.inf,
        -0.0,
        "",
        "ä\ud800",
        b"\x00",
        1 - 2j,
        complex(math.inf, -0.0),
        ...,
        range(3, 9, 2),
        range(1 << 70),
        slice(1, None),
        slice((1, 2), "a"),
        [],
        [1, [2]],
        (),
        (1, (2, [3])),
        {"a": 1, (1, 2): [3]},
        {None: 1, 1.5: {}, b"b": (), frozenset({1}): 1},
        {1, "a"},
        {(1, frozenset({2}))},
        frozenset({1, (2, "3")}),
        bytearray(b"abc"),
        Fraction(1, 3),
        Decimal("1.50"),
        Decimal("-0"),
        Decimal("sNaN12"),
        Decimal("Infinity"),
        datetime.date(2026, 1, 2),
        datetime.datetime(2026, 1, 2, 3, 4, 5, 6),
        datetime.datetime(2026, 1, 2, 3, tzinfo=datetime.UTC),
        datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone(-HOUR / 7, "odd")),
        datetime.datetime(2024, 7, 1, tzinfo=BERLIN),
        datetime.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=BERLIN),
        datetime.datetime(2024, 10, 27, 2, 30, fold=1),
        datetime.time(1, 2),
        datetime.time(1, 2, 3, 4, datetime.timezone(HOUR), fold=1),
        datetime.timedelta(-1, 2, 3),
        datetime.UTC,
        datetime.timezone(HOUR),
        BERLIN,
        Counter("aab"),
        OrderedDict([("b", 1), ("a", 2)]),
        defaultdict(None, {1: 2}),
        defaultdict(list, a=[1]),
        deque([1, 2]),
        deque([1, 2], 2),
        deque(maxlen=0),
        torch.Size([2, 3]),
        torch.float32,
        torch.device("cpu"),
        array_of("i", [1, -2]),
        array_of("d"),
        uuid.UUID(int=5),
        Path("/a/b.txt"),
        Path("."),
        PurePosixPath("a/b"),
        np.dtype("float32"),
        np.dtype(">i2"),
        np.dtype("U7"),
        np.dtype("M8[ns]"),
        np.float32,
        np.ndarray,
        int,
        str,
        type(None),
        np.float64(1.5),
        np.int8(-3),
        np.bool_(True),
        np.str_("ab"),
        np.str_(""),
        np.bytes_(b"a"),
        np.complex64(1j),
        np.longdouble("1.25"),
        np.datetime64("2024-05-01", "D"),
        np.datetime64("NaT"),
        np.timedelta64(3, "ms"),
    ],
    ids=lambda value: type(value).__name__,
)  # a set has another order in each process
def test_data_comes_back_the_same(sides, value):
    """What comes out equals what went in, and is of the very same class, both ways."""
    assert is_data(value)
    for way in (sides.to, sides.back):
        came = way(value)
        assert (repr(value), type(value)) == (repr(came), type(came))
        assert [type(one) for one in parts(value)] == [type(one) for one in parts(came)]


def parts(value):
    """What a value holds."""
    if isinstance(value, dict):
        return [*value, *value.values()]
    return list(value) if isinstance(value, (list, tuple, deque)) else []


@pytest.mark.parametrize(
    "value",
    [
        Text("real"),
        Number(3),
        True + Number(3) and Colour.RED,
        Real(1.0),
        Whole(1.0),
        Sly([1]),
        Table(a=1),
        Point(1, 2),
        type("Sub", (tuple,), {})((1,)),
        type("Sub", (frozenset,), {})((1,)),
        type("Sub", (set,), {})((1,)),
        type("Sub", (bytes,), {})(b"a"),
        type("Sub", (complex,), {})(1),
        type("Sub", (bytearray,), {})(b"a"),
        type("Sub", (deque,), {})(),
        type("Sub", (Decimal,), {})(1),
        type("Sub", (datetime.date,), {})(2024, 1, 1),
        type("Sub", (datetime.datetime,), {})(2024, 1, 1),
        type("float64", (np.float64,), {"__module__": "numpy"})(1),
        datetime.datetime(2024, 1, 1, tzinfo=Zone()),
        ZoneInfo.no_cache("Europe/Berlin"),
        ZoneInfo.from_file(io.BytesIO(Path("/usr/share/zoneinfo/Europe/Berlin").read_bytes()))
        if Path("/usr/share/zoneinfo/Europe/Berlin").exists()
        else Zone(),
        np.longlong(3),
        np.void(b"ab"),
        np.dtype("longlong"),
        np.dtype([("a", "i4")]),
        np.dtype("O"),
        Fraction(np.int64(1), np.int64(3)),
        uuid.UUID(int=1, is_safe=uuid.SafeUUID.safe),
        PureWindowsPath("a"),
        defaultdict(lambda: 1),
        defaultdict(Text),
        with_attribute(OrderedDict(a=1)),
        with_attribute(Counter("a")),
        with_attribute(io.StringIO("a")),
        array_of("u", "ab"),
        {"a": 1}.keys(),
        types.MappingProxyType({}),
        UserDict(),
        time.gmtime(0),
        urlsplit("http://h.org"),
        torch.device("meta"),
        memoryview(b"a"),
        iter([]),
        len,
        print,
        object(),
        Text,
        Exception,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_would_not_come_back_the_same_is_no_data(odd, value):
    """Whatever derives from a type of data, or has more to it, is left to the owner, alone or within a list."""
    assert not is_data(value)
    came = odd.back(value)
    assert (type(came), came.name, came.nested) == (Odd, type(value).__name__, False)
    within = odd.back([value])[0]
    assert (type(within), within.nested) == (Odd, True)


@pytest.mark.parametrize("hold", [list, tuple, deque, lambda one: {"a": one[0]}])
def test_lists_and_values_may_hold_handles(odd, hold):
    """A list, a tuple, a deque and a dict's values cross with handles in them."""
    value = hold([object()])
    assert not is_data(value)
    came = odd.back(value)
    inside = next(iter(came.values() if type(came) is dict else came))
    assert (type(came), inside.name, inside.nested) == (type(value), "object", True)


@pytest.mark.parametrize(
    "value",
    [
        {object()},
        frozenset({object()}),
        {object(): 1},
        Counter([object()]),
        {(1, (Text("a"),))},
        {frozenset({Point(1, 2)}): 1},
    ],
    ids=["set", "frozenset", "keys", "Counter", "tuple in a set", "frozenset in keys"],
)
def test_what_is_hashed_must_be_data(odd, value):
    """A set or dict of keys that are no data is none itself, as a whole."""
    assert not is_data(value)
    assert odd.back(value).name == type(value).__name__
    assert odd.back([value])[0].name == type(value).__name__


def test_a_handle_is_asked_for_once_in_a_message(odd):
    """The same object is the same on the other side, alone and within others."""
    value = object()
    first, (second,) = odd.back((value, [value]))
    assert first is second


def test_whether_a_value_is_data_is_told_at_once():
    """A list that holds itself is data; a very large one is looked through, for its numbers cost nothing."""
    cyclic = [1]
    cyclic.append(cyclic)
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert is_data(cyclic) and is_data(deep) and is_data([[0] * 1_000_000] * 100)
    cyclic.append({"a": [object()]})
    assert not is_data(cyclic)


@pytest.mark.parametrize(
    "value",
    [np.sin, np.mean, np.linalg.norm, math.sqrt, len, ValueError, str.upper, operator.add]
    + [functools.reduce, OrderedDict, torch.relu, torch.nn.functional.relu, torch.nn.Linear],
    ids=lambda value: value.__name__,
)
def test_what_is_installed_is_imported_by_the_candidate(sides, value):
    """A function or class of Python or of a library that an examiner hands over is the very same there."""
    assert sides.to(value) is value
    assert sides.to([value])[0] is value


def test_what_is_not_installed_is_not_imported(sides):
    """Neither a course's own function, nor one of a notebook, nor one that has taken another's name, is imported."""

    def upper(text):
        return text

    stranger = types.FunctionType(upper.__code__, {})
    stranger.__module__, stranger.__qualname__ = "json", "loads"
    main = types.FunctionType(upper.__code__, {})
    main.__module__, main.__qualname__ = "__main__", "main"
    sys.modules["__main__"].main = main
    for value in (upper, stranger, main, parts, Odd, lambda: 1):
        with pytest.raises(NotPackable):
            sides.to(value)
    del sys.modules["__main__"].main


def test_the_examiner_imports_nothing(sides):
    """What a candidate names is not imported, and a candidate's functions are no data."""
    with pytest.raises(FrameError):
        sides.examiner.unpack(lie(["imported", "math", "sqrt"]))
    with pytest.raises(NotPackable):
        sides.back(math.sqrt)


def test_the_same_object_comes_out_the_same(sides):
    """A list, an array and a tensor sent twice, in one message or two, are one object on the other side."""
    for value in ([1], {1: 2}, {3}, np.arange(3), torch.rand(2)):
        one, other = sides.back([value, value])
        assert one is other is sides.back(value)
        assert sides.to(one) is value


def test_what_the_candidate_changes_shows(sides):
    """In-place edits of numbers, lists, shapes and flags arrive with the next message."""
    tensor, array, many, table = torch.zeros(2, 3), np.zeros(3), [1, 2], {"a": [1]}
    there = [sides.to(value) for value in (tensor, array, many, table)]
    there[0][0, 0] = 5
    there[0].t_()
    there[0].requires_grad_()
    there[1][:] = 4
    there[2].append(there[2])
    there[3]["a"].append(2)
    del there[3]["a"]
    sides.back()
    assert (tuple(tensor.shape), tensor[0, 0].item(), tensor.requires_grad) == ((3, 2), 5, True)
    assert array.tolist() == [4, 4, 4]
    assert many[2] is many
    assert table == {}


def test_what_the_examiner_changes_shows(sides):
    """The test's own edits of an argument or a result reach the student's object."""
    mine, result = torch.zeros(2), [1]
    kept = sides.back(result)
    there = sides.to(mine)
    mine[0] = 3
    kept.append(2)
    sides.to()
    assert (there.tolist(), result) == ([3, 0], [1, 2])


@pytest.mark.parametrize(
    "value, change",
    [
        ([1], lambda one: one.insert(0, [2])),
        ({"a": 1}, lambda one: one.update(a=2)),
        ({1}, lambda one: one.add((2, 3))),
        (deque([1], 2), lambda one: one.appendleft(0)),
        (OrderedDict(a=1, b=2), lambda one: one.move_to_end("a")),
        (Counter("a"), lambda one: one.update("ab")),
        (defaultdict(int), lambda one: one["a"]),
        (bytearray(b"a"), lambda one: one.extend(b"b")),
        (array_of("i", [1]), lambda one: one.append(2)),
        (io.StringIO("abc"), lambda one: one.read(2)),
        (io.BytesIO(b"abc"), lambda one: one.write(b"xy")),
        (io.StringIO("abc"), lambda one: one.close()),
    ],
    ids=lambda one: type(one).__name__ if not callable(one) else "",
)
def test_every_container_is_changed_in_place(sides, value, change):
    """What a side does to any container is there in the very same object on the other side."""
    there = sides.to(value)
    change(there)
    sides.back()
    assert state(value) == state(there)
    if not getattr(value, "closed", False):
        change(value)
        sides.to()
        assert state(value) == state(there)


def state(value):
    """All there is to a container, as text."""
    if not isinstance(value, (io.StringIO, io.BytesIO)):
        return repr(value)
    return "closed" if value.closed else (value.getvalue(), value.tell())


@pytest.mark.parametrize(
    "value, change",
    [
        ({1}, lambda one: one.add(Point(1, 2))),
        ({}, lambda one: one.update({object(): 1})),
        ([], lambda one: one.append({"a": [object()]})),
        (defaultdict(int), lambda one: setattr(one, "default_factory", lambda: 1)),
        (Counter(), with_attribute),
    ],
    ids=["set", "dict", "within a list", "factory", "attribute"],
)
def test_a_container_that_is_no_data_any_more_is_refused_once(sides, value, change):
    """That it cannot be told is said in words; after that nobody follows it any more, and all else goes on."""
    other = [1]
    there, second = sides.to((value, other))
    change(there)
    second.append(2)
    with pytest.raises(NotPackable):
        sides.back(3)
    assert sides.back([4]) == [4]
    assert other == [1, 2]
    assert all(entry.value is not value for entry in sides.examiner.table.lists.values())


def test_at_most_some_hundred_lists_are_tracked(sides):
    """Lists cannot be watched; the oldest are let go of."""
    for number in range(500):
        sides.to([number])
    assert len(sides.examiner.table.lists) < 310
    assert len(sides.candidate.table.lists) < 310


def test_a_new_cell_lets_go_of_all_lists(sides):
    """What an earlier cell handed over is followed no longer, on both sides."""
    there = sides.to([1])
    sides.examiner.table.new_cell()
    sides.to()
    there.append(2)
    assert not sides.examiner.table.lists
    assert not sides.candidate.table.lists


def test_deep_and_cyclic_lists_cross(sides):
    """A list within a list ten thousand times crosses, and one that holds itself; tuples so deep are refused in words."""
    deep = []
    for _ in range(10_000):
        deep = [deep]
    came, depth = sides.back(deep), 0
    while came:
        came, depth = came[0], depth + 1
    assert depth == 10_000
    deep = ()
    for _ in range(200):
        deep = (deep,)
    with pytest.raises(NotPackable, match="deep"):
        sides.back(deep)


@pytest.mark.parametrize(
    "value",
    [
        1 << (1 << 21),
        Decimal("1e9999"),
        Decimal("1" * 10_000),
        Fraction(1, 1 << (1 << 17)),
        [0] * 5_000_000,
        (0,) * 5_000_000,
        np.zeros(LIMIT + 1, np.uint8),
        torch.zeros(LIMIT // 4 + 1),
        [np.zeros(LIMIT // 2 + 1, np.uint8), np.zeros(LIMIT // 2, np.uint8)],
    ],
    ids=lambda value: f"{type(value).__name__}",
)
def test_what_is_too_large_is_refused_in_words(value):
    """A value beyond what the other side reads is not handed over, and both sides go on."""
    for side in ("to", "back"):
        sides = Sides(odd=True)
        kept = [1]
        there = getattr(sides, side)(kept)
        there.append(2)
        with pytest.raises(NotPackable, match="large|at most"):
            getattr(sides, side)([value])
        assert getattr(sides, side)([1]) == [1]


def test_what_could_not_be_sent_leaves_no_trace(sides):
    """After a refusal both sides still agree on everything."""
    value = [1]
    there = sides.to(value)
    there.append(2)
    with pytest.raises(NotPackable):
        sides.back([[3], np.arange(3), object()])
    sides.back()
    assert value == [1, 2]


@pytest.mark.parametrize("make", [lambda: [1, 2], lambda: np.ones(2), lambda: torch.ones(2)])
def test_what_was_packed_but_not_sent_is_told_with_the_next_message(sides, make):
    """A frame that the channel refused takes no edit, no new value and no released handle with it."""
    value = make()
    there = sides.to(value)
    value[0] = 5
    new = make()
    sides.examiner.ends.let_go = [3]
    sides.examiner.pack(value=new)
    sides.examiner.unsent()
    sides.examiner.ends.let_go = [4]
    came = sides.to(new)
    assert (list(there), list(came)) == (list(value), list(new))
    assert sides.candidate.ends.gone == [3, 4]


def test_several_fields_cross_at_once(odd):
    """Each is found by its name; only a field itself is not nested."""
    value = object()
    body = over(odd.candidate.pack(one=value, two=[object()], three=3))
    came = odd.examiner.unpack(body)
    assert (came["one"].nested, came["two"][0].nested, came["three"]) == (False, True, 3)
