"""What the graded notebooks themselves show: of who was graded without a record, and as examples."""

import contextlib
import stat
from pathlib import Path

from nbformat import NotebookNode, v4
from nbgrader import utils

from proctor import findings
from proctor.answers import Answer, answer_of
from proctor.class_report.known import Example
from proctor.class_report.pictures import says, shown_picture
from proctor.course import Course
from proctor.record import GradedNotebook, cell_name, observed
from proctor.sanitize.text import printable, shortened

MAX_BYTES = 100_000_000
MAX_CODE = 4000  # characters of an answer that is shown
NOT_A_NOTEBOOK = (OSError, ValueError, KeyError, TypeError, AttributeError)


class GradedNotebooks:
    """The autograded notebooks of an assignment; the last one that was read is kept."""

    def __init__(self, course: Course, assignment: str) -> None:
        self.course, self.assignment = course, assignment
        self._last: tuple[Path, NotebookNode] | None = None

    def path(self, student: str, name: str) -> Path:
        """Where a graded notebook is, if there is one."""
        return self.course.folder("autograded", student, self.assignment) / f"{name}.ipynb"

    def size(self, student: str, name: str) -> int:
        """How many bytes a graded notebook has, 0 if there is none."""
        try:
            about = self.path(student, name).lstat()
        except (OSError, ValueError):
            return 0
        return about.st_size if stat.S_ISREG(about.st_mode) else 0

    def read(self, student: str, name: str) -> NotebookNode | None:
        """A graded notebook, None where there is none that can be read."""
        path = self.path(student, name)
        if self._last is not None and self._last[0] == path:
            return self._last[1]
        if not 0 < self.size(student, name) <= MAX_BYTES:
            return None
        try:
            notebook = v4.reads_json(path.read_text("utf-8"))
            list(notebook.cells)
        except NOT_A_NOTEBOOK:
            return None
        self._last = path, notebook
        return notebook

    def observed(self, student: str, name: str) -> GradedNotebook | None:
        """What a graded notebook shows, None where there is none that can be read."""
        notebook = self.read(student, name)
        with contextlib.suppress(*NOT_A_NOTEBOOK):
            if notebook is not None:
                return observed(notebook)
        return None

    def is_recorded(self, student: str, name: str, seen: GradedNotebook) -> bool:
        """Whether a record is of the notebook that is there, or there is none any more."""
        return self.size(student, name) in (seen.size, 0)

    def finding(self, student: str, name: str, finding: str) -> Example | None:
        """The first finding of this name in a graded notebook, with its picture."""
        notebook = self.read(student, name)
        for index, cell in enumerate(notebook.cells if notebook else []):
            for one in findings.found(cell):
                if one.name == finding:
                    picture, image = shown_picture(one.picture)
                    place = cell_name(cell, index)
                    text = "" if says(picture, one.text) else one.text
                    return Example(student, name, place, text, picture, image)
        return None

    def answer(self, student: str, name: str, wanted: str) -> Example | None:
        """A student's answer as it stands in the graded notebook."""
        notebook = self.read(student, name)
        for index, cell in enumerate(notebook.cells if notebook else []):
            if cell_name(cell, index) == wanted:
                code = printable(shortened(cell.source, MAX_CODE))
                return Example(student, name, wanted, code=code)
        return None


def solutions(course: Course, assignment: str, name: str) -> dict[str, Answer]:
    """The answers in the course's own solved notebook, by cell; none where that cannot be read."""
    try:
        path = course.folder("source", ".", assignment) / f"{name}.ipynb"
        cells = v4.reads_json(path.read_text("utf-8")).cells
        return {
            cell_name(cell, index): answer_of(cell)
            for index, cell in enumerate(cells)
            if utils.is_solution(cell)
        }
    except NOT_A_NOTEBOOK:
        return {}
