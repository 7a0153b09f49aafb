"""How much memory a process and all that it has started use."""

from __future__ import annotations

import contextlib
import os

import psutil

GIBIBYTE = 1 << 30
MOST = 6 * GIBIBYTE  # bytes that a waiting grader may hold
SHARE = 0.4  # of the machine's memory


def allowed() -> int:
    """Bytes that a waiting grader may hold."""
    return min(MOST, int(SHARE * psutil.virtual_memory().total))


def used() -> int:
    """Bytes of this process and those below it; what several share counts once."""
    processes = [os.getpid()]
    with contextlib.suppress(psutil.Error):
        processes += [one.pid for one in psutil.Process().children(recursive=True)]
    return sum(map(proportional, processes))


def proportional(process: int) -> int:
    """Bytes of a process, its part of what it shares with others; 0 if that cannot be read."""
    with contextlib.suppress(OSError, ValueError), open(f"/proc/{process}/smaps_rollup") as file:
        for line in file:
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
