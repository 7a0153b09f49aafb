"""The instructor's side of a notebook: each cell as it is graded, from source and gradebook."""

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.nbgraderformat import SCHEMA_VERSION
from nbgrader.preprocessors import (
    ClearHiddenTests,
    ClearMarkScheme,
    InstantiateTests,
    NbGraderPreprocessor,
    SaveCells,
)

from proctor.assemble.plan import Part, Side
from proctor.course import Course, CourseError
from proctor.gradebook.records import RecordedCell, RecordedNotebook
from proctor.messages import advice_on_changed_cells, generate_command, shell_command
from proctor.submission import notebook as submitted_notebook
from proctor.submission.notebook import SubmittedNotebook

RECORDED_FLAGS = ("grade", "solution", "task", "locked")
# What a cell's metadata {"proctor": {"runs": ...}} may ask for.
REQUESTED_SIDES: dict[str, Side] = {"candidate": "candidate", "shown": "shown", "never": "skip"}


@dataclass
class AssignmentCell:
    """A cell of the instructor's notebook.

    `cell` is the cell as it is graded, `released` the text that students were given, `side` where
    it runs if nobody edits it, `given` what a candidate runs of it where that is not all.
    """

    cell: NotebookNode
    side: Side
    released: str
    recorded: RecordedCell | None = None
    given: str | None = None

    @property
    def name(self) -> str | None:
        """The cell's grade_id, or None if the gradebook does not know the cell."""
        return self.recorded.name if self.recorded else None

    @property
    def open(self) -> bool:
        """Whether the student's text stands in it: solutions, and whatever is not locked."""
        return not (self.recorded and self.recorded.locked)

    @property
    def answer(self) -> bool:
        """Whether the student was asked to write in it."""
        return bool(self.recorded) and self.open


@dataclass
class AssignmentNotebook:
    """A notebook of the assignment, as it is graded before any student's text stands in it.

    `notebook` holds the metadata and no cells; `problems` are sentences for the instructor;
    `imports` are modules besides those that the cells import; `secret` are paths that no test may
    read. `solved` is the source's own notebook as if a student had handed it in, None if the source
    cannot be read.
    """

    name: str
    notebook: NotebookNode
    cells: list[AssignmentCell]
    problems: list[str] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    limits: dict[str, int] = field(default_factory=dict)
    secret: list[str] = field(default_factory=list)
    solved: SubmittedNotebook | None = None

    @property
    def prefix(self) -> list[Part]:
        """The parts that run before anything a student writes and before any test."""
        return [
            Part(index, copy.deepcopy(own.cell), own.side, candidate_source=own.given)
            for index, own in enumerate(self.cells[: self.prefix_length])
        ]

    @property
    def prefix_length(self) -> int:
        """How many cells those are."""
        rest = (
            index
            for index, own in enumerate(self.cells)
            if own.side not in ("text", "given", "shown", "skip")
        )
        return next(rest, len(self.cells))


@dataclass
class Source:
    """What the source folder has of a notebook.

    `prepared` is the notebook as nbgrader recorded it, `released` the same as students get it, None
    both if there is no such notebook; `problem` says why it may not be fit for grading.
    """

    problem: str
    prepared: NotebookNode | None = None
    released: NotebookNode | None = None
    solved: SubmittedNotebook | None = None


def assignment_notebook(
    course: Course, recorded: RecordedNotebook, assignment: str
) -> AssignmentNotebook:
    """The notebook that the gradebook knows, with every cell as it is graded.

    Raises CourseError if there is neither a source nor a release that can be read.
    """
    source = _read_source(course, recorded, assignment)
    notebook, released, problems = source.prepared, source.released, []
    if notebook is None or _recorded_names(notebook) != set(recorded.cells):
        path = course.folder("release", ".", assignment) / f"{recorded.name}.ipynb"
        try:
            published = nbformat.read(path, as_version=4)
        except Exception as error:
            if notebook is None:
                raise CourseError(
                    f"{source.problem} The released notebook {path} cannot be read either "
                    f"({type(error).__name__}): run `{generate_command(course, assignment)}`."
                ) from error
            published = None
        if published is not None and (
            notebook is None or _recorded_names(published) == set(recorded.cells)
        ):
            notebook, released = published, copy.deepcopy(published)
            problems.append(
                f"{source.problem} The notebook was built from {path} and the gradebook instead."
            )
        else:
            problems.append(f"{source.problem} What the gradebook holds is graded.")
    else:
        problems += _changed_since(course, notebook, recorded, assignment)
    assert notebook is not None and released is not None
    cells = _assignment_cells(notebook, released, recorded)
    for own in cells:
        if own.side in ("given", "student"):
            text = _without_hidden_text(course.preparing, own.cell)
            if text != own.cell.source:
                own.given = text
                own.released = text if own.open else own.released
    if recorded.kernelspec:
        notebook.metadata["kernelspec"] = NotebookNode(recorded.kernelspec)
    return AssignmentNotebook(
        recorded.name,
        NotebookNode({**notebook, "cells": []}),
        cells,
        problems,
        course.imports,
        course.limits,
        course.secret,
        source.solved,
    )


