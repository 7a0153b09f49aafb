"""What is taken from a student's folder: notebooks, other files, the moment it was handed in."""

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from proctor.course import Course
from proctor.submission import files, matching, notebook
from proctor.submission.notebook import SubmittedNotebook

TIMESTAMP = "timestamp.txt"
TIMESTAMP_BYTES = 1000
MAX_LISTED = 8  # ignored files that are named one by one


@dataclass
class Submission:
    """What a student handed in, as data.

    `matched` is {notebook: name of its file}; `notebooks` those of them that could be read,
    `broken` why the others cannot be; `files` are the names of the other regular files, to be
    copied as nbgrader does; `links` are {name: path} of symbolic links, which nobody follows;
    `timestamp` is the text of timestamp.txt; `problems` are sentences for
    the report.
    """

    student: str
    matched: dict[str, str] = field(default_factory=dict)
    notebooks: dict[str, SubmittedNotebook] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    timestamp: str = ""
    problems: list[str] = field(default_factory=list)


@dataclass
class OtherFiles:
    """The names of a submission's files that are no notebook of the assignment.

    `copied` go with the graded notebooks, as nbgrader does it; `too_large` are too large for that;
    `ignored` are other notebooks.
    """

    copied: list[str] = field(default_factory=list)
    too_large: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


class SubmissionFolder:
    """A student's folder, open.

    `expected` are the names of the assignment's notebooks. Raises files.Refused if it is no folder,
    or one that cannot be read.
    """

    def __init__(
        self, course: Course, assignment: str, student: str, expected: Collection[str]
    ) -> None:
        self.student = student
        self.descriptor = files.open_folder(
            course.trusted("submitted"), course.folder("submitted", student, assignment)
        )
        settings = course.coursedir
        try:
            self.found = files.walk(self.descriptor, settings.ignore)
        except OSError as error:
            os.close(self.descriptor)
            raise files.Refused(f"The submission cannot be read: {error.strerror}") from error
        self.matched, self.renamed = matching.match(self.found.files, expected)
        self.max_file_bytes = settings.max_file_size * 1000
        self.max_total_bytes = settings.max_dir_size * 1000

    def __enter__(self) -> "SubmissionFolder":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)

    @property
    def timestamp(self) -> str:
        """The text of timestamp.txt, or "" if there is none that can be read."""
        if TIMESTAMP not in self.found.files:
            return ""
        return read_timestamp(self.descriptor)

    def read(self, wanted: Iterable[str]) -> Submission:
        """Read the wanted notebooks; everything odd becomes a sentence."""
        submission = Submission(
            self.student,
            self.matched,
            problems=[*self.found.problems, *self.renamed],
            links=self.found.links,
            timestamp=self.timestamp,
        )
        limit = self.max_notebook_bytes
        for name in wanted:
            if name not in self.matched:
                continue
            try:
                data = files.read(self.descriptor, self.matched[name], limit)
                submission.notebooks[name] = notebook.read(data)
            except (files.Refused, notebook.Unreadable) as error:
                submission.broken[name] = (
                    f"{files.shown(self.matched[name])} cannot be graded: {error}"
                )
        self._tell_files(submission, self.sorted_files())
        return submission

    @property
    def max_notebook_bytes(self) -> int:
        """The bytes that a notebook may have."""
        return min(self.max_file_bytes, notebook.MAX_FILE_BYTES)

    def written_at(self, name: str) -> int:
        """When a file was last written or put here, in nanoseconds; 0 if it is gone."""
        try:
            about = os.stat(name, dir_fd=self.descriptor, follow_symlinks=False)
        except OSError:
            return 0
        return max(about.st_mtime_ns, about.st_ctime_ns)

    def sorted_files(self) -> OtherFiles:
        """The files that are no notebook of the assignment, sorted by what becomes of them."""
        others, total = OtherFiles(), 0
        for name in sorted(self.found.files):
            if name in self.matched.values():
                continue
            size = self.found.files[name]
            total += size
            if any(part.lower().endswith(".ipynb") for part in name.split("/")):
                others.ignored.append(name)
            elif size > self.max_file_bytes or total > self.max_total_bytes:
                others.too_large.append(name)
            else:
                others.copied.append(name)
        return others

    def _tell_files(self, submission: Submission, others: OtherFiles) -> None:
        """Enter what becomes of the other files; what is not copied becomes a sentence."""
        submission.files = others.copied
        submission.problems += [
            f"{files.shown(name)} is too large to be copied "
            "(CourseDirectory.max_file_size, max_dir_size)."
            for name in others.too_large
        ]
        if others.ignored:
            listed = ", ".join(map(files.shown, others.ignored[:MAX_LISTED]))
            more = len(others.ignored) - MAX_LISTED
            submission.problems.append(
                f"Not a notebook of this assignment, ignored: {listed}"
                + (f" and {more} more." if more > 0 else ".")
            )

    def copy(self, names: Iterable[str], target: str, reserved: Collection[str] = ()) -> list[str]:
        """Copy files of the student's below the folder `target`.

        What is in the way of a file in `reserved` is left out; returns sentences about what could
        not be copied.
        """
        problems = []
        reserved_folders = {folder for name in reserved for folder in _folders_above(name)}
        for name in names:
            if name in reserved or name in reserved_folders:
                continue
            if any(folder in reserved for folder in _folders_above(name)):
                continue
            try:
                path = os.path.join(target, name)
                files.copy(self.descriptor, name, path, self.max_file_bytes)
            except files.Refused as error:
                problems.append(f"{error}: not copied.")
        return problems


def read_timestamp(folder: int) -> str:
    """The text of timestamp.txt in a folder (a descriptor), or "" if it cannot be read."""
    try:
        return files.read(folder, TIMESTAMP, TIMESTAMP_BYTES).decode(errors="replace")
    except files.Refused:
        return ""


def is_due(
    course: Course,
    assignment: str,
    folder: SubmissionFolder,
    wanted: Iterable[str],
    force: bool,
) -> bool:
    """Whether a submission is to be graded.

    It is if it never was, by force, and if it was handed in anew since (nbgrader's rule of
    timestamps); if it lacks one of the wanted notebooks that were handed in, it is, too.
    """
    graded = course.folder("autograded", folder.student, assignment)
    if force or not os.path.isdir(graded):
        return True
    before = _graded_timestamp(course, os.fspath(graded))
    if not folder.matched:
        return before != folder.timestamp
    if any(
        name in folder.matched and not os.path.exists(graded / f"{name}.ipynb") for name in wanted
    ):
        return True
    return _is_newer(course, folder.timestamp, before)


def _graded_timestamp(course: Course, path: str) -> str:
    """The text of the timestamp in a graded folder, or ""."""
    try:
        folder = files.open_folder(course.trusted("autograded"), path)
    except (files.Refused, OSError):
        return ""
    try:
        return read_timestamp(folder)
    finally:
        os.close(folder)


def _is_newer(course: Course, submitted: str, graded: str) -> bool:
    """Whether a submission was handed in after the graded one.

    Where a timestamp cannot be read: whether the two texts differ.
    """
    try:
        new, old = course.timestamp(submitted), course.timestamp(graded)
    except ValueError:
        return submitted != graded
    return new is not None and old is not None and new > old


def _folders_above(name: str) -> list[str]:
    """The folders above a relative name: "a/b/c" gives "a", "a/b"."""
    parts = name.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
