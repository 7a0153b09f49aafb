"""What `proctor check` prints: how each test is graded, and what to look at before the term."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from proctor.preparation.decision import NotebookDecision, TestDecision

WIDTH = 100


def as_json(decisions: Sequence[NotebookDecision]) -> list[dict[str, Any]]:
    """The decisions as data for JSON."""
    return [one.to_json() for one in decisions]


def status(decisions: Sequence[NotebookDecision]) -> int:
    """The exit status: 1 if a test passes on the release, or fails on the reference solution."""
    return int(
        any(test.passes_unsolved or test.fails_solved for one in decisions for test in one.tests)
    )


def number(points: float | None) -> str:
    """Points for a table."""
    return "?" if points is None else f"{points:g}"


def text(assignment: str, decisions: Sequence[NotebookDecision]) -> str:
    """The decisions for a person."""
    lines: list[str] = []
    for one in decisions:
        lines += [one.notebook, *table(one.tests), ""]
        lines += [f"  ! {problem}" for problem in one.problems] + [""] * bool(one.problems)
    tests = [test for one in decisions for test in one.tests]
    isolated = sum(test.way == "isolated" for test in tests)
    lines.append(
        f"{assignment}: {len(tests)} tests, {isolated} isolated, {len(tests) - isolated} in process"
        " (there the points of the test are the student's word, as in stock nbgrader)."
    )
    wrong = [test for test in tests if test.wrong]
    if wrong:
        lines.append(f"To look at before the term: {', '.join(test.name for test in wrong)}.")
    return "\n".join(lines)


def table(tests: Sequence[TestDecision]) -> list[str]:
    """A line for each test, and below it what there is to say."""
    if not tests:
        return ["  no tests"]
    width = max(4, *(len(test.name) for test in tests))
    lines = [f"  {'test':<{width}}  {'solved':>8}  {'unsolved':>8}  {'seconds':>7}  graded"]
    for test in tests:
        solved = f"{number(test.reference)}/{test.points:g}"
        lines.append(
            f"  {test.name:<{width}}  {solved:>8}  {number(test.released):>8}  "
            f"{test.seconds:>7.2f}  {test.way}"
        )
        lines += [
            line
            for sentence in remarks(test)
            for line in textwrap.wrap(
                sentence, WIDTH, initial_indent="      ", subsequent_indent="      "
            )
        ]
    return lines


def remarks(test: TestDecision) -> list[str]:
    """What there is to say of a test."""
    said = [" ".join(test.why.split())] if test.why and not test.fails_solved else []
    if test.fails_solved:
        said.append(
            f"! It fails on the reference solution: {' '.join(test.why.split()) or 'see its output'}"
        )
    if test.passes_unsolved:
        said.append("! It passes on the unsolved release: nobody needs to write anything for it.")
    if test.flaky:
        said.append("! Two runs of the reference solution gave it different points.")
    return said
