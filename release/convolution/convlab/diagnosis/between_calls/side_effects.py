"""Whether a wrong answer depends on more than its two arguments, or changes more than its map.

This is asked before anything else: an X-ray of a function that remembers earlier calls shows them.
"""

import math
from typing import Any

import torch

from ... import calling, oracle
from ...examples import Example
from ...messages import Message, message
from ...mistakes import (
    LibraryConvolution,
    Mistake,
    NotImplementedYet,
    SideEffect,
    TooSlow,
    WrongValue,
)
from ...printing import number, size, told_apart
from ..calls import Asked, CallSequence, difference, other_numbers, same
from ..result import Diagnosis
from . import earlier_calls, nondeterminism, notebook_variables
from .variables import GENERATORS, Variable, variables_of

PARTS = ("image", "kernel")
EXAMPLES = 2  # further calls that must bear out what is said of every pixel or weight
TURNED = {
    "kernel-flipped": lambda kernel: kernel.flip(0, 1),
    "kernel-flipped-up-down": lambda kernel: kernel.flip(0),
    "kernel-flipped-left-right": lambda kernel: kernel.flip(1),
    "kernel-transposed": lambda kernel: kernel.T,
}


def explain(asked: Asked, mistake: Mistake | None, case: Example) -> Diagnosis | None:
    """The Diagnosis of what `asked.conv2d`, which made `mistake` on `case`, changes or depends on.

    None if it depends on its arguments alone and leaves them alone, or if there is no time to tell.
    """
    if isinstance(mistake, (NotImplementedYet, TooSlow, LibraryConvolution)):
        return None
    with nondeterminism.random_state_kept():
        try:
            sequence = CallSequence(asked)
            call = OneCall(sequence, case)
            if call.changes and call.is_to_blame_for(mistake):
                return arguments_changed(sequence, call)
            return between_calls(sequence, mistake, case)
        except calling.TimeIsUp:
            return None


def changed_arguments(asked: Asked, case: Example) -> Diagnosis | None:
    """The Diagnosis if one call on `case` changes image or kernel; None too if there is no time."""
    with nondeterminism.random_state_kept():
        try:
            sequence = CallSequence(asked)
            call = OneCall(sequence, case)
            return arguments_changed(sequence, call) if call.changes else None
        except calling.TimeIsUp:
            return None


def between_calls(
    sequence: CallSequence, mistake: Mistake | None, case: Example
) -> Diagnosis | None:
    """What shows when the function is asked about `case` again, with other calls between."""
    first, again = sequence.answers[0][1], sequence(case)
    other = other_numbers(case)
    theirs = sequence(other)
    others_right = sequence.right(other)
    height, width = case.before[0].shape
    last = sequence(other_numbers(case, (height + 1, width + 2)), case)
    right = sequence.right(case)
    found, names = variables_of(sequence.asked.conv2d)
    if names & nondeterminism.UNINITIALISED:
        maps = nondeterminism.maps_by_memory(sequence, case)
        if maps:
            return nondeterminism.of_memory(*maps, case)
    if not (same(first, again) and same(again, last)):
        return unsteady(sequence, case, found)
    if others_right:
        kept = earlier_calls.kept_for_objects(sequence, case)
        if kept:
            return kept
    if right and (others_right or isinstance(mistake, SideEffect)):
        return maps_shared(sequence)
    return (
        earlier_calls.used_up(sequence, found, other, theirs)
        or earlier_calls.from_a_fresh_start(sequence, found, other, theirs)
        or (earlier_calls.kept_for_size(sequence, case) if same(last, theirs) else None)
        or notebook_variables.explain(sequence, found, other)
    )


def unsteady(sequence: CallSequence, case: Example, found: list[Variable]) -> Diagnosis | None:
    """The Diagnosis of a function that gave different answers to one and the same question."""
    generators = [variable for variable in found if isinstance(variable.value, GENERATORS)]
    if nondeterminism.is_random(sequence, case, generators):
        return nondeterminism.different_each_time(sequence, case)
    behind = (
        earlier_calls.one_behind(sequence, case)
        or earlier_calls.from_a_fresh_start(sequence, found, case)
        or earlier_calls.added_on(sequence, case)
    )
    if behind or earlier_calls.writes_to(sequence, found, case):
        return behind
    return nondeterminism.different_each_time(sequence, case)


class OneCall:
    """One call on copies of an Example's image and kernel, and what has become of the two.

    `now` holds the tensors after the call, `came` the snapshot of its answer, and `changes` how
    each part changed that is not what it was: "size", "dtype", "zero", "scaled", "numbers" or
    "gradient".
    """

    def __init__(self, sequence: CallSequence, case: Example) -> None:
        self.case = case
        self.before = dict(zip(PARTS, case.before, strict=True))
        self.now = {part: tensor.clone() for part, tensor in self.before.items()}
        self.came = sequence.raw(*self.now.values())
        changes = {part: change(self.now[part], then) for part, then in self.before.items()}
        self.changes = {part: how for part, how in changes.items() if how}

    def is_to_blame_for(self, mistake: Mistake | None) -> bool:
        """Whether the changes may be what this Mistake is about.

        Changed numbers are no reason for an error, a wrong type or a wrong size.
        """
        if mistake is None or isinstance(mistake, (SideEffect, WrongValue)):
            return True
        return any(kind(self.now[part]) != kind(then) for part, then in self.before.items())

    def factor(self, part: str) -> float:
        """By what all numbers of this part were multiplied, rounded to two decimals."""
        return factor_between(self.now[part].detach().double(), self.before[part].double())

    def is_right_for_changed(self) -> bool:
        """Whether the map is wrong for what was given, and right for what has become of it."""
        if not isinstance(self.came, torch.Tensor) or same(self.came, self.case.target):
            return False
        image, kernel = (tensor.detach() for tensor in self.now.values())
        if image.ndim != 2 or kernel.ndim != 2:
            return False
        return (
            min(oracle.size_of(image.shape, kernel.shape)) > 0
            and bool(image.isfinite().all() and kernel.isfinite().all())
            and same(self.came, oracle.feature_map(image, kernel))
        )

    def names(self) -> list[str]:
        """The names for working with the changed pixels, weights or both."""
        return [
            how_used(part, self.now[part], before)
            for part, before in self.before.items()
            if part in self.changes
        ]


