"""Collect what is known of a class: from the gradebook, the record of its gradings, the notebooks."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from proctor import class_list, record
from proctor.answers import Answer, of_code, of_words
from proctor.class_report.known import (
    AlikeAnswers,
    Attempt,
    ClassReport,
    Example,
    FoundInCell,
    Misunderstanding,
    Reason,
    SharedError,
    Student,
    Test,
)
from proctor.class_report.notebooks import GradedNotebooks, solutions
from proctor.course import Course
from proctor.export.marks import Status, status_by_folder
from proctor.gradebook.database import GradebookConnection
from proctor.gradebook.entries import GradebookEntry, read_marks
from proctor.gradebook.records import Place, RecordedNotebook
from proctor.record import GradedNotebook, Grading, RecordedEvent
from proctor.report import GRADED
from proctor.submission import misfiled
from proctor.submission.files import is_text, shown

MIN_SIZE = 40  # of alike answers of code: the shorter ones are often alike by chance
SHARED = 2  # students that share something
EXAMPLES_TRIED = 3  # students of whom a picture is looked for
MAX_PICTURES = 5_000_000  # characters of them all: a student can make any number of names
MAX_CODES = 40  # groups of alike answers of which one answer is shown
REASONS = {
    "died": Reason.CRASHED,
    "crashed": Reason.CRASHED,
    "timeout": Reason.TIMED_OUT,
    "limit": Reason.LIMIT,
    "refused": Reason.LIMIT,
    "human": Reason.MANUAL,
}
WAITS = "{}: {} waits for a human."
NOT_YET = "Handed in, and not graded yet."
ANEW = "Handed in anew since it was graded, or its graded notebook is gone."


@dataclass
class _Known:
    """What is known of one student besides the gradebook.

    `notebooks` is what was found in each, `gradings` all that were recorded, `current` those of them
    that are of the notebooks that are there now.
    """

    notebooks: dict[str, GradedNotebook]
    gradings: list[Grading]
    current: list[Grading]

    @property
    def told(self) -> list[str]:
        """What the gradings told a human of the submission."""
        return list(dict.fromkeys(text for one in self.current for text in one.human))

    @property
    def tampering(self) -> list[str]:
        """What they saw that looks like tampering."""
        return list(dict.fromkeys(text for one in self.current for text in one.tampering))


@dataclass
class _Given:
    """The digests of answers that the course itself gave, by place: as released, and solved."""

    released: dict[Place, str]
    solutions: dict[Place, str]


def collect(course: Course, assignment: str) -> ClassReport:
    """All that is known of an assignment now; CourseError if the gradebook does not have it."""
    with GradebookConnection(course) as gradebook:
        notebooks = gradebook.assignment(assignment)
        marks = gradebook.query(lambda book: read_marks(book, assignment))
        listed = gradebook.students()
    came_in = course.students(assignment)
    report = ClassReport(
        assignment,
        course.coursedir.course_id,
        datetime.now(UTC).replace(tzinfo=None),
        marks.due,
        sum(one.max_score for one in notebooks.values()),
    )
    graded = GradedNotebooks(course, assignment)
    gradings = record.read(course, assignment)
    status = status_by_folder(course, assignment, list(notebooks))
    known = {}
    for id in sorted({*(one.id for one in listed), *came_in}):
        name = id if is_text(id) else shown(id)
        student = Student(name, marks.names.get(id, ""))
        entry = marks.entries.get(id)
        student.status = status(id) or _status(entry)
        known[name] = _known(graded, id, list(notebooks), gradings.get(name, []))
        _enter_marks(student, entry)
        _enter_known(student, known[name])
        student.reasons = _reasons(student, entry, known[name])
        report.students.append(student)
        report.recorded += student.counts and bool(known[name].current)
    report.tests = _tests(notebooks, report.graded)
    report.misunderstood = _misunderstood(report.graded, graded)
    report.errors = _shared_errors(report.graded)
    report.alike, report.short_alike = _alike(
        report.graded, known, graded, _given(course, assignment, notebooks)
    )
    comparison = class_list.compare(listed, came_in)
    comparison.missing = {}  # each is told as a student who handed in nothing
    report.class_notes = [
        *_sentences(class_list.text(comparison)),
        *misfiled.outside(course, assignment, list(notebooks)),
    ]
    return report


def _sentences(lines: Iterable[str]) -> list[str]:
    """Lines as sentences; one that is set in belongs to the one before it."""
    found: list[str] = []
    for line in filter(None, lines):
        if line.startswith(" ") and found:
            found[-1] += f": {line.strip()}"
        else:
            found.append(line.strip())
    return found


def _status(entry: GradebookEntry | None) -> Status:
    """What the gradebook says of a submission's state."""
    if entry is None:
        return Status.NOT_HANDED_IN
    return Status.NEEDS_MANUAL_GRADE if entry.waiting else Status.GRADED


