"""What a process inherits and a waiting grader must share with the command that it works for."""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from pathlib import Path
from typing import Any

FORMAT = 1  # of the messages; a change of theirs is a change of it
NAMESPACES = ("mnt", "net", "pid", "user", "ipc", "uts", "cgroup")
# Which terminal and which folder a command was started in, and how deep in shells.
NOISE = frozenset(
    ["_", "SHLVL", "PWD", "OLDPWD", "WINDOWID", "SSH_TTY", "SSH_CONNECTION", "SSH_CLIENT"]
    + ["TERM_SESSION_ID", "TMUX_PANE", "GPG_TTY", "PROCTOR_WAIT"]
)
OWN = Path(__file__).resolve().parents[1]


def identity(root: str) -> dict[str, Any]:
    """All that a process started here, for the course in the folder `root`, would be given."""
    return {
        "format": FORMAT,
        "root": root,
        "python": [sys.executable, sys.version, sys.prefix],
        "options": [list(sys.flags), sys.warnoptions, sorted(map(str, sys._xoptions.items()))],
        "source": [str(OWN), newest_source(OWN)],
        "environment": variables(),
        "user": [os.getuid(), os.geteuid(), os.getgid(), os.getegid(), sorted(os.getgroups())],
        "limits": limits(),
        "processors": sorted(os.sched_getaffinity(0)),
        "nice": os.nice(0),
        "namespaces": [link(f"/proc/self/ns/{name}") for name in NAMESPACES],
        "control": text("/proc/self/cgroup"),
    }


def variables() -> dict[str, str]:
    """The environment without what depends on the terminal alone."""
    return {name: value for name, value in os.environ.items() if name not in NOISE}


def limits() -> list[tuple[str, int, int]]:
    """The limits that this process is held to."""
    names = sorted(name for name in dir(resource) if name.startswith("RLIMIT_"))
    found = []
    for name in names:
        with contextlib.suppress(OSError, ValueError):
            found.append([name, *resource.getrlimit(getattr(resource, name))])
    return found  # type: ignore[return-value]


def newest_source(folder: Path) -> list[int]:
    """How many files of Python there are in a folder, and when the newest was written."""
    times = [
        os.stat(os.path.join(path, name)).st_mtime_ns
        for path, _, names in os.walk(folder)
        for name in names
        if name.endswith(".py")
    ]
    return [len(times), max(times, default=0)]


def link(path: str) -> str:
    """What a link leads to, "" if there is none."""
    try:
        return os.readlink(path)
    except OSError:
        return ""


def text(path: str) -> str:
    """What is in a file, "" if it cannot be read."""
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
