"""Watch a command's processes: the processor time of each by its role, and their memory."""

from __future__ import annotations

import os
import re
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")  # of a second, in which /proc tells processor time
YOUNG = 2.0  # seconds in which a new process may still become another program, or move
MAIN = "main process"
UNKNOWN = "other processes of the main process"
IMPORTS, EXAMINERS, CANDIDATES, CONTAINERS = "imports", "examiners", "candidates", "containers"
STAGES: dict[str, tuple[str, ...]] = {
    # What the processes of a side do: the first one, those below it, those below these; the last
    # name holds for all that are deeper.
    IMPORTS: ("imports, before a notebook is known",),
    EXAMINERS: (
        "examiners: imports",
        "examiners: the notebook's first cells",
        "examiners: workers, and drawing what the first cells show",
        "examiners: one for each submission",
    ),
    CANDIDATES: (
        "candidates: imports of the notebook",
        "candidates: the notebook's first cells",
        "candidates: fork servers of the workers",
        "candidates: one for each run of a submission",
    ),
    CONTAINERS: ("containers",),
}
# What shows the first process of a side: its command line, or, where it was forked, its folder.
GRADER = re.compile(r"proctor\.waiting\.server")
STARTS = {
    IMPORTS: re.compile(r"proctor\.pool\.base|proctor\.candidate\.__main__"),
    EXAMINERS: re.compile(r"proctor\.examiner\.process"),
    CONTAINERS: re.compile(r"proctor\.sandbox\.containers"),
}
EXAMINERS_FOLDER = re.compile(r"^in (/|/.*/(examiner(-\d+)?|drawn))$")


@dataclass(frozen=True)
class Stat:
    """What /proc tells of a process: its parent, when it began (in ticks), and the seconds of
    processor time of itself and of the children that it has waited for."""

    parent: int
    began: int
    own: float
    waited: float


def parsed(text: str) -> Stat:
    """A process's /proc/PID/stat; ValueError if it is none."""
    fields = text.rpartition(")")[2].split()  # the name before it may hold spaces and brackets
    if len(fields) < 20:
        raise ValueError(f"not a line of /proc/PID/stat: {text!r}")
    user, system, waited_user, waited_system = (int(field) / TICKS for field in fields[11:15])
    return Stat(int(fields[1]), int(fields[19]), user + system, waited_user + waited_system)


@dataclass
class Seen:
    """A process as it was `last` seen, and when `first`; `signs` are its command lines, and after
    "in " its folders."""

    pid: int
    parent: int
    stat: Stat
    first: float
    last: float
    signs: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Watched:
    """What was seen of a command's processes: seconds of processor time by role, the peak bytes of
    memory of all together, and how many there were at that moment."""

    shares: dict[str, float]
    peak: int = 0
    processes: int = 0


def side_of(process: Seen, known: dict[int, Seen]) -> str | None:
    """Which side a process is of; None for the main process and what else that has started."""
    above = known.get(process.parent)
    inherited = side_of(above, known) if above else None
    if inherited is None:
        sides = [side for side, start in STARTS.items() if shows(process, start)]
        return sides[0] if sides else None
    if shows(process, STARTS[CONTAINERS]):
        return CONTAINERS
    if inherited == IMPORTS:  # what was forked from there has its command line
        return EXAMINERS if shows(process, EXAMINERS_FOLDER) else CANDIDATES
    return inherited


def shows(process: Seen, pattern: re.Pattern[str]) -> bool:
    """Whether something that was seen of a process has this pattern."""
    return any(pattern.search(sign) for sign in process.signs)


def role(process: Seen, known: dict[int, Seen], root: int, below: int = 0) -> str:
    """What a process does, or with `below` a process so many generations under it."""
    side = side_of(process, known)
    if side is None:
        is_main = process.pid == root or shows(process, GRADER)
        return MAIN if is_main and not below else UNKNOWN
    depth, parent = below, known.get(process.parent)
    while parent is not None and side_of(parent, known) == side:
        depth, parent = depth + 1, known.get(parent.parent)
    return STAGES[side][min(depth, len(STAGES[side]) - 1)]


