"""Owns the course of nbgrader's user guide, as nbgrader ships it: its source, its two students, and some more."""

from pathlib import Path

import nbgrader

from .. import making
from ..running import Course

GUIDE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide"
SHIPPED = ("bitdiddle", "hacker")


def files(folder):
    """The files of a folder: {name: bytes}."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


COURSE = Course(
    name="guide",
    assignment="ps1",
    source=files(GUIDE / "source" / "ps1"),
    submissions={student: files(GUIDE / "submitted" / student / "ps1") for student in SHIPPED}
    | making.students((Path(__file__).parent / "submissions.py").read_text("utf-8")),
    files={"source/header.ipynb": (GUIDE / "source" / "header.ipynb").read_bytes()},
    settings='c.IncludeHeaderFooter.header = os.path.join(here, "source", "header.ipynb")\n',
)
