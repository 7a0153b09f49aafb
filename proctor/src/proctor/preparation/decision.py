"""How each test of a notebook is graded, and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from proctor.examiner.names import NONE, Names
from proctor.examiner.template import Grading

Way = Literal["isolated", "in process"]


@dataclass
class TestDecision:
    """How one test is graded.

    `reference` and `released` are the points of the reference solution and of the unsolved release,
    in process, None if unknown; `why` says what keeps it from being isolated; `seconds` is what the
    reference took. `flaky`: two runs of the reference gave different points.
    """

    name: str
    points: float
    way: Way = "in process"
    reference: float | None = None
    released: float | None = None
    why: str = ""
    seconds: float = 0.0
    flaky: bool = False

    __test__ = False

    @property
    def passes_unsolved(self) -> bool:
        """Whether the release gets all the points of the test."""
        return self.points > 0 and self.released is not None and self.released >= self.points

    @property
    def fails_solved(self) -> bool:
        """Whether the reference does not get all the points of the test."""
        return self.reference is not None and self.reference < self.points

    @property
    def wrong(self) -> bool:
        """Whether the instructor should look at the test before a class is graded."""
        return self.passes_unsolved or self.fails_solved or self.flaky


@dataclass
class NotebookDecision:
    """How the tests of a notebook are graded.

    `idle_isolated` and `idle_in_process` are tests that need not run where they are not graded, see
    Grading. `problems` are sentences for the instructor.
    """

    notebook: str
    tests: list[TestDecision] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    idle_isolated: frozenset[str] = NONE
    idle_in_process: frozenset[str] = NONE
    problems: list[str] = field(default_factory=list)

    @property
    def grading(self) -> Grading:
        """What an examiner needs of it."""
        isolated = frozenset(test.name for test in self.tests if test.way == "isolated")
        in_process = frozenset(test.name for test in self.tests) - isolated
        usual = {test.name: test.seconds for test in self.tests}
        return Grading(
            isolated, in_process, self.idle_isolated, self.idle_in_process, self.names, usual
        )

    def to_json(self) -> dict[str, Any]:
        """The same as data for JSON."""
        return {
            "notebook": self.notebook,
            "tests": [asdict(test) for test in self.tests],
            "names": self.names.to_json(),
            "idle_isolated": sorted(self.idle_isolated),
            "idle_in_process": sorted(self.idle_in_process),
            "problems": self.problems,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> NotebookDecision:
        """What `to_json` gave; KeyError, TypeError or ValueError if it did not."""
        return cls(
            data["notebook"],
            [TestDecision(**test) for test in data["tests"]],
            Names.from_json(data["names"]),
            frozenset(data["idle_isolated"]),
            frozenset(data["idle_in_process"]),
            list(data["problems"]),
        )
