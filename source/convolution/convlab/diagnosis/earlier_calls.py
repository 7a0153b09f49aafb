"""Owns what is left of earlier calls in a later one: numbers, a map, an image, a kernel, a size, or nothing of what it needs."""

import torch

from ..examples import Example
from ..messages import say
from ..printing import number, size
from .changed import difference
from .diagnosis import Diagnosis, diagnosed
from .starts import starts
from .turns import frozen, other_numbers, same
from .variables import DICE


def from_the_start(turns, found, case, usual=None):
    """The Diagnosis that shows when what the function keeps is set back; None if it keeps nothing that shows."""
    for names, start in starts(turns, found, case, usual):

        def ask(*cases):
            with start():
                return turns(*cases)

        diagnosis = remembered(ask, case, names) or carried(ask, case, names)
        if diagnosis:
            return diagnosis
    return None


def one_behind(turns, case):
    """The Diagnosis of a function that works on what the call before was given."""

    def ask(*cases):
        return turns(*cases)

    return remembered(ask, case, [], alone=2)


def remembered(ask, case, names, alone=1):
    """The Diagnosis of a call that works on an earlier call's image, kernel, both or size; `ask` answers the last of some cases.

    A function has caught up with a case when it has been asked about it `alone` times in a row.
    """
    other, new, (image, kernel) = other_numbers(case), other_numbers(case), case.before
    usual, after = ask(*[case] * alone), ask(other, case)
    if not same(usual, after):
        replaced = {
            "map": (other, new),
            "kernel": (Example(image, other.kernel), Example(image, new.kernel)),
            "image": (Example(other.image, kernel), Example(new.image, kernel)),
        }
        for part, (remembered_one, unheeded) in replaced.items():
            if (
                isinstance(after, torch.Tensor)
                and same(after, ask(*[remembered_one] * alone))
                and same(after, ask(other, unheeded))
            ):
                return remembers(f"remembered-{part}", names)
        return None
    larger = other_numbers(case, (image.shape[0] + 2, image.shape[1] + 1))
    after = ask(larger, case)
    if (
        alone == 1
        and isinstance(usual, torch.Tensor)
        and not same(usual, after)
        and not alike(usual, after)
    ):
        return remembers(
            "remembered-size", names, image=size(image.shape), earlier=size(larger.image.shape)
        )
    return None


def alike(one, other):
    """Whether two answers are tensors of one size."""
    return (
        isinstance(one, torch.Tensor)
        and isinstance(other, torch.Tensor)
        and one.shape == other.shape
    )


def remembers(how, names, **facts):
    """The Diagnosis remembers-earlier-call in these words, with the names under which it keeps what it remembers."""
    kept = [say("memory", "remembered-in", variable=name) for name in names[:1]]
    return diagnosed("remembers-earlier-call", seen=" ".join([say("memory", how, **facts), *kept]))


def carried(ask, case, names):
    """The Diagnosis of a map that depends on the calls before it: on their numbers, or only on that there were any."""
    other, another = other_numbers(case), other_numbers(case)
    alone, after = ask(case), ask(other, case)
    if same(alone, after):
        height, width = case.image.shape
        other = other_numbers(case, (height + 2, width + 1))
        after = ask(other, case)
    if (
        not isinstance(alone, torch.Tensor)
        or not isinstance(after, torch.Tensor)
        or same(alone, after)
    ):
        return None
    if same(after, ask(another, case)):
        if same(after, ask(other, another, case)):
            return diagnosed(
                "first-call-only", seen=say("memory", "first-only", **difference(alone, after))
            )
        return None
    total = going_on(lambda *cases: ask(case, *cases), case, alone)
    kept = [say("memory", "carried-in", variable=name) for name in names[:1]]
    return total or diagnosed(
        "carried-over",
        seen=" ".join([say("memory", "carried-map", **difference(alone, after)), *kept]),
    )


def added_on(turns, case):
    """The Diagnosis of a map to which each call adds the same, or that each call makes longer, wherever that is kept."""
    maps = [turns(case) for _ in range(3)]
    if not all(isinstance(values, torch.Tensor) and values.numel() for values in maps):
        return None
    total = going_on(turns, case, maps[-1])
    if total:
        return total
    shapes = [tuple(values.shape) for values in maps]
    if len(set(shapes)) == 1:
        steps = maps[1] - maps[0], maps[2] - maps[1]
        if not steps[0].any() or not same(*steps):
            return None
    elif len({len(shape) for shape in shapes}) > 1 or not sorted(set(shapes)) == shapes:
        return None
    return diagnosed("carried-over", seen=say("memory", "carried-repeat", **difference(*maps[:2])))


def going_on(ask, case, before):
    """The Diagnosis of a running total, if a kernel of zeros gives the last number of the map `before` everywhere."""
    nothing = ask(Example(case.before[0], torch.zeros_like(case.before[1])))
    last = before.flatten()[-1] if before.numel() else torch.zeros(())
    if (
        not isinstance(nothing, torch.Tensor)
        or not nothing.numel()
        or not last
        or not same(nothing, last.expand_as(nothing))
    ):
        return None
    return Diagnosis(
        ("total-not-reset", "carried-over"), say("memory", "carried-total", last=number(last))
    )


def written(turns, found, case):
    """Whether a call about new numbers changes anything that the function reads, other than random numbers."""
    watched = [variable for variable in found if not isinstance(variable.value, DICE)]
    before = [frozen(variable.value) for variable in watched]
    turns(other_numbers(case))
    return before != [frozen(variable.value) for variable in watched]
