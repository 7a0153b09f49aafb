"""What a grading run records of each submission, so that it can be told of at any time afterwards.

`.proctor/ASSIGNMENT/gradings.jsonl` in the course directory, for nobody but the instructor: a line
of JSON for each submission, written when its marks are in the gradebook. So a run that was stopped
has recorded what it graded. Of a student's lines the last one counts, the earlier ones are earlier
attempts, of which ATTEMPTS_KEPT are kept. A line that was not written to its end is ignored.

The gradebook stays the truth for points, penalties and whatever a human entered.
"""

import contextlib
import fcntl
import json
import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader import utils

from proctor import findings
from proctor.answers import Answer, answer_of
from proctor.course import Course
from proctor.examiner.results import Event
from proctor.gradebook.scores import NotebookMarks, SubmissionMarks, is_unchanged
from proctor.preparation.store import assignment_folder
from proctor.report import GRADED, Row, Status, cell_name, cell_of
from proctor.sanitize.text import shortened, terminal_text

FILE, LOCK = "gradings.jsonl", "gradings.lock"
FORMAT = 1
ATTEMPTS_KEPT = 5  # of a student, the last one among them
TIDIED_BYTES = 2_000_000  # a file smaller than this is not tidied
MAX_SENTENCES = 60  # of each kind in one submission
MAX_TEXT = 600  # characters of a sentence
MAX_EVENTS = 200
MAX_ERROR = 200  # characters
MAX_FINDINGS = 20  # of one cell
MAX_HEAD = 200  # bytes


@dataclass(frozen=True)
class RecordedEvent:
    """Something that happened while a cell ran; the kinds are those of proctor's Event."""

    kind: str
    cell: str
    text: str


@dataclass(frozen=True)
class RecordedFinding:
    """What was found of an answer, without its picture, which stays in the notebook."""

    name: str
    text: str = ""
    means: str = ""
    advice: str = ""


