"""Whether whatever a message says that cannot be is refused."""

import collections
import contextlib
import datetime
import random
from collections import deque

import numpy as np
import pandas as pd
import pytest
import torch
from sides import Sides, lie, over

from proctor.codecs.frames import FrameError

MEMORY = ["memory", 1, 16, 0, "array"]


def array(
    dtype="<f8", shape=(2,), strides=(8,), first=0, memory=1, number=3, tag="array", flag=True
):
    """The node of an array."""
    return [tag, number, memory, dtype, list(shape), list(strides), first, flag]


def tensor(**kind):
    """The node of a tensor."""
    return array(**{"dtype": "float64", "tag": "tensor", "flag": False, **kind})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"fields": {}},
        {"fields": [], "nodes": []},
        {"fields": {"value": [0]}, "nodes": []},
        {"fields": {"value": [-1]}, "nodes": [["int", b""]]},
        {"fields": {"value": [True]}, "nodes": [["int", b""], ["int", b""]]},
        {"fields": {}, "nodes": {}},
        {"fields": {}, "nodes": 5},
        lie(5),
        lie([]),
        lie([[]]),
        lie([None]),
        lie([{}]),
        lie(["no such tag"]),
        lie(["tuple", [0]]),
        lie(["tuple", [1]], ["int", b""]),
        lie(["tuple", [[0]]]),
        lie(["tuple", [0, 1]]),
        lie(["list"]),
        lie(["list", 0]),
        lie(["list", 2]),
        lie(["list", -1]),
        lie(["list", None]),
        lie(["list", True]),
        lie(["list", 1.0]),
        lie(["list", 1], ["list", 1]),
        lie(["list", 1 << 60]),
        lie(["list", 1, [7]]),
        lie(["list", []]),
        lie(["known", 1]),
        lie(["known", {}]),
        lie(["known"]),
        lie(["dict", 1, 1]),
        lie(["dict", 1, [1], 2], ["list", 3]),
        lie(["set", 1, [0]]),
        lie(["set", 1, {}]),
        lie(["Counter", 1, 5]),
        lie(["bytearray", 1, 10**12]),
        lie(["bytearray", 1]),
        lie(["frozenset", [0]], ["list", 1]),
        lie(["int", "5"]),
        lie(["int", bytes(1 << 20)]),
        lie(["no tag"]),
        lie([5]),
        lie([["int"]]),
        lie(["complex", "1", None]),
        lie(["range", b"\1", b"\1", b"\0"]),
        lie(["fraction", b"\1", b"\0"]),
        lie(["fraction", bytes(9000), b"\1"]),
        lie(["decimal", "1e999999"]),
        lie(["decimal", "1" * 10_000]),
        lie(["decimal", 5]),
        lie(["decimal", "x"]),
        lie(["date", 0, 0, 0]),
        lie(["date", 1 << 70, 1, 1]),
        lie(["date", bytes(10)]),
        lie(["datetime", 2026, 1, 1, 0, 0, 0, 0, 0, 1 << 80]),
        lie(["timedelta", 1 << 62, 0, 0]),
        lie(["type", "eval"]),
        lie(["type", []]),
        lie(["scalar", "O", bytes(8)]),
        lie(["scalar", "<f8", bytes(7)]),
        lie(["scalar", "|b1", b"\7"]),
        lie(["scalar", "<U1", b"\xff" * 4]),
        lie(["scalar", "<U0", b""]),
        lie(["dtype", "O"]),
        lie(["dtype", "f8,O"]),
        lie(["torch dtype", "load"]),
        lie(["numpy type", "load"]),
        lie(["size", -1]),
        lie(["size", *[1] * 100]),
        lie(["torch dtype", []]),
        lie(["import", "os", "system"]),
        lie(["handle"]),
        lie(["deque", 1]),
        lie(["deque", 1, -1]),
        lie(["deque", 1, 1 << 41]),
        lie(["deque", 1, "3"]),
        lie(["deque", 1, [1]], ["list", 3]),
        lie(["array.array", 1]),
        lie(["array.array", 1, "u", b""]),
        lie(["array.array", 1, "i", b"abc"]),
        lie(["array.array", 1, "ii", b""]),
        lie(["array.array", 1, "i", "ab"]),
        lie(["uuid", 5]),
        lie(["uuid", bytes(20) + b"\1"]),
        lie(["uuid", b"\xff"]),
        lie(["uuid", 16]),
        lie(["path", 5]),
        lie(["path", "a" * 5000]),
        lie(["path", b"a"]),
        lie(["pure path", None]),
        lie(["text", 5]),
        lie(["time", 25, 0, 0, 0, 0]),
        lie(["time", 1.0, 0, 0, 0, 0]),
        lie(["time", 1]),
        lie(["timezone"]),
        lie(["timezone", 1 << 60]),
        lie(["timezone", 60_000_000, 5]),
        lie(["timezone", 60_000_000, "a", "b"]),
        *[
            lie(["datetime", 2024, 7, 1, 0, 0, 0, 0, 0, name])
            for name in ("../../etc/passwd", "/etc/passwd", "Nowhere/Land", "a" * 1000, "UTC\0")
            + ("tzdata.zoneinfo", "Europe", None, True, [5])
        ],
        lie(["datetime", 2024, 7, 1, 0, 0, 0, 0, 0, "Europe/Paris", 5]),
        lie(["imported", "math", "sqrt"]),
        lie(["imported", "os", "system"]),
        lie(["slice", 1]),
        lie(["slice", 1, 2, 3, 4]),
        lie(["slice", [1], None, None], ["int", b""]),
        lie(["exception"]),
        lie(["exception", 1, 2, 3, 4, 5, 6]),
        lie(["defaultdict", 1]),
        lie(["defaultdict", 1, 5]),
        lie(["defaultdict", 1, [1]], ["list", 3]),
        lie(["type", "int"], ["defaultdict", 1, [0], 1]),
        lie(["exception", 1], ["defaultdict", 1, [0]]),
        lie(["StringIO", 1, b"", 0]),
        lie(["StringIO", 1, "", 1 << 40]),
        lie(["StringIO", 1, "", -1]),
        lie(["BytesIO", 1, "", 0]),
        lie(["BytesIO", 1]),
        lie(["list", 1, {}]),
        lie(["list", 1, {"a": 1}]),
        lie(["tuple", {}]),
        lie(["int", b""], release=5),
        lie(["int", b""], release=["a"]),
        lie(["int", b""], fields={"value": {}}),
        lie(["int", b""], fields={"value": [[0]]}),
        lie(["int", b""], fields={"value": [0, 0]}),
        lie(["int", b""], fields={"value": []}),
        lie(["memory", 1, 17, 0, "array"]),
        lie(["memory", 1, 16, 5, "array"]),
        lie(["memory", 1, 16, -2, "array"]),
        lie(["memory", 2, 16, 0, "array"]),
        lie(["memory", 1, 16, 0, "same"]),
        lie(MEMORY, MEMORY),
        lie(["memory", 1, -1, 0, "array"]),
        lie(["memory", 1, "16", 0, "array"]),
        lie(["memory", [], 16, 0, "array"]),
        lie(MEMORY, array(memory=5)),
        lie(MEMORY, array(memory=[])),
        lie(MEMORY, array(number=1)),
        lie(MEMORY, array(number=4)),
        lie(MEMORY, array(dtype="O")),
        lie(MEMORY, array(dtype="f8,f8")),
        lie(MEMORY, array(dtype="|V8")),
        lie(MEMORY, array(dtype="<M8[O]")),
        lie(MEMORY, array(dtype=5)),
        lie(MEMORY, array(dtype="<f8", shape=(3,))),
        lie(MEMORY, array(strides=(16,))),
        lie(MEMORY, array(strides=(-8,))),
        lie(MEMORY, array(first=8)),
        lie(MEMORY, array(first=-8)),
        lie(MEMORY, array(first=1 << 62)),
        lie(MEMORY, array(strides=(1 << 62,))),
        lie(MEMORY, array(shape=(1 << 62,), strides=(0,))),
        lie(MEMORY, array(shape=(1 << 20, 1 << 20), strides=(0, 0))),
        lie(MEMORY, array(shape=(-1,))),
        lie(MEMORY, array(shape=(2, 2))),
        lie(MEMORY, array(shape=("2",))),
        lie(MEMORY, array(shape=(1,) * 40, strides=(0,) * 40)),
        lie(MEMORY, array(shape=(0, 1 << 39), strides=(8, 8))),
        lie(MEMORY, array(shape=(1 << 39,), dtype="|S0", strides=(0,))),
        lie(MEMORY, array(shape=(True,))),
        lie(MEMORY, array(memory=None)),
        lie(MEMORY, array(dtype="<f8", shape=(1,), first=0.0)),
        lie(MEMORY, array(dtype="|b1", shape=(16,), strides=(1,)), blobs=[b"\2" * 16]),
        lie(MEMORY, array(dtype="<U4", shape=(1,), strides=(16,)), blobs=[b"\xff" * 16]),
        lie(MEMORY, tensor(dtype="quint8")),
        lie(MEMORY, tensor(dtype="load")),
        lie(MEMORY, tensor(dtype=[])),
        lie(MEMORY, tensor(strides=(4,))),
        lie(MEMORY, tensor(first=4)),
        lie(MEMORY, tensor(strides=(-8,), first=8)),
        lie(MEMORY, tensor(shape=(3,))),
        lie(MEMORY, tensor(dtype="int64", flag=True)),
        lie(MEMORY, tensor(shape=(1 << 40,), strides=(0,))),
        lie(MEMORY, tensor(dtype="bool", shape=(16,), strides=(1,)), blobs=[b"\2" * 16]),
        lie(MEMORY, tensor(shape=(0, 1 << 39), strides=(8, 8))),
        lie(MEMORY, tensor(memory=None)),
        lie(MEMORY, tensor(flag=1)),
        lie(MEMORY, tensor(tag="parameter", dtype="int64", flag=True)),
        lie(MEMORY, array(flag="parameter")),
        lie(["int", b""], drop=5),
        lie(["int", b""], drop=["x"]),
        lie(["int", b""], drop=[[]]),
    ],
    ids=lambda body: repr(body)[:90],
)
def test_a_lie_is_refused(sides, body):
    """Whatever a message says that cannot be is a FrameError."""
    with pytest.raises(FrameError):
        sides.examiner.unpack(body)


