"""Names in the learner's code that stand for nothing, or for something else than was meant."""

import builtins
import contextlib
import difflib
import dis
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import torch

from ...checks import is_feature_map, mistake_in
from ...examples import Example
from ...messages import message
from ...values import kind_named
from ..calls import Asked
from ..result import Diagnosis, diagnosed
from .tracebacks import came_further, in_own_line, innermost, own_words, steps

if TYPE_CHECKING:
    from .errors import FailedCall

UNKNOWN = re.compile(r"(?:module '([\w.]+)'|'Tensor' object) has no attribute '(\w+)'")
NOT_CALLABLE = re.compile(r"'([\w.]+)' object is not callable")
VALUES = {"torch.Size": "size", "Tensor": "tensor"}  # values that learners call, and their parts
Namespace = dict[str, Any]


# names that stand for nothing


def undefined(failed: "FailedCall") -> Diagnosis | None:
    """The Diagnosis if a line uses a name that the notebook, a module or a tensor does not have."""
    error = failed.error
    late = isinstance(error, UnboundLocalError)
    if own_words(error) or late and failed.answers.partly:
        return None
    missing = UNKNOWN.match(failed.said)
    if isinstance(error, AttributeError) and missing and looked_up(error):
        owner = sys.modules.get(missing[1], torch.Tensor) if missing[1] else torch.Tensor
        whose = f"`{missing[1]}`" if missing[1] else message("diagnoses", "name-undefined.tensor")
        return diagnosed(
            "name-undefined",
            "attribute",
            *near(missing[2], dir(owner)),
            hints_key="hints-attribute",
            name=missing[2],
            whose=whose,
            near=nearest(missing[2], dir(owner)),
            **failed.facts,
        )
    name = re.search(r"(?:name|variable) '(\w+)'", failed.said)
    if not isinstance(error, NameError) or not name or not in_own_line(error):
        return None
    if late or "not associated with a value" in failed.said:
        return diagnosed(
            "name-undefined", "unset", hints_key="hints-unset", name=name[1], **failed.facts
        )
    frame = steps(error)[-1][0]
    known = {*frame.f_locals, *frame.f_globals}
    return diagnosed(
        "name-undefined",
        "say",
        *near(name[1], known),
        name=name[1],
        near=nearest(name[1], known),
        **failed.facts,
    )


def looked_up(error: BaseException) -> bool:
    """Whether a line of the learner's looked for the name; some modules do so by a function."""
    return in_own_line(error) or innermost(error)[0].f_code.co_name == "__getattr__"


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that looks much like this one, or ""."""
    public = [one for one in known if not one.startswith("_")]
    return next(iter(difflib.get_close_matches(name, public, 1, 0.75)), "")


def near(name: str, known: Iterable[str]) -> list[str]:
    """The part of the message that names the nearest known name, if there is one."""
    return ["near"] if nearest(name, known) else []


# names of Python's own functions that stand for something else


@contextlib.contextmanager
def names_bound(namespace: Namespace, values: Namespace) -> Iterator[None]:
    """Let these names stand for these values in the learner's notebook, and put them back."""
    before = {name: namespace[name] for name in values if name in namespace}
    namespace.update(values)
    try:
        yield
    finally:
        for name in values:
            namespace.pop(name, None)
        namespace.update(before)


def called_with(asked: Asked, case: Example, namespace: Namespace, values: Namespace) -> Any:
    """What a call on `case` returns or raises while these names stand for these values."""
    with names_bound(namespace, values):
        return asked.answer(*case.before)


def hidden_builtins(codes: Iterable[CodeType], namespace: Namespace) -> list[str]:
    """The names of Python's own functions that this code uses, and that are torch's here.

    `from torch import *` does that to range, sum, min, max, abs, round, float and others.
    """
    used = {name for code in codes for name in names_used(code, namespace)}
    return sorted(
        name
        for name in used & set(dir(builtins)) & set(namespace)
        if namespace[name] is not getattr(builtins, name)
        and namespace[name] is getattr(torch, name, None)
    )


