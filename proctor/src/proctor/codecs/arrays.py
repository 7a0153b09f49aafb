"""Arrays and tensors as shapes over memory: how each is described, and made from a description that may lie."""

import math
import re
import sys
from collections.abc import Sequence
from typing import Any

from proctor.codecs.memory import (
    Gathered,
    Hold,
    Memory,
    behind_array,
    behind_tensor,
    flat_array,
    storage_of,
)

DTYPE = re.compile(
    r"[<>|=]?(b1|[iu][1248]|f(2|4|8|12|16)|c(8|16|24|32)|[SU]\d{1,6}"
    r"|[mM]8(\[\d{0,4}(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?)"
)
ELEMENTS = "biufcSUmM"  # the kinds of numpy's elements that are plain bytes
TORCH = {
    "float32",
    "float64",
    "float16",
    "bfloat16",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint8",
    "bool",
    "complex64",
    "complex128",
    "uint16",
    "uint32",
    "uint64",
}
KINDS = ("array", "tensor", "parameter")
MOST_AXES = 32
MOST_BYTES = 64 << 20  # of all the elements, counting those that stand for many as many
BIG = 16 << 20  # bytes of a buffer beyond which only the part that a view spans crosses
SMALL = 1 << 16  # bytes of a view with gaps up to which it keeps its strides in any case
FARTHEST = 1 << 40


def kind(value: Any) -> str | None:
    """Which of KINDS a value is, if it comes back the same with its memory; else None."""
    of = type(value)
    numpy = sys.modules.get("numpy")
    if numpy is not None and of is numpy.ndarray:
        return "array" if value.ndim <= MOST_AXES and is_plain(value.dtype, numpy) else None
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    what = "tensor" if of is torch.Tensor else "parameter" if of is torch.nn.Parameter else None
    if what is None or not is_bare(value):
        return None
    plain = (
        value.layout is torch.strided
        and value.is_cpu
        and name(value.dtype) in TORCH
        and value.dim() <= MOST_AXES
        and not value.is_conj()
        and not value.is_neg()
        and not torch._C._functorch.is_functorch_wrapped_tensor(value)
    )
    return what if plain else None


def is_plain(dtype: Any, numpy: Any) -> bool:
    """Whether elements of a numpy dtype are plain bytes, and the dtype's text says all of it."""
    if dtype.kind not in ELEMENTS or dtype.names is not None or dtype.metadata is not None:
        return False
    if dtype.kind == "U":
        return bool(dtype.isnative)
    return dtype.kind not in "iu" or numpy.dtype(dtype.str).num == dtype.num  # C has more names


def is_bare(tensor: Any) -> bool:
    """Whether a tensor was not computed from others, and has gathered no gradient and no attributes."""
    if tensor.__dict__:
        return False
    if not tensor.requires_grad:
        return tensor.grad is None
    return tensor.is_leaf and tensor.grad is None and not tensor._backward_hooks


def look(what: str, value: Any) -> tuple[Any, ...]:
    """What tells that a tracked array or tensor has another shape or place than before."""
    if what == "array":
        return value.shape, value.strides, value.flags.writeable, value.dtype
    return value.shape, value.stride(), value.requires_grad, value.data_ptr(), value.dtype


def follows(what: str, value: Any, last: Any) -> bool:
    """Whether the other side's array or tensor, which looks like `last`, can be made to look like this one in place."""
    if what != "array":
        return kind(value) == what
    shape, _, _, dtype = last
    return value.dtype == dtype and value.size == math.prod(shape)


def rule(what: str, value: Any) -> str | None:
    """What the bytes of such elements must be: "truth", "text", or anything: None."""
    if what != "array":
        return "truth" if value.dtype is sys.modules["torch"].bool else None
    return {"b": "truth", "U": "text"}.get(value.dtype.kind)


def name(dtype: Any) -> str:
    """A torch dtype's name without its library."""
    return str(dtype)[6:]


def told(what: str, value: Any) -> tuple[str, bool]:
    """(dtype as text, whether an array may be written to or a tensor asks for gradients)."""
    if what == "array":
        return value.dtype.str, bool(value.flags.writeable)
    return name(value.dtype), bool(value.requires_grad)


