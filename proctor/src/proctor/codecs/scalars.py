"""The values beyond msgpack's that cannot change: how each is written as a node, and made again from one that may lie.

A function that writes gives None for a value that would not come back the same.
"""

import datetime
import re
import sys
import zoneinfo
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePath, PurePosixPath
from typing import Any
from uuid import UUID, SafeUUID

from proctor.codecs.arrays import DTYPE, is_plain
from proctor.codecs.frames import NotPackable
from proctor.codecs.memory import check

Node = list[Any]
SIMPLE = frozenset({type(None), bool, int, float, str, bytes})
TYPES = {
    kind.__name__: kind
    for kind in (
        int,
        float,
        str,
        list,
        dict,
        tuple,
        set,
        frozenset,
        bool,
        bytes,
        complex,
        bytearray,
        range,
        slice,
        object,
        type(None),
    )
}
TORCH_DTYPES = set(
    [
        "float16",
        "float32",
        "float64",
        "bfloat16",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "bool",
        "complex32",
        "complex64",
        "complex128",
        "qint8",
        "quint8",
        "qint32",
        "float8_e4m3fn",
        "float8_e5m2",
    ]
)
NUMPY_TYPES = set(
    [
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "float32",
        "float64",
        "longdouble",
        "complex64",
        "complex128",
        "str_",
        "bytes_",
        "ndarray",
    ]
)
MOST_DIGITS = 1 << 17  # bytes of an integer
MOST_PART = 1 << 13  # bytes of an integer in a fraction
SCALE = 6200  # the largest power of ten of a Decimal
LONGEST_PATH = 4096
MOST_AXES = 64
ZONE = re.compile(r"[A-Za-z][\w+-]{0,30}(/[A-Za-z][\w+-]{0,30}){0,2}", re.ASCII)
MICROSECOND = datetime.timedelta(microseconds=1)


def whole(value: int, most: int = MOST_DIGITS) -> bytes:
    """An integer's bytes; NotPackable if there are more than `most`."""
    size = value.bit_length() // 8 + 1
    if size > most:
        raise NotPackable(
            f"an integer of {size:,} bytes cannot be handed over; at most {most:,} can"
        )
    return value.to_bytes(size, "little", signed=True)


def number(data: Any, most: int = MOST_DIGITS) -> int:
    """The integer of these bytes; ValueError if they are none, or too many."""
    if type(data) is not bytes or len(data) > most:
        raise ValueError("an integer too large")
    return int.from_bytes(data, "little", signed=True)


def counts(*parts: Any) -> None:
    """ValueError unless all of these are integers."""
    if not all(type(part) is int for part in parts):
        raise ValueError("a number that is none")


def encode(value: Any) -> Node | None:
    """The node of a value; None if it is none of these, or would not come back the same."""
    kind = type(value)
    write = WRITE.get(kind)
    if write is not None:
        return write(value)
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if torch is not None:
        if kind is torch.Size:
            return ["size", *value] if all(type(count) is int for count in value) else None
        if kind is torch.dtype:
            name = str(value).removeprefix("torch.")
            return ["torch dtype", name] if name in TORCH_DTYPES else None
        if kind is torch.device:
            return ["device"] if str(value) == "cpu" else None
    return None if numpy is None else encode_numpy(value, kind, numpy)


def encode_numpy(value: Any, kind: type, numpy: Any) -> Node | None:
    """The node of a numpy scalar or dtype, else None."""
    if issubclass(kind, numpy.generic):
        dtype = numpy.generic.dtype.__get__(value)
        if dtype.type is not kind or not is_plain(dtype, numpy):
            return None
        if dtype.kind in "SU":
            return ["text", str.__str__(value) if dtype.kind == "U" else bytes.__bytes__(value)]
        return ["scalar", dtype.str, numpy.generic.tobytes(value)]
    if issubclass(kind, numpy.dtype):
        plain = is_plain(value, numpy) and value.subdtype is None
        return ["dtype", value.str] if plain and type(numpy.dtype(value.str)) is kind else None
    return None


def encode_type(value: type) -> Node | None:
    """The node of a type that is known by name, else None."""
    name = value.__name__
    if TYPES.get(name) is value:
        return ["type", name]
    numpy = sys.modules.get("numpy")
    if numpy is not None and name in NUMPY_TYPES and getattr(numpy, name, None) is value:
        return ["numpy type", name]
    return None


def encode_fraction(value: Fraction) -> Node | None:
    """The node of a fraction of integers."""
    parts = value.numerator, value.denominator
    if not all(type(part) is int for part in parts):
        return None
    return ["fraction", *[whole(part, MOST_PART) for part in parts]]


def encode_decimal(value: Decimal) -> Node:
    """The node of a Decimal, as text."""
    large = value.is_finite() and value and abs(value.adjusted()) > SCALE
    if large or len(value.as_tuple().digits) > SCALE:
        raise NotPackable("a Decimal as large or small as this cannot be handed over")
    return ["decimal", str(value)]


def encode_zone(value: datetime.tzinfo | None) -> Node | None:
    """What tells a time's zone: its offset in microseconds, with its name if it has one; or its name alone."""
    if value is None:
        return []
    if type(value) is datetime.timezone:
        offset, *name = value.__getinitargs__()  # type: ignore[attr-defined]
        return None if name and type(name[0]) is not str else [offset // MICROSECOND, *name]
    if type(value) is not zoneinfo.ZoneInfo or type(value.key) is not str:
        return None
    try:
        known = zoneinfo.ZoneInfo(value.key) if ZONE.fullmatch(value.key) else None
    except (KeyError, ValueError, OSError):
        return None
    return [value.key] if known is value else None


def zoned(tag: str, zone: datetime.tzinfo | None, *parts: int) -> Node | None:
    """The node of what has a zone."""
    told = encode_zone(zone)
    return None if told is None else [tag, *parts, *told]


def encode_datetime(value: datetime.datetime) -> Node | None:
    """The node of a date with a time."""
    day = value.year, value.month, value.day
    clock = value.hour, value.minute, value.second, value.microsecond, value.fold
    return zoned("datetime", value.tzinfo, *day, *clock)


def encode_time(value: datetime.time) -> Node | None:
    """The node of a time of the day."""
    clock = value.hour, value.minute, value.second, value.microsecond, value.fold
    return zoned("time", value.tzinfo, *clock)


def encode_uuid(value: UUID) -> Node | None:
    """The node of a UUID."""
    return ["uuid", value.bytes] if value.is_safe is SafeUUID.unknown else None


WRITE: dict[type, Callable[[Any], Node | None]] = {
    int: lambda value: ["int", whole(value)],
    complex: lambda value: ["complex", value.real, value.imag],
    type(...): lambda value: ["ellipsis"],
    range: lambda value: ["range", whole(value.start), whole(value.stop), whole(value.step)],
    type: encode_type,
    Fraction: encode_fraction,
    Decimal: encode_decimal,
    datetime.date: lambda value: ["date", value.year, value.month, value.day],
    datetime.time: encode_time,
    datetime.datetime: encode_datetime,
    datetime.timedelta: lambda value: [
        "timedelta",
        value.days,
        value.seconds,
        value.microseconds,
    ],
    datetime.timezone: lambda value: zoned("timezone", value),
    zoneinfo.ZoneInfo: lambda value: zoned("timezone", value),
    UUID: encode_uuid,
    type(Path()): lambda value: ["path", str(value)],
    PurePosixPath: lambda value: ["pure path", str(value)],
}


def make_complex(real: Any, imag: Any) -> complex:
    """A complex number."""
    if not type(real) is type(imag) is float:
        raise ValueError("no complex number")
    return complex(real, imag)


def make_decimal(text: Any) -> Decimal:
    """A Decimal of this text, if it is of reasonable size."""
    if type(text) is not str or len(text) > SCALE + 50:
        raise ValueError("no decimal")
    value = Decimal(text)
    if value.is_finite() and value and abs(value.adjusted()) > SCALE:
        raise ValueError("a decimal too large or small")
    return value


def make_date(year: Any, month: Any, day: Any) -> datetime.date:
    """A date."""
    counts(year, month, day)
    return datetime.date(year, month, day)


def make_timedelta(days: Any, seconds: Any, micro: Any) -> datetime.timedelta:
    """A length of time."""
    counts(days, seconds, micro)
    return datetime.timedelta(days, seconds, micro)


def make_zone(first: Any, *name: Any) -> datetime.tzinfo:
    """A zone, by its offset in microseconds and perhaps a name, or by its name alone."""
    if type(first) is str:
        if name or not ZONE.fullmatch(first):
            raise ValueError("no zone")
        try:
            return zoneinfo.ZoneInfo(first)
        except OSError as error:  # a folder of zones
            raise ValueError("no zone") from error
    counts(first)
    if name and type(name[0]) is not str:
        raise ValueError("no zone")
    return datetime.timezone(datetime.timedelta(microseconds=first), *name)


def make_time(*parts: Any) -> datetime.time:
    """A time of the day: five numbers and what tells its zone."""
    counts(*parts[:5])
    hour, minute, second, micro, fold = parts[:5]
    zone = make_zone(*parts[5:]) if parts[5:] else None
    return datetime.time(hour, minute, second, micro, zone, fold=fold)


def make_datetime(*parts: Any) -> datetime.datetime:
    """A date with a time: eight numbers and what tells its zone."""
    counts(*parts[:8])
    *numbers, fold = parts[:8]
    zone = make_zone(*parts[8:]) if parts[8:] else None
    year, month, day, hour, minute, second, micro = numbers
    return datetime.datetime(year, month, day, hour, minute, second, micro, zone, fold=fold)


def make_uuid(data: Any) -> UUID:
    """A UUID of these bytes."""
    if type(data) is not bytes:
        raise ValueError("no UUID")
    return UUID(bytes=data)


def make_path(kind: type[PurePath], text: Any) -> PurePath:
    """A path, of which only the text came."""
    if type(text) is not str or len(text) > LONGEST_PATH:
        raise ValueError("no path")
    return kind(text)


def make_scalar(text: Any, data: Any) -> Any:
    """A numpy scalar of these bytes."""
    import numpy

    dtype = make_dtype(text)
    if (
        not dtype.isnative
        or dtype.kind in "SU"
        or type(data) is not bytes
        or dtype.itemsize != len(data)
    ):
        raise ValueError("no scalar")
    if dtype.kind == "b":
        check("truth", data)
    return numpy.frombuffer(data, dtype)[0]


def make_text(text: Any) -> Any:
    """A numpy scalar of text or bytes."""
    import numpy

    if type(text) not in (str, bytes):
        raise ValueError("no text")
    return numpy.str_(text) if type(text) is str else numpy.bytes_(text)


def make_dtype(text: Any) -> Any:
    """A numpy dtype."""
    import numpy

    if type(text) is not str or not DTYPE.fullmatch(text):
        raise ValueError("no dtype")
    return numpy.dtype(text)


def make_named(module: str, allowed: set[str], name: Any) -> Any:
    """What a library has by this name, if it is on the list."""
    if type(name) is not str or name not in allowed:
        raise ValueError("an unknown name")
    __import__(module)
    return getattr(sys.modules[module], name)


def make_size(*parts: Any) -> Any:
    """A torch.Size."""
    import torch

    counts(*parts)
    if len(parts) > MOST_AXES or not all(0 <= part < 1 << 40 for part in parts):
        raise ValueError("no size")
    return torch.Size(parts)


MAKE: dict[str, Callable[..., Any]] = {
    "int": number,
    "complex": make_complex,
    "ellipsis": lambda: ...,
    "range": lambda start, stop, step: range(number(start), number(stop), number(step)),
    "type": lambda name: TYPES[name],
    "fraction": lambda above, below: Fraction(number(above, MOST_PART), number(below, MOST_PART)),
    "decimal": make_decimal,
    "date": make_date,
    "time": make_time,
    "datetime": make_datetime,
    "timedelta": make_timedelta,
    "timezone": make_zone,
    "uuid": make_uuid,
    "path": lambda text: make_path(Path, text),
    "pure path": lambda text: make_path(PurePosixPath, text),
    "scalar": make_scalar,
    "text": make_text,
    "dtype": make_dtype,
    "torch dtype": lambda name: make_named("torch", TORCH_DTYPES, name),
    "numpy type": lambda name: make_named("numpy", NUMPY_TYPES, name),
    "device": lambda: make_named("torch", {"device"}, "device")("cpu"),
    "size": make_size,
}
