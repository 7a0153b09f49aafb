"""The candidate's end of the wire: answers what is asked of the student's names and objects."""

from __future__ import annotations

import builtins
import contextlib
import importlib
import io
import re
from collections.abc import Callable, Iterable
from typing import Any

from proctor.codecs import exceptions
from proctor.codecs.crossing import Crossing
from proctor.codecs.digest import digest
from proctor.codecs.frames import LIMIT, Channel, NotPackable

OWN_FILES = {exceptions.__file__, __file__, contextlib.__file__}
MOST_PRINTED = 1 << 20  # characters of one call
SHELL = re.compile(r"_+|_i+|_i?\d+|_dh|_ih|_oh|_sh|_exit_code|In|Out|exit|quit|get_ipython")
LEAVING = (SystemExit, KeyboardInterrupt, GeneratorExit)
MISSING = object()
ORIGIN = "_proctor_origin"  # of an exception: its number at the examiner


class Missing(Exception):
    """The namespace has no such name."""


class Printed(io.StringIO):
    """What a call prints, up to a limit."""

    def write(self, text: str) -> int:
        """Keep the text while there is room."""
        room = MOST_PRINTED - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)


class Callback:
    """A function of the test's: calling it asks there."""

    def __init__(self, requests: Requests, number: int, name: str) -> None:
        self._ask, self._number = requests.ask, number
        self.__name__ = self.__qualname__ = name

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._ask(self._number, arguments, named)


