"""What may be somebody's work and is not read where it lies: each is named, with what to do."""

import difflib
import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal

from nbgrader import utils

from proctor.course import Course
from proctor.submission.files import is_text, shown

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".rar", ".7z")
OTHER_ENDINGS = (".json", ".txt", ".html", ".htm", ".pdf", ".py", ".docx")
OTHER_STEPS: tuple[Literal["source", "release"], ...] = ("source", "release")
MAX_TOLD = 50
MAX_ENTRIES = 2000  # of one folder
USUAL_STRUCTURE = ["{nbgrader_step}", "{student_id}", "{assignment_id}"]
ALIKE = 0.8  # difflib's ratio: how alike the name of a folder and of the assignment are


def may_be_work(name: str, notebooks: Collection[str]) -> bool:
    """Whether a file's relative name may be that of a notebook, or of an archive that holds one."""
    base = name.rpartition("/")[2].casefold()
    if base.endswith(ARCHIVES) or ".ipynb" in base:
        return not base.startswith("._")  # what macOS puts beside each file
    stem, ending = os.path.splitext(base)
    return ending in OTHER_ENDINGS and stem in {one.casefold() for one in notebooks}


def unread(
    found: Collection[str], matched: dict[str, str], notebooks: Collection[str]
) -> list[str]:
    """Of a submission's files those that may be work and are not taken as a notebook, sorted."""
    taken = set(matched.values())
    return sorted(name for name in found if name not in taken and may_be_work(name, notebooks))


def listed(names: list[str], most: int = 4) -> str:
    """Files' names, fit for a terminal, and of archives what to do."""
    more = len(names) - most
    archives = any(name.casefold().endswith(ARCHIVES) for name in names)
    return (
        ", ".join(map(shown, names[:most]))
        + (f" and {more} more" * (more > 0))
        + (" (an archive is not unpacked: unpack it there, and grade again)" * archives)
    )


def outside(course: Course, assignment: str, notebooks: Collection[str]) -> list[str]:
    """A sentence for whatever in the folder of submissions lies where nobody looks for it.

    Looked for are: files beside the students' folders; notebooks and archives in a student's folder,
    beside the assignment's; an assignment's folder that is misspelt. Other arrangements of folders
    (CourseDirectory.directory_structure) than nbgrader's own are not looked into.
    """
    if list(utils.full_split(course.coursedir.directory_structure)) != USUAL_STRUCTURE:
        return []
    root = course.trusted("submitted")
    sentences: list[str] = []
    for entry in _entries(root):
        if entry.is_dir(follow_symlinks=False):
            sentences += _in_students_folder(course, Path(entry.path), assignment, notebooks)
        elif entry.is_file(follow_symlinks=False) and may_be_work(entry.name, notebooks):
            sentences.append(
                f"{root.name}/{shown(entry.name)} lies beside the students' folders and is not "
                f"read: {_advice(entry.name, root.name, 'STUDENT', assignment)}."
            )
    more = len(sentences) - MAX_TOLD
    return sentences[:MAX_TOLD] + ([f"… and {more} more files like these."] if more > 0 else [])


def of_student(
    course: Course, assignment: str, student: str, notebooks: Collection[str]
) -> list[str]:
    """A sentence for whatever lies in one student's folder where nobody looks for it."""
    if list(utils.full_split(course.coursedir.directory_structure)) != USUAL_STRUCTURE:
        return []
    folder = course.trusted("submitted") / student
    return list(_in_students_folder(course, folder, assignment, notebooks))


def _in_students_folder(
    course: Course, folder: Path, assignment: str, notebooks: Collection[str]
) -> Iterator[str]:
    """Sentences about what lies in one student's folder, beside the assignment's."""
    root, student = folder.parent.name, folder.name
    for entry in _entries(folder):
        name = f"{root}/{shown(student)}/{shown(entry.name)}"
        if entry.is_dir(follow_symlinks=False):
            if _is_misspelt(course, entry.name, folder, assignment):
                yield (
                    f"{name}/ is not read: the assignment is called {assignment}. If it is that, "
                    f"rename the folder to {root}/{shown(student)}/{assignment}."
                )
        elif entry.is_file(follow_symlinks=False) and may_be_work(entry.name, notebooks):
            whose = "STUDENT" if student == assignment else shown(student)
            yield f"{name} is not read: {_advice(entry.name, root, whose, assignment)}."


def _is_misspelt(course: Course, name: str, folder: Path, assignment: str) -> bool:
    """Whether a folder is probably the assignment's, misspelt: it is alike and there is no right one.

    Another assignment of the course is none, nor one whose name has other digits: ps1, ps2.
    """
    if name == assignment or (folder / assignment).exists():
        return False
    if any(course.folder(step, ".", name).is_dir() for step in OTHER_STEPS):
        return False
    one, other = name.casefold(), assignment.casefold()
    same_digits = re.sub(r"\D", "", one) == re.sub(r"\D", "", other)
    return same_digits and difflib.SequenceMatcher(None, one, other).ratio() >= ALIKE


def _advice(name: str, root: str, student: str, assignment: str) -> str:
    """What to do with a file that lies in a wrong place."""
    what = "unpack it into" if name.casefold().endswith(ARCHIVES) else "move it into"
    return f"if it is a student's {assignment}, {what} {root}/{student}/{assignment}/"


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    """What is in a folder, sorted by name, without hidden things; nothing if it cannot be read."""
    try:
        with os.scandir(folder) as found:
            entries = [one for one, _ in zip(found, range(MAX_ENTRIES), strict=False)]
    except OSError:
        return []
    return sorted(
        (one for one in entries if is_text(one.name) and not one.name.startswith(".")),
        key=lambda one: one.name,
    )
