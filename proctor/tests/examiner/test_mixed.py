"""A notebook with tests of both ways: each verdict is of one pure run, and points are what they may be."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from small_notebook import Engine, Graded, answer, checks, engine, given, notebook

from proctor.pool.bases import Bases
from proctor.preparation import NotebookDecision

HIDDEN = "text-of-an-isolated-test"
SOLUTION = """
class Box:
    def __init__(self, n): self.n = n
    def __len__(self): return self.n
    def look(self): return None
def box(n=2): return Box(n)
def number(): return 5
def score(): return 1.0
"""
TESTS = [
    checks(f"hint = {HIDDEN!r}\nassert number() == 5", "isolated"),
    checks("box(7).look()\nassert len(box()) == 2", "in-process"),
    checks("assert len(box(3)) == 3\nscore()", "part", points=1.0),
    checks("assert number() == 5 and box().n == 2", "isolated-too"),
]
LOOK = """
    def look(self):
        import gc, sys
        texts = [*In, *map(repr, globals().values())]
        for one in gc.get_objects():
            if isinstance(one, (list, dict, tuple)):
                texts += [v for v in (one.values() if isinstance(one, dict) else one)]
        frame = sys._getframe()
        while frame:
            texts += [repr(frame.f_locals), *map(str, frame.f_code.co_consts)]
            frame = frame.f_back
        seen = [text for text in texts if isinstance(text, str)]
        marks = "-".join(["text", "of"]), ".".join(["box(7)", "look"])  # none of them is here itself
        hidden, own = (sum(mark in text for text in seen) for mark in marks)
        print(hidden, own > 0)
"""


@dataclass(frozen=True)
class Submission:
    """An answer, and the points that it loses, None for a human's."""

    answer: str
    points: dict[str, float | None]


def scoring(text: str) -> str:
    """An answer that says so of its part."""
    return f"{SOLUTION}\ndef score(): return {text}"


SUBMISSIONS = {
    "right": Submission(SOLUTION, {}),
    "looking": Submission(SOLUTION.replace("    def look(self): return None\n", LOOK), {}),
    "wrong-for-both": Submission(
        SOLUTION.replace("def box(n=2)", "def box(n=1)"), {"in-process": 0, "isolated-too": 0}
    ),
    "ends-in-process": Submission(
        SOLUTION.replace("return None", "__import__('os')._exit(0)"), {"in-process": 0}
    ),
    "too-many-points": Submission(scoring("10 ** 6"), {}),
    "fewer-points": Submission(scoring("0.25"), {"part": 0.25}),
    "not-a-number": Submission(scoring("float('nan')"), {"part": None}),
    "without-end": Submission(scoring("float('inf')"), {"part": None}),
    "less-than-nothing": Submission(scoring("-3"), {"part": None}),
    "text": Submission(scoring("type('T', (), {'__repr__': lambda self: '1e9'})()"), {}),
    "forging": Submission(
        SOLUTION + "\nclass Box:\n    n = 2\n    def look(self): pass\n"
        "    def __init__(self, n): pass\n    def __len__(self): raise SystemExit\n"
        "def number(): return 6\nget_ipython().run_cell_async = None",
        {"isolated": 0, "in-process": 0, "part": 0, "isolated-too": 0},
    ),
}


@pytest.fixture(scope="module")
def made(bases: Bases) -> Iterator[Engine]:
    cells = [given("import math"), answer(SOLUTION), *TESTS]
    with engine(bases, notebook(*cells), timeout=10, workers=2) as found:
        yield found


@pytest.fixture(scope="module")
def decision(made: Engine) -> NotebookDecision:
    return made.prepare()


@pytest.fixture(scope="module")
def graded(made: Engine, decision: NotebookDecision) -> dict[str, Graded]:
    texts = [one.answer for one in SUBMISSIONS.values()]
    return dict(zip(SUBMISSIONS, made.grade(decision, *texts), strict=True))


def test_the_ways(decision: NotebookDecision) -> None:
    """Both ways are there, and neither needs the other's tests."""
    assert {test.name: test.way for test in decision.tests} == {
        "isolated": "isolated",
        "in-process": "in process",
        "part": "in process",
        "isolated-too": "isolated",
    }
    assert decision.idle_in_process == {"isolated", "isolated-too"}


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_points(graded: dict[str, Graded], name: str) -> None:
    """Points in process are the student's word, at most the cell's; what is no number is a human's."""
    expected = {test.name: 1.0 for test in TESTS} | SUBMISSIONS[name].points
    assert graded[name].points == expected


def test_hidden_text(graded: dict[str, Graded]) -> None:
    """Where a test runs in process, no text of an isolated one is there to be read."""
    assert graded["looking"].printed("in-process") == "0 True\n"


def test_outputs_of_both_runs(graded: dict[str, Graded]) -> None:
    """Each test's outputs are those of the run that counts, all of them made harmless."""
    found = graded["right"]
    assert [cell.execution_count for cell in found.notebook.cells] == [1, 2, 3, 3, 4, 4]
    assert found.outputs("part")[0].data["text/plain"] == "1.0"
    assert found.events == []
