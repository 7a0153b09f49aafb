"""Owns the notebook that is graded: the instructor's cells, with the student's text where a student may write, and nothing else of hers."""

import ast
import copy

from nbformat.notebooknode import NotebookNode

from proctor.assemble.alignment import align
from proctor.sanitize import clean_code, clean_markdown, clean_raw
from proctor.assemble.plan import Part, Plan

HARMLESS = ("text", "skip")  # sides that run nothing


def rebuild(skeleton, sheet):
    """The plan for what a student handed in (None: nothing; the released stubs stand)."""
    cells = sheet.cells if sheet else []
    found, told = align(skeleton.slots, cells)
    problems = [*(sheet.problems if sheet else []), *told]
    order = ordered(skeleton.slots, cells, found)
    parts, untouched, ids = [], [], {slot.cell.get("id") for slot in skeleton.slots}
    for place, index in order:
        if place is None:
            part = extra(cells[index], skeleton, fresh(ids, len(parts)))
        else:
            part = filled(
                skeleton,
                place,
                cells[index] if index is not None else None,
                problems if sheet else [],
            )
        part.index = len(parts)
        parts.append(part)
        untouched.append(place is not None and part.side == skeleton.slots[place].side)
    if sheet and [index for _, index in order if index is not None] != sorted(
        {*found.values(), *extras(cells, found)}
    ):
        problems.append(
            "The cells are in another order than in the released notebook: the released order is graded."
        )
    notebook = NotebookNode(
        {**copy.deepcopy(skeleton.notebook), "cells": [part.cell for part in parts]}
    )
    return Plan(notebook, parts, problems, prefix(skeleton, parts, untouched, order))


def extras(cells, found):
    """The student's own cells, by index; copies of nothing (empty text cells) are left out."""
    taken = set(found.values())
    return {
        index
        for index, cell in enumerate(cells)
        if index not in taken and (cell.text.strip() or cell.kind == "code")
    }


def ordered(slots, cells, found):
    """What stands where: (slot or None, cell or None) from first to last; an own cell follows the cell it followed."""
    place_of = {index: place for place, index in found.items()}
    follows, place, own = {}, -1, extras(cells, found)
    for index in range(len(cells)):
        if index in place_of:
            place = place_of[index]
        elif index in own:
            follows.setdefault(behind(slots, found, place), []).append((None, index))
    order = follows.get(-1, [])
    for place in range(len(slots)):
        order += [(place, found.get(place)), *follows.get(place, [])]
    return order


def behind(slots, found, place):
    """The slot that an own cell after `place` follows. The stubs of answers that are missing there come first: a student
    who took the answer's cell for a cell of hers must not have it undone by the stub."""
    last = place
    for other in range(place + 1, len(slots)):
        if other in found or slots[other].side not in ("student", "text"):
            break
        if slots[other].answer:
            last = other
    return last


def filled(skeleton, place, cell, problems):
    """An instructor's cell with the student's text, if it is one to write in."""
    slot = skeleton.slots[place]
    mine, part = copy.deepcopy(slot.cell), Part(place, None, slot.side, given=slot.given)
    part.cell = mine
    if (
        slot.open and slot.given is not None
    ):  # what is hidden in an open cell stays with the examiner
        mine.source, part.given = slot.given, None
        part.instructors = slot.cell.source if slot.side == "both" else None
    if cell is None:
        if slot.answer:
            problems.append(
                f"The cell {slot.name} is missing: the released one stands in its place."
            )
        elif slot.known and slot.known.points:
            problems.append(
                f"The cell {slot.name} was deleted: the instructor's stands, and is graded."
            )
        return part
    if not slot.open:
        if not same(cell.text, slot.released) and not same(cell.text, slot.cell.source):
            problems.append(
                f"The text of the locked cell {slot.name} was changed: the instructor's stands."
            )
        return part
    if cell.text == mine.source or (not slot.answer and same(cell.text, mine.source)):
        return part
    if cell.kind != mine.cell_type:
        problems.append(
            f"The cell {slot.name} was made a {cell.kind} cell: it is a {mine.cell_type} cell again."
        )
    wrote(mine, cell, skeleton)
    if slot.side == "both":
        part.side, part.instructors = "edited", slot.cell.source
    return part


def same(one, other):
    """Whether two texts differ by no more than what saving in another editor does."""
    return [line.rstrip() for line in one.strip().splitlines()] == [
        line.rstrip() for line in other.strip().splitlines()
    ]


def wrote(mine, cell, skeleton):
    """Put the student's text into a cell, so that it can be shown."""
    if mine.cell_type == "code":
        mine.source = clean_code(cell.text)
    elif mine.cell_type == "raw":
        mine.source = clean_raw(cell.text)
    else:
        names = [slot.name for slot in skeleton.slots if slot.name]
        mine.source = clean_markdown(cell.text, cell.attachments, names)
        mine.pop("attachments", None)
        if cell.attachments:
            mine.attachments = cell.attachments


def extra(cell, skeleton, name):
    """A student's own cell, without any of its metadata."""
    mine = NotebookNode(cell_type=cell.kind, metadata=NotebookNode(), source="")
    if skeleton.notebook.get("nbformat_minor", 0) >= 5:
        mine.id = name
    if cell.kind == "code":
        mine.update(outputs=[], execution_count=None)
    wrote(mine, cell, skeleton)
    return Part(
        0, mine, "text" if cell.kind != "code" else "skip" if idle(mine.source) else "student"
    )


def idle(text):
    """Whether a code cell's text does nothing: it is empty, or holds remarks only."""
    return all(line.lstrip()[:1] in ("", "#") for line in text.splitlines())


def fresh(ids, start):
    """An id that no cell has."""
    while (name := f"own-{start}") in ids:
        start += 1
    ids.add(name)
    return name


def prefix(skeleton, parts, untouched, order):
    """How many leading parts run nothing but the template's prefix; 0 if the student's text runs before its end."""
    length = seen = len(skeleton.prefix)
    for count, (place, _) in enumerate(order):
        if not seen:
            return count
        if parts[count].side not in HARMLESS and not untouched[count]:
            return 0
        seen -= place is not None and place < length
    return len(parts)