@pytest.mark.parametrize(
    "nodes",
    [
        [["odd", "a", False], ["set", 1, [0]]],
        [["odd", "a", False], ["dict", 1, [0], 1]],
        [["odd", "a", False], ["frozenset", [0]]],
        [["odd", "a", False], ["tuple", [0]], ["set", 1, [1]]],
        [["odd", "a", False], ["Counter", 1, [0], 1]],
    ],
    ids=["set", "keys", "frozenset", "tuple", "Counter"],
)
def test_a_handle_that_would_be_hashed_is_refused(odd, nodes):
    """To hash what stands for a student's object would be to ask the student's code."""
    with pytest.raises(FrameError):
        odd.examiner.unpack(lie(*nodes))


def test_what_is_deep_is_refused_before_it_is_hashed(sides):
    """Tuples nested a hundred thousand times would break whoever hashes them."""
    nodes = [["tuple"]] + [["tuple", [n]] for n in range(100_000)]
    with pytest.raises(FrameError):
        sides.examiner.unpack(lie(*nodes))


def test_a_known_deque_keeps_its_length(sides):
    """How many a deque holds at most is said once; another number later is a lie."""
    queue = deque([1], 2)
    sides.to(queue).append(3)
    sides.back()
    assert (list(queue), queue.maxlen) == ([1, 3], 2)
    (number,) = sides.examiner.table.lists
    with pytest.raises(FrameError):
        sides.examiner.unpack(lie(["deque", number, 5, 1], fields={}))