def _known(
    graded: GradedNotebooks, student: str, names: Iterable[str], gradings: list[Grading]
) -> _Known:
    """What is known of a student's notebooks: the last record of each if it is of the notebook that
    is there, and otherwise what that notebook shows."""
    found, current = {}, []
    for name in names:
        last = next((one for one in reversed(gradings) if name in one.notebooks), None)
        if last is not None:
            seen = last.notebooks[name]
            if not seen.graded or graded.is_recorded(student, name, seen):
                found[name] = seen
                current.append(last)
                continue
        shown_now = graded.observed(student, name)
        if shown_now is not None:
            found[name] = shown_now
    if gradings and (current or not found):
        current.append(gradings[-1])
    return _Known(found, gradings, [one for one in gradings if one in current])


def _enter_marks(student: Student, entry: GradebookEntry | None) -> None:
    """Enter what the gradebook says of a submission."""
    if entry is None:
        return
    student.hours_late = entry.hours_late
    if student.counts:
        student.score, student.penalty = entry.score, entry.penalty
        student.points = dict(entry.points)


def _enter_known(student: Student, known: _Known) -> None:
    """Enter what was found in a student's notebooks, and what was told of them."""
    for notebook, seen in known.notebooks.items():
        student.findings += [
            FoundInCell(notebook, cell, one.name, one.text, one.means, one.advice)
            for cell, found in seen.findings.items()
            for one in found
        ]
        student.errors |= {(notebook, cell): error for cell, error in seen.errors.items()}
    student.tampering, student.sentences = known.tampering, known.told
    student.attempts = _attempts(known.gradings)


def _attempts(gradings: Iterable[Grading]) -> list[Attempt]:
    """What was known after each grading; one of some notebooks leaves the others as they were."""
    attempts = []
    points: dict[Place, float | None] = {}
    answers: dict[Place, str] = {}
    for grading in gradings:
        now = {*grading.notebooks, *grading.missing}
        points = {place: value for place, value in points.items() if place[0] not in now}
        answers = {place: value for place, value in answers.items() if place[0] not in now}
        for name, one in grading.notebooks.items():
            points |= {(name, cell): value for cell, value in one.points.items()}
            answers |= {(name, cell): answer.digest for cell, answer in one.answers.items()}
        attempts.append(Attempt(grading.graded, grading.handed_in, points, answers))
    return attempts


def _reasons(student: Student, entry: GradebookEntry | None, known: _Known) -> list[Reason]:
    """Why a human should look at a submission; adds to its sentences what none of them says."""
    if student.status is Status.NOT_HANDED_IN:
        return [Reason.NOT_HANDED_IN]
    waiting = entry.waiting if entry is not None and student.counts else []
    events = [
        (name, event)
        for name, one in known.notebooks.items()
        for event in one.events
        # What a human has decided since is no reason any more, nor what the others say of it.
        if REASONS.get(event.kind) is not Reason.MANUAL or (name, event.cell) in waiting
    ]
    found = {REASONS.get(event.kind, Reason.OTHER) for _, event in events}
    others = bool(student.sentences)
    student.sentences += _event_sentences(events)
    if student.tampering:
        found.add(Reason.TAMPERING)
    if any(one.missing for one in known.current[-1:]):
        found.add(Reason.NOTEBOOK_MISSING)
    if student.status is Status.NOT_GRADED:
        found.add(Reason.NOT_GRADED)
        if not student.sentences or any(one.status == GRADED for one in known.current):
            student.sentences.append(NOT_YET if entry is None else ANEW)
    if waiting:
        found.add(Reason.MANUAL)
        told = {(name, event.cell) for name, event in events if event.kind == "human"}
        student.sentences += [WAITS.format(*place) for place in waiting if place not in told]
    if others and not found & {Reason.NOT_GRADED, Reason.NOTEBOOK_MISSING}:
        found.add(Reason.OTHER)
    return [one for one in Reason if one in found]


def _event_sentences(events: Iterable[tuple[str, RecordedEvent]]) -> list[str]:
    """Events as sentences, each with its notebook and the names of its cells, as a run tells them."""
    places: dict[tuple[str, str, str], list[str]] = {}
    for notebook, event in events:
        text = " ".join(event.text.split())
        places.setdefault((notebook, event.kind, text), []).append(event.cell)
    return [
        ": ".join(filter(None, (notebook, ", ".join(dict.fromkeys(cells)), kind, text)))
        for (notebook, kind, text), cells in places.items()
    ]


def _tests(notebooks: Mapping[str, RecordedNotebook], students: list[Student]) -> list[Test]:
    """The cells with points, each with the scores of who was graded."""
    return [
        Test(
            name,
            cell.name,
            cell.points,
            tuple(one.points.get((name, cell.name)) for one in students),
        )
        for name, notebook in notebooks.items()
        for cell in notebook.cells.values()
        if cell.points  # one that is worth nothing has 0 points whether it fails or not
    ]


