"""A tiny nbgrader course of two notebooks, and what its students hand in."""

import ast
import contextlib
import io
import json
import os
import shutil
import sys
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader import utils
from nbgrader.apps.generateassignmentapp import GenerateAssignmentApp
from nbgrader.converters import GenerateAssignment

from proctor import course
from proctor.assemble.plan import Plan
from proctor.assemble.source import AssignmentNotebook, assignment_notebook
from proctor.gradebook.database import GradebookConnection
from proctor.submission import notebook as submitted_notebook
from proctor.submission.folder import SubmissionFolder
from proctor.submission.notebook import SubmittedNotebook

ASSIGNMENT, SUMS, WORDS = "ps1", "sums", "words"
ANSWER = "def double(x):\n    return x * scale"
STUB = "# YOUR CODE HERE\nraise NotImplementedError()"


def nbgrader(name: str, points: float | None = None, **flags: bool) -> dict[str, Any]:
    """The metadata of a cell that nbgrader knows."""
    entry: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": name,
        "grade": False,
        "solution": False,
        "locked": False,
        "task": False,
    } | flags
    return {"nbgrader": entry | ({} if points is None else {"points": points})}


def sums() -> NotebookNode:
    """A source notebook with every kind of cell.

    In order: text, read-only, free, solution, test, partial credit, written answer, task, text.
    """
    cells = [
        new_markdown_cell("# Sums", id="title"),
        new_code_cell(
            "import math\nscale = 2", id="setup", metadata=nbgrader("setup", locked=True)
        ),
        new_code_cell("factor = 3", id="factor"),
        new_code_cell(
            "### BEGIN SOLUTION\ndef double(x):\n    return x * scale\n### END SOLUTION",
            id="double",
            metadata=nbgrader("double", solution=True),
        ),
        new_code_cell(
            "assert double(2) == 4\n"
            "### BEGIN HIDDEN TESTS\nassert double(5) == 10\n### END HIDDEN TESTS",
            id="test-double",
            metadata=nbgrader("test-double", 2, grade=True, locked=True),
        ),
        new_code_cell(
            "1.5 if double(0.5) == 1 else 0.5",
            id="partial",
            metadata=nbgrader("partial", 4, grade=True, locked=True),
        ),
        new_markdown_cell(
            "Because.", id="why", metadata=nbgrader("why", 3, grade=True, solution=True)
        ),
        new_markdown_cell(
            "Draw.\n### BEGIN MARK SCHEME\nnice: 5\n### END MARK SCHEME",
            id="draw",
            metadata=nbgrader("draw", 5, task=True, locked=True),
        ),
        new_markdown_cell("The end.", id="end"),
    ]
    return notebook(cells)


def words() -> NotebookNode:
    """A second source notebook: a solution and a test."""
    return notebook(
        [
            new_code_cell(
                "### BEGIN SOLUTION\nword = 'yes'\n### END SOLUTION",
                id="word",
                metadata=nbgrader("word", solution=True),
            ),
            new_code_cell(
                "assert word == 'yes'",
                id="test-word",
                metadata=nbgrader("test-word", 1, grade=True, locked=True),
            ),
        ]
    )


def notebook(cells: list[NotebookNode]) -> NotebookNode:
    """A Python notebook of these cells."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def make(root: Path, source: NotebookNode | None = None, settings: Iterable[str] = ()) -> Path:
    """Write the course and generate its assignment, as an instructor does; returns `root`.

    `source` stands for its first notebook, `settings` are further lines of nbgrader_config.py.
    """
    folder = root / "source" / ASSIGNMENT
    (folder / "tools").mkdir(parents=True)
    nbformat.write(source or sums(), folder / f"{SUMS}.ipynb")
    nbformat.write(words(), folder / f"{WORDS}.ipynb")
    (folder / "data.csv").write_text("1,2\n")
    (folder / "tools" / "help.py").write_text("HELP = 1\n")
    (root / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'lab'\n"
    )
    configure(root, *settings)
    generate(root, ASSIGNMENT)
    return root


def generate(root: Path, assignment: str) -> None:
    """Generate an assignment, as `nbgrader generate_assignment` does."""
    # nbgrader starts alembic, which stands beside the Python that runs the tests.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    with utils.chdir(str(root)), mock.patch.dict(os.environ, PATH=path):
        app = GenerateAssignmentApp()
        app.initialize(["--log-level=ERROR"])
        app.coursedir.assignment_id = assignment
        GenerateAssignment(coursedir=app.coursedir, parent=app).start()


def copy(folder: Path, place: Path) -> None:
    """A copy of a folder, with all that is in it."""
    shutil.copytree(folder, place)


def configure(root: Path, *lines: str) -> None:
    """Add lines to the course's settings."""
    with open(root / "nbgrader_config.py", "a") as file:
        file.write("\n".join(lines) + "\n")


