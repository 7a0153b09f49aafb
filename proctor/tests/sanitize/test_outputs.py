"""What a student's process displays: harmless when cleaned, honest outputs as they were."""

import base64
import copy
import io
import json
import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import danger
import matplotlib
import nbformat
import pytest
from hostile_outputs import ALL, PAGES, PNG, display, stream
from matplotlib.figure import Figure
from PIL import Image

from proctor.sanitize import Limits, clean_outputs


def raster(kind: str) -> bytes:
    """A tiny picture."""
    file = io.BytesIO()
    Image.new("RGB", (3, 2)).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("name", ALL)
def test_hostile_outputs(name: str) -> None:
    """Each is dangerous for a reader that knows nothing of the cleaning, and harmless after it."""
    output = ALL[name]
    assert danger.in_output(copy.deepcopy(output))
    (cleaned,) = clean_outputs([output])
    assert danger.in_output(cleaned) == []


@pytest.mark.parametrize("name", [name for name, text in PAGES.items() if "words" in text])
def test_what_is_harmless_in_a_hostile_page(name: str) -> None:
    """Words beside something dangerous stay, or a sentence says why nothing is shown."""
    (cleaned,) = clean_outputs([display("text/html", PAGES[name])])
    shown = "words" in cleaned.data.get("text/html", "")
    assert shown or "[proctor left out: text/html" in cleaned.data["text/plain"]


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(
            f"<p>{''.join(f'<b lang=x{n}>' for n in range(3000))}</p>" + "<p>x" * 10_000,
            id="formatting repeated in each paragraph",
        ),
        pytest.param("<div>" * 500_000, id="depth"),
        pytest.param(f"<p {' '.join(f'a{n}' for n in range(300_000))}>x", id="attributes"),
        pytest.param("<p>x" * 19_000, id="paragraphs"),
        pytest.param("<style>" + "(" * 150_000, id="brackets in a style"),
        pytest.param("<style>" + "a{" * 60_000 + "}" * 60_000 + "</style>x", id="nested rules"),
        pytest.param("<p style='" + "x:calc(" * 3000 + "'>x", id="nested functions"),
        pytest.param("x" * 3_000_000, id="length"),
    ],
)
def test_html_made_to_exhaust_the_cleaner(page: str) -> None:
    """What would take minutes, or grow, stays bounded."""
    (cleaned,) = clean_outputs([display("text/html", page)])
    assert sum(map(len, cleaned.data.values())) < 2_500_000
    assert danger.in_output(cleaned) == []


def test_html_that_would_take_minutes() -> None:
    """Millions of one character, for which a parser needs too long, are refused in words."""
    (cleaned,) = clean_outputs([display("text/html", "&" * 1_900_000)])
    assert "too intricate" in cleaned.data["text/plain"]


def test_more_outputs_than_are_kept() -> None:
    """After the first ones a sentence says how many more there were."""
    cleaned = clean_outputs([stream(str(n)) for n in range(500)], Limits(outputs=20))
    assert [one.text for one in cleaned[:20]] == [str(n) for n in range(20)]
    assert "480 more outputs" in cleaned[20].text
    assert len(cleaned) == 21


def test_longer_outputs_than_are_kept() -> None:
    """Outputs beyond a cell's total length are left out, each with a sentence."""
    cleaned = clean_outputs([stream("x" * 900)] * 5, Limits(total=2000))
    assert [one.text for one in cleaned[:2]] == ["x" * 900] * 2
    assert all("left out" in one.text and len(one.text) < 200 for one in cleaned[2:])


def test_a_longer_text_than_is_kept() -> None:
    """Of a long text the beginning and the end stay, and the count of what is between them."""
    (cleaned,) = clean_outputs([stream("a" * 5000 + "z" * 5000)], Limits(text=1000))
    assert cleaned.text == (
        "a" * 800 + "\n[… proctor left out 9100 characters here …]\n" + "z" * 100
    )


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
        [display("text/html", [["a"]])],
        [
            {
                "output_type": "execute_result",
                "data": {7: 8, "text/plain": ["a", "b"]},
                "execution_count": True,
            }
        ],
    ],
)
def test_whatever_comes(outputs: Any) -> None:
    """Data of any shape gives a list of valid outputs and no exception."""
    cleaned = clean_outputs(outputs)
    assert [danger.in_output(one) for one in cleaned] == [[]] * len(cleaned)


@pytest.mark.parametrize(
    "output",
    [
        pytest.param(
            {
                "output_type": "stream",
                "name": "stderr",
                "text": "UserWarning: a < b & c\n 50%|█████     |\r100%",
            },
            id="printed text",
        ),
        pytest.param(
            {
                "output_type": "error",
                "ename": "ValueError",
                "evalue": "no",
                "traceback": ["\x1b[0;31mValueError\x1b[0m: no", "\x1b[38;5;241m1\x1b[39m x"],
            },
            id="coloured error",
        ),
        pytest.param(
            {
                "output_type": "execute_result",
                "data": {"text/plain": "tensor([[1., 2.]])"},
                "metadata": {},
                "execution_count": 3,
            },
            id="result",
        ),
        pytest.param(
            {
                "output_type": "display_data",
                "data": {"image/png": PNG, "text/plain": "<Figure size 640x480>"},
                "metadata": {"image/png": {"width": 640, "height": 480}},
            },
            id="picture with a size",
        ),
        pytest.param(
            {
                "output_type": "display_data",
                "data": {
                    "text/latex": "$\\displaystyle x^{2} < \\frac{1}{2}$",
                    "text/plain": "x",
                },
                "metadata": {},
            },
            id="formula",
        ),
    ],
)
def test_honest_outputs(output: dict[str, Any]) -> None:
    """Printed text, coloured errors, results, formulas and pictures come through unchanged."""
    assert json.loads(json.dumps(clean_outputs([output]))) == [output]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_rasters(kind: str) -> None:
    """A picture is kept as what it is, and left out under the name of another kind."""
    text = base64.b64encode(raster(kind)).decode()
    for name in ("PNG", "JPEG", "GIF"):
        mime = f"image/{name.lower()}"
        (cleaned,) = clean_outputs([display(mime, text)])
        left_out = f"[proctor left out: {mime}: it is not what it is called, or too large]"
        assert cleaned.data == ({mime: text} if name == kind else {"text/plain": left_out})


