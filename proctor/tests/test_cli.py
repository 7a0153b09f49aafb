"""The command line: what it prints, where, with which exit status, and that ending it loses nothing."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import tiny_course
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from tiny_course import ASSIGNMENT

from proctor import cli
from proctor.gradebook import database
from proctor.sandbox import probe

PROTECTED = probe().enough
WITHOUT_SANDBOX = [] if PROTECTED else ["--no-sandbox"]
NAME = "waits-to-be-told"  # of which 15 characters count
WAITS = f"import ctypes, time\nctypes.CDLL(None).prctl(15, b'{NAME}', 0, 0, 0)\ntime.sleep(3600)"


def command(*words: str) -> list[str]:
    """A command of proctor, as a process is started with it."""
    return [sys.executable, "-W", "default", "-m", "proctor", *words]


def proctor(root: Path, *words: str) -> tuple[int, str, str]:
    """A command run to its end: (status, stdout, stderr)."""
    done = subprocess.run(
        command(*words), cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    return done.returncode, done.stdout, done.stderr


def grade(root: Path, *words: str) -> tuple[int, str, str]:
    """`proctor grade`, run to its end."""
    return proctor(root, "grade", ASSIGNMENT, *WITHOUT_SANDBOX, *words)


def right(root: Path) -> dict[str, NotebookNode]:
    """A right submission."""
    words = tiny_course.answered(root, "word = 'yes'", tiny_course.WORDS, "word")
    return {"sums.ipynb": tiny_course.answered(root), "words.ipynb": words}


def points(root: Path) -> dict[str, float]:
    """{student: points} of who has been graded."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as book:
        return {one.student_id: one.score for one in book.assignment_submissions(ASSIGNMENT)}


@pytest.fixture
def handed_in(root: Path) -> Path:
    """The tiny course with two students' work in it."""
    for student in ("ada", "bob"):
        tiny_course.hand_in(root, student, right(root))
    return root


def test_a_class(handed_in: Path) -> None:
    """A table, and nothing on stderr; a second time there is nothing to do, but by --force."""
    status, out, err = grade(handed_in)
    assert (status, err) == (0, "")
    assert "ada         4.5 of 15  to be graded by hand" in out
    assert "2 graded" in out.splitlines()[-1]
    assert points(handed_in) == {"ada": 4.5, "bob": 4.5}
    assert "nothing new to grade, 2 had been graded before (--force" in grade(handed_in)[1]
    assert "2 graded" in grade(handed_in, "--force")[1]


def test_json(handed_in: Path) -> None:
    """With --json, stdout is one JSON document and nothing else."""
    tiny_course.hand_in(handed_in, "cyd", {"sums.ipynb": "{"})
    status, out, err = grade(handed_in, "--json")
    report = json.loads(out)
    assert (status, report["status"], err) == (1, 1, "")
    rows = {row["student"]: row for row in report["rows"]}
    assert {name: row["status"] for name, row in rows.items()} == {
        "ada": "graded",
        "bob": "graded",
        "cyd": "failed",
    }
    assert any("not JSON" in sentence for sentence in rows["cyd"]["human"])


def test_some_of_it(handed_in: Path) -> None:
    """--student and --notebook choose; whoever is missing is named, and the others are graded."""
    words = ("--student=b*", "--student=zoe", "--workers=1", "--timeout=20", "--notebook=sums")
    status, _, err = grade(handed_in, *words)
    assert (status, list(points(handed_in))) == (1, ["bob"])
    assert "no submission of ps1 by 'zoe'" in err
    place = handed_in / "autograded" / "bob" / ASSIGNMENT
    assert [path.name for path in place.glob("*.ipynb")] == ["sums.ipynb"]


def test_course_elsewhere(handed_in: Path, tmp_path: Path) -> None:
    """--course-dir names the course from any folder."""
    (tmp_path / "elsewhere").mkdir()
    words = ("--course-dir", str(handed_in), "--student=ada")
    assert grade(tmp_path / "elsewhere", *words)[0] == 0
    assert set(points(handed_in)) == {"ada"}


