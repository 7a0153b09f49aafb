"""The reference solution chooses how each test is graded: what is told, and why."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from small_notebook import Cell, Engine, answer, checks, engine, given, handed_in, notebook

from proctor.pool.bases import Bases
from proctor.preparation import NotebookDecision, TestDecision
from proctor.preparation.decision import Way

THING = """
class Thing:
    def __init__(self, n=3): self.n = n
    def __eq__(self, other): return self.n == getattr(other, "n", other)
    def __hash__(self): return self.n
    def __len__(self): return self.n
    def __iter__(self): return iter([self.n])
    def __str__(self): return "a thing"
    def __enter__(self): return self
    def __exit__(self, *error): return False
    def copy(self): return Thing(self.n)
class Other(Thing): pass
thing = Thing()
def number(): return 5
def call(f): return f()
"""


@dataclass(frozen=True)
class Row:
    """A test, how it is graded, and what is told of it."""

    name: str
    text: str
    way: Way
    why: str = ""


ROWS = [
    Row("data", "assert number() == 5", "isolated"),
    Row("attribute", "assert thing.n == 3 and thing.copy().n == 3", "isolated"),
    Row("callback", "assert call(lambda: 4) == 4 and call(number) == 5", "isolated"),
    Row("identity", "assert thing is thing and thing is not thing.copy()", "isolated"),
    Row("hasattr", "assert hasattr(thing, 'n') and not hasattr(thing, 'm')", "isolated"),
    Row(
        "compared",
        "assert thing == Thing(3)",
        "in process",
        "thing is an object of the class Thing",
    ),
    Row(
        "except",
        "try:\n    same = thing == 3\nexcept Exception:\n    same = True\nassert same",
        "in process",
        "cannot be compared",
    ),
    Row(
        "base-exception",
        "try:\n    same = thing == 3\nexcept BaseException:\n    same = True\nassert same",
        "in process",
        "cannot be compared",
    ),
    Row(
        "assert-raises",
        "import unittest\nwith unittest.TestCase().assertRaises(Exception):\n"
        "    bool(thing)\n    raise ValueError",
        "in process",
        "cannot be asked whether it is true",
    ),
    Row("hashed", "assert {thing: 1}", "in process", "used as a key or put into a set"),
    Row("measured", "assert len(thing) == 3", "in process", "cannot be measured by len()"),
    Row("gone-through", "assert list(thing) == [3]", "in process", "cannot be gone through"),
    Row(
        "text", "assert str(thing) == f'{thing}' == 'a thing'", "in process", "cannot be made text"
    ),
    Row("with", "with thing:\n    pass", "in process", "cannot be used by `with`"),
    Row("class", "assert isinstance(thing, Thing)", "in process", "cannot be"),
    Row("set", "thing.n = 3", "in process", "cannot be changed"),
    Row("argument", "assert call(lambda: {1: print}) is not None", "isolated"),
    Row(
        "handed-over",
        "class Mine:\n    n = 3\nassert call(lambda: Mine()).n == 3",
        "in process",
        "What a function of the test returns cannot be handed over",
    ),
    Row("type", "assert type(thing) is Thing", "in process", "gets 0 points instead of 1"),
    Row("types", "assert type(thing) is type(Thing())", "in process", "gets 0 points instead of 1"),
    Row(
        "slow",
        "for n in range(200_000):\n    call(number)",
        "in process",
        "gets 0 points instead of 1",
    ),
    Row("printed", "print(number(), 'hidden')", "isolated"),
    Row("part", "0.5 if number() == 5 else 0", "isolated"),
    Row(
        "fails", "assert number() == 6, 'six'", "in process", "gets no points: AssertionError: six"
    ),
    Row("passes", "assert True", "isolated"),
    Row("flaky", "import random\nrandom.random()", "in process", "instead of"),
]


@pytest.fixture(scope="module")
def decision(bases: Bases) -> NotebookDecision:
    tests = [checks(row.text, row.name) for row in ROWS]
    with engine(bases, notebook(given("import random"), answer(THING), *tests)) as made:
        return made.prepare()


@pytest.fixture(scope="module")
def tests(decision: NotebookDecision) -> dict[str, TestDecision]:
    return {test.name: test for test in decision.tests}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_way_of_a_test(tests: dict[str, TestDecision], row: Row) -> None:
    """A test is isolated if it asks for data only; of another the first reason is told."""
    found = tests[row.name]
    assert (found.way, row.why in found.why, bool(found.why)) == (row.way, True, bool(row.why))


def test_what_is_wrong_with_a_test(tests: dict[str, TestDecision]) -> None:
    """It is told which fail on the reference, pass on the release, or differ from run to run."""
    assert [name for name, test in tests.items() if test.fails_solved] == ["part", "fails", "flaky"]
    assert [name for name, test in tests.items() if test.passes_unsolved] == [
        "except",
        "base-exception",
        "assert-raises",
        "passes",
    ]
    assert [name for name, test in tests.items() if test.flaky] == ["flaky"]
    assert (tests["part"].reference, tests["part"].released) == (0.5, 0.0)


def test_what_is_told_of_the_notebook(decision: NotebookDecision) -> None:
    """Nothing, where the tests of each way can do without the others."""
    assert decision.problems == []
    grading = decision.grading
    assert grading.isolated | grading.in_process == {row.name for row in ROWS}
    assert (grading.idle_isolated, grading.idle_in_process) == (
        grading.in_process,
        grading.isolated,
    )
    assert NotebookDecision.from_json(decision.to_json()) == decision


# Tests that need others


@pytest.fixture(scope="module")
def dependent(bases: Bases) -> NotebookDecision:
    """Tests that go on with what an earlier one has bound."""
    cells = [
        answer(
            "class Box:\n    def __bool__(self): return True\n    n = 1\ndef box(): return Box()"
        ),
        checks("count = box().n\nassert count == 1", "binds"),
        checks("assert box() and count == 1", "in-process"),
        checks("assert box()\nmarks = 1", "binds-in-process"),
        checks("assert marks == box().n", "isolated-after"),
    ]
    with engine(bases, notebook(*cells)) as made:
        return made.prepare()


def test_tests_that_need_others(dependent: NotebookDecision) -> None:
    """They are run where others need them, and it is told what that means."""
    ways = {test.name: test.way for test in dependent.tests}
    assert ways == {
        "binds": "isolated",
        "in-process": "in process",
        "binds-in-process": "in process",
        "isolated-after": "in process",
    }
    assert dependent.idle_in_process == frozenset()
    assert "the text of all tests is in the process of a student's code" in dependent.problems[0]


def test_a_test_that_is_in_process_for_its_release(bases: Bases) -> None:
    """What it needs of an isolated test runs with it, so that a right answer keeps its points."""
    cells = [
        answer("box = 5", stub="class Box: pass\nbox = Box()"),
        checks("count = 1\nassert box == 5", "binds"),
        checks("assert count == 1 and box != 7", "needs"),
    ]
    with engine(bases, notebook(*cells)) as made:
        decision = made.prepare()
        (graded,) = made.grade(decision, "box = 5")
    binds, needs = decision.tests
    assert (binds.way, needs.way) == ("isolated", "in process")
    assert needs.why == "isolated, the unsolved release gets 0 points instead of 1"
    assert graded.points == {"binds": 1, "needs": 1}


# References that are no help


@dataclass(frozen=True)
class Reference:
    """A reference solution, None for no one, and what is told of two tests that it should pass."""

    solution: str | None
    reasons: tuple[str, str]
    problem: str = ""


REFERENCES = {
    "none": Reference(
        None, ("there is no reference solution",) * 2, "There is no reference solution"
    ),
    "failing": Reference(
        "def one(): return 2\ndef two(): return 2",
        ("gets no points: AssertionError", ""),
    ),
    "raising": Reference("1 / 0", ("NameError: name 'one' is not defined", "NameError")),
    "no-python": Reference("def one(:", ("NameError", "NameError")),
    "hanging": Reference("def two(): return 2\ndef one(): return 1\nwhile True: pass", ("", "")),
    "hanging-in-a-call": Reference(
        "def one():\n    while True: pass\ndef two(): return 2",
        ("gets no points: CellTimeoutError", ""),
    ),
    "ending-at-once": Reference("import os\nos._exit(1)", ("NameError", "NameError")),
    "ending": Reference(
        "import os\ndef one(): os._exit(1)\ndef two(): return 2", ("CandidateGone", "")
    ),
}
CELLS = [
    checks("assert one() == 1", "first"),
    checks("assert two() == 2", "second"),
]


@pytest.fixture(scope="module")
def hasty(bases: Bases) -> Iterator[Engine]:
    """An engine whose cells have a second."""
    with engine(bases, notebook(answer("def one(): return 1"), *CELLS), timeout=1) as made:
        yield made


@pytest.mark.parametrize("reference", REFERENCES.values(), ids=list(REFERENCES))
def test_a_reference_that_is_no_help(hasty: Engine, reference: Reference) -> None:
    """It never stops the grading: its tests are graded in process, and why is told."""
    text = reference.solution
    hasty.notebook.solved = None if text is None else handed_in(hasty.notebook, text)
    decision = hasty.prepare()
    for test, reason in zip(decision.tests, reference.reasons, strict=True):
        assert reason in test.why
        assert test.way == ("in process" if reason else "isolated")
    assert reference.problem in " ".join(decision.problems)
    (graded,) = hasty.grade(decision, "def one(): return 1\ndef two(): return 2")
    assert graded.points == {"first": 1, "second": 1}


def test_another_reference(hasty: Engine) -> None:
    """Solved notebooks that lie elsewhere stand for the source's own."""
    hasty.notebook.solved = None
    decision = hasty.prepare(handed_in(hasty.notebook, "def one(): return 1\ndef two(): return 2"))
    assert [test.way for test in decision.tests] == ["isolated", "isolated"]


def test_a_notebook_without_tests(bases: Bases) -> None:
    """There is nothing to prepare."""
    with engine(bases, notebook(given("x = 1"), answer("y = 2"))) as made:
        decision = made.prepare()
        assert decision == NotebookDecision("small")
        (graded,) = made.grade(decision, "print('mine')")
    assert (graded.points, graded.printed("answer")) == ({}, "mine\n")


def test_a_test_without_points(bases: Bases) -> None:
    """It says nothing, and is graded like any other."""
    cells: list[Cell] = [answer("x = 1"), checks("assert x == 1", points=0.0)]
    with engine(bases, notebook(*cells)) as made:
        (test,) = made.prepare().tests
    assert (test.way, test.wrong) == ("isolated", False)
