"""Whether values cross whole, with their identity and memory, and whether lies about them are refused."""

import datetime
import math
import time
import types
import uuid
from array import array as array_of
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from decimal import Decimal
from fractions import Fraction
from urllib.parse import urlparse, urlsplit
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import torch

from proctor.codecs.crossing import Crossing
from proctor.codecs.frames import Channel, FrameError
from proctor.codecs.frames import NotPackable

Point = namedtuple("Point", "x y")


class Ends:
    """Knows of nothing but data; what is none is an "odd" node, if `odd`."""

    odd = False

    def outgoing(self, value, *, nested):
        if not self.odd:
            raise NotPackable(type(value).__name__)
        return ["odd", type(value).__name__, nested]

    def incoming(self, tag, parts, *, nested):
        if not self.odd or tag != "odd":
            raise ValueError(tag)
        return tag, parts, nested

    def released(self):
        return []

    def release(self, numbers):
        pass


class Two:
    """An examiner's side and a candidate's, in one process; frames are packed and read as on the socket."""

    def __init__(self):
        self.examiner, self.candidate = Crossing(Ends(), weak=True), Crossing(Ends(), weak=False)

    def over(self, body):
        """A body as a socket would hand it over."""
        import socket

        a, b = socket.socketpair()
        with a, b:
            a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
            Channel(a).send("x", body, 5)
            return Channel(b).receive(5)[1]

    def to(self, value=None):
        """A value on its way to the candidate."""
        return self.candidate.unpack(self.over(self.examiner.pack(value=value)))["value"]

    def back(self, value=None):
        """A value on its way to the examiner."""
        return self.examiner.unpack(self.over(self.candidate.pack(value=value)))["value"]


@pytest.fixture
def two():
    """Both sides."""
    return Two()


class Text(str):
    """A student's str, which lies about itself."""

    def __str__(self):
        return "lie"

    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -1,
        1 << 63,
        -(1 << 200),
        1.5,
        math.inf,
        -0.0,
        "",
        "ä\ud800",
        b"\x00",
        1 - 2j,
        ...,
        range(3, 9, 2),
        slice(1, None),
        [],
        [1, [2]],
        (),
        (1, (2, [3])),
        {"a": 1, (1, 2): [3]},
        {1, "a"},
        frozenset({1}),
        bytearray(b"abc"),
        Fraction(1, 3),
        Decimal("1.50"),
        datetime.date(2026, 1, 2),
        datetime.datetime(2026, 1, 2, 3, tzinfo=datetime.timezone.utc),
        datetime.time(1, 2),
        datetime.timedelta(1, 2, 3),
        Counter("aab"),
        OrderedDict([("b", 1), ("a", 2)]),
        deque([1, 2]),
        deque([1, 2], 2),
        deque(maxlen=0),
        Point(1, [2]),
        torch.Size([2, 3]),
        torch.float32,
        torch.device("cpu"),
        array_of("i", [1, -2]),
        array_of("d"),
        uuid.UUID(int=5),
        time.gmtime(5),
        time.struct_time(range(9)),
        urlsplit("http://h.org/x?q"),
        urlparse("a:b#c"),
        types.MappingProxyType({"a": [1]}),
        datetime.datetime(2024, 7, 1, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin")),
        np.dtype("float32"),
        np.float32,
        int,
        str,
        type(None),
        np.float64(1.5),
        np.int8(-3),
        np.bool_(True),
        np.str_("a"),
        np.complex64(1j),
    ],
    ids=lambda value: repr(sorted(value, key=str) if isinstance(value, set) else value),
)  # a set has another order in each process
def test_plain_values_cross(two, value):
    """What comes out equals what went in, and is of the same class, both ways."""
    for way in (two.to, two.back):
        came = way(value)
        assert (repr(value), type(value).__name__) == (repr(came), type(came).__name__)


def test_a_subclass_crosses_as_its_base(two):
    """Lists, numbers and texts with methods of their own arrive without them."""

    class Sly(list):
        def __iter__(self):
            return iter([9])

    class Sure(int):
        def __eq__(self, other):
            return True

    came = two.back([Sly([1]), Sure(3), Text("real"), defaultdict(list, a=1)])
    assert [[1], 3, "real", {"a": 1}] == came
    assert [list, int, str, defaultdict] == [type(one) for one in came]


