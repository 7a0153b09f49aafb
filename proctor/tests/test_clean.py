"""Whether what a stranger's process sends to be shown is inert when it has been cleaned, and honest outputs look as they did."""

import copy
import json

import danger
import hostile_outputs
import nbformat
import pytest
from hostile_outputs import MARKDOWN, PNG, display

from proctor.clean import (
    Limits,
    clean_attachments,
    clean_code,
    clean_markdown,
    clean_outputs,
    clean_raw,
)


@pytest.mark.parametrize("name", hostile_outputs.ALL)
def test_a_hostile_output_is_dangerous_before_and_inert_after(name):
    """Each is found dangerous by a reader that knows nothing of the cleaning, and nothing dangerous is left of it."""
    output = hostile_outputs.ALL[name]
    assert danger.in_output(copy.deepcopy(output))
    cleaned = clean_outputs([output])
    assert [[]] == [danger.in_output(one) for one in cleaned]


@pytest.mark.parametrize(
    "name", [name for name, text in hostile_outputs.PAGES.items() if "words" in text]
)
def test_what_is_harmless_in_a_hostile_page_can_still_be_read(name):
    """Words beside something dangerous are there afterwards, or a sentence says why nothing is shown."""
    (cleaned,) = clean_outputs([display("text/html", hostile_outputs.PAGES[name])])
    assert (
        "words" in cleaned.data.get("text/html", "")
        or "[proctor left out: text/html" in cleaned.data["text/plain"]
    )


@pytest.mark.parametrize("name", MARKDOWN)
def test_hostile_markdown_is_inert_and_says_that_it_was_changed(name):
    """A student's text that would run or load something is shown as plain text under a note that says so."""
    assert danger.in_output(display("text/markdown", MARKDOWN[name]))
    cleaned = clean_markdown(MARKDOWN[name])
    assert [] == danger.in_markdown(cleaned)
    assert cleaned.startswith("> **proctor:**")
    assert all(word in cleaned for word in ("words",) if word in MARKDOWN[name])


@pytest.mark.parametrize(
    "text",
    [
        '# Answer\n\nThe map is *smaller*: $H - M + 1$, see [the docs](https://pytorch.org/docs?a=1&b=2 "title").\n\n- one\n- two\n',
        "```python\nfor i in range(3):\n    if a[i] < b and c > d:\n        x[i]: int = f(a)[0]\n```\n",
        "$$\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix} \\text{ with } a<b, \\alpha \\le \\beta$$\n\nand `a[0](x)`, `x<y`.",
        'A table\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n\nH<sub>2</sub>O<br>and <b>bold</b>, <span style="color: red">red</span>.',
        "a < b, a <= b, 3<4, x<y) and I <3 it & more &amp; &lt;b&gt; &nbsp; &times;",
        "![plot](figures/plot.png)\n\n<https://example.org> me@example.org\n\n- [x] done\n\n> quoted\n\n[a]: https://example.org 'b'",
        "",
        "   \n",
        "Zeile mit Umlauten äöü, 汉字, 👍, und Escapes \\* \\_ \\[x\\]",
    ],
)
def test_honest_markdown_comes_back_as_it_is(text):
    """Text, formulas, code, tables, links and plain elements are not touched."""
    assert text == clean_markdown(text)


def test_a_heading_cannot_take_the_place_of_a_score_box():
    """formgrader finds its boxes by id, and nbconvert makes ids of headings: one that would be a grade_id is made another."""
    cleaned = clean_markdown("# conv2d\n\nMy answer.", names=["conv2d"])
    assert "conv2d ·" in cleaned and "My answer." in cleaned
    assert 'id="conv2d"' not in danger.markdown2html_mistune(cleaned)
    setext = clean_markdown("conv2d\n=====\n", names=["conv2d"])
    assert 'id="conv2d"' not in danger.markdown2html_mistune(setext)
    assert "# conv2d\n" == clean_markdown("# conv2d\n", names=["squares"])


