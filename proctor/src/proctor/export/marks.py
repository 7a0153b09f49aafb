"""What the gradebook and the course's folders say of each student's marks for an assignment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from nbgrader import api

from proctor.course import Course, CourseError
from proctor.submission import files
from proctor.submission.folder import SubmissionFolder, is_due


class ExportError(CourseError):
    """What keeps marks or pages from being exported, in words for the instructor."""


class Status(StrEnum):
    """Whether a student's score is final."""

    GRADED = "graded"
    NEEDS_MANUAL_GRADE = "needs manual grade"
    NOT_GRADED = "not graded"
    NOT_HANDED_IN = "not handed in"


@dataclass(frozen=True)
class Choices:
    """What is entered for a student whose score is not final; "leave" enters nothing."""

    needs_manual_grade: Literal["leave", "score"] = "leave"
    not_graded: Literal["leave", "zero"] = "leave"
    not_handed_in: Literal["leave", "zero"] = "leave"


@dataclass(frozen=True)
class StudentMarks:
    """A student's marks for one assignment.

    `raw_score` are the points before the late `penalty`, None where the gradebook has no submission.
    """

    student: str
    first_name: str
    last_name: str
    email: str
    lms_user_id: str
    status: Status
    timestamp: datetime | None = None
    raw_score: float | None = None
    penalty: float = 0.0

    @property
    def called(self) -> str:
        """The id and the name, for a human."""
        name = f"{self.first_name} {self.last_name}".strip()
        return f"{self.student} ({name})" if name else self.student

    def mark(self, choices: Choices) -> float | None:
        """The points to be entered, the penalty taken off; None to enter nothing."""
        score = max(0.0, (self.raw_score or 0.0) - self.penalty)
        if self.status is Status.GRADED:
            return score
        if self.status is Status.NEEDS_MANUAL_GRADE:
            return score if choices.needs_manual_grade == "score" else None
        choice = choices.not_graded if self.status is Status.NOT_GRADED else choices.not_handed_in
        return 0.0 if choice == "zero" else None


@dataclass(frozen=True)
class AssignmentMarks:
    """The marks of all students of the gradebook for one assignment, by their ids' order."""

    assignment: str
    due: datetime | None
    max_score: float
    notebooks: tuple[str, ...]
    students: tuple[StudentMarks, ...]


def read_marks(course: Course, gradebook: api.Gradebook, assignment: str) -> AssignmentMarks:
    """The marks of an assignment; raises ExportError if the gradebook does not have it."""
    try:
        found = gradebook.find_assignment(assignment)
    except api.MissingEntry:
        names = ", ".join(sorted(one.name for one in gradebook.assignments)) or "none yet"
        raise ExportError(
            f"The gradebook has no assignment {assignment!r} (it has: {names})."
        ) from None
    notebooks = tuple(sorted(notebook.name for notebook in found.notebooks))
    status = status_by_folder(course, assignment, notebooks)
    records = {one.student_id: one for one in found.submissions}
    return AssignmentMarks(
        assignment,
        found.duedate,
        float(found.max_score or 0.0),
        notebooks,
        tuple(
            _student_marks(student, records.get(student.id), status(student.id))
            for student in sorted(gradebook.students, key=lambda one: one.id)
        ),
    )


def status_by_folder(
    course: Course, assignment: str, notebooks: Sequence[str]
) -> Callable[[str], Status | None]:
    """What tells of a student what their folders say: not graded, or None where they say nothing.

    A submission is not graded where `proctor grade` would grade it now, or where it holds none of
    the notebooks, so that there is nothing to grade.
    """
    submitted = set(course.students(assignment))

    def status(student: str) -> Status | None:
        if student not in submitted:
            return None
        try:
            with SubmissionFolder(course, assignment, student, notebooks) as folder:
                due = is_due(course, assignment, folder, notebooks, force=False)
                return Status.NOT_GRADED if due or not folder.matched else None
        except files.Refused:
            return Status.NOT_GRADED

    return status


def _student_marks(
    student: api.Student, record: api.SubmittedAssignment | None, status: Status | None
) -> StudentMarks:
    """One student's marks; the folders' word goes before the gradebook's."""
    person = (
        student.id,
        student.first_name or "",
        student.last_name or "",
        student.email or "",
        student.lms_user_id or "",
    )
    if record is None:
        return StudentMarks(*person, status or Status.NOT_HANDED_IN)
    manual = Status.NEEDS_MANUAL_GRADE if record.needs_manual_grade else Status.GRADED
    return StudentMarks(
        *person,
        status or manual,
        record.timestamp,
        float(record.score or 0.0),
        float(record.late_submission_penalty or 0.0),
    )


def number_text(points: float) -> str:
    """Points as text: at most five decimals, which is what Moodle keeps, and no zeros at the end."""
    return f"{points:.5f}".rstrip("0").rstrip(".")
