"""The search for models that reproduce what a function returned: many models at once on one
example, the simplest first; whatever is found is then held against every observation.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ... import oracle
from ...checks import wrong_values
from ...examples import SIZES, Example
from ...taps.probe import tried
from ..calls import Asked
from .models import (
    BOTH,
    COMBINED,
    DIVISORS,
    EACH,
    FIRST,
    LIMITS,
    REDUCED,
    ROUGH,
    STEPS,
    TABLE,
    TURNED,
    WHOLE,
    Change,
    Model,
    added,
    changed,
    made,
    patches,
)

CLOSE = 1.5e-6  # of the largest number: some roundings of float32
SCALES = {
    1: 1,
    3: 1 / 64,
    5: 64,
}  # seeds and what pixels are multiplied by: some limits lie far out
LEAST = 3  # rows and columns of the maps that models are sought with: many would fit fewer numbers
SUM = ("product", "sum")
Size = tuple[int, int]
RESULTS = {
    "reciprocal",
    "sin",
    "cos",
    "gelu",
    "silu",
    "elu",
    "softplus",
    "softsign",
    "atan",
    "leaky1",
    "leaky10",
    "leaky20",
    "log1p",
    "signed-log1p",
    *(change for change in EACH if change.endswith("-single")),
}  # what is done to results alone
INPUTS: list[Change] = [
    "",
    *(change for change in EACH if change not in RESULTS),
    *TABLE,
    *FIRST,
    *LIMITS,
]
PATCHES = [*TABLE, "relu", "abs"]


def rounding(came: Tensor) -> float:
    """How far off the numbers of a map may be, its roundings in float32 allowed for."""
    finite = came[came.isfinite()]
    return CLOSE * float(finite.abs().max()) if len(finite) else 0.0


def agrees(should: Tensor, came: Tensor) -> Tensor:
    """Whether each of the maps `should` (..., rows, columns) is `came` (rows, columns), as rounded.

    Where a division by 0 leaves the model no number, 0 may have come instead, but not everywhere.
    """
    lost = should.isnan() & ~came.isnan()
    same = cells_agree(should, came, rounding(came))
    return same.flatten(-2).all(-1) & ~lost.flatten(-2).all(-1)


def cells_agree(should: Tensor, came: Tensor, near: float) -> Tensor:
    """Which cells of `should` (..., rows, columns) are at most `near` from those of `came`."""
    return (
        (should == came)
        | ((should - came).abs() <= near)
        | (should.isnan() & (came.isnan() | (came == 0)))
    )


@dataclasses.dataclass
class Observation:
    """The map `result` (rows, columns), float64, that the function returned for an `example`."""

    example: Example
    result: Tensor

    @property
    def right_size(self) -> bool:
        """Whether the map has the right size."""
        return self.result.shape == self.example.target.shape

    @property
    def wrong(self) -> bool:
        """Whether a number is wrong, or the size."""
        return bool(wrong_values(self.result, self.example).any())

    def given_by(self, model: Model) -> bool | None:
        """Whether a model gives this map; None if it cannot be worked out for such sizes."""
        image, kernel = self.example.before
        if not model.fits(image, kernel):
            return None
        return bool(agrees(model(image, kernel)[None], self.result))


def observe(asked: Asked, examples: Iterable[Example]) -> list[Observation]:
    """The Observation of each example, but for those that the function returns no map for."""
    return [
        Observation(example, result)
        for example in examples
        if (result := asked.map(*example.before)) is not None
    ]


def sizes(case: Example) -> tuple[Size, Size]:
    """The sizes of a case's image (H, W) and kernel (M, N)."""
    (height, width), (rows, columns) = (tensor.shape for tensor in case.before)
    return (height, width), (rows, columns)


def enlarged(case: Example) -> tuple[Size, Size]:
    """The sizes of a case's image and kernel, the image enlarged so that its map has LEAST rows
    and columns or more.
    """
    (height, width), (rows, columns) = sizes(case)
    return (max(height, rows + LEAST), max(width, columns + LEAST)), (rows, columns)


def observe_random(asked: Asked, image_size: Size, kernel_size: Size) -> list[Observation]:
    """What the function returns for random numbers of several magnitudes."""
    return observe(
        asked, [tried(image_size, kernel_size, seed, scale=k) for seed, k in SCALES.items()]
    )


