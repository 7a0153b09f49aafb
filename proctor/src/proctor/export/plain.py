"""A CSV file for anybody: the columns of nbgrader's own export, quoted, and each student's status."""

from collections.abc import Sequence
from pathlib import Path

from proctor.export.filling import Request, Summary
from proctor.export.marks import AssignmentMarks, StudentMarks
from proctor.export.table import Line, Table

# nbgrader.plugins.CsvExportPlugin's, in its order, and one more.
COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score", "status"),
)
# With one of these a spreadsheet takes text for a formula and runs it (OWASP, “CSV Injection”).
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def plain_marks(
    assignments: Sequence[AssignmentMarks], request: Request, path: Path
) -> tuple[Table, Summary]:
    """The marks of the assignments, a line for each student of the gradebook.

    `score` is empty where it is not final, unless the request says what then stands there.
    """
    summary = Summary("mark")
    lines: list[Line] = []
    for marks in assignments:
        for student in filter(request.wants, marks.students):
            mark = student.mark(request.choices)
            lines.append(Line(len(lines) + 2, _cells(marks, student, mark)))
            if mark is None:
                name = student.called
                prefix = f"{marks.assignment}: " if len(assignments) > 1 else ""
                summary.leave(f"{student.status}, score left empty", f"{prefix}{name}")
            else:
                summary.entered += 1
    return Table(path, list(COLUMNS), lines), summary


def _cells(marks: AssignmentMarks, student: StudentMarks, mark: float | None) -> list[str]:
    """The cells of a line."""
    record = student.raw_score is not None
    return [
        harmless(marks.assignment),
        str(marks.due or ""),
        str(student.timestamp or ""),
        harmless(student.student),
        harmless(student.last_name),
        harmless(student.first_name),
        harmless(student.email),
        str(student.raw_score) if record else "",
        str(student.penalty) if record else "",
        "" if mark is None else str(mark),
        str(marks.max_score),
        str(student.status),
    ]


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula, and no terminal for a command.

    An apostrophe comes before what would be a formula; what cannot be printed is written as Python
    writes it.
    """
    text = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
