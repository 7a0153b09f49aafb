"""The processes that examine the submissions of one notebook, seen from the round that gives them work."""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
import sys
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any

from nbformat import NotebookNode

from proctor.examiner.packet import unpacked_result
from proctor.examiner.process import FAILED, STARTING
from proctor.examiner.results import Event, Outcome
from proctor.examiner.template import Task, Template
from proctor.examiner.worker import LATER
from proctor.pool.bases import Bases, CannotStart, ProcessEnded
from proctor.pool.candidate_server import notebook_config
from proctor.pool.shown import NOTHING_KEPT, KeptShown, Shown
from proctor.publish.folders import SupportCopy, WorkingFolder

ATTEMPTS = 2  # workers that may end with the same submission
RESTARTS = 3
HELD = 100  # results that wait for what the prefix shows
CLOSED = "This pool was closed."
ENDING = 15  # seconds for the processes to end by themselves

Result = tuple[Any, Outcome, NotebookNode | None]


def hang_up(conn: Connection) -> None:
    """Close a connection, also for a thread that waits for it: closing alone would not wake it, and
    keep the other end from noticing as long as it waits."""
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(conn.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
    conn.close()


@dataclass
class Given:
    """A task that was given to a worker: whose it is, its content, and how often it was begun."""

    key: Any
    content: bytes
    attempts: int = 1


class Pool:
    """Processes that examine submissions of one notebook, until it is closed; CannotStart.

    `kept` is where what the first cells show is found, or kept for the next time; `support` is a copy
    of the template's support files, where there is one that other pools use as well.
    """

    def __init__(
        self,
        bases: Bases,
        template: Template,
        workers: int = 2,
        kept: KeptShown = NOTHING_KEPT,
        support: SupportCopy | None = None,
    ) -> None:
        self.bases, self.template, self.workers, self.kept = bases, template, workers, kept
        self.folder = WorkingFolder(support or SupportCopy(template.support))
        self.starts, self.count = 0, 0
        self.closed = False
        shown = kept.read()
        places = {part.index for part in template.running()}
        fits = shown is not None and shown.outputs.keys() == places
        self.drawn = shown.outputs if shown is not None and fits else None
        self.failed: list[int] = []
        self.conns: dict[Connection, deque[bytes]] = {}
        self.resting: set[Connection] = set()
        self.life: Connection | None = None
        self.events: list[Event] = []
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def start(self) -> None:
        """Have the notebook prepared, and the workers started from it, if need be by new bases."""
        if self.closed:
            raise CannotStart(CLOSED)
        self.starts += 1
        with self.bases.lock:
            self.bases.renew()
        try:
            self.start_processes()
        except ProcessEnded:
            with self.bases.lock:
                if self.generation == self.bases.replaced:  # not by another pool meanwhile
                    self.bases.replace(self.bases.loaded)
            self.start_processes()

    def start_processes(self) -> None:
        """Start them; ProcessEnded if what they come from ends meanwhile."""
        template = self.template
        config = notebook_config(
            self.folder,
            template.imports,
            template.texts(),
            template.sandbox,
            template.limits,
            template.readable,
        )
        self.drawing = self.drawn is None
        work = {
            "path": [os.path.abspath(path) for path in sys.path],
            "template": template,
            "folder": self.folder,
            "draw": self.drawing,
        }
        with contextlib.ExitStack() as sent:  # closed here once the other processes have them
            lines = [[sent.enter_context(end) for end in socket.socketpair()] for _ in range(2)]
            pairs = [Pipe() for _ in range(self.workers + 2)]
            numbers = [sent.enter_context(theirs).fileno() for _, theirs in pairs]
            held = [ours.fileno() for ours, _ in lines]
            with self.bases.lock:
                self.generation = self.bases.replaced
                self.bases.candidates.serve(config, [theirs.fileno() for _, theirs in lines])
                examiners = self.bases.examiners
                examiners.begin(work, [*numbers[:2], *held, *numbers[2:]])
        self.life, self.pictures, *conns = (ours for ours, _ in pairs)
        self.conns = {conn: deque() for conn in conns}
        self.resting = set()
        late: Any = "failed", f"The notebook was not prepared within {STARTING:g} seconds."
        try:
            kind, told = self.life.recv() if self.life.poll(STARTING) else late
        except (EOFError, OSError) as error:
            words = examiners.last_words()
            raise ProcessEnded(f"The examiner's process ended while it started: {words}") from error
        if kind == "failed":
            raise CannotStart(told)
        self.events = list(told)

    @property
    def prefix(self) -> dict[int, list[NotebookNode]]:
        """What the prefix shows, by place, as soon as all of it is drawn."""
        if self.drawing:
            self.look()
        if self.drawn is None:
            raise CannotStart("The process that draws what the first cells show has ended.")
        return self.drawn

    def look(self) -> None:
        """Take what the prefix shows, or the news that nobody draws it any more."""
        self.drawing = False
        with contextlib.suppress(EOFError, OSError):
            found = self.pictures.recv()
            self.drawn, self.failed = found.outputs, found.failed
            if not self.failed:
                self.kept.write(Shown(found.outputs, found.modules))

    def warnings(self) -> list[str]:
        """What went wrong in the instructor's own cells, before any student's."""
        with contextlib.suppress(CannotStart):
            _ = self.prefix
        known = {event.index for event in self.events}
        drawn = [Event("crashed", index, FAILED) for index in self.failed if index not in known]
        return [event.text for event in [*self.events, *drawn]]

    def examine(
        self, pairs: Iterable[tuple[Any, Task]], with_prefix: bool = True
    ) -> Iterator[Result]:
        """Do the tasks of (key, task) pairs; (key, outcome, notebook) as they are done, in any order.

        Not `with_prefix`: nobody waits until what the prefix shows is drawn; there it shows nothing.
        """
        if self.generation != self.bases.replaced:  # its workers ended with the bases before
            self.end()
            self.start()
        self.pairs: Iterator[tuple[Any, Task]] | None = iter(pairs)
        self.open: dict[bytes, Given] = {}
        self.again: deque[bytes] = deque()
        done: deque[tuple[Any, bytes]] = deque()
        self.feed()
        while self.open or self.pairs is not None:
            if self.closed:
                raise CannotStart(CLOSED)
            for conn in wait([*self.conns, self.pictures] if self.drawing else list(self.conns)):
                if conn not in self.conns:
                    if conn is self.pictures:  # not of processes that were lost a moment ago
                        self.look()
                    continue
                assert isinstance(conn, Connection)
                try:
                    message = conn.recv()
                except (EOFError, OSError):
                    yield from self.lost(conn)
                    continue
                if message[0] == "want":
                    self.give(conn)
                else:
                    self.conns[conn].remove(message[1])
                    key = self.open.pop(message[1]).key
                    self.feed()
                    done.append((key, message[2]))
            waits = with_prefix and self.drawing
            while done and (not waits or len(done) > HELD):  # the workers go on meanwhile
                yield self.result(*done.popleft(), with_prefix)
        for one in done:
            yield self.result(*one, with_prefix)

    def result(self, key: Any, content: bytes, with_prefix: bool) -> Result:
        """A result as it is handed on."""
        nothing: dict[int, list[NotebookNode]] = defaultdict(list)
        try:
            return key, *unpacked_result(content, lambda: self.prefix if with_prefix else nothing)
        except CannotStart as error:
            return key, Outcome(events=[Event("crashed", None, str(error))]), None
        except Exception as error:
            words = f"What the examiner handed back cannot be read ({type(error).__name__})."
            return key, Outcome(events=[Event("crashed", None, words)]), None

    def give(self, conn: Connection) -> None:
        """Give a worker a task, or tell it that there is none for now."""
        number = self.following()
        self.resting.discard(conn)
        if number is None:
            self.resting.add(conn)
        else:
            self.conns[conn].append(number)
        with contextlib.suppress(OSError):  # it has ended, which is heard of next
            conn.send_bytes(LATER if number is None else number + self.open[number].content)

    def following(self) -> bytes | None:
        """The number of the next task, or None."""
        if self.again:
            return self.again.popleft()
        pair = next(self.pairs, None) if self.pairs is not None else None
        if pair is None:
            self.pairs = None
            return None
        self.count += 1
        number = self.count.to_bytes(8, "big")
        self.open[number] = Given(pair[0], pickle.dumps(pair[1]))
        return number

    def feed(self) -> None:
        """Give what there is to those that were told there is nothing."""
        for conn in [conn for conn in self.resting if not self.conns[conn]]:
            if self.again or self.pairs is not None:
                self.give(conn)

    def lost(self, conn: Connection) -> Iterator[Result]:
        """A worker has ended: its tasks are given to another one, once."""
        if self.closed:
            raise CannotStart(CLOSED)
        conn.close()
        self.resting.discard(conn)
        given_up = []
        for place, number in enumerate(self.conns.pop(conn)):
            self.open[number].attempts += place == 0  # the others only waited
            if self.open[number].attempts > ATTEMPTS:
                given_up.append(self.open.pop(number).key)
            else:
                self.again.append(number)
        if not self.conns:
            if self.starts > RESTARTS:
                raise CannotStart("The processes that examine submissions ended again and again.")
            self.end()
            self.start()
        self.feed()
        words = "The process that examined this submission ended, and so did the next one."
        for key in given_up:
            yield key, Outcome(events=[Event("crashed", None, words)]), None

    @property
    def is_idle(self) -> bool:
        """Whether all its workers are there and nobody waits for anything, as after its start."""
        at_work = bool(getattr(self, "open", None)) or getattr(self, "pairs", None) is not None
        return self.life is not None and len(self.conns) == self.workers and not at_work

    def end(self) -> None:
        """Let the processes end, which they do when nobody speaks with them."""
        life, self.life = self.life, None
        conns, self.conns = self.conns, {}
        if life is not None:
            for conn in [*conns, self.pictures]:
                hang_up(conn)
            with contextlib.suppress(OSError):
                life.send("end")
                life.poll(ENDING)  # until its other end is closed
            life.close()

    def close(self) -> None:
        """End all processes and remove their folder; a thread that waits for results gets CannotStart."""
        self.closed = True
        self.end()
        self.folder.remove()
