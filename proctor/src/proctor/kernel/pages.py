"""Large pages, for a process that is forked often.

A fork takes as long as the table of the process's pages is, and so does a forked process's end. On
large pages both take a quarter of the time.
"""

from __future__ import annotations

import contextlib
import ctypes
import re

FORKS = 100  # that gain about twice what gathering costs
LARGE = 2 << 20  # bytes of a large page
GATHER = 25  # MADV_COLLAPSE of madvise(2), since Linux 6.1
OWN_MEMORY = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p [0-9a-f]+ 00:00 0 +(?:\[heap\])?$")


def gather() -> None:
    """Move this process's own memory to large pages, as far as it fills them and the kernel can."""
    with contextlib.suppress(OSError, AttributeError):  # there is no /proc, or no madvise
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
            places = places_in(file.read())
        library = ctypes.CDLL(None)
        for start, size in places:
            library.madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), GATHER)


def places_in(maps: str) -> list[tuple[int, int]]:
    """Address and size of the whole large pages in what /proc/self/maps lists as own memory."""
    found = []
    for line in maps.splitlines():
        if place := OWN_MEMORY.match(line):
            start, end = int(place[1], 16), int(place[2], 16)
            start, end = -(-start // LARGE) * LARGE, end // LARGE * LARGE
            if start < end:
                found.append((start, end - start))
    return found