def behind(
    what: str, value: Any, weak: bool, careful: bool
) -> tuple[Memory | None, Sequence[int], Sequence[int], int]:
    """(memory, shape, strides, offset) of an array or a tensor; strides and offset in bytes.

    `careful` keeps on this side what the value does not show: no byte but its own elements.
    """
    if what == "array":
        item, shape, strides, count = value.itemsize, value.shape, value.strides, value.size
        owner, base, size, writable = behind_array(value)
        first = value.__array_interface__["data"][0] - base
        ordered = value.flags.c_contiguous
    else:
        item, shape, count = value.element_size(), tuple(value.shape), value.numel()
        strides = tuple(step * item for step in value.stride())
        owner, base, size, writable = behind_tensor(value)
        first = value.storage_offset() * item
        ordered = value.is_contiguous()
    if not count:
        return None, shape, strides, 0
    if ordered and size == count * item:  # by far the most are, and cost the least so
        return Memory(Hold(owner, weak), base, 0, size, writable), shape, strides, first
    if careful and gaps(shape, strides, item):
        low, high = hull(shape, strides, first, item)
        first, size = first - low, high - low
        if size > max(SMALL, 4 * count * item):  # the gaps would cost more than they are worth
            strides, first, size = contiguous(shape, item), 0, count * item
        return Gathered(Hold(value, weak), shape, strides, first, size), shape, strides, first
    if careful or size > BIG:
        low, high = hull(shape, strides, first, item)
        part = Memory(Hold(owner, weak), base, low, high - low, writable)
        return part, shape, strides, first - low
    return Memory(Hold(owner, weak), base, 0, size, writable), shape, strides, first


def gaps(shape: Sequence[int], strides: Sequence[int], item: int) -> bool:
    """Whether bytes lie between the elements that are none of theirs."""
    reach = item
    for step, count in sorted(
        (abs(step), count) for count, step in zip(shape, strides, strict=True) if count > 1 and step
    ):
        if step > reach:
            return True
        reach += step * (count - 1)
    return False


def contiguous(shape: Sequence[int], item: int) -> tuple[int, ...]:
    """The strides, in bytes, of elements in order."""
    strides: list[int] = []
    for count in reversed(shape):
        strides.insert(0, item)
        item *= max(count, 1)
    return tuple(strides)


def hull(shape: Sequence[int], strides: Sequence[int], first: int, item: int) -> tuple[int, int]:
    """From which byte up to which the elements of a non-empty array lie."""
    low = high = first
    for count, step in zip(shape, strides, strict=True):
        if step < 0:
            low += (count - 1) * step
        else:
            high += (count - 1) * step
    return low, high + item


def checked(
    shape: Any, strides: Any, first: Any, item: int, size: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Shape and strides as tuples; ValueError unless all of it lies within `size` bytes."""
    if not (
        type(shape) is type(strides) is list
        and len(shape) == len(strides) <= MOST_AXES
        and type(first) is int
        and first >= 0
    ):
        raise ValueError("an array of impossible shape")
    count = max(item, 1)
    for axis, step in zip(shape, strides, strict=True):
        if not (
            type(axis) is type(step) is int and 0 <= axis < FARTHEST and -FARTHEST < step < FARTHEST
        ):
            raise ValueError("an array of impossible shape")
        count *= axis or 1
        if count > MOST_BYTES:
            raise ValueError(f"an array of more than {MOST_BYTES:,} bytes")
    if 0 not in shape:
        low, high = hull(shape, strides, first, item)
        if low < 0 or high > size:
            raise ValueError("an array beyond its memory")
    return tuple(shape), tuple(strides)


def build(
    what: str, memory: Memory | None, dtype: Any, shape: Any, strides: Any, first: Any, flag: Any
) -> Any:
    """An array or a tensor over `memory`, which may be None where there are no elements.

    Raises what a lie in the other arguments leads to.
    """
    if type(dtype) is not str or type(flag) is not bool:
        raise ValueError("an array of no kind")
    size = memory.size if memory else 0
    if what != "array":
        return build_tensor(what, memory, dtype, shape, strides, first, flag)
    import numpy

    if not DTYPE.fullmatch(dtype):
        raise ValueError("an unknown dtype")
    of = numpy.dtype(dtype)
    shape, strides = checked(shape, strides, first, of.itemsize, size)
    if memory is None or 0 in shape or not of.itemsize:
        array = numpy.empty(shape, of)
    else:
        array = numpy.ndarray(shape, of, flat_array(memory), first, strides)
    if not flag:
        array.flags.writeable = False
    return array


def build_tensor(
    what: str,
    memory: Memory | None,
    dtype: str,
    shape: Any,
    strides: Any,
    first: Any,
    flag: bool,
) -> Any:
    """A tensor over `memory`; its steps must be whole elements, none backwards."""
    import torch

    if dtype not in TORCH:
        raise ValueError("an unknown dtype")
    of = getattr(torch, dtype)
    item = of.itemsize
    shape, strides = checked(shape, strides, first, item, memory.size if memory else 0)
    if any(step % item or step < 0 for step in strides):
        raise ValueError("a tensor with impossible strides")
    steps = [step // item for step in strides]
    if memory is None or 0 in shape:
        tensor = torch.empty_strided(shape, steps, dtype=of)
    else:
        storage, place = storage_of(memory)
        place += first
        if place % item or storage.data_ptr() % item:
            raise ValueError("a tensor between two places")
        tensor = torch.empty(0, dtype=of).set_(storage, place // item, shape, steps)
    if flag and not (of.is_floating_point or of.is_complex):
        raise ValueError("a gradient of whole numbers")
    if what == "parameter":
        return torch.nn.Parameter(tensor, requires_grad=flag)
    return tensor.requires_grad_() if flag else tensor
