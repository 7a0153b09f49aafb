"""Why a call did not work, from the learner's own error and from what further calls show."""

import inspect
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

import torch

from ... import calling
from ...checks import is_feature_map, mistake_in
from ...examples import KERNEL, Example, example
from ...mistakes import Mistake, NotImplementedYet, Raised, TooSlow
from ...printing import size
from ...values import kind
from .. import map_size
from ..calls import Asked
from ..result import Diagnosis, diagnosed
from . import indexing, undefined_names, values_used
from .tracebacks import Watch, at_line, came_further, in_words, own_words, steps

SECONDS = 1.0
SMALLEST = 0.3  # seconds for an image with one output only


@dataclass
class FailedCall:
    """The call on `case` that ended in `error`, and `asked`, which calls the function again."""

    asked: Asked
    error: BaseException
    case: Example

    @cached_property
    def said(self) -> str:
        """The error's own message, in Python's or torch's words."""
        return calling.said(self.error)

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What most sentences tell: the `call`, the `line` it stopped in, and the `error`."""
        return {
            "call": self.case.name,
            "line": at_line(self.error),
            "error": in_words(self.error),
        }

    @cached_property
    def watch(self) -> Watch:
        """What torch operations did in one more such call."""
        return Watch(self.asked, self.case)

    @cached_property
    def answers(self) -> map_size.Answers:
        """What the function answers at the graded image sizes."""
        return map_size.Answers.of_graded_sizes(self.asked, self.case)

    def comes_further_with(self, *arguments: torch.Tensor) -> bool:
        """Whether a call with these arguments goes beyond the place where this one ended."""
        return came_further(self.asked.answer(*arguments), self.error)


def explain(conv2d: Any, mistake: Mistake, case: Example) -> Diagnosis | None:
    """The Diagnosis of a `conv2d` that returned nothing at all for `case`.

    None if the error is not seen again, or nothing is to be told of this mistake.
    """
    try:
        return sought(conv2d, mistake, case)
    except Exception:  # whatever a learner's objects do when they are looked at
        return None


def sought(conv2d: Any, mistake: Mistake, case: Example) -> Diagnosis | None:
    """The first of all explanations that holds."""
    if not callable(conv2d):
        return diagnosed("not-a-function", kind=kind(conv2d))
    error = mistake.__cause__
    if isinstance(mistake, TooSlow):
        return too_slow(conv2d, error, case)
    if not isinstance(mistake, (NotImplementedYet, Raised)) or error is None:
        return None
    asked = Asked(conv2d, SECONDS)
    again = asked.answer(*case.before)
    if type(again).__name__ != type(error).__name__:
        return None
    failed = FailedCall(asked, again, case)
    explanations: tuple[Callable[[FailedCall], Diagnosis | None], ...] = (
        other_arguments,
        undefined_names.undefined,
        recursion,
        undefined_names.hidden,
        undefined_names.called_value,
        values_used.nothing,
        values_used.loop_over_number,
        values_used.fractional_count,
        undefined_names.added_rows,
        arguments_swapped,
        map_size.of_sides,
        indexing.fixed_end,
        indexing.past_edge,
        map_size.refused,
        stub,
        indexing.too_many_indices,
        indexing.axes_miscounted,
        indexing.dot_of_matrices,
        indexing.misfit,
    )
    for explanation in explanations:
        found = explanation(failed)
        if found:
            return found
    return diagnosed("raises-error", **failed.facts)


def handed_over(value: Any, notebook: ModuleType | None) -> Diagnosis | None:
    """The Diagnosis of a `value` given to `check` that is no function, and not the notebook's.

    None if it can be called, or if the variable conv2d of the `notebook` is this very value.
    """
    variables = vars(notebook) if notebook else {}
    if callable(value) or "conv2d" in variables and variables["conv2d"] is value:
        return None
    part = "text" if isinstance(value, str) else "value"
    return diagnosed("not-a-function", part, hints_key=f"hints-{part}", kind=kind(value))


def too_slow(conv2d: Any, error: BaseException | None, case: Example) -> Diagnosis:
    """The Diagnosis of a call that was stopped: where, and whether a single output is too much."""
    result = Asked(conv2d, SMALLEST).answer(*example(*KERNEL, seed=1).before)
    return diagnosed(
        "too-slow",
        *["say", "smallest"][: 1 + isinstance(result, calling.TimeIsUp)],
        call=case.name,
        line=at_line(error),
        kernel=size(KERNEL),
        seconds=f"{SMALLEST:g}",
    )


def other_arguments(failed: FailedCall) -> Diagnosis | None:
    """The Diagnosis if it cannot be called with two arguments.

    That is seen by its signature, or by how many it takes out of `*args`.
    """
    before = failed.case.before
    try:
        signature = inspect.signature(called(failed.asked.conv2d))
        signature.bind(*before)
    except ValueError:  # some built-in functions tell no signature
        return None
    except TypeError:
        if not isinstance(failed.error, TypeError) or "argument" not in failed.said:
            return None
        wanted = filter(None, map(parameter, signature.parameters.values()))
        return diagnosed("other-arguments", wanted=", ".join(wanted))
    number = indexing.UNPACKED.match(failed.said)
    starred = any(one.kind is one.VAR_POSITIONAL for one in signature.parameters.values())
    if not number or int(number[1]) <= 2 or not starred:
        return None
    if failed.comes_further_with(*before, *[before[1]] * (int(number[1]) - 2)):
        return diagnosed("other-arguments", "number", number=int(number[1]))
    return None


def called(conv2d: Callable) -> Callable:
    """What takes the arguments in the end: a torch module hands all it is given to `forward`."""
    return conv2d.forward if isinstance(conv2d, torch.nn.Module) else conv2d


def parameter(one: inspect.Parameter) -> str:
    """A parameter as a call would give it; "" for those that can be left out."""
    if one.default is not one.empty or one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
        return ""
    return f"{one.name}=…" if one.kind is one.KEYWORD_ONLY else one.name


def arguments_swapped(failed: FailedCall) -> Diagnosis | None:
    """The Diagnosis if it is right with the kernel first, or the map's size is.

    So it has to be for a square image and for a rectangular one.
    """
    right = True
    for one in (failed.case, example(9, 11, seed=1), example(10, 8, seed=2)):
        found = failed.asked.answer(*reversed(one.before))
        if not map_size.is_map(found) or found.shape != one.target.shape:
            return None
        right = right and not mistake_in(is_feature_map, found, one)
    return diagnosed("arguments-swapped", "say", "right" if right else "size", **failed.facts)


def stub(failed: FailedCall) -> Diagnosis | None:
    """The Diagnosis if a NotImplementedError of the learner's own cell ends every call."""
    own = isinstance(failed.error, NotImplementedError) and own_words(failed.error)
    return diagnosed("stub-still-there") if own and not failed.answers.by_numbers else None


def recursion(failed: FailedCall) -> Diagnosis | None:
    """The Diagnosis if functions call themselves or each other without end.

    So they do even for an image with a single output.
    """
    smallest = example(*KERNEL, seed=1).before
    if not isinstance(failed.error, RecursionError) or not isinstance(
        failed.asked.answer(*smallest), RecursionError
    ):
        return None
    codes = Counter(frame.f_code for frame, _, _ in steps(failed.error))
    callers = [code.co_name for code, times in codes.items() if times > 50]
    if not callers or not all(name.isidentifier() for name in callers):
        return None
    part = "say" if len(callers) == 1 else "several"
    return diagnosed("endless-recursion", part, call=failed.case.name, names=callers)
