"""A notebook that has run on its way into its file: nbgrader's last steps, the marks, the text."""

import copy
import os
from collections.abc import Mapping
from dataclasses import dataclass

from nbformat import NotebookNode, v4
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    Execute,
    LimitOutput,
    SaveAutoGrades,
)

from proctor.course import Course
from proctor.gradebook.scores import NotebookMarks, marks

MAX_CACHED_CELLS = 1000  # of a notebook
MAX_CACHED_CHARACTERS = 4_000_000  # of a cell
KNOWN_PACKAGES = ("nbgrader.", "nbconvert.")
# What these do to the outputs of the first cells, which a class shares, they do once and for all.
USUAL_STEPS = (AssignLatePenalties, CheckCellMetadata, Execute, LimitOutput, SaveAutoGrades)


@dataclass
class FinishedNotebook:
    """A notebook as it is written, and its marks."""

    notebook: NotebookNode
    marks: NotebookMarks


def finish(
    course: Course,
    assignment: str,
    student: str,
    name: str,
    notebook: NotebookNode,
    manual: Mapping[str, str] | None = None,
) -> FinishedNotebook:
    """Take a notebook that has run through the course's autograde steps after Execute.

    The marks are found where SaveAutoGrades stands among them; without it there are none. For
    `manual` see proctor.gradebook.scores.marks.
    """
    resources = {
        "nbgrader": {
            "student": student,
            "assignment": assignment,
            "notebook": name,
            "db_url": course.db_url,
        },
        "unique_key": name,
        "output_files_dir": f"{name}_files",
        "metadata": {"name": name},
    }
    # The cells' metadata is the source's, which need not be checked unless a step may change it.
    done: tuple[type, ...] = (Execute, AssignLatePenalties)
    if not _has_foreign_steps(course):
        done += (CheckCellMetadata,)
    if any(type(step) not in USUAL_STEPS for step in course.finishing):
        notebook = copy.deepcopy(notebook)
    found = NotebookMarks()
    for step in course.finishing:
        if isinstance(step, SaveAutoGrades):
            found = marks(notebook, manual)
        elif not isinstance(step, done):
            notebook, resources = step(notebook, resources)
    return FinishedNotebook(notebook, found)


def _has_foreign_steps(course: Course) -> bool:
    """Whether steps are configured that are neither nbgrader's nor nbconvert's."""
    return any(not type(step).__module__.startswith(KNOWN_PACKAGES) for step in course.finishing)


class NotebookWriter:
    """Makes the text of a class's notebooks of one name, as nbformat does.

    nbformat indents its JSON in Python, which takes longer than anything else that is done to a
    notebook here. Most cells of a class are the same in every submission, so the text of a cell
    that came twice at its place is kept.
    """

    def __init__(self) -> None:
        # {cell's index: (the last one there, its text if it came twice)}
        self._cache: dict[int, tuple[NotebookNode, str | None]] = {}

    def text(self, notebook: NotebookNode) -> str:
        """What `nbformat.v4.writes_json` would return."""
        empty = _text_with_cells(notebook, [])
        one_cell = NotebookNode(cell_type="raw", metadata=NotebookNode())
        start = len(os.path.commonprefix([empty, _text_with_cells(notebook, [one_cell])]))
        cells = [
            self._cell_text(index, cell, notebook, empty, start)
            for index, cell in enumerate(notebook.cells)
        ]
        return empty[:start] + ",".join(cells) + "\n " * bool(cells) + empty[start:]

    def _cell_text(
        self, index: int, cell: NotebookNode, notebook: NotebookNode, empty: str, start: int
    ) -> str:
        """A cell's text, which stands at `start` in the text of the notebook without cells."""
        before, text = self._cache.get(index, (None, None))
        again = before is not None and same_json(before, cell)
        if not again or text is None:
            whole = _text_with_cells(notebook, [cell])
            text = whole[start : len(whole) - len(empty) + start].removesuffix("\n ")
        if index < MAX_CACHED_CELLS:
            keeps = again and len(text) <= MAX_CACHED_CHARACTERS
            self._cache[index] = cell, text if keeps else None
        return text


def same_json(one: object, other: object) -> bool:
    """Whether two values of a notebook have the same text as JSON: 1, 1.0 and true are three."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            same_json(value, other[key]) for key, value in one.items()
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    if isinstance(one, float):
        return repr(one) == repr(other)
    return one == other


def _text_with_cells(notebook: NotebookNode, cells: list[NotebookNode]) -> str:
    """The text of a notebook with these cells instead of its own."""
    return v4.writes_json(NotebookNode({**notebook, "cells": cells}))
