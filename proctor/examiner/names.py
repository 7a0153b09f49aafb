"""Owns the names of the instructor's and test cells: the instructor's own first, then, asked when used, the student's."""

import builtins
import contextlib
import importlib
import re
import types

from proctor.wire.pack import CannotCross

from . import binding
from .errors import CandidateGone
from .proxy import is_proxy

NOTHING = object()
# Whose functions compute and nothing else, so that a test may be given them here under a name that the student's code chose.
COMPUTING = {"numpy", "torch", "math", "cmath", "statistics", "random", "itertools", "functools", "collections", "string", "re", "json", "csv",
             "datetime", "calendar", "decimal", "fractions", "numbers", "copy", "heapq", "bisect", "operator", "textwrap", "typing", "dataclasses", "enum", "abc"}
SHELL = re.compile(r"__\w*|_\d*|_i+\d*|_[iod]h|In|Out|exit|quit|get_ipython")  # what the shell keeps among the names


class Names(dict):
    """Globals and locals of the cells. `owner` tells whose a name is: "data", "defined" (may be the student's later), "fixed";
    "test data", "test": bound by a test cell."""

    def __init__(self, remote=None, initial=()):
        super().__init__(initial)
        self.owner = dict.fromkeys(self, "fixed")
        self.students, self.asked, self.undone, self.mirrored, self.imports = set(), {}, set(), {}, {}
        self.asked_at = {}
        self.stage, self.touched, self.seen, self.classes = "instructor", set(), dict(self), {}
        self.remote = remote

    @property
    def remote(self):
        """Where the student's names are asked for; None: nowhere yet."""
        return self._remote

    @remote.setter
    def remote(self, remote):
        self._remote = remote
        if remote is not None:
            remote.classes.here = lambda name: dict.get(self, name)
            remote.alike.names = self
            remote.reconnected.append(self.again)

    def instructor_ran(self, text, locked=True):
        """An instructor's cell ran with these names; note what it bound."""
        self.note(lambda value: owned(value, locked))

    def student_ran(self, text):
        """A student's cell ran in the candidate: a name it binds is the student's where the instructor's was but data."""
        self.asked.clear()
        if self.remote is not None:
            self.remote.told.texts.append(text)
        imports = binding.imported(text)
        for name in binding.bound(text):
            self.imports.pop(name, None)
            if name in imports and computes(name, *imports[name]):
                self.imports[name] = imports[name]
            if self.owner.get(name) in ("data", "defined", "test data"):
                self.students.add(name)
                self.classes.pop(name, None)

    @contextlib.contextmanager
    def testing(self):
        """One test cell."""
        self.note(lambda value: owned(value, True))
        self.stage = "test"
        self.asked.clear(), self.undone.clear(), self.mirrored.clear()
        try:
            yield self
        finally:
            self.stage = "instructor"
            self.note(lambda value: "test data" if owned(value, True) == "data" else "test", keep=True)
            self.asked.clear(), self.undone.clear(), self.mirrored.clear()

    def note(self, whose, keep=False):
        """Find what was bound since the last time, by whatever way, and whose it is now."""
        for name, value in dict.items(self):
            if name in self.touched or self.seen.get(name, NOTHING) is not value:
                if not (keep and self.owner.get(name) in ("data", "defined")):
                    self.owner[name] = whose(value)
                self.students.discard(name)
        for name in set(self.owner) - set(self):
            del self.owner[name]
        self.seen, self.touched = dict(dict.items(self)), set()
        self.classes = {name: value for name, value in self.seen.items()
                        if isinstance(value, type) and not is_proxy(value) and self.owner[name] in ("fixed", "defined") and name not in self.students}

    def __getitem__(self, name):
        if name in self.students or not dict.__contains__(self, name):
            value = self.ask(name)
            if value is not NOTHING:
                return value
        return dict.__getitem__(self, name)

    def ask(self, name):
        """What the student calls so, NOTHING if there is nothing or it is not to be asked for."""
        if name in self.asked and (is_proxy(self.asked[name]) or self.asked_at[name] == self.remote.requests):
            return self.asked[name]
        if self.remote is None or type(name) is not str or hasattr(builtins, name) or SHELL.fullmatch(name) or name in self.undone:
            return NOTHING
        try:
            value = self.remote.name(name)
            self.asked[name] = self.ours(name, value) if name in self.imports and is_proxy(value) else value
        except NameError as error:
            if hasattr(error, "candidate_lines"):
                raise
            self.asked[name] = NOTHING
        self.asked_at[name] = self.remote.requests  # a call since may have bound it anew
        return self.asked[name]

    def ours(self, name, theirs):
        """A library that only a student's cell imports, for a test that uses it: the one of this process, which tells the truth."""
        module, attribute = self.imports[name]
        try:
            found = importlib.import_module(module)
            return getattr(found, attribute) if attribute else found
        except (ImportError, AttributeError):
            return theirs

    def __setitem__(self, name, value):
        self.touched.add(name)
        if self.stage == "test" and self.remote is not None:
            if is_proxy(value) and self.is_students(name):
                self.remote.bind(name, value)
                self.undone.discard(name)
                self.asked[name] = value
                dict.pop(self, name, None)
                return
            if callable(value) and is_proxy(self.asked.get(name)):  # instead of the student's function, which the test has used
                self.mirror(name, value)
                self.undone.add(name)
            if type(name) is str and hasattr(builtins, name) and callable(value):
                self.mirror(name, value)  # what a function of the notebook would find instead of the builtin
            if self.owner.get(name) == "data" and owned(value, True) == "data" and not is_proxy(value):
                self.mirror(name, value)
        self.students.discard(name)
        dict.__setitem__(self, name, value)

    def is_students(self, name):
        """Whether a name is the student's now, or was until the test deleted it."""
        return name in self.undone or (name in self.students or not dict.__contains__(self, name)) and self.ask(name) is not NOTHING

    def mirror(self, name, value):
        """Bind plain data for the student's code, too, which may read this name of the notebook."""
        try:
            self.remote.bind(name, value)
            self.mirrored[name] = value
        except (CannotCross, CandidateGone):  # what cannot be handed over is the test's alone
            pass

    def __delitem__(self, name):
        if self.stage == "test" and self.remote is not None and self.is_students(name) and name not in self.undone:
            self.remote.unbind(name)
            self.asked.pop(name, None)
            self.undone.add(name)
            self.students.discard(name)
            dict.pop(self, name, None)
            return
        if self.mirrored.pop(name, None) is not None and hasattr(builtins, name):
            self.remote.unbind(name)
        dict.__delitem__(self, name)

    def __contains__(self, name):
        return dict.__contains__(self, name) or self.stage == "test" and self.ask(name) is not NOTHING

    def get(self, name, default=None):
        """A name's value, or the default."""
        try:
            return self[name]
        except KeyError:
            return default

    def class_name(self, kind):
        """The name of a class that instructor's cells, which the candidate has run too, defined or imported; else None."""
        return next((name for name, found in self.classes.items()
                     if found is kind and name not in self.touched and dict.get(self, name) is kind), None)

    def again(self):
        """A fresh candidate does not know what this test did to the student's names."""
        for name in list(self.undone):
            self.remote.unbind(name)
        for name, value in list(self.mirrored.items()):
            self.remote.bind(name, value)


def computes(name, module, attribute):
    """Whether an import brings a library that only computes, or a part of it under its own name."""
    return module.split(".")[0] in COMPUTING and attribute in ("", name)


def owned(value, locked):
    """Whose a name is that an instructor's cell bound to this value."""
    if isinstance(value, types.ModuleType):
        return "fixed"
    if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)) or callable(value) and hasattr(value, "__name__"):
        return "defined" if not locked and getattr(value, "__module__", None) == "__main__" else "fixed"
    return "data"
