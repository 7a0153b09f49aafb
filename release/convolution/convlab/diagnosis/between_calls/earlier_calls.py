"""What is left of earlier calls in a later one: numbers, a map, an image, a kernel or a size.

A function is asked in different orders, and what it keeps between calls is set back to what it may
have been before any call. The other way round, later calls may miss what earlier ones used up.
"""

import collections
import copy
import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, NoReturn

import numpy as np
import torch

from ...examples import Example
from ...messages import message
from ...printing import number, size
from ..calls import CallSequence, difference, frozen, new_numbers, other_numbers, same
from ..result import Diagnosis, diagnosed
from .notebook_variables import POSITIONS
from .variables import CACHED, GENERATORS, MISSING, Variable, all_holding

TRIALS = 24
CONTAINERS = (list, dict, set, collections.deque)
CHANGEABLE = (*CONTAINERS, torch.Tensor, np.ndarray, CACHED)  # what can be changed in its place
REFUSALS = (TypeError, ValueError, RuntimeError, KeyError)  # of what cannot be copied or replaced

Ask = Callable[..., Any]  # answers the last of some Examples, as a CallSequence does
Start = Callable[[], AbstractContextManager]
Trial = list[tuple[Variable, Callable[[], Any]]]  # what each Variable is to hold, made anew


# --- what an earlier call was given, or returned, is used again


def from_a_fresh_start(
    sequence: CallSequence, found: list[Variable], case: Example, usual: Any = None
) -> Diagnosis | None:
    """The Diagnosis that shows when what the function keeps is set back.

    `usual` is its answer on `case` as things are; None if that differs from call to call.
    """
    for names, start in fresh_starts(sequence, found, case, usual):

        def ask(*cases: Example, start: Start = start) -> Any:
            with start():
                return sequence(*cases)

        diagnosis = remembered(ask, case, names) or carried_over(ask, case, names)
        if diagnosis:
            return diagnosis
    return None


def one_behind(sequence: CallSequence, case: Example) -> Diagnosis | None:
    """The Diagnosis of a function that works on what the call before was given."""
    return remembered(sequence, case, [], alone=2)


def remembered(ask: Ask, case: Example, names: list[str], alone: int = 1) -> Diagnosis | None:
    """The Diagnosis of a call that works on an earlier call's image, kernel, both or size.

    A function has caught up with a case when it has been asked about it `alone` times in a row.
    `names` are those under which it keeps what it remembers.
    """
    other, new, (image, kernel) = other_numbers(case), other_numbers(case), case.before
    usual, after = ask(*[case] * alone), ask(other, case)
    if not same(usual, after):
        replaced = {
            "map": (other, new),
            "kernel": (Example(image, other.kernel), Example(image, new.kernel)),
            "image": (Example(other.image, kernel), Example(new.image, kernel)),
        }
        for part, (remembered_one, ignored) in replaced.items():
            if (
                isinstance(after, torch.Tensor)
                and same(after, ask(*[remembered_one] * alone))
                and same(after, ask(other, ignored))
            ):
                return remembers(f"remembered-{part}", names)
        return None
    larger = other_numbers(case, (image.shape[0] + 2, image.shape[1] + 1))
    after = ask(larger, case)
    if alone > 1 or not isinstance(usual, torch.Tensor) or same(usual, after):
        return None
    if isinstance(after, torch.Tensor) and usual.shape == after.shape:
        return None
    sizes = {"image": size(image.shape), "earlier": size(larger.image.shape)}
    return remembers("remembered-size", names, **sizes)


def remembers(how: str, names: list[str] | tuple[()] = (), **facts: Any) -> Diagnosis:
    """The Diagnosis remembers-earlier-call, with the first name under which it keeps something."""
    kept = [message("state", "remembered-in", variable=name) for name in names[:1]]
    first = message("diagnoses", "remembers-earlier-call")
    return Diagnosis(("remembers-earlier-call",), (first, message("state", how, **facts), *kept))


def kept_for_objects(sequence: CallSequence, case: Example) -> Diagnosis | None:
    """The Diagnosis of a function that looks up its map by one of the two arguments.

    It is right for new numbers in new tensors, and wrong where one argument was given before.
    """
    one, two = other_numbers(case), other_numbers(case)
    image, kernel = (tensor.clone() for tensor in one.before)
    first = sequence.raw(image, kernel)
    if not sequence.right(one):
        return None
    repeated = {"image": (image, two.kernel), "kernel": (two.image, kernel)}
    for part, arguments in repeated.items():
        again = sequence.raw(*arguments)
        if not sequence.right(Example(*arguments)) and same(again, first):
            return remembers(f"remembered-same-{part}")
    for part, tensor in (("kernel", kernel), ("image", image)):
        before = sequence.raw(image, kernel)
        was_right = sequence.right(Example(image.clone(), kernel.clone()))
        tensor.copy_(new_numbers(tensor.shape))
        again = sequence.raw(image, kernel)
        if was_right and not sequence.right(Example(image, kernel)) and same(again, before):
            return remembers(f"remembered-refilled-{part}")
    return None


