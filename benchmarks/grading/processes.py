"""Run a command and measure it: seconds, processor time of all its processes, what it leaves."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from course import layout

from .process_tree import TICKS, Watch, Watched

LIMIT = 3600.0  # seconds for a command; none of those measured takes so long
ADOPT = 36  # prctl's PR_SET_CHILD_SUBREAPER
ENDING = 5.0  # seconds for what was left behind to end by itself
LAST_WORDS = 300  # characters
BUSY = slice(0, 3), slice(5, 8)  # of the processors' line in /proc/stat: user, nice, system; irqs
CGROUPS = (
    # Where groups of processes are, the file in which a group tells its processor time, and how
    # many of its units are a second: of Linux's second and first way.
    (Path("/sys/fs/cgroup"), "cpu.stat", 1e6),
    (Path("/sys/fs/cgroup/cpuacct"), "cpuacct.usage", 1e9),
)


class MeasurementError(Exception):
    """Something could not be measured; the message says why."""


@dataclass(frozen=True)
class Finished:
    """A command that has ended.

    `seconds` are by the clock. `cpu` are those of processor time of all its processes; if not
    `counts_all`, of those only that another one has waited for. `others` are those that the rest
    of the machine used meanwhile. `left` is how many processes it left behind, `watched` what was
    seen of its processes if they were watched.
    """

    seconds: float
    cpu: float
    counts_all: bool
    others: float
    status: int
    said: str
    left: int
    watched: Watched | None = None

    def successful(self) -> Finished:
        """Itself, if it ended with status 0; MeasurementError."""
        if self.status:
            raise MeasurementError(
                f"a command ended with status {self.status}; its last words: {self.said}"
            )
        return self


def run(
    command: Sequence[str],
    folder: Path,
    *,
    pause: float | None = None,
    memory: bool = False,
    one_processor: bool = False,
    keep: bool = False,
    counted: bool = True,
) -> Finished:
    """Run a command in `folder` to its end.

    Its processes are watched every `pause` seconds if that is given, with their `memory` or
    without. On `one_processor` all of them share one. What the command leaves behind is ended, or
    with `keep` left to wait for the next command. The system counts its processor time, unless
    `counted` is false: a command in a group of its own is to a waiting grader another user's.
    MeasurementError if it takes more than an hour.
    """
    adopt_orphans()
    with tempfile.TemporaryFile() as output, Group(counted) as group, pinned(one_processor):
        used, begun = machine_seconds(), time.monotonic()
        process = subprocess.Popen(
            group.joining(command),
            cwd=folder,
            env=layout.environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        watch = Watch(process.pid, pause, memory) if pause else None
        try:
            until_ended(process)
            seconds = time.monotonic() - begun
        finally:
            watched = watch.stop() if watch else None
            waited = reaped(process)
            left = len(left_behind())
            by_system = group.seconds()
            used = machine_seconds() - used
            if not keep:
                end_left_behind()
        cpu = waited if by_system is None else by_system
        return Finished(
            seconds=seconds,
            cpu=cpu,
            counts_all=by_system is not None,
            others=max(0.0, used - cpu),
            status=process.returncode,
            said=last_words(output),
            left=left,
            watched=watched,
        )


def until_ended(process: subprocess.Popen[bytes]) -> None:
    """Wait until a command has ended, and leave it there to be looked at; MeasurementError."""
    descriptor = os.pidfd_open(process.pid)
    try:
        ended, _, _ = select.select([descriptor], [], [], LIMIT)
    finally:
        os.close(descriptor)
    if not ended:
        raise MeasurementError(f"a command had not ended after {LIMIT:.0f} seconds")


def reaped(process: subprocess.Popen[bytes]) -> float:
    """End a command if it still runs, and take it off the system's list; the seconds of processor
    time of it, of all that it has waited for, and so on."""
    os.kill(process.pid, signal.SIGKILL)  # if it has ended, its number is still its own
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def last_words(output: IO[bytes]) -> str:
    """The end of what a command wrote, on one line."""
    output.seek(0)
    return " ".join(output.read().decode(errors="replace").split())[-LAST_WORDS:]


def adopt_orphans() -> None:
    """Be the parent of what a command leaves behind, so that it can be found."""
    ctypes.CDLL(None).prctl(ADOPT, 1, 0, 0, 0)


def left_behind() -> list[psutil.Process]:
    """The processes that commands have left behind, those that still live."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def end_left_behind() -> None:
    """End what commands have left behind, kindly first."""
    for ending in (signal.SIGTERM, signal.SIGKILL):
        for process in left_behind():
            with contextlib.suppress(psutil.Error):
                process.send_signal(ending)
        deadline = time.monotonic() + ENDING
        while left_behind() and time.monotonic() < deadline:
            time.sleep(0.02)
            reap_adopted()
    reap_adopted()


def reap_adopted() -> None:
    """Take ended processes that were left behind off the system's list."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def machine_seconds() -> float:
    """The seconds of processor time that all programs of the machine have used since it began."""
    fields = Path("/proc/stat").read_text("ascii").split("\n", 1)[0].split()[1:]
    return sum(int(field) for part in BUSY for field in fields[part]) / TICKS


@contextlib.contextmanager
def pinned(one_processor: bool) -> Iterator[None]:
    """Let what is started meanwhile run on one processor only, if so asked."""
    allowed = os.sched_getaffinity(0)
    try:
        if one_processor:
            os.sched_setaffinity(0, {min(allowed)})
        yield
    finally:
        os.sched_setaffinity(0, allowed)


class Group:
    """A group of processes whose time the system counts to the last one (a cgroup), where this
    account may make one; elsewhere nothing."""

    def __init__(self, wanted: bool = True) -> None:
        self.path: Path | None = None
        for base, self.file, self.unit in CGROUPS if wanted else ():
            path = base / f"proctor-benchmark-{os.getpid()}"
            try:
                path.mkdir()
            except OSError:
                continue
            self.path = path
            if (path / self.file).exists() and (path / "cgroup.procs").exists():
                return
            self.remove()

    def __enter__(self) -> Group:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()

    def joining(self, command: Sequence[str]) -> list[str]:
        """A command that enters the group before it begins."""
        if self.path is None:
            return list(command)
        entering = f"echo $$ > {self.path / 'cgroup.procs'}"
        return ["sh", "-c", f'{entering}; exec "$@"', "sh", *command]

    def seconds(self) -> float | None:
        """The processor time of all that was in the group; None where there is none."""
        if self.path is None:
            return None
        text = (self.path / self.file).read_text("ascii")
        return int(text.removeprefix("usage_usec").split()[0]) / self.unit

    def remove(self) -> None:
        """Let go of the group; processes that still live go back to where they came from."""
        path, self.path = self.path, None
        if path is None:
            return
        with contextlib.suppress(OSError):
            for pid in (path / "cgroup.procs").read_text("ascii").split():
                (path.parent / "cgroup.procs").write_text(pid, "ascii")
        with contextlib.suppress(OSError):
            path.rmdir()
