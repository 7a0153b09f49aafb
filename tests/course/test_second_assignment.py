"""A second assignment goes through the whole round with this course's settings as they are."""

import csv
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

from course import layout

ASSIGNMENT = "pooling"
FUNCTIONS = {"pooling": "largest", "padding": "padded"}
RIGHT = {"pooling": "max(numbers)", "padding": "[0, *numbers, 0]"}
VISIBLE = {
    "pooling": "assert largest([1, 3, 2]) == 3",
    "padding": "assert padded([1, 2]) == [0, 1, 2, 0]",
}
HIDDEN = {
    "pooling": "assert largest([-5, -2]) == -2",
    "padding": "assert padded([]) == [0, 0]",
}
# What each notebook returns. A visible test is worth 1 point, a hidden one 2.
STUDENTS = {
    "101": RIGHT,
    "102": RIGHT | {"padding": "None"},
    "103": RIGHT | {"pooling": "3"},  # passes the visible test only
}
POINTS = {"101": 6.0, "102": 3.0, "103": 4.0}


def graded(text, name, **flags):
    """A cell that nbgrader knows."""
    about = {"schema_version": 3, "grade_id": name, "task": False, "solution": False}
    about |= {"grade": False, "locked": False} | flags
    return new_code_cell(text, id=name, metadata={"nbgrader": about})


def source(name):
    """The instructor's notebook."""
    function = FUNCTIONS[name]
    solution = f"### BEGIN SOLUTION\n    return {RIGHT[name]}\n    ### END SOLUTION"
    hidden = f"### BEGIN HIDDEN TESTS\n{HIDDEN[name]}\n### END HIDDEN TESTS"
    return new_notebook(
        cells=[
            new_markdown_cell(f"# {name}", id="title"),
            graded(f"def {function}(numbers):\n    {solution}", function, solution=True),
            graded(VISIBLE[name], f"visible_{function}", grade=True, locked=True, points=1),
            graded(hidden, f"hidden_{function}", grade=True, locked=True, points=2),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}},
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The course, the lesson graded, with one more assignment of two notebooks, generated."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(layout.ROOT / "nbgrader_config.py", folder)
    caches = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(layout.SOURCE, folder / "source" / layout.ASSIGNMENT, ignore=caches)
    run(folder, "nbgrader", "generate_assignment", layout.ASSIGNMENT, "--force")
    work = folder / "submitted" / "101" / layout.ASSIGNMENT
    work.mkdir(parents=True)
    shutil.copy(folder / "release" / layout.ASSIGNMENT / layout.NOTEBOOK, work)
    run(folder, "proctor", "grade", layout.ASSIGNMENT, "--wait=0")
    place = folder / "source" / ASSIGNMENT
    place.mkdir(parents=True)
    for name in FUNCTIONS:
        nbformat.write(source(name), place / f"{name}.ipynb")
    (folder / "before").write_text(lesson(folder))
    run(folder, "nbgrader", "generate_assignment", ASSIGNMENT, "--force")
    return folder


def run(folder, *words):
    """A command in the course's folder, which must end well; what it printed."""
    binaries = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
    command = [str(binaries / words[0]), *words[1:]]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def answered(root, name, value):
    """What a student hands in whose function returns this expression."""
    found = nbformat.read(root / "release" / ASSIGNMENT / f"{name}.ipynb", as_version=4)
    found.cells[1].source = f"def {FUNCTIONS[name]}(numbers):\n    return {value}"
    return nbformat.writes(found)


def lesson(root):
    """All that the course holds of the first assignment: its files, and its gradebook's rows."""
    lines = [
        f"{path.relative_to(root)} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in sorted(root.rglob("*"))
        if path.is_file() and layout.ASSIGNMENT in path.relative_to(root).parts
    ]
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        for submission in book.find_assignment(layout.ASSIGNMENT).submissions:
            for notebook in submission.notebooks:
                lines += [
                    f"{submission.student.id} {notebook.name} {grade.name} {grade.auto_score}"
                    for grade in notebook.grades
                ]
    return "\n".join(lines)


def test_the_stub_of_any_assignment(root):
    """It says what to do, and names no function of another assignment."""
    found = nbformat.read(root / "release" / ASSIGNMENT / "pooling.ipynb", as_version=4)
    assert "This is still to be written: replace this line" in found.cells[1].source
    assert "conv2d" not in nbformat.writes(found)
    assert HIDDEN["pooling"] not in nbformat.writes(found)


def test_the_whole_round(root):
    """Collected from a platform's download, graded, returned and exported, with the points that the
    answers are worth; the first assignment stays as it was."""
    archive = root / "downloaded" / ASSIGNMENT / "archive"
    archive.mkdir(parents=True)
    with zipfile.ZipFile(archive / "all.zip", "w") as packed:
        for student, answers in STUDENTS.items():
            for name, value in answers.items():
                file = f"N {student}_{student}_assignsubmission_file_{name}.ipynb"
                packed.writestr(file, answered(root, name, value))
    assert "3 students collected" in run(root, "nbgrader", "zip_collect", ASSIGNMENT)
    told = run(root, "proctor", "grade", ASSIGNMENT, "--wait=0")
    assert all(f"{points:g} of 6" in told for points in POINTS.values())
    run(root, "proctor", "feedback", ASSIGNMENT)
    for student in STUDENTS:
        pages = sorted((root / "feedback" / student / ASSIGNMENT).glob("*.html"))
        assert [page.stem for page in pages] == ["padding", "pooling"]
    run(root, "proctor", "export", ASSIGNMENT, "--to=csv", "--output=marks.csv")
    with open(root / "marks.csv", newline="", encoding="utf-8") as file:
        marks = {line["student_id"]: float(line["score"]) for line in csv.DictReader(file)}
    assert marks == POINTS
    before = (root / "before").read_text()
    assert "autograded/101/convolution/convolution.ipynb" in before
    assert "101 convolution from_scratch 0.0" in before
    assert lesson(root) == before
