"""The page of a class: hostile text changes nothing of it, and its numbers are the report's."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from classes import PICTURE, made_class
from nbformat import from_dict

from proctor.class_report.known import ClassReport, distribution
from proctor.class_report.page import page
from proctor.class_report.pictures import says, shown_picture
from proctor.sanitize import clean_outputs

HOSTILE = {
    "a script": "<script>alert(1)</script>",
    "an attribute": "\"><img src=x onerror='alert(1)'>",
    "the end of a style": "</style></svg></textarea><svg onload=alert(1)>",
    "a comment": "--> <!-- ]]> <![CDATA[",
    "an entity": "&lt;b&gt;&#60;b&#62;",
    "a template": "{{ 7 * 7 }}{% raw %}{# #}",
    "a formula": r"$\frac{1}{0}$ $ $$ \href{javascript:alert(1)}{x}",
    "directions": "\u202eevil\u2066\u200f\u061c",
    "control characters": "a\x00b\x1b[31mc\x07\x9b\r\n\u2028",
    "a lone surrogate": "\ud800",
    "another script": "漢字\U0001f600\u0e49\u0e49\u0e49",
    "length": "w" * 3000,
    "colours of the plots": '#010203 var(--ink) url(#x) id="y"',
}
SVG = {"svg", "g", "path", "text", "tspan", "defs", "use", "clippath", "rect"}


class Structure(HTMLParser):
    """The elements of a page in their order, each with the names of its attributes; those of plots,
    which grow with their labels, apart."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.in_plots: set[str] = set()
        self._plot = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._plot = self._plot or tag == "svg"
        names = tuple(name for name, _ in attrs)
        if self._plot:
            self.in_plots |= {tag, *(name for name in names if name.startswith("on"))}
        else:
            self.elements.append((tag, names))

    def handle_endtag(self, tag: str) -> None:
        self._plot = self._plot and tag != "svg"


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_text(hostile: str) -> None:
    """Whatever a student's or a test's text is, wherever it stands, the page has the elements and the
    attributes that it has with harmless text."""
    harmless, found = page(made_class()), page(made_class(lambda text: text + hostile))
    assert Structure(found).elements == Structure(harmless).elements
    assert Structure(found).in_plots <= SVG


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_every_character_can_be_seen(hostile: str) -> None:
    """No character in the page is invisible, turns the direction, or cannot be encoded."""
    found = page(made_class(lambda text: text + hostile))
    unseen = {one for one in found if not one.isprintable() and one not in "\n\t"}
    assert unseen == set()
    assert found.encode()


def test_nothing_can_run() -> None:
    """The page forbids every script and every address, by a policy that comes before all else."""
    found = page(made_class())
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', found)
    assert policy is not None
    assert policy.start() < found.index("<title>")
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].split(";"))
    assert rules == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert not re.search(r"<script|\son\w+=|https?://(?!www\.w3\.org)", found)


def words_of(report: ClassReport) -> str:
    """The page's text."""
    found = re.sub(r"<(style|svg).*?</\1>|<[^>]*>", " ", page(report), flags=re.DOTALL)
    return " ".join(found.split())


def test_numbers_of_the_page() -> None:
    """How many share what was found, how many have which points, and who is late, are on the page."""
    report = made_class()
    words = words_of(report)
    assert "students 30 graded 24" in words
    assert "14 of 24: means added added, 58 % of the graded. Show it again." in words
    assert "2 of 24: means turned" in words
    for test in report.tests:
        counts = f"{test.name} 2 {test.full} {test.part} {test.none} {test.waiting}"
        assert f"{counts} {100 * test.full / 24:.0f} %" in words
    for text, count in report.distribution:
        assert f"{text} {count} " in words
    assert "Graded more than once: 24." in words
    assert "s028 29.5 hours" in words
    assert "s021 22.5 hours 0.5" in words


