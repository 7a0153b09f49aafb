"""Write feedback pages: nbgrader's own converter, in as many processes as there are processors.

A page is written again when what it shows has changed: the graded notebook, a score, a comment.
What it was made from is kept as a digest in the course's private folder; a page without one, as
`nbgrader generate_feedback` leaves it, is written anew.
"""

import contextlib
import fnmatch
import glob
import hashlib
import json
import logging
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from multiprocessing.connection import Connection, wait
from pathlib import Path

from proctor import class_list, messages
from proctor.course import Course, CourseError
from proctor.feedback import short_pages
from proctor.feedback.content import Student
from proctor.feedback.exporter import FeedbackConverter, RecordedFacts
from proctor.feedback.short_pages import NOT_HANDED_IN, ShortPage
from proctor.feedback.templates import TEMPLATES
from proctor.gradebook.database import GradebookConnection
from proctor.gradebook.entries import read_marks
from proctor.gradebook.records import RecordedStudent
from proctor.preparation.store import write
from proctor.submission import misfiled
from proctor.submission.files import is_text, shown

Progress = Callable[[str | None, int | None], None]


@dataclass
class FeedbackReport:
    """What became of the pages of an assignment.

    `pages` are the paths of new ones; `already` counts the students who had theirs, `renewed` those
    whose page was there and showed something older; `failed` is {student: why there is none}.
    `short` is {reason: students} of whom no notebook was graded, or not all, and who have a short
    page that says why; `not_yet` have handed in and were not graded.
    """

    pages: list[str] = field(default_factory=list)
    already: int = 0
    renewed: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    short: dict[str, list[str]] = field(default_factory=dict)
    not_yet: list[str] = field(default_factory=list)

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
    recorded: RecordedFacts = field(default_factory=RecordedFacts)

    @cached_property
    def converter(self) -> FeedbackConverter:
        """What writes the pages of all students, one after another."""
        converter = FeedbackConverter(self.course.coursedir, self.recorded, parent=self.course.app)
        converter.force = True  # nobody is asked for whose page may stay
        return converter

    @cached_property
    def look(self) -> str:
        """What decides how all pages look: nbgrader's settings of them, proctor's, the template."""
        config = self.course.app.config
        configured = [config.get(name) for name in ("HTMLExporter", "GenerateFeedback")]
        files = [file.read_bytes() for file in sorted(TEMPLATES.glob("proctor_feedback/*"))]
        return repr((configured, self.course.hidden_tests, files))

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
    with GradebookConnection(course) as gradebook:
        notebooks, marks = list(gradebook.assignment(assignment)), gradebook.shown_marks(assignment)
        known = gradebook.students()
        entries = gradebook.query(lambda book: read_marks(book, assignment)).entries
    graded = course.students(assignment, students, "autograded")
    if not course.students(assignment, step="autograded"):
        place = course.folder("autograded", "*", assignment)
        raise CourseError(
            f"Nobody's {assignment} has been graded: {place} was looked for. "
            f"Run `proctor grade {assignment}` first."
        )
    names = {one.id: one.name for one in known}
    waiting = {student: set(entry.undecided) for student, entry in entries.items()}
    job = FeedbackJob(course, assignment, RecordedFacts(names, waiting))
    report = FeedbackReport()
    digests = {one: _digest(job, one, marks.get(one, [])) for one in graded}
    record = PageRecord(course, assignment)
    due = [one for one in graded if force or record.is_due(one, digests[one])]
    report.already = len(graded) - len(due)
    old = {one for one in due if course.folder("feedback", one, assignment).is_dir()}
    workers = min(workers, len(due))
    parallel = workers > 1 and "fork" in multiprocessing.get_all_start_methods()
    written = _in_processes(job, due, workers) if parallel else map(job.write, due)
    progress(None, len(due))
    try:
        for one in written:
            progress(one.student, None)
            report.pages += one.pages
            if one.failure:
                report.failed[shown(one.student)] = one.failure
                record.forget(one.student)
            else:
                report.renewed += one.student in old
                record.written(one.student, digests[one.student])
    finally:
        record.save()
    others = [one for one in _others(course, assignment, known, graded) if _asked(one, students)]
    _write_short_pages(job, report, notebooks, [*graded, *others], set(marks))
    for student in others:
        record.forget(student)
    record.save()
    report.pages.sort()
    return report


