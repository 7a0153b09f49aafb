"""One submission from its plan to its outcome: the runs that its tests need, each a pure one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from nbformat import NotebookNode

from proctor.assemble.plan import Part, Plan
from proctor.examiner.candidates import Progress, RunCandidates
from proctor.examiner.cells import TestCells
from proctor.examiner.results import Event, Outcome, TestRun, earned, passed
from proctor.examiner.session import InProcess, Isolated, Run, Session
from proctor.examiner.template import Grading, Task, Template
from proctor.pool.candidate_server import CandidateServer

NOTED = "Isolated, this test failed: {why}. In one process with the answer it gets more points."
WHY_REBOUND = "it reads {names}, which the submission has changed"


@dataclass
class Examiner:
    """What an examiner process has: the shell after the prefix, and where candidates come from.

    `prefix` are the prefix's outputs by place, `fixed` the libraries whose random numbers the
    instructor's cells have fixed, the same in both processes.
    """

    template: Template
    cells: TestCells
    server: CandidateServer
    prefix: Mapping[int, list[NotebookNode]]
    fixed: frozenset[str]
    progress: Progress
    skip: Mapping[int, str]
    hurried: bool = False

    def examine(self, task: Task) -> Outcome:
        """What a task comes to."""
        if isinstance(task.work, Run):
            return self.run(task.plan, task.work)
        return self.graded(task.plan, task.work)

    def run(self, plan: Plan, run: Run) -> Outcome:
        """One run of a plan."""
        covered = self.template.covers(plan, full=run.way == "in process")
        candidates = partial(
            RunCandidates,
            self.server,
            "prefix" if covered else "imports",
            [
                name
                for name in ("random", "numpy", "torch")
                if not covered or name not in self.fixed
            ],
        )
        timeout = self.template.timeout
        shared = plan, run, candidates, timeout, self.progress, self.prefix, covered
        session: Session
        if run.way == "in process":
            session = InProcess(*shared)
        else:
            session = Isolated(*shared, self.cells, self.skip)
        outcome = session.walk()
        self.hurried = session.candidates.hurried
        return outcome

    def graded(self, plan: Plan, grading: Grading) -> Outcome:
        """The runs that a submission's tests need, as one outcome."""
        outcome = Outcome()
        if grading.isolated:
            left_out = grading.in_process & grading.idle_isolated
            how = Run("isolated", left_out, names=grading.names, usual=grading.usual)
            outcome = self.run(plan, how)
        if grading.in_process or not grading.isolated:
            left_out = grading.isolated & grading.idle_in_process
            how = Run("in process", left_out, usual=grading.usual, hurried=self.hurried)
            own = self.run(plan, how)
            outcome = joined(plan, grading, outcome, own) if grading.isolated else own
        doubtful = self.doubtful(plan, grading, outcome)
        if doubtful:
            # Whole: a test may need what others bind.
            how = Run("in process", usual=grading.usual, hurried=self.hurried)
            again = self.run(plan, how)
            for part in plan.parts:
                why = doubtful.get(part.name or "")
                if why and more(again, outcome, part):
                    outcome.disputed[part.name or ""] = NOTED.format(why=why.rstrip("."))
        for name, sentence in outcome.disputed.items():
            index = next(part.index for part in plan.parts if part.name == name)
            outcome.events.append(Event("human", index, sentence))
        return outcome

    def doubtful(self, plan: Plan, grading: Grading, outcome: Outcome) -> dict[str, str]:
        """Isolated tests that failed for something that is no verdict on the answer, with why."""
        found = {}
        for part in plan.parts:
            name = part.name or ""
            if part.side != "test" or name not in grading.isolated:
                continue
            test = outcome.tests.get(name, TestRun())
            if passed(outcome.outputs.get(part.index, []), part.points or 0.0):
                continue
            if test.noted:
                found[name] = test.noted
            elif test.ended and self.skip.get(part.index) == "crash":
                found[name] = test.ended
            elif test.rebound:
                found[name] = WHY_REBOUND.format(names=", ".join(sorted(test.rebound)))
        return found


def more(again: Outcome, outcome: Outcome, part: Part) -> bool:
    """Whether a run gives a test more points than the one that counts."""
    own, points = outcome.outputs.get(part.index, []), part.points or 0.0
    return earned(again.outputs.get(part.index, []), points) > earned(own, points)


def joined(plan: Plan, grading: Grading, isolated: Outcome, own: Outcome) -> Outcome:
    """The isolated run's outcome, with the tests that are graded in process from the other run."""
    for part in plan.parts:
        name = part.name or ""
        if part.side == "test" and name in grading.in_process:
            isolated.outputs[part.index] = own.outputs.get(part.index, [])
            isolated.execution_counts[part.index] = own.execution_counts.get(part.index, 0)
            isolated.trusted.discard(part.index)
            if name in own.tests:
                isolated.tests[name] = own.tests[name]
    places = {part.index for part in plan.parts if (part.name or "") in grading.in_process}
    isolated.events += [event for event in own.events if event.index in places]
    isolated.seconds += own.seconds
    return isolated
