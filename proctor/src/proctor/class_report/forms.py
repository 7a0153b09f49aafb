"""The report as text for a terminal, as CSV and as JSON."""

import csv
import io
from dataclasses import asdict
from typing import Any

from proctor.class_report.known import ClassReport, number, percent, some
from proctor.export.plain import harmless
from proctor.submission.files import shown

MOST_NAMED = 6  # students, in the text
MOST_FINDINGS = 15  # in the text
MOST_ADVICE = 8
LONGEST = 600  # characters of a sentence
COLUMNS = (
    *("assignment", "student_id", "name", "status", "score", "max_score"),
    *("late_submission_penalty", "hours_late", "times_graded", "for_a_human"),
    *("notebook", "cell", "points", "max_points", "found", "found_text", "error"),
)


def to_text(report: ClassReport) -> str:
    """The report for a person, on a terminal."""
    lines = [_first_line(report), ""]
    for advice, count, found in report.advice[:MOST_ADVICE]:
        share = f"{count} of {len(report.graded)}"
        lines.append(f"{share}: {shown_line(advice)} ({_names(found)})")
    if report.misunderstood:
        lines += ["", *_findings(report), ""]
    if report.tests and report.graded:
        wide = max(len("test"), *(len(shown(test.name)) for test in report.tests))
        lines.append(f"{'test':<{wide}}  pass rate   all  some  none  waiting")
        lines += [
            f"{shown(test.name):<{wide}}  "
            f"{percent(test.full, len(test.scores) - test.waiting):>9} {test.full:>5} {test.part:>5} "
            f"{test.none:>5}  {test.waiting:>7}"
            for test in report.tests
        ]
        lines.append("")
    if report.by_reason:
        lines.append("For a human:")
        for reason, students in report.by_reason:
            lines.append(f"  {reason}: {len(students)} ({_names([one.id for one in students])})")
        lines.append("")
    if report.late:
        penalty = sum(bool(one.penalty) for one in report.late)
        lines += [f"Late: {len(report.late)}, with a penalty: {penalty}.", ""]
    if report.changes:
        higher = sum(one.after > one.before for one in report.changes)
        lower = sum(one.after < one.before for one in report.changes)
        lines += [
            f"Graded again: {len(report.changes)}; {higher} have more automatic points, {lower} fewer.",
            "",
        ]
    if report.alike:
        lines.append("Answers that are the same but for names and spaces (often by honest chance):")
        for one in report.alike[:MOST_NAMED]:
            own = ", and the course's own solution" if one.as_solution else ""
            lines.append(f"  {_names(one.cells)}: {_names(one.students)}{own}")
        if len(report.alike) > MOST_NAMED:
            more = len(report.alike) - MOST_NAMED
            lines.append(f"  … and {more} more group{'s' * (more > 1)}.")
        lines.append("")
    lines += [f"! {shown_line(one)}" for one in report.class_notes]
    return "\n".join(lines).rstrip()


def _first_line(report: ClassReport) -> str:
    """How many, and how they did."""
    parts = [f"{len(report.students)} students", f"{len(report.graded)} graded"]
    if summary := report.summary:
        parts.append(f"mean {number(summary['mean'])} of {number(report.max_score)}")
        parts.append(f"median {number(summary['median'])}")
    return f"{shown(report.assignment)}: {', '.join(parts)}."


def _findings(report: ClassReport) -> list[str]:
    """The counts of what was found, as a table."""
    found = report.misunderstood[:MOST_FINDINGS]
    wide = max(len("found"), *(len(shown(one.name)) for one in found))
    lines = [f"students  {'found':<{wide}}  which means"]
    for one in found:
        line = f"{len(one.students):>8}  {shown(one.name):<{wide}}  {shown_line(one.means)}"
        lines.append(line.rstrip())
    if len(report.misunderstood) > len(found):
        lines.append(
            f"          … and {len(report.misunderstood) - len(found)} more (on the page)."
        )
    return lines