@pytest.mark.parametrize(
    "make",
    [
        lambda: np.arange(6.0).reshape(2, 3),
        lambda: np.arange(6).reshape(2, 3).T,
        lambda: np.arange(10)[::-2],
        lambda: np.array(5, dtype=">i4"),
        lambda: np.array(["a", "bc"]),
        lambda: np.array([b"a"]),
        lambda: np.zeros((0, 3)),
        lambda: np.array([True, False]),
        lambda: np.broadcast_to(np.arange(3), (2, 3)),
        lambda: np.arange(3, dtype=np.float16),
        lambda: np.array([1j], np.complex64),
    ],
    ids=range(11),
)
def test_arrays_cross(two, make):
    """Numbers, dtype and shape of an array are the same on the other side."""
    for way in (two.to, two.back):
        value = make()
        came = way(value)
        assert (value.dtype, value.shape, value.tolist()) == (came.dtype, came.shape, came.tolist())


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.rand(2, 3),
        lambda: torch.rand(3, 2).T,
        lambda: torch.rand(4, 4)[1:3, ::2],
        lambda: torch.tensor(3),
        lambda: torch.zeros(0, 2),
        lambda: torch.rand(3).bfloat16(),
        lambda: torch.tensor([True]),
        lambda: torch.zeros(1).expand(2, 3),
        lambda: torch.tensor([1 + 2j]).conj(),
        lambda: torch.rand(2, requires_grad=True) * 2,
        lambda: torch.nn.Parameter(torch.rand(2)),
    ],
    ids=range(11),
)
def test_tensors_cross(two, make):
    """Numbers, dtype, shape and whether gradients are wanted are the same on the other side."""
    for way in (two.to, two.back):
        value = make()
        came = way(value)
        assert (value.dtype, value.shape, value.tolist(), value.requires_grad) == (
            came.dtype,
            came.shape,
            came.tolist(),
            came.requires_grad,
        )
        assert type(came) is torch.Tensor


@pytest.mark.parametrize(
    "value",
    [
        torch.rand(2).to_sparse(),
        torch.empty(2, device="meta"),
        np.array([object()]),
        np.zeros(2, "i4,f8"),
    ],
    ids=["sparse", "meta", "objects", "records"],
)
def test_what_has_no_plain_memory_is_no_plain_value(two, value):
    """Sparse and meta tensors, arrays of objects and of records are left to be handles."""
    with pytest.raises(NotPackable):
        two.back(value)


def test_the_same_object_comes_out_the_same(two):
    """A list, an array and a tensor sent twice, in one message or two, are one object on the other side."""
    for value in ([1], {1: 2}, {3}, np.arange(3), torch.rand(2)):
        one, other = two.back([value, value])
        assert one is other is two.back(value)
        assert two.to(one) is value


def test_views_share_their_memory(two):
    """Two views of a buffer share it on the other side too, tensor and array alike."""
    buffer = torch.zeros(4, 4)
    first, second, array = two.back((buffer[:2], buffer[1:], buffer.numpy()))
    first[1, 1] = 7
    assert 7 == second[0, 1] == array[1, 1]
    assert first.untyped_storage().data_ptr() == second.untyped_storage().data_ptr()


def test_what_the_candidate_changes_shows(two):
    """In-place edits of numbers, lists, shapes and flags arrive with the next message."""
    tensor, array, many, table = torch.zeros(2, 3), np.zeros(3), [1, 2], {"a": [1]}
    there = [two.to(value) for value in (tensor, array, many, table)]
    there[0][0, 0] = 5
    there[0].t_()
    there[0].requires_grad_()
    there[1][:] = 4
    there[2].append(there[2])
    there[3]["a"].append(2)
    del there[3]["a"]
    two.back()
    assert ((3, 2), 5, True) == (tuple(tensor.shape), tensor[0, 0].item(), tensor.requires_grad)
    assert [4, 4, 4] == array.tolist()
    assert many[2] is many
    assert {} == table


