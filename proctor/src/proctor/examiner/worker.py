"""A worker: it forks an examiner for each submission, watches over its time, and reports what came
out."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from proctor.assemble.plan import Plan
from proctor.candidate.unconfined import die_with_parent
from proctor.examiner.cells import TestCells
from proctor.examiner.examination import Examiner
from proctor.examiner.packet import packed, plain
from proctor.examiner.protection import FileRules, guard_unpickling
from proctor.examiner.results import Event, Outcome, output_digest
from proctor.examiner.session import Run
from proctor.examiner.template import Task, Template
from proctor.kernel.environment import SEEDED, RandomState
from proctor.pool.bases import CannotStart
from proctor.pool.candidate_server import CandidateServer
from proctor.publish.folders import WorkingFolder, copy, remove
from proctor.sandbox import limits
from proctor.sanitize import clean_outputs

MARGIN = 10.0  # seconds beyond what an examiner announced, before it is interrupted, then killed
FINISHING = 120.0  # seconds for what is done with an outcome
ATTEMPTS = 4  # examiners for one submission, each leaving out the test that ended the one before
LATER = b"later"  # what a worker is told when there is no submission for now


@dataclass
class Shared:
    """What the workers inherit from the process that prepared the notebook."""

    template: Template
    folder: WorkingFolder
    cells: TestCells
    random: RandomState
    fixed: frozenset[str]
    prefix: dict[int, list[NotebookNode]]


class Worker:
    """One worker; `server` is where its candidates come from, its own."""

    def __init__(
        self, shared: Shared, server: CandidateServer, conn: Connection, number: int
    ) -> None:
        self.shared, self.server, self.conn = shared, server, conn
        self.folder = shared.folder.path / f"examiner-{number}"
        self.temporary = shared.folder.path / f"t{number}"
        secret, sandbox = shared.template.secret, shared.template.sandbox
        self.rules = FileRules(secret) if sandbox else None
        self.fresh_folder()

    def fresh_folder(self) -> None:
        """The instructor's cells run in a folder of their own, beside the support files."""
        remove(self.folder)
        copy(self.shared.folder.work, self.folder)
        os.chdir(self.folder)
        self.seen = snapshot(self.folder)
        remove(self.temporary)
        self.temporary.mkdir()
        if self.rules:
            self.rules.allow_writing(self.folder, self.temporary)

    def work(self) -> None:
        """Examine what comes until there is nothing more."""
        with contextlib.suppress(EOFError, OSError, CannotStart):
            self.conn.send(("want",))
            task = self.conn.recv_bytes()
            while True:
                task = self.conn.recv_bytes() if task == LATER else self.examined(task)
        self.server.close()

    def examined(self, task: bytes) -> bytes:
        """Examine one submission and send the result; the next one, which was asked for meanwhile.

        CannotStart ends this worker, whose submission another one then gets.
        """
        number, content = task[:8], task[8:]
        self.end_candidates()
        self.conn.send(("want",))
        following: bytes | None = None
        result: bytes | dict[int, str] | None = None
        skip: dict[int, str] = {}
        process = ExaminerProcess(self, content, {})
        try:
            while result is None or following is None:
                waiting = [self.conn, process.conn] if result is None else [self.conn]
                ready = wait(waiting, process.left() if result is None else None)
                if self.conn in ready:
                    following = self.conn.recv_bytes()  # EOFError: nobody waits for results now
                if process.conn in ready:
                    result = process.heard()
                elif result is None and process.late():
                    result = process.hurry()
                if isinstance(result, dict):
                    process.end()
                    self.end_candidates()
                    skip |= result
                    reason, result = process.reason, None
                    process = ExaminerProcess(self, content, skip, process.attempt + 1)
                    if process.attempt > ATTEMPTS:
                        result = crashed(reason)
        finally:
            process.end()
        if snapshot(self.folder) != self.seen or os.listdir(self.temporary):
            self.fresh_folder()
        self.conn.send(("done", number, result))
        return following

    def end_candidates(self) -> None:
        """End what an examiner that is gone has left."""
        for state in self.server.lines:
            self.server.ask(state, "end")


ENDED_AGAIN = "Again and again the examiner's process ended with this submission."


