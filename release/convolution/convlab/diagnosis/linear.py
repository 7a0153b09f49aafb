"""Names for what an X-ray shows of a function that adds up pixels times weights, taken from the
facts that tell it.
"""

import torch

from .. import messages
from ..messages import Message, message
from ..taps import Taps, describe
from ..taps.description import in_a_row
from ..taps.patches import added_up, multiplied
from ..taps.rule import EXCHANGED, IDENTITY, View, viewed
from .result import Diagnosis, diagnosed

NAMES = {  # of what a fact of this name says
    "map-turned.up-down": ["map-flipped"],
    "map-turned.left-right": ["map-flipped"],
    "map-turned.half": ["map-flipped"],
    "map-turned.transposed": ["map-transposed"],
    "map-turned.transposed-half": ["map-transposed", "map-flipped"],
    "map-turned.quarter-left": ["map-transposed", "map-flipped"],
    "map-turned.quarter-right": ["map-transposed", "map-flipped"],
    "same-patch.everywhere": ["position-ignored"],
    "same-patch.rows": ["position-ignored"],
    "same-patch.columns": ["position-ignored"],
    "same-patch.last-row": ["rows-are-one-list"],
    "stride.both": ["stride-not-one"],
    "stride.down": ["stride-not-one"],
    "stride.across": ["stride-not-one"],
    "kernel-turned.up-down": ["kernel-flipped-up-down"],
    "kernel-turned.left-right": ["kernel-flipped-left-right"],
    "kernel-turned.half": ["kernel-flipped"],
    "kernel-turned.transposed": ["kernel-transposed"],
    "kernel-turned.transposed-half": ["kernel-transposed", "kernel-flipped"],
    "kernel-turned.quarter-left": ["kernel-rotated"],
    "kernel-turned.quarter-right": ["kernel-rotated"],
    "same-pixel.everywhere": ["offset-ignored"],
    "same-pixel.rows": ["offset-ignored"],
    "same-pixel.columns": ["offset-ignored"],
    "spread.both": ["kernel-spread-out"],
    "spread.rows": ["kernel-spread-out"],
    "spread.columns": ["kernel-spread-out"],
    "exchanged.by-columns": ["map-transposed"],
    "exchanged.row-length": ["row-length-wrong"],
    "adds.before-in-rows": ["total-not-reset"],
    "adds.before-in-columns": ["total-not-reset"],
    "adds.left": ["total-not-reset"],
    "adds.above": ["total-not-reset"],
    "adds.after-in-rows": ["total-not-reset"],
    "adds.after-in-columns": ["total-not-reset"],
    "adds.right": ["total-not-reset"],
    "adds.below": ["total-not-reset"],
    "adds.whole-column": ["rows-are-one-list"],
    "patch-times.one-weight": ["one-weight-for-all"],
    "patch-times.all-weights": ["product-of-sums"],
    "patch-times.column-by-row": ["matrix-product"],
    "patch-times.row-by-column": ["matrix-product"],
}
OTHER = ["other-products"]


def explain(taps: Taps) -> Diagnosis | None:
    """The Diagnosis of a wrong function that is a sum of pixels times weights; else None."""
    if taps.right or taps.departure:
        return None
    if subtracts_mean(taps):
        return diagnosed("mean-subtracted")
    copies = numbers_in_every_row(taps)
    if copies:
        return diagnosed("rows-are-one-list", "grown", "why", count=copies)
    names = tuple(dict.fromkeys(named(taps))) or tuple(OTHER)
    facts = describe(taps)
    if len(names) == 1 and messages.table("diagnoses")[names[0]]["why"]:
        facts = (*facts, message("diagnoses", f"{names[0]}.why"))
    return Diagnosis(names, facts)


def subtracts_mean(taps: Taps) -> bool:
    """Whether the mean is taken away from the pixels of each patch, or from the weights."""
    own, expected = taps.coefficients, taps.expected
    if own.shape != expected.shape or not (own < 0).any():
        return False
    patches = expected.sum(dim=(4, 5), keepdim=True)
    return torch.allclose(own, expected - patches / (own.shape[4] * own.shape[5]), atol=1e-5)


