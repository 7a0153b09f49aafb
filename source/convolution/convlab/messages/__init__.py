"""The sentences a learner reads: code states facts, and the .toml files here put them into words.

A `Message` is a sentence that is not yet put into words. Which words it gets depends on the
language alone, so that nothing else in this library needs to look at a sentence: whatever has to be
decided is decided by a message's name and its facts.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..printing import number

HOME = Path(__file__).parent
TABLES = {  # read at once, since a grader forks later
    folder.name: {
        path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.toml"))
    }
    for folder in sorted(HOME.iterdir())
    if folder.is_dir() and any(folder.glob("*.toml"))
}
LANGUAGES = tuple(TABLES)
LONGEST = 600  # characters of a text that is believed of another process
HEAVIEST = 3000  # values and characters of a whole message, and characters of its words
DEPTH = 12  # of data in data; a message in a message is two deep
REPLACED = "\N{REPLACEMENT CHARACTER}"


def default_language() -> str:
    """The language of this process: that of the variable CONVLAB_LANGUAGE, else English."""
    wanted = os.environ.get("CONVLAB_LANGUAGE", "en")[:2].lower()
    return wanted if wanted in TABLES else "en"


def table(file: str, language: str | None = None) -> dict[str, Any]:
    """One file of messages: "mistakes", "rungs", "diagnoses" and so on, as nested dictionaries."""
    return TABLES[language or default_language()][file]


@dataclass(frozen=True)
class Message:
    """A sentence not yet put into words: the `file` and `name` of its words, and its `facts`.

    A name with a dot is a part of an entry ("runs-past-edge.patch"); without one it is the entry's
    words, or its part "say". Words in the forms `one` and `many` are chosen by the fact `count`.

    A fact is a text (a number as it is printed, a size, a line of code), an int, a float, a cell of
    a table as a tuple of ints, another Message, or a list of any of these, told as "a, b and c".
    """

    file: str
    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str | None = None) -> str:
        """The sentence in a language of LANGUAGES; KeyError if it has no words there."""
        language = language or default_language()
        words: Any = table(self.file, language)
        for part in self.name.split("."):
            words = words[part]
        if isinstance(words, dict) and "say" in words:
            words = words["say"]
        if isinstance(words, dict):
            words = words["one" if self.facts["count"] == 1 else "many"]
        facts = {name: in_words(fact, language) for name, fact in self.facts.items()}
        return words.format(**facts).strip("\n")

    def __str__(self) -> str:
        return self.text()

    @property
    def names_cells(self) -> bool:
        """Whether it speaks of single cells, which only fit tables of one size."""
        return any(names_cells(fact) for fact in self.facts.values())


def message(file: str, name: str, /, **facts: Any) -> Message:
    """The Message of this name with these facts."""
    return Message(file, name, facts)


def in_words(fact: Any, language: str) -> str:
    """A fact as it stands in a sentence."""
    if isinstance(fact, Message):
        return fact.text(language)
    if isinstance(fact, list):
        *most, last = [in_words(part, language) for part in fact] or [""]
        both = table("words", language)["and"]
        return f"{', '.join(most)} {both} {last}" if most else last
    if isinstance(fact, float):
        return number(fact)
    return str(fact)


def names_cells(fact: Any) -> bool:
    """Whether a fact is, or holds, a cell of a table."""
    if isinstance(fact, Message):
        return fact.names_cells
    if isinstance(fact, list):
        return any(map(names_cells, fact))
    return isinstance(fact, tuple)


def plain(fact: Any) -> Any:
    """A fact, or a Message, as plain data that can cross to another process."""
    if isinstance(fact, Message):
        facts = {name: plain(part) for name, part in fact.facts.items()}
        return {"file": fact.file, "name": fact.name, "facts": facts}
    return [plain(part) for part in fact] if isinstance(fact, list) else fact


def believed(answer: Any) -> Message:
    """The Message that plain data from an untrusted process describe.

    ValueError unless it is one of ours in every language, its facts are numbers and text, and it is
    of bounded length in words.
    """
    if weight(answer) > HEAVIEST:
        raise ValueError("this is too much for a message")
    found = believed_message(answer)
    try:
        texts = [found.text(language) for language in LANGUAGES]
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError("there are no words for this message") from error
    if max(map(len, texts)) > HEAVIEST:
        raise ValueError("this message is too long")
    return found


def weight(data: Any, depth: int = DEPTH) -> int:
    """How many values and characters plain data consist of; ValueError if nested too deeply."""
    if type(data) is str:
        return 1 + len(data)
    if type(data) not in (dict, list, tuple):
        return 1
    if not depth:
        raise ValueError("this is nested too deeply")
    parts = [*data, *data.values()] if type(data) is dict else data
    return 1 + sum(weight(part, depth - 1) for part in parts)


def believed_message(answer: Any) -> Message:
    """The Message of plain data whose `weight` is bounded, whether it has words or not."""
    if type(answer) is not dict or set(answer) != {"file", "name", "facts"}:
        raise ValueError("this is no message")
    file, name, facts = answer["file"], answer["name"], answer["facts"]
    if type(file) is not str or type(name) is not str or type(facts) is not dict:
        raise ValueError("this is no message")
    if not all(type(key) is str and key.isidentifier() for key in facts):
        raise ValueError("these are no facts")
    return Message(file, name, {key: believed_fact(fact) for key, fact in facts.items()})


def believed_fact(fact: Any) -> Any:
    """A fact of an untrusted process; ValueError if it is none.

    Signs that a screen would obey, and halves of characters, are replaced.
    """
    if type(fact) is str and len(fact) <= LONGEST:
        return "".join(sign if sign.isprintable() else REPLACED for sign in fact)
    if type(fact) is float or is_number(fact):
        return fact
    if type(fact) is tuple and all(map(is_number, fact)):
        return fact
    if type(fact) is dict:
        return believed_message(fact)
    if type(fact) is list:
        return [believed_fact(part) for part in fact]
    raise ValueError("this is no fact")


def is_number(fact: Any) -> bool:
    """Whether a fact is a whole number that can be printed."""
    return type(fact) is int and abs(fact) < 10**12
