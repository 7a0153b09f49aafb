"""Owns a worker: it forks an examiner for each submission, watches over its time, and reports what came out."""

import contextlib
import gc
import os
import pickle
import signal
import tempfile
import time
from multiprocessing.connection import Pipe, wait

from proctor.candidate import environment as neutral
from proctor.candidate.unconfined import die_with_parent
from proctor.publish.folders import copy, remove
from proctor.examiner.packet import packed, plain
from proctor.examiner.results import Event, Outcome
from proctor.sandbox import limits
from proctor.pool.pool import LATER
from proctor.pool.zygotes import CannotStart, Zygotes
from proctor.examiner import texts
from proctor.examiner.fence import Fence
from proctor.examiner.unpickling import guard
from proctor.examiner.walk import Session

MARGIN = 10.0  # seconds an examiner has beyond what it announced, before it is interrupted and then killed
FINISHING = 120.0  # seconds for what is done with an outcome
STARTING = 300.0  # seconds for a zygote's imports and prefix
ATTEMPTS = 4  # examiners for one submission, each leaving out the test that ended the one before


class Worker:
    """One worker: `shared` is what the template process prepared, `zygotes` are its own."""

    def __init__(self, shared, zygotes, conn, number):
        self.shared, self.zygotes, self.conn = shared, zygotes, conn
        self.folder, self.temporary = (
            shared.folder.path / f"examiner-{number}",
            shared.folder.path / f"t{number}",
        )
        self.fence = Fence(shared.template.secret) if shared.template.sandbox else None
        self.fresh_folder()

    def fresh_folder(self):
        """The instructor's cells run in a folder of their own, beside the support files."""
        remove(self.folder)
        copy(self.shared.folder.work, self.folder)
        os.chdir(self.folder)
        self.seen = snapshot(self.folder)
        remove(self.temporary)
        self.temporary.mkdir()
        if self.fence:
            self.fence.plan(self.folder, self.temporary)

    def work(self):
        """Examine what comes until there is nothing more."""
        with contextlib.suppress(EOFError, OSError):
            self.conn.send(("want",))
            task = self.conn.recv_bytes()
            while True:
                task = self.examined(task) if task != LATER else self.conn.recv_bytes()
        self.zygotes.close()

    def examined(self, task):
        """Examine one submission and send the result; return the next one, which was asked for meanwhile."""
        number, plan = task[:8], task[8:]
        self.keep_zygotes()
        self.conn.send(("want",))
        following = result = None
        skip, examiner = {}, Examiner(self, plan, {})
        try:
            while result is None or following is None:
                ready = wait(
                    [self.conn, examiner.conn] if result is None else [self.conn],
                    examiner.left() if result is None else None,
                )
                if self.conn in ready:
                    following = (
                        self.conn.recv_bytes()
                    )  # EOFError: nobody waits for results any more
                if examiner.conn in ready:
                    result = examiner.heard()
                elif result is None and examiner.late():
                    result = examiner.hurry()
                if isinstance(result, dict):
                    examiner.end()
                    self.keep_zygotes()
                    skip |= result
                    examiner = Examiner(self, plan, skip, examiner.attempt + 1)
                    result = (
                        None
                        if examiner.attempt <= ATTEMPTS
                        else crashed(
                            "Again and again the examiner's process ended with this submission."
                        )
                    )
        finally:
            examiner.end()
        if snapshot(self.folder) != self.seen or os.listdir(self.temporary):
            self.fresh_folder()
        self.conn.send(("done", number, result))
        return following

    def keep_zygotes(self):
        """End what an examiner that is gone has left; start new zygotes if one was lost."""
        try:
            for state in self.zygotes.lines:
                self.zygotes.ask(state, "end")
        except CannotStart:
            self.zygotes = self.renew()

    def renew(self):
        """Zygotes started from nothing."""
        zygotes = Zygotes.start(self.shared.template, self.shared.folder)
        zygotes.ready(STARTING)
        return zygotes


class Examiner:
    """A forked process that examines one submission; seen from the worker."""

    def __init__(self, worker, plan, skip, attempt=1):
        self.attempt, self.index, self.hurried = attempt, None, False
        self.deadline = time.monotonic() + MARGIN
        self.conn, theirs = Pipe(duplex=False)
        self.pid = os.fork()
        if not self.pid:
            try:
                self.conn.close()
                worker.conn.close()
                examine(worker, pickle.loads(plan), skip, theirs)
            except CannotStart:  # a fenced process cannot start what candidates are forked from
                with contextlib.suppress(Exception):
                    theirs.send(("again",))
            except BaseException as error:
                with contextlib.suppress(Exception):
                    theirs.send(("failed", f"{type(error).__name__}: {error}"))
            finally:
                os._exit(0)
        theirs.close()

    def left(self):
        """Seconds until it is late."""
        return max(0.0, self.deadline - time.monotonic())

    def late(self):
        """Whether it takes longer than it announced."""
        return time.monotonic() >= self.deadline

    def heard(self):
        """What it says: None to go on waiting, bytes for a result, a dict for a test to leave out."""
        try:
            kind, *more = plain(self.conn.recv_bytes())
            if kind == "progress":
                self.index, self.hurried = more[0] if more[0] is not None else self.index, False
                self.deadline = time.monotonic() + min(more[1], 1e9) + MARGIN
                return None
        except Exception:  # it has ended, or says what it should not
            return {self.index: "crash"}
        if kind == "again":
            return {}
        return bytes(more[0]) if kind == "done" else crashed(str(more[0]))

    def hurry(self):
        """Interrupt it; the second time, give it up."""
        if self.hurried:
            return {self.index: "timeout"}
        self.hurried, self.deadline = True, time.monotonic() + MARGIN
        os.kill(self.pid, signal.SIGINT)
        return None

    def end(self):
        """End it, however far it is."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.conn.close()
            self.pid = None


def examine(worker, plan, skip, conn):
    """In the examiner: walk through the plan, finish, send the result."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    shared, line = worker.shared, worker.shared.line
    line.zygotes = worker.zygotes
    neutral.reseed([name for name in neutral.SEEDED if name not in shared.fixed_libraries])
    shared.cells.fresh()
    tempfile.tempdir = str(worker.temporary)
    line.remote.told.watch(worker.folder, worker.temporary)
    guard(), texts.guard()
    if worker.fence:
        worker.fence.put_up()
    limits.bound(
        2 * shared.template.limits.get("memory_bytes", limits.Limits.memory_bytes)
    )  # what a student's answer grows to is theirs
    gc.enable()

    def progress(index, seconds):
        conn.send(("progress", index, seconds))

    session = Session(shared.template, plan, shared.cells, line, shared.prefix, progress, skip)
    try:
        outcome = session.walk()
    finally:
        line.close()
    finished = None
    if shared.finish:
        progress(None, FINISHING)
        try:
            finished = shared.finish(plan, outcome)
        except Exception as error:
            outcome.events.append(
                Event(
                    "crashed",
                    None,
                    f"What follows the examination failed: {type(error).__name__}: {error}",
                )
            )
    conn.send(("done", packed((outcome, finished), shared.prefix)))


def crashed(text):
    """The result of a submission that could not be examined."""
    return pickle.dumps((Outcome(events=[Event("crashed", None, text)]), None))


def snapshot(folder):
    """What lies in a folder, to see whether it changed."""
    found = []
    for path, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in files:
            about = os.lstat(os.path.join(path, name))
            found.append((path, name, about.st_size, about.st_mtime_ns))
        found += [(path, name) for name in folders]
    return sorted(found, key=repr)
