"""What all submissions of a notebook share, and what is asked of an examiner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from proctor.assemble.plan import Part, Plan
from proctor.examiner.names import NONE, Names
from proctor.examiner.session import Run, runs

PREFIX_SIDES = ("given", "shown")  # of cells that all submissions have alike


@dataclass
class Template:
    """A notebook's cells before a student's first one, and the conditions of its grading.

    `support` is a folder of what a student may see beside the notebook; `readable` are more places a
    candidate may read; `secret` are places of the course that not even a test may, where it works
    with a student's data; `tests` are the texts of the tests, as most plans have them;
    `submissions` is how many are to be graded.
    """

    prefix: list[Part]
    support: Path | None
    imports: list[str] = field(default_factory=list)
    timeout: float = 30.0
    sandbox: bool = True
    limits: dict[str, int] = field(default_factory=dict)
    readable: list[Path] = field(default_factory=list)
    secret: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    submissions: int = 0

    def running(self) -> list[Part]:
        """The parts of the prefix that run."""
        return [part for part in self.prefix if runs(part)]

    def binding(self) -> list[tuple[int, Part]]:
        """The parts of the prefix that run for their names, each with its number among those that
        run; what the others show is drawn once, see `proctor.examiner.process`."""
        numbered = enumerate(self.running(), 1)
        return [(count, part) for count, part in numbered if part.side != "shown"]

    def texts(self) -> list[tuple[str, int]]:
        """The prefix as the candidate runs it: each cell's text and number."""
        return [(part.candidate_text, count) for count, part in self.binding()]

    def covers(self, plan: Plan, full: bool) -> int:
        """How many cells at a plan's beginning are the prefix, unedited; 0 if one is not, or if the
        student has files that these cells could read. `full`: with their hidden text."""
        parts = [part for part in plan.parts if runs(part)]
        wanted = self.running()
        same = not plan.files and len(parts) >= len(wanted)
        for mine, other in zip(wanted, parts, strict=False):
            text = other.full_text if full else other.candidate_text
            same = same and other.side in PREFIX_SIDES and text == mine.candidate_text
        return len(wanted) if same else 0


@dataclass(frozen=True)
class Grading:
    """How each test of a notebook is graded, by grade_id, as the preparation has found.

    `idle` are tests that are not run where they are not graded, since the reference keeps its points
    without them: those `in_process` in the isolated run, those `isolated` in the other. `usual` are the
    seconds that tests took with the reference.
    """

    isolated: frozenset[str] = NONE
    in_process: frozenset[str] = NONE
    idle_isolated: frozenset[str] = NONE
    idle_in_process: frozenset[str] = NONE
    names: Names = field(default_factory=Names)
    usual: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """A plan, and what to do with it: one run (of a preparation), or its grading."""

    plan: Plan
    work: Run | Grading
