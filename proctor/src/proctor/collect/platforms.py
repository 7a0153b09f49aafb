"""The forms in which learning platforms name the files of a download, and what a name says.

Each form is a row of FORMS, with an example and where it comes from. A form is looked for in every part
of a file's path, since downloads are packed in folders of any name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from proctor.submission.matching import match

NEVER_HANDED_IN = frozenset(["__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"])
NOTEBOOK = ".ipynb"


@dataclass(frozen=True)
class FileName:
    """What a file's name in a download says.

    `ids` are what the student may be called, the likeliest first; `person` is the full name; `file` is
    the name that the student gave, a path if there were folders. `time` is the local time of the
    submission. Of two files of one name the one with the greater (`attempt`, `number`) is newer.
    """

    platform: str
    ids: tuple[str, ...]
    file: str
    person: str = ""
    time: datetime | None = None
    late: bool = False
    attempt: int = 0
    number: int = 0


@dataclass(frozen=True)
class Form:
    """One form: `pattern` fits a part of a path; without a group `file`, or where that is empty, the
    parts below it are the student's file. `read` makes of the match what it says."""

    platform: str
    example: str
    source: str
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], str], FileName | None]


def moodle(found: re.Match[str], file: str) -> FileName | None:
    """A participant's number; text that was typed into a box is nobody's file."""
    if found["kind"] != "file":
        return None
    return FileName("Moodle", (found["id"],), file, found["name"].rpartition("-")[2])


def canvas(found: re.Match[str], file: str) -> FileName:
    """A user's number; `LATE` without a time; the number of the upload."""
    return FileName(
        "Canvas",
        (found["id"],),
        file,
        late=bool(found["late"]),
        number=int(found["upload"]),
    )


def blackboard(found: re.Match[str], file: str) -> FileName | None:
    """A user's name and a time; the text file that comes with each attempt is nobody's."""
    if not file:
        return None
    time = datetime.strptime(found["time"], "%Y-%m-%d-%H-%M-%S")
    return FileName("Blackboard", (found["id"],), file, time=time)


def brightspace(found: re.Match[str], file: str) -> FileName:
    """A user's number, a full name and a time to the minute."""
    clock = re.sub(r"(\d{1,2}):?(\d\d) ([AP]M)$", r"\1:\2 \3", found["time"])
    time = datetime.strptime(clock, "%b %d, %Y %I:%M %p")
    return FileName("Brightspace", (found["id"],), file, found["name"], time)


def ilias(found: re.Match[str], file: str) -> FileName:
    """A login, a user's number and a full name; the time may stand before the file's name."""
    folder, _, name = file.rpartition("/")
    stamp = re.fullmatch(r"(\d{14})_(.+)", name)
    time = datetime.strptime(stamp[1], "%Y%m%d%H%M%S") if stamp else None
    name = stamp[2] if stamp else name
    person = f"{found['first']} {found['last']}"
    whole = f"{folder}/{name}" if folder else name
    number = int(stamp[1]) if stamp else 0
    return FileName("ILIAS", (found["login"], found["id"]), whole, person, time, number=number)


FORMS = (
    Form(
        "Moodle",
        "Ada Lovelace_123456_assignsubmission_file_lab.ipynb",
        "https://github.com/moodle/moodle/blob/MOODLE_405_STABLE/mod/assign/locallib.php",
        re.compile(
            r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?",
            re.DOTALL,
        ),
        moodle,
    ),
    Form(
        "Blackboard",
        "hw1_ada01_attempt_2026-11-20-23-30-10_lab.ipynb",
        "https://nbgrader.readthedocs.io/en/stable/user_guide/managing_assignment_files_manually.html",
        re.compile(
            r".+_(?P<id>[^_]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)",
            re.DOTALL,
        ),
        blackboard,
    ),
    Form(
        "Brightspace",
        "12345-678901 - Ada Lovelace - Nov 20, 2026 1159 PM - lab.ipynb",
        "downloads as instructors report them",
        re.compile(
            r"(?P<id>\d+)-\d+ - (?P<name>.+?) - "
            r"(?P<time>[A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:?\d\d [AP]M)(?: - (?P<file>.+))?",
            re.DOTALL,
        ),
        brightspace,
    ),
    Form(
        "Canvas",
        "lovelaceada_12345_987654_lab.ipynb",
        "https://github.com/instructure/canvas-lms/blob/master/app/models/abstract_assignment.rb",
        re.compile(
            r"(?P<name>.+?)(?P<late>_LATE)?_(?P<id>\d+)_(?P<upload>\d+)_(?P<file>.+)", re.DOTALL
        ),
        canvas,
    ),
    Form(
        "ILIAS",
        "Lovelace_Ada_ada01_4711/lab.ipynb",
        "the page of ExerciseStatusFile, a plugin for ILIAS: Lastname_Firstname_Login_ID",
        re.compile(r"(?P<last>[^_]+)_(?P<first>[^_]+)_(?P<login>[^_.]+)_(?P<id>\d+)", re.DOTALL),
        ilias,
    ),
)


def is_ignored(path: str) -> bool:
    """Whether nobody has handed this file in: an operating system left it."""
    parts = path.split("/")
    return bool(NEVER_HANDED_IN & set(parts)) or parts[-1].startswith("._")


def read_name(path: str, notebooks: Collection[str]) -> FileName | None | bool:
    """What the path of a file in a download says, of an assignment with these notebooks.

    None if its form is known but it is nobody's file; False if its form is not known.
    """
    parts = path.split("/")
    for place, part in enumerate(parts):
        for form in FORMS:
            found = form.pattern.fullmatch(part)
            if found is None:
                continue
            below = parts[place + 1 :]
            own = found.groupdict().get("file") or ""
            if not own and not below and form.platform != "Blackboard":
                continue  # a folder's form, but this is a file
            try:
                name = form.read(found, "/".join([own, *below] if own else below))
            except ValueError:  # a time that no calendar has
                continue
            return name if name is None else _with_attempt(name, notebooks)
    return _plain(parts[-1], notebooks) or False


def _with_attempt(name: FileName, notebooks: Collection[str]) -> FileName:
    """The same, with the number that Canvas puts behind a resubmitted file's name taken off it."""
    numbered = re.fullmatch(r"(?P<stem>.+)-(?P<attempt>\d+)\.ipynb", name.file)
    is_own = name.file.removesuffix(NOTEBOOK) in notebooks
    if name.platform != "Canvas" or not numbered or is_own:
        return name
    if numbered["stem"] not in notebooks:
        return name
    file = numbered["stem"] + NOTEBOOK
    return FileName(
        name.platform,
        name.ids,
        file,
        late=name.late,
        attempt=int(numbered["attempt"]),
        number=name.number,
    )


def _plain(name: str, notebooks: Collection[str]) -> FileName | None:
    """`id_notebook.ipynb`, with what a browser adds to a name behind it."""
    if not name.endswith(NOTEBOOK):
        return None
    for notebook in sorted(notebooks, key=len, reverse=True):
        found = re.fullmatch(rf"(?P<id>.+?)_(?P<file>{re.escape(notebook)}.*)", name, re.DOTALL)
        if found and match([found["file"]], [notebook])[0]:
            return FileName("plain", (found["id"],), f"{notebook}{NOTEBOOK}")
    return None
