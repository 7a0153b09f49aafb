"""The notebook that is graded as a plan: its cells in order and, for each, where it runs."""

from dataclasses import dataclass, field
from typing import Literal

from nbformat.notebooknode import NotebookNode

Side = Literal["text", "student", "edited", "given", "test", "candidate", "shown", "skip"]
"""Where a cell runs.

text: nowhere, it is no code. student: the student's code, in the candidate. given: an instructor's
cell that nobody edited, in candidate and examiner. edited: an instructor's cell that the student
edited, the student's text in the candidate and the instructor's in the examiner. test: in the
examiner. candidate: an instructor's cell for the candidate alone. shown: the same, and of no use but for what
it shows, so that it need not run where that is known. skip: code that does not run.
"""


@dataclass
class Part:
    """One cell as it will stand in the autograded notebook, and where it runs.

    `examiner_source` and `candidate_source` are what runs there, where that is not the cell's text.
    `place` is its place among the instructor's cells, None for a cell that the student added;
    `missing`: the student's notebook does not have this cell of the instructor's.
    """

    index: int
    cell: NotebookNode
    side: Side
    examiner_source: str | None = None
    candidate_source: str | None = None
    place: int | None = None
    missing: bool = False

    @property
    def examiner_text(self) -> str:
        """The text that runs in the examiner."""
        return self.cell.source if self.examiner_source is None else self.examiner_source

    @property
    def candidate_text(self) -> str:
        """The text that runs in the candidate when the tests run in the examiner."""
        return self.cell.source if self.candidate_source is None else self.candidate_source

    @property
    def full_text(self) -> str:
        """The text that runs when everything runs in one process, as stock nbgrader does.

        The instructor's cells are complete with their hidden text, unless the student edited them.
        """
        return self.examiner_text if self.side == "given" else self.cell.source

    @property
    def name(self) -> str | None:
        """The cell's grade_id, or None if nbgrader does not know the cell."""
        return self.cell.metadata.get("nbgrader", {}).get("grade_id")

    @property
    def points(self) -> float | None:
        """The cell's maximum of points, or None if it has none."""
        points = self.cell.metadata.get("nbgrader", {}).get("points")
        return None if points is None else float(points)


@dataclass
class Plan:
    """A notebook to grade: its cells are the parts' cells.

    `problems` says in sentences what was odd in the submission. The first `prefix` parts run
    nothing but the instructor's cells before the first answer or test; 0 if the student's text runs
    before or among them. `files` are the student's own additional files, {relative name: path of a
    trusted copy}.
    """

    notebook: NotebookNode
    parts: list[Part]
    problems: list[str] = field(default_factory=list)
    prefix: int = 0
    files: dict[str, str] = field(default_factory=dict)
