"""A diagnosis made where the function lives, in another process, whose answer is believed in parts.

The question and the answer are plain data. What comes back is taken for a Diagnosis only if its
names, hints and messages are ours; its facts are the other process's, as short text and numbers.
"""

from collections.abc import Callable
from typing import Any

import torch

from .. import calling, messages, mistakes, remote
from ..examples import Example
from .calls import Asked
from .explain import diagnose
from .result import Diagnosis

KINDS = {kind.__name__: kind for kind in mistakes.Mistake.__subclasses__()}
STOPPED = 0.3  # seconds after which a function that does not return is stopped, to see where it is
MARGIN = 2  # seconds more than the diagnosis itself gets
PARTS = ("names", "facts", "sure", "hints_key", "image_size")
MOST, MOST_FACTS = 6, 12  # names and facts of one diagnosis
LARGEST = 10_000  # rows or columns of an image


def diagnose_isolated(
    conv2d: Callable, mistake: mistakes.Mistake, case: Example, seconds: float
) -> Diagnosis | None:
    """As `diagnose`, for a `conv2d` that lives in another process.

    None too if what comes back is no Diagnosis that could be ours.
    """
    if isinstance(mistake, mistakes.LibraryConvolution):
        return diagnose(conv2d, mistake, case, seconds)
    cause = mistake.__cause__
    question = {
        "kind": type(mistake).__name__,
        "cause": calling.name_of(cause) if cause else "",
        "message": messages.plain(mistake.message),
        "seconds": seconds,
    }
    image, kernel = (tensor.clone() for tensor in case.before)
    limit = 2 * seconds + MARGIN
    return believed(
        remote.asked(conv2d, __name__, "answer", question, image, kernel, seconds=limit)
    )


def believed(answer: Any) -> Diagnosis | None:
    """The Diagnosis that an answer describes; None if it is none of ours, or not in one line."""
    if type(answer) is not dict or set(answer) != set(PARTS):
        return None
    names, facts, sure, hints_key, image_size = (answer[part] for part in PARTS)
    if not are_names(names) or type(sure) is not bool or not is_size(image_size):
        return None
    if type(facts) is not list or not 0 < len(facts) <= MOST_FACTS:
        return None
    if type(hints_key) is not str or not hints_key.startswith("hints"):
        return None
    if hints_key not in messages.table("diagnoses")[names[0]]:
        return None
    try:
        told = tuple(map(messages.believed, facts))
    except ValueError:
        return None
    found = Diagnosis(tuple(names), told, sure, hints_key, image_size)
    text = found.text()
    return found if text.isprintable() and len(text) <= messages.HEAVIEST else None


def are_names(names: Any) -> bool:
    """Whether these are a few names of ours."""
    return (
        type(names) is list
        and 0 < len(names) <= MOST
        and all(type(name) is str and name in messages.table("diagnoses") for name in names)
    )


def is_size(sides: Any) -> bool:
    """Whether this is the size of an image, or None."""
    return sides is None or (
        type(sides) is tuple
        and len(sides) == 2
        and all(type(side) is int and 0 < side <= LARGEST for side in sides)
    )


def answer(
    conv2d: Callable, question: dict[str, Any], image: torch.Tensor, kernel: torch.Tensor
) -> dict[str, Any] | None:
    """In the function's process: the Diagnosis of the Mistake asked about, as plain data."""
    case = Example(image, kernel)
    mistake = mistake_made_again(conv2d, question, case)
    found = diagnose(conv2d, mistake, case, question["seconds"])
    if found is None:
        return None
    return {
        "names": list(found.names),
        "facts": [messages.plain(fact) for fact in found.facts],
        "sure": found.sure,
        "hints_key": found.hints_key,
        "image_size": found.image_size,
    }


def mistake_made_again(
    conv2d: Callable, question: dict[str, Any], case: Example
) -> mistakes.Mistake:
    """The Mistake asked about, as far as a diagnosis looks at it.

    The error that caused it is known by the name of its type only; a call that did not return is
    made again and stopped, to see where.
    """
    mistake = KINDS[question["kind"]](messages.believed_message(question["message"]))
    if isinstance(mistake, mistakes.TooSlow):
        result = Asked(conv2d, STOPPED).answer(*case.before)
        mistake.__cause__ = result if isinstance(result, calling.TimeIsUp) else None
    elif question["cause"]:
        mistake.__cause__ = type(question["cause"], (Exception,), {})()
    return mistake
