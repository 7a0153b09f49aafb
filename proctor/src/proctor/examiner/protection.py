"""What an examiner may read, write and unpickle while it holds a student's data.

A test that runs what a student returned (SQL, an archive, a template, a pickle) must not reach the
course, the keys of whoever grades, or anything but the points of this submission.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from proctor.sandbox import landlock
from proctor.sandbox.filesystem import DEVICES

AT_HOME = [
    ".ssh",
    ".gnupg",
    ".netrc",
    ".aws",
    ".azure",
    ".kube",
    ".docker",
    ".config",
    ".git-credentials",
    ".pgpass",
    ".bash_history",
    ".python_history",
]
SHARED = ("/dev/shm", "/dev/tty", "/dev/pts", "/dev/ptmx", *DEVICES)
BUILTINS = set(
    [
        "int",
        "float",
        "complex",
        "str",
        "bytes",
        "bytearray",
        "list",
        "dict",
        "tuple",
        "set",
        "frozenset",
        "bool",
        "range",
        "slice",
        "object",
    ]
)
ARRAYS = {"_reconstruct", "_frombuffer", "scalar", "ndarray", "dtype"}
PICKLED: dict[str, set[str]] = {
    "builtins": BUILTINS,
    "__builtin__": BUILTINS,
    "collections": {"Counter", "OrderedDict", "defaultdict", "deque"},
    "datetime": {"date", "datetime", "time", "timedelta", "timezone"},
    "decimal": {"Decimal"},
    "fractions": {"Fraction"},
    "numpy": {"ndarray", "dtype"},
    **{
        f"numpy.{core}.{part}": ARRAYS
        for core in ("core", "_core")
        for part in ("multiarray", "numeric")
    },
}


class FileRules:
    """Landlock's rules, made by a worker and put in force in each examiner it forks.

    `secret` are paths that may be neither read nor written, even where nothing is there yet.
    """

    def __init__(self, secret: Iterable[str]) -> None:
        self.rules: int | None = None
        home = Path.home().resolve()
        hidden = {Path(path).resolve() for path in secret} | {home / name for name in AT_HOME}
        self.readable = around("/", hidden) if landlock.abi() else []

    def allow_writing(self, *folders: Path) -> None:
        """From now on examiners may write below these folders, and nowhere else."""
        if self.rules is not None:
            os.close(self.rules)
            self.rules = None
        if landlock.abi():
            writable = [*map(str, folders), "/dev/shm"]
            self.rules = landlock.ruleset(self.readable, writable, SHARED)

    def enforce(self) -> None:
        """Confine this process for good; nothing happens where the kernel cannot."""
        if self.rules is not None:
            landlock.restrict(self.rules)


def around(folder: str | Path, secret: set[Path]) -> list[str]:
    """The paths in `folder` that together hold everything but what is secret: a rule of Landlock
    holds for all that lies below."""
    hidden = {str(path) for path in secret}
    above = {str(parent) for path in secret for parent in path.parents}
    found: list[str] = []
    folders = [str(folder)]
    while folders:
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.path in hidden or entry.is_symlink():
                    continue
                (folders if entry.path in above else found).append(entry.path)
    return found


def guard_unpickling() -> None:
    """From now on unpickle plain data and arrays only, in this process.

    An audit hook sees every way to unpickle, and cannot be taken back.
    """
    sys.addaudithook(refuse_classes)


def refuse_classes(event: str, details: tuple[Any, ...]) -> None:
    """Refuse a class or function that is not on the list; UnpicklingError."""
    if event != "pickle.find_class":
        return
    if len(details) != 2 or details[1] not in PICKLED.get(details[0], ()):
        raise UnpicklingError(
            f"{'.'.join(map(str, details))} is not unpickled by a test, because a student's code "
            "may have written it; plain data and arrays are"
        )
