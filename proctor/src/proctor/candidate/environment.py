"""Owns that the process a student's code runs in looks like any notebook's kernel."""

import contextlib
import ctypes
import os
import sys

SEEDED = ("random", "numpy", "torch")
kept = {}


def look_like_a_kernel(folder):
    """Show the command line of a kernel, to Python and to whoever lists processes."""
    arguments = [
        "-m",
        "ipykernel_launcher",
        "-f",
        os.path.join(folder, "kernel-5b2f3f5c-3a1e.json"),
    ]
    sys.argv = [
        os.path.join(os.path.dirname(os.__file__), "site-packages", "ipykernel_launcher.py"),
        *arguments[2:],
    ]
    sys.orig_argv = [sys.executable, *arguments]
    with contextlib.suppress(OSError, ValueError, IndexError):  # there is no /proc
        with open("/proc/self/stat", encoding="latin-1") as file:
            fields = file.read().rpartition(")")[2].split()
        start, end = int(fields[45]), int(fields[46])
        shown = "\0".join(sys.orig_argv).encode()[: end - start - 1]
        ctypes.memmove(start, shown.ljust(end - start, b"\0"), end - start)


def forget(package, root):
    """Take our own modules out of sight; what runs keeps what it has imported."""
    for name in [name for name in sys.modules if name == package or name.startswith(package + ".")]:
        del sys.modules[name]
    with contextlib.suppress(ValueError):
        sys.path.remove(root)
    sys.path_importer_cache.pop(root, None)


def working_folder_on_path():
    """Let modules beside the notebook be imported, after the standard library's and before installed ones, as IPython does."""
    if "" in sys.path:
        sys.path.remove("")
    places = (
        place
        for place, path in enumerate(sys.path)
        if os.path.basename(path) in ("site-packages", "dist-packages")
    )
    sys.path.insert(next(places, len(sys.path)), "")


def random_states():
    """What each loaded library's random generator would give next, as text to compare."""
    states = {}
    if "random" in sys.modules:
        states["random"] = repr(sys.modules["random"].getstate())
    if "numpy.random" in sys.modules:
        kind, keys, position, *rest = sys.modules["numpy"].random.get_state()
        states["numpy"] = repr((kind, keys.tobytes(), position, rest))
    if "torch" in sys.modules:
        states["torch"] = repr(sys.modules["torch"].get_rng_state().numpy().tobytes())
    return states


def remember_random():
    """Keep Python's own random state, which a fork would otherwise lose."""
    kept["random"] = sys.modules["random"].getstate() if "random" in sys.modules else None


def reseed(libraries=SEEDED):
    """Give each of these loaded libraries new random numbers, which no two forks share; the others go on where the prefix ended."""
    if "random" in sys.modules:
        if "random" in libraries:
            sys.modules["random"].seed(os.urandom(32))
        elif kept.get("random"):
            sys.modules["random"].setstate(kept["random"])
    if "numpy" in libraries and "numpy.random" in sys.modules:
        sys.modules["numpy"].random.seed(list(memoryview(os.urandom(16)).cast("I")))
    if "torch" in libraries and "torch" in sys.modules:
        sys.modules["torch"].default_generator.manual_seed(int.from_bytes(os.urandom(7), "little"))
