"""What a diagnosis is: stable names, the facts found of the function at hand, how sure they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .. import messages, printing
from ..messages import Message, message

if TYPE_CHECKING:
    from .causes import Cause


@dataclass(frozen=True)
class Diagnosis:
    """What was misunderstood: `names`, the most important first, and the `facts` that show it.

    It is `sure` if the function did just that wherever it was tried, else it "looks like" it.
    `hints_key` is the list of hints in the message that fits: "hints", or another that begins with
    this word. The facts hold for images of `image_size` (H, W) only, unless that is None. The
    `cause` is what gives the function's maps of every size, None if that was not found.
    """

    names: tuple[str, ...]
    facts: tuple[Message, ...]
    sure: bool = True
    hints_key: str = "hints"
    image_size: tuple[int, int] | None = None
    cause: Cause | None = field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:
        """The names in one word for tables and counts: kernel-flipped+stride-not-one."""
        return "+".join(self.names)

    @property
    def names_cells(self) -> bool:
        """Whether a fact speaks of single cells, which only fit tables of one size."""
        return any(fact.names_cells for fact in self.facts)

    def text(self, language: str | None = None) -> str:
        """The facts in words, one sentence after the other."""
        told = " ".join(filter(None, (fact.text(language).strip() for fact in self.facts)))
        if self.image_size is None:
            return told
        size = printing.size(self.image_size)
        return message("words", "at-size", size=size, told=told).text(language)

    def hints(self, language: str | None = None) -> list[str]:
        """The hints, from general to specific: a list of sentences."""
        return list(messages.table("diagnoses", language)[self.names[0]][self.hints_key])


def diagnosed(
    name: str, /, *parts: str, sure: bool = True, hints_key: str = "hints", **facts: Any
) -> Diagnosis:
    """The Diagnosis of this one name, told by these `parts` of its entry, "say" if none are given.

    All parts get the same `facts`; each takes those that its words need.
    """
    told = tuple(message("diagnoses", f"{name}.{part}", **facts) for part in parts or ["say"])
    return Diagnosis((name,), told, sure, hints_key)
