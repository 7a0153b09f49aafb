"""What the parts of the benchmark have in common: settings, findings, a class graded."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from .courses import PREPARED, Assignment, differences, points
from .figures import Verdict
from .processes import Finished, run

Grader = Literal["stock", "proctor"]


@dataclass(frozen=True)
class Settings:
    """What is asked of a measurement.

    `runs` is how often each is made, `sizes` are the lesson's classes, `stock_sample` is on how
    many submissions of the lesson stock nbgrader is measured, `once_above` the class size from
    which on there is one run only, `pieces` how many submissions and notebooks the small courses
    have, `stock_runs` how often stock grades these, `pages` how many feedback pages are written.
    The stages are told apart by two `stage_sizes`, and the memory is looked at with some
    `memory_sizes`. `scratch` is a folder to work in.
    """

    scratch: Path
    runs: int = 3
    sizes: tuple[int, ...] = (100, 400, 1000)
    stock_sample: int = 5
    once_above: int = 500
    pieces: int = 40
    stock_runs: int = 1
    pages: int = 40
    stage_sizes: tuple[int, int] = (20, 100)
    memory_sizes: tuple[int, ...] = (20, 100, 400)

    def runs_of(self, size: int) -> int:
        """How often a class of this size is graded."""
        return self.runs if size <= self.once_above else 1


@dataclass
class Findings:
    """What a part found: `text` in markdown, the verdicts on its aims, and in words each grade that
    was `unlike` what it must be, and each measurement that `failed`."""

    text: list[str] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Graded:
    """A class that was graded: the command, the points, and what is not as it must be."""

    finished: Finished
    points: dict[tuple[str, str, str], float]
    unlike: list[str]


def grade(
    assignment: Assignment,
    grader: Grader,
    settings: Settings,
    students: Sequence[str] | None = None,
    *,
    prepared: Path | None = None,
    pause: float | None = None,
    memory: bool = False,
) -> Graded:
    """Grade these students, or all, in a fresh course directory.

    proctor has its preparation of the assignment from the folder `prepared`, if that is given and
    there is one; a new one is left there. MeasurementError if the command fails.
    """
    whose = list(assignment.handed_in) if students is None else list(students)
    place = Path(tempfile.mkdtemp(dir=settings.scratch))
    try:
        folder = assignment.course(place / "course", whose)
        if prepared and prepared.exists():
            shutil.copytree(prepared, folder / PREPARED)
        command = assignment.stock() if grader == "stock" else assignment.proctor()
        finished = run(command, folder, pause=pause, memory=memory)
        tell(f"{grader}, {len(whose)} students of {assignment.name}", finished)
        finished.successful()
        found = points(folder, assignment.name)
        if prepared and not prepared.exists():
            shutil.copytree(folder / PREPARED, prepared)
    finally:
        shutil.rmtree(place)
    wanted = assignment.expected_of(whose)
    unlike = list(differences(found, wanted, f"{grader} gives", "it must get"))
    return Graded(finished, found, unlike)


def tell(what: str, finished: Finished) -> None:
    """Tell on stderr of a command that has ended, and of what else went on meanwhile."""
    more = ""
    if finished.counts_all:
        more = (
            f", {finished.cpu:.1f} s of processor time; other programs used "
            f"{elsewhere(finished):.0%} of the machine"
        )
    print(f"  {what}: {finished.seconds:.1f} s{more}", file=sys.stderr, flush=True)


def elsewhere(finished: Finished) -> float:
    """The part of the machine's processor time that other programs used during a command."""
    return finished.others / finished.seconds / (os.cpu_count() or 1)


def noise(finished: Iterable[Finished]) -> str:
    """A sentence on how much of the machine other programs used, at most, during some commands."""
    known = [elsewhere(one) for one in finished if one.counts_all]
    if not known:
        return "How much of the machine other programs used meanwhile is not known."
    return f"Other programs used at most {max(known):.0%} of the machine during a run."
