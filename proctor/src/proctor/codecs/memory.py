"""The memory behind arrays and tensors: where it is, whether it is still used, its bytes; held weakly or strongly."""

import ctypes
import sys
import weakref
from collections.abc import Sequence
from typing import Any

Bytes = bytes | bytearray | memoryview


class Hold:
    """Keeps an object, or, where `weak`, only knows whether others still keep it."""

    def __init__(self, owner: Any, weak: bool) -> None:
        self.storage = is_storage(owner)
        self.torch: Any = None
        self.owner: Any
        if weak and self.storage:
            self.torch, self.owner = type(owner), owner._weak_ref()
            return
        try:
            self.watch = weakref.ref(owner)  # numpy moves no array that is referred to weakly
            self.owner = self.watch if weak else lambda: owner
        except TypeError:  # some owners of memory cannot be watched
            self.owner = lambda: owner

    def get(self) -> Any:
        """The object, or None if nobody keeps it any more."""
        return self.torch._new_with_weak_ptr(self.owner) if self.torch else self.owner()

    def __del__(self) -> None:
        if self.torch:
            self.torch._free_weak_ref(self.owner)


class Memory:
    """A span of bytes of this process that stands for a span of the other's while both keep it.

    `last` is what both knew it to hold last, None if the other side has yet to be told.
    """

    def __init__(
        self, hold: Hold, base: int, offset: int, size: int, writable: bool = True
    ) -> None:
        self.hold = hold
        self.base = base
        self.address = base + offset
        self.size = size
        self.writable = writable
        self.last: bytes | None = b""
        self.rule: str | None = None
        self.end = offset + size

    def alive(self) -> Any:
        """What owns the memory, or None if nobody uses it any more or it has moved elsewhere."""
        owner = self.hold.get()
        if (
            self.hold.storage
            and owner is not None
            and (owner.data_ptr() != self.base or owner.nbytes() < self.end)
        ):
            return None
        return owner

    def holds(self, span: "Memory") -> bool:
        """Whether this is where another span lies, too."""
        return bool(
            self.base
            and self.address <= span.address
            and span.address + span.size <= self.address + self.size
            and self.alive() is not None
        )

    def read(self) -> bytes:
        """Its bytes now."""
        return ctypes.string_at(self.address, self.size)

    def write(self, data: Bytes) -> None:
        """Put other bytes in; ValueError if they are not as many, or nobody may write here."""
        if len(data) != self.size or not self.writable or self.alive() is None:
            raise ValueError("a change of memory that cannot be changed so")
        self.last = bytes(data)
        check(self.rule, self.last)
        ctypes.memmove(self.address, self.last, self.size)


