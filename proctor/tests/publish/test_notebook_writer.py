"""A notebook is written as nbformat writes it, whatever was written before it."""

import copy
from typing import Any
from unittest import mock

import pytest
from nbformat import NotebookNode, v4

from proctor.publish import notebook as writing
from proctor.publish.notebook import MAX_CACHED_CHARACTERS, NotebookWriter

PICTURE = v4.new_output(
    "display_data",
    {"image/png": "iVBORw0K" * 1000, "text/plain": "a\nb"},
    metadata={"image/png": {"width": 3}},
)


def notebook(*sources: str, outputs: Any = (), **fields: Any) -> NotebookNode:
    """A notebook of code cells, the first with these outputs, and a text cell."""
    cells = [
        v4.new_code_cell(text, id=f"c{index}", metadata={"nbgrader": {"points": 2}})
        for index, text in enumerate(sources)
    ]
    if cells:
        cells[0].outputs = list(outputs)
        attachments = {"a.png": {"image/png": "iVBO\nRw0K"}}
        text = "# é \u2028 \ud800\n\nwords"
        cells.append(v4.new_markdown_cell(text, id="text", attachments=attachments))
    kernel = {"name": "python3", "display_name": "Python"}
    metadata = {"zebra": [], "kernelspec": kernel, "signature": "x"}
    return v4.new_notebook(cells=cells, metadata=metadata, **fields)


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(notebook(), id="empty"),
        pytest.param(notebook("x = 1"), id="a cell"),
        pytest.param(
            notebook("x = 1\ny", "", outputs=[PICTURE, v4.new_output("stream", text="a\nb\n")]),
            id="pictures",
        ),
        pytest.param(
            NotebookNode({**notebook("x"), "Another": [1, {"cells": []}], "zz": {"cells": []}}),
            id="other entries",
        ),
    ],
)
def test_the_text_is_nbformats(one: NotebookNode) -> None:
    """It is, the first time and each time after it, and the notebook stays as it is."""
    writer, expected, before = NotebookWriter(), v4.writes_json(one), copy.deepcopy(one)
    assert [writer.text(one) for _ in range(3)] == [expected] * 3
    assert one == before


def test_submissions_in_turn() -> None:
    """Of two submissions in turn each has its own text."""
    writer, pair = NotebookWriter(), [notebook("x = 1", "same"), notebook("x = 2", "same", "more")]
    assert [writer.text(one) for one in pair * 3] == [v4.writes_json(one) for one in pair * 3]


@pytest.mark.parametrize(("before", "now"), [(1, True), (2, 2.0), (2, None), (2, "2")])
def test_values_that_are_equal_or_nearly(before: int, now: object) -> None:
    """A value is written as it is, though what Python takes for the same was written before."""
    writer, earlier, later = NotebookWriter(), notebook("x = 1"), notebook("x = 1")
    earlier.cells[0].metadata.nbgrader.points = before
    later.cells[0].metadata.nbgrader.points = now
    for _ in range(3):
        writer.text(earlier)
    assert writer.text(later) == v4.writes_json(later)


def test_a_cell_that_comes_again_is_made_once_more_only() -> None:
    """From its third time on, a cell's text is taken from the cache, unless it is enormous."""
    writer = NotebookWriter()
    enormous = v4.new_output("stream", text="." * MAX_CACHED_CHARACTERS)
    one = notebook("x = 1", "y = 2", outputs=[enormous])
    for _ in range(2):
        writer.text(one)
    with mock.patch.object(writing.v4, "writes_json", wraps=v4.writes_json) as made:
        writer.text(one)
    written = [call.args[0].cells for call in made.call_args_list]
    assert [cell.get("id") for cells in written for cell in cells if "id" in cell] == ["c0"]
