"""How a test is graded follows from the points of a few runs, whatever made them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest
from nbformat.v4 import new_output
from small_notebook import answer, checks, notebook

from proctor.examiner import results
from proctor.examiner.names import Names
from proctor.examiner.results import Outcome
from proctor.examiner.session import Run
from proctor.examiner.template import Task
from proctor.pool.pool import Pool
from proctor.preparation import TestDecision, prepared
from proctor.preparation.decision import Way
from proctor.preparation.prepare import LONGEST, QUICK, SHARE, SLOWER, TRIES
from proctor.preparation.report import status

TIMEOUT = 20.0


@dataclass(frozen=True)
class Given:
    """What a run gives a test: its points, what was noted, and the seconds it takes."""

    points: float = 1.0
    noted: str = ""
    seconds: float = 0.0


RIGHT, WRONG, PART = Given(), Given(0.0), Given(0.5)
NOTED = Given(noted="box is an object of the class Box")


@dataclass(frozen=True)
class Case:
    """What the runs of a preparation give a test, in their order, and what follows from it."""

    way: Way
    why: str = ""
    own: Given = RIGHT
    released: Given = WRONG
    isolated: tuple[Given, ...] = (RIGHT, RIGHT)
    released_isolated: Given = WRONG
    own_again: Given = RIGHT
    flaky: bool = False
    wrong: bool = False


CASES = {
    "right": Case("isolated"),
    "part of the points both ways": Case("isolated", own=PART, isolated=(PART, PART), wrong=True),
    "no points for the reference": Case(
        "in process", "gets no points", own=WRONG, own_again=WRONG, wrong=True
    ),
    "fewer points isolated": Case("in process", "gets 0.5 points instead of 1", isolated=(PART,)),
    "more points isolated": Case(
        "in process", "gets 1 points instead of 0.5", own=PART, own_again=PART, wrong=True
    ),
    "noted": Case("in process", "an object of the class Box", isolated=(NOTED, NOTED)),
    "noted the first time only": Case("isolated", isolated=(NOTED, RIGHT, RIGHT)),
    "noted the last time only": Case("in process", "an object", isolated=(RIGHT, NOTED)),
    "other points the second time": Case(
        "in process",
        "two isolated runs gave different points",
        isolated=(RIGHT, PART),
        flaky=True,
        wrong=True,
    ),
    "other points in process": Case(
        "in process", "gets no points", own=WRONG, own_again=RIGHT, flaky=True, wrong=True
    ),
    "passes unsolved": Case("isolated", released=RIGHT, released_isolated=RIGHT, wrong=True),
    "passes unsolved in process": Case(
        "in process", "the unsolved release gets 0 points instead of 1", released=RIGHT, wrong=True
    ),
    "passes unsolved when isolated": Case(
        "in process", "the unsolved release gets 1 points instead of 0", released_isolated=RIGHT
    ),
    "noted on the release": Case("isolated", released_isolated=NOTED),
    "quick enough": Case("isolated", isolated=(replace(RIGHT, seconds=0.9 * QUICK),) * 2),
    "too slow": Case(
        "in process",
        "it takes 1.2 s instead of 0.0 s",
        isolated=(replace(RIGHT, seconds=1.2 * QUICK),) * TRIES,
    ),
    "slow once, on a busy machine": Case(
        "isolated", isolated=(replace(RIGHT, seconds=4.0 * QUICK), RIGHT, RIGHT)
    ),
    "slow in every run but the last": Case(
        "isolated", isolated=(*(replace(RIGHT, seconds=4.0 * QUICK),) * (TRIES - 1), RIGHT, RIGHT)
    ),
    "slow, then with other points": Case(
        "in process", "it takes", isolated=(replace(RIGHT, seconds=4.0 * QUICK), PART, PART)
    ),
    "slow in process too": Case(
        "isolated",
        own=replace(RIGHT, seconds=2.0),
        isolated=(replace(RIGHT, seconds=0.9 * SLOWER * 2.0),) * 2,
    ),
    "near the time limit": Case(
        "in process",
        "it takes",
        own=replace(RIGHT, seconds=SHARE * TIMEOUT),
        isolated=(replace(RIGHT, seconds=1.1 * SHARE * TIMEOUT),) * TRIES,
    ),
}


class ScriptedPool:
    """Gives the one test of a notebook what a case says; `runs` are those it was asked for."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.isolated, self.own = (
            iter(case.isolated),
            iter([case.own, case.own_again, case.own_again]),
        )
        self.runs: list[Run] = []

    def examine(
        self, tasks: Iterable[tuple[int, Task]], with_prefix: bool = True
    ) -> Iterator[tuple[int, Outcome, None]]:
        """What the tasks come to."""
        for key, task in tasks:
            assert isinstance(task.work, Run)
            self.runs.append(task.work)
            yield key, self.outcome(task, task.work), None

    def outcome(self, task: Task, run: Run) -> Outcome:
        """What a run gives."""
        found = Outcome(seen=Names().to_json())
        (test,) = [part for part in task.plan.parts if part.side == "test"]
        if test.name not in run.left_out:
            solved = task.plan.parts[0].cell.source == "x = 1"
            given = self.given(run.way, solved)
            data = {"text/plain": repr(given.points)}
            found.outputs[test.index] = [new_output("execute_result", data=data, execution_count=1)]
            found.tests["test"] = results.TestRun(given.seconds, given.noted)
        return found

    def given(self, way: Way, solved: bool) -> Given:
        """What the next run of a kind gives the test."""
        if not solved:
            return self.case.released if way == "in process" else self.case.released_isolated
        return next(self.own if way == "in process" else self.isolated)


