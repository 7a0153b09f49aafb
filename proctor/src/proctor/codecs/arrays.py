"""Owns how arrays and tensors are described, and builds them from descriptions that may lie."""

import re
import sys

from proctor.codecs.memory import Gathered, Hold, Memory, behind_array, behind_tensor, BIG

DTYPE = re.compile(
    r"[<>|=]?(b1|[iu][1248]|f(2|4|8|12|16)|c(8|16|24|32)|[SU]\d{1,6}|[mM]8(\[\d{0,4}(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?)"
)
TORCH = (
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
)
MOST_AXES = 32
MOST_BYTES = 64 << 20  # of all the elements, counting those that stand for many as many


def kind(value):
    """ "array" or "tensor" for what crosses with its memory, else None."""
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy and issubclass(type(value), numpy.ndarray):
        plain = (
            value.dtype.kind in "biufcSUmM"
            and value.dtype.names is None
            and value.ndim <= MOST_AXES
        )
        return "array" if plain and (value.dtype.kind != "U" or value.dtype.isnative) else None
    if torch and issubclass(type(value), torch.Tensor):
        with torch._C.DisableTorchFunctionSubclass():
            return (
                "tensor"
                if (
                    value.layout is torch.strided
                    and value.device.type == "cpu"
                    and not value.is_quantized
                    and name(value.dtype) in TORCH
                    and value.dim() <= MOST_AXES
                    and not torch._C._functorch.is_functorch_wrapped_tensor(value)
                )
                else None
            )
    return None


def rule(what, value):
    """What the bytes of such elements must be: "truth", "text", or anything: None."""
    return {"bool": "truth", "b": "truth", "U": "text"}.get(
        name(value.dtype) if what == "tensor" else value.dtype.kind
    )


def name(dtype):
    """A torch dtype's name without its library."""
    return str(dtype).removeprefix("torch.")


def flag(tensor):
    """Whether a tensor asks for gradients: False, True, or "parameter"."""
    return bool(tensor.requires_grad) and (
        "parameter" if isinstance(tensor, sys.modules["torch"].nn.Parameter) else True
    )


def plain(what, value):
    """The value as base class, and as numbers that lie in memory as they are."""
    if what == "array":
        return value
    torch = sys.modules["torch"]
    with torch._C.DisableTorchFunctionSubclass():
        return value.resolve_conj().resolve_neg() if value.is_conj() or value.is_neg() else value


def behind(what, value, weak, careful):
    """(memory, shape, strides, offset) of an array or a tensor; strides and offset in bytes.

    `careful` keeps to the side what the value does not show: no byte of its buffer but its own elements.
    """
    if what == "tensor":
        with sys.modules["torch"]._C.DisableTorchFunctionSubclass():
            item, shape = value.element_size(), tuple(value.shape)
            strides = tuple(step * item for step in value.stride())
            owner, base, size, writable = behind_tensor(value)
            first = value.storage_offset() * item
            count = value.numel()
    else:
        item, shape, strides, count = value.itemsize, value.shape, value.strides, value.size
        owner, base, size, writable = behind_array(value)
        first = value.__array_interface__["data"][0] - base
    if not count:
        return None, shape, strides, 0
    low, high = hull(shape, strides, first, item)
    if careful and gaps(shape, strides, item):
        return Gathered(Hold(value, weak), value), shape, contiguous(shape, item), 0
    if careful and high - low != size or size > BIG:
        return (
            Memory(Hold(owner, weak), base, low, high - low, writable),
            shape,
            strides,
            first - low,
        )
    return Memory(Hold(owner, weak), base, 0, size, writable), shape, strides, first


def gaps(shape, strides, item):
    """Whether bytes lie between the elements that are none of theirs."""
    reach = item
    for step, count in sorted(
        (abs(step), count) for count, step in zip(shape, strides) if count > 1 and step
    ):
        if step > reach:
            return True
        reach += step * (count - 1)
    return False


def contiguous(shape, item):
    """The strides, in bytes, of elements in order."""
    strides = []
    for count in reversed(shape):
        strides.insert(0, item)
        item *= max(count, 1)
    return tuple(strides)


def hull(shape, strides, first, item):
    """From which byte up to which the elements of a non-empty array lie."""
    low = first + sum((count - 1) * step for count, step in zip(shape, strides) if step < 0)
    high = first + sum((count - 1) * step for count, step in zip(shape, strides) if step > 0) + item
    return low, high


