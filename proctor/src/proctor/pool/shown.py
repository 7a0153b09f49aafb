"""What a notebook's first cells show and load, as it is kept for the next time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from nbformat import NotebookNode, from_dict

from proctor.examiner.results import one_formed


@dataclass
class Shown:
    """The outputs of the first cells by place, and the modules that they and the imports loaded."""

    outputs: dict[int, list[NotebookNode]] = field(default_factory=dict)
    modules: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The same as data for JSON."""
        return {"outputs": sorted(self.outputs.items()), "modules": self.modules}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Shown:
        """What `to_json` gave; KeyError, TypeError, ValueError or AttributeError if it did not."""
        outputs = {int(place): list(map(unchanged, found)) for place, found in data["outputs"]}
        return cls(outputs, [str(name) for name in data["modules"]])


def unchanged(output: dict[str, Any]) -> NotebookNode:
    """An output that has the form of one; ValueError."""
    if one_formed(output, output.get("execution_count", 0)) != output:
        raise ValueError(f"this is no output: {str(output)[:80]}")
    return from_dict(output)


class KeptShown(Protocol):
    """Where it is kept."""

    def read(self) -> Shown | None:
        """What is kept, None if there is nothing that can be used."""

    def write(self, shown: Shown) -> None:
        """Keep it, if that is possible."""


class NothingKept:
    """Keeps nothing."""

    def read(self) -> Shown | None:
        """Nothing."""
        return None

    def write(self, shown: Shown) -> None:
        """It is forgotten."""


NOTHING_KEPT = NothingKept()
