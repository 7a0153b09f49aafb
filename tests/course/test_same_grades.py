"""The lesson's points are the same by stock nbgrader and by proctor, on varied answers."""

import shutil
import subprocess
import sys

import pytest
from nbgrader.api import Gradebook

from course import answers, layout
from course.sample_class import sample

ANSWERS = [
    "patch_sums",
    "flipped_both_axes",
    "clears_used_pixels",
    "functional_conv2d",
    "kernel_of_the_notebook",
]
SETTINGS = """
c = get_config()
c.CourseDirectory.course_id = "same"
c.OverwriteCells.add_missing_cells = True
c.Execute.timeout = 60
"""
GRADERS = {"stock": ["nbgrader", "autograde"], "proctor": ["proctor", "grade"]}


def work():
    """What some students hand in: {student: files}."""
    known = {answer.name: answer for answer in answers.load()}
    return {name: sample.submission(known[name].source) for name in ANSWERS} | {
        "unsolved": sample.submission(answers.unsolved()),
        "deleted": sample.without_graded_cells(sample.submission(known["patch_sums"].source)),
    }


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The class graded by both: {grader: {student: {cell: points}}}."""
    root = tmp_path_factory.mktemp("same") / "course"
    shutil.copytree(
        layout.SOURCE,
        root / "source" / layout.ASSIGNMENT,
        ignore=shutil.ignore_patterns("__pycache__", ".ipynb*"),
    )
    (root / "nbgrader_config.py").write_text(SETTINGS, "utf-8")
    layout.run_nbgrader("generate_assignment", layout.ASSIGNMENT, cwd=root)
    sample.hand_in(root, work())
    found = {}
    for name, command in GRADERS.items():
        copied = shutil.copytree(root, root.parent / name)
        subprocess.run(
            [sys.executable, "-m", *command, layout.ASSIGNMENT],
            cwd=copied,
            env=layout.environment(),
            check=True,
        )
        with Gradebook(f"sqlite:///{copied / 'gradebook.db'}") as book:
            found[name] = {
                submission.student_id: {
                    grade.name: grade.auto_score
                    for one in submission.notebooks
                    for grade in one.grades
                }
                for submission in book.assignment_submissions(layout.ASSIGNMENT)
            }
    return found


@pytest.mark.parametrize("student", sorted(work()))
def test_every_cell_has_the_points_of_stock_nbgrader(graded, student):
    """Right, wrong, unsolved or with deleted cells: the same points in every graded cell."""
    assert graded["proctor"][student] == graded["stock"][student]


def test_the_answers_have_different_totals(graded):
    """The comparison is one of points that differ."""
    assert len({sum(points.values()) for points in graded["stock"].values()}) >= 4
