"""Read a notebook that a student handed in: of each cell its kind, text and names, nothing else."""

import json
from dataclasses import dataclass, field
from typing import Any

from nbformat import current_nbformat

from proctor.sanitize import clean_attachments

# Bytes of a notebook's file. Pictures and players in its outputs count, though they are not kept.
MAX_FILE_BYTES = 64_000_000
# Brackets and commas of the JSON: they decide how much memory reading it takes.
MAX_JSON_ITEMS = 3_000_000
MAX_CELLS = 2000
MAX_CHARACTERS = 8_000_000  # in all cells together
CELL_TYPES = ("code", "markdown", "raw")
CLAIMS = ("grade_id", "schema_version", "grade", "solution", "locked", "task", "points", "checksum")
KNOWN_TAGS = ("skip-execution",)


class Unreadable(Exception):
    """A file that is no notebook which can be graded; the message says why, for the instructor."""


@dataclass
class SubmittedCell:
    """A cell of a student's notebook.

    `name` is the grade_id that the cell claims to have; it decides where the cell's text goes and
    nothing more. `claims` are what else nbgrader's metadata say, and `tags` the cell's: nothing is
    graded by them.
    """

    kind: str
    text: str
    name: str | None = None
    id: str | None = None
    attachments: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)


@dataclass
class SubmittedNotebook:
    """The cells that a student handed in, and in sentences what was odd about them."""

    cells: list[SubmittedCell] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read(data: bytes) -> SubmittedNotebook:
    """Read a notebook file's bytes; raises Unreadable, and nothing else whatever the bytes are."""
    try:
        notebook = _load_json(data)
        return _read_cells(notebook, _major_version(notebook))
    except (RecursionError, MemoryError) as error:
        raise Unreadable("It is nested too deeply to be read.") from error


def _load_json(data: bytes) -> Any:
    """The JSON of a notebook file, in whatever encoding its editor chose."""
    if len(data) > MAX_FILE_BYTES:
        raise Unreadable(f"It is larger than {MAX_FILE_BYTES // 1_000_000} MB.")
    if not data.strip():
        raise Unreadable("The file is empty.")
    if sum(data.count(mark) for mark in (b"[", b"{", b",")) > MAX_JSON_ITEMS:
        raise Unreadable("It holds more things than any notebook should: it is not read.")
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"It is not UTF-8 text: {error.reason} at byte {error.start}.") from error
    try:
        return json.loads(text, parse_int=_parse_int)
    except ValueError as error:
        raise Unreadable(f"It is not JSON: {error}.") from error


def _parse_int(text: str) -> int:
    """An integer of the JSON; one too long for Python to read becomes 0, since nobody needs it."""
    return int(text) if len(text) < 20 else 0


def _major_version(notebook: Any) -> int:
    """The notebook format's main version, 3 or 4."""
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


def _read_cells(notebook: dict[str, Any], major: int) -> SubmittedNotebook:
    """The cells of a loaded notebook of the format's version `major`."""
    submitted = SubmittedNotebook()
    if major == 3:
        submitted.problems.append(
            "The notebook is in the old format 3: it was brought to format 4."
        )
    raw_cells = _raw_cells(notebook, major)
    if len(raw_cells) > MAX_CELLS:
        raise Unreadable(
            f"The notebook has {len(raw_cells)} cells; at most {MAX_CELLS} are graded."
        )
    for index, raw in enumerate(raw_cells):
        cell = _read_cell(raw, index, submitted.problems, "input" if major == 3 else "source")
        if cell:
            submitted.cells.append(cell)
    size = sum(len(cell.text) for cell in submitted.cells)
    if size > MAX_CHARACTERS:
        raise Unreadable(
            f"The cells hold {size} characters of text; at most {MAX_CHARACTERS} are graded."
        )
    return submitted


def _raw_cells(notebook: dict[str, Any], major: int) -> list[Any]:
    """The cells as they stand in the JSON; format 3 has them in worksheets."""
    if major == 3:
        sheets = notebook.get("worksheets")
        if not isinstance(sheets, list):
            raise Unreadable("The notebook has no list of cells.")
        lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
    else:
        lists = [notebook.get("cells")]
    found: list[Any] = []
    for cells in lists:
        if not isinstance(cells, list):
            raise Unreadable("The notebook has no list of cells.")
        found += cells
    return found


def _read_cell(raw: Any, index: int, problems: list[str], code_key: str) -> SubmittedCell | None:
    """One cell, or None where it is none; what is odd is added to `problems`."""
    if not isinstance(raw, dict):
        problems.append(f"Cell {index + 1} is not a cell: ignored.")
        return None
    kind = raw.get("cell_type")
    if code_key == "input" and kind in ("heading", "html"):
        kind = "markdown"
    if kind not in CELL_TYPES:
        problems.append(f"Cell {index + 1} is of no known kind: ignored.")
        return None
    key = code_key if kind == "code" else "source"
    cell = SubmittedCell(kind, _cell_text(raw.get(key, ""), index, problems))
    metadata = raw.get("metadata")
    claimed = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = claimed.get("grade_id") if isinstance(claimed, dict) else None
    cell.name = name if isinstance(name, str) else None
    if isinstance(metadata, dict) and isinstance(claimed, dict):
        cell.claims = {one: claimed[one] for one in CLAIMS if _is_plain(claimed.get(one))}
        tags = metadata.get("tags")
        cell.tags = [one for one in KNOWN_TAGS if isinstance(tags, list) and one in tags]
    cell.id = raw["id"] if isinstance(raw.get("id"), str) else None
    if kind == "markdown" and isinstance(raw.get("attachments"), dict):
        cell.attachments = clean_attachments(raw["attachments"])
    return cell


def _is_plain(value: Any) -> bool:
    """Whether something of the JSON is a short text or a number."""
    return isinstance(value, (bool, int, float)) or (isinstance(value, str) and len(value) < 200)


def _cell_text(source: Any, index: int, problems: list[str]) -> str:
    """A cell's source as one text, as Jupyter reads it: a text, or a list of texts."""
    if isinstance(source, list):
        lines = [line for line in source if isinstance(line, str)]
        if len(lines) < len(source):
            problems.append(f"Cell {index + 1} holds something that is not text: left out.")
        source = "".join(lines)
    if not isinstance(source, str):
        problems.append(f"Cell {index + 1} holds no text: it is taken as empty.")
        return ""
    return source
