"""Owns the names of what can be wrong with an answer; the name is what the instructor's table shows."""

import textwrap

WIDTH = 100  # of a line; a notebook breaks longer ones within words


class Mistake(AssertionError):
    """What is wrong with one call of the learner's function, in a sentence or two for the learner.

    `about` is the function and the Example of that call, where it is known to whoever raised it.
    """

    about, shown = None, ""

    def _render_traceback_(self):
        """What IPython shows: the sentences alone, since the lines that found the mistake are not the learner's.

        Where the diagnosis was `shown` above, as its name, only what happened is said again, and how to repeat it.
        """
        first, *rest = str(self).split("\n")
        if self.shown:
            rest = [line for line in rest if "checks.example(" in line]
        title = " ".join(["✗", type(self).__name__, *[f"[{self.shown}]"] * bool(self.shown)])
        return [
            f"\x1b[31m{title}\x1b[0m",
            *(part for line in [first, *rest] for part in textwrap.wrap(line, WIDTH)),
        ]


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
    """The call changed its argument, an earlier result, or depends on what is outside its arguments."""


class LibraryConvolution(Mistake):
    """A library's convolution did the work; `used` is its name."""

    def __init__(self, message, used):
        super().__init__(message)
        self.used = used
