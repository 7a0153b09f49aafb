"""What holds of every sum of pixels times weights, and the further calls that show which of it a
function breaks.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from .. import calling
from ..examples import Example
from ..messages import Message, message
from ..printing import number, told_apart

if TYPE_CHECKING:
    from .questions import Questions

SLACK = 3  # times the tolerance of one map, since maps of several calls are compared
DECIMALS = 5  # up to so many, less one, are looked for in maps
SIGNED = 8  # values: of fewer than that, none may be negative by chance

Cells = list[tuple[int, int, float, float]]


@dataclass(eq=False)
class Departure:
    """Why a function is no sum of pixels times weights: the call that showed it, and the cells of
    its map that do.

    `facts` say which rule is broken, and what strikes one in the maps. `cells` are (row, column,
    what came, what the rule foretold); none if the map's size was the reason, which has no `image`
    (H, W) and `kernel` (M, N) either. It is `unsteady` if the same call gave two maps.
    """

    facts: tuple[Message, ...]
    cells: Cells
    image: torch.Tensor | None
    kernel: torch.Tensor | None
    unsteady: bool = False

    @property
    def case(self) -> Example:
        """The call that showed it; ValueError where the map's size was the reason."""
        if self.image is None or self.kernel is None:
            raise ValueError("no single call showed this departure")
        return Example(self.image, self.kernel)


class Departed(Exception):
    """Carries a Departure after which nothing that is read could be relied on."""


