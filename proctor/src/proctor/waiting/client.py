"""Have a command done by the course's waiting grader, or by a new one that waits afterwards.

Whatever goes wrong here, the answer is None, and the command is done without one.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from proctor.waiting.connection import Connection, Ended
from proctor.waiting.request import current_mask
from proctor.waiting.socket_folder import SocketFolder

VARIABLE = "PROCTOR_WAIT"
DEFAULT = 300.0  # seconds that a grader waits for the next command
ANSWERING = 3.0  # seconds that a waiting grader has to say whether it takes a command
STARTING = 60.0  # seconds that a new one has for that
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
START = (
    "import sys; sys.path[:1] = [one for one in sys.path[:1] if one]; sys.path.append(sys.argv[2]); "
    "from proctor.waiting.server import main; main(int(sys.argv[1]))"
)
ENDED = "The waiting grader has ended in the middle of this. It is done once more, without one."
Heard = Callable[[dict[str, Any]], None]


class Busy(Exception):
    """The waiting grader of the course is at work."""


def waiting_time(told: float | None) -> float | None:
    """Seconds to wait: as told on the command line or by PROCTOR_WAIT; None if neither says."""
    text = os.environ.get(VARIABLE, "")
    if told is None and text:
        try:
            return max(0.0, float(text))
        except ValueError:
            return 0.0
    return told


def possible() -> bool:
    """Whether this system has what a waiting grader needs."""
    return sys.platform == "linux" and hasattr(os, "posix_spawn")


def run_command(words: Sequence[str], root: str, told: float | None) -> int | None:
    """Have a command done with this process's terminal: its exit status; None if nobody does it."""
    seconds = waiting_time(told)
    if seconds == 0 or not possible():
        return None
    work = {"kind": "command", "words": list(words), "program": sys.argv[0]}
    message = run_work(work, root, lambda message: None, seconds)
    return None if message is None else int(message["status"])


def run_work(
    work: dict[str, Any], root: str, heard: Heard, seconds: float | None = None
) -> dict[str, Any] | None:
    """Have work done: what was said last, what was said before goes to `heard`; None if nobody does
    it, or whoever did has ended."""
    begun = False
    try:
        with connected(work, root, seconds, (0, 1, 2)) as line, passing_interrupts(line):
            begun = True
            return finished(line, heard)
    except (Busy, OSError, ValueError, KeyError, TypeError):
        if begun:
            print(f"proctor: {ENDED}", file=sys.stderr)
        return None


def finished(line: Connection, heard: Heard) -> dict[str, Any]:
    """What a waiting grader said last; all before that is handed to `heard`. Ended."""
    while True:
        message = line.receive()
        if "status" in message:
            return message
        heard(message)


@contextlib.contextmanager
def connected(
    work: dict[str, Any], root: str, seconds: float | None, files: Sequence[int]
) -> Iterator[Connection]:
    """A connection to a grader that has taken the work, for the course in the folder `root`.

    Raises Busy if it is at work, OSError where there can be none.
    """
    from proctor.waiting.identity import identity

    root = os.path.realpath(root)
    if not os.path.isdir(root):
        raise NotADirectoryError(root)
    work |= {
        "identity": identity(root),
        "folder": os.getcwd(),
        "path": sys.path,
        "mask": current_mask(),
    }
    work |= {"seconds": seconds}
    place = SocketFolder(root)
    try:
        line = taken(place, work, files) or started(work, files)
    finally:
        place.close()
    try:
        yield line
    finally:
        line.close()


def taken(place: SocketFolder, work: dict[str, Any], files: Sequence[int]) -> Connection | None:
    """A connection to the waiting grader, if it takes the work; None if there is none that can."""
    try:
        line = Connection(place.connect(ANSWERING))
    except OSError:
        return None
    try:
        if line.user() != os.geteuid():
            raise Ended("somebody else's process")
        line.send(work | {"secret": place.read_secret()}, files, ANSWERING)
        answer = line.receive(ANSWERING).get("answer")
    except OSError:
        line.close()
        return None
    if answer == "taken":
        return line
    line.close()
    if answer == "busy":
        raise Busy
    return None


def started(work: dict[str, Any], files: Sequence[int]) -> Connection:
    """A connection to a new grader that has taken the work; OSError."""
    ours, theirs = socket.socketpair()
    line = Connection(ours)
    try:
        with theirs:
            os.set_inheritable(theirs.fileno(), True)
            options = interpreter_options(sys.orig_argv[1:])
            words = [sys.executable, *options, "-c", START, str(theirs.fileno()), ROOT]
            nothing = [(os.POSIX_SPAWN_OPEN, one, os.devnull, os.O_RDWR, 0) for one in range(3)]
            pid = os.posix_spawn(
                sys.executable, words, os.environ, file_actions=nothing, setsid=True
            )
        os.waitpid(pid, 0)  # it goes on as a grandchild
        line.send(work, files, STARTING)
        if line.receive(STARTING).get("answer") != "taken":
            raise Ended("it did not take the work")
    except BaseException as error:
        line.close()
        if isinstance(error, NotImplementedError):
            raise Ended(str(error)) from error
        raise
    return line


def interpreter_options(words: Sequence[str]) -> list[str]:
    """The options of Python itself at the beginning of its command line."""
    found: list[str] = []
    left = iter(words)
    for word in left:
        if not word.startswith("-") or word in ("-", "-m", "-c"):
            break
        found.append(word)
        if word in ("-W", "-X", "--check-hash-based-pycs"):
            found.append(next(left, ""))
        elif not word.startswith(("--", "-W", "-X")) and word[-1] in "mc":
            found[-1] = word[:-1]
            break
    return found


@contextlib.contextmanager
def passing_interrupts(line: Connection) -> Iterator[None]:
    """Hand Ctrl-C on to the grader, which then ends the command as it would here; the second time
    it is this process that ends."""
    heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not heard or threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with contextlib.suppress(OSError):
            line.line.send(b"\n", socket.MSG_DONTWAIT)

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
