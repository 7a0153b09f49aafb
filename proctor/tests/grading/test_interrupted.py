"""A grading run may end at any moment: the next one ends as if nothing had happened."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tiny_course
from gradings import Grade, class_of, files, graded, grades, right
from in_process_pools import InProcessPools

from proctor.gradebook import database
from proctor.gradebook.database import GradebookConnection
from proctor.preparation import NotebookDecision, assignment
from proctor.publish import batch
from proctor.publish.staging import StagingFolder

Pools = type[InProcessPools]
State = tuple[list[Grade], dict[str, str]]


class Killed(BaseException):
    """Stands for kill -9: nothing of this process happens after it, as far as the course can see."""


def state(root: Path) -> State:
    """All that a class sees of a grading."""
    assert list((root / "autograded").glob(".*")) == []
    return grades(root), files(root)


def test_ctrl_c(root: Path, tmp_path: Path, pools: Pools) -> None:
    """What was finished is kept; the next run grades the rest."""
    class_of(root, 6)
    shutil.copytree(root, tmp_path / "calm")
    graded(tmp_path / "calm")
    pools.stop_after = 3
    first = graded(root)
    assert (first.interrupted, first.status) == (True, 1)
    pools.stop_after = None
    second = graded(root)
    assert len(first.rows) + len(second.rows) == 6
    assert state(root) == state(tmp_path / "calm")


@pytest.fixture(scope="module")
def graded_twice(made_lab: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, State]:
    """A class of three that was graded and of which one has handed in worse answers since, and how it
    looks when that is graded, too."""
    folder = tmp_path_factory.mktemp("twice")
    root, calm = folder / "course", folder / "calm"
    shutil.copytree(made_lab, root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assignment, "Pools", InProcessPools)
        patch.setattr(
            assignment, "prepared", lambda notebook, *more: NotebookDecision(notebook.name)
        )
        class_of(root, 3)
        graded(root)
        shutil.rmtree(root / "submitted" / "s1")
        worse: dict[str, Any] = right(root) | {"sums.ipynb": tiny_course.released(root)}
        tiny_course.hand_in(root, "s1", worse, "2026-01-05 10:00:00 UTC")
        shutil.copytree(root, calm)
        graded(calm, force=True)
    return root, state(calm)


STEPS = {
    "put_aside": StagingFolder,
    "sync": StagingFolder,
    "save": GradebookConnection,
    "publish": StagingFolder,
}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("moment", range(1, 4))
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_moment_of_a_commit(
    graded_twice: tuple[Path, State],
    tmp_path: Path,
    pools: Pools,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    moment: int,
    after: bool,
) -> None:
    """Killed before or after any step, and started again: all ends as if it had never stopped."""
    begun, calm = graded_twice
    root = tmp_path / "course"
    shutil.copytree(begun, root)
    monkeypatch.setattr(batch, "MAX_SUBMISSIONS", 2)
    with monkeypatch.context() as patch, contextlib.suppress(Killed):
        # A killed process tidies nothing.
        patch.setattr(StagingFolder, "__exit__", lambda self, *_: os.close(self.descriptor))
        kill(patch, step, moment, after)
        graded(root, force=True)
    graded(root)
    assert state(root) == calm


def kill(patch: pytest.MonkeyPatch, step: str, moment: int, after: bool) -> None:
    """Make the process end at this call of a step, before or after it."""
    owner = STEPS[step]
    real, calls = getattr(owner, step), []

    def dying(self: Any, *arguments: Any) -> Any:
        calls.append(step)
        if len(calls) > moment or (len(calls) == moment and not after):
            raise Killed
        result = real(self, *arguments)
        if len(calls) == moment:
            raise Killed
        return result

    patch.setattr(owner, step, dying)


@pytest.mark.parametrize("content", [b"", b"half", b"SQLite format 3\x00" + bytes(50)])
def test_a_half_written_folder(root: Path, pools: Pools, content: bytes) -> None:
    """What lies in the staging folder of a killed run, in whatever state, is removed by the next."""
    class_of(root, 1)
    left = root / "autograded" / ".proctor-ps1" / "1" / "closed"
    left.mkdir(parents=True)
    (left / "sums.ipynb").write_bytes(content)
    left.chmod(0o500)
    assert graded(root).status == 0
    assert os.listdir(root / "autograded") == ["s0"]
    assert graded(root).rows == []


def test_a_locked_gradebook(root: Path, pools: Pools, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it stays locked no folder appears, and the reason is told; later all are graded."""
    class_of(root, 2)
    monkeypatch.setattr(database, "ATTEMPTS", 1)
    monkeypatch.setattr(database, "WAIT", 0.01)
    other = sqlite3.connect(root / "gradebook.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    report = graded(root)
    assert (report.status, (root / "autograded" / "s0").exists()) == (1, False)
    assert all("locked by another program" in one.human[-1] for one in report.rows)
    other.close()
    assert graded(root).status == 0


HALF = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")  # so that what is changed is in the file
connection.execute("BEGIN IMMEDIATE")
connection.execute("DELETE FROM notebook")
connection.execute("CREATE TABLE half AS SELECT hex(randomblob(4000)) FROM base_cell, base_cell AS b")
os.kill(os.getpid(), 9)
"""


def test_a_half_written_gradebook(root: Path, pools: Pools) -> None:
    """A transaction that a killed process left is rolled back by the next run."""
    class_of(root, 2)
    done = subprocess.run([sys.executable, "-c", HALF, root / "gradebook.db"], check=False)
    assert done.returncode == -9 and (root / "gradebook.db-journal").exists()
    assert graded(root).status == 0
    assert {grade[1] for grade in grades(root)} == {"sums", "words"}
