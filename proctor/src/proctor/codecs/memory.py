"""Owns the memory behind arrays and tensors: where it is, whether it is still used, its bytes; held weakly or strongly."""

import ctypes
import sys
import weakref

BIG = 16 << 20  # bytes of a buffer beyond which only the part that a view spans crosses


class Hold:
    """Keeps an object, or, where `weak`, only knows whether others still keep it."""

    def __init__(self, owner, weak):
        self.torch, self.storage = None, is_storage(owner)
        if weak and self.storage:
            self.torch, self.owner = type(owner), owner._weak_ref()
        else:
            try:
                self.owner = weakref.ref(owner) if weak else lambda: owner
            except TypeError:  # some owners of memory cannot be watched
                self.owner = lambda: owner

    def get(self):
        """The object, or None if nobody keeps it any more."""
        return self.torch._new_with_weak_ptr(self.owner) if self.torch else self.owner()

    def __del__(self):
        if self.torch:
            self.torch._free_weak_ref(self.owner)


class Memory:
    """A span of bytes of this process, `same` as a span of the other's while both keep it; `last` is what both knew last."""

    def __init__(self, hold, base, offset, size, writable=True):
        self.hold, self.base, self.address, self.size, self.writable = (
            hold,
            base,
            base + offset,
            size,
            writable,
        )
        self.last, self.rule, self.end = b"", None, offset + size

    def alive(self):
        """What owns the memory, or None if nobody uses it any more or it has moved elsewhere."""
        owner = self.hold.get()
        if (
            self.hold.storage
            and owner is not None
            and (owner.data_ptr() != self.base or owner.nbytes() < self.end)
        ):
            return None
        return owner

    def holds(self, span):
        """Whether this is where another span lies, too."""
        return bool(
            self.base
            and self.address <= span.address
            and span.address + span.size <= self.address + self.size
            and self.alive() is not None
        )

    def read(self):
        """Its bytes now."""
        return ctypes.string_at(self.address, self.size)

    def write(self, data):
        """Put other bytes in; ValueError if they are not as many, or nobody may write here."""
        if len(data) != self.size or not self.writable or self.alive() is None:
            raise ValueError("a change of memory that cannot be changed so")
        check(self.rule, data)
        self.last = bytes(data)
        ctypes.memmove(self.address, self.last, self.size)


class Gathered(Memory):
    """The elements of a view with gaps: what lies between them is not for the other side."""

    def __init__(self, hold, array):
        super().__init__(hold, 0, 0, array.nbytes)
        self.writable = not hasattr(array, "flags") or array.flags.writeable

    def alive(self):
        """The view."""
        return self.hold.get()

    def read(self):
        """Its elements in order."""
        return raw(self.hold.get())

    def write(self, data):
        """Put other elements in."""
        view = self.hold.get()
        if len(data) != self.size or not self.writable or view is None:
            raise ValueError("a change of memory that cannot be changed so")
        check(self.rule, data)
        self.last = bytes(data)
        numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
        if isinstance(view, numpy.ndarray):
            view[...] = numpy.frombuffer(self.last, view.dtype).reshape(view.shape)
        else:
            with torch.no_grad():
                view.detach().copy_(
                    torch.frombuffer(bytearray(self.last), dtype=view.dtype).reshape(view.shape)
                )


def raw(view):
    """The elements of an array or a tensor, in order, as bytes."""
    numpy = sys.modules.get("numpy")
    if numpy and isinstance(view, numpy.ndarray):
        return numpy.ndarray.tobytes(view)
    copy = view.detach().clone(memory_format=sys.modules["torch"].contiguous_format)
    return ctypes.string_at(copy.data_ptr(), copy.nbytes)


def is_storage(owner):
    """Whether this is a torch storage."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(owner, torch.UntypedStorage)


def behind_array(array):
    """(owner, address, size, writable) of the memory that a numpy array shows."""
    numpy, torch = sys.modules["numpy"], sys.modules.get("torch")
    root = array
    while isinstance(root.base, numpy.ndarray):
        root = root.base
    if torch and isinstance(root.base, torch.Tensor):
        storage = root.base.untyped_storage()
        return storage, storage.data_ptr(), storage.nbytes(), root.flags.writeable
    low, high = numpy.lib.array_utils.byte_bounds(root)
    return root, low, high - low, root.flags.writeable


def behind_tensor(tensor):
    """(owner, address, size, writable) of the memory that a tensor shows."""
    storage = tensor.untyped_storage()
    return storage, storage.data_ptr(), storage.nbytes(), True


def check(rule, data):
    """ValueError if bytes are no truth values, or no characters, where they must be."""
    if rule == "truth" and bytes(data).translate(None, b"\0\1"):
        raise ValueError("truth values that are neither")
    if (
        rule == "text"
        and any(plane[0] > 16 for plane in zip(bytes(data)[2::4]))
        or rule == "text"
        and any(bytes(data)[3::4])
    ):
        raise ValueError("characters that are none")
