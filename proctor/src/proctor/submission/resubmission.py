"""Whether other work lies in a student's folder than what was graded.

A timestamp does not say it where a submission came from a learning platform. So what lies there is
compared with the autograded folder, which any grading leaves (nbgrader's too) and which is copied
and moved with its course: no record of our own has to survive. Files are opened only if they were
written after the notebooks that were graded.
"""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from proctor.assemble.notebook import assemble
from proctor.assemble.source import AssignmentNotebook
from proctor.submission import files, notebook
from proctor.submission.folder import TIMESTAMP, SubmissionFolder
from proctor.submission.notebook import Unreadable

PUT_THERE_BY_LOOKING = ("thumbs.db", "desktop.ini")  # by Windows; macOS begins names with a dot
Texts = list[tuple[str, str]]


def is_resubmitted(
    folder: SubmissionFolder,
    graded: Path,
    wanted: Iterable[str],
    assignment_notebook: Callable[[str], AssignmentNotebook],
    is_instructors: Callable[[str], bool],
) -> bool:
    """Whether a notebook or a file of a submission is another than the one that was graded.

    `graded` is the student's autograded folder, `is_instructors` says of a file's name whether the
    course's own file stands there in any case.
    """
    graded_at = _times(graded)
    if graded_at is None:
        return False
    changed = [name for name in folder.found.files if folder.written_at(name) > graded_at]
    for name in wanted:
        if folder.matched.get(name) in changed and _other_notebook(
            folder, graded / f"{name}.ipynb", folder.matched[name], assignment_notebook(name)
        ):
            return True
    own = [name for name in folder.sorted_files().copied if name in changed and _is_own(name)]
    return any(not is_instructors(name) and _other_file(folder, graded, name) for name in own)


def _is_own(name: str) -> bool:
    """Whether a file may be a student's: not the timestamp, nor what a file manager leaves."""
    parts = name.casefold().split("/")
    hidden = any(part.startswith(".") for part in parts) or parts[-1] in PUT_THERE_BY_LOOKING
    return name != TIMESTAMP and not hidden


def _times(graded: Path) -> int | None:
    """When the first of the graded notebooks was written, in nanoseconds; None if there is none."""
    times = [path.stat().st_mtime_ns for path in graded.glob("*.ipynb") if not path.is_symlink()]
    return min(times, default=None)


def _other_notebook(
    folder: SubmissionFolder, graded: Path, name: str, own: AssignmentNotebook
) -> bool:
    """Whether a submitted notebook has other cells of the student's than a graded one."""
    try:
        submitted = notebook.read(files.read(folder.descriptor, name, folder.max_notebook_bytes))
        before = json.loads(graded.read_bytes())["cells"]
    except (files.Refused, Unreadable):
        return True  # a graded one could be read
    except (OSError, ValueError, KeyError, TypeError):
        return False  # somebody has changed the result: nothing is known
    try:
        now = assemble(own, submitted).notebook.cells
    except Exception:  # whatever one submission is, the class goes on: grading it says why
        return True
    return _students_texts(now) != _students_texts(before)


def _students_texts(cells: Iterable[dict[str, Any]]) -> Texts:
    """The kinds and texts of the cells that are not locked, whatever their order."""
    return sorted(
        (str(cell["cell_type"]), "".join(cell["source"]).strip())
        for cell in cells
        if not cell.get("metadata", {}).get("nbgrader", {}).get("locked")
    )


def _other_file(folder: SubmissionFolder, graded: Path, name: str) -> bool:
    """Whether a student's file is new, or another than at the grading."""
    place = graded / name
    if os.path.lexists(place) and (place.is_symlink() or not place.is_file()):
        return False
    try:
        data = files.read(folder.descriptor, name, folder.max_file_bytes)
        return not place.exists() or place.read_bytes() != data
    except (files.Refused, OSError):
        return False
