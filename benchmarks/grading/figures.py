"""Arithmetic and print of figures: medians, spreads, aims, and stock's time for a class."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """How long a command takes for any number of pieces: `start` seconds, and `each` piece."""

    start: float
    each: float

    def per_piece(self, pieces: int) -> float:
        """The seconds of a piece among so many, its share of the start included."""
        return self.each + self.start / pieces


def line(few: int, few_seconds: float, many: int, many_seconds: float) -> Line:
    """The line through two measurements of one command, with `few` pieces and with `many`.

    A start below 0, which only noise can give, is 0; what a piece takes is then that of `many`.
    """
    if not 0 < few < many:
        raise ValueError(f"two different sizes are wanted, the smaller first, not {few}, {many}")
    each = (many_seconds - few_seconds) / (many - few)
    start = few_seconds - few * each
    return Line(start, each) if start > 0 else Line(0.0, many_seconds / many)


@dataclass(frozen=True)
class Aim:
    """A figure to reach: `what` is measured, its `limit`, and whether that is the least or the
    most it may be."""

    what: str
    limit: float
    unit: str
    least: bool = False

    def reached(self, value: float) -> bool:
        """Whether a value reaches it."""
        return value >= self.limit if self.least else value <= self.limit

    def words(self) -> str:
        """The aim, for a table."""
        return f"{'≥' if self.least else '≤'} {number(self.limit)} {self.unit}"


@dataclass(frozen=True)
class Verdict:
    """The values of an aim in several runs of the same measurement."""

    aim: Aim
    values: tuple[float, ...]

    @property
    def count(self) -> int:
        """In how many runs the aim was reached."""
        return sum(map(self.aim.reached, self.values))

    @property
    def missed(self) -> bool:
        """Whether a run contradicts that the aim is reached."""
        return self.count < len(self.values)

    def words(self) -> str:
        """Reached, missed, or how often."""
        runs = len(self.values)
        if self.count in (0, runs):
            return "reached" if self.count else "missed"
        return f"reached in {self.count} of {runs} runs"

    def sentence(self) -> str:
        """What was aimed at, what came out, and what became of the aim."""
        return f"{self.aim.what}: {spread(self.values)}, aim {self.aim.words()}: {self.words()}."


def number(value: float) -> str:
    """A figure with about three digits that say something."""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    text = f"{value:,.{digits}f}"
    return text.replace("-", "−" if float(text.replace(",", "")) else "")


def spread(values: Sequence[float]) -> str:
    """The median, and the least and the most if there are several."""
    middle = number(statistics.median(values))
    if len(values) == 1:
        return middle
    return f"{middle} ({number(min(values))} to {number(max(values))})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A markdown table; the first column is of words, the others are of figures."""
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
