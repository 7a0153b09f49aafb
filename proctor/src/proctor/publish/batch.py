"""Publish finished submissions some at a time: the earlier folder goes, the gradebook is written,
the new folder appears.

A student counts as graded when the folder is there. A run that is killed in between leaves no
folder, so the next run grades that student again and writes the same rows once more: it ends as if
it had never stopped.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path

from proctor.course import CourseError
from proctor.gradebook.database import GradebookConnection, GradebookError
from proctor.gradebook.scores import NotEntered, SubmissionMarks
from proctor.publish.staging import PublishError, StagingFolder, discard, set_permissions
from proctor.record import GradedNotebook, Record, grading_of
from proctor.report import FAILED, Report, Row
from proctor.submission.files import shown

MAX_SUBMISSIONS = 16
MAX_SECONDS = 2.0  # between two transactions, unless a submission takes longer


@dataclass
class FinishedSubmission:
    """A submission that is graded but not yet published: its staged folder, marks and report.

    `seen` is what is recorded of each notebook; of the row's sentences `of_events` only say the events
    in it.
    """

    student: str
    folder: Path
    marks: SubmissionMarks
    row: Row
    seen: dict[str, GradedNotebook] = field(default_factory=dict, kw_only=True)
    of_events: list[str] = field(default_factory=list, kw_only=True)

    @property
    def graded(self) -> bool:
        """Whether at least one notebook could be graded, so that there is a folder to publish."""
        return any(marks is not None for marks in self.marks.notebooks.values())


class Batch:
    """Finished submissions that wait to be published; their rows are then added to the report.

    Each is recorded when its marks are in the gradebook, before its folder appears: who counts as
    graded has been recorded, whenever the run is killed.
    """

    def __init__(
        self,
        gradebook: GradebookConnection,
        staging: StagingFolder,
        report: Report,
        record: Record | None = None,
    ) -> None:
        self.gradebook, self.staging, self.report = gradebook, staging, report
        self.record = record
        self._waiting: list[FinishedSubmission] = []
        self._since = time.monotonic()

    def add(self, submission: FinishedSubmission) -> None:
        """Take a finished submission; commit if there are many, or the last commit is long ago."""
        folder = submission.folder
        try:
            self.staging.keep_notebooks(folder, submission.student, submission.marks.untouched)
            set_permissions(self.staging.course, folder)
        except PublishError as error:
            self._fail([submission], str(error))
            return
        self._waiting.append(submission)
        late = time.monotonic() - self._since > MAX_SECONDS
        if len(self._waiting) >= MAX_SUBMISSIONS or late:
            self.commit()

    def commit(self) -> None:
        """Publish what waits; raises CourseError if the gradebook itself cannot be used."""
        submissions, self._waiting = self._waiting, []
        if submissions:
            self._commit_together(submissions)
        self._since = time.monotonic()

    def _commit_together(self, submissions: list[FinishedSubmission]) -> None:
        """Publish all in one transaction; if something is wrong with one, one after another."""
        try:
            for submission in submissions:
                self.staging.put_aside(submission.student)
            self.staging.sync()
            told = self.gradebook.save(
                self.staging.assignment, [submission.marks for submission in submissions]
            )
        except CourseError:
            raise
        except (GradebookError, PublishError) as error:
            self._fail(submissions, str(error))
        except Exception as error:  # whatever one submission is, the class goes on
            if len(submissions) > 1:
                for submission in submissions:
                    self._commit_together([submission])
            else:
                self._fail(
                    submissions,
                    f"The gradebook did not take it ({type(error).__name__}: {shown(error)}).",
                )
        else:
            for submission in submissions:
                self._publish(submission, told[submission.student])

    def _publish(self, submission: FinishedSubmission, told: list[str] | NotEntered) -> None:
        """Let the folder of a submission appear, whose marks are in the gradebook."""
        if isinstance(told, NotEntered):
            self._fail([submission], str(told))
            return
        submission.row.notes += told
        if not submission.graded:
            submission.row.status = FAILED
        self._record(submission)
        try:
            if submission.graded:
                self.staging.publish(submission.folder, submission.student)
            else:
                discard(submission.folder)
        except PublishError as error:
            self._fail([submission], str(error))
            return
        self.report.rows.append(submission.row)

    def _fail(self, submissions: list[FinishedSubmission], reason: str) -> None:
        """Report submissions as not graded; their folders go, and the next run has them again."""
        for submission in submissions:
            discard(submission.folder)
            submission.row.status = FAILED
            submission.row.human.append(reason)
            self._record(submission)
            self.report.rows.append(submission.row)

    def _record(self, submission: FinishedSubmission) -> None:
        """Record a submission as it is now."""
        if self.record is not None:
            row = submission.row
            self.record.add(
                grading_of(row, submission.marks, submission.seen, submission.of_events)
            )
