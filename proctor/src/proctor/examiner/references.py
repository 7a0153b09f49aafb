"""Owns which of the instructor's functions and classes the candidate can import itself: Python's and the libraries' own."""

import sys
import types

from proctor.wire.handles import library

PLACES = ("builtins", "math", "operator", "torch", "torch.nn.functional", "numpy")


def of(value):
    """(module, qualified name) of what can be imported there as here, else None."""
    if isinstance(value, types.ModuleType):
        return (
            (value.__name__, "")
            if library(value.__name__) and sys.modules.get(value.__name__) is value
            else None
        )
    if not callable(value):
        return None
    owner = getattr(value, "__objclass__", None)
    module = getattr(owner or value, "__module__", None)
    paths = [getattr(value, name, None) for name in ("__qualname__", "__name__")]
    for place in (module, *PLACES):
        for path in paths:
            if (
                type(place) is str
                and type(path) is str
                and library(place)
                and leads(place, path) is value
            ):
                return place, path
    return None


def leads(module, path):
    """What a path in a module leads to, None for nothing."""
    found = sys.modules.get(module)
    for name in path.split("."):
        found = getattr(found, name, None)
    return found
