"""Owns finding out what a function reads: it is shown one bright pixel at a time, under weights that can be told apart."""

import contextlib
import functools
import math
import os
import time
import warnings
from collections import namedtuple
from dataclasses import dataclass
from types import SimpleNamespace

import torch

from . import attempt, checks, target
from .examples import Example, example
from .mistakes import Mistake, TooSlow, WrongDtype
from .paint import number, size, told_apart

Code = namedtuple("Code", "base unit")  # weight w of a kernel is base**w * unit, so that a sum of weights can be taken apart
FRACTIONS, WHOLE = Code(5, 2**-10), Code(2, 1)  # the first tells coefficients −2 to 2; the second survives rounding
DIGITS = 9  # so many digits of either code are exact in float32
NOISE = 0.2  # a number so near to a whole one is taken for it; Fourier transforms in float32 stay below
SHARE = 0.8  # of the time that may be planned for, since calls do not all take equally long
RESERVE = 0.5  # of the time, for a smaller image if the calls take longer than planned
ROOM = 2_000_000  # coefficients, 16 MB
SLACK = 3  # times the tolerance of one map, since maps of several calls are compared
NO_SUM = "This is not a sum of pixels times weights: "
FEW = " Image and kernel have few values here, many of them equal or 0; with random numbers the map was as foretold."
DECIMALS = ["is a whole number", "has at most 1 decimal", *(f"has at most {n} decimals" for n in (2, 3, 4))]
REAL = {torch.float16, torch.bfloat16, torch.float32, torch.float64,
        torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64}


@dataclass(eq=False)
class Departure:
    """Why a function is no sum of pixels times weights: the call that showed it, and the cells of its map that do.

    `cells` are (row, column, what came, what the rule in `sentence` foretold); none if the map's size was the reason.
    """

    sentence: str
    cells: list
    image: torch.Tensor
    kernel: torch.Tensor


@dataclass(eq=False)
class Taps:
    """What a function reads: `coefficients`, float64 (rows, columns, H, W, M, N), say how often output (i, j) adds pixel
    (y, x) times weight (m, n). Unless there is a `departure` they foretell every map; all are 0 where none could be read.
    `calls` and `seconds` are what it took; `note` says what was asked less than usual and why.
    """

    image_size: tuple
    kernel_size: tuple
    coefficients: torch.Tensor
    departure: Departure | None = None
    calls: int = 0
    seconds: float = 0.0
    note: str = ""

    @property
    def size(self):
        """The size (rows, columns) of the function's own map."""
        return tuple(self.coefficients.shape[:2])

    @functools.cached_property
    def expected(self):
        """The coefficients of the right function: float64 (H-M+1, W-N+1, H, W, M, N)."""
        rows, columns = target.size_of(self.image_size, self.kernel_size)
        right = torch.zeros(rows, columns, *self.image_size, *self.kernel_size, dtype=torch.float64)
        i, j, m, n = torch.cartesian_prod(*map(torch.arange, (rows, columns, *self.kernel_size))).T
        right[i, j, i + m, j + n, m, n] = 1
        return right

    @property
    def right(self):
        """Whether the function is a right conv2d at this size, as far as the calls show."""
        return self.departure is None and torch.equal(self.coefficients, self.expected)

    def replay(self, image, kernel):
        """The map that the taps foretell for `image` (H, W) and `kernel` (M, N): float64 (rows, columns)."""
        return foretold(self.coefficients, image, kernel)


class TooMany(Exception):
    """There is no time, or no room, for so many calls."""


class Departed(Exception):
    """Carries a Departure after which nothing that is read could be relied on."""


