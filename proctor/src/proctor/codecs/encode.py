"""Turns values into a flat list of nodes that refer to each other by number, so that neither depth nor cycles matter."""

import os
import sys
import sysconfig
import types
from collections.abc import Callable, Collection, Iterable
from typing import Any

from proctor.codecs import arrays, containers, exceptions, scalars, tables
from proctor.codecs.frames import LIMIT, LONGEST_LIST, NotPackable, too_large
from proctor.codecs.memory import Memory
from proctor.codecs.scalars import SIMPLE, Node
from proctor.codecs.tables import Parts, Tabled
from proctor.codecs.tracking import Arrayed, Listed, Tracking

DEEP = 100  # tuples within tuples
MOST = 1_000_000  # parts that are looked at to tell whether a value is data
IMPORTED = (type, types.FunctionType, types.BuiltinFunctionType, types.MethodDescriptorType)
NUMPY_FUNCTIONS = ("ufunc", "_ArrayFunctionDispatcher")
PLACES = ("builtins", "torch", "torch.nn.functional", "numpy")  # of what does not tell its own
INSTALLED = tuple({sysconfig.get_path(name) + os.sep for name in ("purelib", "platlib")})


class Encoder:
    """One message being made.

    `outgoing(value, nested=...)` gives the node of what is no data, or raises NotPackable. `imports`: functions
    and classes of installed libraries are named instead.
    """

    def __init__(
        self, tracking: Tracking, outgoing: Callable[..., Node], imports: bool = False
    ) -> None:
        self.table = tracking
        self.outgoing = outgoing
        self.imports = imports
        self.nodes: list[Node] = []
        self.blobs: list[bytes] = []
        self.size = 0  # bytes of all blobs
        self.made: dict[int, int] = {}  # a value's node by its id()
        self.queue: list[tuple[int, list[Any], int | None]] = []
        self.keep: list[Any] = []  # so that no id() is used twice
        self.new: list[int] = []
        self.noted: list[
            tuple[Listed | Arrayed | Tabled | Memory, Any]
        ] = []  # with what was known before
        self.dropped: list[int] = []
        self.told: set[int] = set()
        self.named: set[int] = set()
        self.root: int | None = None  # whose change is being told

    def message(
        self, fields: dict[str, Any], let_go: Callable[[set[int]], None] | None = None
    ) -> dict[str, Any]:
        """The body of a frame for these named values, with all that changed since the last one.

        `let_go(told)` is called when the numbers are known of what changed in memory, whose last holder this
        may be. Raises NotPackable; what cannot be told any more of a change is let go of then, so that
        the next message can be made.
        """
        self.named = {id(value) for value in fields.values()}
        try:
            self.changes()
            changed = self.changed_tables()
            if let_go:
                let_go(self.told)
            for number, entry, value, parts in changed:
                self.changed_table(number, entry, value, parts)
            self.changed_lists()
            self.drain()
            slots = {name: self.slot(value) for name, value in fields.items()}
            self.drain()
        except BaseException:
            self.undo()
            if self.root is not None:
                self.table.forget([self.root])
                self.table.dropped.append(self.root)
            raise
        self.dropped, self.table.dropped = self.table.dropped, []
        return {"fields": slots, "nodes": self.nodes, "drop": self.dropped, "blobs": self.blobs}

    def undo(self) -> None:
        """Nothing was sent: neither side knows the new numbers, nor the changes."""
        self.table.dropped = self.dropped + self.table.dropped
        self.table.forget(self.new)
        for entry, last in reversed(self.noted):
            entry.last = last

    def slot(self, value: Any, depth: int = 0) -> Any:
        """A value as it stands in a node: itself if that is simple, else [number of its node]."""
        kind = type(value)
        if kind in SIMPLE and (kind is not int or -1 << 63 <= value < 1 << 63):
            return value
        index = self.made.get(id(value))
        return [self.node_of(value, kind, depth) if index is None else index]

    def node_of(self, value: Any, kind: type, depth: int) -> int:
        """Make the node of a value met for the first time in this message; its number."""
        self.keep.append(value)
        if kind is tuple:
            return self.put(value, self.group("tuple", value, depth))
        if what := containers.KIND_OF.get(kind):
            return self.container(what, value)
        if what := arrays.kind(value):
            return self.array(what, value)
        if what := tables.kind(value):
            return self.table_of(what, value, depth)
        node = scalars.encode(value) or tables.encode(value)
        if node is None and kind is frozenset and all_data(value):
            node = self.group("frozenset", value, depth)
        elif node is None and kind is slice:
            node = self.group("slice", (value.start, value.stop, value.step), depth)
        elif node is None and issubclass(kind, BaseException):
            node = self.group("exception", exceptions.describe(value, trace=False), depth)
        elif node is None and self.imports and (place := importable(value)):
            node = ["imported", *place]
        return self.put(value, node or self.left_over(value))

    def left_over(self, value: Any) -> Node:
        """The node of what is no data."""
        return self.outgoing(value, nested=id(value) not in self.named)

    def put(self, value: Any, node: Node) -> int:
        """Append a finished node; its number."""
        self.nodes.append(node)
        self.made[id(value)] = len(self.nodes) - 1
        return len(self.nodes) - 1

    def group(self, tag: str, parts: Collection[Any], depth: int) -> Node:
        """The node of something that cannot change: its parts come before it."""
        if depth > DEEP:
            raise NotPackable(f"tuples nested more than {DEEP} deep cannot be handed over")
        self.fits(parts)
        return [tag, *[self.slot(part, depth + 1) for part in parts]]

    def container(self, kind: str, value: Any) -> int:
        """Note a container; what it holds is put in later, since it may hold itself."""
        number = self.table.find(value)
        if number is not None:
            return self.put(value, ["known", number])
        parts = containers.items(kind, value)
        if not is_whole(kind, value, parts):
            return self.put(value, self.left_over(value))
        entry = Listed(kind, value)
        number = self.table.new()
        self.new.append(number)
        self.table.add(number, entry, value)
        return self.later(number, entry, parts)

    def later(self, number: int, entry: Listed, parts: list[Any]) -> int:
        """A container's node, filled when its turn comes; its number."""
        self.fits(parts)
        index = self.put(entry.value, [entry.kind, number])
        self.noted.append((entry, entry.last))
        entry.last = parts
        self.queue.append((index, parts, self.root))
        return index

    def fits(self, parts: Collection[Any]) -> None:
        """NotPackable if these are more parts than a node can have."""
        if len(parts) > LONGEST_LIST - 10:
            raise NotPackable(f"a value of {len(parts):,} parts is too large to be handed over")

    def drain(self) -> None:
        """Put into the containers' nodes what they hold."""
        while self.queue:
            index, parts, self.root = self.queue.pop()
            self.nodes[index] += [self.slot(part) for part in parts]
        self.root = None

    def array(self, what: str, value: Any) -> int:
        """The node of an array or a tensor, its memory's before it if that is new."""
        known = self.table.find(value)
        entry = None if known is None else self.table.arrays[known]
        if entry is not None and entry.last == arrays.look(what, value):
            return self.put(value, ["known", known])
        weak = self.table.weak
        memory, shape, strides, first = arrays.behind(what, value, weak, careful=False)
        rule = arrays.rule(what, value)
        number = None
        if memory is not None:
            number, start = self.table.memory_around(memory)
            if number is None and weak and memory.size != value.nbytes:
                memory, shape, strides, first = arrays.behind(what, value, weak, careful=True)
                assert memory is not None
            if rule and (number is None or self.table.memory[number].rule != rule):
                # what lies in its gaps keeps to no such rule
                memory, shape, strides, first = arrays.behind(what, value, weak, careful=True)
                assert memory is not None
                number, start = self.table.memory_around(memory)
            if number is None:
                number = self.memory(what, memory)
            first += start
            self.table.memory[number].rule = rule or self.table.memory[number].rule
            self.told.add(number)
        if known is None or entry is None:
            entry = Arrayed(what, value, weak)
            known = self.table.new()
            self.new.append(known)
            self.table.add(known, entry, value)
        else:
            self.noted.append((entry, entry.last))
            entry.note(value)
        entry.memory = number
        self.told.add(known)
        dtype, flag = arrays.told(what, value)
        return self.put(
            value, [what, known, number, dtype, list(shape), list(strides), first, flag]
        )

    def memory(self, what: str, memory: Memory) -> int:
        """Put new memory into the message; its number."""
        self.room(memory.size)
        number = self.table.new()
        self.new.append(number)
        self.table.add_memory(number, memory)
        self.bytes(number, memory, memory.read(), "array" if what == "array" else "tensor")
        return number

    def bytes(self, number: int, memory: Memory, now: bytes, what: str) -> None:
        """Put in the node of memory's bytes."""
        self.noted.append((memory, memory.last))
        memory.last = now
        self.told.add(number)
        self.blobs.append(now)
        self.nodes.append(["memory", number, len(now), len(self.blobs) - 1, what])

    def room(self, size: int) -> None:
        """NotPackable if so many bytes more are too many."""
        self.size += size
        if self.size > LIMIT:
            raise too_large(self.size)

    def table_of(self, what: str, value: Any, depth: int) -> int:
        """The node of a table."""
        number = self.table.find(value)
        if number is not None:
            return self.put(value, ["known", number])
        parts = tables.take_apart(value, all_leaves)
        if parts is None or not tables.comes_back(what, parts):
            return self.put(value, self.left_over(value))
        number = self.table.new()
        self.new.append(number)
        self.table.add(number, Tabled(what, value, self.table.weak, parts), value)
        return self.put(value, self.parts_of_table(what, number, parts, depth))

    def parts_of_table(self, what: str, number: int, parts: Parts, depth: int) -> Node:
        """The node of a table that is made of these parts; its objects come before it."""
        self.room(sum(map(len, parts.raws)))
        self.told.add(number)
        first = len(self.blobs)
        self.blobs += parts.raws
        cells = self.group(what, parts.objects, depth)[1:]
        return [what, number, parts.like, first, len(parts.raws), *cells]

    def changes(self) -> None:
        """Put in the nodes of all memory, arrays and tensors that changed since the last message."""
        for number, memory in self.table.memory.items():
            if (owner := memory.alive()) is not None and (now := memory.read()) != memory.last:
                self.room(memory.size)
                self.keep.append(owner)
                self.bytes(number, memory, now, "same")
        for number, entry in list(self.table.arrays.items()):
            value = entry.get()
            if value is None:
                continue
            self.root = number
            if entry.kind != "array" and not arrays.is_bare(value):
                raise no_longer(entry.kind)
            if arrays.look(entry.kind, value) != entry.last:
                if not arrays.follows(entry.kind, value, entry.last):
                    raise no_longer(entry.kind)
                self.keep.append(value)
                self.array(entry.kind, value)
            self.root = None

    def changed_tables(self) -> list[tuple[int, Tabled, Any, Parts]]:
        """The tables that changed since the last message, with what they are made of now."""
        found = []
        for number, entry in self.table.tables.items():
            if (value := entry.get()) is None:
                continue
            parts = tables.take_apart(value, all_leaves)
            if parts is not None and parts.same(entry.last):
                continue
            if parts is None or not tables.can_follow(entry.kind, entry.last, parts):
                self.root = number
                raise no_longer(entry.kind)
            found.append((number, entry, value, parts))
        return found

    def changed_table(self, number: int, entry: Tabled, value: Any, parts: Parts) -> None:
        """Put in the node of a table that changed."""
        self.root = number
        self.keep.append(value)
        self.noted.append((entry, entry.last))
        entry.last = parts
        self.put(value, self.parts_of_table(entry.kind, number, parts, 0))
        self.root = None

    def changed_lists(self) -> None:
        """Put in the nodes of all lists and their like that changed since the last message."""
        for number, entry in list(self.table.lists.items()):
            now = entry.changed()
            if now is not None:
                self.root = number
                if not is_whole(entry.kind, entry.value, now):
                    raise no_longer(entry.kind)
                self.later(number, entry, now)
                self.root = None


