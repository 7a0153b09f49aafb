"""What the gradebook says of an assignment: each student's points by cell, penalties, times."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nbgrader import api

from proctor.gradebook.records import Place


@dataclass
class GradebookEntry:
    """One submission of the gradebook.

    `points` count, what a human entered before what a test gave, None where nobody has decided;
    `waiting` are the cells that need a manual grade, those with points too.
    """

    hours_late: float = 0.0
    penalty: float = 0.0
    points: dict[Place, float | None] = field(default_factory=dict)
    waiting: list[Place] = field(default_factory=list)

    @property
    def undecided(self) -> list[Place]:
        """The cells that have no points until a human gives some."""
        return [place for place in self.waiting if self.points[place] is None]

    @property
    def score(self) -> float:
        """The points after the penalty, as nbgrader's exporters count them."""
        return max(0.0, sum(filter(None, self.points.values())) - self.penalty)


@dataclass
class GradebookMarks:
    """The submissions of an assignment by student, everybody's name, and the due date in UTC."""

    due: datetime | None
    names: dict[str, str]
    entries: dict[str, GradebookEntry]


def read_marks(gradebook: api.Gradebook, assignment: str) -> GradebookMarks:
    """What the gradebook has of an assignment, in a query for each of its tables."""
    db, submitted, grade = gradebook.db, api.SubmittedAssignment, api.Grade
    due = gradebook.find_assignment(assignment).duedate
    people = db.query(api.Student.id, api.Student.first_name, api.Student.last_name)
    names = {id: " ".join(filter(None, (first, last))) for id, first, last in people}
    of_this = api.Assignment.name == assignment
    submissions = db.query(submitted.student_id, submitted.timestamp, submitted.extension)
    entries = {
        student: GradebookEntry(_hours_late(timestamp, due, extension))
        for student, timestamp, extension in submissions.join(submitted.assignment).filter(of_this)
    }
    notebook = api.SubmittedNotebook
    penalties = db.query(submitted.student_id, notebook.late_submission_penalty)
    penalties = penalties.select_from(notebook).join(notebook.assignment)
    for student, penalty in penalties.join(submitted.assignment).filter(of_this):
        entries[student].penalty += penalty or 0.0
    grades: Any = db.query(
        submitted.student_id,
        api.Notebook.name,
        api.BaseCell.name,
        grade.score,
        grade.auto_score,
        grade.manual_score,
        grade.needs_manual_grade,
    )
    grades = grades.select_from(grade).join(grade.cell).join(grade.notebook)
    grades = grades.join(notebook.notebook).join(notebook.assignment).join(submitted.assignment)
    for student, name, cell, score, auto, manual, waits in grades.filter(of_this):
        decided = auto is not None or manual is not None
        entries[student].points[name, cell] = score if decided else None
        if waits:
            entries[student].waiting.append((name, cell))
    return GradebookMarks(due, names, entries)


def _hours_late(
    handed_in: datetime | None, due: datetime | None, extension: timedelta | None
) -> float:
    """Hours after the due date, the student's extension added; 0 in time or where one is unknown."""
    if handed_in is None or due is None:
        return 0.0
    return max(0.0, (handed_in - due - (extension or timedelta())).total_seconds() / 3600)
