"""Small notebooks of an assignment as the engine takes them, without a course directory, and an
engine that prepares and grades them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from proctor.assemble.notebook import assemble
from proctor.assemble.plan import Side
from proctor.assemble.source import AssignmentCell, AssignmentNotebook
from proctor.examiner.results import Outcome
from proctor.examiner.session import Run
from proctor.examiner.template import Task
from proctor.gradebook.records import RecordedCell
from proctor.gradebook.scores import marks
from proctor.pool.bases import Bases
from proctor.pool.pool import Pool
from proctor.pool.pools import template
from proctor.preparation import NotebookDecision, prepared
from proctor.sandbox import probe
from proctor.submission.notebook import SubmittedCell, SubmittedNotebook

STUB = "raise NotImplementedError()"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


@dataclass(frozen=True)
class Cell:
    """A cell of a small notebook.

    `solution` is what the reference solution writes there, None where students write nothing; a cell
    with `points` is a test. `side` is where it runs, if it has no name.
    """

    text: str
    name: str | None = None
    solution: str | None = None
    points: float | None = None
    side: Side = "given"


def shown(text: str) -> Cell:
    """A cell of the instructor's that is of use only for what it shows."""
    return Cell(text, side="shown")


def given(text: str, name: str | None = None) -> Cell:
    """A cell of the instructor's; locked if it has a name."""
    return Cell(text, name)


def answer(solution: str, name: str = "answer", stub: str = STUB) -> Cell:
    """A cell to write in."""
    return Cell(stub, name, solution)


def checks(text: str, name: str = "test", points: float = 1.0) -> Cell:
    """A test."""
    return Cell(text, name, points=points)


def notebook(*cells: Cell, solved: bool = True) -> AssignmentNotebook:
    """The notebook of an assignment; not `solved`: nobody has a solution of it."""
    made = new_notebook(metadata={"kernelspec": KERNEL})
    own = [assignment_cell(cell) for cell in cells]
    found = AssignmentNotebook("small", NotebookNode({**made, "cells": []}), own)
    if solved:
        found.solved = handed_in(
            found, *(cell.solution for cell in cells if cell.solution is not None)
        )
    return found


def assignment_cell(cell: Cell) -> AssignmentCell:
    """A cell as it is graded."""
    if cell.name is None:
        return AssignmentCell(new_code_cell(cell.text), cell.side, cell.text)
    flags = {
        "grade": cell.points is not None,
        "solution": cell.solution is not None,
        "locked": cell.solution is None,
    }
    about = {
        "grade_id": cell.name,
        "schema_version": 3,
        "cell_type": "code",
        "task": False,
        **flags,
    }
    if cell.points is not None:
        about["points"] = cell.points
    made = new_code_cell(cell.text, metadata={"nbgrader": about})
    recorded = RecordedCell(
        cell.name, "code", source=cell.text, checksum=None, points=cell.points, **flags
    )
    side = "test" if flags["grade"] else "student" if flags["solution"] else "given"
    return AssignmentCell(made, side, cell.text, recorded)


def handed_in(notebook: AssignmentNotebook, *answers: str) -> SubmittedNotebook:
    """The notebook with these texts in its answer cells, in order."""
    left = list(answers)
    return SubmittedNotebook(
        [
            SubmittedCell("code", left.pop(0) if own.answer and left else own.released, own.name)
            for own in notebook.cells
        ]
    )


@dataclass
class Graded:
    """A graded submission: its points by test (None: for a human), and its run."""

    points: dict[str, float | None]
    outcome: Outcome
    notebook: NotebookNode

    def errors(self, name: str) -> list[str]:
        """The names of the errors in a cell's outputs."""
        return [one.ename for one in self.outputs(name) if one.output_type == "error"]

    def printed(self, name: str) -> str:
        """What a cell printed."""
        return "".join(one.text for one in self.outputs(name) if one.output_type == "stream")

    def outputs(self, name: str) -> list[NotebookNode]:
        """A cell's outputs."""
        named = {
            cell.metadata.nbgrader.grade_id: cell
            for cell in self.notebook.cells
            if "nbgrader" in cell.metadata
        }
        return named[name].outputs

    @property
    def events(self) -> list[tuple[str, str]]:
        """The kinds of events, each with the name of its cell."""
        cells = self.notebook.cells
        return [
            (one.kind, "" if one.index is None else name_of(cells[one.index]))
            for one in self.outcome.events
        ]


def name_of(cell: NotebookNode) -> str:
    """A cell's grade_id, or nothing."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


@dataclass
class Engine:
    """A pool for one notebook."""

    notebook: AssignmentNotebook
    pool: Pool
    timeout: float
    files: dict[str, str] = field(default_factory=dict)

    def prepare(self, reference: SubmittedNotebook | None = None) -> NotebookDecision:
        """How the tests are graded."""
        return prepared(self.notebook, self.pool, self.timeout, reference)

    def grade(self, decision: NotebookDecision, *submissions: Sequence[str] | str) -> list[Graded]:
        """Each submission graded, in order: its answers, or its one answer."""
        tasks = []
        for number, answers in enumerate(submissions):
            texts = [answers] if isinstance(answers, str) else answers
            plan = assemble(self.notebook, handed_in(self.notebook, *texts))
            plan.files = dict(self.files)
            tasks.append((number, Task(plan, decision.grading)))
        found = {}
        for number, outcome, made in self.pool.examine(tasks):
            assert made is not None, outcome.events
            found[number] = Graded(marks(made, outcome.disputed).points, outcome, made)
        return [found[number] for number in range(len(submissions))]

    def run(self, run: Run, *answers: str) -> Outcome:
        """One run of a submission."""
        plan = assemble(self.notebook, handed_in(self.notebook, *answers))
        ((_, outcome, _),) = self.pool.examine([(0, Task(plan, run))])
        return outcome


@contextlib.contextmanager
def engine(
    bases: Bases,
    notebook: AssignmentNotebook,
    timeout: float = 20.0,
    workers: int = 1,
    support: Path | None = None,
) -> Iterator[Engine]:
    """An engine for a notebook, confined where this machine can."""
    with Pool(bases, template(notebook, support, timeout, probe().enough), workers) as pool:
        yield Engine(notebook, pool, timeout)
