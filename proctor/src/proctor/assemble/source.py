"""Owns the instructor's side of a notebook: every cell as it is graded, from the source and the gradebook, before any student."""

import copy
from dataclasses import dataclass, field

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.nbgraderformat import SCHEMA_VERSION
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, InstantiateTests, SaveCells

from proctor.course import CourseError
from proctor.assemble.plan import Part
from proctor.examiner.reference import Reference, reference

FLAGS = ("grade", "solution", "task", "locked")
ASIDE = {
    "candidate": "candidate",
    "never": "skip",
}  # what a cell's metadata {"proctor": {"runs": …}} may ask for


@dataclass
class Slot:
    """A cell of the instructor's: as it is graded, the text that students were given, and where it runs if nobody edits it."""

    cell: NotebookNode
    side: str
    released: str
    known: object = None
    given: str | None = None  # what a candidate runs of it, where that is not all

    @property
    def name(self):
        return self.known.name if self.known else None

    @property
    def open(self):
        """Whether the student's text stands in it: solutions, and whatever is not locked."""
        return not (self.known and self.known.locked)

    @property
    def answer(self):
        """Whether the student was asked to write in it."""
        return bool(self.known) and self.open


@dataclass
class Skeleton:
    """A notebook of the assignment: its slots, its metadata, and what the instructor should be told."""

    name: str
    notebook: NotebookNode
    slots: list[Slot]
    problems: list[str] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)  # besides those that its cells import
    limits: dict[str, int] = field(default_factory=dict)
    secret: list[str] = field(default_factory=list)  # places of the course that no test may read
    reference: Reference = field(default_factory=Reference)

    @property
    def prefix(self):
        """The parts that run before anything a student writes and before any test: the template's."""
        parts = []
        for index, slot in enumerate(self.slots):
            if slot.side not in ("text", "both", "skip"):
                break
            parts.append(Part(index, copy.deepcopy(slot.cell), slot.side, given=slot.given))
        return parts


def skeleton(course, known, assignment):
    """The skeleton of a notebook that the gradebook knows; CourseError in words if there is neither source nor release."""
    problems = []
    notebook, released, solutions, why = from_source(course, known, assignment)
    if notebook is None or names(notebook) != set(known.cells):
        path = course.folder("release", ".", assignment) / f"{known.name}.ipynb"
        try:
            published = nbformat.read(path, as_version=4)
        except Exception as error:
            if notebook is None:
                raise CourseError(
                    f"{why} The released notebook {path} cannot be read either ({type(error).__name__}): "
                    f"run `nbgrader generate_assignment {assignment}` again."
                ) from error
            published = None
        if published is not None and (notebook is None or names(published) == set(known.cells)):
            notebook, released = published, copy.deepcopy(published)
            problems.append(f"{why} The notebook was built from {path} and the gradebook instead.")
        else:
            problems.append(f"{why} What the gradebook holds is graded.")
    slots = filled(notebook, released, known)
    for slot in slots:
        text = (
            without_hidden(course.preparing, slot.cell)
            if slot.side in ("both", "student")
            else slot.cell.source
        )
        if text != slot.cell.source:
            slot.given, slot.released = text, text if slot.open else slot.released
    if known.kernelspec:
        notebook.metadata["kernelspec"] = NotebookNode(known.kernelspec)
    shell = NotebookNode({**notebook, "cells": []})
    return Skeleton(
        known.name,
        shell,
        slots,
        problems,
        course.imports,
        course.limits,
        course.secret,
        asked(slots, [without_hidden(course.preparing, cell) for cell in solutions]),
    )


def asked(slots, solutions):
    """What the solutions say of names; if there are none, what the released ones do."""
    code = [slot for slot in slots if slot.cell.cell_type == "code"]
    given = [slot for slot in code if slot.side == "both"]
    return reference(
        [*solutions, *(slot.released for slot in code if slot.side == "student")],
        [slot.cell.source for slot in given],
        [slot.cell.source for slot in given if slot.open],
        [slot.cell.source for slot in code if slot.side == "test"],
        bool(solutions),
    )


def without_hidden(steps, cell):
    """The text of a cell without what is hidden in it."""
    alone = NotebookNode(
        cells=[copy.deepcopy(cell)], metadata=NotebookNode(), nbformat=4, nbformat_minor=5
    )
    try:
        return cleared(steps, alone, {}).cells[0].source
    except RuntimeError:  # nbgrader's settings forbid hidden text there
        return cell.source


