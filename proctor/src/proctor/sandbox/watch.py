"""Owns the sums over all processes of a candidate that no limit of a single process can bound: memory, number, CPU time."""

import os

from proctor.sandbox.limits import MEBIBYTE, Limits

_FIRST_PROCESS = "1"  # trusted, the room's own
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
# Fields of /proc/N/stat, counted after the name: times of the process and its waited-for children, threads, resident pages.
_TIMES, _THREADS, _RESIDENT = slice(11, 15), 17, 21


class Watch:
    """Looks at a /proc that shows exactly one candidate's processes. `resident`: the memory it was forked with."""

    def __init__(self, proc: str, limits: Limits, resident: int) -> None:
        self._proc = os.open(proc, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._limits = limits
        self._most_bytes = limits.memory_bytes + limits.folder_bytes + resident

    def look(self) -> str:
        """Why the candidate must be ended now, in a sentence; nothing if all is well."""
        everything = self._all()
        if sum(int(fields[_THREADS]) for fields in everything.values()) > self._limits.processes:
            return f"The submission ran more than {self._limits.processes} processes and threads at once."
        seconds = (
            sum(int(ticks) for fields in everything.values() for ticks in fields[_TIMES]) / _TICKS
        )
        if seconds > self._limits.cpu_seconds:
            return f"The submission used more than {self._limits.cpu_seconds} seconds of computing time."
        if self._resident(everything) > self._most_bytes and all(
            self._proportional() > self._most_bytes for _ in range(2)
        ):  # some may be ending
            return f"The submission used more than {self._limits.memory_bytes // MEBIBYTE} MiB of memory."
        return ""

    def _all(self) -> dict[str, list[str]]:
        with os.scandir(self._proc) as entries:
            return self._some(
                [
                    entry.name
                    for entry in entries
                    if entry.name.isdigit() and entry.name != _FIRST_PROCESS
                ]
            )

    def _some(self, numbers: list[str]) -> dict[str, list[str]]:
        read = {number: self._read(f"{number}/stat") for number in numbers}
        return {
            number: text[text.rindex(")") + 2 :].split() for number, text in read.items() if text
        }

    def _resident(self, everything: dict[str, list[str]]) -> int:
        return sum(int(fields[_RESIDENT]) for fields in everything.values()) * _PAGE

    def _proportional(self) -> int:
        """Like resident memory, with pages shared by forked processes counted once; slower to ask for. A process that has ended meanwhile counts nothing."""
        total = 0
        for number in self._all():
            shares = [
                line.split()[1]
                for line in self._read(f"{number}/smaps_rollup").splitlines()
                if line.startswith("Pss:")
            ]
            total += int(shares[0]) * 1024 if shares else self._resident(self._some([number]))
        return total

    def _read(self, path: str) -> str:
        try:
            number = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._proc)
            with open(number, encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            return ""
