"""Whether facts become words, cross to another process, and are doubted when they come from one."""

import pytest
from convlab import messages
from convlab.messages import Message, message

REPLACED = "\N{REPLACEMENT CHARACTER}"
CELL = message("state", "its-cell", cell=(0, 5))
RANDOM = message("diagnoses", "random", place=CELL, first="1", second="−2.5")
CHANGED = {"all": 9, "place": (1, 2), "was": "1", "now": "2"}


def nested(depth):
    """Plain data of a message within a message, so many times."""
    data = {"file": "state", "name": "its-size", "facts": {}}
    for _ in range(depth):
        data = {"file": "state", "name": "its-cell", "facts": {"cell": data}}
    return data


def told(variable, name="remembered-in", **facts):
    """Plain data of a message with this fact."""
    return {"file": "state", "name": name, "facts": {"variable": variable, **facts}}


@pytest.mark.parametrize(
    "fact, words",
    [
        (RANDOM, "output (0, 5) was 1, then −2.5."),
        (message("state", "changed-numbers.kernel", count=1, **CHANGED), "one of the 9 weights"),
        (message("state", "changed-numbers.kernel", count=4, **CHANGED), "4 of the 9 weights"),
        (message("state", "remembered-in", variable=["a", "b", "c"]), "`a, b and c`"),
        (message("state", "remembered-in", variable=["a"]), "`a`"),
        (message("state", "remembered-in", variable=[]), "``"),
        (message("state", "remembered-in", variable=-1.5), "`−1.5`"),
        (message("state", "remembered-in", variable="{0.__class__}"), "`{0.__class__}`"),
        (message("state", "memory-left", cells="x"), "never writes to x:"),
    ],
)
def test_facts_stand_in_the_words(fact, words):
    """Numbers, cells, lists and messages as the lesson prints them; plural words by the count."""
    assert words in fact.text("en")
    assert str(fact) == fact.text()


@pytest.mark.parametrize("fact", [RANDOM, message("state", "remembered-in", variable=["a", CELL])])
def test_a_message_crosses_to_another_process_as_plain_data(fact):
    """It comes back as it was, its cells and the messages within it too."""
    assert messages.believed(messages.plain(fact)) == fact


def test_single_cells_are_known_wherever_they_stand():
    """A message that holds a cell, itself or in a part of it, only fits tables of one size."""
    assert RANDOM.names_cells
    assert message("state", "remembered-in", variable=[["a"], [CELL]]).names_cells
    assert not message("state", "remembered-in", variable=["a", "(0, 5)"]).names_cells


@pytest.mark.parametrize(
    "fact, kept",
    [
        ("a\nDiagnosis [x]: y", f"a{REPLACED}Diagnosis [x]: y"),
        ("\x1b[2J", f"{REPLACED}[2J"),
        ("\ud800x", f"{REPLACED}x"),
        ("\u202eabc\u2066", f"{REPLACED}abc{REPLACED}"),
        ("{file} {0} {x.y!r:>99}", "{file} {0} {x.y!r:>99}"),
        ("%s %(x)s", "%s %(x)s"),
        (float("nan"), "nan"),
        (float("-inf"), "−inf"),
        (1e308, "1.00e+308"),
        ((1, -2), "(1, -2)"),
        ((), "()"),
    ],
)
def test_facts_of_another_process_are_short_text_and_numbers(fact, kept):
    """What a screen would obey is replaced, and what looks like a format stays what it is."""
    text = messages.believed(told(fact)).text("en")
    assert text == f"It keeps them in `{kept}`."
    assert text.encode()


class Text(str):
    """Text that is more than text."""


class Table(dict):
    """A dictionary that is more than one."""


@pytest.mark.parametrize(
    "answer",
    [
        None,
        5,
        "text",
        [],
        RANDOM,
        {},
        {"file": "state", "name": "shared"},
        {"file": "state", "name": "shared", "facts": {}, "more": 1},
        Table(file="state", name="shared", facts={}),
        {"file": "state", "name": "shared", "facts": []},
        {"file": Text("state"), "name": "shared", "facts": {}},
        {"file": "nowhere", "name": "shared", "facts": {}},
        {"file": "../en/state", "name": "shared", "facts": {}},
        {"file": "state", "name": "nothing", "facts": {}},
        {"file": "state", "name": "", "facts": {}},
        {"file": "state", "name": "shared.say.format", "facts": {}},
        {"file": "state", "name": "__class__", "facts": {}},
        {"file": "state", "name": ".".join(["shared"] * 999), "facts": {}},
        {"file": "state", "name": ["shared"], "facts": {}},
        {"file": "diagnoses", "name": "random.hints", "facts": {}},
        {"file": "diagnoses", "name": "random", "facts": {}},
        {"file": "state", "name": "changed-numbers.kernel", "facts": CHANGED},
        {"file": "state", "name": "changed-numbers", "facts": {"count": 1}},
        told("x", **{"not a name": 1}),
        {"file": "state", "name": "remembered-in", "facts": {1: "x", "variable": "x"}},
        told(True),
        told(None),
        told(b"x"),
        told(1j),
        told({"x": 1}),
        told({"a", "b"}),
        told(Text("x")),
        told(object()),
        told(10**12),
        told((10**5000, 0)),
        told((True, False)),
        told((0.5, 1)),
        told(("x",)),
        told("x" * 601),
        told("x", **{f"more{k}": "y" * 500 for k in range(9)}),
        told("x", **{"y" * 9999: 1}),
        told(["x"] * 9999),
        told([["x"] * 60] * 60),
        told([[[[[[[[[[[["x"]]]]]]]]]]]]),
        nested(7),
        nested(900),
    ],
)
def test_what_is_no_message_of_ours_is_not_believed(answer):
    """Other types, unknown or unfillable words, endless, deep or heavy data: all a ValueError."""
    with pytest.raises(ValueError):
        messages.believed(answer)


def test_a_message_that_contains_itself_is_not_believed():
    """Data without end are given up."""
    endless = told([])
    endless["facts"]["variable"].append(endless)
    with pytest.raises(ValueError):
        messages.believed(endless)


def test_words_that_say_a_fact_often_do_not_make_it_long(monkeypatch):
    """The length in words is bounded, however often they put in what they are given."""
    monkeypatch.setitem(messages.TABLES["en"]["state"], "echo", "{x} " * 20)
    data = "x" * 90
    for _ in range(3):
        data = {"file": "state", "name": "echo", "facts": {"x": data}}
    with pytest.raises(ValueError):
        messages.believed(data)


def test_words_that_format_a_fact_refuse_one_that_does_not_fit(monkeypatch):
    """A text where the words want a number is no fact for them."""
    monkeypatch.setitem(messages.TABLES["en"]["state"], "half", "{x:.2f} {y[0]}")
    for facts in ({"x": "text", "y": [1]}, {"x": 0.5}, {"x": 0.5, "y": 3}):
        with pytest.raises(ValueError):
            messages.believed({"file": "state", "name": "half", "facts": facts})


@pytest.mark.parametrize("wanted, language", [("de", "de"), ("de_AT", "de"), ("xx", "en")])
def test_the_language_is_that_of_the_environment(wanted, language, monkeypatch):
    """The first two letters of CONVLAB_LANGUAGE, if there are messages in that language."""
    monkeypatch.setitem(messages.TABLES, "de", messages.TABLES["en"])
    monkeypatch.setenv("CONVLAB_LANGUAGE", wanted)
    assert messages.default_language() == language


def test_a_message_without_words_is_an_error():
    """The name of nothing is noticed where it is put into words."""
    with pytest.raises(KeyError):
        Message("state", "nothing").text()
