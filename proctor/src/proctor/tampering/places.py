"""Paths that no answer needs: the grading's own files, other processes, the account's settings."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

# What nbgrader, Jupyter and Python read by these names; a file of them runs or is the class's.
_NAMES = (
    "gradebook.db",
    "nbgrader_config.py",
    "jupyter_config.py",
    ".ipython/profile_default/startup",
    "share/jupyter/kernels",
)
# Of other processes, or of this one's memory; /proc/self/status and /proc/meminfo are often read.
_PROCESS = re.compile(r"/proc/[^/]+/(mem|environ|cmdline|fd|root|cwd|maps)(/|$|\{|\*)")
_OF_ITSELF = re.compile(r"/proc/(self|thread-self)/(?!mem\b)")
# Another one's notebooks in the folders that nbgrader uses by default.
_NOTEBOOKS = re.compile(
    r"(^|/)((source|submitted|autograded)/.*\.ipynb|(submitted|autograded|source/\*)/.*\*)$"
)
_LONGEST = 80  # characters shown of a text


@dataclass(frozen=True)
class PrivatePlaces:
    """`paths` are those of the course that no student's code has to do with, absolute."""

    paths: tuple[str, ...] = ()

    @classmethod
    def of(cls, paths: Iterable[str]) -> "PrivatePlaces":
        """The places with these paths; a path that is too short to tell is left out."""
        return cls(tuple(path for path in map(os.path.normpath, paths) if path.count("/") > 1))

    def holds(self, path: str) -> bool:
        """Whether a path is one of these, or below one, or a device or another process."""
        return any(is_below(path, one) for one in (*self.paths, "/dev", "/proc"))

    def named_in(self, text: str) -> str:
        """What a text names of these places, in words, or nothing."""
        if "/" not in text and "." not in text:
            return ""
        if any(path in text for path in self.paths):
            return f"{shown(text)}, where the course keeps what no student sees"
        if any(name in text for name in _NAMES):
            return f"{shown(text)}, which is not a student's to read or write"
        if _PROCESS.search(text) and not _OF_ITSELF.search(text):
            return f"{shown(text)}, by which other processes, or memory, can be read"
        if _NOTEBOOKS.search(text):
            return f"{shown(text)}, where notebooks of the instructor or of others may lie"
        return ""


def is_below(path: str, folder: str) -> bool:
    """Whether an absolute path without `..` is a folder, or something in it."""
    return path == folder or path.startswith(f"{folder}/")


def shown(text: str, longest: int = _LONGEST) -> str:
    """A text in which a student's words may stand, fit for a terminal."""
    short = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return "".join(one if one.isprintable() else "?" for one in short)
