"""Owns the search for what a function does that is no sum of pixels times weights: the simplest model of all its maps."""

import torch

from ..checks import wrong_values
from ..taps.probe import tried
from ..taps.questions import quiet
from .alike import taken_amiss
from .looks import looks_like
from .model_facts import gist, told, told_amiss, told_ignored, told_not_finite, told_overwritten
from .models import TURNED, Model
from .overwritten import overwritten
from .search import LIMITS, agrees, stages
from .seen import SCALES, Seen, gathered, positive, random_ones, roomy

PATIENCE = 0.1  # seconds that must be left for the search among models of two parts and more


class IsSum(Exception):
    """All maps are those of a sum of pixels times weights."""


def explain(asked, case, coefficients):
    """The Diagnosis of a function whose map of `case` (an Example) has the right size and wrong numbers, or None.

    `coefficients`, float64 (rows, columns, H, W, M, N), are what an X-ray read, or None. A sum of pixels times weights, however
    wrong, is left to the X-ray's own explanation.
    """
    with quiet():  # 0 divided by 0 and the like
        return sought(asked, case, coefficients)


def heedless(asked, case):
    """The Diagnosis of a function whose map, of the right size or not, is the same for other kernels, images or both, or None."""
    random = random_ones(asked, *roomy(case))
    return ignored(asked, random) if len(random) == len(SCALES) else None


def sought(asked, case, coefficients):
    """What `explain` returns."""
    first = asked.map(*case.before)
    if first is None or first.shape != case.target.shape or not wrong_values(first, case).any():
        return None
    own = Seen(case, first)
    random, drawn, elsewhere = gathered(asked, case)
    seen = [*random, own, *drawn]
    if (
        len(random) < len(SCALES)
        or not all(one.sized for one in seen)
        or not any(one.came.any() for one in seen)
    ):
        return None
    if not any(one.wrong for one in random):
        return for_few_values(asked, own, seen, elsewhere)
    if not all(one.came.isfinite().any() for one in seen):
        seen += positive(asked, case)
    if not any(one.came.isfinite().any() for one in seen):
        return told_not_finite(own)
    every = [*seen, *elsewhere]
    try:
        found = (
            ignored(asked, random)
            or over(own, every, [""])
            or modelled(asked, own, seen, elsewhere, coefficients)
        )
    except IsSum:
        return None
    return (
        found
        or over(own, every, [*TURNED][1:])
        or told_not_finite(own)
        or looks_like(asked, own, seen)
    )


def for_few_values(asked, own, seen, elsewhere):
    """The Diagnosis of a function that is right for random numbers: too large a number, or one small change, makes it wrong."""
    sure = not any(one.wrong for one in elsewhere)
    for pair in [*LIMITS, *limits(seen)]:
        if all(one.given_by(Model(after=(pair,))) for one in seen):
            return told(Model(after=(pair,)), own, sure)
    amiss = taken_amiss(asked, own.example)
    return told_amiss(*amiss, sure) if amiss else told_not_finite(own)


def modelled(asked, own, seen, elsewhere, coefficients):
    """The Diagnosis from the simplest model that gives all maps seen, or None; of several that no example tells apart, the first.

    Raises IsSum if that model is a sum of pixels times weights.
    """
    useful = [one for one in seen if one.wrong and one.came.isfinite().any()]
    if not useful:
        return None
    start = max(useful, key=lambda one: one.came.unique().numel())
    for number, models in enumerate(
        stages(*start.example.before, start.came, coefficients, limits(seen))
    ):
        for parts in sorted({model.parts for model in models}):
            good = [
                model
                for model in models
                if model.parts == parts and all(one.given_by(model) is not False for one in seen)
            ]
            if any(model.bilinear for model in good):
                raise IsSum
            good = apart(asked, own, good)
            everywhere = [
                model
                for model in good
                if all(one.sized and one.given_by(model) is not False for one in elsewhere)
            ]
            if good:
                return told([*everywhere, *good][0], own, bool(everywhere))
        if number and asked.left < PATIENCE:
            return None
    return None


def limits(seen):
    """The limits (low, high) at which the maps seen may have been held: numbers that come again and again at their ends."""
    values = torch.cat([one.came.flatten() for one in seen])
    values = values[values.isfinite()]
    if not len(values):
        return []
    low, high = (
        float(end) if int((values == end).sum()) > 2 else far
        for end, far in ((values.min(), -torch.inf), (values.max(), torch.inf))
    )
    pairs = dict.fromkeys([(low, high), (low, torch.inf), (-torch.inf, high)])
    return [pair for pair in pairs if pair != (-torch.inf, torch.inf) and pair[0] < pair[1]]


def apart(asked, own, models):
    """Those of the models that give further maps, too, wherever one more example tells two of different names apart."""
    shapes = [tuple(tensor.shape) for tensor in own.example.before]
    for seed in range(6, 10):
        if len({gist(model) for model in models}) < 2:
            break
        example = tried(*shapes, seed, few_values=seed % 2 == 1, scale=1 if seed % 2 else 1 / 8)
        should = torch.stack([model(*example.before) for model in models])
        came = None if agrees(should, should[0]).all() else asked.map(*example.before)
        if came is not None and came.shape == should.shape[1:]:
            models = [model for model, same in zip(models, agrees(should, came).tolist()) if same]
    return models


def ignored(asked, random):
    """The Diagnosis if the map stays the same when the kernel, the image or both are others, one of them all 0; or None."""
    (image, kernel), (other, weights), came = (
        random[0].example.before,
        random[-1].example.before,
        random[0].came,
    )
    pairs = {
        "kernel": [(image, weights), (image, torch.zeros_like(kernel))],
        "image": [(other, kernel), (torch.zeros_like(image), kernel)],
    }

    def same(pair):
        found = asked.map(*pair)
        return found is not None and torch.equal(found.nan_to_num(), came.nan_to_num())

    which = [name for name, others in pairs.items() if all(map(same, others))]
    return told_ignored(which, random) if which and came[came.isfinite()].any() else None


def over(own, seen, turns):
    """The Diagnosis if results are written over pixels still to be read, the kernel turned in one of these ways, or None."""
    found = overwritten([(*one.example.before, one.came) for one in seen if one.sized], turns)
    return told_overwritten(own, *found) if found else None
