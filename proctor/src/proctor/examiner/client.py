"""The examiner's end of the wire: one request at a time, with a deadline, to a candidate that may
lie, hang or die."""

from __future__ import annotations

import builtins
import collections.abc
import functools
import sys
import time
import types
import weakref
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from proctor.codecs.crossing import Crossing
from proctor.codecs.exceptions import build
from proctor.codecs.frames import Channel, Closed, FrameError, NotPackable
from proctor.examiner.handle import CallableHandle, Handle, Link, NotData, Path, is_handle, link

MOST_RECEIVED = 512 << 20  # bytes within one cell
RESPAWNS = 1  # candidates that one cell may lose before it gets no other
FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, functools.partial)
INSTEAD = "Hand over numbers, text, lists, arrays or tables."
LEAVING = (SystemExit, KeyboardInterrupt, GeneratorExit)
SAME = "same"  # said of an object that is still the one that was given
# of Python's own classes, which may be named; another name is the student's word
CLASSES = {
    one.__name__
    for module in (builtins, types, collections.abc)
    for one in vars(module).values()
    if isinstance(one, type)
} | {"dict_keys", "dict_values", "dict_items"}


class CandidateGone(Exception):
    """There is no answer: the candidate has ended, or was ended."""


class CandidateTimeout(CandidateGone):
    """The student's code did not answer in time."""


class Candidates(Protocol):
    """Where the client gets a candidate from."""

    def connect(self) -> Channel:
        """A channel to a fresh candidate in which all cells so far have run."""

    def kill(self, channel: Channel) -> None:
        """End the candidate behind a channel."""


