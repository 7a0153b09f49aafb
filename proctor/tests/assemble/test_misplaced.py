"""Answers in the wrong place are told to a human."""

from pathlib import Path

import pytest
import tiny_course
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from tiny_course import ANSWER

from proctor.assemble.misplaced import asked_names, is_untouched, misplaced
from proctor.assemble.notebook import assemble

OTHER = "def double(x):\n    return x + x"
DELETED, STUB_LEFT = None, ""


def handed_in(root: Path, answer: str | None, further: dict[str, str]) -> NotebookNode:
    """The release with an answer (None: its cell deleted, "": the stub left), and further cells.

    `further` is {name of the cell that a further one follows: its text}.
    """
    notebook = tiny_course.released(root)
    cells = []
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name == "double" and answer:
            cell.source = answer
        if name != "double" or answer is not DELETED:
            cells.append(cell)
        if name in further:
            cells.append(new_code_cell(further[name]))
    notebook.cells = cells
    return notebook


def told(root: Path, notebook: NotebookNode) -> list[str]:
    """What a human is told of a notebook."""
    own = tiny_course.assignment(root)
    plan = assemble(own, tiny_course.submitted(notebook))
    return misplaced(own, plan, asked_names(own))


@pytest.mark.parametrize(
    ("answer", "further", "words"),
    [
        pytest.param(ANSWER, {}, (), id="in its cell"),
        pytest.param(STUB_LEFT, {}, (), id="nothing written"),
        pytest.param(ANSWER, {"partial": "double(3)"}, (), id="tried out below"),
        pytest.param(ANSWER, {"partial": ANSWER}, (), id="the same again"),
        pytest.param(ANSWER, {"partial": "def other(x): pass"}, (), id="another function"),
        pytest.param(ANSWER, {"partial": "def double(:"}, (), id="no Python"),
        pytest.param(STUB_LEFT, {"setup": OTHER}, (), id="above the tests"),
        pytest.param(
            STUB_LEFT,
            {"partial": OTHER},
            ("double is as released", "below test-double, partial", "graded without it"),
            id="below the tests",
        ),
        pytest.param(
            STUB_LEFT,
            {"test-double": f"%matplotlib inline\n{OTHER}"},
            ("below test-double:", "graded without it"),
            id="below a test, with a magic",
        ),
        pytest.param(
            DELETED,
            {"partial": OTHER},
            ("double was deleted", "below test-double, partial"),
            id="deleted, and below the tests",
        ),
        pytest.param(DELETED, {}, ("was deleted, and no other cell",), id="deleted"),
        pytest.param(
            ANSWER,
            {"partial": OTHER},
            ("once more, differently", "test-double, partial saw the first one."),
            id="another one below all tests",
        ),
        pytest.param(
            ANSWER,
            {"test-double": OTHER},
            ("test-double saw the first one, partial the later one",),
            id="another one between the tests",
        ),
    ],
)
def test_an_answer_in_the_wrong_place(
    root: Path, answer: str | None, further: dict[str, str], words: tuple[str, ...]
) -> None:
    """One sentence says what was seen, and which tests saw which answer; where all is right, none."""
    found = told(root, handed_in(root, answer, further))
    assert len(found) == bool(words)
    assert [word for word in words if word not in found[0]] == []


def test_a_copied_cell(root: Path) -> None:
    """A copy of the answer cell that holds another answer is told of, wherever it was pasted."""
    notebook = tiny_course.answered(root)
    copied = NotebookNode(tiny_course.by_name(notebook)["double"])
    notebook.cells.append(NotebookNode({**copied, "source": OTHER, "id": "pasted"}))
    (sentence,) = told(root, notebook)
    assert "test-double, partial saw the first one" in sentence


@pytest.mark.parametrize(
    ("answer", "further", "untouched"),
    [
        (STUB_LEFT, {}, True),
        (ANSWER, {}, False),
        (DELETED, {}, True),
        (STUB_LEFT, {"partial": "1"}, False),
        (STUB_LEFT, {"partial": "# mine"}, True),
    ],
)
def test_an_untouched_notebook(
    root: Path, answer: str | None, further: dict[str, str], untouched: bool
) -> None:
    """A notebook is untouched if no answer cell and no cell of the student's own holds anything."""
    own = tiny_course.assignment(root)
    plan = assemble(own, tiny_course.submitted(handed_in(root, answer, further)))
    assert is_untouched(own, plan) == untouched
