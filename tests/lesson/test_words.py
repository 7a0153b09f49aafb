"""Whether cells and rules are put into words as one would."""

import pytest
import torch
from convlab.taps.words import named, term


@pytest.mark.parametrize(
    "marked, words",
    [
        ([(0, 0)], "output (0, 0)"),
        ([(0, 0), (2, 3)], "outputs (0, 0) and (2, 3)"),
        ([(1, j) for j in range(4)], "output row 1"),
        ([(i, j) for i in (0, 2) for j in range(4)] + [(1, 3)], "output rows 0 and 2 and column 3"),
        ([], ""),
        ([(0, 0), (0, 1), (1, 2), (1, 3), (2, 0)], ""),
    ],
)
def test_cells_are_named_by_whole_rows_and_columns_or_one_by_one(marked, words):
    """A few cells are listed, rows and columns are named as such, and what has no short name gets none."""
    mask = torch.zeros(3, 4, dtype=torch.bool)
    for cell in marked:
        mask[cell] = True
    assert words == named(mask, "output", "output")


@pytest.mark.parametrize(
    "rule, text",
    [
        ([1, 0, 1, 0, 0], "i + m"),
        ([2, 0, -1, 0, 2], "2i − m + 2"),
        ([0, -1, 0, 0, -3], "−j − 3"),
        ([0, 0, 0, 0, 0], "0"),
        ([0, 0, 0, 0, -1], "−1"),
        ([-2, 1, 3, -1, 0], "−2i + j + 3m − n"),
    ],
)
def test_a_rule_is_written_as_one_writes_it(rule, text):
    """Factors of 1 and terms of 0 are left out, and minus is a true minus."""
    assert text == term(rule)