class Questions:
    """Calls the learner's function on fresh copies, counts the calls, and takes only tables of numbers for an answer."""

    def __init__(self, conv2d, image_size, kernel_size):
        self.conv2d, self.kernel_size, self.calls = conv2d, kernel_size, 0
        self.turn_to(image_size)

    def turn_to(self, image_size):
        """Ask about images of this size from now on."""
        self.image_size, self.map_size, self.which = image_size, None, ""

    def open(self, case):
        """The first map of all; where there is none, the Mistake is the one that the checks give."""
        self.calls, self.began = 1, time.perf_counter()
        result = attempt.call(self.conv2d, *(tensor.clone() for tensor in case.before), self.name)
        self.cost = time.perf_counter() - self.began
        return self.guarded(lambda: result)

    def __call__(self, image, kernel, which=""):
        """The map of a copy of `image` and `kernel`; `which` tells in an error message which image it was."""
        if time.perf_counter() > self.turn:
            raise TooMany(f"{self.calls} calls took longer than they should have")
        if time.perf_counter() > self.deadline:  # where no alarm rings, or the function swallowed it
            raise attempt.TimeIsUp
        self.calls, self.which, self.began = self.calls + 1, which, time.perf_counter()
        result = self.guarded(lambda: self.conv2d(image.clone(), kernel.clone()))
        self.lasted = time.perf_counter() - self.began
        return result

    def guarded(self, answer):
        """The map that `answer()` gives, in float64 and apart from what the function may keep; a Mistake if none comes."""
        try:
            return self.numbers(answer())
        except (KeyboardInterrupt, Mistake, Departed, attempt.TimeIsUp):
            raise
        except BaseException as error:
            raise attempt.raised(error, self.name, "") from error

    @property
    def name(self):
        """How messages call the present call."""
        return f"conv2d(image {size(self.image_size)}{self.which}, kernel {size(self.kernel_size)})"

    @property
    def pixels(self):
        """How many pixels an image has."""
        return self.image_size[0] * self.image_size[1]

    def numbers(self, result):
        """A copy of `result` in float64, apart from any gradient; a Mistake if it is no table of real numbers."""
        if not (isinstance(result, torch.Tensor) and result.layout is torch.strided and result.device.type == "cpu"
                and result.dtype in REAL and result.ndim == 2 and 0 < result.numel() <= 16 * self.pixels):
            self.refuse(result)
        if self.map_size not in (None, result.shape):
            raise Departed(Departure(f"The size of the map changes from call to call: first it was {size(self.map_size)}, "
                                     f"then {size(result.shape)}.", [], None, None))
        self.map_size = result.shape
        return result.detach().to(torch.float64, copy=True)

    def refuse(self, result):
        """Raise the Mistake that the checks have for this `result`."""
        blank = torch.zeros(self.image_size), torch.zeros(self.kernel_size)
        case = SimpleNamespace(name=self.name, again="", before=blank, target=target.feature_map(*blank))
        try:
            checks.is_float32_tensor(result, case)
        except WrongDtype:
            if result.dtype not in REAL:
                raise
        checks.has_size(result, case)

    def limit(self, seconds):
        """Plan for so many seconds from now; return the limit on all calls, which leaves time to turn to a smaller image."""
        self.turn = time.perf_counter() + seconds
        self.deadline = self.turn + RESERVE * seconds
        return seconds + RESERVE * seconds

    def fit(self, calls, products=0, reason=""):
        """Raise TooMany if there is no time for so many calls, or no room for so many products."""
        if products > ROOM:
            raise TooMany(f"one of {size(self.image_size)} has too many pixels to try each")
        if calls * self.cost > SHARE * (self.turn - time.perf_counter()):
            raise TooMany(f"{reason}one call takes {lasting(self.cost)}, and {calls} of them would take too long")

    def given_up(self, seconds):
        """The Mistake when the time for all calls is up."""
        lasted = time.perf_counter() - self.began
        if lasted > attempt.SECONDS / attempt.IMPATIENT:
            attempt.remember(self.conv2d)
        if lasted > seconds / 2:
            return TooSlow(f"{self.name} had not returned after {lasting(lasted)}, where another call took "
                           f"{lasting(self.cost)}.\nLook at what ends each of your loops.")
        return TooSlow(f"The X-ray was given up after {lasting(seconds)} and {self.calls} calls of conv2d: "
                       "there was no time for more.")


