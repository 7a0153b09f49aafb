"""The command line: what it prints, where, and with which exit status, and that stopping it at any time loses nothing."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys

import lab
import psutil
import pytest
from nbgrader.api import Gradebook

from course import layout
from proctor import book, cli
from proctor.sandbox import probe

PROTECTED = probe().enough
UNCONFINED = [] if PROTECTED else ["--no-sandbox"]
NAME = "waits-to-be-told"  # at most 15 characters count
WAITS = f"import ctypes, time\nctypes.CDLL(None).prctl(15, b'{NAME}', 0, 0, 0)\ntime.sleep(3600)"  # gives its process that name


def command(*words):
    return [sys.executable, "-W", "default", "-m", "proctor", *words]


def environment():
    return {name: value for name, value in layout.environment().items() if name != "PYTHONWARNINGS"}


def proctor(root, *words):
    """A command run to its end: (status, stdout, stderr)."""
    done = subprocess.run(
        command(*words),
        cwd=root,
        env=environment(),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout, done.stderr


def grade(root, *words):
    return proctor(root, "grade", lab.ASSIGNMENT, *UNCONFINED, *words)


def right(root):
    return {
        "sums.ipynb": lab.answered(root),
        "words.ipynb": lab.answered(root, "word = 'yes'", lab.WORDS, "word"),
    }


def points(root):
    """{student: points} of who has been graded."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as book:
        return {one.student_id: one.score for one in book.assignment_submissions(lab.ASSIGNMENT)}


@pytest.fixture
def handed_in(root):
    """The tiny course with two students' work in it."""
    for student in ("ada", "bob"):
        lab.hand_in(root, student, right(root))
    return root


def test_a_class_is_graded(handed_in):
    """Status 0, a table on stdout, nothing at all on stderr, not even a warning; a second time there is nothing to do."""
    status, out, err = grade(handed_in)
    assert (0, "") == (status, err)
    assert "ada         4.5 of 15  to be graded by hand" in out
    assert "2 graded" in out.splitlines()[-1]
    assert {"ada": 4.5, "bob": 4.5} == points(handed_in)
    assert "0 graded, 2 had been graded before" in grade(handed_in)[1]
    assert "2 graded" in grade(handed_in, "--force")[1]


def test_json(handed_in):
    """With --json, stdout is one JSON document and nothing else."""
    lab.hand_in(handed_in, "cyd", {"sums.ipynb": "{"})
    status, out, err = grade(handed_in, "--json")
    report = json.loads(out)
    assert (1, 1, "") == (status, report["status"], err)
    assert {"ada": "graded", "bob": "graded", "cyd": "failed"} == {
        row["student"]: row["status"] for row in report["rows"]
    }
    assert any(
        "not JSON" in line
        for row in report["rows"]
        if row["student"] == "cyd"
        for line in row["human"]
    )


def test_some_of_it(handed_in):
    """--student and --notebook choose, --workers and --timeout are taken."""
    status, _, _ = grade(handed_in, "--student", "b*", "--workers", "1", "--timeout", "20")
    assert (0, ["bob"]) == (status, sorted(points(handed_in)))
    assert 0 == grade(handed_in, "--student=ada", "--notebook=sums")[0]
    assert ["sums.ipynb"] == [
        path.name for path in (handed_in / "autograded" / "ada" / lab.ASSIGNMENT).glob("*.ipynb")
    ]


def test_course_elsewhere(handed_in, tmp_path):
    """--course-dir names the course from any folder."""
    (tmp_path / "elsewhere").mkdir()
    assert 0 == grade(tmp_path / "elsewhere", "--course-dir", str(handed_in))[0]
    assert {"ada", "bob"} == set(points(handed_in))


