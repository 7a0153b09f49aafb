"""What a function gives by chance: random numbers, and memory that was handed out uninitialised."""

import contextlib
import random
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from ...examples import Example
from ...messages import message
from ..calls import CallSequence, difference, other_numbers, same
from ..result import Diagnosis, diagnosed
from .variables import Variable, all_holding, namespace_of

EMPTY = {
    "empty",
    "empty_like",
    "new_empty",
    "empty_strided",
    "new_empty_strided",
    "empty_permuted",
}
# names in code that may hand out uninitialised memory
UNINITIALISED = EMPTY | {"Tensor", "FloatTensor", "DoubleTensor", "new"}
NEVER_WRITTEN = {
    "last-row-missing": (slice(-1, None), slice(0)),
    "last-column-missing": (slice(0), slice(-1, None)),
    "last-row-and-column-missing": (slice(-1, None), slice(-1, None)),
    "first-row-missing": (slice(1), slice(0)),
    "first-column-missing": (slice(0), slice(1)),
    "first-row-and-column-missing": (slice(1), slice(1)),
}


@contextlib.contextmanager
def random_state_kept() -> Iterator[None]:
    """Let all random numbers after the block be those that would have come without it."""
    before = torch.get_rng_state(), np.random.get_state(), random.getstate()
    try:
        yield
    finally:
        torch.set_rng_state(before[0])
        np.random.set_state(before[1])
        random.setstate(before[2])


def seed_all() -> None:
    """Let the random numbers of torch, numpy and Python begin anew, always in the same way."""
    torch.manual_seed(0)
    np.random.seed(0)
    random.seed(0)


def copied(generator: Any) -> Any:
    """A generator of random numbers that goes on as this one would."""
    if isinstance(generator, torch.Generator):
        copy = torch.Generator(generator.device)
        copy.set_state(generator.get_state())
        return copy
    return deepcopy(generator)


def is_random(sequence: CallSequence, case: Example, generators: Sequence[Variable]) -> bool:
    """Whether the answers on `case` are alike once all random numbers begin anew.

    Another call between must make no difference. `generators` are those that the function reads.
    """
    starts = [(variable, copied(variable.value)) for variable in generators]

    def from_the_start() -> Any:
        seed_all()
        with all_holding((variable, copied(value)) for variable, value in starts):
            return sequence(case)

    first = from_the_start()
    height, width = case.before[0].shape
    sequence(other_numbers(case, (height + 1, width + 2)), other_numbers(case))
    return isinstance(first, torch.Tensor) and same(first, from_the_start())


def different_each_time(sequence: CallSequence, case: Example) -> Diagnosis | None:
    """The Diagnosis of a map that is another one each time, as three more calls show."""
    maps = [sequence(case) for _ in range(3)]
    pairs = (maps[0], maps[1]), (maps[1], maps[2]), (maps[0], maps[2])
    if not all(isinstance(values, torch.Tensor) for values in maps):
        return None
    if any(same(*pair) for pair in pairs):
        return None
    return diagnosed("random", **difference(*maps[:2]))


def maps_by_memory(
    sequence: CallSequence, case: Example
) -> tuple[torch.Tensor, torch.Tensor] | None:
    """The maps of `case` if uninitialised memory holds 0 everywhere, and if it holds 1.

    None if they are the same, or if something else than that memory makes them differ.
    """

    def beginning_with(value: int) -> Any:
        seed_all()
        with memory_filled(value, namespace_of(sequence.asked.conv2d)):
            return sequence(case)

    zeros, ones = beginning_with(0), beginning_with(1)
    if not (isinstance(zeros, torch.Tensor) and isinstance(ones, torch.Tensor)):
        return None
    if same(zeros, ones) or not same(zeros, beginning_with(0)):
        return None
    return zeros, ones


def of_memory(zeros: torch.Tensor, ones: torch.Tensor, case: Example) -> Diagnosis | None:
    """The Diagnosis of a function with these two `maps_by_memory`.

    Either it adds to what stands there, or it is right but for a row or column left as it was.
    """
    if zeros.shape != ones.shape or zeros.ndim != 2 or not zeros.numel():
        return None
    untouched, more = (zeros == 0) & (ones == 1), ones - zeros
    if same(more, more[0, 0].expand_as(more)) and not untouched.all():
        differs = difference(zeros, ones)
        return diagnosed("starts-not-at-zero", "memory", hints_key="hints-memory", **differs)
    if zeros.shape != case.target.shape:
        return None
    names = [name for name in NEVER_WRITTEN if torch.equal(untouched, marked(name, zeros.shape))]
    if names and same(zeros.where(~untouched, case.target), case.target):
        cells = message("state", f"memory-left.{names[0]}")
        return Diagnosis((names[0],), (message("state", "memory-left", cells=cells),))
    return None


def marked(name: str, shape: torch.Size) -> torch.Tensor:
    """A boolean table of `shape` that is True in the rows and columns of this name."""
    rows, columns = NEVER_WRITTEN[name]
    table = torch.zeros(shape, dtype=torch.bool)
    table[rows] = True
    table[:, columns] = True
    return table


class MemoryFilled(TorchDispatchMode):
    """Writes `value` into all memory that torch hands out uninitialised."""

    def __init__(self, value: int) -> None:
        super().__init__()
        self.value = value


def dispatch(
    mode: MemoryFilled, operation: Any, types: Any, args: Any = (), kwargs: Any = None
) -> Any:
    """Let the operation run, then fill the memory that it handed out uninitialised."""
    result = operation(*args, **(kwargs or {}))
    if operation.__name__.split(".")[0] in EMPTY:
        result.fill_(mode.value)
    return result


# set afterwards: inside the class, torch would load its compiler, about a second, to wrap it
MemoryFilled.__torch_dispatch__ = dispatch  # type: ignore[assignment]


@contextlib.contextmanager
def memory_filled(value: int, namespace: dict[str, Any]) -> Iterator[None]:
    """Let memory that torch and numpy hand out uninitialised hold `value` everywhere.

    `namespace` is where the function finds its global names, which may be numpy's functions.
    """

    def filling(make: Callable) -> Callable:
        def made(*arguments: Any, **options: Any) -> np.ndarray:
            array = make(*arguments, **options)
            if array.dtype.kind in "biufc":
                array.fill(value)
            return array

        return made

    makers = {name: getattr(np, name) for name in ("empty", "empty_like")}
    own = [
        (namespace, name, make)
        for make in makers.values()
        for name, there in list(namespace.items())
        if there is make
    ]
    places = [*((vars(np), name, make) for name, make in makers.items()), *own]
    for space, name, make in places:
        space[name] = filling(make)
    try:
        with MemoryFilled(value):
            yield
    finally:
        for space, name, make in places:
            space[name] = make
