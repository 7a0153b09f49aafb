"""Owns tests of the notebook that is graded: the instructor's cells with the student's text where a student may write."""

import copy

import lab
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from proctor import course, skeleton
from proctor.book import Book
from proctor.rebuild import rebuild

STUB = "# YOUR CODE HERE\nraise NotImplementedError()"


def built(root, notebook, name=lab.SUMS):
    return rebuild(lab.bones(root, name), lab.as_sheet(notebook) if notebook is not None else None)


def sources(plan):
    return [part.cell.source for part in plan.parts]


def side(plan, text):
    return next(part.side for part in plan.parts if text in part.cell.source)


def test_the_released_notebook_is_graded_with_hidden_tests_and_marking_scheme(root):
    """Locked cells have the gradebook's text, hidden tests and marking schemes included."""
    plan = built(root, lab.released(root))
    cells = lab.by_name(plan.notebook)
    assert "assert double(5) == 10" in cells["test-double"].source
    assert "nice: 5" in cells["draw"].source
    assert [] == plan.problems


def test_each_cell_runs_on_its_side(root):
    """Read-only and free cells run on both sides, answers in the candidate, tests in the examiner, text nowhere."""
    plan = built(root, lab.answered(root))
    assert ["text", "both", "both", "student", "test", "test", "text", "text", "text"] == [
        part.side for part in plan.parts
    ]
    assert list(range(9)) == [part.index for part in plan.parts]
    assert 3 == plan.prefix


def test_the_answer_and_nothing_else_is_the_students(root):
    """Points, flags, checksums, locks and texts of locked cells that the student changed do not count."""
    handed_in = lab.answered(root)
    for cell in handed_in.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.update(points=1000, grade=False, locked=False, checksum="0" * 32)
        cell.metadata["tags"] = ["raises-exception", "skip-execution"]
    lab.by_name(handed_in)["test-double"].source = "pass"
    plan, honest = built(root, handed_in), built(root, lab.answered(root))
    assert honest.notebook == plan.notebook
    assert [
        "The text of the locked cell test-double was changed: the instructor's stands."
    ] == plan.problems


def test_checksum_and_points_are_the_gradebooks(root):
    """The finished cells carry nbgrader's metadata as stock OverwriteCells leaves it."""
    cell = lab.by_name(built(root, lab.answered(root)).notebook)["test-double"]
    assert (2.0, True, 32) == (
        cell.metadata.nbgrader.points,
        cell.metadata.nbgrader.grade,
        len(cell.metadata.nbgrader.checksum),
    )
    assert not cell.metadata.editable


def test_written_answer_goes_into_its_cell(root):
    """The text of a markdown answer is the student's."""
    handed_in = lab.answered(root, "It **is** so.", cell="why")
    assert "It **is** so." in sources(built(root, handed_in))


def test_an_own_cell_stays_in_its_place_without_metadata(root):
    """A student's own cell follows the cell it followed, as plain code with an id that no other cell has."""
    handed_in = lab.answered(root)
    handed_in.cells.insert(
        4,
        new_code_cell(
            "helper = 1",
            id="double",
            metadata={"nbgrader": {"grade_id": "fake", "grade": True}, "tags": ["x"]},
        ),
    )
    plan = built(root, handed_in)
    part = plan.parts[4]
    assert ("helper = 1", "student", {}) == (part.cell.source, part.side, dict(part.cell.metadata))
    assert len({cell.id for cell in plan.notebook.cells}) == len(plan.parts)
    nbformat.validate(plan.notebook)


def test_an_own_raw_cell_cannot_put_html_on_the_page(root):
    """A raw cell stays a raw cell in which no HTML begins."""
    handed_in = lab.answered(root)
    handed_in.cells.append(new_raw_cell("<script>alert(1)</script>"))
    assert "<script" not in built(root, handed_in).parts[-1].cell.source


def test_an_own_cell_before_the_prefix_runs_leaves_no_prefix(root):
    """If the student's code comes first, nothing of the prepared prefix may be taken as run."""
    handed_in = lab.answered(root)
    handed_in.cells.insert(0, new_code_cell("import sys"))
    assert 0 == built(root, handed_in).prefix


def test_an_empty_own_cell_does_not_run(root):
    """An empty cell, as JupyterLab leaves them, does not cost the prepared prefix."""
    handed_in = lab.answered(root)
    handed_in.cells.insert(2, new_code_cell("# a remark\n"))
    plan = built(root, handed_in)
    assert ("skip", 4) == (plan.parts[2].side, plan.prefix)


