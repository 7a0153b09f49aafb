"""Whether the report says what was observed, why, and how to go on, in a notebook, on a page and in
a terminal.
"""

import re
from html.parser import HTMLParser

import pytest
import torch
from convlab import check, checks, ladder, messages
from convlab.diagnosis import Diagnosis
from convlab.ladder import checking
from convlab.ladder import report as text
from convlab.ladder.finding import CROSSED, Finding
from convlab.ladder.rungs import RUNGS
from convlab.mistakes import Raised
from samples import correlated, only, padded

HINTS = ["Where?", "In which row?", "In the last one?"]
KEPT = {
    "div",
    "p",
    "b",
    "span",
    "code",
    "pre",
    "details",
    "summary",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
SOLUTION = re.compile(r"range\(|H ?[-−] ?M|[-−] ?\w+ ?\+ ?1\b|\.sum\(\)|shape\[0\] ?-")


class Page(HTMLParser):
    """The elements of a piece of HTML, the text it shows, and the tables by name: [[text of a
    cell]].
    """

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.words, self.tables, self.colours, self.inside = (
            set(),
            set(),
            [],
            {},
            {},
            [],
        )
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}
        given = dict(attributes)
        if tag == "table":
            self.name, self.rows = given["class"].removeprefix("cl-"), []
            self.tables[self.name] = self.rows
        elif tag == "tr":
            self.rows.append([])
        elif tag == "td" and "bgcolor" in given:
            self.rows[-1].append("")
            self.colours[self.name, len(self.rows) - 2, len(self.rows[-1]) - 1] = given["bgcolor"]
        self.inside.append(tag)

    def handle_data(self, data):
        if self.inside[-1:] == ["style"]:
            return
        self.words.append(data)
        if self.inside[-1:] == ["td"] and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass


def shown(report):
    """The Page that a notebook shows of a report."""
    return Page(report._repr_mimebundle_()["text/html"])


TURNED = messages.message("taps", "kernel-turned.half")


@pytest.fixture
def explained(monkeypatch):
    """Let every function have this Diagnosis, with hints of its own."""

    def explain(sentence="It looks away.", sure=True, **facts):
        monkeypatch.setitem(messages.TABLES["en"]["words"], "told", "{text}")
        fact = messages.message("words", "told", text=sentence, **facts)
        monkeypatch.setattr(checking, "diagnose", lambda *_: Diagnosis(("padded",), (fact,), sure))
        monkeypatch.setattr(Diagnosis, "hints", lambda self, language=None: list(HINTS))

    return explain


def last_row_zero(image, kernel):
    """A conv2d that leaves its last row 0."""
    return only(correlated(image, kernel), slice(0, -1))


