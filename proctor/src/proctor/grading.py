"""Owns a round: which submissions are due, their way through the workers, and the order in which a result becomes real."""

import contextlib
import fnmatch
import time

from proctor.submission import folder as intake
from proctor.gradebook import scores
from proctor.publish import staging as write
from proctor.publish.batch import Batch
from proctor.gradebook.database import GradebookConnection as Book
from proctor.course import CourseError
from proctor.submission.folder import is_due as due
from proctor.pool.notebooks import Examiners
from proctor.submission.files import Refused, is_text, shown
from proctor.publish.finish import finished
from proctor.assemble.notebook import assemble as rebuild
from proctor.report import FAILED, Report, Row
from proctor.assemble.source import assignment_notebook as skeleton
from proctor.publish.notebook import Writer

CHUNK = 8  # submissions a worker is given of one notebook before the next notebook's turn


def grade(
    course,
    assignment,
    students=("*",),
    notebook="*",
    workers=2,
    timeout=None,
    force=False,
    sandbox=True,
    progress=None,
    say=lambda text: None,
    examiners=Examiners,
):
    """Grade what is due and return the Report; CourseError in words if the assignment cannot be graded at all."""
    begun = time.monotonic()
    with contextlib.ExitStack() as stack:
        book = stack.enter_context(Book(course, say))
        known = book.assignment(assignment)
        wanted = [name for name in known if fnmatch.fnmatchcase(name, notebook)]
        if not wanted:
            raise CourseError(
                f"{assignment} has no notebook {notebook!r}; it has: {', '.join(known)}."
            )
        classes = course.students(assignment, students)
        if not classes:
            raise CourseError(nobody(course, assignment, students))
        round_ = Round(course, assignment, known, wanted, force)
        waiting = round_.look(classes)
        if waiting or write.left(course, assignment):
            round_.staging = stack.enter_context(write.Staging(course, assignment))
        if waiting:
            skeletons = {name: skeleton(course, known[name], assignment) for name in wanted}
            round_.batch = Batch(course, book, round_.staging, assignment, round_.report)
            round_.support = write.Support(course, assignment)
            round_.examine(
                waiting,
                skeletons,
                examiners,
                workers,
                timeout or course.timeout,
                sandbox,
                progress or (lambda student, total=None: None),
            )
        round_.report.sandbox = sandbox
        round_.report.seconds = time.monotonic() - begun
        round_.sum_up(book)
        return round_.report


def nobody(course, assignment, students):
    """Why there is nobody to grade, in words."""
    place = course.folder("submitted", "*", assignment)
    return (
        f"There is no submission of {', '.join(students)}: {place} was looked for."
        if tuple(students) != ("*",)
        else (f"Nobody has handed in {assignment}: there is no folder {place}.")
    )


