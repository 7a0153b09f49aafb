"""Grade each submission as soon as it lies in submitted/, with processes that are ready for it.

What is due is found in the folders and the gradebook each time, so that a watcher that is killed loses
nothing: the next one finds the same.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import itertools
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

import watchfiles
from nbgrader.auth import Authenticator
from nbgrader.exchange import ExchangeFactory

from proctor.course import Course, CourseError
from proctor.preparation.store import assignment_folder
from proctor.report import Report

SETTLING = 0.3  # seconds in which a submission must stay as it is
LONGEST = 5.0  # seconds between two looks: of a network's disk nobody tells what others write
FAILED = 1.0  # seconds until that is tried again which could not be done
DEBOUNCE = 200  # milliseconds in which further changes are waited for
MOST_ENTRIES = 5000  # of a submission that are looked at
State = tuple[tuple[str, int, int, int], ...]


class Arrivals:
    """What has come, and what of it was graded: a submission counts once nobody writes it any more.

    `unsettled` says whether one had changed since the look before.
    """

    def __init__(self) -> None:
        self.seen: dict[str, State] = {}
        self.graded: dict[str, State] = {}
        self.unsettled = False

    def look(self, course: Course, assignment: str, patterns: Sequence[str]) -> dict[str, State]:
        """The students whose submission is new or changed, and as it was at the last look."""
        before = self.seen
        self.seen = {
            student: state_of(course.folder("submitted", student, assignment))
            for student in course.students(assignment, patterns)
        }
        self.unsettled = any(before.get(one) != state for one, state in self.seen.items())
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


class Changes:
    """Hears of changes in folders, and below them, from the operating system."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = folders
        self.changed, self.stopped = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Changes:
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stopped.set()
        self.thread.join()

    def wait(self, seconds: float) -> None:
        """Return when something has changed since the last time, at the latest after some seconds."""
        self.changed.wait(seconds)
        self.changed.clear()

    def _listen(self) -> None:
        """In the thread: take note of each change."""
        # Where the system has no more watches to give, the looks that come anyway must do.
        with contextlib.suppress(OSError):
            for _ in watchfiles.watch(
                *self.folders, debounce=DEBOUNCE, stop_event=self.stopped, raise_interrupt=False
            ):
                self.changed.set()


class Interrupts:
    """Takes note of Ctrl-C, which Python may lose: what is raised while an object is thrown away is
    only printed."""

    def __init__(self) -> None:
        self.noted = False

    def __enter__(self) -> Interrupts:
        self.before = signal.signal(signal.SIGINT, self.note)
        return self

    def __exit__(self, *error: object) -> None:
        signal.signal(signal.SIGINT, self.before)

    def note(self, number: int, frame: FrameType | None) -> None:
        """Interrupt what is at work, as ever."""
        self.noted = True
        raise KeyboardInterrupt


@contextlib.contextmanager
def only_watcher(course: Course, assignment: str) -> Iterator[None]:
    """While this is open, nobody else watches the assignment; CourseError if somebody does."""
    folder = assignment_folder(course, assignment)
    with open(folder / "watch.lock", "a", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CourseError(
                f"Another `proctor watch {assignment}` is at work in this course. End it first."
            ) from None
        except OSError:
            pass  # a file system without locks
        yield


def submissions_folder(course: Course, assignment: str) -> Path:
    """The folder in which everybody's submissions lie, made if it is not there."""
    place = course.folder("submitted", "*", assignment)
    folder = Path(*itertools.takewhile(lambda part: "*" not in part, place.parts))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Exchange:
    """nbgrader's exchange, from which what was submitted is collected, newer in place of older."""

    def __init__(self, course: Course, assignment: str) -> None:
        course.coursedir.assignment_id, course.coursedir.student_id = assignment, "*"
        self.collecting = ExchangeFactory(parent=course.app).Collect(
            coursedir=course.coursedir,
            authenticator=Authenticator(parent=course.app),
            parent=course.app,
        )
        self.collecting.update = True
        self.collecting.log.setLevel("ERROR")

    @property
    def folders(self) -> list[Path]:
        """Where submissions arrive."""
        inbound = Path(self.collecting.root) / self.collecting.coursedir.course_id / "inbound"
        return [inbound] if inbound.is_dir() else []

    def collect(self) -> None:
        """Copy what is new into submitted/; ExchangeError."""
        self.collecting.start()


def watch(
    course: Course,
    assignment: str,
    patterns: Sequence[str],
    grade: Callable[[Sequence[str]], Report | None],
    wait: Callable[[float], None] = time.sleep,
    collect: Callable[[], None] = lambda: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Report | None:
    """Grade what comes, until a KeyboardInterrupt, or `stopped()`: the report of a grading that was
    interrupted, if one was.

    `grade` is given globs of students and returns what became of them, None if they are to be tried
    again. `wait` returns at the latest after the seconds it is given, `collect` brings submissions.
    """
    arrivals = Arrivals()
    try:
        while not stopped():
            collect()
            failed = False
            if new := arrivals.look(course, assignment, patterns):
                report = grade([glob.escape(student) for student in new])
                if report is not None and report.interrupted:
                    return report
                if report is not None:
                    arrivals.graded |= new
                failed = report is None
            wait(FAILED if failed else SETTLING if arrivals.unsettled else LONGEST)
    except KeyboardInterrupt:
        pass
    return None