def source_path(root: Path, name: str = SUMS) -> Path:
    """The path of a source notebook."""
    return root / "source" / ASSIGNMENT / f"{name}.ipynb"


def change_source(root: Path, index: int, cell: NotebookNode | None) -> None:
    """Put another cell into the source of the first notebook, or with None take one out."""
    source = nbformat.read(source_path(root), as_version=4)
    source.cells[index : index + 1] = [] if cell is None else [cell]
    nbformat.write(source, source_path(root))


def released(root: Path, name: str = SUMS) -> NotebookNode:
    """A notebook as students get it."""
    return nbformat.read(root / "release" / ASSIGNMENT / f"{name}.ipynb", as_version=4)


def answered(
    root: Path, text: str = ANSWER, name: str = SUMS, cell: str = "double"
) -> NotebookNode:
    """The released notebook with an answer in one cell."""
    found = released(root, name)
    by_name(found)[cell].source = text
    return found


def by_name(found: NotebookNode) -> dict[str, NotebookNode]:
    """{grade_id: cell} of a notebook."""
    return {
        cell.metadata.nbgrader.grade_id: cell for cell in found.cells if "nbgrader" in cell.metadata
    }


def hand_in(
    root: Path,
    student: str,
    files: Mapping[str, NotebookNode | str | bytes],
    timestamp: str | None = "2026-01-02 10:00:00 UTC",
) -> Path:
    """Put files, {name: content}, into a student's folder; returns the folder."""
    folder = root / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True, exist_ok=True)
    if timestamp is not None:
        files = {"timestamp.txt": timestamp, **files}
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        content = content if isinstance(content, (str, bytes)) else nbformat.writes(content)
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(data)
    return folder


def assignment(root: Path, name: str = SUMS) -> AssignmentNotebook:
    """One of the course's notebooks, as it is graded."""
    here = course.load(root)
    with GradebookConnection(here) as gradebook:
        return assignment_notebook(here, gradebook.assignment(ASSIGNMENT)[name], ASSIGNMENT)


def submitted(found: NotebookNode) -> SubmittedNotebook:
    """A notebook as it is read from a submission."""
    return submitted_notebook.read(json.dumps(found).encode())


def submission_folder(root: Path, student: str = "ada") -> SubmissionFolder:
    """A student's folder, open."""
    return SubmissionFolder(course.load(root), ASSIGNMENT, student, [SUMS, WORDS])


def run(plan: Plan) -> NotebookNode:
    """The plan's notebook, run in one namespace of this process; only for what tests hand in."""
    names: dict[str, Any] = {}
    count = 0
    for part in plan.parts:
        if part.side not in ("text", "skip"):
            count += 1
            part.cell.execution_count = count
            part.cell.outputs = _outputs(part.full_text, names, count)
    return plan.notebook


def _outputs(text: str, names: dict[str, Any], count: int) -> list[NotebookNode]:
    """The outputs of a cell that is run with these names."""
    printed, value = io.StringIO(), None
    try:
        tree = ast.parse(text)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        with contextlib.redirect_stdout(printed):
            exec(compile(tree, "cell", "exec"), names)
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    except Exception as error:
        return [
            new_output(
                "error",
                ename=type(error).__name__,
                evalue=str(error),
                traceback=traceback.format_exception_only(error),
            )
        ]
    outputs = []
    if printed.getvalue():
        outputs.append(new_output("stream", name="stdout", text=printed.getvalue()))
    if value is not None:
        data = {"text/plain": repr(value)}
        outputs.append(new_output("execute_result", data=data, execution_count=count))
    return outputs
