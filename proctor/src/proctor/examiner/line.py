"""Owns a submission's candidates: one at a time, each brought to where the one before was by replaying its cells."""

import contextlib
import functools
import signal
import threading
import time
from dataclasses import dataclass

from proctor.codecs.frames import Channel, Closed, WireError
from proctor.pool.zygotes import CannotStart
from proctor.examiner.errors import CandidateGone

GRACE = 2.0  # seconds a cell has to end after it was interrupted
DEATHS = 25  # a submission's candidates that may be lost


class Clock:
    """Calls `act` once, from a thread, when `seconds` have passed since its start."""

    def __init__(self, seconds, act):
        self.seconds, self.act, self.rang, self.timer = seconds, act, False, None

    def start(self):
        """Begin to count."""
        self.timer = threading.Timer(self.seconds, self.ring)
        self.timer.daemon = True
        self.timer.start()

    def ring(self):
        """The time is up."""
        self.rang = True
        self.act()

    def stop(self):
        """Count no more; `act` is not running when this returns."""
        if self.timer:
            self.timer.cancel()
            self.timer.join()


def shielded(work):
    @functools.wraps(work)
    def done(*arguments):
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        try:
            return work(*arguments)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    return done


@dataclass
class Ran:
    """A cell that ran to its end, so that it may be run again."""

    text: str
    count: int
    index: int


class Line:
    """What `Remote` calls to get a candidate, and to give one up."""

    def __init__(self, zygotes, timeout):
        self.zygotes, self.timeout = zygotes, timeout
        self.remote = self.session = self.broken = self.clock = None
        self.why = ""

    def begin(self, state, session):
        """A submission begins, from one of the zygotes' states."""
        self.state, self.session, self.starts, self.replayed = state, session, 0, []

    def reseed(self):
        """The libraries whose random numbers the prefix did not fix: fixed ones are alike in two processes that both ran it."""
        theirs = self.zygotes.random if self.state == "prefix" else {}
        return [
            name
            for name in ("random", "numpy", "torch")
            if theirs.get(name) is None or theirs[name] != self.fixed.get(name)
        ]

    @shielded
    def connect(self):
        """A channel to a fresh candidate in which all cells so far have been run again."""
        for attempt in range(DEATHS + 1):
            self.starts += 1
            if self.starts > DEATHS + 1:
                raise CandidateGone(
                    f"Nothing more is asked of this submission's code: {DEATHS} of its processes have ended or hung before."
                )
            channel = Channel(self.forked())
            if self.replay(channel):
                self.start_clock()
                return channel
            self.kill(channel)
        raise CandidateGone("No process in which this submission's cells run could be had.")

    def forked(self):
        """A socket to a fork; if the zygote is gone, the worker begins with this submission anew."""
        try:
            return self.zygotes.fork(self.state, self.reseed(), self.session.plan.files)
        except CannotStart as error:
            self.broken = error
            raise CandidateGone(str(error)) from error

    def replay(self, channel):
        """Run the cells so far again; one that does not end this time is left out from now on."""
        for ran in list(self.replayed):
            self.session.progress(ran.index, self.timeout)
            try:
                channel.send(
                    "run", {"text": ran.text, "index": ran.count, "silent": False}, self.timeout
                )
                kind, body = channel.receive(self.timeout)
                if kind != "ran":
                    raise WireError(f"{kind!r} came for a cell that ran")
            except (WireError, TimeoutError) as error:
                self.replayed.remove(ran)
                what = "ended" if isinstance(error, Closed) else "did not end in time"
                self.session.event(
                    "died",
                    ran.index,
                    f"Run again for a fresh process, this cell {what}; it is left out from here on.",
                )
                return False
        self.session.progress(None, self.timeout)
        return True

    @shielded
    def kill(self, channel):
        """End the candidate behind a channel, with all it started."""
        channel.close()
        with contextlib.suppress(
            CannotStart
        ):  # that the zygote is gone shows when the next candidate is wanted
            self.why = self.zygotes.ask(self.state, "end").get("reason", "")

    def run(self, text, count, index):
        """Run a cell; its reply, and whether it had to be interrupted because its time was up."""
        self.session.progress(index, self.timeout + GRACE)
        self.clock = Clock(self.timeout, self.interrupt)
        self.remote.cell(self.timeout + GRACE)
        if not self.remote.lost:
            self.clock.start()
        try:
            return self.remote.run(text, index=count), self.clock.rang
        finally:
            self.clock.stop()
            self.clock = None

    def start_clock(self):
        """A candidate is there, its cells replayed: what follows has its whole time."""
        if self.remote.deadline is not None:
            self.remote.deadline = time.monotonic() + self.timeout + (GRACE if self.clock else 0)
        if self.clock:
            self.clock.start()

    def interrupt(self):
        """Let the cell that runs in the candidate see a KeyboardInterrupt."""
        with contextlib.suppress(CannotStart):
            self.zygotes.ask(self.state, "interrupt")

    def remember(self, text, count, index):
        """This cell ran: a fresh candidate runs it again."""
        self.replayed.append(Ran(text, count, index))

    def check(self):
        """Stop at once if it is not the student's fault that there is no candidate."""
        if self.broken:
            raise self.broken

    def close(self):
        """The submission is over: its candidate ends."""
        self.remote.close()
        with contextlib.suppress(CannotStart):
            self.zygotes.ask(self.state, "end")
