"""Predictions: what a learner entered before a picture, how it is read, and what is answered.

A picture that asks takes the learner's entry as `prediction` and hides its answer until there is
one that can be read. Whatever was typed gets a sentence, never an error.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ..printing import number, size
from .colours import INK, PALE, bare

NOT_ASKED: Any = object()  # no prediction is asked: the picture shows all it has
LONGEST = 40  # characters of an entry that a sentence repeats
MINUS = "\N{MINUS SIGN}"
NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)")
MISSING = (
    "Your prediction first: enter it in the cell above in the place of None, run that cell, "
    "then this one again. With reveal=True this picture shows the answer without a prediction."
)
STILL_HIDDEN = "The answer stays hidden until then; reveal=True shows it all the same."


class Unreadable(ValueError):
    """What was entered is no answer to this question, right or wrong."""


@dataclass(frozen=True)
class Number:
    """A question whose answer is one number."""

    truth: float
    form = "one number, such as 100"

    def read(self, entry: Any) -> float:
        """The number in an entry: an int, a float, a tensor of one value, a text with one."""
        if isinstance(entry, str):
            entry = re.sub(r"(?<=\d)[,_](?=\d{3}\b)", "", entry.replace(MINUS, "-"))
            found = NUMBER.findall(entry)
            if len(found) != 1:
                raise Unreadable
            entry = found[0]
        elif isinstance(entry, (list, tuple)) and len(entry) == 1:
            (entry,) = entry
        if isinstance(entry, (bool, bytes)):
            raise Unreadable
        value = float(entry)
        if not math.isfinite(value):
            raise Unreadable
        return value

    def is_right(self, value: float) -> bool:
        """Whether the number read is the true one."""
        return math.isclose(value, self.truth, rel_tol=1e-9, abs_tol=1e-6)

    def shown(self, value: float) -> str:
        """A number as the lesson prints it."""
        return number(value)


@dataclass(frozen=True)
class Size:
    """A question whose answer is a size, (rows, columns)."""

    truth: tuple[int, int]
    form = "a size, rows first and then columns, such as (5, 7)"

    def read(self, entry: Any) -> tuple[int, int]:
        """The size in an entry: two whole numbers in a tuple, a list, a tensor, or a text."""
        if isinstance(entry, str):
            entry = NUMBER.findall(entry.replace(MINUS, "-"))
        elif isinstance(entry, (Mapping, set, frozenset, bytes, bytearray)):  # no two in order
            raise Unreadable
        rows, columns = (Number(0).read(part) for part in entry)
        if rows != int(rows) or columns != int(columns):
            raise Unreadable
        return int(rows), int(columns)

    def is_right(self, value: tuple[int, int]) -> bool:
        """Whether the size read is the true one."""
        return value == tuple(self.truth)

    def shown(self, value: tuple[int, int]) -> str:
        """A size as the lesson prints it, rows × columns."""
        return size(value).replace("-", MINUS)


@dataclass(frozen=True)
class Choice:
    """A question whose answer is one of a few words."""

    truth: str
    options: tuple[str, ...]

    @property
    def form(self) -> str:
        """What there is to choose from, in words."""
        *most, last = [f'"{option}"' for option in self.options]
        return f"one of {', '.join(most)} and {last}"

    def read(self, entry: Any) -> str:
        """The option that an entry names, in capitals or not; yes, no, + and - in several forms."""
        if isinstance(entry, bool):
            entry = "yes" if entry else "no"
        if not isinstance(entry, str):
            raise Unreadable
        plain = " ".join(entry.casefold().replace(MINUS, "-").strip(" .!?\"'").split())
        plain = plain.removeprefix("the ") if plain not in self.options else plain
        plain = {"positive": "+", "plus": "+", "negative": "-", "minus": "-"}.get(plain, plain)
        for option in self.options:
            if plain in (option, option.removeprefix("the ")):
                return option
        raise Unreadable

    def is_right(self, value: str) -> bool:
        """Whether the option read is the true one."""
        return value == self.truth

    def shown(self, value: str) -> str:
        """An option in quotation marks."""
        return f'"{value}"'


class Question(Protocol):
    """What a picture asks before it shows: one answer is true, and others can be read."""

    @property
    def truth(self) -> Any: ...

    @property
    def form(self) -> str: ...

    def read(self, entry: Any) -> Any: ...

    def is_right(self, value: Any) -> bool: ...

    def shown(self, value: Any) -> str: ...


@dataclass(frozen=True)
class Answer:
    """What came of one question.

    `given` says that something was entered, `right` is None unless it could be read.
    """

    given: bool
    right: bool | None
    sentence: str


@dataclass(frozen=True)
class Reply:
    """What a picture answers to a prediction: a `sentence`; it shows all if the reply is `open`."""

    open: bool
    sentence: str

    def before(self, caption: str) -> str:
        """The sentence, and after it a caption that tells the answer, if it may be told."""
        return f"{self.sentence} {caption}".strip() if self.open else self.sentence


def answer(question: Question, entry: Any, label: str = "") -> Answer:
    """What came of one question to which `entry` was entered, anything at all; `label` names it."""
    before = f"{label}: " if label else ""
    if entry is None or entry is ... or isinstance(entry, str) and not entry.strip():
        return Answer(False, None, f"{before}no prediction yet.")
    try:
        value = question.read(entry)
        shown = question.shown(value)
    except Exception:  # a learner may enter an object that does anything when it is read
        typed = f"your prediction, {as_typed(entry)}, cannot be read as {question.form}."
        return Answer(True, None, before + typed if label else capitalised(typed))
    you = "you predicted" if label else "You predicted"
    if question.is_right(value):
        return Answer(True, True, f"{before}{you} {shown}, and that is right.")
    truth = question.shown(question.truth)
    return Answer(True, False, f"{before}{you} {shown}, and it is {truth}.")


def reply(
    questions: Question | Mapping[str, Question], prediction: Any, reveal: Any = False
) -> Reply:
    """What a picture answers to `prediction`, the entry for one question or a table of several.

    Nothing is judged before all of the questions have entries that can be read, so that the first
    answer does not tell the next. `reveal` opens the picture without.
    """
    if prediction is NOT_ASKED:
        return Reply(True, "")
    if isinstance(questions, Mapping):
        if prediction is None or prediction is ...:
            prediction = {}
        if not isinstance(prediction, Mapping):
            names = ", ".join(f'"{name}"' for name in questions)
            said = f"Your prediction, {as_typed(prediction)}, should be a table with {names}."
            return closed_or_revealed(said, reveal)
        answers = [
            answer(question, prediction.get(name), name) for name, question in questions.items()
        ]
    else:
        answers = [answer(questions, prediction)]
    if not any(one.given for one in answers):
        return Reply(True, "") if is_true(reveal) else Reply(False, MISSING)
    if all(one.right is not None for one in answers):
        return Reply(True, " ".join(capitalised(one.sentence) for one in answers))
    lacking = [capitalised(one.sentence) for one in answers if one.right is None]
    return closed_or_revealed(" ".join(lacking), reveal)


def closed_or_revealed(said: str, reveal: Any) -> Reply:
    """The reply to an entry that cannot be read: closed, unless the answer is to be revealed."""
    return Reply(True, said) if is_true(reveal) else Reply(False, f"{said} {STILL_HIDDEN}")


def is_true(value: Any) -> bool:
    """Whether a value counts as true; one that cannot tell, such as an array, does not."""
    try:
        return bool(value)
    except Exception:
        return False


def capitalised(sentence: str) -> str:
    """A sentence with a capital at its beginning, the rest as it is."""
    return sentence[:1].upper() + sentence[1:]


def as_typed(entry: Any) -> str:
    """An entry as the learner may recognise it, in one short line; else its type."""
    try:
        text = " ".join(repr(entry).encode("utf-8", "replace").decode().split())
    except Exception:
        return f"an object of type {type(entry).__name__}"
    text = "".join(sign if sign.isprintable() else "?" for sign in text)
    return text if len(text) <= LONGEST else text[:LONGEST] + " …"


def unknown(ax: Axes, title: str) -> Axes:
    """Draw a question mark where the answer will stand."""
    bare(ax, title)
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    ax.add_patch(Rectangle((0.02, 0.02), 0.96, 0.96, facecolor="#f2f2f2", edgecolor=PALE))
    ax.text(0.5, 0.5, "?", ha="center", va="center", fontsize=30, color=INK)
    return ax
