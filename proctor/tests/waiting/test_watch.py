"""`proctor watch` grades what comes, each submission once."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import tiny_course
from sites import WITHOUT_SANDBOX, Site
from sites import hand_in as hand_in_both
from tiny_course import ASSIGNMENT, SUMS

from proctor import course
from proctor.report import Report
from proctor.watch import Arrivals, Interrupts, watch

Until = Callable[[Callable[[], object]], None]


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


def test_an_interrupt_that_python_loses(root: Path) -> None:
    """Ctrl-C that comes while an object is thrown away ends it as well, before the next look."""
    hand_in(root, "ada")
    asked: list[Sequence[str]] = []

    def grade(students: Sequence[str]) -> Report:
        asked.append(students)
        with contextlib.suppress(KeyboardInterrupt):  # as Python does in __del__
            os.kill(os.getpid(), signal.SIGINT)
        return Report(ASSIGNMENT)

    with Interrupts() as interrupts:
        found = watch(
            course.load(root),
            ASSIGNMENT,
            ["*"],
            grade,
            lambda seconds: None,
            stopped=lambda: interrupts.noted,
        )
    assert (found, asked) == (None, [["ada"]])


def watcher(site: Site, *words: str) -> subprocess.Popen[str]:
    """`proctor watch`, begun; it has said that it waits."""
    process = site.command("watch", ASSIGNMENT, *WITHOUT_SANDBOX, *words)
    assert process.stderr is not None
    assert any("waiting for submissions" in line for line in process.stderr)
    return process


def ended(process: subprocess.Popen[str]) -> str:
    """What a watcher has printed, once Ctrl-C has ended it."""
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode in (0, 1)  # 1 where it was grading
    return out


def test_what_comes_is_graded_and_a_killed_watcher_loses_nothing(site: Site, until: Until) -> None:
    """Two are there, one comes, the watcher is killed, one more comes: the next watcher grades what is
    missing, and nothing a second time."""
    process = watcher(site)
    until(lambda: len(site.points()) == 2)
    hand_in_both(site.root, "cyd")
    until(lambda: "cyd" in site.points())
    process.kill()
    process.communicate(timeout=60)
    hand_in_both(site.root, "dan", "def double(x): return 0")
    process = watcher(site)
    until(lambda: "dan" in site.points())
    out = ended(process)
    assert [line.split()[0] for line in out.splitlines() if " of 15" in line] == ["dan"]
    assert set(site.points()) == {"ada", "bob", "cyd", "dan"}


def test_a_second_watcher_is_refused(site: Site) -> None:
    """It says so, and leaves the first one as it is."""
    process = watcher(site)
    second = site.command("watch", ASSIGNMENT, *WITHOUT_SANDBOX)
    _, said = second.communicate(timeout=60)
    assert second.returncode == 2
    assert "Another `proctor watch ps1` is at work in this course. End it first." in said
    assert process.poll() is None
    ended(process)
    ended(watcher(site))


def test_the_exchange_is_collected_from(site: Site, until: Until) -> None:
    """With --collect, what a student submits to nbgrader's exchange is graded within seconds; a newer
    one takes the older one's place."""
    exchange = site.root.parent / "exchange"
    inbound = exchange / "lab" / "inbound"
    inbound.mkdir(parents=True)
    for folder in (exchange, inbound):
        folder.chmod(0o777)
    tiny_course.configure(site.root, f"c.Exchange.root = {str(exchange)!r}")
    tiny_course.configure(site.root, "c.ExchangeCollect.check_owner = False")
    process = watcher(site, "--collect")
    for second, answer in enumerate(("def double(x): return 0", tiny_course.ANSWER), 1):
        stamp = f"2026-01-02 10:00:0{second} UTC"
        before = site.points().get("eve")
        files = {f"{SUMS}.ipynb": tiny_course.answered(site.root, answer), "timestamp.txt": stamp}
        folder = tiny_course.hand_in(site.temporary, "eve", files, None)
        folder.rename(inbound / f"eve+{ASSIGNMENT}+{stamp}+xyz")
        shutil.rmtree(site.temporary / "submitted")
        until(lambda: site.points().get("eve") != before)  # noqa: B023 (called here)
    ended(process)
    assert site.points()["eve"] > before
