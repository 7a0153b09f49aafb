"""Owns the autograded/ folders: each is made whole beside its place and appears by one rename, or not at all."""

import contextlib
import ctypes
import fcntl
import os
import shutil
import stat
from pathlib import Path

from nbgrader import utils

from proctor.course import CourseError

PREFIX = ".proctor-"
SMALL = 1 << 20  # bytes


class Unwritten(Exception):
    """Why a folder could not be written, in words."""


@contextlib.contextmanager
def explained():
    """What goes wrong while writing, in words."""
    try:
        yield
    except OSError as error:
        what = (
            "The disk is full"
            if error.errno in (28, 122)
            else f"{error.filename or 'A file'} cannot be written ({error.strerror})"
        )
        raise Unwritten(f"{what}: the submission is not graded.") from error


def left(course, assignment):
    """Whether a run that was killed has left something."""
    return (course.trusted("autograded") / f"{PREFIX}{assignment}").exists()


class Staging:
    """The place where folders are made before they are moved; one run at a time has it, and what a killed run left is removed."""

    def __init__(self, course, assignment):
        self.course, self.assignment = course, assignment
        self.trusted = course.trusted("autograded")
        self.path = self.trusted / f"{PREFIX}{assignment}"
        self.count = 0

    def __enter__(self):
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.handle = os.open(
                self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            )
        except OSError as error:
            raise CourseError(
                f"{self.path} cannot be made ({error.strerror}): graded notebooks have no place."
            ) from error
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self.handle)
            raise CourseError(
                f"Another `proctor grade {self.assignment}` is at work in this course. Wait until it has ended."
            ) from None
        except OSError:
            pass  # a file system without locks
        self.empty()
        return self

    def __exit__(self, *_):
        self.empty()
        with contextlib.suppress(OSError):
            self.path.rmdir()
        os.close(self.handle)

    def empty(self):
        """Remove what is there, from this run or from one that was killed."""
        for left in self.path.iterdir():
            discard(left)

    def new(self):
        """A new empty folder."""
        self.count += 1
        path = self.path / str(self.count)
        with explained():
            path.mkdir()
        return path

    def settle(self):
        """Have everything that was written so far on the disk, before it gets its name."""
        library = ctypes.CDLL(None, use_errno=True)
        if not hasattr(library, "syncfs") or library.syncfs(self.handle):
            os.sync()

    def put_aside(self, student):
        """Move an earlier folder of the student's away: until the new one appears, the submission counts as not graded."""
        place = self.course.folder("autograded", student, self.assignment)
        if os.path.lexists(place):
            self.count += 1
            with explained():
                os.rename(place, self.path / f"{self.count}-earlier")

    def publish(self, folder, student):
        """Give the finished folder its place."""
        place = self.course.folder("autograded", student, self.assignment)
        with explained():
            place.parent.mkdir(parents=True, exist_ok=True)
            os.rename(folder, place)


def discard(path):
    """Remove a folder or file, whatever its modes are."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


class Support:
    """The instructor's files beside the notebooks, which replace a student's of the same name: found once a round."""

    def __init__(self, course, assignment):
        self.root = course.folder("source", ".", assignment)
        found = utils.find_all_files(str(self.root), [*course.coursedir.ignore, "*.ipynb"])
        self.names = sorted(os.path.relpath(name, self.root) for name in found)
        self.small, self.left = (
            {},
            {
                os.path.normpath(name)
                for name in course.autograde.exclude_overwriting.get(assignment, [])
            },
        )

    def copy(self, target, names=None):
        """Copy the instructor's files below the folder `target`; small ones are read once a round."""
        made = set()
        for name in self.names if names is None else names:
            folder, place = os.path.dirname(name), os.path.join(target, name)
            if folder not in made:
                os.makedirs(os.path.join(target, folder), exist_ok=True)
                made.add(folder)
            if name not in self.small and os.path.getsize(self.root / name) <= SMALL:
                self.small[name] = (self.root / name).read_bytes()
            if name in self.small:
                with open(place, "wb") as file:
                    file.write(self.small[name])
            else:
                shutil.copyfile(self.root / name, place)

    def over(self, extras):
        """The instructor's files that a submission gets: all but those that this student may and does bring."""
        return [name for name in self.names if name not in self.left or name not in extras]


def stage(staging, folder_of_student, submission, support):
    """A new folder with the student's other files and the instructor's; returns it with the names of hers and sentences."""
    folder, instructors = staging.new(), support.over(submission.files)
    with explained():
        support.copy(folder, instructors)
        told = folder_of_student.copy(submission.files, str(folder), set(instructors))
    hers = [name for name in submission.files if name not in instructors and (folder / name).is_file()]
    return folder, hers, told


def keep(staging, folder, student, notebooks):
    """Copy earlier autograded notebooks, which this round is not about, from the student's folder into the new one."""
    place = staging.course.folder("autograded", student, staging.assignment)
    for notebook in notebooks:
        earlier = place / f"{notebook}.ipynb"
        if earlier.is_file() and not earlier.is_symlink():
            with explained():
                shutil.copyfile(earlier, folder / earlier.name)


def notebook(folder, name, text):
    """Write a finished notebook as nbgrader's exporter does; it is not validated again, since proctor made it."""
    with explained(), open(folder / f"{name}.ipynb", "x", encoding="utf-8") as file:
        file.write(text + "\n")


def permissions(course, folder):
    """Give the folder and its files the modes that nbgrader's autograde gives them."""
    with explained():
        for path, _, names in os.walk(folder):
            for name in names:
                os.chmod(os.path.join(path, name), course.permissions)
            if course.coursedir.groupshared:
                mode = stat.S_IMODE(os.stat(path).st_mode)
                with contextlib.suppress(PermissionError):
                    os.chmod(path, mode | 0o2770)
