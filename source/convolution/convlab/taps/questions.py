"""Owns asking a function for many maps: calls counted and timed, output unseen, no answer taken but tables of numbers."""

import contextlib
import io
import time
import warnings
from types import SimpleNamespace

import torch

from .. import calling, checks, oracle
from ..mistakes import Mistake, TooSlow, WrongDtype
from ..printing import number, size
from .departure import Departed, Departure

SHARE = 0.8  # of the time that may be planned for, since calls do not all take equally long
RESERVE = 0.5  # of the time, for a smaller image if the calls take longer than planned
ROOM = 2_000_000  # coefficients, 16 MB
REAL = {
    torch.float16,
    torch.bfloat16,
    torch.float32,
    torch.float64,
    torch.uint8,
    torch.int8,
    torch.int16,
    torch.int32,
    torch.int64,
}


class TooMany(Exception):
    """There is no time, or no room, for so many calls."""


class Questions:
    """Calls the learner's function on fresh copies, counts the calls, and takes only tables of numbers for an answer."""

    def __init__(self, conv2d, image_size, kernel_size):
        self.conv2d, self.kernel_size, self.calls = conv2d, kernel_size, 0
        self.turn_to(image_size)

    def turn_to(self, image_size):
        """Ask about images of this size from now on."""
        self.image_size, self.map_size, self.which = image_size, None, ""

    def open(self, case):
        """The first map of all; where there is none, the Mistake is the one that the checks give."""
        self.calls, self.began = 1, time.perf_counter()
        result = calling.call(self.conv2d, *(tensor.clone() for tensor in case.before), self.name)
        self.cost = time.perf_counter() - self.began
        return self.guarded(lambda: result)

    def __call__(self, image, kernel, which=""):
        """The map of a copy of `image` and `kernel`; `which` tells in an error message which image it was."""
        if time.perf_counter() > self.turn:
            raise TooMany(f"{self.calls} calls took longer than they should have")
        if (
            time.perf_counter() > self.deadline
        ):  # where no alarm rings, or the function swallowed it
            raise calling.TimeIsUp
        self.calls, self.which, self.began = self.calls + 1, which, time.perf_counter()
        result = self.guarded(lambda: self.conv2d(image.clone(), kernel.clone()))
        self.lasted = time.perf_counter() - self.began
        return result

    def guarded(self, answer):
        """The map that `answer()` gives, in float64 and apart from what the function may keep; a Mistake if none comes."""
        try:
            return self.numbers(answer())
        except (KeyboardInterrupt, Mistake, Departed, calling.TimeIsUp):
            raise
        except BaseException as error:
            raise calling.raised(error, self.name, "") from error

    @property
    def name(self):
        """How messages call the present call."""
        return f"conv2d(image {size(self.image_size)}{self.which}, kernel {size(self.kernel_size)})"

    @property
    def pixels(self):
        """How many pixels an image has."""
        return self.image_size[0] * self.image_size[1]

    def numbers(self, result):
        """A copy of `result` in float64, apart from any gradient; a Mistake if it is no table of real numbers."""
        if not (
            isinstance(result, torch.Tensor)
            and result.layout is torch.strided
            and result.device.type == "cpu"
            and result.dtype in REAL
            and result.ndim == 2
            and 0 < result.numel() <= 16 * self.pixels
        ):
            self.refuse(result)
        if self.map_size not in (None, result.shape):
            raise Departed(
                Departure(
                    f"The size of the map changes from call to call: first it was {size(self.map_size)}, "
                    f"then {size(result.shape)}.",
                    [],
                    None,
                    None,
                )
            )
        self.map_size = result.shape
        return result.detach().to(torch.float64, copy=True)

    def refuse(self, result):
        """Raise the Mistake that the checks have for this `result`."""
        blank = torch.zeros(self.image_size), torch.zeros(self.kernel_size)
        case = SimpleNamespace(
            name=self.name, again="", before=blank, target=oracle.feature_map(*blank)
        )
        try:
            checks.is_float32_tensor(result, case)
        except WrongDtype:
            if result.dtype not in REAL:
                raise
        checks.has_size(result, case)

    def limit(self, seconds):
        """Plan for so many seconds from now; return the limit on all calls, which leaves time to turn to a smaller image."""
        self.turn = time.perf_counter() + seconds
        self.deadline = self.turn + RESERVE * seconds
        return seconds + RESERVE * seconds

    def fit(self, calls, products=0, reason=""):
        """Raise TooMany if there is no time for so many calls, or no room for so many products."""
        if products > ROOM:
            raise TooMany(f"one of {size(self.image_size)} has too many pixels to try each")
        if calls * self.cost > SHARE * (self.turn - time.perf_counter()):
            raise TooMany(
                f"{reason}one call takes {lasting(self.cost)}, and {calls} of them would take too long"
            )

    def given_up(self, seconds):
        """The Mistake when the time for all calls is up."""
        lasted = time.perf_counter() - self.began
        if lasted > calling.SECONDS / calling.IMPATIENT:
            calling.remember(self.conv2d)
        if lasted > seconds / 2 and lasted < 3 * self.cost:
            return TooSlow(
                f"One call of conv2d takes {lasting(self.cost)}: too slow for an X-ray, which needs many."
            )
        if lasted > seconds / 2:
            return TooSlow(
                f"{self.name} had not returned after {lasting(lasted)}, where another call took "
                f"{lasting(self.cost)}.\nLook at what ends each of your loops."
            )
        return TooSlow(
            f"The X-ray was given up after {lasting(seconds)} and {self.calls} calls of conv2d: "
            "there was no time for more."
        )


def lasting(seconds):
    """A time as messages print it."""
    return (
        f"{number(round(seconds, 1))} s"
        if seconds >= 0.9995
        else f"{seconds * 1000:.{0 if seconds > 0.01 else 1}f} ms"
    )


class Nowhere(io.TextIOBase):
    """A stream that keeps nothing, and stays open for whoever took hold of it."""

    def write(self, text):
        """Take `text` for written."""
        return len(text)


@contextlib.contextmanager
def quiet():
    """Let nothing be seen of what a function prints, logs or warns of."""
    with (
        contextlib.redirect_stdout(Nowhere()),
        calling.warnings_to_stdout(),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield
