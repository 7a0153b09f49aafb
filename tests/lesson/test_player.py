"""Whether the player's static layer is complete and true, and its data and script fit into the
page that carries them.
"""

import base64
import json
import re
import zlib
from html.parser import HTMLParser
from pathlib import Path

import convlab.player.page
import pytest
import torch
import torch.nn.functional as F
from convlab import checks, figures, images, messages, slide, xray
from convlab.player.page import OPTIONAL, PARTS, STYLE, harmless, script, squeezed
from convlab.printing import number

IMAGE = torch.tensor([[-1.0, 0, 1, 2], [3, -1, 0, 1], [2, 3, -1, 0], [1, 2, 3, -1]])
KERNEL = torch.tensor([[1.0, 2], [-1, 0]])
DIGIT, COUNTING = images.digit(), torch.arange(1.0, 10).reshape(3, 3)
VOID = {"meta", "br", "img", "input"}


class Page(HTMLParser):
    """What a piece of HTML holds without any script: its tables (caption, headers, cells) and
    its paragraphs.
    """

    def __init__(self, html):
        super().__init__()
        self.tables, self.paragraphs, self.tags, self.open = {}, [], [], None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        self.open = tag
        if tag == "table":
            self.table = self.tables[attributes["class"]] = {
                "caption": "",
                "columns": [],
                "rows": [],
                "cells": [],
            }
        if tag == "th":
            self.open = attributes["scope"]
            self.table["columns" if self.open == "col" else "rows"].append("")
        if tag == "tr":
            self.table["cells"].append([])
        if tag == "td":
            self.table["cells"][-1].append("")
        if tag == "p":
            self.paragraphs.append("")

    def handle_data(self, text):
        if self.open == "caption":
            self.table["caption"] += text
        elif self.open in ("col", "row"):
            self.table["columns" if self.open == "col" else "rows"][-1] += text
        elif self.open == "td":
            self.table["cells"][-1][-1] += text
        elif self.open == "p":
            self.paragraphs[-1] += text

    def numbers(self, name):
        """The cells of a table's body, row by row."""
        return self.tables[f"cl-{name}"]["cells"][1:]


def html(player):
    """The HTML that a notebook gets."""
    return player._repr_mimebundle_()["text/html"]


def data(player):
    """The data that the page's script gets."""
    (text,) = re.findall(r'<script type="application/json">(.*?)</script>', html(player), re.DOTALL)
    return json.loads(text)


def unpacked(player):
    """The script that the page's own one unpacks."""
    (packed,) = re.findall(r'const packed="(.*?)"', html(player))
    return zlib.decompress(base64.b64decode(packed)).decode()


def printed(values):
    """A tensor's numbers as the lesson prints them."""
    return [[number(value) for value in row] for row in values.tolist()]


def expected_map(image, kernel):
    """torch's own operation on doubles."""
    return F.conv2d(image.double()[None, None], kernel.double()[None, None])[0, 0]


@pytest.mark.parametrize("shape", [(4, 4), *checks.SIZES])
def test_without_a_script_the_tables_are_complete_and_right(shape):
    """Image, kernel and feature map stand in tables with captions and counted headers, every
    number torch's.
    """
    case = checks.example(*shape)
    page = Page(slide(case.image, case.kernel).static())
    result = expected_map(case.image, case.kernel)
    for name, values in (("image", case.image), ("kernel", case.kernel), ("map", result)):
        table = page.tables[f"cl-{name}"]
        assert page.numbers(name) == printed(values)
        assert table["columns"] == [str(j) for j in range(values.shape[1])]
        assert table["rows"] == [str(i) for i in range(values.shape[0])]
        assert table["caption"].endswith("×".join(map(str, values.shape)))


