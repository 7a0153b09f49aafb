"""Owns `check`: climbing the ladder with the learner's function and telling what was found."""

import contextlib
import sys

from .. import checks, messages
from ..diagnosis import diagnose, handed_over
from ..mistakes import WrongSize, WrongValue
from .finding import Finding
from .report import Report, Told
from .rungs import climb
from .smallest import answer, smallest, told_of

HINTS = (0, 1, 2, 3)


def check(conv2d, hint=1):
    """Ask the learner's function one small question after the other, up to the first that it fails: a Report.

    `hint` is how much is told about that one: 0 nothing, 1 a first question, 2 and 3 more. Raises ValueError for other hints.
    """
    if type(hint) is not int or hint not in HINTS:
        raise ValueError(messages.say("rungs", "no-such-hint", hint=repr(hint)))
    ascent = climb(conv2d)
    if not ascent.fell:
        return Report(ascent)
    fell, (mistake, case) = ascent.fell, typical(ascent)
    shown = smallest(conv2d, fell.mistake, fell.case, fell.result)
    found = diagnosis(conv2d, mistake, case)
    if found and shown[1] is not case:
        found, case = on_the_small_one(conv2d, found, case, shown)
    hints = (found.hints() if found else []) or messages.table("rungs")[fell.rung]["hints"]
    return Report(ascent, Finding(*shown, found, case, hints, hint))


def told(conv2d, mistake, case, found=None):
    """What a graded cell shows of a Mistake that `conv2d` made on this case, with its Diagnosis `found` or None: a Told."""
    result = (
        answer(conv2d, checks.Example(*case.before), 1)
        if isinstance(mistake, (WrongSize, WrongValue))
        else None
    )
    return Told(Finding(*smallest(conv2d, mistake, case, result), found, case))


def on_the_small_one(conv2d, found, case, shown):
    """The same Diagnosis told of the small case that is shown, if it is found there too, and the case it is told of."""
    again = diagnosis(conv2d, *shown[:2])
    same = again and (again.names, again.sure) == (found.names, found.sure)
    return (again, shown[1]) if same else (found, case)


def typical(ascent):
    """The Mistake and case to be explained: on random numbers if they show it, since simple ones look like much.

    Wrong numbers of a square image come before a size that only other images show.
    """
    fell = ascent.fell
    square = next((case for case in ascent.maps if case is not ascent.first), None)
    if fell.rung == "size" and square:
        mistake = checks.mistake_in(ascent.values, square)
        if mistake:
            return mistake, square
    if fell.case in (ascent.first, *ascent.impulses) and isinstance(
        fell.mistake, (WrongSize, WrongValue)
    ):
        case = checks.example(*checks.SIZES[0])
        mistake = told_of(type(fell.mistake), case, answer(ascent.conv2d, case, ascent.seconds))
        if mistake:
            return mistake, case
    return fell.mistake, fell.case


def diagnosis(conv2d, mistake, case):
    """The Diagnosis, or None; none too if looking for it fails, since a report without it is better than no report."""
    with contextlib.suppress(Exception):
        notebook = sys.modules.get("__main__")
        return handed_over(conv2d, notebook) or diagnose(conv2d, mistake, case)
    return None
