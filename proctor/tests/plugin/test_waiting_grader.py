"""Autograde has the course's waiting grader do it, with the settings and the log of its own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import psutil
import tiny_course
from conftest import CONFIGURED, Run, waiting_graders
from tiny_course import ASSIGNMENT, SUMS

from proctor import course, record

AUTOGRADE = ("nbgrader", "autograde", ASSIGNMENT, "--force")


def lines(printed: str) -> list[str]:
    """What was printed, without processes, folders and times."""
    return [re.sub(r"\d+\.\d+ s", "… s", line.partition("] ")[2]) for line in printed.splitlines()]


def test_the_same_as_alone(root: Path, run: Run, tmp_path: Path) -> None:
    """Log, status and files are those of Autograde alone, with a setting of the command line, too."""
    tiny_course.hand_in(root, "ada", {f"{SUMS}.ipynb": tiny_course.answered(root)})
    tiny_course.hand_in(root, "bob", {f"{SUMS}.ipynb": "{"})
    tiny_course.configure(root, *CONFIGURED)
    alone = run(root, *AUTOGRADE, "--Autograde.permissions=400")
    files = {path: path.read_bytes() for path in (root / "autograded").rglob("*.ipynb")}
    shutil.rmtree(root / "autograded")
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    variables = {"PROCTOR_WAIT": "300", "XDG_RUNTIME_DIR": str(runtime)}
    graders = set()
    for _ in range(2):
        waiting = run(root, *AUTOGRADE, "--Autograde.permissions=400", **variables)
        assert (waiting[0], lines(waiting[1])) == (alone[0], lines(alone[1]))
        assert {path: path.read_bytes() for path in files} == files
        assert {path.stat().st_mode & 0o777 for path in files} == {0o400}
        graders.add(frozenset(waiting_graders(runtime)))
    ((*grader,),) = graders
    # Ada is through with both runs of the waiting grader, and with the one alone before.
    assert len(record.read(course.load(root), ASSIGNMENT)["ada"]) == 3
    assert len(grader) == 2  # the grader, and what cleans up behind it
    for process in grader:
        process.terminate()
    psutil.wait_procs(grader, timeout=60)
    assert list(runtime.iterdir()) == []


def test_settings_that_cannot_be_sent(root: Path, run: Run, tmp_path: Path) -> None:
    """With a function among the settings, Autograde grades by itself, and nothing waits."""
    tiny_course.hand_in(root, "ada", {f"{SUMS}.ipynb": tiny_course.answered(root)})
    tiny_course.configure(root, *CONFIGURED, "c.Autograde.post_convert_hook = print")
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    status, printed = run(root, *AUTOGRADE, PROCTOR_WAIT="300", XDG_RUNTIME_DIR=str(runtime))
    assert (status, waiting_graders(runtime)) == (0, []), printed
    assert (root / "autograded" / "ada" / ASSIGNMENT / f"{SUMS}.ipynb").exists()