def decided(case: Case) -> tuple[TestDecision, ScriptedPool, Any]:
    """What is decided of the test."""
    pool = ScriptedPool(case)
    made = notebook(answer("x = 1"), checks("assert x == 1"))
    decision = prepared(made, cast(Pool, pool), TIMEOUT)
    return decision.tests[0], pool, decision


@pytest.mark.parametrize("name", CASES)
def test_the_choice(name: str) -> None:
    """A test is isolated if that gives the same points, twice, on both notebooks, soon enough."""
    case = CASES[name]
    test, pool, decision = decided(case)
    assert (test.way, test.flaky, test.wrong) == (case.way, case.flaky, case.wrong), test.why
    assert case.why in test.why and bool(case.why) == bool(test.why)
    assert (test.reference, test.released) == (case.own.points, case.released.points)
    assert status([decision]) == int(test.passes_unsolved or test.fails_solved)
    assert decision.problems == []


def test_the_limits_of_an_isolated_run() -> None:
    """It is ended after some seconds, or twice the time in process; whether it was quick enough is seen
    from the time it took."""
    for seconds, limit in ((0.0, LONGEST), (1.0, LONGEST), (TIMEOUT, SHARE * TIMEOUT)):
        test, pool, _ = decided(Case("isolated", own=replace(RIGHT, seconds=seconds)))
        limits = [run.limits for run in pool.runs if run.way == "isolated"]
        assert limits == [{"test": LONGEST}, *[{"test": pytest.approx(limit)}] * 2]


def test_the_runs() -> None:
    """Both notebooks run in process and isolated, the reference twice as it is to be graded."""
    _, pool, _ = decided(CASES["right"])
    assert [(run.way, run.observe) for run in pool.runs] == [
        ("in process", False),
        ("in process", False),
        ("isolated", True),
        ("isolated", True),
        ("isolated", False),
    ]


class CrashedPool:
    """Gives no run any result."""

    def examine(
        self, tasks: Iterable[tuple[int, Task]], with_prefix: bool = True
    ) -> Iterator[tuple[int, Outcome, None]]:
        """What the tasks come to."""
        for key, _ in tasks:
            yield key, Outcome(events=[results.Event("crashed", None, "it ended")]), None


def test_runs_that_come_to_nothing() -> None:
    """If the reference cannot be run at all, its tests are graded in process, those without points too."""
    made = notebook(answer("x = 1"), checks("assert x == 1"), checks("x", "no-points", points=0.0))
    decision = prepared(made, cast(Pool, CrashedPool()), TIMEOUT)
    assert [test.way for test in decision.tests] == ["in process", "in process"]
    assert {test.why for test in decision.tests} == {"the reference solution could not be run"}
