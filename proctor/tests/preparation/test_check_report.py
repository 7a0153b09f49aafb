"""What a check prints: how each test is graded, and what to look at before the term."""

import json

import pytest

from proctor.preparation import NotebookDecision, TestDecision
from proctor.preparation.report import as_json, status, text

RIGHT = TestDecision("area", 2.0, "isolated", 2.0, 0.0, "", 0.012)
NOTED = TestDecision("box", 1.0, "in process", 1.0, 0.0, "box is an object,\nno data", 1.5)
FAILS = TestDecision("sum", 1.0, "in process", 0.0, 0.0, "the reference solution gets no points")
PASSES = TestDecision("free", 1.0, "isolated", 1.0, 1.0)
FLAKY = TestDecision("dice", 1.0, "in process", 1.0, 0.0, "other points", flaky=True)
UNKNOWN = TestDecision("new", 1.0, "in process", None, None, "there is no reference solution")
ALL = [RIGHT, NOTED, FAILS, PASSES, FLAKY, UNKNOWN]


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (RIGHT, 0),
        (NOTED, 0),
        (UNKNOWN, 0),
        (FAILS, 1),
        (PASSES, 1),
        (TestDecision("part", 2.0, "isolated", 1.5, 0.5), 1),
        (TestDecision("some", 2.0, "isolated", 2.0, 1.5), 0),
        (TestDecision("no-points", 0.0, "isolated", 0.0, 0.0), 0),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_exit_status(test: TestDecision, expected: int) -> None:
    """It is 1 if a test passes on the release, or does not get all its points on the reference."""
    assert status([NotebookDecision("small", [RIGHT, test])]) == expected


@pytest.mark.parametrize(
    "line",
    [
        "  area       2/2         0     0.01  isolated",
        "  box        1/1         0     1.50  in process",
        "      box is an object, no data",
        "  sum        0/1         0     0.00  in process",
        "      ! It fails on the reference solution: the reference solution gets no points",
        "      ! It passes on the unsolved release: nobody needs to write anything for it.",
        "      ! Two runs of the reference solution gave it different points.",
        "  new        ?/1         ?     0.00  in process",
        "  ! It is odd.",
        "To look at before the term: sum, free, dice.",
    ],
)
def test_what_is_printed(line: str) -> None:
    """A line for each test, below it what there is to say, at the end what to look at."""
    decision = NotebookDecision("small", ALL, problems=["It is odd."])
    assert line in text("ps1", [decision, NotebookDecision("empty")]).splitlines()


def test_the_sum() -> None:
    """How many tests there are of each way, and what that means."""
    said = text("ps1", [NotebookDecision("small", [RIGHT, NOTED]), NotebookDecision("empty")])
    assert "ps1: 2 tests, 1 isolated, 1 in process" in said.splitlines()[-1]
    assert "To look at" not in said


def test_as_data() -> None:
    """The same as JSON, from which the decisions can be read."""
    decisions = [NotebookDecision("small", ALL, problems=["It is odd."])]
    data = json.loads(json.dumps(as_json(decisions)))
    assert [NotebookDecision.from_json(one) for one in data] == decisions
