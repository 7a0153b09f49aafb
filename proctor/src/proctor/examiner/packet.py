"""How a result goes from an examiner to the round: pickled, and read as if it could be hostile.

An instructor's test may run what a student returned; what such an examiner says must not run
anything in the process that holds the gradebook.
"""

from __future__ import annotations

import contextlib
import io
import pickle
from collections.abc import Callable, Mapping
from typing import Any

from proctor.examiner.results import with_own_outputs
from proctor.pool.bases import CannotStart

KNOWN = {
    "proctor.examiner.results": {"Outcome", "Event", "TestRun"},
    "nbformat.notebooknode": {"NotebookNode"},
    "builtins": {"set", "list"},
}


class Packer(pickle.Pickler):
    """Pickles a result; `prefix` has the lists of outputs, by place, that the other side has too."""

    def __init__(self, file: io.BytesIO, prefix: Mapping[int, Any]) -> None:
        super().__init__(file)
        self.names = {id(outputs): index for index, outputs in prefix.items()}

    def persistent_id(self, value: Any) -> int | None:
        return self.names.get(id(value)) if type(value) is list else None


class PlainUnpickler(pickle.Unpickler):
    """Reads numbers, texts and containers of them."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is not expected here")


class Unpacker(pickle.Unpickler):
    """Reads a result, which holds Outcomes and notebooks; `prefix()` gives the named outputs, which all
    results share: whoever changes a notebook copies it before."""

    def __init__(self, file: io.BytesIO, prefix: Callable[[], Mapping[int, Any]]) -> None:
        super().__init__(file)
        self.prefix = prefix

    def find_class(self, module: str, name: str) -> Any:
        if name in KNOWN.get(module, ()):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is not expected here")

    def persistent_load(self, name: int) -> Any:
        return self.prefix()[name]


def plain(content: bytes) -> Any:
    """The plain data that these bytes hold; pickle.UnpicklingError for anything else."""
    return PlainUnpickler(io.BytesIO(content)).load()


def packed(result: Any, prefix: Mapping[int, Any]) -> bytes:
    """A result as bytes."""
    with io.BytesIO() as file:
        Packer(file, prefix).dump(result)
        return file.getvalue()


def unpacked(content: bytes, prefix: Callable[[], Mapping[int, Any]]) -> Any:
    """The result that these bytes hold; pickle.UnpicklingError for a class that is not expected."""
    return Unpacker(io.BytesIO(content), prefix).load()


def unpacked_result(content: bytes, prefix: Callable[[], Mapping[int, Any]]) -> tuple[Any, Any]:
    """The outcome and the notebook that these bytes hold, or None for the notebook; what is the
    instructor's own of what first cells put out beside the student's code is kept as it was drawn."""
    outcome, notebook = unpacked(content, prefix)
    if notebook is not None and outcome.digests:
        with contextlib.suppress(CannotStart):  # nothing was drawn: all of it stays cleaned
            with_own_outputs(notebook, outcome, prefix())
    return outcome, notebook
