"""Coefficients, read from maps of single bright pixels under weights that can be told apart in a
sum.
"""

import contextlib
from typing import NamedTuple

import torch

from .. import calling
from ..mistakes import Mistake
from .questions import Questions, TooMany
from .sums import Departed


class Code(NamedTuple):
    """Weight w of a kernel is base**w * unit, so that a sum of weights can be taken apart."""

    base: int
    unit: float


FRACTIONS = Code(5, 2**-10)  # tells coefficients −2 to 2
WHOLE = Code(2, 1)  # survives rounding
DIGITS = 9  # so many digits of either code are exact in float32
NOISE = 0.2  # what is so near to a whole number is taken for it; Fourier transforms stay below


def codes(kernel_size: tuple[int, int], code: Code) -> torch.Tensor:
    """Kernels (g, M, N) of nine weights each, the others 0, from whose products each weight can be
    told.
    """
    count = kernel_size[0] * kernel_size[1]
    weights = torch.arange(count)
    kernels = torch.zeros(-(-count // DIGITS), count)
    kernels[weights // DIGITS, weights] = torch.tensor(
        [float(code.base ** (w % DIGITS) * code.unit) for w in range(count)]
    )
    return kernels.reshape(-1, *kernel_size)


def shone(ask: Questions, kernels: torch.Tensor) -> torch.Tensor:
    """The maps (g, H, W, rows, columns) of single bright pixels under each of the kernels (g, M,
    N).
    """
    height, width = ask.image_size
    pixels = torch.eye(height * width).reshape(-1, height, width).unbind()
    maps = [
        ask(pixel, kernel, "pixel", (p // width, p % width))
        for kernel in kernels
        for p, pixel in enumerate(pixels)
    ]
    return torch.stack(maps).reshape(len(kernels), height, width, *maps[0].shape)


def decoded(maps: torch.Tensor, kernel_size: tuple[int, int], code: Code) -> torch.Tensor | None:
    """The coefficients behind the maps (g, H, W, rows, columns) of the code's kernels, or None if
    they are none of its.

    Those of a mean, whole numbers divided by the number of weights or of a kernel's rows or
    columns, are read as well.
    """
    count, shift = kernel_size[0] * kernel_size[1], (code.base - 1) // 2
    for divisor in sorted({1, 2, *kernel_size, count}):
        exact = maps / code.unit * divisor
        rest = exact.round()
        if not ((exact - rest).abs() < NOISE).all():
            continue
        sign, rest = rest.sign(), rest.abs()
        digits: list[torch.Tensor] = []
        for _ in range(DIGITS):
            digits.append((rest + shift) % code.base - shift)
            rest = (rest - digits[-1]) / code.base
        if not rest.any():
            found = (
                torch.stack(digits, dim=-1) * sign[..., None] / divisor
            )  # g, H, W, rows, columns, digit
            found = found.permute(3, 4, 1, 2, 0, 5).flatten(4)[..., :count]
            return found.reshape(*found.shape[:4], *kernel_size) + 0.0  # which makes −0 to 0
    return None


def one_by_one(ask: Questions) -> torch.Tensor:
    """Any coefficients at all, each weight tried alone; as exact as float32 is."""
    kernels = single_weights(ask.kernel_size)
    ask.fit(len(kernels) * ask.pixels, reason="time-alone")
    return of_single_weights(shone(ask, kernels), ask.kernel_size)


def single_weights(kernel_size: tuple[int, int]) -> torch.Tensor:
    """Kernels (M·N, M, N) with one weight 1 each, the others 0."""
    count = kernel_size[0] * kernel_size[1]
    return torch.eye(count).reshape(count, *kernel_size)


def of_single_weights(maps: torch.Tensor, kernel_size: tuple[int, int]) -> torch.Tensor:
    """The coefficients behind the maps (M·N, H, W, rows, columns) of single weights."""
    found = maps.permute(3, 4, 1, 2, 0)
    whole = found.round() + 0.0
    found = torch.where((found - whole).abs() < 1e-5, whole, found)
    return found.reshape(*found.shape[:4], *kernel_size)


def confirmed(
    ask: Questions,
    coefficients: torch.Tensor | None,
    dark: torch.Tensor,
    nothing: torch.Tensor,
) -> torch.Tensor:
    """These coefficients if single pixels under single weights bear them out, or those of whole
    weights, or `nothing`.
    """
    with contextlib.suppress(TooMany, Mistake, Departed, calling.TimeIsUp):
        if coefficients is not None and borne_out(ask, coefficients, dark):
            return coefficients
        kernels = codes(ask.kernel_size, WHOLE)
        ask.fit(len(kernels) * ask.pixels)
        coefficients = decoded(shone(ask, kernels) - dark, ask.kernel_size, WHOLE)
        if coefficients is not None and borne_out(ask, coefficients, dark):
            return coefficients
    return nothing


def borne_out(ask: Questions, coefficients: torch.Tensor, dark: torch.Tensor) -> bool:
    """Whether each weight alone, on one of the pixels that it multiplies most often, gives what the
    coefficients say.
    """
    for m, n in torch.cartesian_prod(*map(torch.arange, ask.kernel_size)).tolist():
        image, kernel = torch.zeros(ask.image_size), torch.zeros(ask.kernel_size)
        read = coefficients[..., m, n].abs().sum((0, 1))
        places = (read == read.max()).nonzero()
        y, x = places[(7 * m + 5 * n) % len(places)].tolist()
        image[y, x] = kernel[m, n] = 1
        if not ((ask(image, kernel) - dark - coefficients[:, :, y, x, m, n]).abs() < 1e-3).all():
            return False
    return True
