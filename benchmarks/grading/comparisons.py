"""The parts that compare with stock nbgrader: the lesson, an ordinary class, small notebooks."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence

from .courses import Assignment, differences
from .figures import Aim, Line, Verdict, line, number, spread, table
from .floor import Floor, floor
from .lesson_class import MIX, lesson, members, stock_sample
from .ordinary_class import ordinary, small
from .part import Findings, Graded, Settings, grade, noise
from .processes import MeasurementError

LESSON_AIMS = {100: 70.0, 400: 100.0}  # times stock, for classes of at least this size
ORDINARY_AIM, SMALL_AIM = 15.0, 5.0  # times stock
FLOOR_AIM = 1.7  # times the floor
FEW = 2  # submissions in the smaller of the two samples that stock is measured on
HEAD = ("what", "s, all", "s each", "stock, s each", "times stock", "aim", "")


def compare_lesson(settings: Settings) -> Findings:
    """Grade the lesson's classes in full by proctor, and a sample by stock; run the answers' cells
    plainly."""
    assignment = lesson(settings.scratch / "lesson", max(settings.sizes))
    students = list(assignment.handed_in)
    sample, few = stock_sample(students, settings.stock_sample, FEW)
    findings, lines = Findings(), list[Line]()
    stock: list[Graded] = []
    proctor: dict[int, list[Graded]] = {size: [] for size in settings.sizes}
    for run in range(settings.runs):
        pair = [grade(assignment, "stock", settings, some) for some in (few, sample)]
        seconds = [one.finished.seconds for one in pair]
        lines.append(line(len(few), seconds[0], len(sample), seconds[1]))
        stock += pair
        for size in settings.sizes:
            if run < settings.runs_of(size):
                try:
                    proctor[size].append(grade(assignment, "proctor", settings, students[:size]))
                except MeasurementError as error:  # the other sizes took long, and stand
                    findings.failed.append(f"{size} submissions: {error}")
    proctor = {size: graded for size, graded in proctor.items() if graded}
    if not proctor:
        raise MeasurementError(f"no class could be graded: {findings.failed[0]}")
    rows = []
    for size, graded in proctor.items():
        aim = max((times for least, times in LESSON_AIMS.items() if size >= least), default=None)
        stocks = [one.per_piece(size) for one in lines]
        verdict = times_stock(f"The lesson, {size} submissions", size, graded, stocks, aim)
        rows.append(row(f"{size} submissions", size, graded, stocks, verdict))
        findings.verdicts.append(verdict)
    every = [one for graded in proctor.values() for one in graded]
    findings.unlike += unlike(stock, every)
    kinds = Counter(MIX)
    findings.text += [
        f"Of 20 students {kinds['R']} hand in a right answer, {kinds['W']} a wrong one and "
        f"{kinds['U']} an unsolved notebook. Start-up and preparation are included. Stock was "
        f"measured on {len(few)} and on {len(sample)} submissions: one more takes it "
        f"{spread([one.each for one in lines])} s, and its start, which a class shares, "
        f"{spread([one.start for one in lines])} s.",
        table(HEAD, rows),
    ]
    costs = floor(member.source for member in members(max(settings.sizes)))
    add_floor(findings, costs, proctor, sample)
    findings.text.append(noise(one.finished for one in [*stock, *every]))
    return findings


def add_floor(
    findings: Findings, costs: Floor, proctor: dict[int, list[Graded]], sample: Sequence[str]
) -> None:
    """Add what the cells take by themselves, and how many times that the grader takes."""
    processors = os.cpu_count() or 1
    rows, means = [], {}
    for size, graded in proctor.items():
        means[size] = costs.mean(member.source for member in members(size))
        least = means[size] / processors
        aim = Aim(f"The lesson, {size} submissions, times the floor", FLOOR_AIM, "times")
        each = [one.finished.seconds / size for one in graded]
        verdict = Verdict(aim, tuple(seconds / least for seconds in each))
        findings.verdicts.append(verdict)
        rows.append(
            (
                f"{size} submissions",
                number(means[size]),
                number(least),
                spread(each),
                processor_seconds(size, graded),
                spread(verdict.values),
                aim.words(),
                verdict.words(),
            )
        )
    largest = max(proctor)
    sources = {member.student: member.source for member in members(largest)}
    besides = costs.mean(sources[student] for student in sample) - means[largest]
    findings.text += [
        "The floor: the cells from the answer on that the grader is told to run, run plainly in "
        "one warm process; the mean over the same class, in seconds of processor time. (All cells "
        f"from the answer on: {number(costs.every)} s.) Divided by {processors} processors, it is "
        "what a grader would take that does nothing else. "
        f"The answers that stock was measured on take {number(besides)} s more than the class's.",
        table(
            (
                "what",
                "floor, CPU s each",
                f"floor / {processors}",
                "proctor, s each",
                "proctor, CPU s each",
                "times the floor",
                "aim",
                "",
            ),
            rows,
        ),
    ]


def processor_seconds(size: int, graded: Sequence[Graded]) -> str:
    """The processor time of a submission, for a table."""
    if not all(one.finished.counts_all for one in graded):
        return "not counted"
    return spread([one.finished.cpu / size for one in graded])


def compare_ordinary(settings: Settings) -> Findings:
    """Grade a class with an ordinary notebook in full, by both."""
    assignment = ordinary(settings.scratch / "ordinary", settings.pieces)
    text = (
        f"{settings.pieces} students, one notebook of eight exercises with lists, dictionaries "
        "and numpy, without torch; a fifth of the answers is wrong. Both graded all."
    )
    return compare_in_full(settings, assignment, text, "An ordinary class", ORDINARY_AIM)


def compare_small(settings: Settings) -> Findings:
    """Grade one student's many small notebooks in full, by both."""
    assignment = small(settings.scratch / "small", settings.pieces)
    text = (
        f"One student, {settings.pieces} notebooks of two such exercises each. Both graded all; "
        "the figures are of a notebook."
    )
    return compare_in_full(settings, assignment, text, "Small notebooks", SMALL_AIM)