def test_what_the_examiner_changes_shows(two):
    """The test's own edits of an argument or a result reach the student's object."""
    mine, result = torch.zeros(2), [1]
    kept = two.back(result)
    there = two.to(mine)
    mine[0] = 3
    kept.append(2)
    two.to()
    assert ([3, 0], [1, 2]) == (there.tolist(), result)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.unsqueeze_(0),
        lambda t: t.resize_(2),
        lambda t: setattr(t, "data", t.double()),
        lambda t: t.resize_(99),
        lambda t: t.set_(torch.ones(5)),
    ],
    ids=["axis", "smaller", "dtype", "larger", "other"],
)
def test_a_tensor_gets_another_shape_in_place(two, change):
    """Axes added, a size or dtype changed in place: the examiner's tensor shows it."""
    tensor = torch.arange(4.0)
    there = two.to(tensor)
    change(there)
    two.back()
    assert (there.shape, there.dtype) == (tensor.shape, tensor.dtype)
    assert there.flatten()[:2].tolist() == tensor.flatten()[:2].tolist()


def test_what_lies_between_is_not_sent(two):
    """A column of a table crosses without the other columns, and its in-place edits come back to the table."""
    for table in (np.arange(6.0).reshape(3, 2), torch.arange(6.0).reshape(3, 2)):
        column = table[:, 0]
        there = two.to(column)
        assert [0, 2, 4] == there.tolist()
        owner = (
            there.untyped_storage().nbytes()
            if isinstance(there, torch.Tensor)
            else there.base.nbytes
        )
        assert 3 * table.itemsize == owner
        there += 10
        two.back()
        assert [[10, 1], [12, 3], [14, 5]] == table.tolist()


@pytest.mark.parametrize(
    "show",
    [
        lambda data: data[::2],
        lambda data: data[:25].reshape(5, 5).diagonal(),
        lambda data: data[::12][None],
    ],
)
def test_gaps_are_not_sent_where_the_view_spans_its_whole_buffer(two, show):
    """Every other number, or a diagonal, crosses without the numbers in between, though it reaches from the buffer's first to its last."""
    for data in (np.arange(25.0), torch.arange(25.0)):
        view = show(data)
        there = two.to(view)
        owner = (
            there.untyped_storage().nbytes()
            if isinstance(there, torch.Tensor)
            else there.base.nbytes
        )
        assert (view.tolist(), view.size if isinstance(view, np.ndarray) else view.numel()) == (
            there.tolist(),
            owner // data.itemsize,
        )


def test_a_row_crosses_alone(two):
    """A slice of a larger tensor is sent without the rest of its buffer."""
    there = two.to(torch.arange(100.0)[10:12])
    assert (8, [10, 11]) == (there.untyped_storage().nbytes(), there.tolist())


def test_nothing_is_tracked_that_nobody_holds(two):
    """What the examiner lets go of is let go of on both sides, so that many calls cost no more than few."""
    for _ in range(50):
        two.to(torch.rand(2))
        two.back(np.arange(3))
    two.to()
    assert 6 > len(two.examiner.table.memory) + len(two.examiner.table.arrays)
    assert 6 > len(two.candidate.table.memory) + len(two.candidate.table.arrays)


def test_at_most_some_hundred_lists_are_tracked(two):
    """Lists cannot be watched; the oldest are let go of."""
    for number in range(500):
        two.to([number])
    assert 310 > len(two.examiner.table.lists) and 310 > len(two.candidate.table.lists)


def test_deep_and_cyclic_lists_cross(two):
    """A list within a list ten thousand times crosses, and one that holds itself; tuples so deep are refused in words."""
    deep = []
    for _ in range(10_000):
        deep = [deep]
    came, depth = two.back(deep), 0
    while came:
        came, depth = came[0], depth + 1
    assert 10_000 == depth
    deep = ()
    for _ in range(200):
        deep = (deep,)
    with pytest.raises(NotPackable, match="deep"):
        two.back(deep)


@pytest.mark.parametrize(
    "make", [lambda: np.zeros(3), lambda: torch.zeros(3)], ids=["array", "tensor"]
)
@pytest.mark.parametrize("before", [0, 1, 3])
def test_what_is_written_to_an_array_that_nobody_holds_is_told(two, make, before):
    """An edit of what just came, or is let go after it, is in the next message, however many there were before."""
    theirs = make()
    came = two.back([theirs])[0]
    for _ in range(before):
        two.to()
        two.back()
    came[0] = 5
    del came
    two.to()
    assert [5, 0, 0] == theirs.tolist()


