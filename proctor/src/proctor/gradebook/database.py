"""A connection to nbgrader's gradebook: what it knows of an assignment, and entering points."""

import contextlib
import difflib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from nbgrader import api
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from proctor.course import Course, CourseError
from proctor.gradebook import scores
from proctor.gradebook.records import RecordedCell, RecordedNotebook, RecordedStudent
from proctor.gradebook.scores import SubmissionMarks
from proctor.messages import generate_command, shell_command

Returned = TypeVar("Returned")

ATTEMPTS = 12
WAIT = 5.0  # seconds that one attempt waits
LOCKED = "The gradebook is locked by another program (formgrader? nbgrader?): trying again."
AWAY = "The gradebook's database does not answer: trying again."
QUERIED_STUDENTS = 500  # in one query: databases limit how many values it may have


class GradebookError(Exception):
    """Points that could not be entered into the gradebook; the message says why."""


class DeferredSession(Session):
    """A session whose commits wait, since nbgrader's API commits each change on its own."""

    def commit(self) -> None:
        """Send the changes to the database without ending the transaction."""
        self.flush()

    def commit_all(self) -> None:
        """End the transaction, so that what was entered is real."""
        super().commit()


@dataclass(frozen=True)
class Total:
    """A student's points for an assignment, as formgrader shows them."""

    score: float
    max_score: float
    needs_manual_grade: bool
    penalty: float


