"""Owns the last steps of a candidate, in its own process, before student code: what it can still reach is taken away, and `main` is called."""

import os
import signal
import sys
import traceback
from collections.abc import Callable

from proctor.sandbox import baggage, filter, identity, kernel, landlock, limits, room, view

OF_THE_ROOM = kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC
_SUPERVISORS = 2  # the room's keeper and first process are counted with the candidate


def become_candidate(
    first: int,
    who: identity.Identity,
    shown: view.View,
    folder: str,
    luggage: list[baggage.Item],
    allowed: limits.Limits,
    mapped: int,
) -> None:
    """Enter the room of the process behind the descriptor `first`, and give up everything else for good."""
    os.setsid()
    if who.dropped:
        identity.drop_root(who)
    kernel.enter(first, OF_THE_ROOM)
    os.chdir(folder)
    baggage.unpack(luggage, folder)
    try_write("/proc/self/oom_score_adj", "1000")
    limits.apply(allowed, mapped, also=_SUPERVISORS)
    kernel.drop_capabilities()
    readable = [where for _, where in shown.shown if where not in view.DEVICES] + [
        "/etc",
        *view.PROCESS_FILES,
    ]
    landlock.confine(readable, room.private_folders(folder), view.DEVICES)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    filter.install(filter.program())


def try_write(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
    except OSError:
        pass


def keep_only(descriptors: set[int]) -> None:
    """Close every other file; the three standard ones become /dev/null."""
    nothing = os.open("/dev/null", os.O_RDWR)
    for standard in {0, 1, 2} - descriptors:
        os.dup2(nothing, standard)
    kept = sorted(descriptors | {0, 1, 2})
    for low, high in zip(kept, [*kept[1:], os.sysconf("SC_OPEN_MAX")]):
        os.closerange(low + 1, high)


def reset_signals() -> None:
    """Let signals do in this process what they do in a fresh Python."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def run_and_exit(main: Callable[[], None]) -> None:
    """Call `main` and end this process whatever happens: no frame of the forking program may go on in it."""
    code = 1
    try:
        main()
        code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 0 if ending.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code & 0xFF)
