"""Owns notebooks and submissions as text: cells after `# %% name role`, students after `# === name: what it does`."""

import re
from dataclasses import dataclass, field

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

CELL = re.compile(r"^# %% (?P<markdown>\[markdown\] )?(?P<name>[\w-]+)(?P<roles>.*)$", re.MULTILINE)
STUDENT = re.compile(
    r"^# === (?P<name>[\w-]+)(?: \((?P<time>[^)]+)\))?: (?P<about>.+)$", re.MULTILINE
)
CHANGE = re.compile(r"^# --- (?P<what>.+)$", re.MULTILINE)
ROLES = {
    "solution": (False, True, False),
    "test": (True, False, True),
    "manual": (True, True, False),
    "locked": (False, False, True),
    "task": (False, False, True),
}  # (grade, solution, locked)
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


@dataclass(frozen=True)
class Submission:
    """What a student did to the released notebooks: changes, each (what, where, text); `time` is when it was handed in."""

    about: str
    changes: list = field(default_factory=list)
    time: str | None = None


def pieces(head, text):
    """The parts of `text` that begin with a line that `head` matches: [(match, the lines after it)]."""
    heads = list(head.finditer(text))
    ends = [match.start() for match in heads[1:]] + [len(text)]
    return [
        (match, text[match.end() : end].strip("\n"))
        for match, end in zip(heads, ends, strict=False)
    ]


def notebook(text):
    """The instructor's notebook that a text describes."""
    return new_notebook(
        cells=[cell(match, source) for match, source in pieces(CELL, text)], metadata=KERNEL
    )


def cell(match, source):
    """One cell: its name is its id, and nbgrader's name for it where it has a role."""
    role, *rest = match["roles"].split() or [None]
    metadata = {}
    if role:
        grade, solution, locked = ROLES[role]
        metadata["nbgrader"] = {
            "grade_id": match["name"],
            "grade": grade,
            "solution": solution,
            "locked": locked,
            "task": role == "task",
            "schema_version": 3,
        }
        if grade or role == "task":
            metadata["nbgrader"]["points"] = float(rest.pop(0))
    if rest:
        metadata["proctor"] = dict(word.split("=") for word in rest)
    if match["markdown"]:
        return new_markdown_cell(plain(source), id=match["name"], metadata=metadata)
    return new_code_cell(source, id=match["name"], metadata=metadata)


def plain(source):
    """Text that stands behind `# ` in every line."""
    return "\n".join(re.sub("^# ?", "", line) for line in source.split("\n"))


def students(text):
    """What the students of a text hand in: {name: Submission}."""
    return {
        match["name"]: Submission(
            match["about"],
            [(change["what"].split(), source) for change, source in pieces(CHANGE, body)],
            match["time"],
        )
        for match, body in pieces(STUDENT, text)
    }


def handed_in(released, submission):
    """The files of a submission, from the released notebooks {name: notebook}: {file name: text}."""
    notebooks = {name: nbformat.from_dict(book) for name, book in released.items()}
    files = {"timestamp.txt": submission.time} if submission.time else {}
    for (*what, where), source in submission.changes:
        if what == ["file"]:
            files[where] = source + "\n"
            continue
        name, _, place = where.rpartition("/")
        if what == ["without"]:
            del notebooks[where]
            continue
        cells = notebooks[name or min(notebooks)].cells
        change(cells, " ".join(what), found(cells, place), source)
    return files | {f"{name}.ipynb": nbformat.writes(book) for name, book in notebooks.items()}


def found(cells, place):
    """The index of a cell by its name, or by `#3` the third cell that nbgrader does not name."""
    named = [cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id") for cell in cells]
    if place.startswith("#"):
        return [i for i, cell in enumerate(cells) if "nbgrader" not in cell.metadata][
            int(place[1:]) - 1
        ]
    return named.index(place)


def change(cells, what, index, source):
    """Do to the cells what a student does: answer a cell, add one, take one away, copy or move it."""
    markdown = cells[index].cell_type == "markdown" or what.startswith("note")
    text = plain(source) if markdown else source
    if what == "":
        cells[index].source = text
    elif what in ("after", "before", "note after"):
        made = (new_markdown_cell if markdown else new_code_cell)(text)
        if "id" not in cells[index]:
            made.pop("id")
        cells.insert(index + (what != "before"), made)
    elif what == "delete":
        del cells[index]
    elif what == "copy":
        cells.insert(index + 1, nbformat.from_dict(cells[index]))
        if "id" in cells[index]:
            cells[index + 1].id += "-2"
    elif what == "to the end":
        cells.append(cells.pop(index))
    else:
        raise ValueError(f"no change is called {what!r}")
