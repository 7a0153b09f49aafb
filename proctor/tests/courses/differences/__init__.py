"""The grades that are not stock nbgrader's, on purpose: who gets which points from which, and why."""

from dataclasses import dataclass
from pathlib import Path

from .. import making
from ..running import Course

HERE = Path(__file__).parent
COURSE = Course(
    name="differences",
    assignment="small",
    source={"small.ipynb": making.notebook((HERE / "small.py").read_text("utf-8"))},
    submissions=making.students((HERE / "submissions.py").read_text("utf-8")),
    settings="c.Execute.timeout = 4\nc.Execute.iopub_timeout = 10\n",
)
SQUARE = {
    "square-positive": 1,
    "square-negative": 2,
    "square-caught": 16,
    "square-sum": 4,
    "square-source": 8,
    "last": 1,
}
UNGRADED = {
    "square-positive": None,
    "square-negative": None,
    "square-caught": None,
    "square-sum": None,
    "last": None,
}
WITHOUT_NEGATIVE = {
    "square-positive": 1,
    "square-negative": 0,
    "square-caught": 0,
    "square-sum": 4,
    "last": 1,
}
SAME = ("compares",)  # who has the points that stock gives, in every cell


@dataclass(frozen=True)
class Difference:
    """What a student gets in some cells from stock nbgrader and from proctor, and why.

    None: no grade at all, or from proctor one that a human must give.
    """

    student: str
    stock: dict
    proctor: dict
    why: str


DIFFERENCES = [
    Difference(
        "warns",
        {"square-positive": 0, "square-negative": 0, "last": 1},
        {"square-positive": 1, "square-negative": 2, "last": 1},
        "A warning on stderr says nothing about the answer; in stock it costs the points of every cell in which it is shown.",
    ),
    Difference(
        "logs",
        {"square-positive": 0, "square-negative": 0, "square-sum": 0},
        {"square-positive": 1, "square-negative": 2, "square-sum": 4},
        "Nor does any other text on stderr.",
    ),
    Difference(
        "hangs",
        UNGRADED,
        WITHOUT_NEGATIVE,
        "A call that never ends, and that nothing stops, costs the test at hand, whatever that catches; in stock the whole submission "
        "is left ungraded.",
    ),
    Difference("dies", UNGRADED, WITHOUT_NEGATIVE, "So does a process that ends."),
    Difference(
        "leaves",
        UNGRADED,
        WITHOUT_NEGATIVE | {"square-caught": 16},
        "So does `exit()` in a function; it is an error that a test can catch.",
    ),
    Difference(
        "ends-early",
        UNGRADED,
        SQUARE,
        "`exit()` in a cell ends that cell; in stock it ends the kernel, and nothing is graded.",
    ),
    Difference(
        "shadows",
        {"square-positive": 1, "square-sum": 0},
        {"square-positive": 1, "square-sum": 4},
        "An isolated test's builtins and modules are the instructor's, whatever the student calls by these names, unless the solution binds them too.",
    ),
    Difference(
        "rebinds",
        {"mean-half": 0},
        {"mean-half": 1},
        "So are libraries that only the solution imports.",
    ),
    Difference(
        "rebinds",
        {"last": 0},
        {"last": 1},
        "So is, in isolated tests, whatever an instructor's cell binds and the solution neither binds nor changes: data, test cases, helpers.",
    ),
    Difference(
        "rebinds",
        {"scaled-factor": 1},
        {"scaled-factor": None},
        "Where a test fails for that, and passes in one process with the submission, a human decides.",
    ),
    Difference(
        "rebinds",
        {"square-close": 0},
        {"square-close": 16},
        "So is a function of a cell without points that the student may edit.",
    ),
    Difference(
        "copied",
        UNGRADED,
        SQUARE,
        "A graded cell that stands there twice counts once; stock stops at it, and all who come later stay ungraded.",
    ),
    Difference(
        "moved",
        {"square-positive": 0, "square-negative": 0, "last": 1},
        {"square-positive": 1, "square-negative": 2, "last": 1},
        "Cells stand in the instructor's order, so a cell moved by mistake costs nothing.",
    ),
    Difference(
        "deleted",
        {"square-positive": 1, "square-negative": None, "last": None},
        SQUARE,
        "A deleted graded cell is asked all the same, as stock does with `OverwriteCells.add_missing_cells`.",
    ),
]
