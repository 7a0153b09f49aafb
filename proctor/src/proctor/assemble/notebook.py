"""Assemble the notebook that is graded: the instructor's cells, with the student's text in them.

Of the student's own work nothing else stands in it: no metadata, no outputs, no locked text.
"""

import copy

from nbformat.notebooknode import NotebookNode

from proctor.assemble.alignment import align
from proctor.assemble.plan import Part, Plan
from proctor.assemble.source import AssignmentCell, AssignmentNotebook
from proctor.sanitize import clean_code, clean_markdown, clean_raw
from proctor.submission.notebook import SubmittedCell, SubmittedNotebook

# (index of the instructor's cell or None, index of the student's cell or None)
Pair = tuple[int | None, int | None]


def assemble(notebook: AssignmentNotebook, submitted: SubmittedNotebook | None) -> Plan:
    """The plan for what a student handed in; None: nothing, so that the released text stands."""
    cells = submitted.cells if submitted else []
    matched, told = align(notebook.cells, cells)
    problems = [*(submitted.problems if submitted else []), *told]
    order = _order(notebook.cells, cells, matched)
    parts: list[Part] = []
    unedited: list[bool] = []
    ids = {own.cell.get("id") for own in notebook.cells}
    for place, index in order:
        cell = None if index is None else cells[index]
        if place is not None:
            part = _instructors_part(notebook, place, cell, problems if submitted else [])
        else:
            assert cell is not None
            part = _additional_part(cell, notebook, _unused_id(ids, len(parts)))
        part.index, part.place = len(parts), place
        parts.append(part)
        unedited.append(place is not None and part.side == notebook.cells[place].side)
    in_order = sorted({*matched.values(), *_additional(cells, matched)})
    if submitted and [index for _, index in order if index is not None] != in_order:
        problems.append(
            "The cells are in another order than in the released notebook: "
            "the released order is graded."
        )
    assembled = NotebookNode(
        {**copy.deepcopy(notebook.notebook), "cells": [part.cell for part in parts]}
    )
    return Plan(assembled, parts, problems, _prefix_length(notebook, parts, unedited, order))


def _additional(cells: list[SubmittedCell], matched: dict[int, int]) -> set[int]:
    """The indices of the cells that the student added; empty text cells are left out."""
    taken = set(matched.values())
    return {
        index
        for index, cell in enumerate(cells)
        if index not in taken and (cell.text.strip() or cell.kind == "code")
    }


def _order(
    assigned: list[AssignmentCell], cells: list[SubmittedCell], matched: dict[int, int]
) -> list[Pair]:
    """The notebook's cells from first to last; an additional cell follows the cell it followed."""
    place_of = {index: place for place, index in matched.items()}
    additional = _additional(cells, matched)
    follows: dict[int, list[Pair]] = {}
    place = -1
    for index in range(len(cells)):
        if index in place_of:
            place = place_of[index]
        elif index in additional:
            follows.setdefault(_followed(assigned, matched, place), []).append((None, index))
    order = follows.get(-1, [])
    for place in range(len(assigned)):
        order += [(place, matched.get(place)), *follows.get(place, [])]
    return order


def _followed(assigned: list[AssignmentCell], matched: dict[int, int], place: int) -> int:
    """The instructor's cell that an additional cell after `place` follows.

    The stubs of answers that are missing there come first: a student who wrote the answer into a
    new cell must not have it undone by the stub.
    """
    last = place
    for other in range(place + 1, len(assigned)):
        if other in matched or assigned[other].side not in ("student", "text"):
            break
        if assigned[other].answer:
            last = other
    return last


def _instructors_part(
    notebook: AssignmentNotebook, place: int, submitted: SubmittedCell | None, problems: list[str]
) -> Part:
    """An instructor's cell with the student's text, if it is one to write in."""
    own = notebook.cells[place]
    cell = copy.deepcopy(own.cell)
    part = Part(place, cell, own.side, candidate_source=own.given)
    if own.open and own.given is not None:
        # What is hidden in an open cell runs in the examiner and is shown to nobody.
        cell.source, part.candidate_source = own.given, None
        part.examiner_source = own.cell.source if own.side == "given" else None
    if submitted is None:
        part.missing = True
        if own.answer:
            problems.append(
                f"The cell {own.name} is missing: the released one stands in its place."
            )
        elif own.recorded and own.recorded.points:
            problems.append(
                f"The cell {own.name} was deleted: the instructor's stands, and is graded."
            )
        return part
    if not own.open:
        if not _same_text(submitted.text, own.released) and not _same_text(
            submitted.text, own.cell.source
        ):
            problems.append(
                f"The text of the locked cell {own.name} was changed: the instructor's stands."
            )
        return part
    if submitted.text == cell.source or (
        not own.answer and _same_text(submitted.text, cell.source)
    ):
        return part
    if submitted.kind != cell.cell_type:
        problems.append(
            f"The cell {own.name} was made a {submitted.kind} cell: "
            f"it is a {cell.cell_type} cell again."
        )
    _set_text(cell, submitted, notebook)
    if own.side == "given":
        part.side, part.examiner_source = "edited", own.cell.source
    return part


def _same_text(one: str, other: str) -> bool:
    """Whether two texts differ by no more than what saving in another editor does."""
    return [line.rstrip() for line in one.strip().splitlines()] == [
        line.rstrip() for line in other.strip().splitlines()
    ]


def _set_text(cell: NotebookNode, submitted: SubmittedCell, notebook: AssignmentNotebook) -> None:
    """Put the student's text into a cell, so that a browser can show it safely."""
    if cell.cell_type == "code":
        cell.source = clean_code(submitted.text)
    elif cell.cell_type == "raw":
        cell.source = clean_raw(submitted.text)
    else:
        names = [own.name for own in notebook.cells if own.name]
        cell.source = clean_markdown(submitted.text, submitted.attachments, names)
        cell.pop("attachments", None)
        if submitted.attachments:
            cell.attachments = submitted.attachments


def _additional_part(submitted: SubmittedCell, notebook: AssignmentNotebook, name: str) -> Part:
    """A cell that the student added, without any of its metadata."""
    cell = NotebookNode(cell_type=submitted.kind, metadata=NotebookNode(), source="")
    if notebook.notebook.get("nbformat_minor", 0) >= 5:
        cell.id = name
    if submitted.kind == "code":
        cell.update(outputs=[], execution_count=None)
    _set_text(cell, submitted, notebook)
    if submitted.kind != "code":
        return Part(0, cell, "text")
    return Part(0, cell, "skip" if _does_nothing(cell.source) else "student")


def _does_nothing(text: str) -> bool:
    """Whether a code cell's text is empty, or holds comments only."""
    return all(line.lstrip()[:1] in ("", "#") for line in text.splitlines())


def _unused_id(ids: set[str | None], start: int) -> str:
    """A cell id that no cell has; it is added to `ids`."""
    while (name := f"own-{start}") in ids:
        start += 1
    ids.add(name)
    return name


def _prefix_length(
    notebook: AssignmentNotebook, parts: list[Part], unedited: list[bool], order: list[Pair]
) -> int:
    """How many leading parts run nothing but the notebook's prefix.

    0 if the student's text runs before the prefix's end.
    """
    length = missing = notebook.prefix_length
    for count, (place, _) in enumerate(order):
        if not missing:
            return count
        if parts[count].side not in ("text", "skip") and not unedited[count]:
            return 0
        missing -= place is not None and place < length
    return len(parts)
