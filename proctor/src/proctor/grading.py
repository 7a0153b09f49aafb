"""Grade an assignment, find out how it would be graded, or look at what came in."""

from __future__ import annotations

import contextlib
import fnmatch
import time
from collections.abc import Sequence

from proctor import class_list
from proctor.assemble.source import assignment_notebook
from proctor.assignment_grading import AssignmentGrading
from proctor.course import Course, CourseError
from proctor.gradebook.database import GradebookConnection
from proctor.gradebook.records import RecordedNotebook
from proctor.options import Options
from proctor.pool.bases import Bases
from proctor.preparation.assignment import AssignmentPreparation
from proctor.preparation.decision import NotebookDecision
from proctor.publish.batch import Batch
from proctor.publish.staging import (
    StagingFolder,
    SupportFiles,
    was_interrupted,
)
from proctor.report import Report
from proctor.submission import misfiled


def grade(course: Course, assignment: str, options: Options, bases: Bases) -> Report:
    """Grade what is due; CourseError in words if the assignment cannot be graded at all."""
    begun = time.monotonic()
    with contextlib.ExitStack() as stack:
        gradebook = stack.enter_context(GradebookConnection(course, options.say))
        recorded = gradebook.assignment(assignment)
        wanted = chosen(assignment, recorded, options.notebook)
        students = course.students(assignment, options.students)
        unread = misfiled.outside(course, assignment, list(recorded)) if everybody(options) else []
        if not students:
            raise CourseError(nobody(course, assignment, options.students, unread))
        grading = AssignmentGrading(course, assignment, options, recorded, wanted)
        waiting = grading.due(students)
        if waiting or was_interrupted(course, assignment):
            grading.staging = stack.enter_context(StagingFolder(course, assignment))
        if waiting:
            grading.record.tidy()
            grading.batch = Batch(gradebook, grading.staging, grading.report, grading.record)
            grading.grade(waiting, bases)
        if grading.record.problem:
            grading.report.warnings.append(grading.record.problem)
        grading.report.unread = unread
        if everybody(options):
            grading.report.class_list = class_list.compare(gradebook.students(), students)
        grading.report.sandbox = options.sandbox
        grading.report.seconds = time.monotonic() - begun
        grading.sum_up(gradebook)
        return grading.report


def check(
    course: Course, assignment: str, options: Options, bases: Bases
) -> list[NotebookDecision]:
    """How each test of an assignment is graded, found anew; CourseError in words."""
    with contextlib.ExitStack() as stack:
        gradebook = stack.enter_context(GradebookConnection(course, options.say))
        recorded = gradebook.assignment(assignment)
        wanted = chosen(assignment, recorded, options.notebook)
        staging = stack.enter_context(StagingFolder(course, assignment))
        preparation = AssignmentPreparation(course, assignment, options, anew=True)
        notebooks = {
            name: assignment_notebook(course, recorded[name], assignment) for name in wanted
        }
        support = staging.new()
        SupportFiles(course, assignment).copy(support)
        pools = stack.enter_context(preparation.pools(bases, notebooks, support))
        options.progress(None, len(wanted))
        decisions = []
        for name in wanted:
            decisions.append(preparation.decision(pools, notebooks[name], support))
            options.progress(name)
        return decisions


def chosen(assignment: str, recorded: dict[str, RecordedNotebook], pattern: str) -> list[str]:
    """The notebooks that a pattern matches; CourseError in words if there is none."""
    wanted = [name for name in recorded if fnmatch.fnmatchcase(name, pattern)]
    if not wanted:
        raise CourseError(
            f"{assignment} has no notebook {pattern!r}; it has: {', '.join(recorded)}."
        )
    return wanted


def everybody(options: Options) -> bool:
    """Whether the whole class was asked for, so that who is missing can be told."""
    return tuple(options.students) == ("*",)


def look(course: Course, assignment: str) -> Report:
    """What came in against the class list, without grading anything; CourseError in words."""
    with GradebookConnection(course) as gradebook:
        recorded = gradebook.assignment(assignment)
        return Report(
            assignment,
            class_list=class_list.compare(gradebook.students(), course.students(assignment)),
            unread=misfiled.outside(course, assignment, list(recorded)),
        )


def nobody(
    course: Course, assignment: str, students: Sequence[str], unread: Sequence[str] = ()
) -> str:
    """Why there is nobody to grade, in words."""
    place = course.folder("submitted", "*", assignment)
    if tuple(students) != ("*",):
        return f"There is no submission of {', '.join(students)}: {place} was looked for."
    found = f" But: {' '.join(unread[:3])}" if unread else ""
    return f"Nobody has handed in {assignment}: there is no folder {place}.{found}"
