"""Explanations of a function that is no sum of pixels times weights, from what it returns: the
certain and simple ones first, and none rather than a guess.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from ...checks import wrong_values
from ...examples import Example
from ...messages import Message, message
from ...printing import number
from ...taps.probe import tried
from ...taps.questions import quiet
from .. import causes
from ..calls import Asked
from ..result import Diagnosis
from . import model_names
from .models import TURNED, Model
from .search import (
    CLOSE,
    LIMITS,
    SCALES,
    Observation,
    agrees,
    enlarged,
    observe_drawing,
    observe_other_size,
    observe_positive,
    observe_random,
    overwriting,
    sizes,
    stages,
)

PATIENCE = 0.1  # seconds that must be left for the search among models of two parts and more
ALWAYS = 2  # lists of models are searched, however little time is left
NEAR = 0.01  # of the largest number: so far off numbers of few digits may be
BOUNDED = 0.05  # of the range of the right numbers: what stays in so small a part of it is squashed
OF_ALTERATIONS = {
    "zero-centre": "zero-weight-stops",
    "zero-first": "zero-weight-stops",
    "zero-last": "zero-weight-stops",
    "sum-zero": "kernel-sum-divided",
    "zero-pixel": "other-arithmetic",
    "blank-patch": "other-arithmetic",
}


class IsSum(Exception):
    """All maps are those of a sum of pixels times weights."""


def explain(asked: Asked, case: Example, coefficients: Tensor | None) -> Diagnosis | None:
    """The Diagnosis of a function whose map of `case` has the right size but not the right numbers.

    `coefficients`, float64 (rows, columns, H, W, M, N), are what an X-ray read, or None. A sum of
    pixels times weights, however wrong, is left to the X-ray's own explanation.
    """
    with quiet():  # 0 divided by 0 and the like
        return explanation(asked, case, coefficients)


def explain_ignored(asked: Asked, case: Example) -> Diagnosis | None:
    """The Diagnosis of a map, of any size, that is the same for other kernels, images or both."""
    observations = observe_random(asked, *enlarged(case))
    return ignored(asked, observations) if len(observations) == len(SCALES) else None


def explanation(asked: Asked, case: Example, coefficients: Tensor | None) -> Diagnosis | None:
    """What `explain` returns."""
    result = asked.map(*case.before)
    if result is None or result.shape != case.target.shape or not wrong_values(result, case).any():
        return None
    own = Observation(case, result)
    random = observe_random(asked, *enlarged(case))
    same_size = [*random, own, *observe_drawing(asked, case)]
    other_size = observe_other_size(asked, case)
    if len(random) < len(SCALES) or not all(one.right_size for one in same_size):
        return None
    if not any(one.result.any() for one in same_size):
        return None
    if not any(one.wrong for one in random):
        return right_for_random(asked, own, same_size, other_size)
    if not all(one.result.isfinite().any() for one in same_size):
        same_size += observe_positive(asked, case)
    if not any(one.result.isfinite().any() for one in same_size):
        return model_names.of_not_finite(own)
    every = [*same_size, *other_size]
    try:
        found = (
            ignored(asked, random)
            or overwritten(own, every, [""])
            or reproduced(asked, own, same_size, other_size, coefficients)
        )
    except IsSum:
        return None
    return (
        found
        or overwritten(own, every, [*TURNED][1:])
        or model_names.of_not_finite(own)
        or few_digits(asked, own)
        or elementwise(asked, own, same_size)
    )


def ignored(asked: Asked, random: list[Observation]) -> Diagnosis | None:
    """The Diagnosis if the map stays the same for other kernels, images or both, even all 0."""
    (image, kernel), result = random[0].example.before, random[0].result
    other, weights = random[-1].example.before
    pairs = {
        "kernel": [(image, weights), (image, torch.zeros_like(kernel))],
        "image": [(other, kernel), (torch.zeros_like(image), kernel)],
    }

    def same(pair: tuple[Tensor, Tensor]) -> bool:
        found = asked.map(*pair)
        return found is not None and torch.equal(found.nan_to_num(), result.nan_to_num())

    which = [name for name, others in pairs.items() if all(map(same, others))]
    if not which or not result[result.isfinite()].any():
        return None
    return model_names.of_ignored(which, random)


def overwritten(
    own: Observation, observations: list[Observation], turns: Sequence[str]
) -> Diagnosis | None:
    """The Diagnosis if results are written over pixels still to be read, the kernel turned so."""
    found = overwriting([one for one in observations if one.right_size], turns)
    return causes.Overwrites(found).diagnosis(own) if found else None


def reproduced(
    asked: Asked,
    own: Observation,
    same_size: list[Observation],
    other_size: list[Observation],
    coefficients: Tensor | None,
) -> Diagnosis | None:
    """The Diagnosis from the simplest model that gives all maps of one size, or None.

    Of several that no example tells apart, it is the first. It is sure if the model gives the maps
    of the other size too. Raises IsSum if the model is a sum of pixels times weights.
    """
    useful = [one for one in same_size if one.wrong and one.result.isfinite().any()]
    if not useful:
        return None
    start = max(useful, key=lambda one: one.result.unique().numel())
    lists = stages(*start.example.before, start.result, coefficients, limits(same_size))
    for stage, models in enumerate(lists):
        for parts in sorted({model.parts for model in models}):
            good = [
                model
                for model in models
                if model.parts == parts
                and all(one.given_by(model) is not False for one in same_size)
            ]
            if any(model.bilinear for model in good):
                raise IsSum
            good = distinguished(asked, own, good)
            everywhere = [
                model
                for model in good
                if all(one.right_size and one.given_by(model) is not False for one in other_size)
            ]
            if good:
                model = [*everywhere, *good][0]
                if everywhere and model.coefficients is None:
                    return causes.Computes(model).diagnosis(own)
                return model_names.of_model(model, own, bool(everywhere))
        if stage >= ALWAYS and asked.left < PATIENCE:
            return None
    return None


def limits(observations: list[Observation]) -> list[tuple[float, float]]:
    """The limits (low, high) at which maps may have been held: ends that come again and again."""
    values = torch.cat([one.result.flatten() for one in observations])
    values = values[values.isfinite()]
    if not len(values):
        return []
    low, high = (
        float(end) if int((values == end).sum()) > 2 else far
        for end, far in ((values.min(), -torch.inf), (values.max(), torch.inf))
    )
    pairs = dict.fromkeys([(low, high), (low, torch.inf), (-torch.inf, high)])
    return [pair for pair in pairs if pair != (-torch.inf, torch.inf) and pair[0] < pair[1]]


def distinguished(asked: Asked, own: Observation, models: list[Model]) -> list[Model]:
    """Those of the models that give further maps too, asked for while their names differ."""
    shapes = sizes(own.example)
    for seed in range(6, 10):
        if len({model_names.signature(model) for model in models}) < 2:
            break
        few = seed % 2 == 1
        example = tried(*shapes, seed, few_values=few, scale=1 if few else 1 / 8)
        should = torch.stack([model(*example.before) for model in models])
        came = None if agrees(should, should[0]).all() else asked.map(*example.before)
        if came is not None and came.shape == should.shape[1:]:
            same = agrees(should, came).tolist()
            models = [model for model, fits in zip(models, same, strict=True) if fits]
    return models


# functions that are right for random numbers


def right_for_random(
    asked: Asked, own: Observation, same_size: list[Observation], other_size: list[Observation]
) -> Diagnosis | None:
    """The Diagnosis of a function that a large number, or one altered number, makes wrong."""
    sure = not any(one.wrong for one in other_size)
    for pair in [*LIMITS, *limits(same_size)]:
        model = Model(after=(pair,))
        if all(one.given_by(model) for one in same_size):
            return model_names.of_model(model, own, sure)
    for alteration, image, kernel in alterations(*tried(*sizes(own.example), 1).before):
        example, came = Example(image, kernel), asked.map(image, kernel)
        if came is None or came.shape != example.target.shape:
            continue
        if wrong_values(came, example).any():
            name = OF_ALTERATIONS.get(alteration, "equal-values-confused")
            return model_names.of_alteration(name, alteration, example, came, sure)
    return model_names.of_not_finite(own)


def alterations(image: Tensor, kernel: Tensor) -> Iterator[tuple[str, Tensor, Tensor]]:
    """(name, image (H, W), kernel (M, N)) with one thing altered: what drawings and edges have."""

    def altered(
        name: str, cells: Any, values: Any, table: str = "kernel"
    ) -> tuple[str, Tensor, Tensor]:
        pair = {"image": image.clone(), "kernel": kernel.clone()}
        pair[table][cells] = values
        return name, pair["image"], pair["kernel"]

    every = slice(None)
    rows, columns = kernel.shape
    yield altered("zero-centre", (rows // 2, columns // 2), 0)
    yield altered("zero-first", (0, 0), 0)
    yield altered("zero-last", (-1, -1), 0)
    yield altered("sum-zero", (-1, -1), kernel[-1, -1] - kernel.sum())
    yield altered("same-in-row", (0, -1), kernel[0, 0])
    yield altered("same-in-column", (-1, 0), kernel[0, 0])
    yield altered("same-apart", (-1, -1), kernel[0, 0])
    yield altered("opposite", (-1, -1), -kernel[0, 0])
    yield altered("same-rows", 1, kernel[0])
    yield altered("same-columns", (every, 1), kernel[:, 0])
    yield altered("same-image-rows", 1, image[0], "image")
    yield altered("same-image-columns", (every, 1), image[:, 0], "image")
    yield altered("same-pixels", (0, 1), image[0, 0], "image")
    yield altered("zero-pixel", (1, 1), 0, "image")
    yield altered("blank-patch", (slice(0, rows), slice(0, columns)), 0, "image")
    _, one, two = altered("", (0, 1), kernel[0, 0] * 2)
    one[0, 1] = image[0, 0] / 2
    yield "same-products", one, two


# functions that no model reproduces


def unsure(name: str, own: Observation, fact: Message) -> Diagnosis:
    """The Diagnosis of what maps look like, with the first wrong number of the learner's map."""
    return Diagnosis((name,), (fact, *model_names.evidence(own)), sure=False)


