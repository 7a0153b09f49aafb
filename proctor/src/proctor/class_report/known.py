"""What is known of a class, as plain data: the report in each of its forms shows this and no more."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from statistics import fmean, median

from proctor.export.marks import Status
from proctor.gradebook.records import Place

EVERY_POINT = 20  # up to this maximum each whole number of points has a bar of its own
BARS = 10


class Reason(StrEnum):
    """Why a human should look at a submission, the most urgent first."""

    TAMPERING = "looks like tampering"
    NOT_GRADED = "handed in, not graded"
    CRASHED = "crashed"
    TIMED_OUT = "timed out"
    LIMIT = "stopped at a limit"
    MANUAL = "waits for a decision"
    NOTEBOOK_MISSING = "a notebook is missing"
    OTHER = "something else was noticed"
    NOT_HANDED_IN = "not handed in"


@dataclass(frozen=True)
class Test:
    """A cell with points: a test, an answer that is graded by hand, or a task.

    `scores` are those of the submissions that count, None where it waits for a human.
    """

    notebook: str
    name: str
    max_score: float
    scores: tuple[float | None, ...] = ()

    @property
    def full(self) -> int:
        """How many have all its points."""
        return sum(one is not None and one >= self.max_score for one in self.scores)

    @property
    def none(self) -> int:
        """How many have no point."""
        return sum(one is not None and one <= 0 < self.max_score for one in self.scores)

    @property
    def waiting(self) -> int:
        """How many wait for a human."""
        return sum(one is None for one in self.scores)

    @property
    def part(self) -> int:
        """How many have some of its points."""
        return len(self.scores) - self.full - self.none - self.waiting

    @property
    def pass_rate(self) -> float | None:
        """The share of those who have all its points, of all who do not wait; None if nobody is left."""
        decided = len(self.scores) - self.waiting
        return self.full / decided if decided else None


@dataclass(frozen=True)
class FoundInCell:
    """What a test found in one student's answer; what it means of any, and what could be done."""

    notebook: str
    cell: str
    name: str
    text: str = ""
    means: str = ""
    advice: str = ""


@dataclass(frozen=True)
class Attempt:
    """What was known when a submission had been graded: automatic points and answers by place."""

    graded: str
    handed_in: str | None
    points: dict[Place, float | None]
    answers: dict[Place, str]

    @property
    def total(self) -> float:
        """All automatic points."""
        return sum(filter(None, self.points.values()))


@dataclass
class Student:
    """What is known of one student.

    `score` are the points after the late `penalty`, None unless the submission was graded; `points`
    are None where a cell waits for a human. `hours_late` counts from the due
    date with the student's extension; `points` and the like are by place. `reasons` say why a human should look, `tampering` what was seen
    that looks like it, `sentences` what else was told; `attempts` are the gradings that were recorded, the last one last.
    """

    id: str
    name: str = ""
    status: Status = Status.NOT_HANDED_IN
    score: float | None = None
    penalty: float = 0.0
    hours_late: float = 0.0
    points: dict[Place, float | None] = field(default_factory=dict)
    findings: list[FoundInCell] = field(default_factory=list)
    errors: dict[Place, str] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    tampering: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def counts(self) -> bool:
        """Whether the submission was graded, so that its points are in the class's numbers."""
        return self.status in (Status.GRADED, Status.NEEDS_MANUAL_GRADE)

    @property
    def finding_names(self) -> list[str]:
        """The names of what was found, each once."""
        return list(dict.fromkeys(one.name for one in self.findings))


@dataclass(frozen=True)
class Example:
    """One student's answer of those who share something.

    `picture` is harmless HTML, `image` the data: address of a picture, `code` the answer itself.
    """

    student: str
    notebook: str
    cell: str
    text: str = ""
    picture: str = ""
    image: str = ""
    code: str = ""


@dataclass(frozen=True)
class Misunderstanding:
    """A name that tests gave to what they found, and who shares it."""

    name: str
    students: tuple[str, ...]
    means: str = ""
    advice: str = ""
    cells: tuple[Place, ...] = ()
    example: Example | None = None


@dataclass(frozen=True)
class SharedError:
    """An error in which a test ended for several students, without a name for its reason."""

    notebook: str
    cell: str
    error: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class AlikeAnswers:
    """Answers that are the same but for names, spaces and comments.

    `size` counts names, numbers and operations (words of a text); `of` is how many answers to the
    cell there are. `as_solution`: the course's own solution is the same, too.
    """

    notebook: str
    cells: tuple[str, ...]
    size: int
    of: int
    students: tuple[str, ...]
    as_solution: bool = False
    example: Example | None = None


@dataclass(frozen=True)
class Change:
    """What became of one student's automatic points from one grading to the next.

    `resubmitted`: other work was graded, by its time or by its answers.
    """

    student: str
    before: float
    after: float
    resubmitted: bool
    cells: tuple[str, ...] = ()


