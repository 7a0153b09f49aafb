"""How much a candidate may use: limits of the kernel for each process, sums over all processes."""

import os
from dataclasses import dataclass

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

MEBIBYTE = 1 << 20

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
# Fields of /proc/N/stat, counted after the name: CPU times of the process and of the children it
# waited for, threads, resident pages.
_CPU_TIMES, _THREADS, _RESIDENT_PAGES = slice(11, 15), 17, 21
_INIT_PID = "1"


class SandboxError(Exception):
    """The candidate could not be started as it should; the text says why and what to do."""


@dataclass(frozen=True)
class Limits:
    """What one candidate may use.

    `memory_bytes` comes on top of the memory it was forked with; `processes` counts threads too.
    """

    memory_bytes: int = 2048 * MEBIBYTE
    processes: int = 64
    cpu_seconds: int = 60
    file_bytes: int = 64 * MEBIBYTE
    folder_bytes: int = 256 * MEBIBYTE
    open_files: int = 256


@dataclass(frozen=True)
class Ended:
    """How a candidate ended.

    `code` is its exit code, negative for a signal; `reason` a sentence if a limit was the reason.
    """

    code: int
    reason: str = ""


def memory_sizes() -> tuple[int, int]:
    """Bytes of address space that this process has mapped and of memory that it occupies.

    Zeros where the system does not tell.
    """
    try:
        with open("/proc/self/statm", encoding="ascii") as pages:
            mapped, resident = pages.read().split()[:2]
    except OSError:
        return 0, 0
    return int(mapped) * _PAGE_BYTES, int(resident) * _PAGE_BYTES


def apply_limits(limits: Limits, mapped_bytes: int, other_processes: int | None) -> None:
    """Limit this process and its children for good.

    `mapped_bytes` is the first of `memory_sizes`; 0 leaves memory unlimited. `other_processes` is
    how many processes that are no children are counted with them; None leaves processes unlimited.
    """
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": limits.cpu_seconds + 1,  # UsageMonitor, which tells the reason, comes first
        "RLIMIT_FSIZE": limits.file_bytes,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_RTPRIO": 0,
        "RLIMIT_NICE": 0,
    }
    if mapped_bytes:
        wanted["RLIMIT_AS"] = mapped_bytes + limits.memory_bytes
    if other_processes is not None:
        wanted["RLIMIT_NPROC"] = limits.processes + other_processes
    for name, value in wanted.items():
        if hasattr(resource, name):
            _lower(getattr(resource, name), value)


def limit_memory(memory_bytes: int) -> None:
    """Limit the memory this process may map beyond what it has; nothing where that is unknown."""
    if mapped_bytes := memory_sizes()[0]:
        _lower(resource.RLIMIT_AS, mapped_bytes + memory_bytes)


def _lower(which: int, value: int) -> None:
    _, hard_limit = resource.getrlimit(which)
    if hard_limit != resource.RLIM_INFINITY:
        value = min(value, hard_limit)
    resource.setrlimit(which, (value, value))


class UsageMonitor:
    """Compares what all processes of a candidate use together with its limits.

    No limit of the kernel for a single process can bound these sums. `proc` is a /proc that shows
    this candidate's processes only; `resident_bytes` is the memory that it was forked with.
    """

    def __init__(self, proc: str, limits: Limits, resident_bytes: int) -> None:
        self._proc = os.open(proc, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._limits = limits
        self._memory_bytes = limits.memory_bytes + limits.folder_bytes + resident_bytes

    def exceeded_limit(self) -> str:
        """Which limit the candidate exceeds now, in a sentence; empty if none."""
        processes = self._all()
        limits = self._limits
        threads = sum(int(fields[_THREADS]) for fields in processes.values())
        if threads > limits.processes:
            return f"The submission ran more than {limits.processes} processes and threads at once."
        ticks = sum(int(time) for fields in processes.values() for time in fields[_CPU_TIMES])
        if ticks / _TICKS_PER_SECOND > limits.cpu_seconds:
            return f"The submission used more than {limits.cpu_seconds} seconds of computing time."
        # Shared pages count once, which takes longer to find out; twice, for some may be ending.
        if self._resident_bytes(processes) > self._memory_bytes and all(
            self._proportional_bytes() > self._memory_bytes for _ in range(2)
        ):
            mebibytes = limits.memory_bytes // MEBIBYTE
            return f"The submission used more than {mebibytes} MiB of memory."
        return ""

    def _all(self) -> dict[str, list[str]]:
        with os.scandir(self._proc) as entries:
            numbers = [entry.name for entry in entries if entry.name.isdigit()]
        return self._stat([number for number in numbers if number != _INIT_PID])

    def _stat(self, numbers: list[str]) -> dict[str, list[str]]:
        texts = {number: self._read(f"{number}/stat") for number in numbers}
        return {
            number: text[text.rindex(")") + 2 :].split() for number, text in texts.items() if text
        }

    def _resident_bytes(self, processes: dict[str, list[str]]) -> int:
        return sum(int(fields[_RESIDENT_PAGES]) for fields in processes.values()) * _PAGE_BYTES

    def _proportional_bytes(self) -> int:
        """Resident memory with pages shared by forked processes counted once.

        A process that has ended meanwhile counts nothing.
        """
        total = 0
        for number in self._all():
            shares = [
                line.split()[1]
                for line in self._read(f"{number}/smaps_rollup").splitlines()
                if line.startswith("Pss:")
            ]
            if shares:
                total += int(shares[0]) * 1024
            else:
                total += self._resident_bytes(self._stat([number]))
        return total

    def _read(self, path: str) -> str:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._proc)
            with open(descriptor, encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            return ""
