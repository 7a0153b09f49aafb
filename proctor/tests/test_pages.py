"""Feedback pages are nbgrader's own, written by several processes, and one student's trouble is only that student's."""

import shutil

import lab
import pytest

from course import layout
from proctor import course
from proctor.feedback import feedback
from proctor.grade import grade

STUDENTS = ("ada", "bob", "cyd")


@pytest.fixture(scope="module")
def graded_course(tmp_path_factory):
    """A course in which three students have been graded: its folder."""
    root = tmp_path_factory.mktemp("feedback")
    lab.make(root)
    for student in STUDENTS:
        lab.hand_in(
            root,
            student,
            {"sums.ipynb": lab.answered(root), "words.ipynb": lab.released(root, lab.WORDS)},
        )
    grade(course.load(root), lab.ASSIGNMENT, workers=1, sandbox=False)
    return root


@pytest.fixture
def root(graded_course, tmp_path):
    """A copy of that course."""
    return shutil.copytree(graded_course, tmp_path / "course")


def pages(root):
    """Every page below feedback/, with its bytes."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted((root / "feedback").rglob("*.html"))
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_pages_are_nbgraders(root, workers):
    """However many processes write them, the pages are those of nbgrader generate_feedback, byte for byte."""
    done = feedback(course.load(root), lab.ASSIGNMENT, workers=workers)
    ours = pages(root)
    layout.run_nbgrader("generate_feedback", lab.ASSIGNMENT, "--force", cwd=root)
    assert pages(root) == ours
    assert (6, 6, 0, {}) == (len(ours), len(done.pages), done.already, done.failed)


def test_pages_that_are_there_are_left(root):
    """A second round writes nothing, unless by force."""
    feedback(course.load(root), lab.ASSIGNMENT)
    assert ([], 3) == ((done := feedback(course.load(root), lab.ASSIGNMENT)).pages, done.already)
    assert 6 == len(feedback(course.load(root), lab.ASSIGNMENT, force=True).pages)


def test_some_students(root):
    """Only those whose id a pattern matches get pages."""
    assert ["ada"] == sorted(
        {path.split("/")[-3] for path in feedback(course.load(root), lab.ASSIGNMENT, ["a*"]).pages}
    )


def test_one_broken_notebook_costs_the_others_nothing(root):
    """A graded notebook that somebody has broken is told of, and everybody else has pages."""
    broken = root / "autograded" / "ada" / lab.ASSIGNMENT / "sums.ipynb"
    broken.chmod(0o644)
    broken.write_text("{")
    done = feedback(course.load(root), lab.ASSIGNMENT, workers=2)
    assert (["ada"], 1, 4) == (
        list(done.failed),
        done.status,
        len([page for page in done.pages if "ada" not in page]),
    )
    assert "" != done.failed["ada"]


def test_nobody_was_graded(root):
    """It says that grading comes first."""
    shutil.rmtree(root / "autograded")
    with pytest.raises(course.CourseError, match="proctor grade ps1"):
        feedback(course.load(root), lab.ASSIGNMENT)
