"""Do one command in a waiting grader as if it were a process of its own.

It gets the terminal, the folder and the search path of whoever asks; what it changes of this process
is undone afterwards.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys
import sysconfig
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

INSTALLED = ("/site-packages/", "/dist-packages/")
OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@contextlib.contextmanager
def terminal(files: Sequence[int]) -> Iterator[None]:
    """Let the standard streams be these three open files, and nothing afterwards."""
    saved = sys.stdin, sys.stdout, sys.stderr
    for number, file in enumerate(files):
        os.dup2(file, number)
    try:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 (standard input is not closed)
        sys.stdout, sys.stderr = stream(1, saved[1]), stream(2, saved[2])
        yield
    finally:
        for one in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                one.flush()
        sys.stdin, sys.stdout, sys.stderr = saved
        silence()


def stream(number: int, like: TextIO) -> io.TextIOWrapper:
    """A standard stream as Python opens it, with the encoding of one that it has opened."""
    file = open(number, "wb", closefd=False)  # noqa: SIM115 (closed with the stream)
    interactive = os.isatty(number) or number == 2
    return io.TextIOWrapper(
        file, encoding=like.encoding, errors=like.errors, line_buffering=interactive
    )


def silence() -> None:
    """Let the standard streams be nothing."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    os.close(nothing)


def current_mask() -> int:
    """The rights that this process gives to nobody in new files."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def process_state(request: dict[str, Any]) -> Iterator[None]:
    """Be where the command was started; undo what it changes."""
    variables, path, words = dict(os.environ), list(sys.path), list(sys.argv)
    known, filters = set(sys.modules), list(warnings.filters)
    mask = os.umask(request["mask"])
    try:
        os.chdir(request["folder"])
        sys.path[:] = request["path"]
        if "words" in request:
            sys.argv[:] = [request["program"], *request["words"]]
        importlib.invalidate_caches()
        yield
    finally:
        os.chdir("/")
        os.umask(mask)
        sys.path[:], sys.argv[:] = path, words
        if dict(os.environ) != variables:
            os.environ.clear()
            os.environ.update(variables)
        if list(warnings.filters) != filters:
            warnings.filters[:] = filters  # type: ignore[index]
            warnings._filters_mutated()  # type: ignore[attr-defined]
        forget(known)


def forget(known: set[str]) -> None:
    """Forget the modules that were imported since and belong to no installation: the course's own.

    The next command reads them anew, as a process of its own would.
    """
    places = tuple(
        os.path.join(os.path.realpath(place), "")
        for place in (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), OWN)
    )
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name in known or not isinstance(file, str):
            continue
        real = os.path.realpath(file)
        if not real.startswith(places) and not any(part in real for part in INSTALLED):
            del sys.modules[name]
