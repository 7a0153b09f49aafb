"""Owns the examiner's end of the wire: one request at a time, with a deadline, to a candidate that may lie, hang or die."""

import sys
import time

from proctor.codecs.crossing import Crossing
from proctor.codecs.frames import Closed, WireError
from proctor.codecs.encode import CannotCross

from proctor.examiner import errors, own_errors, verdicts
from proctor.examiner.ends import Ends
from proctor.examiner.errors import CandidateGone, CandidateTimeout
from proctor.examiner.proxy import is_proxy, link

MOST_RECEIVED = 512 << 20  # bytes within one cell


class Remote(Ends):
    """Speaks with a candidate. `connect()` gives a Channel to a fresh one, its cells replayed; `kill(channel)` ends one."""

    def __init__(self, connect, kill=None, seconds=30.0, respawns=3):
        self.connect, self.kill, self.seconds, self.respawns = (
            connect,
            kill or (lambda channel: channel.close()),
            seconds,
            respawns,
        )
        self.channel, self.crossing, self.requests = None, None, 0
        super().__init__()
        self.raised, self.beforehand, self.reconnected, self.failed_inside = {}, [], [], {}
        self.cell(None)

    def cell(self, seconds=None):
        """A new cell begins: what it may spend starts anew, and the lists of the last one are let go."""
        self.deadline = None if seconds is None else time.monotonic() + seconds
        self.losses, self.budget = [], MOST_RECEIVED
        self.raised.clear(), self.failed_inside.clear()
        if self.channel is not None:
            self.before = self.channel.received
            self.crossing.table.new_cell()

    def against(self):
        """Why a test of this cell fails whatever its own text caught: an error's name and words; None if there is no reason."""
        if self.losses:
            return (
                "CandidateGone",
                "The student's process ended or was ended during this test, which fails for that: "
                + self.losses[0][1],
            )
        for error in self.failed_inside.values():
            return (
                "AssertionError",
                f"An assertion of the test's failed in a function that the student's code called, and which kept that to itself: {error}",
            )
        return None

    @property
    def lost(self):
        """Whether there is no candidate at the moment."""
        return self.channel is None

    def connect_now(self):
        """See that there is a candidate, a fresh one if need be."""
        if self.channel is None:
            if len(self.losses) > self.respawns:
                raise CandidateGone(
                    f"the student's process ended {len(self.losses)} times in this cell; it is not started again"
                )
            self.renew()
            self.crossing = Crossing(self, weak=True)
            self.channel = self.connect()
            self.before = self.channel.received
            for again in self.reconnected:
                again()

    def give_up(self, kind, text):
        """The candidate is out of step, or gone: end it; the next request gets a fresh one."""
        channel, self.channel = self.channel, None
        if channel is not None:
            self.losses.append((kind, text))
            self.kill(channel)

    def close(self):
        """End the candidate."""
        channel, self.channel = self.channel, None
        if channel is not None:
            self.kill(channel)

    def left(self):
        """Seconds that a request may still take."""
        if self.deadline is None:
            return self.seconds
        return max(self.deadline - time.monotonic(), 0.0)

    def request(self, kind, plain=None, **fields):
        """Send a request and return the kind and the fields of its answer."""
        for before in self.beforehand:
            before()
        self.connect_now()
        self.requests += kind != "name"
        for value in (fields.get("target"), *fields.get("args", ())):
            self.revive(value)
        body = {**self.packed(fields), **self.told.news(fields, self.lend), **(plain or {})}
        end, channel = time.monotonic() + self.left(), self.channel
        try:
            self.post(kind, body, end)
        except CannotCross:  # nothing was sent
            self.told.renew(), self.alike.forget()
            raise
        except BaseException as error:
            raise self.failed(error, channel) from None
        try:
            return self.answered(end)
        except (
            BaseException
        ) as error:  # also an alarm of the test's own: the answer would come at the wrong time
            raise self.failed(error, channel) from None

    def hear(self, body):
        """Take in the files that came with an answer."""
        try:
            self.told.heard(body)
        except (ValueError, TypeError) as error:
            raise WireError(f"files that cannot be: {error}") from error

    def failed(self, error, channel):
        """The candidate that was asked is out of step, or gone: end it. What the test is to see instead of this error, or the error."""
        asked = self.channel is channel
        if isinstance(error, TimeoutError) and str(error) == "timed out":
            kind, text = "timeout", "no answer in time"
            error = CandidateTimeout(
                "The student's code did not answer within the time that was left for this cell."
            )
        elif isinstance(error, Closed):
            kind, text = "died", "the process ended"
            error = CandidateGone(
                "The student's process ended while it was asked; its code may have ended it, or needed too much memory."
            )
        elif isinstance(error, WireError):
            kind, text = "refused", str(error)
            error = CandidateGone(f"What the student's process answered is refused: {error}")
        else:
            kind, text = "timeout", "A call had not returned when its time was up, and was stopped."
        if asked:
            self.give_up(kind, text)
        return error

    def packed(self, fields):
        """A frame's body for these fields; CannotCross in words if they cannot be handed over."""
        try:
            return self.crossing.pack(**fields)
        except (ValueError, RecursionError) as error:
            raise CannotCross(f"this cannot be handed to the student's code: {error}") from error

    def answered(self, end):
        """Wait for the answer, serving callbacks: its kind, its body, its fields."""
        while True:
            answer, body = self.channel.receive(end - time.monotonic())
            self.hear(body)
            if self.channel.received - self.before > self.budget:
                raise WireError(f"more than {self.budget:,} bytes of answers in one cell")
            if answer == "ran":
                return answer, body, self.crossing.unpack(body) if "nodes" in body else {}
            fields = self.crossing.unpack(body)
            if answer != "callback":
                return answer, body, fields
            self.post(*self.called_back(fields), end)

    def post(self, kind, body, end):
        """Send a frame; CannotCross if it is too large, which leaves all as it was."""
        try:
            self.channel.send(kind, body, end - time.monotonic())
        except Closed:
            raise
        except WireError as error:
            self.crossing.unsent()
            raise CannotCross(f"this cannot be handed to the student's code: {error}") from error

    def called_back(self, fields):
        """Call the instructor's function that the candidate asks for; the kind and body of the answer."""
        number, args, kwargs = fields.get("number"), fields.get("args"), fields.get("kwargs")
        if (
            type(number) is not int
            or number not in self.callbacks
            or type(args) is not tuple
            or type(kwargs) is not tuple
        ):
            raise WireError("a function was called that was never handed over")
        channel = self.channel
        try:
            result = self.callbacks[number](*args, **dict(kwargs))
            answer = "value", self.crossing.pack(answering=True, value=result)
        except (Exception, *errors.LEAVING) as error:
            if (
                isinstance(error, KeyboardInterrupt) and not self.left()
            ):  # the worker's: the time is up
                raise
            self.raised[len(self.raised)] = error
            if isinstance(error, AssertionError) and not hasattr(error, "candidate_lines"):
                self.failed_inside[len(self.raised) - 1] = error
            answer = (
                "raised",
                self.crossing.pack(
                    name=type(error).__name__,
                    text=said(error),
                    origin=len(self.raised) - 1,
                    there=own_errors.there(error),
                ),
            )
        if self.channel is not channel:
            raise CandidateGone("the student's process ended while it called back")
        return answer

    def ask(self, kind, iterating=False, **fields):
        """The value that answers a request; what was raised there is raised here."""
        answer, body, fields = self.request(kind, **fields)
        for stream, name in ((sys.stdout, "stdout"), (sys.stderr, "stderr")):
            if type(fields.get(name)) is str and fields[name]:
                stream.write(fields[name])
        if answer == "value" and "value" in fields:
            return fields["value"]
        if answer == "missing":
            raise NameError(f"name {fields.get('value')!r} is not defined")
        if answer == "raised":
            origin = fields.get("origin") if type(fields.get("origin")) is int else None
            self.failed_inside.pop(origin, None)  # the test sees it now
            raise self.raised.get(origin) or self.error(fields.get("error"), iterating)
        self.give_up("refused", "an answer of an unknown kind")
        raise CandidateGone(
            "What the student's process answered is refused: it is of no known kind."
        )

    def error(self, told, iterating):
        """The exception that the candidate tells of."""
        try:
            return errors.made(self.classes, told, iterating)
        except WireError as error:
            self.give_up("refused", str(error))
            return CandidateGone(f"What the student's process answered is refused: {error}")

    def run(self, text, index=None, silent=False, **more):
        """Run a cell; the answer's body as it came, which nobody has checked."""
        answer, body, _ = self.request(
            "run", plain={"text": text, "index": index, "silent": silent, **more}
        )
        if answer != "ran":
            self.give_up("refused", "no answer to a cell")
            raise CandidateGone(
                "What the student's process answered is refused: it did not say what the cell put out."
            )
        return body

    def name(self, name):
        """What the student's notebook calls so; NameError."""
        try:
            return self.same_as_ever(self.known_as(self.ask("name", name=name), (name,)), name)
        except NameError as error:
            if hasattr(error, "candidate_lines"):
                raise
            raise NameError(f"name {name!r} is not defined", name=name) from None

    def known_as(self, value, origin):
        """The value; a proxy remembers how to ask for it again."""
        if is_proxy(value) and link(value).origin is None:
            link(value).origin = origin
        return value

    def bind(self, name, value):
        """Bind a name in the student's notebook."""
        self.ask("bind", name=name, value=value)

    def unbind(self, name):
        """Delete a name in the student's notebook."""
        self.ask("unbind", name=name)

    def call(self, target, args, kwargs):
        """Call an object."""
        value = self.ask("call", target=target, args=args, kwargs=tuple(kwargs.items()))
        return verdicts.taken(
            target,
            value,
            weighs=is_proxy(target) and link(target).compares and any(map(verdicts.expected, args)),
        )

    def get(self, target, name):
        """An attribute of an object."""
        value = self.ask("get", target=target, name=name)
        value = verdicts.taken(
            target, value, weighs=link(target).differs and name in verdicts.MEASURES
        )
        if is_proxy(value) and link(target).kind == "instance" and name in verdicts.COMPARING:
            link(value).compares = True
        return self.known_as(value, (*link(target).origin, name)) if link(target).origin else value

    def set(self, target, name, value):
        """Set an attribute of an object."""
        self.ask("set", target=target, name=name, value=value)

    def operate(self, op, args, iterating=False):
        """An operation on objects."""
        return verdicts.taken(args[0], self.ask("operate", iterating, op=op, args=args))

    def near(self, target, module, name, args):
        """A support module's function, run next to the object."""
        return self.ask("near", target=target, module=module, name=name, args=args)


def said(error):
    """What the student's code may know of an instructor's error: nothing of an assertion, which tells what was expected."""
    return "" if isinstance(error, AssertionError) else str(error)