def test_a_free_cell_that_the_student_edited(root):
    """The student's text runs in the candidate, the instructor's own text in the examiner."""
    handed_in = lab.answered(root)
    handed_in.cells[2].source = "factor = 30"
    part = built(root, handed_in).parts[2]
    assert ("factor = 30", "edited", "factor = 3") == (
        part.cell.source,
        part.side,
        part.instructors,
    )


def test_free_cells_of_a_notebook_without_ids(root):
    """A notebook of format 4.4 has no ids: an edited cell is found by its likeness."""
    handed_in = lab.answered(root)
    handed_in.cells[2].source = "factor = 31"
    handed_in.nbformat_minor = 4
    for cell in handed_in.cells:
        del cell["id"]
    plan = built(root, handed_in)
    assert ("edited", 9) == (plan.parts[2].side, len(plan.parts))


def test_a_deleted_test_stands_again(root):
    """Whoever deletes a test is asked all the same, and it is told."""
    handed_in = lab.answered(root)
    handed_in.cells = [cell for cell in handed_in.cells if "test-double" not in str(cell.metadata)]
    plan = built(root, handed_in)
    assert "test" == side(plan, "double(5)")
    assert [
        "The cell test-double was deleted: the instructor's stands, and is graded."
    ] == plan.problems


def test_a_missing_answer_has_the_released_stub(root):
    """Where no cell could be the answer, the released one stands, and it is told."""
    handed_in = lab.released(root)
    handed_in.cells = [cell for cell in handed_in.cells if cell.id != "double"]
    plan = built(root, handed_in)
    assert STUB == plan.parts[3].cell.source
    assert ["The cell double is missing: the released one stands in its place."] == plan.problems


def test_an_answer_whose_metadata_was_lost(root):
    """The only cell in an answer's place is the answer, with a remark."""
    handed_in = lab.answered(root)
    handed_in.cells[3] = new_code_cell(lab.ANSWER)
    plan = built(root, handed_in)
    assert lab.ANSWER == lab.by_name(plan.notebook)["double"].source
    assert 9 == len(plan.parts)


def test_a_stub_does_not_undo_an_answer_in_own_cells(root):
    """Of an answer spread over own cells nothing is overwritten by the stub that stands in for the missing cell."""
    handed_in = lab.answered(root)
    handed_in.cells[3:4] = [
        new_code_cell("def double(x):\n    return half(x) * 4"),
        new_code_cell("def half(x):\n    return x / 2"),
    ]
    plan = built(root, handed_in)
    order = [source.split("\n")[0] for source in sources(plan)]
    assert (
        order.index("# YOUR CODE HERE")
        < order.index("def double(x):")
        < order.index("assert double(2) == 4")
    )


def test_an_answer_that_is_there_twice(root):
    """Of two cells with one name the first that was written in is the answer, the other follows it as an own cell."""
    handed_in = lab.answered(root)
    twin = copy.deepcopy(handed_in.cells[3])
    twin.id, twin.source = "twin", "more = 1"
    handed_in.cells.insert(4, twin)
    plan = built(root, handed_in)
    assert [lab.ANSWER, "more = 1"] == sources(plan)[3:5]
    assert 1 == sum("2 times" in problem for problem in plan.problems)


def test_an_untouched_copy_before_the_answer(root):
    """A stub that was copied and left alone is not taken for the answer."""
    handed_in = lab.answered(root)
    twin = copy.deepcopy(handed_in.cells[3])
    twin.id, twin.source = "twin", STUB
    handed_in.cells.insert(3, twin)
    assert lab.ANSWER == lab.by_name(built(root, handed_in).notebook)["double"].source


def test_cells_in_another_order(root):
    """The released order is graded, and it is told."""
    handed_in = lab.answered(root)
    handed_in.cells.reverse()
    plan = built(root, handed_in)
    assert lab.ANSWER == plan.parts[3].cell.source
    assert [
        "The cells are in another order than in the released notebook: the released order is graded."
    ] == plan.problems


def test_an_answer_made_a_markdown_cell(root):
    """A cell's kind is the instructor's."""
    handed_in = lab.answered(root)
    handed_in.cells[3] = new_markdown_cell(lab.ANSWER, metadata=handed_in.cells[3].metadata)
    plan = built(root, handed_in)
    assert ("code", "student") == (plan.parts[3].cell.cell_type, plan.parts[3].side)


def test_nothing_handed_in(root):
    """Without a submission the released stubs stand."""
    plan = built(root, None)
    assert (STUB, []) == (plan.parts[3].cell.source, plan.problems)


@pytest.mark.parametrize(
    "asked, expected",
    [("candidate", "candidate"), ("never", "skip"), ("everywhere", "both"), (["x"], "both")],
)
def test_a_cell_says_where_it_runs(root, asked, expected):
    """The instructor's metadata moves a cell to the candidate, or keeps it from running."""
    path = root / "source" / lab.ASSIGNMENT / "sums.ipynb"
    source = nbformat.read(path, as_version=4)
    source.cells[2].metadata["proctor"] = {"runs": asked}
    nbformat.write(source, path)
    assert expected == lab.bones(root).slots[2].side


