"""Reads and writes notebooks: cells by name, marked regions of a cell, the student's cell."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

STUB = "conv2d"
BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


def read(path: str | Path) -> NotebookNode:
    """The notebook at `path` as an nbformat node, version 4."""
    return nbformat.read(path, as_version=4)


def write(notebook: NotebookNode, path: str | Path) -> None:
    """Write a notebook: validated, UTF-8, indented by 1, a newline at the end."""
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def graded(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """The graded cells in order: {name: cell}."""
    return {
        cell.metadata.nbgrader.grade_id: cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


def points(notebook: NotebookNode) -> dict[str, float]:
    """What each graded cell is worth: {name: points}."""
    return {name: cell.metadata.nbgrader.points for name, cell in graded(notebook).items()}


def stub(notebook: NotebookNode) -> NotebookNode:
    """The one cell that the student fills in."""
    (cell,) = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == STUB]
    return cell


def split(source: str, begin: str, end: str) -> tuple[list[str], list[str]]:
    """The lines of `source` outside the regions between the marker lines, and those inside.

    The markers are in neither.
    """
    outside: list[str] = []
    inside: list[str] = []
    here = outside
    for line in source.split("\n"):
        if line.strip() == begin:
            here = inside
        elif line.strip() == end:
            here = outside
        else:
            here.append(line)
    return outside, inside


def region(source: str, begin: str, end: str) -> list[str]:
    """The lines of `source` between the marker lines; [] if there are none."""
    return split(source, begin, end)[1]


def without(source: str, begin: str, end: str) -> str:
    """`source` without the marker lines and what stands between them."""
    return "\n".join(split(source, begin, end)[0]).rstrip("\n")
