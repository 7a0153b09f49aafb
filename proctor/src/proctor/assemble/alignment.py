"""Which of a student's cells belongs into which of the instructor's: by name, id, text or place."""

from collections.abc import Iterable

from rapidfuzz import fuzz

from proctor.assemble.source import AssignmentCell
from proctor.submission.notebook import SubmittedCell

MIN_RATIO = 60  # of 100: how alike two texts must be to be the same cell, edited
COMPARED_CHARACTERS = 4000
MAX_COMPARISONS = 4000  # in one notebook


def align(
    assigned: list[AssignmentCell], submitted: list[SubmittedCell]
) -> tuple[dict[int, int], list[str]]:
    """{index of an instructor's cell: index of the student's}, and sentences for the instructor."""
    matched: dict[int, int] = {}
    problems: list[str] = []
    _match_names(assigned, submitted, matched, problems)
    _match_ids(assigned, submitted, matched)
    _match_texts(assigned, submitted, matched)
    _match_places(assigned, submitted, matched, problems)
    return matched, problems


def _match_names(
    assigned: list[AssignmentCell],
    submitted: list[SubmittedCell],
    matched: dict[int, int],
    problems: list[str],
) -> None:
    """Match cells that say which they are.

    Of several that say the same, the first that was written in counts; the others stay where they
    are.
    """
    claims: dict[str, list[int]] = {}
    for index, cell in enumerate(submitted):
        if cell.name is not None:
            claims.setdefault(cell.name, []).append(index)
    for place, own in enumerate(assigned):
        several = claims.get(own.name) if own.name else None
        if not several:
            continue
        written = [i for i in several if submitted[i].text.strip() != own.released.strip()]
        matched[place] = (written or several)[0] if own.open else several[0]
        if len(several) > 1:
            consequence = (
                "the first that was written in is taken as the answer, "
                "the others are kept as further cells."
                if own.open
                else "the instructor's stands, the copies are kept as further cells."
            )
            problems.append(f"The cell {own.name} is there {len(several)} times: {consequence}")


def _unmatched(
    assigned: list[AssignmentCell], submitted: list[SubmittedCell], matched: dict[int, int]
) -> tuple[list[int], list[int]]:
    """The indices of the instructor's and of the student's cells that are not yet matched."""
    names = {own.name for own in assigned if own.name}
    taken = set(matched.values())
    return (
        [place for place in range(len(assigned)) if place not in matched],
        [i for i, cell in enumerate(submitted) if i not in taken and cell.name not in names],
    )


def _match_ids(
    assigned: list[AssignmentCell], submitted: list[SubmittedCell], matched: dict[int, int]
) -> None:
    """Match cells with the id they were released with; notebooks before format 4.5 have none."""
    places, indices = _unmatched(assigned, submitted, matched)
    ids: dict[str | None, int] = {}
    for index in indices:
        if submitted[index].id:
            ids.setdefault(submitted[index].id, index)
    for place in places:
        index_or_none = ids.pop(assigned[place].cell.get("id"), None)
        if index_or_none is not None and _same_kind(assigned[place], submitted[index_or_none]):
            matched[place] = index_or_none


def _match_texts(
    assigned: list[AssignmentCell], submitted: list[SubmittedCell], matched: dict[int, int]
) -> None:
    """Match cells whose text is still the released one, in order."""
    places, indices = _unmatched(assigned, submitted, matched)
    same: dict[tuple[str, str], list[int]] = {}
    for index in indices:
        same.setdefault((submitted[index].kind, submitted[index].text.strip()), []).append(index)
    for place in places:
        several = same.get((assigned[place].cell.cell_type, assigned[place].released.strip()))
        if several:
            matched[place] = several.pop(0)


def _match_places(
    assigned: list[AssignmentCell],
    submitted: list[SubmittedCell],
    matched: dict[int, int],
    problems: list[str],
) -> None:
    """Match between two matched cells.

    The cell that is most alike is taken, and for an answer the only one that could be it.
    """
    places, indices = _unmatched(assigned, submitted, matched)
    budget = MAX_COMPARISONS
    for place in places:
        near = [
            index
            for index in _between(place, indices, matched)
            if _same_kind(assigned[place], submitted[index]) and index not in matched.values()
        ][:budget]
        budget -= len(near)
        ratios = [(_ratio(assigned[place], submitted[index]), -index) for index in near]
        if ratios and max(ratios)[0] >= MIN_RATIO:
            matched[place] = -max(ratios)[1]
    for place in places:
        if place in matched or not assigned[place].answer:
            continue
        near = [
            index
            for index in _between(place, indices, matched)
            if index not in matched.values()
            and _same_kind(assigned[place], submitted[index])
            and submitted[index].text.strip()
        ]
        if len(near) == 1 and not any(
            other != place and assigned[other].answer and _between(other, near, matched)
            for other in places
            if other not in matched
        ):
            matched[place] = near[0]
            problems.append(
                f"No cell says that it is {assigned[place].name}; "
                "the only cell in its place was taken as it."
            )


def _same_kind(own: AssignmentCell, cell: SubmittedCell) -> bool:
    """Whether both are code, or both markdown, or both raw."""
    return cell.kind == own.cell.cell_type


def _ratio(own: AssignmentCell, cell: SubmittedCell) -> float:
    """How alike the released and the submitted text are, from 0 to 100."""
    return fuzz.ratio(own.released[:COMPARED_CHARACTERS], cell.text[:COMPARED_CHARACTERS])


def _between(place: int, indices: Iterable[int], matched: dict[int, int]) -> list[int]:
    """Those of the indices that lie between the cells matched before and after a place."""
    low = max((index for other, index in matched.items() if other < place), default=-1)
    high = min((index for other, index in matched.items() if other > place), default=float("inf"))
    return [index for index in indices if low < index < high]
