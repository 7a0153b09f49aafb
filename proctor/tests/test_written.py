"""A notebook is written as nbformat writes it, whatever was written before it."""

import copy

import pytest
from nbformat import NotebookNode, v4

from proctor.written import LONGEST, Writer

PICTURE = v4.new_output(
    "display_data",
    {"image/png": "iVBORw0K" * 1000, "text/plain": "a\nb"},
    metadata={"image/png": {"width": 3}},
)


def notebook(*sources, outputs=(), **more):
    """A notebook of code cells, the first with these outputs, and a text cell."""
    cells = [
        v4.new_code_cell(text, id=f"c{n}", metadata={"nbgrader": {"points": 2}})
        for n, text in enumerate(sources)
    ]
    if cells:
        cells[0].outputs = list(outputs)
        cells.append(
            v4.new_markdown_cell(
                "# é \u2028 \ud800\n\nwords",
                id="text",
                attachments={"a.png": {"image/png": "iVBO\nRw0K"}},
            )
        )
    return v4.new_notebook(
        cells=cells,
        metadata={
            "zebra": [],
            "kernelspec": {"name": "python3", "display_name": "Python"},
            "signature": "x",
        },
        **more,
    )


NOTEBOOKS = [
    notebook(),
    notebook("x = 1"),
    notebook("x = 1\ny", "", outputs=[PICTURE, v4.new_output("stream", text="a\nb\n")]),
    NotebookNode({**notebook("x"), "Another": [1, {"cells": []}], "zz": {"cells": []}}),
]


@pytest.mark.parametrize("one", NOTEBOOKS, ids=["empty", "a cell", "pictures", "other entries"])
def test_written(one):
    """The text is nbformat's, the first time and each time after it."""
    writer, expected = Writer(), v4.writes_json(one)
    assert [expected] * 3 == [writer.text(one) for _ in range(3)]


def test_other_submission():
    """Of two submissions in turn each has its own text."""
    writer, pair = Writer(), [notebook("x = 1", "same"), notebook("x = 2", "same", "more")]
    expected = [v4.writes_json(one) for one in pair * 3]
    assert expected == [writer.text(one) for one in pair * 3]


@pytest.mark.parametrize("value", [True, 2.0, None, "2"])
def test_values_that_are_equal_or_nearly(value):
    """A number in a cell's metadata is written as it is, though what Python takes for the same was written before."""
    writer, one = Writer(), notebook("x = 1")
    other = copy.deepcopy(one)
    one.cells[0].metadata.nbgrader.points, other.cells[0].metadata.nbgrader.points = (
        1 if value is True else 2,
        value,
    )
    expected = v4.writes_json(other)
    for _ in range(3):
        writer.text(one)
    assert expected == writer.text(other)


def test_notebook_is_left_as_it_is():
    """Writing changes nothing in the notebook."""
    one = notebook("x = 1", outputs=[PICTURE])
    expected = copy.deepcopy(one)
    Writer().text(one)
    assert expected == one


def test_only_what_comes_again_is_kept():
    """A text is kept when the same cell came twice, and not if it is enormous."""
    writer = Writer()
    for tail in ("a", "b"):
        writer.text(notebook("x = 1", tail, outputs=[v4.new_output("stream", text="." * LONGEST)]))
    assert [False, False, True] == [text is not None for _, text in writer.known.values()]
