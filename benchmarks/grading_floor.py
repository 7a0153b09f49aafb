"""The floor under any grader: the cells run plainly, one after another, in one warm process."""

import os
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from course import layout, notebook


def floor(sources):
    """The median seconds of a submission in a fresh warm process: (answer and graded cells, every
    cell from the answer on).
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(timed, sources).result()


def timed(sources):
    """In the fresh process: run the lesson up to the answer once, then each answer with the cells
    after it.
    """
    import matplotlib
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    matplotlib.use("module://matplotlib_inline.backend_inline")
    os.chdir(layout.SOURCE)
    shell = InteractiveShell.instance()
    cells = [
        cell
        for cell in notebook.read(layout.SOURCE / layout.NOTEBOOK).cells
        if cell.cell_type == "code"
    ]
    here = [cell.id for cell in cells].index(notebook.STUB)
    graded, every = [], []
    with capture_output():
        for cell in cells[:here]:
            shell.run_cell(cell.source)
        for source in sources:
            spent = [
                seconds(shell, source),
                *(seconds(shell, cell.source) for cell in cells[here + 1 :]),
            ]
            worth = [
                True,
                *(
                    "nbgrader" in cell.metadata and cell.metadata.nbgrader.grade
                    for cell in cells[here + 1 :]
                ),
            ]
            every.append(sum(spent))
            graded.append(sum(time for time, counts in zip(spent, worth, strict=True) if counts))
    return statistics.median(graded), statistics.median(every)


def seconds(shell, source):
    """How long one cell takes."""
    begun = time.perf_counter()
    shell.run_cell(source)
    return time.perf_counter() - begun
