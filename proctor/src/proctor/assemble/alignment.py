"""Owns which of a student's cells belongs into which of the instructor's: by name, by id, by text, by place, in this order."""

from rapidfuzz import fuzz

ALIKE = 60  # of 100: how alike two texts must be to be the same cell, edited
COMPARED = 4000  # characters of a text that are looked at
PAIRS = 4000  # comparisons in one notebook


def align(slots, cells):
    """{slot's index: cell's index}, and sentences about what a human may want to look at."""
    told, found = [], {}
    by_name(slots, cells, found, told)
    by_id(slots, cells, found)
    by_text(slots, cells, found)
    by_place(slots, cells, found, told)
    return found, told


def by_name(slots, cells, found, told):
    """Cells that say which they are. Of several that say the same, the first that was written in; the others stay where they are."""
    claims = {}
    for index, cell in enumerate(cells):
        if cell.name is not None:
            claims.setdefault(cell.name, []).append(index)
    for place, slot in enumerate(slots):
        several = claims.get(slot.name) if slot.name else None
        if not several:
            continue
        written = [index for index in several if cells[index].text.strip() != slot.released.strip()]
        found[place] = (written or several)[0] if slot.open else several[0]
        if len(several) > 1:
            told.append(
                f"The cell {slot.name} is there {len(several)} times: "
                + (
                    "the first that was written in is taken as the answer, the others are kept as further cells."
                    if slot.open
                    else "the instructor's stands, the copies are kept as further cells."
                )
            )


def left(slots, cells, found):
    """The slots and the cells that are not yet matched."""
    names, taken = {slot.name for slot in slots if slot.name}, set(found.values())
    return (
        [place for place in range(len(slots)) if place not in found],
        [
            index
            for index, cell in enumerate(cells)
            if index not in taken and cell.name not in names
        ],
    )


def by_id(slots, cells, found):
    """Cells with the id they were released with (notebooks before format 4.5 have none)."""
    places, indices = left(slots, cells, found)
    ids = {}
    for index in indices:
        if cells[index].id:
            ids.setdefault(cells[index].id, index)
    for place in places:
        index = ids.pop(slots[place].cell.get("id"), None)
        if index is not None and cells[index].kind == slots[place].cell.cell_type:
            found[place] = index


def by_text(slots, cells, found):
    """Cells whose text is still the released one, in order."""
    places, indices = left(slots, cells, found)
    same = {}
    for index in indices:
        same.setdefault((cells[index].kind, cells[index].text.strip()), []).append(index)
    for place in places:
        several = same.get((slots[place].cell.cell_type, slots[place].released.strip()))
        if several:
            found[place] = several.pop(0)


def by_place(slots, cells, found, told):
    """Between two matched cells: the cell that is most alike, and for an answer the only one that could be it."""
    places, indices = left(slots, cells, found)
    budget = PAIRS
    for place in places:
        near = [
            index
            for index in between(place, indices, found)
            if cells[index].kind == slots[place].cell.cell_type
        ]
        near = [index for index in near if index not in found.values()][:budget]
        budget -= len(near)
        scores = [
            (fuzz.ratio(slots[place].released[:COMPARED], cells[index].text[:COMPARED]), -index)
            for index in near
        ]
        if scores and max(scores)[0] >= ALIKE:
            found[place] = -max(scores)[1]
    for place in [place for place in places if place not in found and slots[place].answer]:
        near = [
            index
            for index in between(place, indices, found)
            if index not in found.values()
            and cells[index].kind == slots[place].cell.cell_type
            and cells[index].text.strip()
        ]
        if len(near) == 1 and not any(
            other != place and slots[other].answer and between(other, near, found)
            for other in places
            if other not in found
        ):
            found[place] = near[0]
            told.append(
                f"No cell says that it is {slots[place].name}; the only cell in its place was taken as it."
            )


def between(place, indices, found):
    """Those of the indices that lie between the cells matched before and after a slot."""
    low = max((index for other, index in found.items() if other < place), default=-1)
    high = min((index for other, index in found.items() if other > place), default=float("inf"))
    return [index for index in indices if low < index < high]
