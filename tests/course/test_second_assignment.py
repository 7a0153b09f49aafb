"""A second assignment goes through the whole round with this course's settings as they are."""

import csv
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course import layout

ASSIGNMENT = "pooling"
ANSWERS = {"pooling": ("largest", "max(numbers)"), "padding": ("padded", "[0, *numbers, 0]")}
TESTS = {
    "pooling": "assert largest([1, 3, 2]) == 3",
    "padding": "assert padded([1, 2]) == [0, 1, 2, 0]",
}
STUDENTS = {"101": (True, True), "102": (True, False)}  # whether each notebook is right


def graded(text, name, **flags):
    """A cell that nbgrader knows."""
    about = {"schema_version": 3, "grade_id": name, "task": False, "solution": False}
    about |= {"grade": False, "locked": False} | flags
    return new_code_cell(text, id=name, metadata={"nbgrader": about})


def source(name):
    """The instructor's notebook."""
    function, right = ANSWERS[name]
    stub = f"### BEGIN SOLUTION\n    return {right}\n    ### END SOLUTION"
    return new_notebook(
        cells=[
            new_markdown_cell(f"# {name}", id="title"),
            graded(f"def {function}(numbers):\n    {stub}", function, solution=True),
            graded(TESTS[name], f"test_{function}", grade=True, locked=True, points=2),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}},
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The course's settings with one more assignment of two notebooks, generated."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(layout.ROOT / "nbgrader_config.py", folder)
    place = folder / "source" / ASSIGNMENT
    place.mkdir(parents=True)
    for name in ANSWERS:
        nbformat.write(source(name), place / f"{name}.ipynb")
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


def answered(root, name, right):
    """What a student hands in."""
    found = nbformat.read(root / "release" / ASSIGNMENT / f"{name}.ipynb", as_version=4)
    function, answer = ANSWERS[name]
    body = answer if right else "None"
    found.cells[1].source = f"def {function}(numbers):\n    return {body}"
    return nbformat.writes(found)


def test_the_stub_of_any_assignment(root):
    """It says what to do, and names no function of another assignment."""
    found = nbformat.read(root / "release" / ASSIGNMENT / "pooling.ipynb", as_version=4)
    assert "This is still to be written: replace this line" in found.cells[1].source
    assert "conv2d" not in nbformat.writes(found)


def test_the_whole_round(root):
    """Collected from a platform's download, graded, returned and exported, with the points that the
    answers are worth."""
    archive = root / "downloaded" / ASSIGNMENT / "archive"
    archive.mkdir(parents=True)
    with zipfile.ZipFile(archive / "all.zip", "w") as packed:
        for student, right in STUDENTS.items():
            for name, is_right in zip(ANSWERS, right, strict=True):
                file = f"N {student}_{student}_assignsubmission_file_{name}.ipynb"
                packed.writestr(file, answered(root, name, is_right))
    assert "2 students collected" in run(root, "nbgrader", "zip_collect", ASSIGNMENT)
    told = run(root, "proctor", "grade", ASSIGNMENT, "--wait=0")
    assert "4 of 4" in told and "2 of 4" in told
    run(root, "proctor", "feedback", ASSIGNMENT)
    for student in STUDENTS:
        pages = sorted((root / "feedback" / student / ASSIGNMENT).glob("*.html"))
        assert [page.stem for page in pages] == ["padding", "pooling"]
    run(root, "proctor", "export", ASSIGNMENT, "--to=csv", "--output=marks.csv")
    with open(root / "marks.csv", newline="", encoding="utf-8") as file:
        marks = {line["student_id"]: float(line["score"]) for line in csv.DictReader(file)}
    assert marks == {"101": 4.0, "102": 2.0}
