"""What a graded submission puts into the gradebook.

The entries are those of nbgrader's Autograde, SaveAutoGrades and AssignLatePenalties.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from nbformat.notebooknode import NotebookNode
from nbgrader import api, utils

from proctor.course import Course

NO_RESPONSE = "No response."


class NotEntered(Exception):
    """A student who cannot be entered into the gradebook; the message says why."""


@dataclass
class NotebookMarks:
    """What grading found in one notebook.

    `points` is {grade_id: points, or None where a human must decide}, `comments` is
    {grade_id: automatic comment or None}; `problems` are sentences for a human.
    """

    points: dict[str, float | None] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass
class SubmissionMarks:
    """A student's submission as it goes into the gradebook.

    `notebooks` has the marks of each, None for one that was handed in but could not be graded;
    `missing` were not handed in and score 0; `untouched` keep what the gradebook has of them.
    """

    student: str
    timestamp: datetime | None = None
    notebooks: dict[str, NotebookMarks | None] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    untouched: tuple[str, ...] = ()


def marks(notebook: NotebookNode, manual: Mapping[str, str] | None = None) -> NotebookMarks:
    """The marks of a notebook that has run, by nbgrader's own rules.

    `manual` is {grade_id: sentence} of cells that wait for a human whatever their outputs say; the
    sentence is told, and is the cell's comment where nbgrader has comments.
    """
    manual = manual or {}
    found = NotebookMarks()
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        problem = manual.get(name)
        if utils.is_solution(cell) or utils.is_task(cell):
            found.comments[name] = problem or _comment(cell)
        if utils.is_grade(cell):
            found.points[name], problem = (None, problem) if problem else points_of(cell)
        if problem:
            found.problems.append(problem)
    return found


def points_of(cell: NotebookNode) -> tuple[float | None, str | None]:
    """The points of a graded cell that has run, and in words what is odd about them, if anything.

    The rule is nbgrader's, except where it fails or gives full points for less than nothing: a
    number above the cell's maximum counts as the maximum, one that is negative, infinite or NaN
    leaves the points to a human (None). Points are None without a reason too, for an answer that
    only a human can grade.
    """
    name = cell.metadata.nbgrader["grade_id"]
    number = _partial_number(cell)
    if number is not None and (not math.isfinite(number) or number < 0):
        return None, f"The test {name} gave {number:g} points: a human must decide."
    try:
        most = float(cell.metadata.nbgrader["points"])
        if number is not None and number > most:
            return most, f"The test {name} gave {number:g} points of {most:g}: {most:g} count."
        return utils.determine_grade(cell)[0], None
    except (ValueError, KeyError, TypeError) as error:
        return None, f"The test {name} left no usable points ({error}): a human must decide."


def _partial_number(cell: NotebookNode) -> float | None:
    """The number that a test gives as partial points, None if it gives none.

    As for nbgrader, the first output that decides does.
    """
    if cell.cell_type != "code" or utils.is_solution(cell):
        return None
    for output in cell.outputs:
        if output.output_type == "error" or (
            output.output_type == "stream" and output.name == "stderr"
        ):
            return None
        if output.output_type == "execute_result":
            text = output.get("data", {}).get("text/plain")
            try:
                return float("".join(text) if isinstance(text, list) else text)
            except (ValueError, TypeError):
                return None
    return None


def _comment(cell: NotebookNode) -> str | None:
    """The automatic comment of a solution or a task, as nbgrader's SaveAutoGrades sets it."""
    return NO_RESPONSE if is_unchanged(cell) and not utils.is_task(cell) else None


def is_unchanged(cell: NotebookNode) -> bool:
    """Whether a cell that nbgrader knows is as it was released, by the checksum written then."""
    return cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)


def enter(
    gradebook: api.Gradebook, course: Course, assignment: str, submission_marks: SubmissionMarks
) -> list[str]:
    """Enter one student's marks into the gradebook's session, uncommitted; returns sentences.

    Raises NotEntered if the student is unknown and the course says that none is to be made.
    """
    student = submission_marks.student
    try:
        if course.autograde.create_student:
            gradebook.update_or_create_student(student)
        else:
            gradebook.find_student(student)
    except api.MissingEntry:
        raise NotEntered(
            f"{student} is not in the gradebook, and Autograde.create_student is off."
        ) from None
    timestamp = submission_marks.timestamp
    submission = gradebook.update_or_create_submission(
        assignment, student, **({"timestamp": timestamp} if timestamp else {})
    )
    gradebook.db.flush()
    told = []
    for notebook in submission.notebooks:
        if notebook.name in submission_marks.untouched:
            continue
        if notebook.name in submission_marks.missing:
            _enter_missing(notebook)
        elif course.saves_grades:
            _enter_marks(notebook, submission_marks.notebooks.get(notebook.name))
        if notebook.name in submission_marks.notebooks and course.late.enabled:
            told += _enter_penalty(gradebook, course, submission, notebook)
    return told


def _enter_missing(notebook: api.SubmittedNotebook) -> None:
    """Enter a notebook that was not handed in, as Autograde does."""
    for grade in notebook.grades:
        grade.auto_score, grade.needs_manual_grade = 0, False
    notebook.late_submission_penalty = None


def _enter_marks(notebook: api.SubmittedNotebook, found: NotebookMarks | None) -> None:
    """Enter every automatic score and comment anew.

    Nothing of an earlier run is left; what a human entered stays.
    """
    found = found or NotebookMarks()
    grades = {grade.cell_id: grade for grade in notebook.grades}
    comments = {comment.cell_id: comment for comment in notebook.comments}
    for cell in notebook.notebook._base_cells:
        if cell.type in ("GradeCell", "TaskCell"):
            grade = grades.get(cell.id) or api.Grade(cell_id=cell.id, notebook=notebook)
            _enter_grade(grade, cell, found)
        if cell.type in ("SolutionCell", "TaskCell"):
            comment = comments.get(cell.id) or api.Comment(cell_id=cell.id, notebook=notebook)
            comment.auto_comment = found.comments.get(cell.name)


def _enter_grade(grade: api.Grade, cell: api.BaseCell, found: NotebookMarks) -> None:
    """Enter one grade, as SaveAutoGrades does.

    Tasks have no automatic score: what a human said of one stays settled.
    """
    if cell.type == "TaskCell":
        if grade.auto_score is not None:
            grade.auto_score = None
            grade.needs_manual_grade = grade.manual_score is None or bool(grade.needs_manual_grade)
        return
    grade.auto_score = found.points.get(cell.name)
    grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None


def _enter_penalty(
    gradebook: api.Gradebook,
    course: Course,
    submission: api.SubmittedAssignment,
    notebook: api.SubmittedNotebook,
) -> list[str]:
    """Enter the late penalty, as AssignLatePenalties and its configured plugin do."""
    notebook.late_submission_penalty = None
    late = submission.total_seconds_late
    if late <= 0:
        return []
    gradebook.db.flush()
    gradebook.db.expire(notebook, ["score"])
    course.late.init_plugin()
    penalty = course.late.plugin_inst.late_submission_penalty(
        submission.student_id, notebook.score, late
    )
    if penalty is None:
        return [f"{late / 3600:.1f} hours late."]
    notebook.late_submission_penalty = course.late._check_late_penalty(notebook, penalty)
    return [f"{late / 3600:.1f} hours late, penalty {notebook.late_submission_penalty:g}."]
