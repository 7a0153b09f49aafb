"""The autograded/ folders: each is made beside its place and appears by one rename."""

import contextlib
import ctypes
import fcntl
import os
import shutil
import stat
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbgrader import utils

from proctor.course import Course, CourseError
from proctor.messages import problem_of
from proctor.sandbox.files import write
from proctor.submission.folder import Submission, SubmissionFolder

# The glob * matches no leading dot, so that no tool takes the staging folder for a student's.
PREFIX = ".proctor-"
CACHED_FILE_BYTES = 1 << 20
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC


class PublishError(Exception):
    """A folder that could not be written; the message says why."""


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    """Turn what goes wrong while writing into a PublishError."""
    try:
        yield
    except OSError as error:
        problem = problem_of(error) or (
            f"{error.filename or 'A file'} cannot be written ({error.strerror})."
        )
        raise PublishError(f"The submission is not graded. {problem}") from error


class SupportFiles:
    """The instructor's files beside an assignment's notebooks, found once in a grading run.

    They replace a student's of the same name, except those in `replaceable`, which the course lets
    students change (Autograde.exclude_overwriting). Where nobody may write to autograded files, the
    folders of a class share one copy of each by hard links.
    """

    def __init__(self, course: Course, assignment: str) -> None:
        self.root = course.folder("source", ".", assignment)
        found = utils.find_all_files(str(self.root), [*course.coursedir.ignore, "*.ipynb"])
        self.names = sorted(os.path.relpath(name, self.root) for name in found)
        excluded = course.autograde.exclude_overwriting.get(assignment, [])
        self.replaceable = {os.path.normpath(name) for name in excluded}
        self.may_be_shared = not course.permissions & 0o222
        self._shared: str | None = None
        self._cache: dict[str, bytes] = {}

    def share(self, folder: str | os.PathLike[str]) -> None:
        """Copy all files below `folder`; later copies in this file system are links to them.

        `folder` has to stay until the last copy is made. Raises OSError.
        """
        self.copy(folder)
        self._shared = os.path.join(folder, "") if self.may_be_shared else None

    def copy(self, target: str | os.PathLike[str], names: Iterable[str] | None = None) -> None:
        """Copy or link the files, or those with these names, below the folder `target`.

        Raises OSError. Small files are read once for the whole class.
        """
        place, made = os.path.join(target, ""), set()
        for name in self.names if names is None else names:
            folder, path = os.path.dirname(name), place + name
            if folder not in made:
                os.makedirs(place + folder, exist_ok=True)
                made.add(folder)
            if self._shared is not None:
                try:
                    os.link(self._shared + name, path)
                    continue
                except OSError:  # no links here, or no more of this file
                    self._shared = None
            if name not in self._cache and os.path.getsize(self.root / name) <= CACHED_FILE_BYTES:
                self._cache[name] = (self.root / name).read_bytes()
            if name in self._cache:
                write(os.open(path, _NEW_FILE, 0o666), self._cache[name])
            else:
                shutil.copyfile(self.root / name, path)

    def for_submission(self, students_files: Collection[str]) -> list[str]:
        """The files that a submission gets: all but those that the student may and does bring."""
        return [
            name
            for name in self.names
            if name not in self.replaceable or name not in students_files
        ]


@dataclass
class StagedSubmission:
    """A new autograded folder without its notebooks.

    `own_files` are the names of the student's files in it, `problems` sentences about those that
    could not be copied.
    """

    folder: Path
    own_files: list[str]
    problems: list[str]


