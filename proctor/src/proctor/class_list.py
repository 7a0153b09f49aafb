"""What came in against the class list: who handed in nothing, and who is not on the list."""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from proctor.gradebook.records import RecordedStudent
from proctor.submission.files import shown

MAX_NAMED = 20  # students that the text names; --json has all
HINT = " (`proctor grade --json` names all)"
MARK = "\ufeff"  # what Excel writes before the first letter of a file
WRONG_IN_IDS = (MARK, ";", ",", "\t")
BASIS = "the class list is who has a name or an e-mail address in the gradebook"


@dataclass
class LikelyPair:
    """A folder of submissions whose name is nearly an id of the class list."""

    handed_in_as: str
    listed_as: str


@dataclass
class ClassComparison:
    """What came in against the class list.

    `listed` is how many are in the list; `missing` are those of them without a submission,
    {id: name, or ""}. `unlisted` are folders of submissions of nobody in the list. They can be told
    only where the list has names (`named`), since a grading adds whoever has handed in to the
    gradebook, without a name. `pairs` are unlisted ones who are probably in the list under another
    spelling. `problems` are sentences about the list itself.
    """

    listed: int = 0
    named: bool = False
    missing: dict[str, str] = field(default_factory=dict)
    unlisted: list[str] = field(default_factory=list)
    pairs: list[LikelyPair] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def compare(students: Collection[RecordedStudent], came_in: Collection[str]) -> ClassComparison:
    """The gradebook's students against the names of the folders that came in.

    In the list is who has a name, an e-mail address or a number in a learning platform, and who has
    none but never handed in anything: nobody but the instructor entered them. If nobody has a name,
    all the gradebook's students are the list.
    """
    named = any(one.named for one in students)
    listed = {one.id: one for one in students if one.named or not one.submitted or not named}
    missing = {id: one.name for id, one in listed.items() if id not in came_in}
    unlisted = sorted(set(came_in) - set(listed)) if named else []
    spellings: dict[str, list[str]] = {}
    for id in listed:
        spellings.setdefault(normalized(id), []).append(id)
    pairs = []
    for student in unlisted or sorted(set(came_in)):
        others = [id for id in spellings.get(normalized(student), []) if id != student]
        # Two that are both listed and both came in are two students.
        if others and not (student in listed and all(id in came_in for id in others)):
            pairs.append(LikelyPair(student, next((i for i in others if i in missing), others[0])))
    return ClassComparison(len(listed), named, missing, unlisted, pairs, wrong_ids(listed))


def normalized(student: str) -> str:
    """An id as it compares: without case, gaps, leading zeros and Excel's invisible mark."""
    text = unicodedata.normalize("NFKC", student).casefold().replace(MARK, "")
    return "".join(text.split()).lstrip("0")


def wrong_ids(ids: Iterable[str]) -> list[str]:
    """A sentence if ids of the class list look as if its file had been read wrongly."""
    wrong = [id for id in ids if id != id.strip() or any(mark in id for mark in WRONG_IN_IDS)]
    if not wrong:
        return []
    names = ", ".join(repr(id) for id in wrong[:3]) + (", …" if len(wrong) > 3 else "")
    return [
        f"{count(len(wrong))} read wrongly ({names}): save the list as "
        '"CSV (comma delimited)" in UTF-8, with commas between the columns and no space around '
        "them, remove these students with `nbgrader db student remove`, and import it again."
    ]


def count(number: int) -> str:
    """How many ids, in words."""
    ids, were = ("One id", "was") if number == 1 else (f"{number} ids", "were")
    return f"{ids} of the class list {were}"


def text(comparison: ClassComparison) -> list[str]:
    """The comparison for a person, in lines; none where there is nothing to tell."""
    lines = [f"! {problem}" for problem in comparison.problems]
    place = "In the class list" if comparison.named else "In the gradebook"
    if comparison.missing:
        labels = [
            shown(id) + (f" ({shown(name)})" if name else "")
            for id, name in comparison.missing.items()
        ]
        lines += [f"{place}, nothing handed in: {len(labels)}", f"  {some(labels, HINT)}"]
    if comparison.unlisted:
        names = [shown(student) for student in comparison.unlisted]
        lines += [
            f"Handed in, not in the class list: {len(names)} ({BASIS})",
            f"  {some(names, HINT)}",
        ]
    here = "the class list" if comparison.named else "the gradebook"
    for pair in comparison.pairs[:MAX_NAMED]:
        one, other = repr(pair.handed_in_as), repr(pair.listed_as)
        what = (
            f"rename the folder to {other}, then grade again"
            if pair.listed_as in comparison.missing
            else "both have handed in: look which one counts"
        )
        lines.append(f"  Handed in as {one}, {here} has {other}. If that is one student, {what}.")
    return [*lines, ""] if lines else []


def some(names: list[str], hint: str = "") -> str:
    """The names, or the first ones and how many more; `hint` says where those are."""
    more = len(names) - MAX_NAMED
    return ", ".join(names[:MAX_NAMED]) + (f" and {more} more{hint}" * (more > 0))