def no_longer(kind: str) -> NotPackable:
    """What is raised for a value that was handed over as data and has become something else."""
    return NotPackable(f"a {kind} that was handed over is no data any more")


def is_whole(kind: str, value: Any, parts: list[Any]) -> bool:
    """Whether a container that holds these parts is data, if perhaps with handles as its values."""
    return containers.is_plain(kind, value) and all_data(containers.keys(kind, parts))


def is_data(value: Any) -> bool:
    """Whether a value is data, with all that it holds; False, too, for what is too large to be looked through."""
    return all_data([value])


def all_leaves(values: Iterable[Any]) -> bool:
    """Whether all of these are data, with no table in them."""
    return all_data(values, tabled=False)


def all_data(values: Iterable[Any], tabled: bool = True) -> bool:
    """Whether all of these are data; if not `tabled`, a table is none."""
    left = [value for value in values if type(value) not in SIMPLE]
    seen: set[int] = set()
    while left:
        value = left.pop()
        kind = type(value)
        if kind in SIMPLE or id(value) in seen:
            continue
        if kind is tuple or kind is frozenset or kind is slice or kind in containers.KIND_OF:
            seen.add(id(value))
            parts = held(kind, value)
            if parts is None or len(left) + len(seen) > MOST:
                return False
            left += [part for part in parts if type(part) not in SIMPLE]
        elif not is_leaf(kind, value, tabled):
            return False
    return True