class StagingFolder:
    """The place where autograded folders are made before they are moved.

    One grading run of an assignment at a time has it, and what a killed run left is removed. Raises
    CourseError on entering if another run has it, or if it cannot be made.
    """

    def __init__(self, course: Course, assignment: str) -> None:
        self.course, self.assignment = course, assignment
        self.path = _staging_path(course, assignment)
        self._count = 0

    def __enter__(self) -> "StagingFolder":
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.descriptor = os.open(
                self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            )
        except OSError as error:
            raise CourseError(
                problem_of(error) or f"{self.path} cannot be made ({error.strerror})."
            ) from error
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self.descriptor)
            raise CourseError(
                f"Another `proctor grade {self.assignment}` is at work in this course. "
                "Wait until it has ended."
            ) from None
        except OSError:
            pass  # a file system without locks
        self._empty()
        return self

    def __exit__(self, *_: object) -> None:
        self._empty()
        with contextlib.suppress(OSError):
            self.path.rmdir()
        os.close(self.descriptor)

    def _empty(self) -> None:
        """Remove what is there, from this run or from one that was killed."""
        for path in self.path.iterdir():
            discard(path)

    def new(self) -> Path:
        """A new empty folder; raises PublishError."""
        self._count += 1
        path = self.path / str(self._count)
        with _in_words():
            path.mkdir()
        return path

    def stage(
        self, folder: SubmissionFolder, submission: Submission, support: SupportFiles
    ) -> StagedSubmission:
        """A new folder with the student's other files and the instructor's; raises PublishError."""
        staged, instructors = self.new(), support.for_submission(submission.files)
        with _in_words():
            support.copy(staged, instructors)
            problems = folder.copy(submission.files, str(staged), set(instructors))
        own_files = [
            name
            for name in submission.files
            if name not in instructors and (staged / name).is_file()
        ]
        return StagedSubmission(staged, own_files, problems)

    def keep_notebooks(self, folder: Path, student: str, notebooks: Iterable[str]) -> None:
        """Copy earlier autograded notebooks, which this run is not about, into a new folder.

        Raises PublishError.
        """
        earlier = self._place(student)
        for name in notebooks:
            path = earlier / f"{name}.ipynb"
            if path.is_file() and not path.is_symlink():
                with _in_words():
                    shutil.copyfile(path, folder / path.name)

    def sync(self) -> None:
        """Have everything that was written so far on the disk, before it gets its name."""
        library = ctypes.CDLL(None, use_errno=True)
        if not hasattr(library, "syncfs") or library.syncfs(self.descriptor):
            os.sync()

    def put_aside(self, student: str) -> None:
        """Move an earlier folder of the student's away; raises PublishError.

        Until the new one appears, the submission counts as not graded.
        """
        place = self._place(student)
        if os.path.lexists(place):
            self._count += 1
            with _in_words():
                os.rename(place, self.path / f"{self._count}-earlier")

    def publish(self, folder: Path, student: str) -> None:
        """Give the finished folder its place; raises PublishError."""
        place = self._place(student)
        with _in_words():
            place.parent.mkdir(parents=True, exist_ok=True)
            os.rename(folder, place)

    def _place(self, student: str) -> Path:
        """The student's autograded folder."""
        return self.course.folder("autograded", student, self.assignment)


def was_interrupted(course: Course, assignment: str) -> bool:
    """Whether a grading run that was killed has left something."""
    return _staging_path(course, assignment).exists()


def _staging_path(course: Course, assignment: str) -> Path:
    """Where the staging folder is: in the same file system as the autograded folders."""
    return course.trusted("autograded") / f"{PREFIX}{assignment}"


def discard(path: Path) -> None:
    """Remove a folder or file, whatever its modes are."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def write_notebook(folder: Path, name: str, text: str) -> int:
    """Write a finished notebook's text as nbgrader's exporter does: its bytes; raises PublishError.

    It is not validated again, since every cell of it was made here.
    """
    data = f"{text}\n".encode()
    with _in_words(), open(folder / f"{name}.ipynb", "xb") as file:
        file.write(data)
    return len(data)


def set_permissions(course: Course, folder: Path) -> None:
    """Give the folder and its files the modes that nbgrader's autograde gives them.

    Raises PublishError.
    """
    with _in_words():
        for path, _, names in os.walk(folder):
            for name in names:
                os.chmod(os.path.join(path, name), course.permissions)
            if course.coursedir.groupshared:
                mode = stat.S_IMODE(os.stat(path).st_mode)
                with contextlib.suppress(PermissionError):
                    os.chmod(path, mode | 0o2770)
