"""Errors in cells, shown without a search through all loaded modules for the one a cell belongs to."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator
from types import CodeType, FrameType, TracebackType
from typing import Any


@contextlib.contextmanager
def cells_of_no_module(is_cell: Callable[[str], bool]) -> Iterator[None]:
    """While an error is shown, answer at once which module a cell's code comes from: none.

    IPython asks four times for each frame. `inspect.getmodule` then looks at every module there is,
    which takes a forked process longer than all else: it copies the memory of each module it looks
    at. `is_cell` says whether a file's name is a cell's.
    """
    search = inspect.getmodule

    def getmodule(object: object, _filename: str | None = None) -> Any:
        if is_cell(_filename or file_of(object)):
            return None
        return search(object, _filename)

    inspect.getmodule = getmodule
    try:
        yield
    finally:
        inspect.getmodule = search


def file_of(value: object) -> str:
    """The file that a traceback, a frame or a code object names; nothing for anything else."""
    if isinstance(value, TracebackType):
        value = value.tb_frame
    if isinstance(value, FrameType):
        value = value.f_code
    return value.co_filename if isinstance(value, CodeType) else ""
