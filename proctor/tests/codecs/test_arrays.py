"""Whether arrays and tensors cross whole, with their identity and memory."""

import warnings

import numpy as np
import pytest
import torch

from proctor.codecs.encode import is_data
from proctor.codecs.frames import FrameError, NotPackable


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
        lambda: np.array(["2024-05", "NaT"], "M8[M]"),
        lambda: np.array([3], "m8[us]"),
        lambda: np.arange(2, dtype=np.longdouble),
        lambda: np.asfortranarray(np.eye(3)[:, :2]),
        lambda: np.empty(2, "S0"),
    ],
    ids=range(16),
)
def test_arrays_cross(sides, make):
    """Numbers, dtype and shape of an array are the same on the other side."""
    for way in (sides.to, sides.back):
        value = make()
        came = way(value)
        assert type(came) is np.ndarray
        assert (value.dtype, value.shape, str(value)) == (came.dtype, came.shape, str(came))
        assert value.flags.writeable == came.flags.writeable


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
        lambda: torch.tensor([1 + 2j]),
        lambda: torch.rand(2, requires_grad=True),
        lambda: torch.rand(2, requires_grad=True).detach(),
        lambda: torch.nn.Parameter(torch.rand(2)),
        lambda: torch.nn.Parameter(torch.arange(2), requires_grad=False),
        lambda: torch.ones(3, dtype=torch.uint16),
    ],
    ids=range(14),
)
def test_tensors_cross(sides, make):
    """Numbers, dtype, shape and whether gradients are wanted are the same on the other side."""
    for way in (sides.to, sides.back):
        value = make()
        came = way(value)
        assert (value.dtype, value.shape, value.tolist(), value.requires_grad) == (
            came.dtype,
            came.shape,
            came.tolist(),
            came.requires_grad,
        )
        assert type(came) is type(value)
        assert came.is_leaf and came.stride() == value.stride()


class Sub(np.ndarray):
    """A student's array."""


class SubTensor(torch.Tensor):
    """A student's tensor."""


def with_gradient():
    """A tensor that has gathered a gradient."""
    value = torch.ones(2, requires_grad=True)
    value.sum().backward()
    return value


def with_hook():
    """A tensor that tells somebody of its gradient."""
    value = torch.ones(2, requires_grad=True)
    value.register_hook(print)
    return value


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(torch.rand(2).to_sparse(), id="sparse"),
        pytest.param(torch.empty(2, device="meta"), id="meta"),
        pytest.param(torch.rand(2, requires_grad=True) * 2, id="computed"),
        pytest.param(with_gradient(), id="gradient"),
        pytest.param(with_hook(), id="hook"),
        pytest.param(torch.tensor([1j]).conj(), id="conjugate"),
        pytest.param(torch.tensor([1j]).conj().imag, id="negative"),
        pytest.param(torch.rand(2).as_subclass(SubTensor), id="tensor of a subclass"),
        pytest.param(torch.nn.Buffer(torch.rand(2)), id="attributes"),
        pytest.param(np.array([object()]), id="objects"),
        pytest.param(np.zeros(2, "i4,f8"), id="records"),
        pytest.param(np.zeros(2).view(Sub), id="array of a subclass"),
        pytest.param(np.ma.array([1.0], mask=[True]), id="masked"),
        pytest.param(np.zeros(2, np.longlong), id="another name of int64"),
        pytest.param(np.zeros(2, np.dtype("f8", metadata={"a": 1})), id="metadata"),
        pytest.param(np.array(["a"], ">U1"), id="text of another byte order"),
        pytest.param(np.array(["a"], np.dtypes.StringDType()), id="texts of any length"),
    ],
)
def test_what_would_not_come_back_the_same_is_no_data(sides, value):
    """Neither a subclass, nor what was computed, nor what has no plain memory, is handed over as something else."""
    assert not is_data(value)
    for way in (sides.to, sides.back):
        with pytest.raises(NotPackable):
            way(value)


