"""Whether what a test recorded of an answer is read, and whatever else stands there is harmless."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from proctor.findings import KIND, Finding, found
from proctor.sanitize import clean_outputs

ONE = {"name": "off-by-one", "text": "It starts at 1.", "means": "starts at 1", "advice": "Part 2."}
TEST = {"grade": True, "solution": False, "locked": True, "grade_id": "t", "points": 1}
ANSWER = {**TEST, "solution": True, "locked": False}


def shown(data, of="display_data"):
    """An output with these data."""
    return new_output(of, data=data)


def cell(*outputs, nbgrader=TEST):
    """A graded cell with these outputs."""
    return new_code_cell("1", outputs=list(outputs), metadata={"nbgrader": {**nbgrader}})


def test_a_finding_is_read_with_the_output_that_shows_it():
    """Name, sentence, meaning and advice as they were recorded; the picture is that output."""
    output = shown({"text/html": "<b>1</b>", KIND: [ONE]})
    assert found(cell(output)) == [Finding(**ONE, picture=output)]


@pytest.mark.parametrize(
    ("recorded", "names"),
    [
        ([{"name": "a"}, {"name": "b", "text": "B."}], ["a", "b"]),
        ([{"name": "a", "text": 7, "more": "x"}], ["a"]),
        ([{"text": "no name"}, {"name": ""}, {"name": " "}, {"name": 3}, "a", None], []),
        ({"name": "a"}, []),
        ("a", []),
        (None, []),
        (7, []),
        ([{"name": "n" * 1000}], [None]),
        ([{"name": str(number)} for number in range(100)], list(map(str, range(20)))),
        ([{"name": "two\nlines\x1b[2J"}], ["two lines\N{REPLACEMENT CHARACTER}[2J"]),
    ],
)
def test_only_what_has_the_format_is_read(recorded, names):
    """Other data are left out, text is bounded and of one line, and nothing is raised."""
    read = found(cell(shown({"text/plain": "", KIND: recorded})))
    assert len(read) == len(names)
    assert all(name is None or one.name == name for name, one in zip(names, read, strict=True))
    assert all(one.picture is None and len(one.name) <= 200 for one in read)


@pytest.mark.parametrize(
    "other",
    [
        cell(shown({KIND: [ONE]}), nbgrader=ANSWER),
        new_code_cell("1", outputs=[shown({KIND: [ONE]})]),
        new_markdown_cell("x"),
        cell(new_output("stream", text=str([ONE]))),
        cell(new_output("error", ename="E", evalue="off-by-one", traceback=[])),
    ],
)
def test_only_what_a_test_displays_counts(other):
    """A student's cell, printed text and errors hold no findings, whatever stands in them."""
    assert found(other) == []


@pytest.mark.parametrize("of", ["display_data", "execute_result"])
def test_findings_survive_cleaning_and_the_file(of):
    """Cleaned outputs are valid nbformat, and the findings in them are read from the written file."""
    hostile = {"name": "a<b>", "text": "\x1b]0;x\x07" + "x" * 10_000, "means": ["no text"]}
    cleaned = clean_outputs([shown({"text/html": "<b>1</b>", KIND: [ONE, hostile, 5]}, of)])
    written = nbformat.writes(new_notebook(cells=[cell(*cleaned)]))
    nbformat.validate(nbformat.reads(written, as_version=4))
    first, second = found(nbformat.reads(written, as_version=4).cells[0])
    assert (first.name, first.text, first.means, first.advice) == tuple(ONE.values())
    assert second.name == "a<b>" and len(second.text) < 5000 and "\x1b" not in second.text
    assert "<b>1</b>" in first.picture.data["text/html"]
