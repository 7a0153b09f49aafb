"""`proctor export` and `nbgrader export` in a course directory: status, files, what is printed."""

import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import tiny_course
from nbgrader.api import Gradebook
from tiny_course import ASSIGNMENT

from proctor import course
from proctor.gradebook.database import GradebookConnection
from proctor.gradebook.scores import SubmissionMarks

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,ps1 (4321)\n"
    "    Points Possible,,,,,15\n"
    "Ada,1,,ada,Lab,\nBob,2,,bob,Lab,\nCyd,3,,cyd,Lab,\nDan,4,,dan,Lab,\nEve,5,,eve,Lab,\n"
)
STATUS = {
    "ada": "graded",
    "bob": "needs manual grade",
    "cyd": "not graded",
    "dan": "not graded",
    "eve": "not handed in",
}


@pytest.fixture
def graded(root: Path) -> Path:
    """A course with a student of each kind; cyd handed in again since, dan was never graded."""
    marks = [SubmissionMarks(name) for name in ("ada", "bob", "cyd")]
    with GradebookConnection(course.load(root)) as book:
        book.save(ASSIGNMENT, marks)
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as book:
        for name in STATUS:
            book.update_or_create_student(name, last_name=f"{name.title()}, of the\x1b[1m class")
        for name in ("ada", "cyd"):
            for notebook in book.find_submission(ASSIGNMENT, name).notebooks:
                for grade in notebook.grades:
                    grade.manual_score, grade.needs_manual_grade = 1.5, False
        book.db.commit()
    notebook = {"sums.ipynb": tiny_course.answered(root)}
    for name in ("ada", "bob", "cyd", "dan"):
        folder = tiny_course.hand_in(root, name, notebook)
        if name != "dan":
            done = root / "autograded" / name
            done.mkdir(parents=True)
            shutil.copytree(folder, done / ASSIGNMENT)
    tiny_course.hand_in(root, "cyd", notebook, "2026-02-03 10:00:00 UTC")
    (root / "canvas.csv").write_text(CANVAS)
    return root


def run(*words: str) -> tuple[int, str]:
    """A command in the working directory: its status, and all that it printed."""
    done = subprocess.run(
        [sys.executable, "-m", *words], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    return done.returncode, done.stdout + done.stderr


def export(*words: str) -> tuple[int, str]:
    """`proctor export ps1`."""
    return run("proctor", "export", ASSIGNMENT, *words)


def test_the_status_of_each_student_is_told(graded):
    """Folders and gradebook together tell a graded submission from one that only has points."""
    assert export("--to", "csv")[0] == 0
    lines = (graded / "ps1-grades.csv").read_text().splitlines()[1:]
    assert {line.split(",")[3]: line.split(",")[-1] for line in lines} == STATUS


def test_both_commands_write_the_same_file_and_tell_the_same(graded):
    """nbgrader's exporter plugin and `proctor export` are one."""
    status, told = export("--to", "canvas", "--from", "canvas.csv")
    assert status == 0
    status, logged = run(
        *("nbgrader", "export", "--exporter=proctor.export.CanvasExport", "--to=other.csv"),
        *("--assignment=['ps1']", "--CanvasExport.source=canvas.csv"),
    )
    assert status == 0
    assert (graded / "other.csv").read_bytes() == (graded / "ps1-canvas.csv").read_bytes()
    expected = [
        "1 mark in the column 'ps1 (4321)'.",
        "needs manual grade, left as in the file (1): 'bob (Bob, of the\\x1b[1m class)'",
        "not graded, left as in the file (2): 'cyd (Cyd, of",
        "not handed in, left as in the file (1): 'eve (Eve, of",
    ]
    for printed in (told, logged):
        assert [line for line in expected if line not in printed] == []


def test_a_setting_of_the_course_holds_unless_the_command_says_otherwise(graded):
    """What nbgrader_config.py says of an exporter is what both commands do."""
    tiny_course.configure(graded, "c.CanvasExport.not_handed_in = 'zero'")
    words = ("--to", "canvas", "--from", "canvas.csv", "--force")
    export(*words)
    assert "Eve,5,,eve,Lab,0\n" in (graded / "ps1-canvas.csv").read_text()
    export(*words, "--not-handed-in", "leave")
    assert "Eve,5,,eve,Lab,\n" in (graded / "ps1-canvas.csv").read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("ps1", "--to", "canvas"), "Say which file Canvas's Gradebook > Export wrote"),
        (("ps1", "--to", "canvas", "--from", "."), "is a folder, not a CSV file"),
        (("ps1", "--to", "moodle", "--from", "canvas.csv"), "not a grading worksheet"),
        (("ps1", "--to", "csv", "--from", "canvas.csv"), "is written anew"),
        (("ps1", "--to", "csv", "--student", "adda"), "No student of the gradebook is called"),
        (("ps1", "--to", "csv", "--feedback", "--download", "a.zip"), "pages of Canvas"),
        (("ps9", "--to", "csv"), "has no assignment 'ps9' (it has: ps1)"),
        (("ps1", "--to", "csv", "--course-dir", "source"), "is no course directory"),
        (("ps1", "--to", "csv", "--feedback"), "There is no page to send"),
        (("ps1", "--to", "canvas", "--feedback"), "archive is not there"),
        (("ps1", "--to", "csv", "--output", "no/a.csv"), "There is no folder no"),
    ],
)
def test_what_cannot_be_exported_is_refused_in_a_sentence(graded, words, told):
    """Status 2, no traceback, and no file."""
    before = sorted(graded.iterdir())
    status, printed = run("proctor", "export", *words)
    assert (status, printed.count("\n")) == (2, 1)
    assert told in printed
    assert sorted(graded.iterdir()) == before


