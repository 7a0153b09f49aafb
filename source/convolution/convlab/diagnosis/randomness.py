"""Owns what comes about by chance: random numbers that are set back, and memory that nobody has written to."""

import contextlib
import random
from copy import deepcopy

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

EMPTY = {"empty", "empty_like", "new_empty", "empty_strided", "new_empty_strided"}
SUSPECT = EMPTY | {
    "Tensor",
    "FloatTensor",
    "DoubleTensor",
    "ndarray",
}  # names in code that may leave memory unwritten


@contextlib.contextmanager
def kept():
    """Leave all random numbers to come as they would have been without the block."""
    before = torch.get_rng_state(), np.random.get_state(), random.getstate()
    try:
        yield
    finally:
        torch.set_rng_state(before[0])
        np.random.set_state(before[1])
        random.setstate(before[2])


def set_back():
    """Let all random numbers begin anew, always at the same."""
    torch.manual_seed(0)
    np.random.seed(0)
    random.seed(0)


class Filled(TorchDispatchMode):
    """Writes `value` into all memory that torch hands out unwritten."""

    def __init__(self, value):
        super().__init__()
        self.value = value


def dispatch(filled, operation, types, args=(), kwargs=None):
    """Let the operation run, then fill what it left unwritten."""
    result = operation(*args, **(kwargs or {}))
    if operation.__name__.split(".")[0] in EMPTY:
        result.fill_(filled.value)
    return result


Filled.__torch_dispatch__ = dispatch  # set afterwards: inside the class, torch would load its compiler, about a second, to wrap it


@contextlib.contextmanager
def filled(value):
    """Let memory that torch and numpy hand out unwritten hold `value` everywhere."""
    makers = np.empty, np.empty_like

    def filling(make):
        def made(*arguments, **options):
            array = make(*arguments, **options)
            if array.dtype.kind in "biufc":
                array.fill(value)
            return array

        return made

    np.empty, np.empty_like = map(filling, makers)
    try:
        with Filled(value):
            yield
    finally:
        np.empty, np.empty_like = makers


@contextlib.contextmanager
def held(values):
    """Let Variables hold values during the block: pairs of both."""
    with contextlib.ExitStack() as stack:
        for variable, value in values:
            stack.enter_context(variable.holding(value))
        yield


def copied(dice):
    """A generator of random numbers that goes on as `dice` would."""
    if isinstance(dice, torch.Generator):
        copy = torch.Generator(dice.device)
        copy.set_state(dice.get_state())
        return copy
    return deepcopy(dice)
