"""Owns whether a wrong answer depends on more than its two arguments, or leaves more behind than its map; asked first of all."""

import torch

from .. import calling
from ..mistakes import LibraryConvolution, NotImplementedYet, SideEffect, TooSlow
from . import changed, earlier_calls, leftovers, notebook_variables, objects, randomness, used_up
from .diagnosis import Diagnosis, diagnosed
from .turns import Turns, other_numbers, same
from .variables import DICE, variables


def explain(asked, mistake, case):
    """The Diagnosis of what `asked.conv2d`, which made `mistake` on `case`, keeps, changes, shares or reads elsewhere; or None."""
    if isinstance(mistake, (NotImplementedYet, TooSlow, LibraryConvolution)):
        return None
    with randomness.kept():
        try:
            turns = Turns(asked)
            return changed.arguments(turns, mistake, case) or between_calls(turns, mistake, case)
        except calling.TimeIsUp:
            return None


def between_calls(turns, mistake, case):
    """What shows when the function is asked about `case` again, with other calls between."""
    first, again = turns.came[0][1], turns(case)
    other = other_numbers(case)
    theirs = turns(other)
    others_right = turns.right(other)
    last = turns(larger(case), case)
    right = turns.right(case)
    found, names = variables(turns.asked.conv2d)
    if names & randomness.SUSPECT:
        unwritten = leftovers.unwritten(turns, case)
        if unwritten:
            return unwritten if isinstance(unwritten, Diagnosis) else None
    if not (same(first, again) and same(again, last)):
        return unsteady(turns, case, found)
    if others_right:
        kept = objects.kept_for_objects(turns, case)
        if kept:
            return kept
    if right and (others_right or isinstance(mistake, SideEffect)):
        return changed.shared(turns)
    return (
        used_up.explain(turns, found, other, theirs)
        or earlier_calls.from_the_start(turns, found, other, theirs)
        or (same(last, theirs) and objects.kept_for_size(turns, case))
        or notebook_variables.explain(turns, found, other)
        or None
    )


def larger(case):
    """New numbers for an image that is a little larger."""
    height, width = case.before[0].shape
    return other_numbers(case, (height + 1, width + 2))


def unsteady(turns, case, found):
    """The Diagnosis of a function that gave different answers to one and the same question."""
    dice = [variable for variable in found if isinstance(variable.value, DICE)]
    if by_chance(turns, case, dice):
        return different_each_time(turns, case)
    behind = (
        earlier_calls.one_behind(turns, case)
        or earlier_calls.from_the_start(turns, found, case)
        or earlier_calls.added_on(turns, case)
    )
    return (
        behind
        or (not earlier_calls.written(turns, found, case) and different_each_time(turns, case))
        or None
    )


def by_chance(turns, case, dice):
    """Whether the answers are the same once all random numbers begin anew, another call between or not."""
    starts = [(variable, randomness.copied(variable.value)) for variable in dice]

    def thrown():
        randomness.set_back()
        with randomness.held((variable, randomness.copied(value)) for variable, value in starts):
            return turns(case)

    first = thrown()
    turns(larger(case), other_numbers(case))
    return isinstance(first, torch.Tensor) and same(first, thrown())


def different_each_time(turns, case):
    """The Diagnosis of a map that is another one each time, as three more calls show; None if they do not."""
    maps = [turns(case) for _ in range(3)]
    pairs = (maps[0], maps[1]), (maps[1], maps[2]), (maps[0], maps[2])
    if not all(isinstance(values, torch.Tensor) for values in maps) or any(
        same(*pair) for pair in pairs
    ):
        return None
    return diagnosed("random", **changed.difference(*maps[:2]))
