"""Owns the words for taps: how a map or a kernel is turned or moved, rules, factors, lists of cells, singular and plural."""

from fractions import Fraction

import torch

from ..printing import number

TURNS = {
    (1, 0, 0, 1): "",
    (-1, 0, 0, 1): "turned upside down",
    (1, 0, 0, -1): "turned left to right",
    (-1, 0, 0, -1): "turned by 180° (upside down and left to right)",
    (0, 1, 1, 0): "transposed (rows and columns exchanged)",
    (0, -1, -1, 0): "transposed (rows and columns exchanged) and turned by 180°",
    (0, -1, 1, 0): "turned by a quarter to the left",
    (0, 1, -1, 0): "turned by a quarter to the right",
}
MINUS = "\N{MINUS SIGN}"


def moving(steps):
    """How the patches move with the output, as phrases; none if by one pixel each time, None in them if in no plain way."""
    (down, a), (b, across) = steps
    if (down, across, a, b) == (1, 1, 0, 0):
        return []
    if (down, b, a, across) in TURNS:  # a map turned one way shows patches turned the other way
        return [f"the map is {TURNS[down, b, a, across]}"]
    if a or b or min(down, across) < 0:
        return [None]
    if 0 in (down, across):
        return [
            "every output reads the same patch"
            if down == across
            else f"every output {'row' if across else 'column'} reads the same patches"
        ]
    if down == across:
        return [f"the patch moves {down} pixels at a time, not 1 (stride {down})"]
    return [
        f"the patch moves {k} pixels {way} at a time, not 1"
        for k, way in ((down, "down"), (across, "across"))
        if k > 1
    ]


def lying(steps):
    """How the kernel lies on the patch, as phrases; none if as it should, None in them if in no plain way."""
    (down, a), (b, across) = steps
    if (down, a, b, across) in TURNS:
        return [f"the kernel is {TURNS[down, a, b, across]}"] * bool(
            a or b or min(down, across) < 0
        )
    if a or b or min(down, across) < 0:
        return [None]
    if 0 in (down, across):
        return [
            "all weights lie on the same pixel"
            if down == across
            else f"all kernel {'rows' if across else 'columns'} lie on the same {'row' if across else 'column'} of pixels"
        ]
    if down == across:
        return [f"the kernel's rows and columns lie {down} pixels apart, not 1"]
    return [
        f"the kernel's {unit}s lie {k} pixels apart, not 1"
        for k, unit in ((down, "row"), (across, "column"))
        if k > 1
    ]


def term(rule):
    """A rule (5,), the factors of i, j, m and n and a constant, as it is written: "2i − m + 2"."""
    parts = [(k, f"{abs(k) if abs(k) != 1 else ''}{name}") for k, name in zip(rule, "ijmn") if k]
    parts += [(rule[4], str(abs(rule[4])))] * bool(rule[4] or not parts)
    text = "".join(f" {'+' if k >= 0 else MINUS} {part}" for k, part in parts)
    return text[3:] if parts[0][0] >= 0 else MINUS + text[3:]


def times(factor, weights=0):
    """What is done to a product that is added `factor` times; `weights` is the kernel's number of them."""
    share = Fraction(factor).limit_denominator(1000)
    if factor == -1:
        return "is subtracted instead of added"
    if share.numerator == 1 and share.denominator > 1 and abs(share - Fraction(factor)) < 1e-4:
        mean = (
            ", the number of weights: a mean instead of a sum"
            if share.denominator == weights
            else ""
        )
        return f"is divided by {share.denominator}{mean}"
    return f"counts {number(factor)} times" if factor > 1 else f"is multiplied by {number(factor)}"


def named(mask, cell, table):
    """The marked cells in words ("output row 5 and column 5", "weights (0, 0) and (1, 1)"), or nothing if too many."""
    rows, columns = mask.all(dim=1), mask.all(dim=0)
    if torch.equal(rows[:, None] | columns, mask) and mask.any():
        lines = [
            (unit, line.nonzero().flatten().tolist())
            for unit, line in (("row", rows), ("column", columns))
        ]
        return f"{table} " + " and ".join(
            f"{unit}{'s' * (len(at) > 1)} {listed(at)}" for unit, at in lines if at
        )
    cells = [f"({i}, {j})" for i, j in mask.nonzero().tolist()]
    return f"{cell}{'s' * (len(cells) > 1)} {joined(cells)}" if 0 < len(cells) <= 4 else ""


def listed(numbers):
    """Ascending numbers in words: "5 and 7", "6 to 9"."""
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]} to {numbers[-1]}"
    return joined(numbers)


def either(mask, cell, table, nothing, anything):
    """The sentence on the marked cells, or on all others if they are fewer; each verb in singular and plural."""
    these, those = named(mask, cell, table), named(~mask, cell, table)
    if those and (not these or len(those) < len(these) and (~mask).sum() < mask.sum()):
        return f"Only {those} {anything[several(those)]}"
    return f"{capital(these) or f'{int(mask.sum())} of the {mask.numel()} {cell}s'} {nothing[several(these)]}"


def counting(number, one, many):
    """A number with what is counted, in singular or plural; "none" for 0."""
    return f"{number or 'none'} {one if number == 1 else many}"


def several(text):
    """Whether these words name more than one row, column or cell."""
    return not text or " and " in text or "s " in text


def joined(parts):
    """A list as it is spoken: "a, b and c"."""
    *most, last = map(str, parts)
    return f"{', '.join(most)} and {last}" if most else last


def capital(text):
    """The text with a capital letter first."""
    return text[:1].upper() + text[1:]
