"""A run's candidates: one at a time, each brought to where the one before was by running its cells
again."""

from __future__ import annotations

import contextlib
import functools
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, Protocol, TypeVar

from proctor.codecs.frames import Channel, Closed, FrameError
from proctor.examiner.client import CandidateGone, Client
from proctor.pool.bases import CannotStart
from proctor.pool.candidate_server import CandidateServer

GRACE = 2.0  # seconds a cell has to end after it was interrupted
DEATHS = 8  # candidates that one run may lose
# The same once a cell of the submission has used up its time: what hangs costs its limit once.
HURRIED, HURRIED_SHARE, HURRIED_GRACE = 1.0, 0.1, 0.5

P = ParamSpec("P")
R = TypeVar("R")


class Progress(Protocol):
    """Told before something that may take long: the cell's index, and for how many seconds."""

    def __call__(self, index: int | None, seconds: float) -> None: ...


class Clock:
    """Calls `act` once, from a thread, when `seconds` have passed since its start."""

    def __init__(self, seconds: float, act: Callable[[], None]) -> None:
        self.seconds, self.act = seconds, act
        self.rang = False
        self.timer: threading.Timer | None = None

    def start(self) -> None:
        """Begin to count."""
        self.timer = threading.Timer(self.seconds, self.ring)
        self.timer.daemon = True
        self.timer.start()

    def ring(self) -> None:
        """The time is up."""
        self.rang = True
        self.act()

    def stop(self) -> None:
        """Count no more; `act` is not running when this returns."""
        if self.timer:
            self.timer.cancel()
            self.timer.join()


def without_alarms(work: Callable[P, R]) -> Callable[P, R]:
    """The function, during which no alarm of a test's own can interrupt what must be finished."""

    @functools.wraps(work)
    def shielded(*arguments: P.args, **named: P.kwargs) -> R:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        try:
            return work(*arguments, **named)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    return shielded


@dataclass(frozen=True)
class CellRun:
    """A cell that ran to its end, so that it may be run again."""

    text: str
    count: int
    index: int
    given: bool


class RunCandidates:
    """The candidates of one run of a plan; `client` speaks with the one there is.

    `state` is what they are forked from: "prefix" (the instructor's first cells have run) or
    "imports". `lost(index, text)` is told of a cell that did not end when it was run again.
    """

    def __init__(
        self,
        server: CandidateServer,
        state: str,
        reseed: list[str],
        files: dict[str, str],
        timeout: float,
        progress: Progress,
        lost: Callable[[int, str], None],
    ) -> None:
        self.server, self.state, self.reseed, self.files = server, state, reseed, files
        self.timeout, self.progress, self.lost = timeout, progress, lost
        self.client = Client(self)
        self.starts = 0
        self.finished: list[CellRun] = []
        self.clock: Clock | None = None
        self.hurried = False
        self.broken: CannotStart | None = None
        self.reason = ""

    @property
    def limit(self) -> float:
        """Seconds that the next cell may take."""
        hurried = max(HURRIED, HURRIED_SHARE * self.timeout)
        return min(self.timeout, hurried) if self.hurried else self.timeout

    @property
    def grace(self) -> float:
        """Seconds a cell has to end once it was interrupted."""
        return HURRIED_GRACE if self.hurried else GRACE

    @without_alarms
    def connect(self) -> Channel:
        """A channel to a fresh candidate in which all cells so far have run again; CandidateGone."""
        while self.starts <= DEATHS:
            self.starts += 1
            channel = Channel(self.forked())
            if self.replay(channel):
                self.start_clock()
                return channel
            self.kill(channel)
        raise CandidateGone(
            f"Nothing more is asked of this submission's code: {DEATHS} of its processes have ended "
            "or hung before."
        )

    def forked(self) -> Any:
        """A socket to a fork; if there is nothing to fork from, the worker ends after this cell."""
        try:
            return self.server.fork(self.state, self.reseed, self.files)
        except CannotStart as error:
            self.broken = error
            raise CandidateGone(str(error)) from error

    def replay(self, channel: Channel) -> bool:
        """Run the cells so far again; one that does not end this time is left out from now on."""
        for cell in list(self.finished):
            self.progress(cell.index, self.timeout)
            try:
                channel.send("run", vars(cell), self.timeout)
                kind, _ = channel.receive(self.timeout)
                if kind != "ran":
                    raise FrameError(f"{kind!r} came for a cell that ran")
            except (FrameError, TimeoutError) as error:
                self.finished.remove(cell)
                what = "ended" if isinstance(error, Closed) else "did not end in time"
                self.lost(
                    cell.index,
                    f"Run again for a fresh process, this cell {what}; it is left out from here on.",
                )
                return False
        self.progress(None, self.timeout)
        return True

    @without_alarms
    def kill(self, channel: Channel) -> None:
        """End the candidate behind a channel, with all it started; if that cannot be done, or the
        candidate ended by no doing of its own, the submission is examined anew."""
        channel.close()
        try:
            self.reason = self.server.ask(self.state, "end").get("reason", "")
        except CannotStart as error:
            self.broken = error

    def run(self, cell: CellRun, limit: float) -> tuple[dict[str, Any], bool]:
        """Run a cell; its reply, and whether it had to be interrupted after `limit` seconds."""
        grace = self.grace
        self.progress(cell.index, limit + grace)
        self.clock = Clock(limit, self.interrupt)
        self.client.cell(limit + grace)
        if self.client.channel is not None:
            self.clock.start()
        try:
            body = self.client.run(cell.text, cell.count, cell.given)
            return body, self.clock.rang
        finally:
            self.clock.stop()
            self.hurried = self.hurried or self.clock.rang
            self.clock = None

    def start_clock(self) -> None:
        """A candidate is there, its cells have run again: what follows has its whole time."""
        if self.client.allowed is not None:
            self.client.deadline = time.monotonic() + self.client.allowed
        if self.clock:
            self.clock.start()

    def interrupt(self) -> None:
        """Let the cell that runs in the candidate see a KeyboardInterrupt."""
        with contextlib.suppress(CannotStart):
            self.server.ask(self.state, "interrupt")

    def close(self) -> None:
        """The run is over: its candidate ends."""
        self.client.close()
        with contextlib.suppress(CannotStart):
            self.server.ask(self.state, "end")
