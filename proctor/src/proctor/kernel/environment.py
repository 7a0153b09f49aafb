"""The process that a notebook's cells run in: what it looks like, where it finds modules, and its
random numbers."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import random
import sys
from collections.abc import Iterable, Iterator
from typing import Any

SEEDED = ("random", "numpy", "torch")


def look_like_a_kernel(folder: str) -> None:
    """Show the command line of a kernel, to Python and to whoever lists processes."""
    arguments = [
        "-m",
        "ipykernel_launcher",
        "-f",
        os.path.join(folder, "kernel-5b2f3f5c-3a1e.json"),
    ]
    library = os.path.dirname(os.__file__)
    sys.argv = [os.path.join(library, "site-packages", "ipykernel_launcher.py"), *arguments[2:]]
    sys.orig_argv = [sys.executable, *arguments]
    with contextlib.suppress(OSError, ValueError, IndexError):  # there is no /proc
        with open("/proc/self/stat", encoding="latin-1") as file:
            fields = file.read().rpartition(")")[2].split()
        start, end = int(fields[45]), int(fields[46])
        shown = "\0".join(sys.orig_argv).encode()[: end - start - 1]
        ctypes.memmove(start, shown.ljust(end - start, b"\0"), end - start)


def forget(package: str) -> None:
    """Take a package's modules out of sight; what runs keeps what it has imported."""
    for name in [one for one in sys.modules if one == package or one.startswith(package + ".")]:
        del sys.modules[name]


def working_folder_on_path() -> None:
    """Let modules beside the notebook be imported, after the standard library's and before installed
    ones, as IPython does."""
    if "" in sys.path:
        sys.path.remove("")
    packages = ("site-packages", "dist-packages")
    places = (at for at, path in enumerate(sys.path) if os.path.basename(path) in packages)
    sys.path.insert(next(places, len(sys.path)), "")


def load(names: Iterable[str]) -> list[str]:
    """Import modules; in words what could not be."""
    missing = []
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:
            missing.append(f"{name}: {type(error).__name__}: {error}")
    return missing


@contextlib.contextmanager
def noting_generators() -> Iterator[list[random.Random]]:
    """The generators of Python's that are made in here with random numbers of their own.

    A library may keep one. After a fork both processes would draw the same from it, so whoever must
    not be foreseen seeds it anew.
    """
    found: list[random.Random] = []
    seed = random.Random.seed

    def noting(self: random.Random, a: Any = None, version: int = 2) -> None:
        if a is None:
            found.append(self)
        seed(self, a, version)

    random.Random.seed = noting  # type: ignore[method-assign]
    try:
        yield found
    finally:
        random.Random.seed = seed  # type: ignore[method-assign]


def random_states() -> dict[str, str]:
    """What each loaded library's random generator would give next, as text to compare."""
    states: dict[str, str] = {}
    states["random"] = repr(random.getstate())
    if "numpy.random" in sys.modules:
        kind, keys, position, *rest = sys.modules["numpy"].random.get_state()
        states["numpy"] = repr((kind, keys.tobytes(), position, rest))
    if "torch" in sys.modules:
        states["torch"] = repr(sys.modules["torch"].get_rng_state().numpy().tobytes())
    return states


class RandomState:
    """Python's own random state, which IPython's forks would otherwise lose."""

    def __init__(self) -> None:
        self.state = random.getstate()

    def reseed(self, libraries: Iterable[str] = SEEDED) -> None:
        """Give each of these loaded libraries new random numbers, which no two forks share; the
        others go on where they were when this object was made."""
        if "random" in libraries:
            random.seed(os.urandom(32))
        else:
            random.setstate(self.state)
        if "numpy" in libraries and "numpy.random" in sys.modules:
            numpy = sys.modules["numpy"]
            numpy.random.seed(list(memoryview(os.urandom(16)).cast("I")))
        if "torch" in libraries and "torch" in sys.modules:
            seed = int.from_bytes(os.urandom(7), "little")
            sys.modules["torch"].default_generator.manual_seed(seed)
