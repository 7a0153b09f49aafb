"""The instructor's side of a notebook, from whatever there still is of source and release."""

from pathlib import Path

import nbformat
import pytest
import tiny_course
from nbformat.v4 import new_code_cell

from proctor import course
from proctor.assemble.notebook import assemble
from proctor.assemble.source import solved_in

NAMES = ["setup", "double", "test-double", "partial", "why", "draw"]


def release_path(root: Path) -> Path:
    return root / "release" / tiny_course.ASSIGNMENT / "sums.ipynb"


@pytest.mark.parametrize(
    ("requested", "side"),
    [
        *[("candidate", "candidate"), ("shown", "shown"), ("never", "skip")],
        *[("everywhere", "given"), (["x"], "given")],
    ],
)
def test_a_cell_says_where_it_runs(root: Path, requested: object, side: str) -> None:
    """The instructor's metadata says that a cell is for the candidate, is only shown, or never runs."""
    cell = new_code_cell("factor = 3", id="factor", metadata={"proctor": {"runs": requested}})
    tiny_course.change_source(root, 2, cell)
    assert tiny_course.assignment(root).cells[2].side == side


def test_a_source_that_is_gone(root: Path) -> None:
    """The released notebook and the gradebook serve, with the hidden tests, and it is told."""
    tiny_course.source_path(root).unlink()
    notebook = tiny_course.assignment(root)
    tests = tiny_course.by_name(assemble(notebook, None).notebook)
    assert "double(5)" in tests["test-double"].source
    assert "cannot be read (FileNotFoundError)" in notebook.problems[0]
    assert notebook.solved is None


@pytest.mark.parametrize("released", [True, False])
def test_a_source_that_has_changed_since(root: Path, released: bool) -> None:
    """With other graded cells in the source, what students were given is graded."""
    tiny_course.change_source(root, 4, None)
    if not released:
        release_path(root).unlink()
    notebook = tiny_course.assignment(root)
    assert sorted(cell.name for cell in notebook.cells if cell.name) == sorted(NAMES)
    assert "nbgrader generate_assignment ps1" in notebook.problems[0]


def test_neither_source_nor_release(root: Path) -> None:
    """Without both there is nothing to grade by, said in words."""
    tiny_course.source_path(root).unlink()
    release_path(root).unlink()
    with pytest.raises(course.CourseError, match="generate_assignment"):
        tiny_course.assignment(root)


def test_points_are_the_gradebooks(root: Path) -> None:
    """If the source's points were changed after the release, the gradebook's count."""
    test = nbformat.read(tiny_course.source_path(root), as_version=4).cells[4]
    test.metadata.nbgrader.points = 50
    tiny_course.change_source(root, 4, test)
    cell = tiny_course.assignment(root).cells[4].cell
    assert cell.metadata.nbgrader.points == 2.0


@pytest.mark.parametrize(
    ("index", "told"),
    [
        pytest.param(4, ["test-double"], id="a test"),
        pytest.param(1, ["setup"], id="a locked cell"),
        pytest.param(3, [], id="a solution, of which the gradebook has the stub"),
        pytest.param(2, [], id="a cell that the gradebook does not have"),
    ],
)
def test_a_source_that_was_not_generated_again(root: Path, index: int, told: list[str]) -> None:
    """What grading does not take from the source although it was changed there is told of."""
    assert tiny_course.assignment(root).problems == []
    cell = nbformat.read(tiny_course.source_path(root), as_version=4).cells[index]
    cell.source = cell.source.replace("\n", "\n# changed\n", 1) + " "
    if cell.source.count("\n") == 0:
        cell.source += "# changed"
    tiny_course.change_source(root, index, cell)
    problems = tiny_course.assignment(root).problems
    assert len(problems) == bool(told)
    assert all(f"generate_assignment ({', '.join(told)})" in problem for problem in problems)


def test_the_solved_notebook(root: Path) -> None:
    """The source as if handed in has every cell, with its solution, its name and its id."""
    notebook = tiny_course.assignment(root)
    assert notebook.solved is not None
    assert [(cell.name, cell.id) for cell in notebook.solved.cells][2:5] == [
        (None, "factor"),
        ("double", "double"),
        ("test-double", "test-double"),
    ]
    plan = assemble(notebook, notebook.solved)
    assert "return x * scale" in plan.parts[3].full_text
    assert [part.cell.source for part in plan.parts if part.name == "why"] == ["Because."]
    assert plan.problems == []


def test_a_solved_notebook_of_another_folder(root: Path, tmp_path: Path) -> None:
    """A reference solution may lie anywhere, as a notebook of the same name."""
    nbformat.write(tiny_course.answered(root), tmp_path / "sums.ipynb")
    plan = assemble(tiny_course.assignment(root), solved_in(tmp_path, "sums"))
    assert (plan.parts[3].full_text, plan.problems) == (tiny_course.ANSWER, [])


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "No such file"), ("{}", "does not say its format")]
)
def test_a_reference_that_cannot_be_read(tmp_path: Path, content: str | None, reason: str) -> None:
    """A missing or broken reference notebook is told in words."""
    if content is not None:
        (tmp_path / "sums.ipynb").write_text(content)
    with pytest.raises(course.CourseError, match=f"sums.ipynb cannot be read.*{reason}"):
        solved_in(tmp_path, "sums")