def test_a_source_that_is_gone(root):
    """Without the source the released notebook and the gradebook serve, with the hidden tests, and it is told."""
    (root / "source" / lab.ASSIGNMENT / "sums.ipynb").unlink()
    bones = lab.bones(root)
    assert "double(5)" in lab.by_name(rebuild(bones, None).notebook)["test-double"].source
    assert "cannot be read" in bones.problems[0]


def test_a_source_that_has_changed_since(root):
    """Other graded cells in the source than in the gradebook: what students were given is graded."""
    path = root / "source" / lab.ASSIGNMENT / "sums.ipynb"
    source = nbformat.read(path, as_version=4)
    del source.cells[4]
    nbformat.write(source, path)
    bones = lab.bones(root)
    assert ["setup", "double", "test-double", "partial", "why", "draw"] == [
        slot.name for slot in bones.slots if slot.name
    ]
    assert "generate_assignment" in bones.problems[0]


def test_neither_source_nor_release(root):
    """Without both there is nothing to grade by, said in words."""
    for step in ("source", "release"):
        (root / step / lab.ASSIGNMENT / "sums.ipynb").unlink()
    with pytest.raises(course.CourseError, match="generate_assignment"):
        lab.bones(root)


def test_points_are_the_gradebooks_even_if_the_source_changed(root):
    """The source's points were changed after the release: the gradebook's count."""
    path = root / "source" / lab.ASSIGNMENT / "sums.ipynb"
    source = nbformat.read(path, as_version=4)
    source.cells[4].metadata.nbgrader.points = 50
    nbformat.write(source, path)
    here = course.load(root)
    with Book(here) as book:
        bones = skeleton.skeleton(here, book.assignment(lab.ASSIGNMENT)[lab.SUMS], lab.ASSIGNMENT)
    assert 2.0 == bones.slots[4].cell.metadata.nbgrader.points


@pytest.fixture
def hiding(tmp_path, monkeypatch):
    """A course with hidden text in a locked cell, in an open one and in an answer, which nbgrader's settings may allow."""
    book = lab.sums()
    for index in (1, 2, 3):
        book.cells[
            index
        ].source += f"\n### BEGIN HIDDEN TESTS\nhidden_{index} = 1\n### END HIDDEN TESTS"
    lab.make(tmp_path / "course", book, ["c.ClearHiddenTests.enforce_metadata = False"])
    monkeypatch.chdir(tmp_path / "course")
    return tmp_path / "course"


@pytest.mark.parametrize("change", ["none", "edited", "deleted"])
def test_hidden_text_of_any_cell_is_the_examiners_alone(hiding, change):
    """The candidate runs what was released, the examiner all of it, whatever the student did to the cells."""
    handed_in = lab.answered(hiding)
    if change == "edited":
        handed_in.cells[2].source = "factor = 30"
    elif change == "deleted":
        del handed_in.cells[1:4]
    plan = built(hiding, handed_in)
    locked, free = plan.parts[1:3]
    assert [] == [
        part.index for part in plan.parts if part.side != "test" and "hidden" in part.candidates
    ]
    assert ("import math\nscale = 2", True) == (
        locked.candidates,
        "hidden_1 = 1" in locked.examiners,
    )
    assert ("factor = 30" if change == "edited" else "factor = 3", True) == (
        free.candidates,
        "hidden_2 = 1" in free.examiners,
    )
    assert ("hidden_1" in locked.cell.source, "hidden_2" in free.cell.source) == (True, False)
    assert [part.candidates for part in lab.bones(hiding).prefix] == [
        "# Sums",
        "import math\nscale = 2",
        "factor = 3",
    ]


def test_the_names_of_the_reference_solution(root):
    """The skeleton knows what the source's solutions bind and read, and what open cells leave to be written."""
    expected = (frozenset({"double"}), True, True)
    reference = lab.bones(root).reference
    assert expected == (reference.answers, reference.known, "scale" in reference.reads)


def test_hidden_text_in_a_solution_is_no_answer(hiding):
    """What a solution cell's hidden lines bind is not asked of the student."""
    assert frozenset({"double"}) == lab.bones(hiding).reference.answers


def test_the_names_of_the_stubs(root):
    """Without a source the released cells tell which names are asked of the student, if they do."""
    (root / "source" / lab.ASSIGNMENT / f"{lab.SUMS}.ipynb").unlink()
    assert (frozenset(), False) == (
        lab.bones(root).reference.answers,
        lab.bones(root).reference.known,
    )
