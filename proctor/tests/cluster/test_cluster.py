"""A class is graded on a Dask cluster as it is here, whatever becomes of the workers."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import sites
import tiny_course
from dask_cluster import DaskCluster, children_of
from nbgrader.api import Gradebook
from sites import WITHOUT_SANDBOX, Site
from tiny_course import ANSWER, ASSIGNMENT, SUMS

from proctor import cli, course, grading
from proctor.cluster import connected, contents
from proctor.cluster.contents import Assignment, different
from proctor.course import CourseError
from proctor.grading import Options
from proctor.pool.bases import Bases

SLOW = f"import time\ntime.sleep(1.5)\n{ANSWER}"
STUDENTS = ("ann", "bea", "cat", "dee", "eva", "fay")


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[DaskCluster]:
    """A cluster without workers."""
    folder = tmp_path / "dask"
    folder.mkdir()
    made = DaskCluster(folder)
    yield made
    made.close()


@pytest.fixture
def lab(root: Path, tmp_path: Path) -> Site:
    """The tiny course, in which nobody has handed in."""
    found = Site(root, tmp_path / "runtime", tmp_path / "temporary")
    found.runtime.mkdir(mode=0o700)
    found.temporary.mkdir(mode=0o755)
    return found


def begun(lab: Site, dask: DaskCluster, *words: str) -> subprocess.Popen[str]:
    """A grading by the cluster, begun."""
    scheduler = ("--scheduler", dask.address)
    return lab.command("grade", ASSIGNMENT, *scheduler, *WITHOUT_SANDBOX, *words)


def ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What it printed, and said besides."""
    with process:
        return process.communicate(timeout=240)


def hand_in(lab: Site, answer: str) -> None:
    """All hand in the same."""
    for student in STUDENTS:
        tiny_course.hand_in(
            lab.root, student, {f"{SUMS}.ipynb": tiny_course.answered(lab.root, answer)}
        )


def graded_times(lab: Site) -> dict[str, int]:
    """How many submissions the gradebook has of each student."""
    with Gradebook(f"sqlite:///{lab.root}/gradebook.db", "lab") as book:
        found = [one.student_id for one in book.assignment_submissions(ASSIGNMENT)]
    return {student: found.count(student) for student in found}


def until(condition: Callable[[], object], seconds: float = 180) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.05)


def test_the_same_as_here(lab: Site, dask: DaskCluster, tmp_path: Path) -> None:
    """Points, files and what is told are those of a grading on this machine; own files travel too."""
    dask.add_worker()
    dask.add_worker()
    reads = (
        "import own\nprint(open('own.txt').read(), open('data.csv').read())\ndouble = own.double"
    )
    for student, answer in (("ada", ANSWER), ("ben", "def double(x): return 0"), ("cyd", reads)):
        sites.hand_in(lab.root, student, answer)
    own = {"own.txt": "mine", "own.py": "def double(x):\n    return 2 * x\n"}
    tiny_course.hand_in(lab.root, "cyd", own)
    tiny_course.hand_in(lab.root, "dan", {f"{SUMS}.ipynb": "no JSON"})
    here = lab.grade("--wait", "0")
    points, files = lab.points(), lab.files()
    shutil.rmtree(lab.root / "autograded")
    process = begun(lab, dask)
    out, _ = ended(process)
    assert (process.returncode, sites.timeless(out)) == here[:2]
    assert (lab.points(), lab.files()) == (points, files)
    assert points["cyd"] == points["ada"] > points["ben"]


def busy(dask: DaskCluster) -> subprocess.Popen[bytes]:
    """Wait until a worker has begun to examine; that worker."""
    until(lambda: any(len(children_of(one.pid)) > 5 for one in dask.workers))
    return next(one for one in dask.workers if len(children_of(one.pid)) > 5)


def test_a_killed_worker(lab: Site, dask: DaskCluster) -> None:
    """What it had is given to another one, each is graded once, and nothing of it goes on running."""
    dask.add_worker()
    dask.add_worker()
    hand_in(lab, SLOW)
    process = begun(lab, dask)
    worker = busy(dask)
    below = children_of(worker.pid)
    dask.end(worker)
    out, _ = ended(process)
    assert process.returncode == 0, out
    assert graded_times(lab) == dict.fromkeys(STUDENTS, 1)
    assert set(lab.points().values()) == {3.5}
    assert psutil.wait_procs(below, timeout=30)[1] == []


def test_a_stopped_worker(lab: Site, dask: DaskCluster) -> None:
    """One that gives no sign any more is taken for lost, and the class is graded all the same."""
    dask.add_worker()
    dask.add_worker()
    hand_in(lab, SLOW)
    process = begun(lab, dask)
    busy(dask).send_signal(signal.SIGSTOP)
    out, _ = ended(process)
    assert process.returncode == 0, out
    assert graded_times(lab) == dict.fromkeys(STUDENTS, 1)
    assert set(lab.points().values()) == {3.5}


