"""Whether the mutants are what they are called: one change each, none of it a repetition."""

import ast

import pytest

from course import mutants
from course.answers import Answer


def changed(source):
    """The mutants of one piece of text: {label without name: new text}."""
    answer = Answer("a", "", source, frozenset(), "")
    return {mutant.label.removeprefix("a, "): mutant.source for mutant in mutants.of(answer)}


@pytest.mark.parametrize(
    "source, expected",
    [
        (
            "x = a + b",
            {
                "x = a - b",
                "pass",
            },
        ),
        ("x = a < b", {"x = a <= b", "x = a >= b", "pass"}),
        ("x = 3", {"x = 4", "x = 2", "pass"}),
        ("x = -a", {"x = a", "pass"}),
        ("x = True", {"x = False", "pass"}),
        ("x += a", {"x = a", "x -= a", "pass"}),
        ("x = a[i]", {"x = a[i + 1]", "pass"}),
        ("x = a[i, j]", {"x = a[j, i]", "pass"}),
        ("x = a[i:j]", {"x = a[i + 1:j]", "x = a[i:j + 1]", "pass"}),
    ],
)
def test_each_kind_of_change_is_made(source, expected):
    """Operators, constants, signs, sums and indices are changed, and statements dropped."""
    made = set(changed(source).values())
    assert made == expected


def test_a_label_says_where_and_what():
    """A mutant's label holds line, column and the text before and after."""
    assert "line 1, column 4: a + b → a - b" in changed("x = a + b")


def test_mutants_are_valid_python_and_differ_from_the_original():
    """Every mutant parses, and none is the text it came from."""
    source = "def f(a):\n    'words'\n    for i in range(3):\n        a[i] += 1\n    return a\n"
    for text in changed(source).values():
        assert ast.dump(ast.parse(text)) != ast.dump(ast.parse(source))
        assert "words" in text
