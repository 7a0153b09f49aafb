"""Choose how each test is graded, by running the reference solution and the unsolved release.

A test is graded isolated if there its points equal those in process, on the reference and on the
release, those of the reference twice the same and above 0, with nothing noted that is no data, and
well within the time. Every other test is graded in process.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from nbformat import NotebookNode

from proctor.assemble.notebook import assemble
from proctor.assemble.plan import Plan
from proctor.assemble.source import AssignmentNotebook
from proctor.examiner.names import NONE, Names
from proctor.examiner.results import Outcome
from proctor.examiner.session import Run
from proctor.examiner.template import Task
from proctor.gradebook.scores import points_of
from proctor.pool.pool import Pool
from proctor.preparation.decision import NotebookDecision, TestDecision
from proctor.submission.notebook import SubmittedNotebook

SLOWER = 2.0  # times that an isolated test may take what it takes in process
QUICK = 1.0  # seconds that any test may take isolated
TRIES = 3  # runs of which the quickest decides: on a busy machine one may take many times as long
SHARE = 0.25  # of the time limit that an isolated test may take
LONGEST = 5.0  # seconds that any test has in an isolated run until it is ended


@dataclass
class Score:
    """What one run gave a test: its points, the first thing that was no data, and how long it took."""

    points: float
    noted: str = ""
    seconds: float = 0.0
    error: str = ""


Scores = dict[str, Score]


def prepared(
    notebook: AssignmentNotebook,
    pool: Pool,
    timeout: float,
    reference: SubmittedNotebook | None = None,
) -> NotebookDecision:
    """How the tests of a notebook are graded; whatever the reference does, there is an answer.

    `reference` is a solved notebook (SubmittedNotebook) instead of the source's own.
    """
    return Preparer(notebook, pool, timeout, reference or notebook.solved).decide()


class Preparer:
    """The preparation of one notebook."""

    def __init__(
        self,
        notebook: AssignmentNotebook,
        pool: Pool,
        timeout: float,
        reference: SubmittedNotebook | None,
    ) -> None:
        self.notebook, self.pool, self.timeout = notebook, pool, timeout
        self.released = assemble(notebook, None)
        self.solved = assemble(notebook, reference) if reference else None
        self.decision = NotebookDecision(notebook.name)
        self.problems = self.decision.problems

    def decide(self) -> NotebookDecision:
        """Run what must be run, and choose."""
        tests = [part for part in self.released.parts if part.side == "test" and part.name]
        found = [TestDecision(part.name or "", part.points or 0.0) for part in tests]
        self.decision.tests = found
        if not tests:
            return self.decision
        if self.solved is None:
            self.problems.append(
                "There is no reference solution, so every test is graded in process."
            )
            for test in found:
                test.why = "there is no reference solution"
            return self.decision
        solved = self.solved
        whole = Run("in process")
        first = Run(
            "isolated", limits=dict.fromkeys([t.name for t in found], LONGEST), observe=True
        )
        outcomes = self.outcomes([(solved, whole), (self.released, whole), (solved, first)])
        own, released = scored(solved, outcomes[0]), scored(self.released, outcomes[1])
        for test in found:
            self.note(test, own, released)
        quick = [test.name for test in found if not test.why]
        limits = {name: max(LONGEST, self.limit(own.get(name, Score(0.0)))) for name in quick}
        names, isolated = self.observed(solved, limits, outcomes[2])
        self.time_again(found, solved, own, isolated, Run("isolated", limits=limits, names=names))
        for test in found:
            self.compare(test, own, isolated)
        self.confirm(found, solved, own, released, isolated, names, limits)
        return self.decision

    def note(self, test: TestDecision, own: Scores, released: Scores) -> None:
        """Take in what the runs in process gave."""
        one = own.get(test.name, Score(0.0))
        test.reference, test.seconds = one.points, one.seconds
        test.released = released.get(test.name, Score(0.0)).points
        if test.name not in own:
            test.why = "the reference solution could not be run"
        elif test.points and one.points <= 0:
            test.why = f"the reference solution gets no points: {one.error or 'it fails'}"

    def limit(self, own: Score) -> float:
        """Seconds that a test may take isolated."""
        return min(max(QUICK, SLOWER * own.seconds), max(SHARE * self.timeout, QUICK))

    def time_again(
        self, found: list[TestDecision], solved: Plan, own: Scores, isolated: Scores, run: Run
    ) -> None:
        """Run tests that took too long isolated once or twice more: the quickest run counts, so that
        it is not the machine's load that decides who may reach the points."""
        rest = frozenset(test.name for test in found if test.why)
        for _ in range(TRIES - 1):
            slow = [
                test.name
                for test in found
                if test.name not in rest and self.is_slow(test.name, own, isolated)
            ]
            if not slow:
                return
            (again,) = self.runs([(solved, replace(run, left_out=rest))])
            for name in slow:
                if name in again and not differ(isolated[name], again[name]):
                    seconds = min(isolated[name].seconds, again[name].seconds)
                    isolated[name] = replace(isolated[name], seconds=seconds)

    def is_slow(self, name: str, own: Scores, isolated: Scores) -> bool:
        """Whether a test took longer isolated than it may."""
        return name in isolated and isolated[name].seconds > self.limit(own.get(name, Score(0.0)))

    def observed(
        self, solved: Plan, limits: dict[str, float], outcome: Outcome
    ) -> tuple[Names, Scores]:
        """What the names mean, and the points of a run that knew it from its beginning.

        `outcome` is of the run that has found it out, and will do if nothing came up late in it.
        """
        names = Names.from_json(outcome.seen or Names().to_json())
        if any(test.noted for test in outcome.tests.values()) or names.shared:
            rest = frozenset(test.name for test in self.decision.tests if test.why)
            learned = replace(names, handles=None)
            again = Run("isolated", rest, limits, learned, observe=True)
            outcome = self.outcomes([(solved, again)])[0]
            more = Names.from_json(outcome.seen or names.to_json())
            names = replace(more, handles=(names.handles or NONE) | (more.handles or NONE))
        return names, scored(solved, outcome)

    def compare(self, test: TestDecision, own: Scores, isolated: Scores) -> None:
        """Take in what an isolated run of the reference gave."""
        if test.why:
            return
        one, other = isolated.get(test.name), own.get(test.name, Score(0.0))
        if one is None:
            test.why = "it did not run isolated"
        elif one.noted:
            test.why = one.noted
        elif one.points != other.points:
            test.why = (
                f"isolated, the reference solution gets {one.points:g} points instead of "
                f"{other.points:g}: {one.error or 'it fails'}"
            )
        elif one.seconds > self.limit(other):
            test.why = f"isolated it takes {one.seconds:.1f} s instead of {other.seconds:.1f} s"

    def confirm(
        self,
        found: list[TestDecision],
        solved: Plan,
        own: Scores,
        released: Scores,
        isolated: Scores,
        names: Names,
        limits: dict[str, float],
    ) -> None:
        """Run the reference once more, as submissions will be, and the release isolated."""
        rest = frozenset(test.name for test in found if test.why)
        chosen = frozenset(test.name for test in found) - rest
        again = Run("isolated", rest, limits, replace(names, handles=None), observe=True)
        unsolved = Run("isolated", rest, limits, names)
        tasks = [(solved, again), (self.released, unsolved)] if chosen else []
        tasks += [(solved, Run("in process", chosen))] if rest else []
        outcomes = self.outcomes(tasks)
        idle_isolated, idle_in_process = rest, chosen
        if chosen:
            twice, plain = scored(solved, outcomes[0]), scored(self.released, outcomes[1])
            seen = Names.from_json(outcomes[0].seen or names.to_json())
            names = replace(names, handles=(names.handles or NONE) | (seen.handles or NONE))
            if (rest or names.idle) and different(chosen, isolated, twice):
                idle_isolated, names = NONE, replace(names, idle=frozenset())
                whole = Run("isolated", NONE, limits, replace(names, handles=None), observe=True)
                twice = self.runs([(solved, whole)])[0]
            for test in found:
                self.check_isolated(test, chosen, isolated, twice, released, plain)
        late = frozenset(test.name for test in found if test.name in chosen and test.why)
        if late or rest:
            rest, chosen = rest | late, chosen - late
            without = Run("in process", chosen)
            second = self.runs([(solved, without)])[0] if late else scored(solved, outcomes[-1])
            idle_in_process = self.confirm_in_process(found, solved, own, second, rest, chosen)
        self.decision.names = names
        self.decision.idle_isolated, self.decision.idle_in_process = idle_isolated, idle_in_process
        for test in found:
            if not test.why:
                test.way = "isolated"

    def confirm_in_process(
        self,
        found: list[TestDecision],
        solved: Plan,
        own: Scores,
        second: Scores,
        rest: frozenset[str],
        chosen: frozenset[str],
    ) -> frozenset[str]:
        """The tests that need not run in process, where the reference got `second` without `chosen`."""
        idle = chosen
        if chosen and different(rest, own, second):
            whole = self.runs([(solved, Run("in process"))])[0]
            steady = {name for name in rest if not differ(own.get(name), whole.get(name))}
            if different(steady, own, second):
                idle = NONE
                self.problems.append(
                    "Tests that are graded in process need others, so the text of all tests "
                    "is in the process of a student's code while it runs."
                )
            second = whole
        for test in found:
            if test.name in rest and differ(own.get(test.name), second.get(test.name)):
                test.flaky = True
        return idle

    def check_isolated(
        self,
        test: TestDecision,
        chosen: frozenset[str],
        isolated: Scores,
        twice: Scores,
        released: Scores,
        plain: Scores,
    ) -> None:
        """Whether a test that is to be isolated gives the same twice, and the same on the release."""
        if test.name not in chosen:
            return
        second, unsolved = twice.get(test.name), plain.get(test.name, Score(0.0))
        wanted = released.get(test.name, Score(0.0)).points
        if second is None or second.noted:
            test.why = second.noted if second else "it did not run isolated"
        elif second.points != isolated[test.name].points:
            test.flaky, test.why = True, "two isolated runs gave different points"
        elif (0.0 if unsolved.noted else unsolved.points) != wanted:
            test.why = (
                f"isolated, the unsolved release gets {unsolved.points:g} points instead of "
                f"{wanted:g}"
            )

    def runs(self, tasks: list[tuple[Plan, Run]]) -> list[Scores]:
        """The scores of some runs, in order."""
        outcomes = self.outcomes(tasks)
        return [scored(plan, outcome) for (plan, _), outcome in zip(tasks, outcomes, strict=True)]

    def outcomes(self, tasks: Iterable[tuple[Plan, Run]]) -> list[Outcome]:
        """What some runs came to, in order; what the prefix shows is of no use here."""
        pairs = list(enumerate(Task(plan, run) for plan, run in tasks))
        found = {key: outcome for key, outcome, _ in self.pool.examine(pairs, with_prefix=False)}
        return [found[key] for key, _ in pairs]


def scored(plan: Plan, outcome: Outcome) -> Scores:
    """What a run gave each test."""
    found: Scores = {}
    for part in plan.parts:
        if part.side != "test" or part.name not in outcome.tests:
            continue
        test, outputs = outcome.tests[part.name], outcome.outputs.get(part.index, [])
        cell = NotebookNode({**part.cell, "outputs": outputs})
        points = points_of(cell)[0] or 0.0
        errors = [one for one in outputs if one["output_type"] == "error"]
        error = f"{errors[-1]['ename']}: {errors[-1]['evalue']}"[:300] if errors else ""
        found[part.name] = Score(points, test.noted, test.seconds, error)
    return found


def differ(one: Score | None, other: Score | None) -> bool:
    """Whether two runs gave a test different points."""
    return (one.points if one else 0.0) != (other.points if other else 0.0)


def different(names: Iterable[str], one: Scores, other: Scores) -> bool:
    """Whether two runs gave one of these tests different points, or something was noted."""
    return any(
        differ(one.get(name), other.get(name)) or bool(other.get(name, Score(0.0)).noted)
        for name in names
    )
