"""Owns the sentences on functions that read whole patches, but add up or exchange them, or mix the pixels of each."""

import torch

from ..printing import number
from .evidence import example, factors, right
from .words import joined, named

AFTER = {
    "before it, row by row": "after it, row by row",
    "before it, column by column": "after it, column by column",
    "to its left": "to its right",
    "above it": "below it",
}


def added_up(taps):
    """The sentences if every output adds up whole patches, its own or those of other outputs, or nothing."""
    rows, columns = taps.expected.shape[:2]
    a, b, m, n = torch.cartesian_prod(*map(torch.arange, (rows, columns, *taps.kernel_size))).T
    parts = taps.coefficients[:, :, a + m, b + n, m, n].reshape(
        *taps.size, rows * columns, -1
    )  # output, patch, weight
    if (parts != 0).sum() != (taps.coefficients != 0).sum() or (parts != parts[..., :1]).any():
        return ""
    mixed = parts[..., 0].flatten(0, 1)  # output, patch
    own = (
        torch.arange(len(mixed)) // taps.size[1] * columns + torch.arange(len(mixed)) % taps.size[1]
    )
    foreign = ((mixed != 0) & (torch.arange(rows * columns) != own[:, None])).any(dim=1)
    if not foreign.any():
        return ""
    several = ((mixed != 0).sum(dim=1) > 1).any()
    told = (summed if several else exchanged)(mixed, taps.size, columns)
    told = (
        told
        or f"{share(foreign)} outputs {'add up the patches of others' if several else 'read the patch of another'}"
    )
    k = int(foreign.nonzero()[0])
    found = [
        f"{'' if c == 1 else f'{number(c)} times '}({p // columns}, {p % columns})"
        for p, c in enumerate(mixed[k].tolist())
        if c
    ]
    found = found if len(found) <= 4 else [*found[:3], f"{len(found) - 3} others"]
    patches = f"patch{'es' * (len(found) > 1)} of {joined(found)}"
    return f"{told}: output ({k // taps.size[1]}, {k % taps.size[1]}) reads the {patches}. {right(taps)}".strip()


def share(mask):
    """How many of all are marked: "All 36" or "12 of the 36"."""
    return f"{'All' if mask.all() else f'{int(mask.sum())} of the'} {mask.numel()}"


def exchanged(mixed, own_size, columns):
    """The plain word, if there is one, for the order in which outputs read a patch each; `mixed` is (output, patch)."""
    order, rows = torch.arange(len(mixed)), mixed.shape[1] // columns
    if own_size[1] != columns and torch.equal(mixed, torch.eye(*mixed.shape, dtype=mixed.dtype)):
        return f"The patches are in order, but each row of the map ends after {own_size[1]} of them, not after {columns}"
    if (
        len(mixed) == mixed.shape[1]
        and (mixed[order, order % rows * columns + order // rows] == 1).all()
    ):
        return "The patches are read column by column, but laid down row by row"
    return ""


def summed(mixed, own_size, columns):
    """The plain word, if there is one, for the patches that outputs add up; `mixed` (output, patch) says how often each."""
    rows, count = mixed.shape[1] // columns, len(mixed)
    row, column = torch.arange(count) // own_size[1], torch.arange(count) % own_size[1]
    if own_size == (rows, columns):
        before = torch.ones(count, count, dtype=torch.bool).tril()
        in_row, in_column = row[:, None] == row, column[:, None] == column
        by_columns = (column[:, None] > column) | (in_column & before)
        for mask, words in (
            (before, "before it, row by row"),
            (by_columns, "before it, column by column"),
            (before & in_row, "to its left"),
            (before & in_column, "above it"),
        ):
            for mask, words in ((mask, words), (mask.T, AFTER[words])):
                if torch.equal(mixed, mask.double()):
                    return f"To its own patch, every output adds those of all outputs {words}"
    return ""


def multiplied(taps):
    """The sentences if every output multiplies all pixels of its patch by the same one or several weights, or nothing."""
    table, count = taps.coefficients.nonzero(), taps.size[0] * taps.size[1]
    near = torch.cat([table[:, 2:4] - table[:, :2], table[:, 4:]], dim=1)
    kinds, often = near.unique(dim=0, return_counts=True)
    values = taps.coefficients[tuple(table.T)]
    if (often != count).any() or (values != values[0]).any():
        return ""
    pixels, weights = kinds[:, :2].unique(dim=0), kinds[:, 2:].unique(dim=0)
    patch = torch.cartesian_prod(*map(torch.arange, taps.kernel_size))
    if not torch.equal(pixels, patch):
        return ""
    if len(kinds) == len(pixels) * len(weights):
        used = torch.zeros(taps.kernel_size, dtype=torch.bool)
        used[tuple(weights.T)] = True
        every = (
            f"each of the {used.numel()} weights: the sum of its pixels by the sum of the weights"
        )
        by = (
            every
            if used.all()
            else named(used, "weight", "kernel") or f"each of {len(weights)} weights"
        )
        return f"Every output multiplies each of the {len(patch)} pixels of its patch by {by}. {factors(taps)}".strip()
    for p, pixel in enumerate(("row", "column")):
        for w, weight in enumerate(("row", "column")):
            if (kinds[:, p] == kinds[:, 2 + w]).all() and len(kinds) == len(
                patch
            ) * taps.kernel_size[1 - w]:
                order = {(1, 0): "patch and kernel", (0, 1): "kernel and patch"}.get((p, w))
                like = f", as the matrix product of {order} does" if order else ""
                return (
                    f"Every output multiplies a pixel in {pixel} k of its patch by all weights of kernel {weight} k"
                    f"{like}: {example(taps)}. {factors(taps)}"
                ).strip()
    return ""
