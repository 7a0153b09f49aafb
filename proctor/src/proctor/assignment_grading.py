"""The submissions of an assignment on their way: which are due, the steps of each, and the order in
which a result becomes real."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from nbformat import NotebookNode

from proctor.assemble.misplaced import AskedNames, asked_names, is_untouched, misplaced
from proctor.assemble.notebook import assemble
from proctor.assemble.plan import Plan
from proctor.assemble.source import AssignmentNotebook, assignment_notebook
from proctor.course import Course
from proctor.examiner.results import Outcome
from proctor.examiner.template import Task
from proctor.gradebook.database import GradebookConnection
from proctor.gradebook.records import RecordedNotebook
from proctor.gradebook.scores import SubmissionMarks
from proctor.options import Options
from proctor.pool.bases import Bases
from proctor.preparation.ahead import DecisionsAhead
from proctor.preparation.assignment import AssignmentPreparation
from proctor.preparation.decision import NotebookDecision
from proctor.publish.batch import Batch, FinishedSubmission
from proctor.publish.notebook import NotebookWriter, finish
from proctor.publish.staging import (
    PublishError,
    StagingFolder,
    SupportFiles,
    write_notebook,
)
from proctor.record import GradedNotebook, Record, grading_of, observed, recorded_events
from proctor.report import FAILED, Report, Row, event_sentences
from proctor.submission import misfiled
from proctor.submission.files import Refused, is_text, shown
from proctor.submission.folder import TIMESTAMP, Submission, SubmissionFolder, is_due
from proctor.submission.notebook import SubmittedNotebook
from proctor.submission.resubmission import is_resubmitted
from proctor.tampering import told as told_of
from proctor.tampering.code import Known
from proctor.tampering.files import odd_files, odd_links
from proctor.tampering.places import PrivatePlaces

CHUNK = 8  # submissions a worker is given of one notebook before the next notebook's turn


@dataclass
class OpenSubmission(FinishedSubmission):
    """A submission between its reading and its publication.

    `unread_code` are, by notebook, those that were not yet looked through for tampering, `modules` the
    student's own, once they are parsed for that.
    """

    files: dict[str, str] = field(default_factory=dict)
    submission: Submission | None = None
    unread: list[str] = field(default_factory=list)
    unread_code: dict[str, tuple[SubmittedNotebook, Plan]] = field(default_factory=dict)
    modules: dict[str, ast.Module] | None = None

    def broken(self, name: str, reason: str) -> None:
        """A notebook that cannot be graded: an earlier score is cleared, and the row says why."""
        self.row.status = FAILED
        self.row.human.append(reason)
        self.marks.notebooks[name] = None


class AssignmentGrading:
    """The submissions of one assignment on their way."""

    staging: StagingFolder
    batch: Batch

    def __init__(
        self,
        course: Course,
        assignment: str,
        options: Options,
        recorded: dict[str, RecordedNotebook],
        wanted: list[str],
    ) -> None:
        self.course, self.assignment, self.options = course, assignment, options
        self.recorded, self.wanted = recorded, wanted
        self.report = Report(assignment)
        self.record = Record(course, assignment)
        self.open: dict[str, OpenSubmission] = {}
        self.writers = {name: NotebookWriter() for name in wanted}
        self.support = SupportFiles(course, assignment)
        self.notebooks: dict[str, AssignmentNotebook] = {}
        self.asked: dict[str, dict[str, AskedNames]] = {}
        self.known: dict[str, Known] = {}
        self.places = PrivatePlaces.of(one for one in course.secret if one != str(course.root))

    def notebook(self, name: str) -> AssignmentNotebook:
        """A notebook of the assignment; CourseError if it cannot be read."""
        if name not in self.notebooks:
            recorded = self.recorded[name]
            self.notebooks[name] = assignment_notebook(self.course, recorded, self.assignment)
        return self.notebooks[name]

    def is_resubmitted(self, folder: SubmissionFolder) -> bool:
        """Whether other work lies there than what was graded."""
        return is_resubmitted(
            folder,
            self.course.folder("autograded", folder.student, self.assignment),
            self.wanted,
            self.notebook,
            lambda name: name in self.support.names and name not in self.support.replaceable,
        )

    def due(self, students: Sequence[str]) -> list[str]:
        """The students whose submission is due; the others are counted, or told of."""
        waiting = []
        for student in students:
            try:
                if not is_text(student):
                    raise Refused(
                        "The name of this student's folder is not readable text, so that it can be "
                        "nobody's id. Rename it."
                    )
                if len(student.splitlines()) > 1:
                    raise Refused(
                        "The name of this student's folder holds the end of a line, over which "
                        "nbgrader stumbles. Rename it."
                    )
                with self.folder(student) as submission:
                    force = self.options.force
                    due = is_due(self.course, self.assignment, submission, self.wanted, force)
                    if due or self.is_resubmitted(submission):
                        waiting.append(student)
                    else:
                        self.report.already += 1
            except Refused as error:
                name = student if is_text(student) else shown(student)
                self.unreadable(Row(name, FAILED, human=[str(error)]))
        return waiting

    def folder(self, student: str) -> SubmissionFolder:
        """A student's folder, opened."""
        return SubmissionFolder(self.course, self.assignment, student, list(self.recorded))

    def grade(self, waiting: list[str], bases: Bases) -> None:
        """Grade the waiting submissions, a chunk at a time if there are several notebooks."""
        support, options = self.staging.new(), self.options
        self.support.share(support)
        notebooks = {name: self.notebook(name) for name in self.wanted}
        self.asked = {name: asked_names(notebooks[name]) for name in self.wanted}
        for name in self.wanted:
            self.report.warnings += notebooks[name].problems
        preparation = AssignmentPreparation(self.course, self.assignment, options)
        told: set[str] = set()
        size = len(waiting) if len(self.wanted) == 1 else CHUNK * options.workers
        options.progress(None, len(waiting))
        with preparation.pools(bases, notebooks, support, len(waiting)) as pools:

            def decide(name: str) -> NotebookDecision:
                return preparation.decision(pools, notebooks[name], support)

            try:
                with DecisionsAhead(self.wanted, decide, pools, options.workers) as decisions:
                    for start in range(0, len(waiting), size):
                        students = waiting[start : start + size]
                        for number, name in enumerate(self.wanted):
                            decision = decisions.decision(name)
                            if name not in told:
                                self.tell(decision)
                                told.add(name)
                            first, last = number == 0, number == len(self.wanted) - 1
                            tasks = self.tasks(students, notebooks[name], decision, first, last)
                            for student, outcome, notebook in pools.examine(name, tasks):
                                self.take(student, name, outcome, notebook)
                                if last:
                                    self.complete(student)
                for name in self.wanted:
                    self.report.warnings += pools.warnings(name)
            except KeyboardInterrupt:
                self.report.interrupted = True
            finally:
                self.batch.commit()

    def tell(self, decision: NotebookDecision) -> None:
        """Say once for the assignment what the preparation found."""
        name = decision.notebook
        self.report.warnings += [f"{name}: {problem}" for problem in decision.problems]
        in_process = sorted(decision.grading.in_process)
        if in_process:
            self.report.in_process[name] = in_process
        for words, tests in (
            ("pass on the unsolved release", [t for t in decision.tests if t.passes_unsolved]),
            ("fail on the reference solution", [t for t in decision.tests if t.fails_solved]),
            ("got other points in a second run", [t for t in decision.tests if t.flaky]),
        ):
            if tests:
                names = ", ".join(test.name for test in tests)
                self.report.warnings.append(f"{name}: tests that {words}: {names}.")

    def tasks(
        self,
        students: Sequence[str],
        notebook: AssignmentNotebook,
        decision: NotebookDecision,
        first: bool,
        last: bool,
    ) -> Iterator[tuple[str, Task]]:
        """The tasks of one notebook by student; a submission is read when its turn comes."""
        grading, name = decision.grading, notebook.name
        for student in students:
            if first and not self.enter(student):
                self.options.progress(student)
            entry = self.open.get(student)
            taken = (
                entry.submission.notebooks.pop(name, None) if entry and entry.submission else None
            )
            if entry and taken is not None:
                try:
                    plan = assemble(notebook, taken)
                    plan.files = dict(entry.files)
                    entry.row.notes += [f"{name}: {problem}" for problem in plan.problems]
                    self.tell_misplaced(entry, notebook, plan)
                    entry.unread_code[name] = (taken, plan)
                    yield student, Task(plan, grading)
                    self.tell_tampering(entry, name)  # while a worker is at work on it
                    continue
                except Exception as error:  # whatever one submission is, the class goes on
                    words = f"{type(error).__name__}: {shown(str(error))}"
                    entry.broken(name, f"{name}: It could not be assembled ({words}).")
            if entry and last:
                self.complete(student)

    def tell_misplaced(
        self, entry: OpenSubmission, notebook: AssignmentNotebook, plan: Plan
    ) -> None:
        """Tell a human of answers that stand where they were not asked for, or are not read at all."""
        name, human = notebook.name, entry.row.human
        human += [f"{name}: {one}" for one in misplaced(notebook, plan, self.asked[name])]
        if entry.unread and is_untouched(notebook, plan):
            human.append(
                f"{name}.ipynb is as released, nothing is written in it; not read, and there: "
                f"{misfiled.listed(entry.unread)}. If the answer is in one of them, put it in the "
                f"place of {name}.ipynb, and grade again."
            )

    def tell_tampering(self, entry: OpenSubmission, name: str) -> None:
        """Tell of what looks like tampering, once; whatever goes wrong here keeps nobody from points."""
        if name not in entry.unread_code:
            return
        submitted, plan = entry.unread_code.pop(name)
        told, notebook = entry.row.tampering, self.notebook(name)
        try:
            if name not in self.known:
                self.known[name] = told_of.known_of(notebook, self.support.names, self.places)
            known = self.known[name]
            for one in told_of.in_notebook(notebook, submitted, plan, known):
                told.append(f"{name}: {one}")
            if entry.modules is None:
                entry.modules = told_of.modules_of(entry.files)
            told += [one for one in told_of.in_texts(entry.modules, known) if one not in told]
        except Exception as error:  # a text that is too long, or that Python itself cannot follow
            entry.row.notes.append(
                f"{name}: Its code was not looked through for tampering ({type(error).__name__})."
            )

    def enter(self, student: str) -> bool:
        """Read a submission and make its new folder: whether that was possible; its row says why not."""
        row = Row(student)
        try:
            with self.folder(student) as folder:
                taken = folder.read(self.wanted)
                unread = misfiled.unread(folder.found.files, folder.matched, list(self.recorded))
                staged = self.staging.stage(folder, taken, self.support)
        except Exception as error:  # whatever one submission is, the class goes on
            words = f"{type(error).__name__}: {shown(str(error))}"
            row.human.append(str(error) if isinstance(error, (Refused, PublishError)) else words)
            row.status = FAILED
            self.unreadable(row)
            return False
        marks = SubmissionMarks(
            student,
            missing=tuple(name for name in self.wanted if name not in taken.matched),
            untouched=tuple(name for name in self.recorded if name not in self.wanted),
        )
        own = [name for name in staged.own_files if name != TIMESTAMP]
        files = {name: str(staged.folder / name) for name in own}
        entry = OpenSubmission(student, staged.folder, marks, row, files, taken, unread)
        row.notes += [*staged.problems, *taken.problems]
        place = str(self.course.folder("submitted", student, self.assignment))
        row.tampering += odd_links(place, taken.links, self.places)
        row.tampering += odd_files(taken.files, self.support.for_submission(taken.files))
        there = f" Not read, and there: {misfiled.listed(unread)}." if unread else ""
        row.human += [
            f"No notebook {name}.ipynb was handed in: 0 points.{there}" for name in marks.missing
        ]
        for name, reason in taken.broken.items():
            entry.broken(name, reason + there)
        try:
            marks.timestamp = self.course.timestamp(taken.timestamp)
        except ValueError as error:
            row.human.append(f"{error}: when it was handed in is not known.")
        self.open[student] = entry
        return True

    def unreadable(self, row: Row) -> None:
        """Tell of a submission that could not be read."""
        self.record.add(grading_of(row))
        self.report.rows.append(row)

    def take(
        self, student: str, name: str, outcome: Outcome, notebook: NotebookNode | None
    ) -> None:
        """Take in one examined notebook."""
        entry = self.open[student]
        self.tell_tampering(entry, name)
        of_events = [f"{name}: {one}" for one in event_sentences(outcome.events, notebook)]
        entry.row.human += of_events
        entry.of_events += of_events
        events = recorded_events(outcome.events, notebook)
        entry.seen[name] = GradedNotebook(graded=False, events=events)
        if notebook is None:
            entry.broken(name, f"{name}: It could not be graded.")
            return
        try:
            disputed = outcome.disputed
            done = finish(self.course, self.assignment, student, name, notebook, disputed)
            size = write_notebook(entry.folder, name, self.writers[name].text(done.notebook))
        except PublishError as error:
            entry.broken(name, str(error))
            return
        except Exception as error:  # a configured step may do anything
            words = f"{type(error).__name__}: {shown(str(error))}"
            entry.broken(name, f"{name}: It could not be finished ({words}).")
            return
        known = set(disputed.values())  # told by an event, with its cell
        entry.row.human += [f"{name}: {one}" for one in done.marks.problems if one not in known]
        entry.marks.notebooks[name] = done.marks
        try:
            seen = observed(done.notebook)
        except Exception as error:  # it costs the report a line, and the student nothing
            seen = GradedNotebook()
            entry.row.notes.append(f"{name}: not recorded ({type(error).__name__}).")
        seen.points, seen.size, seen.events = done.marks.points, size, events
        entry.seen[name] = seen

    def complete(self, student: str) -> None:
        """All notebooks of a submission are through: it goes to the batch."""
        entry = self.open.pop(student)
        entry.submission = None
        self.batch.add(entry)
        self.options.progress(student)

    def sum_up(self, gradebook: GradebookConnection) -> None:
        """Put the points of the gradebook into the rows."""
        graded = {row.student: row for row in self.report.rows}
        for student, total in gradebook.totals(self.assignment, graded).items():
            row = graded[student]
            row.score, row.max_score = total.score, total.max_score
            row.needs_manual_grade, row.penalty = total.needs_manual_grade, total.penalty