def kept_for_size(sequence: CallSequence, case: Example) -> Diagnosis | None:
    """The Diagnosis of a function that returns the first map of a size for the next images too."""
    height, width = case.before[0].shape
    one, two = (other_numbers(case, (height + 3, width + 5)) for _ in range(2))
    first, right = sequence(one), sequence.right(one)
    if right and same(first, sequence(two)):
        return remembers("remembered-map-of-size", image=size(one.image.shape))
    return None


# --- numbers of earlier calls are still in the map


def carried_over(ask: Ask, case: Example, names: list[str]) -> Diagnosis | None:
    """The Diagnosis of a map that depends on the calls before, or only on that there were any."""
    other, another = other_numbers(case), other_numbers(case)
    alone, after = ask(case), ask(other, case)
    if same(alone, after):
        height, width = case.image.shape
        other = other_numbers(case, (height + 2, width + 1))
        after = ask(other, case)
    if not isinstance(alone, torch.Tensor) or not isinstance(after, torch.Tensor):
        return None
    if same(alone, after):
        return None
    differs = difference(alone, after)
    if same(after, ask(another, case)):
        if same(after, ask(other, another, case)):
            return diagnosed("first-call-only", "first-only", **differs)
        return None
    total = running_total(lambda *cases: ask(case, *cases), case, alone)
    return total or carries("carried-map", names, **differs)


def carries(how: str, names: list[str] | tuple[()] = (), **facts: Any) -> Diagnosis:
    """The Diagnosis carried-over, with the first name under which the function keeps numbers."""
    kept = [message("state", "carried-in", variable=name) for name in names[:1]]
    first = message("diagnoses", "carried-over")
    return Diagnosis(("carried-over",), (first, message("state", how, **facts), *kept))


def added_on(sequence: CallSequence, case: Example) -> Diagnosis | None:
    """The Diagnosis of a map to which each call adds the same, or that each call makes longer."""
    maps = [sequence(case) for _ in range(3)]
    if not all(isinstance(values, torch.Tensor) and values.numel() for values in maps):
        return None
    total = running_total(sequence, case, maps[-1])
    if total:
        return total
    shapes = [tuple(values.shape) for values in maps]
    if len(set(shapes)) == 1:
        steps = maps[1] - maps[0], maps[2] - maps[1]
        if not steps[0].any() or not same(*steps):
            return None
    elif len({len(shape) for shape in shapes}) > 1 or sorted(set(shapes)) != shapes:
        return None
    return carries("carried-repeat", **difference(*maps[:2]))


def running_total(ask: Ask, case: Example, before: torch.Tensor) -> Diagnosis | None:
    """The Diagnosis of a total that is never set back to 0.

    A kernel of zeros then gives the last number of the map `before` everywhere.
    """
    nothing = ask(Example(case.before[0], torch.zeros_like(case.before[1])))
    last = before.flatten()[-1] if before.numel() else torch.zeros(())
    if not isinstance(nothing, torch.Tensor) or not nothing.numel() or not last:
        return None
    if not same(nothing, last.expand_as(nothing)):
        return None
    fact = message("state", "carried-total", last=number(float(last)))
    return Diagnosis(("total-not-reset", "carried-over"), (fact,))


def writes_to(sequence: CallSequence, found: list[Variable], case: Example) -> bool:
    """Whether a call on new numbers changes anything that is read, but for random numbers."""
    watched = [variable for variable in found if not isinstance(variable.value, GENERATORS)]
    before = [frozen(variable.value) for variable in watched]
    sequence(other_numbers(case))
    return before != [frozen(variable.value) for variable in watched]


# --- what the function keeps is set back