def test_an_attached_picture_stays_and_anything_else_attached_goes():
    """Of attachments only real pictures are kept, and only those may be shown in the text."""
    attachments = {
        "a.png": {"image/png": PNG, "image/svg+xml": "PHN2Zz4="},
        "b.svg": {"image/svg+xml": "PHN2Zz4="},
        "c": 7,
        'd"': {"image/png": PNG},
        "e.png": {"image/png": '"><script>'},
    }
    kept = clean_attachments(attachments)
    assert {"a.png": {"image/png": PNG}} == kept
    assert "![a](attachment:a.png)" == clean_markdown("![a](attachment:a.png)", kept)
    assert "! [b] (attachment:b.svg)" in clean_markdown("![b](attachment:b.svg)", kept)
    assert {} == clean_attachments("none")


def test_code_and_raw_text_can_be_written_to_a_file():
    """Lone surrogates and NULs are marked, all else of the code is as it was; no HTML begins in raw text."""
    assert "x = '\N{REPLACEMENT CHARACTER}' # <b>\x0c" == clean_code("x = '\ud800' # <b>\x0c")
    assert "< script>x" == clean_raw("<script>x")
    assert "" == clean_code(7) == clean_raw(None) == clean_markdown([])


def test_markdown_that_is_too_long_or_intricate_is_shown_as_it_was_typed():
    """A text that would keep nbconvert busy for minutes is one block of code, with its beginning and its end."""
    for text in (
        "\\begin{a}" * 40_000,
        "[a](" * 100_000,
        "$$a" * 50_000,
        "`" * 99_999,
        "a\n: b\n" * 20_000,
        "![a" * 15_000,
        "- a\n" * 10_000,
    ):
        cleaned = clean_markdown(text)
        assert len(cleaned) < 120_000
        assert [] == danger.in_markdown(cleaned)


@pytest.mark.parametrize(
    "page",
    [
        "<p>" + "".join(f"<b lang=x{n}>" for n in range(3000)) + "</p>" + "<p>x" * 10_000,
        "<div>" * 500_000,
        "<p " + " ".join(f"a{n}" for n in range(300_000)) + ">x",
        "<p>x" * 19_000,
        "<style>" + "(" * 150_000,
        "<style>" + "a{" * 60_000 + "}" * 60_000 + "</style>x",
        "<p style='" + "x:calc(" * 3000 + "'>x",
        "x" * 3_000_000,
    ],
)
def test_html_made_to_exhaust_the_one_who_cleans_it_stays_bounded(page):
    """Repeated formatting, depth, attributes without number and nested style neither fail nor grow."""
    (cleaned,) = clean_outputs([display("text/html", page)])
    assert sum(len(text) for text in cleaned.data.values()) < 2_500_000
    assert [] == danger.in_output(cleaned)


def test_more_outputs_than_there_is_room_for_are_counted():
    """After the first ones a sentence says how many more there were."""
    outputs = [{"output_type": "stream", "name": "stdout", "text": str(n)} for n in range(500)]
    cleaned = clean_outputs(outputs, Limits(outputs=20))
    assert 21 == len(cleaned) and "480 more outputs" in cleaned[-1].text
    cleaned = clean_outputs(
        [{"output_type": "stream", "name": "stdout", "text": "x" * 900}] * 5, Limits(total=2000)
    )
    assert ["x" * 900] * 2 == [one.text for one in cleaned[:2]]
    assert all("left out" in one.text and len(one.text) < 200 for one in cleaned[2:])


@pytest.mark.parametrize(
    "outputs",
    [
        None,
        7,
        "text",
        {},
        [[]] * 3,
        [{}],
        [{"output_type": "stream"}],
        [{1: 2}],
        [float("nan")],
        [{"output_type": "display_data", "data": {"text/html": [["a"]]}}],
        [
            {
                "output_type": "execute_result",
                "data": {7: 8, "text/plain": ["a", "b"]},
                "execution_count": True,
            }
        ],
    ],
)
def test_whatever_comes_outputs_leave(outputs):
    """Data of any shape gives a list of valid outputs and no exception."""
    cleaned = clean_outputs(outputs)
    assert [[]] * len(cleaned) == [danger.in_output(one) for one in cleaned]


