"""What a feedback page says of a graded notebook before it shows it."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader import utils

from proctor.feedback.content import Student, content_of, fold
from proctor.feedback.hidden_tests import LEFT_OUT
from proctor.findings import KIND

ABOUT = {"assignment": "ps1", "notebook": "sums", "score": 3.0, "max_score": 8.0, "late_penalty": 1}
TEST = {"grade": True, "solution": False, "locked": True, "task": False, "points": 2.0}
ANSWER = {"grade": False, "solution": True, "locked": False, "task": False}


def graded(name, source="assert f(1) == 2", score=0.0, outputs=(), **more):
    """A test with its score."""
    entry = {**TEST, "grade_id": name, "score": score, **more}
    return new_code_cell(source, outputs=list(outputs), metadata={"nbgrader": entry})


def error(ename="ValueError", evalue="no", traceback=()):
    """An error's output."""
    return new_output("error", ename=ename, evalue=evalue, traceback=list(traceback))


def finding(*names, picture=None):
    """An output that records findings."""
    data = {KIND: [{"name": name, "text": f"It is {name}."} for name in names]}
    return new_output("display_data", data=data | ({"text/html": picture} if picture else {}))


def content(*cells, waiting=()):
    """The content of a page of these cells."""
    return content_of(new_notebook(cells=list(cells)), ABOUT, Student("ada"), waiting)


ARROW = ["Cell In[2], line 1\n----> 1 assert f(1) == 2\n      2 x", "AssertionError: "]


@pytest.mark.parametrize(
    ("cell", "result", "said"),
    [
        (graded("t", score=2.0), "right", ""),
        (graded("t", score=2.5), "right", ""),
        (graded("t", score=0.5), "partly", ""),
        (graded("t", outputs=[error()]), "wrong", "ValueError: no"),
        (graded("t", outputs=[error(evalue="\n first\nlast")]), "wrong", "ValueError: first"),
        (
            graded("t", outputs=[error(evalue="\x1b[31mred\x1b[0m\x07")]),
            "wrong",
            "ValueError: red�",
        ),
        (graded("t", outputs=[error(evalue="w" * 5000)]), "wrong", None),
        (
            graded("t", outputs=[error("AssertionError", "", ARROW)]),
            "wrong",
            "AssertionError at assert f(1) == 2",
        ),
        (
            graded("t", "x", outputs=[error("AssertionError", "", ["AssertionError", LEFT_OUT])]),
            "wrong",
            "AssertionError in a hidden test",
        ),
        (graded("t", "x", outputs=[error("AssertionError", "", ARROW)]), "wrong", "AssertionError"),
        (graded("t", points=0.0), "right", ""),
        (graded("t", points=0.0, outputs=[error()]), "wrong", "ValueError: no"),
        (graded("t", outputs=[error(), finding("low")]), "wrong", ""),
        (graded("t", score=2.0, outputs=[error()]), "right", "ValueError: no"),
        (graded("t", "", solution=True, locked=False), "wrong", "nothing was written"),
        (graded("t", "f = 1", solution=True, locked=False, outputs=[error()]), "wrong", ""),
    ],
)
def test_a_test_in_one_line(cell, result, said):
    """The result goes by the points; a test without findings is told by the last line of its error."""
    (line,) = content(cell).tests
    assert line.result == result
    assert line.error == said if said is not None else len(line.error) <= 400


def test_the_same_error_is_said_once():
    """A test whose error has the same last line as one above says which."""
    lines = content(
        graded("a", outputs=[error()]),
        graded("b", outputs=[error(evalue="other")]),
        graded("c", outputs=[error()]),
        graded("d", score=2.0),
    ).tests
    assert [line.like for line in lines] == ["", "", "a", ""]


def test_who_waits_for_a_human():
    """A cell without points as yet waits, and others do not."""
    found = content(graded("a"), graded("b", score=2.0), waiting={"a"})
    assert [line.result for line in found.tests] == ["waiting", "right"]
    assert found.waiting == 1


