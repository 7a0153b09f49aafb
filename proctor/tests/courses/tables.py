"""Owns reading a gradebook whole: every table as {name: values}, without ids, so that two gradebooks can be compared."""

from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    SourceCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)


def cells(book):
    """What nbgrader's release entered: every cell of every notebook, with its points."""
    for cell in book.db.query(SourceCell):
        yield (
            (cell.notebook.name, cell.name),
            (cell.cell_type, cell.locked, cell.source, cell.checksum),
        )
    for assignment in book.db.query(Assignment):
        yield (assignment.name,), (assignment.duedate, assignment.max_score)
        for notebook in assignment.notebooks:
            yield (
                (notebook.name,),
                (notebook.kernelspec, notebook.max_score, notebook.max_written_score),
            )
            for cell in [*notebook.grade_cells, *notebook.task_cells]:
                yield (notebook.name, cell.name, "worth"), (cell.cell_type, cell.max_score)


def students(book):
    """The students, with what each has earned in all."""
    for student in book.db.query(Student):
        yield (
            (student.id,),
            (
                student.first_name,
                student.last_name,
                student.email,
                student.score,
                student.max_score,
            ),
        )


def submissions(book):
    """What was handed in: when, how late, and the points."""
    for handed_in in book.db.query(SubmittedAssignment):
        yield (
            (handed_in.student.id, handed_in.assignment.name),
            (
                handed_in.timestamp,
                handed_in.total_seconds_late,
                handed_in.score,
                handed_in.max_score,
                handed_in.needs_manual_grade,
            ),
        )


def notebooks(book):
    """Each notebook handed in: points by kind, late penalty, whether a human must look."""
    for handed_in in book.db.query(SubmittedNotebook):
        yield (
            (handed_in.student.id, handed_in.name),
            (
                handed_in.score,
                handed_in.max_score,
                handed_in.code_score,
                handed_in.written_score,
                handed_in.task_score,
                handed_in.late_submission_penalty,
                handed_in.needs_manual_grade,
                bool(handed_in.failed_tests),
                handed_in.flagged,
            ),
        )


def grades(book):
    """Each graded cell of each student."""
    for grade in book.db.query(Grade):
        yield (
            (grade.student.id, grade.notebook.name, grade.name),
            (
                grade.auto_score,
                grade.manual_score,
                grade.extra_credit,
                grade.needs_manual_grade,
                grade.score,
                grade.max_score,
            ),
        )


def comments(book):
    """Each comment, nbgrader's own ("No response.") and a human's."""
    for comment in book.db.query(Comment):
        yield (
            (comment.student.id, comment.notebook.name, comment.name),
            (comment.auto_comment, comment.manual_comment),
        )


TABLES = (cells, students, submissions, notebooks, grades, comments)


def read(url):
    """The gradebook at a database address: {table: {name: values}}."""
    with Gradebook(url) as book:
        return {table.__name__: dict(table(book)) for table in TABLES}


def of(book, student):
    """The rows of one student, by table."""
    return {
        table: {name: values for name, values in rows.items() if name[0] == student}
        for table, rows in book.items()
        if table != "cells"
    }


def points(book, student):
    """One student's automatic points: {(notebook, cell): points}."""
    return {name[1:]: values[0] for name, values in book["grades"].items() if name[0] == student}
