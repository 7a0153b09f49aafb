"""The exporters, as `nbgrader export --exporter=proctor.export.CanvasExport` and `proctor export` use
them.

Each is a plugin of nbgrader's with settings of its own, for instance in nbgrader_config.py
`c.CanvasExport.source = "gradebook.csv"`, or on the command line `--CanvasExport.source=gradebook.csv`.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, CaselessStrEnum, Unicode

from proctor.course import Course
from proctor.export import feedback_zip
from proctor.export.canvas import canvas_marks
from proctor.export.filling import Request, Summary
from proctor.export.marks import AssignmentMarks, Choices, ExportError, read_marks
from proctor.export.moodle import moodle_marks
from proctor.export.plain import plain_marks
from proctor.export.table import Table, new_file
from proctor.gradebook.database import GradebookConnection
from proctor.messages import problem_of


class PlatformExport(ExportPlugin):
    """What the exporters have in common: whose marks, where they go, and what is left out."""

    platform = ""
    marks_name = ""  # what the file of marks is called, behind the assignment

    source = Unicode("", help="The CSV file that the platform wrote, to be filled in.").tag(
        config=True
    )
    column = Unicode("", help="The assignment's column in it, if it is called otherwise.").tag(
        config=True
    )
    match = Unicode("", help="The only column by which students are to be told apart.").tag(
        config=True
    )
    scale = Bool(
        None,
        allow_none=True,
        help="Whether points are multiplied where the platform has another maximum "
        "(not said: such a file is refused).",
    ).tag(config=True)
    needs_manual_grade = CaselessStrEnum(
        ["leave", "score"], "leave", help="What is entered while a human has to grade."
    ).tag(config=True)
    not_graded = CaselessStrEnum(
        ["leave", "zero"], "leave", help="What is entered for what could not be graded."
    ).tag(config=True)
    not_handed_in = CaselessStrEnum(
        ["leave", "zero"], "leave", help="What is entered for who handed in nothing."
    ).tag(config=True)
    feedback = Bool(False, help="Write a zip of feedback pages instead of marks.").tag(config=True)
    download = Unicode("", help="The zip that was downloaded, for the names of its files.").tag(
        config=True
    )
    force = Bool(False, help="Replace a file that is there already.").tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Export, as `nbgrader export` asks for it; ends the program where that cannot be done."""
        try:
            course = Course(self.parent, self.parent.coursedir)
            wanted = [str(name) for name in self.assignment]
            names = wanted or [one.name for one in gradebook.assignments]
            marks = [read_marks(course, gradebook, name) for name in names]
            lines = self.write(course, marks)
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                raise
            self._refuse(problem)
        for line in lines:
            self.log.info("%s", line)

    def _refuse(self, sentence: str) -> NoReturn:
        """End the program as nbgrader's own do, with a sentence in its log."""
        self.log.fatal("%s", sentence)
        raise SystemExit(1)

    def write(self, course: Course, marks: Sequence[AssignmentMarks]) -> list[str]:
        """Write the file; returns what is to be told. Raises ExportError if nothing was written."""
        self._refuse_unknown(marks)
        inputs = [Path(name) for name in (self.source, self.download) if name]
        destination = Path(self.to or self._usual_name(marks))
        if self.feedback:
            names = self.names(course, self._only(marks))
            with new_file(destination, self.force, inputs) as file:
                summary = feedback_zip.write_feedback(
                    course, self._only(marks), self.request(), names, file
                )
        else:
            table, summary = self.table(marks)
            with new_file(destination, self.force, inputs) as file:
                file.write(table.csv())
        return summary.lines(destination)

    def _refuse_unknown(self, marks: Sequence[AssignmentMarks]) -> None:
        """Raise ExportError for settings that would have no effect."""
        if self.download and not (self.feedback and self.platform == "canvas"):
            raise ExportError(
                "--download is for the feedback pages of Canvas: --to canvas --feedback."
            )
        for pattern in map(str, self.student):
            asked = Request(students=[pattern])
            if not any(asked.wants(student) for one in marks for student in one.students):
                raise ExportError(f"No student of the gradebook is called {pattern!r}.")

    def request(self) -> Request:
        """What the settings ask for."""
        choices = Choices(self.needs_manual_grade, self.not_graded, self.not_handed_in)
        return Request(
            choices,
            Path(self.source) if self.source else None,
            self.column,
            self.match,
            self.scale,
            [str(name) for name in self.student] or ("*",),
        )

    def table(self, marks: Sequence[AssignmentMarks]) -> tuple[Table, Summary]:
        """The file to be written, and what is to be told of it."""
        raise NotImplementedError

    def names(self, course: Course, marks: AssignmentMarks) -> dict[tuple[str, str], str]:
        """{(student, notebook): the page's place in the zip}."""
        raise NotImplementedError

    def _only(self, marks: Sequence[AssignmentMarks]) -> AssignmentMarks:
        """The one assignment that a platform's file is about."""
        if len(marks) != 1:
            raise ExportError(
                f"One assignment at a time, not {len(marks)}: name it (nbgrader export "
                "--assignment='[\"ps1\"]')."
            )
        return marks[0]

    def _usual_name(self, marks: Sequence[AssignmentMarks]) -> str:
        """What the file is called if nobody says it, in the working directory."""
        name = marks[0].assignment if len(marks) == 1 else "all"
        if self.feedback:
            return f"{name}-feedback-{self.platform}.zip"
        return f"{name}-{self.marks_name}.csv"