FUNCTIONS = {
    "right": correlated,
    "None": lambda i, k: None,
    "error": lambda i, k: 1 // 0,
    "flipped": lambda i, k: correlated(i, k.flip(0, 1)),
    "same size": lambda i, k: correlated(padded(i, 1, 1, 1, 1), k),
    "last row": last_row_zero,
    "four axes": lambda i, k: correlated(i, k)[None, None],
    "one row": lambda i, k: correlated(i, k).flatten(),
    "nothing": lambda i, k: torch.zeros(0, 6),
    "one number": lambda i, k: correlated(i, k).sum(),
    "stack": lambda i, k: torch.zeros(6, 6, 3, 3),
    "hostile": lambda i, k: (_ for _ in ()).throw(ValueError("</p><script>alert(1)</script>")),
    "writes": lambda i, k: (correlated(i, k), i.zero_())[0],
    "nan": lambda i, k: correlated(i, k) * torch.nan,
    "huge": lambda i, k: torch.zeros(300, 200),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_page_is_static_and_survives_where_strangers_pages_are_cleaned(name):
    """Nothing but a style element would be lost in JupyterLab's sanitizer: no script, no data- or
    aria- attribute, no link.
    """
    page = shown(check(FUNCTIONS[name], hint=3))
    assert page.tags - {"style"} <= KEPT
    assert page.attributes <= {"class", "style", "scope", "bgcolor"}
    assert "alert(1)" not in "".join(page.words) or "<script>" in "".join(page.words)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_report_stays_small(name):
    """A page of reports must not weigh down the notebook: at most 35 kB each."""
    assert len(check(FUNCTIONS[name])._repr_mimebundle_()["text/html"]) < 35_000


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_terminal_gets_the_whole_ladder_in_lines_of_bounded_length(name):
    """The text has a line for each rung, in order, and none is longer than 100 characters."""
    lines = repr(check(FUNCTIONS[name], hint=3)).split("\n")
    titles = [messages.table("rungs")[rung]["title"] for rung in RUNGS]
    assert titles == [line[2:] for line in lines if line[:2] in ("✓ ", "✗ ", "→ ", "· ")]
    assert max(map(len, lines)) <= text.WIDTH


def test_the_rungs_that_hold_stay_visible_and_the_rest_is_announced():
    """Before the rung that fails all are ticked, after it none was asked."""
    report = check(FUNCTIONS["same size"])
    assert [mark for mark, _, _ in report.lines] == ["✓"] * 3 + ["✗"] + ["·"] * 8
    words = "".join(shown(report).words)
    assert all(title in words for _, _, title in report.lines)
    assert "3 of 12 rungs hold" in words and "3 of 12 rungs hold" in repr(report)


def test_a_right_answer_is_told_that_grading_asks_a_little_more(right):
    """All rungs hold, and a friendly last line says what is still to come."""
    report = check(right)
    for words in ("".join(shown(report).words), repr(report)):
        assert (
            "12 of 12 rungs hold" in words
            and "Grading asks a little more" in words
            and "✗" not in words
        )


def test_the_tables_hold_the_very_numbers_and_cross_those_that_differ():
    """Image, kernel, the learner's map and the expected one are shown, and exactly the differing
    cells are crossed and orange.
    """
    report = check(last_row_zero)
    found, page = report.finding, shown(report)
    image, kernel = found.case.before
    mine, expected = last_row_zero(image, kernel), found.case.target
    for name, values in (
        ("image", image),
        ("kernel", kernel),
        ("yours", mine),
        ("expected", expected),
    ):
        numbers = [
            [float(cell.replace("✗", "").replace("−", "-")) for cell in row]
            for row in page.tables[name][1:]
        ]
        assert values.tolist() == numbers
    wrong = {tuple(cell) for cell in (mine != expected).nonzero().tolist()}
    assert wrong == {
        (i, j)
        for i, row in enumerate(page.tables["yours"][1:])
        for j, cell in enumerate(row)
        if "✗" in cell
    }
    assert wrong == {(i, j) for (name, i, j), colour in page.colours.items() if colour == CROSSED}
    assert all(
        "✗" not in cell
        for name in ("image", "kernel", "expected")
        for row in page.tables[name]
        for cell in row
    )


def test_numbers_that_print_alike_are_told_apart():
    """A cell that is crossed never shows the number that is expected."""
    report = check(lambda i, k: correlated(i, k) + 0.001)
    page = shown(report)
    for mine, expected in zip(page.tables["yours"][1:], page.tables["expected"][1:], strict=True):
        assert all(a.replace(" ✗", "") != b for a, b in zip(mine, expected, strict=True))


def test_what_was_observed_is_said_of_the_case_that_is_shown():
    """The sentence names the size of the tables under it, not that of the first call."""
    found = check(last_row_zero).finding
    height, width = found.case.before[0].shape
    assert f"image {height}×{width}" in found.observed and height * width < 64


def test_an_error_is_told_with_its_words_and_without_tables():
    """What is not in the numbers is told in words."""
    report = check(FUNCTIONS["error"])
    assert "ZeroDivisionError" in repr(report) and report.finding.sheets == []


@pytest.mark.parametrize("sure, lead", [(True, "Found:"), (False, "Looks like:")])
def test_a_diagnosis_has_the_confidence_it_deserves(sure, lead, explained):
    """A proven statement is told as found, another as what it looks like."""
    explained("It looks away.", sure)
    report = check(FUNCTIONS["flipped"])
    assert f"{lead} It looks away." in " ".join(repr(report).split())
    assert f"{lead} It looks away." in " ".join("".join(shown(report).words).split())


def test_without_a_diagnosis_nothing_is_guessed(monkeypatch):
    """Where no diagnosis is found there is no such line, and the rung's own question leads on."""
    monkeypatch.setattr(checking, "diagnose", lambda *_: None)
    words = repr(check(FUNCTIONS["flipped"]))
    assert "Found:" not in words and "Looks like:" not in words
    assert messages.table("rungs")["window"]["hints"][0][:50] in " ".join(words.split())


@pytest.mark.parametrize("hint", [0, 1, 2, 3])
def test_hints_come_one_by_one_on_demand(hint, explained):
    """So many hints of the diagnosis are told, and how to get the next, if there is one."""
    explained()
    report = check(FUNCTIONS["flipped"], hint=hint)
    for words in (repr(report), "".join(shown(report).words)):
        assert HINTS[:hint] == [each for each in HINTS if each in words]
        assert (f"check(conv2d, hint={hint + 1})" in words) == (hint < 3)


def test_places_of_another_case_are_said_to_be_so(monkeypatch, explained):
    """A sentence with rows and columns of the large image is not left under tables of a small one
    without a word.
    """
    explained("Output row 5 is empty.", cell=(5, 0))
    calls = []
    explain = checking.diagnose
    monkeypatch.setattr(
        checking,
        "diagnose",
        lambda *arguments: explain() if not calls.append(1) and len(calls) == 1 else None,
    )
    assert "On an image of size 8×8:" in " ".join(repr(check(FUNCTIONS["flipped"])).split())


def test_a_diagnosis_found_on_the_small_case_too_is_told_of_it(monkeypatch):
    """Where the small case leads to the same name, the sentence is about the numbers that are
    shown.
    """
    monkeypatch.setattr(
        checking,
        "diagnose",
        lambda conv2d, mistake, case: Diagnosis(
            ("padded",), (messages.message("state", "its-cell", cell=tuple(case.before[0].shape)),)
        ),
    )
    assert "output (3, 3)" in repr(check(FUNCTIONS["flipped"]))


@pytest.mark.parametrize("rung", RUNGS)
def test_every_rung_has_a_title_a_question_and_three_hints_that_do_not_give_the_solution(rung):
    """Each is a small idea with words of its own; no hint is code of the solution or the formula of
    the loop bounds.
    """
    words = messages.table("rungs")[rung]
    assert words["title"] and words["asks"] and 3 == len(words["hints"]) == len(set(words["hints"]))
    assert not any(SOLUTION.search(hint) for hint in words["hints"])


def test_a_graded_cell_can_show_one_finding_alone():
    """told gives tables and diagnosis of one Mistake, as text and as a page, without a ladder and
    without hints.
    """
    case = checks.example(8, 8, seed=1)
    mistake = checks.mistake(FUNCTIONS["flipped"], case)
    told = ladder.told(
        FUNCTIONS["flipped"], mistake, case, Diagnosis(("kernel-flipped",), (TURNED,))
    )
    page = shown(told)
    assert {"image", "kernel", "yours", "expected"} == set(page.tables)
    for words in (repr(told), "".join(page.words)):
        assert TURNED.text() in words and "rungs" not in words and "Hint" not in words


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_graded_cell_can_show_whatever_went_wrong(name):
    """told breaks down for no Mistake, with or without a diagnosis."""
    case = checks.example(8, 8)
    mistake = checks.mistake(FUNCTIONS[name], case) or checks.mistake_in(checks.left_alone, case)
    if mistake:
        told = ladder.told(FUNCTIONS[name], mistake, case)
        assert "Observed:" in repr(told) and "Observed:" in "".join(shown(told).words)


def test_tables_stand_side_by_side_in_a_terminal():
    """Columns are as wide as their numbers, crosses do not shift them, and captions stand above."""
    case = checks.Example(torch.tensor([[1.0, 20], [3, -4]]), torch.tensor([[1.0, 0], [0, 1]]))
    result = torch.tensor([[7.0]])
    mistake = checks.mistake_in(checks.has_values, result, case)
    assert text.tables_as_text(Finding(mistake, case, result).sheets).split("\n") == [
        "image, 2×2    kernel, 2×2    your map, 1×1    expected, 1×1",
        " 1  20        1  0           7 ✗              −3",
        " 3  −4        0  1",
    ]


class Shy:
    """An object that answers no question about itself."""

    def __getattribute__(self, name):
        raise RuntimeError("no")


class Unequal:
    """A right function that can be neither hashed nor compared."""

    def __call__(self, image, kernel):
        return correlated(image, kernel)

    def __hash__(self):
        raise RuntimeError("no")

    __eq__ = __hash__


@pytest.mark.parametrize(
    "conv2d",
    [
        lambda i, k: Shy(),
        Unequal(),
        lambda i, k: torch.zeros(1).expand(10**6, 10**6),
        lambda i, k: torch.zeros(1).expand(5000, 6),
    ],
    ids=["shy", "unequal", "huge", "long"],
)
def test_hostile_answers_get_a_report_that_can_be_shown(conv2d):
    """An object that refuses every question, a function without a hash, a map of any size: a
    report, in text and in HTML.
    """
    report = check(conv2d)
    assert len(report._repr_mimebundle_()["text/html"]) < 100_000
    assert "of 12 rungs" in repr(report)


def test_characters_that_a_screen_would_obey_are_marked():
    """Escape sequences in a learner's message reach neither terminal nor page."""

    def conv2d(image, kernel):
        raise ValueError("red \x1b[31m and \x00 nothing")

    bundle = check(conv2d)._repr_mimebundle_()
    assert all(
        "\x1b" not in text and "\x00" not in text and "red \N{REPLACEMENT CHARACTER}" in text
        for text in bundle.values()
    )


def shouted(words):
    """Words of another language: the same in capitals, what is filled in left as it is."""
    if isinstance(words, str):
        return "".join(
            part if part.startswith("{") else part.upper()
            for part in re.split(r"(\{[^}]*\})", words)
        )
    if isinstance(words, list):
        return [shouted(part) for part in words]
    return {name: shouted(part) for name, part in words.items()}


@pytest.mark.parametrize("name", ["right", "None", "error", "flipped", "same size", "writes"])
def test_a_report_in_another_language_has_no_english_left(name, monkeypatch):
    """Verdict, titles, captions, observed, reason and hints: all come from the messages."""
    loud = {file: shouted(words) for file, words in messages.TABLES["en"].items()}
    monkeypatch.setitem(messages.TABLES, "zz", loud)
    monkeypatch.setattr(messages, "LANGUAGES", ("en", "zz"))
    bundle = check(FUNCTIONS[name], hint=3, language="zz")._repr_mimebundle_()
    page = " ".join(" ".join(Page(bundle["text/html"]).words).split())
    for words in (" ".join(bundle["text/plain"].split()), page):
        left = re.sub(r"conv2d\([^)]*\)|check\(conv2d.*?\)|torch\.tensor\(.*?\)|✗|\d", " ", words)
        left = re.sub(r"ZeroDivisionError: [a-z\s]+|`[^`]*`|float32|conv2d", " ", left)
        small = set(re.findall(r"\b[a-z]{2,}\b", left))
        assert small <= {"tensor", "image", "kernel", "torch", "zeros", "float", "return"}, small


def test_a_language_that_does_not_exist_is_refused_in_words(right):
    """The error names those there are."""
    with pytest.raises(ValueError, match="language is 'tlh', where one of these .*'en'"):
        check(right, language="tlh")


def test_the_language_of_the_process_is_that_of_a_variable(right, monkeypatch):
    """Without an argument CONVLAB_LANGUAGE decides; an unknown one there is English."""
    loud = {file: shouted(words) for file, words in messages.TABLES["en"].items()}
    monkeypatch.setitem(messages.TABLES, "zz", loud)
    monkeypatch.setenv("CONVLAB_LANGUAGE", "zz")
    assert "12 OF 12 RUNGS HOLD" in repr(check(right))
    monkeypatch.setenv("CONVLAB_LANGUAGE", "tlh")
    assert "12 of 12 rungs hold" in repr(check(right))


@pytest.mark.parametrize("line, times", [(3, 0), (None, 1)])
def test_the_line_of_an_error_is_named_once(line, times):
    """Either the reason names it, as a fact, or what was observed does."""
    case = checks.example(8, 8, seed=1)
    facts = {"line": 3, "code": "return 1 / 0"}
    look = messages.message("mistakes", "error.look", **facts)
    told = messages.message("mistakes", "error", call=case.name, error="ZeroDivisionError")
    fact = messages.message("words", "raw", text="Why.", line=line)
    found = Finding(Raised(told, look), case, None, Diagnosis(("raises-error",), (fact,)), case)
    assert found.observed.count("Look at line 3") == times