def test_without_a_script_one_dot_product_is_written_out():
    """The first position's products stand in a table like the kernel, and their sum in a line."""
    page = Page(slide(IMAGE, KERNEL).static())
    assert page.numbers("terms") == [["−1 × 1", "0 × 2"], ["3 × (−1)", "−1 × 0"]]
    assert page.paragraphs[-1] == "−1 + 0 + (−3) + 0 = −4"
    assert page.paragraphs[0] == "4×4 pixels, a 2×2 kernel: 9 positions, a 3×3 feature map."


def test_a_sum_of_printed_roundings_says_so():
    """Where a printed number is rounded, the line says ≈, not =."""
    assert "≈" in Page(slide(torch.full((2, 2), 1 / 3), torch.eye(2)).static()).paragraphs[-1]


def test_the_static_layer_uses_only_what_a_sanitiser_keeps():
    """Without script, style, role, aria and data attributes, nothing is lost: the static layer
    has none of them.
    """
    for tag, attributes in Page(
        xray(lambda i, k: None).static() + slide(images.drawing(), COUNTING).static()
    ).tags:
        assert tag in {
            *("div", "p", "table", "caption", "thead", "tbody", "tr", "th", "td", "img"),
        }
        assert not [
            name
            for name in attributes
            if name.startswith(("aria-", "data-", "on")) or name in ("role", "id")
        ]


def test_a_wrong_value_is_crossed_and_counted(right):
    """One wrong value: crossed in the table, summed up in the sentence, and shown first."""

    def conv2d(image, kernel):
        result = right(image, kernel)
        result[2, 3] += 5
        return result

    player = slide(DIGIT, COUNTING, conv2d)
    page = Page(player.static())
    wanted = printed(expected_map(DIGIT, COUNTING))
    value = number(float(expected_map(DIGIT, COUNTING)[2, 3]) + 5)
    assert (
        f"35 of 36 cells agree; first difference at row 2, column 3: yours {value}, "
        f"expected {wanted[2][3]}." in player.caption
    )
    wanted[2][3] = f"{value} ✗"
    assert page.numbers("map") == wanted
    assert "row 2, column 3" in page.tables["cl-terms"]["caption"]
    assert page.tables["cl-map"]["caption"] == "your feature map, 6×6"
    assert data(player)["at"] == 2 * 6 + 3


@pytest.mark.parametrize(
    "bad, said",
    [
        (lambda i, k: (_ for _ in ()).throw(NotImplementedError), "conv2d is still the stub"),
        (lambda i, k: None, "returned None"),
        (lambda i, k: [[1.0]], "returned a list"),
        (lambda i, k: i[99], "raised IndexError"),
        (lambda i, k: i, "returned size 8×8, expected size 6×6"),
        (lambda i, k: torch.zeros(6, 6).double(), "type float64"),
        (3, "raised TypeError"),
    ],
)
def test_whatever_comes_the_target_is_shown_and_the_sentence_says_what_came(bad, said):
    """A function that gives no feature map: the table shows the target, nothing is crossed, the
    sentence says why.
    """
    player = slide(DIGIT, COUNTING, bad)
    page = Page(player.static())
    assert page.numbers("map") == printed(expected_map(DIGIT, COUNTING))
    assert said in player.caption and said in repr(player)
    assert data(player)["yours"] is None and data(player)["taps"] is None


def test_a_function_that_does_not_return_is_left_in_time(monkeypatch):
    """After its time the target is shown, and the sentence says that it did not return."""
    from convlab import calling

    monkeypatch.setattr(calling, "SECONDS", 0.2)

    def conv2d(image, kernel):
        while True:
            pass

    assert "had not returned after 0.2 seconds" in slide(DIGIT, COUNTING, conv2d).caption


def test_nan_is_the_learners_and_wrong():
    """A map of NaN is shown as it came, every cell crossed."""
    player = slide(DIGIT, COUNTING, lambda i, k: torch.full((6, 6), torch.nan))
    assert "0 of 36 cells agree" in player.caption
    assert Page(player.static()).numbers("map") == [["nan ✗"] * 6] * 6


