"""The notebook that is graded: the instructor's cells, the student's text where one may write."""

import copy
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import tiny_course
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from tiny_course import ANSWER, STUB

from proctor.assemble.notebook import assemble
from proctor.assemble.plan import Plan

REORDERED = (
    "The cells are in another order than in the released notebook: the released order is graded."
)


def assembled(root: Path, notebook: NotebookNode | None) -> Plan:
    """The plan for a notebook that was handed in."""
    submitted = None if notebook is None else tiny_course.submitted(notebook)
    return assemble(tiny_course.assignment(root), submitted)


def sources(plan: Plan) -> list[str]:
    return [part.cell.source for part in plan.parts]


def test_the_released_notebook(root: Path) -> None:
    """Locked cells have the gradebook's text, hidden tests and marking schemes included."""
    plan = assembled(root, tiny_course.released(root))
    cells = tiny_course.by_name(plan.notebook)
    assert "assert double(5) == 10" in cells["test-double"].source
    assert "nice: 5" in cells["draw"].source
    assert plan.problems == []


def test_nothing_handed_in(root: Path) -> None:
    """Without a submission the released stubs stand, and nobody is told of missing cells."""
    plan = assembled(root, None)
    assert (plan.parts[3].cell.source, plan.problems) == (STUB, [])


def test_each_cell_has_its_side(root: Path) -> None:
    """Given cells run on both sides, answers in the candidate, tests in the examiner."""
    plan = assembled(root, tiny_course.answered(root))
    assert [(part.index, part.side, part.name, part.points) for part in plan.parts] == [
        (0, "text", None, None),
        (1, "given", "setup", None),
        (2, "given", None, None),
        (3, "student", "double", None),
        (4, "test", "test-double", 2.0),
        (5, "test", "partial", 4.0),
        (6, "text", "why", 3.0),
        (7, "text", "draw", 5.0),
        (8, "text", None, None),
    ]
    assert plan.prefix == 3


def test_only_the_answer_is_the_students(root: Path) -> None:
    """Points, flags, checksums, locks and locked texts that the student changed do not count."""
    handed_in = tiny_course.answered(root)
    for cell in handed_in.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.update(points=1000, grade=False, locked=False, checksum="0" * 32)
        cell.metadata["tags"] = ["raises-exception", "skip-execution"]
    tiny_course.by_name(handed_in)["test-double"].source = "pass"
    plan = assembled(root, handed_in)
    assert plan.notebook == assembled(root, tiny_course.answered(root)).notebook
    assert plan.problems == [
        "The text of the locked cell test-double was changed: the instructor's stands."
    ]


def test_metadata_is_the_gradebooks(root: Path) -> None:
    """The finished cells carry nbgrader's metadata as stock OverwriteCells leaves it."""
    plan = assembled(root, tiny_course.answered(root))
    metadata = tiny_course.by_name(plan.notebook)["test-double"].metadata
    assert (metadata.nbgrader.points, metadata.nbgrader.grade) == (2.0, True)
    assert len(metadata.nbgrader.checksum) == 32
    assert not metadata.editable


def test_a_written_answer(root: Path) -> None:
    """The text of a markdown answer is the student's."""
    handed_in = tiny_course.answered(root, "It **is** so.", cell="why")
    assert assembled(root, handed_in).parts[6].cell.source == "It **is** so."


def test_an_additional_cell(root: Path) -> None:
    """A student's own cell follows the cell it followed, as plain code with an id of its own."""
    handed_in = tiny_course.answered(root)
    metadata = {"nbgrader": {"grade_id": "fake", "grade": True}, "tags": ["x"]}
    handed_in.cells.insert(4, new_code_cell("helper = 1", id="double", metadata=metadata))
    plan = assembled(root, handed_in)
    part = plan.parts[4]
    assert (part.cell.source, part.side, part.cell.metadata) == ("helper = 1", "student", {})
    assert len({cell.id for cell in plan.notebook.cells}) == len(plan.parts)
    nbformat.validate(plan.notebook)


def test_an_additional_raw_cell(root: Path) -> None:
    """A raw cell stays a raw cell in which no HTML begins."""
    handed_in = tiny_course.answered(root)
    handed_in.cells.append(new_raw_cell("<script>alert(1)</script>"))
    part = assembled(root, handed_in).parts[-1]
    assert (part.side, part.cell.cell_type) == ("text", "raw")
    assert "<script" not in part.cell.source


