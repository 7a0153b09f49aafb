"""Owns holding what a sentence about a function claims against the function itself, asked again."""

import re

import torch
from convlab import oracle
from samples import without

CELL = r"\((\d+), (\d+)\)"


def untrue(told, conv2d, image_size=(8, 8), kernel_size=(3, 3)):
    """The claims of a sentence that the function itself, asked again, does not bear out."""
    image, kernel = torch.rand(image_size) + 0.5, torch.rand(kernel_size) + 0.5
    result, right = (
        conv2d(image.clone(), kernel.clone()).detach().double(),
        oracle.feature_map(image, kernel),
    )
    return [
        words
        for holds, words in [
            *claims_on_taps(told, conv2d, image_size, kernel_size),
            *claims_on_outputs(told, result, right),
            *claims_on_weights(told, conv2d, image, kernel, result),
        ]
        if not holds
    ]


def claims_on_taps(told, conv2d, image_size, kernel_size):
    """Whether each single product that a sentence names is as it says: (holds, words)."""

    def counts(i, j, y, x, m, n):
        """How often output (i, j) adds pixel (y, x) times weight (m, n)."""
        image, kernel = torch.zeros(image_size), torch.zeros(kernel_size)
        image[y, x] = kernel[m, n] = 1
        return float(conv2d(image, kernel)[i, j])

    other = "(?:, (not by|besides) {} " + CELL + ")?"
    for found in re.finditer(
        rf"output {CELL} multiplies pixel {CELL} by weight {CELL}" + other.format("weight"), told
    ):
        i, j, y, x, m, n = map(int, found.groups()[:6])
        yield counts(i, j, y, x, m, n) != 0, found[0]
        if found[7]:
            yield (
                (counts(i, j, y, x, *map(int, found.groups()[7:])) != 0) == (found[7] == "besides"),
                found[0],
            )
    for found in re.finditer(
        rf"output {CELL} multiplies weight {CELL} by pixel {CELL}" + other.format("pixel"), told
    ):
        i, j, m, n, y, x = map(int, found.groups()[:6])
        yield counts(i, j, y, x, m, n) != 0, found[0]
        if found[7]:
            yield (
                (counts(i, j, *map(int, found.groups()[7:]), m, n) != 0) == (found[7] == "besides"),
                found[0],
            )


def claims_on_outputs(told, result, right):
    """Whether what a sentence says of whole outputs is so, given the function's map and the right one: (holds, words)."""
    for found in re.finditer(rf"output {CELL} reads the patch(?:es)? of ((?:[^.:]|\.\d)*)", told):
        total = sum(
            float(times.replace("\N{MINUS SIGN}", "-") or 1) * right[int(i), int(j)]
            for times, i, j in re.findall(rf"(?:(\S+) times )?{CELL}", found[3])
        )
        yield (
            "others" in found[3] or abs(result[int(found[1]), int(found[2])] - total) < 1e-4,
            found[0],
        )
    rows, columns = (min(pair) for pair in zip(result.shape, right.shape))
    same = int(((result[:rows, :columns] - right[:rows, :columns]).abs() < 1e-5).sum())
    for found in re.finditer(r"(All|\d+)(?: of the)? (\d+) outputs read exactly", told):
        yield (
            (result.numel(), same) == (int(found[2]), int(found[2 if found[1] == "All" else 1])),
            found[0],
        )
    for found in re.finditer(r"map has size (\d+)×(\d+), where (\d+)×(\d+)", told):
        yield [*result.shape, *right.shape] == list(map(int, found.groups())), found[0]
    for found in re.finditer(
        r"(Only |)[Oo]utputs? ((?:rows? |columns? |\()[^.]*?) reads? (?:nothing|anything)", told
    ):
        silent = {(i, j) for i, j in (result == 0).nonzero().tolist()}
        marked, every = (
            set(cells_of(found[2], result.shape)),
            set(cells_of(f"rows 0 to {len(result) - 1}", result.shape)),
        )
        yield silent == (every - marked if found[1] else marked), found[0]


def claims_on_weights(told, conv2d, image, kernel, result):
    """Whether the weights that a sentence calls used or unused are so, given the map under the kernel: (holds, words)."""
    cells = r"((?:rows? |columns? |\()[^.:]*?)"
    for found in re.finditer(
        rf"(Only |)(?:[Kk]ernel|[Ww]eights?) {cells} (?:is|are) (?:never )?used", told
    ):
        marked = set(cells_of(found[2], kernel.shape))
        for m, n in torch.cartesian_prod(*map(torch.arange, kernel.shape)).tolist():
            unused = torch.allclose(
                conv2d(image.clone(), without(kernel, (m, n))).double(), result, atol=1e-6
            )
            yield unused == (((m, n) in marked) != bool(found[1])), found[0]


def cells_of(words, shape):
    """The cells of a table that words name: "rows 1, 3 to 5 and column 0" or "(0, 1) and (2, 2)"."""
    if "(" in words:
        return [tuple(map(int, cell)) for cell in re.findall(CELL, words)]
    cells = []
    for kind, numbers in re.findall(r"(row|column)s? (\d+(?:(?:, | and | to )\d+)*)", words):
        numbers = re.sub(
            r"(\d+) to (\d+)",
            lambda to: ", ".join(map(str, range(int(to[1]), int(to[2]) + 1))),
            numbers,
        )
        for k in map(int, re.findall(r"\d+", numbers)):
            cells += (
                [(k, j) for j in range(shape[1])]
                if kind == "row"
                else [(i, k) for i in range(shape[0])]
            )
    return cells
