"""Owns that what a test puts in the place of a library's function or of a builtin is there for the student's code, too, while it lasts."""

import builtins
import types
from unittest import mock

from proctor.wire import handles

INSTALLED = []
SPOKEN = (
    "input",
    "print",
)  # builtins that a test replaces by assignment; not `open`: a spy on it would open files of this process


class Patches:
    """The functions that stand in for others at the moment: {(module, name): function}; `first` are the builtins before any test."""

    def __init__(self):
        self.now, self.said, self.first = {}, {}, {}

    def watch(self):
        """Notice from now on what unittest.mock's patch does, and which builtins a test assigns."""
        self.first = self.first or {name: getattr(builtins, name) for name in SPOKEN}
        if not INSTALLED:
            for name in ("__enter__", "__exit__"):
                setattr(mock._patch, name, noticed(name, getattr(mock._patch, name)))
        INSTALLED[:] = [self]

    def entered(self, patch):
        """A patch begins."""
        target = patch.target
        if isinstance(target, types.ModuleType) and handles.library(target.__name__):
            value = getattr(target, patch.attribute)
            if callable(value) and not isinstance(value, type):
                self.now[target.__name__, patch.attribute] = value

    def left(self, patch):
        """A patch ends."""
        if isinstance(patch.target, types.ModuleType):
            self.now.pop((patch.target.__name__, patch.attribute), None)

    def news(self, lend):
        """What the candidate is to be told, where it changed; `lend` gives the number of a function."""
        now = self.assigned() | self.now
        if now == self.said:
            return {}
        self.said = now
        return {"patches": [[*place, lend("callback", value)[1]] for place, value in now.items()]}

    def assigned(self):
        """The builtins that are not what they were before the tests."""
        standing = {name: vars(builtins).get(name) for name in self.first}
        return {
            ("builtins", name): value
            for name, value in standing.items()
            if value is not self.first[name] and callable(value) and not isinstance(value, type)
        }


def noticed(name, method):
    """The method of patch, noticed."""

    def enter(patch):
        result = method(patch)
        INSTALLED[0].entered(patch)
        return result

    def leave(patch, *error):
        INSTALLED[0].left(patch)
        return method(patch, *error)

    return enter if name == "__enter__" else leave
