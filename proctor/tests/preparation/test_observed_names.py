"""Whose a name is in the isolated run is found by what the reference's run was seen to do."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from small_notebook import Engine, Graded, answer, checks, engine, given, notebook

from proctor.examiner.names import Import
from proctor.pool.bases import Bases
from proctor.preparation import NotebookDecision

GIVEN = """
import math
limits = [1, 2]
stock = {"tea": 1}
table = [[0, 0], [0, 0]]
def helper(x): return x + 1
class Base:
    n = 3
"""
SOLUTION = """
import statistics as st
from math import sqrt
def f(x): return helper(x)
def deliver(name): stock[name] = 5
table[1][0] = 7
own = Base()
root = sqrt(16)
"""
CELLS = [
    given(GIVEN),
    answer(SOLUTION),
    given("total = f(1)\nseen = []", "uses-data"),
    given("n = own.n", "uses-an-object"),
    given("size = f(2)\nnobody = 'reads this'", "nobody-reads-it"),
    answer("def g(x): return 2 * x", "second"),
    checks("assert f(2) == 3 and g(2) == 4 and total == 2", "answers"),
    checks("assert helper(1) == 2 and limits == [1, 2] and math.pi > 3", "given"),
    checks("deliver('rum')\nassert stock == {'tea': 1, 'rum': 5}", "shared"),
    checks("assert table == [[0, 0], [7, 0]] and root == 4", "changed"),
    checks("assert st.mean([1, 3]) == 2 and sqrt(9) == 3", "imports"),
    checks("assert n == own.n == 3", "object"),
]
TESTS = [cell.name for cell in CELLS if cell.points]


@pytest.fixture(scope="module")
def made(bases: Bases) -> Iterator[Engine]:
    with engine(bases, notebook(*CELLS)) as found:
        yield found


@pytest.fixture(scope="module")
def decision(made: Engine) -> NotebookDecision:
    return made.prepare()


def test_what_was_observed(decision: NotebookDecision) -> None:
    """What each cell binds, what the solution changes and imports, what nobody reads, the objects."""
    names = decision.names
    assert all(test.way == "isolated" for test in decision.tests), decision.tests
    bound = {"st", "sqrt", "f", "deliver", "own", "root"}
    assert names.answers == {1: bound, 5: {"g"}}
    assert names.given == {
        0: {"math", "limits", "stock", "table", "helper", "Base"},
        2: {"total", "seen"},
        3: {"n"},
        4: {"size", "nobody"},
    }
    assert names.shared == {"stock", "table"}
    assert names.imports == {"st": Import("statistics"), "sqrt": Import("math", "sqrt")}
    assert names.idle == {4}
    assert names.handles == {"f", "g", "deliver", "own"}


@dataclass(frozen=True)
class Submission:
    """Lines after the solution of the first cell, and the tests that they cost, None for a human."""

    text: str
    points: dict[str, float | None] = field(default_factory=dict)


SUBMISSIONS = {
    "right": Submission(""),
    "given-names-rebound-to-agree": Submission(
        "def helper(x): return 2\nclass Always(list):\n    __eq__ = lambda s, o: True\nlimits = Always()",
        {"answers": 0},
    ),
    "another-module-of-that-name": Submission(
        "class st:\n    mean = lambda values: 2\nsqrt = lambda x: 3\n"
    ),
    "no-import": Submission("del st", {"imports": 0}),
    "given-data-not-changed": Submission("table[1][0] = 0", {"changed": 0}),
    "given-data-replaced": Submission(
        "stock = {'tea': 1, 'rum': 5}\ndef deliver(name): pass\ntable = [[0, 0], [7, 0]]"
    ),
    "given-data-replaced-by-an-object": Submission(
        "class Table(list): pass\ntable = Table([[0, 0], [7, 0]])", {"changed": None}
    ),
    "given-data-that-lies": Submission(
        "class Table(list):\n    __eq__ = lambda s, o: True\ntable = Table()", {"changed": None}
    ),
    "wrong-for-a-given-cell": Submission("def f(x): return 3", {"answers": 0}),
    "an-answer-that-is-gone": Submission("del f, root", {"answers": 0, "changed": 0}),
    "another-object": Submission("class Base:\n    n = 4\nown = Base()", {"object": 0}),
    "an-object-that-agrees": Submission(
        "class Yes:\n    __eq__ = lambda s, o: True\nclass Base:\n    n = Yes()\nown = Base()",
        {"object": None},
    ),
}


@pytest.fixture(scope="module")
def graded(made: Engine, decision: NotebookDecision) -> dict[str, Graded]:
    second = "def g(x): return 2 * x"
    answers = [(SOLUTION + one.text, second) for one in SUBMISSIONS.values()]
    return dict(zip(SUBMISSIONS, made.grade(decision, *answers), strict=True))


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_what_a_submission_makes_of_names(graded: dict[str, Graded], name: str) -> None:
    """It answers for the names of the solution, and cannot put its own in the place of given ones."""
    expected = dict.fromkeys(TESTS, 1.0) | SUBMISSIONS[name].points
    assert graded[name].points == expected, graded[name].outcome.events


# Given cells that need an answer's object

TAINTED = [
    answer("class Box:\n    n = 2\n    def __len__(self): return 2\nbox = Box()"),
    given("size = len(box)\nname = 'box'", "measures"),
    given("def show(): return name", "defines"),
    checks("assert size == 2", "reads-it"),
    checks("assert box.n == 2", "reads-another"),
    checks("assert show() == 'box'", "reads-it-in-a-function"),
    checks("size = 3\nassert size == 3 == box.n + 1", "binds-it-anew"),
]


def test_a_given_cell_that_needs_an_object(bases: Bases) -> None:
    """A test that reads what such a cell binds is graded in process; the others are not."""
    with engine(bases, notebook(*TAINTED)) as made:
        found = {test.name: test for test in made.prepare().tests}
    assert {name: test.way for name, test in found.items()} == {
        "reads-it": "in process",
        "reads-another": "isolated",
        "reads-it-in-a-function": "in process",
        "binds-it-anew": "isolated",
    }
    reason = "size comes of a cell that could not be run here: box is an object of the class Box"
    assert found["reads-it"].why.startswith(reason)