def observe_drawing(asked: Asked, case: Example) -> list[Observation]:
    """What the function returns for an image and a kernel of few values, many of them 0."""
    return observe(asked, [tried(*enlarged(case), 2, few_values=True)])


def observe_other_size(asked: Asked, case: Example) -> list[Observation]:
    """What the function returns for an image of another size than the case's."""
    image, kernel = enlarged(case)
    other = next(size for size in SIZES if size not in (image, image[::-1]))
    return observe(asked, [tried(other, kernel, 4)])


def observe_positive(asked: Asked, case: Example) -> list[Observation]:
    """What the function returns for random pixels above 0; maps of another size are left out."""
    examples = [tried(*sizes(case), seed) for seed in SCALES]
    observations = observe(asked, [Example(one.image.abs(), one.kernel) for one in examples])
    return [one for one in observations if one.right_size]


class Stack:
    """Models, and the maps (models, rows, columns), float64, that each gives for one example."""

    def __init__(self, models: list[Model], maps: Tensor) -> None:
        self.models, self.maps = models, maps

    def __add__(self, other: "Stack") -> "Stack":
        return Stack(self.models + other.models, torch.cat([self.maps, other.maps]))

    def then(self, change: Change) -> "Stack":
        """The same models with one more change of their results."""
        models = [dataclasses.replace(model, after=(*model.after, change)) for model in self.models]
        return Stack(models, changed(self.maps, change))

    def found(self, came: Tensor, changes: Sequence[Change], lines: bool = False) -> list[Model]:
        """The models that give the map `came` after one of `changes` and, with `lines`, a·x + b."""
        good, near = [], rounding(came)
        few, wanted = self.maps[:, :1, :4], came[:1, :4]
        for change in changes:
            some = torch.arange(len(self.models))
            if change not in TABLE and not lines:  # few cells leave few models to be worked out
                same = cells_agree(changed(few, change).float().double(), wanted, near)
                some = same.flatten(1).all(1).nonzero().flatten()
            maps = changed(self.maps[some], change).float().double()
            for k, line in matches(maps, came, lines):
                model = self.models[some[k]]
                after = (*model.after, change) if change else model.after
                good.append(dataclasses.replace(model, after=after, line=line))
        return good


def matches(maps: Tensor, came: Tensor, lines: bool) -> list[tuple[int, tuple[float, float]]]:
    """Which of the maps (models, rows, columns) are `came`, as (number, line).

    With `lines`, a map may be multiplied by line[0], and line[1] added.
    """
    if not lines:
        return [(k, (1.0, 0.0)) for k in agrees(maps, came).nonzero().flatten().tolist()]
    if not came.isfinite().all() or came.std() == 0:
        return []
    off = maps - maps.mean(BOTH, keepdim=True)
    wanted = came - came.mean()
    slope = (off * wanted).sum(BOTH) / off.square().sum(BOTH)
    start = came.mean() - slope * maps.mean(BOTH)
    fitted = slope[:, None, None] * maps + start[:, None, None]
    largest = float(came.abs().max())
    return [
        (k, tidy(float(slope[k]), float(start[k]), largest))
        for k in agrees(fitted, came).nonzero().flatten().tolist()
    ]


def tidy(slope: float, start: float, largest: float) -> tuple[float, float]:
    """A slope and a start without what rounding adds; `largest` is the map's largest size."""
    for k in (1, 2, 3, 4, 5, 8, 9, 10, 16, 25, 64, 100, 128, 255, 256, 1000):
        for near in (k, 1 / k, -k, -1 / k):
            slope = float(near) if abs(slope - near) < 2e-6 * abs(near) else slope
    if abs(start) <= 4 * CLOSE * largest:
        return slope, 0.0
    whole = round(start * 1000) / 1000
    return slope, whole if abs(start - whole) <= 4 * CLOSE * max(largest, abs(start)) else start


def worked_out(models: list[Model], image: Tensor, kernel: Tensor) -> Stack:
    """The Stack of these models."""
    return Stack(models, torch.stack([model.results(image, kernel) for model in models]))