@pytest.mark.parametrize(
    ("text", "place", "side", "prefix"),
    [
        pytest.param("import sys", 0, "student", 0, id="code before the prefix"),
        pytest.param("import sys", 2, "student", 0, id="code within the prefix"),
        pytest.param("# a remark\n", 2, "skip", 4, id="comments within the prefix"),
        pytest.param("", 0, "skip", 4, id="nothing before the prefix"),
        pytest.param("import sys", 3, "student", 3, id="code after the prefix"),
    ],
)
def test_an_additional_cell_and_the_prefix(
    root: Path, text: str, place: int, side: str, prefix: int
) -> None:
    """The prefix that is run beforehand counts only if no code of the student's runs before."""
    handed_in = tiny_course.answered(root)
    handed_in.cells.insert(place, new_code_cell(text))
    plan = assembled(root, handed_in)
    assert (plan.parts[place].side, plan.prefix) == (side, prefix)


def test_a_free_cell_that_the_student_edited(root: Path) -> None:
    """The student's text runs in the candidate, the instructor's own text in the examiner."""
    handed_in = tiny_course.answered(root)
    handed_in.cells[2].source = "factor = 30"
    part = assembled(root, handed_in).parts[2]
    assert (part.side, part.cell.source) == ("edited", "factor = 30")
    assert (part.candidate_text, part.examiner_text) == ("factor = 30", "factor = 3")
    assert part.full_text == "factor = 30"


def test_a_free_cell_of_a_notebook_without_ids(root: Path) -> None:
    """A notebook of format 4.4 has no ids: an edited cell is found by its likeness."""
    handed_in = tiny_course.answered(root)
    handed_in.cells[2].source = "factor = 31"
    handed_in.nbformat_minor = 4
    for cell in handed_in.cells:
        del cell["id"]
    plan = assembled(root, handed_in)
    assert (plan.parts[2].side, len(plan.parts)) == ("edited", 9)


def without_double(notebook: NotebookNode) -> None:
    del notebook.cells[3]


def without_test(notebook: NotebookNode) -> None:
    del notebook.cells[4]


def without_metadata(notebook: NotebookNode) -> None:
    notebook.cells[3] = new_code_cell(ANSWER)


def reversed_cells(notebook: NotebookNode) -> None:
    notebook.cells.reverse()


def markdown_answer(notebook: NotebookNode) -> None:
    notebook.cells[3] = new_markdown_cell(ANSWER, metadata=notebook.cells[3].metadata)


def twin_after(notebook: NotebookNode) -> None:
    twin = copy.deepcopy(notebook.cells[3])
    twin.id, twin.source = "twin", "more = 1"
    notebook.cells.insert(4, twin)


def untouched_twin_before(notebook: NotebookNode) -> None:
    twin = copy.deepcopy(notebook.cells[3])
    twin.id, twin.source = "twin", STUB
    notebook.cells.insert(3, twin)


@pytest.mark.parametrize(
    ("change", "double", "problem"),
    [
        pytest.param(
            without_test,
            ANSWER,
            "The cell test-double was deleted: the instructor's stands, and is graded.",
            id="a deleted test",
        ),
        pytest.param(
            without_double,
            STUB,
            "The cell double is missing: the released one stands in its place.",
            id="a missing answer",
        ),
        pytest.param(
            without_metadata,
            ANSWER,
            "No cell says that it is double; the only cell in its place was taken as it.",
            id="an answer whose metadata was lost",
        ),
        pytest.param(reversed_cells, ANSWER, REORDERED, id="cells in another order"),
        pytest.param(
            markdown_answer,
            ANSWER,
            "The cell double was made a markdown cell: it is a code cell again.",
            id="an answer made a markdown cell",
        ),
        pytest.param(
            twin_after,
            ANSWER,
            "The cell double is there 2 times: the first that was written in is taken as the "
            "answer, the others are kept as further cells.",
            id="an answer that is there twice",
        ),
        pytest.param(
            untouched_twin_before,
            ANSWER,
            "The cell double is there 2 times: the first that was written in is taken as the "
            "answer, the others are kept as further cells.",
            id="an untouched copy before the answer",
        ),
    ],
)
def test_a_notebook_that_lost_its_form(
    root: Path, change: Callable[[NotebookNode], None], double: str, problem: str
) -> None:
    """Every released cell is there in its order and kind, the answer in its cell; it is told."""
    handed_in = tiny_course.answered(root)
    change(handed_in)
    plan = assembled(root, handed_in)
    released = [part for part in plan.parts if not part.cell.get("id", "").startswith("own-")]
    expected = assembled(root, tiny_course.answered(root)).parts
    assert [(part.name, part.side, part.cell.cell_type) for part in released] == [
        (part.name, part.side, part.cell.cell_type) for part in expected
    ]
    assert tiny_course.by_name(plan.notebook)["double"].source == double
    assert problem in plan.problems