def test_each_finding_stands_once():
    """Of several tests with the same finding the first shows it; one picture stands for all of its
    findings."""
    first = finding("low", "odd", picture="<b>1</b>")
    found = content(
        graded("a", outputs=[first]),
        graded("b", outputs=[finding("low", picture="<b>2</b>")]),
        graded("c", outputs=[finding("high"), finding("low")]),
    )
    assert [(one.number, one.name, one.tests) for one in found.findings] == [
        (1, "low", ["a", "b", "c"]),
        (2, "odd", ["a"]),
        (3, "high", ["c"]),
    ]
    assert [line.findings for line in found.tests] == [(1, 2), (1,), (3, 1)]
    assert [one.picture for one in found.findings] == [{"text/html": "<b>1</b>"}, {}, {}]


@pytest.mark.parametrize(
    ("plain", "text"), [("Found: It\n is low.", ""), ("Nothing.", "It is low."), ("", "It is low.")]
)
def test_what_a_picture_says_is_not_said_again(plain, text):
    """A finding's text is left out where it is the picture's."""
    output = finding("low", picture="<b>1</b>")
    output.data["text/plain"] = plain
    (one,) = content(graded("a", outputs=[output])).findings
    assert one.text == text


def answered(source, of=new_code_cell, unchanged=False, **more):
    """A solution cell with an answer; `unchanged` if it is as students were given it."""
    cell = of(source, metadata={"nbgrader": {**ANSWER, "grade_id": "f", **more}})
    cell.metadata.nbgrader.checksum = utils.compute_checksum(cell) if unchanged else "other"
    return cell


@pytest.mark.parametrize(
    ("cell", "empty"),
    [
        (answered("f = 1"), False),
        (answered("f = None", unchanged=True), True),
        (answered(" \n"), True),
        (answered("Because.", new_markdown_cell), False),
        (answered("Draw.", new_markdown_cell, True, solution=False, task=True), False),
    ],
)
def test_which_answer_is_empty(cell, empty):
    """One that is as students were given it, or blank; a task never."""
    (answer,) = content(cell).answers
    assert (answer.cell, answer.empty) == (cell, empty)


@pytest.mark.parametrize(
    ("comment", "shown"),
    [
        ("Look at **this**.", "Look at **this**."),
        (None, None),
        ("", None),
        ("No response.", None),
        ("<script>1</script>", "< script>1< /script>"),
    ],
)
def test_comments_are_shown_harmless(comment, shown):
    """Markdown stays, what would run does not, and no comment repeats that there is no answer."""
    found = content(answered("", comment=comment))
    assert len(found.comments) == (shown is not None)
    assert shown is None or found.comments[0].text.endswith(shown)
    assert "<script" not in str(found.answers[0].cell.metadata)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", "ada"),
        ("Ada  Lovelace\n", "Ada Lovelace"),
        ("A" * 900, "A" * 199 + "…"),
        ("\x1b[2JAda\x00", "�[2JAda�"),
        (r"\href{x}{y}", r"\ href{x}{y}"),
    ],
)
def test_names_as_they_are_shown(name, shown):
    """In one line, bounded, without what a file or a formula obeys; the id of who has none."""
    assert Student("ada", name).shown == shown


def test_the_folded_notebook_repeats_nothing():
    """There a finding is a link to where it is shown, and a long text is shortened."""
    cell = graded(
        "a", outputs=[finding("<b>", picture="<i>"), new_output("stream", text="w" * 99999)]
    )
    notebook = new_notebook(cells=[cell])
    fold(notebook, content_of(notebook, ABOUT, Student("ada")))
    link, text = cell.outputs
    assert '<a href="#proctor-finding-1">&lt;b&gt;</a>' in link.data["text/html"]
    assert "<i>" not in str(link) and len(text.text) < 11_000
