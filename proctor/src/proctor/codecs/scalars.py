"""Owns the plain values beyond msgpack's: how each is written as a node, and made again from one that may lie."""

import datetime
import sys
from collections import namedtuple
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from keyword import iskeyword
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from uuid import UUID

from proctor.codecs import moments
from proctor.codecs.arrays import DTYPE
from proctor.codecs.memory import check

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
TORCH_DTYPES = (
    "float16 float32 float64 bfloat16 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool complex32 complex64 complex128 "
    "qint8 quint8 qint32 float8_e4m3fn float8_e5m2"
).split()
NUMPY_TYPES = (
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 longdouble complex64 complex128 "
    "str_ bytes_ ndarray"
).split()
NUMPY_SCALAR = "biufcSUmM"
MOST_DIGITS, MOST_PART = 1 << 17, 1 << 13  # bytes of an integer, and of one in a fraction
VIEWS = ("keys", "values", "items")
SCALE = 6200  # the largest power of ten of a Decimal


def whole(value, most=MOST_DIGITS):
    """An integer's bytes; TypeError if it is too large to be handed over."""
    size = value.bit_length() // 8 + 1
    if size > most:
        raise TypeError(f"an integer of {size:,} bytes cannot be handed over; at most {most:,} can")
    return value.to_bytes(size, "little", signed=True)


def number(data, most=MOST_DIGITS):
    """The integer of these bytes."""
    if not isinstance(data, (bytes, bytearray)) or len(data) > most:
        raise ValueError("an integer too large")
    return int.from_bytes(data, "little", signed=True)


def decimal(packer, value):
    """A Decimal as text."""
    if (
        value.is_finite()
        and value
        and (abs(value.adjusted()) > SCALE or len(value.as_tuple().digits) > SCALE)
    ):
        raise TypeError("a Decimal as large or small as this cannot be handed over")
    return ["decimal", str(value)]


def view(what):
    """What makes the node of a dict's keys, values or items: the dict's."""
    return lambda packer, value: packer.group("view", (what, dict(value.mapping)), 0)


EXACT = {
    int: lambda packer, value: ["int", whole(value)],
    complex: lambda packer, value: ["complex", value.real, value.imag],
    type(...): lambda packer, value: ["ellipsis"],
    range: lambda packer, value: ["range", *map(whole, (value.start, value.stop, value.step))],
    slice: lambda packer, value: packer.group("slice", (value.start, value.stop, value.step), 0),
    Fraction: lambda packer, value: [
        "fraction",
        whole(value.numerator, MOST_PART),
        whole(value.denominator, MOST_PART),
    ],
    Decimal: decimal,
    datetime.date: lambda packer, value: ["date", value.year, value.month, value.day],
    datetime.time: lambda packer, value: (
        packer.outgoing(value, packer)
        if value.tzinfo
        else ["time", value.hour, value.minute, value.second, value.microsecond, value.fold]
    ),
    datetime.timedelta: lambda packer, value: [
        "timedelta",
        value.days,
        value.seconds,
        value.microseconds,
    ],
    MappingProxyType: lambda packer, value: packer.group("frozen view", (dict(value),), 0),
    UUID: lambda packer, value: ["uuid", whole(value.int)],
    **moments.EXACT,
    type(Path()): lambda packer, value: ["path", str(value)],
    PurePosixPath: lambda packer, value: ["path", str(value)],
    **{type(getattr({}, what)()): view(what) for what in VIEWS},
}


def derived(packer, value, depth):
    """The node of what derives from a plain type, of library scalars and types; None for anything else."""
    kind = type(value)
    for base, exact in (
        (str, str.__str__),
        (int, int.__int__),
        (float, float.__float__),
        (bytes, bytes.__bytes__),
    ):
        if issubclass(kind, base) and not library(kind, "numpy"):
            return (
                ["as", packer.slot(exact(value))]
                if base is not int
                else ["int", whole(exact(value), MOST_DIGITS)]
            )
    if issubclass(kind, complex) and not library(kind, "numpy"):
        return ["complex", complex.real.__get__(value), complex.imag.__get__(value)]
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if torch and kind is torch.Size:
        return ["size", *value]
    if issubclass(kind, tuple):
        return named(packer, value, kind, depth) or packer.group(
            "tuple", tuple.__iter__(value), depth
        )
    if issubclass(kind, frozenset):
        return packer.group("frozenset", frozenset.__iter__(value), depth)
    if kind is type and TYPES.get(value.__name__) is value:
        return ["type", value.__name__]
    if torch and kind is torch.dtype and str(value).removeprefix("torch.") in TORCH_DTYPES:
        return ["torch dtype", str(value).removeprefix("torch.")]
    if torch and kind is torch.device and str(value) == "cpu":
        return ["device"]
    return of_numpy(value, kind, numpy) if numpy else None


def of_numpy(value, kind, numpy):
    """The node of a numpy scalar, dtype or scalar type, else None."""
    if (
        issubclass(kind, numpy.generic)
        and library(kind, "numpy")
        and value.dtype.kind in NUMPY_SCALAR
    ):
        return ["scalar", value.dtype.str, value.tobytes()]
    if (
        issubclass(kind, numpy.dtype)
        and value.kind in NUMPY_SCALAR
        and value.names is None
        and value.subdtype is None
    ):
        return ["dtype", value.str]
    if (
        kind is type
        and value.__module__ == "numpy"
        and getattr(numpy, value.__name__, None) is value
        and value.__name__ in NUMPY_TYPES
    ):
        return ["numpy type", value.__name__]
    return None


