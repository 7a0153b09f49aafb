"""Owns finding the models that reproduce a map: many at once on one example, the simplest first, then each on every example."""

import dataclasses
from itertools import product

import torch

from .. import oracle
from .models import (
    BOTH,
    COMBINED,
    EACH,
    FIRST,
    LIMITS,
    REDUCED,
    ROUGH,
    STEPS,
    TABLE,
    TURNED,
    Model,
    added,
    changed,
    made,
    patches,
)

CLOSE = 1.5e-6  # of the largest number: some roundings of float32
PLAIN = ("product", "sum")
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
INPUTS = ["", *(change for change in EACH if change not in RESULTS), *TABLE, *FIRST, *LIMITS]
PATCHES = [*TABLE, "relu", "abs"]


def agrees(should, came):
    """For maps `should` (..., rows, columns): whether each is `came` (rows, columns), within rounding.

    Where a division by 0 leaves the model no number, 0 may have come instead.
    """
    finite = came[came.isfinite()]
    near = CLOSE * float(finite.abs().max() if len(finite) else 0)
    same = (
        (should == came)
        | ((should - came).abs() <= near)
        | (should.isnan() & (came.isnan() | (came == 0)))
    )
    return same.flatten(-2).all(-1) & ~(should.isnan() & ~came.isnan()).flatten(-2).all(-1)


class Stack:
    """Models, and the maps (models, rows, columns) that each gives of one example."""

    def __init__(self, models, maps):
        self.models, self.maps = models, maps

    def __add__(self, other):
        return Stack(self.models + other.models, torch.cat([self.maps, other.maps]))

    def then(self, change):
        """The same models with one more change of their results."""
        models = [dataclasses.replace(model, after=(*model.after, change)) for model in self.models]
        return Stack(models, changed(self.maps, change))

    def found(self, came, changes, lines=False):
        """The models that give the map `came` after one of these changes and, with `lines`, times a plus b."""
        told = []
        few = self.maps[:, :1, :4]
        for change in changes:
            some = torch.arange(len(self.models))
            if (
                change in EACH and not lines
            ):  # a look at a few cells leaves few models to be worked out
                some = (
                    agrees(changed(few, change).float().double(), came[:1, :4]).nonzero().flatten()
                )
            maps = changed(self.maps[some], change).float().double()
            for k, line in matches(maps, came, lines):
                model = self.models[some[k]]
                told.append(
                    dataclasses.replace(
                        model, after=(*model.after, *([change] if change else [])), line=line
                    )
                )
        return told


def matches(maps, came, lines):
    """Which of the maps (models, rows, columns) are `came`, as pairs (number, line); with `lines`, if stretched and moved."""
    if not lines:
        return [(k, (1.0, 0.0)) for k in agrees(maps, came).nonzero().flatten().tolist()]
    if not came.isfinite().all() or came.std() == 0:
        return []
    off = maps - maps.mean(BOTH, keepdim=True)
    wanted = came - came.mean()
    slope = (off * wanted).sum(BOTH) / off.square().sum(BOTH)
    start = came.mean() - slope * maps.mean(BOTH)
    hits = (
        agrees(slope[:, None, None] * maps + start[:, None, None], came)
        .nonzero()
        .flatten()
        .tolist()
    )
    return [(k, tidy(float(slope[k]), float(start[k]), float(came.abs().max()))) for k in hits]


def tidy(slope, start, most):
    """A slope and a start without what rounding adds to them."""
    for k in (1, 2, 3, 4, 5, 8, 9, 10, 16, 25, 64, 100, 128, 255, 256, 1000):
        for near in (k, 1 / k, -k, -1 / k):
            slope = float(near) if abs(slope - near) < 2e-6 * abs(near) else slope
    if abs(start) <= 4 * CLOSE * most:
        return slope, 0.0
    whole = round(start * 1000) / 1000
    return slope, whole if abs(start - whole) <= 4 * CLOSE * max(most, abs(start)) else start