def test_a_lost_cell_is_not_there_twice(root: Path) -> None:
    """A cell that was taken as the answer is no further cell."""
    handed_in = tiny_course.answered(root)
    without_metadata(handed_in)
    assert len(assembled(root, handed_in).parts) == 9


def test_a_second_answer_follows_the_first(root: Path) -> None:
    """A further cell with an answer's name stays behind the answer."""
    handed_in = tiny_course.answered(root)
    twin_after(handed_in)
    assert sources(assembled(root, handed_in))[3:5] == [ANSWER, "more = 1"]


def test_a_stub_does_not_undo_an_answer_in_own_cells(root: Path) -> None:
    """The stub of a missing cell comes before the own cells over which the answer is spread."""
    handed_in = tiny_course.answered(root)
    handed_in.cells[3:4] = [
        new_code_cell("def double(x):\n    return half(x) * 4"),
        new_code_cell("def half(x):\n    return x / 2"),
    ]
    texts = sources(assembled(root, handed_in))
    assert texts[3:6] == [STUB, handed_in.cells[3].source, handed_in.cells[4].source]


@pytest.fixture
def hiding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course that hides text in a locked cell, a free one and an answer, if settings allow it."""
    source = tiny_course.sums()
    for index in (1, 2, 3):
        source.cells[
            index
        ].source += f"\n### BEGIN HIDDEN TESTS\nhidden_{index} = 1\n### END HIDDEN TESTS"
    root = tmp_path / "course"
    tiny_course.make(root, source, ["c.ClearHiddenTests.enforce_metadata = False"])
    monkeypatch.chdir(root)
    return root


def unchanged(notebook: NotebookNode) -> None:
    pass


def edited(notebook: NotebookNode) -> None:
    notebook.cells[2].source = "factor = 30"


def deleted(notebook: NotebookNode) -> None:
    del notebook.cells[1:4]


@pytest.mark.parametrize("change", [unchanged, edited, deleted])
def test_hidden_text_is_the_examiners(hiding: Path, change: Callable[[NotebookNode], None]) -> None:
    """The candidate runs what was released, the examiner all of it, whatever the student did."""
    handed_in = tiny_course.answered(hiding)
    change(handed_in)
    plan = assembled(hiding, handed_in)
    candidate_texts = [part.candidate_text for part in plan.parts if part.side != "test"]
    assert not any("hidden" in text for text in candidate_texts)
    locked, free = plan.parts[1:3]
    assert locked.candidate_text == "import math\nscale = 2"
    assert free.candidate_text == ("factor = 30" if change is edited else "factor = 3")
    assert "hidden_1 = 1" in locked.examiner_text
    assert "hidden_2 = 1" in free.examiner_text
    assert ("hidden_1" in locked.cell.source, "hidden_2" in free.cell.source) == (True, False)


@pytest.mark.parametrize(
    ("change", "hidden"),
    [
        pytest.param(unchanged, [True, True, False], id="unchanged"),
        pytest.param(edited, [True, False, False], id="edited"),
        pytest.param(deleted, [True, True, False], id="deleted"),
    ],
)
def test_the_full_text_of_a_cell(
    hiding: Path, change: Callable[[NotebookNode], None], hidden: list[bool]
) -> None:
    """In one process an instructor's cell runs with its hidden text, unless a student edited it."""
    handed_in = tiny_course.answered(hiding)
    change(handed_in)
    parts = assembled(hiding, handed_in).parts
    assert ["hidden" in part.full_text for part in parts[1:4]] == hidden
    assert "assert double(5) == 10" in parts[4].full_text


def test_the_prefix_runs_without_hidden_text(hiding: Path) -> None:
    """What a candidate runs beforehand is what was released."""
    prefix = tiny_course.assignment(hiding).prefix
    assert [part.candidate_text for part in prefix] == [
        "# Sums",
        "import math\nscale = 2",
        "factor = 3",
    ]
    assert ["hidden" in part.examiner_text for part in prefix] == [False, True, True]


def test_the_solved_notebook_hides_nothing_in_open_cells(hiding: Path) -> None:
    """As handed in, the source's open cells have what a student could have there."""
    solved = tiny_course.assignment(hiding).solved
    assert solved is not None
    plan = assemble(tiny_course.assignment(hiding), solved)
    assert [part.side for part in plan.parts[1:4]] == ["given", "given", "student"]
    assert ["hidden" in part.full_text for part in plan.parts[1:4]] == [True, True, False]