def _changed_since(
    course: Course, prepared: NotebookNode, recorded: RecordedNotebook, assignment: str
) -> list[str]:
    """A sentence if locked cells of the source are other than those that the gradebook has.

    Cells with AUTOTESTs are not compared: the gradebook has them instantiated.
    """
    marks = [
        one.autotest_delimiter for one in course.preparing if isinstance(one, InstantiateTests)
    ]
    changed = []
    for cell in prepared.cells:
        known = recorded.cells.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if known is None or not known.locked or any(mark in cell.source for mark in marks):
            continue
        if cell.source.strip() != known.source.strip():
            changed.append(known.name)
    if not changed:
        return []
    command = shell_command("nbgrader", "generate_assignment", assignment, "--force")
    again = shell_command("proctor", "grade", assignment, "--force")
    return [
        f"{recorded.name}: the source was changed since generate_assignment "
        f"({', '.join(changed)}), and the old cells are graded. To grade the new ones, run "
        f"`{command}`, then `{again}`."
    ]


def solved_in(folder: Path, name: str) -> SubmittedNotebook:
    """The solved notebook `name` of a folder, read as if a student had handed it in.

    Raises CourseError if it cannot be read.
    """
    path = Path(folder) / f"{name}.ipynb"
    try:
        return submitted_notebook.read(path.read_bytes())
    except OSError as error:
        raise CourseError(
            f"The reference notebook {path} cannot be read: {error.strerror}."
        ) from error
    except submitted_notebook.Unreadable as error:
        raise CourseError(f"The reference notebook {path} cannot be read: {error}") from error


def _read_source(course: Course, recorded: RecordedNotebook, assignment: str) -> Source:
    """The source notebook, prepared as `nbgrader generate_assignment` does."""
    path = course.folder("source", ".", assignment) / f"{recorded.name}.ipynb"
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:
        return Source(f"The source notebook {path} cannot be read ({type(error).__name__}).")
    solved = _as_handed_in(course.preparing, notebook)
    resources = {
        "nbgrader": {
            "student": ".",
            "assignment": assignment,
            "notebook": recorded.name,
            "db_url": course.db_url,
        },
        "unique_key": recorded.name,
        "metadata": {"name": recorded.name, "path": str(path.parent)},
    }
    with utils.chdir(str(course.root)):
        try:
            prepared, resources = _prepared(course.preparing, notebook, resources)
            released = _cleared(course.preparing, copy.deepcopy(prepared), resources)
        except Exception as error:
            return Source(
                f"The source notebook {path} cannot be prepared as generate_assignment does: "
                f"{error}.",
                solved=solved,
            )
    return Source(
        f"{path} has other graded cells than the gradebook: {advice_on_changed_cells(assignment)}.",
        prepared,
        released,
        solved,
    )


def _as_handed_in(
    steps: list[NbGraderPreprocessor], notebook: NotebookNode
) -> SubmittedNotebook | None:
    """The source notebook as if a student had written its solutions, None if it is too large.

    Of an open cell the hidden text is left out, since no student ever has it there.
    """
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if not utils.is_locked(cell):
            cell.source = _without_hidden_text(steps, cell)
    try:
        return submitted_notebook.read(nbformat.writes(notebook).encode(errors="replace"))
    except submitted_notebook.Unreadable:
        return None


def _without_hidden_text(steps: list[NbGraderPreprocessor], cell: NotebookNode) -> str:
    """The text of a cell without what is hidden in it."""
    alone = NotebookNode(
        cells=[copy.deepcopy(cell)], metadata=NotebookNode(), nbformat=4, nbformat_minor=5
    )
    try:
        return _cleared(steps, alone, {}).cells[0].source
    except RuntimeError:  # nbgrader's settings forbid hidden text there
        return cell.source