def test_the_scripts_numbers_are_the_tensors_bit_by_bit():
    """Image, kernel and the learner's map reach the script as float32, unrounded."""
    case = checks.example(12, 10)
    got = data(slide(case.image, case.kernel, lambda i, k: expected_map(i, k).float()))
    for name, values in (
        ("image", case.image),
        ("kernel", case.kernel),
        ("yours", case.target.float()),
    ):
        raw = torch.frombuffer(bytearray(base64.b64decode(got[name]["data"])), dtype=torch.float32)
        assert torch.equal(raw.reshape(got[name]["rows"], got[name]["columns"]), values)


def test_text_of_the_students_cannot_leave_its_place():
    """An error message full of markup is escaped in the sentence, in the data and in nothing
    else.
    """
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"

    def conv2d(image, kernel):
        raise ValueError(evil)

    for player in (slide(DIGIT, COUNTING, conv2d), xray(conv2d)):
        assert "<script>alert" not in html(player) and "<img src=x" not in html(player)
        assert "alert(1)" in data(player)["verdict"]
    assert "</" not in harmless({"text": evil})


def test_slide_of_twelve_by_ten_is_small():
    """The whole output at 12×10, script and style included, is at most 27 kB, and needs no
    other file.
    """
    for _ in range(5):
        case = checks.example(12, 10)
        page = html(slide(case.image, case.kernel))
        assert len(page.encode()) <= 27_000
    assert not re.search(r"https?:|src=|@import|url\(", page)


def test_the_script_in_the_page_is_its_files_without_white_space_and_comments():
    """Nothing but comments, white space and the semicolon that ends a block is taken from them, and
    nothing from their strings.
    """
    style = (Path(convlab.player.page.__file__).parent / "player.css").read_text("utf-8")
    whole = re.sub(
        r"/\* parts: (.*) \*/",
        lambda line: "\n".join(PARTS[name] for name in line[1].split()),
        PARTS["player"],
    )
    start = squeezed(PARTS["unpack"], ".js")
    for long, short in ((whole, script()), (PARTS["unpack"], start), (style, STYLE)):
        kept = "\n".join(re.sub(r"(^|  )// .*$", "", line) for line in long.split("\n"))
        bare, whole = (re.sub(r"\s", "", text) for text in (short, kept))
        assert bare.replace(";}", "}") == whole.replace(";}", "}")
        assert re.findall(r'"[^"]*"', short) == re.findall(r'"[^"]*"', kept)
        assert "</script" not in short


def test_a_page_carries_the_parts_of_the_script_that_it_needs(flipped):
    """The X-ray's functions and the overviews' are left out of a page that has neither."""
    marks = {"xray": "function astray", "overview": "function drawOverviews"}
    assert marks.keys() == OPTIONAL and all(marks[name] in PARTS[name] for name in marks)
    shown = {
        slide(IMAGE, KERNEL): [],
        slide(IMAGE, KERNEL, flipped): ["xray"],
        xray(flipped): ["xray"],
        slide(images.photograph(8), COUNTING): ["overview"],
    }
    for player, needed in shown.items():
        assert unpacked(player) == script(needed)
        assert [name for name in marks if marks[name] in unpacked(player)] == needed


@pytest.mark.parametrize(
    "image, kernel, words",
    [
        (
            torch.zeros(3),
            COUNTING,
            "image should be a 2-D tensor (rows, columns), and came with shape (3,)",
        ),
        (DIGIT, torch.zeros(1, 1, 3, 3), "kernel should be a 2-D tensor"),
        ("photo", COUNTING, "image should be a 2-D tensor of numbers, and str is none"),
        (torch.zeros(0, 3), COUNTING, "shape (0, 3)"),
        (torch.zeros(2, 2), COUNTING, "must not be higher or wider than the image"),
    ],
)
def test_an_image_that_is_none_is_told(image, kernel, words):
    """A wrong call of slide says what was expected and what came."""
    with pytest.raises(ValueError, match=re.escape(words)):
        slide(image, kernel)