def test_timeout_ends_a_cell(root):
    """A cell that takes longer than --timeout is stopped, and told of; the class goes on."""
    lab.hand_in(root, "ada", right(root))
    lab.hand_in(
        root,
        "bob",
        {
            "sums.ipynb": lab.answered(root, lab.ANSWER + "\nwhile True: pass"),
            "words.ipynb": right(root)["words.ipynb"],
        },
    )
    status, out, _ = grade(root, "--timeout", "1")
    assert (0, {"ada": 4.5, "bob": 4.5}) == (
        status,
        points(root),
    )  # what was defined above the endless loop stays
    assert "did not end within 1 seconds" in out


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("grade",),
        ("grade", lab.ASSIGNMENT, "--workers=0"),
        ("grade", lab.ASSIGNMENT, "--timeout=-1"),
        ("mark", lab.ASSIGNMENT),
        ("grade", "a", "b"),
    ],
)
def test_usage(tmp_path, words):
    """A command that cannot be meant ends with status 2 and says how it is used."""
    status, out, err = proctor(tmp_path, *words)
    assert (2, "") == (status, out)
    assert "usage: proctor" in err


def test_help(tmp_path):
    """--help names every command and option."""
    assert all(word in proctor(tmp_path, "--help")[1] for word in ("grade", "doctor", "feedback"))
    told = proctor(tmp_path, "grade", "--help")[1]
    assert all(
        word in told
        for word in ("--student", "--workers", "--timeout", "--force", "--no-sandbox", "--json")
    )


def test_nothing_to_grade(root):
    """No course, no such assignment, nobody who handed in, no such student: status 2 and a sentence that says what to do."""
    (root / "empty").mkdir()
    for words, gist in (
        ([], "Nobody has handed in ps1"),
        (["--student=zoe"], "There is no submission of zoe"),
    ):
        status, _, err = grade(root, *words)
        assert 2 == status
        assert gist in err
    status, _, err = proctor(root, "grade", "ps9", *UNCONFINED)
    assert (2, True) == (status, "has no assignment 'ps9' (it has: ps1)" in err)
    status, _, err = proctor(root / "empty", "grade", "ps1", *UNCONFINED)
    assert (2, True) == (status, "nbgrader generate_assignment" in err)


def test_old_gradebook(handed_in):
    """A gradebook of another nbgrader is left as it is, and the command that brings it up to date is named."""
    with sqlite3.connect(handed_in / "gradebook.db") as book:
        book.execute("ALTER TABLE student DROP COLUMN lms_user_id")  # which came with nbgrader 0.6
    before = (handed_in / "gradebook.db").read_bytes()
    status, _, err = grade(handed_in)
    assert (2, before) == (status, (handed_in / "gradebook.db").read_bytes())
    assert "nbgrader db upgrade" in err


def test_settings_that_fail(handed_in):
    """A mistake in nbgrader_config.py is told with its reason."""
    lab.configure(handed_in, "c.Execute.timeout = undefined")
    status, _, err = grade(handed_in)
    assert 2 == status
    assert "undefined" in err


def test_no_sandbox_marks_the_report(handed_in):
    """What was graded without protection says so."""
    status, out, _ = proctor(handed_in, "grade", lab.ASSIGNMENT, "--no-sandbox")
    assert 0 == status
    assert "GRADED WITHOUT PROTECTION" in out


def test_doctor(tmp_path):
    """It names each protection, and its status says whether there is enough of it."""
    status, out, _ = proctor(tmp_path, "doctor")
    assert int(not PROTECTED) == status
    assert all(word in out for word in ("Landlock", "seccomp", "namespace"))


def test_feedback(handed_in):
    """It names the pages it wrote; before anything is graded it says so."""
    assert 2 == proctor(handed_in, "feedback", lab.ASSIGNMENT)[0]
    grade(handed_in)
    status, out, _ = proctor(handed_in, "feedback", lab.ASSIGNMENT)
    assert (0, 4) == (status, out.count(".html"))