def shares(seen: Sequence[Seen], root: int) -> dict[str, float]:
    """The seconds of processor time of a command's processes by role.

    A process's own time is its role's. The time of the children that it has waited for is that of
    the role below it, without what children that were seen themselves had used when last seen.
    """
    known = {process.pid: process for process in seen}
    counted = {
        process.pid: process.stat.waited
        - sum(
            child.stat.own + child.stat.waited
            for child in seen
            if child.parent == process.pid and child.last < process.last
        )
        for process in seen
    }
    found: dict[str, float] = defaultdict(float)
    for process in seen:
        found[role(process, known, root)] += process.stat.own
        found[role(process, known, root, below=1)] += max(0.0, counted[process.pid])
    return {name: seconds for name, seconds in found.items() if seconds > 0}


class Watch(threading.Thread):
    """A thread that looks at a command's processes every `pause` seconds until it is stopped."""

    def __init__(self, root: int, pause: float, memory: bool) -> None:
        super().__init__(daemon=True)
        self.root, self.pause, self.memory = root, pause, memory
        self.seen: dict[tuple[int, int], Seen] = {}  # by pid and beginning: pids are used again
        self.living: dict[int, Seen] = {}
        self.strangers: set[int] = set()
        self.peak, self.processes = 0, 0
        self.over = threading.Event()
        self.start()

    def run(self) -> None:
        """Look again and again."""
        while not self.over.wait(self.pause):
            self.look()

    def stop(self) -> Watched:
        """Look a last time, before the command is waited for; what was seen."""
        self.over.set()
        self.join()
        self.look()
        return Watched(shares(list(self.seen.values()), self.root), self.peak, self.processes)

    def look(self) -> None:
        """Take down every process of the command as it is now."""
        now = time.monotonic()
        pids = {int(name) for name in os.listdir("/proc") if name.isdigit()}
        self.strangers &= pids
        stats = {pid: stat for pid in pids - self.strangers if (stat := stat_of(pid)) is not None}
        self.living = {
            pid: process
            for pid, process in self.living.items()
            if pid in stats and stats[pid].began == process.stat.began
        }
        for pid in sorted(stats):
            self.take_down(pid, stats[pid], now)
        self.strangers |= stats.keys() - self.living.keys()
        if self.memory:
            held = sum(map(proportional_bytes, self.living))
            if held > self.peak:
                self.peak, self.processes = held, len(self.living)

    def take_down(self, pid: int, stat: Stat, now: float) -> None:
        """Take down one process, if it is the command's."""
        process = self.living.get(pid)
        if process is None:
            if pid != self.root and stat.parent not in self.living and stat.parent != os.getpid():
                return  # our own other children are what the command has left to us
            process = Seen(pid, stat.parent, stat, now, now)
            self.living[pid] = self.seen[pid, stat.began] = process
        process.stat, process.last = stat, now
        if now - process.first < YOUNG:
            process.signs |= {command_line(pid), f"in {folder_of(pid)}"}


def stat_of(pid: int) -> Stat | None:
    """A process's Stat, None if it is gone."""
    try:
        return parsed(Path(f"/proc/{pid}/stat").read_text("utf-8", "replace"))
    except (OSError, ValueError):
        return None


def command_line(pid: int) -> str:
    """A process's command line, "" if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").replace("\0", " ")
    except OSError:
        return ""


def folder_of(pid: int) -> str:
    """The folder that a process works in, "" if it is gone."""
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return ""


def proportional_bytes(pid: int) -> int:
    """The memory of a process: what it has alone, and its share of what it has in common with
    others; 0 if it is gone."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    except OSError:
        return 0
    return next(
        (int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0
    )
