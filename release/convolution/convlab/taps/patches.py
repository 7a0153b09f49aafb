"""Functions that read whole patches, but add up or exchange them, or mix the pixels of each with
several weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..messages import Message, message
from .cells import named

if TYPE_CHECKING:
    from .probe import Taps

AFTER = {  # the way that is told if outputs add up what comes after them, not before
    "before-in-rows": "after-in-rows",
    "before-in-columns": "after-in-columns",
    "left": "right",
    "above": "below",
}
LISTED = 4  # patches that one sentence lists


def added_up(taps: Taps) -> tuple[Message, ...]:
    """The facts if every output adds up whole patches, its own or those of other outputs; else
    none.
    """
    rows, columns = taps.expected.shape[:2]
    a, b, m, n = torch.cartesian_prod(*map(torch.arange, (rows, columns, *taps.kernel_size))).T
    parts = taps.coefficients[:, :, a + m, b + n, m, n].reshape(
        *taps.size, rows * columns, -1
    )  # output, patch, weight
    if (parts != 0).sum() != (taps.coefficients != 0).sum() or (parts != parts[..., :1]).any():
        return ()
    mixed = parts[..., 0].flatten(0, 1)  # output, patch
    order = torch.arange(len(mixed))
    own = order // taps.size[1] * columns + order % taps.size[1]
    foreign = ((mixed != 0) & (torch.arange(rows * columns) != own[:, None])).any(dim=1)
    if not foreign.any():
        return ()
    several = bool(((mixed != 0).sum(dim=1) > 1).any())
    told = (summed if several else exchanged)(mixed, taps.size, columns)
    if not told:
        entry, part = "adds" if several else "exchanged", "all" if foreign.all() else "some"
        counts = {} if foreign.all() else {"count": int(foreign.sum())}
        told = message("taps", f"{entry}.{part}", **counts, total=foreign.numel())
    return told, read(mixed, int(foreign.nonzero()[0]), taps.size[1], columns)


def read(mixed: torch.Tensor, k: int, width: int, columns: int) -> Message:
    """The fact which patches output number `k` of a map of this width adds up, and how often;
    `mixed` is (output, patch).
    """
    found: list[tuple[int, ...] | Message] = []
    for p, c in enumerate(mixed[k].tolist()):
        patch = (p // columns, p % columns)
        if c:
            times = message("taps", "patches.times", factor=float(c), patch=patch)
            found.append(patch if c == 1 else times)
    count = len(found)
    if count > LISTED:
        others = message("taps", "patches.others", count=count - LISTED + 1)
        found = [*found[: LISTED - 1], others]
    output = (k // width, k % width)
    return message("taps", "patches.read", output=output, count=count, patches=found)


def exchanged(mixed: torch.Tensor, own_size: tuple[int, int], columns: int) -> Message | None:
    """The fact, if there is one, on the order in which outputs read a patch each; `mixed` is
    (output, patch).
    """
    order, rows = torch.arange(len(mixed)), mixed.shape[1] // columns
    if own_size[1] != columns and torch.equal(mixed, torch.eye(*mixed.shape, dtype=mixed.dtype)):
        return message("taps", "exchanged.row-length", count=own_size[1], expected=columns)
    by_columns = order % rows * columns + order // rows
    if len(mixed) == mixed.shape[1] and (mixed[order, by_columns] == 1).all():
        return message("taps", "exchanged.by-columns")
    return None


def summed(mixed: torch.Tensor, own_size: tuple[int, int], columns: int) -> Message | None:
    """The fact, if there is one, on the patches that outputs add up; `mixed` (output, patch) says
    how often each.
    """
    rows, count = mixed.shape[1] // columns, len(mixed)
    if own_size != (rows, columns):
        return None
    row, column = torch.arange(count) // columns, torch.arange(count) % columns
    before = torch.ones(count, count, dtype=torch.bool).tril()
    in_row, in_column = row[:, None] == row, column[:, None] == column
    masks = {
        "before-in-rows": before,
        "before-in-columns": (column[:, None] > column) | (in_column & before),
        "left": before & in_row,
        "above": before & in_column,
    }
    masks |= {AFTER[way]: mask.T for way, mask in masks.items()}
    masks["whole-column"] = in_column
    found = [way for way, mask in masks.items() if torch.equal(mixed, mask.to(mixed))]
    return message("taps", f"adds.{found[0]}") if found else None


def multiplied(taps: Taps) -> Message | None:
    """The fact if every output multiplies all pixels of its patch by the same one or several
    weights, or None.
    """
    table, count = taps.coefficients.nonzero(), taps.size[0] * taps.size[1]
    near = torch.cat([table[:, 2:4] - table[:, :2], table[:, 4:]], dim=1)
    kinds, often = near.unique(dim=0, return_counts=True)
    values = taps.coefficients[tuple(table.T)]
    if (often != count).any() or (values != values[0]).any():
        return None
    pixels, weights = kinds[:, :2].unique(dim=0), kinds[:, 2:].unique(dim=0)
    patch = torch.cartesian_prod(*map(torch.arange, taps.kernel_size))
    if not torch.equal(pixels, patch):
        return None
    if len(kinds) == len(pixels) * len(weights):
        return by_the_same(taps.kernel_size, weights, len(patch))
    for p, pixel in enumerate(("row", "column")):
        for w, weight in enumerate(("row", "column")):
            alike = bool((kinds[:, p] == kinds[:, 2 + w]).all())
            if alike and len(kinds) == len(patch) * taps.kernel_size[1 - w]:
                return message("taps", f"patch-times.{pixel}-by-{weight}")
    return None


def by_the_same(kernel_size: tuple[int, int], weights: torch.Tensor, pixels: int) -> Message:
    """The fact that each of the `pixels` of a patch is multiplied by each of these `weights` (k,
    2).
    """
    used = torch.zeros(kernel_size, dtype=torch.bool)
    used[tuple(weights.T)] = True
    if len(weights) == 1:
        weight = tuple(weights[0].tolist())
        return message("taps", "patch-times.one-weight", pixels=pixels, weight=weight)
    if used.all():
        return message("taps", "patch-times.all-weights", pixels=pixels, count=used.numel())
    cells = named(used, "weight")
    if cells:
        return message("taps", "patch-times.weights", pixels=pixels, cells=cells)
    return message("taps", "patch-times.number", pixels=pixels, count=len(weights))
