"""Owns how results become real, some at a time: an earlier folder goes, the gradebook is written, the new folder appears.

A student counts as graded when the folder is there. Whoever is killed in between leaves no folder, so the next run grades
that student again and writes the same rows once more: it ends as if it had never stopped."""

import time

from proctor.publish import staging as write
from proctor.gradebook.database import GradebookError
from proctor.course import CourseError
from proctor.submission.files import shown
from proctor.report import FAILED

SIZE, SECONDS = 16, 2.0


class Batch:
    """Finished submissions that are not yet real."""

    def __init__(self, course, book, staging, assignment, report):
        self.course, self.book, self.staging, self.assignment, self.report = (
            course,
            book,
            staging,
            assignment,
            report,
        )
        self.entries, self.since = [], time.monotonic()

    def add(self, entry):
        """Take a finished submission; commit when there are some, or when the last time is a while ago."""
        try:
            write.keep(self.staging, entry.folder, entry.student, entry.result.untouched)
            write.permissions(self.course, entry.folder)
        except write.Unwritten as error:
            self.failed([entry], error)
            return
        self.entries.append(entry)
        if len(self.entries) >= SIZE or time.monotonic() - self.since > SECONDS:
            self.commit()

    def commit(self):
        """Make what there is real."""
        entries, self.entries = self.entries, []
        if entries:
            self.together(entries)
        self.since = time.monotonic()

    def together(self, entries):
        """All of them in one transaction; if something is wrong with one, one after another."""
        try:
            for entry in entries:
                self.staging.put_aside(entry.student)
            self.staging.settle()
            told = self.book.save(self.assignment, [entry.result for entry in entries])
        except CourseError:
            raise
        except (GradebookError, write.Unwritten) as error:
            self.failed(entries, error)
        except Exception as error:
            if len(entries) == 1:
                self.failed(
                    entries,
                    f"The gradebook did not take it ({type(error).__name__}: {shown(error)}).",
                )
            else:
                for entry in entries:
                    self.together([entry])
        else:
            for entry in entries:
                self.publish(entry, told[entry.student])

    def publish(self, entry, told):
        """The gradebook has it: its folder appears."""
        if isinstance(told, Exception):
            return self.failed([entry], told)
        entry.row.notes += told
        try:
            if entry.graded:
                self.staging.publish(entry.folder, entry.student)
            else:
                write.discard(entry.folder)
                entry.row.status = FAILED
        except write.Unwritten as error:
            return self.failed([entry], error)
        self.report.rows.append(entry.row)

    def failed(self, entries, reason):
        """These are not graded: their folders go, and the next run has them again."""
        for entry in entries:
            write.discard(entry.folder)
            entry.row.status = FAILED
            entry.row.human.append(str(reason))
            self.report.rows.append(entry.row)
