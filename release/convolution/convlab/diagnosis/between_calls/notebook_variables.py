"""Variables of the notebook that a wrong answer reads in place of its arguments.

They are found by experiment: with other values in them, the map is right, or follows them.
"""

import itertools
import numbers
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from ...examples import Example
from ...oracle import size_of
from ..arithmetic.models import patches
from ..calls import CallSequence, new_numbers, other_numbers, same
from ..result import Diagnosis, diagnosed
from .variables import CACHED, Variable, all_holding

TRIALS = 60
WEIGHTS = 4  # fewer numbers are no image and no kernel
FIRST_IMAGE = (8, 8)  # the size of the course's first image

Maker = Callable[..., Any]  # makes a value from an image (H, W) and a kernel (M, N)
Choice = list[tuple[Variable, Maker]]


def explain(sequence: CallSequence, found: list[Variable], case: Example) -> Diagnosis | None:
    """The Diagnosis of a function that reads `found` Variables where its arguments belong."""
    read = [
        variable for variable in found if not isinstance(variable.value, (bool, type(None), CACHED))
    ]
    if not read:
        return None
    return made_right(sequence, read, case) or not_the_argument(sequence, read, case)


def made_right(sequence: CallSequence, found: list[Variable], case: Example) -> Diagnosis | None:
    """The Diagnosis if the map becomes right, twice, with other values in some of these Variables.

    The values are made from the image and kernel of the call.
    """
    trials = [square(case), square(case)]
    groups = grouped(found, trials[0])
    for chosen in itertools.islice(choices(groups), TRIALS):
        if not all(right_with(sequence, chosen, trial) for trial in trials):
            continue
        if typed_in(sequence, chosen, trials[0]):
            continue
        always = right_with(sequence, chosen, other_numbers(case))
        names = [f"`{variable.name}`" for variable, _ in chosen]
        facts: dict[str, Any] = {"names": names, "count": len(names)}
        part = "made-right" if always else "made-right-if-square"
        return diagnosed("notebook-variable", part, **facts)
    return None


def choices(groups: list[tuple[list[Variable], list[Maker]]]) -> Iterator[Choice]:
    """What to replace, and by what is made from image and kernel: few groups first."""
    for count in range(1, len(groups) + 1):
        for some in itertools.combinations(groups, count):
            for makers in itertools.product(*(makers for _, makers in some)):
                yield [
                    (variable, maker)
                    for (variables, _), maker in zip(some, makers, strict=True)
                    for variable in variables
                ]


def square(case: Example) -> Example:
    """New numbers for a square image, so that there are fewer sizes to be told apart."""
    side = max(case.before[0].shape)
    return other_numbers(case, (side, side))


def right_with(sequence: CallSequence, chosen: Choice, trial: Example) -> bool:
    """Whether the map of `trial` is right while each Variable holds what its maker makes."""
    try:
        made = [
            (variable, alike(maker(*trial.before), variable.value)) for variable, maker in chosen
        ]
    except (TypeError, ValueError, RuntimeError):  # a class of its own that is not made so
        return False
    with all_holding(made):
        sequence(trial)
    # zeros that were not written to are no output, they switch something off
    still_blank = any(
        isinstance(value, (torch.Tensor, np.ndarray)) and not value.any() for _, value in made
    )
    return not still_blank and sequence.right(trial)


def typed_in(sequence: CallSequence, chosen: Choice, trial: Example) -> bool:
    """Whether only sizes are read, and they are right for the first image: typed in by somebody."""
    if any(isinstance(variable.value, (torch.Tensor, np.ndarray)) for variable, _ in chosen):
        return False
    first = Example(new_numbers(FIRST_IMAGE), trial.kernel)
    sequence(first)
    return sequence.right(first)


def grouped(found: list[Variable], trial: Example) -> list[tuple[list[Variable], list[Maker]]]:
    """What may be replaced together, and by what: whole numbers that are equal, or one Variable."""
    whole: dict[int, list[Variable]] = {}
    for variable in found:
        if isinstance(variable.value, (int, np.integer)):
            whole.setdefault(int(variable.value), []).append(variable)
    others = [[variable] for variable in found if not isinstance(variable.value, (int, np.integer))]
    return [
        (group, makers)
        for group in [*others, *whole.values()]
        if (makers := makers_for(group[0].value, trial))
    ]


