"""What the delimiters of hidden tests enclose, left out of what students are shown.

Autograded notebooks have hidden tests put back. Their lines stand in the text of the test and, where
one of them raises an error, in the error's traceback.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import ClearHiddenTests
from traitlets.config import Config

COLOURS = re.compile(r"\x1b\[[\d;]*m")
NUMBER = re.compile(r"^\s*(?:-+>\s*)?(?:\d+\s)?\s*")  # before a line of code in a traceback
LEFT_OUT = "[lines of hidden tests are not shown]"


@dataclass(frozen=True)
class Delimiters:
    """The texts that the line before hidden tests and the line after them hold."""

    begin: str
    end: str


def delimiters(c: Config) -> Delimiters | None:
    """The course's delimiters; None if c.Proctor.feedback_hidden_tests is true: then feedback shows
    what they enclose. Raises ValueError in words for another value."""
    shown = c.get("Proctor", {}).get("feedback_hidden_tests", False)
    if not isinstance(shown, bool):
        raise ValueError(f"c.Proctor.feedback_hidden_tests must be True or False, not {shown!r}.")
    step = ClearHiddenTests(config=c)
    return None if shown else Delimiters(step.begin_test_delimeter, step.end_test_delimeter)


def leave_out(cells: Iterable[NotebookNode], between: Delimiters) -> None:
    """Take hidden tests out of the instructor's cells and out of their tracebacks."""
    for cell in cells:
        if not (utils.is_grade(cell) or utils.is_locked(cell)) or utils.is_solution(cell):
            continue
        cell.source, hidden = split(cell.source, between)
        if hidden:
            shown = {line.strip() for line in cell.source.splitlines()}
            secret = {line.strip() for line in hidden} - shown - {""}
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    output.traceback = without_lines(output.traceback, secret)


def split(source: str, between: Delimiters) -> tuple[str, list[str]]:
    """A cell's text without what is hidden, and the hidden lines; without an end, all lines after
    the beginning are hidden."""
    shown: list[str] = []
    hidden: list[str] = []
    inside = False
    for line in source.split("\n"):
        if between.begin in line:
            inside = True
            hidden.append(line)
        elif between.end in line:
            inside = False
            hidden.append(line)
        else:
            (hidden if inside else shown).append(line)
    return "\n".join(shown), hidden


def without_lines(traceback: Iterable[str], secret: set[str]) -> list[str]:
    """A traceback without the lines of code in `secret`, and a line that says so."""
    kept, left_out = [], False
    for entry in traceback:
        lines = entry.split("\n")
        shown = [line for line in lines if not codes_in(line) & secret]
        left_out |= len(shown) < len(lines)
        if shown or not lines:
            kept.append("\n".join(shown))
    return [*kept, LEFT_OUT] if left_out else kept


def codes_in(line: str) -> set[str]:
    """What may be code in a line of a traceback: all of it, or what follows arrow and number."""
    text = COLOURS.sub("", line)
    return {text.strip(), NUMBER.sub("", text, count=1).strip()}