def test_timeout_ends_a_cell(root: Path) -> None:
    """A cell that takes longer than --timeout is stopped, and what it had defined by then stays."""
    endless = tiny_course.answered(root, tiny_course.ANSWER + "\nwhile True: pass")
    tiny_course.hand_in(root, "bob", right(root) | {"sums.ipynb": endless})
    status, out, _ = grade(root, "--timeout", "1")
    assert (status, points(root)) == (0, {"bob": 4.5})
    assert "did not end within 1 seconds" in out


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("grade",),
        ("grade", ASSIGNMENT, "--workers=0"),
        ("grade", ASSIGNMENT, "--timeout=-1"),
        ("mark", ASSIGNMENT),
        ("grade", "a", "b"),
    ],
)
def test_usage(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    """A command that cannot be meant ends with status 2 and says how it is used."""
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    printed = capsys.readouterr()
    assert (ended.value.code, printed.out) == (2, "")
    assert "usage: proctor" in printed.err


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ((), ("check", "grade", "doctor", "feedback")),
        (("grade",), ("--student", "--workers", "--timeout", "--force", "--no-sandbox", "--json")),
        (("check",), ("--notebook", "--reference", "--json", "--course-dir")),
        (("feedback",), ("--student", "--workers", "--force", "--course-dir")),
    ],
)
def test_help(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], named: tuple[str, ...]
) -> None:
    """--help names every command and option."""
    with pytest.raises(SystemExit):
        cli.main([*words, "--help"])
    printed = capsys.readouterr().out
    assert [word for word in named if word not in printed] == []


def test_check(root: Path) -> None:
    """It names each test, and its status says whether the reference solution passes them all."""
    status, out, err = proctor(root, "check", ASSIGNMENT, *WITHOUT_SANDBOX)
    assert (status, err) == (1, "")  # the test partial gives less than all of its points
    assert all(name in out for name in ("test-double", "partial", "test-word"))


def test_old_gradebook(handed_in: Path) -> None:
    """A gradebook of another nbgrader is left as it is, and what brings it up to date is named."""
    with sqlite3.connect(handed_in / "gradebook.db") as book:
        book.execute("ALTER TABLE student DROP COLUMN lms_user_id")  # which nbgrader 0.6 added
    before = (handed_in / "gradebook.db").read_bytes()
    status, _, err = grade(handed_in)
    assert (status, (handed_in / "gradebook.db").read_bytes()) == (2, before)
    assert "nbgrader db upgrade`" in err


def test_no_sandbox_marks_the_report(handed_in: Path) -> None:
    """What was graded without protection says so."""
    status, out, _ = proctor(handed_in, "grade", ASSIGNMENT, "--no-sandbox")
    assert status == 0
    assert "GRADED WITHOUT PROTECTION" in out


def test_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    """It names each protection, and its status says whether there is enough of it."""
    assert cli.main(["doctor"]) == int(not PROTECTED)
    printed = capsys.readouterr().out
    assert all(word in printed for word in ("Landlock", "seccomp", "namespace"))


def test_feedback(handed_in: Path) -> None:
    """It names the pages that it wrote, and a second time that there is nothing new."""
    grade(handed_in)
    status, out, err = proctor(handed_in, "feedback", ASSIGNMENT)
    assert (status, out.count(".html"), err) == (0, 4, "")
    _, out, _ = proctor(handed_in, "feedback", ASSIGNMENT)
    assert (
        out
        == "ps1: nothing new to write, 2 students had their pages (--force writes them again).\n"
    )


def hear_interrupts() -> None:
    """Undo what tests started in the background inherit: that Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_reader_that_has_had_enough(handed_in: Path) -> None:
    """Who reads a part of the output only, as `head` does, gets no traceback."""
    grade(handed_in)
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as output:
        done = subprocess.run(
            command("report", ASSIGNMENT, "--json"),
            cwd=handed_in,
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert (done.returncode, done.stderr) == (1, "")


@pytest.fixture
def stopped(root: Path, tmp_path: Path) -> Iterator[tuple[Path, "subprocess.Popen[str]", Path]]:
    """A grading at work: one student is graded, the next one's code waits.

    Yields the course, the process, and a copy of the course where nobody's code waited.
    """
    tiny_course.hand_in(root, "ada", right(root))
    tiny_course.hand_in(root, "bob", right(root))
    calm = shutil.copytree(root, tmp_path / "calm")
    grade(calm)
    tiny_course.hand_in(root, "bob", {"sums.ipynb": tiny_course.answered(root, WAITS)})
    process = subprocess.Popen(
        command("grade", ASSIGNMENT, "--workers=1", "--timeout=3600", *WITHOUT_SANDBOX),
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_interrupts,
    )
    yield root, process, calm
    process.kill()
    process.communicate()


def at_work(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    """Wait until the student's code runs, which names its process; all processes then."""
    while process.poll() is None:
        family = psutil.Process(process.pid).children(recursive=True)
        with contextlib.suppress(psutil.NoSuchProcess):
            if any(child.name() == NAME[:15] for child in family):
                return family
        time.sleep(0.05)  # so that the processor is left to what is waited for
    raise AssertionError(f"the grading ended by itself: {process.communicate()}")


def files(root: Path) -> dict[str, str]:
    """All autograded files, {path: content}."""
    folder = root / "autograded"
    paths = sorted(folder.rglob("*"))
    return {str(path.relative_to(folder)): path.read_text() for path in paths if path.is_file()}


