"""The names of a test: which are the examiner's own, and which are asked of the candidate."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from proctor.examiner.names import NONE, Names

if TYPE_CHECKING:
    from proctor.examiner.client import Client

MISSING = object()


class Namespace(dict[str, Any]):
    """The examiner's namespace, the very dictionary that its cells and functions run in.

    Before `begin`, which is when the instructor's first cells run, it is an ordinary one. Then a
    name that the solution binds is asked of the candidate, until an instructor's cell binds it anew.
    """

    def __init__(self) -> None:
        super().__init__()
        self.client: Client | None = None
        self.names = Names()
        self.asked: set[str] = set()
        self.tainted: dict[str, str] = {}
        self.read: set[str] = set()
        self.ever_read: set[str] = set()

    def begin(self, client: Client, names: Names) -> None:
        """A submission's cells follow."""
        self.client = client
        self.learn(names)

    def learn(self, names: Names) -> None:
        """What the names mean, where it is found out while the reference runs."""
        self.names = names
        for name in names.shared:
            self.asked.add(name)

    def answered(self, place: int) -> None:
        """A student's cell has run: what the reference's binds there is the candidate's from now on."""
        bound = self.names.answers.get(place, NONE)
        self.asked |= bound
        for name in bound:
            self.tainted.pop(name, None)

    def given(self, place: int, work: Callable[[], None]) -> None:
        """Run an instructor's cell by `work`; if it needs an answer's object, its names are tainted."""
        assert self.client is not None
        self.client.notes.clear()
        work()
        for name in self.names.given.get(place, NONE) - self.names.shared:
            self.asked.discard(name)
            self.tainted.pop(name, None)
            if self.client.notes:
                self.tainted[name] = self.client.notes[0]
        self.asked |= self.names.given.get(place, NONE) & self.names.shared
        self.client.notes.clear()

    def left_out(self, place: int) -> None:
        """An instructor's cell does not run here, since no test of the reference's read its names."""
        for name in self.names.given.get(place, NONE) - self.names.shared:
            self.asked.discard(name)
            self.tainted[name] = "it was not needed for the reference solution."

    def lookup(self, name: str) -> Any:
        """What a name stands for, MISSING if nothing."""
        if self.client is None or type(name) is not str:
            return dict.get(self, name, MISSING)
        self.read.add(name)
        self.ever_read.add(name)
        if name in self.tainted:
            raise self.client.note(
                f"{name} comes of a cell that could not be run here: {self.tainted[name]}"
            )
        if name not in self.asked:
            return dict.get(self, name, MISSING)
        if name in self.names.imports:
            return self.names.imports[name].value() if self.client.has(name) else MISSING
        try:
            return self.client.name(name)
        except NameError as error:
            if hasattr(error, "candidate_lines"):
                raise
            return MISSING

    def __getitem__(self, name: str) -> Any:
        value = self.lookup(name)
        if value is MISSING:
            raise KeyError(name)  # by which Python looks among the builtins
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """A name's value, or the default."""
        value = self.lookup(name)
        return default if value is MISSING else value

    def __contains__(self, name: object) -> bool:
        return self.lookup(name) is not MISSING  # type: ignore[arg-type]

    def __setitem__(self, name: str, value: Any) -> None:
        if self.client is not None:
            self.asked.discard(name)
            self.tainted.pop(name, None)
        dict.__setitem__(self, name, value)

    def __delitem__(self, name: str) -> None:
        if name in self.asked:
            self.asked.discard(name)
            dict.pop(self, name, None)
            return
        dict.__delitem__(self, name)

    def pop(self, name: str, *default: Any) -> Any:
        """Delete a name and return its value."""
        try:
            value = self[name]
        except KeyError:
            if default:
                return default[0]
            raise
        del self[name]
        return value
