"""How well wrong answers are diagnosed: each is run as in a notebook and held against its head."""

import argparse
import contextlib
import importlib
import io
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from unittest import mock

from . import answers, gate

VERDICTS = ("right", "incomplete", "none", "wrong")  # nothing said is better than something false
UNNAMED = ("other-products", "other-arithmetic")
ENOUGH = 0.95
PATIENCE = 20  # seconds for a diagnosis: what it says is judged, not how busy the machine is

Names = tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """What was said of one answer, in `seconds`: no `names` and no `sentence` if nothing was.

    `mistake` is what was met first.
    """

    mistake: str
    names: Names
    sentence: str
    seconds: float


def cells(namespace: dict[str, Any]) -> Finding | None:
    """Run the graded cells in a notebook of these variables up to the first that objects.

    Its Finding; None if none objects.
    """
    graded_cells = importlib.import_module("convlab.graded_cells")
    with mock.patch.object(graded_cells, "SECONDS", PATIENCE), stopwatch(graded_cells) as seconds:
        for name, code in gate.cells().items():
            try:
                exec(compile(code, name, "exec"), namespace)
            except graded_cells.Mistake as mistake:
                return finding(type(mistake).__name__, mistake.diagnosis, sum(seconds))
            except BaseException as error:  # a diagnosis must not break down, whatever the answer
                why = f"{type(error).__name__}: {error}"
                return Finding("no mistake", ("broke down",), why, sum(seconds))
    return None


def ladder(namespace: dict[str, Any]) -> Finding | None:
    """Climb the ladder in a notebook of these variables.

    The Finding of the rung that fails; None if none fails.
    """
    checking = importlib.import_module("convlab.ladder.checking")
    if "conv2d" not in namespace:
        return Finding("NameError", ("no-conv2d",), "Python says so itself.", 0.0)
    with stopwatch(checking) as seconds:
        report = checking.check(namespace["conv2d"])
    if not report.finding:
        return (
            Finding("no mistake", ("out of time",), report.verdict, 0.0)
            if report.climb.late
            else None
        )
    return finding(report.failed, report.finding.diagnosis, sum(seconds))


def finding(mistake: str, diagnosis: Any, seconds: float) -> Finding:
    """The Finding of a Mistake of this name with this convlab Diagnosis, or None."""
    if diagnosis is None:
        return Finding(mistake, (), "", seconds)
    return Finding(mistake, diagnosis.names, diagnosis.text(), seconds)


@contextlib.contextmanager
def stopwatch(module: ModuleType) -> Iterator[list[float]]:
    """Time the calls that `module` makes of its `diagnose`: the list of their seconds."""
    seconds: list[float] = []
    diagnose = module.diagnose

    def timed(*arguments: Any) -> Any:
        begin = time.perf_counter()
        try:
            return diagnose(*arguments)
        finally:
            seconds.append(time.perf_counter() - begin)

    with mock.patch.object(module, "diagnose", timed):
        yield seconds


WAYS: dict[str, Callable[[dict[str, Any]], Finding | None]] = {"cells": cells, "ladder": ladder}


def find(source: str, way: str = "cells") -> Finding | None:
    """In a worker process: the Finding on an answer, run in the cell of a student's notebook.

    None if nothing is wrong with it.
    """
    namespace: dict[str, Any] = {"__name__": "__main__"}
    hidden = io.StringIO()
    exec(gate.LEFT_OVER, namespace)
    gate.why(source, "answer", namespace, hidden)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(hidden):
        return WAYS[way](namespace)


def verdict(names: Names, alternatives: Iterable[Names]) -> str:
    """How good these names are: right, incomplete (true, not all or not in order), none, wrong.

    A name that says "in no way that has a name" is none, unless the head says so too.
    """
    if any(names[:1] == others[:1] and set(names) == set(others) for others in alternatives):
        return "right"
    if not names or names[0] in UNNAMED:
        return "none"
    return "incomplete" if any(set(names) <= set(others) for others in alternatives) else "wrong"


def judged(answer: answers.Answer, findings: Iterable[Finding | None]) -> tuple[str, Finding]:
    """The worst verdict of several runs of an answer, and its Finding.

    An answer that no cell objected to got none.
    """
    nothing = Finding("no mistake", (), "", 0.0)
    judgements = [
        (verdict(found.names, answer.diagnoses), found)
        for found in (found or nothing for found in findings)
    ]
    return max(judgements, key=lambda judgement: VERDICTS.index(judgement[0]))


def complaint(answer: answers.Answer, opinion: str, found: Finding) -> str:
    """The lines on an answer not named right: what its head says, and what was said."""
    lines = [
        f"{opinion}: {answer.file}: {answer.name}",
        "expected " + " | ".join("+".join(names) for names in answer.diagnoses),
        f"got {'+'.join(found.names) or 'nothing'} ({found.mistake})",
    ]
    if found.sentence:
        lines.append(" ".join(found.sentence.split()))
    return "\n    ".join(lines)


def enough(counts: Counter[str]) -> bool:
    """Whether these counts of verdicts will do: nothing named wrong, and enough named right."""
    return counts["wrong"] == 0 and counts["right"] >= ENOUGH * sum(counts.values())


def main(arguments: list[str] | None = None) -> int:
    """Diagnose every wrong sample answer, and print how many are named right.

    Exits with 1 if one is named wrong, or too few right.
    """
    parser = argparse.ArgumentParser(prog="course.diagnoses", description=main.__doc__)
    parser.add_argument(
        "--runs",
        type=int,
        default=1,
        help="how often, each time with new numbers; the worst run counts",
    )
    parser.add_argument(
        "--way", choices=WAYS, default="cells", help="who says it: the graded cells, or `check`"
    )
    chosen = parser.parse_args(arguments)
    runs = chosen.runs
    wrong = [answer for answer in answers.load() if not answer.right]
    with gate.workers() as pool:
        found = list(
            pool.map(
                find,
                [answer.source for answer in wrong for _ in range(runs)],
                [chosen.way] * len(wrong) * runs,
            )
        )
    results = [
        (answer, *judged(answer, found[runs * n : runs * n + runs]))
        for n, answer in enumerate(wrong)
    ]
    counts = Counter(opinion for _, opinion, _ in results)
    for answer, opinion, finding in sorted(results, key=lambda result: -VERDICTS.index(result[1])):
        if opinion != "right":
            print(complaint(answer, opinion, finding))
    seconds = [finding.seconds for finding in found if finding]
    print(
        f"wrong answers: {len(wrong)}, runs: {runs}; "
        + ", ".join(f"{name} {counts[name]}" for name in VERDICTS)
        + f"; named right: {counts['right'] / len(wrong):.1%}"
    )
    print(
        f"seconds for a diagnosis: median {statistics.median(seconds):.3f}, most {max(seconds):.2f}"
    )
    return 0 if enough(counts) else 1


if __name__ == "__main__":
    sys.exit(main())