def names_used(code: CodeType, namespace: Namespace, seen: tuple = ()) -> set[str]:
    """The names that this code takes from the notebook, those of functions it calls included."""
    loads = ("LOAD_GLOBAL", "LOAD_NAME")
    found = {step.argval for step in dis.get_instructions(code) if step.opname in loads}
    inner = [part for part in code.co_consts if isinstance(part, CodeType)]
    called = [
        value.__code__
        for name in found
        if isinstance(value := namespace.get(name), FunctionType) and value.__globals__ is namespace
    ]
    further = [
        names_used(part, namespace, (*seen, code, *called))
        for part in inner + called
        if part not in seen
    ]
    return found.union(*further)


def hidden(failed: "FailedCall") -> Diagnosis | None:
    """The Diagnosis if the call comes further once names mean Python's own functions again."""
    own = steps(failed.error)
    if not own or own_words(failed.error):
        return None
    namespace = own[-1][0].f_globals
    at_fault = restored(
        hidden_builtins({frame.f_code for frame, _, _ in own}, namespace),
        lambda values: came_further(
            called_with(failed.asked, failed.case, namespace, values), failed.error
        ),
    )
    if not at_fault:
        return None
    facts = {"names": at_fault, "count": len(at_fault), **failed.facts}
    return diagnosed("builtin-hidden", "say", "further", **facts)


def explain(asked: Asked, case: Example) -> Diagnosis | None:
    """The Diagnosis of a map that is right once names mean Python's own functions again."""
    function = asked.conv2d
    if not isinstance(function, FunctionType):
        return None
    namespace = function.__globals__
    at_fault = restored(
        hidden_builtins([function.__code__], namespace),
        lambda values: (
            not mistake_in(is_feature_map, called_with(asked, case, namespace, values), case)
        ),
    )
    if not at_fault:
        return None
    return diagnosed("builtin-hidden", "right", names=at_fault, count=len(at_fault))


def restored(names: list[str], helps: Callable[[Namespace], bool]) -> list[str]:
    """The names, as code, of which one alone, or else all together, help if they are Python's."""
    for some in [*([name] for name in names), names if len(names) > 1 else []]:
        if some and helps({name: getattr(builtins, name) for name in some}):
            return [f"`{name}`" for name in some]
    return []


# values that are called


def called_value(failed: "FailedCall") -> Diagnosis | None:
    """The Diagnosis if round brackets stand behind something that is no function."""
    called = NOT_CALLABLE.match(failed.said)
    if not called or not isinstance(failed.error, TypeError) or not in_own_line(failed.error):
        return None
    if own_words(failed.error):
        return None
    facts = {"kind": kind_named(called[1]), **failed.facts}
    name = variable_called(failed.error, called[1])
    if name:
        return diagnosed("builtin-hidden", "value", hints_key="hints-value", name=name, **facts)
    part = VALUES.get(called[1])
    if part:
        return diagnosed("value-called", part, hints_key=f"hints-{part}", **facts)
    return diagnosed("value-called", **facts)


def variable_called(error: BaseException, type_name: str) -> str:
    """The variable of that type, named like a function of Python's, that the failed line loads."""
    frame, offset, line = steps(error)[-1]
    variables = {**frame.f_globals, **frame.f_locals}
    for step in dis.get_instructions(frame.f_code):
        loaded = step.opname.startswith("LOAD") and step.offset < offset
        if loaded and step.positions and step.positions.lineno == line:
            name, known = str(step.argval), hasattr(builtins, str(step.argval))
            if known and name in variables and type(variables[name]).__name__ == type_name:
                return name
    return ""


# Python's own sum


def added_rows(failed: "FailedCall") -> Diagnosis | None:
    """The Diagnosis if Python's own `sum` left a row, and a number in its place helps."""
    own, rows = steps(failed.error), []
    if not own or own_words(failed.error):
        return None
    namespace = own[-1][0].f_globals
    if "sum" in namespace or not any(
        "sum" in names_used(code, namespace) for code in {frame.f_code for frame, _, _ in own}
    ):
        return None

    def whole_sum(values: Any, start: Any = 0) -> Any:
        if isinstance(values, torch.Tensor) and not values.ndim:
            return values
        total = sum(values, start)
        if not isinstance(total, torch.Tensor) or total.ndim != 1:
            return total
        rows.append(len(total))
        return total.sum()

    result = called_with(failed.asked, failed.case, namespace, {"sum": whole_sum})
    if not rows or not came_further(result, failed.error):
        return None
    return diagnosed("builtin-sum", count=rows[0], **failed.facts)
