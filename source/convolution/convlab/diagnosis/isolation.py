"""Owns having a diagnosis made where the function lives, in another process, and believing none of it unread."""

from .. import calling, messages, mistakes, remote
from ..examples import Example
from .calls import Asked
from .diagnosis import Diagnosis
from .explain import diagnose

KINDS = {kind.__name__: kind for kind in mistakes.Mistake.__subclasses__()}
STOPPED = (
    0.3  # seconds until a function that does not return is stopped once more, to see where it is
)
MARGIN = 2  # seconds more than the diagnosis itself gets
PARTS = ("names", "facts", "sure", "hints_key")
MOST, MOST_FACTS = 6, 12  # names and facts of one diagnosis


def diagnosed_there(conv2d, mistake, case, seconds):
    """As `diagnose`, for a `conv2d` that lives elsewhere; None too if what comes back is no Diagnosis that could be ours."""
    if isinstance(mistake, mistakes.LibraryConvolution):
        return diagnose(conv2d, mistake, case, seconds)
    facts = {
        "kind": type(mistake).__name__,
        "cause": calling.name_of(mistake.__cause__) if mistake.__cause__ else "",
        "message": messages.plain(mistake.message),
        "seconds": seconds,
    }
    image, kernel = (tensor.clone() for tensor in case.before)
    return believed(
        remote.asked(conv2d, __name__, "answer", facts, image, kernel, seconds=2 * seconds + MARGIN)
    )


def believed(answer):
    """The Diagnosis that an answer describes, if its names and hints are in our messages and its sentence is one; else None."""
    if type(answer) is not dict or set(answer) != {"names", "facts", "sure", "hints_key"}:
        return None
    names, facts, sure, hints_key = (answer[part] for part in PARTS)
    known = messages.table("diagnoses")
    if (
        type(names) not in (list, tuple)
        or not 0 < len(names) <= MOST
        or not all(type(name) is str and name in known for name in names)
    ):
        return None
    if type(facts) not in (list, tuple) or len(facts) > MOST_FACTS or type(sure) is not bool:
        return None
    if (
        type(hints_key) is not str
        or not hints_key.startswith("hints")
        or hints_key not in known[names[0]]
    ):
        return None
    try:
        told = tuple(messages.believed(fact) for fact in facts)
    except ValueError:
        return None
    return Diagnosis(tuple(names), told, sure, hints_key)


def answer(conv2d, facts, image, kernel):
    """Beside the function: the Diagnosis of the Mistake that these facts tell of, as plain data; None if there is none."""
    case = Example(image, kernel)
    found = diagnose(conv2d, made_again(conv2d, facts, case), case, facts["seconds"])
    return found and {
        "names": list(found.names),
        "facts": [messages.plain(fact) for fact in found.facts],
        "sure": found.sure,
        "hints_key": found.hints_key,
    }


def made_again(conv2d, facts, case):
    """The Mistake of these facts, as far as a diagnosis looks at it: what caused it is known by name only, or seen again."""
    mistake = KINDS[facts["kind"]](messages.believed(facts["message"]))
    if isinstance(mistake, mistakes.TooSlow):
        result = Asked(conv2d, STOPPED).answer(*case.before)
        mistake.__cause__ = result if isinstance(result, calling.TimeIsUp) else None
    elif facts["cause"]:
        mistake.__cause__ = type(facts["cause"], (Exception,), {})()
    return mistake
