"""What a result that is no ordinary tensor is called in messages, wherever it lives."""

import inspect
import re
from typing import Any

import torch

from . import messages, remote
from .messages import Message, message

TYPE = re.compile(r"[\w.]{1,80}")
PLACE = re.compile(r"[\w.:]{1,40}")
GENERATOR = message("mistakes", "advice.generators")
FUNCTION = message("mistakes", "advice.functions")
VALUE = message("mistakes", "advice.values")


def ordinary(result: Any) -> bool:
    """Whether a result is a torch tensor whose numbers simply lie in memory."""
    return (
        isinstance(result, torch.Tensor)
        and result.layout is torch.strided
        and result.device.type == "cpu"
    )


def facts_of(result: Any) -> dict[str, Any]:
    """The facts for the message on a result that is not ordinary.

    They are a tensor's `layout` and `device`, else the value's `kind` and `advice`, both Messages.
    """
    if remote.elsewhere(result):
        return believed(remote.asked(result, __name__, "plain_facts_of"))
    if isinstance(result, torch.Tensor):
        return {"layout": str(result.layout), "device": str(result.device)}
    return {"kind": kind(result), "advice": advice(result)}


def plain_facts_of(result: Any) -> dict[str, Any]:
    """As `facts_of`, as plain data that can cross to another process."""
    return {name: messages.plain(fact) for name, fact in facts_of(result).items()}


def believed(facts: Any) -> dict[str, Any]:
    """The facts that another process tells; if they are none, those of an object of any type."""
    unknown = {"kind": kind_named("object"), "advice": VALUE}
    if type(facts) is not dict:
        return unknown
    if set(facts) == {"layout", "device"}:
        fit = all(type(place) is str and PLACE.fullmatch(place) for place in facts.values())
        return facts if fit else unknown
    try:
        told = {name: messages.believed(facts[name]) for name in unknown}
    except (KeyError, ValueError):
        return unknown
    type_name = str(told["kind"].facts.get("type"))
    named = told["kind"] == kind_named(type_name) and TYPE.fullmatch(type_name)
    return told if named and told["advice"] in (GENERATOR, FUNCTION, VALUE) else unknown


def kind(value: Any) -> Message:
    """A value's type as a learner knows it: its library's name too, unless it is Python's own."""
    theirs = type(value)
    home = str(theirs.__module__).split(".")[0]
    own = home in ("builtins", "__main__")
    return kind_named(theirs.__name__ if own else f"{home}.{theirs.__name__}")


def kind_named(name: str) -> Message:
    """A value of the type of this name, as a noun with its article."""
    return message("words", "kind.an" if name[:1].lower() in "aeiou" else "kind.a", type=name)


def advice(result: Any) -> Message:
    """What to look at when the result is no tensor."""
    if inspect.isgenerator(result) or inspect.iscoroutine(result):
        return GENERATOR
    if inspect.isroutine(result):
        return FUNCTION
    return VALUE