def arguments_changed(sequence: CallSequence, call: OneCall) -> Diagnosis:
    """The Diagnosis of a function that changes image or kernel, as one call shows.

    What is said of every pixel or weight, and of the map, holds in further calls, too; of what does
    not, only what is to be seen in that one call is told.
    """
    further = further_calls(sequence, call.case)
    which = "both" if len(call.changes) > 1 else next(iter(call.changes))
    names, facts = ["argument-changed"], [message("diagnoses", f"argument-changed.{which}")]
    facts += [told_change(call, part, further) for part in call.changes]
    calls = [call, *(other for other in further if other.changes)]
    if all(one.is_right_for_changed() and one.names() == call.names() for one in calls):
        names += call.names()
        facts.append(message("state", f"changed-and-read.{which}"))
    return Diagnosis(tuple(names), tuple(facts))


def further_calls(sequence: CallSequence, case: Example) -> list[OneCall]:
    """As many calls on new numbers as there is time for."""
    calls: list[OneCall] = []
    try:
        for _ in range(EXAMPLES):
            calls.append(OneCall(sequence, other_numbers(case)))
    except calling.TimeIsUp:
        pass
    return calls


def told_change(call: OneCall, part: str, further: list[OneCall]) -> Message:
    """The fact on what becomes of one part: in every call if further ones agree, else in this."""
    how, now, before = call.changes[part], call.now[part], call.before[part]
    others = [other for other in further if other.changes]
    agreed = bool(others) and all(
        other.changes.get(part) == how
        and (how != "scaled" or other.factor(part) == call.factor(part))
        for other in others
    )
    facts: dict[str, Any] = {}
    if how == "size":
        facts = {"before": size(before.shape), "now": size(now.shape)}
    elif how == "dtype":
        facts = {"before": dtype_name(before), "now": dtype_name(now)}
    elif how == "scaled" and agreed:
        facts = {"factor": number(call.factor(part))}
    elif how == "numbers" or how in ("scaled", "zero") and not agreed:
        how, facts = "numbers", first_changed(now, before)
    return message("state", f"changed-{how}.{part}", **facts)


def first_changed(now: torch.Tensor, before: torch.Tensor) -> dict[str, Any]:
    """How many of a tensor's numbers have changed, and the place and the values of the first."""
    values, then = now.detach().double(), before.double()
    moved = has_moved(values, then)
    place = tuple(moved.nonzero()[0].tolist())
    was, became = told_apart(float(then[place]), float(values[place]))
    facts = {"place": place, "was": was, "now": became}
    return {"count": int(moved.sum()), "all": moved.numel(), **facts}


def kind(tensor: torch.Tensor) -> tuple[Any, ...]:
    """What a tensor is besides its numbers."""
    return tensor.shape, tensor.dtype, tensor.requires_grad


def dtype_name(tensor: torch.Tensor) -> str:
    """The type of a tensor's numbers, such as float32."""
    return str(tensor.dtype).removeprefix("torch.")


def change(now: torch.Tensor, before: torch.Tensor) -> str | None:
    """How an argument has changed, in one of OneCall's words; None if it has not."""
    if now.shape != before.shape:
        return "size"
    if now.dtype != before.dtype:
        return "dtype"
    values, then = now.detach().double(), before.double()
    if not has_moved(values, then).any():
        return "gradient" if now.requires_grad != before.requires_grad else None
    if not values.any():
        return "zero"
    factor = factor_between(values, then)
    scaled = math.isfinite(factor) and factor != 1 and same(values, factor * then)
    return "scaled" if scaled and values.numel() > 1 else "numbers"


def has_moved(values: torch.Tensor, then: torch.Tensor) -> torch.Tensor:
    """Where two tensors of one size differ: a boolean tensor of that size."""
    return ~((values == then) | (values.isnan() & then.isnan()))


def factor_between(values: torch.Tensor, then: torch.Tensor) -> float:
    """The sum of one tensor divided by that of another, to two decimals; 0 if the other's is 0."""
    return round(float(values.sum() / then.sum()), 2) if then.sum() else 0.0


def how_used(part: str, now: torch.Tensor, before: torch.Tensor) -> str:
    """The name for working with changed pixels or weights."""
    if part == "kernel":
        for name, turn in TURNED.items():
            if torch.equal(now.detach(), turn(before)):
                return name
    return f"{part}-changed-first"


def maps_shared(sequence: CallSequence) -> Diagnosis | None:
    """The Diagnosis of maps in the same memory, or that change while others are worked out."""
    maps = [
        (answer, taken)
        for answer, taken in sequence.answers
        if isinstance(taken, torch.Tensor) and isinstance(answer, torch.Tensor) and answer.numel()
    ]
    for answer, taken in maps:
        now = answer.detach().double()
        if not same(now, taken):
            return share(message("state", "shared-and-changed", **difference(taken, now)))
    places = [answer.untyped_storage().data_ptr() for answer, _ in maps]
    if len(set(places)) < len(places):
        return share(message("state", "shared"))
    return None


def share(how: Message) -> Diagnosis:
    """The Diagnosis output-shared, with the fact that shows it."""
    return Diagnosis(("output-shared",), (message("diagnoses", "output-shared"), how))