def few_digits(asked: Asked, own: Observation) -> Diagnosis | None:
    """The Diagnosis if all results are nearly right, and off in steps that are powers of 2."""
    off = float((own.result - own.example.target).abs().max())
    most = float(own.example.target.abs().max())
    if not CLOSE * most < off <= NEAR * most or not in_steps(asked, own):
        return None
    unit = 10.0 ** math.floor(math.log10(off))
    how = message("behaviour", "digits-lost.nearly", off=f"{math.ceil(off / unit) * unit:.1g}")
    return unsure("low-precision", own, message("diagnoses", "low-precision", how=how))


def in_steps(asked: Asked, own: Observation) -> bool:
    """Whether doubled pixels or weights double the map, but tripled ones do not triple it."""
    image, kernel = own.example.before
    for pair in ((image * 2, kernel), (image, kernel * 2)):
        doubled = asked.map(*pair)
        if doubled is None or not torch.equal(doubled, own.result * 2):
            return False
    return any(
        tripled is not None
        and tripled.shape == own.result.shape
        and not agrees(own.result[None] * 3, tripled)
        for pair in ((image * 3, kernel), (image, kernel * 3))
        if (tripled := asked.map(*pair)) is not None
    )


def elementwise(
    asked: Asked, own: Observation, observations: list[Observation]
) -> Diagnosis | None:
    """The Diagnosis if each output seems to depend on the right number in its place alone."""
    if not all(one.result.isfinite().all() for one in observations):
        return None
    if not same_for_same_targets(asked, own):
        return None
    right = torch.cat([one.example.target.flatten() for one in observations])
    came = torch.cat([one.result.flatten() for one in observations])
    order = right.argsort()
    right, came = right[order], came[order]
    equal = right[1:] - right[:-1] <= CLOSE * right.abs().max() * 1e-3
    step, near = came[1:] - came[:-1], CLOSE * float(came.abs().max())
    if not equal.any() or (step[equal].abs() > near).any():
        return None
    rising = not (step < -near).any()
    low, high = float(came.min()), float(came.max())
    if rising and high - low < BOUNDED * float(right[-1] - right[0]):
        fact = message("behaviour", "between", low=number(low), high=number(high))
        return unsure("squashed", own, fact)
    return unsure("other-arithmetic", own, message("behaviour", "elementwise"))


