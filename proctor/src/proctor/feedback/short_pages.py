"""Short feedback pages for students of whom nothing was graded: each says why, in their words.

nbgrader's commands find them where they find all other pages. `nbgrader release_feedback` needs a
timestamp.txt and a submission_secret.txt beside a page, and stops the whole class where one is
missing. So both are beside each short page: the student's own from the exchange or, for who has
none, an empty time and a key that nobody has.
"""

import contextlib
import html
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from proctor.course import Course
from proctor.feedback.content import Student
from proctor.feedback.templates import FEEDBACK, TEMPLATES
from proctor.submission import files
from proctor.submission.folder import TIMESTAMP, SubmissionFolder

SECRET = "submission_secret.txt"
SECRET_BYTES = 10_000

NOT_HANDED_IN = "nothing handed in"
NO_NOTEBOOK = "handed in, without the notebook"
UNREADABLE = "handed in, could not be read as a notebook"
NOT_GRADED = "handed in, could not be graded"

WORDS = {
    NOT_HANDED_IN: (
        "Nothing was handed in under your name.",
        "If you did hand it in, tell your instructor when and how; perhaps it was sent under "
        "another name.",
    ),
    NO_NOTEBOOK: (
        "The notebook {file} is not in what you handed in, so there was nothing to grade.",
        "If you handed in another file by mistake, ask your instructor whether you may hand in "
        "{file} now.",
    ),
    UNREADABLE: (
        "Your file {file} came in, but it could not be read as a notebook, so it could not be graded.",
        "Open your notebook in Jupyter, save it, and see that the file is called {file} and opens "
        "again. Then ask your instructor whether you may hand it in once more.",
    ),
    NOT_GRADED: (
        "Your notebook {file} came in, but it could not be graded.",
        "Ask your instructor what to do.",
    ),
}

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{notebook}: no feedback for {shown}</title>
<style>
{style}</style>
</head>
<body>
<main>
<header>
<p class="about">Feedback on <bdi>{notebook}</bdi></p>
<h1><bdi>{shown}</bdi>{id}</h1>
</header>
<p><strong>{what}</strong></p>
<p>{advice}</p>
</main>
</body>
</html>
"""


@dataclass(frozen=True)
class ShortPage:
    """A page that is to say why there is no other: of which student and notebook, and which reason."""

    student: Student
    notebook: str
    reason: str


def page_text(page: ShortPage) -> str:
    """The page as HTML."""
    file = f"{page.notebook}.ipynb"
    what, advice = (html.escape(words.format(file=file)) for words in WORDS[page.reason])
    shown, id_ = html.escape(page.student.shown), html.escape(page.student.shown_id)
    return PAGE.format(
        notebook=html.escape(page.notebook),
        style=(TEMPLATES / FEEDBACK / "page.css").read_text("utf-8"),
        shown=shown,
        id=f" <small><bdi>{id_}</bdi></small>" if id_ != shown else "",
        what=what,
        advice=advice,
    )


def reasons(
    course: Course, assignment: str, student: str, notebooks: Iterable[str]
) -> dict[str, str]:
    """Why these notebooks of a student who has a folder of submissions were not graded, by notebook."""
    wanted = list(notebooks)
    try:
        with SubmissionFolder(course, assignment, student, wanted) as folder:
            taken = folder.read(wanted)
    except (files.Refused, OSError):
        return dict.fromkeys(wanted, NOT_GRADED)
    return {
        name: NO_NOTEBOOK
        if name not in taken.matched
        else UNREADABLE
        if name in taken.broken
        else NOT_GRADED
        for name in wanted
    }


def write(course: Course, assignment: str, page: ShortPage, mode: int) -> str | None:
    """Write a page, unless it is there already: its path if it was written; raises OSError."""
    folder = course.folder("feedback", page.student.id, assignment)
    path = folder / f"{page.notebook}.html"
    text = page_text(page)
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if path.read_text("utf-8") == text:
            return None
    folder.mkdir(parents=True, exist_ok=True)
    _put(path, text, mode)
    for name, found in _keys(course, assignment, page.student.id).items():
        if not (folder / name).exists():
            _put(folder / name, found, mode)
    return str(path)


def _keys(course: Course, assignment: str, student: str) -> dict[str, str]:
    """What release_feedback needs: the student's own time and key, or ones that nobody has."""
    found = {TIMESTAMP: "", SECRET: secrets.token_hex(32)}
    with contextlib.suppress(files.Refused, OSError):
        descriptor = files.open_folder(
            course.trusted("submitted"), course.folder("submitted", student, assignment)
        )
        try:
            secret = files.read(descriptor, SECRET, SECRET_BYTES)
            found[SECRET] = secret.decode(errors="replace")
            found[TIMESTAMP] = files.read(descriptor, TIMESTAMP, SECRET_BYTES).decode(
                errors="replace"
            )
        except files.Refused:
            pass
        finally:
            os.close(descriptor)
    return found


def _put(path: Path, text: str, mode: int) -> None:
    """Write a file as a whole, in the place of whatever was there."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    beside.write_text(text, "utf-8")
    beside.chmod(mode)
    os.replace(beside, path)
