"""Owns the report as a notebook, a page and a terminal show it: the rungs that hold, the one that fails, the rest."""

from .. import messages
from ..mistakes import NotImplementedYet
from ..printing import number
from . import html, text
from .results import printable
from .rungs import ALL_SECONDS, RUNGS

HELD, FELL, BEGIN, OPEN = "✓", "✗", "→", "·"


class Report:
    """How far a function climbed: `climb` (a Climb), and the Finding of the rung that failed, or None."""

    def __init__(self, climb, finding=None):
        self.climb, self.finding = climb, finding

    @property
    def passed(self):
        """The names of the rungs that hold, from the bottom."""
        return list(self.climb.passed)

    @property
    def failed(self):
        """The name of the rung that fails, or None."""
        return self.climb.fell.rung if self.climb.fell else None

    @property
    def lines(self):
        """The whole ladder as (mark, name of the rung, its title)."""
        marks = dict.fromkeys(self.climb.passed, HELD)
        if self.climb.fell:
            marks[self.climb.fell.rung] = (
                BEGIN if isinstance(self.climb.fell.mistake, NotImplementedYet) else FELL
            )
        return [
            (marks.get(name, OPEN), name, messages.table("rungs")[name]["title"]) for name in RUNGS
        ]

    @property
    def verdict(self):
        """How far it went, in a sentence."""
        if self.finding and isinstance(self.finding.mistake, NotImplementedYet):
            return messages.say("rungs", "not-begun")
        return messages.say("rungs", "count", held=len(self.climb.passed), all=len(RUNGS))

    @property
    def end(self):
        """What is said under the ladder, if it did not end at a rung that fails."""
        if self.climb.late:
            return messages.say(
                "rungs", "late", seconds=ALL_SECONDS, one=f"{number(self.climb.slowest)} s"
            )
        return "" if self.finding else messages.say("rungs", "all-right")

    def __repr__(self):
        return printable(text.report(self))

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": printable(html.report(self)), "text/plain": repr(self)}


class Told:
    """One Finding alone, without a ladder, as a graded cell shows it."""

    def __init__(self, finding):
        self.finding = finding

    def __repr__(self):
        return printable(text.finding(self.finding))

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": printable(html.alone(self.finding)), "text/plain": repr(self)}
