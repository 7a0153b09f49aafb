"""Owns putting other tensors into the notebook's variables for one call."""

import contextlib
import sys

import torch


@contextlib.contextmanager
def other_variables(conv2d, **values):
    """Let the variables of these names that hold tensors, where `conv2d` was written and in the notebook, hold these instead.

    Only the names that the lesson itself uses are meant to be given: a tensor that the learner made for the function to
    read is part of their answer.
    """
    spaces = [
        space
        for space in (getattr(conv2d, "__globals__", None), vars(sys.modules["__main__"]))
        if isinstance(space, dict)
    ]
    held = [
        (space, name, space[name])
        for space in spaces
        for name in values
        if isinstance(space.get(name), torch.Tensor)
    ]
    for space, name, _ in held:
        space[name] = values[name]
    try:
        yield
    finally:
        for space, name, value in held:
            space[name] = value
