"""Tables as learning platforms and Excel write them, and files that are written whole or not at all."""

import contextlib
import csv
import io
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from proctor.export.marks import ExportError
from proctor.submission.files import shown

MAX_BYTES = 50_000_000
DELIMITERS = (
    ",;\t"  # RFC 4180's, Excel's where the comma is the decimal sign, Excel's "Unicode text"
)
SAVE_AS = "Save it as “CSV UTF-8”, or take the file as it was downloaded."
OTHER_FORMATS = {
    b"PK": "is an Excel workbook or a zip, not a CSV file",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook, not a CSV file",
    b"%PDF": "is a PDF, not a CSV file",
    b"<": "is a web page, not a CSV file (was the login over when it was downloaded?)",
}


@dataclass
class Line:
    """A line of a table below its header: its number in the file, and a cell for each column."""

    number: int
    cells: list[str]


@dataclass
class Table:
    """A table of text with a header."""

    path: Path
    header: list[str]
    lines: list[Line]

    @property
    def names(self) -> list[str]:
        """The header's cells without spaces around them."""
        return [cell.strip() for cell in self.header]

    def column(self, name: str) -> int | None:
        """Which column has this name, None if none has; raises ExportError if several have."""
        found = [index for index, other in enumerate(self.names) if other == name]
        if len(found) > 1:
            raise ExportError(f"{self.path} has {len(found)} columns called {name!r}, not one.")
        return found[0] if found else None

    def csv(self) -> bytes:
        """The table as CSV: UTF-8 without a mark, commas, quotes where they are needed.

        Canvas and Moodle read this whatever their language; a mark at the beginning would hide
        Canvas's first column from its import.
        """
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.header)
        writer.writerows(line.cells for line in self.lines)
        return text.getvalue().encode()


def read_table(path: Path) -> Table:
    """The table in a CSV file; raises ExportError where it cannot be read for certain."""
    text = _text(path, _bytes(path))
    first, _, rest = text.partition("\n")
    candidates = DELIMITERS
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        candidates, text = first.strip()[4], rest  # Excel's own hint
    delimiter = max(candidates, key=lambda one: _width_of_header(text, one))
    rows = _rows(path, text, delimiter)
    if not rows or len(rows[0].cells) < 2:
        raise ExportError(
            f"{path} holds no table: its first line has no cells that commas, semicolons or tabs part."
        )
    header, *lines = rows
    width = len(header.cells)
    for line in lines:
        if any(cell.strip() for cell in line.cells[width:]):
            raise ExportError(
                f"Line {line.number} of {path} has {len(line.cells)} cells, the header {width}: "
                "is a comma there not quoted?"
            )
        line.cells[width:] = []
        line.cells += [""] * (width - len(line.cells))
    return Table(path, header.cells, lines)


def _bytes(path: Path) -> bytes:
    """What a regular file holds."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ExportError(f"{path} is not a file.")
            data = file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        raise ExportError(f"{path} is a folder, not a CSV file.") from None
    except OSError as error:
        raise ExportError(f"{path} cannot be read: {error.strerror}.") from error
    if len(data) > MAX_BYTES:
        raise ExportError(
            f"{path} is larger than {MAX_BYTES / 1e6:g} MB: it is no list of a class."
        )
    if not data.strip():
        raise ExportError(f"{path} is empty: download it again.")
    for beginning, words in OTHER_FORMATS.items():
        if data.lstrip().startswith(beginning):
            raise ExportError(f"{path} {words}. {SAVE_AS}")
    return data


def _without_waiting(path: str, flags: int) -> int:
    """Open a file, but wait for nobody at the other end of a pipe."""
    return os.open(path, flags | os.O_NONBLOCK)


def _text(path: Path, data: bytes) -> str:
    """The text of a file that says itself which encoding it has, or is UTF-8."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        raise ExportError(
            f"{path} is neither UTF-8 nor marked as UTF-16, so that its names cannot be read for "
            f"certain. {SAVE_AS}"
        ) from None
    if "\0" in text:
        raise ExportError(f"{path} is not text in UTF-8. {SAVE_AS}")
    return text


def _width_of_header(text: str, delimiter: str) -> int:
    """How many cells the first line that is not blank has if this parts them."""
    try:
        reader = csv.reader(io.StringIO(text.lstrip(), newline=""), delimiter=delimiter)
        return len(next(reader, []))
    except csv.Error:
        return 0


def _rows(path: Path, text: str, delimiter: str) -> list[Line]:
    """The lines that are not blank; raises ExportError where quotes leave it open what is a cell."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(Line(reader.line_num, cells))
    except csv.Error as error:
        raise ExportError(f"{path} is no CSV: line {reader.line_num}, {error}.") from error
    return rows


@contextlib.contextmanager
def new_file(
    path: Path, force: bool, inputs: Sequence[Path] = (), option: str = "--output"
) -> Iterator[BinaryIO]:
    """A file that is there when all of it is written, and otherwise not.

    Raises ExportError if there is one already and it is not to be replaced by `force`; one of the
    `inputs` never is. `option` is the one by which another file is named.
    """
    if any(path.exists() and one.exists() and path.samefile(one) for one in inputs):
        raise ExportError(
            f"{path} is the file that is read: let another one be written ({option})."
        )
    if path.is_dir():
        raise ExportError(f"{path} is a folder: name a file ({option}).")
    if os.path.lexists(path) and not force:
        raise ExportError(
            f"{path} is there already: replace it (--force), or name another file ({option})."
        )
    if not path.parent.is_dir():
        raise ExportError(f"There is no folder {path.parent} to write {path.name} into.")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        file = open(part, "xb")  # noqa: SIM115 (closed below, whatever its user does)
    except OSError as error:
        raise ExportError(
            f"{path} cannot be written ({error.strerror}): name another file ({option})."
        ) from error
    try:
        with file:
            yield file
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def quoted(names: Sequence[str], most: int = 12) -> str:
    """Some names that others chose, as they may be printed."""
    texts = [f"'{shown(name)}'" for name in names[:most]]
    return ", ".join(texts) + (f" and {len(names) - most} more" if len(names) > most else "")