def held(kind: type, value: Any) -> Iterable[Any] | None:
    """What a value holds that must be data for it to be some; None if it is none in any case."""
    if kind is tuple or kind is frozenset:
        return value
    if kind is slice:
        return value.start, value.stop, value.step
    name = containers.KIND_OF[kind]
    return containers.items(name, value) if containers.is_plain(name, value) else None


def is_leaf(kind: type, value: Any, tabled: bool) -> bool:
    """Whether a value that holds no others is data."""
    try:
        return (
            arrays.kind(value) is not None
            or scalars.encode(value) is not None
            or tables.encode(value) is not None
            or tabled
            and tables.kind(value) is not None
            and is_table(value)
            or issubclass(kind, BaseException)
        )
    except NotPackable:  # too large
        return False


def is_table(value: Any) -> bool:
    """Whether a table is data."""
    parts = tables.take_apart(value, all_leaves)
    return parts is not None and tables.comes_back(tables.kind(value) or "", parts)


def importable(value: Any) -> tuple[str, str] | None:
    """(module, qualified name) of a function or class of Python or of an installed library, else None."""
    kind = type(value)  # and no isinstance(), which may ask a handle for its class
    if not (issubclass(kind, IMPORTED) or kind.__name__ in NUMPY_FUNCTIONS):
        return None
    paths = [getattr(value, name, None) for name in ("__qualname__", "__name__")]
    for module in (getattr(value, "__module__", None), *PLACES):
        for path in paths:
            if type(module) is type(path) is str and is_installed(module):
                found = sys.modules.get(module)
                for name in path.split("."):
                    found = getattr(found, name, None)
                if found is value:
                    return module, path
    return None


def is_installed(module: str) -> bool:
    """Whether a module is Python's own, or one of an installed library."""
    top = module.partition(".")[0]
    if top in ("__main__", "proctor"):
        return False
    if top in sys.stdlib_module_names:
        return True
    file = getattr(sys.modules.get(top), "__file__", None)
    return type(file) is str and file.startswith(INSTALLED)