def same_for_same_targets(asked: Asked, own: Observation) -> bool:
    """Whether pairs of image and kernel with the same right map, or parts of it, give the same."""
    image, kernel = own.example.before
    m, n = (side - 1 for side in kernel.shape)
    rows, columns = own.result.shape
    all_but_last_row = (slice(0, rows - 1), slice(None))
    upper_left = (slice(0, max(rows - m, 0)), slice(0, max(columns - n, 0)))
    lower_right = (slice(m, None), slice(n, None))

    def maps(*pairs: tuple[Tensor, Tensor]) -> list[Tensor]:
        """The maps of these pairs; none if one of them has not the right size."""
        found = [asked.map(*pair) for pair in pairs]
        fits = [one for one in found if one is not None and one.shape == own.result.shape]
        return fits if len(fits) == len(found) else []

    def scaled(factor: float) -> bool:
        found = maps((image * factor, kernel / factor))
        return bool(found) and bool(agrees(found[0][None], own.result))

    def turned() -> bool:
        found = maps((image.flip(0, 1), kernel.flip(0, 1)))
        return bool(found) and bool(agrees(own.result.flip(0, 1)[None], found[0]))

    def last_pixel_changed() -> bool:
        other = image.clone()
        other[-1, -1] = 8 * image.abs().max()
        found = maps((other, kernel))
        where = all_but_last_row
        return bool(found) and bool(agrees(own.result[where][None], found[0][where]))

    def one_weight() -> bool:
        first, last = torch.zeros_like(kernel), torch.zeros_like(kernel)
        first[0, 0] = last[-1, -1] = kernel.sum()
        even = torch.full_like(image, 1.25)
        flat, moved = maps((even, kernel), (even, last)), maps((image, first), (image, last))
        return (
            bool(flat and moved)
            and bool(agrees(flat[0][None], flat[1]))
            and bool(agrees(moved[0][lower_right][None], moved[1][upper_left]))
        )

    return scaled(2) and scaled(1 / 4) and turned() and last_pixel_changed() and one_weight()