def test_lists_arrays_and_whole_numbers_are_taken_too():
    """Nested lists, numpy arrays and integer tensors are shown as the float32 tensors they
    stand for.
    """
    for image in (IMAGE.tolist(), IMAGE.numpy(), IMAGE.long()):
        assert html(slide(image, KERNEL)) == html(slide(IMAGE, KERNEL))


def test_a_large_image_is_shown_through_a_window_and_as_an_overview():
    """Of a photograph, seven rows and columns round its strongest answer stand in the table; a
    small picture shows the rest.
    """
    photograph = images.photograph(8)
    result = expected_map(photograph, images.kernel("corner"))
    row, column = divmod(int(result.abs().argmax()), result.shape[1])
    page = Page(slide(photograph, images.kernel("corner")).static())
    top, left = row - 1, column - 1
    assert page.numbers("image") == printed(photograph[top : top + 7, left : left + 7])
    assert (
        page.tables["cl-image"]["caption"]
        == f"the image: rows {top} to {top + 6}, columns {left} to {left + 6} of 75×64"
    )
    alts = [attributes["alt"] for tag, attributes in page.tags if tag == "img"]
    assert len(alts) == 2 and all("as a whole" in alt for alt in alts)


def test_the_flip_moves_two_players_together(right):
    """Cross-correlation and convolution stand under one sentence, each with its own map, linked."""
    linked = figures.flip_or_not(IMAGE, KERNEL)
    assert "torch's conv2d computes the cross-correlation" in linked.caption
    assert [data(player)["linked"] for player in linked.players] == [True, True]
    assert [Page(player.static()).numbers("map") for player in linked.players] == [
        printed(expected_map(IMAGE, KERNEL)),
        printed(expected_map(IMAGE, KERNEL.flip(0, 1))),
    ]
    assert all(
        "all 9 cells agree" in player.caption
        for player in figures.flip_or_not(IMAGE, KERNEL, right).players
    )
    assert (
        "cross-correlation"
        in figures.flip_or_not(IMAGE, KERNEL, lambda i, k: right(i, k.flip(0, 1))).caption.split(
            "computes"
        )[1]
    )


def test_a_bilinear_function_comes_with_what_it_reads(flipped):
    """The taps let the page replay the learner's own function, wrong as it is."""
    got = data(slide(IMAGE, KERNEL, flipped))
    assert got["bilinear"] and got["taps"]["rows"] == got["taps"]["columns"] == 3
    assert sorted(zip(*[iter(got["taps"]["reads"][0])] * 3, strict=True)) == [
        (0, 3, 1),
        (1, 2, 1),
        (4, 1, 1),
        (5, 0, 1),
    ]


def test_no_function_is_replayed_that_is_not_bilinear(right):
    """Of a function with a ReLU the page keeps the numbers that came, and makes no new ones up."""
    assert data(slide(IMAGE, KERNEL, lambda i, k: right(i, k).clamp_min(0)))["bilinear"] is False


@pytest.mark.parametrize(
    "value, text",
    [
        (0.125, "0.13"),
        (-0.125, "−0.13"),
        (2.5, "2.5"),
        (100.0, "100"),
        (-0.001, "0"),
        (1e6, "1.00e+6"),
        (-2.5e30, "−2.50e+30"),
        (float("nan"), "nan"),
        (float("-inf"), "−inf"),
        (999999.0, "999999"),
    ],
)
def test_numbers_are_printed_as_the_script_prints_them(value, text):
    """Halves away from 0, a true minus sign, millions with an exponent."""
    assert number(value) == text


def test_the_summary_for_plain_text_says_what_is_shown():
    """Where no HTML is shown, a sentence tells sizes, counts and one number."""
    assert repr(slide(IMAGE, KERNEL)) == (
        "4×4 pixels, a 2×2 kernel: 9 positions, a 3×3 feature map. At row 0, column 0 "
        "the feature map is −4."
    )


