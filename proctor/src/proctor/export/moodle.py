"""Moodle: marks in the grading worksheet of an assignment, for “Upload grading worksheet”.

The columns are those of Moodle's own worksheet (mod/assign/gradingtable.php and
mod/assign/feedback/offline/importgradeslib.php of github.com/moodle/moodle). Their names are in the
language of whoever downloads it, and Moodle looks for them in the language of whoever uploads it. The
number in `Identifier` is not the user's: each assignment has its own (assign_user_mapping).
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
)
from proctor.export.table import Line, Table, quoted, read_table


@dataclass(frozen=True)
class Language:
    """The names of a worksheet's columns, as one of Moodle's language packs has them."""

    identifier: str
    grade: str
    maximum: tuple[str, ...]
    changeable: str
    changed: str
    no: str
    full_name: str
    id_number: str
    email: str


# Of the packs en and de (mod/assign: recordid, gradecanbechanged, lastmodifiedgrade, maximumgrade).
LANGUAGES = (
    Language(
        "Identifier",
        "Grade",
        ("Maximum grade", "Maximum Grade"),
        "Grade can be changed",
        "Last modified (grade)",
        "No",
        "Full name",
        "ID number",
        "Email address",
    ),
    Language(
        "ID",
        "Bewertung",
        ("Bestwertung",),
        "Bewertung kann geändert werden",
        "Zuletzt geändert (Bewertung)",
        "Nein",
        "Vollständiger Name",
        "ID-Nummer",
        "E-Mail-Adresse",
    ),
)
PARTICIPANT = re.compile(r"\D*(\d+)")  # “Participant 123456”, “Teilnehmer/in123456”


@dataclass
class MoodleFile:
    """A grading worksheet, and where its columns are."""

    table: Table
    language: Language
    identifier: int
    grade: int
    maximum: int | None
    changeable: int | None

    def matching(self, marks: AssignmentMarks, only: str = "") -> Matching:
        """Which student each line is about."""
        words = self.language
        keys = (
            Key(words.identifier, own_ids, participant_number),
            Key(words.id_number, own_ids),
            Key(words.email, login_ids, login_value),
        )
        return match(self.table, self.table.lines, keys, marks.students, only)

    def number(self, line: Line) -> str:
        """The participant's number in a line."""
        return participant_number(line.cells[self.identifier])

    def full_name(self, line: Line) -> str:
        """The name in a line, "" in an anonymous worksheet."""
        column = self.table.column(self.language.full_name)
        return "" if column is None else line.cells[column].strip()


def participant_number(cell: str) -> str:
    """The number in an identifier such as “Participant 123456”, "" if there is none."""
    found = PARTICIPANT.fullmatch(cell.strip())
    return found[1] if found else ""


def read_moodle(path: Path) -> MoodleFile:
    """A grading worksheet; raises ExportError if the file is none, or in an unknown language."""
    table = read_table(path)
    for language in LANGUAGES:
        needed = (language.identifier, language.grade, language.changed)
        columns = [table.column(name) for name in needed]
        identifier, grade, changed = columns
        if identifier is not None and grade is not None and changed is not None:
            maximum = [table.column(name) for name in language.maximum]
            return MoodleFile(
                table,
                language,
                identifier,
                grade,
                next((one for one in maximum if one is not None), None),
                table.column(language.changeable),
            )
    expected = " or ".join(
        quoted([one.identifier, one.grade, one.maximum[0], one.changed]) for one in LANGUAGES
    )
    raise ExportError(
        f"{path} is not a grading worksheet that Moodle wrote in English or German: expected are the "
        f"columns {expected}; it has {quoted(table.names)}. Download it with Moodle in one of these "
        "languages, and upload it in the same one."
    )


def moodle_marks(marks: AssignmentMarks, request: Request) -> tuple[Table, Summary]:
    """Moodle's worksheet with the marks in its column of grades, all else as it was."""
    if request.source is None:
        raise ExportError(
            "Say which file Moodle's “Download grading worksheet” wrote (--from FILE, or the setting "
            "MoodleExport.source): its columns and identifiers stay."
        )
    if request.column:
        raise ExportError(
            "--column is for Canvas: a worksheet of Moodle's is of one assignment and has one column "
            "of grades."
        )
    path = request.source
    file = read_moodle(path)
    matching = file.matching(marks, request.match)
    possible, comma = _maximum(file)
    factor = scale_factor(path, possible, marks.max_score, request.scale)

    def text(points: float) -> str:
        return number_text(points).replace(".", ",") if comma else number_text(points)

    def kept(line: Line, points: float) -> str | None:
        if file.changeable is not None:
            cell = line.cells[file.changeable].strip()
            if cell.casefold() == file.language.no.casefold():
                return f"“{file.language.changeable}” is “{cell}” in Moodle"
        if points > possible:
            return f"above Moodle's maximum of {number_text(possible)}, which Moodle would skip"
        return None

    def called(line: Line) -> str:
        return file.full_name(line) or line.cells[file.identifier].strip()

    where = MarksColumn(file.grade, text, kept, called)
    summary = fill(file.table, where, matching, marks, request, factor)
    summary.notes += maximum_note(possible, marks.max_score, factor)
    return file.table, summary


def _maximum(file: MoodleFile) -> tuple[float, bool]:
    """The maximum grade of a worksheet, and whether it writes a comma before decimals.

    Raises ExportError if there is none, as in an assignment that is graded by a scale of words.
    """
    path, lines = file.table.path, file.table.lines
    if file.maximum is None:
        raise ExportError(
            f"{path} has no column {quoted(file.language.maximum[:1])}, so its assignment is not "
            "graded in points: choose Grade > Type > Point in Moodle's settings of the assignment."
        )
    cells = {line.cells[file.maximum].strip() for line in lines}
    numbers = {number(cell) for cell in cells}
    (possible,) = numbers if len(numbers) == 1 else (None,)
    if possible is None:
        raise ExportError(
            f"The column {quoted([file.table.names[file.maximum]])} of {path} must hold one number, "
            f"not {quoted(sorted(cells))}."
        )
    return possible, any("," in cell for cell in cells)
