"""Owns calling the learner's function safely: its warnings kept off stderr, its time limited, its errors told in messages' words."""

import contextlib
import linecache
import signal
import sys
import threading
import types
import weakref

from .messages import say
from .mistakes import Mistake, NotImplementedYet, Raised, TooSlow

SECONDS = 5
STUB = "still to be written"  # a part of the sentence in the stub's NotImplementedError
IMPATIENT = 10  # so that a class does not wait for one student's loops again and again
slow = weakref.WeakSet()


@contextlib.contextmanager
def warnings_to_stdout():
    """Send what the call writes to stderr to stdout: nbgrader gives 0 points to a cell with stderr output.

    The stream object itself is turned too, for loggers and others that took hold of it before the call.
    """
    stream = sys.stderr
    with contextlib.suppress(AttributeError):  # some streams cannot be turned
        stream.write = sys.stdout.write
    try:
        with contextlib.redirect_stderr(sys.stdout):
            yield
    finally:
        with contextlib.suppress(AttributeError):
            del stream.write


class TimeIsUp(BaseException):
    """Ends a call; no Exception, so that a learner's `except Exception` in a loop does not keep the loop alive."""


@contextlib.contextmanager
def at_most(seconds):
    """Raise TimeIsUp in the caller every `seconds`, and at the end if the caller swallowed it.

    Without effect on Windows and outside the main thread.
    """
    rung = []
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(signum, frame):
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


def call(conv2d, image, kernel, name, hint=""):
    """Return `conv2d(image, kernel)`, whatever it is; raise a Mistake that says what went wrong if it does not return.

    `name` is how messages call this call ("conv2d(image 8×8, kernel 3×3)"), `hint` how to repeat it.
    """
    __tracebackhide__ = True
    seconds = patience(conv2d)
    try:
        with warnings_to_stdout(), at_most(seconds):
            return conv2d(image, kernel)
    except NotImplementedError as error:
        if said(error) and STUB not in said(error):
            raise raised(error, name, hint) from error
        raise NotImplementedYet(say("mistakes", "stub")) from error
    except TimeIsUp as error:
        remember(conv2d)
        raise TooSlow(say("mistakes", "too-slow", call=name, seconds=f"{seconds:g}") + hint) from error
    except (KeyboardInterrupt, Mistake):
        raise
    except BaseException as error:
        raise raised(error, name, hint) from error


def raised(error, name, hint):
    """The Mistake for a call that ended in `error`: what it was, where, and what to look at."""
    sentences = say("mistakes", "error", call=name, error=described(error)), where(error), edge(error)
    return Raised("\n".join(filter(None, sentences)) + hint)


def said(error):
    """An exception's message, fit to be shown, even if the message itself cannot be made."""
    try:
        return str(error).encode("utf-8", "replace").decode()
    except BaseException:  # whatever a learner's own __str__ does
        return say("mistakes", "error-without-message")


def described(error):
    """An exception's type and its message in one line of bounded length, without a full stop, as a sentence goes on after it."""
    message = " ".join(said(error).split())
    message = message if message.endswith("..") else message.removesuffix(".")
    short = message if len(message) <= 200 else message[:200] + " …"
    return f"{type(error).__name__}: {short}" if short else type(error).__name__


def edge(error):
    """The hint for errors of sizes and places, of which most happen at the image's edge."""
    if not isinstance(error, (IndexError, RuntimeError, ValueError)) or isinstance(error, (RecursionError, NotImplementedError)):
        return ""
    return say("mistakes", "error-at-edge")


def patience(conv2d):
    """How many seconds this call may take: a tenth for a function that has already failed to return.

    A function may ask for more by an attribute `patience`, as a watched one does, which runs slower.
    """
    function, factor = unwrapped(conv2d)
    with contextlib.suppress(Exception):  # not every callable can be remembered
        if function in slow:
            return SECONDS * factor / IMPATIENT
    return SECONDS * factor


def remember(conv2d):
    """Note that this function did not return."""
    with contextlib.suppress(Exception):
        slow.add(unwrapped(conv2d)[0])


def unwrapped(conv2d):
    """The learner's own function behind a watched one, and by how much its time is stretched."""
    if isinstance(conv2d, types.FunctionType) and hasattr(conv2d, "patience"):
        return conv2d.__wrapped__, conv2d.patience
    return conv2d, 1


def where(error):
    """The sentence that names the learner's own line, the innermost one written in a notebook, or nothing."""
    lines, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if trace.tb_frame.f_globals.get("__name__") == "__main__":
            lines.append((trace.tb_lineno, linecache.getline(code.co_filename, trace.tb_lineno).strip()))
        trace = trace.tb_next
    if not lines or not lines[-1][1]:
        return ""
    return say("mistakes", "error-line", line=lines[-1][0], code=lines[-1][1])
