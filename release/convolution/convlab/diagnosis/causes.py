"""What gives a wrong function's maps at every size, and how to recognise it at another one.

A cause is found once, by many calls. At another size it is believed if it gives the map at hand and
those of further numbers; what is said then is worked out for that size.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Protocol

import torch

from ..examples import Example
from ..mistakes import Mistake, WrongSize, WrongValue
from ..observed import OBSERVATIONS
from ..taps import Taps
from ..taps.probe import tried
from ..taps.questions import quiet
from ..taps.stencils import Stencil, stencil
from ..taps.sums import different
from . import linear
from .arithmetic import model_names
from .arithmetic.models import Model
from .arithmetic.search import (
    SCALES,
    Observation,
    Overwriting,
    enlarged,
    observe,
    observe_drawing,
    observe_random,
    overwrites,
    sizes,
)
from .calls import Asked
from .map_size import filled, size_of
from .result import Diagnosis


class Cause(Protocol):
    """What gives the maps of a function that is wrong."""

    def gives(self, one: Observation) -> bool:
        """Whether this map is what it gives."""

    def diagnosis(self, own: Observation) -> Diagnosis | None:
        """The Diagnosis, as this map shows it; None if it is none at this size."""


@dataclass(frozen=True, eq=False)
class Reads:
    """Each output adds up pixels times weights in the same way, which is not the right one.

    `off` is by how much the map is larger than the right one, and what is filled of it.
    """

    stencil: Stencil
    off: tuple[int, ...]

    def gives(self, one: Observation) -> bool:
        """Whether this map is what it gives."""
        return shows(self.stencil, one)

    def diagnosis(self, own: Observation) -> Diagnosis | None:
        """The Diagnosis of what is read; None if the map's size is wrong in another way here."""
        read = self.taps(own)
        return caused(linear.explain(read), self) if off(read) == self.off else None

    def taps(self, one: Observation) -> Taps:
        """What is read of this image for this map."""
        return read_by(self.stencil, one)


@dataclass(frozen=True, eq=False)
class Computes:
    """A model, which is no sum of pixels times weights, and does not depend on the size."""

    model: Model

    def gives(self, one: Observation) -> bool:
        """Whether this map is what it gives."""
        return one.right_size and bool(one.given_by(self.model))

    def diagnosis(self, own: Observation) -> Diagnosis | None:
        """The Diagnosis of this model."""
        return caused(model_names.of_model(self.model, own), self)


@dataclass(frozen=True, eq=False)
class Overwrites:
    """Results are written over pixels that are still to be read."""

    way: Overwriting

    def gives(self, one: Observation) -> bool:
        """Whether this map is what it gives."""
        finite = one.right_size and bool(one.result.isfinite().all())
        return finite and overwrites(one, self.way)

    def diagnosis(self, own: Observation) -> Diagnosis | None:
        """The Diagnosis of this way of writing."""
        return caused(model_names.of_overwriting(own, self.way.place, self.way.turn), self)


def shows(stencil: Stencil, one: Observation) -> bool:
    """Whether this map is what a Stencil gives."""
    if stencil.kernel_size != sizes(one.example)[1]:
        return False
    should = read_by(stencil, one).replay(*one.example.before)
    return not different(one.result, should, *one.example.before)


def read_by(stencil: Stencil, one: Observation) -> Taps:
    """What a Stencil reads of an image and a map of these sizes."""
    image_size, kernel_size = sizes(one.example)
    return Taps(image_size, kernel_size, stencil.coefficients(size_of(one.result), image_size))


def read_before(asked: Asked, case: Example) -> Taps | None:
    """What the function read at another size, if its maps are still what that foretells, or None.

    It is asked for one map more than explanations that come earlier have asked for.
    """
    observed = OBSERVATIONS.of(asked.conv2d)
    if observed.departs or not observed.stencils:
        return None
    seen = [*observe(asked, [case]), *observe_random(asked, *enlarged(case))]
    seen += observe_drawing(asked, case)
    if len(seen) < 2 + len(SCALES) or seen[0].example is not case:
        return None
    for known in observed.stencils:
        if all(shows(known, one) for one in seen):
            return read_by(known, seen[0])
    return None


def caused(found: Diagnosis | None, cause: Cause) -> Diagnosis | None:
    """The same Diagnosis with its cause."""
    return found and dataclasses.replace(found, cause=cause)


def of_taps(asked: Asked, found: Diagnosis | None, read: Taps) -> Diagnosis | None:
    """The same Diagnosis with what was read as its cause, if every output reads in the same way."""
    if found is None:
        return None
    known = OBSERVATIONS.of(asked.conv2d).stencils
    given = (each for each in known if gives(each, read))
    same = next(given, None) or stencil(read.coefficients)
    return caused(found, Reads(same, off(read))) if same else found


def gives(known: Stencil, read: Taps) -> bool:
    """Whether these coefficients are a Stencil's."""
    if known.kernel_size != read.kernel_size:
        return False
    return torch.equal(known.coefficients(read.size, read.image_size), read.coefficients)


def off(read: Taps) -> tuple[int, ...]:
    """How many rows and columns more than the right map has this one, and what is filled of it."""
    right = size_of(read.expected[:, :, 0, 0, 0, 0])
    extents = (read.size, filled(read.coefficients.flatten(2).any(dim=2)))
    pairs = (pair for extent in extents for pair in zip(extent, right, strict=True))
    return tuple(came - wanted for came, wanted in pairs)


def remember(asked: Asked, found: Diagnosis) -> None:
    """Keep the cause of this Diagnosis, if it is sure of every size."""
    if found.cause and found.sure and not found.image_size:
        OBSERVATIONS.of(asked.conv2d).cause = found.cause


def recognised(asked: Asked, mistake: Mistake, case: Example) -> Diagnosis | None:
    """The Diagnosis of the cause found before if this map and further ones bear it out, or None."""
    cause = OBSERVATIONS.of(asked.conv2d).cause
    if cause is None or type(mistake) not in (WrongValue, WrongSize):
        return None
    others = [tried(*enlarged(case), seed, few_values=seed == 2) for seed in (1, 2)]
    seen: list[Observation] = []
    with quiet():  # 0 divided by 0 and the like
        for example in (case, *others):
            seen += observe(asked, [example])
            if not seen or seen[-1].example is not example or not cause.gives(seen[-1]):
                return None
        own = seen[0]
        return cause.diagnosis(own) if not own.right_size or own.wrong else None
