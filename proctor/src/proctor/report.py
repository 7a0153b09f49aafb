"""What is told at the end of a grading run: a table of the class, then what needs a human."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from nbformat import NotebookNode

from proctor import class_list
from proctor.class_list import ClassComparison
from proctor.examiner.results import Event
from proctor.submission.files import shown

Status = Literal["graded", "failed"]
GRADED: Status = "graded"
FAILED: Status = "failed"
MAX_SENTENCES = 6  # of a student in the text; --json has all


@dataclass
class Row:
    """What became of one student's submission.

    `penalty` is in points; `notes` are odd things that cost nothing; `human` is what somebody
    should look at; `tampering` what was seen that looks like tampering, which costs nothing either.
    """

    student: str
    status: Status = GRADED
    score: float | None = None
    max_score: float | None = None
    needs_manual_grade: bool = False
    penalty: float = 0.0
    human: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tampering: list[str] = field(default_factory=list)


@dataclass
class Report:
    """One grading run of an assignment.

    `already` submissions had been graded before; `warnings` are what the instructor should know of
    the assignment itself; `sandbox` is False if the students' code was not confined. `in_process`
    are, by notebook, the tests whose points are the student's word. `class_list` holds what came in
    against the class list, None if only some students were asked for; `unread` are sentences about
    what lies in the folder of submissions where nothing is read.
    """

    assignment: str
    rows: list[Row] = field(default_factory=list)
    already: int = 0
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0
    sandbox: bool = True
    interrupted: bool = False
    in_process: dict[str, list[str]] = field(default_factory=dict)
    class_list: ClassComparison | None = None
    unread: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        """The exit status: 0 all graded, 1 some could not be."""
        return int(self.interrupted or any(row.status == FAILED for row in self.rows))

    @property
    def sorted_rows(self) -> list[Row]:
        """The rows by student."""
        return sorted(self.rows, key=lambda row: row.student)


def to_dict(report: Report) -> dict[str, Any]:
    """The report as data for JSON."""
    return asdict(report) | {"status": report.status}


def to_text(report: Report) -> str:
    """The report for a person."""
    lines = []
    if report.rows:
        lines += [*_table(report.sorted_rows), ""]
    lines += _for_a_human(report)
    lines += _tampering(report)
    lines += class_text(report)
    lines += [_summary(report)]
    return "\n".join(lines)


def class_text(report: Report) -> list[str]:
    """Who is missing and what lies where nobody looks for it, in lines."""
    lines = class_list.text(report.class_list) if report.class_list else []
    if report.unread:
        lines += ["Not read:", *(f"  {sentence}" for sentence in report.unread), ""]
    return lines


def _points(number: float | None) -> str:
    """Points in the table."""
    return "–" if number is None else f"{number:g}"


def _table(rows: list[Row]) -> list[str]:
    """A line for each student, and a header."""
    names = [shown(row.student) for row in rows]
    width = max(7, *map(len, names))
    lines = [f"{'student':<{width}}  {'points':>12}  remarks"]
    for name, row in zip(names, rows, strict=True):
        graded = row.status == GRADED
        remarks = []
        if not graded:
            remarks.append("not graded")
        elif row.needs_manual_grade:
            remarks.append("to be graded by hand")
        if row.penalty:
            remarks.append(f"late: −{row.penalty:g}")
        if row.human or row.tampering:
            remarks.append("look below")
        points = f"{_points(row.score)} of {_points(row.max_score)}" if graded else "–"
        lines.append(f"{name:<{width}}  {points:>12}  {', '.join(remarks)}".rstrip())
    return lines


def _for_a_human(report: Report) -> list[str]:
    """What needs a human: first of the assignment, then of each student."""
    lines = []
    if not report.sandbox:
        lines += [
            "GRADED WITHOUT PROTECTION (--no-sandbox): "
            "the students' code could read and change this account's files.",
            "",
        ]
    if report.warnings:
        lines += [*(f"! {warning}" for warning in report.warnings), ""]
    if report.in_process:
        lines.append(
            "Graded in process, so that their points are the student's word, as in stock nbgrader "
            "(`proctor check` says why):"
        )
        lines += [f"  {name}: {', '.join(tests)}" for name, tests in report.in_process.items()]
        lines.append("")
    human, notes = [], []
    for row in report.sorted_rows:
        name = shown(row.student)
        first, others, hidden = _shortened(row)
        human += [f"  {name}: {sentence}" for sentence in first]
        notes += [f"  {name}: {sentence}" for sentence in others]
        if hidden:
            last = notes if len(row.human) <= MAX_SENTENCES else human
            last.append(f"  {name}: … and {hidden} more (--json shows all).")
    if human or notes:
        lines += ["For a human:", *(human or ["  nothing"])]
        if notes:
            lines += ["Also noticed:", *notes]
        lines.append("")
    return lines


def _tampering(report: Report) -> list[str]:
    """What looks like tampering, by student, in lines."""
    lines = []
    for row in report.sorted_rows:
        name, more = shown(row.student), len(row.tampering) - MAX_SENTENCES
        lines += [f"  {name}: {sentence}" for sentence in row.tampering[:MAX_SENTENCES]]
        if more > 0:
            lines.append(f"  {name}: … and {more} more (--json shows all).")
    if not lines:
        return []
    return ["Looks like tampering:", *lines, ""]


def _shortened(row: Row) -> tuple[list[str], list[str], int]:
    """The sentences for a human and the notes that the text shows, and how many more there are."""
    human = row.human[:MAX_SENTENCES]
    notes = row.notes[: MAX_SENTENCES - len(human)]
    return human, notes, len(row.human) + len(row.notes) - len(human) - len(notes)


def _summary(report: Report) -> str:
    """One line: how many, how fast."""
    graded = sum(row.status == GRADED for row in report.rows)
    failed = len(report.rows) - graded
    idle = not report.rows and not report.interrupted
    parts = ["nothing new to grade" if idle else f"{graded} graded"]
    if failed:
        parts.append(f"{failed} could not be graded")
    if report.already:
        parts.append(f"{report.already} had been graded before (--force grades them again)")
    if report.interrupted:
        parts.append("interrupted: start again to grade the rest")
    rate = f", {report.seconds / graded:.2f} s each" if graded > 1 else ""
    return f"{report.assignment}: {', '.join(parts)}; {report.seconds:.1f} s{rate}."


def event_sentences(events: Sequence[Event], notebook: NotebookNode | None) -> list[str]:
    """The events as sentences, each with the names of its cells."""
    places: dict[tuple[str, str], list[str]] = {}
    for event in events:
        places.setdefault((event.kind, _shown_text(event.text)), []).append(
            cell_of(event, notebook)
        )
    return [
        f"{', '.join(dict.fromkeys(filter(None, cells)))}: {kind}: {text}".removeprefix(": ")
        for (kind, text), cells in places.items()
    ]


def _shown_text(text: str) -> str:
    """A sentence in which a student's words may stand, fit for a terminal."""
    return "".join(one if one.isprintable() else " " for one in text)[:400]


def cell_of(event: Event, notebook: NotebookNode | None) -> str:
    """The name of the cell where something happened, or nothing."""
    if event.index is None or notebook is None or not 0 <= event.index < len(notebook.cells):
        return ""
    return cell_name(notebook.cells[event.index], event.index)


def cell_name(cell: NotebookNode, index: int) -> str:
    """A cell's grade_id, or its number."""
    return cell.metadata.get("nbgrader", {}).get("grade_id") or f"cell {index + 1}"
