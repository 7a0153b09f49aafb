"""Grade with proctor when `nbgrader autograde` or the formgrader's Autograde is asked for.

In nbgrader_config.py:

    import proctor.nbgrader_plugin
    proctor.nbgrader_plugin.configure(c)

Both do the same as `proctor grade` then, for the students, notebooks and settings that they were
given. Of Autograde's own options, the hooks before and after a conversion are not called, and
--no-execute has no effect.
"""

import contextlib
import logging
import re
from collections.abc import Iterator
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde
from traitlets import Bool
from traitlets.config import Config

from proctor.cli import default_workers, require_protection
from proctor.config_check import CONFINING_EXPORTER, check, refuse
from proctor.messages import problem_of, require_gradebook


def configure(c: Config, sandbox: bool = True) -> None:
    """Have the course with the configuration `c` autograded by proctor.

    Where students' code cannot be confined (macOS, Windows), nothing is graded unless `sandbox` is
    False: then it runs with the rights of whoever grades.
    """
    c.Autograde.exporter_class = CONFINING_EXPORTER
    c.ConfiningExporter.sandbox = sandbox


class ConfiningExporter(NotebookExporter):
    """Grades all that Autograde was asked to grade, and leaves it no notebook to export.

    Of nbgrader's extension points the exporter is the only one that comes before Autograde opens,
    copies or follows anything of a student's, and before it removes an earlier result.
    """

    sandbox = Bool(True, help="Whether students' code must be confined.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(self.parent, Autograde):
            autograde(self.parent, self.sandbox)


def autograde(converter: Autograde, sandbox: bool) -> None:
    """Grade the submissions that Autograde has found, and take them off its list.

    What is to be told goes to nbgrader's log. Raises NbGraderException, as Autograde does, if a
    submission could not be graded.
    """
    check(converter)
    submissions, converter.assignments = list(converter.assignments), {}
    failed = False
    for assignment in assignments_of(converter, submissions):
        try:
            failed |= grade_assignment(converter, assignment, len(submissions), sandbox)
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                raise
            refuse(converter, problem)
    if failed:
        refuse(converter, "Some submissions could not be graded; the reasons are above.")


def assignments_of(converter: Autograde, submissions: list[str]) -> list[str]:
    """The names of the assignments that the submissions' folders belong to; `refuse` if unknown."""
    expression = converter._format_source("(?P<assignment>.*)", "(?P<student>.*)", escape=True)
    names = set()
    for folder in submissions:
        match = re.fullmatch(expression, folder, re.DOTALL)
        if match is None:
            refuse(converter, f"{folder} does not fit CourseDirectory.directory_structure.")
        names.add(match["assignment"])
    return sorted(names)


def grade_assignment(converter: Autograde, assignment: str, count: int, sandbox: bool) -> bool:
    """Grade an assignment's submissions, of which there are at most `count`; whether some failed."""
    # Imported late, for nbgrader reads the settings of a course in each of its commands.
    from proctor.course import Course
    from proctor.grading import Options, grade
    from proctor.pool.bases import Bases
    from proctor.report import to_text
    from proctor.submission.files import shown

    if sandbox:
        require_protection()
    coursedir, log = converter.coursedir, converter.log

    def progress(student: str | None, total: int | None = None) -> None:
        if student is not None:
            log.info("%s is through", shown(student))

    options = Options(
        students=(coursedir.student_id,),
        notebook=coursedir.notebook_id,
        workers=min(count, default_workers()),
        force=converter.force,
        sandbox=sandbox,
        progress=progress,
        say=lambda text: log.warning("%s", text),
    )
    course = Course(converter.parent, coursedir)
    require_gradebook(course, assignment)
    with quiet(log), Bases() as bases:
        report = grade(course, assignment, options, bases)
    for line in to_text(report).splitlines():
        if line:
            log.info("%s", line)
    return bool(report.status)


@contextlib.contextmanager
def quiet(log: logging.Logger) -> Iterator[None]:
    """Keep nbgrader's preprocessors from logging each step that they take.

    The formgrader shows all that is logged, at the level of debugging, above what matters.
    """
    level = log.level
    log.setLevel(max(level, logging.INFO))
    try:
        yield
    finally:
        log.setLevel(level)