def test_only_what_crossed_can_be_changed(sides):
    """A candidate can name neither memory that it was never given, nor write where nobody may."""
    fixed = np.arange(2.0)
    fixed.flags.writeable = False
    sides.to(fixed)
    (number,) = sides.examiner.table.memory
    for node in (
        ["memory", number, 16, 0, "same"],
        ["memory", number + 2, 16, 0, "same"],
        ["memory", number, 8, 0, "same"],
    ):
        with pytest.raises(FrameError):
            sides.examiner.unpack(lie(node, fields={}, blobs=[b"\1" * node[2]]))
    assert fixed.tolist() == [0, 1]


@pytest.mark.parametrize("seed", range(20))
def test_a_message_with_parts_exchanged_is_read_or_refused(seed):
    """Whatever stands where something else stood, nothing but a FrameError comes of it; what is read can be answered."""
    chosen = random.Random(seed)
    for _ in range(20):
        sides = Sides(odd=True)
        there = sides.to([[1], np.zeros(3), torch.zeros(3)])
        there[0].append(2)
        there[1][0] = there[2][0] = 5
        body = over(sides.candidate.pack(value=HONEST))
        for _ in range(chosen.randrange(1, 4)):
            node = chosen.choice(body["nodes"])
            node[chosen.randrange(len(node))] = chosen.choice(JUNK + chosen.choice(body["nodes"]))
        with contextlib.suppress(FrameError):
            came = sides.examiner.unpack(body)
            sides.examiner.pack(**came)


HONEST = [
    {(1, frozenset({2})): 1.5, "a": (1 << 99, slice(1, 2), object())},
    collections.Counter("aab"),
    collections.deque([np.float64(1), datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)], 5),
    [np.arange(6.0).reshape(2, 3).T, np.array(["a"]), torch.ones(2, requires_grad=True)],
    [pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=[(1,), "y"]), KeyError("a", 1)],
    pd.MultiIndex.from_product([["a", "b"], pd.date_range("2024", periods=2)]),
]
JUNK = [None, True, -1, 0, 1, 5, 1 << 40, 1 << 62, 1.5, "", "a", "<f8", "O", "list", "array"]
JUNK += [b"", bytes(16), [], [0], [1], [[0]], {}, "known", "tuple", "DataFrame", "exception"]
