"""What is tracked by what it holds: lists, dicts and the like, and texts in memory that are written like files."""

import array
import io
import operator
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any

from proctor.codecs.scalars import TYPES

KINDS: dict[str, type] = {
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
PAIRS: dict[str, Callable[[Any], Any]] = {
    "dict": dict.items,
    "OrderedDict": OrderedDict.items,
    "Counter": dict.items,
    "defaultdict": dict.items,
}
FILES: dict[str, type] = {"StringIO": str, "BytesIO": bytes}
BY_VALUE = ("bytearray", "array.array", *FILES)  # which hold no objects that could be the same
WITH_ATTRIBUTES = ("OrderedDict", "Counter", *FILES)
CODES = "bBhHiIlLqQfd"  # of array.array; its characters are not handed over
LONGEST = 1 << 40
BEYOND = 1 << 16  # how far behind its end a file's place may be


def is_plain(kind: str, value: Any) -> bool:
    """Whether what a container holds is all there is to it."""
    if kind in WITH_ATTRIBUTES:
        return not vars(value)
    if kind == "defaultdict":
        return is_factory(value.default_factory)
    if kind == "deque":
        return value.maxlen is None or value.maxlen < LONGEST
    return kind != "array.array" or value.typecode in CODES


def is_factory(value: Any) -> bool:
    """Whether this may make a defaultdict's values: nothing does, or a builtin type."""
    return value is None or type(value) is type and TYPES.get(value.__name__) is value


def keys(kind: str, parts: list[Any]) -> list[Any]:
    """Those of a container's parts that are hashed."""
    if kind == "set":
        return parts
    return parts[kind == "defaultdict" :: 2] if kind in PAIRS else []


def items(kind: str, value: Any) -> list[Any]:
    """What a container holds, as a flat list."""
    if kind == "list":
        return value[:]
    if kind in PAIRS:
        parts = [value.default_factory] if kind == "defaultdict" else []
        for pair in PAIRS[kind](value):
            parts += pair
        return parts
    if kind == "bytearray":
        return [bytes(value)]
    if kind == "array.array":
        return [value.typecode, value.tobytes()]
    if kind in FILES:
        return [None, 0] if value.closed else [value.getvalue(), value.tell()]
    if kind == "deque":
        return [value.maxlen, *value]
    return list(value)


def differ(kind: str, now: list[Any], before: list[Any]) -> bool:
    """Whether a container holds something else than before."""
    if len(now) != len(before):
        return True
    if kind in BY_VALUE:
        return now != before
    if kind == "deque" and now[0] == before[0]:
        return not all(map(operator.is_, now[1:], before[1:]))
    return not all(map(operator.is_, now, before))


def empty(kind: str, parts: list[Any]) -> Any:
    """A container of this kind for these parts, still without them."""
    if kind == "deque":
        return deque(maxlen=parts[0])
    return array.array(parts[0]) if kind == "array.array" else KINDS[kind]()


def fits(kind: str, parts: list[Any]) -> bool:
    """Whether a container of this kind can hold these parts."""
    if kind == "list" or kind == "set":
        return True
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
            and type(parts[1]) is bytes
            and len(parts[1]) % array.array(parts[0]).itemsize == 0
        )
    if kind == "bytearray":
        return len(parts) == 1 and type(parts[0]) is bytes
    if kind in FILES:
        return (
            len(parts) == 2
            and type(parts[0]) in (FILES[kind], type(None))
            and type(parts[1]) is int
            and 0 <= parts[1] <= len(parts[0] or "") + BEYOND
        )
    if kind == "defaultdict":
        return len(parts) % 2 == 1 and is_factory(parts[0])
    return len(parts) % 2 == 0


def fill(kind: str, value: Any, parts: list[Any]) -> None:
    """Let a container hold exactly `parts`, in place; ValueError where they say that it is another one."""
    if kind == "list":
        value[:] = parts
    elif kind == "bytearray":
        value[:] = parts[0]
    elif kind == "array.array":
        if value.typecode != parts[0]:
            raise ValueError("an array.array of another kind")
        del value[:]
        value.frombytes(parts[1])
    elif kind in FILES:
        rewrite(value, *parts)
    elif kind == "deque":
        if value.maxlen != parts[0]:
            raise ValueError("a deque of another length")
        value.clear()
        value.extend(parts[1:])
    elif kind == "set":
        value.clear()
        value.update(parts)
    else:
        value.clear()
        if kind == "defaultdict":
            value.default_factory = parts[0]
            parts = parts[1:]
        for key, part in zip(parts[::2], parts[1::2], strict=True):
            value[key] = part


def rewrite(file: Any, content: str | bytes | None, place: int) -> None:
    """Let a file in memory hold this content, and be at this place; None for a closed one."""
    if content is None:
        file.close()
        return
    file.seek(0)
    file.truncate()
    file.write(content)
    file.seek(place)