class GradebookConnection:
    """The gradebook of a course, open.

    `say` is told, in words, when there is waiting for another program. Raises CourseError if there
    is no gradebook that can be read.
    """

    def __init__(self, course: Course, say: Callable[[str], None] = lambda text: None) -> None:
        self.course, self._say = course, say
        url = make_url(course.db_url)
        if self._is_sqlite and url.database and not os.path.exists(url.database):
            raise CourseError(
                f"There is no gradebook at {url.database}: "
                "run `nbgrader generate_assignment --force` with the name of each assignment."
            )
        self._gradebook: api.Gradebook | None = None
        # nbgrader's own connection is opened once for its checks of the database's version.
        gradebook = self._retried(lambda: api.Gradebook(course.db_url, course.coursedir.course_id))
        gradebook.close()
        options = {"connect_args": {"timeout": WAIT}} if self._is_sqlite else {}
        gradebook.engine = create_engine(course.db_url, future=True, **options)
        gradebook.db = scoped_session(
            sessionmaker(
                class_=DeferredSession, bind=gradebook.engine, autoflush=False, future=True
            )
        )
        self._gradebook = gradebook

    def __enter__(self) -> "GradebookConnection":
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    @property
    def _opened(self) -> api.Gradebook:
        """nbgrader's own object for the gradebook."""
        assert self._gradebook is not None
        return self._gradebook

    def _retried(self, work: Callable[[], Returned]) -> Returned:
        """What `work()` returns; while another program holds the database, a server is away or
        another grading enters the same rows, it is begun anew."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return work()
            except OperationalError as error:
                if self._is_sqlite:
                    self._wait_for_lock(error, attempt)
                else:
                    self._wait_for_server(error, attempt)
            except (IntegrityError, api.InvalidEntry):
                # Two gradings at once may both add a student; the second one finds it then.
                if self._is_sqlite or attempt == ATTEMPTS:
                    raise
                self._opened.db.rollback()
            except DatabaseError as error:
                if error.connection_invalidated:  # what a driver says of it is not always the same
                    self._wait_for_server(error, attempt)
                    continue
                raise CourseError(
                    f"The gradebook {self._shown_url} cannot be read: {error.orig}"
                ) from error
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _wait_for_lock(self, error: OperationalError, attempt: int) -> None:
        """Return where trying again may help: the waiting itself is SQLite's. Raises in words."""
        if self._gradebook is not None:
            self._gradebook.db.rollback()
        self._raise_unless_locked(error)
        if attempt == ATTEMPTS:
            raise GradebookError(
                f"The gradebook {self._shown_url} stayed locked by another program "
                f"for about {round(WAIT * ATTEMPTS)} seconds. "
                "End that program, then start again."
            ) from error
        self._say(LOCKED)

    def _wait_for_server(self, error: DatabaseError, attempt: int) -> None:
        """Wait for a database server that answered before. Raises in words if it never did, or not
        any more."""
        reason = str(error.orig).strip()
        if self._gradebook is None:
            raise CourseError(
                f"The gradebook {self._shown_url} cannot be reached ({reason}): see that its server "
                "runs and that c.CourseDirectory.db_url is right, then start again."
            ) from error
        with contextlib.suppress(DatabaseError):  # the connection may be gone
            self._gradebook.db.rollback()
        if attempt == ATTEMPTS:
            raise GradebookError(
                f"The database of the gradebook {self._shown_url} did not answer for about "
                f"{round(WAIT * ATTEMPTS)} seconds ({reason}). See that it runs, then start again."
            ) from error
        self._say(AWAY)
        time.sleep(WAIT)

    @property
    def _is_sqlite(self) -> bool:
        """Whether the gradebook is a file of SQLite's, and no server's."""
        return make_url(self.course.db_url).get_backend_name() == "sqlite"

    @property
    def _shown_url(self) -> str:
        """The gradebook's address, without a password."""
        return make_url(self.course.db_url).render_as_string(hide_password=True)

    def _raise_unless_locked(self, error: OperationalError) -> None:
        """Raise in words what trying again does not help."""
        url = self._shown_url
        code = getattr(error.orig, "sqlite_errorcode", None)
        primary_code = None if code is None else code & 0xFF
        if primary_code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return
        # The statements are nbgrader's: one that SQLite cannot make sense of meets other tables.
        if primary_code == sqlite3.SQLITE_ERROR:
            raise CourseError(
                f"The gradebook {url} was made by another version of nbgrader ({error.orig}). "
                f"Copy the file to a safe place, then run `{shell_command('nbgrader', 'db', 'upgrade')}` "
                "in the course directory."
            ) from error
        raise GradebookError(
            f"The gradebook {url} cannot be written ({error.orig}): see that this account may "
            "write it and that there is room on the disk, then start again."
        ) from error

    def assignment(self, name: str) -> dict[str, RecordedNotebook]:
        """The notebooks that the gradebook has for an assignment, by name.

        Raises CourseError if it has none.
        """
        return self._retried(lambda: self._recorded_notebooks(name))

    def _recorded_notebooks(self, name: str) -> dict[str, RecordedNotebook]:
        """One attempt of `assignment`."""
        db = self._opened.db
        try:
            assignment = self._opened.find_assignment(name)
        except api.MissingEntry:
            names = db.query(api.Assignment.name).order_by(api.Assignment.name)
            known = [other for (other,) in names]
            others = ", ".join(known) or "none yet"
            source = self.course.folder("source", ".", name)
            advice = (
                f"run `{generate_command(self.course, name)}`, then start again"
                if name and source.is_dir()
                else f"{source} is not there either, so look at the name"
            )
            folded = {other.casefold(): other for other in known}
            close = difflib.get_close_matches(name.casefold(), folded, n=1)
            if close and not source.is_dir():
                advice += f". Did you mean {folded[close[0]]!r}?"
            else:
                advice += "."
            raise CourseError(
                f"The gradebook has no assignment {name!r} (it has: {others}): {advice}"
            ) from None
        if not assignment.notebooks:
            raise CourseError(
                f"The assignment {name!r} has no notebooks in the gradebook: "
                f"run `{generate_command(self.course, name)}`, then start again."
            )
        found = {notebook.name: _recorded(notebook) for notebook in assignment.notebooks}
        db.rollback()
        return found

    def query(self, question: Callable[[api.Gradebook], Returned]) -> Returned:
        """What `question` finds in nbgrader's own object for the gradebook, which it does not change."""
        try:
            return self._retried(lambda: question(self._opened))
        finally:
            self._opened.db.rollback()

    def save(
        self, assignment: str, batch: list[SubmissionMarks]
    ) -> dict[str, list[str] | scores.NotEntered]:
        """Enter the marks of some students in one transaction, all or none.

        Returns {student: sentences, or why the student cannot be entered}. Raises GradebookError if
        the gradebook cannot be written.
        """
        try:
            return self._retried(lambda: self._save_once(assignment, batch))
        except BaseException:
            self._opened.db.rollback()
            raise

    def _save_once(
        self, assignment: str, batch: list[SubmissionMarks]
    ) -> dict[str, list[str] | scores.NotEntered]:
        """One attempt of `save`."""
        db = self._opened.db
        if self._is_sqlite:
            # The lock is taken before nbgrader's API, which takes a locked file for a missing row.
            db.connection().exec_driver_sql("BEGIN IMMEDIATE")
        told: dict[str, list[str] | scores.NotEntered] = {}
        for marks in batch:
            try:
                told[marks.student] = scores.enter(self._opened, self.course, assignment, marks)
            except scores.NotEntered as reason:
                told[marks.student] = reason
        db().commit_all()
        db.expunge_all()
        return told

    def totals(self, assignment: str, students: Iterable[str]) -> dict[str, Total]:
        """The totals of these students, as far as the gradebook has them."""
        return self._retried(lambda: self._totals_once(assignment, list(students)))

    def _totals_once(self, assignment: str, students: list[str]) -> dict[str, Total]:
        """One attempt of `totals`."""
        db, submitted = self._opened.db, api.SubmittedAssignment
        found = {}
        for start in range(0, len(students), QUERIED_STUDENTS):
            rows = (
                db.query(
                    submitted.student_id,
                    submitted.score,
                    submitted.max_score,
                    submitted.needs_manual_grade,
                    submitted.late_submission_penalty,
                )
                .join(api.Assignment, api.Assignment.id == submitted.assignment_id)
                .filter(
                    api.Assignment.name == assignment,
                    submitted.student_id.in_(students[start : start + QUERIED_STUDENTS]),
                )
            )
            for student, score, max_score, needs_manual_grade, penalty in rows:
                found[student] = Total(score, max_score, bool(needs_manual_grade), penalty or 0.0)
        db.rollback()
        return found

    def students(self) -> list[RecordedStudent]:
        """The students of the gradebook whom the course does not exclude, sorted by id."""
        return self._retried(self._students_once)

    def _students_once(self) -> list[RecordedStudent]:
        """One attempt of `students`."""
        db, student = self._opened.db, api.Student
        submitted = {one for (one,) in db.query(api.SubmittedAssignment.student_id).distinct()}
        rows = db.query(
            student.id, student.first_name, student.last_name, student.email, student.lms_user_id
        ).order_by(student.id)
        excluded = self.course.coursedir.student_id_exclude.split(",")
        found = [
            RecordedStudent(
                id=row.id,
                name=" ".join(filter(None, (row.first_name, row.last_name))),
                named=any((row.first_name, row.last_name, row.email, row.lms_user_id)),
                submitted=row.id in submitted,
            )
            for row in rows
            if row.id not in excluded
        ]
        db.rollback()
        return found

    def shown_marks(self, assignment: str) -> dict[str, list[tuple[Any, ...]]]:
        """By student, what a feedback page shows of the gradebook: scores, comments, penalties."""
        return self._retried(lambda: self._shown_marks_once(assignment))

    def _shown_marks_once(self, assignment: str) -> dict[str, list[tuple[Any, ...]]]:
        """One attempt of `shown_marks`."""
        db, submitted, notebook = self._opened.db, api.SubmittedAssignment, api.SubmittedNotebook
        found: dict[str, list[tuple[Any, ...]]] = {}
        for columns, joined in (
            (_GRADE_COLUMNS, api.Grade.notebook),
            (_COMMENT_COLUMNS, api.Comment.notebook),
            ((notebook.notebook_id, notebook.late_submission_penalty), None),
        ):
            query = db.query(submitted.student_id, *columns)
            query = query.select_from(notebook) if joined is None else query.join(joined)
            query = query.join(notebook.assignment).join(submitted.assignment)
            for student, *values in query.filter(api.Assignment.name == assignment):
                found.setdefault(student, []).append(tuple(values))
        db.rollback()
        return {student: sorted(rows, key=repr) for student, rows in found.items()}


_GRADE_COLUMNS = (
    api.Grade.cell_id,
    api.Grade.auto_score,
    api.Grade.manual_score,
    api.Grade.extra_credit,
    api.Grade.needs_manual_grade,
)
_COMMENT_COLUMNS = (api.Comment.cell_id, api.Comment.auto_comment, api.Comment.manual_comment)


def _recorded(notebook: api.Notebook) -> RecordedNotebook:
    """A notebook of the gradebook as plain data."""
    grades = {cell.name: cell for cell in notebook.grade_cells}
    tasks = {cell.name: cell for cell in notebook.task_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    cells = {}
    for cell in notebook.source_cells:
        with_points = grades.get(cell.name) or tasks.get(cell.name)
        cells[cell.name] = RecordedCell(
            name=cell.name,
            kind=cell.cell_type,
            locked=bool(cell.locked),
            source=cell.source or "",
            checksum=cell.checksum,
            grade=cell.name in grades,
            solution=cell.name in solutions,
            task=cell.name in tasks,
            points=float(with_points.max_score) if with_points else None,
        )
    kernelspec = json.loads(notebook.kernelspec) if notebook.kernelspec else None
    return RecordedNotebook(notebook.name, kernelspec, cells)