def who_has_none(assignment: str, report: FeedbackReport) -> list[str]:
    """Who has no page, or a short one that says why, in lines."""
    lines = []
    if report.short:
        lines.append("Without a graded notebook, each with a short page that says why:")
    for reason, students in sorted(report.short.items()):
        names = class_list.some(sorted(map(shown, students)))
        lines.append(f"  {reason}: {len(students)} ({names})")
    if report.not_yet:
        names = class_list.some(sorted(map(shown, report.not_yet)))
        lines.append(
            f"Handed in and not graded, without a page: {len(report.not_yet)} ({names}). "
            f"Run `proctor grade {assignment}` first; if that grades nobody, its report says why."
        )
    return lines


def _asked(student: str, patterns: Sequence[str]) -> bool:
    """Whether a student is one of those asked for."""
    return any(fnmatch.fnmatchcase(student, pattern) for pattern in patterns)


def _others(
    course: Course, assignment: str, known: Sequence[RecordedStudent], graded: Sequence[str]
) -> list[str]:
    """Who is in the class list or has handed in, and has nothing graded."""
    came_in = course.students(assignment)
    everybody = course.students(assignment, step="autograded")
    missing = class_list.compare(known, {*came_in, *everybody}).missing
    return sorted({*missing, *came_in} - {*graded, *everybody})


def _write_short_pages(
    job: FeedbackJob,
    report: FeedbackReport,
    notebooks: Sequence[str],
    students: Sequence[str],
    entered: set[str],
) -> None:
    """Write the pages of notebooks that were not graded; `entered` are the students with grades."""
    course, assignment = job.course, job.assignment
    mode = int(str(job.converter.permissions), 8)
    handed_in = set(course.students(assignment))
    for student in students:
        if not is_text(student) or {"/", "\0"} & set(student) or student in (".", ".."):
            report.failed[shown(student)] = "This id cannot be the name of a folder."
            continue
        graded = course.folder("autograded", student, assignment)
        without = [name for name in notebooks if not (graded / f"{name}.ipynb").exists()]
        if not without:
            continue
        loose = student not in handed_in and misfiled.of_student(
            course, assignment, student, notebooks
        )
        if loose or (student in handed_in and student not in entered):
            report.not_yet.append(student)
            continue
        found = (
            short_pages.reasons(course, assignment, student, without)
            if student in handed_in
            else dict.fromkeys(without, NOT_HANDED_IN)
        )
        try:
            for name, reason in found.items():
                whose = Student(student, job.recorded.names.get(student, ""))
                page = short_pages.write(course, assignment, ShortPage(whose, name, reason), mode)
                report.pages += [page] if page else []
        except OSError as error:
            report.failed[shown(student)] = messages.problem_of(error) or shown(error)
            continue
        for reason in sorted(set(found.values())):
            report.short.setdefault(reason, []).append(student)


def _digest(job: FeedbackJob, student: str, marks: list[tuple[object, ...]]) -> str:
    """A digest of what a student's pages show: the graded notebooks as files, scores, comments, the
    name, the settings; and of the template."""
    notebooks = []
    for path in sorted(job.course.folder("autograded", student, job.assignment).glob("*.ipynb")):
        with contextlib.suppress(OSError):
            about = path.stat()
            notebooks.append((path.name, about.st_size, about.st_mtime_ns))
    shown = (notebooks, marks, job.recorded.names.get(student, ""), job.look)
    return hashlib.blake2b(repr(shown).encode(errors="replace"), digest_size=16).hexdigest()


class PageRecord:
    """What the pages of an assignment were made from, {student: digest}, in the private folder."""

    def __init__(self, course: Course, assignment: str) -> None:
        self.course, self.assignment = course, assignment
        self.path = course.private / assignment / "feedback.json"
        self.digests: dict[str, str] = {}
        with contextlib.suppress(OSError, ValueError):
            found = json.loads(self.path.read_text("utf-8"))
            self.digests = found if isinstance(found, dict) else {}

    def is_due(self, student: str, digest: str) -> bool:
        """Whether a student has not all pages, or they were made from something else."""
        folder = self.course.folder("feedback", student, self.assignment)
        graded = self.course.folder("autograded", student, self.assignment)
        return self.digests.get(student) != digest or any(
            not (folder / f"{path.stem}.html").exists() for path in graded.glob("*.ipynb")
        )

    def written(self, student: str, digest: str) -> None:
        """A student's pages are made from this."""
        self.digests[student] = digest

    def forget(self, student: str) -> None:
        """A student has no such pages."""
        self.digests.pop(student, None)

    def save(self) -> None:
        """Keep it; where that is impossible, pages are written again another time."""
        with contextlib.suppress(OSError, UnicodeEncodeError):
            write(self.course, self.path, json.dumps(self.digests))


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
