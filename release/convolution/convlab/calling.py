"""Calls the learner's function: its warnings kept off stderr, its time limited, its errors told."""

import contextlib
import linecache
import signal
import sys
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import torch

from .messages import Message, message
from .mistakes import Mistake, NotImplementedYet, Raised, TooSlow

SECONDS = 5
STUB = "still to be written"  # a part of the sentence in the stub's NotImplementedError
LONGEST = 300  # characters of a line of code that comes from another process
SHORT = 200  # characters of an error's message that are told
IMPORTING = 5  # times the usual time may pass while a module is loaded, which takes long only once
IMPATIENT = 10  # so that a class does not wait for one student's loops again and again
slow: weakref.WeakValueDictionary[int, Any] = (
    weakref.WeakValueDictionary()
)  # by identity, since a function may be an object that equals what it likes


@contextlib.contextmanager
def warnings_to_stdout() -> Iterator[None]:
    """Send what the call writes to stderr to stdout, since nbgrader gives 0 points for stderr.

    The stream object itself is turned too, for loggers and others that took hold of it earlier.
    """
    stream = sys.stderr
    with contextlib.suppress(AttributeError):  # some streams cannot be turned
        stream.write = sys.stdout.write  # type: ignore[method-assign]
    try:
        with contextlib.redirect_stderr(sys.stdout):
            yield
    finally:
        with contextlib.suppress(AttributeError):
            del stream.write


class TimeIsUp(BaseException):
    """Ends a call; no Exception, so that a learner's `except Exception` does not keep it alive."""


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TimeIsUp in the caller every `seconds`, and at the end if the caller swallowed it.

    It is put off, IMPORTING times at most, while the block loads a module. Without effect on
    Windows and outside the main thread.
    """
    rung: list[bool] = []
    put_off: list[bool] = []
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    def ring(signum: int, frame: types.FrameType | None) -> None:
        if len(put_off) < IMPORTING and is_importing(frame):
            put_off.append(True)
            return
        rung.append(True)
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    if rung:
        raise TimeIsUp


def is_importing(frame: types.FrameType | None) -> bool:
    """Whether this frame is within the import of a module."""
    while frame is not None:
        if frame.f_globals.get("__name__") == "importlib._bootstrap":
            return True
        frame = frame.f_back
    return False


def call(
    conv2d: Callable[..., Any],
    image: torch.Tensor,
    kernel: torch.Tensor,
    name: str | Message,
    again: Message | None = None,
    seconds: float | None = None,
) -> Any:
    """Whatever `conv2d(image, kernel)` returns; a Mistake that says what went wrong if nothing.

    `name` is how messages call this call ("conv2d(image 8×8, kernel 3×3)"), `again` how to repeat
    it. It is given `seconds`, or less; without them the usual time, and a function that takes
    longer is remembered as slow.
    """
    __tracebackhide__ = True
    limit = patience(conv2d, seconds)
    try:
        with warnings_to_stdout(), at_most(limit):
            return conv2d(image, kernel)
    except NotImplementedError as error:
        if said(error) and STUB not in said(error):
            raise raised(error, name, again) from error
        raise NotImplementedYet(message("mistakes", "stub")) from error
    except TimeIsUp as error:
        if seconds is None:
            remember(conv2d)
        facts = {"call": name, "seconds": f"{limit:g}"}
        raise TooSlow(
            message("mistakes", "too-slow", **facts), message("mistakes", "too-slow.look"), again
        ) from error
    except (KeyboardInterrupt, Mistake):
        raise
    except BaseException as error:
        raise raised(error, name, again) from error


def raised(error: BaseException, name: str | Message, again: Message | None = None) -> Raised:
    """The Mistake for a call of this name that ended in `error`: what it was, and where."""
    told = message("mistakes", "error", call=name, error=described(error))
    return Raised(told, own_line(error), again or None)


def said(error: BaseException) -> str:
    """An exception's message, fit to be shown, even if the message itself cannot be made."""
    try:
        return str(error).encode("utf-8", "replace").decode()
    except BaseException:  # whatever a learner's own __str__ does
        return message("mistakes", "error.without-message").text()


def described(error: BaseException) -> str:
    """An exception's type and message in one short line, without a full stop at its end."""
    name, told = name_of(error), " ".join(said(error).split())
    if name != type(error).__name__:  # another class stands for it, and may say so
        told = told.removeprefix(f"{name}:").strip()
    told = told if told.endswith("..") else told.removesuffix(".")
    short = told if len(told) <= SHORT else told[:SHORT] + " …"
    return f"{name}: {short}" if short else name


def name_of(error: BaseException) -> str:
    """An exception's type as a learner knows it, also of one that another process told of."""
    told = vars(error).get("candidate_type")
    return (
        told
        if type(told) is str and told.isidentifier() and len(told) < 100
        else type(error).__name__
    )


def patience(conv2d: Callable[..., Any], seconds: float | None = None) -> float:
    """The time of one call, at most `seconds`: a tenth for a function that was once too slow.

    A function may ask for more by an attribute `patience`, as a watched one does, which is slower.
    """
    function, factor = unwrapped(conv2d)
    usual = SECONDS if seconds is None else min(SECONDS, seconds)
    return usual * factor / (IMPATIENT if slow.get(id(function)) is function else 1)


def remember(conv2d: Callable[..., Any]) -> None:
    """Note that this function did not return."""
    function = unwrapped(conv2d)[0]
    with contextlib.suppress(TypeError):  # not every callable can be remembered
        slow[id(function)] = function


def unwrapped(conv2d: Callable[..., Any]) -> tuple[Callable[..., Any], float]:
    """The learner's own function behind a watched one, and by how much its time is stretched."""
    if type(conv2d) is types.FunctionType and hasattr(conv2d, "patience"):
        return conv2d.__wrapped__, conv2d.patience  # type: ignore[attr-defined]
    return conv2d, 1


def own_line(error: BaseException) -> Message | None:
    """The sentence that names the learner's own line, the innermost written in a notebook."""
    lines = own_lines(error)
    if not lines or not lines[-1][1]:
        return None
    return message("mistakes", "error.look", line=lines[-1][0], code=lines[-1][1])


def own_lines(error: BaseException) -> list[tuple[int, str]]:
    """The lines written in a notebook that an error went through, outermost first: (number, code).

    An error from another process has them as plain data in `candidate_lines`, which may be false,
    but no more than text.
    """
    told = vars(error).get("candidate_lines")
    if isinstance(told, (list, tuple)):
        return [
            (line[0], " ".join(line[1][:LONGEST].split()))
            for line in told
            if type(line) in (list, tuple)
            and len(line) > 1
            and type(line[0]) is int
            and type(line[1]) is str
        ]
    lines, trace = [], error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") == "__main__":
            code = linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno).strip()
            lines.append((trace.tb_lineno, code))
        trace = trace.tb_next
    return lines