def library(kind, home):
    """Whether a class is this library's own."""
    return type.__getattribute__(kind, "__module__") == home


def named(packer, value, kind, depth):
    """The node of a named tuple, else None."""
    fields = getattr(kind, "_fields", None)
    if (
        type(fields) is tuple
        and len(fields) == tuple.__len__(value)
        and fields
        and fits(kind.__name__, fields)
    ):
        return packer.group("named", ((kind.__name__, *fields), *tuple.__iter__(value)), depth)
    return None


def fits(name, fields):
    """Whether these can name a named tuple and its fields."""
    return (
        all(
            type(field) is str
            and len(field) < 100
            and field.isascii()
            and field.isidentifier()
            and not iskeyword(field)
            for field in (name, *fields)
        )
        and not any(field.startswith("_") for field in fields)
        and len(set(fields)) == len(fields) < 100
    )


@lru_cache(maxsize=200)
def named_class(name, fields):
    """The class of named tuples of this name and these fields, one for all of them."""
    return namedtuple(name, fields, module="__main__")


def make_named(head, *values, found=None):
    """A named tuple, of the class that was `found` here for it, if its fields are these."""
    if type(head) is not tuple or len(head) != len(values) + 1 or not fits(head[0], head[1:]):
        raise ValueError("a named tuple with impossible names")
    of = found if getattr(found, "_fields", None) == head[1:] else named_class(head[0], head[1:])
    return tuple.__new__(of, values)


def make_decimal(text):
    """A Decimal of this text, if it is of reasonable size."""
    if type(text) is not str or len(text) > SCALE + 50:
        raise ValueError("no decimal")
    value = Decimal(text)
    if value.is_finite() and value and abs(value.adjusted()) > SCALE:
        raise ValueError("a decimal too large or small")
    return value


def make_uuid(data):
    """A UUID."""
    return UUID(int=number(data))


def make_frozen_view(mapping):
    """A dict that cannot be written to."""
    if type(mapping) is not dict:
        raise ValueError("no dict")
    return MappingProxyType(mapping)


def make_scalar(dtype, data):
    """A numpy scalar."""
    import numpy

    if type(dtype) is not str or not DTYPE.fullmatch(dtype) or len(data) > 1 << 20:
        raise ValueError("no scalar")
    dtype = numpy.dtype(dtype)
    if not dtype.isnative or dtype.itemsize != len(data):
        raise ValueError("no scalar")
    check({"b": "truth", "U": "text"}.get(dtype.kind), data)
    return numpy.frombuffer(bytes(data), dtype)[0] if data else dtype.type()


def make_dtype(text):
    """A numpy dtype."""
    import numpy

    if type(text) is not str or not DTYPE.fullmatch(text):
        raise ValueError("no dtype")
    return numpy.dtype(text)


def of_library(module, name, allowed):
    """An attribute of a library that is on the list."""
    if type(name) is not str or name not in allowed:
        raise ValueError("an unknown name")
    __import__(module)
    return getattr(sys.modules[module], name)


def make_fraction(above, below):
    """A Fraction."""
    return Fraction(number(above, MOST_PART), number(below, MOST_PART))


def make_size(*counts):
    """A torch.Size."""
    import torch

    if len(counts) > 64 or not all(type(count) is int and 0 <= count < 1 << 40 for count in counts):
        raise ValueError("no size")
    return torch.Size(counts)


def make_view(what, mapping):
    """A dict's keys, values or items."""
    if what not in VIEWS or type(mapping) is not dict:
        raise ValueError("no view")
    return getattr(mapping, what)()


def make_path(text):
    """A path, of which only the text came."""
    if type(text) is not str or len(text) > 4096:
        raise ValueError("no path")
    return Path(text)


def make_slice(start, stop, step):
    """A slice."""
    return slice(start, stop, step)


MAKE = {
    "int": number,
    "as": lambda value: value,
    "complex": lambda real, imag: complex(float(real), float(imag)),
    "ellipsis": lambda: ...,
    "range": lambda *ends: range(*map(number, ends)),
    "slice": make_slice,
    "view": make_view,
    "path": make_path,
    "fraction": make_fraction,
    "decimal": make_decimal,
    "date": datetime.date,
    "time": lambda hour, minute, second, micro, fold: datetime.time(
        hour, minute, second, micro, fold=fold
    ),
    "timedelta": datetime.timedelta,
    "named": make_named,
    "scalar": make_scalar,
    "dtype": make_dtype,
    "type": lambda name: TYPES[name],
    "torch dtype": lambda name: of_library("torch", name, TORCH_DTYPES),
    "numpy type": lambda name: of_library("numpy", name, NUMPY_TYPES),
    "device": lambda: of_library("torch", "device", ("device",))("cpu"),
    "uuid": make_uuid,
    "frozen view": make_frozen_view,
    **moments.MAKE,
    "size": make_size,
    "tuple": lambda *parts: parts,
    "frozenset": lambda *parts: frozenset(parts),
}
GROUPS = ("tuple", "frozenset", "slice", "named", "as", "view", "url", "frozen view")
