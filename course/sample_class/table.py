"""The table of a class's results: points from the gradebook, reasons from the notebooks."""

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import nbformat
import proctor.findings as findings
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry

from .. import layout, notebook

Points = Mapping[str, float | None]  # of each graded cell; None where a human must decide
Row = tuple[str, Points | None, str]

COLUMNS = {
    "feature_map_8x8": "8×8",
    "feature_map_12x10": "12×10",
    "feature_map_10x10": "10×10",
    "feature_map_12x8": "12×8",
    "from_scratch": "scratch",
}


def gradebook(root: Path) -> Gradebook:
    """The course's gradebook, to be used in a `with`."""
    return Gradebook(f"sqlite:///{root / 'gradebook.db'}")


def students(root: Path) -> list[str]:
    """The ids of all students in the gradebook."""
    with gradebook(root) as book:
        return [student.id for student in book.students]


def assignments(root: Path) -> list[str]:
    """The names of all assignments in the gradebook."""
    with gradebook(root) as book:
        return [assignment.name for assignment in book.assignments]


def rows(
    root: Path, names: Iterable[str], said: Mapping[str, list[str]] | None = None
) -> list[Row]:
    """For each student: (student, {graded cell: points} or None if not graded, why in a few words).

    `said` is what proctor told of students when it graded, {student: sentences}: the first one is
    the reason where a notebook names none.
    """
    with gradebook(root) as book:
        return [
            (name, *result(book, root, name, next(iter((said or {}).get(name, [])), "")))
            for name in names
        ]


def result(book: Gradebook, root: Path, student: str, said: str = "") -> tuple[Points | None, str]:
    """One student's points by graded cell, or None, and the reason for what is missing."""
    try:
        submission = book.find_submission_notebook(layout.ASSIGNMENT, layout.ASSIGNMENT, student)
    except MissingEntry:
        return None, "nothing was handed in"
    path = root / "autograded" / student / layout.ASSIGNMENT / layout.NOTEBOOK
    if not path.exists():
        return None, shortened(said) or "could not be graded"
    points = {grade.name: grade.auto_score for grade in submission.grades}
    return points, why(nbformat.read(path, as_version=4)) or shortened(said)


def found(graded: NotebookNode) -> dict[str, list[findings.Finding]]:
    """What the graded cells of an autograded notebook found, by cell; cells that found nothing are
    left out.
    """
    each = {name: findings.found(cell) for name, cell in notebook.graded(graded).items()}
    return {name: those for name, those in each.items() if those}


def why(graded: NotebookNode) -> str:
    """What was misunderstood, in a few words.

    The name that the first graded cell gives it and what this name means, or else the first error.
    """
    for those in found(graded).values():
        names = "+".join(one.name for one in those)
        return f"{names}: {shortened('; '.join(one.means for one in those))}"
    for cell in graded.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            for output in cell.outputs:
                if output.output_type == "error":
                    first_line = output.evalue.partition("\n")[0]
                    return f"{words(output.ename)}: {shortened(first_line)}"
                if output.output_type == "stream" and output.name == "stderr":
                    return "something was written to stderr"
    return ""


def shortened(text: str) -> str:
    """At most 80 characters of a text, cut between words."""
    return textwrap.shorten(text, 80, placeholder=" …")


def words(name: str) -> str:
    """An error's class name as words: WrongSize is `wrong size`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def shown(score: float | None) -> str:
    """The points of a test, `?` where a human must decide."""
    return "?" if score is None else f"{score:g}"


def text(results: Sequence[Row], worth: Mapping[str, float]) -> str:
    """The table as text; `worth` maps each graded cell to its points."""
    wide = max(len("student"), *(len(student) for student, _, _ in results))
    head = "  ".join(
        [f"{'student':<{wide}}", *(f"{COLUMNS[name]:>7}" for name in worth), "total", "why"]
    )
    lines = [head, "-" * len(head)]
    for student, points, reason in results:
        scores = [f"{shown(points[name]) if points else '-':>7}" for name in worth]
        total = f"{sum(score or 0 for score in points.values()):5g}" if points else f"{'-':>5}"
        lines.append("  ".join([f"{student:<{wide}}", *scores, total, reason]))
    people = "1 student" if len(results) == 1 else f"{len(results)} students"
    return "\n".join(
        [*(line.rstrip() for line in lines), f"{people}, {sum(worth.values()):g} points each"]
    )