def from_source(course, known, assignment):
    """The source notebook as SaveCells sees it, the same as students get it, its solution cells, and why it may not be fit: (…, …, cells, sentence)."""
    path = course.folder("source", ".", assignment) / f"{known.name}.ipynb"
    changed = f"{path} has other graded cells than the gradebook: run `nbgrader generate_assignment {assignment}` after changing it."
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:
        return (
            None,
            None,
            [],
            f"The source notebook {path} cannot be read ({type(error).__name__}).",
        )
    solutions = [
        copy.deepcopy(cell)
        for cell in notebook.cells
        if cell.cell_type == "code" and utils.is_solution(cell)
    ]
    resources = {
        "nbgrader": {
            "student": ".",
            "assignment": assignment,
            "notebook": known.name,
            "db_url": course.db_url,
        },
        "unique_key": known.name,
        "metadata": {"name": known.name, "path": str(path.parent)},
    }
    with utils.chdir(str(course.root)):
        try:
            notebook, resources = prepared(course.preparing, notebook, resources)
            released = cleared(course.preparing, copy.deepcopy(notebook), resources)
        except Exception as error:
            return (
                None,
                None,
                solutions,
                f"The source notebook {path} cannot be prepared as generate_assignment does: {error}.",
            )
    return notebook, released, solutions, changed


def prepared(steps, notebook, resources):
    """Through the configured steps of generate_assignment, up to saving the cells. AUTOTESTs are not run: the gradebook has their text."""
    for step in steps:
        if isinstance(step, SaveCells):
            break
        if not isinstance(step, InstantiateTests):
            notebook, resources = step(notebook, resources)
    return notebook, resources


def cleared(steps, notebook, resources):
    """Without what students are not to see."""
    for step in steps:
        if isinstance(step, (ClearHiddenTests, ClearMarkScheme)):
            notebook, resources = step(notebook, resources)
    return notebook


def names(notebook):
    """The grade_ids of the cells that SaveCells would record."""
    return {cell.metadata.nbgrader.get("grade_id") for cell in notebook.cells if recorded(cell)}


def recorded(cell):
    return any(
        test(cell) for test in (utils.is_grade, utils.is_solution, utils.is_locked, utils.is_task)
    )


def filled(notebook, released, known):
    """The slots, with the gradebook's word on every cell it knows; it also decides which there are."""
    slots, seen = [], set()
    for cell, given in zip(notebook.cells, released.cells, strict=True):
        name = cell.metadata.nbgrader.get("grade_id") if recorded(cell) else None
        if name is None:
            cell.metadata.pop("nbgrader", None)
            slots.append(Slot(settled(cell), side(cell, None), given.source))
        elif name in known.cells and name not in seen:
            seen.add(name)
            recalled(cell, known.cells[name])
            slots.append(
                Slot(
                    cell,
                    side(cell, known.cells[name]),
                    given.source if known.cells[name].locked else cell.source,
                    known.cells[name],
                )
            )
    for name, one in known.cells.items():
        if name not in seen:
            cell = recalled(
                NotebookNode(
                    cell_type=one.kind, source="", metadata=NotebookNode(nbgrader=NotebookNode())
                ),
                one,
            )
            if notebook.nbformat_minor >= 5:
                cell.id = f"cell-{name}"[:64]
            slots.append(Slot(cell, side(cell, one), one.source, one))
    return slots


def recalled(cell, known):
    """The cell as the gradebook has it: kind, text, flags, points and checksum."""
    cell.cell_type, cell.source = known.kind, known.source or ""
    cell.metadata.nbgrader.update({flag: bool(getattr(known, flag)) for flag in FLAGS})
    cell.metadata.nbgrader.update(
        grade_id=known.name, cell_type=known.kind, schema_version=SCHEMA_VERSION
    )
    if known.checksum:
        cell.metadata.nbgrader["checksum"] = known.checksum
    cell.metadata.nbgrader.pop("points", None)
    if known.points is not None:
        cell.metadata.nbgrader["points"] = known.points
    return settled(cell)


def settled(cell):
    """The cell with the fields of its kind, and nothing that was put out earlier."""
    if cell.cell_type == "code":
        cell.update(outputs=[], execution_count=None)
        cell.pop("attachments", None)
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)
    return cell


def side(cell, known):
    """Where the cell runs if the student does not edit it."""
    if cell.cell_type != "code":
        return "text"
    asked = cell.metadata.get("proctor")
    asked = asked.get("runs") if isinstance(asked, dict) else None
    if isinstance(asked, str) and asked in ASIDE:
        return ASIDE[asked]
    if known and known.solution:
        return "student"
    return "test" if known and known.grade else "both"
