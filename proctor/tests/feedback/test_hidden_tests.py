"""Whether hidden tests are left out of what students are shown, and nothing else is."""

import pytest
from nbformat.v4 import new_code_cell, new_output

from proctor.feedback.hidden_tests import LEFT_OUT, Delimiters, leave_out, split

STANDARD = Delimiters("BEGIN HIDDEN TESTS", "END HIDDEN TESTS")
TEST = {"grade": True, "solution": False, "locked": True, "grade_id": "t", "points": 1}
SOURCE = """x = f(2)
assert x == 4
### BEGIN HIDDEN TESTS
assert f(3) == 9  # secret
if x:
    assert f(5) == 25
x = f(2)
### END HIDDEN TESTS
print(x)"""
SHOWN = "x = f(2)\nassert x == 4\nprint(x)"


@pytest.mark.parametrize(
    ("source", "delimiters", "shown"),
    [
        (SOURCE, STANDARD, SHOWN),
        (SOURCE.partition("### END")[0], STANDARD, "x = f(2)\nassert x == 4"),
        (SOURCE, Delimiters("BEGIN SECRET", "END SECRET"), SOURCE),
        ("a\n# BEGIN SECRET\nb\n# END SECRET", Delimiters("BEGIN SECRET", "END SECRET"), "a"),
        ("a\nb", STANDARD, "a\nb"),
        ("", STANDARD, ""),
    ],
)
def test_what_delimiters_enclose_is_left_out(source, delimiters, shown):
    """The lines between the course's own delimiters go with these; without an end, all that follow."""
    text, hidden = split(source, delimiters)
    assert text == shown
    assert len(text.split("\n")) + len(hidden) >= len(source.split("\n"))


# As IPython writes an error (its colours, the arrow, numbers of lines), and as Python does.
TRACEBACKS = [
    (
        [
            "\x1b[31m-------\x1b[39m",
            "\x1b[36mCell\x1b[39m\x1b[36m In[3]\x1b[39m\x1b[32m, line 4\x1b[39m\n"
            "\x1b[32m      2\x1b[39m \x1b[38;5;28massert\x1b[39m x == \x1b[32m4\x1b[39m\n"
            "\x1b[32m----> \x1b[39m\x1b[32m4\x1b[39m \x1b[38;5;28massert\x1b[39m f(3) == 9  # secret",
            "\x1b[31mAssertionError\x1b[39m: ",
        ],
        "line 4\n      2 assert x == 4",
    ),
    (
        ["  File cell, line 6\n    assert f(5) == 25\n    ^^^^^\nAssertionError"],
        "line 6\n    ^^^^^",
    ),
    (["----> 1 x = f(2)\nValueError: no"], "----> 1 x = f(2)\nValueError: no"),
]


@pytest.mark.parametrize(("traceback", "kept"), TRACEBACKS)
def test_a_traceback_shows_no_hidden_line(traceback, kept):
    """Hidden lines are taken out of it, visible ones stay, and what was taken out is said."""
    error = new_output("error", ename="E", evalue="", traceback=traceback)
    cell = new_code_cell(SOURCE, outputs=[error], metadata={"nbgrader": {**TEST}})
    leave_out([cell], STANDARD)
    text = "\n".join(cell.outputs[0].traceback)
    plain = "".join(part.partition("m")[2] or part for part in text.split("\x1b["))
    assert "secret" not in plain and "f(5)" not in plain
    assert kept.splitlines()[-1].strip() in plain
    assert (LEFT_OUT in text) == (kept not in "\n".join(traceback))


@pytest.mark.parametrize(
    "nbgrader", [None, {**TEST, "solution": True, "locked": False}], ids=["own cell", "answer"]
)
def test_what_students_write_is_left(nbgrader):
    """A student's own text is shown, whatever stands in it."""
    cell = new_code_cell(SOURCE, metadata={"nbgrader": nbgrader} if nbgrader else {})
    leave_out([cell], STANDARD)
    assert cell.source == SOURCE
