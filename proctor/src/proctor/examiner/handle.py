"""Handles: what a test holds of an object that stays in the candidate.

A handle can be called, indexed and asked for an attribute, which asks the candidate. Everything else
that Python can do with an object needs data, and is NotData.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proctor.examiner.client import Client

NEAR = "__near__"  # the one name with underscores that is answered, for support modules
ARITHMETIC = (
    "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and or xor "
    "radd rsub rmul rmatmul rtruediv rfloordiv rmod rdivmod rpow rlshift rrshift rand ror rxor "
    "iadd isub imul imatmul itruediv ifloordiv imod ipow ilshift irshift iand ior ixor "
    "neg pos abs invert round trunc floor ceil index int float complex"
)
WHAT = {
    "compared": "eq ne lt le gt ge",
    "calculated with": ARITHMETIC,
    "used as a key or put into a set": "hash",
    "asked whether it is true": "bool",
    "measured by len()": "len length_hint",
    "gone through": "iter next reversed aiter anext",
    "searched by `in`": "contains",
    "made text": "str repr format bytes fspath",
    "changed": "setitem delitem setattr delattr",
    "used by `with`": "enter exit aenter aexit",
    "awaited": "await",
    "used as a class": "instancecheck subclasscheck",
    "copied or pickled": "copy deepcopy reduce reduce_ex getstate",
    "listed by dir()": "dir",
}


class NotData(Exception):
    """A test asked of a student's object what only plain data can answer."""


@dataclass
class Link:
    """Which object of which candidate a handle stands for, and how it was come by."""

    client: Client
    generation: int
    number: int
    path: Path
    kind: str
    origin: tuple[str, ...] | None = (
        None  # a name and attributes by which it can be asked for again
    )

    def __del__(self) -> None:
        self.client.let_go(self.generation, self.number)


@dataclass(frozen=True)
class Path:
    """How a value was come by: the name it began with, and the last step.

    What lies between is left out, for a list that is linked ten times is no other place than one
    that is linked three times.
    """

    root: str
    last: str

    def step(self, step: str) -> Path:
        """The path of what a step gives: ".name" for an attribute, "()", "[]" or "*" (within it)."""
        if step.startswith("."):
            return Path(self.root, step)
        return self if self.last.endswith(step) else Path(self.root, self.last + step)

    def __str__(self) -> str:
        return self.last if self.root == self.last.rstrip("()[]*") else f"{self.root}…{self.last}"


def link(handle: Handle) -> Link:
    """A handle's Link."""
    return object.__getattribute__(handle, "_link")


def is_handle(value: object) -> bool:
    """Whether a value is a handle; isinstance() would ask it for its class."""
    return issubclass(type(value), Handle)


class Handle:
    """Stands for an object in the candidate.

    Each is of a class of its own: `type(a) is type(b)` asks nobody, and must not hold of two objects
    whatever their classes are there.
    """

    __slots__ = ("_link", "__weakref__")
    _link: Link

    def __new__(cls, made: Link) -> Handle:
        return object.__new__(type(cls.__name__, (cls,), {"__slots__": ()}))

    def __init__(self, made: Link) -> None:
        object.__setattr__(self, "_link", made)

    def __getattribute__(self, name: str) -> Any:
        if name == NEAR:
            return object.__getattribute__(self, "_near")
        if name.startswith("__") and name.endswith("__"):
            raise refused(self, f"asked for its {name}")
        return link(self).client.attribute(self, name)

    def __getitem__(self, key: Any) -> Any:
        return link(self).client.item(self, key)

    def _near(self, module: str, name: str, *arguments: Any) -> Any:
        """What a support module's function says of the object where that lives."""
        return link(self).client.near(self, module, name, arguments)


class CallableHandle(Handle):
    """Stands for an object in the candidate that can be called."""

    __slots__ = ()

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return link(self).client.call(self, arguments, named)


def refused(handle: Handle, what: str) -> NotData:
    """The NotData for something that was done with a handle, noted."""
    made = link(handle)
    return made.client.note(
        f"{made.path} is {made.kind}, an object and no data, so it cannot be {what}. "
        "Compare data it holds: numbers, text, lists, arrays, tables."
    )


def refuse(what: str) -> Any:
    """A method that refuses."""

    def method(self: Handle, *arguments: Any, **named: Any) -> Any:
        raise refused(self, what)

    return method


for _what, _names in WHAT.items():
    for _name in _names.split():
        setattr(Handle, f"__{_name}__", refuse(_what))