def plain(image, kernel, coefficients):
    """The Stack of the right sum, of those with the kernel turned, and of the X-ray's coefficients if they are none of these."""
    models = [Model(turn=turn) for turn in TURNED if Model(turn=turn).fits(image, kernel)]
    maps = torch.stack([model.results(image, kernel) for model in models])
    if coefficients is not None and coefficients.any() and coefficients.isfinite().all():
        own = Model(core="taps", coefficients=coefficients)
        if own.fits(image, kernel):
            result = own.results(image, kernel)
            if result.shape == maps.shape[1:] and not agrees(maps, result).any():
                models, maps = [*models, own], torch.cat([maps, result[None]])
    return Stack(models, maps)


def sums(image, kernel, images, kernels, turns):
    """The Stack of the right sum with each of these changes of the image and of the kernel, and each turn of it."""
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


def others(image, kernel, turn=""):
    """The Stack of the models that combine pixels and weights in another way, or change each patch first."""
    weights, pixels = TURNED[turn](kernel), patches(image, kernel.shape)
    models, maps = [], []
    for way, combine in COMBINED.items():
        combined = combine(pixels, weights)
        for by, reduce in REDUCED.items():
            if (way, by) != PLAIN:
                models.append(Model(core=(way, by), turn=turn))
                maps.append(reduce(combined))
    for key in ROUGH | STEPS:
        models.append(Model(core=key, turn=turn))
        maps.append(made(key, pixels, weights))
    for change in PATCHES:
        models.append(Model(patch=change, turn=turn))
        maps.append(made(PLAIN, changed(pixels, change), weights))
    return Stack(models, torch.stack(maps))


def unlike_sums(image, kernel, coefficients):
    """The Stack of the X-ray's coefficients with each change of the image and of the kernel."""
    changes = [*((change, "") for change in INPUTS[1:]), *(("", change) for change in INPUTS[1:])]
    models = [
        Model(image=first, kernel=second, core="taps", coefficients=coefficients)
        for first, second in changes
    ]
    return Stack(models, torch.stack([model.results(image, kernel) for model in models]))


def besides(base, image, kernel, came):
    """The models of `base` to which a part of the image or of the kernel is added, if they give the map `came`."""
    down, across = image.shape[0] - came.shape[0] + 1, image.shape[1] - came.shape[1] + 1
    parts = [
        *(("pixel", a, b) for a in range(down) for b in range(across)),
        ("patch",),
        *(("weight", m, n) for m in range(kernel.shape[0]) for n in range(kernel.shape[1])),
        ("weights",),
        ("image",),
        ("mean",),
    ]
    return [
        dataclasses.replace(base.models[k], plus=part)
        for part in parts
        for k in agrees(base.maps + added(part, image, kernel, came), came)
        .nonzero()
        .flatten()
        .tolist()
    ]


def stages(image, kernel, came, coefficients, limits):
    """Lists of models that give `came` on this example, each stage of more parts than the one before it."""
    image, kernel = image.double(), kernel.double()
    changes = ["", *EACH, *TABLE, *LIMITS, *limits]
    base = plain(image, kernel, coefficients)
    one = (
        base
        + sums(image, kernel, INPUTS[1:], [""], [""])
        + sums(image, kernel, [""], INPUTS[1:], [""])
        + others(image, kernel)
    )
    yield one.found(came, changes) + besides(base, image, kernel, came)
    yield one.found(came, changes, lines=True)
    two = sum((base.then(change) for change in changes[2:]), base.then(changes[1]))
    yield two.found(came, changes[1:])
    turns = [turn for turn in TURNED if TURNED[turn](kernel).shape == kernel.shape]
    pairs = (
        sums(image, kernel, INPUTS, INPUTS[1:], [""])
        + sums(image, kernel, INPUTS[1:], [""], turns[1:])
        + sums(image, kernel, [""], INPUTS[1:], turns[1:])
    )
    for turn in turns[1:]:
        pairs = pairs + others(image, kernel, turn)
    if base.models[-1].core == "taps":
        pairs = pairs + unlike_sums(image, kernel, coefficients)
    yield pairs.found(came, changes)
