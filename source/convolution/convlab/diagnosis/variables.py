"""Owns what a function reads besides its arguments: the data behind its global names, closures, defaults and attributes."""

import collections
import contextlib
import dis
import functools
import random
import types

import numpy as np
import torch

MOST = 60  # functions, classes and objects that are looked into
DICE = (torch.Generator, np.random.Generator, np.random.RandomState, random.Random)
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
    collections.abc.Iterator,
    *DICE,
)
CACHED = type(functools.lru_cache(len))
GONE = object()  # the value of a name that is not there


class Variable:
    """A place outside the function that holds data it reads: `key` of `space`; `stored` if its code writes to that place."""

    def __init__(self, name, space, key, stored=False):
        self.name, self.space, self.key, self.stored = name, space, key, stored

    @property
    def value(self):
        """What stands there now; GONE if nothing does."""
        try:
            return self.space[self.key]
        except (KeyError, AttributeError, ValueError):
            return GONE

    def put(self, value):
        """Let `value` stand there."""
        if value is not GONE:
            self.space[self.key] = value
        elif self.value is not GONE:
            del self.space[self.key]

    def replaceable(self):
        """Whether something else can stand there at all."""
        try:
            self.put(self.value)
            return True
        except Exception:  # whatever a class of one's own does
            return False

    @contextlib.contextmanager
    def holding(self, value):
        """Let `value` stand there during the block, and afterwards what stood there before."""
        before = self.value
        try:
            self.put(value)
            yield
        finally:
            self.put(before)


class Attributes:
    """The attributes of `owner` (a class, a closure's cell) as a dictionary."""

    def __init__(self, owner):
        self.owner = owner

    def __getitem__(self, key):
        return getattr(self.owner, key)

    def __setitem__(self, key, value):
        setattr(self.owner, key, value)

    def __delitem__(self, key):
        delattr(self.owner, key)


class Defaults(Attributes):
    """The default values of a function's last arguments, by number."""

    def __getitem__(self, key):
        return self.owner.__defaults__[key]

    def __setitem__(self, key, value):
        values = list(self.owner.__defaults__)
        values[key] = value
        self.owner.__defaults__ = tuple(values)

    def __delitem__(self, key):
        raise KeyError(key)  # an argument without a default is another function


def variables(conv2d):
    """The Variables of `conv2d` and of the functions, classes and objects of its own that it uses; `names` that code mentions."""
    walk = Walk()
    with contextlib.suppress(Exception):  # objects may resist being looked at
        walk.go(conv2d)
    return [variable for variable in walk.found.values() if variable.replaceable()], walk.names


class Walk:
    """Looks at a function, then at what that uses, as long as it was written where the function was: in `home`."""

    def __init__(self):
        self.queue, self.seen, self.found, self.names, self.home = [], [], {}, set(), {}

    def go(self, conv2d):
        """Look at `conv2d` and at everything it leads to."""
        self.queue, self.home = [conv2d], home(conv2d)
        while self.queue and len(self.seen) < MOST:
            thing = self.queue.pop(0)
            if not any(thing is other for other in self.seen):
                self.seen.append(thing)
                self.look(thing)

    def look(self, thing):
        """Note the data that `thing` holds or reads, and what else is to be looked at."""
        if isinstance(thing, types.FunctionType):
            if thing.__globals__ is self.home:
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

    def function(self, function):
        """Note what a function's code reads from the notebook, its closure, its defaults and its attributes."""
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
            if name in self.home:
                self.note(name, self.home, name, name in stored)
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
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

    def space(self, prefix, values, where=None):
        """Note all that stands in a dictionary, or in `where` under the dictionary's keys."""
        for key, value in list(values.items()):
            if isinstance(key, str) and not (isinstance(value, dict) and key.startswith("_")):
                self.note(prefix + key, values if where is None else where, key, True, value)

    def note(self, name, space, key, stored, value=GONE):
        """Keep data as a Variable, and anything else to be looked at."""
        value = space[key] if value is GONE else value
        if isinstance(value, (*DATA, CACHED)):
            self.found.setdefault(
                (name, id(getattr(space, "owner", space))), Variable(name, space, key, stored)
            )
        if not isinstance(value, (*DATA, str, bytes, types.ModuleType, types.BuiltinFunctionType)):
            self.queue.append(value)

    def ours(self, kind):
        """Whether a class was written where the function was."""
        return kind.__module__ == self.home.get("__name__", "")


def dunder(name):
    """Whether a name is one of Python's own."""
    return name.startswith("__") and name.endswith("__")


def home(thing):
    """The names that the learner's code sees: those of the first function found behind `thing`; none if there is none."""
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