def _misunderstood(students: list[Student], graded: GradedNotebooks) -> list[Misunderstanding]:
    """What tests found by name, what most share first; a student counts once for each name."""
    sharing: dict[str, list[Student]] = {}
    for student in students:
        for name in student.finding_names:
            sharing.setdefault(name, []).append(student)
    found: list[Misunderstanding] = []
    room = MAX_PICTURES
    for name, those in sorted(sharing.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        # Whoever has the fewest other findings shows this one most clearly.
        clearest = sorted(those, key=lambda one: (len(one.finding_names), one.id))
        told = [cell for one in those for cell in one.findings if cell.name == name]
        example = _example(clearest[:EXAMPLES_TRIED], name, graded) if room > 0 else None
        room -= len(example.picture) + len(example.image) if example else 0
        found.append(
            Misunderstanding(
                name,
                tuple(one.id for one in those),
                _most_frequent(one.means for one in told),
                _most_frequent(one.advice for one in told),
                tuple(dict.fromkeys((one.notebook, one.cell) for one in told)),
                example,
            )
        )
    return found


def _most_frequent(texts: Iterable[str]) -> str:
    """The text that comes most often, "" if none says anything."""
    ranked = Counter(text for text in texts if text).most_common(1)
    return ranked[0][0] if ranked else ""


def _example(students: list[Student], name: str, graded: GradedNotebooks) -> Example | None:
    """How a finding shows in the notebook of one of the students, with a picture if one has it."""
    found = None
    for student in students:
        cell = next(one for one in student.findings if one.name == name)
        shown_there = graded.finding(student.id, cell.notebook, name)
        if shown_there is not None and (shown_there.picture or shown_there.image):
            return shown_there
        found = found or shown_there or Example(student.id, cell.notebook, cell.cell, cell.text)
    return found


def _shared_errors(students: list[Student]) -> list[SharedError]:
    """The errors in which a test ended for several students without a name, the most frequent first."""
    sharing: dict[tuple[Place, str], list[str]] = {}
    for student in students:
        for place, error in student.errors.items():
            sharing.setdefault((place, error), []).append(student.id)
    found = [
        SharedError(*place, error, tuple(those))
        for (place, error), those in sharing.items()
        if len(those) >= SHARED
    ]
    return sorted(found, key=lambda one: (-len(one.students), one.notebook, one.cell, one.error))


def _given(course: Course, assignment: str, notebooks: Mapping[str, RecordedNotebook]) -> _Given:
    """The answers of the release and of the solution, by place."""
    given = _Given({}, {})
    for name, notebook in notebooks.items():
        for cell in notebook.cells.values():
            if cell.solution:
                of = of_code if cell.kind == "code" else of_words
                given.released[name, cell.name] = of(cell.source).digest
        for cell_name, answer in solutions(course, assignment, name).items():
            given.solutions[name, cell_name] = answer.digest
    return given


def _alike(
    students: list[Student],
    known: Mapping[str, _Known],
    graded: GradedNotebooks,
    given: _Given,
) -> tuple[list[AlikeAnswers], int]:
    """Groups of answers that are the same but for names and spaces, the largest answers first; and
    how many more groups there are of answers that are too short to say anything."""
    answers: dict[Place, dict[str, tuple[Answer, list[str]]]] = {}
    for student in students:
        for name, one in known[student.id].notebooks.items():
            for cell, answer in one.answers.items():
                if answer.digest != given.released.get((name, cell)):
                    of_cell = answers.setdefault((name, cell), {})
                    of_cell.setdefault(answer.digest, (answer, []))[1].append(student.id)
    groups: dict[tuple[str, tuple[str, ...]], list[tuple[str, Answer]]] = {}
    for (name, cell), of_cell in answers.items():
        for answer, those in of_cell.values():
            if len(those) >= SHARED:
                groups.setdefault((name, tuple(those)), []).append((cell, answer))
    found, short = [], 0
    for (name, group), shared in groups.items():
        if sum(answer.size for _, answer in shared) < MIN_SIZE:
            short += 1
            continue
        cell, largest = max(shared, key=lambda pair: pair[1].size)
        found.append(
            AlikeAnswers(
                name,
                tuple(cell for cell, _ in shared),
                sum(answer.size for _, answer in shared),
                sum(len(one) for _, one in answers[name, cell].values()),
                group,
                given.solutions.get((name, cell)) == largest.digest,
            )
        )
    found.sort(key=lambda one: (-one.size, one.students))
    with_code = [
        replace(one, example=graded.answer(one.students[0], one.notebook, one.cells[0]))
        for one in found[:MAX_CODES]
    ]
    return with_code + found[MAX_CODES:], short
