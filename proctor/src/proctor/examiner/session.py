"""One run of a plan: *isolated*, the tests in this process and the student's cells in a candidate, or
*in process*, everything in one candidate, as stock nbgrader runs it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from nbformat import NotebookNode

from proctor.assemble.plan import Part, Plan
from proctor.codecs.digest import digest
from proctor.examiner.candidates import CellRun, Progress, RunCandidates
from proctor.examiner.cells import TestCells
from proctor.examiner.client import CandidateGone, CandidateTimeout
from proctor.examiner.names import NONE, Names, imports
from proctor.examiner.results import (
    Event,
    Outcome,
    TestRun,
    ended_output,
    error_output,
    merged,
    passed,
    timeout_output,
    well_formed,
)

Way = Literal["isolated", "in process"]
PATIENCE = 10.0  # times what a test took with the reference that it has even in a hurry
SLOW = 1.0  # seconds; a cell for pictures of the answer ("candidate") that took longer runs once
TIMED_OUT = "This test did not end in time, and could not be interrupted."
CRASHED = "The examiner's process ended while it ran this test."


@dataclass(frozen=True)
class Run:
    """How to run a plan.

    `left_out` are tests that are not run, `limits` seconds that some tests may take at most, both by
    grade_id. `observe`: it is the reference's, which shows whose the names are.
    `usual` are the seconds that tests took with the reference; `hurried`: a run of this submission has
    used up the time of a cell before.
    """

    way: Way
    left_out: frozenset[str] = NONE
    limits: Mapping[str, float] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    observe: bool = False
    usual: Mapping[str, float] = field(default_factory=dict)
    hurried: bool = False


def runs(part: Part) -> bool:
    """Whether a part is code that is run at all."""
    return (
        part.side not in ("text", "skip")
        and part.cell.cell_type == "code"
        and bool(part.cell.source.strip())
    )


class Session:
    """A run of a plan, whatever its way: the parts in order, each with its outputs.

    `prefix` are the outputs of the instructor's first cells by place; the first `covered` cells of the
    plan are these, and candidates have run them already.
    """

    def __init__(
        self,
        plan: Plan,
        run: Run,
        candidates: Callable[..., RunCandidates],
        timeout: float,
        progress: Progress,
        prefix: Mapping[int, list[NotebookNode]],
        covered: int,
    ) -> None:
        self.plan, self.how, self.timeout, self.progress = plan, run, timeout, progress
        self.prefix, self.covered = prefix, covered
        self.outcome = Outcome()
        self.candidates = candidates(
            timeout=timeout,
            progress=progress,
            lost=lambda index, text: self.event("died", index, text),
            files=plan.files,
        )
        self.candidates.hurried = run.hurried
        self.client = self.candidates.client

    def parts(self) -> list[Part]:
        """The parts to run, in order."""
        return [
            part
            for part in self.plan.parts
            if runs(part) and not (part.side == "test" and part.name in self.how.left_out)
        ]

    def walk(self) -> Outcome:
        """Run every part; the Outcome."""
        begun = time.monotonic()
        try:
            for count, part in enumerate(self.parts(), 1):
                self.outcome.execution_counts[part.index] = count
                if count <= self.covered:
                    self.outcome.trusted.add(part.index)
                    self.outcome.outputs[part.index] = self.prefix[self.place(part)]
                    if count == self.covered:
                        self.observe(part)
                else:
                    self.outcome.outputs[part.index] = self.run(part, count)
                if self.candidates.broken:
                    raise self.candidates.broken
        finally:
            self.candidates.close()
        self.outcome.seconds = time.monotonic() - begun
        return self.outcome

    def run(self, part: Part, count: int) -> list[NotebookNode]:
        """Run one part; its outputs."""
        raise NotImplementedError

    def observe(self, part: Part) -> None:
        """A cell has run in the candidate."""

    def place(self, part: Part) -> int:
        """The part's place among the instructor's cells; -1 for a student's own."""
        return -1 if part.place is None else part.place

    def limit(self, part: Part) -> float:
        """Seconds that a test may take."""
        name = part.name or ""
        usual = min(self.timeout, PATIENCE * self.how.usual.get(name, 0.0))
        return min(self.how.limits.get(name, self.timeout), max(self.candidates.limit, usual))

    def in_candidate(self, part: Part, text: str, count: int) -> list[NotebookNode]:
        """Run a cell in the candidate; its outputs, checked for their form."""
        cell = CellRun(text, count, part.index, given=part.side in ("given", "edited"))
        limit = self.limit(part)
        begun = time.monotonic()
        try:
            body, interrupted = self.candidates.run(cell, limit)
        except CandidateTimeout:
            return self.timed_out(part.index, [], limit)
        except CandidateGone as gone:
            self.losses(part.index)
            return [ended_output(str(gone))]
        outputs = well_formed(body.get("outputs"), count)
        if interrupted:
            return self.timed_out(part.index, outputs, limit)
        slow = time.monotonic() - begun >= SLOW
        if part.side != "shown" and not (slow and part.side == "candidate"):
            self.candidates.finished.append(cell)  # a fresh process needs its names
        self.losses(part.index)
        return outputs

    def timed_out(
        self, index: int, outputs: list[NotebookNode], limit: float
    ) -> list[NotebookNode]:
        """The outputs of a cell that did not end in time."""
        self.client.losses.clear()
        self.candidates.hurried = True
        self.event(
            "timeout", index, f"This cell did not end within {limit:g} seconds and was stopped."
        )
        return [*outputs, timeout_output(limit)]

    def losses(self, index: int) -> None:
        """Note what became of candidates during the last cell."""
        for kind, text in self.client.losses:
            self.event(kind, index, " ".join(filter(None, (text, self.candidates.reason))))
            self.candidates.hurried = self.candidates.hurried or kind == "timeout"
        self.client.losses.clear()

    def event(self, kind: str, index: int | None, text: str) -> None:
        """Note something that a human should see."""
        self.outcome.events.append(Event(kind, index, text))