def test_a_cluster_without_workers(lab: Site, dask: DaskCluster) -> None:
    """That is said, and the first worker that comes is given the work."""
    hand_in(lab, ANSWER)
    process = begun(lab, dask)
    assert process.stderr is not None
    assert any("has no workers: waiting for one" in line for line in process.stderr)
    dask.add_worker()
    out, _ = ended(process)
    assert process.returncode == 0, out
    assert graded_times(lab) == dict.fromkeys(STUDENTS, 1)


def test_interrupted(lab: Site, dask: DaskCluster) -> None:
    """Ctrl-C ends it with what was graded, and the next grading does the rest."""
    dask.add_worker()
    hand_in(lab, SLOW)
    process = begun(lab, dask)
    busy(dask)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    out, said = ended(process)
    assert process.returncode == 1
    assert "interrupted" in out + said
    again = begun(lab, dask)
    out, _ = ended(again)
    assert again.returncode == 0, out
    assert graded_times(lab) == dict.fromkeys(STUDENTS, 1)


def test_what_is_prepared_stays(lab: Site, dask: DaskCluster) -> None:
    """A worker prepares a notebook once; a second grading of the same finds it prepared."""
    worker = dask.add_worker()
    hand_in(lab, ANSWER)
    ended(begun(lab, dask))
    until(lambda: len(children_of(worker.pid)) > 3)
    before = {one.pid for one in psutil.Process(worker.pid).children()}
    out, _ = ended(begun(lab, dask, "--force"))
    assert "6 graded" in out
    assert before <= {one.pid for one in psutil.Process(worker.pid).children()}


def test_the_scheduler_is_lost(lab: Site, dask: DaskCluster) -> None:
    """That is told in words, and what was graded stays."""
    dask.add_worker()
    hand_in(lab, SLOW)
    process = begun(lab, dask)
    busy(dask)
    dask.scheduler.kill()
    out, said = ended(process)
    assert process.returncode != 0
    assert "The connection to the scheduler" in out + said, said
    assert "Traceback" not in said


def test_versions_that_differ(
    lab: Site, dask: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker of other versions refuses, and the sentence names them."""
    dask.add_worker()
    hand_in(lab, ANSWER)
    mine = contents.versions() | {"numpy": "1.0"}
    monkeypatch.setattr(contents, "versions", lambda: mine)
    with (
        Bases() as bases,
        connected(dask.address, print) as cluster,
        pytest.raises(CourseError, match=r"refuses: numpy 1\.0 here and \d\S+ there"),
    ):
        options = Options(sandbox=not WITHOUT_SANDBOX, pools=cluster.pools)
        grading.grade(course.load(lab.root), ASSIGNMENT, options, bases)


@pytest.mark.parametrize(
    ("here", "there", "words"),
    [
        ({"a": "1"}, {"a": "1"}, ""),
        ({"a": "1", "b": "2"}, {"a": "1"}, "b 2 here and not installed there"),
        (
            {"a": "1"},
            {"a": "2", "c": "3"},
            "a 1 here and 2 there, c not installed here and 3 there",
        ),
    ],
)
def test_what_differs(here: dict[str, str], there: dict[str, str], words: str) -> None:
    """Every name whose version is another one is told."""
    assert different(here, there) == words


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense", "tcp://", "ftp://x:1"])
def test_no_scheduler(
    lab: Site, address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An address at which no scheduler answers is told in a sentence."""
    monkeypatch.setattr("proctor.cluster.coordinator.CONNECTING", 1.0)
    words = ["grade", ASSIGNMENT, "--scheduler", address, *WITHOUT_SANDBOX]
    assert cli.main(words) == cli.USAGE
    assert "No Dask scheduler answers at" in capsys.readouterr().err


def test_the_same_assignment_has_one_name(lab: Site) -> None:
    """An assignment is known by its content: the same twice, another one when a support file changes."""

    def digest() -> str:
        settings = lab_settings(lab)
        made: Assignment = contents.packed_assignment(settings)
        return made.digest

    first = digest()
    assert digest() == first
    (lab.root / "source" / ASSIGNMENT / "data.csv").write_text("3\n")
    assert digest() != first


def lab_settings(lab: Site) -> contents.Template:
    """What all submissions of a notebook share."""
    from proctor.pool.pools import template

    notebook = tiny_course.assignment(lab.root)
    return template(notebook, lab.root / "source" / ASSIGNMENT, 30.0, True)
