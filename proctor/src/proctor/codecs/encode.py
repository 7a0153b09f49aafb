"""Owns turning values into a flat list of nodes that refer to each other by number, so that neither depth nor cycles matter."""

from proctor.codecs import arrays, containers, scalars as plain
from proctor.wire import gradients
from proctor.codecs.containers import Listed
from proctor.codecs.tracking import Arrayed

DEEP = 100  # tuples within tuples


class CannotCross(TypeError):
    """A value that cannot be handed over; the message says which."""


class Packer:
    """One message being made. `outgoing(value, packer)` gives the node of what is no plain data, or raises CannotCross;
    `special(value, packer)` that of plain data that is something more, else None. `answer`: tensors tell what they come from."""

    def __init__(self, tracked, outgoing, special=lambda value, packer: None, answer=False):
        self.table, self.outgoing, self.special, self.answer = tracked, outgoing, special, answer
        (
            self.nodes,
            self.blobs,
            self.made,
            self.queue,
            self.keep,
            self.new,
            self.noted,
            self.dropped,
        ) = [], [], {}, [], [], [], [], []
        self.told, self.gained, self.gathered = set(), [], []

    def message(self, fields, let_go=None):
        """The body of a frame for these named values, with all that changed since the last one; `let_go(told)` is called when
        the numbers are known of what changed in memory, whose last holder this may be."""
        self.named = {id(value) for value in fields.values()}
        try:
            self.changes()
            if let_go:
                let_go(self.told)
            self.changed_lists()
            slots = {name: self.slot(value) for name, value in fields.items()}
            self.drain()
            self.gradients()
            self.drain()
        except BaseException:
            self.undo()
            raise
        self.dropped, self.table.dropped = self.table.dropped, []
        return {"fields": slots, "nodes": self.nodes, "drop": self.dropped, "blobs": self.blobs}

    def undo(self):
        """Nothing was sent: neither side knows the new numbers, nor the changes."""
        self.table.dropped = self.dropped + self.table.dropped
        self.table.forget(self.new)
        for entry in self.noted:
            entry.last = None
        for entry in self.gathered:
            entry.gradient = 0

    def slot(self, value, depth=0):
        """A value as it stands in a node: itself if that is simple, else [number of its node]."""
        kind = type(value)
        if (
            value is None
            or kind in (bool, float, str, bytes)
            or kind is int
            and -1 << 63 <= value < 1 << 63
        ):
            return value
        index = self.made.get(id(value))
        return [self.node_of(value, kind, depth) if index is None else index]

    def node_of(self, value, kind, depth):
        """Make the node of a value met for the first time in this message; its number."""
        self.keep.append(value)
        if kind in (tuple, frozenset):
            return self.put(value, self.group(kind.__name__, kind.__iter__(value), depth))
        if encode := plain.EXACT.get(kind):
            return self.put(value, encode(self, value))
        if what := arrays.kind(value):
            return self.array(what, value)
        if kind not in containers.KIND_OF and (node := self.special(value, self)):
            return self.put(value, node)
        if what := containers.kind_of(kind):
            return self.container(what, value)
        if node := plain.derived(self, value, depth):
            return self.put(value, node)
        return self.put(value, self.outgoing(value, self))

    def put(self, value, node):
        """Append a finished node; its number."""
        self.nodes.append(node)
        self.made[id(value)] = len(self.nodes) - 1
        return self.made[id(value)]

    def group(self, tag, parts, depth):
        """The node of something that cannot change: its parts come before it."""
        if depth > DEEP:
            raise CannotCross(f"tuples nested more than {DEEP} deep cannot be handed over")
        return [tag, *[self.slot(part, depth + 1) for part in parts]]

    def container(self, kind, value):
        """Note a container; what it holds is put in later, since it may hold itself."""
        number = self.table.find(value)
        if number is not None:
            return self.put(value, ["known", number])
        entry = Listed(kind, value)
        number = self.table.new()
        self.new.append(number)
        self.table.add(number, entry, value)
        return self.later(number, entry, containers.items(kind, value))

    def later(self, number, entry, parts):
        """A container's node, filled when its turn comes; its number."""
        index = self.put(entry.value, [entry.kind, number])
        entry.last = parts
        self.noted.append(entry)
        self.queue.append((index, parts))
        return index

    def drain(self):
        """Put into the containers' nodes what they hold."""
        while self.queue:
            index, parts = self.queue.pop()
            self.nodes[index] += [self.slot(part) for part in parts]

    def array(self, what, value):
        """The node of an array or a tensor, its memory's before it if that is new."""
        known = self.table.find(value)
        if known is not None and self.table.arrays[known].last == self.table.arrays[known].look(
            value
        ):
            return self.put(value, ["known", known])
        real = arrays.plain(what, value)
        memory, shape, strides, first = arrays.behind(
            what, real, self.table.weak, careful=self.table.weak
        )
        number = None
        if memory is not None:
            number, start = self.table.memory_around(memory)
            rule = arrays.rule(what, value)
            if rule and (
                number is None or self.table.memory[number].rule != rule
            ):  # what lies in its gaps keeps to no such rule
                memory, shape, strides, first = arrays.behind(
                    what, real, self.table.weak, careful=True
                )
                number, start = self.table.memory_around(memory)
            if number is None:
                number = self.memory(what, memory, value)
            first += start
        entry = (
            self.table.arrays[known] if known is not None else Arrayed(what, value, self.table.weak)
        )
        entry.note(value)
        entry.memory = number
        if known is None:
            known = self.table.new()
            self.new.append(known)
            self.table.add(known, entry, value)
        self.noted.append(entry)
        self.told |= {known, number}
        if number is not None:
            self.table.memory[number].rule = rule or self.table.memory[number].rule
        dtype = value.dtype.str if what == "array" else arrays.name(value.dtype)
        flag = bool(value.flags.writeable) if what == "array" else arrays.flag(value)
        node = [what, known, number, dtype, list(shape), list(strides), first, flag]
        if self.answer and what == "tensor" and known in self.new and value.grad_fn is not None:
            node += self.origin(value)
        return self.put(value, node)

    def origin(self, value):
        """What a computed tensor was computed from, as far as the other side knows it: a node's last part, or none."""
        sources = gradients.leaves(value)
        known = [leaf for leaf in sources if self.table.find(leaf) is not None]
        if self.table.weak or not gradients.few(sources):
            sources = known  # the rest is not for the student's code, or too much to be handed over unasked
        return [self.slot((gradients.asked(value, sources), *sources))] if sources else []

    def memory(self, what, memory, value):
        """Put new memory into the message; its number."""
        number = self.table.new()
        self.new.append(number)
        self.table.add_memory(number, memory)
        memory.last = memory.read()
        self.bytes(number, memory, what)
        return number

    def bytes(self, number, memory, what="same"):
        """The node of memory's bytes."""
        self.noted.append(memory)
        self.told.add(number)
        self.blobs.append(memory.last)
        self.nodes.append(["memory", number, len(memory.last), len(self.blobs) - 1, what])
        return len(self.nodes) - 1

    def changes(self):
        """Put in the nodes of all memory, arrays and tensors that changed since the last message."""
        for number, memory in self.table.memory.items():
            if (owner := memory.alive()) is not None and (now := memory.read()) != memory.last:
                memory.last = now
                self.keep.append(owner)
                self.bytes(number, memory)
        for number, entry in list(self.table.arrays.items()):
            value = entry.get()
            if (
                value is not None
                and entry.look(value) != entry.last
                and arrays.kind(value) == entry.kind
            ):
                self.keep.append(value)
                self.array(entry.kind, value)
            if value is not None and self.table.gained(entry, value):
                self.keep.append(value)
                self.told.add(number)
                self.gained.append(number)

    def gradients(self):
        """Put in which gradients were gathered, or forgotten, since the last message."""
        for number in [*self.gained, *self.new]:
            entry = self.table.arrays.get(number)
            value = entry and entry.get()
            if value is not None and self.table.gained(entry, value):
                gradient = gradients.gathered(value)
                self.gathered.append(entry)
                self.nodes.append(["gradient", number, self.slot(gradient)])
                entry.gradient = self.table.find(gradient)

    def changed_lists(self):
        """Put in the nodes of all lists and their like that changed since the last message."""
        for number, entry in list(self.table.lists.items()):
            if (now := entry.changed()) is not None and id(entry.value) not in self.made:
                self.later(number, entry, now)
