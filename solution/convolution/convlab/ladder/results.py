"""Owns handling whatever a learner's function returned, and text from it, without trusting either."""

import re

import torch

MOST = 10**6  # numbers of a map that are copied
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def is_tensor(value):
    """Whether a value is a tensor; unlike `isinstance`, this asks nothing of an object that may do anything when asked."""
    return issubclass(type(value), torch.Tensor)


def copied(value):
    """A copy of a tensor as it is now, unless it is far too large; any other value as it is."""
    if not is_tensor(value):
        return value
    return value.detach().clone() if value.numel() <= MOST else value.detach()


def printable(text):
    """The text with a mark in the place of every character that a screen would obey instead of showing it."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
