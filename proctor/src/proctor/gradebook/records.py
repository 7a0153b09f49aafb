"""What the gradebook knows of an assignment, as plain data: notebooks and their recorded cells."""

from dataclasses import dataclass, field
from typing import Any

Place = tuple[str, str]  # a notebook and a cell


@dataclass(frozen=True)
class RecordedCell:
    """A cell as `nbgrader generate_assignment` recorded it.

    `name` is its grade_id; `source` holds hidden tests and marking schemes; `points` are its
    maximum, None for a cell without points.
    """

    name: str
    kind: str
    locked: bool
    source: str
    checksum: str | None
    grade: bool = False
    solution: bool = False
    task: bool = False
    points: float | None = None


@dataclass(frozen=True)
class RecordedNotebook:
    """A notebook of the assignment: its kernel and its recorded cells, {grade_id: cell}."""

    name: str
    kernelspec: dict[str, Any] | None = None
    cells: dict[str, RecordedCell] = field(default_factory=dict)

    @property
    def max_score(self) -> float:
        """The points of all cells together."""
        return sum(cell.points for cell in self.cells.values() if cell.points)


@dataclass(frozen=True)
class RecordedStudent:
    """A student of the gradebook.

    `named`: whether a first or last name, an e-mail address or a number in a learning platform is
    there, which nobody but the instructor enters; `submitted`: whether there is a submission of any
    assignment. Grading adds a student together with a submission, and nothing else.
    """

    id: str
    name: str = ""
    named: bool = False
    submitted: bool = False