def numbers_in_every_row(taps: Taps) -> int:
    """How many outputs the right map has, if each row of this one holds them all; else 0."""
    own, expected = taps.coefficients, taps.expected
    rows, count = len(expected), expected.shape[0] * expected.shape[1]
    if rows < 2 or own.shape[:2] != (rows, count):
        return 0
    right = expected.flatten(0, 1)
    return count if all(torch.equal(row, right) for row in own) else 0


def named(taps: Taps) -> list[str]:
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
        return of_fact(whole[0])
    product = multiplied(taps)
    return [*of_fact(product), *factors(taps)] if product else OTHER


def of_fact(fact: Message) -> list[str]:
    """The names of what a fact says."""
    return NAMES.get(fact.name, OTHER)


def of_rule(view: View) -> list[str]:
    """The names of all that departs from the right rule.

    That is how the map and the kernel lie, what is missing, and how often it counts.
    """
    moving = [name for fact in view.moving() for name in of_fact(fact)]
    lying = [name for fact in view.lying() for name in of_fact(fact)]
    placed = view.out.tolist() in (IDENTITY, EXCHANGED)
    if view.axes_exchanged:
        names = ["axes-swapped", *edges(view)]
    elif subtracted(view):
        names = [*moving, "offset-subtracted"]
    else:
        names = [*moving, *lying, *(edges(view) if placed else [])]
    return [*names, *unused(view), *factors(view.taps)]


def subtracted(view: View) -> bool:
    """Whether the place in the kernel is subtracted from the position, down or across."""
    (down, a), (b, across) = view.kernel.tolist()
    turned = [axis for axis, step in enumerate((down, across)) if step == -1]
    return not a and not b and bool(turned) and not view.t[turned].any()


def edges(view: View) -> list[str]:
    """Where the patches begin, and what happens at the edges: padding, an image that goes on, cells
    missing or too many.
    """
    ends = torch.tensor([n - 1 for n in view.taps.kernel_size])
    off = (view.t + view.kernel.clamp(max=0) @ ends).tolist()
    sizes = (view.taps.size, view.taps.expected.shape[:2])
    lost = [right - there for there, right in zip(*sizes, strict=True)]
    if min(lost) < 0:
        return too_large(view)
    spread = view.kernel.abs().sum(dim=1).tolist() != [1, 1]
    missing = [] if spread else gaps(view, off)
    moved = any(not 0 <= k <= less for k, less in zip(off, lost, strict=True))
    around = ["wraps-around"] * bool(len(view.odd) and view.wrapped() and not any(off))
    return [*["patches-shifted"] * moved, *around, *missing]


def too_large(view: View) -> list[str]:
    """What a map has that is larger than it should be: padding, what goes on at the other side, or
    cells left 0.
    """
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


def gaps(view: View, off: list[int]) -> list[str]:
    """Which cells of the right map are not computed, by their places; `off` is how far the patches
    begin from where they should.
    """
    rows, columns = view.taps.expected.shape[:2]
    filled = torch.zeros(rows, columns, dtype=torch.bool)
    there = ~view.silent[:rows, :columns]
    down, across = (
        max(0, min(k, most - have))
        for k, most, have in zip(off, (rows, columns), there.shape, strict=True)
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
    units = list(zip(("row", "column"), ends, strict=True))
    return [
        f"{which}-{part}-missing"
        for which in ("first", "last")
        if (part := "-and-".join(unit for unit, at in units if which in at))
    ]


def end(line: torch.Tensor) -> str:
    """At which ends of a row of flags False stands: "", "first", "last" or both; "gap" if also in
    between.
    """
    at = line.nonzero().flatten()
    first, last = int(at[0]), int(at[-1])
    if not line[first : last + 1].all():
        return "gap"
    return "first" * bool(first) + "last" * (last < len(line) - 1)


def unused(view: View) -> list[str]:
    """Weights that are never used, and single products left out."""
    names, used = [], ~view.idle
    if view.idle.any():
        names.append(
            "only-last-product" if int(used.sum()) == 1 and used[-1, -1] else "weights-unused"
        )
    return names + ["products-missing"] * bool(view.left.any())


def factors(taps: Taps) -> list[str]:
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