def fresh_starts(
    sequence: CallSequence, found: list[Variable], case: Example, usual: Any = None
) -> Iterator[tuple[list[str], Start]]:
    """Names of Variables, and a context in which they are as they may have been before any call.

    Each has been tried: a call on `case` then writes to them and gives a map, always the same, and
    not the `usual` one.
    """
    kept = [
        variable
        for variable in found
        if (variable.stored or isinstance(variable.value, CHANGEABLE))
        and not isinstance(variable.value, GENERATORS)
    ]
    trials: list[Trial] = [[(variable, make)] for variable in kept for make in beginnings(variable)]
    if usual is None:  # answers differ from call to call, so what is kept now will do for a start
        present = [(variable, make) for variable in kept if (make := copies_of(variable))]
        trials += [*([one] for one in present), present]
    for trial in trials[:TRIALS]:
        if shows(sequence, trial, case, usual):
            yield [variable.name for variable, _ in trial], functools.partial(begun, trial)


def begun(trial: Trial) -> AbstractContextManager:
    """A context in which every Variable of the trial holds what its maker makes."""
    return all_holding((variable, make()) for variable, make in trial)


def shows(sequence: CallSequence, trial: Trial, case: Example, usual: Any) -> bool:
    """Whether a call on `case` from this start writes to what is kept, and gives an unusual map."""
    try:
        before = [frozen(make()) for _, make in trial]
        with begun(trial):
            first = sequence(case)
            after = [frozen(variable.value) for variable, _ in trial]
    except REFUSALS:
        return False
    if before == after or not isinstance(first, torch.Tensor):
        return False
    if usual is not None and same(first, usual):
        return False
    with begun(trial):
        return same(first, sequence(case))


def beginnings(variable: Variable) -> list[Callable[[], Any]]:
    """Makers of what a Variable may have held before any call, the likeliest first."""
    value = variable.value
    makers: list[Callable[[], Any]] = []
    if isinstance(value, CONTAINERS):
        makers = [lambda: emptied(value), lambda: blank(value)] if value else []
    elif isinstance(value, (torch.Tensor, np.ndarray)):
        makers = [lambda: value * 0]
    elif isinstance(value, CACHED):
        makers = [lambda: functools.lru_cache(**value.cache_parameters())(value.__wrapped__)]
    elif isinstance(value, bool):
        makers = [lambda: not value]
    elif isinstance(value, (int, float)):
        makers = [lambda: type(value)(0)]
    return [*makers, lambda: None, lambda: MISSING] if variable.stored else makers


def emptied(values: Any) -> Any:
    """A container of the same kind with nothing in it."""
    copied = copy.copy(values)
    copied.clear()
    return copied


def blank(values: Any) -> Any:
    """A list or dictionary with as many entries, each of them blank.

    That is 0 for a number, an empty one for a container, None for everything else.
    """

    def nothing(value: Any) -> Any:
        if isinstance(value, (bool, int, float)):
            return type(value)(0)
        return emptied(value) if isinstance(value, (list, dict, set)) else None

    if isinstance(values, dict):
        return {key: nothing(value) for key, value in values.items()}
    return [nothing(value) for value in values]


def copies_of(variable: Variable) -> Callable[[], Any] | None:
    """A maker of copies of what a Variable holds now; None if it cannot be copied."""
    try:
        value = copy.deepcopy(variable.value)
    except Exception:  # whatever it holds
        return None
    return None if variable.value is MISSING else lambda: copy.deepcopy(value)


# --- what only the first call finds


def used_up(
    sequence: CallSequence, found: list[Variable], case: Example, usual: Any
) -> Diagnosis | None:
    """The Diagnosis of a function that takes values from an iterator or a list that has none left.

    `usual` is its answer on `case`.
    """
    for variable in found:
        how = None
        if isinstance(variable.value, Iterator) and asks_in_vain(sequence, variable, case, usual):
            how = "used-up"
        elif isinstance(variable.value, (list, set, collections.deque)) and not variable.value:
            how = "emptied" if empties(sequence, variable, case, usual) else None
        if how:
            return diagnosed("first-call-only", how, variable=variable.name)
    return None


def asks_in_vain(sequence: CallSequence, variable: Variable, case: Example, usual: Any) -> bool:
    """Whether the function asks this iterator for values, and answers as if there were none."""
    empty = Empty()
    with variable.holding(empty):
        answer = sequence(case)
    return empty.asked and same(answer, usual)


def empties(sequence: CallSequence, variable: Variable, case: Example, usual: Any) -> bool:
    """Whether the function would empty this container, were it filled, and answer differently."""
    for make in POSITIONS:
        filled = type(variable.value)(make(*case.before))
        with variable.holding(filled):
            answer = sequence(case)
        if not filled and not same(answer, usual):
            return True
    return False


class Empty(Iterator):
    """An iterator that has nothing to give, and notes whether it was asked."""

    asked = False

    def __next__(self) -> NoReturn:
        self.asked = True
        raise StopIteration
