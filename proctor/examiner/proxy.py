"""Owns what a test holds of a student's object: operations are asked of the candidate, verdicts never passed by it."""

import inspect
import types
from functools import lru_cache

from proctor.wire import handles

TELLS = ("__name__", "__qualname__", "__module__", "__doc__", "__annotations__", "__defaults__", "__kwdefaults__")
CLASS_OF = {"function": types.FunctionType, "builtin": types.BuiltinFunctionType, "method": types.MethodType, "class": type,
            "generator": types.GeneratorType, "coroutine": types.CoroutineType, "module": types.ModuleType}
STATE = "_proctor_link"


class Link:
    """Which object of which candidate a proxy stands for; `origin` is the name it was asked by, with attributes."""

    def __init__(self, remote, generation, number, kind, origin=None):
        self.remote, self.generation, self.number, self.kind, self.origin = remote, generation, number, kind, origin

    def __del__(self):
        if self.number is not None:
            self.remote.let_go(self)


def link(proxy):
    """A proxy's Link."""
    return object.__getattribute__(proxy, STATE)


def ask(proxy, op, *args):
    """Let the candidate do an operation on the object."""
    return link(proxy).remote.operate(op, (proxy, *args))


def must(result, kind, what):
    """The result, if it is of exactly this class; TypeError if not."""
    if type(result) is not kind:
        raise TypeError(f"{what} of the student's object gave {type(result).__name__}, not {kind.__name__}")
    return result


class Proxy:
    """Stands for an object in the student's process."""

    __slots__ = (STATE, "__weakref__")
    __array_ufunc__ = None

    def __init__(self, made):
        object.__setattr__(self, STATE, made)

    def __getattribute__(self, name):
        if name == "__class__":
            return CLASS_OF.get(link(self).kind, type(self))
        if name == "__signature__":
            return signature(ask(self, "signature"))
        if name == "__dict__":
            raise AttributeError("__dict__ of a student's object cannot be asked for")
        if name.startswith("__") and name.endswith("__") and name not in TELLS:
            return object.__getattribute__(self, name)
        return told(name, link(self).remote.get(self, name))

    def __setattr__(self, name, value):
        link(self).remote.set(self, name, value)

    def __delattr__(self, name):
        ask(self, "delattr", name)

    def __dir__(self):
        return [name for name in ask(self, "dir") if type(name) is str]

    def __hash__(self):
        return object.__hash__(self)

    def __bool__(self):
        return must(ask(self, "bool"), bool, "bool()")

    def __str__(self):
        return must(ask(self, "str"), str, "str()")

    def __repr__(self):
        return must(ask(self, "repr"), str, "repr()")

    def __format__(self, spec):
        return must(ask(self, "format", str(spec)), str, "format()")

    def __instancecheck__(self, value):
        return is_proxy(value) and must(ask(value, "isinstance", self), bool, "isinstance()")

    def __subclasscheck__(self, value):
        remote = link(self).remote
        return (is_proxy(value) or remote.is_error_class(value)) and must(remote.operate("issubclass", (value, self)), bool, "issubclass()")

    def __near__(self, module, name, *args):
        """Run a support module's function next to the object, in the candidate."""
        return link(self).remote.near(self, module, name, args)

    def __reduce_ex__(self, protocol):
        raise TypeError("a student's object cannot be copied or pickled here")


def told(name, value):
    """An attribute's value; what Python expects to be text must be text."""
    if name in ("__name__", "__qualname__", "__module__") and type(value) is not str or name == "__doc__" and type(value) not in (str, type(None)):
        raise AttributeError(name)
    return value


def is_proxy(value):
    """Whether this stands for a student's object."""
    return issubclass(type(value), Proxy)


def signature(parts):
    """A signature made of what is told of it."""
    if type(parts) is not tuple or not all(type(one) is tuple and len(one) == 4 and type(one[0]) is str
                                           and type(one[1]) is int and 0 <= one[1] <= 4 for one in parts):
        raise ValueError("no signature found for the student's object")
    return inspect.Signature([inspect.Parameter(name, inspect._ParameterKind(kind), default=default if has else inspect.Parameter.empty)
                              for name, kind, has, default in parts])


