"""Errors in cells, shown as IPython shows them, without what it does anew for each."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator
from types import CodeType, FrameType, TracebackType
from typing import Any

import stack_data
from pygments.formatters import terminal256


@contextlib.contextmanager
def quick_tracebacks(is_cell: Callable[[str], bool]) -> Iterator[None]:
    """While an error is shown, know that a cell belongs to no module, and the colours.

    IPython asks four times for each frame. `inspect.getmodule` then looks at every module there is,
    which takes a forked process longer than all else: it copies the memory of each module it looks
    at. `is_cell` says whether a file's name is a cell's.
    """
    search = inspect.getmodule

    def getmodule(object: object, _filename: str | None = None) -> Any:
        if is_cell(_filename or file_of(object)):
            return None
        return search(object, _filename)

    with (
        replaced(inspect, "getmodule", getmodule),
        replaced(stack_data, "style_with_executing_node", style),
        replaced(terminal256, "Terminal256Formatter", formatter),
    ):
        yield


@contextlib.contextmanager
def replaced(module: Any, name: str, value: Any) -> Iterator[None]:
    """Let a module's name stand for another value for some time."""
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


@functools.lru_cache(maxsize=8)
def style(
    base: Any, mark: str, make: Callable[..., Any] = stack_data.style_with_executing_node
) -> Any:
    """The colours of a traceback."""
    return make(base, mark)


@functools.lru_cache(maxsize=8)
def formatter(
    *, style: Any, make: Callable[..., Any] = terminal256.Terminal256Formatter, **options: Any
) -> Any:
    """What colours the lines of a traceback; it keeps nothing of the lines it has coloured."""
    return make(style=style, **options)


def leave_out(error: BaseException, folder: str) -> None:
    """Take the frames of a folder's files out of the tracebacks of an error, of what caused it, and
    of what was handled when it was raised: what happens there is nothing to whoever reads a test."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        waiting += [one.__cause__, one.__context__]
        last = one.__traceback__ = outside(one.__traceback__, folder)
        while last is not None:
            after = outside(last.tb_next, folder)
            if after is not last.tb_next:
                last.tb_next = after
            last = after


def outside(trace: TracebackType | None, folder: str) -> TracebackType | None:
    """A traceback from its first frame on whose file is not in the folder."""
    while trace is not None and file_of(trace).startswith(folder):
        trace = trace.tb_next
    return trace


def file_of(value: object) -> str:
    """The file that a traceback, a frame or a code object names; nothing for anything else."""
    if isinstance(value, TracebackType):
        value = value.tb_frame
    if isinstance(value, FrameType):
        value = value.f_code
    return value.co_filename if isinstance(value, CodeType) else ""