def test_views_share_their_memory(sides):
    """Two views of a buffer share it on the other side too, tensor and array alike."""
    buffer = torch.zeros(4, 4)
    first, second, array = sides.back((buffer[:2], buffer[1:], buffer.numpy()))
    first[1, 1] = 7
    assert 7 == second[0, 1] == array[1, 1]
    assert first.untyped_storage().data_ptr() == second.untyped_storage().data_ptr()


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
def test_a_tensor_gets_another_shape_in_place(sides, change):
    """Axes added, a size or dtype changed in place: the examiner's tensor shows it."""
    tensor = torch.arange(4.0)
    there = sides.to(tensor)
    change(there)
    sides.back()
    assert (there.shape, there.dtype) == (tensor.shape, tensor.dtype)
    assert there.flatten()[:2].tolist() == tensor.flatten()[:2].tolist()


def test_what_lies_between_is_not_sent(sides):
    """A column of a large table crosses without the other columns, and its in-place edits come back to the table."""
    for table in (np.ones((1000, 20)), torch.ones(1000, 20)):
        column = table[:, 0]
        there = sides.to(column)
        assert len(memory_of(there)) == 1000 * there.itemsize
        there += 10
        sides.back()
        assert table[:2, :2].tolist() == [[11, 1], [11, 1]]


@pytest.mark.parametrize(
    "show",
    [
        lambda data: data[::2],
        lambda data: data.reshape(5, 5)[1::2, ::3],
        lambda data: data[::12][None],
    ],
)
def test_gaps_are_not_sent_where_the_view_spans_its_whole_buffer(sides, show):
    """Every other number, or a diagonal, keeps its place, with nothing between."""
    for data in (np.arange(1.0, 26), torch.arange(1.0, 26)):
        view = show(data)
        there = sides.to(view)
        assert there.tolist() == view.tolist()
        assert stride(there) == stride(view)
        held = np.frombuffer(memory_of(there), str(data.dtype).removeprefix("torch."))
        assert sorted(held[held != 0]) == sorted(set(view.flatten().tolist()))
        there += 10
        sides.back()
        assert there.tolist() == view.tolist()


def memory_of(value):
    """All the bytes of the buffer that an array or a tensor shows."""
    if isinstance(value, torch.Tensor):
        return bytes(value.untyped_storage().tolist())
    return bytes(value.base)


def stride(value):
    """In numbers, not in bytes."""
    if isinstance(value, torch.Tensor):
        return value.stride()
    return tuple(step // value.itemsize for step in value.strides)


def test_a_view_of_what_has_crossed_shares_its_memory(sides):
    """A column goes along with the table that was handed over before, on the other side as on this one."""
    for table in (np.zeros((3, 2)), torch.zeros(3, 2)):
        there, column = sides.to((table, table[:, 0]))
        there[1, 0] = 5
        assert column.tolist() == [0, 5, 0]
        sides.back()
        assert table[1, 0] == 5


def test_a_row_crosses_alone(sides):
    """A slice of a larger tensor is sent without the rest of its buffer."""
    there = sides.to(torch.arange(100.0)[10:12])
    assert (there.untyped_storage().nbytes(), there.tolist()) == (8, [10, 11])


def test_nothing_is_tracked_that_nobody_holds(sides):
    """What the examiner lets go of is let go of on both sides, so that many calls cost no more than few."""
    for _ in range(50):
        sides.to(torch.rand(2))
        sides.back(np.arange(3))
    sides.to()
    assert len(sides.examiner.table.memory) + len(sides.examiner.table.arrays) < 6
    assert len(sides.candidate.table.memory) + len(sides.candidate.table.arrays) < 6


@pytest.mark.parametrize(
    "make", [lambda: np.zeros(3), lambda: torch.zeros(3)], ids=["array", "tensor"]
)
@pytest.mark.parametrize("before", [0, 1, 3])
def test_what_is_written_to_an_array_that_nobody_holds_is_told(sides, make, before):
    """An edit of what just came, or is let go after it, is in the next message, however many there were before."""
    theirs = make()
    came = sides.back([theirs])[0]
    for _ in range(before):
        sides.to()
        sides.back()
    came[0] = 5
    del came
    sides.to()
    assert theirs.tolist() == [5, 0, 0]


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.requires_grad_().sum().backward(),
        lambda t: t.mul_(torch.ones(2, requires_grad=True)),
        lambda t: setattr(t, "note", 1),
    ],
    ids=["gradient", "computed", "attribute"],
)
def test_a_tensor_that_is_no_data_any_more_is_refused_once(sides, change):
    """That it cannot be told is said in words; after that nobody follows it any more, and all else goes on."""
    tensor = sides.to((torch.zeros(2),))[0]
    change(tensor)
    with pytest.raises(NotPackable):
        sides.back(1)
    assert sides.back([2]) == [2]
    assert not sides.examiner.table.arrays


