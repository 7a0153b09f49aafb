"""Classes for the report, made of nothing but data; every text in them can be chosen."""

from collections.abc import Callable
from datetime import datetime

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
from proctor.export.marks import Status

Text = Callable[[str], str]
PICTURE = "<b>2 + 2</b>"
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"  # 1 pixel


def made_class(text: Text = str, students: int = 30) -> ClassReport:
    """A class with everything that a report can hold; `text` makes each word that others choose."""
    tests = ("adds", "divides")
    people = [_student(number, tests, text) for number in range(students)]
    graded = [one for one in people if one.counts]
    ids = tuple(one.id for one in graded)
    examples = (
        Example(ids[0], text("sums"), text("adds"), text("It adds."), PICTURE),
        Example(ids[0], text("sums"), text("adds"), text("It adds."), image=PIXEL),
        None,
    )
    found = [
        Misunderstanding(
            text(name),
            ids[:count],
            text(f"means {name}"),
            text("Show it again."),
            ((text("sums"), text("adds")),),
            example,
        )
        for name, count, example in zip(
            ("added", "turned", "rare"), (14, 2, 1), examples, strict=True
        )
    ]
    alike = Example(ids[0], text("sums"), text("mean"), code=text("def mean(x):\n    return x"))
    return ClassReport(
        text("ps1"),
        text("lab"),
        datetime(2026, 1, 5, 12),
        datetime(2026, 1, 2, 12),
        4.0,
        [
            Test(
                text("sums"),
                text(name),
                2.0,
                tuple(one.points[text("sums"), text(name)] for one in graded),
            )
            for name in tests
        ],
        people,
        found,
        [SharedError(text("sums"), text("adds"), text("ValueError: no"), ids[:2])],
        [AlikeAnswers(text("sums"), (text("mean"),), 55, 20, ids[:3], True, alike)],
        1,
        20,
        [text("Somebody is not in the list.")],
    )


def _student(number: int, tests: tuple[str, ...], text: Text) -> Student:
    """One student; every fifth was not graded, every seventh is late."""
    points: dict[tuple[str, str], float | None] = {
        (text("sums"), text(name)): float((number + place) % 3) for place, name in enumerate(tests)
    }
    reasons = [list(Reason)[number % len(Reason)]] if number % 3 == 0 else []
    one = Student(text(f"s{number:03}"), text("Ada Lovelace"), Status.NOT_GRADED, reasons=reasons)
    one.sentences = [text("It said something.")] * bool(reasons)
    one.tampering = [text("It ends the grader.")] * (Reason.TAMPERING in reasons)
    if number % 5 == 4:
        return one
    one.status, one.points, one.score = Status.GRADED, points, sum(filter(None, points.values()))
    one.findings = [FoundInCell(text("sums"), text("adds"), text("added"), text("It adds."))]
    one.errors = {(text("sums"), text("divides")): text("ValueError: no")}
    if number % 7 == 0:
        one.hours_late, one.penalty = number + 1.5, 0.5
    lower: dict[tuple[str, str], float | None] = {place: 0.0 for place in points}
    one.attempts = [Attempt("", None, lower, {}), Attempt("", None, dict(points), {})]
    return one
