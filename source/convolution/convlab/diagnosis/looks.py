"""Owns what can be said of a function that no model fits: what it looks like, as far as some more calls show."""

import math

import torch

from .. import messages
from ..printing import number
from .diagnosis import Diagnosis
from .model_facts import evidence
from .search import CLOSE, agrees

NEAR = 0.01  # of the largest number: so far off numbers of few digits may be
BOUNDED = 0.05  # of the range of the right numbers: what stays in so small a part of it is squashed


def looks_like(asked, own, seen):
    """The Diagnosis (not sure) of a function that seems to lose digits, or to change every right number by itself; or None."""
    return few_digits(asked, own) or each_by_itself(asked, own, seen)


def unsure(name, own, how):
    """The Diagnosis of what it looks like, with the first wrong number of the learner's map."""
    return Diagnosis(
        (name,),
        f"{messages.say('diagnoses', name, how=how)} {evidence(own.example, own.came)}",
        sure=False,
    )


def few_digits(asked, own):
    """The Diagnosis if all results are nearly right, and their errors grow with the numbers by powers of 2; or None."""
    off, most = (
        float((own.came - own.example.target).abs().max()),
        float(own.example.target.abs().max()),
    )
    if not (CLOSE * most < off <= NEAR * most and in_steps(asked, own)):
        return None
    unit = 10.0 ** math.floor(math.log10(off))
    return unsure(
        "low-precision",
        own,
        messages.say("behaviour", "nearly", off=f"{math.ceil(off / unit) * unit:.1g}"),
    )


def in_steps(asked, own):
    """Whether twice the pixels or weights give exactly twice the map, but three times one of them not three times."""
    image, kernel = own.example.before
    doubled, twice = asked.map(image * 2, kernel), asked.map(image, kernel * 2)
    if (
        doubled is None
        or twice is None
        or not torch.equal(doubled, own.came * 2)
        or not torch.equal(twice, own.came * 2)
    ):
        return False
    return any(
        found is not None
        and found.shape == own.came.shape
        and not agrees(own.came[None] * 3, found)
        for pair in ((image * 3, kernel), (image, kernel * 3))
        if (found := asked.map(*pair)) is not None
    )


def each_by_itself(asked, own, seen):
    """The Diagnosis if each output seems to depend on the right number in its place alone, or None."""
    if not all(one.came.isfinite().all() for one in seen) or not all_alike(asked, own):
        return None
    right = torch.cat([one.example.target.flatten() for one in seen])
    came = torch.cat([one.came.flatten() for one in seen])
    order = right.argsort()
    right, came = right[order], came[order]
    alike = right[1:] - right[:-1] <= CLOSE * right.abs().max() * 1e-3
    step, near = came[1:] - came[:-1], CLOSE * float(came.abs().max())
    if not alike.any() or (step[alike].abs() > near).any():
        return None
    rising = not (step < -near).any()
    low, high = float(came.min()), float(came.max())
    if rising and high - low < BOUNDED * float(right[-1] - right[0]):
        return unsure(
            "squashed",
            own,
            messages.say("behaviour", "between", low=number(low), high=number(high)),
        )
    return unsure("other-arithmetic", own, messages.say("behaviour", "elementwise"))


def all_alike(asked, own):
    """Whether pairs of image and kernel whose right maps are the same give the same map, wherever the numbers come from."""
    image, kernel = own.example.before
    first, last, corner, even = (
        torch.zeros_like(kernel),
        torch.zeros_like(kernel),
        image.clone(),
        torch.full_like(image, 1.25),
    )
    first[0, 0] = last[-1, -1] = kernel.sum()
    corner[-1, -1] = 8 * image.abs().max()
    m, n = (side - 1 for side in kernel.shape)
    rows, columns = own.came.shape

    def same(
        one, other, these=(slice(None), slice(None)), those=(slice(None), slice(None)), turned=()
    ):
        """Whether the maps of two pairs, of which each may be given already, are the same in these and in those cells."""
        maps = [
            pair if isinstance(pair, torch.Tensor) else asked.map(*pair) for pair in (one, other)
        ]
        if any(found is None or found.shape != own.came.shape for found in maps):
            return False
        return bool(agrees(maps[0].flip(turned)[these][None], maps[1][those]))

    upper, lower = (
        (slice(0, max(rows - m, 0)), slice(0, max(columns - n, 0))),
        (slice(m, None), slice(n, None)),
    )
    every = (slice(0, rows - 1), slice(None))
    return (
        same(own.came, (image * 2, kernel / 2))
        and same(own.came, (image / 4, kernel * 4))
        and same(own.came, (image.flip(0, 1), kernel.flip(0, 1)), turned=(0, 1))
        and same(own.came, (corner, kernel), every, every)
        and same((even, kernel), (even, last))
        and same((image, first), (image, last), lower, upper)
    )
