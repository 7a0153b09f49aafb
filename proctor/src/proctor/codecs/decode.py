"""Owns making values again from nodes, each of which may lie; what does not fit is a WireError, never anything else."""

from proctor.codecs import arrays, containers, scalars as plain
from proctor.wire import gradients
from proctor.codecs.containers import KINDS, Listed
from proctor.codecs.frames import WireError
from proctor.codecs.memory import check
from proctor.codecs.encode import DEEP
from proctor.codecs.tracking import Arrayed

LIES = (
    TypeError,
    ValueError,
    KeyError,
    IndexError,
    AttributeError,
    ArithmeticError,
    MemoryError,
    RecursionError,
    RuntimeError,
    BufferError,
    AssertionError,
    ImportError,
    SystemError,
    NotImplementedError,
)


class Unpacker:
    """One message being read. `incoming(tag, parts, unpacker)` gives the value of a node that is no plain data."""

    def __init__(self, tracked, incoming):
        self.table, self.incoming, self.keep, self.seen = (
            tracked,
            incoming,
            [],
            set(),
        )  # keep: every array and tensor, and its memory

    def read(self, body):
        """The named values of a message; everything that changed is changed in place."""
        try:
            self.table.forget(self.numbers(body.get("drop", [])))
            self.nodes, self.blobs = body["nodes"], body.get("blobs", [])
            if not (
                type(self.nodes) is list
                and type(body["fields"]) is dict
                and all(type(node) is list for node in self.nodes)
            ):
                raise ValueError("no nodes")
            self.values, self.depth, self.fills = (
                [None] * len(self.nodes),
                [0] * len(self.nodes),
                [],
            )
            for index, node in enumerate(self.nodes):
                if node[0] in KINDS:
                    self.container(index, *node[:2])
            for index, (tag, *parts) in enumerate(self.nodes):
                if tag not in KINDS:
                    self.values[index] = self.made(index, tag, parts)
            self.fill()
            self.table.taken()
            return {name: self.value(slot) for name, slot in body["fields"].items()}
        except LIES as error:
            raise WireError(
                f"a value came that cannot be: {type(error).__name__}: {str(error)[:200]}"
            ) from error

    def numbers(self, numbers):
        """Numbers, or ValueError."""
        if type(numbers) is not list or not all(type(number) is int for number in numbers):
            raise ValueError("no numbers")
        return numbers

    def value(self, slot, before=None):
        """What a slot stands for; with `before`, it must be a container or come before that node."""
        if type(slot) is not list:
            return bytes(slot) if type(slot) is bytearray else slot
        (index,) = slot
        if (
            type(index) is not int
            or not 0 <= index < len(self.values)
            or (before is not None and index >= before and self.nodes[index][0] not in KINDS)
        ):
            raise ValueError("a reference to nothing")
        return self.values[index]

    def once(self, number):
        """Every number is described at most once in a message."""
        if number in self.seen:
            raise ValueError("a number twice")
        self.seen.add(number)

    def container(self, index, kind, number):
        """A container, new or known, to be filled when all its parts are there."""
        self.once(number)
        entry = self.table.lists.get(number)
        if entry is None:
            value = containers.empty(kind, self.nodes[index][2:])
            entry = Listed(kind, value)
            self.table.add(self.table.take(number), entry, value)
        elif entry.kind != kind:
            raise ValueError("a container of another kind")
        self.values[index] = entry.value
        self.fills.append((index, entry))

    def fill(self):
        """Put into the containers what they hold."""
        for index, entry in sorted(self.fills, key=lambda one: self.hashes(*one)):
            parts = [self.value(slot) for slot in self.nodes[index][2:]]
            if not containers.fits(entry.kind, parts):
                raise ValueError("a container that cannot hold this")
            containers.fill(entry.kind, entry.value, parts)
            entry.last = containers.items(entry.kind, entry.value)

    def hashes(self, index, entry):
        """Whether filling a container asks what it holds for hashes, which may need other containers to be filled."""
        keys = (
            self.nodes[index][2:]
            if entry.kind == "set"
            else self.nodes[index][2::2]
            if entry.kind in containers.PAIRS
            else ()
        )
        return any(type(key) is list for key in keys)

    def made(self, index, tag, parts):
        """The value of a node that is no container."""
        if tag in plain.MAKE:
            if tag in plain.GROUPS:
                self.depth[index] = 1 + max(
                    [self.depth[part[0]] for part in parts if type(part) is list], default=0
                )
                if self.depth[index] > DEEP + 5:
                    raise ValueError("tuples nested too deep")
                parts = [self.value(part, before=index) for part in parts]
            elif any(type(part) is list for part in parts):
                raise ValueError("a reference where none can be")
            more = (
                {"found": self.incoming("named class", parts[:1], self)} if tag == "named" else {}
            )
            return plain.MAKE[tag](*parts, **more)
        if tag == "memory":
            return self.memory(*parts)
        if tag in ("array", "tensor"):
            return self.array(
                tag, *parts[:7], [self.value(part, before=index) for part in parts[7:]]
            )
        if tag == "gradient":
            return self.gradient(parts[0], self.value(parts[1], before=index))
        if tag == "known":
            return self.known(*parts)
        return self.incoming(tag, [self.value(part, before=index) for part in parts], self)

    def known(self, number):
        """What crossed before."""
        entry = self.table.lists.get(number) or self.table.arrays.get(number)
        value = entry and entry.get()
        if value is None:
            raise ValueError("a number of nothing")
        self.keep.append(value)
        return value

    def memory(self, number, size, blob, what):
        """New memory, or other bytes for known one."""
        self.once(number)
        data = self.blobs[blob]
        if type(size) is not int or len(data) != size:
            raise ValueError("memory of another size")
        memory = self.table.memory.get(number)
        if memory is None:
            if what not in ("array", "tensor"):
                raise ValueError("no kind of memory")
            memory, owner = arrays.new_memory(size, what, self.table.weak)
            self.keep.append(owner)
            self.table.add_memory(self.table.take(number), memory)
        memory.write(data)

    def array(self, what, number, memory, dtype, shape, strides, first, flag, origin):
        """A new array or tensor, or another shape for a known one; `origin` holds what a computed one comes from, if it tells."""
        self.once(number)
        entry = self.table.arrays.get(number)
        span = None if memory is None else self.table.memory[memory]
        value = arrays.build(what, span, dtype, shape, strides, first, False if origin else flag)
        rule = arrays.rule(what, value)
        if rule and span is not None:
            check(rule, span.last)
            span.rule = rule
        if entry is not None:
            return self.reshaped(entry, what, value, memory)
        if origin and what == "tensor":
            value = gradients.joined(value, *origin)
        entry = Arrayed(what, value, self.table.weak)
        entry.memory = memory
        self.table.add(self.table.take(number), entry, value)
        self.keep.append(value)
        return value

    def gradient(self, number, value):
        """What a known tensor has gathered by way of gradient, or None."""
        entry = self.table.arrays[number]
        gradients.gather(entry.get(), value)
        entry.gradient = self.table.find(value)

    def reshaped(self, entry, what, value, memory):
        """Let the known array or tensor be like `value`, in place."""
        known = entry.get()
        if known is None or entry.kind != what:
            raise ValueError("a number of nothing")
        if what == "array":
            known.flags.writeable = value.flags.writeable and (
                known.base is None or known.base is not None and known.flags.writeable
            )
            if known.shape != value.shape and known.size == value.size:
                known.shape = value.shape
        else:
            turn(known, value)
        entry.memory = memory
        entry.note(known)
        return known


def turn(known, value):
    """Let a tensor show the memory, shape and flag that another shows."""
    wanted = value.requires_grad
    fresh = value.detach()
    if (
        known.dtype != fresh.dtype
        or known.data_ptr() != fresh.data_ptr()
        or known.shape != fresh.shape
        or known.stride() != fresh.stride()
    ):
        known.data = fresh
    if known.requires_grad != wanted:
        known.requires_grad_(wanted) if known.is_leaf or wanted else known.detach_()
