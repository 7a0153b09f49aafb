"""Owns what a test holds of a student's object: attributes, text and class, asked of the candidate."""

import dataclasses
import inspect
import types
from functools import lru_cache

from proctor.wire import handles

from proctor.examiner import texts
from proctor.examiner.source import code_of

TELLS = (
    "__slots__",
    "__members__",
    "__name__",
    "__qualname__",
    "__module__",
    "__doc__",
    "__annotations__",
    "__defaults__",
    "__kwdefaults__",
    "__wrapped__",
)
CLASS_OF = {
    "function": types.FunctionType,
    "builtin": types.BuiltinFunctionType,
    "method": types.MethodType,
    "class": type,
    "generator": types.GeneratorType,
    "coroutine": types.CoroutineType,
    "module": types.ModuleType,
}
STATE = "_proctor_link"


class Link:
    """Which object of which candidate a proxy stands for; `known` is the class of ours that its class derives from, if there is
    one, `origin` the name it was asked by, with attributes."""

    def __init__(self, remote, generation, number, kind, known=None):
        self.remote, self.generation, self.number, self.kind, self.known, self.origin = (
            remote,
            generation,
            number,
            kind,
            known,
            None,
        )
        # Whether it came out of arithmetic with plain data; may be the difference to what the test expects; is one to a number;
        # is a method that compares. What it holds, if that cannot change.
        self.mixed, self.weighed, self.differs, self.compares, self.held = (
            False,
            False,
            False,
            False,
            None,
        )

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
        raise TypeError(
            f"{what} of the student's object gave {type(result).__name__}, not {kind.__name__}"
        )
    return result


class Proxy:
    """Stands for an object in the student's process."""

    __slots__ = (STATE, "__weakref__")
    __array_ufunc__ = None

    def __init__(self, made):
        object.__setattr__(self, STATE, made)

    def __getattribute__(self, name):
        if name == "__class__":
            made = link(self)
            return (
                heir(made.known, type(self))
                if made.known and made.kind == "instance"
                else CLASS_OF.get(made.kind, type(self))
            )
        if name == "__code__" and link(self).kind == "function":
            return code_of(link(self).remote.get(self, "__name__"), link(self).remote.told.texts)
        if name == "__bases__" and link(self).kind == "class":
            return (
                (link(self).known,)
                if link(self).known
                else must(link(self).remote.get(self, name), tuple, name)
            )
        if name == "__signature__":
            return signature(ask(self, "signature"))
        if link(self).kind == "class" and name in OF_CLASS:
            return OF_CLASS[name](self, name)
        if name == "__dataclass_fields__" and hasattr(type(self), name):
            return fields(self)
        if name == "__dict__":
            if link(self).kind != "instance":
                raise AttributeError("__dict__ of this student's object cannot be asked for")
            return must(link(self).remote.get(self, name), dict, "__dict__")
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
        if link(self).mixed:
            raise TypeError(
                "whether the student's object is true is not asked: it came out of arithmetic with the test's own data"
            )
        return must(ask(self, "bool"), bool, "bool()")

    def __str__(self):
        return must(ask(self, "str"), str, "str()")

    def __repr__(self):
        return must(ask(self, "repr"), str, "repr()")

    def __format__(self, spec):
        if spec and (link(self).differs or link(self).weighed):
            raise TypeError(
                f"the student's {type(self).__name__} is not shown as a number: it is what it says of a difference to the test's own data"
            )
        return must(ask(self, "format", str(spec)), str, "format()")

    def __instancecheck__(self, value):
        return is_proxy(value) and must(ask(value, "isinstance", self), bool, "isinstance()")

    def __subclasscheck__(self, value):
        remote = link(self).remote
        return (is_proxy(value) or remote.is_error_class(value)) and must(
            remote.operate("issubclass", (value, self)), bool, "issubclass()"
        )

    def __near__(self, module, name, *args):
        """Run a support module's function next to the object, in the candidate."""
        return link(self).remote.near(self, module, name, args)

    def __copy__(self):
        return must_be_proxy(ask(self, "copy"))

    def __deepcopy__(self, known):
        return must_be_proxy(ask(self, "deepcopy"))

    def __reduce_ex__(self, protocol):
        raise TypeError("a student's object cannot be pickled here")