def test_special_numbers_are_compared_as_what_they_are(right):
    """Where the image holds infinity or what is no number, a right function agrees, and one
    that returns zeros does not.
    """
    for value in (torch.inf, torch.nan):
        image = IMAGE.clone()
        image[1, 1] = value
        assert (
            "all 9 cells agree"
            in slide(image, torch.tensor([[1.0, 2.0], [-1.0, 1.0]]), right).caption
        )
        assert "all 9 cells" not in slide(image, KERNEL, lambda i, k: torch.zeros(3, 3)).caption


@pytest.mark.parametrize(
    "shape, kernel_shape",
    [((16, 16), (3, 3)), ((15, 3), (2, 2)), ((28, 28), (15, 15)), ((1, 40), (1, 6))],
)
def test_a_large_image_has_two_overviews_whatever_the_size_of_its_map(shape, kernel_shape):
    """The script replaces both small pictures, so both are there."""
    page = html(slide(torch.rand(shape), torch.rand(kernel_shape)))
    assert page.count('class="cl-image-overview"') == page.count('class="cl-map-overview"') == 1


def test_a_message_that_cannot_be_encoded_is_shown_as_far_as_it_can():
    """A lone surrogate in an error's text does not break the output."""

    def conv2d(image, kernel):
        raise ValueError("\ud800 broken")

    assert "ValueError: ? broken" in html(slide(IMAGE, KERNEL, conv2d)).encode().decode()


def test_tools_stand_open_where_they_are_asked_for():
    """What a part needs is in the open, the rest folded; an unknown tool is refused by name."""
    got = data(slide(IMAGE, KERNEL, tools=["padding", "stride"]))
    assert (got["open"], got["folded"]) == (["stride", "padding"], ["speed", "preset"])
    assert got["more"] == "More: speed and other kernels"
    assert data(slide(IMAGE, KERNEL))["open"] == []
    with pytest.raises(ValueError, match="tools=\\['dilation'\\]: .*'stride' and 'padding'"):
        slide(IMAGE, KERNEL, tools=["dilation"])


def test_every_word_the_script_asks_for_is_in_the_messages():
    """Each name that the script puts into words stands in the tables of messages/ that its page
    carries.
    """
    tables = messages.table("player")
    always = set(tables["script"])
    for name, text in PARTS.items():
        own = {"xray": "script-xray", "overview": "script-overview"}.get(name)
        asked = set(re.findall(r'words\("([\w-]+)"', text))
        learners = {"off", "nothing", "drawn", "replayed", "theirs", "theirs-products"}
        known = always | set(tables[own] if own else ()) | set(tables["script-conv2d"])
        assert asked - known == {"wrong-"} & asked, name
        assert learners <= known | set(tables["script-xray"])


def test_a_page_speaks_another_language(monkeypatch):
    """Nothing in a page but its kernels' names is in English where the messages are in another
    language.
    """
    import copy

    tables = copy.deepcopy(messages.TABLES["en"])

    def translated(words):
        if isinstance(words, dict):
            return {name: translated(part) for name, part in words.items()}
        return re.sub(r"(\{\w+\})|\w", lambda found: found[1] or "x", words)

    tables["player"] = translated(tables["player"])
    tables["words"] = {**tables["words"], "and": "x"}
    monkeypatch.setitem(messages.TABLES, "xx", tables)
    monkeypatch.setenv("CONVLAB_LANGUAGE", "xx")
    for player in (
        slide(IMAGE, KERNEL),
        slide(images.photograph(8), COUNTING),
    ):
        text = re.sub("<style>.*?</style>|<script>.*?</script>", "", html(player), flags=re.DOTALL)
        got = data(player)
        said = re.sub("<[^>]*>", " ", text.split("<script")[0]) + str(got["words"].values())
        said += got["more"] + repr(player)
        assert set(re.findall(r"[A-Za-z]{3,}", re.sub(r"\{\w+\}|x+", "", said))) <= {
            "dict",
            "values",
            "one",
            "many",
        }
