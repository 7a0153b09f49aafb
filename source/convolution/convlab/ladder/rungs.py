"""Owns the ladder: what is asked of conv2d, one small idea after the other, with few calls, and where it falls."""

import contextlib
import time
from dataclasses import dataclass

import torch

from .. import calling, checks
from ..mistakes import LibraryConvolution, Mistake, WrongDtype, WrongSize
from ..taps.questions import quiet
from .cases import bright, readable
from .results import copied
from .variables import other_variables

SECONDS, ALL_SECONDS = 2, 10  # for one call, and for the whole ladder
WIDE = (8, 12)  # no graded image is wide: a refusal is let pass, a wrong map is not
SMALL = [(5, 4)]  # the watch makes loops twenty times slower, so the rectangle is small there
QUICK = 0.0015  # up to this many seconds a call, the watch sees all graded sizes


class OutOfTime(Exception):
    """All calls together have taken too long."""


@dataclass
class Fall:
    """Where the ladder ended: the rung's name, the `mistake`, the `case` (Example) that shows it, what came back for it."""

    rung: str
    mistake: Mistake
    case: checks.Example
    result: object


class Climb:
    """One ascent of `conv2d`: the names of the rungs `passed`, and the Fall `fell`, or None if nothing is wrong.

    `results` holds the maps that were returned, by case, and `maps` copies of them, since a later call may write into a result;
    `now` is the case and result in question, `slowest` the seconds of the longest call, `late` whether time ran out.
    """

    def __init__(self, conv2d, seconds=SECONDS):
        self.conv2d, self.seconds, self.passed, self.fell, self.late = (
            conv2d,
            seconds,
            [],
            None,
            False,
        )
        self.first, self.results, self.maps, self.now, self.slowest = (
            readable(8, 8),
            {},
            {},
            (None, None),
            0.0,
        )
        self.impulses = [bright(8, 8, 5, 4), bright(12, 10, 3, 7)]
        self.deadline = time.perf_counter() + ALL_SECONDS

    def call(self, case):
        """Whatever `conv2d` returns for this case; a Mistake if it does not."""
        if time.perf_counter() > self.deadline:
            raise OutOfTime
        self.now, began = (case, None), time.perf_counter()
        self.now = case, checks.call(self.conv2d, case)
        self.slowest = max(self.slowest, time.perf_counter() - began)
        return self.now[1]

    def map(self, case):
        """The map of this case, for which it is called once; a Mistake if it is no float32 tensor of the right size."""
        if case not in self.maps:
            result = self.now[1] if self.now[0] is case else self.call(case)
            checks.is_float32_tensor(result, case)
            checks.has_size(result, case)
            self.results[case], self.maps[case] = result, result.detach().clone()
        self.now = case, self.maps[case]
        return self.maps[case]

    def values(self, case):
        """Raise WrongValue unless every number of this case's map is right."""
        checks.has_values(self.map(case), case)


def called(climb):
    """It can be called with an image and a kernel, and returns."""
    climb.call(climb.first)


def tensor(climb):
    """What it returns is a tensor."""
    found = checks.mistake_in(checks.is_float32_tensor, climb.now[1], climb.first)
    if found and not isinstance(found, WrongDtype):
        raise found


def float32(climb):
    """Its numbers are float32."""
    checks.is_float32_tensor(climb.now[1], climb.first)


def size(climb):
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


def window(climb):
    """The first output is right."""
    if checks.wrong_values(climb.map(climb.first), climb.first)[0, 0]:
        climb.values(climb.first)


def impulse(climb):
    """A single bright pixel shows up at the right outputs, whatever their values."""
    for case in climb.impulses:
        lit = climb.map(case).abs() > case.tolerance
        if not torch.equal(lit, case.target != 0):
            climb.values(case)


def weights(climb):
    """Round a bright pixel, each weight is where it should be."""
    for case in climb.impulses:
        climb.values(case)


