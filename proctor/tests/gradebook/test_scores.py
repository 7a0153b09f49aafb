"""A cell's points are nbgrader's, except where nbgrader has no rule that anybody would want."""

import pytest
import tiny_course
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from proctor.gradebook.scores import NotebookMarks, marks, points_of

ERROR = new_output("error", ename="E", evalue="", traceback=[])
STDERR = new_output("stream", name="stderr", text="warned")
STDOUT = new_output("stream", name="stdout", text="said")


def result(text: str) -> NotebookNode:
    return new_output("execute_result", data={"text/plain": text}, execution_count=1)


def graded_cell(*outputs: NotebookNode, points: float = 2.0) -> NotebookNode:
    metadata = tiny_course.nbgrader("t", points, grade=True, locked=True)
    return new_code_cell("", outputs=list(outputs), metadata=metadata)


@pytest.mark.parametrize(
    ("outputs", "points"),
    [
        pytest.param([], 2.0, id="nothing"),
        pytest.param([result("1.5")], 1.5, id="partial points"),
        pytest.param([result("0")], 0.0, id="no partial points"),
        pytest.param([result("2")], 2.0, id="all points"),
        pytest.param([result("'fine'")], 2.0, id="a result that is no number"),
        pytest.param([STDOUT], 2.0, id="printed"),
        pytest.param([STDOUT, result("1.5")], 1.5, id="printed before partial points"),
        pytest.param([ERROR], 0, id="an error"),
        pytest.param([STDERR], 0, id="a warning"),
        pytest.param([ERROR, result("1.5")], 0, id="an error before partial points"),
    ],
)
def test_points_as_nbgrader_gives_them(outputs: list[NotebookNode], points: float) -> None:
    """nbgrader's own function decides: an error gives 0, a number partial points, else all."""
    assert points_of(graded_cell(*outputs)) == (points, None)


@pytest.mark.parametrize(
    ("text", "points", "problem"),
    [
        ("3", 2.0, "The test t gave 3 points of 2: 2 count."),
        ("2.001", 2.0, "The test t gave 2.001 points of 2: 2 count."),
        ("nan", None, "The test t gave nan points: a human must decide."),
        ("-1", None, "The test t gave -1 points: a human must decide."),
        ("inf", None, "The test t gave inf points: a human must decide."),
        ("-inf", None, "The test t gave -inf points: a human must decide."),
    ],
)
@pytest.mark.parametrize("after", [[], [STDERR]], ids=["alone", "before a warning"])
def test_partial_points_out_of_range(
    text: str, points: float | None, problem: str, after: list[NotebookNode]
) -> None:
    """A number above the maximum counts as the maximum; what is no number of points, a human's."""
    cell = graded_cell(result(text), *after)
    assert points_of(cell) == (points, problem)
    assert marks(tiny_course.notebook([cell])) == NotebookMarks({"t": points}, {}, [problem])


def test_a_result_without_text() -> None:
    """Where nbgrader fails, a human decides."""
    empty = new_output("execute_result", data={}, execution_count=1)
    points, problem = points_of(graded_cell(empty))
    assert points is None
    assert problem is not None and "a human must decide" in problem


def written_cell(name: str, **flags: bool) -> NotebookNode:
    return new_markdown_cell("words", metadata=tiny_course.nbgrader(name, 3, **flags))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param(
            graded_cell(), NotebookMarks({"t": None}, {}, ["Look."]), id="a test has no comment"
        ),
        pytest.param(
            written_cell("t", grade=True, solution=True),
            NotebookMarks({"t": None}, {"t": "Look."}, ["Look."]),
            id="an answer has one",
        ),
        pytest.param(
            written_cell("t", task=True),
            NotebookMarks({}, {"t": "Look."}, ["Look."]),
            id="a task has one",
        ),
    ],
)
def test_a_cell_that_waits_for_a_human(cell: NotebookNode, expected: NotebookMarks) -> None:
    """Its points are left open though its outputs say some, and the reason is told."""
    assert marks(tiny_course.notebook([cell]), {"t": "Look.", "other": "No."}) == expected


def test_an_answer_without_response() -> None:
    """An answer with the released checksum has 0 points and nbgrader's comment."""
    cell = written_cell("t", grade=True, solution=True)
    from nbgrader.utils import compute_checksum

    cell.metadata.nbgrader["checksum"] = compute_checksum(cell)
    assert marks(tiny_course.notebook([cell])) == NotebookMarks({"t": 0}, {"t": "No response."})
