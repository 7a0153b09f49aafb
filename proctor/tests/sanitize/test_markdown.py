"""A student's markdown, code and raw text: harmless when cleaned, honest text as it was."""

import danger
import pytest
from hostile_outputs import MARKDOWN, PNG, display

from proctor.sanitize import clean_attachments, clean_code, clean_markdown, clean_raw


@pytest.mark.parametrize("name", MARKDOWN)
def test_hostile_markdown(name: str) -> None:
    """A text that would run or load something is shown as plain text under a note."""
    assert danger.in_output(display("text/markdown", MARKDOWN[name]))
    cleaned = clean_markdown(MARKDOWN[name])
    assert danger.in_markdown(cleaned) == []
    assert cleaned.startswith("> **proctor:**")
    assert "words" in cleaned or "words" not in MARKDOWN[name]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "# Answer\n\nThe map is *smaller*: $H - M + 1$, see "
            '[the docs](https://pytorch.org/docs?a=1&b=2 "title").\n\n- one\n- two\n',
            id="link and formula",
        ),
        pytest.param(
            "```python\nfor i in range(3):\n    if a[i] < b and c > d:\n"
            "        x[i]: int = f(a)[0]\n```\n",
            id="code",
        ),
        pytest.param(
            "$$\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix} \\text{ with } a<b, "
            "\\alpha \\le \\beta$$\n\nand `a[0](x)`, `x<y`.",
            id="matrix",
        ),
        pytest.param(
            "A table\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n\nH<sub>2</sub>O<br>and <b>bold</b>, "
            '<span style="color: red">red</span>.',
            id="table and elements",
        ),
        pytest.param(
            "a < b, a <= b, 3<4, x<y) and I <3 it & more &amp; &lt;b&gt; &nbsp; &times;",
            id="comparisons and entities",
        ),
        pytest.param(
            "![plot](figures/plot.png)\n\n<https://example.org> me@example.org\n\n- [x] done\n\n"
            "> quoted\n\n[a]: https://example.org 'b'",
            id="picture, addresses, list and quotation",
        ),
        pytest.param("", id="nothing"),
        pytest.param("   \n", id="white space"),
        pytest.param("\n" * 50_000, id="many lines"),
        pytest.param("Umlaute äöü, 汉字, 👍, and escapes \\* \\_ \\[x\\]", id="letters"),
    ],
)
def test_honest_markdown(text: str) -> None:
    """Text, formulas, code, tables, links and plain elements are not touched."""
    assert clean_markdown(text) == text


@pytest.mark.parametrize("text", ["# conv2d\n\nMy answer.", "conv2d\n=====\n\nMy answer."])
def test_a_heading_named_like_a_cell(text: str) -> None:
    """A heading gets no id that is a grade_id, by which formgrader finds its score boxes."""
    cleaned = clean_markdown(text, names=["conv2d"])
    assert "conv2d" in cleaned and "My answer." in cleaned
    assert 'id="conv2d"' not in danger.markdown2html_mistune(cleaned)
    assert clean_markdown(text, names=["squares"]) == text


def test_attachments() -> None:
    """Of attachments only real pictures are kept, and only those may be shown in the text."""
    attachments = {
        "a.png": {"image/png": PNG, "image/svg+xml": "PHN2Zz4="},
        "b.svg": {"image/svg+xml": "PHN2Zz4="},
        "c": 7,
        'd"': {"image/png": PNG},
        "e.png": {"image/png": '"><script>'},
    }
    kept = clean_attachments(attachments)
    assert kept == {"a.png": {"image/png": PNG}}
    assert clean_markdown("![a](attachment:a.png)", kept) == "![a](attachment:a.png)"
    assert "! [b] (attachment:b.svg)" in clean_markdown("![b](attachment:b.svg)", kept)


def test_code() -> None:
    """Lone surrogates and NULs are marked, all else of a student's code is as it was."""
    assert clean_code("x = '\ud800\0' # <b>\x0c") == "x = '\ufffd\ufffd' # <b>\x0c"


def test_raw_text() -> None:
    """No HTML begins in raw text."""
    assert clean_raw("<script>x < y</script>") == "< script>x < y< /script>"


def test_what_is_no_text() -> None:
    """What should be text or attachments and is none is empty."""
    assert (clean_code(7), clean_raw(None), clean_markdown([])) == ("", "", "")
    assert clean_attachments("none") == {}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\\begin{a}" * 40_000, id="formulas that never end"),
        pytest.param("[a](" * 100_000, id="links that never end"),
        pytest.param("$$a" * 50_000, id="dollars"),
        pytest.param("`" * 99_999, id="backticks"),
        pytest.param("a\n: b\n" * 20_000, id="definitions"),
        pytest.param("![a" * 15_000, id="pictures that never end"),
        pytest.param("- a\n" * 10_000, id="a list"),
    ],
)
def test_markdown_made_to_exhaust_nbconvert(text: str) -> None:
    """A text that would keep nbconvert busy for minutes is one block of code, or shortened."""
    cleaned = clean_markdown(text)
    assert len(cleaned) < 120_000
    assert danger.in_markdown(cleaned) == []
