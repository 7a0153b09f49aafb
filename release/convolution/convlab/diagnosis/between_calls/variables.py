"""The data that a function reads besides its arguments, and how to put other data in their place.

These are the variables of the notebook, closures, default values and attributes.
"""

import collections
import contextlib
import dis
import functools
import random
import types
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any

import numpy as np
import torch

MOST = 60  # functions, classes and objects that are looked into
GENERATORS = (torch.Generator, np.random.Generator, np.random.RandomState, random.Random)
DATA = (
    type(None),
    bool,
    int,
    float,
    complex,
    np.generic,
    torch.Tensor,
    np.ndarray,
    list,
    tuple,
    dict,
    set,
    collections.deque,
    range,
    Iterator,
    *GENERATORS,
)
CACHED = type(functools.lru_cache(len))
MISSING = object()  # the value of a name that is not there


class Variable:
    """Data outside a function that it reads: what stands in `space` under `key`.

    `name` is how a learner writes it, `stored` whether the function's code writes to that place.
    """

    def __init__(self, name: str, space: Any, key: Any, stored: bool = False) -> None:
        self.name, self.space, self.key, self.stored = name, space, key, stored

    @property
    def value(self) -> Any:
        """What stands there now; MISSING if nothing does."""
        try:
            return self.space[self.key]
        except (KeyError, AttributeError, ValueError):
            return MISSING

    def put(self, value: Any) -> None:
        """Let `value` stand there."""
        if value is not MISSING:
            self.space[self.key] = value
        elif self.value is not MISSING:
            del self.space[self.key]

    def replaceable(self) -> bool:
        """Whether something else can stand there at all."""
        try:
            self.put(self.value)
            return True
        except Exception:  # whatever a class of one's own does
            return False

    @contextlib.contextmanager
    def holding(self, value: Any) -> Iterator[None]:
        """Let `value` stand there during the block, and afterwards what stood there before."""
        before = self.value
        try:
            self.put(value)
            yield
        finally:
            self.put(before)


@contextlib.contextmanager
def all_holding(values: Iterable[tuple[Variable, Any]]) -> Iterator[None]:
    """Let each Variable of these pairs hold the value beside it during the block."""
    with contextlib.ExitStack() as stack:
        for variable, value in values:
            stack.enter_context(variable.holding(value))
        yield


