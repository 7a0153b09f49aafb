"""What taps show, as facts for a student: derived from where they lie, never from a list of known
mistakes.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import torch

from ..messages import Message, message
from ..printing import size
from .cells import named, number_named
from .patches import added_up, multiplied
from .rule import IDENTITY, View, term, viewed, with_one

if TYPE_CHECKING:
    from .probe import Taps

ENOUGH = 20  # taps that can hardly follow a rule by chance
FEW = 3  # weights whose products are told one by one
RIGHT_COUNTS = {"outputs-right.some", "outputs-right.all"}  # facts that count right outputs


def describe(taps: Taps) -> tuple[Message, ...]:
    """What `taps` show, in a few facts, each a sentence; every one of them holds for every tap."""
    if not taps.departure:
        return shown(taps)
    told = taps.departure.facts
    if torch.equal(taps.coefficients, taps.expected):
        return (*told, message("taps", "single-pixels.right", count=taps.count))
    found = placed(taps) if taps.coefficients.any() else ()
    besides = (message("taps", "single-pixels.besides"), *sized(taps), *found) if found else ()
    return (*told, *besides)


def shown(taps: Taps) -> tuple[Message, ...]:
    """What the coefficients say, if they are all there is to the function."""
    if taps.right:
        return (message("taps", "all.right", count=taps.count),)
    if not taps.coefficients.any():
        return (message("taps", "all.nothing"),)
    found = placed(taps) or in_a_row(taps) or mixed(taps) or counted(taps)
    return (*sized(taps), *found)


def sized(taps: Taps) -> tuple[Message, ...]:
    """The fact on the map's size, if it is wrong."""
    wanted = taps.expected.shape[:2]
    if taps.size == wanted:
        return ()
    return (message("taps", "all.size", came=size(taps.size), expected=size(wanted)),)


def placed(taps: Taps) -> tuple[Message, ...]:
    """The facts if most taps follow one rule; else none."""
    view = viewed(taps)
    if not view:
        return ()
    told = added_up(taps) if len(view.odd) and view.usual() else ()
    if told:
        return (*told, *outputs_right(taps))
    return (*lying(view), *missing(view), *factors(taps), *outputs_right(taps))


def in_a_row(taps: Taps) -> tuple[Message, ...]:
    """The facts if every tap follows one rule once the image's pixels are counted row by row; else
    none.
    """
    table, width = taps.coefficients.nonzero(), taps.image_size[1]
    if len(table) < ENOUGH:
        return ()
    known = with_one(table[:, [0, 1, 4, 5]]).double()
    usual = torch.tensor([width, 1, width, 1, 0], dtype=torch.float64)
    place = (table[:, 2] * width + table[:, 3]).double()
    rest = (place - known @ usual)[:, None]
    off = torch.linalg.lstsq(known, rest, driver="gelsd").solution[:, 0].round()
    if not torch.equal(known @ (usual + off), place):
        return ()
    rule = (usual + off).long().tolist()
    if rule == [rule[0], 1, rule[0], 1, 0]:
        told = message("taps", "formula.row-length", count=rule[0], width=width)
    else:
        right = term(usual.long().tolist())
        told = message("taps", "formula.in-a-row", came=term(rule), expected=right)
    return (told, first_wrong(taps), *factors(taps), *outputs_right(taps))


def mixed(taps: Taps) -> tuple[Message, ...]:
    """The facts if every output adds up whole patches, or mixes its own pixels; else none."""
    told = added_up(taps)
    if told:
        return (*told, *outputs_right(taps))
    product = multiplied(taps)
    if not product:
        return ()
    matrix = "-by-" in product.name
    return (product, *[first_wrong(taps)] * matrix, *factors(taps))


def counted(taps: Taps) -> tuple[Message, ...]:
    """The facts that count right, missing and other products, where no rule is found, and show the
    first of them.
    """
    rows, columns = (min(pair) for pair in zip(taps.size, taps.expected.shape[:2], strict=True))
    there, wanted = taps.coefficients[:rows, :columns] != 0, taps.expected[:rows, :columns] != 0
    found, all_there = int((there & wanted).sum()), int((taps.coefficients != 0).sum())
    told = message(
        "taps",
        "products.counted",
        expected=int(taps.expected.sum()),
        found=found,
        count=all_there - found,
    )
    return (told, first_wrong(taps), *outputs_right(taps))


def lying(view: View) -> tuple[Message, ...]:
    """The facts on how patches and kernel lie, with a product that shows it, and the outputs that
    follow another rule.
    """
    ways = view.ways()
    if view.wrapped():
        # a kernel that is only turned is told by its weights
        turned = view.out.tolist() == IDENTITY and view.shift == (0, 0)
        return (*ways, first_wrong(view.taps, turned)) if ways else ()
    output, pixel, weight = cells_of(view.odd[0])
    other = {"output": output, "pixel": pixel, "weight": weight}
    count = int(view.strange.sum())
    cells = named(view.strange, "output") or [message("taps", "cells.outputs", count=count)]
    if not ways:
        return (message("taps", "exception.alone", cells=cells, **other),)
    return (
        message("taps", "exception.rule", cells=cells),
        *ways,
        first_wrong(view.taps, apart=view.strange),
        message("taps", "exception.tap", **other),
    )


def cells_of(tap: torch.Tensor) -> tuple[tuple[int, int], ...]:
    """Output, pixel and weight of a tap (6,)."""
    i, j, y, x, m, n = tap.tolist()
    return (i, j), (y, x), (m, n)


