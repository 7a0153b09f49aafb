"""What to tell whoever started a command that cannot go on: one sentence that says what to do."""

from __future__ import annotations

import difflib
import errno
import os
import shlex
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from proctor.course import Course

PROGRAMS = Path(sys.executable).parent
# nbgrader starts alembic by its name, and removes the release if that fails.
PATH_PREFIX = "" if shutil.which("alembic") else f"PATH={shlex.quote(str(PROGRAMS))}:$PATH "
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
NOT_ALLOWED = (errno.EROFS, errno.EACCES, errno.EPERM)
WILDCARDS = "*?["


def problem_of(error: BaseException) -> str | None:
    """What an exception keeps from being done and what to do about it; None for a defect.

    Names that a student chose may be in it, but nothing that can move a terminal's cursor.
    """
    sentence = _sentence(error)
    return None if sentence is None else "".join(map(_printable, sentence))


def _printable(character: str) -> str:
    """A character, or how Python writes one that cannot be printed."""
    return character if character.isprintable() else ascii(character)[1:-1]


def _sentence(error: BaseException) -> str | None:
    """What `problem_of` returns, with names as they are."""
    if isinstance(error, ModuleNotFoundError):
        return _missing_module(error)
    if isinstance(error, OSError):
        return _system_problem(error)
    # Imported late: without nbgrader there is none of these.
    from traitlets import TraitError

    from proctor.config_check import UnreadableConfig
    from proctor.course import CourseError
    from proctor.gradebook.database import GradebookError
    from proctor.publish.staging import PublishError

    if isinstance(error, (CourseError, GradebookError, PublishError)):
        return str(error)
    if isinstance(error, UnreadableConfig):
        return f"nbgrader's settings cannot be read: {error}. Correct that file, then start again."
    if isinstance(error, TraitError):
        return f"A setting in nbgrader_config.py has a wrong value: {error} Correct it."
    return None


def shell_command(*words: str) -> str:
    """A command of this environment, as it works in the shell that proctor was started from."""
    return PATH_PREFIX + shlex.join(words)


def generate_command(course: Course, assignment: str) -> str:
    """The command that puts an assignment into the gradebook.

    nbgrader does nothing if there is a release and it is not told --force.
    """
    released = course.folder("release", ".", assignment).exists()
    return shell_command("nbgrader", "generate_assignment", assignment, *["--force"] * released)


def advice_on_changed_cells(assignment: str) -> str:
    """What to do where the source has other graded cells than the gradebook.

    nbgrader takes no other cells while it has submissions: it fails, and the release is gone.
    """
    commands = (
        shell_command("nbgrader", "db", "assignment", "remove", assignment, "--force"),
        shell_command("nbgrader", "generate_assignment", assignment, "--force"),
        shell_command("proctor", "grade", assignment, "--force"),
    )
    first, second, third = (f"`{command}`" for command in commands)
    return (
        "take that change back, or give all points of this assignment up, those by hand too: "
        f"run {first}, then {second}, then {third}"
    )


def require_gradebook(course: Course, assignment: str) -> None:
    """Raise CourseError where there is no course directory, or no gradebook in it."""
    from sqlalchemy.engine import make_url

    from proctor.course import CourseError

    url = make_url(course.db_url)
    if url.get_backend_name() != "sqlite" or not url.database or os.path.exists(url.database):
        return
    if not _is_course(course.root):
        above = next((folder for folder in course.root.parents if _is_course(folder)), None)
        advice = (
            f"start proctor in {above}, or with --course-dir {shlex.quote(str(above))}"
            if above
            else "start proctor in the folder with nbgrader_config.py, or name it with --course-dir"
        )
        raise CourseError(f"{course.root} is no course directory: {advice}.")
    raise CourseError(
        f"There is no gradebook at {url.database}: "
        f"run `{generate_command(course, assignment)}`, then start again."
    )


def absent_students(
    course: Course,
    assignment: str,
    patterns: Iterable[str],
    step: Literal["submitted", "autograded"],
) -> list[str]:
    """A sentence for each name or glob that no student's folder of this step matches."""
    sentences = []
    for pattern in patterns:
        if course.students(assignment, [pattern], step):
            continue
        place = course.folder(step, pattern or "?", assignment)
        what = "submission of" if step == "submitted" else "graded"
        sentence = f"There is no {what} {assignment} by {pattern!r}: {place} was looked for"
        close = difflib.get_close_matches(pattern, course.students(assignment, ["*"], step), n=1)
        if close and not set(pattern) & set(WILDCARDS):
            sentence += f"; did you mean {close[0]!r}?"
        elif step == "autograded":
            sentence += f". Run `proctor grade {shlex.quote(assignment)}` first."
        else:
            sentence += ". Look for the name in the folder of submissions."
        sentences.append(sentence)
    return sentences


def _is_course(folder: Path) -> bool:
    """Whether a folder looks like a course directory of nbgrader."""
    return any((folder / name).exists() for name in ("nbgrader_config.py", "gradebook.db")) or (
        (folder / "source").is_dir()
        and any((folder / name).is_dir() for name in ("release", "submitted"))
    )


def _missing_module(error: ModuleNotFoundError) -> str | None:
    """What to do about a library that is not installed; None for a module of proctor's own."""
    name = (error.name or "").partition(".")[0]
    if not name or name == "proctor":
        return None
    python = shlex.quote(sys.executable)
    return (
        f"{name} is not installed for {sys.executable}: run `{python} -m pip install {name}`, "
        "or start the proctor of the environment in which you use nbgrader."
    )


def _system_problem(error: OSError) -> str | None:
    """What to do about a disk that is full or must not be written; None for other errors."""
    if error.errno in DISK_FULL:
        place = f" ({error.filename})" if error.filename else ""
        return f"The disk is full{place}: make room, then start again; what was graded is kept."
    if error.errno in NOT_ALLOWED:
        return (
            f"{error.filename or 'A file'} cannot be used ({error.strerror}): "
            "let this account read and write it, then start again."
        )
    if isinstance(error, FileNotFoundError) and error.filename == "alembic":
        python = shlex.quote(sys.executable)
        return (
            f"nbgrader finds no alembic: run `{python} -m pip install alembic`, then start again."
        )
    return None
