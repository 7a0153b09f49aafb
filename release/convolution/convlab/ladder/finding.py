"""What a failing rung says: what was observed and in which numbers, the reason, and hints."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import torch

from ..checks import wrong_values
from ..diagnosis import Diagnosis
from ..examples import Example
from ..messages import Message, message
from ..mistakes import Mistake, Raised, SideEffect, WrongSize, WrongValue
from ..printing import number, size, told_apart
from .small_cases import is_tensor

FAR = 50  # rows and columns of a map that are compared
WHOLE = 14  # rows and columns that are shown of a large map
PLAIN, PATCH, CROSSED = "#fff", "#def", "#fb8"


@dataclass
class Sheet:
    """A table of numbers to be shown: `rows` holds (text, colour) for each cell."""

    name: str
    caption: Message
    rows: list[list[tuple[str, str]]]


@dataclass
class Finding:
    """One Mistake on one `case`, which gave `result`, to be told in `language`.

    `diagnosis` is why, or None; it speaks of the case `explained`. Of the `hints`, which are in
    words already, the first `hint` are told.
    """

    mistake: Mistake
    case: Example
    result: Any
    diagnosis: Diagnosis | None = None
    explained: Example | None = None
    hints: tuple[str, ...] = ()
    hint: int = 0
    language: str | None = None

    def say(self, name: str, **facts: Any) -> str:
        """The words of this name around the ladder, in the language of this report."""
        return message("rungs", name, **facts).text(self.language)

    @property
    def observed(self) -> str:
        """What happened and what was expected; the line of an error unless the reason names it."""
        told = self.mistake.message.text(self.language)
        named = self.diagnosis and any(has_line(fact) for fact in self.diagnosis.facts)
        if isinstance(self.mistake, Raised) and self.mistake.look and not named:
            told = f"{told} {self.mistake.look.text(self.language)}"
        return " ".join(told.split())

    @property
    def diagnosed(self) -> tuple[str, str] | None:
        """The diagnosis as (what to put before it, sentence), or None."""
        if not self.diagnosis:
            return None
        told = self.diagnosis.text(self.language)
        if self.explained is not None:
            there, here = (size(case.before[0].shape) for case in (self.explained, self.case))
            named = any(is_told(there, fact) for fact in self.diagnosis.facts)
            placed = self.diagnosis.names_cells and not self.diagnosis.image_size
            if there != here and placed and not named:
                told = f"{self.say('elsewhere', size=there)} {told}"
        return self.say("found" if self.diagnosis.sure else "looks-like"), told

    @property
    def told(self) -> list[tuple[str, str]]:
        """The hints that are told, as (what to put before it, sentence)."""
        return [
            (self.say("hint", number=n, all=len(self.hints)), text)
            for n, text in enumerate(self.hints[: self.hint], 1)
        ]

    @property
    def more(self) -> str:
        """How to get the next hint, in the language asked for; empty if there is none."""
        if self.hint >= len(self.hints):
            return ""
        language = f', language="{self.language}"' if self.language else ""
        return f"check(conv2d, hint={self.hint + 1}{language})"

    @functools.cached_property
    def sheets(self) -> list[Sheet]:
        """The tables that show it, none if it is not in the numbers."""
        if isinstance(self.mistake, SideEffect):
            parts = (
                ("image", self.case.before[0], self.case.image),
                ("kernel", self.case.before[1], self.case.kernel),
            )
            changed = [each for part in parts for each in before_and_after(*part)]
            if changed:
                return changed
        if not isinstance(self.mistake, (WrongSize, WrongValue, SideEffect)) or not is_tensor(
            self.result
        ):
            return []
        shown, wrong = flat(self.beginning), self.wrong
        if not wrong and not isinstance(self.mistake, WrongSize):
            return []
        image, kernel = self.case.before
        yours = []
        if shown is not None:
            yours = [sheet("yours", "yours", shown, wrong, self.case.target, of=self.result)]
        corner = [self.first] if self.patch and self.first else []
        return [
            sheet("image", "image", image, patch=self.patch),
            sheet("kernel", "kernel", kernel),
            *yours,
            sheet(
                "expected",
                "expected",
                self.case.target,
                against=shown,
                patch=corner,
                differing=wrong,
            ),
        ]

    @property
    def beginning(self) -> torch.Tensor:
        """The part of a map that is looked at: all of it, unless it is far too large."""
        return self.result if self.result.ndim != 2 else self.result[:FAR, :FAR]

    @functools.cached_property
    def wrong(self) -> list[list[int]]:
        """The cells (row, column) of a map that differ, none if it is no map of two axes."""
        if self.result.ndim != 2:
            return []
        return wrong_values(self.beginning, self.case).nonzero().tolist()

    @functools.cached_property
    def first(self) -> tuple[int, ...] | None:
        """The first output (row, column) that differs and that the expected map has, or None."""
        if not isinstance(self.mistake, WrongValue):
            return None
        rows, columns = self.case.target.shape
        return next(
            (tuple(cell) for cell in self.wrong if cell[0] < rows and cell[1] < columns), None
        )

    @functools.cached_property
    def patch(self) -> list[tuple[int, int]]:
        """The pixels that belong to the first output that differs, if not the whole image."""
        if self.first is None or self.case.before[0].shape == self.case.before[1].shape:
            return []
        (i, j), (rows, columns) = self.first, self.case.before[1].shape
        return [(i + m, j + n) for m in range(rows) for n in range(columns)]

    @property
    def key(self) -> str:
        """What the marks in the tables mean."""
        if not any(
            colour == CROSSED for each in self.sheets for row in each.rows for _, colour in row
        ):
            return ""
        words = [self.say("crossed")]
        if self.patch and self.first:
            words.append(self.say("patch", row=self.first[0], column=self.first[1]))
        return " ".join(words)


def has_line(fact: Any) -> bool:
    """Whether a fact, or one within it, is the line of an error."""
    if isinstance(fact, Message):
        return bool(fact.facts.get("line")) or any(map(has_line, fact.facts.values()))
    return isinstance(fact, list) and any(map(has_line, fact))


def is_told(value: str, fact: Any) -> bool:
    """Whether a fact, or one within it, is this value."""
    if isinstance(fact, Message):
        return any(is_told(value, part) for part in fact.facts.values())
    if isinstance(fact, list):
        return any(is_told(value, part) for part in fact)
    return bool(fact == value)


def flat(result: torch.Tensor) -> torch.Tensor | None:
    """A result as a table of two axes; None if more than two of its axes are longer than one."""
    table = torch.atleast_2d(result.detach().squeeze()) if result.ndim != 2 else result.detach()
    return table if table.ndim == 2 and table.numel() else None


def sheet(
    name: str,
    title: str,
    values: torch.Tensor,
    wrong: Any = (),
    against: torch.Tensor | None = None,
    patch: Any = (),
    differing: Any = (),
    of: torch.Tensor | None = None,
) -> Sheet:
    """The Sheet of a 2-D tensor, its first rows and columns if it is large.

    `title` names its caption in rungs.toml, `wrong` cells are crossed, those of `patch` are blue.
    Where two numbers differ less than is usually printed, `against` has the other ones, for `wrong`
    and `differing` cells. `of` is the tensor whose size is told.
    """
    crossed, blue = set(map(tuple, wrong)), set(map(tuple, patch))
    apart = crossed | set(map(tuple, differing))

    def text(i: int, j: int) -> str:
        there = against
        if (i, j) in apart and there is not None and i < there.shape[0] and j < there.shape[1]:
            return told_apart(values[i, j], there[i, j])[0]
        return number(values[i, j])

    def cell(i: int, j: int) -> tuple[str, str]:
        if (i, j) in crossed:
            return f"{text(i, j)} ✗", CROSSED
        return text(i, j), PATCH if (i, j) in blue else PLAIN

    rows, columns = (min(side, WHOLE) for side in values.shape)
    told = size((values if of is None else of).shape)
    caption = message(
        "rungs",
        "caption" if max(values.shape) <= WHOLE else "caption-cut",
        title=message("rungs", title),
        size=told,
    )
    return Sheet(name, caption, [[cell(i, j) for j in range(columns)] for i in range(rows)])


def before_and_after(part: str, before: torch.Tensor, after: torch.Tensor) -> list[Sheet]:
    """The two Sheets of an argument that a call has changed, or none."""
    if after.shape != before.shape or torch.equal(before, after):
        return []
    wrong = (before != after).nonzero().tolist()
    return [
        sheet(part, f"{part}-before", before, against=after, differing=wrong),
        sheet("after", f"{part}-after", after, wrong, before),
    ]