def signed(climb):
    """All values are right, for numbers of many magnitudes and both signs, and for few, repeated ones."""
    for case in [
        climb.first,
        *climb.random,
        *(checks.example(*sides, few_values=True) for sides in checks.SIZES[:2]),
    ]:
        climb.values(case)


def arguments(climb):
    """No call so far has changed its image or its kernel."""
    for asked, came in climb.results.items():
        climb.now = asked, came
        checks.left_alone(asked)


def memory(climb):
    """Asked again, with other numbers in the same tensors or in the notebook's variables, it is right; maps stay as they were."""
    for asked, came in climb.results.items():
        climb.now = asked, came
        checks.kept(came, asked)
    results = list(climb.results.values())
    checks.are_new(results)
    case, *others = climb.random[: len(checks.SIZES)]
    results.append(again(climb, case, "it was called again with the same numbers"))
    stand_in = checks.example(5, 4)
    with other_variables(climb.conv2d, image=stand_in.image, kernel=stand_in.kernel):
        results.append(
            again(climb, case, "the notebook's variables `image` and `kernel` held something else")
        )
    for name in "kernel", "image":
        case.refill(name)
        results.append(again(climb, case, f"the same {name} tensor held new numbers"))
    for other in others:
        other.refill("kernel")
        other.refill("image")
        results.append(again(climb, other, "the same image and kernel tensors held new numbers"))
    checks.are_new(results)


def again(climb, case, what):
    """The result of one more call, right again now that `what`; SideEffect if it is not."""

    def recorded(image, kernel):
        climb.now = case, climb.conv2d(image, kernel)
        return climb.now[1]

    if time.perf_counter() > climb.deadline:
        raise OutOfTime
    climb.now = case, None
    return checks.right_again(recorded, case, what)


def from_scratch(climb):
    """No library's convolution is at work, and watched the function is right at one size at least."""
    watched = checks.from_scratch(climb.conv2d)
    quick = climb.slowest < QUICK
    sizes = checks.SIZES if quick else [(8, 8), *SMALL]
    found = [at_work(climb, watched, *sides) for sides in sizes]
    if not quick and any(found[1:]):
        found.append(at_work(climb, watched, 12, 10))
    if all(found):
        raise found[0]


def at_work(climb, watched, height, width):
    """The Mistake of a watched call at this size, or None; raised at once if a library did the work."""
    if time.perf_counter() > climb.deadline:
        raise OutOfTime
    case = checks.example(height, width)
    climb.now = case, None
    mistake = checks.mistake(watched, case)
    if isinstance(mistake, LibraryConvolution):
        raise mistake
    return mistake


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
}


def climb(conv2d, seconds=SECONDS):
    """Climb with `conv2d` from rung to rung up to the first that fails: a Climb, whatever it does; a call may take `seconds`."""
    ascent = Climb(conv2d, seconds)
    with quiet(), patient(conv2d, seconds):
        for name, rung in RUNGS.items():
            try:
                rung(ascent)
            except OutOfTime:
                ascent.late = True
                break
            except Mistake as mistake:
                ascent.fell = fall(name, mistake, ascent)
                break
            except Exception as error:  # a result may be a tensor of the learner's own kind, which fails when it is read
                ascent.fell = fall(name, calling.raised(error, ascent.now[0].name, ""), ascent)
                break
            ascent.passed.append(name)
    return ascent


def fall(name, mistake, ascent):
    """The Fall at this rung, with a copy of the map as it is now: later calls may write into it."""
    case, result = ascent.now
    with contextlib.suppress(Exception):
        result = copied(result)
    return Fall(name, mistake, case, result)


@contextlib.contextmanager
def patient(conv2d, seconds):
    """Wait for no call longer than `seconds`, and let the graded cells, which wait longer, not know of it."""
    usual, calling.SECONDS = calling.SECONDS, min(calling.SECONDS, seconds)
    known = id(conv2d) in calling.slow
    try:
        yield
    finally:
        calling.SECONDS = usual
        if not known:
            calling.slow.pop(id(conv2d), None)
