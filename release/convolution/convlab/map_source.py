"""Puts the learner's function behind a picture: theirs where it answers, torch's elsewhere."""

from collections.abc import Callable
from typing import Any

import torch

from . import checks, notebook_state
from .messages import Message, message
from .mistakes import Mistake, NotImplementedYet
from .printing import told_apart


class MapSource:
    """Whose function draws a picture: the learner's `conv2d`, or torch's if there is none.

    Called as `source(image, kernel)`, with (H, W) and (M, N), it always returns a float64 feature
    map of the right size. Afterwards `mistake` is what stopped the learner's function, if anything,
    `asked` the number of cells it gave, and `differences` those in which it was wrong: (row,
    column, theirs, expected). It never raises because of the learner, and asks no further after a
    failure.
    """

    def __init__(self, conv2d: Callable[..., Any] | None = None) -> None:
        self.conv2d = conv2d
        self.mistake: Mistake | None = None
        self.differences: list[tuple[int, int, float, float]] = []
        self.asked = 0

    def __call__(self, image: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
        case = checks.Example(image.float().clone(), kernel.float().clone())
        if self.conv2d is None or self.mistake:
            return case.target
        try:
            result = checks.call(self.conv2d, case)
            checks.is_float32_tensor(result, case)
            checks.has_size(result, case)
        except Mistake as mistake:
            self.mistake = mistake
            return case.target
        theirs = result.detach().double().clone()
        self.asked += theirs.numel()
        for i, j in checks.wrong_values(theirs, case).nonzero().tolist():
            self.differences.append((i, j, float(theirs[i, j]), float(case.target[i, j])))
        return theirs

    @property
    def answers(self) -> bool:
        """Whether the learner's own numbers are in the picture."""
        return self.conv2d is not None and self.mistake is None

    @property
    def outdated(self) -> Message | None:
        """What is to be said first: that this function is not the one written last; else None."""
        return None if self.conv2d is None else notebook_state.outdated(self.conv2d)

    @property
    def message(self) -> Message | None:
        """Whose numbers the picture shows, and how many agree; None without a function."""
        if self.conv2d is None:
            return None
        if isinstance(self.mistake, NotImplementedYet):
            return message("mistakes", "drawn.stub")
        if self.mistake:
            told = " ".join(self.mistake.text().split())
            return message(
                "mistakes", "drawn.partly" if self.asked else "drawn.lesson", mistake=told
            )
        if not self.differences:
            return message("mistakes", "drawn.agrees", all=self.asked)
        i, j, *values = self.differences[0]
        came, expected = told_apart(*values)
        facts = {"agree": self.asked - len(self.differences), "all": self.asked}
        return message(
            "mistakes", "drawn.differs", row=i, column=j, came=came, expected=expected, **facts
        )

    def sign(self, language: str | None = None) -> str:
        """The sentences under a picture, after a space; "" without a learner's function."""
        told = (self.outdated, self.message)
        return "".join(f" {each.text(language)}" for each in told if each)
