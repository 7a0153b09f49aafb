"""Whether the line of an error, and a clause on it, are the learner's own."""

import linecache

import pytest
from convlab.diagnosis.failing_calls import tracebacks
from convlab.examples import example
from convlab.messages import message
from failures import ask, explained, loops, parts


def written(path, source):
    """The conv2d of a file that stands for a notebook's cell, whose lines can be read."""
    path.write_text(source)
    namespace = {"__name__": "__main__"}
    exec(compile(source, str(path), "exec"), namespace)
    return namespace["conv2d"]


@pytest.mark.parametrize("calls", [0, 50])
@pytest.mark.parametrize(
    "source, number, code",
    [
        (
            "def conv2d(image, kernel):\n    rows = 3\n    return 1 / (rows - 3)\n",
            3,
            "return 1 / (rows - 3)",
        ),
        (
            "def conv2d(image, kernel):\n    for row in range(3):\n        total += row\n"
            "    return total\n",
            3,
            "total += row",
        ),
    ],
    ids=["division", "unset name"],
)
def test_the_line_is_the_learners_own(tmp_path, source, number, code, calls):
    """After many calls too, for which Python itself names the line before an unset name."""
    conv2d = written(tmp_path / "cell.py", source)
    for _ in range(calls):
        ask(conv2d, *example(8, 8).before)
    found, _ = explained(conv2d)
    (facts,) = parts(found).values()
    assert facts["line"] == message("words", "at-line", number=number, code=code)


def test_a_line_whose_text_is_not_known_is_not_told():
    """Without the cell's text the sentence goes on without a clause."""
    linecache.clearcache()
    found, _ = explained(loops(before="1 / 0"))
    assert parts(found)["say"]["line"] == "" and "(line" not in found.text()


def test_a_very_long_line_is_cut_off(tmp_path):
    """A line of code is told up to a length that another process is believed."""
    conv2d = written(
        tmp_path / "cell.py", f"def conv2d(image, kernel):\n    return [][{'1 + ' * 500}1]\n"
    )
    found, _ = explained(conv2d)
    assert len(parts(found)["say"]["line"].facts["code"]) == 300


def test_without_an_error_there_is_no_line():
    """A call that was stopped from outside may have left none."""
    assert tracebacks.at_line(None) == ""
