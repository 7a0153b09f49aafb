"""Owns setting a function back to a fresh start: what it keeps between calls is emptied for some calls, then put back."""

import collections
import copy
import functools

import numpy as np
import torch

from .randomness import held
from .turns import frozen, same
from .variables import CACHED, DICE, GONE

TRIALS = 24
KEEPING = (
    list,
    dict,
    set,
    collections.deque,
    torch.Tensor,
    np.ndarray,
    CACHED,
)  # what can be changed in its place


def starts(turns, found, case, usual=None):
    """Pairs of names and a context in which what they name is as it may have been before any call.

    Each has been tried on `case`: the call writes to it, and gives a map, always the same, and not the `usual` one.
    """
    kept = [
        variable
        for variable in found
        if (variable.stored or isinstance(variable.value, KEEPING))
        and not isinstance(variable.value, DICE)
    ]
    trials = [[(variable, make)] for variable in kept for make in beginnings(variable)]
    if (
        usual is None
    ):  # the answers differ from call to call: as it is now will do for a start, if need be for all together
        present = [(variable, make) for variable in kept if (make := as_now(variable))]
        trials += [*([one] for one in present), present]
    for trial in trials[:TRIALS]:
        start = starting(trial)
        if shows(turns, start, trial, case, usual):
            yield [variable.name for variable, make in trial], start


def starting(trial):
    """A maker of contexts in which every Variable of `trial` holds what its maker makes."""
    return lambda: held((variable, make()) for variable, make in trial)


def shows(turns, start, trial, case, usual):
    """Whether a call on `case` from this start writes to what is kept, and gives a map that is not the usual one."""
    try:
        before = [frozen(make()) for variable, make in trial]
        with start():
            first = turns(case)
            after = [frozen(variable.value) for variable, make in trial]
    except (
        TypeError,
        ValueError,
        RuntimeError,
        KeyError,
    ):  # what will not be copied, or not be replaced
        return False
    if (
        before == after
        or not isinstance(first, torch.Tensor)
        or usual is not None
        and same(first, usual)
    ):
        return False
    with start():
        return same(first, turns(case))


def beginnings(variable):
    """Makers of what a Variable may have held before any call, the likeliest first."""
    value = variable.value
    if isinstance(value, (list, dict, set, collections.deque)):
        makers = [lambda: emptied(value), lambda: blank(value)] if value else []
    elif isinstance(value, (torch.Tensor, np.ndarray)):
        makers = [lambda: value * 0]
    elif isinstance(value, CACHED):
        makers = [lambda: functools.lru_cache(**value.cache_parameters())(value.__wrapped__)]
    elif isinstance(value, bool):
        makers = [lambda: not value]
    elif isinstance(value, (int, float)):
        makers = [lambda: type(value)(0)]
    else:
        makers = []
    return makers + [lambda: None, lambda: GONE] if variable.stored else makers


def emptied(values):
    """A container of the same kind with nothing in it."""
    copied = copy.copy(values)
    copied.clear()
    return copied


def blank(values):
    """A list or dictionary with as many places, each of them blank: 0 for a number, empty for a list, None for the rest."""

    def nothing(value):
        if isinstance(value, (bool, int, float)):
            return type(value)(0)
        return emptied(value) if isinstance(value, (list, dict, set)) else None

    if isinstance(values, dict):
        return {key: nothing(value) for key, value in values.items()}
    return [nothing(value) for value in values]


def as_now(variable):
    """A maker of copies of what a Variable holds now; None if it cannot be copied."""
    try:
        value = copy.deepcopy(variable.value)
        return None if variable.value is GONE else lambda: copy.deepcopy(value)
    except Exception:  # whatever it holds
        return None
