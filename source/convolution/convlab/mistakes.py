"""What can be wrong with an answer: a class for each kind, whose name tables show."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from .messages import Message, message

if TYPE_CHECKING:
    from collections.abc import Callable

    from .diagnosis import Diagnosis
    from .examples import Example

WIDTH = 100  # of a line; a notebook breaks longer ones within words


class Mistake(AssertionError):
    """What is wrong with one call of the learner's function.

    `message` says what happened and what was expected, `look` what to look at, `again` how to get
    the same numbers; a Message each, the last two None where there is nothing to say. `about` is
    the function and the Example of that call, None where whoever raised it did not know them.
    `diagnosis` is why it happened, None if nobody found out; `shown` is whether that is displayed.
    """

    diagnosis: Diagnosis | None = None
    shown = False

    def __init__(
        self,
        told: Message,
        look: Message | None = None,
        again: Message | None = None,
        about: tuple[Callable[..., Any], Example] | None = None,
    ) -> None:
        super().__init__(told)
        self.message, self.look, self.again, self.about = told, look, again, about

    def text(self, language: str | None = None) -> str:
        """The mistake in words: what happened, what to look at, how to repeat it, and why."""
        told = [self.message, self.look, self.again]
        lines = [part.text(language) for part in told if part]
        if self.diagnosis:
            sure = (
                "" if self.diagnosis.sure else f"{message('rungs', 'looks-like').text(language)} "
            )
            why = f"{sure}{self.diagnosis.text(language)}"
            lines.append(f"Diagnosis [{self.diagnosis.name}]: {why}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text()

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the words alone, since the lines that raise are not the learner's.

        What is `shown` already is not said again, but for what happened and how to repeat it.
        """
        name, told = type(self).__name__, self.text()
        if self.shown:
            name = f"{name} [{self.diagnosis.name}]" if self.diagnosis else name
            told = "\n".join(str(part) for part in (self.message, self.again) if part)
        wrapped = [part for line in told.split("\n") for part in textwrap.wrap(line, WIDTH)]
        return [f"\x1b[31m✗ {name}\x1b[0m", *wrapped]


class NotDefined(Mistake):
    """There is no function of that name."""


class NotImplementedYet(Mistake):
    """The stub is still there."""


class Raised(Mistake):
    """The call ended in an error."""


class TooSlow(Mistake):
    """The call did not return in time."""


class WrongType(Mistake):
    """The result is not a torch tensor."""


class WrongDtype(Mistake):
    """The result's numbers are not float32."""


class WrongSize(Mistake):
    """The result has not the feature map's size."""


class WrongValue(Mistake):
    """A number in the result is not the dot product of patch and kernel."""


class SideEffect(Mistake):
    """The call changed its argument, an earlier result, or depends on more than its arguments."""


class LibraryConvolution(Mistake):
    """A library's convolution did the work; the fact `library` of its message is its name."""