class Gathered(Memory):
    """The elements of a view with gaps, laid out as `shape`, `strides` and `first` say.

    What lies between the elements is not for the other side, and zero there.
    """

    def __init__(
        self, hold: Hold, shape: Sequence[int], strides: Sequence[int], first: int, size: int
    ) -> None:
        super().__init__(hold, 0, 0, size)
        view = hold.get()
        self.writable = is_tensor(view) or view.flags.writeable
        self.shape = shape
        self.strides = strides
        self.first = first

    def alive(self) -> Any:
        """The view."""
        return self.hold.get()

    def laid_out(self, view: Any, data: bytearray) -> Any:
        """Bytes as the elements of an array or a tensor like the view."""
        if not is_tensor(view):
            numpy = sys.modules["numpy"]
            return numpy.ndarray(self.shape, view.dtype, data, self.first, self.strides)
        torch = sys.modules["torch"]
        flat, item = torch.frombuffer(data, dtype=torch.uint8), view.element_size()
        steps = [step // item for step in self.strides]
        return torch.empty(0, dtype=view.dtype).set_(
            flat.untyped_storage(), self.first // item, self.shape, steps
        )

    def read(self) -> bytes:
        """Its elements, and zero between them."""
        view, data = self.hold.get(), bytearray(self.size)
        copy(view, self.laid_out(view, data))
        return bytes(data)

    def write(self, data: Bytes) -> None:
        """Put other elements in; ValueError as with any memory."""
        view = self.hold.get()
        if len(data) != self.size or not self.writable or view is None:
            raise ValueError("a change of memory that cannot be changed so")
        self.last = bytes(data)
        check(self.rule, self.last)
        copy(self.laid_out(view, bytearray(data)), view)


def copy(source: Any, target: Any) -> None:
    """Copy the elements of an array or a tensor to another."""
    if is_tensor(target):
        target.detach().copy_(source.detach())
    else:
        target[...] = source


class Span:
    """Shows numpy some bytes of an owner, and keeps the owner."""

    def __init__(self, owner: Any, memory: Memory) -> None:
        self.owner = owner
        self.__array_interface__ = {
            "data": (memory.address, not memory.writable),
            "shape": (memory.size,),
            "typestr": "|u1",
            "version": 3,
        }


def is_storage(owner: Any) -> bool:
    """Whether this is a torch storage."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(owner, torch.UntypedStorage)


def is_tensor(view: Any) -> bool:
    """Whether this is a tensor."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(view, torch.Tensor)


def behind_array(array: Any) -> tuple[Any, int, int, bool]:
    """(owner, address, size, writable) of the memory that a numpy array shows."""
    numpy = sys.modules["numpy"]
    root = array
    while isinstance(root.base, numpy.ndarray):
        root = root.base
    if is_tensor(root.base):
        storage = root.base.untyped_storage()
        return storage, storage.data_ptr(), storage.nbytes(), root.flags.writeable
    low, high = numpy.lib.array_utils.byte_bounds(root)
    return root, low, high - low, root.flags.writeable


def behind_tensor(tensor: Any) -> tuple[Any, int, int, bool]:
    """(owner, address, size, writable) of the memory that a tensor shows."""
    storage = tensor.untyped_storage()
    return storage, storage.data_ptr(), storage.nbytes(), True


def new_memory(size: int, what: str, weak: bool) -> tuple[Memory, Any]:
    """Fresh memory for what is written to it next, with what keeps it alive meanwhile."""
    if what == "tensor":
        import torch

        owner: Any = torch.UntypedStorage(size)
        base = owner.data_ptr()
    else:
        import numpy

        owner = numpy.empty(size, numpy.uint8)
        base = owner.__array_interface__["data"][0]
    return Memory(Hold(owner, weak), base, 0, size), owner


def flat_array(memory: Memory) -> Any:
    """The memory as an array of bytes."""
    import numpy

    owner = memory.alive()
    if isinstance(memory, Gathered):
        return numpy.frombuffer(bytearray(memory.read()), numpy.uint8)
    if not isinstance(owner, numpy.ndarray):
        return flat_tensor(memory).numpy()
    if (
        owner.dtype == numpy.uint8
        and owner.ndim == 1
        and owner.flags.c_contiguous
        and memory.size == owner.size
    ):
        return owner
    return numpy.asarray(Span(owner, memory))


def flat_tensor(memory: Memory) -> Any:
    """The memory as a tensor of bytes."""
    import torch

    if not memory.hold.storage or isinstance(memory, Gathered):
        return torch.from_numpy(flat_array(memory))
    place = memory.address - memory.base
    return torch.empty(0, dtype=torch.uint8).set_(memory.alive(), place, (memory.size,), (1,))


def storage_of(memory: Memory) -> tuple[Any, int]:
    """(a torch storage that holds the memory, the memory's first byte in it)."""
    if memory.hold.storage and not isinstance(memory, Gathered):
        return memory.alive(), memory.address - memory.base
    flat = flat_tensor(memory)
    return flat.untyped_storage(), flat.storage_offset()


def check(rule: str | None, data: Bytes) -> None:
    """ValueError if bytes are no truth values, or no characters, where they must be."""
    if rule == "truth" and bytes(data).translate(None, b"\0\1"):
        raise ValueError("truth values that are neither")
    if rule == "text":
        data = bytes(data)
        if any(data[3::4]) or data[2::4].translate(None, bytes(range(17))):
            raise ValueError("characters that are none")
