"""Owns the workers of a round, seen from the process that gives them submissions and takes the results."""

import atexit
import contextlib
import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from multiprocessing.connection import Pipe, wait

from proctor.pool import process as early
from proctor.publish.folders import Folder
from proctor.examiner.packet import unpacked
from proctor.examiner.results import FAILED, Event, Outcome
from proctor.pool.zygotes import CannotStart

LATER = b"later"  # what a worker is told when there is no submission for now
ATTEMPTS = 2  # workers that may end with the same submission
RESTARTS = 3
HELD = 100  # results that wait for what the prefix shows
ENDING = 15  # seconds for the processes to end by themselves


class Pool:
    """Processes that examine submissions of one notebook, until it is closed.

    `finish(plan, outcome)` is an importable function; it runs beside the examiner and what it returns is handed on.
    """

    def __init__(self, template, workers=2, finish=None):
        self.template, self.workers, self.finish = template, workers, finish
        self.folder = Folder(template.support)
        self.starts, self.count, self.process, self.drawn = 0, 0, None, None
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def start(self):
        """Start the process that prepares, and the workers from it."""
        self.starts += 1
        pairs = [Pipe() for _ in range(self.workers + 2)]
        ours, theirs = zip(*pairs)
        work = {
            "path": [os.path.abspath(path) for path in sys.path],
            "task": pickle.dumps((self.template, self.folder, self.finish)),
        }
        (self.life, self.pictures), self.conns, self.resting = (
            ours[:2],
            {conn: deque() for conn in ours[2:]},
            set(),
        )
        self.drawing = self.drawn is None
        started = early.process()
        self.process = started.running
        started.begin(work, [conn.fileno() for conn in theirs])
        for conn in theirs:
            conn.close()
        with started.errors:
            try:
                kind, self.report = self.life.recv()
            except (EOFError, OSError) as error:
                raise CannotStart(
                    f"The examiner's process ended while it started: {started.last_words()}"
                ) from error
        if kind == "failed":
            raise CannotStart(self.report)

    @property
    def prefix(self):
        """The prefix's Outcome, as soon as all it shows is drawn."""
        if self.drawing:
            self.look()
        if self.drawn is None:
            raise CannotStart(
                "The process that draws what the instructor's first cells show has ended."
            )
        return self.drawn

    def look(self):
        """Take what the prefix shows, or the news that nobody draws it any more."""
        self.drawing = False
        with contextlib.suppress(EOFError, OSError):
            outputs, failed = self.pictures.recv()
            known = {event.index for event in self.report.events}
            self.drawn = Outcome(
                outputs=outputs,
                events=[
                    *self.report.events,
                    *(Event("crashed", index, FAILED) for index in failed if index not in known),
                ],
            )

    def examine(self, pairs):
        """Examine the plans of (key, plan) pairs; yield (key, outcome, finished) as they are done, not in order."""
        self.pairs, self.open, self.again, done = iter(pairs), {}, deque(), deque()
        self.feed()
        while self.open or self.pairs is not None:
            for conn in wait([*self.conns, self.pictures] if self.drawing else list(self.conns)):
                if conn not in self.conns:
                    if conn is self.pictures:  # not of processes that were lost a moment ago
                        self.look()
                    continue
                try:
                    message = conn.recv()
                except (EOFError, OSError):
                    yield from self.lost(conn)
                    continue
                if message[0] == "want":
                    self.give(conn)
                else:
                    self.conns[conn].remove(message[1])
                    key = self.open.pop(message[1])[0]
                    self.feed()
                    done.append((key, message[2]))
            while done and (not self.drawing or len(done) > HELD):  # the workers go on meanwhile
                yield self.result(*done.popleft())
        for one in done:
            yield self.result(*one)

    def result(self, key, content):
        """A result as it is handed on."""
        try:
            return key, *unpacked(content, lambda: self.prefix.outputs)
        except Exception as error:
            return (
                key,
                Outcome(
                    events=[
                        Event(
                            "crashed",
                            None,
                            f"What the examiner's process handed back cannot be read ({type(error).__name__}).",
                        )
                    ]
                ),
                None,
            )

    def give(self, conn):
        """Give a worker a submission, or tell it that there is none for now."""
        number = self.following()
        self.resting.discard(conn)
        if number is None:
            self.resting.add(conn)
        else:
            self.conns[conn].append(number)
        with contextlib.suppress(OSError):  # it has ended, which is heard of next
            conn.send_bytes(LATER if number is None else number + self.open[number][1])

    def following(self):
        """The number of the next submission, or None."""
        if self.again:
            return self.again.popleft()
        pair = next(self.pairs, None) if self.pairs is not None else None
        if pair is None:
            self.pairs = None
            return None
        self.count += 1
        number = self.count.to_bytes(8, "big")
        self.open[number] = [pair[0], pickle.dumps(pair[1]), 1]
        return number

    def feed(self):
        """Give what there is to those that were told there is nothing."""
        for conn in [conn for conn in self.resting if not self.conns[conn]]:
            if self.again or self.pairs is not None:
                self.give(conn)

    def lost(self, conn):
        """A worker has ended: its submissions are given to another one, once."""
        conn.close()
        self.resting.discard(conn)
        given_up = []
        for place, number in enumerate(self.conns.pop(conn)):
            self.open[number][2] += place == 0  # the others only waited
            if self.open[number][2] > ATTEMPTS:
                given_up.append(self.open.pop(number)[0])
            else:
                self.again.append(number)
        if not self.conns:
            if self.starts > RESTARTS:
                raise CannotStart("The processes that examine submissions ended again and again.")
            self.end()
            self.start()
        self.feed()
        for key in given_up:
            yield (
                key,
                Outcome(
                    events=[
                        Event(
                            "crashed",
                            None,
                            "The process that examined this submission ended, and so did the next one.",
                        )
                    ]
                ),
                None,
            )

    def end(self):
        """Let the processes end, by force if need be."""
        for conn in [*self.conns, self.life, self.pictures]:
            conn.close()
        self.conns = {}
        try:
            self.process.wait(ENDING)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def close(self):
        """End all processes and remove their folder."""
        if self.process is not None:
            self.end()
            self.ended, self.process = self.process.pid, None
        self.folder.remove()


kept = {}


def kept_pool(template):
    """The pool of one worker for a template, started when it is first wanted; one is kept at a time."""
    key = template.key()
    if key not in kept:
        while kept:
            kept.popitem()[1].close()
        kept[key] = Pool(template, workers=1)
    return kept[key]


@atexit.register
def close_kept():
    """End what was kept."""
    while kept:
        kept.popitem()[1].close()
