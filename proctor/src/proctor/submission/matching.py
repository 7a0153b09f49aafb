"""Owns which file of a submission is which notebook: the expected name, or one that is recognisably it."""

import re
import unicodedata

from proctor.submission.files import shown

# What browsers, Jupyter, file managers and learning platforms add to a name, with the number of the copy if there is one.
ADDED = re.compile(
    r"(?:\s*\((?P<number>\d+)\)|[-_ ]*copy[-_ ]*(?P<copy>\d*)|[-_ ]checkpoint|\.ipynb)$"
)
BEFORE = re.compile(r"^(?:copy of|kopie von|copia de|copie de)\s+")
PLATFORM = re.compile(r"^.*_assignsubmission_file_")


def plain(stem):
    """A file's stem as letters compare: without accents' spelling, case, and kinds of gaps."""
    return re.sub(r"[\s_\-+.]+", " ", unicodedata.normalize("NFKC", stem).casefold()).strip()


def bare(stem):
    """The stem without what copying added to it, and the number of the copy: ("convolution (2)" → "convolution", 2)."""
    stem, number = PLATFORM.sub("", unicodedata.normalize("NFKC", stem).casefold()).strip(), 0
    stem = BEFORE.sub("", stem)
    while (added := ADDED.search(stem)) and added.start() > 0:
        number = max(number, int((added["number"] or added["copy"] or "0")[:6]))
        stem = stem[: added.start()].strip()
    return stem, number


def rank(stem, expected):
    """How surely the stem means the expected notebook: 1 another case, 2 a copy, 3 with a student's name; None: not at all."""
    wanted = plain(expected)
    if plain(stem) == wanted:
        return 1
    rest = plain(bare(stem)[0])
    if rest == wanted:
        return 2
    return 3 if rest.endswith(" " + wanted) or rest.startswith(wanted + " ") else None


def match(names, expected):
    """Which of a folder's names is which expected notebook: ({notebook: name}, sentences on what was recognised).

    An exact name comes first; of several that are recognised the surest and, among copies, the latest is taken.
    A name that could be two notebooks is the one whose name is longest ("ada_lab_two" is "lab_two", not "two")."""
    notebooks = {
        name: name[:-6]
        for name in sorted(names)
        if name.lower().endswith(".ipynb") and "/" not in name
    }
    taken = {one: f"{one}.ipynb" for one in expected if f"{one}.ipynb" in notebooks}
    meant = {}
    for name, stem in notebooks.items():
        if name in taken.values():
            continue
        sure = [(rank(stem, one), -len(one), one) for one in expected if rank(stem, one)]
        if sure:
            best = min(sure)
            meant.setdefault(best[2], []).append((best[0], -bare(stem)[1], name))
    told = []
    for one, names_of_it in sorted(meant.items()):
        if one in taken:
            continue
        taken[one], others = min(names_of_it)[2], sorted(names_of_it)[1:]
        told.append(
            f"{shown(taken[one])} was taken as {one}.ipynb"
            + (
                f"; also there, and not looked at: {', '.join(shown(name) for *_, name in others)}."
                if others
                else "."
            )
        )
    return taken, told