def lasting(seconds):
    """A time as messages print it."""
    return f"{number(round(seconds, 1))} s" if seconds >= 0.9995 else f"{seconds * 1000:.{0 if seconds > 0.01 else 1}f} ms"


@contextlib.contextmanager
def quiet():
    """Let nothing be seen of what a function prints, logs or warns of."""
    with open(os.devnull, "w", encoding="utf-8", errors="replace") as nowhere, contextlib.redirect_stdout(nowhere), \
            attempt.warnings_to_stdout(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def taps(conv2d, image_size=(8, 8), kernel_size=(3, 3), seconds=1.0):
    """Find out what `conv2d` reads on an image (H, W) under a kernel (M, N), in about `seconds` after its first call.

    Returns Taps, of a smaller image if the calls would take too long. Raises the Mistake that keeps the function from
    being read (the stub, an error, no tensor), TooSlow after one and a half times `seconds` at the latest, and ValueError
    where the kernel is larger than the image.
    """
    began = time.perf_counter()
    ask = Questions(conv2d, tuple(image_size), tuple(kernel_size))
    with quiet():
        first = ask.open(tried(ask.image_size, ask.kernel_size, 1))
        seconds = ask.limit(min(seconds, attempt.patience(conv2d)))
        try:
            with attempt.at_most(seconds):
                found = what_fits(ask, first)
        except attempt.TimeIsUp as error:
            raise ask.given_up(seconds) from error
    found.calls, found.seconds = ask.calls, time.perf_counter() - began
    return found


def what_fits(ask, first):
    """The Taps of the largest image whose calls fit into the time: of the size asked for, or just larger than the kernel."""
    reasons, wanted = [], ask.image_size
    smaller = [tuple(min(side, k + more) for side, k in zip(wanted, ask.kernel_size)) for more in (2, 1)]
    for image_size in dict.fromkeys([wanted, *smaller]):
        if image_size != wanted:
            ask.turn_to(image_size)
            ask.turn = ask.deadline
        try:
            found = read(ask, first if image_size == wanted else None)
        except TooMany as error:
            reasons.append(str(error))
            continue
        if reasons:
            found.note = f"The X-ray was made on a {size(ask.image_size)} image: {reasons[0]}."
        return found
    raise TooSlow(f"There is no X-ray of conv2d: even on a {size(ask.image_size)} image {reasons[-1]}.")


def read(ask, first):
    """The Taps of one image size; `first` is the map of the first image tried, if it is known already."""
    kinds = [(1,), (2, True), (3, False, 1 / 64), (4,), (5, True)]
    cases = [tried(ask.image_size, ask.kernel_size, *kind) for kind in kinds]
    if first is None:
        first = ask(*cases[0].before)
    shape = *first.shape, *ask.image_size, *ask.kernel_size
    ask.fit(0, torch.Size(shape).numel())
    nothing = torch.zeros(shape, dtype=torch.float64)
    try:
        return Taps(ask.image_size, ask.kernel_size, *look(ask, cases, first, nothing))
    except Departed as departed:
        return Taps(ask.image_size, ask.kernel_size, nothing, *departed.args)


def tried(image_size, kernel_size, seed, few_values=False, scale=1):
    """An Example of any size; the numbers are the same in every X-ray, so that its sentences are too."""
    made = example(*(max(side, 8) for side in image_size), seed, few_values)
    image = made.image[:image_size[0], :image_size[1]] * scale
    if few_values:
        kernel = made.kernel[torch.arange(kernel_size[0]) % 3][:, torch.arange(kernel_size[1]) % 3]
    else:
        chance = torch.Generator().manual_seed(seed)
        count = kernel_size[0] * kernel_size[1]  # of different magnitudes
        kernel = (torch.randperm(512 + count, generator=chance)[:count] + 1) / 256
        kernel = (kernel * (torch.randint(0, 2, (count,), generator=chance) * 2 - 1)).reshape(kernel_size)
    return Example(image.contiguous(), kernel)


def look(ask, cases, first, nothing):
    """The coefficients and the Departure (or None) of one image size, `nothing` being the coefficients if none are found."""
    image, kernel = cases[0].before
    unchanged(first, ask(image, kernel), image, kernel)
    ask.cost = min(ask.cost, ask.lasted)
    kernels = codes(ask.kernel_size, FRACTIONS)
    ask.fit(len(kernels) * ask.pixels + len(cases) + 1)
    black, none = torch.zeros_like(image), torch.zeros_like(kernel)
    dark, void = ask(black, kernel, " of zeros"), ask(image, none)
    departure = empty("an image", dark, first, black, kernel) or empty("a kernel", void, first, image, none)
    coefficients = decoded(shone(ask, kernels) - dark, ask.kernel_size, FRACTIONS)
    if not departure and coefficients is None:
        departure = explained(ask, cases, first, cases[0]) or explained(ask, cases, first, cases[1])
    elif not departure:
        unlike = unforetold(ask, cases, first, coefficients)
        if not unlike:
            return coefficients, None
        departure = explained(ask, cases, first, Example(unlike.image, unlike.kernel), unlike)
    if departure:
        return confirmed(ask, coefficients, dark, nothing), departure
    coefficients = one_by_one(ask)
    unlike = unforetold(ask, cases, first, coefficients)
    departure = unlike and (explained(ask, cases, first, Example(unlike.image, unlike.kernel), unlike) or unlike)
    return coefficients if coefficients.isfinite().all() else nothing, departure


def codes(kernel_size, code):
    """Kernels (g, M, N) of nine weights each, the others 0, from whose products each weight can be told."""
    count = kernel_size[0] * kernel_size[1]
    weights = torch.arange(count)
    kernels = torch.zeros(-(-count // DIGITS), count)
    kernels[weights // DIGITS, weights] = torch.tensor([float(code.base ** (w % DIGITS) * code.unit) for w in range(count)])
    return kernels.reshape(-1, *kernel_size)


def shone(ask, kernels):
    """The maps (g, H, W, rows, columns) of single bright pixels under each of the kernels (g, M, N)."""
    height, width = ask.image_size
    pixels = torch.eye(height * width).reshape(-1, height, width).unbind()
    maps = [ask(pixel, kernel, f" with one bright pixel at ({p // width}, {p % width})")
            for kernel in kernels for p, pixel in enumerate(pixels)]
    return torch.stack(maps).reshape(len(kernels), height, width, *ask.map_size)


def decoded(maps, kernel_size, code):
    """The coefficients behind the maps (g, H, W, rows, columns) of the code's kernels, or None if they are none of its.

    Those of a mean, whole numbers divided by the number of weights or of a kernel's rows or columns, are read as well.
    """
    count, shift = kernel_size[0] * kernel_size[1], (code.base - 1) // 2
    for divisor in sorted({1, 2, *kernel_size, count}):
        exact = maps / code.unit * divisor
        rest = exact.round()
        if not ((exact - rest).abs() < NOISE).all():
            continue
        sign, rest, digits = rest.sign(), rest.abs(), []
        for _ in range(DIGITS):
            digits.append((rest + shift) % code.base - shift)
            rest = (rest - digits[-1]) / code.base
        if not rest.any():
            found = torch.stack(digits, dim=-1) * sign[..., None] / divisor  # g, H, W, rows, columns, digit
            found = found.permute(3, 4, 1, 2, 0, 5).flatten(4)[..., :count]
            return found.reshape(*found.shape[:4], *kernel_size) + 0.0  # which makes −0 to 0
    return None


def one_by_one(ask):
    """Any coefficients at all, each weight tried alone; as exact as float32 is."""
    count = ask.kernel_size[0] * ask.kernel_size[1]
    ask.fit(count * ask.pixels, reason="its products are not counted in whole numbers, so each weight is tried alone; ")
    found = shone(ask, torch.eye(count).reshape(count, *ask.kernel_size)).permute(3, 4, 1, 2, 0)
    whole = found.round() + 0.0
    found = torch.where((found - whole).abs() < 1e-5, whole, found)
    return found.reshape(*found.shape[:4], *ask.kernel_size)


def confirmed(ask, coefficients, dark, nothing):
    """These coefficients if single pixels under single weights bear them out, or those of whole weights, or `nothing`."""
    with contextlib.suppress(TooMany, Mistake, Departed, attempt.TimeIsUp):
        if coefficients is not None and borne_out(ask, coefficients, dark):
            return coefficients
        kernels = codes(ask.kernel_size, WHOLE)
        ask.fit(len(kernels) * ask.pixels)
        coefficients = decoded(shone(ask, kernels) - dark, ask.kernel_size, WHOLE)
        if coefficients is not None and borne_out(ask, coefficients, dark):
            return coefficients
    return nothing


def borne_out(ask, coefficients, dark):
    """Whether each weight alone, on one of the pixels that it multiplies most often, gives what the coefficients say."""
    for m, n in torch.cartesian_prod(*map(torch.arange, ask.kernel_size)).tolist():
        image, kernel = torch.zeros(ask.image_size), torch.zeros(ask.kernel_size)
        read = coefficients[..., m, n].abs().sum((0, 1))
        places = (read == read.max()).nonzero()
        y, x = places[(7 * m + 5 * n) % len(places)].tolist()
        image[y, x] = kernel[m, n] = 1
        if not ((ask(image, kernel) - dark - coefficients[:, :, y, x, m, n]).abs() < 1e-3).all():
            return False
    return True


def foretold(coefficients, image, kernel):
    """The map that `coefficients` (rows, columns, H, W, M, N) give for `image` (H, W) and `kernel` (M, N), in float64."""
    products = torch.outer(image.double().flatten(), kernel.double().flatten())
    return coefficients.flatten(2) @ products.flatten()


def departed(rule, came, should, *inputs):
    """The Departure of the map `came`, of the last two `inputs`, from what the rule says it should be, or None.

    All inputs are pairs of image and kernel, one after the other; they tell how far off float32 may be.
    """
    tolerance = SLACK * sum(Example(*pair).tolerance for pair in zip(inputs[::2], inputs[1::2]))
    same = (came == should) | (came.isnan() & should.isnan()) | ((came - should).abs() <= tolerance)
    cells = [(i, j, float(came[i, j]), float(should[i, j])) for i, j in (~same).nonzero().tolist()]
    if not cells:
        return None
    i, j, *values = cells[0]
    this, that = told_apart(*values)
    every = len(cells) == came.numel() > 1 and torch.equal(came, came[:1, :1].expand_as(came))
    return Departure(f"{NO_SUM}{rule}, but {'every output' if every else f'output ({i}, {j})'} is {this} instead of {that}.",
                     cells, *inputs[-2:])


def unchanged(first, again, image, kernel):
    """Raise Departed if the same call gave another map the second time."""
    found = departed("", again, first, image, kernel)
    if found:
        i, j, *values = found.cells[0]
        this, that = told_apart(*values)
        found.sentence = (f"The same call gave two different maps: output ({i}, {j}) was {that}, then {this}. "
                          "Something besides image and kernel plays a part.")
        raise Departed(found)


def empty(what, came, first, image, kernel):
    """The Departure if an image or a kernel of zeros does not give a map of zeros, or None."""
    found = departed(f"{what} of zeros should give a map of zeros", came, torch.zeros_like(came), image, kernel)
    if found and torch.equal(came, first):
        found.sentence += f" It is the map that {what} of random numbers gives, too."
    return found


def unforetold(ask, cases, first, coefficients):
    """The Departure of the first case whose map is not what the coefficients foretell, or None."""
    for case in cases:
        came = first if case is cases[0] else ask(*case.before)
        found = departed("a random image should give what its pixels give one by one", came,
                         foretold(coefficients, *case.before), *case.before)
        if found:
            return found
    return None


def explained(ask, cases, first, case, unlike=None):
    """The Departure from the first rule of a sum of pixels times weights that further calls on `case` show broken, or None.

    If there is no time for them, it is `unlike`, the Departure known already.
    """
    try:
        unchanged(first, ask(*cases[0].before), *cases[0].before)
        image, kernel = case.before
        came = ask(image, kernel)
        if not came.isfinite().all():
            i, j = (~came.isfinite()).nonzero()[0].tolist()
            return Departure(f"{NO_SUM}output ({i}, {j}) of a random image is {number(came[i, j])}.",
                             unlike.cells if unlike else [], image, kernel)
        found = multiplied(ask, image, kernel, came)
        if not found:
            found = added(ask, image, kernel, came, *cases[3].before)
            few = any(torch.equal(image, other.before[0]) for other in (cases[1], cases[4]))
            if found:
                found.sentence += FEW if few and unlike else nearness(found.cells)
        return found
    except attempt.TimeIsUp:
        if not unlike:
            raise
        return unlike


def multiplied(ask, image, kernel, came):
    """The Departure if −1 or 2 times the image or the kernel does not give as many times the map `came`, or None."""
    for rule, factor, pair in [
            ("turning the sign of every pixel should turn that of every output", -1, (-image, kernel)),
            ("turning the sign of every weight should turn that of every output", -1, (image, -kernel)),
            ("doubling every pixel should double every output", 2, (2 * image, kernel)),
            ("doubling every weight should double every output", 2, (image, 2 * kernel))]:
        seen = ask(*pair)
        found = departed(rule, seen, factor * came, *pair)
        if found:
            found.sentence += remark(image, came, seen)
            return found
    return None


def added(ask, image, kernel, came, other, weights):
    """The Departure if the maps of two parts of the image or the kernel do not add up to the map `came`, or None."""
    upper = image.clone()
    upper[len(image) // 2:] = 0
    rule = "the maps of two {} should add up to that of their sum"
    for rule, one, two in [
            (rule.format("images"), (other, kernel), (image - other, kernel)),
            (rule.format("kernels"), (image, weights), (image, kernel - weights)),
            ("the maps of the upper and the lower half should add up to that of the image",
             (upper, kernel), (image - upper, kernel))]:
        found = departed(rule, came, ask(*one) + ask(*two), *one, *two, image, kernel)
        if found:
            return found
    return None


def nearness(cells):
    """The sentence for differences so small that they come from rounding, or nothing."""
    off = max(abs(came - should) for _, _, came, should in cells)
    if not off < 0.01 * max(abs(cell[3]) for cell in cells):
        return ""
    unit = 10.0 ** math.floor(math.log10(off))
    return f" All differences are small, at most {math.ceil(off / unit) * unit:.1g}."


def remark(image, *maps):
    """What strikes one in the maps of an image of all kinds of fractions, in a sentence, or nothing."""
    values = torch.cat([values.flatten() for values in maps])
    for places in range(5) if (image * 2**7 % 1).any() else ():
        exact = values * 10**places
        if ((exact - exact.round()).abs() <= 1.2e-7 * exact.abs() + 1e-6).all():
            return f" Every value of these maps {DECIMALS[places]}."
    low, high = float(values.min()), float(values.max())
    if low >= 0 and int((values == high).sum()) <= 2:
        return " No value of these maps is negative."
    ends = [f"{word} {number(end)}" for word, end in (("below", low), ("above", high))
            if int((values == end).sum()) > 2 and end * 100 % 1 == 0]
    return f" No value of these maps is {' or '.join(ends)}." if ends else ""