def checked(shape, strides, first, item, size):
    """Shape and strides as tuples; ValueError unless all of it lies within `size` bytes."""
    if not (
        len(shape) == len(strides) <= MOST_AXES
        and all(type(n) is int for n in (*shape, *strides, first))
        and first >= 0
        and all(0 <= count < 1 << 40 for count in shape)
        and all(-1 << 40 < step < 1 << 40 for step in strides)
    ):
        raise ValueError("an array of impossible shape")
    count = max(item, 1)
    for axis in shape:
        count *= axis if axis else 1
        if count > MOST_BYTES:
            raise ValueError(f"an array of more than {MOST_BYTES:,} bytes")
    if 0 not in shape:
        low, high = hull(shape, strides, first, item)
        if low < 0 or high > size:
            raise ValueError("an array beyond its memory")
    return tuple(shape), tuple(strides)


def new_memory(size, what, weak):
    """Fresh zeroed memory for what comes first into it, with what keeps it alive meanwhile."""
    if what == "tensor":
        import torch

        owner = torch.zeros(size, dtype=torch.uint8).untyped_storage()
        base = owner.data_ptr()
    else:
        import numpy

        owner = numpy.zeros(size, numpy.uint8)
        base = owner.__array_interface__["data"][0]
    return Memory(Hold(owner, weak), base, 0, size), owner


def build(what, memory, dtype, shape, strides, first, flag):
    """An array or a tensor over `memory`, which may be None where there are no elements."""
    if what == "tensor":
        return build_tensor(memory, dtype, shape, strides, first, flag)
    import numpy

    if type(dtype) is not str or not DTYPE.fullmatch(dtype):
        raise ValueError("an unknown dtype")
    dtype = numpy.dtype(dtype)
    shape, strides = checked(shape, strides, first, dtype.itemsize, memory.size if memory else 0)
    if memory is None or 0 in shape or not dtype.itemsize:
        array = numpy.empty(shape, dtype)
    else:
        array = numpy.ndarray(shape, dtype, flat_array(memory), first, strides)
    if not flag:
        array.flags.writeable = False
    return array


def flat_array(memory):
    """The memory as an array of bytes."""
    import numpy

    owner = memory.alive()
    if isinstance(memory, Gathered):
        return numpy.frombuffer(bytearray(memory.read()), numpy.uint8)
    if isinstance(owner, numpy.ndarray):
        if (
            owner.dtype == numpy.uint8
            and owner.ndim == 1
            and owner.flags.c_contiguous
            and memory.size == owner.size
        ):
            return owner
        return numpy.asarray(Span(owner, memory))
    return flat_tensor(memory).numpy()


def flat_tensor(memory):
    """The memory as a tensor of bytes."""
    import torch

    owner = memory.alive()
    if isinstance(owner, torch.UntypedStorage):
        return torch.empty(0, dtype=torch.uint8).set_(
            owner, memory.address - memory.base, (memory.size,), (1,)
        )
    return torch.from_numpy(flat_array(memory))


class Span:
    """Shows numpy some bytes of an owner, and keeps the owner."""

    def __init__(self, owner, memory):
        self.owner = owner
        self.__array_interface__ = {
            "data": (memory.address, not memory.writable),
            "shape": (memory.size,),
            "typestr": "|u1",
            "version": 3,
        }


def build_tensor(memory, dtype, shape, strides, first, flag):
    """A tensor over `memory`; its steps must be whole elements, none backwards."""
    import torch

    if dtype not in TORCH:
        raise ValueError("an unknown dtype")
    dtype = getattr(torch, dtype)
    item = dtype.itemsize
    shape, strides = checked(shape, strides, first, item, memory.size if memory else 0)
    if any(step % item or step < 0 for step in strides):
        raise ValueError("a tensor with impossible strides")
    steps = [step // item for step in strides]
    if memory is None or 0 in shape:
        tensor = (
            torch.empty_strided(shape, steps, dtype=dtype)
            if 0 in shape
            else torch.empty(shape, dtype=dtype)
        )
    else:
        flat = flat_tensor(memory)
        start = flat.storage_offset() + first
        if (flat.data_ptr() + first) % item or start % item:
            raise ValueError("a tensor between two places")
        tensor = torch.empty(0, dtype=dtype).set_(
            flat.untyped_storage(), start // item, shape, steps
        )
    if flag:
        if not (dtype.is_floating_point or dtype.is_complex):
            raise ValueError("a gradient of whole numbers")
        tensor.requires_grad_()
    if flag == "parameter":
        tensor._is_param = True  # by which torch knows one that is no nn.Parameter
    return tensor
