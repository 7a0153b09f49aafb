"""Owns a tiny nbgrader course, what its students hand in, and an examiner that needs no processes."""

import ast
import contextlib
import io
import json
import traceback

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader import utils
from nbgrader.apps.generateassignmentapp import GenerateAssignmentApp
from nbgrader.converters import GenerateAssignment

from proctor import course, intake, sheet, skeleton
from proctor.book import Book
from proctor.results import Event, Outcome

ASSIGNMENT, SUMS, WORDS = "ps1", "sums", "words"
ANSWER = "def double(x):\n    return x * scale"


def nbgrader(name, points=None, **flags):
    found = {
        "schema_version": 3,
        "grade_id": name,
        "grade": False,
        "solution": False,
        "locked": False,
        "task": False,
    } | flags
    return {"nbgrader": found | ({} if points is None else {"points": points})}


def sums():
    """A notebook with everything nbgrader knows: read-only, free, solution, test, partial credit, written answer, task."""
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
            "assert double(2) == 4\n### BEGIN HIDDEN TESTS\nassert double(5) == 10\n### END HIDDEN TESTS",
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


def words():
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


def notebook(cells):
    return new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
    )


def make(root, book=None, settings=()):
    """Write the course and generate its assignment, as an instructor does; `book` instead of its first notebook."""
    source = root / "source" / ASSIGNMENT
    (source / "tools").mkdir(parents=True)
    nbformat.write(book or sums(), source / f"{SUMS}.ipynb")
    nbformat.write(words(), source / f"{WORDS}.ipynb")
    (source / "data.csv").write_text("1,2\n")
    (source / "tools" / "help.py").write_text("HELP = 1\n")
    (root / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'lab'\n"
    )
    configure(root, *settings)
    with utils.chdir(str(root)):
        app = GenerateAssignmentApp()
        app.initialize(["--log-level=ERROR"])
        app.coursedir.assignment_id = ASSIGNMENT
        GenerateAssignment(coursedir=app.coursedir, parent=app).start()
    return root


def configure(root, *lines):
    """Add lines to the course's settings."""
    with open(root / "nbgrader_config.py", "a") as file:
        file.write("\n".join(lines) + "\n")


def released(root, name=SUMS):
    return nbformat.read(root / "release" / ASSIGNMENT / f"{name}.ipynb", as_version=4)


def answered(root, text=ANSWER, name=SUMS, cell="double"):
    """The released notebook with an answer in one cell."""
    found = released(root, name)
    by_name(found)[cell].source = text
    return found


def by_name(found):
    """{grade_id: cell} of a notebook."""
    return {
        cell.metadata.nbgrader.grade_id: cell for cell in found.cells if "nbgrader" in cell.metadata
    }


def hand_in(root, student, files, timestamp="2026-01-02 10:00:00 UTC"):
    """Put files ({name: notebook, text or bytes}) into a student's folder; returns the folder."""
    folder = root / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True, exist_ok=True)
    if timestamp is not None:
        files = {"timestamp.txt": timestamp} | files
    for name, what in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        what = what if isinstance(what, (str, bytes)) else nbformat.writes(what)
        (folder / name).write_bytes(what if isinstance(what, bytes) else what.encode())
    return folder


def bones(root, name=SUMS):
    """The skeleton of one of the course's notebooks."""
    here = course.load(root)
    with Book(here) as book:
        return skeleton.skeleton(here, book.assignment(ASSIGNMENT)[name], ASSIGNMENT)


def as_sheet(found):
    return sheet.read(json.dumps(found).encode())


def submission(root, student="ada"):
    return intake.Submission(course.load(root), ASSIGNMENT, student, [SUMS, WORDS])


class Examiners:
    """Stands for the pools: runs every side in one namespace. Only for what the tests themselves hand in."""

    asked, stop_after, fail = [], None, ()

    def __init__(self, skeletons, support, workers, timeout, sandbox):
        Examiners.asked.append(
            {
                "support": sorted(path.name for path in support.iterdir()),
                "timeout": timeout,
                "sandbox": sandbox,
            }
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def warnings(self, name):
        return []

    def examine(self, name, plans):
        for count, (student, plan) in enumerate(plans):
            if self.stop_after is not None and count >= self.stop_after:
                raise KeyboardInterrupt
            if student in self.fail:
                yield student, Outcome(events=[Event("crashed", None, "it fell over")]), None
            else:
                yield student, Outcome(events=[]), run(plan)


def run(plan):
    """The plan's notebook, run in one namespace as stock nbgrader would."""
    names, count = {}, 0
    for part in plan.parts:
        if part.cell.cell_type == "code" and part.side not in ("text", "skip"):
            count += 1
            part.cell.execution_count, part.cell.outputs = (
                count,
                outputs(part.cell.source, names, count),
            )
    return plan.notebook


def outputs(text, names, count):
    try:
        tree, written = ast.parse(text), io.StringIO()
        last = (
            ast.Expression(tree.body.pop().value)
            if tree.body and isinstance(tree.body[-1], ast.Expr)
            else None
        )
        with contextlib.redirect_stdout(written):
            exec(compile(tree, "cell", "exec"), names)
            value = eval(compile(last, "cell", "eval"), names) if last else None
    except Exception as error:
        return [
            new_output(
                "error",
                ename=type(error).__name__,
                evalue=str(error),
                traceback=traceback.format_exception_only(error),
            )
        ]
    made = (
        [new_output("stream", name="stdout", text=written.getvalue())] if written.getvalue() else []
    )
    return made + (
        []
        if value is None
        else [new_output("execute_result", data={"text/plain": repr(value)}, execution_count=count)]
    )
