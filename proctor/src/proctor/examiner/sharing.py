"""Owns which values that a test binds are bound for the student's code, too, and which data both then share."""

import collections
import contextlib
import inspect
import types
from unittest import mock

from proctor.codecs.encode import CannotCross

from proctor.examiner.errors import LEAVING, CandidateGone
from proctor.examiner.kinds import plain
from proctor.examiner.proxy import is_proxy

NOTHING = object()
SHARED = (dict, list, set, collections.Counter)


class Sharing:
    """The part of Names that writes to the student's names: `mirrored` is what it bound there in this test, `shared` are names of given data
    that the reference's functions change, `swapped` has what given functions were before a test defined others: here, and there."""

    def __init__(self):
        self.mirrored, self.shared, self.swapped = {}, set(), {}

    def is_state(self, name, value):
        """Whether this is plain data for a name that both the student and the reference solution bind, and that functions of the latter use."""
        return (
            name in self.theirs
            and name in self.reference.answers
            and name in self.reference.states.read
            and not is_proxy(value)
            and plain(value)
        )

    def hand_over(self, name, value):
        """Bind a state for the student's code; whether it is the student's from now on, as it is if the reference's functions change it."""
        if (
            not self.mirror(name, value)
            or name not in self.reference.states.bound | self.reference.states.changed
        ):
            return False
        self.undone.discard(name)
        self.students.add(name)
        self.asked[name], self.asked_at[name] = value, self.remote.requests
        dict.pop(self, name, None), self.seen.pop(name, None)
        return True

    def find_shared(self):
        """A test begins: find the given data that the reference's functions change."""
        self.shared = {
            name
            for name in self.reference.states.changed
            if self.owner.get(name) == "data" and type(dict.get(self, name)) in SHARED
        }

    def is_refused(self, name, value):
        """Whether the student's code put something into the place of shared data that is no such data."""
        return (
            name in self.shared
            and name not in self.students
            and type(value) is not type(dict.get(self, name))
        )

    def swap(self, name, value):
        """Let a function be found by the student's code in the place of a given one that the reference's functions call, or that one again."""
        if (
            name not in self.reference.states.read
            or name in self.reference.answers
            or not stands_in(value)
        ):
            return
        if name not in self.swapped:
            if (
                self.owner.get(name) != "fixed"
                or type(dict.get(self, name)) is not types.FunctionType
            ):
                return
            self.swapped[name] = dict.get(self, name), NOTHING
        theirs = self.original(name)
        if theirs is not NOTHING:
            self.mirror(name, theirs if value is self.swapped[name][0] else value)

    def original(self, name):
        """What the student's code called so before a test put another function there; NOTHING if there is none."""
        own, theirs = self.swapped.get(name, (None, None))
        if theirs is NOTHING:
            with contextlib.suppress(NameError, CandidateGone):
                self.swapped[name] = own, self.remote.name(name)
        return self.swapped.get(name, (None, NOTHING))[1]

    def catch(self, names=None):
        """What a test bound past us, by a `global` statement or a patch of the notebook's module, is bound like anything else."""
        used = self.reference.states.read
        for name in (
            () if self.stage != "test" else used if names is None else used.intersection(names)
        ):
            value = dict.get(self, name, NOTHING)
            if value is not NOTHING and value is not self.seen.get(name, NOTHING):
                self.seen[name] = value
                self[name] = value

    def mirror(self, name, value):
        """Bind plain data for the student's code, too, which may read this name of the notebook; whether it could be done."""
        try:
            self.remote.bind(name, value)
        except (CannotCross, CandidateGone):  # what cannot be handed over is the test's alone
            return False
        self.mirrored[name] = value
        return True

    def again(self):
        """A fresh candidate does not know what this test did to the student's names, and has its given functions anew."""
        for name in list(self.undone):
            self.remote.unbind(name)
        self.swapped = {name: (own, NOTHING) for name, (own, _) in self.swapped.items()}
        for name, value in list(self.mirrored.items()):
            self.original(name)
            self.remote.bind(name, value)

    def tell(self):
        """At the end of a test: what it did last to data that the reference's functions change is told, for the next test asks for it."""
        changed = self.reference.states.changed
        if any(
            type(value) in SHARED and name in changed
            for name, value in [*self.asked.items(), *self.mirrored.items()]
        ) and (not self.remote.lost and self.remote.left()):
            with contextlib.suppress(
                Exception, *LEAVING
            ):  # whatever the candidate says that this has raised
                self.remote.ask("drop")


def stands_in(value):
    """Whether this is a function, or a mock of one: it is called here, and shows the student's code nothing else."""
    return (
        type(value) is types.FunctionType
        and not inspect.iscoroutinefunction(value)
        or isinstance(value, mock.NonCallableMock)
        and callable(value)
    )
