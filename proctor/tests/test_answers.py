"""Which answers are the same but for names, spaces and comments."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from proctor.answers import answer_of, of_code, of_words

MEAN = "def mean(values):\n    total = 0\n    for one in values:\n        total += one\n    return total / len(values)"


@pytest.mark.parametrize(
    "other",
    [
        "def average(xs):\n  t = 0\n  for x in xs:\n    t += x\n  return t / len(xs)",
        f"# by me\n\n{MEAN}  # done\n",
        "%matplotlib inline\n" + MEAN,
        MEAN.replace("    total = 0", '    """Add up, divide."""\n    total = 0'),
        MEAN.replace("values)", "values: list[float]) -> float", 1),
        MEAN.replace("total / len(values)", "(total) / (len(values))"),
        MEAN.replace("\n", "\r\n"),
    ],
    ids=["names", "comments", "a magic", "documentation", "annotations", "brackets", "line ends"],
)
def test_the_same_answer(other: str) -> None:
    """Names, spaces, comments, documentation and annotations of types make no other answer."""
    assert of_code(other) == of_code(MEAN)


@pytest.mark.parametrize(
    "other",
    [
        MEAN.replace("0", "1"),
        MEAN.replace("+=", "-="),
        MEAN.replace("len(values)", "len(total)"),
        MEAN.replace("len(values)", "sum(values)"),
        MEAN + "\nmean([1])",
    ],
    ids=["a number", "an operation", "another of its names", "a function", "a line"],
)
def test_another_answer(other: str) -> None:
    """What is computed makes another answer, and so does which of its names stands where."""
    assert of_code(other).digest != of_code(MEAN).digest


def test_given_names_are_substance() -> None:
    """A name that the answer only uses stays: two libraries are two answers."""
    assert of_code("y = torch.zeros(3)").digest != of_code("y = numpy.zeros(3)").digest
    assert of_code("import numpy as a\na.zeros(3)") == of_code("import numpy as b\nb.zeros(3)")
    assert of_code("import numpy as a\na.ones") != of_code("import torch as a\na.ones")


def test_documentation_alone_is_no_text() -> None:
    """A body of nothing but documentation is the same as an empty one."""
    assert of_code('def f():\n    "what it does"') == of_code("def f():\n    pass")


@pytest.mark.parametrize(
    "text",
    [
        "def f(:",
        "x = '\x00'",
        "(" * 5000,
        "-" * 19_000 + "1",
        "a." * 9000 + "a",
        "x = 1\n" * 10_000,
        "\ud800",
        "",
    ],
    ids=["no Python", "NUL", "brackets", "signs", "dots", "long", "a surrogate", "nothing"],
)
def test_any_text_has_a_digest(text: str) -> None:
    """What is no Python, or too much for a parser, is compared as text without its spaces."""
    assert of_code(text) == of_code(text + "  \n")
    assert of_code(text).size >= 0


def test_words() -> None:
    """A written answer is compared by its words; its size is how many there are."""
    assert of_words("The mean, because …\n\nit *is*!") == of_words("the Mean because it is")
    assert of_words("the mean because it is").size == 5
    assert answer_of(new_markdown_cell("Two words")) == of_words("two words")
    assert answer_of(new_code_cell("x = 1")) == of_code("x=1")


def test_size() -> None:
    """The size of code counts its statements and expressions."""
    assert of_code("x = 1").size == 3  # the assignment, the name, the number
