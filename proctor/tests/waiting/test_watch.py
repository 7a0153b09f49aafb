"""`proctor watch` grades what comes, each submission once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import tiny_course
from tiny_course import ASSIGNMENT, SUMS

from proctor import course
from proctor.report import Report
from proctor.watch import Arrivals, watch


def hand_in(root: Path, student: str, text: str = tiny_course.ANSWER) -> None:
    """Hand in one notebook."""
    tiny_course.hand_in(root, student, {f"{SUMS}.ipynb": tiny_course.answered(root, text)})


def looks(root: Path, arrivals: Arrivals) -> list[str]:
    """The students that a look finds."""
    return sorted(arrivals.look(course.load(root), ASSIGNMENT, ["*"]))


def test_what_is_still_written_waits(root: Path) -> None:
    """A submission is found once it is the same at two looks, and again when it changed."""
    arrivals = Arrivals()
    hand_in(root, "ada")
    assert looks(root, arrivals) == []
    hand_in(root, "ada", "double = 2")
    assert looks(root, arrivals) == []
    found = arrivals.look(course.load(root), ASSIGNMENT, ["*"])
    assert list(found) == ["ada"]
    arrivals.graded |= found
    assert looks(root, arrivals) == []
    (root / "submitted" / "ada" / ASSIGNMENT / "more.txt").write_text("")
    assert [looks(root, arrivals), looks(root, arrivals)] == [[], ["ada"]]


def test_a_submission_full_of_traps(root: Path) -> None:
    """Links and pipes are looked at and not followed, and one that vanishes is no trouble."""
    arrivals = Arrivals()
    folder = tiny_course.hand_in(root, "eve", {})
    (folder / "all").symlink_to("/")
    os.mkfifo(folder / "pipe")
    assert [looks(root, arrivals), looks(root, arrivals)] == [[], ["eve"]]


@pytest.mark.parametrize("interrupted", [False, True])
def test_until_it_is_interrupted(root: Path, interrupted: bool) -> None:
    """Each is graded once, what could not be tried is tried again, and Ctrl-C ends it."""
    hand_in(root, "a[1]")
    asked: list[Sequence[str]] = []
    answers: Iterator[Report | None] = iter(
        [None, Report(ASSIGNMENT, interrupted=interrupted), Report(ASSIGNMENT)]
    )
    pauses = iter(range(5))

    def grade(students: Sequence[str]) -> Report | None:
        asked.append(students)
        return next(answers)

    def pause(seconds: float) -> None:
        if next(pauses, None) is None:
            raise KeyboardInterrupt

    report = watch(course.load(root), ASSIGNMENT, ["*"], grade, pause)
    assert asked == [["a[[]1]"]] * 2
    assert (report is not None) == interrupted
