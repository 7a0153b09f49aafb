"""What is asked of conv2d, one small idea after the other, up to the first that fails."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from .. import calling, checks
from ..examples import Example, bright, readable
from ..mistakes import LibraryConvolution, Mistake, WrongDtype, WrongSize
from ..taps.questions import quiet
from .small_cases import copied

SECONDS, ALL_SECONDS = 2, 10  # for one call, and for the whole ladder
WIDE = (8, 12)  # no graded image is wide: a refusal is let pass, a wrong map is not
SMALL = [(5, 4)]  # slow functions are watched on a small rectangle
QUICK = 0.0015  # up to this many seconds a call, the watch sees all graded sizes
KERNELS = [(2, 3), (3, 2)]  # of which a function that takes one side for both refuses one
FURTHER = "any-kernel"  # the one rung that no graded cell asks


class OutOfTime(Exception):
    """All calls together have taken too long."""


@dataclass
class Fall:
    """Where the ladder ended: the name of the rung, the `mistake`, the `case` that shows it.

    `result` is what came back for the case.
    """

    rung: str
    mistake: Mistake
    case: Example
    result: Any


class Climb:
    """One ascent of `conv2d`, in which a call may take `seconds`.

    `passed` names the rungs that hold, `fell` is the Fall, None if nothing is wrong. `results`
    holds the maps that were returned, by case, and `maps` copies of them, since a later call may
    write into a result. `now` is the case and result in question, `slowest` the seconds of the
    longest call, `late` whether time ran out.
    """

    def __init__(self, conv2d: Callable[..., Any], seconds: float = SECONDS) -> None:
        self.conv2d, self.seconds = conv2d, seconds
        self.passed: list[str] = []
        self.fell: Fall | None = None
        self.late, self.slowest = False, 0.0
        self.first, self.impulses = readable(8, 8), [bright(8, 8, 5, 4), bright(12, 10, 3, 7)]
        self.random: list[Example] = []
        self.results: dict[Example, torch.Tensor] = {}
        self.maps: dict[Example, torch.Tensor] = {}
        self.now: tuple[Example, Any] = (self.first, None)
        self.deadline = time.perf_counter() + ALL_SECONDS

    def call(self, case: Example) -> Any:
        """Whatever `conv2d` returns for this case; a Mistake if it does not."""
        self.still_in_time()
        self.now, began = (case, None), time.perf_counter()
        self.now = case, checks.call(self.conv2d, case, self.seconds)
        self.slowest = max(self.slowest, time.perf_counter() - began)
        return self.now[1]

    def map(self, case: Example) -> torch.Tensor:
        """The map of this case, which is asked once; a Mistake if its type or size are wrong."""
        if case not in self.maps:
            has_one = self.now[0] is case and self.now[1] is not None
            result = self.now[1] if has_one else self.call(case)
            checks.is_float32_tensor(result, case)
            checks.has_size(result, case)
            self.results[case], self.maps[case] = result, result.detach().clone()
        self.now = case, self.maps[case]
        return self.maps[case]

    def values(self, case: Example) -> None:
        """Raise WrongValue unless every number of this case's map is right."""
        checks.has_values(self.map(case), case)

    def again(self, case: Example, when: str) -> torch.Tensor:
        """The map of one more call, right again after what is named `when`; else SideEffect."""
        self.still_in_time()
        self.now = case, None

        def recorded(image: torch.Tensor, kernel: torch.Tensor) -> Any:
            self.now = case, self.conv2d(image, kernel)
            return self.now[1]

        return checks.right_again(recorded, case, when, self.seconds)

    def watched(self, height: int, width: int) -> Mistake | None:
        """The Mistake of a watched call at this size; raised at once if a library did the work."""
        self.still_in_time()
        case = checks.example(height, width)
        self.now = case, None
        mistake = checks.mistake(checks.from_scratch(self.conv2d), case, self.seconds)
        if isinstance(mistake, LibraryConvolution):
            raise mistake
        return mistake

    def still_in_time(self) -> None:
        """Raise OutOfTime if all calls together have taken too long."""
        if time.perf_counter() > self.deadline:
            raise OutOfTime


def called(climb: Climb) -> None:
    """It can be called with an image and a kernel, and returns."""
    climb.call(climb.first)


def tensor(climb: Climb) -> None:
    """What it returns is a tensor."""
    found = checks.mistake_in(checks.is_float32_tensor, climb.now[1], climb.first)
    if found and not isinstance(found, WrongDtype):
        raise found


def float32(climb: Climb) -> None:
    """Its numbers are float32."""
    checks.is_float32_tensor(climb.now[1], climb.first)


def size(climb: Climb) -> None:
    """It has the right size, for square, tall and wide images."""
    climb.map(climb.first)
    climb.random = [checks.example(*sides) for sides in checks.SIZES]
    for case in climb.random:
        climb.map(case)
    wide = checks.example(*WIDE)
    found = checks.mistake_in(climb.map, wide)
    if isinstance(found, WrongSize):
        raise found
    if not found:
        climb.random.append(wide)


