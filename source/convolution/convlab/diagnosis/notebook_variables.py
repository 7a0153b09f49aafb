"""Owns variables of the notebook that a wrong answer reads in place of its arguments: proven by giving them other values."""

import itertools
import numbers as kinds

import numpy as np
import torch

from ..examples import Example
from ..messages import say
from ..oracle import size_of
from .diagnosis import diagnosed
from .randomness import held
from .turns import numbers, other_numbers, same
from .variables import CACHED

TRIALS = 60
WEIGHTS = 4  # fewer numbers are no image and no kernel


def explain(turns, found, case):
    """The Diagnosis of a function that reads `found` Variables where its arguments belong; None unless that is proven."""
    read = [
        variable for variable in found if not isinstance(variable.value, (bool, type(None), CACHED))
    ]
    return (made_right(turns, read, case) or not_the_argument(turns, read, case)) if read else None


def made_right(turns, found, case):
    """The Diagnosis if the map becomes right, twice, once these Variables are made from the image and kernel of the call."""
    trials = [square(case), square(case)]
    groups = grouped(found, trials[0])
    for chosen in itertools.islice(choices(groups), TRIALS):
        if all(right_with(turns, chosen, trial) for trial in trials) and not typed_in(
            turns, chosen, trials[0]
        ):
            call = (
                "of-the-call"
                if right_with(turns, chosen, other_numbers(case))
                else "of-a-square-call"
            )
            return diagnosed(
                "notebook-variable",
                seen=say(
                    "memory",
                    "variable-made-right",
                    call=say("memory", call),
                    names=listed([variable.name for variable, maker in chosen]),
                ),
            )
    return None


def choices(groups):
    """What to replace: lists of pairs of a Variable and a maker, those with few groups first."""
    for count in range(1, len(groups) + 1):
        for some in itertools.combinations(groups, count):
            for makers in itertools.product(*(makers for variables, makers in some)):
                yield [
                    (variable, maker)
                    for (variables, _), maker in zip(some, makers)
                    for variable in variables
                ]


def square(case):
    """New numbers for a square image, so that there are fewer sizes to be told apart."""
    side = max(case.before[0].shape)
    return other_numbers(case, (side, side))


def right_with(turns, chosen, trial):
    """Whether the map of `trial` is right while each Variable holds what its maker makes of image and kernel."""
    try:
        made = [
            (variable, alike(maker(*trial.before), variable.value)) for variable, maker in chosen
        ]
    except (TypeError, ValueError, RuntimeError):  # a kind of its own that is not made so
        return False
    with held(made):
        turns(trial)
    blank = any(
        isinstance(value, (torch.Tensor, np.ndarray)) and not value.any()
        for variable, value in made
    )
    return not blank and turns.right(
        trial
    )  # zeros that were not written to are no output, they switch something off


def typed_in(turns, chosen, trial):
    """Whether only sizes are at stake, and they are right for the course's first image: sizes that someone typed in."""
    if any(isinstance(variable.value, (torch.Tensor, np.ndarray)) for variable, maker in chosen):
        return False
    first = Example(numbers((8, 8)), trial.kernel)
    turns(first)
    return turns.right(first)


def grouped(found, trial):
    """What may be replaced together, and by what: pairs of a list of Variables and a list of makers."""
    whole = {}
    for variable in found:
        if isinstance(variable.value, (int, np.integer)):
            whole.setdefault(int(variable.value), []).append(variable)
    others = [[variable] for variable in found if not isinstance(variable.value, (int, np.integer))]
    return [
        (group, makers)
        for group in others + list(whole.values())
        if (makers := makers_for(group[0].value, trial))
    ]


MAKERS = [
    lambda image, kernel: image.clone(),
    lambda image, kernel: kernel.clone(),
    lambda image, kernel: torch.zeros(size_of(image.shape, kernel.shape)),
    lambda image, kernel: image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1),
    lambda image, kernel: (
        image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1).flatten(2)
    ),
    lambda image, kernel: kernel.flatten(),
    lambda image, kernel: image.flatten(),
]
SIZES = [
    lambda image, kernel: tuple(image.shape),
    lambda image, kernel: size_of(image.shape, kernel.shape),
    lambda image, kernel: tuple(kernel.shape),
]
PLACES = [
    lambda image, kernel: places(*size_of(image.shape, kernel.shape)),
    lambda image, kernel: places(*kernel.shape),
    lambda image, kernel: places(*image.shape),
]
WHOLE = [
    lambda image, kernel: image.shape[0],
    lambda image, kernel: size_of(image.shape, kernel.shape)[0],
    lambda image, kernel: kernel.shape[0],
    lambda image, kernel: image.numel(),
    lambda image, kernel: size_of(image.shape, kernel.shape)[0] ** 2,
    lambda image, kernel: kernel.numel(),
]


def places(rows, columns):
    """All pairs of a row and a column."""
    return [(i, j) for i in range(rows) for j in range(columns)]


def makers_for(value, trial):
    """The makers of what `value` may be in the place of: an argument, part of it, its size or its positions."""
    if isinstance(value, (int, np.integer)):
        return WHOLE
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return [maker for maker in MAKERS if maker(*trial.before).ndim == value.ndim]
    if isinstance(value, range):
        return [lambda *arguments, maker=maker: range(maker(*arguments)) for maker in WHOLE]
    if not isinstance(value, (list, tuple)) or not value:
        return []
    if len(value) == 2 and all(isinstance(entry, kinds.Integral) for entry in value):
        return SIZES
    if all(isinstance(entry, tuple) and len(entry) == 2 for entry in value):
        return PLACES
    deep = 2 if isinstance(value[0], (list, tuple)) else 1
    return [maker for maker in MAKERS if maker(*trial.before).ndim == deep]


def alike(made, value):
    """What a maker made, in the kind of `value`."""
    if isinstance(value, np.ndarray):
        return made.numpy().astype(value.dtype)
    if isinstance(value, torch.Tensor):
        return made.to(value.dtype)
    if isinstance(made, torch.Tensor):
        return made.tolist()
    return type(value)(made) if isinstance(value, (list, tuple)) else made


def not_the_argument(turns, found, case):
    """The Diagnosis if an argument does not matter, and the numbers of a Variable do."""
    (image, kernel), other = case.before, other_numbers(case)
    usual = turns(case)
    ignored = [
        part
        for part, changed in (
            ("image", Example(other.image, kernel)),
            ("kernel", Example(image, other.kernel)),
        )
        if isinstance(usual, torch.Tensor) and same(usual, turns(changed))
    ]
    for variable in found if ignored else ():
        value = variable.value
        if (
            isinstance(value, torch.Tensor)
            and value.is_floating_point()
            and value.numel() >= WEIGHTS
        ):
            with variable.holding(numbers(value.shape).to(value.dtype)):
                now = turns(case)
            if isinstance(now, torch.Tensor) and not same(now, usual):
                return diagnosed(
                    "notebook-variable",
                    seen=say(
                        "memory",
                        "variable-not-argument",
                        variable=variable.name,
                        ignored=say("memory", "with-another-" + "-and-".join(ignored)),
                    ),
                )
    return None


def listed(names):
    """Names as a sentence lists them."""
    marked = [f"`{name}`" for name in names]
    return " and ".join(filter(None, (", ".join(marked[:-1]), marked[-1])))
