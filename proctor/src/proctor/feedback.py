"""Write feedback pages: nbgrader's own converter, in as many processes as there are processors."""

import contextlib
import glob
import logging
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from multiprocessing.connection import Connection, wait
from pathlib import Path

from proctor import messages
from proctor.course import Course, CourseError
from proctor.feedback_pages import FeedbackConverter
from proctor.submission.files import shown

Progress = Callable[[str | None, int | None], None]


@dataclass
class FeedbackReport:
    """What became of the pages of an assignment.

    `pages` are the paths of new ones; `already` counts the students who had theirs; `failed` is
    {student: why there is none}.
    """

    pages: list[str] = field(default_factory=list)
    already: int = 0
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The exit status: 0 all have pages, 1 some could not be written."""
        return int(bool(self.failed))


@dataclass
class StudentPages:
    """The new pages of one student, and why there are none if something went wrong."""

    student: str
    pages: list[str] = field(default_factory=list)
    failure: str = ""


@dataclass(frozen=True)
class FeedbackJob:
    """What is to be written, for any student."""

    course: Course
    assignment: str
    force: bool

    @cached_property
    def converter(self) -> FeedbackConverter:
        """What writes the pages of all students, one after another."""
        converter = FeedbackConverter(self.course.coursedir, parent=self.course.app)
        converter.force = converter.force or self.force
        return converter

    def write(self, student: str) -> StudentPages:
        """Write one student's pages; whatever the student's work is, nothing is raised."""
        coursedir = self.course.coursedir
        folder = self.course.folder("feedback", student, self.assignment)
        before, errors = _page_times(folder), LastError()
        coursedir.assignment_id, coursedir.student_id = self.assignment, glob.escape(student)
        converter = self.converter
        failure = ""
        try:
            with errors.instead_of_handlers(converter.log):
                converter.start()
        except (Exception, SystemExit) as error:
            failure = (
                errors.problem
                or messages.problem_of(error)
                or shown(errors.message or f"{type(error).__name__}: {error}")
            )
        pages = [path for path, time in _page_times(folder).items() if before.get(path) != time]
        return StudentPages(student, pages, failure)


def feedback(
    course: Course,
    assignment: str,
    students: Sequence[str] = ("*",),
    workers: int = 1,
    force: bool = False,
    progress: Progress = lambda student, total: None,
) -> FeedbackReport:
    """Write the pages of the graded students whose id matches one of the globs `students`.

    `progress(None, total)` is called first, `progress(student, None)` after each. Raises
    CourseError if nobody was graded.
    """
    graded = course.students(assignment, students, "autograded")
    if not graded:
        place = course.folder("autograded", "*", assignment)
        raise CourseError(
            f"Nobody's {assignment} has been graded: {place} was looked for. "
            f"Run `proctor grade {assignment}` first."
        )
    job, report = FeedbackJob(course, assignment, force), FeedbackReport()
    workers = min(workers, len(graded))
    parallel = workers > 1 and "fork" in multiprocessing.get_all_start_methods()
    written = _in_processes(job, graded, workers) if parallel else map(job.write, graded)
    progress(None, len(graded))
    for one in written:
        progress(one.student, None)
        report.pages += one.pages
        if one.failure:
            report.failed[one.student] = one.failure
        else:
            report.already += not one.pages
    report.pages.sort()
    return report


def _in_processes(
    job: FeedbackJob, students: Sequence[str], workers: int
) -> Iterator[StudentPages]:
    """Write the students' pages in forked processes, as many as `workers`; each as it is done.

    They are forked since the loaded course cannot be pickled.
    """
    context = multiprocessing.get_context("fork")
    waiting = iter(students)
    at_work: dict[Connection, str] = {}
    connections: list[Connection] = []
    processes = []
    try:
        for _ in range(workers):
            ours, theirs = context.Pipe()
            connections.append(ours)
            process = context.Process(
                target=_serve, args=(job, theirs, list(connections)), daemon=True
            )
            process.start()
            theirs.close()
            processes.append(process)
            _next_student(ours, waiting, at_work)
        while at_work:
            for ready in wait(list(at_work)):
                assert isinstance(ready, Connection)
                student = at_work.pop(ready)
                try:
                    written = ready.recv()
                except EOFError:
                    yield StudentPages(student, failure="The process that wrote it was killed.")
                    continue
                _next_student(ready, waiting, at_work)
                yield written
        for student in waiting:
            yield StudentPages(student, failure="The processes that write pages were killed.")
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _next_student(
    connection: Connection, waiting: Iterator[str], at_work: dict[Connection, str]
) -> None:
    """Give the next student, if there is one, to the process at the other end."""
    student = next(waiting, None)
    if student is not None:
        with contextlib.suppress(BrokenPipeError):  # then the answer is the end of the file
            connection.send(student)
        at_work[connection] = student


def _serve(job: FeedbackJob, connection: Connection, inherited: list[Connection]) -> None:
    """Write the pages of each student that is asked for, until the other end is closed.

    The `inherited` other ends are closed first: they would stay open when the parent is killed.
    """
    for other in inherited:
        other.close()
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        while True:
            connection.send(job.write(connection.recv()))


def _page_times(folder: Path) -> dict[str, int]:
    """The pages in a folder, each with the moment it was written in nanoseconds."""
    names = os.listdir(folder) if folder.is_dir() else []
    return {
        str(folder / name): os.stat(folder / name).st_mtime_ns
        for name in sorted(names)
        if name.endswith(".html")
    }


class LastError(logging.Handler):
    """Keeps what was logged of the last error.

    `problem` says what to do about it, None if that is not known; `message` is the last line that
    was logged while the error was handled.
    """

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.message = ""
        self.problem: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what a message says; nbgrader logs some more after it has handled an error."""
        error = sys.exc_info()[1]
        lines = record.getMessage().strip().splitlines()
        if lines and (error is not None or not self.message):
            self.message = lines[-1]
        if error is not None:
            self.problem = messages.problem_of(error)

    @contextlib.contextmanager
    def instead_of_handlers(self, log: logging.Logger) -> Iterator[None]:
        """While nbgrader works, its log goes nowhere else."""
        handlers, propagate = log.handlers, log.propagate
        log.handlers, log.propagate = [self], False
        try:
            yield
        finally:
            log.handlers, log.propagate = handlers, propagate
