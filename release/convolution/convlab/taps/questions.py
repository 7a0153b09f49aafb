"""Calls of a learner's function, one by one: counted and timed, their output unseen, each answered
by a table of numbers.
"""

import contextlib
import io
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import torch

from .. import calling, checks
from ..examples import Example
from ..messages import Message, message
from ..mistakes import Mistake, TooSlow, WrongDtype
from ..printing import number, size
from .sums import Departed, Departure

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
    """There is no time, or no room, for so many calls; the `reason` is a part of a sentence."""

    def __init__(self, reason: str, **facts: Any) -> None:
        self.reason = message("taps", f"reason.{reason}", **facts)
        super().__init__(self.reason)


class OneCall(Example):
    """A call whose numbers do not matter: an Example of these sizes, called `told` in messages."""

    def __init__(
        self, told: Message, image_size: tuple[int, int], kernel_size: tuple[int, int]
    ) -> None:
        super().__init__(torch.zeros(image_size), torch.zeros(kernel_size))
        self.told = told

    @property
    def name(self) -> Message:
        """How messages call this call."""
        return self.told


class Questions:
    """Calls the learner's function on fresh copies, counts the calls, and takes only tables of
    numbers for an answer.

    `cost` is how many seconds a call takes, `lasted` how many the last one took, `turn` and
    `deadline` are when to turn to a smaller image and when to give up, in seconds of
    time.perf_counter.
    """

    began: float
    cost: float
    lasted: float
    turn: float
    deadline: float

    def __init__(
        self,
        conv2d: Callable[..., Any],
        image_size: tuple[int, int],
        kernel_size: tuple[int, int],
    ) -> None:
        self.conv2d, self.kernel_size, self.calls = conv2d, kernel_size, 0
        self.turn_to(image_size)

    def turn_to(self, image_size: tuple[int, int]) -> None:
        """Ask about images of this size from now on."""
        self.image_size, self.which = image_size, "plain"
        self.pixel: tuple[int, int] | None = None
        self.map_size: torch.Size | None = None

    def open(self, case: Example) -> torch.Tensor:
        """The map of the first call; where there is none, the Mistake is that of the checks."""
        self.calls, self.began = 1, time.perf_counter()
        image, kernel = (tensor.clone() for tensor in case.before)
        result = calling.call(self.conv2d, image, kernel, self.name)
        self.cost = time.perf_counter() - self.began
        return self.guarded(lambda: result)

    def __call__(
        self,
        image: torch.Tensor,
        kernel: torch.Tensor,
        which: str = "plain",
        pixel: tuple[int, int] | None = None,
    ) -> torch.Tensor:
        """The map of a copy of `image` and `kernel`.

        `which` ("plain", "zeros", or "pixel" with the place of the bright `pixel`) tells in an
        error message which image it was.
        """
        if time.perf_counter() > self.turn:
            raise TooMany("calls", count=self.calls)
        if (
            time.perf_counter() > self.deadline
        ):  # where no alarm rings, or the function swallowed it
            raise calling.TimeIsUp
        self.calls, self.began = self.calls + 1, time.perf_counter()
        self.which, self.pixel = which, pixel
        result = self.guarded(lambda: self.conv2d(image.clone(), kernel.clone()))
        self.lasted = time.perf_counter() - self.began
        return result

    def guarded(self, answer: Callable[[], Any]) -> torch.Tensor:
        """The map that `answer()` gives, in float64 and apart from what the function may keep; a
        Mistake if none comes.
        """
        try:
            return self.numbers(answer())
        except (KeyboardInterrupt, Mistake, Departed, calling.TimeIsUp):
            raise
        except BaseException as error:
            raise calling.raised(error, self.name) from error

    @property
    def name(self) -> Message:
        """How messages call the present call."""
        facts: dict[str, Any] = {"image": size(self.image_size), "kernel": size(self.kernel_size)}
        if self.which == "pixel":
            facts["pixel"] = self.pixel
        return message("taps", f"call.{self.which}", **facts)

    @property
    def pixels(self) -> int:
        """How many pixels an image has."""
        return self.image_size[0] * self.image_size[1]

    def numbers(self, result: Any) -> torch.Tensor:
        """A copy of `result` in float64, apart from any gradient; a Mistake if it is no table of
        real numbers.
        """
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
            sizes = {"came": size(result.shape), "expected": size(self.map_size)}
            told = message("taps", "unsteady.size", **sizes)
            raise Departed(Departure((told,), [], None, None))
        self.map_size = result.shape
        return result.detach().to(torch.float64, copy=True)

    def refuse(self, result: Any) -> None:
        """Raise the Mistake that the checks have for this `result`."""
        case = OneCall(self.name, self.image_size, self.kernel_size)
        try:
            checks.is_float32_tensor(result, case)
        except WrongDtype:
            if result.dtype not in REAL:
                raise
        checks.has_size(result, case)

    def limit(self, seconds: float) -> float:
        """Plan for so many seconds from now; return the limit on all calls, which leaves time to
        turn to a smaller image.
        """
        self.turn = time.perf_counter() + seconds
        self.deadline = self.turn + RESERVE * seconds
        return seconds + RESERVE * seconds

    def fit(self, calls: int, products: int = 0, reason: str = "time") -> None:
        """Raise TooMany for this reason if there is no time for so many calls, or no room for so
        many products.
        """
        if products > ROOM:
            raise TooMany("pixels", size=size(self.image_size))
        if calls * self.cost > SHARE * (self.turn - time.perf_counter()):
            raise TooMany(reason, time=lasting(self.cost), count=calls)

    def given_up(self, seconds: float) -> TooSlow:
        """The Mistake when the time for all calls, so many seconds, is up."""
        lasted = time.perf_counter() - self.began
        if lasted > calling.SECONDS / calling.IMPATIENT:
            calling.remember(self.conv2d)
        if lasted > seconds / 2 and lasted < 3 * self.cost:
            return TooSlow(message("taps", "too-slow.one-call", time=lasting(self.cost)))
        if lasted > seconds / 2:
            times = {"lasted": lasting(lasted), "time": lasting(self.cost)}
            return TooSlow(message("taps", "too-slow.endless", call=self.name, **times))
        facts = {"time": lasting(seconds), "count": self.calls}
        return TooSlow(message("taps", "too-slow.given-up", **facts))


def lasting(seconds: float) -> str:
    """A time as messages print it."""
    return (
        f"{number(round(seconds, 1))} s"
        if seconds >= 0.9995
        else f"{seconds * 1000:.{0 if seconds > 0.01 else 1}f} ms"
    )


class Nowhere(io.TextIOBase):
    """A stream that keeps nothing, and stays open for whoever took hold of it."""

    def write(self, text: str) -> int:
        """Take `text` for written."""
        return len(text)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Let nothing be seen of what a function prints, logs or warns of."""
    with (
        contextlib.redirect_stdout(Nowhere()),
        calling.warnings_to_stdout(),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield
