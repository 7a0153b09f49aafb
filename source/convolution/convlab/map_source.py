"""Owns putting the learner's function behind a picture: theirs where it answers, the target where it does not."""

from . import checks
from .mistakes import Mistake, NotImplementedYet
from .printing import told_apart


class MapSource:
    """Whose function draws a picture: the learner's `conv2d`, or the target's if there is none or it fails.

    Called as `source(image, kernel)`, it always returns a float64 feature map of the right size. Afterwards `mistake`
    is what stopped the learner's function, if anything, and `differences` the values in which it was wrong:
    (row, column, theirs, expected). It never raises because of the learner, and asks no further after a failure.
    """

    def __init__(self, conv2d=None):
        self.conv2d, self.mistake, self.differences, self.asked = conv2d, None, [], 0

    def __call__(self, image, kernel):
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
    def answers(self):
        """Whether the learner's own numbers are in the picture."""
        return self.conv2d is not None and self.mistake is None

    def sign(self):
        """The sentence under the picture that says whose numbers these are, and how many agree."""
        if self.conv2d is None:
            return ""
        if isinstance(self.mistake, NotImplementedYet):
            return " Drawn by the lesson: conv2d is still the stub."
        if self.mistake:
            whose = "partly by the lesson" if self.asked else "by the lesson, not by your conv2d"
            return f" Drawn {whose}: {' '.join(str(self.mistake).split())}"
        if not self.differences:
            return f" Drawn by your conv2d: all {self.asked} cells agree with torch's."
        i, j, *values = self.differences[0]
        theirs, expected = told_apart(*values)
        return (
            f" Drawn by your conv2d: {self.asked - len(self.differences)} of {self.asked} cells agree; first "
            f"difference at row {i}, column {j}: yours {theirs}, expected {expected}."
        )
