"""Owns `--no-sandbox`: a candidate that is forked, limited and cleaned up after, but not confined."""

import os
import signal
import sys
import time
from collections.abc import Callable

from proctor.sandbox import inside, kernel, limits

_STEP = 0.005


class Loose:
    """An unconfined candidate, with the interface of `Confined`. What it started is found by parentage and session, so a daemon can get away."""

    def __init__(self, pid: int, ending: int) -> None:
        self.pid = pid
        self._ending = ending
        self._ended: limits.Ended | None = None

    def fileno(self) -> int:
        return self._ending

    def kill(self) -> None:
        if self._ended is None:
            _kill_all(self.pid)
            self.wait(None)

    def wait(self, timeout: float | None = None) -> limits.Ended | None:
        until = None if timeout is None else time.monotonic() + timeout
        while self._ended is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                _kill_all(self.pid)
                os.close(self._ending)
                self._ended = limits.Ended(os.waitstatus_to_exitcode(status))
            elif until is not None and time.monotonic() >= until:
                return None
            else:
                time.sleep(_STEP)  # there is no call that waits for a child and a moment on every system
        return self._ended


def start(main: Callable[[], None], folder: str, allowed: limits.Limits, keep: set[int]) -> Loose:
    """Fork a candidate into a session of its own and call `main` in it."""
    ending, still_here = os.pipe()
    parent = os.getpid()
    child = kernel.fork()
    if not child:
        try:
            os.setsid()
            inside.reset_signals()
            inside.keep_only(keep | {still_here})
            if sys.platform == "linux":
                kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
            limits.apply(allowed, limits.sizes()[0], also=None)
            os.chdir(folder)
            if os.getppid() != parent:
                os._exit(1)
        except BaseException as error:
            inside.run_and_exit(lambda: print(f"The candidate could not be prepared: {error!r}", file=sys.stderr))
        inside.run_and_exit(main)
    os.close(still_here)
    return Loose(child, ending)


def _kill_all(pid: int) -> None:
    """Kill a process, its descendants and its session, until none is left."""
    import psutil

    def alive() -> list[psutil.Process]:
        found = {process.pid: process for process in psutil.process_iter() if _session(process.pid) == pid}
        if psutil.pid_exists(pid):
            found |= {process.pid: process for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]}
        return [process for process in found.values() if process.status() != psutil.STATUS_ZOMBIE]

    while True:
        try:
            processes = alive()
            for process in processes:
                process.kill()
        except psutil.NoSuchProcess:
            continue
        if not processes:
            return
        psutil.wait_procs([process for process in processes if process.pid != pid], timeout=1)


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return -1
