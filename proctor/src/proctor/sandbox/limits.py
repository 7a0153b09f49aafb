"""Owns how much a candidate may use: memory, processes, CPU time, files."""

import os
from dataclasses import dataclass

try:
    import resource
except ImportError:  # Windows
    resource = None

MEBIBYTE = 1 << 20


class SandboxError(Exception):
    """The candidate could not be started as it should; the text says why and what to do."""


@dataclass(frozen=True)
class Limits:
    """What one candidate may use. `processes` counts threads too; `memory_bytes` is what comes on top of the memory it was forked with."""

    memory_bytes: int = 2048 * MEBIBYTE
    processes: int = 64
    cpu_seconds: int = 60
    file_bytes: int = 64 * MEBIBYTE
    folder_bytes: int = 256 * MEBIBYTE
    open_files: int = 256


@dataclass(frozen=True)
class Ended:
    """How a candidate ended: its exit code, negative for a signal, and a sentence if a limit was the reason."""

    code: int
    reason: str = ""


def sizes() -> tuple[int, int]:
    """Bytes of address space that this process has mapped and of memory that it occupies; zeros where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as pages:
            mapped, resident = pages.read().split()[:2]
    except OSError:
        return 0, 0
    return int(mapped) * os.sysconf("SC_PAGE_SIZE"), int(resident) * os.sysconf("SC_PAGE_SIZE")


def apply(limits: Limits, mapped: int, also: int | None) -> None:
    """Limit this process and its children for good. `mapped` is the first of `sizes`; 0 leaves memory unlimited.
    `also`: how many processes that are no children are counted with them; None leaves processes unlimited."""
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": limits.cpu_seconds + 1,  # the watch, which can tell the reason, comes first
        "RLIMIT_FSIZE": limits.file_bytes,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_RTPRIO": 0,
        "RLIMIT_NICE": 0,
    }
    if mapped:
        wanted["RLIMIT_AS"] = mapped + limits.memory_bytes
    if also is not None:
        wanted["RLIMIT_NPROC"] = limits.processes + also
    for name, value in wanted.items():
        if hasattr(resource, name):
            _lower(getattr(resource, name), value)


def bound(memory: int) -> None:
    """Limit what this process may occupy beyond what it does now; where the system cannot, nothing happens."""
    if mapped := sizes()[0]:
        _lower(resource.RLIMIT_AS, mapped + memory)


def _lower(which: int, value: int) -> None:
    _, most = resource.getrlimit(which)
    if most != resource.RLIM_INFINITY:
        value = min(value, most)
    resource.setrlimit(which, (value, value))
