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
LONGEST = 300  # characters of a line of code that comes from another process
IMPATIENT = 10  # so that a class does not wait for one student's loops again and again
slow = (
    weakref.WeakValueDictionary()
)  # by identity, since a function may be an object that equals what it likes


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
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
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
        raise TooSlow(
            say("mistakes", "too-slow", call=name, seconds=f"{seconds:g}") + hint
        ) from error
    except (KeyboardInterrupt, Mistake):
        raise
    except BaseException as error:
        raise raised(error, name, hint) from error


def raised(error, name, hint):
    """The Mistake for a call that ended in `error`: what it was, where, and what to look at."""
    sentences = (
        say("mistakes", "error", call=name, error=described(error)),
        where(error),
        edge(error),
    )
    return Raised("\n".join(filter(None, sentences)) + hint)


def said(error):
    """An exception's message, fit to be shown, even if the message itself cannot be made."""
    try:
        return str(error).encode("utf-8", "replace").decode()
    except BaseException:  # whatever a learner's own __str__ does
        return say("mistakes", "error-without-message")


def described(error):
    """An exception's type and its message in one line of bounded length, without a full stop, as a sentence goes on after it."""
    name, message = name_of(error), " ".join(said(error).split())
    if name != type(error).__name__:  # another class stands for it, and may say so
        message = message.removeprefix(f"{name}:").strip()
    message = message if message.endswith("..") else message.removesuffix(".")
    short = message if len(message) <= 200 else message[:200] + " …"
    return f"{name}: {short}" if short else name


def name_of(error):
    """An exception's type as a learner knows it, also where another stands for it that came from another process."""
    told = vars(error).get("candidate_type")
    return (
        told
        if type(told) is str and told.isidentifier() and len(told) < 100
        else type(error).__name__
    )


def edge(error):
    """The hint for errors of sizes and places, of which most happen at the image's edge."""
    if not isinstance(error, (IndexError, RuntimeError, ValueError)) or isinstance(
        error, (RecursionError, NotImplementedError)
    ):
        return ""
    return say("mistakes", "error-at-edge")


def patience(conv2d):
    """How many seconds this call may take: a tenth for a function that has already failed to return.

    A function may ask for more by an attribute `patience`, as a watched one does, which runs slower.
    """
    function, factor = unwrapped(conv2d)
    return SECONDS * factor / (IMPATIENT if slow.get(id(function)) is function else 1)


def remember(conv2d):
    """Note that this function did not return."""
    function = unwrapped(conv2d)[0]
    with contextlib.suppress(TypeError):  # not every callable can be remembered
        slow[id(function)] = function


def unwrapped(conv2d):
    """The learner's own function behind a watched one, and by how much its time is stretched."""
    if type(conv2d) is types.FunctionType and hasattr(conv2d, "patience"):
        return conv2d.__wrapped__, conv2d.patience
    return conv2d, 1


def where(error):
    """The sentence that names the learner's own line, the innermost one written in a notebook, or nothing."""
    lines = own_lines(error)
    return (
        say("mistakes", "error-line", line=lines[-1][0], code=lines[-1][1])
        if lines and lines[-1][1]
        else ""
    )


def own_lines(error):
    """The lines written in a notebook through which the error went, outermost first: (number, code).

    An error from another process has them as plain data in `candidate_lines`, which may be false, but no more than text.
    """
    told = vars(error).get("candidate_lines")
    if type(told) in (list, tuple):
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
            lines.append(
                (
                    trace.tb_lineno,
                    linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno).strip(),
                )
            )
        trace = trace.tb_next
    return lines
