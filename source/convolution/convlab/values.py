"""Owns what a result that is no ordinary tensor is called in messages, wherever it lives."""

import inspect
import re

import torch

from . import remote
from .messages import say

KIND = re.compile(r"an? [\w.]{1,80}")
PLACE = re.compile(r"[\w.:]{1,40}")


def ordinary(result):
    """Whether a result is a torch tensor whose numbers simply lie in memory."""
    return (
        isinstance(result, torch.Tensor)
        and result.layout is torch.strided
        and result.device.type == "cpu"
    )


def looks(result):
    """The facts for the message on a result that is not ordinary: a tensor's layout and device, else its kind and advice."""
    if remote.elsewhere(result):
        facts = remote.asked(result, __name__, "looks")
        return (
            facts
            if believable(facts)
            else {"kind": "an object", "advice": say("mistakes", "advice-on-values")}
        )
    if isinstance(result, torch.Tensor):
        return {"layout": str(result.layout), "device": str(result.device)}
    return {"kind": kind(result), "advice": advice(result)}


def believable(facts):
    """Whether an answer from elsewhere is such facts: short names, and advice that we give ourselves."""
    if type(facts) is not dict or not all(
        type(part) is str for pair in facts.items() for part in pair
    ):
        return False
    if set(facts) == {"layout", "device"}:
        return all(PLACE.fullmatch(place) for place in facts.values())
    return (
        set(facts) == {"kind", "advice"}
        and bool(KIND.fullmatch(facts["kind"]))
        and facts["advice"]
        in (
            say("mistakes", "advice-on-generators"),
            say("mistakes", "advice-on-functions"),
            say("mistakes", "advice-on-values"),
        )
    )


def kind(result):
    """A value's type as a learner knows it, after its article: with its library's name, unless it is Python's own."""
    theirs = type(result)
    home = str(theirs.__module__).split(".")[0]
    name = theirs.__name__ if home in ("builtins", "__main__") else f"{home}.{theirs.__name__}"
    return f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}"


def advice(result):
    """What to look at when the result is no tensor."""
    if inspect.isgenerator(result) or inspect.iscoroutine(result):
        return say("mistakes", "advice-on-generators")
    if inspect.isroutine(result):
        return say("mistakes", "advice-on-functions")
    return say("mistakes", "advice-on-values")
