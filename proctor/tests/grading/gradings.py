"""Grade the tiny course, and look at what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import tiny_course
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from tiny_course import ASSIGNMENT, WORDS

from proctor import course, grading
from proctor.grading import Options
from proctor.pool.bases import Bases
from proctor.report import Report, Row

Grade = tuple[str, str, str, float | None, bool]


def graded(root: Path, bases: Bases | None = None, **options: Any) -> Report:
    """One grading run; without `bases` its pools need none."""
    how = Options(**options)
    return grading.grade(course.load(root), ASSIGNMENT, how, cast(Bases, bases))


def right(root: Path) -> dict[str, NotebookNode | str | bytes]:
    """Both notebooks with right answers."""
    return {
        "sums.ipynb": tiny_course.answered(root),
        "words.ipynb": tiny_course.answered(root, "word = 'yes'", WORDS, "word"),
    }


def class_of(root: Path, count: int) -> None:
    """Let so many students hand in right answers."""
    for number in range(count):
        tiny_course.hand_in(root, f"s{number}", right(root))


def row(report: Report, student: str = "ada") -> Row:
    """A student's row."""
    return next(one for one in report.rows if one.student == student)


def autograded(root: Path, student: str = "ada") -> Path:
    """A student's autograded folder."""
    return root / "autograded" / student / ASSIGNMENT


def grades(root: Path) -> list[Grade]:
    """Every automatic score of the class: student, notebook, cell, score, whether a human must look."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as gradebook:
        found: list[Grade] = [
            (
                submission.student_id,
                notebook.name,
                grade.name,
                grade.auto_score,
                grade.needs_manual_grade,
            )
            for submission in gradebook.assignment_submissions(ASSIGNMENT)
            for notebook in submission.notebooks
            for grade in notebook.grades
        ]
    return sorted(found, key=str)


def files(root: Path) -> dict[str, str]:
    """Every file below autograded/, with its text."""
    return {
        str(path.relative_to(root)): path.read_text()
        for path in sorted((root / "autograded").rglob("*"))
        if path.is_file()
    }
