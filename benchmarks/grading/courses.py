"""Course directories to grade, and what is in their gradebooks afterwards."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from course import layout

Points = Mapping[tuple[str, str, str], float]  # by student, notebook and cell
Files = Mapping[str, str]  # text by file name
PREPARED = ".proctor"  # in a course directory: what proctor keeps of an assignment
SETTINGS = """
c = get_config()
c.CourseDirectory.course_id = "measured"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", ".*_cache"]
c.OverwriteCells.add_missing_cells = True
c.Execute.timeout = 60
"""
STOCK = ("-m", "nbgrader", "autograde")
PROCTOR = ("-m", "proctor", "grade")


@dataclass(frozen=True)
class Assignment:
    """An assignment and a class: its released course directory, what each student hands in, and
    the points that each cell must get."""

    name: str
    released: Path
    handed_in: Mapping[str, Files]
    expected: Points

    def course(self, folder: Path, students: Iterable[str] | None = None) -> Path:
        """Make `folder` a course directory with the submissions of these students, or of all."""
        shutil.copytree(self.released, folder)
        for student in self.handed_in if students is None else students:
            place = folder / "submitted" / student / self.name
            place.mkdir(parents=True)
            for name, text in self.handed_in[student].items():
                (place / name).write_text(text, "utf-8")
        return folder

    def stock(self) -> list[str]:
        """The command with which stock nbgrader grades it."""
        return [sys.executable, *STOCK, self.name]

    def proctor(self, *options: str) -> list[str]:
        """The command with which proctor grades it."""
        return [sys.executable, *PROCTOR, self.name, *options]

    def expected_of(self, students: Iterable[str]) -> dict[tuple[str, str, str], float]:
        """The points that these students must get."""
        wanted = set(students)
        return {cell: points for cell, points in self.expected.items() if cell[0] in wanted}


def release(folder: Path, name: str, source: Iterable[Path] | Mapping[str, NotebookNode]) -> None:
    """Make `folder` a course directory with an assignment, released by nbgrader.

    Its source are files and folders to copy, or notebooks by file name.
    """
    place = folder / "source" / name
    place.mkdir(parents=True)
    if isinstance(source, Mapping):
        for file, notebook in source.items():
            nbformat.write(notebook, place / file)
    else:
        for path in source:
            if path.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(path, place / path.name, ignore=ignored)
            else:
                shutil.copy(path, place / path.name)
    (folder / "nbgrader_config.py").write_text(SETTINGS, "utf-8")
    layout.run_nbgrader("generate_assignment", name, cwd=folder)


def points(folder: Path, assignment: str) -> dict[tuple[str, str, str], float]:
    """The automatic points in a course's gradebook, without the cells that have none."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        return {
            (submission.student_id, notebook.name, grade.name): grade.auto_score
            for submission in book.assignment_submissions(assignment)
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.auto_score is not None
        }


def differences(found: Points, wanted: Points, whose: str, wants: str) -> Iterator[str]:
    """Each cell that has other points than it must have, in words.

    `whose` points are `found`, and `wants` says who wants others. A cell without points, or one
    that nobody asked for, is a difference too.
    """
    for cell in sorted(wanted.keys() | found.keys()):
        has, must = (points.get(cell) for points in (found, wanted))
        if has != must:
            student, notebook, name = cell
            yield f"{student}, {notebook} ({name}): {whose} {told(has)}, {wants} {told(must)}"


def told(points: float | None) -> str:
    """Points, in words."""
    return "no points at all" if points is None else f"{points:g}"
