"""How sentences name cells of a table: by whole rows and columns, or one by one."""

import torch

from ..messages import Message, message

FEW = 4  # cells that are listed one by one


def named(mask: torch.Tensor, kind: str) -> list[Message]:
    """The marked cells of `mask` (rows, columns) as facts; none if they are none, or too many for a
    short name.

    `kind` is "output" for cells of a map, "weight" for those of a kernel. Cells that are just some
    whole rows and columns are told as these ("output rows 0 and 2", "output column 3"), at most FEW
    others one by one ("outputs (0, 1), (2, 2)").
    """
    rows, columns = mask.all(dim=1), mask.all(dim=0)
    if torch.equal(rows[:, None] | columns, mask) and mask.any():
        lines = (("rows", rows.nonzero()), ("columns", columns.nonzero()))
        return [
            message("taps", f"cells.{kind}-{unit}", count=len(at), lines=listed(at[:, 0].tolist()))
            for unit, at in lines
            if len(at)
        ]
    cells = [tuple(cell) for cell in mask.nonzero().tolist()]
    if not 0 < len(cells) <= FEW:
        return []
    return [message("taps", f"cells.{kind}", count=len(cells), cells=cells)]


def listed(numbers: list[int]) -> list[int | Message]:
    """Ascending numbers as facts: 5 and 7, or 6 to 9 in one."""
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return [message("taps", "cells.from-to", first=numbers[0], last=numbers[-1])]
    return [*numbers]


def number_named(cells: list[Message]) -> int:
    """How many rows, columns and single cells these facts name, to choose between singular and
    plural.
    """
    return sum(fact.facts["count"] for fact in cells)
