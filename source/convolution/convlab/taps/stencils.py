"""Stencils: what every output of a function reads in the same way, found from its coefficients, or
from the map of one bright pixel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

SAME = 1e-6  # so near are coefficients that are the same but for rounding
ONCE = 4  # times as many taps as a stencil has, if no edge cuts it off: more is no stencil
STEPS = range(4)
Matrix = tuple[tuple[int, int], tuple[int, int]]
Size = tuple[int, int]
MOVES: list[Matrix] = [  # how a patch may move with the output (i, j), the likeliest first
    ((1, 0), (0, 1)),
    ((0, 1), (1, 0)),
    *(((i, 0), (0, j)) for i in STEPS for j in STEPS if (i, j) != (1, 1)),
]
GOING_ON = MOVES[:2]  # those that are tried on an image that goes on at its other side


@dataclass(frozen=True, eq=False)
class Stencil:
    """What every output (i, j) reads in the same way, under a kernel of `kernel_size`.

    It adds `factors` (taps,) times the pixels at the places `moves` · (i, j) + `offsets` (taps, 2)
    times the `weights` (taps, 2), as far as they lie in the image, or in one that `goes_on` at its
    other side where it ends.
    """

    kernel_size: Size
    moves: Matrix
    offsets: torch.Tensor
    weights: torch.Tensor
    factors: torch.Tensor
    goes_on: bool = False

    def coefficients(self, map_size: Size, image_size: Size) -> torch.Tensor:
        """The coefficients (rows, columns, H, W, M, N) for these sizes of map and image."""
        found = torch.zeros(*map_size, *image_size, *self.kernel_size, dtype=torch.float64)
        outputs = torch.cartesian_prod(*map(torch.arange, map_size))
        sides = torch.tensor(image_size)
        places = (outputs @ torch.tensor(self.moves).T)[:, None] + self.offsets
        if self.goes_on:
            places = places % sides
        inside = ((places >= 0) & (places < sides)).all(dim=2)
        output, tap = inside.nonzero().T
        (i, j), (y, x), (m, n) = outputs[output].T, places[output, tap].T, self.weights[tap].T
        return found.index_put_((i, j, y, x, m, n), self.factors[tap], accumulate=True)


def sizes(coefficients: torch.Tensor) -> tuple[Size, Size]:
    """The sizes of image and kernel that these coefficients are of."""
    height, width, rows, columns = coefficients.shape[2:]
    return (height, width), (rows, columns)


def stencil(coefficients: torch.Tensor) -> Stencil | None:
    """The Stencil that gives these coefficients, or None; of two, the one of fewer taps."""
    table = coefficients.nonzero()
    for moves in MOVES if len(table) else []:
        ways = [False, True] if moves in GOING_ON else [False]
        found = [each for way in ways if (each := moved(coefficients, table, moves, way))]
        if found:
            return min(found, key=lambda each: len(each.factors))
    return None


def moved(
    coefficients: torch.Tensor, table: torch.Tensor, moves: Matrix, goes_on: bool
) -> Stencil | None:
    """The Stencil that gives these coefficients if patches move in this way, or None.

    `table` (taps, 6) are the places of those that are not 0.
    """
    map_rows, map_columns = coefficients.shape[:2]
    image_size, kernel_size = sizes(coefficients)
    offsets = table[:, 2:4] - table[:, :2] @ torch.tensor(moves).T
    if goes_on:
        half = torch.tensor(image_size) // 2
        offsets = (offsets + half) % torch.tensor(image_size) - half
    near, which = distinct(torch.cat([offsets, table[:, 4:]], dim=1))
    if len(near) * map_rows * map_columns > ONCE * len(table):
        return None
    factors = torch.zeros(len(near), dtype=torch.float64)
    factors[which] = coefficients[tuple(table.T)]
    found = Stencil(kernel_size, moves, near[:, :2], near[:, 2:], factors, goes_on)
    again = found.coefficients((map_rows, map_columns), image_size)
    return found if torch.allclose(again, coefficients, rtol=0, atol=SAME) else None


def distinct(rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The rows (k, 4) of whole numbers (n, 4) without repetition, and which of them each (n,) is.

    Each row is made one number first, which is sorted much sooner than a row.
    """
    low = rows.amin(dim=0)
    sides = (rows.amax(dim=0) - low + 1).tolist()
    numbers = torch.zeros(len(rows), dtype=torch.long)
    for column, side in zip((rows - low).T, sides, strict=True):
        numbers = numbers * side + column
    found, which = numbers.unique(return_inverse=True)
    columns = []
    for side in reversed(sides):
        columns.append(found % side)
        found = found // side
    return torch.stack(columns[::-1], dim=1) + low, which


def of_one_pixel(read: torch.Tensor, place: Size) -> Iterator[Stencil]:
    """The Stencils that may have given what outputs read of one pixel, if it is away from edges.

    `read` (rows, columns, M, N) are the coefficients of the pixel at `place`.
    """
    table = read.nonzero()
    factors = read[tuple(table.T)]
    for moves in GOING_ON if len(table) else []:
        offsets = torch.tensor(place) - table[:, :2] @ torch.tensor(moves).T
        for goes_on in (False, True):
            yield Stencil(
                (read.shape[2], read.shape[3]), moves, offsets, table[:, 2:], factors, goes_on
            )