def positions(rows: int, columns: int) -> list[tuple[int, int]]:
    """All pairs of a row and a column."""
    return [(i, j) for i in range(rows) for j in range(columns)]


TENSORS: list[Maker] = [
    lambda image, kernel: image.clone(),
    lambda image, kernel: kernel.clone(),
    lambda image, kernel: torch.zeros(size_of(image.shape, kernel.shape)),
    lambda image, kernel: patches(image, kernel.shape),
    lambda image, kernel: patches(image, kernel.shape).flatten(2),
    lambda image, kernel: kernel.flatten(),
    lambda image, kernel: image.flatten(),
]
SIZES: list[Maker] = [
    lambda image, kernel: tuple(image.shape),
    lambda image, kernel: size_of(image.shape, kernel.shape),
    lambda image, kernel: tuple(kernel.shape),
]
POSITIONS: list[Maker] = [
    lambda image, kernel: positions(*size_of(image.shape, kernel.shape)),
    lambda image, kernel: positions(*kernel.shape),
    lambda image, kernel: positions(*image.shape),
]
WHOLE_NUMBERS: list[Maker] = [
    lambda image, kernel: image.shape[0],
    lambda image, kernel: size_of(image.shape, kernel.shape)[0],
    lambda image, kernel: kernel.shape[0],
    lambda image, kernel: image.numel(),
    lambda image, kernel: size_of(image.shape, kernel.shape)[0] ** 2,
    lambda image, kernel: kernel.numel(),
]


def makers_for(value: Any, trial: Example) -> list[Maker]:
    """The makers of what `value` may be: an argument, part of it, its size or its positions."""
    if isinstance(value, (int, np.integer)):
        return WHOLE_NUMBERS
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return [maker for maker in TENSORS if maker(*trial.before).ndim == value.ndim]
    if isinstance(value, range):
        return [lambda *arguments, maker=maker: range(maker(*arguments)) for maker in WHOLE_NUMBERS]
    if not isinstance(value, (list, tuple)) or not value:
        return []
    if len(value) == 2 and all(isinstance(entry, numbers.Integral) for entry in value):
        return SIZES
    if all(isinstance(entry, tuple) and len(entry) == 2 for entry in value):
        return POSITIONS
    depth = 2 if isinstance(value[0], (list, tuple)) else 1
    return [maker for maker in TENSORS if maker(*trial.before).ndim == depth]


def alike(made: Any, value: Any) -> Any:
    """What a maker made, as the kind of thing that `value` is."""
    if isinstance(value, np.ndarray):
        return made.numpy().astype(value.dtype)
    if isinstance(value, torch.Tensor):
        return made.to(value.dtype)
    if isinstance(made, torch.Tensor):
        return made.tolist()
    return type(value)(made) if isinstance(value, (list, tuple)) else made


def not_the_argument(
    sequence: CallSequence, found: list[Variable], case: Example
) -> Diagnosis | None:
    """The Diagnosis if an argument makes no difference, and the numbers of a Variable do."""
    (image, kernel), other = case.before, other_numbers(case)
    usual = sequence(case)
    changed = {"image": Example(other.image, kernel), "kernel": Example(image, other.kernel)}
    ignored = [
        part
        for part, example in changed.items()
        if isinstance(usual, torch.Tensor) and same(usual, sequence(example))
    ]
    for variable in found if ignored else ():
        value = variable.value
        if (
            not isinstance(value, torch.Tensor)
            or not value.is_floating_point()
            or value.numel() < WEIGHTS
        ):
            continue
        with variable.holding(new_numbers(value.shape).to(value.dtype)):
            now = sequence(case)
        if isinstance(now, torch.Tensor) and not same(now, usual):
            part = ignored[0] if len(ignored) == 1 else "both"
            return diagnosed("notebook-variable", f"{part}-ignored", variable=variable.name)
    return None