def test_plots_say_their_numbers() -> None:
    """Each plot has a text alternative with all its numbers."""
    labels = re.findall(r'role="img" aria-label="(Bar chart[^"]*)"', page(made_class()))
    assert labels[0] == "Bar chart, students by what was found: added: 14; turned: 2; rare: 1."
    report = made_class()
    told = "; ".join(f"{text}: {count}" for text, count in report.distribution)
    assert labels[1] == f"Bar chart, students by points: {told}."
    first = report.tests[0]
    assert labels[2].startswith(
        "Bar chart, students by test and points: "
        f"adds: all points {first.full}, some {first.part}, none {first.none};"
    )


@pytest.mark.parametrize("students", [0, 1, 5])
def test_a_small_class(students: int) -> None:
    """A class of nobody, or of one, has a page."""
    if students:
        report = made_class()
        report.students = report.students[:students]
        report.misunderstood = []
    else:
        report = ClassReport("ps1", made=made_class().made)
    assert f"students {students} graded" in words_of(report)


def test_many_tests() -> None:
    """Where there are too many tests for a column each, the page says where their points are."""
    report = made_class()
    report.tests = report.tests * 7
    assert "14 tests are too many for this table" in words_of(report)


@pytest.mark.parametrize(
    "scores, most, expected",
    [
        ([], 10, [0] * 11),
        ([0, 3, 3, 3], 3, [1, 0, 0, 3]),
        ([0.5, 9.99, 10], 10, [1, 0, 0, 0, 0, 0, 0, 0, 0, 2]),
        ([3, 6, 9], 30, [0, 1, 1, 1, 0, 0, 0, 0, 0, 0]),
        ([11], 10, [0] * 11 + [1]),
        ([0, 0], 0, [2]),
    ],
    ids=["nobody", "whole points", "parts of points", "edges", "extra credit", "no points"],
)
def test_distribution(scores: list[float], most: float, expected: list[int]) -> None:
    """Every score is counted once, in the range that begins with it."""
    assert [count for _, count in distribution(scores, most)] == expected


def test_ranges() -> None:
    """Ranges say where they begin and end."""
    assert [text for text, _ in distribution([0.5], 1)][:3] == [
        "0 to 0.1",
        "0.1 to 0.2",
        "0.2 to 0.3",
    ]


def test_pictures_are_cleaned() -> None:
    """Of a picture only what cannot run is shown, whether or not it had been cleaned when it was
    graded, and it keeps its own style."""
    source = (
        "<style>.big{color:red}</style><b class='big' onclick='alert(1)'>x</b><script>1</script>"
    )
    raw = from_dict({"output_type": "display_data", "metadata": {}, "data": {"text/html": source}})
    for output in (raw, *clean_outputs([raw])):
        picture, image = shown_picture(output)
        assert (picture.count("<b "), picture.count("color:red"), image) == (1, 1, "")
        assert not re.search(r"onclick|<script", picture)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"text/html": 17},
        {"text/html": "<script>1</script>"},
        {"image/png": "no picture"},
        {"image/svg+xml": "<svg"},
        {"text/html": "w" * 500_000},
        {"text/plain": "only text"},
    ],
)
def test_what_is_no_picture(data: dict[str, object]) -> None:
    """What cannot be shown, or is too large, is no picture."""
    assert shown_picture(from_dict({"output_type": "display_data", "data": data})) == ("", "")


def test_what_a_picture_says_is_not_said_twice() -> None:
    """A text that stands in the picture is known there, whatever is bold or code in it."""
    assert says("<p>It <b>adds</b> <code>two</code>, &amp; more</p>", "It adds `two`, & more")
    assert not says(PICTURE, "It adds.")


def test_a_page_has_an_end() -> None:
    """However many names a class finds, the page lists a bounded number, and says how many more."""
    report = made_class()
    first = report.misunderstood[0]
    report.misunderstood = [replace(first, name=f"name-{number}") for number in range(5000)]
    report.alike *= 200
    found = page(report)
    assert len(found) < 500_000
    assert "… and 4940 more that several share" in found
    assert "… and 140 more groups" in found
