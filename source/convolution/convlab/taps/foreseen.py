"""Coefficients that are likely before any pixel is tried: those of the right function, and those
that were read of some function at another size.

They are guesses, which spare calls. Some bright pixels have to bear one out, and after that
whatever has to bear out what was read; then it does not matter where the guess came from.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from .. import oracle
from .coefficients import FRACTIONS, NOISE
from .questions import Questions

REMEMBERED = 4
SMALLEST = 25  # pixels of an image: of fewer, all are tried
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


@dataclass(frozen=True, eq=False)
class Stencil:
    """What every output (i, j) reads in the same way, under a kernel of `kernel_size`.

    It adds `factors` (taps,) times the pixels at the places `moves` · (i, j) + `offsets` (taps, 2)
    times the `weights` (taps, 2), as far as they lie in the image.
    """

    kernel_size: Size
    moves: Matrix
    offsets: torch.Tensor
    weights: torch.Tensor
    factors: torch.Tensor

    def coefficients(self, map_size: Size, image_size: Size) -> torch.Tensor:
        """The coefficients (rows, columns, H, W, M, N) for these sizes of map and image."""
        found = torch.zeros(*map_size, *image_size, *self.kernel_size, dtype=torch.float64)
        outputs = torch.cartesian_prod(*map(torch.arange, map_size))
        places = (outputs @ torch.tensor(self.moves).T)[:, None] + self.offsets
        inside = ((places >= 0) & (places < torch.tensor(image_size))).all(dim=2)
        output, tap = inside.nonzero().T
        (i, j), (y, x), (m, n) = outputs[output].T, places[output, tap].T, self.weights[tap].T
        found[i, j, y, x, m, n] = self.factors[tap]
        return found


read_before: collections.deque[Stencil] = collections.deque(maxlen=REMEMBERED)  # the last one first


def remember(coefficients: torch.Tensor) -> None:
    """Take what was read (rows, columns, H, W, M, N) for a guess at other sizes, if it may be one.

    What the right function reads need not be remembered.
    """
    (height, width), (rows, columns) = coefficients.shape[2:4], coefficients.shape[4:]
    expected = right((height, width), (rows, columns))
    if coefficients.any() and not torch.equal(coefficients, expected):
        found = next(filter(None, (stencil(coefficients, moves) for moves in MOVES)), None)
        if found:
            read_before.appendleft(found)


def stencil(coefficients: torch.Tensor, moves: Matrix) -> Stencil | None:
    """The Stencil that gives these coefficients if patches move in this way, or None."""
    map_rows, map_columns, height, width, rows, columns = coefficients.shape
    table = coefficients.nonzero()
    offsets = table[:, 2:4] - table[:, :2] @ torch.tensor(moves).T
    near, which = torch.cat([offsets, table[:, 4:]], dim=1).unique(dim=0, return_inverse=True)
    if len(near) * map_rows * map_columns > ONCE * len(table):
        return None
    factors = torch.zeros(len(near), dtype=torch.float64)
    factors[which] = coefficients[tuple(table.T)]
    found = Stencil((rows, columns), moves, near[:, :2], near[:, 2:], factors)
    again = found.coefficients((map_rows, map_columns), (height, width))
    return found if torch.allclose(again, coefficients, rtol=0, atol=SAME) else None


def likely(map_size: Size, image_size: Size, kernel_size: Size) -> Iterator[torch.Tensor]:
    """The coefficients to be tried for these sizes, those of the right function first."""
    if map_size == oracle.size_of(image_size, kernel_size):
        yield right(image_size, kernel_size)
    for known in read_before:
        if known.kernel_size == kernel_size:
            yield known.coefficients(map_size, image_size)


def right(image_size: Size, kernel_size: Size) -> torch.Tensor:
    """The coefficients of the right function: float64 (H-M+1, W-N+1, H, W, M, N)."""
    rows, columns = oracle.size_of(image_size, kernel_size)
    found = torch.zeros(rows, columns, *image_size, *kernel_size, dtype=torch.float64)
    i, j, m, n = torch.cartesian_prod(*map(torch.arange, (rows, columns, *kernel_size))).T
    found[i, j, i + m, j + n, m, n] = 1
    return found


def foreseen(ask: Questions, kernels: torch.Tensor, dark: torch.Tensor) -> torch.Tensor | None:
    """The first of the likely coefficients that some bright pixels bear out, or None.

    `kernels` (g, M, N) are those of the code FRACTIONS, `dark` is the map of a dark image.
    """
    height, width = ask.image_size
    if height * width < SMALLEST:
        return None
    maps: dict[tuple[int, int, int], torch.Tensor] = {}

    def shown(g: int, y: int, x: int) -> torch.Tensor:
        """The map of one bright pixel under kernel g, asked for once."""
        if (g, y, x) not in maps:
            image = torch.zeros(height, width)
            image[y, x] = 1
            maps[g, y, x] = ask(image, kernels[g], "pixel", (y, x)) - dark
        return maps[g, y, x]

    def borne_out(coefficients: torch.Tensor) -> bool:
        return all(
            ((shown(g, y, x) - should(coefficients, kernel, y, x)).abs() < near).all()
            for g, kernel in enumerate(kernels)
            for y, x in pixels
        )

    pixels, near = sampled(ask.image_size, ask.kernel_size), NOISE * FRACTIONS.unit
    rows, columns = dark.shape
    return next(
        filter(borne_out, likely((rows, columns), ask.image_size, ask.kernel_size)),
        None,
    )


def should(coefficients: torch.Tensor, kernel: torch.Tensor, y: int, x: int) -> torch.Tensor:
    """The map (rows, columns) that the coefficients foretell for one bright pixel (y, x)."""
    return (coefficients[:, :, y, x] * kernel).sum(dim=(2, 3))


def sampled(image_size: Size, kernel_size: Size) -> list[Size]:
    """Some pixels (row, column): one of every patch, and the corners of the image."""
    (height, width), (rows, columns) = image_size, kernel_size
    inner = [
        (y, x) for y in range(rows - 1, height, rows) for x in range(columns - 1, width, columns)
    ]
    corners = [(y, x) for y in (0, height - 1) for x in (0, width - 1)]
    return list(dict.fromkeys([*inner, *corners]))
