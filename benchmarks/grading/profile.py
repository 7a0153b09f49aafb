"""The parts that say where a grading's processor time goes, and how much memory it has at once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from statistics import median

from .figures import Aim, Verdict, number, spread, table
from .lesson_class import lesson
from .part import Findings, Graded, Settings, grade, noise
from .process_tree import MAIN, STAGES, UNKNOWN
from .processes import Finished, MeasurementError

STAGE_PAUSE, MEMORY_PAUSE = 0.05, 0.25  # seconds between two looks at the processes
MOST_MEMORY = 1.2  # GB
CONSTANT = 1.1  # times the smallest class's memory, which noise alone may give a larger one
UNCOUNTED = "ended unseen (mostly containers)"
SUM, CLOCK, WAITING = "all processes, CPU", "clock", "waiting"
ORDER = [MAIN, *(name for names in STAGES.values() for name in names), UNKNOWN, UNCOUNTED]


def stages(settings: Settings) -> Findings:
    """Grade a small class without and with a preparation, and a larger one with it, and tell apart
    where the processor time went."""
    few, many = settings.stage_sizes
    assignment = lesson(settings.scratch / "lesson", many)
    students, kept = list(assignment.handed_in), settings.scratch / "prepared"
    every: list[Graded] = []
    columns = []
    for _ in range(settings.runs):
        shutil.rmtree(kept, ignore_errors=True)  # the first of the three leaves one for the others
        three = [
            grade(
                assignment,
                "proctor",
                settings,
                students[:size],
                prepared=kept,
                pause=STAGE_PAUSE,
            )
            for size in (few, few, many)
        ]
        every += three
        fresh, small, large = (stage_seconds(one.finished, processors()) for one in three)
        columns.append(split(fresh, small, large, few, many))
    head = ("stage", "preparation, once", "start", "each submission")
    findings = Findings(unlike=[text for one in every for text in one.unlike])
    findings.text += [
        f"Seconds of processor time of the lesson's class. What a submission takes is the "
        f"difference between {many} and {few} submissions, divided by {many - few}; the start is "
        f"the rest of {few}; the preparation is what {few} took longer when nothing was kept of an "
        "earlier grading. Waiting is the time by the clock times the "
        f"{processors()} processors, less what was used. {how_counted(every)}",
        table(head, stage_rows(columns)),
        noise(one.finished for one in every),
    ]
    return findings


def processors() -> int:
    """How many processors there are."""
    return os.cpu_count() or 1


def stage_seconds(finished: Finished, processors: int) -> dict[str, float]:
    """A command's seconds by role, and in all; MeasurementError if it was not watched."""
    if finished.watched is None:
        raise MeasurementError("nobody looked at the processes")
    shares = dict(finished.watched.shares)
    if finished.counts_all:
        shares[UNCOUNTED] = max(0.0, finished.cpu - sum(shares.values()))
    cpu = sum(shares.values())
    rest = processors * finished.seconds - cpu
    return shares | {SUM: cpu, CLOCK: finished.seconds, WAITING: rest}


Column = dict[str, tuple[float, float, float]]  # by stage: preparation, start, each submission


def split(
    fresh: Mapping[str, float],
    small: Mapping[str, float],
    large: Mapping[str, float],
    few: int,
    many: int,
) -> Column:
    """The seconds of each stage for the preparation, the start, and each submission.

    They come of three gradings: of `few` submissions with nothing prepared, of `few` and of `many`
    with the preparation kept.
    """
    found = {}
    for stage in {**fresh, **small, **large}:
        unprepared, prepared, more = (one.get(stage, 0.0) for one in (fresh, small, large))
        each = (more - prepared) / (many - few)
        found[stage] = unprepared - prepared, prepared - few * each, each
    return found


def stage_rows(columns: Sequence[Column]) -> list[tuple[str, ...]]:
    """The table's rows: medians over the runs; for the sums the least and the most as well."""
    known = {stage for column in columns for stage in column}
    rows = []
    for stage in ORDER:
        if stage in known:
            values = zip(*(column.get(stage, (0.0, 0.0, 0.0)) for column in columns), strict=True)
            rows.append((stage, *(number(median(value)) for value in values)))
    for stage in (SUM, CLOCK, WAITING):
        values = zip(*(column[stage] for column in columns), strict=True)
        rows.append((f"**{stage}**", *(spread(value) for value in values)))
    return rows


def how_counted(every: Sequence[Graded]) -> str:
    """What the processes' times are from, and what they leave out."""
    if all(one.finished.counts_all for one in every):
        return (
            "The system counts the sum, for all processes. What ended between two looks, "
            f"{STAGE_PAUSE:g} s apart, and was waited for by nobody is the row before it."
        )
    return (
        "Not counted: processes that no parent waited for and that ended between two looks, "
        f"{STAGE_PAUSE:g} s apart (containers; this account may not make a cgroup to count them)."
    )


def memory(settings: Settings) -> Findings:
    """Grade classes of several sizes, and look how much memory all processes have together."""
    sizes = settings.memory_sizes
    assignment = lesson(settings.scratch / "lesson", max(sizes))
    students = list(assignment.handed_in)
    findings = Findings()
    graded = [
        grade(
            assignment,
            "proctor",
            settings,
            students[:size],
            pause=MEMORY_PAUSE,
            memory=True,
        )
        for size in sizes
    ]
    peaks = [one.finished.watched.peak / 1e9 for one in graded if one.finished.watched]
    counts = [one.finished.watched.processes for one in graded if one.finished.watched]
    rows = []
    for size, peak, count in zip(sizes, peaks, counts, strict=True):
        aim = Aim(f"Memory, {size} submissions", MOST_MEMORY, "GB")
        verdict = Verdict(aim, (peak,))
        findings.verdicts.append(verdict)
        rows.append((f"{size} submissions", number(peak), str(count), aim.words(), verdict.words()))
    growth = Aim(
        f"Memory, {sizes[-1]} submissions against {sizes[0]}", CONSTANT, "times (constant)"
    )
    findings.verdicts.append(Verdict(growth, (peaks[-1] / peaks[0],)))
    findings.unlike += [text for one in graded for text in one.unlike]
    findings.text += [
        "The most that all processes had together, what they share counted once (PSS), in GB; "
        f"once for each size, looked at every {MEMORY_PAUSE:g} s. "
        f"{findings.verdicts[-1].sentence()}",
        table(("what", "GB", "processes then", "aim", ""), rows),
        noise(one.finished for one in graded),
    ]
    return findings
