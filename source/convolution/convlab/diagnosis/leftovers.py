"""Owns what stands in an output that was made without being set to 0: whether it is added to, or never written over."""

import torch

from ..messages import say
from . import randomness
from .changed import difference
from .diagnosis import Diagnosis
from .turns import same

LEFT = {
    "last-row-missing": (slice(-1, None), slice(0)),
    "last-column-missing": (slice(0), slice(-1, None)),
    "last-row-and-column-missing": (slice(-1, None), slice(-1, None)),
    "first-row-missing": (slice(1), slice(0)),
    "first-column-missing": (slice(0), slice(1)),
    "first-row-and-column-missing": (slice(1), slice(1)),
}


def unwritten(turns, case):
    """The Diagnosis of a map that depends on memory nobody wrote to; True if it does in no way that has a name; else None."""

    def beginning(value):
        randomness.set_back()
        with randomness.filled(value):
            return turns(case)

    none, one = beginning(0), beginning(1)
    if (
        not (isinstance(none, torch.Tensor) and isinstance(one, torch.Tensor))
        or same(none, one)
        or not same(none, beginning(0))
    ):
        return None
    if none.shape != one.shape or none.ndim != 2:
        return True
    untouched, more = (none == 0) & (one == 1), one - none
    if same(more, more[0, 0].expand_as(more)) and not untouched.all():
        return Diagnosis(
            ("starts-not-at-zero",), say("memory", "memory-added-to", **difference(none, one))
        )
    left = none.clone()
    left[untouched] = case.target[untouched] if none.shape == case.target.shape else 0
    names = [name for name in LEFT if torch.equal(untouched, cells(name, none.shape))]
    if names and same(left, case.target):
        return Diagnosis((names[0],), say("memory", "memory-left", cells=say("memory", names[0])))
    return True


def cells(name, shape):
    """A boolean map of `shape` that is True where these rows and columns are."""
    rows, columns = LEFT[name]
    marked = torch.zeros(shape, dtype=torch.bool)
    marked[rows] = True
    marked[:, columns] = True
    return marked