def test_other_memory_of_a_tensor_that_nobody_holds_is_told(two):
    """So is a tensor that was given other data."""
    theirs = torch.nn.Parameter(torch.zeros(2))
    two.back((theirs,))[0].data = torch.ones(2)
    two.to()
    assert [1, 1] == theirs.tolist()


def test_what_was_written_is_told_once_more_if_it_was_not_sent(two):
    """A message that could not be made takes no edit with it."""
    theirs = np.zeros(2)
    two.back((theirs,))[0][0] = 5
    with pytest.raises(NotPackable):
        two.to(object())
    two.to()
    assert [5, 0] == theirs.tolist()


def test_a_parameter_stays_one(two):
    """A module takes it for one of its own, on either side."""
    for way in (two.to, two.back):
        assert isinstance(way(torch.nn.Parameter(torch.zeros(2))), torch.nn.Parameter)


def test_gradients_cross(two):
    """What a leaf gathers on one side it has on the other: new, added to, and forgotten."""
    ours = torch.ones(2, requires_grad=True)
    theirs = two.to(ours)
    for times in (1, 2):
        (3 * ours).sum().backward()
        two.to()
        assert [3 * times] * 2 == theirs.grad.tolist()
    theirs.grad.zero_()
    two.back()
    assert [0, 0] == ours.grad.tolist()
    theirs.grad = None
    two.back()
    assert ours.grad is None
    ours.grad = torch.ones(2)
    two.to()
    assert [1, 1] == theirs.grad.tolist()


def test_a_gradient_reaches_a_leaf_that_nobody_holds(two):
    """What backward() gathers here is told, though only the computation held the twin."""
    theirs = torch.ones(2, requires_grad=True)
    (3 * two.back((theirs,))[0]).sum().backward()
    two.to()
    assert [3, 3] == theirs.grad.tolist()


def test_a_sparse_gradient_stays_where_it_is(two):
    """It has no plain memory."""
    ours = torch.ones(2, requires_grad=True)
    theirs = two.to(ours)
    ours.grad = torch.ones(2).to_sparse()
    two.to()
    assert theirs.grad is None


@pytest.mark.parametrize(
    "node",
    [
        ["gradient", 4, 5],
        ["gradient", 2, None],
        ["gradient", [], None],
        ["gradient", 4],
        ["gradient", 4, [5]],
        ["gradient", 4, [1]],
    ],
    ids=range(6),
)
def test_a_lie_about_a_gradient_is_refused(two, node):
    """It is a tensor that fits, of a tensor that crossed."""
    ours = torch.ones(3, requires_grad=True)
    two.to(ours)
    with pytest.raises(FrameError):
        two.examiner.unpack(
            lie(MEMORY, ["tensor", 3, 1, "float64", [2], [8], 0, False], node, fields={})
        )
    assert ours.grad is None


def test_what_could_not_be_sent_leaves_no_trace(two):
    """After a refusal both sides still agree on everything."""
    value = [1]
    there = two.to(value)
    there.append(2)
    with pytest.raises(NotPackable):
        two.back([[3], np.arange(3), object()])
    two.back()
    assert [1, 2] == value


MEMORY = ["memory", 1, 16, 0, "array"]


