"""Coefficients that are likely before every pixel is tried alone: those of the right function,
those that the function read at another size, and what one pixel lets expect of all.

They are guesses, which spare calls. Images whose bright pixels lie so far apart that no patch has
two of them have to bear one out, and after that whatever has to bear out what was read; then it
does not matter where the guess came from.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from itertools import product

import torch

from .. import oracle
from ..mistakes import Mistake
from ..observed import OBSERVATIONS
from .coefficients import FRACTIONS, NOISE, decoded, of_single_weights, single_weights
from .questions import Questions
from .stencils import Stencil, of_one_pixel, sizes, stencil
from .sums import Departed, different, foretold

REMEMBERED = 4
FEWEST = 2  # times as many pixels as weights: of fewer, each is tried alone, in as few calls
Size = tuple[int, int]


def remember(ask: Questions, coefficients: torch.Tensor) -> None:
    """Take what was read (rows, columns, H, W, M, N) for a guess at other sizes, if it may be one.

    What the right function reads need not be remembered.
    """
    if not coefficients.any() or torch.equal(coefficients, right(*sizes(coefficients))):
        return
    found = stencil(coefficients)
    if found:
        keep(ask, found)


def remember_departure(ask: Questions, coefficients: torch.Tensor) -> None:
    """Note that the function is no sum, and what it read of pixels that were bright alone.

    Nothing is noted if these are coefficients that outputs do not share.
    """
    found = stencil(coefficients) if coefficients.any() else None
    if found or not coefficients.any():
        observed = OBSERVATIONS.of(ask.conv2d)
        observed.departs, observed.alone = True, found


def alone(ask: Questions, nothing: torch.Tensor) -> torch.Tensor | None:
    """The coefficients that single pixels are likely to show of a function known to be no sum.

    They are `nothing` if it showed none that can be told, None if it is not known to be no sum.
    """
    observed = OBSERVATIONS.of(ask.conv2d)
    known = observed.alone
    if not observed.departs or known and known.kernel_size != ask.kernel_size:
        return None
    rows, columns = nothing.shape[:2]
    return known.coefficients((rows, columns), ask.image_size) if known else nothing


def keep(ask: Questions, found: Stencil) -> None:
    """Put this Stencil in front of those that the function is known to read."""
    stencils = OBSERVATIONS.of(ask.conv2d).stencils
    if found in stencils:
        stencils.remove(found)
    stencils.insert(0, found)
    del stencils[REMEMBERED:]


def likely(
    ask: Questions, kernels: torch.Tensor, dark: torch.Tensor
) -> Iterator[tuple[Stencil | None, torch.Tensor]]:
    """The coefficients to be tried for the size of the `dark` map, and the Stencil behind them.

    Those of the right function, which has none here, come first; then those known of the function,
    and what the pixel in the middle, which is asked for only then, makes likely.
    """
    rows, columns = dark.shape
    if (rows, columns) == oracle.size_of(ask.image_size, ask.kernel_size):
        yield None, right(ask.image_size, ask.kernel_size)
    for known in list(OBSERVATIONS.of(ask.conv2d).stencils):
        if known.kernel_size == ask.kernel_size:
            yield known, known.coefficients((rows, columns), ask.image_size)
    departs = OBSERVATIONS.of(ask.conv2d).departs
    for found in seen_in_the_middle(ask, kernels, dark) if not departs else []:
        yield found, found.coefficients((rows, columns), ask.image_size)


def seen_in_the_middle(
    ask: Questions, kernels: torch.Tensor, dark: torch.Tensor
) -> Iterator[Stencil]:
    """The Stencils that may have given the maps of one bright pixel in the middle of the image."""
    height, width = ask.image_size
    place = height // 2, width // 2
    image = torch.zeros(height, width)
    image[place] = 1

    def maps(weights: torch.Tensor) -> torch.Tensor:
        """Those under each of the kernels: (g, 1, 1, rows, columns)."""
        shown = [ask(image, kernel, "pixel", place) - dark for kernel in weights]
        return torch.stack(shown)[:, None, None]

    read = decoded(maps(kernels), ask.kernel_size, FRACTIONS)
    if read is not None:
        yield from of_one_pixel(read[:, :, 0, 0], place)
    if read is None or read.count_nonzero() > kernels[0].numel():  # read wrongly, it may be
        read = of_single_weights(maps(single_weights(ask.kernel_size)), ask.kernel_size)
        yield from of_one_pixel(read[:, :, 0, 0], place)


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
    if ask.pixels < FEWEST * kernel.numel():
        return None
    with contextlib.suppress(Mistake, Departed):  # which the pixels show again, one by one
        for known, coefficients in likely(ask, kernels, dark):
            if different(first, foretold(coefficients, image, kernel), image, kernel):
                continue
            if all(
                shows(ask, coefficients, lit, code, dark)
                for code in kernels
                for lit in lit_apart(ask.image_size, ask.kernel_size)
            ):
                if known:
                    keep(ask, known)
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
