"""Owns what a failing rung says: what was observed and in which numbers, what it looks like, and hints that lead on."""

import re
from dataclasses import dataclass

import torch

from .. import calling, messages
from ..checks import Example, wrong_values
from ..diagnosis import Diagnosis
from ..mistakes import Mistake, NotImplementedYet, Raised, SideEffect, WrongSize, WrongValue
from ..printing import number, size, told_apart
from .results import is_tensor

FAR = 50  # rows and columns of a map that are compared
WHOLE = 14  # rows and columns that are shown of a large map
PLACES = re.compile(
    r"\(\d|\b(rows?|columns?) \d|\d of "
)  # words that only fit the sizes of one case
PLAIN, PATCH, CROSSED = "#fff", "#def", "#fb8"


@dataclass
class Sheet:
    """A table of numbers to be shown: `rows` holds (text, colour) for each cell, `name` is what it is."""

    name: str
    caption: str
    rows: list


@dataclass
class Finding:
    """One Mistake on one `case`, which gave `result`; the Diagnosis or None, which speaks of the case `explained`; three `hints`,
    of which the first `hint` are told.
    """

    mistake: Mistake
    case: Example
    result: object
    diagnosis: Diagnosis | None = None
    explained: Example | None = None
    hints: tuple = ()
    hint: int = 0

    @property
    def observed(self):
        """What happened and what was expected, in a sentence."""
        lines = str(self.mistake).split("\n")
        if isinstance(self.mistake, NotImplementedYet):
            return " ".join(lines)
        line = (
            calling.where(self.mistake.__cause__)
            if isinstance(self.mistake, Raised) and self.mistake.__cause__
            else ""
        )
        named = self.diagnosis and "(line " in self.diagnosis.sentence
        return f"{lines[0]} {'' if named else line.strip()}".strip()

    @property
    def diagnosed(self):
        """The diagnosis as (what to put before it, sentence), or None."""
        if not self.diagnosis:
            return None
        there, sentence = size(self.explained.before[0].shape), self.diagnosis.sentence
        if (
            there != size(self.case.before[0].shape)
            and PLACES.search(sentence)
            and there not in sentence
        ):
            sentence = f"{messages.say('rungs', 'elsewhere', size=there)} {sentence}"
        return messages.say("rungs", "found" if self.diagnosis.sure else "looks-like"), sentence

    @property
    def told(self):
        """The hints that are told, as (what to put before it, sentence)."""
        return [
            (messages.say("rungs", "hint", number=n, all=len(self.hints)), text)
            for n, text in enumerate(self.hints[: self.hint], 1)
        ]

    @property
    def more(self):
        """How to get the next hint; empty if there is none."""
        return f"check(conv2d, hint={self.hint + 1})" if self.hint < len(self.hints) else ""

    @property
    def sheets(self):
        """The tables that show it, none if it is not in the numbers."""
        if isinstance(self.mistake, SideEffect):
            changed = [
                sheet
                for pair in zip(
                    ("image", "kernel"), self.case.before, (self.case.image, self.case.kernel)
                )
                for sheet in before_and_after(*pair)
            ]
            if changed:
                return changed
        if not isinstance(self.mistake, (WrongSize, WrongValue, SideEffect)) or not is_tensor(
            self.result
        ):
            return []
        shown = flat(self.beginning)
        wrong = (
            []
            if self.result.ndim != 2
            else wrong_values(self.beginning, self.case).nonzero().tolist()
        )
        if not wrong and not isinstance(self.mistake, WrongSize):
            return []
        image, kernel = self.case.before
        yours = (
            []
            if shown is None
            else [sheet("yours", "your map", shown, wrong, self.case.target, of=self.result)]
        )
        return [
            sheet("image", "image", image, patch=self.patch),
            sheet("kernel", "kernel", kernel),
            *yours,
            sheet(
                "expected",
                "expected",
                self.case.target,
                against=None if shown is None else shown,
                differing=wrong,
                patch=[self.first] if self.patch else [],
            ),
        ]

    @property
    def beginning(self):
        """The part of a map that is looked at: all of it, unless it is far too large."""
        return self.result if self.result.ndim != 2 else self.result[:FAR, :FAR]

    @property
    def first(self):
        """The first output (row, column) that differs and that the expected map has too, or None."""
        if not isinstance(self.mistake, WrongValue):
            return None
        rows, columns = self.case.target.shape
        wrong = wrong_values(self.beginning, self.case)[:rows, :columns].nonzero().tolist()
        return tuple(wrong[0]) if wrong else None

    @property
    def patch(self):
        """The pixels that belong to the first output that differs, where they are not the whole image."""
        if self.first is None or self.case.before[0].shape == self.case.before[1].shape:
            return []
        (i, j), (rows, columns) = self.first, self.case.before[1].shape
        return [(i + m, j + n) for m in range(rows) for n in range(columns)]

    @property
    def key(self):
        """What the marks in the tables mean."""
        if not any("✗" in text for each in self.sheets for row in each.rows for text, _ in row):
            return ""
        words = [messages.say("rungs", "crossed")]
        if self.patch:
            words.append(messages.say("rungs", "patch", row=self.first[0], column=self.first[1]))
        return " ".join(words)


def flat(result):
    """A result as a table of at most two axes, or None if it has more that are longer than one."""
    table = torch.atleast_2d(result.detach().squeeze()) if result.ndim != 2 else result.detach()
    return table if table.ndim == 2 and table.numel() else None


def sheet(name, title, values, wrong=(), against=None, patch=(), differing=(), of=None):
    """The Sheet of a 2-D tensor, its first rows and columns if it is large; `wrong` cells are crossed.

    Where two numbers differ less than is usually printed, `against` has the other ones, for `wrong` and `differing` cells.
    """
    crossed, blue = set(map(tuple, wrong)), set(map(tuple, patch))
    apart = crossed | set(map(tuple, differing))

    def text(i, j):
        here, there = values[i, j], None if against is None else against
        if (i, j) in apart and there is not None and i < there.shape[0] and j < there.shape[1]:
            return told_apart(here, there[i, j])[0]
        return number(here)

    def cell(i, j):
        if (i, j) in crossed:
            return f"{text(i, j)} ✗", CROSSED
        return text(i, j), PATCH if (i, j) in blue else PLAIN

    rows = [
        [cell(i, j) for j in range(min(values.shape[1], WHOLE))]
        for i in range(min(values.shape[0], WHOLE))
    ]
    cut = "" if max(values.shape) <= WHOLE else ", its beginning"
    return Sheet(name, f"{title}, {size((values if of is None else of).shape)}{cut}", rows)


def before_and_after(part, before, after):
    """The two Sheets of an argument that a call has changed, or none."""
    if after.shape != before.shape or torch.equal(before, after):
        return []
    wrong = (before != after).nonzero().tolist()
    return [
        sheet(part, f"{part} before", before, against=after, differing=wrong),
        sheet("after", f"{part} after", after, wrong, before),
    ]
