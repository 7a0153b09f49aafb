"""Owns what is taken from a student's folder: the expected notebooks as sheets, the other files, the moment it was handed in."""

import os
from dataclasses import dataclass, field

from proctor.submission import files, matching, notebook as sheet

TIMESTAMP = "timestamp.txt"
LISTED = 8  # ignored files that are named one by one


@dataclass
class Intake:
    """A student's submission as data. `broken` says per notebook why it cannot be read; `problems` are sentences for the report."""

    student: str
    taken: dict[str, str] = field(default_factory=dict)  # expected notebook: name of the file
    sheets: dict[str, sheet.Sheet] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    extras: list[str] = field(
        default_factory=list
    )  # other regular files, to be copied as nbgrader does
    timestamp: str = ""
    problems: list[str] = field(default_factory=list)


class Submission:
    """A student's folder, open: what is in it, and what of it is wanted. Raises files.Refused if it is no folder."""

    def __init__(self, course, assignment, student, expected):
        self.course, self.student = course, student
        self.folder = files.open_folder(
            course.trusted("submitted"), course.folder("submitted", student, assignment)
        )
        settings = course.coursedir
        try:
            self.found = files.walk(self.folder, settings.ignore)
        except OSError as error:
            os.close(self.folder)
            raise files.Refused(f"The submission cannot be read: {error.strerror}") from error
        self.taken, self.told = matching.match(self.found.files, expected)
        self.limit = settings.max_file_size * 1000
        self.total = settings.max_dir_size * 1000

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.folder)

    @property
    def timestamp(self):
        """The text of timestamp.txt, or "" if there is none that can be read."""
        if TIMESTAMP not in self.found.files:
            return ""
        try:
            return files.read(self.folder, TIMESTAMP, 1000).decode(errors="replace")
        except files.Refused:
            return ""

    def take(self, wanted):
        """Read the wanted notebooks; everything odd becomes a sentence."""
        intake = Intake(
            self.student,
            self.taken,
            problems=[*self.found.odd, *self.told],
            timestamp=self.timestamp,
        )
        for notebook in wanted:
            if notebook in self.taken:
                try:
                    data = files.read(
                        self.folder, self.taken[notebook], min(self.limit, sheet.BYTES)
                    )
                    intake.sheets[notebook] = sheet.read(data)
                except (files.Refused, sheet.Unreadable) as error:
                    intake.broken[notebook] = (
                        f"{files.shown(self.taken[notebook])} cannot be graded: {error}"
                    )
        self.sort(intake)
        return intake

    def sort(self, intake):
        """Which of the other files are copied, as nbgrader does; which are ignored is told."""
        ignored, size = [], 0
        for name in sorted(self.found.files):
            if name in self.taken.values():
                continue
            size += self.found.files[name]
            if any(part.lower().endswith(".ipynb") for part in name.split("/")):
                ignored.append(name)
            elif self.found.files[name] > self.limit or size > self.total:
                intake.problems.append(
                    f"{files.shown(name)} is too large to be copied (CourseDirectory.max_file_size, max_dir_size)."
                )
            else:
                intake.extras.append(name)
        if ignored:
            more = f" and {len(ignored) - LISTED} more" if len(ignored) > LISTED else ""
            intake.problems.append(
                f"Not a notebook of this assignment, ignored: {', '.join(map(files.shown, ignored[:LISTED]))}{more}."
            )

    def copy(self, names, target, taken=()):
        """Copy these files of the student's below the folder `target`, unless one of the names in `taken` is in the way; sentences."""
        told, reserved = [], {part for name in taken for part in above(name)}
        for name in names:
            if name in taken or name in reserved or any(part in taken for part in above(name)):
                continue
            try:
                files.copy(self.folder, name, os.path.join(target, name), self.limit)
            except files.Refused as error:
                told.append(f"{error}: not copied.")
        return told


def above(name):
    """The folders above a relative name: "a/b/c" → "a", "a/b"."""
    parts = name.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
