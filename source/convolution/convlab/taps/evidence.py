"""Owns the evidence for a sentence about taps: the first wrong one, how often products count, how many outputs are right."""

import torch

from .words import joined, named, several, times

IS = ("is", "are")


def example(taps, turned=False, apart=None):
    """The first tap that is not where it should be, from no output marked in `apart` if there is another.

    It is told by the pixel if the kernel is only `turned` on its patch.
    """
    table = taps.coefficients.nonzero()
    if apart is not None:
        table = torch.cat([table[~apart[table[:, 0], table[:, 1]]], table])
    wrong = (table[:, :2] + table[:, 4:] != table[:, 2:4]).any(dim=1)
    beyond = (table[:, :2] >= torch.tensor(taps.expected.shape[:2])).any(dim=1)
    i, j, y, x, m, n = table[wrong if wrong.any() else beyond][0].tolist()
    if not wrong.any():
        return f"output ({i}, {j}) begins at pixel ({y}, {x}), where no patch fits"
    (height, width), (rows, columns) = taps.image_size, taps.kernel_size
    if turned and 0 <= y - i < rows and 0 <= x - j < columns:
        word = "besides" if taps.coefficients[i, j, y, x, y - i, x - j] else "not by"
        return f"output ({i}, {j}) multiplies pixel ({y}, {x}) by weight ({m}, {n}), {word} weight ({y - i}, {x - j})"
    told = f"output ({i}, {j}) multiplies weight ({m}, {n}) by pixel ({y}, {x})"
    if i + m >= height or j + n >= width:
        return told
    return f"{told}, {'besides' if taps.coefficients[i, j, i + m, j + n, m, n] else 'not by'} pixel ({i + m}, {j + n})"


def factors(taps):
    """The sentence on products that are not added exactly once, if any."""
    table = taps.coefficients.nonzero()
    values = (taps.coefficients[tuple(table.T)] * 1e5).round() / 1e5
    if (values == 1).all():
        return ""
    weights = taps.kernel_size[0] * taps.kernel_size[1]
    if (values == values[0]).all():
        return f"Every product {times(float(values[0]), weights)}."
    told = []
    for m, n in table[values != 1, 4:].unique(dim=0).tolist():
        own = values[(table[:, 4] == m) & (table[:, 5] == n)]
        told += (
            [f"that with weight ({m}, {n}) {times(float(own[0]))}"]
            if (own == own[0]).all()
            else [""] * 4
        )
    if len(told) <= 3:
        return f"Of the products in every output, {joined(told)}."
    i, j, y, x, m, n = table[values != 1][0].tolist()
    return (
        f"The products do not all count once: in output ({i}, {j}), that of pixel ({y}, {x}) and weight ({m}, {n}) "
        f"{times(float(values[values != 1][0]))}."
    )


def right(taps):
    """The sentence that says how many outputs are right, if they are at least half of those there are."""
    rows, columns = (min(pair) for pair in zip(taps.size, taps.expected.shape))
    same = taps.coefficients[:rows, :columns] == taps.expected[:rows, :columns]
    count, there = int(same.flatten(2).all(dim=2).sum()), taps.size[0] * taps.size[1]
    if count * 2 < there:
        return ""
    if count < there:
        return f"{count} of the {there} outputs read exactly what they should."
    lost = torch.ones(taps.expected.shape[:2], dtype=torch.bool)
    lost[:rows, :columns] = False
    which = named(lost, "output", "output")
    return f"All {there} outputs read exactly what they should{f', but {which} {IS[several(which)]} missing' * bool(which)}."
