"""What a result that is no ordinary tensor is called in messages, in whichever process it lives."""

import inspect
import re
from typing import Any

import torch

from . import remote
from .messages import Message, believed, message, plain

NAME = re.compile(r"[\w.]{1,80}")
PLACE = re.compile(r"[\w.:]{1,40}")
ADVICE = {f"advice.{name}" for name in ("generators", "functions", "values")}


def ordinary(result: Any) -> bool:
    """Whether a result is a torch tensor whose numbers simply lie in memory."""
    return (
        isinstance(result, torch.Tensor)
        and result.layout is torch.strided
        and result.device.type == "cpu"
    )


def looks(result: Any) -> dict[str, Any]:
    """The facts of a result that is not ordinary: layout and device, else its kind and advice."""
    if remote.elsewhere(result):
        try:
            return believed_looks(remote.asked(result, __name__, "plain_looks"))
        except ValueError:
            return {"kind": message("mistakes", "kind.unknown"), "advice": advice_on("values")}
    if isinstance(result, torch.Tensor):
        return {"layout": str(result.layout), "device": str(result.device)}
    return {"kind": kind(result), "advice": advice(result)}


def plain_looks(result: Any) -> dict[str, Any]:
    """The same as plain data, which can cross to another process."""
    return {name: plain(fact) for name, fact in looks(result).items()}


def believed_looks(facts: Any) -> dict[str, Any]:
    """The facts that another process tells; ValueError unless they could be ours."""
    if type(facts) is dict and set(facts) == {"layout", "device"}:
        if all(type(place) is str and PLACE.fullmatch(place) for place in facts.values()):
            return facts
    elif type(facts) is dict and set(facts) == {"kind", "advice"}:
        told = {name: believed(fact) for name, fact in facts.items()}
        name = told["kind"].facts.get("name")
        if (
            all(fact.file == "mistakes" for fact in told.values())
            and told["kind"].name in ("kind.a", "kind.an")
            and type(name) is str
            and NAME.fullmatch(name)
            and told["advice"].name in ADVICE
        ):
            return told
    raise ValueError("these are no facts of a result")


def kind(result: Any) -> Message:
    """A value's type as a learner knows it: with its library's name, unless it is Python's own."""
    theirs = type(result)
    home = str(theirs.__module__).split(".")[0]
    name = theirs.__name__ if home in ("builtins", "__main__") else f"{home}.{theirs.__name__}"
    article = "an" if name[:1].lower() in "aeiou" else "a"
    return message("mistakes", f"kind.{article}", name=name)


def advice(result: Any) -> Message:
    """What to look at when the result is no tensor."""
    if inspect.isgenerator(result) or inspect.iscoroutine(result):
        return advice_on("generators")
    return advice_on("functions" if inspect.isroutine(result) else "values")


def advice_on(name: str) -> Message:
    """The advice of this name."""
    return message("mistakes", f"advice.{name}")
