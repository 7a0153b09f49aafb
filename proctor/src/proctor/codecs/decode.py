"""Makes values again from nodes, each of which may lie; what does not fit is a FrameError, never anything else."""

import importlib
from collections.abc import Callable
from typing import Any

from proctor.codecs import arrays, containers, exceptions, scalars, tables
from proctor.codecs.containers import KINDS
from proctor.codecs.encode import DEEP, all_data, all_leaves, is_whole
from proctor.codecs.frames import FrameError
from proctor.codecs.memory import check, new_memory
from proctor.codecs.scalars import Node
from proctor.codecs.tables import Tabled
from proctor.codecs.tracking import Arrayed, Listed, Tracking

LIES = (
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    ArithmeticError,
    MemoryError,
    RuntimeError,
    StopIteration,
    BufferError,
    AssertionError,
    ImportError,
    SystemError,
)
GROUPS: dict[str, Callable[..., Any]] = {
    "tuple": lambda *parts: parts,
    "frozenset": lambda *parts: make_frozenset(parts),
    "slice": lambda start, stop, step: slice(start, stop, step),
    "exception": lambda *parts: exceptions.build(parts),
}


MAKE = {**scalars.MAKE, **tables.MAKE}


class Decoder:
    """One message being read.

    `incoming(tag, parts, nested=...)` gives the value of a node that is no data; with `imports`, what is named of
    a library is imported.
    """

    def __init__(
        self, tracking: Tracking, incoming: Callable[..., Any], imports: bool = False
    ) -> None:
        self.table = tracking
        self.incoming = incoming
        self.imports = imports
        self.nodes: list[Node] = []
        self.blobs: list[Any] = []
        self.values: list[Any] = []
        self.depth: dict[int, int] = {}
        self.fills: list[tuple[int, Listed]] = []
        self.seen: set[int] = set()
        self.named: set[int] = set()  # nodes that are fields themselves
        self.keep: list[Any] = []  # every array and tensor, and its memory
        self.release: list[int] = []

    def read(self, body: dict[str, Any]) -> dict[str, Any]:
        """The named values of a message; everything that changed is changed in place."""
        try:
            self.release = numbers(body.get("release", []))
            self.table.forget(numbers(body.get("drop", [])))
            self.nodes, self.blobs = body["nodes"], body.get("blobs", [])
            fields = body["fields"]
            if type(self.nodes) is not list or type(fields) is not dict:
                raise ValueError("no nodes")
            self.named = {slot[0] for slot in fields.values() if type(slot) is list}
            self.values = [None] * len(self.nodes)
            for index, node in enumerate(self.nodes):
                if type(node) is not list:
                    raise ValueError("no node")
                if node[0] in KINDS:
                    self.container(index, *node[:2])
            for index, node in enumerate(self.nodes):
                if node[0] not in KINDS:
                    self.values[index] = self.made(index, node[0], node[1:])
            self.fill()
            self.table.taken()
            return {name: self.value(slot) for name, slot in fields.items()}
        except LIES as error:
            raise FrameError(
                f"a value came that cannot be: {type(error).__name__}: {str(error)[:200]}"
            ) from error

    def value(self, slot: Any, before: int | None = None) -> Any:
        """What a slot stands for; with `before`, it must be a container or come before that node."""
        if type(slot) is not list:
            if type(slot) not in scalars.SIMPLE:
                raise ValueError("a part of no kind")
            return slot
        (index,) = slot
        if (
            type(index) is not int
            or not 0 <= index < len(self.values)
            or (before is not None and index >= before and self.nodes[index][0] not in KINDS)
        ):
            raise ValueError("a reference to nothing")
        return self.values[index]

    def once(self, number: Any) -> None:
        """Every number is described at most once in a message."""
        if number in self.seen:
            raise ValueError("a number twice")
        self.seen.add(number)

    def container(self, index: int, kind: str, number: Any) -> None:
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

    def fill(self) -> None:
        """Put into the containers what they hold."""
        for index, entry in self.fills:
            parts = [self.value(slot) for slot in self.nodes[index][2:]]
            if not (
                containers.fits(entry.kind, parts) and is_whole(entry.kind, entry.value, parts)
            ):
                raise ValueError("a container that cannot hold this")
            containers.fill(entry.kind, entry.value, parts)
            entry.last = containers.items(entry.kind, entry.value)

    def made(self, index: int, tag: Any, parts: list[Any]) -> Any:
        """The value of a node that is no container."""
        if tag == "memory":
            return self.memory(*parts)
        if tag in arrays.KINDS:
            return self.array(tag, *parts)
        if tag in GROUPS:
            return GROUPS[tag](*self.parts_of_group(index, parts))
        if tag in MAKE:
            return MAKE[tag](*parts)
        if tag in tables.KINDS:
            return self.table_of(index, tag, *parts)
        if tag == "known":
            return self.known(*parts)
        if tag == "imported":
            return self.imported(*parts)
        if type(tag) is not str:
            raise ValueError("a node of no kind")
        return self.incoming(tag, parts, nested=index not in self.named)

    def parts_of_group(self, index: int, parts: list[Any]) -> list[Any]:
        """The parts of a group, which come before it, but for containers."""
        below = [self.depth.get(slot[0], 0) for slot in parts if type(slot) is list]
        self.depth[index] = 1 + max(below, default=0)
        if self.depth[index] > DEEP + 5:  # what is deeper would break whoever hashes or shows it
            raise ValueError("tuples nested too deep")
        return [self.value(slot, before=index) for slot in parts]

    def known(self, number: Any) -> Any:
        """What crossed before."""
        value = self.table.known(number)
        self.keep.append(value)
        return value

    def imported(self, module: Any, path: Any) -> Any:
        """A function or class of a library."""
        if not self.imports or not type(module) is type(path) is str:
            raise ValueError("nothing is imported here")
        value: Any = importlib.import_module(module)
        for name in path.split("."):
            value = getattr(value, name)
        return value

    def memory(self, number: Any, size: Any, blob: Any, what: Any) -> None:
        """New memory, or other bytes for known one."""
        self.once(number)
        data = self.blobs[blob]
        if type(size) is not int or len(data) != size:
            raise ValueError("memory of another size")
        memory = self.table.memory.get(number)
        if memory is None:
            if what not in ("array", "tensor"):
                raise ValueError("no kind of memory")
            memory, owner = new_memory(size, what, self.table.weak)
            self.keep.append(owner)
            self.table.add_memory(self.table.take(number), memory)
        memory.write(data)

    def array(
        self,
        what: str,
        number: Any,
        memory: Any,
        dtype: Any,
        shape: Any,
        strides: Any,
        first: Any,
        flag: Any,
    ) -> Any:
        """A new array or tensor, or another shape for a known one."""
        self.once(number)
        entry = self.table.arrays.get(number)
        span = None if memory is None else self.table.memory[memory]
        value = arrays.build(what, span, dtype, shape, strides, first, flag)
        rule = arrays.rule(what, value)
        if rule and span is not None:
            check(rule, span.last or b"")
            span.rule = rule
        if entry is not None:
            return self.reshaped(entry, what, value, memory)
        entry = Arrayed(what, value, self.table.weak)
        entry.memory = memory
        self.table.add(self.table.take(number), entry, value)
        self.keep.append(value)
        return value

    def reshaped(self, entry: Arrayed, what: str, value: Any, memory: int | None) -> Any:
        """Let the known array or tensor be like `value`, in place."""
        known = entry.get()
        if known is None or entry.kind != what:
            raise ValueError("a number of nothing")
        if what == "array":
            turn_array(known, value)
        else:
            turn_tensor(known, value)
        entry.memory = memory
        entry.note(known)
        return known

    def table_of(
        self, index: int, what: str, number: Any, like: Any, first: Any, count: Any, *slots: Any
    ) -> Any:
        """A new table, or what a known one is like now."""
        self.once(number)
        objects = self.parts_of_group(index, list(slots))
        if not type(first) is type(count) is int or min(first, count) < 0:
            raise ValueError("a table of nothing")
        raws = self.blobs[first : first + count]
        if len(raws) != count or not all_leaves(objects):
            raise ValueError("a table of nothing")
        made = tables.make(what, like, raws, objects)
        parts = tables.take_apart(made, all_leaves)
        if parts is None or parts.like != like:
            raise ValueError("a table that is no data")
        entry = self.table.tables.get(number)
        if entry is None:
            self.table.add(
                self.table.take(number), Tabled(what, made, self.table.weak, parts), made
            )
            self.keep.append(made)
            return made
        known = entry.get()
        if known is None or entry.kind != what:
            raise ValueError("a number of nothing")
        tables.update(what, known, made)
        entry.last = parts
        return known


def numbers(told: Any) -> list[int]:
    """These numbers; ValueError if they are none."""
    if type(told) is not list or not all(type(number) is int for number in told):
        raise ValueError("no numbers")
    return told


def make_frozenset(parts: tuple[Any, ...]) -> frozenset[Any]:
    """A frozenset; ValueError if it would hold what is no data."""
    if not all_data(parts):
        raise ValueError("a frozenset that cannot hold this")
    return frozenset(parts)


def turn_array(known: Any, wanted: Any) -> None:
    """Let an array have the shape and flag of another; ValueError if it cannot."""
    known.flags.writeable = wanted.flags.writeable and (
        known.base is None or known.base is not None and known.flags.writeable
    )
    if known.shape != wanted.shape and known.size == wanted.size:
        known.shape = wanted.shape


def turn_tensor(known: Any, wanted: Any) -> None:
    """Let a tensor show the memory, shape and flag that another shows."""
    flag = wanted.requires_grad
    fresh = wanted.detach()
    if (
        known.dtype != fresh.dtype
        or known.data_ptr() != fresh.data_ptr()
        or known.shape != fresh.shape
        or known.stride() != fresh.stride()
    ):
        known.data = fresh
    if known.requires_grad != flag:
        known.requires_grad_(flag)