def compare_in_full(
    settings: Settings, assignment: Assignment, text: str, what: str, times: float
) -> Findings:
    """Grade an assignment in full by both, and compare."""
    proctor, stock = [], []
    for run in range(settings.runs):
        if run < settings.stock_runs:
            stock.append(grade(assignment, "stock", settings))
        proctor.append(grade(assignment, "proctor", settings))
    stocks = [one.finished.seconds / settings.pieces for one in stock]
    verdict = times_stock(what, settings.pieces, proctor, stocks, times)
    return Findings(
        [
            text,
            table(HEAD, [row(what, settings.pieces, proctor, stocks, verdict)]),
            noise(one.finished for one in [*stock, *proctor]),
        ],
        [verdict],
        unlike(stock, proctor),
    )


def times_stock(
    what: str, size: int, proctor: Sequence[Graded], stocks: Sequence[float], times: float | None
) -> Verdict:
    """How many times as fast as stock proctor is in each run, beside the aim.

    `stocks` are stock's seconds of a submission by run; the last holds for the runs after it.
    """
    values = tuple(
        stocks[min(run, len(stocks) - 1)] / (one.finished.seconds / size)
        for run, one in enumerate(proctor)
    )
    return Verdict(Aim(what, times or 0.0, "times stock", least=True), values)


def row(
    what: str, size: int, proctor: Sequence[Graded], stocks: Sequence[float], verdict: Verdict
) -> tuple[str, ...]:
    """A row of the table of comparisons."""
    seconds = [one.finished.seconds for one in proctor]
    return (
        what,
        spread(seconds),
        spread([one / size for one in seconds]),
        spread(stocks),
        spread(verdict.values),
        *((verdict.aim.words(), verdict.words()) if verdict.aim.limit else ("–", "")),
    )


def unlike(stock: Sequence[Graded], proctor: Sequence[Graded]) -> list[str]:
    """In words, each cell that has not the points it must have, and each that stock and proctor
    give other points."""

    def found() -> Iterator[str]:
        for one in [*stock, *proctor]:
            yield from one.unlike
        for theirs in stock:
            whose = {student for student, _, _ in theirs.points}
            for ours in proctor:
                shared = {cell: given for cell, given in ours.points.items() if cell[0] in whose}
                if {cell[0] for cell in shared} == whose:  # not a smaller class than the sample
                    yield from differences(shared, theirs.points, "proctor gives", "stock")

    return list(dict.fromkeys(found()))
