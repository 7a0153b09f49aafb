"""Owns the names of what an X-ray shows: derived from where the taps lie, as its sentences are."""

import torch

from .. import messages
from ..taps.patches import added_up, multiplied
from ..taps.rule import EXCHANGED, IDENTITY
from ..taps.structure import describe, in_a_row, viewed
from .diagnosis import Diagnosis

LYING = {
    (-1, 0, 0, -1): ["kernel-flipped"],
    (-1, 0, 0, 1): ["kernel-flipped-up-down"],
    (1, 0, 0, -1): ["kernel-flipped-left-right"],
    (0, 1, 1, 0): ["kernel-transposed"],
    (0, -1, -1, 0): ["kernel-transposed", "kernel-flipped"],
    (0, -1, 1, 0): ["kernel-rotated"],
    (0, 1, -1, 0): ["kernel-rotated"],
    (1, 0, 0, 1): [],
}
LAID = {
    (1, 0, 0, 1): [],
    (0, 1, 1, 0): ["map-transposed"],
    (-1, 0, 0, 1): ["map-flipped"],
    (1, 0, 0, -1): ["map-flipped"],
    (-1, 0, 0, -1): ["map-flipped"],
    (0, -1, -1, 0): ["map-transposed", "map-flipped"],
    (0, -1, 1, 0): ["map-transposed", "map-flipped"],
    (0, 1, -1, 0): ["map-transposed", "map-flipped"],
}
MIXED = {
    "laid down row by row": "map-transposed",
    "each row of the map ends": "row-length-wrong",
    "adds those of all outputs": "total-not-reset",
}


def explain(taps, where=""):
    """The Diagnosis of a function that is a sum of pixels times weights, and wrong; `where` is put before its sentence."""
    if taps.right or taps.departure:
        return None
    names = tuple(dict.fromkeys(named(taps))) or ("other-products",)
    why = messages.table("diagnoses")[names[0]]["why"] if len(names) == 1 else ""
    return Diagnosis(names, f"{where}{describe(taps)} {why}".strip())


def named(taps):
    """The names of what the taps show, the most telling first."""
    if not taps.coefficients.any():
        return ["nothing-added-up"]
    if (
        torch.equal(taps.coefficients.flatten(2).sum(dim=2), torch.ones(taps.size))
        and taps.coefficients.sum() == taps.expected.sum()
    ):
        return ["not-summed"]
    view, whole = viewed(taps), added_up(taps)
    if view and not (whole and len(view.odd) and view.usual()):
        return of_rule(view)
    if in_a_row(taps):
        return ["row-length-wrong", *factors(taps)]
    if whole:
        return [next((name for words, name in MIXED.items() if words in whole), "other-products")]
    return [of_products(taps), *factors(taps)] if multiplied(taps) else ["other-products"]


def of_products(taps):
    """The name of a function that multiplies every pixel of a patch by the same weights, or by those of a row or column."""
    every = (taps.coefficients != 0).flatten(0, 3).any(dim=0)
    pairs = int((taps.coefficients[0, 0] != 0).sum())
    if pairs == every.numel():
        return "one-weight-for-all" if every.sum() == 1 else "matrix-product"
    if pairs == every.numel() ** 2:
        return "product-of-sums"
    return "matrix-product" if "matrix product" in multiplied(taps) else "other-products"


def of_rule(view):
    """The names of all that departs from the right rule: how the map and the kernel lie, what is missing, how often it counts."""
    out, kernel = view.out.tolist(), view.kernel.tolist()
    if out == kernel == EXCHANGED and not view.t.any():
        names = ["axes-swapped"]
    else:
        names = [*laid(view, out), *lying(view, kernel)]
    where = (
        [] if "offset-subtracted" in names else edges(view) if out in (IDENTITY, EXCHANGED) else []
    )
    return [*names, *where, *unused(view), *factors(view.taps)]


def laid(view, out):
    """How the patches move with the output."""
    (down, a), (b, across) = out
    if (down, b, a, across) in LAID:
        return LAID[down, b, a, across]
    if a or b or min(down, across) < 0:
        return ["other-products"]
    return ["position-ignored"] if 0 in (down, across) else ["stride-not-one"]


