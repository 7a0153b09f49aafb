"""Canvas: marks in the CSV file that its Gradebook exports, for its Import.

The columns and lines are those that Canvas's own exporter writes and its importer reads
(lib/gradebook_exporter.rb and lib/gradebook_importer.rb of github.com/instructure/canvas-lms): a
header; a line of posting policies (“Manual Posting”, once “Muted”), if there are any; “Points
Possible”; the students, the test student last.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from proctor.export.filling import (
    MarksColumn,
    Request,
    Summary,
    fill,
    maximum_note,
    number,
    scale_factor,
)
from proctor.export.marks import AssignmentMarks, ExportError, number_text
from proctor.export.matching import (
    Key,
    Matching,
    login_ids,
    login_value,
    match,
    own_ids,
    platform_ids,
)
from proctor.export.table import Line, Table, quoted, read_table

ID, SECTION = "ID", "Section"
KEYS = (
    Key(ID, platform_ids),
    Key("SIS User ID", own_ids),
    Key("SIS Login ID", login_ids, login_value),
)
POINTS_POSSIBLE = "Points Possible"
POSTING = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.IGNORECASE)
TEST_STUDENT = ("Student, Test", "Test Student")
TITLE_WITH_ID = re.compile(r"(?P<title>.*) \((?P<id>\d+)\)", re.DOTALL)
READ_ONLY = re.compile(r"read\s+only", re.IGNORECASE)
SHORTENED = re.compile(r"\d+([.,]\d+)?E\+\d+", re.IGNORECASE)  # as Excel writes long numbers
# What a cell says in place of points, and must go on saying.
KEPT = {"EX": "excused in Canvas", "N/A": "not assigned to this student in Canvas"}


@dataclass
class CanvasFile:
    """A gradebook that Canvas exported, and its lines of students."""

    table: Table
    points_possible: Line | None
    students: list[Line]

    def matching(self, marks: AssignmentMarks, only: str = "") -> Matching:
        """Which student each line is about; the test student is nobody."""
        found = match(self.table, self.students, KEYS, marks.students, only)
        found.unknown = [one for one in found.unknown if one.cells[0].strip() not in TEST_STUDENT]
        return found


def read_canvas(path: Path) -> CanvasFile:
    """A gradebook that Canvas exported; raises ExportError if the file is none."""
    table = read_table(path)
    names = table.names
    by_name = names[:1] == ["Student"] or names[:2] == ["LastName", "FirstName"]
    if not by_name or ID not in names or SECTION not in names:
        raise ExportError(
            f"{path} is not what Canvas's Gradebook > Export writes: expected are the columns "
            f"'Student' (or 'LastName', 'FirstName'), 'ID', 'SIS User ID', 'SIS Login ID', 'Section' "
            f"and the assignments; it has {quoted(names)}."
        )
    points, students = None, []
    for line in table.lines:
        # A student may be called so, but has an ID.
        if POINTS_POSSIBLE in line.cells[0] and not line.cells[names.index(ID)].strip():
            points = line
        elif not all(POSTING.fullmatch(cell) for cell in line.cells):
            students.append(line)
            if SHORTENED.fullmatch(line.cells[names.index(ID)].strip()):
                raise ExportError(
                    f"Excel has shortened the ID in line {line.number} of {path} to "
                    f"{line.cells[names.index(ID)]!r}, so that Canvas does not know whose it is: take "
                    "the file as Canvas wrote it."
                )
    return CanvasFile(table, points, students)


def canvas_marks(marks: AssignmentMarks, request: Request) -> tuple[Table, Summary]:
    """Canvas's file with the marks in the assignment's column, all else as it was."""
    if request.source is None:
        raise ExportError(
            "Say which file Canvas's Gradebook > Export wrote (--from FILE, or the setting "
            "CanvasExport.source): its columns and ids stay."
        )
    file = read_canvas(request.source)
    table, path = file.table, request.source
    column = assignment_column(table, request.column or marks.assignment, bool(request.column))
    cell = file.points_possible.cells[column] if file.points_possible else ""
    if READ_ONLY.search(cell):
        raise ExportError(
            f"The column {quoted([table.names[column]])} of {path} is read only in Canvas: name the "
            "assignment's own one with --column."
        )
    possible = number(cell)
    matching = file.matching(marks, request.match)
    factor = scale_factor(path, possible, marks.max_score, request.scale)

    def kept(line: Line, points: float) -> str | None:
        return KEPT.get(line.cells[column].strip().upper())

    def called(line: Line) -> str:
        return ", ".join(line.cells[: table.names.index(ID)])

    where = MarksColumn(column, number_text, kept, called)
    summary = fill(table, where, matching, marks, request, factor)
    if possible is None:
        summary.notes.append(
            f"{path} does not say how many points are possible, so the "
            f"{number_text(marks.max_score)} of the gradebook were not compared."
        )
    else:
        summary.notes += maximum_note(possible, marks.max_score, factor)
    return table, summary


def assignment_column(table: Table, wanted: str, named: bool) -> int:
    """The column of an assignment, by its header `Title (id)`, its title, or its id if `named`.

    Raises ExportError if there is none, or more than one.
    """
    first = table.names.index(SECTION) + 1
    titles = {
        index: _title_and_id(name) for index, name in enumerate(table.names) if index >= first
    }
    for rule in (_same, _same_in_small_letters):
        found = [
            index
            for index, (title, number) in titles.items()
            if rule(wanted, table.names[index]) or rule(wanted, title) or named and wanted == number
        ]
        if len(found) == 1:
            return found[0]
        if found:
            raise ExportError(
                f"{table.path} has several columns for {wanted!r}: "
                f"{quoted([table.names[index] for index in found])}. "
                "Name one of them with --column, its number in brackets included."
            )
    assignments = [table.names[index] for index, (_, number) in titles.items() if number]
    raise ExportError(
        f"{table.path} has no column for {wanted!r} (its assignments: "
        f"{quoted(assignments) or 'none'}): name the column with --column, or export the gradebook "
        "of the right course from Canvas."
    )


def _title_and_id(name: str) -> tuple[str, str]:
    """The two parts of a header such as `Homework 1 (4711)`; the id is "" if there is none."""
    parts = TITLE_WITH_ID.fullmatch(name)
    return (parts["title"], parts["id"]) if parts else (name, "")


def _same(one: str, other: str) -> bool:
    """Whether two names are the same."""
    return one.strip() == other.strip()


def _same_in_small_letters(one: str, other: str) -> bool:
    """Whether two names are the same but for capitals."""
    return one.strip().casefold() == other.strip().casefold()


def canvas_ids(matching: Matching, table: Table) -> dict[str, str]:
    """{Canvas's number of a user: the student's id in the gradebook}, by the lines of a file."""
    column = table.names.index(ID)
    lines = {line.number: line for line in table.lines}
    return {
        lines[number].cells[column].strip(): student.student
        for number, student in matching.students.items()
    }
