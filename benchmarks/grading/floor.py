"""The floor under any grader: the answers' cells run plainly, one after another, in one process.

As a program, it reads the answers as JSON from its standard input, and writes what each takes to
the file that it is given.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from nbformat import NotebookNode

from course import layout, notebook

from .processes import MeasurementError

NEVER = "never"  # metadata of cells that are not to run while grading


@dataclass(frozen=True)
class Floor:
    """Seconds of processor time that the cells of a submission take in a warm process.

    `told` are, by the answer's text, those from the answer on that the grader is told to run;
    `every` is the mean of all cells from the answer on, over some of the answers.
    """

    told: dict[str, float]
    every: float

    def mean(self, sources: Iterable[str]) -> float:
        """The mean of `told` over a class that handed in these answers: slow ones count as they
        are."""
        return fmean(self.told[source] for source in sources)


def floor(sources: Iterable[str], for_every: int = 8) -> Floor:
    """What the cells take with each of these answers to the lesson; all cells with `for_every` of
    these only, since those that need not run take long. MeasurementError."""
    different = list(dict.fromkeys(sources))
    some = different[:: max(1, len(different) // for_every)][:for_every]
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "seconds.json"
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.grading.floor", str(result)],
            input=json.dumps([different, some]),
            cwd=layout.SOURCE,
            env=layout.environment(),
            text=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        if done.returncode:
            last = done.stderr.strip().rpartition("\n")[2]
            raise MeasurementError(f"the cells could not be run plainly: {last}")
        told, every = json.loads(result.read_text("utf-8"))
    return Floor(dict(zip(different, told, strict=True)), fmean(every))


def timed(answers: Sequence[str], some: Sequence[str]) -> tuple[list[float], list[float]]:
    """In the fresh process: run the lesson up to the answer once, then each of the answers with
    the cells after it that the grader is told to run, and some with all cells; the seconds.

    Those told to run go by themselves, since another one may leave them less to do.
    """
    import matplotlib
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    matplotlib.use("module://matplotlib_inline.backend_inline")
    shell = InteractiveShell.instance()
    cells = [
        cell
        for cell in notebook.read(layout.SOURCE / layout.NOTEBOOK).cells
        if cell.cell_type == "code"
    ]
    here = [cell.id for cell in cells].index(notebook.STUB)
    following = cells[here + 1 :]
    every = [cell.source for cell in following]
    told = [cell.source for cell in following if runs(cell)]

    def seconds(texts: Sequence[str]) -> float:
        begun = time.process_time()
        for text in texts:
            shell.run_cell(text)
        return time.process_time() - begun

    with capture_output():
        seconds([cell.source for cell in cells[:here]])
        seconds([cells[here].source, *every])  # what is imported or drawn only once
        return (
            [seconds([answer, *told]) for answer in answers],
            [seconds([answer, *every]) for answer in some],
        )


def runs(cell: NotebookNode) -> bool:
    """Whether the grader is told to run a cell."""
    return bool(cell.metadata.get("proctor", {}).get("runs") != NEVER)


def main() -> None:
    """Measure the answers on standard input, and write the seconds to the file named first."""
    seconds = timed(*json.load(sys.stdin))
    Path(sys.argv[1]).write_text(json.dumps(seconds), "utf-8")


if __name__ == "__main__":
    main()
