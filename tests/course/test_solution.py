"""Whether the solution notebook runs, explains itself, and becomes a page that needs no network."""

import re

import pytest

from course import layout, notebook, solution


@pytest.fixture(scope="module")
def solved():
    """The solution notebook, run."""
    return solution.executed()


@pytest.fixture(scope="module")
def committed():
    """The solution notebook as it is committed."""
    return notebook.read(layout.ROOT / "solution" / layout.ASSIGNMENT / layout.NOTEBOOK)


def test_every_cell_runs_and_all_rungs_hold(solved):
    """Run in a folder without convlab, no cell fails, and the check finds nothing wrong."""
    code = [cell for cell in solved.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert [o for cell in code for o in cell.outputs if o.output_type == "error"] == []
    (checked,) = [cell for cell in solved.cells if cell.id == "check"]
    rungs = re.search(r"(\d+) of (\d+) rungs hold", checked.outputs[0].data["text/plain"])
    assert rungs and rungs[1] == rungs[2]


def test_the_committed_notebook_has_no_outputs(committed):
    """No picture and no number is committed that another machine would round otherwise."""
    assert [cell.id for cell in committed.cells if cell.get("outputs")] == []
    assert [cell.id for cell in committed.cells if cell.get("execution_count")] == []


def test_the_solution_is_told_in_words_and_hides_nothing(committed):
    """A cell of text explains the solution; no hidden test, marker or name of nbgrader is left."""
    (words,) = [cell for cell in committed.cells if cell.id == "conv2d-in-words"]
    assert words.source.startswith("**The solution in words.**") and len(words.source) > 400
    text = "\n".join(cell.source for cell in committed.cells)
    assert "BEGIN " not in text and "HIDDEN" not in text and "decoy" not in text
    assert all(cell.metadata == {} for cell in committed.cells)


def test_a_solution_is_divided_into_words_and_code():
    """The comment that opens a solution becomes text; later comments stay in the code."""
    source = (
        "def f():\n    ### BEGIN SOLUTION\n    # Why.\n    # How.\n    a = 1  # one\n    # now\n"
    )
    source += "    return a\n    ### END SOLUTION"
    assert solution.words_and_code(source) == (
        "Why.\nHow.",
        "def f():\n    a = 1  # one\n    # now\n    return a",
    )


def test_the_page_asks_no_other_place_and_holds_every_formula(solved):
    """The page of the solution has no address to load from, and a `<math>` for each formula."""
    page = solution.page(solved)
    assert re.findall(r'(?:src|href)="https?:[^"]*"', page) == []
    text = "\n".join(cell.source for cell in solved.cells if cell.cell_type == "markdown")
    formulas = re.findall(r"\$\$?[^$]+\$\$?", re.sub(r"`[^`]*`", "", text))
    assert len(formulas) > 20
    assert page.count("<math") == len(formulas)