def missing(view: View) -> tuple[Message, ...]:
    """The facts on outputs that read nothing, weights that are never used, and other products left
    out.
    """
    told, idle = [], view.idle
    if view.silent.any():
        told.append(either("silent", view.silent, "output"))
    if idle.any():
        i, j = (~view.silent).nonzero()[0].tolist()
        count = int((view.taps.coefficients[i, j] != 0).sum())
        facts = {"output": (i, j), "count": count, "expected": idle.numel()}
        told += [either("unused", idle, "weight"), message("taps", "unused.sum", **facts)]
    if view.left.any():
        i, j, m, n = view.left.nonzero()[0].tolist()
        facts = {"count": int(view.left.sum()), "output": (i, j), "weight": (m, n)}
        told.append(message("taps", "left-out.products", **facts))
    return tuple(told)


def either(entry: str, mask: torch.Tensor, kind: str) -> Message:
    """The fact on the marked cells, or on all others if they are fewer, or their number if neither
    have a short name.
    """
    these, others = named(mask, kind), named(~mask, kind)
    count, few = number_named(others), 2 * int(mask.sum()) > mask.numel()
    if others and (not these or few and length(others) < length(these)):
        return message("taps", f"{entry}.others", count=count, cells=others)
    if these:
        return message("taps", f"{entry}.these", cells=these)
    return message("taps", f"{entry}.number", count=int(mask.sum()), total=mask.numel())


def length(cells: list[Message]) -> int:
    """How many numbers and cells the names of these cells list; "6 to 9" counts as two."""
    listed = [part for fact in cells for part in fact.facts.get("lines", fact.facts.get("cells"))]
    return sum(2 if isinstance(part, Message) else 1 for part in listed)


def first_wrong(taps: Taps, turned: bool = False, apart: torch.Tensor | None = None) -> Message:
    """The fact on the first tap that is not where it should be, from no output marked in `apart` if
    there is another.

    It is told by its weight if the kernel is only `turned` on its patch, else by its pixel.
    """
    table = taps.coefficients.nonzero()
    if apart is not None:
        table = torch.cat([table[~apart[table[:, 0], table[:, 1]]], table])
    wrong = (table[:, :2] + table[:, 4:] != table[:, 2:4]).any(dim=1)
    beyond = (table[:, :2] >= torch.tensor(taps.expected.shape[:2])).any(dim=1)
    output, pixel, weight = cells_of(table[wrong if wrong.any() else beyond][0])
    if not wrong.any():
        return message("taps", "product.no-patch", output=output, pixel=pixel)
    facts = {"output": output, "pixel": pixel, "weight": weight}
    (i, j), (y, x), (m, n) = output, pixel, weight
    (height, width), (rows, columns) = taps.image_size, taps.kernel_size
    if turned and 0 <= y - i < rows and 0 <= x - j < columns:
        there = taps.coefficients[i, j, y, x, y - i, x - j] != 0
        name = "besides-weight" if there else "not-by-weight"
        return message("taps", f"product.{name}", **facts, other=(y - i, x - j))
    if i + m >= height or j + n >= width:
        return message("taps", "product.no-pixel", **facts)
    there = taps.coefficients[i, j, i + m, j + n, m, n] != 0
    name = "besides-pixel" if there else "not-by-pixel"
    return message("taps", f"product.{name}", **facts, other=(i + m, j + n))


def factors(taps: Taps) -> tuple[Message, ...]:
    """The facts on products that are not added exactly once, if any."""
    table = taps.coefficients.nonzero()
    values = (taps.coefficients[tuple(table.T)] * 1e5).round() / 1e5
    if (values == 1).all():
        return ()
    if (values == values[0]).all():
        weights = taps.kernel_size[0] * taps.kernel_size[1]
        return (times("every-product", float(values[0]), weights),)
    told = []
    for m, n in table[values != 1, 4:].unique(dim=0).tolist():
        own = values[(table[:, 4] == m) & (table[:, 5] == n)]
        if (own != own[0]).any():
            break
        told.append(times("weight-product", float(own[0]), weight=(m, n)))
    else:
        if len(told) <= FEW:
            return tuple(told)
    output, pixel, weight = cells_of(table[values != 1][0])
    factor = float(values[values != 1][0])
    return (times("one-product", factor, output=output, pixel=pixel, weight=weight),)


def times(entry: str, factor: float, weights: int = 0, **cells: tuple[int, int]) -> Message:
    """The fact on a product that is added `factor` times; `weights` is the kernel's number of them,
    where it matters.
    """
    share = Fraction(factor).limit_denominator(1000)
    if factor == -1:
        return message("taps", f"{entry}.subtracted", **cells)
    if share.numerator == 1 and share.denominator > 1 and abs(share - Fraction(factor)) < 1e-4:
        name = "mean" if share.denominator == weights else "divided"
        return message("taps", f"{entry}.{name}", divisor=share.denominator, **cells)
    name = "counted" if factor > 1 else "multiplied"
    return message("taps", f"{entry}.{name}", factor=factor, **cells)


def outputs_right(taps: Taps) -> tuple[Message, ...]:
    """The fact that says how many outputs are right, if they are at least half of those there are,
    and which are missing.
    """
    rows, columns = (min(pair) for pair in zip(taps.size, taps.expected.shape[:2], strict=True))
    same = taps.coefficients[:rows, :columns] == taps.expected[:rows, :columns]
    count = int(same.flatten(2).all(dim=2).sum())
    if count * 2 < taps.count:
        return ()
    if count < taps.count:
        return (message("taps", "outputs-right.some", count=count, total=taps.count),)
    lost = torch.ones(taps.expected.shape[:2], dtype=torch.bool)
    lost[:rows, :columns] = False
    cells = named(lost, "output")
    lacks = (message("taps", "outputs-missing.these", cells=cells),) if cells else ()
    return (message("taps", "outputs-right.all", count=count), *lacks)