@pytest.fixture
def stopped(root, tmp_path):
    """A round that is at work: one student is graded, the next one's code waits. Yields (course, process, calm copy)."""
    lab.hand_in(root, "ada", right(root))
    lab.hand_in(root, "bob", right(root))
    calm = shutil.copytree(root, tmp_path / "calm")
    grade(calm)
    lab.hand_in(root, "bob", {"sums.ipynb": lab.answered(root, WAITS)})
    process = subprocess.Popen(
        command("grade", lab.ASSIGNMENT, "--workers=1", "--timeout=3600", *UNCONFINED),
        cwd=root,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield root, process, calm
    process.kill()
    process.communicate()


def at_work(process):
    """Wait until the student's code, which gives its process a name, runs; all processes of the round."""
    while process.poll() is None:
        family = psutil.Process(process.pid).children(recursive=True)
        with contextlib.suppress(psutil.NoSuchProcess):
            if any(child.name() == NAME[:15] for child in family):
                return family
    raise AssertionError(f"the round ended by itself: {process.communicate()}")


def same(root, calm):
    """Both courses' points and files are the same."""

    def files(where):
        return {
            str(path.relative_to(where)): path.read_text()
            for path in sorted((where / "autograded").rglob("*"))
            if path.is_file()
        }

    return (points(root), files(root)) == (points(calm), files(calm))


@pytest.mark.skipif(
    sys.platform != "linux", reason="a process gives itself a name by a call of Linux"
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_stopped(stopped, number):
    """Ctrl-C or kill -9 in the middle: nothing half-made stays, no process is left, and a rerun ends as if it had never stopped."""
    root, process, calm = stopped
    family = at_work(process)
    process.send_signal(number)
    out, _ = process.communicate()
    assert (1 if number == signal.SIGINT else -9) == process.returncode
    assert number != signal.SIGINT or "interrupted" in out
    _, alive = psutil.wait_procs(family, timeout=60)
    assert [] == alive
    assert not (root / "autograded" / "bob").exists()
    lab.hand_in(root, "bob", right(root))
    assert 0 == grade(root)[0]
    assert same(root, calm)


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root can mount a small disk to fill"
)
def test_full_disk(handed_in, tmp_path):
    """With no space left nothing half-written stays, it is told in words, and with space again the rest is graded."""
    place = handed_in / "autograded"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(place)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine does not let root mount a small disk")
    try:
        status, out, _ = grade(handed_in)
        assert (1, []) == (status, [path for path in place.rglob("*.ipynb")])
        assert "The disk is full" in out
        subprocess.run(["mount", "-o", "remount,size=50m", str(place)], check=True)
        assert 0 == grade(handed_in)[0]
        assert {"ada": 4.5, "bob": 4.5} == points(handed_in)
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_gradebook_that_stays_locked(handed_in, monkeypatch, capsys):
    """Where another program keeps the gradebook from the beginning on, that is told in a sentence, as what keeps grading from beginning."""
    monkeypatch.setattr(book, "ATTEMPTS", 1), monkeypatch.setattr(book, "WAIT", 0.1)
    with sqlite3.connect(handed_in / "gradebook.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        status = cli.main(["grade", lab.ASSIGNMENT, "--course-dir", str(handed_in), *UNCONFINED])
        other.execute("ROLLBACK")
    assert (2, True) == (status, "stayed locked by another program" in capsys.readouterr().err)


def test_locked_gradebook(handed_in):
    """Another program holds the gradebook: it is waited for, that is told, and nothing is lost."""
    with sqlite3.connect(handed_in / "gradebook.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        process = subprocess.Popen(
            command("grade", lab.ASSIGNMENT, *UNCONFINED),
            cwd=handed_in,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert "locked by another program" in process.stderr.readline()
        other.execute("ROLLBACK")
    out, _ = process.communicate()
    assert (0, True) == (process.returncode, "2 graded" in out)
    assert {"ada": 4.5, "bob": 4.5} == points(handed_in)