class Attributes:
    """The attributes of `owner` (a class, a closure's cell) as a dictionary."""

    def __init__(self, owner: Any) -> None:
        self.owner = owner

    def __getitem__(self, key: Any) -> Any:
        return getattr(self.owner, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        setattr(self.owner, key, value)

    def __delitem__(self, key: Any) -> None:
        delattr(self.owner, key)


class Defaults(Attributes):
    """The default values of a function's last arguments, by number."""

    def __getitem__(self, key: Any) -> Any:
        return self.owner.__defaults__[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        values = list(self.owner.__defaults__)
        values[key] = value
        self.owner.__defaults__ = tuple(values)

    def __delitem__(self, key: Any) -> None:
        raise KeyError(key)  # an argument without a default is another function


def variables_of(conv2d: Any) -> tuple[list[Variable], set[str]]:
    """The Variables that `conv2d` reads, and all names that its code mentions.

    The functions, classes and objects that it uses count too, if they were written where it was.
    """
    search = VariableSearch()
    with contextlib.suppress(Exception):  # objects may resist being looked at
        search.search(conv2d)
    return [variable for variable in search.found.values() if variable.replaceable()], search.names


class VariableSearch:
    """Looks at a function, then at everything it uses that was written in the same `namespace`."""

    def __init__(self) -> None:
        self.queue: list[Any] = []
        self.done: list[Any] = []
        self.found: dict[tuple[str, int], Variable] = {}
        self.names: set[str] = set()
        self.namespace: dict[str, Any] = {}

    def search(self, conv2d: Any) -> None:
        """Look at `conv2d` and at everything it leads to."""
        self.queue, self.namespace = [conv2d], namespace_of(conv2d)
        while self.queue and len(self.done) < MOST:
            thing = self.queue.pop(0)
            if not any(thing is other for other in self.done):
                self.done.append(thing)
                self.look(thing)

    def look(self, thing: Any) -> None:
        """Note the data that `thing` holds or reads, and what else is to be looked at."""
        if isinstance(thing, types.FunctionType):
            if thing.__globals__ is self.namespace:
                self.function(thing)
        elif isinstance(thing, functools.partial):
            self.queue.append(thing.func)
            self.space("", thing.keywords)
        elif isinstance(thing, types.MethodType):
            self.queue += thing.__func__, thing.__self__
        elif isinstance(thing, (staticmethod, classmethod)):
            self.queue.append(thing.__func__)
        elif isinstance(thing, type):
            if self.ours(thing):
                for base in filter(self.ours, thing.__mro__):
                    self.space(
                        f"{base.__name__}.",
                        {key: value for key, value in vars(base).items() if not dunder(key)},
                        Attributes(base),
                    )
                    self.queue += (
                        value
                        for value in vars(base).values()
                        if callable(value) or hasattr(value, "__func__")
                    )
        elif hasattr(thing, "__wrapped__"):
            self.queue.append(thing.__wrapped__)
        elif self.ours(type(thing)):
            self.queue.append(type(thing))
            self.space("self.", vars(thing))
            for part in ("_parameters", "_buffers"):
                self.space("self.", vars(thing).get(part, {}))

    def function(self, function: types.FunctionType) -> None:
        """Note what a function reads from the notebook, its closure, defaults and attributes."""
        codes = [function.__code__]
        for code in codes:
            codes += (value for value in code.co_consts if isinstance(value, types.CodeType))
        steps = [step for code in codes for step in dis.get_instructions(code)]
        self.names.update(str(step.argval) for step in steps if step.opname.startswith("LOAD_"))
        stored = {
            step.argval
            for step in steps
            if step.opname in ("STORE_GLOBAL", "DELETE_GLOBAL", "STORE_DEREF")
        }
        for name in dict.fromkeys(
            step.argval
            for step in steps
            if step.opname in ("LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL")
        ):
            if name in self.namespace:
                self.note(name, self.namespace, name, name in stored)
        for name, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        ):
            with contextlib.suppress(ValueError):  # an empty cell
                self.note(
                    name, Attributes(cell), "cell_contents", name in stored, cell.cell_contents
                )
        code, defaults = function.__code__, function.__defaults__ or ()
        for number, value in enumerate(defaults):
            name = code.co_varnames[code.co_argcount - len(defaults) + number]
            self.note(name, Defaults(function), number, False, value)
        self.space("", function.__kwdefaults__ or {})
        self.space(f"{function.__name__}.", vars(function))

    def space(
        self, prefix: str, values: MutableMapping[str, Any], where: Attributes | None = None
    ) -> None:
        """Note all that stands in a dictionary, or in `where` under the dictionary's keys."""
        for key, value in list(values.items()):
            if isinstance(key, str) and not (isinstance(value, dict) and key.startswith("_")):
                self.note(prefix + key, values if where is None else where, key, True, value)

    def note(self, name: str, space: Any, key: Any, stored: bool, value: Any = MISSING) -> None:
        """Keep data as a Variable, and anything else to be looked at."""
        value = space[key] if value is MISSING else value
        if isinstance(value, (*DATA, CACHED)):
            self.found.setdefault(
                (name, id(getattr(space, "owner", space))), Variable(name, space, key, stored)
            )
        if not isinstance(value, (*DATA, str, bytes, types.ModuleType, types.BuiltinFunctionType)):
            self.queue.append(value)

    def ours(self, kind: type) -> bool:
        """Whether a class was written where the function was."""
        return kind.__module__ == self.namespace.get("__name__", "")


def dunder(name: str) -> bool:
    """Whether a name is one of Python's own."""
    return name.startswith("__") and name.endswith("__")


def namespace_of(thing: Any) -> dict[str, Any]:
    """The global variables that the learner's code sees.

    They are those of the first function found behind `thing`; an empty dictionary if there is none.
    """
    for _ in range(MOST):
        if isinstance(thing, types.FunctionType):
            return thing.__globals__
        if isinstance(thing, functools.partial):
            thing = thing.func
        elif isinstance(thing, types.MethodType):
            thing = thing.__func__
        elif hasattr(thing, "__wrapped__"):
            thing = thing.__wrapped__
        else:
            kind = thing if isinstance(thing, type) else type(thing)
            own = [value for value in vars(kind).values() if isinstance(value, types.FunctionType)]
            thing = next((value for value in own if value.__module__ == kind.__module__), None)
    return {}
