"""What was observed of a function, kept from one cell to the next as long as the function lives.

The variables that a function reads may change between cells, so whatever is found here is a guess,
which spares calls: some calls have to bear it out before it is told again.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import calling

if TYPE_CHECKING:
    from .diagnosis.causes import Cause
    from .taps.stencils import Stencil


@dataclass(eq=False)
class Observed:
    """What was observed of one function.

    `stencils` are what it read at some sizes, the last first. `departs` is whether it was found to
    be no sum of pixels times weights; `alone` is what it then read of pixels that were bright
    alone, None if nothing that can be told. `cause` is what a diagnosis found to give its maps,
    None if there has been no such diagnosis.
    """

    stencils: list[Stencil] = field(default_factory=list)
    departs: bool = False
    alone: Stencil | None = None
    cause: Cause | None = None


class Observations:
    """The Observed of each function that lives, known by identity: what it equals is its own say.

    A function defined anew is another one. What is known of one is gone with it.
    """

    def __init__(self) -> None:
        self.known: dict[int, tuple[weakref.ref[Any], Observed]] = {}

    def of(self, conv2d: Callable[..., Any]) -> Observed:
        """What was observed of this function, to be added to; a new one for a new function.

        Of a callable that cannot be referred to weakly, nothing is kept.
        """
        function = calling.unwrapped(conv2d)[0]
        key = id(function)
        referred, observed = self.known.get(key, (None, Observed()))
        if referred is not None and referred() is function:
            return observed
        observed = Observed()
        try:
            self.known[key] = weakref.ref(function, lambda gone: self.forget(key, gone)), observed
        except TypeError:
            self.known.pop(key, None)
        return observed

    def forget(self, key: int, gone: weakref.ref[Any]) -> None:
        """Drop what was known of a function that is no more, unless another has its place."""
        if key in self.known and self.known[key][0] is gone:
            del self.known[key]


OBSERVATIONS = Observations()  # the function is all that one cell hands to the next
