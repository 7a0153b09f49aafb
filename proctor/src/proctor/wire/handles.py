"""Owns what a handle says of the object that stays behind: its kind, its type's name, and which operations it offers."""

import asyncio
import copy
import dataclasses
import inspect
import operator
import sys
import types

KINDS = ("instance", "function", "builtin", "method", "class", "generator", "coroutine", "module")
OFFERS = (
    "__call__",
    "__len__",
    "__iter__",
    "__next__",
    "__getitem__",
    "__setitem__",
    "__delitem__",
    "__contains__",
    "__enter__",
    "__reversed__",
    "__await__",
    "__dataclass_fields__",
    "based",
)  # based: it holds what a plain type holds, and more
BINARY = (
    "add",
    "sub",
    "mul",
    "matmul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "lshift",
    "rshift",
    "and_",
    "or_",
    "xor",
)
INPLACE = (
    "iadd",
    "isub",
    "imul",
    "imatmul",
    "itruediv",
    "ifloordiv",
    "imod",
    "ipow",
    "ilshift",
    "irshift",
    "iand",
    "ior",
    "ixor",
)
BASES = {
    kind.__name__: kind
    for kind in (int, float, complex, str, bytes, list, tuple, dict, set, frozenset)
}
READ = {
    "int": int.__int__,
    "float": float.__float__,
    "str": str.__str__,
    "bytes": bytes.__bytes__,
    "complex": complex.__complex__,
    "dict": lambda value: dict(dict.items(value)),
}
LIBRARIES = {"numpy", "torch"}  # that both sides have
UNARY = ("neg", "pos", "abs", "invert")
COMPARE = ("eq", "ne", "lt", "le", "gt", "ge")


def kind_of(value):
    """Which of KINDS an object is."""
    kind = type(value)
    if issubclass(kind, type):
        return "class"
    for name, of in (
        ("function", types.FunctionType),
        ("builtin", types.BuiltinFunctionType),
        ("method", types.MethodType),
        ("generator", types.GeneratorType),
        ("coroutine", types.CoroutineType),
        ("module", types.ModuleType),
    ):
        if issubclass(kind, of):
            return name
    return "instance"


def offers(value):
    """Which of OFFERS an object's type has, as bits."""
    spaces = [vars(base) for base in type.__dict__["__mro__"].__get__(type(value))]
    found = 0
    for bit, name in enumerate(OFFERS[:-1]):
        if next((space[name] for space in spaces if name in space), None) is not None:
            found |= 1 << bit
    return found | int(callable(value))


def named(value, attribute):
    """A text attribute of a hostile or plain object, or ""."""
    try:
        text = getattr(value, attribute)
    except BaseException:  # whatever a student's own __getattr__ does
        return ""
    return str.__str__(text)[:200] if isinstance(text, str) else ""


def described(value, derives="", based=False):
    """What is told of an object, after its number; `derives` is what both sides know of what its class derives from."""
    kind = type(value)
    return [
        kind_of(value),
        offers(value) | based << len(OFFERS) - 1,
        named(kind, "__name__"),
        named(kind, "__module__"),
        derives,
    ]


def base_of(kind):
    """The name of the plain type that a class derives from, else None."""
    return next(
        (base.__name__ for base in type.mro(kind) if BASES.get(base.__name__) is base), None
    )


def plain(value):
    """What an object whose class derives from a plain type holds, read by that type's own methods."""
    name = base_of(type(value))
    return READ[name](value) if name in READ else BASES[name](BASES[name].__iter__(value))


def library(module):
    """Whether a module is Python's own, or one of the libraries that both sides have."""
    top = module.split(".")[0]
    return (top in sys.stdlib_module_names and top != "__main__") or top in LIBRARIES


def signature(function):
    """A signature as plain data: for each parameter its name, its kind, whether it has a default and which, its annotation in a
    tuple, which is empty for none; last the same of what it returns."""
    found = inspect.signature(function)
    empty = found.empty
    return (
        *(
            (
                name,
                int(one.kind),
                one.default is not empty,
                None if one.default is empty else one.default,
                () if one.annotation is empty else (one.annotation,),
            )
            for name, one in found.parameters.items()
        ),
        (
            "return",
            0,
            False,
            None,
            () if found.return_annotation is empty else (found.return_annotation,),
        ),
    )


def space(kind):
    """What a class itself defines, by name."""
    return {
        name: value
        for name, value in type.__getattribute__(kind, "__dict__").items()
        if name not in ("__dict__", "__weakref__")
    }


def fields(kind):
    """A dataclass's fields as plain data: for each its name, its type, whether it has a default and which."""
    return tuple(
        (
            one.name,
            one.type,
            one.default is not dataclasses.MISSING,
            None if one.default is dataclasses.MISSING else one.default,
        )
        for one in dataclasses.fields(kind)
    )


def wait(coroutine):
    """What a coroutine returns."""
    return asyncio.new_event_loop().run_until_complete(coroutine)


def operations():
    """What `operate` may do, by name."""
    found = {name: getattr(operator, name) for name in (*BINARY, *INPLACE, *UNARY, *COMPARE)}
    found |= {
        "divmod": divmod,
        "len": len,
        "bool": bool,
        "iter": iter,
        "next": next,
        "reversed": reversed,
        "str": str,
        "repr": repr,
        "format": format,
        "isinstance": isinstance,
        "issubclass": issubclass,
        "dir": dir,
        "plain": plain,
        "copy": copy.copy,
        "deepcopy": copy.deepcopy,
        "signature": signature,
        "await": wait,
        "getitem": operator.getitem,
        "setitem": operator.setitem,
        "delitem": operator.delitem,
        "contains": operator.contains,
        "delattr": delattr,
        "space": space,
        "fields": fields,
        "enter": lambda value: type(value).__enter__(value),
        "exit": lambda value, *error: type(value).__exit__(value, *error),
        "send": lambda value, sent: value.send(sent),
        "close": lambda value: value.close(),
        "throw": lambda value, error: value.throw(error),
    }
    return found
