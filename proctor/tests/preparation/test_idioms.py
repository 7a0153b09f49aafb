"""Usual kinds of tests keep their point for right answers, give none for wrong ones, and are graded
as expected."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from idioms import IDIOMS, Idiom
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from tiny_course import generate, nbgrader, notebook

from proctor import course, grading
from proctor.grading import Options
from proctor.pool.bases import Bases
from proctor.preparation.decision import NotebookDecision, TestDecision
from proctor.preparation.store import place_of
from proctor.report import Report
from proctor.sandbox import probe

ASSIGNMENT = "idioms"
STUDENTS = ("right", "wrong", "wrong-too")


@dataclass
class Graded:
    """What grading the course came to: {(student, idiom): (points, a human must look)}."""

    report: Report
    grades: dict[tuple[str, str], tuple[float | None, bool]]
    decisions: dict[str, TestDecision]


def answers(idiom: Idiom) -> dict[str, str]:
    """The answers to an idiom by student; not every one has a second wrong answer."""
    return dict(zip(STUDENTS, (idiom.solution, *idiom.wrong), strict=False))


def as_notebook(idiom: Idiom, answer: str) -> NotebookNode:
    """The notebook of an idiom with this text in its answer cell."""
    cells = [
        new_code_cell(idiom.given, id="given"),
        new_code_cell(answer, id="answer", metadata=nbgrader("answer", solution=True)),
        new_code_cell(idiom.test, id="test", metadata=nbgrader("test", 1, grade=True, locked=True)),
    ]
    return notebook(cells if idiom.given else cells[1:])


def write(path: Path, made: NotebookNode) -> None:
    """Write a notebook, in a new folder if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)


def make_course(root: Path) -> None:
    """A course directory with one assignment, a notebook for each idiom, and what was handed in."""
    for idiom in IDIOMS:
        solved = f"### BEGIN SOLUTION\n{idiom.solution}\n### END SOLUTION"
        write(root / "source" / ASSIGNMENT / f"{idiom.name}.ipynb", as_notebook(idiom, solved))
        for student, answer in answers(idiom).items():
            folder = root / "submitted" / student / ASSIGNMENT
            write(folder / f"{idiom.name}.ipynb", as_notebook(idiom, answer))
    (root / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'idioms'\n"
    )
    generate(root, ASSIGNMENT)


def grades_of(root: Path) -> Iterator[tuple[tuple[str, str], tuple[float | None, bool]]]:
    """Each grade of the class with its student and notebook."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "idioms") as gradebook:
        for submission in gradebook.assignment_submissions(ASSIGNMENT):
            for graded in submission.notebooks:
                (grade,) = graded.grades
                key = submission.student_id, graded.name
                yield key, (grade.auto_score, grade.needs_manual_grade)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The course, graded once."""
    root = tmp_path_factory.mktemp("idioms")
    make_course(root)
    here = course.load(root)
    options = Options(workers=2, timeout=30, sandbox=probe().enough)
    with Bases() as bases:
        report = grading.grade(here, ASSIGNMENT, options, bases)
    decisions = {}
    for idiom in IDIOMS:
        data = json.loads(place_of(here, ASSIGNMENT, idiom.name).read_text())
        (decisions[idiom.name],) = NotebookDecision.from_json(data["decision"]).tests
    return Graded(report, dict(grades_of(root)), decisions)


@pytest.mark.parametrize("idiom", IDIOMS, ids=lambda idiom: idiom.name)
def test_an_idiom(graded: Graded, idiom: Idiom) -> None:
    """A right answer has the point, a wrong one has not, the test is graded in the expected way."""
    found = {student: graded.grades[student, idiom.name] for student in answers(idiom)}
    assert found == {student: (float(student == "right"), False) for student in found}
    decision = graded.decisions[idiom.name]
    assert decision.way == idiom.way, decision.why
    assert (decision.why == "") == (idiom.way == "isolated")


def test_the_report(graded: Graded) -> None:
    """All are graded, nobody is asked to look, and the tests in process are told once."""
    assert {row.student: row.status for row in graded.report.rows} == dict.fromkeys(
        STUDENTS, "graded"
    )
    right = next(row for row in graded.report.rows if row.student == "right")
    assert (right.score, right.human, right.notes) == (len(IDIOMS), [], [])
    in_process = [idiom.name for idiom in IDIOMS if idiom.way == "in process"]
    assert graded.report.in_process == {name: ["test"] for name in in_process}
    assert graded.report.warnings == []
