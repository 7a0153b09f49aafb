"""Owns what stands in the candidate for objects of the examiner's: using one asks there."""

import builtins
import operator

from proctor.wire import handles

COMPARED = ("eq", "ne", "lt", "le", "gt", "ge")
LEAVING = (SystemExit, KeyboardInterrupt, GeneratorExit)
DONE = ()  # what is answered when there is no next one


class Callback:
    """A function of the examiner's: calling it asks there."""

    def __init__(self, objects, number, name="", doc=None):
        self._ask, self._number = objects.ask, number
        self.__name__ = self.__qualname__ = name
        self.__doc__ = doc

    def __call__(self, *args, **kwargs):
        return self._ask(self._number, args, kwargs)


def stream(ask, number):
    """A generator over what an iterator of the examiner's gives."""
    while True:
        given = ask(number, (), {})
        if given == DONE:
            return
        yield given[0]


class Thing:
    """An object of the examiner's: attributes and operations ask there."""

    def __init__(self, objects, number):
        vars(self).update(_ask=objects.ask, _number=number)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self._ask(self._number, ("get", name), {})

    def __setattr__(self, name, value):
        self._ask(self._number, ("set", name, value), {})

    def __str__(self):
        return self._ask(self._number, ("str",), {})

    def __repr__(self):
        return self._ask(self._number, ("repr",), {})

    __hash__ = object.__hash__


def operation(name):
    """A method that asks for an operation."""
    return lambda self, *args: self._ask(self._number, (name, *args), {})


def exit_without(self, *error):
    """The end of a with block; the exception itself does not cross."""
    return self._ask(self._number, ("exit", None, None, None), {})


def thing_class(offered, name, made={}):  # noqa: B006 - one class for all of a kind
    """The class of things that offer this."""
    if (offered, name) not in made:
        members = {
            one: operation(one.strip("_"))
            for bit, one in enumerate(handles.OFFERS)
            if offered >> bit & 1 and one.startswith("__") and one != "__dataclass_fields__"
        }
        members |= {
            f"__{op.strip('_')}__": operation(op)
            for op in (*COMPARED, *handles.BINARY, *handles.UNARY)
        }
        members |= {
            "__bool__": operation("bool"),
            "__hash__": object.__hash__,
        }  # which a class with __eq__ has not by itself
        if "__call__" in members:
            members["__call__"] = lambda self, *args, **kwargs: self._ask(
                self._number, ("call", *args), kwargs
            )
        if "__enter__" in members:
            members["__exit__"] = exit_without
        made[offered, name] = type(name, (Thing,), members | {"__module__": "__main__"})
    return made[offered, name]


def is_stranger(value):
    """Whether this stands for an object of the examiner's."""
    return isinstance(value, (Callback, Thing))


def number_of(value):
    """The examiner's number of what a stranger stands for."""
    return operator.index(vars(value)["_number"])


def error(name, text, origin, there=None):
    """The exception that a function of the examiner's raised, as near as it can be told here; `there` is one of ours."""
    kind = getattr(builtins, name, None)
    known = isinstance(kind, type) and issubclass(kind, Exception)
    made = (
        there
        if isinstance(there, BaseException)
        else kind(text)
        if kind in LEAVING
        else (kind.__new__(kind, text) if known else Exception(f"{name}: {text}"))
    )
    made._proctor_origin = origin
    return made
