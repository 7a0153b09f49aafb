"""Owns the sentence that says what taps show: derived from where they lie, never from a list of known mistakes."""

import functools

import torch

from ..printing import size
from .evidence import example, factors, right
from .patches import added_up, multiplied
from .rule import View, best
from .words import counting, term

ENOUGH = 20  # taps that can hardly follow a rule by chance


def describe(taps):
    """What `taps` (Taps) show, in a few short sentences for a student; every word of it holds for every tap."""
    if not taps.departure:
        return shown(taps)
    told = [taps.departure.sentence]
    if torch.equal(taps.coefficients, taps.expected):
        count = taps.size[0] * taps.size[1]
        told.append(
            f"Single bright pixels show nothing else: each of the {count} outputs reads its own patch."
        )
    elif taps.coefficients.any():
        found = placed(taps)
        if found:
            found = sized(taps) + found
            told.append(f"Single bright pixels show besides: {found[0].lower()}{found[1:]}")
    return " ".join(told)


def shown(taps):
    """What the coefficients say, if they are all there is to the function."""
    if taps.right:
        return (
            f"Each of the {taps.size[0] * taps.size[1]} outputs reads exactly its own patch: "
            "every pixel once, times the weight that lies on it."
        )
    if not taps.coefficients.any():
        return "No output reads anything: the map is 0 whatever the image and the kernel."
    return sized(taps) + next(
        filter(None, (way(taps) for way in (placed, in_a_row, added_up, multiplied, counted)))
    )


def sized(taps):
    """The sentence on the map's size, if it is wrong."""
    wanted = taps.expected.shape[:2]
    return (
        f"The map has size {size(taps.size)}, where {size(wanted)} was expected. "
        if taps.size != wanted
        else ""
    )


@functools.lru_cache(1)  # a sentence and a name are made of the same view
def viewed(taps):
    """The taps seen through the one rule that most of them follow, pixel = A · output + B · weight + t, or None."""
    table = taps.coefficients.nonzero()
    known = torch.cat([table[:, [0, 1, 4, 5]], torch.ones(len(table), 1, dtype=torch.long)], dim=1)
    for sides in ((None, None), taps.image_size):
        rule = torch.stack([best(known, table[:, 2 + axis], axis, sides[axis]) for axis in (0, 1)])
        view = View(taps, rule, table[(known @ rule.T != table[:, 2:4]).any(dim=1)])
        if view.holds():
            return view
    return None


def placed(taps):
    """The sentences if most taps follow one rule, or nothing."""
    view = viewed(taps)
    if not view:
        return ""
    told = added_up(taps) if len(view.odd) and view.usual() else ""
    if told:
        return told
    return " ".join(filter(None, [view.where(), *view.missing(), factors(taps), right(taps)]))


def in_a_row(taps):
    """The sentences if every tap follows one rule once the image's pixels are counted row by row, or nothing."""
    table, width = taps.coefficients.nonzero(), taps.image_size[1]
    if len(table) < ENOUGH:
        return ""
    known = torch.cat(
        [table[:, [0, 1, 4, 5]], torch.ones(len(table), 1, dtype=torch.long)], dim=1
    ).double()
    usual = torch.tensor([width, 1, width, 1, 0], dtype=torch.float64)
    place = (table[:, 2] * width + table[:, 3]).double()
    off = (
        torch.linalg.lstsq(known, (place - known @ usual)[:, None], driver="gelsd")
        .solution[:, 0]
        .round()
    )
    if not torch.equal(known @ (usual + off), place):
        return ""
    rule = (usual + off).long().tolist()
    if rule == [rule[0], 1, rule[0], 1, 0]:
        told = f"The image is read as if its rows had {rule[0]} pixels instead of {width}"
    else:
        told = (
            f"Counted row by row from 0, output (i, j) multiplies pixel number {term(rule)} by weight (m, n), "
            f"instead of {term([width, 1, width, 1, 0])}"
        )
    return " ".join(filter(None, [f"{told}: {example(taps)}.", factors(taps), right(taps)]))


def counted(taps):
    """The sentences that count right, missing and other taps, where no rule is found, and show the first of them."""
    rows, columns = (min(pair) for pair in zip(taps.size, taps.expected.shape))
    there, wanted = taps.coefficients[:rows, :columns] != 0, taps.expected[:rows, :columns] != 0
    found, others = (
        int((there & wanted).sum()),
        int((taps.coefficients != 0).sum() - (there & wanted).sum()),
    )
    return (
        f"Of the {int(taps.expected.sum())} products that belong to the map, {counting(found, 'is', 'are')} there, "
        f"besides {counting(others, 'that does', 'that do')} not belong to it: "
        f"{example(taps)}. {right(taps)}"
    ).strip()