class Requests:
    """Answers requests on `namespace`, one at a time.

    `modules` are the support files' modules, whose functions `near` may run; `before` are the names
    that were there before any cell had run.
    """

    def __init__(
        self,
        namespace: dict[str, Any],
        channel: Channel,
        modules: Iterable[str] = (),
        before: Iterable[str] = (),
    ) -> None:
        self.namespace, self.channel = namespace, channel
        self.modules, self.before = frozenset(modules), frozenset(before)
        self.crossing = Crossing(self, weak=False)
        self.handles: dict[int, Any] = {}
        self.numbers: dict[int, int] = {}
        self.next = 1
        self.callbacks: dict[int, Callback] = {}
        self.streams: tuple[io.StringIO, io.StringIO] | None = None
        self.given = self.bound()
        self.seen: dict[str, Any] = {}
        self.told: dict[str, Any] = {}  # what names stand for that the examiner knows

    def serve(self, kind: str, body: dict[str, Any]) -> None:
        """Do what a request asks and reply."""
        work: Callable[..., Any] = getattr(self, "do_" + kind)
        fields = self.crossing.unpack(body)
        error: BaseException | None = None
        value, answer = None, "value"
        before = self.streams
        self.streams = Printed(), Printed()
        with (
            contextlib.redirect_stdout(self.streams[0]),
            contextlib.redirect_stderr(self.streams[1]),
        ):
            try:
                value = work(**fields)
            except Missing:
                answer = "missing"
            except BaseException as raised:  # SystemExit too: it ends the call, not the candidate
                error = raised
        printed = {"stdout": self.streams[0].getvalue(), "stderr": self.streams[1].getvalue()}
        self.streams = before
        if error is not None:
            self.reply_raised(error, printed)
        else:
            self.reply(answer, value, printed)

    def reply(self, kind: str, value: Any, printed: dict[str, str]) -> None:
        """Send an answer; what is too large to be handed over stays here, as a handle."""
        moved = {"moved": self.moved()}
        try:
            self.channel.send(kind, self.crossing.pack(value=value, **printed) | moved)
        except NotPackable:
            self.crossing.unsent()
            self.channel.send(kind, self.crossing.pack(value=Kept(value), **printed) | moved)

    def moved(self) -> list[str]:
        """The names that stand for something else than when the examiner asked for them."""
        told, namespace = self.told, self.namespace
        moved = [name for name, value in told.items() if namespace.get(name, MISSING) is not value]
        for name in moved:
            del told[name]
        return moved

    def reply_raised(self, error: BaseException, printed: dict[str, str]) -> None:
        """Send what is told of an exception."""
        origin = getattr(error, ORIGIN, None)
        told = {
            "error": exceptions.describe(error, OWN_FILES),
            "origin": origin if type(origin) is int else None,
        }
        moved = {"moved": self.moved()}
        try:
            self.channel.send("raised", self.crossing.pack(**told, **printed) | moved)
        except NotPackable:
            self.crossing.unsent()
            short = (
                type(error)(f"{type(error).__name__}") if type(error) in LEAVING else Exception()
            )
            told["error"] = exceptions.describe(short, OWN_FILES)
            body = self.crossing.pack(**told, stdout="", stderr="")
            self.channel.send("raised", body | moved)

    def ask(self, number: int, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Call a function of the test's; answer what it asks meanwhile."""
        if self.streams is None:
            raise RuntimeError(
                "this function can only be called while the test waits for an answer"
            )
        self.channel.send(
            "callback",
            self.crossing.pack(number=number, arguments=arguments, named=tuple(named.items())),
        )
        while True:
            kind, body = self.channel.receive()
            if kind == "value":
                return self.crossing.unpack(body)["value"]
            if kind == "raised":
                raise raised_there(**self.crossing.unpack(body))
            self.serve(kind, body)

    def began(self, body: dict[str, Any]) -> dict[str, Any]:
        """Before a cell is run: take in what the examiner changed; the names as they are."""
        if "nodes" in body:
            self.crossing.unpack(body)
        return self.bound()

    def ended(self, given: bool, before: dict[str, Any]) -> dict[str, Any]:
        """After a cell was run: what it changed, to be sent with the answer."""
        if given:
            now = self.bound()
            self.given |= {
                name: value for name, value in now.items() if before.get(name, MISSING) is not value
            }
        try:
            body = self.crossing.pack()
        except Exception:  # what a student's own methods raise, too
            return {}
        if sum(map(len, body["blobs"])) > LIMIT:
            self.crossing.unsent()
            return {}
        return body

    def bound(self) -> dict[str, Any]:
        """The notebook's names, without the shell's own."""
        return {
            name: value
            for name, value in self.namespace.items()
            if name not in self.before and type(name) is str and not SHELL.fullmatch(name)
        }

    # What can be asked

    def do_name(self, name: str) -> Any:
        """What a name of the notebook stands for."""
        try:
            value = self.namespace[name]
        except KeyError:
            raise Missing(name) from None
        if callable(value):
            self.told[name] = value
        return value

    def do_has(self, name: str) -> bool:
        """Whether there is a name."""
        if name not in self.namespace:
            return False
        self.told[name] = self.namespace[name]
        return True

    def do_digests(self, names: tuple[str, ...]) -> dict[str, str | None]:
        """What these names stand for: a digest of data, "same" for an object that was given."""
        found: dict[str, str | None] = {}
        for name in names:
            value = self.namespace.get(name, MISSING)
            same = value is self.given.get(name)
            found[name] = digest(value) or ("same" if same else None)
        return found

    def do_observe(self) -> dict[str, Any]:
        """The names bound since the last time, and digests of all that is data."""
        now = self.bound()
        new = [name for name, value in now.items() if self.seen.get(name, MISSING) is not value]
        self.seen = now
        return {"bound": new, "digests": {name: digest(value) for name, value in now.items()}}

    def do_call(
        self, target: Any, arguments: tuple[Any, ...], named: tuple[tuple[str, Any], ...]
    ) -> Any:
        """Call an object."""
        return target(*arguments, **dict(named))

    def do_attribute(self, target: Any, name: str) -> Any:
        """An attribute."""
        return getattr(target, name)

    def do_item(self, target: Any, key: Any) -> Any:
        """An item."""
        return target[key]

    def do_near(self, target: Any, module: str, name: str, arguments: tuple[Any, ...]) -> Any:
        """Run a support module's function on an object, next to it."""
        if module.split(".")[0] not in self.modules:
            raise ImportError(f"{module} is none of the course's own modules")
        return getattr(importlib.import_module(module), name)(target, *arguments)

    # What the codecs ask

    def outgoing(self, value: Any, *, nested: bool) -> list[Any]:
        """The node of an object that stays here."""
        if type(value) is Kept:
            value = value.value
        if type(value) is Callback:
            return ["callback", vars(value)["_number"]]
        number = self.numbers.get(id(value))
        if number is None:
            number, self.next = self.next, self.next + 1
            self.handles[number], self.numbers[id(value)] = value, number
        return ["handle", number, callable(value), str(type(value).__name__)[:80]]

    def incoming(self, tag: str, parts: list[Any], *, nested: bool) -> Any:
        """What a node of the examiner's stands for."""
        if tag == "handle":
            return self.handles[parts[0]]
        if tag == "callback":
            number, name = parts
            return self.callbacks.setdefault(number, Callback(self, number, name))
        raise ValueError(f"a value of an unknown kind {tag!r}")

    def released(self) -> list[int]:
        """The test's functions live as long as its cell."""
        return []

    def release(self, numbers: Iterable[int]) -> None:
        """The examiner holds these objects no more."""
        for number in numbers or ():
            value = self.handles.pop(number, None)
            self.numbers.pop(id(value), None)


class Kept:
    """A value that goes out as a handle though it is data."""

    def __init__(self, value: Any) -> None:
        self.value = value


def raised_there(name: str, text: str, origin: int) -> BaseException:
    """The exception that a function of the test's raised, as near as it can be told here."""
    kind = getattr(builtins, name, None)
    made: BaseException = Exception(f"{name}: {text}")
    if isinstance(kind, type) and issubclass(kind, (Exception, *LEAVING)):
        made = kind.__new__(kind, text)
    setattr(made, ORIGIN, origin)
    return made
