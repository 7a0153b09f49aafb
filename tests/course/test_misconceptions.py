"""Whether the misconceptions of a class are read from its notebooks and counted by student."""

import csv

import nbformat
import pytest

from course import layout, misconceptions


def graded(*outcomes):
    """An autograded notebook whose graded cells a, b, … ended in these messages, None for none."""
    cells = []
    for name, message in zip("abcdef", outcomes, strict=False):
        outputs = (
            []
            if message is None
            else [nbformat.v4.new_output("error", ename="WrongValue", evalue=message, traceback=[])]
        )
        cells.append(
            nbformat.v4.new_code_cell(
                "pass",
                outputs=outputs,
                metadata={
                    "nbgrader": {
                        "grade": True,
                        "grade_id": name,
                        "points": 1,
                        "solution": False,
                        "locked": True,
                        "schema_version": 3,
                    }
                },
            )
        )
    return nbformat.v4.new_notebook(cells=cells)


@pytest.fixture
def course(tmp_path):
    """A course directory with three graded students: two share a misconception, one has none."""
    flipped = (
        "conv2d: row 0 is 1, expected 2.\n"
        "Diagnosis [kernel-flipped]: The kernel is turned: output (0, 0) reads it."
    )
    both = "conv2d.\nDiagnosis [kernel-flipped+stride-not-one]: Two things."
    for student, outcomes in {
        "ada": [flipped, flipped],
        "bob": [both, None],
        "cy": [None, "conv2d: no reason known."],
    }.items():
        folder = tmp_path / "autograded" / student / layout.ASSIGNMENT
        folder.mkdir(parents=True)
        nbformat.write(graded(*outcomes), folder / layout.NOTEBOOK)
    return tmp_path


def test_each_graded_cell_keeps_its_own_diagnosis(course):
    """Name and sentence are read from a cell's message; a message without them gives nothing."""
    collected = misconceptions.collected(course)
    assert collected["ada"]["a"] == (
        "kernel-flipped",
        "The kernel is turned: output (0, 0) reads it.",
    )
    assert sorted(collected["ada"]) == ["a", "b"]
    assert collected["cy"] == {}


def test_a_student_counts_once_however_many_cells_failed(course):
    """Names are counted by student, each part of a double one too, the most frequent first."""
    assert misconceptions.counted(misconceptions.collected(course)) == [
        ("kernel-flipped", 2),
        ("stride-not-one", 1),
    ]


def test_the_command_prints_the_counts_and_writes_the_lines(course, capsys):
    """The table says what each name means; the file has a line for each student, cell and name."""
    assert misconceptions.main(["--course", str(course)]) == 0
    printed = capsys.readouterr().out
    assert f"       2  kernel-flipped  {misconceptions.meanings()['kernel-flipped']}" in printed
    with open(course / misconceptions.FILE, encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [(line["student"], line["cell"], line["misconception"]) for line in lines] == [
        ("ada", "a", "kernel-flipped"),
        ("ada", "b", "kernel-flipped"),
        ("bob", "a", "kernel-flipped"),
        ("bob", "a", "stride-not-one"),
    ]


def test_an_ungraded_course_is_told_what_to_do(tmp_path, capsys):
    """Without autograded notebooks the command says so, and how to get some."""
    assert misconceptions.main(["--course", str(tmp_path)]) == 1
    assert "Nothing has been autograded yet" in capsys.readouterr().out
