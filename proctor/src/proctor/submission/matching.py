"""Which file of a submission is which notebook: the expected name, or recognisably a copy of it."""

import re
import unicodedata
from collections.abc import Collection, Iterable

from proctor.submission.files import shown

# What browsers, Jupyter, file managers and learning platforms add to a name, with the number of the
# copy if there is one.
ADDED = re.compile(
    r"(?:\s*\((?P<number>\d+)\)|[-_ ]*copy[-_ ]*(?P<copy>\d*)|[-_ ]checkpoint|\.ipynb)$"
)
BEFORE = re.compile(r"^(?:copy of|kopie von|copia de|copie de)\s+")
MOODLE = re.compile(r"^.*_assignsubmission_file_")
SUFFIX = ".ipynb"

OTHER_SPELLING, COPY, WITH_A_NAME = 1, 2, 3


def match(names: Iterable[str], expected: Collection[str]) -> tuple[dict[str, str], list[str]]:
    """{notebook: name of its file}, and a sentence for each that was recognised by likeness.

    An exact name comes first; of several that are recognised the surest and, among copies, the
    latest is taken. A name that could be two notebooks is the one whose name is longest:
    "ada_lab_two" is "lab_two", not "two".
    """
    stems = {
        name: name[: -len(SUFFIX)]
        for name in sorted(names)
        if name.lower().endswith(SUFFIX) and "/" not in name
    }
    matched = {one: one + SUFFIX for one in expected if one + SUFFIX in stems}
    candidates: dict[str, list[tuple[int, int, str]]] = {}
    for name, stem in stems.items():
        if name in matched.values():
            continue
        likely = [
            (likeness, -len(one), one)
            for one in expected
            if (likeness := _likeness(stem, one)) is not None
        ]
        if likely:
            likeness, _, best = min(likely)
            candidates.setdefault(best, []).append((likeness, -_without_copy(stem)[1], name))
    problems = []
    for one, several in sorted(candidates.items()):
        if one in matched:
            continue
        (_, _, matched[one]), *others = sorted(several)
        ignored = ", ".join(shown(name) for *_, name in others)
        problems.append(
            f"{shown(matched[one])} was taken as {one}{SUFFIX}"
            + (f"; also there, and not looked at: {ignored}." if others else ".")
        )
    return matched, problems


def _normalized(stem: str) -> str:
    """A file's stem as letters compare: without accents' spelling, case and kinds of gaps."""
    return re.sub(r"[\s_\-+.]+", " ", unicodedata.normalize("NFKC", stem).casefold()).strip()


def _without_copy(stem: str) -> tuple[str, int]:
    """The stem without what copying added, and the copy's number.

    "convolution (2)" gives ("convolution", 2).
    """
    stem, number = MOODLE.sub("", unicodedata.normalize("NFKC", stem).casefold()).strip(), 0
    stem = BEFORE.sub("", stem)
    while (added := ADDED.search(stem)) and added.start() > 0:
        number = max(number, int((added["number"] or added["copy"] or "0")[:6]))
        stem = stem[: added.start()].strip()
    return stem, number


def _likeness(stem: str, expected: str) -> int | None:
    """How surely the stem means the expected notebook, surest first; None: not at all."""
    wanted = _normalized(expected)
    if _normalized(stem) == wanted:
        return OTHER_SPELLING
    rest = _normalized(_without_copy(stem)[0])
    if rest == wanted:
        return COPY
    named = rest.endswith(" " + wanted) or rest.startswith(wanted + " ")
    return WITH_A_NAME if named else None
