"""Owns what a call did to tensors of others: to the image and kernel it was given, and to the maps of earlier calls."""

import math

import torch

from .. import oracle
from ..messages import say
from ..mistakes import SideEffect, WrongValue
from ..printing import number, size, told_apart
from .diagnosis import Diagnosis, diagnosed
from .turns import CLOSE, same

CELLS = {"image": "pixel", "kernel": "weight"}
TURNED = {
    "kernel-flipped": lambda kernel: kernel.flip(0, 1),
    "kernel-flipped-up-down": lambda kernel: kernel.flip(0),
    "kernel-flipped-left-right": lambda kernel: kernel.flip(1),
    "kernel-transposed": lambda kernel: kernel.T,
}


def arguments(turns, mistake, case):
    """The Diagnosis of a function that changes image or kernel, seen at one call on `case`; None if it left them alone.

    Changed numbers are no reason for an error, a wrong type or a wrong size; there the claim is left to others.
    """
    given = dict(zip(CELLS, (tensor.clone() for tensor in case.before)))
    came = turns.raw(*given.values())
    changes = {
        part: how
        for (part, now), before in zip(given.items(), case.before)
        if (how := change(part, now, before))
    }
    outside = any(kind(now) != kind(before) for now, before in zip(given.values(), case.before))
    if not changes or not (
        mistake is None or isinstance(mistake, (SideEffect, WrongValue)) or outside
    ):
        return None
    names, follows = ["argument-changed"], ""
    if read_afterwards(came, given.values(), case):
        names += [
            how_used(part, given[part], before)
            for part, before in zip(CELLS, case.before)
            if part in changes
        ]
        follows = say("memory", "changed-and-read")
    return Diagnosis(
        tuple(names),
        say(
            "diagnoses",
            names[0],
            parts=" and ".join(changes),
            changes=" ".join(changes.values()),
            follows=follows,
        ),
    )


def kind(tensor):
    """What a tensor is besides its numbers."""
    return tensor.shape, tensor.dtype, tensor.requires_grad


def change(part, now, before):
    """The words for what has become of an argument, or None."""

    def words(how, **facts):
        return say("memory", f"changed-{how}", part=part, cell=CELLS[part], **facts)

    if now.shape != before.shape:
        return words("size", now=size(now.shape), before=size(before.shape))
    if now.dtype != before.dtype:
        return words(
            "dtype",
            now=str(now.dtype).removeprefix("torch."),
            before=str(before.dtype).removeprefix("torch."),
        )
    values, then = now.detach().double(), before.double()
    moved = ~((values == then) | (values.isnan() & then.isnan()))
    if moved.any():
        if not values.any():
            return words("zero")
        factor = round(float(values.sum() / then.sum()), 2) if then.sum() else 0.0
        if values.numel() > 1 and math.isfinite(factor) and same(values, factor * then):
            return words("scaled", factor=number(factor))
        place = tuple(moved.nonzero()[0].tolist())
        was, became = told_apart(then[place], values[place])
        return words(
            "numbers", count=int(moved.sum()), all=moved.numel(), place=place, was=was, now=became
        )
    return words("gradient") if now.requires_grad != before.requires_grad else None


def read_afterwards(came, now, case):
    """Whether a map is wrong for the image and kernel that were given, and right for what has become of them."""
    if (
        not isinstance(came, torch.Tensor)
        or same(came, case.target)
        or any(tensor.ndim != 2 for tensor in now)
    ):
        return False
    now = [tensor.detach() for tensor in now]
    sizes = oracle.size_of(*(tensor.shape for tensor in now))
    return (
        min(sizes) > 0
        and all(bool(tensor.isfinite().all()) for tensor in now)
        and same(came, oracle.feature_map(*now))
    )


def how_used(part, now, before):
    """The name for working with changed pixels or weights."""
    if part == "kernel":
        for name, turn in TURNED.items():
            if torch.equal(now.detach(), turn(before)):
                return name
    return f"{part}-changed-first"


def shared(turns):
    """The Diagnosis of maps that stand in the same memory, or change while others are worked out; None if all are apart."""
    results = [
        (answer, seen)
        for answer, seen in turns.came
        if isinstance(answer, torch.Tensor) and answer.numel()
    ]
    for answer, seen in results:
        now = answer.detach().double()
        if not same(now, seen):
            return diagnosed(
                "output-shared", seen=say("memory", "shared-and-changed", **difference(seen, now))
            )
    places = [answer.untyped_storage().data_ptr() for answer, seen in results]
    if len(set(places)) < len(places):
        return diagnosed("output-shared", seen=say("memory", "shared"))
    return None


def difference(one, other):
    """Facts on how two maps differ: their sizes, or the first cell that differs and its two values."""
    if one.shape != other.shape:
        return {
            "place": say("memory", "its-size"),
            "first": size(one.shape),
            "second": size(other.shape),
        }
    apart = (one - other).abs().nan_to_num(torch.inf, posinf=torch.inf)
    apart[(one == other) | (one.isnan() & other.isnan())] = 0
    cell = tuple((apart > CLOSE * apart.nan_to_num(posinf=0).max()).nonzero()[0].tolist())
    first, second = told_apart(one[cell], other[cell])
    return {"place": say("memory", "its-cell", cell=cell), "first": first, "second": second}
