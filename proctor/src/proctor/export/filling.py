"""Enter marks into one column of a platform's own file, and tell what was not entered."""

import fnmatch
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from proctor.export.marks import AssignmentMarks, Choices, ExportError, StudentMarks, number_text
from proctor.export.matching import Matching
from proctor.export.table import Line, Table, quoted


@dataclass(frozen=True)
class Request:
    """What an instructor asks for.

    `source` is the file that the platform wrote, `column` the name of the assignment's column in
    it, `match` the only column to tell students apart by; "" or None where nothing is said.
    `scale` says what to do where the platform's maximum is another one. `students` are globs.
    """

    choices: Choices = Choices()
    source: Path | None = None
    column: str = ""
    match: str = ""
    scale: bool | None = None
    students: Sequence[str] = ("*",)

    def wants(self, student: StudentMarks) -> bool:
        """Whether this student's marks are asked for."""
        name = student.student
        return name in self.students or any(
            fnmatch.fnmatchcase(name, pattern) for pattern in self.students
        )


@dataclass
class Summary:
    """What was exported: how many marks or pages, and who was left out, by reason.

    `what` is one of them in a word, `where` says more of the place.
    """

    what: str
    where: str = ""
    entered: int = 0
    replaced: int = 0
    left: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def leave(self, reason: str, name: str) -> None:
        """Note, once for each reason, somebody for whom nothing is entered."""
        names = self.left.setdefault(reason, [])
        if name not in names:
            names.append(name)

    def lines(self, destination: Path) -> list[str]:
        """The summary in words."""
        replaced = f", {self.replaced} of them in place of another" if self.replaced else ""
        things = self.what if self.entered == 1 else f"{self.what}s"
        lines = [f"{destination}: {self.entered} {things}{self.where}{replaced}."]
        lines += [
            f"  {reason} ({len(names)}): {quoted(names, len(names))}"
            for reason, names in self.left.items()
        ]
        return lines + [f"  {note}" for note in self.notes]


def scale_factor(path: Path, possible: float | None, most: float, scale: bool | None) -> float:
    """What points are multiplied with, where a platform has `possible` of them and not `most`.

    Raises ExportError if the two differ and nobody said what is to be done.
    """
    if possible is None or possible == most or scale is False:
        return 1.0
    if most <= 0:
        raise ExportError(
            "The assignment has no points in the gradebook, so nothing can be scaled."
        )
    if scale:
        return possible / most
    theirs, ours = number_text(possible), number_text(most)
    raise ExportError(
        f"{path} has {theirs} points for this assignment, the gradebook {ours}: "
        f"--scale multiplies all points with {theirs}/{ours}, --no-scale enters them as they are."
    )


def number(text: str) -> float | None:
    """The number in a cell, with a point or a comma before the decimals; None if there is none."""
    text = text.strip().replace("\N{NO-BREAK SPACE}", "")
    if "," in text and "." in text:
        thousands = "," if text.rindex(".") > text.rindex(",") else "."
        text = text.replace(thousands, "")
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


@dataclass(frozen=True)
class MarksColumn:
    """The column that marks are entered into, and a platform's rules for it.

    `text` writes points; `kept` says in words why a line's cell is not to be touched though there
    are points, if it is not; `called` is whom a line is about, for a human.
    """

    index: int
    text: Callable[[float], str]
    kept: Callable[[Line, float], str | None]
    called: Callable[[Line], str]


def fill(
    table: Table,
    column: MarksColumn,
    matching: Matching,
    marks: AssignmentMarks,
    request: Request,
    factor: float,
) -> Summary:
    """Enter each student's points, multiplied with `factor`, and tell of everybody without."""
    summary = Summary("mark", f" in the column {quoted([table.names[column.index]])}")
    for line in table.lines:
        student = matching.students.get(line.number)
        if student is None or not request.wants(student):
            continue
        mark = student.mark(request.choices)
        if mark is None:
            summary.leave(f"{student.status}, left as in the file", student.called)
            continue
        reason = column.kept(line, mark * factor)
        if reason is not None:
            summary.leave(reason, student.called)
            continue
        before, new = line.cells[column.index], column.text(mark * factor)
        summary.replaced += bool(before.strip()) and number(before) != number(new)
        summary.entered += 1
        line.cells[column.index] = new
    for line in matching.unknown:
        name = f"{column.called(line)} (line {line.number})"
        summary.leave("in the file, not in the gradebook", name)
    for student in matching.absent:
        if request.wants(student):
            points = student.mark(request.choices)
            words = student.status if points is None else f"{number_text(points)} points"
            summary.leave("in the gradebook, not in the file", f"{student.called}: {words}")
    return summary


def maximum_note(possible: float, most: float, factor: float) -> list[str]:
    """What is to be told where a platform has `possible` points and the gradebook `most`."""
    if factor != 1.0:
        return [f"All points are multiplied with {number_text(possible)}/{number_text(most)}."]
    if possible != most:
        theirs, ours = number_text(possible), number_text(most)
        return [f"The file has {theirs} points for it, the gradebook {ours}: entered as they are."]
    return []