def test_honest_text_errors_and_pictures_stay():
    """Printed text, coloured errors, tables and pictures with their sizes come through unchanged."""
    outputs = [
        {
            "output_type": "stream",
            "name": "stderr",
            "text": "UserWarning: a < b & c\n 50%|█████     |\r100%",
        },
        {
            "output_type": "error",
            "ename": "ValueError",
            "evalue": "no",
            "traceback": ["\x1b[0;31mValueError\x1b[0m: no", "\x1b[38;5;241m1\x1b[39m x"],
        },
        {
            "output_type": "execute_result",
            "data": {"text/plain": "tensor([[1., 2.]])"},
            "metadata": {},
            "execution_count": 3,
        },
        {
            "output_type": "display_data",
            "data": {"image/png": PNG, "text/plain": "<Figure size 640x480>"},
            "metadata": {"image/png": {"width": 640, "height": 480}},
        },
        {
            "output_type": "display_data",
            "data": {"text/latex": "$\\displaystyle x^{2} < \\frac{1}{2}$", "text/plain": "x"},
            "metadata": {},
        },
    ]
    assert outputs == json.loads(json.dumps(clean_outputs(outputs)))


def test_cleaning_what_is_clean_changes_nothing_that_is_seen():
    """A second cleaning leaves text, pictures and errors alone and keeps the words of HTML."""
    outputs = [output for output in hostile_outputs.ALL.values()]
    once = clean_outputs(outputs)
    twice = clean_outputs(once)
    assert [[]] * len(twice) == [danger.in_output(one) for one in twice]
    assert [one for one in once if one.output_type != "display_data"] == [
        one for one in twice if one.output_type != "display_data"
    ]


def test_a_table_of_numbers_keeps_its_cells_and_its_style():
    """What pandas writes, a table and a style of its own, is there with its classes and ids renamed alike."""
    page = (
        "<style scoped>.dataframe tbody tr th { vertical-align: top } #T_1a_row0_col0 { background-color: #440154; color: #f1f1f1 }"
        " #T_1a th.col_heading:hover { width: 10em; background: linear-gradient(90deg, #5fba7d 50.0%, transparent 50.0%) }</style>"
        '<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th><th class="col_heading">a</th></tr></thead>'
        '<tbody><tr><th>0</th><td id="T_1a_row0_col0" class="data row0">1</td></tr></tbody></table>'
    )
    (cleaned,) = clean_outputs([display("text/html", page)])
    text = cleaned.data["text/html"]
    assert (
        'id="student-T_1a_row0_col0"' in text
        and "#student-T_1a_row0_col0{background-color:#440154;color:#f1f1f1;}" in text
    )
    assert "linear-gradient(90deg,#5fba7d 50.0%,transparent 50.0%)" in text.replace(", ", ",")
    assert (
        '<tr style="text-align:right">' in text
        and '<table border="1" class="student-dataframe">' in text
    )


def test_a_drawing_by_matplotlib_is_drawn_from_the_same_paths():
    """An SVG figure keeps its paths, clips, glyphs and the picture inside it."""
    import io

    import matplotlib
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3, 2))
    axes = figure.add_subplot()
    axes.imshow([[0, 1], [2, 3]])
    axes.set_title("a < b")
    file = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "a"}):
        figure.savefig(file, format="svg")
    (cleaned,) = clean_outputs([display("image/svg+xml", file.getvalue())])
    drawn = cleaned.data["image/svg+xml"]
    for mark in ("<path", "<use", "clip-path=", "data:image/png;base64,", "viewBox="):
        assert file.getvalue().count(mark) == drawn.count(mark), mark
    assert [] == danger.in_output(cleaned)


def test_what_would_take_minutes_is_refused_at_once():
    """A million of one character, for which a parser needs time that grows with their square, is not given to it."""
    (cleaned,) = clean_outputs([display("text/html", "&" * 1_900_000)])
    assert "too intricate" in cleaned.data["text/plain"]
    assert "\n" * 50_000 == clean_markdown("\n" * 50_000)


def test_a_whole_notebook_of_cleaned_outputs_is_valid():
    """nbformat accepts a notebook that holds every cleaned output, and it can be written."""
    cell = nbformat.v4.new_code_cell(
        id="all", outputs=clean_outputs(list(hostile_outputs.ALL.values()))
    )
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbformat.validate(notebook)
    assert nbformat.writes(notebook).encode()
