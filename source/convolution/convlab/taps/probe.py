"""What a function reads: it is shown bright pixels, alone or so far apart that no patch has two,
and then random images, as a check.
"""

import functools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from .. import calling
from ..examples import Example, example
from ..messages import Message, message
from ..mistakes import TooSlow
from ..printing import size
from . import foreseen
from .coefficients import FRACTIONS, codes, confirmed, decoded, one_by_one, shone
from .questions import Questions, TooMany, quiet
from .sums import Departed, Departure, empty, explained, foretold, unchanged, unforetold


@dataclass(eq=False)
class Taps:
    """What a function reads of an image (H, W) under a kernel (M, N).

    `coefficients`, float64 (rows, columns, H, W, M, N), say how often output (i, j) adds pixel (y,
    x) times weight (m, n). Unless there is a `departure` they foretell every map; all are 0 where
    none could be read. `calls` and `seconds` are what it took; `note` says what was asked less than
    usual and why.
    """

    image_size: tuple[int, int]
    kernel_size: tuple[int, int]
    coefficients: torch.Tensor
    departure: Departure | None = None
    calls: int = 0
    seconds: float = 0.0
    note: Message | None = None

    @property
    def size(self) -> tuple[int, int]:
        """The size (rows, columns) of the function's own map."""
        rows, columns = self.coefficients.shape[:2]
        return rows, columns

    @property
    def count(self) -> int:
        """How many outputs the function's own map has."""
        return self.size[0] * self.size[1]

    @functools.cached_property
    def expected(self) -> torch.Tensor:
        """The coefficients of the right function: float64 (H-M+1, W-N+1, H, W, M, N)."""
        return foreseen.right(self.image_size, self.kernel_size)

    @property
    def right(self) -> bool:
        """Whether the function is a right conv2d at this size, as far as the calls show."""
        return self.departure is None and torch.equal(self.coefficients, self.expected)

    def replay(self, image: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
        """The map that the taps foretell for `image` (H, W) and `kernel` (M, N): float64 (rows,
        columns).
        """
        return foretold(self.coefficients, image, kernel)


def taps(
    conv2d: Callable[..., Any],
    image_size: tuple[int, int] = (8, 8),
    kernel_size: tuple[int, int] = (3, 3),
    seconds: float = 1.0,
    guess: bool = False,
) -> Taps:
    """Find out what `conv2d` reads on an image (H, W) under a kernel (M, N), in about `seconds`
    after its first call.

    Every pixel is tried alone. With a `guess`, many are at once, none of them in one patch, if
    these and random images bear out coefficients that are likely: those of the right function, or
    those that it read at another size before.

    Returns Taps, of a smaller image if the calls would take too long. Raises the Mistake that keeps
    the function from being read (the stub, an error, no tensor), TooSlow after one and a half times
    `seconds` at the latest, and ValueError where the kernel is larger than the image.
    """
    began = time.perf_counter()
    ask = Questions(conv2d, image_size, kernel_size)
    with quiet():
        first = ask.open(tried(ask.image_size, ask.kernel_size, 1))
        seconds = ask.limit(min(seconds, calling.patience(conv2d)))
        try:
            with calling.at_most(seconds):
                found = what_fits(ask, first, guess)
        except calling.TimeIsUp as error:
            raise ask.given_up(seconds) from error
    found.calls, found.seconds = ask.calls, time.perf_counter() - began
    return found


def what_fits(ask: Questions, first: torch.Tensor, guess: bool) -> Taps:
    """The Taps of the largest image whose calls fit into the time: of the size asked for, or just
    larger than the kernel.
    """
    wanted = ask.image_size
    (height, width), (rows, columns) = wanted, ask.kernel_size
    smaller = [(min(height, rows + more), min(width, columns + more)) for more in (2, 1)]
    reasons: list[Message] = []
    for image_size in dict.fromkeys([wanted, *smaller]):
        if image_size != wanted:
            ask.turn_to(image_size)
            ask.turn = ask.deadline
        try:
            found = read(ask, first if image_size == wanted else None, guess)
        except TooMany as error:
            reasons.append(error.reason)
            continue
        if reasons:
            facts = {"size": size(ask.image_size), "reason": reasons[0]}
            found.note = message("taps", "too-slow.smaller-image", **facts)
        return found
    facts = {"size": size(ask.image_size), "reason": reasons[-1]}
    raise TooSlow(message("taps", "too-slow.any-image", **facts))


def read(ask: Questions, first: torch.Tensor | None, guess: bool) -> Taps:
    """The Taps of one image size; `first` is the map of the first image tried, if it is known
    already.
    """
    cases = [
        tried(ask.image_size, ask.kernel_size, seed, few_values, scale)
        for seed, few_values, scale in (
            (1, False, 1),
            (2, True, 1),
            (3, False, 1 / 64),
            (4, False, 1),
            (5, True, 1),
        )
    ]
    if first is None:
        first = ask(*cases[0].before)
    shape = *first.shape, *ask.image_size, *ask.kernel_size
    ask.fit(0, torch.Size(shape).numel())
    nothing = torch.zeros(shape, dtype=torch.float64)
    try:
        return Taps(ask.image_size, ask.kernel_size, *look(ask, cases, first, nothing, guess))
    except Departed as departed:
        return Taps(ask.image_size, ask.kernel_size, nothing, *departed.args)


def tried(
    image_size: tuple[int, int],
    kernel_size: tuple[int, int],
    seed: int,
    few_values: bool = False,
    scale: float = 1,
) -> Example:
    """An Example of any size; the numbers are the same in every X-ray, so that its sentences are
    too.
    """
    height, width = image_size
    made = example(max(height, 8), max(width, 8), seed, few_values)
    image = made.image[:height, :width] * scale
    if few_values:
        kernel = made.kernel[torch.arange(kernel_size[0]) % 3][:, torch.arange(kernel_size[1]) % 3]
    else:
        chance = torch.Generator().manual_seed(seed)
        count = kernel_size[0] * kernel_size[1]  # of different magnitudes
        kernel = (torch.randperm(512 + count, generator=chance)[:count] + 1) / 256
        kernel = (kernel * (torch.randint(0, 2, (count,), generator=chance) * 2 - 1)).reshape(
            kernel_size
        )
    return Example(image.contiguous(), kernel)


def look(
    ask: Questions,
    cases: Sequence[Example],
    first: torch.Tensor,
    nothing: torch.Tensor,
    guess: bool,
) -> tuple[torch.Tensor, Departure | None]:
    """The coefficients and the Departure (or None) of one image size, `nothing` being the
    coefficients if none are found.
    """
    image, kernel = cases[0].before
    unchanged(first, ask(image, kernel), image, kernel)
    ask.cost = min(ask.cost, ask.lasted)
    kernels = codes(ask.kernel_size, FRACTIONS)
    ask.fit(len(kernels) * ask.pixels + len(cases) + 1)
    black, none = torch.zeros_like(image), torch.zeros_like(kernel)
    dark, void = ask(black, kernel, "zeros"), ask(image, none)
    departure = empty("zero-image", dark, first, black, kernel)
    departure = departure or empty("zero-kernel", void, first, image, none)
    guessed = foreseen.foreseen(ask, kernels, dark, first, image, kernel) if guess else None
    if guessed is not None:
        unlike = departure or unforetold(ask, cases, first, guessed)
        if not unlike:
            return guessed, None
        broken = departure or explained(ask, cases, first, unlike.case, unlike)
        if broken:
            return departed_from(ask, guessed, dark, nothing, broken)
    alone = foreseen.alone(ask, nothing) if guess else None
    if alone is not None:
        broken = departure or broken_again(ask, cases, first, alone)
        if broken:
            return departed_from(ask, alone, dark, nothing, broken)
    decodable = decoded(shone(ask, kernels) - dark, ask.kernel_size, FRACTIONS)
    if decodable is not None:
        foreseen.remember(ask, decodable)
    if not departure and decodable is None:
        departure = explained(ask, cases, first, cases[0]) or explained(ask, cases, first, cases[1])
    elif not departure and decodable is not None:
        unlike = unforetold(ask, cases, first, decodable)
        if not unlike:
            return decodable, None
        departure = explained(ask, cases, first, unlike.case, unlike)
    if departure:
        return departed_from(ask, decodable, dark, nothing, departure)
    coefficients = one_by_one(ask)
    unlike = unforetold(ask, cases, first, coefficients)
    departure = unlike and (explained(ask, cases, first, unlike.case, unlike) or unlike)
    if not coefficients.isfinite().all():
        return nothing, departure
    foreseen.remember(ask, coefficients)
    return coefficients, departure


def broken_again(
    ask: Questions, cases: Sequence[Example], first: torch.Tensor, alone: torch.Tensor
) -> Departure | None:
    """The Departure of a function known to be no sum, from what single pixels let expect, or None.

    Where these are known to show nothing, it is sought in the cases of many and of few values.
    """
    if not alone.any():
        return explained(ask, cases, first, cases[0]) or explained(ask, cases, first, cases[1])
    unlike = unforetold(ask, cases, first, alone)
    return unlike and explained(ask, cases, first, unlike.case, unlike)


def departed_from(
    ask: Questions,
    likely: torch.Tensor | None,
    dark: torch.Tensor,
    nothing: torch.Tensor,
    departure: Departure,
) -> tuple[torch.Tensor, Departure]:
    """What `look` returns for a Departure; `likely` is what single pixels are thought to show."""
    known = likely is not None and not likely.any()
    found = nothing if known else confirmed(ask, likely, dark, nothing)
    foreseen.remember_departure(ask, found)
    return found, departure