class Client:
    """Asks the candidate for what a test does with a student's names and handles.

    `notes` are the NotData of the cell at hand. `expected` are the paths at which handles may come;
    None: any may, and they are gathered in `handles`.
    """

    def __init__(self, candidates: Candidates) -> None:
        self.candidates = candidates
        self.channel: Channel | None = None
        self.crossing = Crossing(self, weak=True, imports=True)
        self.generation = 0
        self.expected: frozenset[str] | None = None
        self.handles: set[str] = set()
        self.notes: list[str] = []
        self.losses: list[tuple[str, str]] = []
        self.allowed: float | None = None
        self.deadline: float | None = None
        self.path = Path("", "")
        self.unexpected: str | None = None
        self.numbers: weakref.WeakValueDictionary[int, Handle] = weakref.WeakValueDictionary()
        self.gone: list[int] = []
        self.callbacks: dict[int, Callable[..., Any]] = {}
        self.raised: list[BaseException] = []
        self.swallowed: dict[int, AssertionError] = {}
        self.named: dict[str, Any] = {}
        self.there: set[str] = set()  # names that the notebook has
        self.budget = MOST_RECEIVED
        self.before = 0

    def cell(self, seconds: float | None = None) -> None:
        """A new cell begins: what it may spend starts anew."""
        self.allowed = seconds
        self.deadline = None if seconds is None else time.monotonic() + seconds
        self.notes, self.losses = [], []
        self.raised, self.swallowed = [], {}
        self.callbacks.clear()
        self.forget_names()
        if self.channel is not None:
            self.before = self.channel.received
            self.crossing.table.new_cell()

    def note(self, text: str) -> NotData:
        """Note that something was no data; the exception to raise."""
        self.notes.append(text)
        return NotData(text)

    def failure(self) -> tuple[str, str] | None:
        """Why a test of this cell fails, whatever its own text caught: an error's name and words."""
        if self.losses:
            return (
                "CandidateGone",
                "The student's process ended or was ended during this test, which fails for that: "
                + self.losses[0][1],
            )
        if self.notes:
            return "NotData", self.notes[0]
        for error in self.swallowed.values():
            return (
                "AssertionError",
                "An assertion of the test failed in a function that the student's code called, "
                f"and which kept that to itself: {error}",
            )
        return None

    # What a test does

    def name(self, name: str) -> Any:
        """What the student's notebook calls so; NameError."""
        if name not in self.named:
            value = self.ask("name", Path(name, name), name=name)
            if is_handle(value):
                link(value).origin = (name,)
            self.named[name] = value
        return self.named[name]

    def has(self, name: str) -> bool:
        """Whether the student's notebook has a name."""
        if name in self.there:
            return True
        there = self.ask("has", Path(name, name), name=name) is True
        self.there |= {name} if there else set()
        return there

    def changed(self, digests: dict[str, str | None]) -> list[str]:
        """Which of these given names the student's code has bound anew, or changed in place.

        `digests` are those of the examiner's own values, None where they are no data. They stay here:
        who has the digest of a hidden value can try what fits it.
        """
        found = self.ask("digests", Path("", ""), names=tuple(digests))
        found = found if type(found) is dict else {}
        return [name for name, own in digests.items() if found.get(name) != (own or SAME)]

    def observe(self) -> dict[str, Any]:
        """What has been bound since the last time, and digests of all data; of the reference only."""
        return self.ask("observe", Path("", ""))

    def call(self, handle: Handle, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Call an object."""
        self.forget_data()
        return self.ask(
            "call",
            link(handle).path.step("()"),
            target=handle,
            arguments=arguments,
            named=tuple(named.items()),
        )

    def attribute(self, handle: Handle, name: str) -> Any:
        """An attribute of an object."""
        made = link(handle)
        value = self.ask("attribute", made.path.step(f".{name}"), target=handle, name=name)
        if is_handle(value) and made.origin:
            link(value).origin = (*made.origin, name)
        return value

    def item(self, handle: Handle, key: Any) -> Any:
        """An item of an object."""
        return self.ask("item", link(handle).path.step("[]"), target=handle, key=key)

    def near(self, handle: Handle, module: str, name: str, arguments: tuple[Any, ...]) -> Any:
        """What a support module's function says of an object, run next to it."""
        self.forget_data()
        return self.ask(
            "near",
            link(handle).path.step(".near"),
            target=handle,
            module=module,
            name=name,
            arguments=arguments,
        )

    def run(self, text: str, count: int, given: bool) -> dict[str, Any]:
        """Run a cell; the answer's body as it came, which nobody has checked."""
        self.forget_names()
        answer, body, _ = self.request("run", plain={"text": text, "count": count, "given": given})
        if answer != "ran":
            self.give_up("refused", "no answer to a cell")
            raise CandidateGone(
                "What the student's process answered is refused: it did not say what the cell put out."
            )
        return body

    def forget_names(self) -> None:
        """Nothing is known any more of what the student's names stand for."""
        self.named.clear()
        self.there.clear()

    def forget_data(self) -> None:
        """The student's code is about to run: only functions and classes stay known, and the answer
        tells of those that it binds anew."""
        self.named = {
            name: value
            for name, value in self.named.items()
            if issubclass(type(value), CallableHandle)
        }

    # The wire

    def ask(self, kind: str, path: Path, **fields: Any) -> Any:
        """The value that answers a request; what was raised there is raised here."""
        before, self.path, self.unexpected = self.path, path, None
        try:
            answer, body, answered = self.request(kind, **fields)
            unexpected = self.unexpected
            self.rebind(body.get("moved"))
        finally:
            self.path, self.unexpected = before, None
        for stream, name in ((sys.stdout, "stdout"), (sys.stderr, "stderr")):
            if type(answered.get(name)) is str and answered[name]:
                stream.write(answered[name])
        if unexpected is not None:
            raise self.note(unexpected)
        if answer == "value" and "value" in answered:
            return answered["value"]
        if answer == "missing":
            raise NameError(f"name {fields.get('name')!r} is not defined", name=fields.get("name"))
        if answer == "raised":
            raise self.error(answered.get("error"), answered.get("origin"))
        self.give_up("refused", "an answer of an unknown kind")
        raise CandidateGone(
            "What the student's process answered is refused: it is of no known kind."
        )

    def rebind(self, moved: Any) -> None:
        """Forget names that stand for something else now; all, if the answer does not say which."""
        if type(moved) is not list or not all(type(name) is str for name in moved):
            self.forget_names()
            return
        for name in moved:
            self.named.pop(name, None)
            self.there.discard(name)

    def error(self, told: Any, origin: Any) -> BaseException:
        """The exception that the candidate tells of, or the test's own that it passed on."""
        if type(origin) is int and 0 <= origin < len(self.raised):
            self.swallowed.pop(origin, None)  # the test sees it now
            return self.raised[origin]
        try:
            return build(told)
        except FrameError as error:
            self.give_up("refused", str(error))
            return CandidateGone(f"What the student's process answered is refused: {error}")

    def request(
        self, kind: str, plain: dict[str, Any] | None = None, **fields: Any
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Send a request; the kind of its answer, its body, its fields."""
        self.connect_now()
        for value in (fields.get("target"), *fields.get("arguments", ())):
            if is_handle(value):
                self.revive(link(value))
        channel = self.channel
        assert channel is not None
        end = None if self.deadline is None else max(self.deadline, time.monotonic())
        try:
            self.send(channel, kind, {**self.crossing.pack(**fields), **(plain or {})}, end)
        except NotPackable as error:  # nothing was sent
            words = f"This cannot be handed to the student's code: {error}. {INSTEAD}"
            raise self.note(words) from None
        except BaseException as error:
            raise self.failed(error, channel) from None
        try:
            return self.answered(channel, end)
        except BaseException as error:  # an alarm of the test's too: the answer would come late
            raise self.failed(error, channel) from None

    def send(self, channel: Channel, kind: str, body: dict[str, Any], end: float | None) -> None:
        """Send a frame; NotPackable if it is too large, which leaves all as it was."""
        try:
            channel.send(kind, body, left(end))
        except NotPackable:
            self.crossing.unsent()
            raise

    def answered(
        self, channel: Channel, end: float | None
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Wait for the answer, serving callbacks."""
        while True:
            kind, body = channel.receive(left(end))
            if channel.received - self.before > self.budget:
                raise FrameError(f"more than {self.budget:,} bytes of answers in one cell")
            fields = self.crossing.unpack(body) if "nodes" in body else {}
            if kind != "callback":
                return kind, body, fields
            self.send(channel, *self.called_back(channel, fields), end)

    def called_back(self, channel: Channel, fields: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Call the test's function that the candidate asks for; the kind and body of the answer."""
        number, arguments, named = (fields.get(one) for one in ("number", "arguments", "named"))
        if (
            type(number) is not int
            or number not in self.callbacks
            or type(arguments) is not tuple
            or type(named) is not tuple
        ):
            raise FrameError("a function was called that was never handed over")
        self.forget_names()  # which the student's code may have bound anew before it called
        if self.unexpected is not None:
            unexpected, self.unexpected = self.unexpected, None
            self.note(unexpected)
        try:
            result = self.callbacks[number](*arguments, **dict(named))
            answer = "value", self.crossing.pack(value=result)
        except NotPackable as error:
            self.note(f"What a function of the test returns cannot be handed over: {error}")
            answer = "raised", self.crossing.pack(name="TypeError", text=str(error), origin=-1)
        except (Exception, *LEAVING) as error:
            if isinstance(error, KeyboardInterrupt) and self.deadline and not left(self.deadline):
                raise  # the worker's: the time is up
            self.raised.append(error)
            origin = len(self.raised) - 1
            if isinstance(error, AssertionError) and not hasattr(error, "candidate_lines"):
                self.swallowed[origin] = error
            text = "" if isinstance(error, AssertionError) else str(error)  # tells what is expected
            answer = (
                "raised",
                self.crossing.pack(name=type(error).__name__, text=text, origin=origin),
            )
        if self.channel is not channel:
            raise CandidateGone("the student's process ended while it called back")
        return answer

    # The candidate behind it

    def connect_now(self) -> None:
        """See that there is a candidate, a fresh one if need be."""
        if self.channel is not None:
            return
        if len(self.losses) > RESPAWNS:
            raise CandidateGone(
                f"The student's process ended {len(self.losses)} times in this cell; "
                "it is not started again."
            )
        self.generation += 1
        self.numbers.clear()
        self.gone.clear()
        self.callbacks.clear()
        self.forget_names()
        self.crossing = Crossing(self, weak=True, imports=True)
        self.channel = self.candidates.connect()
        self.before = self.channel.received

    def revive(self, made: Link) -> None:
        """Ask a fresh candidate for a handle that an earlier one gave, by its name and attributes."""
        if made.generation == self.generation:
            return
        if not made.origin:
            raise CandidateGone(
                f"{made.path} was an object of a process that has ended; the test cannot go on with it."
            )
        name, *attributes = made.origin
        value = self.name(name)
        for attribute in attributes:
            value = self.attribute(value, attribute)
        if not is_handle(value):
            raise CandidateGone(f"{made.path} is another object in a fresh process.")
        made.number, made.generation = link(value).number, self.generation
        link(value).generation = 0  # it is this handle's number now
        self.named.pop(name, None)

    def give_up(self, kind: str, text: str) -> None:
        """The candidate is out of step, or gone: end it; the next request gets a fresh one."""
        channel, self.channel = self.channel, None
        if channel is not None:
            self.losses.append((kind, text))
            self.candidates.kill(channel)

    def close(self) -> None:
        """End the candidate."""
        channel, self.channel = self.channel, None
        if channel is not None:
            self.candidates.kill(channel)

    def failed(self, error: BaseException, channel: Channel) -> BaseException:
        """End a candidate that is out of step or gone; what the test is to see instead."""
        told: BaseException = error
        if isinstance(error, TimeoutError) and str(error) == "timed out":
            kind, text = "timeout", "no answer in time"
            told = CandidateTimeout(
                "The student's code did not answer within the time that was left for this cell."
            )
        elif isinstance(error, Closed):
            kind, text = "died", "the process ended"
            told = CandidateGone(
                "The student's process ended while it was asked; "
                "its code may have ended it, or needed too much memory."
            )
        elif isinstance(error, FrameError):
            kind, text = "refused", str(error)
            told = CandidateGone(f"What the student's process answered is refused: {error}")
        else:
            kind, text = "timeout", "A call had not returned when its time was up, and was stopped."
        if self.channel is channel:
            self.give_up(kind, text)
        return told

    # What the codecs ask

    def outgoing(self, value: Any, *, nested: bool) -> list[Any]:
        """The node of what is no data: a handle that goes back, or a function to be called here."""
        if is_handle(value):
            made = link(value)
            if made.generation != self.generation:
                raise NotPackable(f"{made.path} is an object of a process that has ended")
            return ["handle", made.number]
        if type(value) in FUNCTIONS:
            number = id(value)
            self.callbacks[number] = value  # keeps it: no other object gets this number
            return ["callback", number, str(getattr(value, "__name__", ""))]
        raise NotPackable(f"an object of the class {type(value).__qualname__} is no data")

    def incoming(self, tag: str, parts: list[Any], *, nested: bool) -> Any:
        """What a node of the candidate's stands for."""
        if tag == "callback":
            return self.callbacks[parts[0]]
        if tag != "handle":
            raise ValueError(f"a value of an unknown kind {tag[:20]!r}")
        number, can_be_called, kind = parts
        if type(number) is not int or type(can_be_called) is not bool or type(kind) is not str:
            raise ValueError("no handle")
        path = self.path.step("*") if nested else self.path
        if self.expected is None:
            self.handles.add(str(path))
        elif str(path) not in self.expected:
            self.unexpected = (
                f"{path} gave {self.shown(kind)}, where the reference solution gives data"
            )
        found = self.numbers.get(number)
        if found is None:
            made = Link(self, self.generation, number, path, self.shown(kind))
            found = (CallableHandle if can_be_called else Handle)(made)
            self.numbers[number] = found
        return found

    def shown(self, kind: str) -> str:
        """An object of a class in words; of a submission's none of the student's own."""
        if self.expected is not None and kind not in CLASSES:
            return "an object of a class of its own"
        return f"an object of the class {kind[:80]}"

    def let_go(self, generation: int, number: int) -> None:
        """Nobody holds a handle any more."""
        if generation == self.generation:
            self.gone.append(number)

    def released(self) -> list[int]:
        """The numbers of handles that nobody holds any more."""
        gone = [number for number in self.gone if number not in self.numbers]
        self.gone = []
        return gone

    def release(self, numbers: Iterable[int]) -> None:
        """The candidate has nothing to let go of here."""


def left(end: float | None) -> float | None:
    """Seconds until `end`."""
    return None if end is None else max(end - time.monotonic(), 0.0)