class ExaminerProcess:
    """A forked process that examines one submission; seen from the worker."""

    def __init__(
        self, worker: Worker, content: bytes, skip: dict[int, str], attempt: int = 1
    ) -> None:
        self.attempt, self.hurried = attempt, False
        self.reason = ENDED_AGAIN
        self.index: int | None = None
        self.deadline = time.monotonic() + MARGIN
        self.conn, theirs = Pipe(duplex=False)
        self.pid: int | None = os.fork()
        if not self.pid:
            try:
                self.conn.close()
                worker.conn.close()
                examine(worker, pickle.loads(content), skip, theirs)
            except CannotStart as error:  # the worker sees whether what it forks from is gone
                with contextlib.suppress(Exception):
                    theirs.send(("again", str(error)))
            except BaseException as error:
                with contextlib.suppress(Exception):
                    theirs.send(("failed", f"{type(error).__name__}: {error}"))
            finally:
                os._exit(0)
        theirs.close()

    def left(self) -> float:
        """Seconds until it is late."""
        return max(0.0, self.deadline - time.monotonic())

    def late(self) -> bool:
        """Whether it takes longer than it announced."""
        return time.monotonic() >= self.deadline

    def heard(self) -> bytes | dict[int, str] | None:
        """What it says: None to go on waiting, bytes for a result, a dict for a test to leave out."""
        try:
            kind, *more = plain(self.conn.recv_bytes())
            if kind == "again":
                self.reason = str(more[0])
                return {}
            if kind == "progress":
                self.index = more[0] if more[0] is not None else self.index
                self.hurried = False
                self.deadline = time.monotonic() + min(more[1], 1e9) + MARGIN
                return None
            return bytes(more[0]) if kind == "done" else crashed(str(more[0]))
        except Exception:  # it has ended, or says what it should not
            return {-1 if self.index is None else self.index: "crash"}

    def hurry(self) -> dict[int, str] | None:
        """Interrupt it; the second time, give it up."""
        if self.hurried:
            return {-1 if self.index is None else self.index: "timeout"}
        self.hurried, self.deadline = True, time.monotonic() + MARGIN
        assert self.pid
        os.kill(self.pid, signal.SIGINT)
        return None

    def end(self) -> None:
        """End it, however far it is."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.conn.close()
            self.pid = None


def examine(worker: Worker, task: Task, skip: dict[int, str], conn: Connection) -> None:
    """In the examiner: do the task, and send the result."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.dont_write_bytecode = True  # what lies in its folder afterwards is new, and goes with it
    shared = worker.shared
    shared.random.reseed([name for name in SEEDED if name not in shared.fixed])
    shared.cells.collect_here()
    tempfile.tempdir = str(worker.temporary)
    guard_unpickling()
    if worker.rules:
        worker.rules.enforce()
    memory = shared.template.limits.get("memory_bytes", limits.Limits.memory_bytes)
    limits.limit_memory(
        2 * memory
    )  # what a student's answer grows to in here is bounded as it is there
    gc.enable()
    if isinstance(task.work, Run):
        shared.cells.shorten_tracebacks()

    def progress(index: int | None, seconds: float) -> None:
        conn.send(("progress", index, seconds))

    examiner = Examiner(
        shared.template, shared.cells, worker.server, shared.prefix, shared.fixed, progress, skip
    )
    outcome = examiner.examine(task)
    notebook = None
    if not isinstance(task.work, Run):
        progress(None, FINISHING)
        try:
            places = {part.index: part.place for part in task.plan.parts}
            outcome.digests = {
                index: (place, output_digest(outputs))
                for index, outputs in outcome.outputs.items()
                if (place := places[index]) in shared.prefix and index not in outcome.trusted
            }
            notebook = harmless(task.plan, outcome, clean_outputs)
        except Exception as error:
            words = f"What it put out cannot be made harmless: {type(error).__name__}: {error}"
            outcome.events.append(Event("crashed", None, words))
    conn.send(("done", packed((outcome, notebook), shared.prefix)))


def harmless(
    plan: Plan, outcome: Outcome, clean: Callable[[list[NotebookNode]], list[NotebookNode]]
) -> NotebookNode:
    """The plan's notebook with what came out of it, made harmless by `clean` unless no student's code
    was near; the outcome's outputs are in it and no more in the outcome."""
    for part in plan.parts:
        if part.cell.cell_type == "code":
            outputs = outcome.outputs.get(part.index, [])
            part.cell.outputs = outputs if part.index in outcome.trusted else clean(outputs)
            part.cell.execution_count = outcome.execution_counts.get(part.index)
    outcome.outputs = {}
    return plan.notebook


def crashed(text: str) -> bytes:
    """The result of a submission that could not be examined."""
    return pickle.dumps((Outcome(events=[Event("crashed", None, text)]), None))


def snapshot(folder: Path) -> list[tuple[Any, ...]]:
    """What lies in a folder, to see whether it changed, even if the times of its files were set back."""
    found: list[tuple[Any, ...]] = []
    for path, folders, files in os.walk(folder):
        for name in files:
            about = os.lstat(os.path.join(path, name))
            found.append((path, name, about.st_size, about.st_ino, about.st_ctime_ns))
        found += [(path, name) for name in folders]
    return sorted(found, key=repr)