def test_nbgraders_command_refuses_with_status_1(graded):
    """It ends as nbgrader's own commands do."""
    status, logged = run("nbgrader", "export", "--exporter=proctor.export.MoodleExport")
    assert status == 1
    assert "Traceback" not in logged
    assert "Say which file Moodle's “Download grading worksheet” wrote" in logged


def test_a_zip_of_feedback_has_the_pages_and_nothing_else(graded):
    """No secret, no page of a student's own, nothing behind a link; and the same bytes each time."""
    for name in ("ada", "bob"):
        folder = graded / "feedback" / name / ASSIGNMENT
        folder.mkdir(parents=True)
        (folder / "sums.html").write_text(f"page of {name}")
        (folder / "submission_secret.txt").write_text("secret")
        (folder / "own.html").write_text("<script>")
    (folder / "words.html").symlink_to(graded / "gradebook.db")
    digests = set()
    for _ in range(2):
        status, printed = export("--to", "csv", "--feedback", "--force")
        path = graded / "ps1-feedback-csv.zip"
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    with zipfile.ZipFile(path) as archive:
        pages = {name: archive.read(name) for name in archive.namelist()}
    assert pages == {"ada/sums.html": b"page of ada", "bob/sums.html": b"page of bob"}
    assert len(digests) == 1
    assert status == 0
    assert printed.startswith(
        "ps1-feedback-csv.zip: 2 feedback pages.\n  no feedback page (3): 'cyd"
    )


def test_names_for_canvas_come_from_what_was_collected(graded):
    """The folder is that of `nbgrader zip_collect`, where its settings have it."""
    tiny_course.configure(graded, "c.ZipCollectApp.downloaded_directory = 'got'")
    for folder in ("feedback/ada/ps1", "got/ps1/archive"):
        (graded / folder).mkdir(parents=True)
    (graded / "feedback/ada/ps1/sums.html").write_text("page")
    (graded / "got/ps1/archive/ada_21_34_sums.ipynb").write_text("{}")
    assert export("--to", "canvas", "--feedback")[0] == 0
    with zipfile.ZipFile(graded / "ps1-feedback-canvas.zip") as archive:
        assert archive.namelist() == ["ada_21_34_sums.html"]
