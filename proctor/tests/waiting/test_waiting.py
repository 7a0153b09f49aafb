"""A waiting grader does what a command does by itself, and leaves nothing when it ends."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import tiny_course
from sites import WITHOUT_SANDBOX, Site, hand_in
from tiny_course import ASSIGNMENT

Until = Callable[[Callable[[], object]], None]
NAME = "waits-to-be-told"
WAITS = f"import ctypes, time\nctypes.CDLL(None).prctl(15, b'{NAME}', 0, 0, 0)\ntime.sleep(3600)"

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux")


def pools_of(grader: psutil.Process) -> set[int]:
    """The processes that live from one grading to the next."""
    found, level = set[int](), [grader]
    for _ in range(3):
        level = [child for one in level for child in one.children()]
        found |= {one.pid for one in level}
    return found


def student_runs(site: Site) -> bool:
    """Whether the code that waits is running, below a grader of this site."""
    names = []
    with contextlib.suppress(psutil.Error):
        for grader in site.graders():
            names += [one.name() for one in grader.children(recursive=True)]
    return NAME[:15] in names


def test_the_same_as_alone(shared_site: Site, tmp_path: Path) -> None:
    """Report, grades and files of the first command, of the second, which uses the processes of the
    first, and of one that nobody waits for, are the same."""
    site = shared_site
    alone = Site(shutil.copytree(site.root, tmp_path / "c"), site.runtime, site.temporary)
    expected = alone.grade(PROCTOR_WAIT="0")
    assert (alone.graders(), expected[0], expected[2]) == ([], 0, "")
    assert site.grade() == expected
    before = site.grader(), pools_of(site.grader())
    files = site.files()
    assert files == alone.files()
    assert site.grade("--force") == expected
    assert before[0] == site.grader() and before[1] <= pools_of(site.grader())
    assert (site.files(), site.points()) == (files, alone.points())


def test_what_is_new(shared_site: Site) -> None:
    """The waiting grader finds submissions that have come since, and prints JSON when asked to."""
    site = shared_site
    site.grade()
    grader = site.grader()
    hand_in(site.root, "cyd", "def double(x):\n    return 0")
    status, out, err = site.grade("--json")
    assert [row["student"] for row in json.loads(out)["rows"]] == ["cyd"]
    assert (status, err, grader) == (0, "", site.grader())
    status, _, err = site.grade("--student=zoe")
    assert (status, "no submission of ps1 by 'zoe'" in err, grader) == (1, True, site.grader())


def change_test(site: Site) -> None:
    """Nothing is right any more."""
    test = tiny_course.nbgrader("test-double", 2, grade=True, locked=True)
    cell = tiny_course.new_code_cell("assert False", id="test-double", metadata=test)
    tiny_course.change_source(site.root, 4, cell)
    shutil.rmtree(site.root / "release")
    tiny_course.generate(site.root, ASSIGNMENT)


def change_support(site: Site) -> None:
    """A file beside the notebook says something else."""
    (site.root / "source" / ASSIGNMENT / "tools" / "help.py").write_text("HELP = 2\n")


@pytest.mark.parametrize(
    ("change", "points"), [(change_support, 4.5), (change_test, 2.5)], ids=["support", "test"]
)
def test_a_changed_assignment(
    shared_site: Site, change: Callable[[Site], None], points: float
) -> None:
    """The grader that waits starts anew what depends on the notebook and its files."""
    site = shared_site
    site.grade("--force")
    grader, before = site.grader(), pools_of(site.grader())
    change(site)
    assert site.grade("--force")[0] == 0
    assert (grader, site.points()["ada"]) == (site.grader(), points)
    assert before - pools_of(grader)


def change_settings(site: Site) -> dict[str, str]:
    """A setting of nbgrader's."""
    tiny_course.configure(site.root, "c.Execute.timeout = 31")
    return {}


def change_module(site: Site) -> dict[str, str]:
    """A module beside the settings."""
    (site.root / "helper.py").write_text("SECONDS = 2\n")
    return {}


def change_environment(site: Site) -> dict[str, str]:
    """A variable."""
    return {"LC_TIME": "C"}


@pytest.mark.parametrize("change", [change_settings, change_module, change_environment])
def test_other_conditions(shared_site: Site, change: Callable[[Site], dict[str, str]]) -> None:
    """Where settings, a module beside them or the environment changed, another grader takes over."""
    site = shared_site
    site.grade("--force")
    before = site.grader()
    assert site.grade("--force", **change(site))[0] == 0
    psutil.wait_procs([before], timeout=60)
    assert site.grader().pid != before.pid


def test_it_ends_in_time(site: Site) -> None:
    """After the seconds that it was to wait there is no process, file or folder of it."""
    assert site.grade("--wait=0.5")[0] == 0
    assert site.left() == []


def test_a_course_that_wants_none(site: Site) -> None:
    """With c.Proctor.wait = 0 none stays."""
    tiny_course.configure(site.root, "c.Proctor.wait = 0")
    assert site.grade(PROCTOR_WAIT="")[0] == 0
    assert site.left() == []


def test_interrupted(site: Site, until: Until) -> None:
    """Ctrl-C ends the work as it ends that of a command alone: what is done is kept, and told."""
    hand_in(site.root, "bob", WAITS)
    words = ("grade", ASSIGNMENT, "--workers=1", "--timeout=3600", *WITHOUT_SANDBOX)
    process = site.command(*words)
    until(lambda: student_runs(site))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (1, "")
    assert "interrupted: start again to grade the rest" in out
    assert not (site.root / "autograded" / "bob").exists()
    assert site.left() == []


@pytest.mark.parametrize("killed", ["command", "grader"])
def test_killed_at_work(site: Site, until: Until, killed: str) -> None:
    """If the command is killed, its grader ends; if the grader is, the command does the work itself."""
    hand_in(site.root, "bob", WAITS)
    words = ("grade", ASSIGNMENT, "--workers=1", "--timeout=3600", *WITHOUT_SANDBOX)
    process = site.command(*words)
    until(lambda: student_runs(site))
    if killed == "command":
        process.kill()
        process.communicate(timeout=60)
    else:
        grader = site.grader()
        hand_in(site.root, "bob")
        grader.kill()
        out, err = process.communicate(timeout=120)
        assert (process.returncode, "once more, without one" in err) == (0, True)
        assert set(site.points()) == {"ada", "bob"}
    assert site.left() == []


def test_killed_while_it_waits(site: Site) -> None:
    """What a killed grader had made is removed, and the next command begins anew."""
    site.grade()
    site.grader().kill()
    assert site.left() == []
    assert site.grade("--force")[0] == 0


def test_two_at_a_time(site: Site, until: Until) -> None:
    """A command that comes while the grader is at work is done without it, here refused by the lock."""
    hand_in(site.root, "bob", WAITS)
    words = ("grade", ASSIGNMENT, "--workers=1", "--timeout=3600", *WITHOUT_SANDBOX)
    process = site.command(*words)
    until(lambda: student_runs(site))
    status, _, err = site.grade()
    assert (status, "is at work in this course" in err) == (2, True)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
