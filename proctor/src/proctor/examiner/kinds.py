"""Owns what kind of thing a name stands for: data that may change, a function or class that may not, a library that only computes."""

import types

# Whose functions compute and nothing else, so that a test may be given them here under a name that the student's code chose.
COMPUTING = {
    "numpy",
    "torch",
    "math",
    "cmath",
    "statistics",
    "random",
    "itertools",
    "functools",
    "collections",
    "string",
    "re",
    "json",
    "csv",
    "datetime",
    "calendar",
    "decimal",
    "fractions",
    "numbers",
    "copy",
    "heapq",
    "bisect",
    "operator",
    "textwrap",
    "typing",
    "dataclasses",
    "enum",
    "abc",
}
PLAIN = {
    "builtins",
    "numpy",
    "torch",
    "pandas",
    "collections",
    "datetime",
    "decimal",
    "fractions",
    "pathlib",
}  # whose values may be plain data


def computes(name, module, attribute):
    """Whether an import brings a library that only computes, or a part of it under its own name."""
    return module.split(".")[0] in COMPUTING and attribute in ("", name)


def owned(value):
    """What an instructor's cell bound: "fixed", a module, class or function; "data", the rest."""
    named = (
        isinstance(value, (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType))
        or callable(value)
        and hasattr(value, "__name__")
    )
    return "fixed" if named else "data"


def plain(value):
    """Whether a value is data and nothing else, which an open cell may be there to let a student change."""
    return (
        owned(value) == "data"
        and not callable(value)
        and type(value).__module__.split(".")[0] in PLAIN
    )
