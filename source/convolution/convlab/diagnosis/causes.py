"""What gives a wrong function's maps at every size, and how to recognise it at another one.

A cause is found once, by many calls. At another size it is believed if it gives the map at hand and
those of further numbers; what is said then is worked out for that size.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Protocol

from ..examples import Example
from ..mistakes import Mistake, WrongSize, WrongValue
from ..observed import OBSERVATIONS
from ..taps import Taps
from ..taps.foreseen import Stencil, stencil
from ..taps.probe import tried
from ..taps.questions import quiet
from ..taps.sums import different
from . import linear
from .arithmetic import model_names
from .arithmetic.models import Model
from .arithmetic.search import Observation, Overwriting, enlarged, observe, overwrites, sizes
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
    """Each output adds up pixels times weights in the same way, which is not the right one."""

    stencil: Stencil

    def gives(self, one: Observation) -> bool:
        """Whether this map is what it gives."""
        if self.stencil.kernel_size != sizes(one.example)[1]:
            return False
        should = self.taps(one).replay(*one.example.before)
        return not different(one.result, should, *one.example.before)

    def diagnosis(self, own: Observation) -> Diagnosis | None:
        """The Diagnosis of what is read at this size."""
        return caused(linear.explain(self.taps(own)), self)

    def taps(self, one: Observation) -> Taps:
        """What is read of this image for this map."""
        image_size, kernel_size = sizes(one.example)
        read = self.stencil.coefficients(size_of(one.result), image_size)
        return Taps(image_size, kernel_size, read)


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


def caused(found: Diagnosis | None, cause: Cause) -> Diagnosis | None:
    """The same Diagnosis with its cause."""
    return found and dataclasses.replace(found, cause=cause)


def of_taps(found: Diagnosis | None, read: Taps) -> Diagnosis | None:
    """The same Diagnosis with what was read as its cause, if every output reads in the same way."""
    same = found and stencil(read.coefficients)
    return caused(found, Reads(same)) if same else found


@dataclass(frozen=True, eq=False)
class Known:
    """The cause found for one map, whose size and filled part are `off` from the right size."""

    cause: Cause
    off: tuple[int, ...]


def off(own: Observation) -> tuple[int, ...]:
    """By how many rows and columns a map, and what is filled of it, differs from the right size."""
    right = size_of(own.example.target)
    extents = (size_of(own.result), filled(own.result))
    return tuple(n - wanted for extent in extents for n, wanted in zip(extent, right, strict=True))


def remember(asked: Asked, case: Example, found: Diagnosis) -> None:
    """Keep the cause of this Diagnosis of the map of `case`, if it is sure of every size."""
    came = asked.map(*case.before)
    if came is not None and found.cause and found.sure and not found.image_size:
        known = Known(found.cause, off(Observation(case, came)))
        OBSERVATIONS.of(asked.conv2d).known = known


def recognised(asked: Asked, mistake: Mistake, case: Example) -> Diagnosis | None:
    """The Diagnosis of the cause found before, if this map and further ones bear it out, or None.

    It is not for a map whose size is wrong in another way than that of the map it was found for.
    """
    known = OBSERVATIONS.of(asked.conv2d).known
    if known is None or type(mistake) not in (WrongValue, WrongSize):
        return None
    others = [tried(*enlarged(case), seed, few_values=seed == 2) for seed in (1, 2)]
    with quiet():  # 0 divided by 0 and the like
        seen: list[Observation] = []
        for example in (case, *others):
            seen += observe(asked, [example])
            if not seen or seen[-1].example is not example or not known.cause.gives(seen[-1]):
                return None
        own = seen[0]
        wrong = not own.right_size or own.wrong
        return known.cause.diagnosis(own) if wrong and off(own) == known.off else None