class CanvasExport(PlatformExport):
    """For Canvas: its own gradebook file with marks, or pages named as what was downloaded."""

    platform = "canvas"
    marks_name = "canvas"

    def table(self, marks: Sequence[AssignmentMarks]) -> tuple[Table, Summary]:
        """Canvas's file with the marks."""
        return canvas_marks(self._only(marks), self.request())

    def names(self, course: Course, marks: AssignmentMarks) -> dict[tuple[str, str], str]:
        """The names by which Canvas knows each page's student."""
        archive = feedback_zip.collected_archive(course, marks.assignment)
        downloaded = feedback_zip.downloaded_names(Path(self.download or archive))
        return feedback_zip.canvas_names(marks, self.request(), downloaded)


class MoodleExport(PlatformExport):
    """For Moodle: its own grading worksheet with marks, or pages in folders of its participants."""

    platform = "moodle"
    marks_name = "moodle"

    def table(self, marks: Sequence[AssignmentMarks]) -> tuple[Table, Summary]:
        """Moodle's worksheet with the marks."""
        return moodle_marks(self._only(marks), self.request())

    def names(self, course: Course, marks: AssignmentMarks) -> dict[tuple[str, str], str]:
        """The names by which Moodle knows each page's student."""
        return feedback_zip.moodle_names(marks, self.request())


class CsvExport(PlatformExport):
    """For anybody: a line for each student of the gradebook, or pages named after them."""

    platform = "csv"
    marks_name = "grades"

    def table(self, marks: Sequence[AssignmentMarks]) -> tuple[Table, Summary]:
        """A table of nbgrader's own columns, and the status."""
        self._refuse_files()
        return plain_marks(marks, self.request(), Path(self.to))

    def names(self, course: Course, marks: AssignmentMarks) -> dict[tuple[str, str], str]:
        """The students' ids."""
        self._refuse_files()
        return feedback_zip.plain_names(marks)

    def _refuse_files(self) -> None:
        """Raise ExportError where a file is to be filled in that belongs to no platform."""
        if self.source or self.column or self.match or self.scale is not None:
            raise ExportError(
                "--from, --column, --match and --scale are for --to canvas and --to moodle: a plain "
                "CSV file is written anew."
            )


EXPORTERS = {kind.platform: kind for kind in (CanvasExport, MoodleExport, CsvExport)}
# A setting that is not said keeps what the course's settings say of it.
SETTINGS = (
    *("to", "student", "source", "column", "match", "scale", "feedback", "download", "force"),
    *("needs_manual_grade", "not_graded", "not_handed_in"),
)


def export_assignment(course: Course, options: argparse.Namespace) -> list[str]:
    """What `proctor export` does with what was said on its command line; returns what to tell.

    Raises ExportError, or CourseError for an unknown assignment.
    """
    name = options.assignment
    with GradebookConnection(course) as gradebook:
        gradebook.assignment(name)  # an unknown one is told of with what to do about it
        marks = gradebook.query(lambda book: read_marks(course, book, name))
    words = {setting: getattr(options, setting) for setting in SETTINGS}
    said = {setting: word for setting, word in words.items() if word is not None}
    exporter = EXPORTERS[options.platform](parent=course.app, **said)
    return exporter.write(course, [marks])
