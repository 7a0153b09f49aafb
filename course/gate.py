"""Grades answers without nbgrader: the graded cells run on one answer, as in a notebook."""

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any
from unittest import mock

from . import answers, layout, mutants, notebook

RUNS = 20
# Random numbers may spare a wrong answer one cell once; all its cells they must never spare.
OFTEN = 17
SECONDS = 2
LEFT_OVER = """
import torch
image = torch.tensor([[-1., 0, 1, 2], [3, -1, 0, 1], [2, 3, -1, 0], [1, 2, 3, -1]])
kernel = torch.tensor([[1., 2], [-1, 0]])
"""


@dataclass(frozen=True)
class Run:
    """What an answer lost in one run, {cell: reason}, and whether a call of it took too long."""

    reasons: dict[str, str]
    hung: bool


def prepare() -> None:
    """In a worker: let the cells import convlab, keep torch to one thread, and give up on endless
    calls sooner.
    """
    sys.path.insert(0, str(layout.SOURCE))
    # Imported cold inside an answer, scipy would eat the answer's time.
    import scipy.ndimage  # noqa: F401
    import scipy.signal  # noqa: F401
    import torch
    from convlab import calling, graded_cells

    torch.set_num_threads(1)
    calling.SECONDS = SECONDS
    graded_cells.SECONDS = 0  # points only; course.diagnoses asks for the reasons


def cells() -> dict[str, str]:
    """The graded cells with their hidden tests, in order: {name: source}."""
    return {
        name: cell.source
        for name, cell in notebook.graded(notebook.read(layout.SOURCE / layout.NOTEBOOK)).items()
    }


def why(
    code: str, name: str, namespace: dict[str, Any], errors: io.StringIO | None = None
) -> str | None:
    """Run one cell as the kernel would: None if it earns its points, else why not.

    That is an error, or text on stderr. `errors` is the kernel's stderr, one stream for all cells
    of a notebook.
    """
    errors = errors or io.StringIO()
    begin = errors.tell()
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(errors):
            exec(compile(code, name, "exec"), namespace)
    except BaseException as error:  # SystemExit too: whatever an answer raises costs this cell only
        return f"{type(error).__name__}: {error}"
    said = errors.getvalue()[begin:]
    return f"stderr: {said}" if said else None


def lost(source: str, tests: Mapping[str, str], first: bool = False) -> dict[str, str]:
    """The graded cells that `source` loses, and why: {name: reason}; with `first`, stop at the
    first one.
    """
    return run(source, tests, first).reasons


def run(source: str, tests: Mapping[str, str], first: bool = False) -> Run:
    """Run `source` and these cells after it; with `first`, up to the first that it loses."""
    from convlab import calling

    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(LEFT_OVER, namespace)
    errors = io.StringIO()
    reasons: dict[str, str] = {}
    why(source, "answer", namespace, errors)
    for name, code in tests.items():
        reason = why(code, name, namespace, errors)
        if reason:
            reasons[name] = reason
            if first:
                break
    return Run(
        reasons, any(function is namespace.get("conv2d") for function in calling.slow.values())
    )


def losses(source: str, runs: int = RUNS) -> list[dict[str, str]]:
    """In a worker: what `source` loses in each of `runs` runs with new data.

    After a run in which it hung, a call has a tenth of the time.
    """
    from convlab import calling

    tests, seconds = cells(), float(calling.SECONDS)
    found = []
    for _ in range(runs):
        with mock.patch.object(calling, "SECONDS", seconds):
            one = run(source, tests)
        found.append(one.reasons)
        if one.hung:
            seconds = calling.SECONDS / calling.IMPATIENT
    return found


def as_said(answer: answers.Answer, runs: Sequence[Mapping[str, str]]) -> bool:
    """Whether these runs' losses are what the answer's head says: only the named cells, each of
    them, in every run.
    """
    return all(
        set(run) <= answer.loses and bool(run) == bool(answer.loses) for run in runs
    ) and all(sum(name in run for run in runs) >= OFTEN / RUNS * len(runs) for name in answer.loses)


def survives(source: str, runs: int = RUNS) -> bool:
    """In a worker: whether `source` earns everything in all of `runs` runs."""
    tests = cells()
    return not any(lost(source, tests, first=True) for _ in range(runs))


def workers() -> ProcessPoolExecutor:
    """A pool of fresh processes, one for each processor."""
    return ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"), initializer=prepare)


def main(arguments: list[str] | None = None) -> int:
    """Grade every sample answer and every mutant of the right ones; print the counts; exit 1 if one
    slips through.
    """
    argparse.ArgumentParser(prog="course.gate", description=main.__doc__).parse_args(arguments)
    failed = []
    with workers() as pool:
        known = answers.load()
        graded = pool.map(losses, [answer.source for answer in known])
        for answer, runs in zip(known, graded, strict=True):
            if not as_said(answer, runs):
                seen = sorted({name for run in runs for name in run})
                failed.append(
                    f"{answer.file}: {answer.name} should lose {sorted(answer.loses)}, lost {seen}"
                )
        right = sum(answer.right for answer in known)
        print(
            f"right answers: {right}, wrong answers: {len(known) - right}, {RUNS} runs each; "
            f"not as said: {len(failed)}"
        )
        made = mutants.all_of([answer for answer in known if answer.right])
        alive = [
            mutant
            for mutant, lives in zip(
                made, pool.map(survives, [m.source for m in made]), strict=True
            )
            if lives
        ]
    equivalent = mutants.equivalent()
    failed += [
        f"mutant lives: {mutant.label}" for mutant in alive if mutant.label not in equivalent
    ]
    failed += [
        f"listed as equivalent, but no such mutant lives: {label}"
        for label in equivalent
        if label not in {mutant.label for mutant in alive}
    ]
    print(
        f"mutants: {len(made)}, killed {len(made) - len(alive)}, alive {len(alive)}, "
        f"of these listed as equivalent {len([m for m in alive if m.label in equivalent])}"
    )
    print(*failed, sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
