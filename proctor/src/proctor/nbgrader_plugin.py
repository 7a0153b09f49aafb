"""Grade with proctor when `nbgrader autograde` or the formgrader's Autograde is asked for.

In nbgrader_config.py:

    import proctor.nbgrader_plugin
    proctor.nbgrader_plugin.configure(c)

Both do the same as `proctor grade` then, for the students, notebooks and settings that they were
given. Of Autograde's own options, the hooks before and after a conversion are not called, and
--no-execute has no effect.
"""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde, NbGraderException
from traitlets import Bool
from traitlets.config import Config

from proctor.cli import default_workers, require_protection
from proctor.config_check import (
    CONFINING_EXPORTER,
    check,
    columns_of_log,
    refuse,
    wrapped,
)
from proctor.feedback import templates
from proctor.messages import problem_of, require_gradebook
from proctor.waiting import client

if TYPE_CHECKING:
    from proctor.course import Course
    from proctor.pool.bases import Bases
    from proctor.pool.pools import Pools


def configure(c: Config, sandbox: bool = True) -> None:
    """Have the course with the configuration `c` autograded by proctor, and downloads of learning
    platforms collected by `nbgrader zip_collect`, unless the course has plugins of its own for that.

    Where students' code cannot be confined (macOS, Windows), nothing is graded unless `sandbox` is
    False: then it runs with the rights of whoever grades.

    Feedback pages of nbgrader's commands are those of `proctor feedback`, and the formgrader's page of
    a submission folds what is not graded, unless the course has templates or an exporter of its own.
    """
    templates.extend_nbgrader(c)
    c.Autograde.exporter_class = CONFINING_EXPORTER
    c.ConfiningExporter.sandbox = sandbox
    if "collector_plugin" not in c.ZipCollectApp and "extractor_plugin" not in c.ZipCollectApp:
        c.ZipCollectApp.extractor_plugin = "proctor.collect.PlatformExtractor"
        c.ZipCollectApp.collector_plugin = "proctor.collect.PlatformCollector"
        c.ZipCollectApp.force = (
            True  # the extractor lets a submission be replaced by a newer one only
        )


class ConfiningExporter(NotebookExporter):
    """Grades all that Autograde was asked to grade, and leaves it no notebook to export.

    Of nbgrader's extension points the exporter is the only one that comes before Autograde opens,
    copies or follows anything of a student's, and before it removes an earlier result.
    """

    sandbox = Bool(True, help="Whether students' code must be confined.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(self.parent, Autograde):
            try:
                autograde(self.parent, self.sandbox)
            except NbGraderException as error:
                # The formgrader shows each step that led here, above what matters.
                raise error.with_traceback(None) from None


def autograde(converter: Autograde, sandbox: bool) -> None:
    """Grade the submissions that Autograde has found, and take them off its list.

    What is to be told goes to nbgrader's log. Raises NbGraderException, as Autograde does, if a
    submission could not be graded.
    """
    check(converter)
    submissions, converter.assignments = list(converter.assignments), {}
    failed, columns = False, columns_of_log(converter)
    for assignment in assignments_of(converter, submissions):
        order = Order(assignment, len(submissions), converter.force, sandbox, columns)
        try:
            failed |= grade_assignment(converter, order)
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                raise
            refuse(converter, problem)
    if failed and len(submissions) == 1:
        refuse(converter, "The submission could not be graded; the log says why.")
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


def grade_assignment(converter: Autograde, order: Order) -> bool:
    """Grade an assignment's submissions; whether some failed.

    The course's waiting grader does it, if there can be one.
    """
    failed = graded_by_waiting(converter, order)
    if failed is not None:
        return failed
    # Imported late, for nbgrader reads the settings of a course in each of its commands.
    from proctor.course import Course
    from proctor.pool.bases import Bases
    from proctor.pool.early import guessed_modules

    if order.sandbox:
        require_protection()
    course = Course(converter.parent, converter.coursedir)
    root, pattern = Path(converter.coursedir.root), converter.coursedir.notebook_id
    with Bases(guessed_modules(root, order.assignment, pattern)) as bases:
        return graded(course, order, converter.log, bases)


@dataclass
class Order:
    """What Autograde was asked to grade, besides what the course directory says of it.

    There are at most `count` submissions; the log shows `columns` of a line (0: all).
    """

    assignment: str
    count: int
    force: bool
    sandbox: bool
    columns: int = 0


def graded(
    course: Course,
    order: Order,
    log: Any,
    bases: Bases,
    pools: Callable[..., Pools] | None = None,
) -> bool:
    """Grade what was ordered, and tell the log; whether some could not be graded."""
    from proctor.grading import Options, grade
    from proctor.report import to_text
    from proctor.submission.files import shown

    def progress(student: str | None, total: int | None = None) -> None:
        if student is not None and order.count > 1:
            log.info("%s is through", shown(student))

    options = Options(
        students=(course.coursedir.student_id,),
        notebook=course.coursedir.notebook_id,
        workers=min(order.count, default_workers()),
        force=order.force,
        sandbox=order.sandbox,
        progress=progress,
        say=lambda text: log.warning("%s", wrapped(text, order.columns)),
        pools=pools,
    )
    require_gradebook(course, order.assignment)
    with quiet(log):
        report = grade(course, order.assignment, options, bases)
    for line in to_text(report).splitlines():
        if line:
            log.info("%s", wrapped(line, order.columns))
    return bool(report.status)


def graded_by_waiting(converter: Autograde, order: Order) -> bool | None:
    """Have it graded by the course's waiting grader: whether some failed; None if nobody does it.

    Ends as `refuse` does where that grader finds what keeps it from grading.
    """
    seconds = client.waiting_time(None)
    if seconds == 0 or not client.possible():
        return None
    from proctor.waiting import settings

    try:
        work = {
            "kind": "autograde",
            "order": asdict(order),
            "config": settings.encoded_config(converter.parent.config),
            "course": settings.encoded_course(converter.coursedir),
            "level": converter.log.getEffectiveLevel(),
        }
    except settings.Unsendable:
        return None

    def tell(message: dict[str, Any]) -> None:
        converter.log.log(int(message["level"]), "%s", message["text"])

    told = client.run_work(work, converter.coursedir.root, tell, seconds)
    if told is not None and told.get("problem"):
        refuse(converter, str(told["problem"]))
    return None if told is None else bool(told["status"])


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
