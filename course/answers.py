"""The sample answers of tests/answers: text, never imported, each with the cells it must lose and
what is wrong.
"""

import functools
import re
import tomllib
from dataclasses import dataclass

from . import layout, notebook

HEAD = re.compile(r"^# %% (\w+)(?: \[([^\]]*)\])?(?: (.+))?$", re.MULTILINE)
DIAGNOSES = layout.SOURCE / "convlab" / "messages" / "en" / "diagnoses.toml"
LADDER = layout.ANSWERS / "ladder"  # answers that keep all points, and fail a rung of the ladder
SHORT = {
    "8x8": "feature_map_8x8",
    "12x10": "feature_map_12x10",
    "10x10": "feature_map_10x10",
    "12x8": "feature_map_12x8",
    "from_scratch": "from_scratch",
}


@dataclass(frozen=True)
class Answer:
    """What a student put into the stub cell: `source`.

    `loses` names the graded cells that must give no points. `diagnoses` says what is wrong with it:
    alternatives, of which each is true, each a tuple of names, the most important first.
    """

    name: str
    about: str
    source: str
    loses: frozenset
    file: str
    diagnoses: tuple = ()

    @property
    def right(self):
        """Whether nothing is wrong with it, so that it keeps all points."""
        return not self.loses and not self.diagnoses


def parse(text, file):
    """The answers in one file's text; ValueError names an answer whose head is not understood."""
    heads = list(HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=True):
        source = text[head.end() : end].strip("\n") + "\n"
        about = source.split("\n", 1)[0]
        if not about.startswith("# "):
            raise ValueError(
                f"{file}: answer {head[1]} needs a comment line that says what it does"
            )
        place = f"{file}: {head[1]}"
        loses = lost_cells(head[2], place)
        names = named(head[3], head[2] is not None, place)
        yield Answer(head[1], about[2:], source, loses, file, names)


def lost_cells(text, place):
    """The cells named in an answer's head: all five for `all`, none for `none` or no list."""
    if not text or text.strip() == "none":
        return frozenset()
    names = list(SHORT) if text.strip() == "all" else [name.strip() for name in text.split(",")]
    unknown = [name for name in names if name not in SHORT]
    if unknown:
        raise ValueError(
            f"{place}: no graded cell {unknown[0]!r}; there are {', '.join(SHORT)} and `all`"
        )
    return frozenset(SHORT[name] for name in names)


def named(text, wrong, place):
    """What is wrong, as an answer's head says it: `a+b | c` is a with b, or else c; every wrong
    answer has it, no right one.
    """
    if bool(text) != wrong:
        raise ValueError(
            f"{place}: {'is wrong' if wrong else 'loses nothing'}, and its head says "
            f"{'not what is wrong' if wrong else repr(text) + ' is wrong'}"
        )
    alternatives = tuple(
        tuple(name.strip() for name in names.split("+"))
        for names in (text or "").split("|")
        if text
    )
    unknown = [name for names in alternatives for name in names if name not in known_diagnoses()]
    if unknown:
        raise ValueError(f"{place}: no diagnosis {unknown[0]!r} in {DIAGNOSES.name}")
    return alternatives


@functools.cache
def known_diagnoses():
    """The names there are for what can be wrong: a set of strings."""
    return frozenset(tomllib.loads(DIAGNOSES.read_text("utf-8")))


def load(folder=layout.ANSWERS):
    """All sample answers, in the order of the files."""
    return [
        answer
        for path in sorted(folder.glob("*.py"))
        for answer in parse(path.read_text("utf-8"), path.name)
    ]


def unsolved():
    """The stub cell as students get it."""
    return notebook.stub(
        notebook.read(layout.ROOT / "release" / layout.ASSIGNMENT / layout.NOTEBOOK)
    ).source


def solved():
    """The stub cell with the course's own solution."""
    return notebook.stub(notebook.read(layout.SOURCE / layout.NOTEBOOK)).source
