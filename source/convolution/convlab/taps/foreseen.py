"""Coefficients that are likely before any pixel is tried alone: those of the right function, and
those that the function read at another size.

They are guesses, which spare calls. Images whose bright pixels lie so far apart that no patch has
two of them have to bear one out, and after that whatever has to bear out what was read; then it
does not matter where the guess came from.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import torch

from .. import oracle
from ..mistakes import Mistake
from ..observed import OBSERVATIONS
from .coefficients import FRACTIONS, NOISE
from .questions import Questions
from .sums import Departed, different, foretold

REMEMBERED = 4
SMALLEST = 25  # pixels of an image: of fewer, each is tried alone
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


def remember(ask: Questions, coefficients: torch.Tensor) -> None:
    """Take what was read (rows, columns, H, W, M, N) for a guess at other sizes, if it may be one.

    What the right function reads need not be remembered.
    """
    if not coefficients.any() or torch.equal(coefficients, right(*sizes(coefficients))):
        return
    found = stencil(coefficients)
    if found:
        stencils = OBSERVATIONS.of(ask.conv2d).stencils
        stencils.insert(0, found)
        del stencils[REMEMBERED:]


def sizes(coefficients: torch.Tensor) -> tuple[Size, Size]:
    """The sizes of image and kernel that these coefficients are of."""
    height, width, rows, columns = coefficients.shape[2:]
    return (height, width), (rows, columns)


def stencil(coefficients: torch.Tensor) -> Stencil | None:
    """The Stencil that gives these coefficients, or None; of two, the one of fewer taps."""
    table = coefficients.nonzero()
    for moves in MOVES:
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


def likely(ask: Questions, map_size: Size) -> Iterator[torch.Tensor]:
    """The coefficients to be tried for this size of the map, those of the right function first."""
    if map_size == oracle.size_of(ask.image_size, ask.kernel_size):
        yield right(ask.image_size, ask.kernel_size)
    for known in OBSERVATIONS.of(ask.conv2d).stencils:
        if known.kernel_size == ask.kernel_size:
            yield known.coefficients(map_size, ask.image_size)


def right(image_size: Size, kernel_size: Size) -> torch.Tensor:
    """The coefficients of the right function: float64 (H-M+1, W-N+1, H, W, M, N)."""
    rows, columns = oracle.size_of(image_size, kernel_size)
    found = torch.zeros(rows, columns, *image_size, *kernel_size, dtype=torch.float64)
    i, j, m, n = torch.cartesian_prod(*map(torch.arange, (rows, columns, *kernel_size))).T
    found[i, j, i + m, j + n, m, n] = 1
    return found


def foreseen(
    ask: Questions,
    kernels: torch.Tensor,
    dark: torch.Tensor,
    first: torch.Tensor,
    image: torch.Tensor,
    kernel: torch.Tensor,
) -> torch.Tensor | None:
    """The first of the likely coefficients that bright pixels bear out, or None.

    `kernels` (g, M, N) are those of the code FRACTIONS, `dark` is the map of a dark image, `first`
    that of `image` and `kernel`, which leaves most guesses no further call.
    """
    if ask.pixels < SMALLEST:
        return None
    rows, columns = dark.shape
    with contextlib.suppress(Mistake, Departed):  # which the pixels show again, one by one
        for coefficients in likely(ask, (rows, columns)):
            if different(first, foretold(coefficients, image, kernel), image, kernel):
                continue
            if all(
                shows(ask, coefficients, lit, code, dark)
                for code in kernels
                for lit in lit_apart(ask.image_size, ask.kernel_size)
            ):
                return coefficients
    return None


def shows(
    ask: Questions,
    coefficients: torch.Tensor,
    image: torch.Tensor,
    kernel: torch.Tensor,
    dark: torch.Tensor,
) -> bool:
    """Whether the map of this image and kernel, besides the `dark` one, is what is foretold."""
    came = ask(image, kernel) - dark
    near = NOISE * FRACTIONS.unit
    return bool(((came - foretold(coefficients, image, kernel)).abs() < near).all())


def lit_apart(image_size: Size, kernel_size: Size) -> list[torch.Tensor]:
    """Images that together have every pixel bright once, and of which no patch has two."""
    (height, width), (rows, columns) = image_size, kernel_size
    images = []
    for y, x in product(range(min(rows, height)), range(min(columns, width))):
        image = torch.zeros(image_size)
        image[y::rows, x::columns] = 1
        images.append(image)
    return images
