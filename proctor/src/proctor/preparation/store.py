"""Keep what a preparation found, privately, until something that it depends on changes."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from proctor.assemble.source import AssignmentNotebook
from proctor.course import Course
from proctor.pool.early import SHOWN
from proctor.pool.shown import Shown
from proctor.preparation.decision import NotebookDecision

FORMAT = 1  # of the stored files; a change of this program's rule is a change of it


def key_of(
    course: Course,
    notebook: AssignmentNotebook,
    assignment: str,
    support: Path,
    conditions: dict[str, Any],
) -> str:
    """A digest of all that a preparation depends on.

    That is the notebook as it is graded and its solution, the support files, the conditions of the
    grading (limits, sandbox), and the versions of Python and of everything installed.
    """
    cells = [
        [
            own.side,
            own.cell.source,
            own.given,
            own.released,
            asdict(own.recorded) if own.recorded else None,
        ]
        for own in notebook.cells
    ]
    solved = None if notebook.solved is None else asdict(notebook.solved)
    versions = [sys.version, platform.platform(), sorted(installed())]
    text = json.dumps(
        [FORMAT, cells, solved, notebook.imports, notebook.limits, conditions, versions],
        default=str,
        sort_keys=True,
    )
    hasher = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20)
    for name, digest in support_files(support):
        hasher.update(name.encode("utf-8", "surrogatepass"))
        hasher.update(digest)
    return hasher.hexdigest()


def support_files(support: Path) -> list[tuple[str, bytes]]:
    """The names of an assignment's support files, sorted, each with a digest of its content."""
    return [
        (str(path.relative_to(support)), hashlib.blake2b(path.read_bytes()).digest())
        for path in sorted(path for path in support.rglob("*") if path.is_file())
        if "__pycache__" not in path.parts
    ]


def installed() -> Iterable[str]:
    """What is installed, as names of folders that hold the version; our own with its files' times."""
    for place in places_of_packages(sys.path):
        with contextlib.suppress(OSError):
            yield from (name for name in os.listdir(place) if name.endswith("-info"))
    own = Path(__file__).resolve().parents[1]
    yield str(max(path.stat().st_mtime_ns for path in own.rglob("*.py")))
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        yield importlib.metadata.version("nbgrader")


def places_of_packages(path: Iterable[str]) -> list[str]:
    """The folders of a search path, without those that lie in another one's packages.

    setuptools adds such a folder whenever it happens to be imported.
    """
    places = list(dict.fromkeys(os.path.abspath(place) for place in path))
    packages = [os.path.join(place, "") for place in places if place.endswith("-packages")]
    return [place for place in places if not place.startswith(tuple(packages))]


def place_of(course: Course, assignment: str, notebook: str) -> Path:
    """Where the decision on a notebook is kept."""
    return course.private / assignment / f"{notebook}.json"


def kept(course: Course, assignment: str, notebook: str, key: str) -> NotebookDecision | None:
    """What was found under this key, None if there is nothing that can be used."""
    try:
        data = json.loads(place_of(course, assignment, notebook).read_text(encoding="utf-8"))
        return NotebookDecision.from_json(data["decision"]) if data["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # not what `keep` wrote
        return None


def keep(course: Course, assignment: str, key: str, decision: NotebookDecision) -> str:
    """Keep what was found; in words why it could not be kept, "" if it was."""
    path = place_of(course, assignment, decision.notebook)
    text = json.dumps({"key": key, "decision": decision.to_json()}, indent=1, sort_keys=True)
    try:
        write(course, path, text)
    except OSError as error:
        return (
            f"{path} cannot be written ({error.strerror}), so the assignment is prepared again "
            "the next time."
        )
    return ""


def assignment_folder(course: Course, assignment: str) -> Path:
    """The folder of what is kept of an assignment, for nobody but the instructor, made if it is not
    there; OSError."""
    course.private.mkdir(mode=0o700, exist_ok=True)
    (course.private / ".gitignore").write_text("*\n", encoding="utf-8")
    folder = course.private / assignment
    folder.mkdir(exist_ok=True)
    return folder


def write(course: Course, path: Path, text: str) -> None:
    """Write a private file of an assignment, whole or not at all; OSError."""
    assignment_folder(course, path.parent.name)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)


class ShownFile:
    """Keeps what a notebook's first cells show, under the key of its decision.

    `anew`: what was kept before is not used.
    """

    def __init__(
        self, course: Course, assignment: str, notebook: str, key: Callable[[], str], anew: bool
    ) -> None:
        self.course, self.key, self.anew = course, key, anew
        self.path = course.private / assignment / f"{notebook}{SHOWN}"

    def read(self) -> Shown | None:
        """What is kept, None if there is nothing that can be used."""
        if self.anew:
            return None
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            return Shown.from_json(data) if data["key"] == self.key() else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):  # not what `write` wrote
            return None

    def write(self, shown: Shown) -> None:
        """Keep it; that it cannot be kept is told of the decision beside it."""
        text = json.dumps({"key": self.key(), **shown.to_json()})
        with contextlib.suppress(OSError):
            write(self.course, self.path, text)