def foretold(coefficients: torch.Tensor, image: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    """The map that `coefficients` (rows, columns, H, W, M, N) give for `image` (H, W) and `kernel`
    (M, N), in float64.
    """
    products = torch.outer(image.double().flatten(), kernel.double().flatten())
    return coefficients.flatten(2) @ products.flatten()


def different(came: torch.Tensor, should: torch.Tensor, *inputs: torch.Tensor) -> Cells:
    """The cells in which two maps differ by more than rounding explains: (row, column, what came,
    what should).

    All inputs are pairs of image and kernel, one after the other; they tell how far off float32 may
    be.
    """
    pairs = zip(inputs[::2], inputs[1::2], strict=True)
    tolerance = SLACK * sum(Example(*pair).tolerance for pair in pairs)
    same = (came == should) | (came.isnan() & should.isnan()) | ((came - should).abs() <= tolerance)
    return [(i, j, float(came[i, j]), float(should[i, j])) for i, j in (~same).nonzero().tolist()]


def departed(
    rule: str, came: torch.Tensor, should: torch.Tensor, *inputs: torch.Tensor
) -> Departure | None:
    """The Departure of the map `came`, of the last two `inputs`, from what the rule of this name
    says it should be, or None.
    """
    cells = different(came, should, *inputs)
    if not cells:
        return None
    i, j, *values = cells[0]
    this, that = told_apart(*values)
    facts = {"rule": message("taps", f"rule.{rule}"), "came": this, "expected": that}
    every = len(cells) == came.numel() > 1 and torch.equal(came, came[:1, :1].expand_as(came))
    if every:
        told = message("taps", "no-sum.every-output", **facts)
    else:
        told = message("taps", "no-sum.output", output=(i, j), **facts)
    image, kernel = inputs[-2:]
    return Departure((told,), cells, image, kernel)


def with_facts(departure: Departure, *facts: Message) -> Departure:
    """The same Departure with further facts."""
    return dataclasses.replace(departure, facts=(*departure.facts, *facts))


def unchanged(
    first: torch.Tensor, again: torch.Tensor, image: torch.Tensor, kernel: torch.Tensor
) -> None:
    """Raise Departed if the same call gave another map the second time."""
    cells = different(again, first, image, kernel)
    if cells:
        i, j, *values = cells[0]
        this, that = told_apart(*values)
        told = message("taps", "unsteady.map", output=(i, j), came=this, expected=that)
        raise Departed(Departure((told,), cells, image, kernel, unsteady=True))


def unforetold(
    ask: Questions, cases: Sequence[Example], first: torch.Tensor, coefficients: torch.Tensor
) -> Departure | None:
    """The Departure of the first case whose map is not what the coefficients foretell, or None."""
    for case in cases:
        came = first if case is cases[0] else ask(*case.before)
        should = foretold(coefficients, *case.before)
        found = departed("one-by-one", came, should, *case.before)
        if found:
            return found
    return None


def empty(
    rule: str, came: torch.Tensor, first: torch.Tensor, image: torch.Tensor, kernel: torch.Tensor
) -> Departure | None:
    """The Departure if the map `came` is not 0, the "zero-image" or the "zero-kernel" being all
    zeros, or None.

    `first` is the map of random numbers.
    """
    found = departed(rule, came, torch.zeros_like(came), image, kernel)
    if found and torch.equal(came, first):
        return with_facts(found, message("taps", f"maps.{rule}"))
    return found


def explained(
    ask: Questions,
    cases: Sequence[Example],
    first: torch.Tensor,
    case: Example,
    unlike: Departure | None = None,
) -> Departure | None:
    """The Departure from the first rule of a sum of pixels times weights that further calls on
    `case` show broken, or None.

    If there is no time for them, it is `unlike`, the Departure known already.
    """
    try:
        unchanged(first, ask(*cases[0].before), *cases[0].before)
        image, kernel = case.before
        came = ask(image, kernel)
        if not came.isfinite().all():
            i, j = (~came.isfinite()).nonzero()[0].tolist()
            facts = {"output": (i, j), "came": number(came[i, j])}
            told = message("taps", "no-sum.not-finite", **facts)
            return Departure((told,), unlike.cells if unlike else [], image, kernel)
        found = multiplied(ask, image, kernel, came)
        if found:
            return found
        found = added(ask, image, kernel, came, *cases[3].before)
        few = any(torch.equal(image, other.before[0]) for other in (cases[1], cases[4]))
        if found and few and unlike:
            return with_facts(found, message("taps", "maps.few-values"))
        return found and with_facts(found, *nearness(found.cells))
    except calling.TimeIsUp:
        if not unlike:
            raise
        return unlike


def multiplied(
    ask: Questions, image: torch.Tensor, kernel: torch.Tensor, came: torch.Tensor
) -> Departure | None:
    """The Departure if −1 or 2 times the image or the kernel does not give as many times the map
    `came`, or None.
    """
    for rule, factor, pair in [
        ("negative-image", -1, (-image, kernel)),
        ("negative-kernel", -1, (image, -kernel)),
        ("double-image", 2, (2 * image, kernel)),
        ("double-kernel", 2, (image, 2 * kernel)),
    ]:
        other = ask(*pair)
        found = departed(rule, other, factor * came, *pair)
        if found:
            return with_facts(found, *remark(image, came, other))
    return None


def added(
    ask: Questions,
    image: torch.Tensor,
    kernel: torch.Tensor,
    came: torch.Tensor,
    other: torch.Tensor,
    weights: torch.Tensor,
) -> Departure | None:
    """The Departure if the maps of two parts of the image or the kernel do not add up to the map
    `came`, or None.
    """
    upper = image.clone()
    upper[len(image) // 2 :] = 0
    for rule, one, two in [
        ("images", (other, kernel), (image - other, kernel)),
        ("kernels", (image, weights), (image, kernel - weights)),
        ("halves", (upper, kernel), (image - upper, kernel)),
    ]:
        found = departed(rule, came, ask(*one) + ask(*two), *one, *two, image, kernel)
        if found:
            return found
    return None


def nearness(cells: Cells) -> tuple[Message, ...]:
    """The fact on differences so small that they come from rounding, or none."""
    off = max(abs(came - should) for _, _, came, should in cells)
    if not off < 0.01 * max(abs(cell[3]) for cell in cells):
        return ()
    unit = 10.0 ** math.floor(math.log10(off))
    return (message("taps", "maps.small-differences", off=f"{math.ceil(off / unit) * unit:.1g}"),)


def remark(image: torch.Tensor, *maps: torch.Tensor) -> tuple[Message, ...]:
    """What strikes one in the maps of an image of all kinds of fractions: a fact, or none."""
    values = torch.cat([values.flatten() for values in maps])
    for places in range(DECIMALS) if (image * 2**7 % 1).any() else ():
        exact = values * 10**places
        if ((exact - exact.round()).abs() <= 1.2e-7 * exact.abs() + 1e-6).all():
            if places:
                return (message("taps", "maps.decimals", count=places),)
            return (message("taps", "maps.whole-numbers"),)
    low, high = float(values.min()), float(values.max())
    if low >= 0 and len(values) >= SIGNED and int((values == high).sum()) <= 2:
        return (message("taps", "maps.not-negative"),)
    ends = {
        name: end
        for name, end in (("low", low), ("high", high))
        if int((values == end).sum()) > 2 and end * 100 % 1 == 0
    }
    name = {("low", "high"): "between", ("low",): "not-below", ("high",): "not-above"}
    return (message("taps", f"maps.{name[tuple(ends)]}", **ends),) if ends else ()