class Round:
    """The submissions of one assignment on their way."""

    def __init__(self, course, assignment, known, wanted, force):
        self.course, self.assignment, self.known, self.wanted, self.force = (
            course,
            assignment,
            known,
            wanted,
            force,
        )
        self.report = Report(assignment)
        self.open, self.writers = {}, {name: Writer() for name in wanted}

    def look(self, students):
        """The students whose submission is due; the others are counted, or told of."""
        waiting = []
        for student in students:
            try:
                if not is_text(student):
                    raise Refused(
                        "The name of this student's folder is not readable text, so that it can be nobody's id. Rename it."
                    )
                if len(student.splitlines()) > 1:
                    raise Refused(
                        "The name of this student's folder holds the end of a line, over which nbgrader stumbles. Rename it."
                    )
                with intake.Submission(
                    self.course, self.assignment, student, list(self.known)
                ) as submission:
                    if due(self.course, self.assignment, submission, self.wanted, self.force):
                        waiting.append(student)
                    else:
                        self.report.already += 1
            except Refused as error:
                self.report.rows.append(
                    Row(student if is_text(student) else shown(student), FAILED, human=[str(error)])
                )
        return waiting

    def examine(self, waiting, skeletons, examiners, workers, timeout, sandbox, progress):
        """Grade the waiting submissions, a chunk at a time if there are several notebooks."""
        support = self.staging.new()
        self.support.copy(support)
        size = len(waiting) if len(self.wanted) == 1 else CHUNK * workers
        with examiners(skeletons, support, workers, timeout, sandbox) as pools:
            for name in self.wanted:
                self.report.warnings += skeletons[name].problems
            progress(None, len(waiting))
            try:
                for start in range(0, len(waiting), size):
                    self.chunk(waiting[start : start + size], skeletons, pools, progress)
                for name in self.wanted:
                    self.report.warnings += pools.warnings(name)
            except KeyboardInterrupt:
                self.report.interrupted = True
            finally:
                self.batch.commit()

    def chunk(self, students, skeletons, pools, progress):
        """Grade some students' notebooks, notebook after notebook; whoever is complete goes to the batch."""
        for number, name in enumerate(self.wanted):
            first, last = number == 0, number == len(self.wanted) - 1
            plans = self.plans(students, name, skeletons[name], first, last, progress)
            for student, outcome, notebook in pools.examine(name, plans):
                self.take(student, name, outcome, notebook)
                if last:
                    self.complete(student, progress)

    def plans(self, students, name, bones, first, last, progress):
        """The (student, plan) pairs of one notebook; a submission is read when its turn comes."""
        for student in students:
            if first and not self.enter(student):
                progress(student)
            entry = self.open.get(student)
            sheet = entry.sheets.pop(name, None) if entry else None
            if sheet is not None:
                try:
                    plan = rebuild(bones, sheet)
                    plan.files = dict(entry.files)
                    entry.row.notes += [f"{name}: {problem}" for problem in plan.problems]
                    yield student, plan
                    continue
                except Exception as error:  # whatever one submission is, the class goes on
                    entry.broken(
                        name,
                        f"{name}: It could not be rebuilt ({type(error).__name__}: {shown(error)}).",
                    )
            if entry and last:
                self.complete(student, progress)

    def enter(self, student):
        """Read a submission and make its new folder: whether that was possible; if not, its row says why."""
        row = Row(student)
        try:
            with intake.Submission(
                self.course, self.assignment, student, list(self.known)
            ) as submission:
                taken = submission.take(self.wanted)
                folder, hers, told = write.stage(self.staging, submission, taken, self.support)
        except Exception as error:  # whatever one submission is, the class goes on
            words = (
                str(error)
                if isinstance(error, (Refused, write.Unwritten))
                else f"{type(error).__name__}: {shown(error)}"
            )
            self.report.rows.append(Row(student, FAILED, human=[words]))
            return False
        row.notes += told
        self.open[student] = Entry(
            self,
            row,
            taken,
            folder,
            {name: str(folder / name) for name in hers if name != intake.TIMESTAMP},
        )
        return True

    def take(self, student, name, outcome, notebook):
        """Take in one examined notebook."""
        entry = self.open[student]
        entry.row.human += [f"{name}: {sentence}" for sentence in told(outcome.events, notebook)]
        if notebook is None:
            return entry.broken(name, f"{name}: It could not be graded.")
        try:
            notebook, marks = finished(self.course, self.assignment, student, name, notebook)
            write.notebook(entry.folder, name, self.writers[name].text(notebook))
        except Exception as error:
            return entry.broken(
                name,
                str(error)
                if isinstance(error, write.Unwritten)
                else f"{name}: It could not be finished ({type(error).__name__}: {shown(error)}).",
            )
        entry.row.human += [f"{name}: {problem}" for problem in marks.problems]
        entry.result.marks[name] = marks

    def complete(self, student, progress):
        """All notebooks of a submission are through: it goes to the batch."""
        self.batch.add(self.open.pop(student))
        progress(student)

    def sum_up(self, book):
        """Put the points of the gradebook into the rows."""
        graded = {row.student: row for row in self.report.rows}
        for student, (score, most, manual, penalty) in book.totals(self.assignment, graded).items():
            row = graded[student]
            row.score, row.max_score, row.needs_manual_grade, row.penalty = (
                score,
                most,
                bool(manual),
                penalty or 0.0,
            )


class Entry:
    """One submission between its reading and its commit."""

    def __init__(self, round_, row, taken, folder, files):
        self.row, self.folder, self.files, self.sheets = row, folder, files, taken.sheets
        self.student = taken.student
        self.result = scores.Result(
            taken.student,
            missing=tuple(name for name in round_.wanted if name not in taken.taken),
            untouched=tuple(name for name in round_.known if name not in round_.wanted),
        )
        row.notes += taken.problems
        row.human += [
            f"No notebook {name}.ipynb was handed in: 0 points." for name in self.result.missing
        ]
        for name, reason in taken.broken.items():
            self.broken(name, reason)
        try:
            self.result.timestamp = round_.course.timestamp(taken.timestamp)
        except ValueError as error:
            row.human.append(f"{error}: when it was handed in is not known.")

    def broken(self, name, reason):
        """A notebook that cannot be graded: an earlier score is cleared, and the row says why."""
        self.row.status = FAILED
        self.row.human.append(reason)
        self.result.marks[name] = None

    @property
    def graded(self):
        """Whether there is anything for a folder."""
        return any(marks is not None for marks in self.result.marks.values())


def told(events, notebook):
    """The events as sentences, each with the names of its cells."""
    places = {}
    for event in events:
        places.setdefault((event.kind, shown(event.text)), []).append(place(event, notebook))
    return [
        f"{', '.join(dict.fromkeys(filter(None, cells)))}: {kind}: {text}".removeprefix(": ")
        for (kind, text), cells in places.items()
    ]


def place(event, notebook):
    """The name of the cell where something happened, or nothing."""
    if event.index is None or notebook is None or not 0 <= event.index < len(notebook.cells):
        return ""
    return (
        notebook.cells[event.index].metadata.get("nbgrader", {}).get("grade_id")
        or f"cell {event.index + 1}"
    )
