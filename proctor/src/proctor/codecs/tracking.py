"""What is the same on both sides: containers, arrays and memory that crossed, by number, and whether they changed since."""

import weakref
from collections.abc import Iterable
from typing import Any

from proctor.codecs import arrays, containers
from proctor.codecs.memory import Memory
from proctor.codecs.tables import Tabled

MOST_LISTS = 300
MOST_ITEMS = 200_000  # in all these lists
MOST_TABLES = 100
MOST_MEMORY = 64 << 20  # bytes
MOST_NUMBER = 1 << 53


class Listed:
    """A container; `last` is what both sides knew it to hold, None if that is to be told."""

    def __init__(self, kind: str, value: Any) -> None:
        self.kind = kind
        self.value = value
        self.last: list[Any] | None = None

    def get(self) -> Any:
        """The container."""
        return self.value

    def changed(self) -> list[Any] | None:
        """What it holds now, if that is something else; None if not."""
        now = containers.items(self.kind, self.value)
        changed = (
            self.last is None
            or containers.differ(self.kind, now, self.last)
            or self.kind in containers.WITH_ATTRIBUTES
            and not containers.is_plain(self.kind, self.value)
        )
        return now if changed else None


class Arrayed:
    """An array or a tensor itself: its shape may change in place, like its numbers."""

    def __init__(self, kind: str, value: Any, weak: bool) -> None:
        self.kind = kind
        self.get: Any = weakref.ref(value) if weak else lambda: value
        self.memory: int | None = None
        self.last: tuple[Any, ...] | None = arrays.look(kind, value)

    def note(self, value: Any) -> None:
        """Remember how it looks."""
        self.last = arrays.look(self.kind, value)


Entry = Listed | Arrayed | Tabled


class Tracking:
    """All that is tracked on one side, by number.

    `weak` is the examiner's side: it lets go of what nobody uses, and the candidate is told. Each side gives
    its own numbers, odd or even ones, in order.
    """

    def __init__(self, weak: bool) -> None:
        self.weak = weak
        self.next = 2 if weak else 1
        self.expected = 1 if weak else 2  # the least number the other side may give next
        self.highest = self.expected
        self.lists: dict[int, Listed] = {}
        self.arrays: dict[int, Arrayed] = {}
        self.tables: dict[int, Tabled] = {}
        self.memory: dict[int, Memory] = {}
        self.number_of: dict[int, int] = {}  # by id()
        self.places: dict[int, int] = {}  # by address
        self.dropped: list[int] = []  # of which the other side has yet to be told

    def new(self) -> int:
        """The next number of this side."""
        self.next += 2
        return self.next - 2

    def take(self, number: Any) -> int:
        """Accept a number of the other side for something new; ValueError if it is not one that can be."""
        if (
            type(number) is not int
            or not self.expected <= number < MOST_NUMBER
            or (number - self.expected) % 2
        ):
            raise ValueError("a number that is not new")
        self.highest = max(self.highest, number + 2)
        return number

    def taken(self) -> None:
        """A message is read: its numbers are no longer new."""
        self.expected = self.highest

    def find(self, value: Any) -> int | None:
        """The number of a value that is tracked, else None."""
        number = self.number_of.get(id(value))
        if number is None:
            return None
        entry = self.entry(number)
        return number if entry is not None and entry.get() is value else None

    def entry(self, number: int) -> Entry | None:
        """What is tracked by this number."""
        return self.lists.get(number) or self.arrays.get(number) or self.tables.get(number)

    def known(self, number: Any) -> Any:
        """What is tracked by this number; ValueError if it is nothing."""
        entry = self.entry(number)
        value = None if entry is None else entry.get()
        if value is None:
            raise ValueError("a number of nothing")
        return value

    def add(self, number: int, entry: Entry, value: Any) -> None:
        """Track a container, an array, a tensor or a table."""
        if isinstance(entry, Listed):
            self.lists[number] = entry
        elif isinstance(entry, Arrayed):
            self.arrays[number] = entry
        else:
            self.tables[number] = entry
        self.number_of[id(value)] = number

    def add_memory(self, number: int, memory: Memory) -> None:
        """Track memory."""
        self.memory[number] = memory
        if memory.address:
            self.places[memory.address] = number

    def memory_around(self, span: Memory) -> tuple[int | None, int]:
        """(number, bytes from its begin) of tracked memory that holds this span, or (None, 0)."""
        if not span.base:
            return None, 0
        exact = self.places.get(span.address)
        if exact in self.memory and self.memory[exact].holds(span):
            return exact, 0
        start, end = span.address, span.address + span.size
        for number, memory in self.memory.items():
            near = memory.address <= start and end <= memory.address + memory.size
            if near and memory.holds(span):
                return number, start - memory.address
        return None, 0

    def forget(self, numbers: Iterable[int]) -> None:
        """Let go of these."""
        for number in numbers:
            entry = (
                self.lists.pop(number, None)
                or self.arrays.pop(number, None)
                or self.tables.pop(number, None)
            )
            if entry is not None:
                key = id(entry.get())
                if self.number_of.get(key) == number:
                    del self.number_of[key]
            memory = self.memory.pop(number, None)
            if memory is not None and self.places.get(memory.address) == number:
                del self.places[memory.address]

    def held(self, told: set[int]) -> Any:
        """Let go of what nobody uses any more.

        The rest is returned: it stays as long as that, since the other side may still speak of it. Numbers
        that were just `told` stay.
        """
        kept = {
            number: entry.get()
            for entries in (self.arrays, self.tables)
            for number, entry in entries.items()
        }
        used = {number: memory.alive() for number, memory in self.memory.items()}
        gone = [
            number for holds in (kept, used) for number, value in holds.items() if value is None
        ]
        gone += self.oldest_lists() + list(self.tables)[:-MOST_TABLES]
        gone += self.oldest_memory(told)
        self.forget(gone)
        self.dropped += gone
        if len(self.number_of) > 2 * (len(self.lists) + len(kept)) + 100:
            self.number_of = {
                id(entry.get()): number
                for entries in (self.lists, self.arrays, self.tables)
                for number, entry in entries.items()
            }
        return kept, used

    def oldest_lists(self) -> list[int]:
        """The lists beyond what is tracked, the oldest first."""
        count = len(self.lists)
        total = sum(len(entry.last or ()) for entry in self.lists.values())
        numbers = []
        for number, entry in self.lists.items():
            if count <= MOST_LISTS and total <= MOST_ITEMS:
                break
            count, total = count - 1, total - len(entry.last or ())
            numbers.append(number)
        return numbers

    def oldest_memory(self, told: set[int]) -> list[int]:
        """The memory beyond what is tracked, and what lies in it, the oldest first."""
        total = sum(memory.size for memory in self.memory.values())
        numbers: list[int] = []
        for number, memory in self.memory.items():
            if total <= MOST_MEMORY:
                break
            both = [
                number,
                *(other for other, entry in self.arrays.items() if entry.memory == number),
            ]
            if told.isdisjoint(both):
                total -= memory.size
                numbers += both
        return numbers

    def new_cell(self) -> None:
        """Let go of all lists."""
        numbers = list(self.lists)
        self.forget(numbers)
        self.dropped += numbers
