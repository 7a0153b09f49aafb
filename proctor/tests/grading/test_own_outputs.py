"""When what the instructor's first cells show is kept as it is, with its scripts."""

from pathlib import Path

import nbformat
import pytest
import tiny_course
from gradings import autograded, graded, right
from tiny_course import hand_in

from proctor.pool.bases import Bases

OWN = "<script>own = 1</script><b>moves</b>"
SETUP = f"""
import os
from IPython.display import HTML, display
scale = 2
own = {OWN!r}
display(HTML(open("note.html").read() if os.path.exists("note.html") else own))
"""


EVIL = "<script>evil = 1</script><b>moves</b>"
FURTHER: dict[str, tuple[dict[str, str], bool]] = {
    "nothing": ({}, True),
    "text": ({"notes.txt": "mine"}, True),
    "module": ({"helper.py": "x = 1", "pictures/mine.png": "x"}, True),
    "same": ({"note.html": OWN}, True),
    "evil": ({"note.html": EVIL}, False),
    "letter": ({"note.html": OWN + " "}, False),
    "named like a library": ({"IPython.py": "raise SystemExit"}, True),
}


@pytest.fixture(scope="module")
def class_of_files(tmp_path_factory: pytest.TempPathFactory, bases: Bases) -> Path:
    """A graded course whose first cell shows a script, or what a file of the student's says; each
    student has handed in other further files."""
    source = tiny_course.sums()
    source.cells[1].source = SETUP
    root = tiny_course.make(tmp_path_factory.mktemp("files") / "course", source)
    for student, (files, _) in FURTHER.items():
        hand_in(root, student, right(root) | files)
    assert {one.status for one in graded(root, bases).rows} == {"graded"}
    return root


@pytest.mark.parametrize("student", FURTHER)
def test_a_further_file_takes_no_scripts_out(class_of_files: Path, student: str) -> None:
    """The instructor's scripts stay if what a first cell showed is the same to the last letter as
    without the student, and only these."""
    notebook = nbformat.read(autograded(class_of_files, student) / "sums.ipynb", as_version=4)
    outputs = str(notebook.cells[1].outputs)
    assert ("<script>own = 1</script>" in outputs) == FURTHER[student][1]
    assert "evil = 1" not in outputs
