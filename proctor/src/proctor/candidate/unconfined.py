"""Fork a candidate without a sandbox, and end it with everything it started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Collection

import psutil

from proctor.publish.folders import remove
from proctor.sandbox import limits

SET_DEATH_SIGNAL, SET_SUBREAPER = 1, 36  # prctl(2)


def prctl(option: int, value: int) -> None:
    """Ask Linux for something about this process; elsewhere nothing happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def die_with_parent(yes: bool = True) -> None:
    """End this process as soon as the one that forked it ends, or no longer."""
    prctl(SET_DEATH_SIGNAL, signal.SIGKILL if yes else 0)


def adopt_orphans() -> None:
    """Become the parent of descendants whose parent has ended, so that none is lost sight of."""
    prctl(SET_SUBREAPER, 1)


class Unconfined:
    """A forked candidate without protection, in a folder of its own with copies of `folder`'s files."""

    def __init__(
        self,
        main: Callable[[], None],
        folder: str,
        allowed: limits.Limits,
        keep: Collection[int],
        spared: Collection[int],
    ) -> None:
        self.spared = spared
        self.folder = tempfile.mkdtemp()
        self.work = os.path.join(self.folder, os.path.basename(folder))
        shutil.copytree(folder, self.work)
        os.mkdir(os.path.join(self.folder, "tmp"))
        self.pid = os.fork()
        if not self.pid:
            self.run(main, allowed, keep)

    def run(self, main: Callable[[], None], allowed: limits.Limits, keep: Collection[int]) -> None:
        """In the child: move into the folder, keep one descriptor, run."""
        try:
            die_with_parent()
            os.setsid()
            os.environ.update(
                HOME=self.work, TMPDIR=os.path.join(self.folder, "tmp"), PWD=self.work
            )
            os.chdir(self.work)
            close_all_but(keep)
            limits.apply_limits(allowed, limits.memory_sizes()[0], None)
            main()
        finally:
            os._exit(1)

    def wait(self, seconds: float) -> limits.Ended | None:
        """How the candidate ended by itself within some seconds, or None."""
        with contextlib.suppress(AttributeError, OSError):  # not every system can wait so
            process = os.pidfd_open(self.pid)
            select.select([process], [], [], seconds)
            os.close(process)
        ended, status = os.waitpid(self.pid, os.WNOHANG)
        if not ended:
            return None
        name = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else ""
        return limits.Ended(
            os.waitstatus_to_exitcode(status), f"It was ended by the signal {name}." if name else ""
        )

    def interrupt(self) -> None:
        """Let the cell that runs in it see a KeyboardInterrupt."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGINT)

    def kill(self) -> None:
        """End the candidate and all it started, and remove its folder."""
        kill_descendants(self.spared)
        remove(self.folder)


def kill_descendants(spared: Collection[int] = ()) -> None:
    """End every process below this one, except those `spared` and what is below them."""
    while True:
        children = [child for child in psutil.Process().children() if child.pid not in spared]
        if not children:
            return
        for child in children:
            with contextlib.suppress(psutil.Error):
                for process in child.children(recursive=True):
                    with contextlib.suppress(psutil.Error):
                        process.kill()
            with contextlib.suppress(psutil.Error):
                child.kill()
        for child in children:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child.pid, 0)


def close_all_but(keep: Collection[int]) -> None:
    """Close what the zygote had open; what is not kept of 0, 1 and 2 is empty."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in {0, 1, 2} - set(keep):
        os.dup2(nothing, descriptor)
    kept = sorted({0, 1, 2, *keep})
    for low, high in zip(kept, [*kept[1:], os.sysconf("SC_OPEN_MAX")], strict=True):
        os.closerange(low + 1, high)