@dataclass
class ClassReport:
    """All that is known of an assignment's class.

    `short_alike` groups of alike answers are too short to say anything. `recorded` is how many of
    the graded submissions have a record of their grading; of the others the gradebook and the
    graded notebooks tell. `class_notes` are sentences about the class list and about what lies
    where nothing is read.
    """

    assignment: str
    course: str = ""
    made: datetime | None = None
    due: datetime | None = None
    max_score: float = 0.0
    tests: list[Test] = field(default_factory=list)
    students: list[Student] = field(default_factory=list)
    misunderstood: list[Misunderstanding] = field(default_factory=list)
    errors: list[SharedError] = field(default_factory=list)
    alike: list[AlikeAnswers] = field(default_factory=list)
    short_alike: int = 0
    recorded: int = 0
    class_notes: list[str] = field(default_factory=list)

    @property
    def graded(self) -> list[Student]:
        """Who counts in the class's numbers."""
        return [one for one in self.students if one.counts]

    @property
    def scores(self) -> list[float]:
        """The scores of those."""
        return [one.score for one in self.graded if one.score is not None]

    @property
    def summary(self) -> dict[str, float]:
        """Mean, median, lowest and highest score; empty if nobody was graded."""
        scores = self.scores
        if not scores:
            return {}
        return {
            "mean": fmean(scores),
            "median": median(scores),
            "lowest": min(scores),
            "highest": max(scores),
        }

    @property
    def distribution(self) -> list[tuple[str, int]]:
        """How many have how many points, [(points in words, how many)]."""
        return distribution(self.scores, self.max_score)

    @property
    def advice(self) -> list[tuple[str, int, list[str]]]:
        """What could be done, [(advice, how many students it is for, what was found of them)]."""
        found: dict[str, list[Misunderstanding]] = {}
        for one in self.misunderstood:
            if one.advice:
                found.setdefault(one.advice, []).append(one)
        rows = [
            (text, len({id for one in those for id in one.students}), [one.name for one in those])
            for text, those in found.items()
        ]
        return sorted(rows, key=lambda row: (-row[1], row[0]))

    @property
    def by_reason(self) -> list[tuple[Reason, list[Student]]]:
        """Who needs a human, by reason, the most urgent reason first."""
        found = [(one, [s for s in self.students if one in s.reasons]) for one in Reason]
        return [(reason, students) for reason, students in found if students]

    @property
    def late(self) -> list[Student]:
        """Who handed in late or has a penalty, the latest first."""
        late = [one for one in self.students if one.hours_late > 0 or one.penalty]
        return sorted(late, key=lambda one: (-one.hours_late, one.id))

    @property
    def changes(self) -> list[Change]:
        """Who was graded more than once, and what the last time changed.

        Who could not be graded both times is not among them.
        """
        return [
            _change(one)
            for one in self.students
            if len(one.attempts) > 1 and any(attempt.points for attempt in one.attempts[-2:])
        ]


def distribution(scores: Sequence[float], max_score: float) -> list[tuple[str, int]]:
    """How many scores there are in each of some ranges from 0 to the maximum; all are counted.

    A maximum of up to EVERY_POINT whole points, and only whole scores: each number of points.
    Otherwise BARS ranges of one size, the upper end of the last one included.
    """
    top = max([max_score, *scores])
    if top <= 0:
        return [("0", len(scores))] if scores else []
    if top <= EVERY_POINT and all(float(one).is_integer() for one in [top, *scores]):
        counts = Counter(int(one) for one in scores)
        return [(str(points), counts[points]) for points in range(int(top) + 1)]
    edges = [top * number / BARS for number in range(BARS + 1)]
    counts = Counter(min(int(one * BARS / top + 1e-9), BARS - 1) for one in scores)
    words = [
        f"{_number(low)} to {_number(high)}" for low, high in zip(edges, edges[1:], strict=False)
    ]
    return [(text, counts[number]) for number, text in enumerate(words)]


def _change(student: Student) -> Change:
    """What the last grading of a student changed."""
    before, after = student.attempts[-2:]
    places = {*before.points, *after.points}
    changed = sorted(
        place for place in places if before.points.get(place) != after.points.get(place)
    )
    return Change(
        student.id,
        before.total,
        after.total,
        (before.handed_in, before.answers) != (after.handed_in, after.answers),
        tuple(cell for _, cell in changed),
    )


def percent(part: int, whole: int) -> str:
    """A share in words: "29 %"."""
    return f"{100 * part / whole:.0f} %" if whole else "–"


def _number(points: float) -> str:
    """Points as a person writes them: at most two decimals."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def number(points: float | None) -> str:
    """Points for a person, a dash where there are none."""
    return "–" if points is None else _number(points)


def some(names: Iterable[str], most: int) -> tuple[list[str], int]:
    """The first names, and how many more there are."""
    listed = list(names)
    return listed[:most], max(0, len(listed) - most)
