"""Owns how a map departs from what it should be: which cells do, beyond what rounding explains, and the sentence on them."""

import math
from dataclasses import dataclass

import torch

from ..examples import Example
from ..printing import number, told_apart

SLACK = 3  # times the tolerance of one map, since maps of several calls are compared
NO_SUM = "This is not a sum of pixels times weights: "
DECIMALS = [
    "is a whole number",
    "has at most 1 decimal",
    *(f"has at most {n} decimals" for n in (2, 3, 4)),
]


@dataclass(eq=False)
class Departure:
    """Why a function is no sum of pixels times weights: the call that showed it, and the cells of its map that do.

    `cells` are (row, column, what came, what the rule in `sentence` foretold); none if the map's size was the reason. It is `unsteady` if the
    same call gave two maps.
    """

    sentence: str
    cells: list
    image: torch.Tensor
    kernel: torch.Tensor
    unsteady: bool = False


class Departed(Exception):
    """Carries a Departure after which nothing that is read could be relied on."""


def departed(rule, came, should, *inputs):
    """The Departure of the map `came`, of the last two `inputs`, from what the rule says it should be, or None.

    All inputs are pairs of image and kernel, one after the other; they tell how far off float32 may be.
    """
    tolerance = SLACK * sum(Example(*pair).tolerance for pair in zip(inputs[::2], inputs[1::2]))
    same = (came == should) | (came.isnan() & should.isnan()) | ((came - should).abs() <= tolerance)
    cells = [(i, j, float(came[i, j]), float(should[i, j])) for i, j in (~same).nonzero().tolist()]
    if not cells:
        return None
    i, j, *values = cells[0]
    this, that = told_apart(*values)
    every = len(cells) == came.numel() > 1 and torch.equal(came, came[:1, :1].expand_as(came))
    return Departure(
        f"{NO_SUM}{rule}, but {'every output' if every else f'output ({i}, {j})'} is {this} instead of {that}.",
        cells,
        *inputs[-2:],
    )


def unchanged(first, again, image, kernel):
    """Raise Departed if the same call gave another map the second time."""
    found = departed("", again, first, image, kernel)
    if found:
        i, j, *values = found.cells[0]
        this, that = told_apart(*values)
        found.sentence = (
            f"The same call gave two different maps: output ({i}, {j}) was {that}, then {this}. "
            "Something besides image and kernel plays a part."
        )
        found.unsteady = True
        raise Departed(found)


def nearness(cells):
    """The sentence for differences so small that they come from rounding, or nothing."""
    off = max(abs(came - should) for _, _, came, should in cells)
    if not off < 0.01 * max(abs(cell[3]) for cell in cells):
        return ""
    unit = 10.0 ** math.floor(math.log10(off))
    return f" All differences are small, at most {math.ceil(off / unit) * unit:.1g}."


def remark(image, *maps):
    """What strikes one in the maps of an image of all kinds of fractions, in a sentence, or nothing."""
    values = torch.cat([values.flatten() for values in maps])
    for places in range(5) if (image * 2**7 % 1).any() else ():
        exact = values * 10**places
        if ((exact - exact.round()).abs() <= 1.2e-7 * exact.abs() + 1e-6).all():
            return f" Every value of these maps {DECIMALS[places]}."
    low, high = float(values.min()), float(values.max())
    if low >= 0 and int((values == high).sum()) <= 2:
        return " No value of these maps is negative."
    ends = [
        f"{word} {number(end)}"
        for word, end in (("below", low), ("above", high))
        if int((values == end).sum()) > 2 and end * 100 % 1 == 0
    ]
    return f" No value of these maps is {' or '.join(ends)}." if ends else ""