def turned_sums(image: Tensor, kernel: Tensor, coefficients: Tensor | None) -> Stack:
    """The right sum, sums with the kernel turned, and the X-ray's coefficients if unlike these."""
    stack = worked_out(
        [Model(turn=turn) for turn in TURNED if Model(turn=turn).fits(image, kernel)], image, kernel
    )
    if coefficients is None or not coefficients.any() or not coefficients.isfinite().all():
        return stack
    own = Model(core="taps", coefficients=coefficients)
    if own.fits(image, kernel):
        result = own.results(image, kernel)
        if result.shape == stack.maps.shape[1:] and not agrees(stack.maps, result).any():
            return stack + Stack([own], result[None])
    return stack


def divided(base: Stack, kernel: Tensor) -> Stack:
    """The models of `base`, each divided by each of what DIVISORS make of the kernel."""
    models = [
        dataclasses.replace(model, divisor=name) for name in DIVISORS for model in base.models
    ]
    return Stack(models, torch.cat([base.maps / divisor(kernel) for divisor in DIVISORS.values()]))


def whole_numbers(image: Tensor, kernel: Tensor, turns: Iterable[str]) -> Stack:
    """The right sum with image and kernel in one type of whole numbers, the products too or not."""
    models = [
        Model(image=change, kernel=change, turn=turn, core=core)
        for turn in turns
        for change in WHOLE
        for core in (SUM, (f"product-{change}", "sum"))
        if core[0] in COMBINED
    ]
    return worked_out(models, image, kernel)


def sums(
    image: Tensor,
    kernel: Tensor,
    images: Sequence[Change],
    kernels: Sequence[Change],
    turns: Sequence[str],
) -> Stack:
    """The right sum with each of these changes of the image and the kernel, and each turn of it."""
    pixels = torch.cat([changed(image, change) for change in images])
    keys, height = list(product(kernels, turns)), len(image)
    rows = height - len(kernel) + 1
    maps = torch.stack(
        [oracle.feature_map(pixels, TURNED[turn](changed(kernel, change))) for change, turn in keys]
    )
    maps = maps[:, torch.arange(len(images))[:, None] * height + torch.arange(rows)]
    models = [
        Model(image=first, kernel=change, turn=turn)
        for (change, turn), first in product(keys, images)
    ]
    return Stack(models, maps.flatten(0, 1))


def others(image: Tensor, kernel: Tensor, turn: str = "") -> Stack:
    """The models that combine pixels and weights in another way, or change each patch first."""
    weights, pixels = TURNED[turn](kernel), patches(image, kernel.shape)
    models: list[Model] = []
    maps: list[Tensor] = []
    for way, combine in COMBINED.items():
        combined = combine(pixels, weights)
        for by, reduce in REDUCED.items():
            if (way, by) != SUM:
                models.append(Model(core=(way, by), turn=turn))
                maps.append(reduce(combined))
    for key in ROUGH | STEPS:
        models.append(Model(core=key, turn=turn))
        maps.append(made(key, pixels, weights))
    for change in PATCHES:
        models.append(Model(patch=change, turn=turn))
        maps.append(made(SUM, changed(pixels, change), weights))
    return Stack(models, torch.stack(maps))


def changed_taps(image: Tensor, kernel: Tensor, coefficients: Tensor | None) -> Stack:
    """The X-ray's coefficients with each change of the image or of the kernel."""
    changes = [*((change, "") for change in INPUTS[1:]), *(("", change) for change in INPUTS[1:])]
    models = [
        Model(image=first, kernel=second, core="taps", coefficients=coefficients)
        for first, second in changes
    ]
    return worked_out(models, image, kernel)


def with_a_part_added(base: Stack, image: Tensor, kernel: Tensor, came: Tensor) -> list[Model]:
    """The models of `base` that give the map `came` once a part of image or kernel is added."""
    down, across = image.shape[0] - came.shape[0] + 1, image.shape[1] - came.shape[1] + 1
    parts: list[tuple[Any, ...]] = [
        *(("pixel", a, b) for a in range(down) for b in range(across)),
        ("patch",),
        *(("weight", m, n) for m in range(kernel.shape[0]) for n in range(kernel.shape[1])),
        ("weights",),
        ("image",),
        ("mean",),
    ]
    models = []
    for part in parts:
        same = agrees(base.maps + added(part, image, kernel, came), came)
        models += [dataclasses.replace(base.models[k], plus=part) for k in same.nonzero().flatten()]
    return models


