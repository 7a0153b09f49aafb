"""Owns nbgrader's gradebook: one connection, what it knows of an assignment, and the scores of a batch in one transaction."""

import json
import os

from nbgrader.api import Assignment, Gradebook, MissingEntry, SubmittedAssignment
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from proctor.gradebook import scores
from proctor.course import CourseError
from proctor.gradebook.records import KnownCell, KnownNotebook

ATTEMPTS, WAIT = 12, 5.0  # seconds that one attempt waits
OLD = (
    "The gradebook {url} was made by another version of nbgrader ({error}). "
    "Copy the file to a safe place, then run `nbgrader db upgrade` here."
)
LOCKED = "The gradebook is locked by another program (formgrader? nbgrader?): trying again."
STAYS = "The gradebook {url} stayed locked by another program for about {seconds} seconds. End that program, then start again."


class Unsaved(Exception):
    """Why a batch is not in the gradebook, in words."""


class Held(Session):
    """A session whose commits wait: nbgrader's API commits after each change, a batch is one transaction."""

    def commit(self):
        self.flush()

    def commit_all(self):
        super().commit()


class Book:
    """The gradebook of a course, open. `say` is told, in words, when there is waiting."""

    def __init__(self, course, say=lambda text: None):
        self.course, self.say = course, say
        url = make_url(course.db_url)
        if url.get_backend_name() == "sqlite" and url.database and not os.path.exists(url.database):
            raise CourseError(
                f"There is no gradebook at {url.database}: run `nbgrader generate_assignment` first."
            )
        self.gradebook = self.tried(lambda: Gradebook(course.db_url, course.coursedir.course_id))
        self.gradebook.close()
        options = {"connect_args": {"timeout": WAIT}} if url.get_backend_name() == "sqlite" else {}
        self.gradebook.engine = create_engine(course.db_url, future=True, **options)
        self.gradebook.db = scoped_session(
            sessionmaker(class_=Held, bind=self.gradebook.engine, autoflush=False, future=True)
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.gradebook.close()

    @property
    def db(self):
        return self.gradebook.db

    def tried(self, work):
        """What `work()` returns; while another program holds the database it is begun anew, from the first line."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return work()
            except OperationalError as error:
                if hasattr(self, "gradebook"):
                    self.db.rollback()
                if "no such" in str(error.orig) or "has no column" in str(error.orig):
                    raise CourseError(
                        OLD.format(url=self.course.db_url, error=error.orig)
                    ) from error
                if "locked" not in str(error.orig) and "busy" not in str(error.orig):
                    raise Unsaved(
                        f"The gradebook {self.course.db_url} cannot be written: {error.orig}."
                    ) from error
                if attempt == ATTEMPTS:
                    raise Unsaved(
                        STAYS.format(url=self.course.db_url, seconds=round(WAIT * ATTEMPTS))
                    ) from error
                self.say(LOCKED)
            except DatabaseError as error:
                raise CourseError(
                    f"The gradebook {self.course.db_url} cannot be read: {error.orig}"
                ) from error

    def assignment(self, name):
        """The notebooks that the gradebook has for an assignment: {name: KnownNotebook}; CourseError in words if it has none."""
        return self.tried(lambda: self.known(name))

    def known(self, name):
        try:
            assignment = self.gradebook.find_assignment(name)
        except MissingEntry:
            others = (
                ", ".join(
                    one for (one,) in self.db.query(Assignment.name).order_by(Assignment.name)
                )
                or "none yet"
            )
            raise CourseError(
                f"The gradebook has no assignment {name!r} (it has: {others}). "
                f"Run `nbgrader generate_assignment {name}` first."
            ) from None
        if not assignment.notebooks:
            raise CourseError(
                f"The assignment {name!r} has no notebooks in the gradebook: run `nbgrader generate_assignment {name}`."
            )
        found = {notebook.name: known(notebook) for notebook in assignment.notebooks}
        self.db.rollback()
        return found

    def save(self, assignment, results):
        """Enter the results (scores.Result) of some students, all or none; returns {student: sentences, or why not}."""

        def work():
            if (
                self.gradebook.engine.dialect.name == "sqlite"
            ):  # the lock is had before nbgrader's API, which tells a locked file from nothing
                self.db.connection().exec_driver_sql("BEGIN IMMEDIATE")
            told = {result.student: self.entered(assignment, result) for result in results}
            self.db().commit_all()
            self.db.expunge_all()
            return told

        try:
            return self.tried(work)
        except BaseException:
            self.db.rollback()
            raise

    def entered(self, assignment, result):
        """The sentences of one student's entry, or the reason why there is none."""
        try:
            return scores.enter(self.gradebook, self.course, assignment, result)
        except scores.NotEntered as reason:
            return reason

    def totals(self, assignment, students):
        """{student: (score, max_score, needs_manual_grade, penalty)} of these students, as formgrader shows them."""

        def work():
            found, wanted = {}, list(students)
            for start in range(0, len(wanted), 500):
                rows = (
                    self.db.query(
                        SubmittedAssignment.student_id,
                        SubmittedAssignment.score,
                        SubmittedAssignment.max_score,
                        SubmittedAssignment.needs_manual_grade,
                        SubmittedAssignment.late_submission_penalty,
                    )
                    .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
                    .filter(
                        Assignment.name == assignment,
                        SubmittedAssignment.student_id.in_(wanted[start : start + 500]),
                    )
                )
                found |= {row[0]: tuple(row[1:]) for row in rows}
            self.db.rollback()
            return found

        return self.tried(work)


def known(notebook):
    """A notebook of the gradebook as plain data."""
    grades = {cell.name: cell for cell in notebook.grade_cells}
    tasks = {cell.name: cell for cell in notebook.task_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    cells = {}
    for cell in notebook.source_cells:
        points = grades.get(cell.name) or tasks.get(cell.name)
        cells[cell.name] = KnownCell(
            cell.name,
            cell.cell_type,
            bool(cell.locked),
            cell.source or "",
            cell.checksum,
            cell.name in grades,
            cell.name in solutions,
            cell.name in tasks,
            float(points.max_score) if points else None,
        )
    return KnownNotebook(
        notebook.name, json.loads(notebook.kernelspec) if notebook.kernelspec else None, cells
    )
