"""Owns what is taken from a notebook that a student handed in: of each cell its kind, its text, its names, and nothing else."""

import json
from dataclasses import dataclass, field

from nbformat import current_nbformat

from proctor.sanitize import clean_attachments

BYTES = 64_000_000  # of a notebook's file: pictures and players in its outputs included, which are not kept
MARKS = 3_000_000  # brackets and commas of the JSON: what decides how much memory reading it takes
CELLS = 2000
TEXT = 8_000_000  # characters in all cells together
KINDS = ("code", "markdown", "raw")


class Unreadable(Exception):
    """Why a file is no notebook that can be graded, in words."""


@dataclass
class Cell:
    """One cell of a student's: `name` is the grade_id it claims to be, which decides where its text goes and nothing more."""

    kind: str
    text: str
    name: str | None = None
    id: str | None = None
    attachments: dict = field(default_factory=dict)


@dataclass
class Sheet:
    """The cells a student handed in, and in sentences what was odd about them."""

    cells: list[Cell] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read(data):
    """The sheet of a notebook file's bytes; Unreadable in words, and never anything else."""
    try:
        notebook = loaded(data)
        return sheet(notebook, version(notebook))
    except (RecursionError, MemoryError) as error:
        raise Unreadable("It is nested too deeply to be read.") from error


def loaded(data):
    """The JSON of a notebook file, whatever encoding its editor chose."""
    if len(data) > BYTES:
        raise Unreadable(f"It is larger than {BYTES // 1_000_000} MB.")
    if not data.strip():
        raise Unreadable("The file is empty.")
    if sum(data.count(mark) for mark in (b"[", b"{", b",")) > MARKS:
        raise Unreadable("It holds more things than any notebook should: it is not read.")
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"It is not UTF-8 text: {error.reason} at byte {error.start}.") from error
    try:
        return json.loads(text, parse_int=number)
    except ValueError as error:
        raise Unreadable(f"It is not JSON: {error}.") from error


def number(text):
    """An integer of the JSON; one too long for Python to read is no reason to refuse a notebook, nobody needs it."""
    return int(text) if len(text) < 20 else 0


def version(notebook):
    """The format's main version, 3 or 4; others are refused in words."""
    if not isinstance(notebook, dict):
        raise Unreadable("It is JSON, but not a notebook: a notebook is an object with cells.")
    major = notebook.get("nbformat")
    if isinstance(major, bool) or major not in (3, 4):
        said = (
            "does not say its format's version"
            if major is None
            else f"says its format is version {str(major)[:20]}"
        )
        raise Unreadable(
            f"The notebook {said}; versions 3 and {current_nbformat} can be graded. "
            "Ask for it to be saved again with a current Jupyter."
        )
    return int(major)


def sheet(notebook, major):
    """The cells of a loaded notebook."""
    found = Sheet()
    if major == 3:
        found.problems.append("The notebook is in the old format 3: it was brought to format 4.")
        pages = notebook.get("worksheets")
        pages = (
            [page.get("cells") for page in pages if isinstance(page, dict)]
            if isinstance(pages, list)
            else [None]
        )
        if not all(isinstance(page, list) for page in pages):
            raise Unreadable("The notebook has no list of cells.")
        raw = [cell for page in pages for cell in page]
    else:
        raw = notebook.get("cells")
        if not isinstance(raw, list):
            raise Unreadable("The notebook has no list of cells.")
    if len(raw) > CELLS:
        raise Unreadable(f"The notebook has {len(raw)} cells; at most {CELLS} are graded.")
    size = 0
    for index, cell in enumerate(raw):
        taken = one(cell, index, found.problems, "input" if major == 3 else "source")
        if taken:
            size += len(taken.text)
            found.cells.append(taken)
    if size > TEXT:
        raise Unreadable(f"The cells hold {size} characters of text; at most {TEXT} are graded.")
    return found


def one(cell, index, problems, key):
    """One cell, or None where there is nothing to be had; what is odd is told."""
    if not isinstance(cell, dict):
        problems.append(f"Cell {index + 1} is not a cell: ignored.")
        return None
    kind = cell.get("cell_type")
    if key == "input" and kind in ("heading", "html"):
        kind, key = "markdown", "source"
    if kind not in KINDS:
        problems.append(f"Cell {index + 1} is of no known kind: ignored.")
        return None
    key = "source" if kind != "code" else key
    taken = Cell(kind, text(cell.get(key, ""), index, problems))
    metadata = cell.get("metadata")
    claimed = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = claimed.get("grade_id") if isinstance(claimed, dict) else None
    taken.name = name if isinstance(name, str) else None
    taken.id = cell["id"] if isinstance(cell.get("id"), str) else None
    if kind == "markdown" and isinstance(cell.get("attachments"), dict):
        taken.attachments = clean_attachments(cell["attachments"])
    return taken


def text(source, index, problems):
    """A cell's source as one text, as Jupyter reads it: text, or a list of texts."""
    if isinstance(source, list):
        lines = [line for line in source if isinstance(line, str)]
        if len(lines) < len(source):
            problems.append(f"Cell {index + 1} holds something that is not text: left out.")
        source = "".join(lines)
    if not isinstance(source, str):
        problems.append(f"Cell {index + 1} holds no text: it is taken as empty.")
        return ""
    return source
