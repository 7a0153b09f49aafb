"""Owns what is the same on both sides: lists, arrays and memory that crossed, by number, and whether they changed since."""

import sys
import weakref

from proctor.codecs import arrays
from proctor.wire import gradients
from proctor.codecs.containers import Listed

MOST_LISTS, MOST_ITEMS, MOST_MEMORY = 300, 200_000, 64 << 20


class Arrayed:
    """An array or a tensor itself: its shape may change in place, like its numbers."""

    def __init__(self, kind, value, weak):
        self.kind, self.get, self.memory = kind, weakref.ref(value) if weak else lambda: value, None
        self.gradient = None  # the number of the one that both sides knew last
        self.note(value)

    def look(self, value):
        """What tells that an array has another shape or place than before."""
        if self.kind == "array":
            return value.shape, value.strides, value.flags.writeable
        torch = sys.modules["torch"]
        if type(value) is torch.Tensor:
            return value.shape, value.stride(), value.requires_grad, value.data_ptr(), value.dtype
        with torch._C.DisableTorchFunctionSubclass():
            return value.shape, value.stride(), value.requires_grad, value.data_ptr(), value.dtype

    def note(self, value):
        """Remember how it looks."""
        self.last = self.look(value)


class Table:
    """All that is tracked on one side. `weak` is the examiner's: it lets go of what nobody uses; the candidate is told."""

    def __init__(self, weak):
        self.weak, self.next, self.theirs = weak, 2 if weak else 1, 1 if weak else 2
        self.lists, self.arrays, self.memory = {}, {}, {}
        self.number_of, self.places, self.dropped, self.highest = {}, {}, [], self.theirs

    def new(self):
        """The next number of this side."""
        self.next += 2
        return self.next - 2

    def take(self, number):
        """Accept a number of the other side for something new; ValueError if it is not one that can be."""
        if (
            type(number) is not int
            or not self.theirs <= number < 1 << 53
            or (number - self.theirs) % 2
        ):
            raise ValueError("a number that is not new")
        self.highest = max(self.highest, number + 2)
        return number

    def taken(self):
        """A message is read: its numbers are no longer new."""
        self.theirs = self.highest

    def find(self, value):
        """The number of a container, an array or a tensor that is tracked, else None."""
        number = self.number_of.get(id(value))
        entry = number and (self.lists.get(number) or self.arrays.get(number))
        return number if entry and entry.get() is value else None

    def gained(self, entry, value):
        """Whether a tensor has another gradient than both sides knew last, which can cross."""
        gradient = gradients.gathered(value) if entry.kind == "tensor" else None
        if gradient is None:
            return entry.gradient is not None
        known = self.find(gradient)
        return (known is None or known != entry.gradient) and arrays.kind(gradient) is not None

    def add(self, number, entry, value):
        """Track a container, an array or a tensor."""
        (self.lists if isinstance(entry, Listed) else self.arrays)[number] = entry
        self.number_of[id(value)] = number

    def add_memory(self, number, memory):
        """Track memory."""
        self.memory[number] = memory
        if memory.address:
            self.places[memory.address] = number

    def memory_around(self, span):
        """(number, bytes from its begin) of tracked memory that holds this span, or (None, 0)."""
        if not span.base:
            return None, 0
        exact = self.places.get(span.address)
        if exact in self.memory and self.memory[exact].holds(span):
            return exact, 0
        for number, memory in self.memory.items():
            if memory.holds(span):
                return number, span.address - memory.address
        return None, 0

    def forget(self, numbers):
        """Let go of these."""
        for number in numbers:
            entry = self.lists.pop(number, None) or self.arrays.pop(number, None)
            if entry is not None:
                key = id(entry.get())
                if self.number_of.get(key) == number:
                    del self.number_of[key]
            memory = self.memory.pop(number, None)
            if memory is not None and self.places.get(memory.address) == number:
                del self.places[memory.address]

    def held(self, told=frozenset()):
        """Let go of what nobody uses any more; the rest, so that it stays while the other side may speak of it. Numbers `told` stay."""
        kept = {number: entry.get() for number, entry in self.arrays.items()}
        used = {number: memory.alive() for number, memory in self.memory.items()}
        gone = [
            number for holds in (kept, used) for number, value in holds.items() if value is None
        ]
        if (
            len(self.lists) > MOST_LISTS
            or sum(len(entry.last or ()) for entry in self.lists.values()) > MOST_ITEMS
        ):
            gone += self.oldest_lists()
        total = sum(memory.size for memory in self.memory.values())
        for number, memory in self.memory.items():
            if total <= MOST_MEMORY:
                break
            both = [
                number,
                *(other for other, entry in self.arrays.items() if entry.memory == number),
            ]
            if told.isdisjoint(both):
                total -= memory.size
                gone += both
        self.forget(gone)
        self.dropped += gone
        if len(self.number_of) > 2 * (len(self.lists) + len(self.arrays)) + 100:
            self.number_of = {
                id(entry.get()): number
                for entries in (self.lists, self.arrays)
                for number, entry in entries.items()
            }
        return kept, used

    def oldest_lists(self):
        """The lists beyond what is tracked, the oldest first."""
        count, total, numbers = (
            len(self.lists),
            sum(len(entry.last or ()) for entry in self.lists.values()),
            [],
        )
        for number, entry in self.lists.items():
            if count <= MOST_LISTS and total <= MOST_ITEMS:
                break
            count, total = count - 1, total - len(entry.last or ())
            numbers.append(number)
        return numbers

    def new_cell(self):
        """Let go of all lists."""
        numbers = list(self.lists)
        self.forget(numbers)
        self.dropped += numbers