def test_an_array_that_has_become_another_is_refused_once(sides):
    """An array of another dtype or size in place cannot be followed, which is said in words."""
    array = np.arange(4.0)
    there = sides.to(array)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        there.dtype = np.int64
    with pytest.raises(NotPackable):
        sides.back(1)
    assert sides.back([2]) == [2]


def test_no_array_is_moved_while_it_is_tracked(sides):
    """numpy refuses to resize it, on either side, for its old place is still read."""
    mine, theirs = np.arange(4.0), np.arange(4.0)
    sides.to(mine)
    kept = sides.back(theirs)
    for array in (mine, theirs):
        with pytest.raises(ValueError, match="resize"):
            array.resize(100_000, refcheck=False)
    assert kept.tolist() == theirs.tolist()


def test_other_memory_of_a_tensor_that_nobody_holds_is_told(sides):
    """So is a tensor that was given other data."""
    theirs = torch.nn.Parameter(torch.zeros(2))
    sides.back((theirs,))[0].data = torch.ones(2)
    sides.to()
    assert theirs.tolist() == [1, 1]


def test_what_was_written_is_told_once_more_if_it_was_not_sent(sides):
    """A message that could not be made takes no edit with it."""
    theirs = np.zeros(2)
    sides.back((theirs,))[0][0] = 5
    with pytest.raises(NotPackable):
        sides.to(object())
    sides.to()
    assert theirs.tolist() == [5, 0]


def test_a_parameter_stays_one(sides):
    """A module takes it for one of its own, on either side."""
    for way in (sides.to, sides.back):
        assert isinstance(way(torch.nn.Parameter(torch.zeros(2))), torch.nn.Parameter)


@pytest.mark.parametrize("field", ["name", "passed"])
def test_a_field_of_a_structured_array_crosses(sides, field):
    """Text and truth values, though between them lie other bytes; an edit shows on the other side."""
    table = np.array(
        [("ann", 3, True), ("bob", -1, False)],
        dtype=[("name", "U10"), ("age", "i4"), ("passed", "?")],
    )
    came = sides.back(table[field])
    assert table[field].tolist() == came.tolist()
    came[1] = came[0]
    sides.to()
    assert [came[0], came[0]] == table[field].tolist()
    table[field][0] = table[field][1] = ""
    sides.back()
    assert table[field].tolist() == came.tolist()


def test_views_of_text_share_their_memory(sides):
    """As those of numbers do, where the whole has crossed."""
    words = np.array(["a", "b", "c"])
    whole, some = sides.back([words, words[::2]])
    some[1] = "z"
    assert whole.tolist() == ["a", "b", "z"]


def test_truth_values_stay_truth_values(sides):
    """Bytes that are neither true nor false are refused later too."""
    there = sides.to(np.array([True]))
    there.view(np.uint8)[0] = 7
    with pytest.raises(FrameError):
        sides.back()
