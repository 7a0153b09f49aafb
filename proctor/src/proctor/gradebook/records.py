"""Owns what the gradebook knows of an assignment, as plain data: its notebooks and, of each, the cells that it recorded."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class KnownCell:
    """A cell as `nbgrader generate_assignment` recorded it; `source` holds hidden tests and marking schemes."""

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
class KnownNotebook:
    """A notebook of the assignment: its kernel and its recorded cells, {grade_id: KnownCell}."""

    name: str
    kernelspec: dict | None = None
    cells: dict[str, KnownCell] = field(default_factory=dict)

    @property
    def max_score(self):
        return sum(cell.points for cell in self.cells.values() if cell.points)
