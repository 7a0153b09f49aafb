"""Feedback pages are nbgrader's own, and one student's trouble is only that student's."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_course
from tiny_course import ASSIGNMENT, SUMS, WORDS

from proctor import course
from proctor.assemble.notebook import assemble
from proctor.feedback import FeedbackJob, StudentPages, feedback
from proctor.gradebook.database import GradebookConnection
from proctor.gradebook.scores import SubmissionMarks
from proctor.publish.notebook import NotebookWriter, finish
from proctor.publish.staging import write_notebook

STUDENTS = ("ada", "bob", "cyd")


@pytest.fixture(scope="module")
def graded_course(made_lab: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which three students have been graded: its folder."""
    root = tmp_path_factory.mktemp("feedback") / "course"
    shutil.copytree(made_lab, root)
    here = course.load(root)
    batch = []
    for student in STUDENTS:
        folder = here.folder("autograded", student, ASSIGNMENT)
        folder.mkdir(parents=True)
        marks = SubmissionMarks(student)
        for name in (SUMS, WORDS):
            submitted = tiny_course.submitted(tiny_course.released(root, name))
            ran = tiny_course.run(assemble(tiny_course.assignment(root, name), submitted))
            done = finish(here, ASSIGNMENT, student, name, ran)
            write_notebook(folder, name, NotebookWriter().text(done.notebook))
            marks.notebooks[name] = done.marks
        batch.append(marks)
    with GradebookConnection(here) as gradebook:
        gradebook.save(ASSIGNMENT, batch)
    return root


@pytest.fixture
def root(graded_course: Path, tmp_path: Path) -> Path:
    """A copy of that course."""
    return shutil.copytree(graded_course, tmp_path / "course")


def pages(root: Path) -> dict[str, bytes]:
    """Every page below feedback/, with its bytes."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted((root / "feedback").rglob("*.html"))
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_pages_are_nbgraders(root: Path, workers: int) -> None:
    """However many processes write them, the pages are nbgrader's own, byte for byte."""
    report = feedback(course.load(root), ASSIGNMENT, workers=workers)
    ours = pages(root)
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_feedback", ASSIGNMENT, "--force"],
        cwd=root,
        check=True,
        capture_output=True,
    )
    assert pages(root) == ours
    assert (len(ours), len(report.pages), report.already, report.failed) == (6, 6, 0, {})


def test_pages_that_are_there_are_left(root: Path) -> None:
    """A second run writes nothing, unless by force."""
    here = course.load(root)
    feedback(here, ASSIGNMENT)
    again = feedback(here, ASSIGNMENT)
    assert (again.pages, again.already) == ([], 3)
    assert len(feedback(course.load(root), ASSIGNMENT, force=True).pages) == 6


def test_some_students(root: Path) -> None:
    """Only those whose id a pattern matches get pages, and progress is told of them."""
    told = []
    report = feedback(
        course.load(root),
        ASSIGNMENT,
        ["a*"],
        progress=lambda student, total: told.append((student, total)),
    )
    assert [path.split("/")[-3:] for path in report.pages] == [
        ["ada", ASSIGNMENT, "sums.html"],
        ["ada", ASSIGNMENT, "words.html"],
    ]
    assert told == [(None, 1), ("ada", None)]


@pytest.mark.parametrize("workers", [1, 2])
def test_one_broken_notebook_costs_the_others_nothing(root: Path, workers: int) -> None:
    """A graded notebook that somebody has broken is told of, and everybody else has pages."""
    broken = root / "autograded" / "ada" / ASSIGNMENT / "sums.ipynb"
    broken.write_text("{")
    report = feedback(course.load(root), ASSIGNMENT, workers=workers)
    assert (list(report.failed), report.status) == (["ada"], 1)
    assert report.failed["ada"] != ""
    assert len([page for page in report.pages if "/ada/" not in page]) == 4


def test_a_process_that_is_killed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The student whose process was killed is told of, and another process writes the rest."""
    write = FeedbackJob.write

    def killed(self: FeedbackJob, student: str) -> StudentPages:
        if student == "ada":
            os.kill(os.getpid(), signal.SIGKILL)
        return write(self, student)

    monkeypatch.setattr(FeedbackJob, "write", killed)
    report = feedback(course.load(root), ASSIGNMENT, workers=2)
    assert report.failed == {"ada": "The process that wrote it was killed."}
    assert len(report.pages) == 4


def test_all_processes_are_killed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Students for whom no process is left are told of."""
    monkeypatch.setattr(
        FeedbackJob, "write", lambda self, student: os.kill(os.getpid(), signal.SIGKILL)
    )
    report = feedback(course.load(root), ASSIGNMENT, workers=2)
    assert sorted(report.failed) == list(STUDENTS)


def test_nobody_was_graded(root: Path) -> None:
    """It says that grading comes first."""
    shutil.rmtree(root / "autograded")
    with pytest.raises(course.CourseError, match="proctor grade ps1"):
        feedback(course.load(root), ASSIGNMENT)