def stages(
    image: Tensor,
    kernel: Tensor,
    came: Tensor,
    coefficients: Tensor | None,
    limits: Sequence[tuple[float, float]],
) -> Iterator[list[Model]]:
    """Lists of models that give `came` for this example, each of more parts than the one before.

    The first has the models of one part at most, which are soon worked out. `limits` (low, high)
    are tried besides LIMITS.
    """
    image, kernel = image.double(), kernel.double()
    changes: list[Change] = ["", *EACH, *TABLE, *LIMITS, *limits]
    turns = [turn for turn in TURNED if TURNED[turn](kernel).shape == kernel.shape]
    base = turned_sums(image, kernel, coefficients)
    one = (
        base
        + sums(image, kernel, INPUTS[1:], [""], [""])
        + sums(image, kernel, [""], INPUTS[1:], [""])
        + divided(base, kernel)
        + whole_numbers(image, kernel, [""])
        + others(image, kernel)
    )
    right = Stack(base.models[:1], base.maps[:1])
    few = one.found(came, [""]) + right.found(came, changes[1:])
    few += with_a_part_added(right, image, kernel, came)
    yield [model for model in few if model.parts <= 1]
    several = one.found(came, changes) + with_a_part_added(base, image, kernel, came)
    yield [model for model in several if model.parts > 1]
    yield one.found(came, changes, lines=True)
    two = sum((base.then(change) for change in changes[2:]), base.then(changes[1]))
    yield two.found(came, changes[1:])
    pairs = (
        sums(image, kernel, INPUTS, INPUTS[1:], [""])
        + sums(image, kernel, INPUTS[1:], [""], turns[1:])
        + sums(image, kernel, [""], INPUTS[1:], turns[1:])
        + whole_numbers(image, kernel, turns[1:])
    )
    for turn in turns[1:]:
        pairs = pairs + others(image, kernel, turn)
    if base.models[-1].core == "taps":
        pairs = pairs + changed_taps(image, kernel, coefficients)
    yield pairs.found(came, changes)


def read_after_writing(
    size: tuple[int, ...], place: tuple[int, ...], by_columns: bool, backwards: bool
) -> Tensor:
    """Which weights (M, N), bool, meet a pixel that was written over before.

    Results go to `place` in the patch, in one of four orders.
    """
    m, n = torch.meshgrid(*map(torch.arange, size), indexing="ij")
    down, across = m - place[0], n - place[1]
    first, second = (across, down) if by_columns else (down, across)
    if backwards:
        return (first > 0) | (first == 0) & (second > 0)
    return (first < 0) | (first == 0) & (second < 0)


class Overwriting(NamedTuple):
    """Results laid down from `place` in the patch on, in one of four orders, the kernel turned."""

    place: tuple[int, ...]
    turn: str
    by_columns: bool
    backwards: bool

    def before(self, size: tuple[int, ...]) -> Tensor:
        """Which weights (M, N), bool, meet a pixel that was written over before."""
        return read_after_writing(size, self.place, self.by_columns, self.backwards)


def overwrites(one: Observation, way: Overwriting) -> bool:
    """Whether this map comes out if some weights meet results of this way, and not pixels."""
    (image, kernel), came, place = one.example.before, one.result, way.place
    before = way.before(tuple(kernel.shape))
    written, kernel = image.double().clone(), TURNED[way.turn](kernel).double()
    written[place[0] : place[0] + came.shape[0], place[1] : place[1] + came.shape[1]] = came
    of_results = oracle.feature_map(written, kernel * before)
    of_pixels = oracle.feature_map(image, kernel * ~before)
    return bool(agrees((of_results + of_pixels)[None], came))


def overwriting(observations: list[Observation], turns: Iterable[str]) -> Overwriting | None:
    """The first way of writing over pixels that gives all these maps, or None."""
    size = tuple(observations[0].example.before[1].shape)
    if not all(one.result.isfinite().all() for one in observations):
        return None
    for turn in turns:
        for place in product(*map(range, size)):
            for by_columns, backwards in product((False, True), repeat=2):
                way = Overwriting(place, turn, by_columns, backwards)
                before = way.before(size)
                if TURNED[turn](before).shape != size or not before.any():
                    continue
                if all(overwrites(one, way) for one in observations):
                    return way
    return None
