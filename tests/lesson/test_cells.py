"""Whether cells of a table are named as one would."""

import functools

import pytest
import torch
from claims import marked
from convlab.messages import message
from convlab.taps.cells import named

fact = functools.partial(message, "taps")


@pytest.mark.parametrize(
    "cells, facts, words",
    [
        ([(0, 0)], [fact("cells.output", count=1, cells=[(0, 0)])], "output (0, 0)"),
        (
            [(0, 0), (2, 3)],
            [fact("cells.output", count=2, cells=[(0, 0), (2, 3)])],
            "outputs (0, 0) and (2, 3)",
        ),
        (
            [(1, j) for j in range(4)],
            [fact("cells.output-rows", count=1, lines=[1])],
            "output row 1",
        ),
        (
            [(i, j) for i in (0, 2) for j in range(4)] + [(1, 3)],
            [
                fact("cells.output-rows", count=2, lines=[0, 2]),
                fact("cells.output-columns", count=1, lines=[3]),
            ],
            "output rows 0 and 2 and output column 3",
        ),
        (
            [(i, j) for i in range(3) for j in range(1, 4)],
            [fact("cells.output-columns", count=3, lines=[fact("cells.from-to", first=1, last=3)])],
            "output columns 1 to 3",
        ),
        ([], [], ""),
        ([(0, 0), (0, 1), (1, 2), (1, 3), (2, 0)], [], ""),
    ],
)
def test_cells_are_named_by_whole_rows_and_columns_or_one_by_one(cells, facts, words):
    """A few cells are listed, rows and columns are named as such, and what has no short name gets
    none.
    """
    mask = torch.zeros(3, 4, dtype=torch.bool)
    for cell in cells:
        mask[cell] = True
    found = named(mask, "output")
    assert found == facts
    assert " and ".join(each.text("en") for each in found) == words
    assert not found or torch.equal(marked(found, (3, 4)), mask)
