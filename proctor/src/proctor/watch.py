"""Grade each submission as soon as it lies in submitted/, with processes that are ready for it."""

from __future__ import annotations

import glob
import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from proctor.course import Course
from proctor.report import Report

PERIOD = 1.0  # seconds between two looks
MOST_ENTRIES = 5000  # of a submission that are looked at
State = tuple[tuple[str, int, int, int], ...]


class Arrivals:
    """What has come, and what of it was graded: a submission counts once nobody writes it any more."""

    def __init__(self) -> None:
        self.seen: dict[str, State] = {}
        self.graded: dict[str, State] = {}

    def look(self, course: Course, assignment: str, patterns: Sequence[str]) -> dict[str, State]:
        """The students whose submission is new or changed, and as it was at the last look."""
        before = self.seen
        self.seen = {
            student: state_of(course.folder("submitted", student, assignment))
            for student in course.students(assignment, patterns)
        }
        return {
            student: state
            for student, state in self.seen.items()
            if before.get(student) == state and self.graded.get(student) != state
        }


def state_of(folder: Path) -> State:
    """What is in a submission: each entry's name, size, time and number. No link is followed."""

    def entries() -> Iterator[tuple[str, int, int, int]]:
        for path, folders, files in os.walk(folder):
            for name in sorted(folders + files):
                place = os.path.join(path, name)
                about = os.lstat(place)
                yield place, about.st_size, about.st_mtime_ns, about.st_ino

    try:
        about = os.lstat(folder)
        own = str(folder), about.st_size, about.st_mtime_ns, about.st_ino
        return own, *sorted(itertools.islice(entries(), MOST_ENTRIES))
    except OSError:
        return ()


def watch(
    course: Course,
    assignment: str,
    patterns: Sequence[str],
    grade: Callable[[Sequence[str]], Report | None],
    pause: Callable[[float], None] = time.sleep,
) -> Report | None:
    """Grade what comes, until a KeyboardInterrupt: the report of a grading that it ended, if it did.

    `grade` is given globs of students and returns what became of them, None if they are to be tried
    again.
    """
    arrivals = Arrivals()
    try:
        while True:
            if new := arrivals.look(course, assignment, patterns):
                report = grade([glob.escape(student) for student in new])
                if report is not None and report.interrupted:
                    return report
                if report is not None:
                    arrivals.graded |= new
            pause(PERIOD)
    except KeyboardInterrupt:
        return None
