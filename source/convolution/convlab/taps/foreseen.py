"""Coefficients that are likely before a pixel is tried: those of the right function, and those that
were read of some function at another size.

They spare calls, and are no more than a guess: a few bright pixels have to bear them out, and then
random images, as for coefficients that were read.
"""

import collections
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from .. import oracle
from .coefficients import FRACTIONS, NOISE, Code
from .questions import Questions

IDENTITY = ((1, 0), (0, 1))
MOVES = (  # how patches may move with the output: (rows down, rows across), (columns down, across)
    IDENTITY,
    ((0, 1), (1, 0)),
    *(
        ((down, 0), (0, across))
        for down in range(4)
        for across in range(4)
        if (down, across) != (1, 1)
    ),
)
REMEMBERED = 4
SMALLEST = 25  # pixels: of fewer, all are tried


@dataclass(frozen=True)
class Stencil:
    """What an output (i, j) reads, wherever it lies: `factors` (taps,) of the products of the
    pixels that lie at the offsets `pixels` (taps, 2) from `moves` · (i, j), in the image only, and
    the `weights` (taps, 2).
    """

    moves: tuple[tuple[int, int], tuple[int, int]]
    pixels: torch.Tensor
    weights: torch.Tensor
    factors: torch.Tensor

    def coefficients(
        self, size: tuple[int, int], image_size: tuple[int, int], kernel_size: tuple[int, int]
    ) -> torch.Tensor | None:
        """The coefficients (rows, columns, H, W, M, N) of a map of this `size`; None if the kernel
        lacks one of the weights.
        """
        if (self.weights >= torch.tensor(kernel_size)).any():
            return None
        found = torch.zeros(*size, *image_size, *kernel_size, dtype=torch.float64)
        outputs = torch.cartesian_prod(*map(torch.arange, size))
        places = (outputs @ torch.tensor(self.moves).T)[:, None] + self.pixels
        inside = ((places >= 0) & (places < torch.tensor(image_size))).all(dim=2)
        output, tap = inside.nonzero().T
        (i, j), (y, x) = outputs[output].T, places[output, tap].T
        m, n = self.weights[tap].T
        found[i, j, y, x, m, n] = self.factors[tap]
        return found


remembered: collections.deque[tuple[tuple[int, int], Stencil]] = collections.deque(
    maxlen=REMEMBERED
)  # guesses, for kernels of this size; what they are used for does not depend on them


def remember(coefficients: torch.Tensor) -> None:
    """Take what was read (rows, columns, H, W, M, N) for a guess at other sizes, if it can be."""
    image_size, kernel_size = coefficients.shape[2:4], coefficients.shape[4:]
    if not coefficients.any() or torch.equal(coefficients, right(image_size, kernel_size)):
        return
    table = coefficients.nonzero()
    for moves in MOVES:
        found = stencil(coefficients, table, moves)
        if found:
            rows, columns = coefficients.shape[4:]
            remembered.appendleft(((rows, columns), found))
            return


def stencil(
    coefficients: torch.Tensor, table: torch.Tensor, moves: tuple[tuple[int, int], tuple[int, int]]
) -> Stencil | None:
    """The Stencil that gives these coefficients, whose places are the rows of `table`, or None."""
    rows, columns, height, width, *kernel_size = coefficients.shape
    offsets = table[:, 2:4] - table[:, :2] @ torch.tensor(moves).T
    near, first = unique(torch.cat([offsets, table[:, 4:]], dim=1))
    factors = coefficients[tuple(table[first].T)]
    found = Stencil(moves, near[:, :2], near[:, 2:], factors)
    if len(near) * rows * columns > 4 * len(table):
        return None
    again = found.coefficients((rows, columns), (height, width), (kernel_size[0], kernel_size[1]))
    return (
        found
        if again is not None and torch.allclose(again, coefficients, rtol=0, atol=1e-6)
        else None
    )


def unique(table: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The different rows of a table, and the number of the first row that is like each."""
    rows, which = table.unique(dim=0, return_inverse=True)
    first = torch.full((len(rows),), len(table))
    return rows, first.scatter_reduce(0, which, torch.arange(len(table)), "amin")


def likely(
    size: tuple[int, int], image_size: tuple[int, int], kernel_size: tuple[int, int]
) -> Iterator[torch.Tensor]:
    """Coefficients to be tried for a map of this size, the right function's first."""
    if size == oracle.size_of(image_size, kernel_size):
        yield right(image_size, kernel_size)
    for of_size, known in remembered:
        found = (
            known.coefficients(size, image_size, kernel_size) if of_size == kernel_size else None
        )
        if found is not None:
            yield found


def right(image_size: tuple[int, int], kernel_size: tuple[int, int]) -> torch.Tensor:
    """The coefficients of the right function: float64 (H-M+1, W-N+1, H, W, M, N)."""
    rows, columns = oracle.size_of(image_size, kernel_size)
    found = torch.zeros(rows, columns, *image_size, *kernel_size, dtype=torch.float64)
    i, j, m, n = torch.cartesian_prod(*map(torch.arange, (rows, columns, *kernel_size))).T
    found[i, j, i + m, j + n, m, n] = 1
    return found


def foreseen(
    ask: Questions, kernels: torch.Tensor, dark: torch.Tensor, code: Code = FRACTIONS
) -> torch.Tensor | None:
    """The first of the likely coefficients that some bright pixels bear out, or None.

    `kernels` (g, M, N) are those of the `code`, and `dark` is the map of a dark image.
    """
    height, width = ask.image_size
    if height * width < SMALLEST:
        return None
    pixels = sampled(ask.image_size, ask.kernel_size)
    maps: dict[tuple[int, int, int], torch.Tensor] = {}

    def borne_out(coefficients: torch.Tensor) -> bool:
        for g, kernel in enumerate(kernels):
            for y, x in pixels:
                if (g, y, x) not in maps:
                    image = torch.zeros(height, width)
                    image[y, x] = 1
                    maps[g, y, x] = ask(image, kernel, "pixel", (y, x)) - dark
                should = (coefficients[:, :, y, x] * kernel).sum(dim=(2, 3))
                if not ((maps[g, y, x] - should).abs() < NOISE * code.unit).all():
                    return False
        return True

    guesses = likely((dark.shape[0], dark.shape[1]), ask.image_size, ask.kernel_size)
    return next(filter(borne_out, guesses), None)


def sampled(image_size: tuple[int, int], kernel_size: tuple[int, int]) -> list[tuple[int, int]]:
    """Some pixels (row, column), the corners last: every patch has one of them."""
    rows, columns = (
        range(side - 1, length, side) for length, side in zip(image_size, kernel_size, strict=True)
    )
    corners = [(y, x) for y in (0, image_size[0] - 1) for x in (0, image_size[1] - 1)]
    return list(dict.fromkeys([*((y, x) for y in rows for x in columns), *corners]))
