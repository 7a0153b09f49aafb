"""Owns the course on classes, generators, exceptions, files, printing and callbacks."""

from pathlib import Path

from .. import making
from ..running import Course

HERE = Path(__file__).parent


def text(name):
    """A file beside this one."""
    return (HERE / name).read_text("utf-8")


COURSE = Course(
    name="records",
    assignment="objects",
    source={
        "records.ipynb": making.notebook(text("records.py")),
        "streams.ipynb": making.notebook(text("streams.py")),
        "people.csv": text("people.csv"),
    },
    settings="c.Execute.timeout = 20\n",
    submissions=making.students(text("submissions.py")),
)
