"""Owns the grades that are not stock nbgrader's, on purpose: who gets which points from which, why, and what helps."""

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
SAME = {
    "square-source": 8,
    "price-equal": 1,
    "price-minus-price": 64,
    "price-times": 4096,
    "ask-mock": 1,
    "price-number-inside": 8,
    "price-set-inside": 16,
    "ask-mock-inside": 2,
    "roll-numbers": 1,
    "keep-loaded": 1,
    "price-type-equal": 1024,
    "quiet-entered": 2,
    "hour-hour": 2,
    "money-amount": 4,
    "day-day": 2,
    "bag-bag": 2,
    "tally-given": 2,
    "tries-error": 2,
    "grow-attribute": 2,
}
KINDER = "none is needed"
INSIDE = "`runs: candidate`"


@dataclass(frozen=True)
class Difference:
    """What a student gets in some cells from stock nbgrader and from proctor (None: no grade at all), why, and what helps."""

    student: str
    stock: dict
    proctor: dict
    why: str
    remedy: str = KINDER


def refused(cells, why, remedy=INSIDE):
    """What is right and loses its points here: {cell: points in stock}."""
    return Difference("compares", cells, dict.fromkeys(cells, 0), why, remedy)


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
        "A test's builtins and modules are the instructor's, whatever the student calls by these names, unless the solution defines them too.",
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
        "So is, in tests, whatever an instructor's cell or an earlier test binds and the solution does not: data that tests need, test cases, helpers. "
        "(Who changes plain data in an open cell of the instructor's, in its place, has changed it for the tests, too.)",
    ),
    Difference(
        "rebinds",
        {"scaled-factor": 1},
        {"scaled-factor": 0},
        "That holds where the student's own code uses another value, too.",
        "Bind the name in the solution as well, or in an open cell; or " + INSIDE,
    ),
    Difference(
        "rebinds",
        {"square-close": 0},
        {"square-close": 16},
        "A function of an open cell stays in tests as the instructor wrote it, unless it was a stub: with `pass`, `...` or `raise NotImplementedError` only.",
    ),
    Difference(
        "rebinds",
        {"describe-shape": 1, "describe-shape-inside": 2},
        {"describe-shape": 0, "describe-shape-inside": 2},
        "What a student sets on a class of the instructor's, she sets in her process only: in tests the class is the instructor's.",
        INSIDE + "; or let her derive a class",
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
    refused(
        {"price-number": 2, "price-set": 4, "price-float": 128},
        "No object of a student's class says itself that it equals the test's number, what its hash is, or which number it is: that "
        "would be a verdict passed by the student. (An object compared with another one of the student's is asked, and a subclass of "
        "`int`, `list` and the like is compared by what it holds.)",
    ),
    refused(
        {"price-minus": 32},
        "Nor does a number come out of arithmetic between such an object and the test's data, as in `abs(got - expected) < 1e-6`. "
        "(Arithmetic that gives an object again, or among the student's objects alone, is taken.)",
    ),
    refused(
        {"price-array": 2048},
        "Nor does any number that such an object holds come out once it was made by arithmetic with a test's array, as in "
        "`(got - expected).max() < 1e-6`: the student's object would say what the difference is. (Its text is taken, and other objects.)",
        INSIDE + "; or a test with plain numbers",
    ),
    refused(
        {"hour-number": 1},
        "Nor what an object of a subclass of `int`, `float` or `set` holds once it was made by arithmetic with the test's data, unless plain "
        "numbers come to the same. (What one of a list or a text holds is taken.)",
        "`Hour(23) + Hour(2) == 1`",
    ),
    refused(
        {"money-abs": 1, "money-shown": 2},
        "A test's number subtracted from such an object may be what is expected, so the rest is asked for its text and its attributes, but not for "
        "what a number or tensor is then asked for: `abs`, `item`, `max`, `sum`, `norm` and the like, or digits by a format.",
        "`(Money(5) - 3).amount == 2`, `(Money(3) - Money(5)).abs() == 2`",
    ),
    refused(
        {"day-date": 1},
        "Nor is anything plain taken of what such an object makes of a test's set, or of a date that is subtracted from it.",
        "`Day(2024, 1, 15) - Day(2024, 1, 1)`",
    ),
    refused(
        {"bag-set": 1},
        "Nor is it asked how it compares with a test's set, array or tensor, by `issubset`, `equal`, `allclose`, `isclose`, `sub` and the like.",
        "`Bag([1]).issubset(Bag([1, 2]))`, `set(Bag([1])) <= {1, 2}`",
    ),
    refused(
        {"tally-default": 1},
        "A file that the test wrote is changed by a student's function only if a call was given its name: it could hold what is expected. "
        "(An empty one, and one that the student's code wrote, is changed as ever.)",
        'Give the path: `tally("other.txt")`',
    ),
    refused(
        {"tries-assertion": 1},
        "An `assert` of the test's own that failed in a function which the student's code called fails the test, though that code caught it.",
        "Let the function raise another error",
    ),
    refused(
        {"grow-constant": 1},
        "A constant of an instructor's class, in capitals and set by none of its methods, is the class's also for an instance that a student's code "
        "has set it on.",
        "Set it in `__init__`, or write it in small letters",
    ),
    refused(
        {"price-derived": 256},
        "A test cannot derive a class from the student's: the class is in another process.",
    ),
    refused(
        {"price-type": 512},
        "`type(x)` is never the student's class itself, which is in another process; `type(x) == Price` and `isinstance` are as ever.",
        "`isinstance(x, Price)`, or `type(x) == Price`.",
    ),
    refused(
        {"quiet-block": 1},
        "A student's `with` block never swallows an error of the test, and is not told of it: it could swallow a failed `assert`.",
    ),
    refused(
        {"quiet-warned": 4},
        "A warning of the student's code is printed, as text on stderr; the test's `warnings` do not see it.",
    ),
    refused(
        {"roll-after": 2},
        "What a student's function has drawn does not move the generators of the test: the student would choose the test's numbers. "
        "(The other way round they do: a test's `seed` holds for the function that it calls next.)",
        "Seed again after the call; or " + INSIDE,
    ),
    refused(
        {"keep-object": 2},
        "A test unpickles plain data and arrays only: the rest could run whatever a student's code has written.",
        "Let the student's own function load it again; or " + INSIDE,
    ),
    Difference(
        "compares",
        SAME,
        SAME,
        "No difference: the same tests where they run in the candidate, objects of the student's compared with and subtracted from "
        "each other, the text of a function by `inspect`, a builtin replaced by `unittest.mock`, a file of pickled plain data.",
        KINDER,
    ),
]
