"""Owns the names of the instructor's and test cells: which are the instructor's own, and which are asked, when used, of the student."""

import builtins
import contextlib
import importlib
import re

from proctor.examiner.reference import Reference

from proctor.examiner import binding
from proctor.examiner.kinds import computes, owned, plain
from proctor.examiner.proxy import is_proxy
from proctor.examiner.sharing import NOTHING, Sharing

SHELL = re.compile(
    r"__\w*|_\d*|_i+\d*|_[iod]h|In|Out|exit|quit|get_ipython"
)  # what the shell keeps among the names


class Names(Sharing, dict):
    """Globals and locals of the cells. What the reference solution binds is the student's once a student's cell has bound it, so are
    names that nobody else binds; `students` are those that are asked for although something here has that name, `taken` those that
    an instructor's cell binds, `theirs` those that a student's does. `owner` tells of what is here: "data", "fixed", "test"."""

    def __init__(self, remote=None, initial=(), reference=None):
        Sharing.__init__(self)
        dict.__init__(self, initial)
        self.reference, self.libraries = reference or Reference(), {}
        self.owner = dict.fromkeys(self, "fixed")
        self.students, self.taken, self.theirs = set(), set(), set()
        self.asked, self.undone, self.imports = {}, set(), {}
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
            remote.classes.here = lambda name: (
                None if name in self.students else dict.get(self, name)
            )
            remote.alike.names = self
            remote.beforehand.append(self.catch)
            remote.reconnected.append(self.again)

    def begins(self, text):
        """An instructor's cell is about to run: what it binds, and no reference solution does, is not asked of the student even before."""
        if self.reference.known:
            self.taken |= binding.bound(text) - self.reference.answers

    def instructor_ran(self, text):
        """An instructor's cell ran with these names; note what it bound."""
        self.begins(text)
        self.note(owned)
        for name in binding.bound(text):
            self.swapped.pop(name, None)

    def student_ran(self, text, instead=""):
        """A student's cell ran in the candidate, perhaps instead of an open one of the instructor's, whose plain data may be changed."""
        self.asked.clear()
        if self.remote is not None:
            self.remote.told.texts.append(text)
        imports, meant = binding.imported(text), binding.bound(instead)
        for name in binding.bound(text):
            self.theirs.add(name)
            self.swapped.pop(name, None)
            self.imports.pop(name, None)
            if name in imports and computes(name, *imports[name]):
                self.imports[name] = imports[name]
            if (
                name in self.reference.answers
                or name in self.libraries
                or name in meant
                and dict.__contains__(self, name)
                and plain(dict.get(self, name))
            ):
                self.students.add(name)
                self.classes.pop(name, None)

    @contextlib.contextmanager
    def testing(self, text=""):
        """One test cell."""
        self.note(owned)
        self.begins(text)
        self.stage = "test"
        self.find_shared()
        self.asked.clear(), self.undone.clear(), self.mirrored.clear()
        try:
            yield self
        finally:
            self.tell()
            self.stage = "instructor"
            self.note(lambda value: "test", keep=True)
            self.asked.clear(), self.undone.clear(), self.mirrored.clear()

    def note(self, whose, keep=False):
        """Find what was bound since the last time, by whatever way, and whose it is now."""
        for name, value in dict.items(self):
            if name in self.touched or self.seen.get(name, NOTHING) is not value:
                if not (keep and self.owner.get(name) == "data"):
                    self.owner[name] = whose(value)
                self.students.discard(name)
        for name in set(self.owner) - set(self):
            del self.owner[name]
        self.seen, self.touched = dict(dict.items(self)), set()
        self.classes = {
            name: value
            for name, value in self.seen.items()
            if isinstance(value, type)
            and not is_proxy(value)
            and self.owner[name] == "fixed"
            and name not in self.students
        }

    def __getitem__(self, name):
        if self.stage == "test":
            self.catch([name])
        if self.is_asked(name):
            value = self.ask(name)
            if value is not NOTHING and not self.is_refused(name, value):
                return value
        return dict.__getitem__(self, name)

    def is_asked(self, name):
        """Whether a name is to be asked of the student first."""
        return (
            name in self.students
            or self.stage == "test"
            and name in self.shared
            or not dict.__contains__(self, name)
            and name not in self.taken
        )

    def ask(self, name):
        """What the student calls so, NOTHING if there is nothing or it is not to be asked for."""
        if name in self.asked and (
            is_proxy(self.asked[name]) or self.asked_at[name] == self.remote.requests
        ):
            return self.asked[name]
        if (
            self.remote is None
            or type(name) is not str
            or SHELL.fullmatch(name)
            or name in self.undone
        ):
            return NOTHING
        if hasattr(builtins, name) and name not in self.students:
            return NOTHING
        if name in self.libraries and name in self.theirs:
            return self.libraries[name]
        try:
            self.asked[name] = self.ours(name, self.remote.name(name))
        except NameError as error:
            if hasattr(error, "candidate_lines"):
                raise
            self.asked[name] = NOTHING
        self.asked_at[name] = self.remote.requests  # a call since may have bound it anew
        return self.asked[name]

    def ours(self, name, theirs):
        """What the student calls so; a library that only solution cells import is the one of this process, which tells the truth."""
        if name in self.libraries or name not in self.imports or not is_proxy(theirs):
            return self.libraries.get(name, theirs)
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
                dict.pop(self, name, None), self.seen.pop(name, None)
                return
            if self.is_state(name, value) and self.hand_over(name, value):
                return
            if callable(value) and is_proxy(
                self.asked.get(name)
            ):  # instead of the student's function, which the test has used
                self.mirror(name, value)
                self.undone.add(name)
            if type(name) is str and hasattr(builtins, name) and callable(value):
                self.mirror(
                    name, value
                )  # what a function of the notebook would find instead of the builtin
            if (
                name in self.reference.reads
                and self.owner.get(name) == owned(value) == "data"
                and not is_proxy(value)
            ):
                self.mirror(name, value)
            self.swap(name, value)
        self.students.discard(name), self.shared.discard(name)
        dict.__setitem__(self, name, value)
        self.seen[name] = value

    def is_students(self, name):
        """Whether a name is the student's now, or was until the test deleted it."""
        return name in self.undone or self.is_asked(name) and self.ask(name) is not NOTHING

    def __delitem__(self, name):
        if (
            self.stage == "test"
            and self.remote is not None
            and self.is_students(name)
            and name not in self.undone
        ):
            self.remote.unbind(name)
            self.asked.pop(name, None), self.mirrored.pop(name, None)
            self.undone.add(name)
            self.students.discard(name)
            dict.pop(self, name, None)
            return
        if self.mirrored.pop(name, None) is not None and hasattr(builtins, name):
            self.remote.unbind(name)
        dict.__delitem__(self, name)

    def __contains__(self, name):
        return (
            dict.__contains__(self, name)
            or self.stage == "test"
            and self.is_asked(name)
            and self.ask(name) is not NOTHING
        )

    def keys(self):
        """The names, for dir(): in a test the student's too."""
        if self.stage != "test":
            return dict.keys(self)
        return dict.fromkeys(
            [*dict.keys(self), *(name for name in sorted(self.theirs) if name in self)]
        ).keys()

    def get(self, name, default=None):
        """A name's value, or the default."""
        try:
            return self[name]
        except KeyError:
            return default

    def class_name(self, kind):
        """The name of a class that instructor's cells, which the candidate has run too, defined or imported; else None."""
        return next(
            (
                name
                for name, found in self.classes.items()
                if found is kind and name not in self.touched and dict.get(self, name) is kind
            ),
            None,
        )
