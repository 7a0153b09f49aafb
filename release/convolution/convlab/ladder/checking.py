"""`check`: climbs the ladder with the learner's function and tells what was found."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import Any

from .. import checks, messages, notebook_state
from ..diagnosis import Diagnosis, diagnose, handed_over
from ..examples import KERNEL, Example
from ..messages import message
from ..mistakes import Mistake, WrongSize, WrongValue
from .finding import Finding
from .report import Report, Told
from .rungs import Climb, climb
from .small_cases import answer, shown_by, smallest

HINTS = (0, 1, 2, 3)


def check(conv2d: Callable[..., Any], hint: int = 1, language: str | None = None) -> Report:
    """Ask the learner's function one small question after the other, up to the first that fails.

    `hint` is how much is told about that one: 0 nothing, 1 a first question, 2 and 3 more.
    `language` is one of messages.LANGUAGES; None is that of the variable CONVLAB_LANGUAGE, or
    English. Raises ValueError for other hints and languages.
    """
    if language is not None and language not in messages.LANGUAGES:
        known = ", ".join(map(repr, messages.LANGUAGES))
        facts = {"language": repr(language), "all": known}
        raise ValueError(message("rungs", "no-such-language", **facts).text())
    if type(hint) is not int or hint not in HINTS:
        raise ValueError(message("rungs", "no-such-hint", hint=repr(hint)).text(language))
    ascent = climb(conv2d)
    return Report(
        ascent,
        found(ascent, hint, language),
        notebook_state.outdated(conv2d),
        notebook_state.tested(conv2d),
        language,
        is_function=no_function(conv2d) is None,
    )


def no_function(conv2d: Any) -> Diagnosis | None:
    """The Diagnosis of what was handed to `check` in place of a function; else None."""
    return handed_over(conv2d, sys.modules.get("__main__"))


def found(ascent: Climb, hint: int, language: str | None) -> Finding | None:
    """The Finding on the rung that fails, or None if none does."""
    fell = ascent.fell
    if fell is None:
        return None
    mistake, case = typical(ascent)
    shown = smallest(ascent.conv2d, fell.mistake, fell.case, fell.result)
    why = diagnosis(ascent.conv2d, mistake, case)
    if why and shown[1] is not case:
        why, case = on_the_small_one(ascent.conv2d, why, case, shown)
    hints = (why.hints(language) if why else []) or messages.table("rungs", language)[fell.rung][
        "hints"
    ]
    return Finding(*shown, why, case, tuple(hints), hint, language)


def told(
    conv2d: Callable[..., Any],
    mistake: Mistake,
    case: Example,
    why: Diagnosis | None = None,
    language: str | None = None,
) -> Told:
    """What a graded cell shows of a Mistake that `conv2d` made on this case, with its Diagnosis."""
    result = None
    if isinstance(mistake, (WrongSize, WrongValue)):
        result = answer(conv2d, Example(*case.before), 1)
    return Told(Finding(*smallest(conv2d, mistake, case, result), why, case, language=language))


def on_the_small_one(
    conv2d: Callable[..., Any],
    why: Diagnosis,
    case: Example,
    shown: tuple[Mistake, Example, Any],
) -> tuple[Diagnosis, Example]:
    """The same Diagnosis of the small case that is shown, if it is found there; and its case."""
    again = diagnosis(conv2d, *shown[:2])
    if again and (again.names, again.sure) == (why.names, why.sure):
        return again, shown[1]
    return why, case


def typical(ascent: Climb) -> tuple[Mistake, Example]:
    """The Mistake and case to be explained: of random numbers if they show it.

    Simple numbers look like much. Wrong numbers of a square image come before a size that only
    other images show.
    """
    fell = ascent.fell
    assert fell is not None
    square = next((case for case in ascent.maps if case is not ascent.first), None)
    if fell.rung == "size" and square:
        mistake = checks.mistake_in(ascent.values, square)
        if mistake:
            return mistake, square
    simple = fell.case in (ascent.first, *ascent.impulses) and fell.case.before[1].shape == KERNEL
    if simple and isinstance(fell.mistake, (WrongSize, WrongValue)):
        case = checks.example(*checks.SIZES[0])
        came = answer(ascent.conv2d, case, ascent.seconds)
        mistake = shown_by(type(fell.mistake), case, came)
        if mistake:
            return mistake, case
    return fell.mistake, fell.case


def diagnosis(conv2d: Callable[..., Any], mistake: Mistake, case: Example) -> Diagnosis | None:
    """The Diagnosis, or None; also if looking for it fails: a report without it beats none."""
    with contextlib.suppress(Exception):
        return no_function(conv2d) or diagnose(conv2d, mistake, case)
    return None
