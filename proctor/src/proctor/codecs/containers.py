"""Owns what is tracked by what it holds: lists, dicts and the like, and texts in memory that are written like files."""

import array
import io
import operator
from collections import Counter, OrderedDict, defaultdict, deque

KINDS = {
    "list": list,
    "dict": dict,
    "set": set,
    "deque": deque,
    "OrderedDict": OrderedDict,
    "Counter": Counter,
    "defaultdict": defaultdict,
    "bytearray": bytearray,
    "StringIO": io.StringIO,
    "BytesIO": io.BytesIO,
    "array.array": array.array,
}
KIND_OF = {kind: name for name, kind in KINDS.items()}
PAIRS = {
    "dict": dict.items,
    "OrderedDict": OrderedDict.items,
    "Counter": dict.items,
    "defaultdict": dict.items,
}
FILES = {"StringIO": str, "BytesIO": bytes}
BY_VALUE = (
    "bytearray",
    "array.array",
    *FILES,
)  # what they hold is no objects that could be the same
CODES = "bBhHiIlLqQfd"  # of array.array; its characters are not handed over
LONGEST, LENGTHS = 1 << 40, {}
BEYOND = 1 << 16  # how far behind its end a file's place may be


def kind_of(kind):
    """Which of KINDS a class is or derives from, else None."""
    for base in kind.__mro__:
        if base in KIND_OF:
            return KIND_OF[base]
    return None


def items(kind, value):
    """What a container holds, as a flat list, read by the base class's own methods."""
    if kind == "bytearray":
        return [bytes(memoryview(value))]
    if kind == "array.array":
        if value.typecode not in CODES:
            raise TypeError("an array.array of characters cannot be handed over")
        return [value.typecode, array.array.tobytes(value)]
    if kind in FILES:
        of = KINDS[kind]
        return [None, 0] if value.closed else [of.getvalue(value), of.tell(value)]
    if kind in PAIRS:
        first = [defaultdict.default_factory.__get__(value)] if kind == "defaultdict" else []
        return first + [part for pair in PAIRS[kind](value) for part in pair]
    if kind == "deque":
        return [longest(value), *deque.__iter__(value)]
    return list(KINDS[kind].__iter__(value))


def longest(value):
    """How many a deque holds at most, always the same number; None for any number."""
    found = deque.maxlen.__get__(value)
    return LENGTHS.setdefault(found, found) if found is not None and found < LONGEST else None


def empty(kind, parts):
    """A container of this kind for these parts, still without them."""
    if kind == "deque":
        return deque(maxlen=parts[0])
    return array.array(parts[0]) if kind == "array.array" else KINDS[kind]()


def fits(kind, parts):
    """Whether a container of this kind can hold these parts."""
    if kind == "deque":
        return bool(parts) and (
            parts[0] is None or type(parts[0]) is int and 0 <= parts[0] < LONGEST
        )
    if kind == "array.array":
        return (
            len(parts) == 2
            and type(parts[0]) is str
            and len(parts[0]) == 1
            and parts[0] in CODES
            and isinstance(parts[1], bytes)
            and len(parts[1]) % array.array(parts[0]).itemsize == 0
        )
    if kind == "bytearray":
        return len(parts) == 1 and isinstance(parts[0], bytes)
    if kind in FILES:
        return (
            len(parts) == 2
            and type(parts[0]) in (FILES[kind], type(None))
            and type(parts[1]) is int
            and 0 <= parts[1] <= len(parts[0] or "") + BEYOND
        )
    if kind == "defaultdict":
        return len(parts) % 2 == 1 and (parts[0] is None or callable(parts[0]))
    return kind not in PAIRS or len(parts) % 2 == 0


def fill(kind, value, parts):
    """Let a container hold exactly `parts`, in place."""
    if kind == "bytearray":
        value[:] = parts[0]
    elif kind == "list":
        list.__setitem__(value, slice(None), parts)
    elif kind == "array.array":
        if value.typecode != parts[0]:
            raise ValueError("an array.array of another kind")
        del value[:]
        value.frombytes(parts[1])
    elif kind in FILES:
        rewrite(value, *parts)
    else:
        value.clear()
        if kind == "deque":
            if longest(value) != parts[0]:
                raise ValueError("a deque of another length")
            value.extend(parts[1:])
        for part in parts if kind == "set" else ():
            value.add(part)
        if kind == "defaultdict":
            value.default_factory, *parts = parts
        if kind in PAIRS:
            for key, part in zip(parts[::2], parts[1::2]):
                value[key] = part


def rewrite(file, content, place):
    """Let a file in memory hold this content, and be at this place; None for a closed one."""
    if content is None:
        return file.close()
    file.seek(0)
    file.truncate()
    file.write(content)
    return file.seek(place)


class Listed:
    """A container; `last` is what both sides knew it to hold, `owner` the instance whose attributes these are, if there is one."""

    def __init__(self, kind, value, last=None):
        self.kind, self.value, self.last, self.owner = kind, value, last, None

    def get(self):
        """The container."""
        return self.value

    def changed(self):
        """What it holds now, if that is something else; None if not."""
        now = items(self.kind, self.value)
        if self.last is not None and len(now) == len(self.last):
            same = (
                now == self.last
                if self.kind in BY_VALUE
                else all(map(operator.is_, now, self.last))
            )
            return None if same else now
        return now