def lying(view, kernel):
    """How the kernel lies on the patch."""
    (down, a), (b, across) = kernel
    turned = [axis for axis in (0, 1) if kernel[axis][axis] == -1]
    if not a and not b and turned and not view.t[turned].any():
        return ["offset-subtracted"]
    if (down, a, b, across) in LYING:
        return LYING[down, a, b, across]
    if a or b:
        return ["other-products"]
    return ["offset-ignored"] if 0 in (down, across) else ["kernel-spread-out"]


def edges(view):
    """Where the patches begin, and what happens at the edges: padding, an image that goes on, cells missing or too many."""
    ends = torch.tensor([n - 1 for n in view.taps.kernel_size])
    off = (view.t + view.kernel.clamp(max=0) @ ends).tolist()
    lost = [right - there for there, right in zip(view.taps.size, view.taps.expected.shape)]
    if min(lost) < 0:
        return too_large(view)
    spread = view.kernel.abs().sum(dim=1).tolist() != [1, 1]
    missing = [] if spread else gaps(view, off)
    moved = any(not 0 <= k <= less for k, less in zip(off, lost))
    around = ["wraps-around"] * bool(len(view.odd) and view.wrapped() and not any(off))
    return [*["patches-shifted"] * moved, *around, *missing]


def too_large(view):
    """What a map has that is larger than it should be: padding, what goes on at the other side, or cells left 0."""
    if len(view.odd) and view.wrapped():
        return ["wraps-around"]
    juts = ~view.inside.all(dim=3).all(
        dim=2
    )  # outputs whose patch does not lie completely on the image
    if (
        int((~juts).sum()) < view.taps.expected[:, :, 0, 0, 0, 0].numel()
        or (view.strange & ~juts).any()
    ):
        return ["output-too-large" if view.silent.any() else "patches-shifted"]
    return [
        "padded" if (juts & ~view.silent).any() else "output-too-large",
        *["rows-skipped"] * bool((view.silent & ~juts).any()),
    ]


def gaps(view, off):
    """Which cells of the right map are not computed, by their places; `off` is how far the patches begin from where they should."""
    rows, columns = view.taps.expected.shape[:2]
    filled = torch.zeros(rows, columns, dtype=torch.bool)
    there = ~view.silent[:rows, :columns]
    down, across = (
        max(0, min(k, most - have)) for k, most, have in zip(off, (rows, columns), there.shape)
    )
    filled[down : down + there.shape[0], across : across + there.shape[1]] = there
    if filled.all() or not filled.any():
        return []
    by_row, by_column = filled.any(dim=1), filled.any(dim=0)
    if not torch.equal(by_row[:, None] & by_column, filled):
        return ["rows-skipped"]
    if any(int(line.sum()) == 1 < len(line) and line[0] for line in (by_row, by_column)):
        return ["stops-too-early"]
    if any(int(line.sum()) == 1 < len(line) - 1 and line[-1] for line in (by_row, by_column)):
        return ["stored-too-late"]
    ends = [end(line) for line in (by_row, by_column)]
    if "gap" in ends:
        return ["rows-skipped"]
    return [
        f"{which}-{part}-missing"
        for which in ("first", "last")
        if (part := "-and-".join(unit for unit, at in zip(("row", "column"), ends) if which in at))
    ]


def end(line):
    """At which ends of a row of flags False stands: "", "first", "last" or both; "gap" if also in between."""
    at = line.nonzero().flatten()
    first, last = int(at[0]), int(at[-1])
    if not line[first : last + 1].all():
        return "gap"
    return "first" * bool(first) + "last" * (last < len(line) - 1)


def unused(view):
    """Weights that are never used, and single products left out."""
    names, used = [], ~view.idle
    if view.idle.any():
        names.append(
            "only-last-product" if int(used.sum()) == 1 and used[-1, -1] else "weights-unused"
        )
    return names + ["products-missing"] * bool(view.left.any())


def factors(taps):
    """How often products count, if not once."""
    values = taps.coefficients[taps.coefficients != 0]
    if ((values - 1).abs() < 1e-5).all():
        return []
    if ((values - values[0]).abs() > 1e-5).any():
        return ["product-counted-twice"]
    count = taps.kernel_size[0] * taps.kernel_size[1]
    return [
        "mean-not-sum"
        if abs(values[0] * count - 1) < 1e-4
        else "sign-reversed"
        if values[0] == -1
        else "scaled"
    ]