def window(climb: Climb) -> None:
    """The first output is right."""
    if checks.wrong_values(climb.map(climb.first), climb.first)[0, 0]:
        climb.values(climb.first)


def impulse(climb: Climb) -> None:
    """A single bright pixel shows up at the right outputs, whatever their values."""
    for case in climb.impulses:
        lit = climb.map(case).abs() > case.tolerance
        if not torch.equal(lit, case.target != 0):
            climb.values(case)


def weights(climb: Climb) -> None:
    """Round a bright pixel, each weight is where it should be."""
    for case in climb.impulses:
        climb.values(case)


def signed(climb: Climb) -> None:
    """All values are right, of many magnitudes and both signs, and of few, repeated ones."""
    few = [checks.example(*sides, few_values=True) for sides in checks.SIZES[:2]]
    for case in [climb.first, *climb.random, *few]:
        climb.values(case)


def arguments(climb: Climb) -> None:
    """No call so far has changed its image or its kernel."""
    for asked, came in climb.results.items():
        climb.now = asked, came
        checks.left_alone(asked)


def memory(climb: Climb) -> None:
    """Asked again it is right, whatever was changed in between, and maps stay as they were.

    Other numbers are in the same tensors, or in the notebook's variables.
    """
    for asked, came in climb.results.items():
        climb.now = asked, came
        checks.kept(came, asked)
    results = list(climb.results.values())
    checks.are_new(results)
    case, *others = climb.random[: len(checks.SIZES)]
    results.append(climb.again(case, "same-numbers"))
    image, kernel = checks.other_variables()
    with variables_replaced(climb.conv2d, image=image, kernel=kernel):
        results.append(climb.again(case, "other-variables"))
    for part in "kernel", "image":
        case.refill(part)
        results.append(climb.again(case, f"refilled-{part}"))
    for other in others:
        other.refill("kernel")
        other.refill("image")
        results.append(climb.again(other, "refilled-both"))
    checks.are_new(results)


def from_scratch(climb: Climb) -> None:
    """No library's convolution is at work, and watched it is right at one size at least."""
    quick = climb.slowest < QUICK
    sizes = checks.SIZES if quick else [(8, 8), *SMALL]
    found = [climb.watched(*sides) for sides in sizes]
    if not quick and any(found[1:]):
        found.append(climb.watched(12, 10))
    if found[0] and all(found):
        raise found[0]


def any_kernel(climb: Climb) -> None:
    """It is right for kernels of other sizes than 3×3, which are not square."""
    for sides, kernel_size in zip(checks.SIZES, KERNELS, strict=False):
        climb.values(readable(*sides, kernel_size=kernel_size))


RUNGS = {
    "called": called,
    "tensor": tensor,
    "float32": float32,
    "size": size,
    "window": window,
    "impulse": impulse,
    "weights": weights,
    "signed": signed,
    "arguments": arguments,
    "memory": memory,
    "from-scratch": from_scratch,
    FURTHER: any_kernel,
}


def climb(conv2d: Callable[..., Any], seconds: float = SECONDS) -> Climb:
    """Climb with `conv2d` up to the first rung that fails: a Climb, whatever the function does.

    A call may take `seconds`.
    """
    ascent = Climb(conv2d, seconds)
    with quiet():
        for name, rung in RUNGS.items():
            try:
                rung(ascent)
            except OutOfTime:
                ascent.late = True
                break
            except Mistake as mistake:
                ascent.fell = fall(name, mistake, ascent)
                break
            except (
                Exception
            ) as error:  # a tensor of the learner's own kind may fail when it is read
                ascent.fell = fall(name, calling.raised(error, ascent.now[0].name), ascent)
                break
            ascent.passed.append(name)
    return ascent


def fall(name: str, mistake: Mistake, ascent: Climb) -> Fall:
    """The Fall at this rung, with a copy of the map: later calls may write into it."""
    case, result = ascent.now
    with contextlib.suppress(Exception):
        result = copied(result)
    return Fall(name, mistake, case, result)


@contextlib.contextmanager
def variables_replaced(conv2d: Callable[..., Any], **values: torch.Tensor) -> Iterator[None]:
    """Let the notebook's variables of these names hold these tensors, where they hold tensors.

    Only the names that the lesson itself uses are meant to be given: a tensor that the learner made
    for the function to read is part of their answer.
    """
    spaces = [
        space
        for space in (getattr(conv2d, "__globals__", None), vars(sys.modules["__main__"]))
        if isinstance(space, dict)
    ]
    held = [
        (space, name, space[name])
        for space in spaces
        for name in values
        if isinstance(space.get(name), torch.Tensor)
    ]
    for space, name, _ in held:
        space[name] = values[name]
    try:
        yield
    finally:
        for space, name, value in held:
            space[name] = value