def _names(students: list[str] | tuple[str, ...]) -> str:
    """Some students' names."""
    listed, more = some(map(shown, students), MOST_NAMED)
    return ", ".join(listed) + (f" and {more} more" if more else "")


def shown_line(text: str) -> str:
    """A sentence in which a student's words may stand, fit for a line of a terminal."""
    text = "".join(one if one.isprintable() else " " for one in text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def to_csv(report: ClassReport) -> bytes:
    """The report as CSV: a line for each student and cell with points.

    Of a student who was not graded there is one line without a cell. No cell of it is a formula to a
    spreadsheet.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for student in report.students:
        about = [
            harmless(report.assignment),
            harmless(student.id),
            harmless(student.name),
            str(student.status),
            "" if student.score is None else str(student.score),
            str(report.max_score),
            str(student.penalty) if student.counts else "",
            f"{student.hours_late:.2f}",
            str(len(student.attempts) or ""),
            "; ".join(student.reasons),
        ]
        if not student.counts:
            writer.writerow([*about, *[""] * (len(COLUMNS) - len(about))])
            continue
        for test in report.tests:
            place = test.notebook, test.name
            points = student.points.get(place)
            found = [one for one in student.findings if (one.notebook, one.cell) == place]
            writer.writerow(
                [
                    *about,
                    harmless(test.notebook),
                    harmless(test.name),
                    "" if points is None else str(points),
                    str(test.max_score),
                    harmless("; ".join(one.name for one in found)),
                    harmless(" ".join(one.text for one in found)),
                    harmless(student.errors.get(place, "")),
                ]
            )
    return text.getvalue().encode("utf-8", "backslashreplace")


def to_dict(report: ClassReport) -> dict[str, Any]:
    """The report as data for JSON; pictures are on the page only."""
    return {
        "assignment": report.assignment,
        "course": report.course,
        "made": report.made and f"{report.made.isoformat(timespec='seconds')}Z",
        "due": report.due and f"{report.due.isoformat()}Z",
        "max_score": report.max_score,
        "graded": len(report.graded),
        "summary": report.summary,
        "distribution": [{"points": text, "students": n} for text, n in report.distribution],
        "tests": [
            {
                "notebook": test.notebook,
                "name": test.name,
                "max_score": test.max_score,
                "all": test.full,
                "some": test.part,
                "none": test.none,
                "waiting": test.waiting,
                "pass_rate": test.pass_rate,
            }
            for test in report.tests
        ],
        "misunderstood": [
            {
                "name": one.name,
                "means": one.means,
                "advice": one.advice,
                "students": list(one.students),
                "share": len(one.students) / len(report.graded),
                "cells": [{"notebook": name, "cell": cell} for name, cell in one.cells],
            }
            for one in report.misunderstood
        ],
        "errors": [asdict(one) for one in report.errors],
        "for_a_human": {
            str(reason): [one.id for one in students] for reason, students in report.by_reason
        },
        "graded_again": [asdict(one) for one in report.changes],
        "alike": [
            {name: value for name, value in asdict(one).items() if name != "example"}
            for one in report.alike
        ],
        "alike_too_short": report.short_alike,
        "class_notes": report.class_notes,
        "students": [
            {
                "id": one.id,
                "name": one.name,
                "status": str(one.status),
                "score": one.score,
                "late_submission_penalty": one.penalty,
                "hours_late": one.hours_late,
                "times_graded": len(one.attempts),
                "for_a_human": [str(reason) for reason in one.reasons],
                "tampering": one.tampering,
                "told": one.sentences,
                "cells": [
                    {
                        "notebook": test.notebook,
                        "cell": test.name,
                        "points": one.points.get((test.notebook, test.name)),
                        "max_points": test.max_score,
                        "error": one.errors.get((test.notebook, test.name), ""),
                    }
                    for test in report.tests
                    if one.counts
                ],
                "found": [asdict(finding) for finding in one.findings],
            }
            for one in report.students
        ],
    }