def _prepared(
    steps: list[NbGraderPreprocessor], notebook: NotebookNode, resources: dict[str, Any]
) -> tuple[NotebookNode, dict[str, Any]]:
    """The notebook after generate_assignment's configured steps, up to saving the cells.

    AUTOTESTs are not instantiated, which would run code: the gradebook has their text.
    """
    for step in steps:
        if isinstance(step, SaveCells):
            break
        if not isinstance(step, InstantiateTests):
            notebook, resources = step(notebook, resources)
    return notebook, resources


def _cleared(
    steps: list[NbGraderPreprocessor], notebook: NotebookNode, resources: dict[str, Any]
) -> NotebookNode:
    """The notebook without what students are not to see."""
    for step in steps:
        if isinstance(step, (ClearHiddenTests, ClearMarkScheme)):
            notebook, resources = step(notebook, resources)
    return notebook


def _recorded_names(notebook: NotebookNode) -> set[str | None]:
    """The grade_ids of the cells that nbgrader's SaveCells would record."""
    return {cell.metadata.nbgrader.get("grade_id") for cell in notebook.cells if _is_recorded(cell)}


def _is_recorded(cell: NotebookNode) -> bool:
    """Whether nbgrader's SaveCells would record the cell."""
    return any(
        is_kind(cell)
        for is_kind in (utils.is_grade, utils.is_solution, utils.is_locked, utils.is_task)
    )


def _assignment_cells(
    notebook: NotebookNode, released: NotebookNode, recorded: RecordedNotebook
) -> list[AssignmentCell]:
    """The notebook's cells; the gradebook decides which graded ones exist and what they hold."""
    found: list[AssignmentCell] = []
    seen = set()
    for cell, as_released in zip(notebook.cells, released.cells, strict=True):
        name = cell.metadata.nbgrader.get("grade_id") if _is_recorded(cell) else None
        if name is None:
            cell.metadata.pop("nbgrader", None)
            found.append(AssignmentCell(_emptied(cell), _side(cell, None), as_released.source))
        elif name in recorded.cells and name not in seen:
            seen.add(name)
            known = recorded.cells[name]
            _set_recorded(cell, known)
            text = as_released.source if known.locked else cell.source
            found.append(AssignmentCell(cell, _side(cell, known), text, known))
    found += [
        _recorded_only(known, notebook.nbformat_minor)
        for name, known in recorded.cells.items()
        if name not in seen
    ]
    return found


def _recorded_only(known: RecordedCell, nbformat_minor: int) -> AssignmentCell:
    """A cell that nothing but the gradebook has."""
    cell = _set_recorded(
        NotebookNode(
            cell_type=known.kind, source="", metadata=NotebookNode(nbgrader=NotebookNode())
        ),
        known,
    )
    if nbformat_minor >= 5:
        cell.id = f"cell-{known.name}"[:64]
    return AssignmentCell(cell, _side(cell, known), known.source, known)


def _set_recorded(cell: NotebookNode, known: RecordedCell) -> NotebookNode:
    """Give the cell what the gradebook has of it: kind, text, flags, points and checksum."""
    cell.cell_type, cell.source = known.kind, known.source or ""
    cell.metadata.nbgrader.update({flag: bool(getattr(known, flag)) for flag in RECORDED_FLAGS})
    cell.metadata.nbgrader.update(
        grade_id=known.name, cell_type=known.kind, schema_version=SCHEMA_VERSION
    )
    if known.checksum:
        cell.metadata.nbgrader["checksum"] = known.checksum
    cell.metadata.nbgrader.pop("points", None)
    if known.points is not None:
        cell.metadata.nbgrader["points"] = known.points
    return _emptied(cell)


def _emptied(cell: NotebookNode) -> NotebookNode:
    """The cell with the fields of its kind, and without outputs of an earlier run."""
    if cell.cell_type == "code":
        cell.update(outputs=[], execution_count=None)
        cell.pop("attachments", None)
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)
    return cell


def _side(cell: NotebookNode, known: RecordedCell | None) -> Side:
    """Where the cell runs if the student does not edit it."""
    if cell.cell_type != "code":
        return "text"
    if known and known.solution:
        return "student"
    if known and known.grade:
        return "test"
    settings = cell.metadata.get("proctor")
    requested = settings.get("runs") if isinstance(settings, dict) else None
    return REQUESTED_SIDES.get(requested, "given") if isinstance(requested, str) else "given"