def compared(op):
    """A comparison: with another handle it is asked; with anything else never."""
    def compare(self, other):
        if is_proxy(other) and link(other).remote is link(self).remote:
            return must(ask(self, op, other), bool, "a comparison")
        return {"eq": False, "ne": True}.get(op, NotImplemented)
    return compare


def computed(op, turned=False):
    """An arithmetic operation: asked, and only an object of the student's is taken as its result."""
    def compute(self, *others):
        result = link(self).remote.operate(op, (*others, self) if turned else (self, *others))
        if not is_proxy(result):
            raise TypeError(f"arithmetic with the student's {type(self).__name__} gave plain data ({type(result).__name__}), "
                            "which is not taken: the student's object would pass the verdict")
        return result
    return compute


for _op in handles.COMPARE:
    setattr(Proxy, f"__{_op}__", compared(_op))
for _op in (*handles.BINARY, "divmod"):
    setattr(Proxy, f"__{_op.strip('_')}__", computed(_op))
    setattr(Proxy, f"__r{_op.strip('_')}__", computed(_op, turned=True))
for _op in (*handles.UNARY, *handles.INPLACE):
    setattr(Proxy, f"__{_op}__", computed(_op))


def length(self):
    """len(), a whole number that is not absurd."""
    return must(ask(self, "len"), int, "len()")


def leave(self, kind, error, trace):
    """The end of a with block; the exception itself does not cross."""
    return must(bool(ask(self, "exit", None, None, None)) and error is None, bool, "with")


def finish(self, value=None):
    """Run a coroutine to its end: it hands out nothing before."""
    raise StopIteration(ask(self, "await"))


def wait(self):
    """await."""
    return ask(self, "await")
    yield


OFFERED = {
    "__call__": {"__call__": lambda self, /, *args, **kwargs: link(self).remote.call(self, args, kwargs)},
    "__len__": {"__len__": length},
    "__iter__": {"__iter__": lambda self: ask(self, "iter")},
    "__next__": {"__next__": lambda self: link(self).remote.operate("next", (self,), iterating=True)},
    "__getitem__": {"__getitem__": lambda self, key: ask(self, "getitem", key)},
    "__setitem__": {"__setitem__": lambda self, key, value: ask(self, "setitem", key, value) and None},
    "__delitem__": {"__delitem__": lambda self, key: ask(self, "delitem", key) and None},
    "__contains__": {"__contains__": lambda self, value: must(ask(self, "contains", value), bool, "in")},
    "__enter__": {"__enter__": lambda self: ask(self, "enter"), "__exit__": leave},
    "__reversed__": {"__reversed__": lambda self: ask(self, "reversed")},
    "__await__": {"__await__": wait},
}
GENERATOR = {"send": lambda self, value: link(self).remote.operate("send", (self, value), iterating=True),
             "throw": lambda self, *error: link(self).remote.operate("throw", (self, error[0]), iterating=True),
             "close": lambda self: ask(self, "close")}
COROUTINE = {"send": finish, "throw": lambda self, *error: ask(self, "close"), "close": lambda self: ask(self, "close")}
EXTRA = {"generator": GENERATOR, "coroutine": COROUTINE}


@lru_cache(maxsize=500)
def proxy_class(kind, offered, name, module):
    """The class of proxies of such objects, named like theirs."""
    members = {"__slots__": (), "__module__": module or "__main__"}
    for bit, one in enumerate(handles.OFFERS):
        if offered >> bit & 1:
            members.update(OFFERED[one])
    extra = EXTRA.get(kind, {})
    members.update(extra)
    if extra:
        def attribute(self, wanted):
            return object.__getattribute__(self, wanted) if wanted in extra else Proxy.__getattribute__(self, wanted)
        members["__getattribute__"] = attribute
    return type(name if name.isidentifier() else "object", (Proxy,), members)
