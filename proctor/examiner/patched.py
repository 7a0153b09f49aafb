"""Owns that what a test puts in the place of a library's function or of a builtin is there for the student's code, too, while it lasts."""

import types
from unittest import mock

from proctor.wire import handles

INSTALLED = []


class Patches:
    """The functions that stand in for others at the moment: {(module, name): function}."""

    def __init__(self):
        self.now, self.said = {}, {}

    def watch(self):
        """Notice from now on what unittest.mock's patch does."""
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
        if self.now == self.said:
            return {}
        self.said = dict(self.now)
        return {"patches": [[*place, lend("callback", value)[1]] for place, value in self.now.items()]}


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