def test_cleaning_twice() -> None:
    """A second cleaning leaves text, pictures and errors alone and everything harmless."""
    once = clean_outputs(list(ALL.values()))
    twice = clean_outputs(once)
    assert [danger.in_output(one) for one in twice] == [[]] * len(twice)
    assert [one for one in once if one.output_type != "display_data"] == [
        one for one in twice if one.output_type != "display_data"
    ]


def test_a_table_of_pandas() -> None:
    """A table and its style keep what they say, with classes and ids renamed alike."""
    page = (
        "<style scoped>.dataframe tbody tr th { vertical-align: top } "
        "#T_1a_row0_col0 { background-color: #440154; color: #f1f1f1 } "
        "#T_1a th.col_heading:hover { width: 10em; "
        "background: linear-gradient(90deg, #5fba7d 50.0%, transparent 50.0%) }</style>"
        '<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th>'
        '<th class="col_heading">a</th></tr></thead><tbody><tr><th>0</th>'
        '<td id="T_1a_row0_col0" class="data row0">1</td></tr></tbody></table>'
    )
    (cleaned,) = clean_outputs([display("text/html", page)])
    text = cleaned.data["text/html"].replace(", ", ",")
    assert 'id="student-T_1a_row0_col0"' in text
    assert "#student-T_1a_row0_col0{background-color:#440154;color:#f1f1f1;}" in text
    assert "linear-gradient(90deg,#5fba7d 50.0%,transparent 50.0%)" in text
    assert '<tr style="text-align:right">' in text
    assert '<table border="1" class="student-dataframe">' in text


def test_a_link() -> None:
    """A link to elsewhere opens a window of its own that knows nothing of the page."""
    (cleaned,) = clean_outputs([display("text/html", '<a href="https://a.org" rel=x>words</a>')])
    text = cleaned.data["text/html"]
    assert 'href="https://a.org"' in text
    assert 'target="_blank"' in text
    assert 'rel="noopener noreferrer nofollow"' in text


def test_a_figure_of_matplotlib_as_svg() -> None:
    """An SVG figure keeps its paths, clips, glyphs and the picture inside it."""
    figure = Figure(figsize=(3, 2))
    axes = figure.add_subplot()
    axes.imshow([[0, 1], [2, 3]])
    axes.set_title("a < b")
    file = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "a"}):
        figure.savefig(file, format="svg")
    (cleaned,) = clean_outputs([display("image/svg+xml", file.getvalue())])
    drawn = cleaned.data["image/svg+xml"]
    for part in ("<path", "<use", "clip-path=", "data:image/png;base64,", "viewBox="):
        assert drawn.count(part) == file.getvalue().count(part), part
    assert danger.in_output(cleaned) == []


def test_a_whole_notebook() -> None:
    """nbformat accepts a notebook that holds every cleaned output, and it can be written."""
    cell = nbformat.v4.new_code_cell(id="all", outputs=clean_outputs(list(ALL.values())))
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbformat.validate(notebook)
    assert nbformat.writes(notebook).encode()


def run_cell(text: str, connection: Connection) -> None:
    """In a process of its own: run a cell and send its outputs."""
    from proctor.kernel.shell import Shell

    shell = Shell.instance()
    shell.take_streams()
    connection.send(shell.cell(text)[0])


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize(
    "show",
    [
        "IPython.display.Image(data)",
        "PIL.Image.open('picture')",
        "IPython.display.display(IPython.display.Image(data))",
        "IPython.display.display({'image/%s': data}, raw=True)",
    ],
)
def test_a_picture_that_a_cell_displays(
    kind: str, show: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture's bytes become base64 text, as in a notebook's kernel, and are kept."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    (tmp_path / "picture").write_bytes(raster(kind))
    show = show.replace("%s", kind.lower())
    text = f"import IPython, PIL.Image\ndata = open('picture', 'rb').read()\n{show}"
    receiving, sending = multiprocessing.Pipe(duplex=False)
    fork = multiprocessing.get_context("fork")
    process = fork.Process(target=run_cell, args=(text, sending), daemon=True)
    process.start()
    assert receiving.poll(60)
    outputs = receiving.recv()
    process.join()
    json.dumps(outputs)
    (cleaned,) = clean_outputs(outputs)
    mime = f"image/{kind.lower()}"
    assert base64.b64decode(outputs[0]["data"][mime])[:3] == raster(kind)[:3]
    assert cleaned.data[mime] == outputs[0]["data"][mime]