def unbound(kind, name):
    """An operation as a class has it, done by that of the object it is given."""
    link(kind).remote.get(kind, name)  # AttributeError
    return lambda one, *others: getattr(must_be_proxy(one), name)(*others)


def space(kind, _):
    """What a class itself defines."""
    return types.MappingProxyType(
        {
            name: value
            for name, value in must(ask(kind, "space"), dict, "__dict__").items()
            if type(name) is str
        }
    )


def fields(proxy, _=None):
    """A dataclass's fields, made of what is told of them; AttributeError for what is none."""
    try:
        told, found = must(ask(proxy, "fields"), tuple, "its fields"), {}
    except TypeError:
        raise AttributeError("__dataclass_fields__") from None
    for part in told:
        name, kind, has, default = must(part, tuple, "a field")
        made = dataclasses.field(default=default) if has is True else dataclasses.field()
        made.name, made.type, made._field_type = (
            must(name, str, "a field's name"),
            kind,
            dataclasses._FIELD,
        )
        found[name] = made
    return found


# What can be asked of a class, beside its attributes.
OF_CLASS = dict.fromkeys(
    (
        f"__{op.strip('_')}__"
        for op in (
            *handles.BINARY,
            *handles.UNARY,
            *handles.COMPARE,
            "str",
            "repr",
            "len",
            "iter",
            "next",
            "getitem",
            "setitem",
            "delitem",
            "contains",
            "reversed",
            "bool",
            "enter",
            "call",
        )
    ),
    unbound,
) | {
    "__dict__": space,
    "__dataclass_fields__": fields,
    "__init__": lambda kind, name: link(kind).remote.get(kind, name),
    "__mro__": lambda kind, name: must(link(kind).remote.get(kind, name), tuple, name),
    "__abstractmethods__": lambda kind, name: must(
        link(kind).remote.get(kind, name), frozenset, name
    ),
    "__flags__": lambda kind, name: (
        must(link(kind).remote.get(kind, name), int, name) & inspect.TPFLAGS_IS_ABSTRACT
    ),
}


def must_be_proxy(value):
    """The value, if it is a student's object; TypeError if not."""
    return value if is_proxy(value) else must(value, Proxy, "a copy")


def told(name, value):
    """An attribute's value; what Python expects to be text must be text, and what it would evaluate must be nothing to run."""
    if name == "__annotations__" and type(value) is dict:
        return texts.annotations(value)
    if (
        name in ("__annotations__", "__name__", "__qualname__", "__module__")
        and type(value) is not str
        or name == "__doc__"
        and type(value) not in (str, type(None))
    ):
        raise AttributeError(name)
    return texts.docstring(value) if name == "__doc__" else value


@lru_cache(maxsize=500)
def heir(known, named):
    """A class that derives from ours as the student's does, for isinstance(); `named` like the student's."""
    try:
        return types.new_class(
            named.__name__, (known,), {}, lambda space: space.update(__module__=named.__module__)
        )
    except Exception:  # not every class lets itself be derived from
        return known


def is_proxy(value):
    """Whether this stands for a student's object."""
    return issubclass(type(value), Proxy)


def signature(parts):
    """A signature made of what is told of it."""
    if (
        type(parts) is not tuple
        or not parts
        or not all(
            type(one) is tuple
            and len(one) == 5
            and type(one[0]) is str
            and type(one[1]) is int
            and 0 <= one[1] <= 4
            for one in parts
        )
    ):
        raise ValueError("no signature found for the student's object")
    empty, noted = (
        inspect.Parameter.empty,
        texts.annotations({one[0]: one[4][0] for one in parts if type(one[4]) is tuple and one[4]}),
    )
    *taken, (answer, *_) = parts
    return inspect.Signature(
        [
            inspect.Parameter(
                name,
                inspect._ParameterKind(kind),
                default=default if has else empty,
                annotation=noted.get(name, empty),
            )
            for name, kind, has, default, _ in taken
        ],
        return_annotation=noted.get(answer, empty),
    )
