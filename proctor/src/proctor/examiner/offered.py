"""Owns the classes of proxies: each has the operations that the student's object offers, and no more."""

from functools import lru_cache
from types import SimpleNamespace

from proctor.wire import handles

from proctor.examiner.operators import BASED
from proctor.examiner.proxy import Proxy, ask, link, must


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
    "__call__": {
        "__call__": lambda self, /, *args, **kwargs: link(self).remote.call(self, args, kwargs)
    },
    "__len__": {"__len__": length},
    "__iter__": {"__iter__": lambda self: ask(self, "iter")},
    "__next__": {
        "__next__": lambda self: link(self).remote.operate("next", (self,), iterating=True)
    },
    "__getitem__": {"__getitem__": lambda self, key: ask(self, "getitem", key)},
    "__setitem__": {
        "__setitem__": lambda self, key, value: ask(self, "setitem", key, value) and None
    },
    "__delitem__": {"__delitem__": lambda self, key: ask(self, "delitem", key) and None},
    "__contains__": {
        "__contains__": lambda self, value: must(ask(self, "contains", value), bool, "in")
    },
    "__enter__": {"__enter__": lambda self: ask(self, "enter"), "__exit__": leave},
    "__reversed__": {"__reversed__": lambda self: ask(self, "reversed")},
    "__await__": {"__await__": wait},
    "__dataclass_fields__": {
        "__dataclass_fields__": {},
        "__dataclass_params__": SimpleNamespace(repr=False),
    },  # an object's own fields are asked for
    "based": BASED,
}
GENERATOR = {
    "send": lambda self, value: link(self).remote.operate("send", (self, value), iterating=True),
    "throw": lambda self, *error: link(self).remote.operate(
        "throw", (self, error[0]), iterating=True
    ),
    "close": lambda self: ask(self, "close"),
}
COROUTINE = {
    "send": finish,
    "throw": lambda self, *error: ask(self, "close"),
    "close": lambda self: ask(self, "close"),
}
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
            return (
                object.__getattribute__(self, wanted)
                if wanted in extra
                else Proxy.__getattribute__(self, wanted)
            )

        members["__getattribute__"] = attribute
    return type(name if name.isidentifier() else "object", (Proxy,), members)