@dataclass
class GradedNotebook:
    """What is recorded of one notebook that was handed in; `graded` is whether it could be graded.

    `points` are the automatic ones of each graded cell, None where a human decides; `findings` are
    by the cell that found them, `answers` by the cell that holds them; `errors` has the last line of
    the error in which a test ended that found nothing by name. `size` is how many bytes the
    graded notebook has, by which it is known again.
    """

    graded: bool = True
    points: dict[str, float | None] = field(default_factory=dict)
    events: list[RecordedEvent] = field(default_factory=list)
    findings: dict[str, list[RecordedFinding]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    size: int = 0


@dataclass
class Grading:
    """One submission as it was graded once.

    `graded` and `handed_in` are moments in UTC, as ISO 8601 writes them. `missing` are notebooks
    that were not handed in. The sentences are those of the run's report, but for what is told of
    the events in `notebooks`.
    """

    student: str
    graded: str = ""
    handed_in: str | None = None
    status: Status = GRADED
    notebooks: dict[str, GradedNotebook] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    human: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tampering: list[str] = field(default_factory=list)


def observed(notebook: NotebookNode) -> GradedNotebook:
    """What a graded notebook shows by itself, whoever graded it: findings and answers.

    Answers that are as they were released are none.
    """
    seen = GradedNotebook()
    for index, cell in enumerate(notebook.cells):
        name = cell_name(cell, index)
        if utils.is_solution(cell):
            if not is_unchanged(cell):
                seen.answers[name] = answer_of(cell)
        elif utils.is_grade(cell):
            told = findings.found(cell)[:MAX_FINDINGS]
            if told:
                seen.findings[name] = [_recorded_finding(one) for one in told]
            elif cell.cell_type == "code" and (error := _error(cell)):
                seen.errors[name] = error
    return seen


def _recorded_finding(found: findings.Finding) -> RecordedFinding:
    """A finding without its picture."""
    text, means = shortened(found.text, MAX_TEXT), shortened(found.means, MAX_TEXT)
    return RecordedFinding(found.name, text, means, shortened(found.advice, MAX_TEXT))


def _error(cell: NotebookNode) -> str:
    """The last line of the error in which a cell ended, as Python prints it; "" if it did not."""
    for output in cell.outputs:
        if output.output_type == "error":
            lines = terminal_text(output.evalue).strip().splitlines() or [""]
            return f"{output.ename}: {lines[-1].strip()}".removesuffix(": ")[:MAX_ERROR]
    return ""


def recorded_events(events: Sequence[Event], notebook: NotebookNode | None) -> list[RecordedEvent]:
    """The events of a notebook's run, each with the name of its cell."""
    return [
        RecordedEvent(event.kind, cell_of(event, notebook), shortened(event.text, MAX_TEXT))
        for event in events[:MAX_EVENTS]
    ]


def grading_of(
    row: Row,
    marks: SubmissionMarks | None = None,
    notebooks: dict[str, GradedNotebook] | None = None,
    of_events: Collection[str] = (),
) -> Grading:
    """What is recorded of a submission; without marks, of one that could not be read.

    Sentences `of_events` are left out, since the events themselves are in `notebooks`.
    """
    submitted: dict[str, NotebookMarks | None] = marks.notebooks if marks else {}
    seen, handed_in = dict(notebooks or {}), marks.timestamp if marks else None
    for name, points in submitted.items():
        one = seen.setdefault(name, GradedNotebook())
        one.graded = points is not None
    return Grading(
        row.student,
        datetime.now(UTC).isoformat(timespec="milliseconds"),
        handed_in.isoformat() if handed_in else None,
        row.status,
        seen,
        list(marks.missing) if marks else [],
        _sentences([one for one in row.human if one not in of_events]),
        _sentences(row.notes),
        _sentences(row.tampering),
    )


def _sentences(told: Sequence[str]) -> list[str]:
    """Sentences as they are kept: not too many, not too long."""
    return [shortened(one, MAX_TEXT) for one in told[:MAX_SENTENCES]]


def path_of(course: Course, assignment: str) -> Path:
    """Where an assignment's gradings are recorded."""
    return course.private / assignment / FILE


class Record:
    """Records the gradings of an assignment, one line each.

    What keeps a line from being written never keeps a submission from being graded: it is in
    `problem`, in words, and nothing more is written.
    """

    def __init__(self, course: Course, assignment: str) -> None:
        self.course, self.path, self.problem = course, path_of(course, assignment), ""

    def add(self, grading: Grading) -> None:
        """Write one line; how long that takes does not depend on how many there are."""
        if self.problem:
            return
        data = _without_defaults(asdict(grading))
        line = json.dumps(data, separators=(",", ":")).encode() + b"\n"
        try:
            if not self.path.parent.is_dir():
                assignment_folder(self.course, self.path.parent.name)
            with _locked(self.path), open(self.path, "ab+", opener=_private) as file:
                end = file.seek(0, os.SEEK_END)
                if end:
                    file.seek(end - 1)
                    line = line if file.read(1) == b"\n" else b"\n" + line
                else:
                    line = _head(0) + line
                file.write(line)
        except OSError as error:
            self.problem = (
                f"{self.path} cannot be written ({error.strerror}): what `proctor report` tells of "
                "this run is in the gradebook and the graded notebooks only."
            )

    def tidy(self) -> None:
        """Let go of attempts that are too old, if the file has doubled since that was done last.

        So it stays within a bound, and all the tidying of a term costs about as much as its writing.
        """
        with contextlib.suppress(OSError):
            if not self.path.exists() or self.path.stat().st_size < TIDIED_BYTES:
                return
            with _locked(self.path):
                size = self.path.stat().st_size
                with open(self.path, "rb") as file:
                    if size < 2 * max(_kept_bytes(file.readline(MAX_HEAD)), TIDIED_BYTES // 2):
                        return
                    file.seek(0)
                    kept = _newest(file.read().splitlines(keepends=True))
                fresh = self.path.with_name(f"{FILE}.{os.getpid()}")
                with open(fresh, "wb", opener=_private) as file:
                    file.write(_head(sum(map(len, kept))))
                    file.writelines(kept)
                os.replace(fresh, self.path)


def read(course: Course, assignment: str) -> dict[str, list[Grading]]:
    """The gradings of each student, the last one last; empty where nothing was recorded.

    At most ATTEMPTS_KEPT of a student. What cannot be read as a grading is ignored.
    """
    found: dict[str, list[Grading]] = {}
    try:
        lines = path_of(course, assignment).open("rb")
    except OSError:
        return found
    with lines:
        for line in lines:
            grading = _grading(line)
            if grading is not None:
                found.setdefault(grading.student, []).append(grading)
    return {student: gradings[-ATTEMPTS_KEPT:] for student, gradings in found.items()}


def _grading(line: bytes) -> Grading | None:
    """The grading in a line, None if it holds none."""
    try:
        data = json.loads(line)
        notebooks = {name: _notebook(one) for name, one in data.pop("notebooks", {}).items()}
        return Grading(**data, notebooks=notebooks)
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
    ):  # torn, the head, or somebody else's
        return None


def _notebook(data: dict[str, Any]) -> GradedNotebook:
    """A notebook's part of a line."""
    return GradedNotebook(
        data.get("graded", True),
        data.get("points", {}),
        [RecordedEvent(**one) for one in data.get("events", [])],
        {
            cell: [RecordedFinding(**one) for one in told]
            for cell, told in data.get("findings", {}).items()
        },
        data.get("errors", {}),
        {cell: Answer(**one) for cell, one in data.get("answers", {}).items()},
        data.get("size", 0),
    )


def _without_defaults(data: dict[str, Any]) -> dict[str, Any]:
    """The data without what is empty in it, which reading fills in; None and 0 say something."""
    return {
        name: _without_defaults(value) if isinstance(value, dict) else value
        for name, value in data.items()
        if value not in ({}, [], "")
    }


def _newest(lines: list[bytes]) -> list[bytes]:
    """The lines to be kept: of each student the last ATTEMPTS_KEPT, in their order."""
    count: Counter[str] = Counter()
    kept = []
    for line in reversed(lines):
        grading = _grading(line)
        if grading is None:
            continue
        count[grading.student] += 1
        if count[grading.student] <= ATTEMPTS_KEPT:
            kept.append(line)
    return kept[::-1]


def _head(size: int) -> bytes:
    """The file's first line: its format, and how many bytes were in it when it was tidied."""
    return json.dumps({"format": FORMAT, "tidied": size}).encode() + b"\n"


def _kept_bytes(line: bytes) -> int:
    """What the first line says of the file's size when it was tidied."""
    try:
        return int(json.loads(line)["tidied"])
    except (ValueError, KeyError, TypeError):
        return 0


def _private(path: str, flags: int) -> int:
    """Open a file that nobody else may read."""
    return os.open(path, flags, 0o600)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """While one program writes, another one waits: a grading and a waiting grader may be two."""
    with open(path.with_name(LOCK), "ab", opener=_private) as lock:
        with contextlib.suppress(OSError):  # some network file systems have no locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