@pytest.mark.skipif(sys.platform != "linux", reason="a process is named by a call of Linux")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_stopped(
    stopped: tuple[Path, "subprocess.Popen[str]", Path], number: signal.Signals
) -> None:
    """Ctrl-C or kill -9 leaves nothing half-made and no process; another run ends the work."""
    root, process, calm = stopped
    family = at_work(process)
    process.send_signal(number)
    out, _ = process.communicate()
    assert process.returncode == (1 if number == signal.SIGINT else -9)
    assert number != signal.SIGINT or "interrupted" in out
    _, alive = psutil.wait_procs(family, timeout=60)
    assert alive == []
    assert not (root / "autograded" / "bob").exists()
    tiny_course.hand_in(root, "bob", right(root))
    assert grade(root)[0] == 0
    assert (points(root), files(root)) == (points(calm), files(calm))


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root can mount a small disk to fill"
)
def test_full_disk(handed_in: Path) -> None:
    """With no space left nothing half-written stays; with space again the rest is graded."""
    place = handed_in / "autograded"
    place.mkdir()
    # two pages, which the support files take; all else of a submission has no room
    mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this machine does not let root mount a small disk")
    try:
        status, out, err = grade(handed_in)
        assert (status, [path for path in place.rglob("*.ipynb")]) == (1, [])
        assert "The disk is full: make room, then start again" in out
        assert err == ""
        subprocess.run(["mount", "-o", "remount,size=50m", str(place)], check=True)
        assert grade(handed_in)[0] == 0
        assert points(handed_in) == {"ada": 4.5, "bob": 4.5}
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_gradebook_that_stays_locked(
    handed_in: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where another program keeps the gradebook from the beginning on, that is told."""
    monkeypatch.setattr(database, "ATTEMPTS", 1)
    monkeypatch.setattr(database, "WAIT", 0.1)
    with sqlite3.connect(handed_in / "gradebook.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        status = cli.main(["grade", ASSIGNMENT, *WITHOUT_SANDBOX])
        other.execute("ROLLBACK")
    assert status == 2
    assert "stayed locked by another program" in capsys.readouterr().err


def test_locked_gradebook(handed_in: Path) -> None:
    """Another program holds the gradebook: it is waited for, that is told, and nothing is lost."""
    with sqlite3.connect(handed_in / "gradebook.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        process = subprocess.Popen(
            command("grade", ASSIGNMENT, *WITHOUT_SANDBOX),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        assert "locked by another program" in process.stderr.readline()
        other.execute("ROLLBACK")
    out, _ = process.communicate()
    assert (process.returncode, "2 graded" in out) == (0, True)
    assert points(handed_in) == {"ada": 4.5, "bob": 4.5}


def test_report(handed_in: Path) -> None:
    """What is known is printed, and the page is written for this account alone; a named file is not
    replaced without --force; with --json nothing else is printed or written."""
    grade(handed_in)
    status, out, err = proctor(handed_in, "report", ASSIGNMENT)
    place = handed_in / "reports" / "ps1.html"
    assert (status, err) == (0, "")
    assert out.splitlines()[0] == "ps1: 2 students, 2 graded, mean 4.5 of 15, median 4.5."
    assert out.splitlines()[-1] == f"Written: {place}"
    assert place.stat().st_mode & 0o777 == 0o600
    assert "<title>ps1: the class at a glance</title>" in place.read_text("utf-8")
    place.unlink()
    words = ("report", ASSIGNMENT, "--json", "--csv", "class.csv")
    status, out, err = proctor(handed_in, *words)
    assert (status, err, place.exists()) == (0, "", False)
    assert json.loads(out)["graded"] == 2
    assert len((handed_in / "class.csv").read_text("utf-8").splitlines()) == 11
    status, out, err = proctor(handed_in, *words)
    assert (status, out) == (2, "")
    assert "replace it (--force), or name another file (--csv)" in err
    assert proctor(handed_in, *words, "--force")[0] == 0


@pytest.mark.parametrize(
    "words, problem",
    [
        (("nothing",), "has no assignment 'nothing'"),
        ((ASSIGNMENT, "--html", "no/such/page.html"), "There is no folder no/such"),
        ((ASSIGNMENT, "--html", "."), "is a folder: name a file (--html)"),
        ((ASSIGNMENT, "--course-dir", "/nowhere"), "/nowhere is not a folder"),
    ],
)
def test_no_report(root: Path, words: tuple[str, ...], problem: str) -> None:
    """What keeps a report from being written is one sentence that says what to do."""
    status, out, err = proctor(root, "report", *words)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert problem in err
