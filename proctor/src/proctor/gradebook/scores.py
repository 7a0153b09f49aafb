"""Owns what a graded submission puts into the gradebook: the same entries as nbgrader's Autograde, SaveAutoGrades and AssignLatePenalties."""

import math
from dataclasses import dataclass, field
from datetime import datetime

from nbgrader import utils
from nbgrader.api import Comment, Grade, MissingEntry

SILENT = "No response."


class NotEntered(Exception):
    """Why a student cannot be entered, in words."""


@dataclass
class Marks:
    """What grading found in one notebook: {grade_id: points, or None where a human must}, and {grade_id: comment or None}."""

    points: dict[str, float | None] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass
class Result:
    """A student's submission as it goes into the gradebook: marks per notebook; None: handed in, but could not be graded."""

    student: str
    timestamp: datetime | None = None
    marks: dict[str, Marks | None] = field(default_factory=dict)
    missing: tuple[str, ...] = ()  # notebooks that were not handed in: 0 points
    untouched: tuple[str, ...] = ()  # notebooks that this round is not about


def marks(notebook):
    """The marks of a finished notebook, by nbgrader's own rules."""
    found = Marks()
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if utils.is_grade(cell):
            found.points[name] = points(cell, found.problems)
        if utils.is_solution(cell) or utils.is_task(cell):
            unchanged = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
            found.comments[name] = SILENT if unchanged and not utils.is_task(cell) else None
    return found


def points(cell, problems):
    """nbgrader's grade of a cell. What nbgrader has no rule for (it fails, or gives full points for less than nothing) a human decides."""
    name = cell.metadata.nbgrader["grade_id"]
    try:
        score = utils.determine_grade(cell)[0]
    except (ValueError, KeyError, TypeError) as error:
        problems.append(f"The test {name} left no usable points ({error}): a human must decide.")
        return None
    if cell.cell_type == "code" and not utils.is_solution(cell) and strange(cell, score):
        problems.append(
            f"The test {name} left partial points that are negative or no number: a human must decide."
        )
        return None
    return score


def strange(cell, score):
    """Whether the first result of a test is a number that is not between 0 and its points."""
    if utils.has_failed(cell) or score is None:
        return False
    for output in cell.outputs:
        if output.output_type == "execute_result":
            text = output["data"]["text/plain"]
            try:
                number = float("".join(text) if isinstance(text, list) else text)
            except ValueError:
                return False
            return math.isnan(number) or number < 0
    return False


def enter(gradebook, course, assignment, result):
    """Enter one student's result into the session; returns sentences."""
    try:
        if course.autograde.create_student:
            gradebook.update_or_create_student(result.student)
        else:
            gradebook.find_student(result.student)
    except MissingEntry:
        raise NotEntered(
            f"{result.student} is not in the gradebook, and Autograde.create_student is off."
        ) from None
    when = {"timestamp": result.timestamp} if result.timestamp else {}
    submission = gradebook.update_or_create_submission(assignment, result.student, **when)
    gradebook.db.flush()
    told = []
    for notebook in submission.notebooks:
        if notebook.name in result.untouched:
            continue
        if notebook.name in result.missing:
            zero(notebook)
        elif course.saves_grades:
            record(notebook, result.marks.get(notebook.name))
        if notebook.name in result.marks and course.late.enabled:
            told += penalised(gradebook, course, submission, notebook)
    return told


def zero(notebook):
    """A notebook that was not handed in, as Autograde enters it."""
    for grade in notebook.grades:
        grade.auto_score, grade.needs_manual_grade = 0, False
    notebook.late_submission_penalty = None


def record(notebook, found):
    """Every automatic score and comment anew, so that nothing of an earlier round is left; what a human entered stays."""
    found = found or Marks()
    cells = {cell.id: cell for cell in notebook.notebook._base_cells}
    grades, comments = (
        {grade.cell_id: grade for grade in notebook.grades},
        {comment.cell_id: comment for comment in notebook.comments},
    )
    for key, cell in cells.items():
        if cell.type in ("GradeCell", "TaskCell"):
            grade = grades.get(key) or Grade(cell_id=key, notebook=notebook)
            graded(grade, cell, found)
        if cell.type in ("SolutionCell", "TaskCell"):
            comment = comments.get(key) or Comment(cell_id=key, notebook=notebook)
            comment.auto_comment = found.comments.get(cell.name)


def graded(grade, cell, found):
    """One grade, as SaveAutoGrades sets it (tasks have no automatic score: what a human said of one stays)."""
    if cell.type == "TaskCell":
        if grade.auto_score is not None:
            grade.auto_score, grade.needs_manual_grade = (
                None,
                grade.manual_score is None or bool(grade.needs_manual_grade),
            )
        return
    grade.auto_score = found.points.get(cell.name)
    grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None


def penalised(gradebook, course, submission, notebook):
    """The late penalty, as AssignLatePenalties and its configured plugin set it; sentences."""
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
    if penalty is not None:
        notebook.late_submission_penalty = course.late._check_late_penalty(notebook, penalty)
    return [
        f"{late / 3600:.1f} hours late"
        + (f", penalty {notebook.late_submission_penalty:g}." if penalty is not None else ".")
    ]