def lie(*nodes, fields=None, blobs=(bytes(16),), **more):
    """A message with these nodes; the first is the value."""
    return {
        "fields": fields or {"value": [len(nodes) - 1]},
        "nodes": list(nodes),
        "drop": [],
        "blobs": [bytearray(one) for one in blobs],
        **more,
    }


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
        lie(["as", [0]]),
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
        lie(["named", 1]),
        lie(["type", "eval"]),
        lie(["type", []]),
        lie(["tuple", "Point", "x", "x"], ["named", [0], 1, 2]),
        lie(["tuple", "Point", "class"], ["named", [0], 1]),
        lie(["tuple", "a b", "x"], ["named", [0], 1]),
        lie(["tuple", "P", "_make"], ["named", [0], 1]),
        lie(["scalar", "O", bytes(8)]),
        lie(["scalar", "<f8", bytes(7)]),
        lie(["scalar", "|b1", b"\7"]),
        lie(["scalar", "<U1", b"\xff" * 4]),
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
        lie(["struct_time", *range(9)]),
        lie(["struct_time", *"123456789", None, None]),
        lie(["struct_time", *range(9), 5, None]),
        lie(["url", "ParseResult", "a"]),
        lie(["url", "Popen", "a"]),
        lie(["url", "SplitResult", 1, 2, 3, 4, 5]),
        lie(["frozen view", 5]),
        lie(["frozen view", [0]]),
        lie(["frozen view"]),
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
        lie(["int", b""], drop=5),
        lie(["int", b""], drop=["x"]),
        lie(["int", b""], drop=[[]]),
    ],
    ids=lambda body: repr(body)[:90],
)
def test_a_lie_is_refused(two, body):
    """Whatever a message says that cannot be is a FrameError."""
    with pytest.raises(FrameError):
        two.examiner.unpack(body)


def test_what_is_deep_is_refused_before_it_is_hashed(two):
    """Tuples nested a hundred thousand times would break whoever hashes them."""
    nodes = [["tuple"]] + [["tuple", [n]] for n in range(100_000)]
    with pytest.raises(FrameError):
        two.examiner.unpack(lie(*nodes))


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "Europe/Paris",
        "Nowhere/Land",
        "a" * 1000,
        5,
        "Europe\0",
        "tzdata.zoneinfo",
    ],
)
def test_a_zone_that_lies_is_an_offset(two, name):
    """A zone that there is not, or that has another offset at that time, is read from no file: the offset is what counts."""
    came = two.examiner.unpack(lie(["datetime", 2024, 7, 1, 0, 0, 0, 0, 0, 3_600_000_000, name]))[
        "value"
    ]
    assert (
        datetime.datetime(2024, 7, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=1))) == came
        and type(came.tzinfo) is datetime.timezone
    )


def test_a_known_deque_keeps_its_length(two):
    """How many a deque holds at most is said once; another number later is a lie."""
    queue = deque([1], 2)
    two.to(queue).append(3)
    two.back()
    assert ([1, 3], 2) == (list(queue), queue.maxlen)
    (number,) = two.examiner.table.lists
    with pytest.raises(FrameError):
        two.examiner.unpack(lie(["deque", number, 5, 1], fields={}))


def test_only_what_crossed_can_be_changed(two):
    """A candidate can name neither memory that it was never given, nor write where nobody may."""
    fixed = np.arange(2.0)
    fixed.flags.writeable = False
    two.to(fixed)
    (number,) = two.examiner.table.memory
    for node in (
        ["memory", number, 16, 0, "same"],
        ["memory", number + 2, 16, 0, "same"],
        ["memory", number, 8, 0, "same"],
    ):
        with pytest.raises(FrameError):
            two.examiner.unpack(lie(node, fields={}, blobs=[b"\1" * node[2]]))
    assert [0, 1] == fixed.tolist()


@pytest.mark.parametrize("field", ["name", "passed"])
def test_a_field_of_a_structured_array_crosses(two, field):
    """Text and truth values, though between them lie other bytes; an edit shows on the other side."""
    table = np.array(
        [("ann", 3, True), ("bob", -1, False)],
        dtype=[("name", "U10"), ("age", "i4"), ("passed", "?")],
    )
    came = two.back(table[field])
    assert table[field].tolist() == came.tolist()
    came[1] = came[0]
    two.to()
    assert [came[0], came[0]] == table[field].tolist()
    table[field][0] = table[field][1] = ""
    two.back()
    assert table[field].tolist() == came.tolist()


def test_views_of_text_share_their_memory(two):
    """As those of numbers do, where the whole has crossed."""
    words = np.array(["a", "b", "c"])
    whole, some = two.back([words, words[::2]])
    some[1] = "z"
    assert ["a", "b", "z"] == whole.tolist()


def test_truth_values_stay_truth_values(two):
    """Bytes that are neither true nor false are refused later too."""
    there = two.to(np.array([True]))
    there.view(np.uint8)[0] = 7
    with pytest.raises(FrameError):
        two.back()