class InProcess(Session):
    """Everything in one candidate: what a test says is the student's word."""

    def run(self, part: Part, count: int) -> list[NotebookNode]:
        begun = time.monotonic()
        outputs = self.in_candidate(part, part.full_text, count)
        if part.side == "test" and part.name:
            self.outcome.tests[part.name] = TestRun(time.monotonic() - begun)
            outputs = merged(outputs)
        return outputs


class Isolated(Session):
    """The tests in this process, which asks the candidate for the student's names.

    `cells` is the shell here, in which the prefix has run; `skip` says of tests that ended the process
    before this one, by index, how.
    """

    def __init__(
        self,
        plan: Plan,
        run: Run,
        candidates: Callable[..., RunCandidates],
        timeout: float,
        progress: Progress,
        prefix: Mapping[int, list[NotebookNode]],
        covered: int,
        cells: TestCells,
        skip: Mapping[int, str],
    ) -> None:
        super().__init__(plan, run, candidates, timeout, progress, prefix, covered)
        self.cells, self.skip = cells, skip
        self.names = run.names
        self.digests: dict[str, str] = {}
        # A handle of a submission's comes where the reference gave one, and nowhere else.
        self.client.expected = None if run.observe else run.names.handles or NONE
        self.cells.namespace.begin(self.client, run.names)
        self.tests = [part.index for part in self.parts() if part.side == "test"]
        self.empty = [part for part in plan.parts if part.side == "student" and not runs(part)]

    def walk(self) -> Outcome:
        outcome = super().walk()
        if self.how.observe:
            found = replace(self.names, handles=frozenset(self.client.handles))
            outcome.seen = found.with_idle(self.cells.namespace.ever_read).to_json()
        return outcome

    def run(self, part: Part, count: int) -> list[NotebookNode]:
        while self.empty and self.empty[0].index < part.index:
            # The answer may stand in another cell.
            self.cells.namespace.answered(self.place(self.empty.pop(0)))
        if part.side == "test":
            return self.test(part, count)
        outputs = self.in_candidate(part, part.candidate_text, count)
        self.observe(part)
        if part.side in ("given", "edited"):
            self.given(part)
        elif part.side == "student" and part.place is not None:
            self.cells.namespace.answered(part.place)
        return outputs

    def given(self, part: Part) -> None:
        """Run an instructor's cell in this process, too, if it has not run yet and a test follows."""
        here = self.place(part) in self.prefix  # it has run in this process
        needed = any(index > part.index for index in self.tests)
        if not here and part.side == "given" and self.place(part) in self.how.names.idle:
            self.cells.namespace.left_out(self.place(part))
        elif not here and needed and part.index not in self.skip:
            self.progress(part.index, self.timeout)
            self.client.cell(self.candidates.limit)
            self.cells.namespace.given(
                self.place(part), lambda: self.cells.silently(part.examiner_text)
            )
            self.losses(part.index)

    def test(self, part: Part, count: int) -> list[NotebookNode]:
        """Run a test in this process."""
        assert part.name is not None
        ran = self.outcome.tests[part.name] = TestRun()
        if part.index in self.skip:
            return self.ended(part, ran)
        namespace, limit = self.cells.namespace, self.limit(part)
        self.progress(part.index, limit)
        self.client.cell(limit)
        namespace.read.clear()
        begun = time.monotonic()
        outputs, ok = self.cells.test(part.cell.source, count)
        ran.seconds = time.monotonic() - begun
        ran.noted = self.client.notes[0] if self.client.notes else ""
        if ok and (failure := self.client.failure()):
            outputs.insert(0, error_output(*failure))  # before what may be partial credit
        self.losses(part.index)
        if ran.seconds >= limit and any(
            output.get("ename") == "KeyboardInterrupt" for output in outputs
        ):  # the worker's: its time was up
            outputs = self.timed_out(part.index, outputs, limit)
        elif not passed(outputs, part.points or 0.0) and not ran.noted:
            ran.rebound = self.rebound()
            self.losses(part.index)
        self.observe(part)
        return outputs

    def ended(self, part: Part, ran: TestRun) -> list[NotebookNode]:
        """The outputs of a test that ended the process before this one."""
        late = self.skip[part.index] == "timeout"
        ran.ended = TIMED_OUT if late else CRASHED
        self.event("timeout" if late else "crashed", part.index, ran.ended)
        return [timeout_output(self.timeout) if late else ended_output(CRASHED)]

    def rebound(self) -> list[str]:
        """Which given names that the last test read are no more what the instructor gave."""
        namespace = self.cells.namespace
        given = NONE.union(*self.names.given.values())
        read = {name for name in namespace.read & given if name not in namespace.asked}
        own = {
            name: dict.get(namespace, name) for name in read if dict.__contains__(namespace, name)
        }
        if not own or self.client.channel is None:
            return []
        self.client.cell(self.candidates.limit)
        try:
            return self.client.changed({name: digest(value) for name, value in own.items()})
        except Exception:  # the candidate ends or lies: then the verdict stands
            return []

    def observe(self, part: Part) -> None:
        if not self.how.observe:
            return
        self.client.cell(self.timeout)
        seen = self.client.observe()
        bound = frozenset(seen["bound"])
        if part.side in ("given", "edited") or part.index in self.outcome.trusted:
            self.names = self.names.with_given(self.place(part), bound)
        else:
            new = NONE
            if part.side == "student":
                new = bound
                known = imports(part.candidate_text)
                libraries = {name: one for name, one in known.items() if name in bound}
                self.names = self.names.with_answers(self.place(part), bound, libraries)
            given = NONE.union(*self.names.given.values()) - new
            changed = {
                name
                for name in given & self.digests.keys()
                if seen["digests"].get(name) != self.digests[name]
            }
            self.names = self.names.with_shared(changed)
        self.digests = {name: value for name, value in seen["digests"].items() if value}
        self.cells.namespace.learn(self.names)
