"""Every language has the words for every message, with the same facts in them."""

import html
import string

import pytest
import torch
from convlab import check, messages

OTHERS = [language for language in messages.LANGUAGES if language != "en"]
FILES = list(messages.TABLES["en"])
FORMS = {"one", "many"}


def words(table, place=""):
    """Every text of a table of messages by its place in it; a list of hints is one place each."""
    found = {}
    for key, entry in table.items():
        if isinstance(entry, dict):
            found |= words(entry, f"{place}{key}.")
        elif isinstance(entry, list):
            found |= {f"{place}{key}.{number}": text for number, text in enumerate(entry)}
        else:
            found[place + key] = entry
    return found


def facts(text):
    """The names of the facts that a text has in it."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("language", OTHERS)
def test_each_message_has_words_for_the_same_facts(language, file):
    """No message is missing or left over, and none forgets or invents a fact."""
    english, other = (words(messages.TABLES[name][file]) for name in ("en", language))
    assert english.keys() == other.keys()
    assert {place: facts(text) for place, text in english.items()} == {
        place: facts(text) for place, text in other.items()
    }
    assert [place for place, text in english.items() if bool(text) != bool(other[place])] == []


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("language", OTHERS)
def test_hardly_any_words_are_the_english_ones(language, file):
    """What was left untranslated would stand there in English; single words may be the same."""
    english, other = (words(messages.TABLES[name][file]) for name in ("en", language))
    same = [text for place, text in english.items() if text == other[place] and " " in text]
    assert [text for text in same if not text.startswith(("{", "patch ", " ("))] == []


def test_a_report_is_in_the_language_asked_for():
    """`check` takes a language; its report, its hints and its findings follow."""

    def flipped(image, kernel):
        windows = image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
        return (windows * kernel.flip(0, 1)).sum(dim=(2, 3))

    german, english = (repr(check(flipped, 3, language=name)) for name in ("de", "en"))
    assert "Der Kern ist um 180° gedreht" in german and "Hinweis 3 von 3" in german
    assert "The kernel is turned by 180°" in english and "Hint 3 of 3" in english
    assert "The " not in german and "Hint " not in german


@pytest.mark.parametrize(
    "options, more",
    [
        ({"language": "de"}, 'Mehr: check(conv2d, hint=2, language="de")'),
        ({"language": "de", "hint": 2}, 'Mehr: check(conv2d, hint=3, language="de")'),
        ({}, "More: check(conv2d, hint=2)"),
    ],
)
def test_the_next_hint_is_offered_in_the_language_asked_for(options, more):
    """Whoever copies the line for more does not fall back into another language."""
    report = check(lambda image, kernel: torch.zeros(1), **options)
    assert more in repr(report)
    assert html.escape(more.split(": ")[1]) in report._repr_mimebundle_()["text/html"]


def test_the_language_of_a_process_is_a_variable(monkeypatch):
    """CONVLAB_LANGUAGE chooses the language where none is asked for; an unknown one is English."""
    report = check(lambda image, kernel: torch.zeros(1))
    monkeypatch.setenv("CONVLAB_LANGUAGE", "de")
    assert "Sprossen" in str(messages.message("rungs", "count", held=1, all=2))
    monkeypatch.setenv("CONVLAB_LANGUAGE", "xx")
    assert str(messages.message("rungs", "count", held=1, all=2)) == "1 of 2 rungs hold."
    assert report.language is None or report.language == "en"
