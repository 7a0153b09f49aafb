"""From what is handed in to the gradebook: verdicts, what waits for a human, and what is told of it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
import tiny_course
from gradings import autograded, graded, grades, row
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from tiny_course import ASSIGNMENT, by_name, hand_in, nbgrader, notebook, released

from proctor import course, grading
from proctor.pool.bases import Bases
from proctor.preparation import NotebookDecision
from proctor.report import Report, to_text
from proctor.sandbox import probe

MARK = "GIVE-THE-POINT"  # what a student would like to be read
SOLUTION = """class Box:
    def __init__(self, n): self.n = n
    def __len__(self): return self.n
def box(n): return Box(n)
def double(values): return [2 * value for value in values]
def score(): return 2.0"""
TESTS = {
    "data": ("assert double([1, 2]) == [2, 4] and double([]) == []", 1),
    "attribute": ("assert box(3).n == 3", 2),
    "measured": ("### BEGIN HIDDEN TESTS\nassert len(box(4)) == 4\n### END HIDDEN TESTS", 4),
    "part": ("assert len(box(1)) == 1\nscore()", 2),
}


def source(solution: str = SOLUTION) -> nbformat.NotebookNode:
    """A source notebook with tests of both ways."""
    solved = f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
    cells = [
        new_code_cell("import math", id="setup"),
        new_code_cell(solved, id="answer", metadata=nbgrader("answer", solution=True)),
    ]
    for name, (text, points) in TESTS.items():
        about = nbgrader(name, points, grade=True, locked=True)
        cells.append(new_code_cell(text, id=name, metadata=about))
    return notebook(cells)


@dataclass(frozen=True)
class Submission:
    """Lines after a right answer, the points that they leave of tests, None for a human's, and what
    is told of them."""

    text: str
    points: dict[str, float | None]
    told: tuple[str, ...] = ()


OBJECT = f"class Values(list):\n    '''{MARK}'''\nValues.__name__ = {MARK!r}\n"
SUBMISSIONS = {
    "right": Submission("", {}),
    "object": Submission(
        OBJECT + "def double(values): return Values(2 * value for value in values)",
        {"data": None},
        ("data: human: Isolated, this test failed: double() gave an object",),
    ),
    "lie": Submission(
        OBJECT + "Values.__eq__ = lambda s, o: True\ndef double(values): return Values()",
        {"data": None},
        ("data: human: Isolated, this test failed: double() gave an object",),
    ),
    "wrong-object": Submission(OBJECT + "def double(values): return Values(values)", {"data": 0}),
    "wrong": Submission(
        "def box(n): return Box(n + 1)", {"attribute": 0, "measured": 0, "part": 0}
    ),
    "greedy": Submission("def score(): return 1e9", {}, ("part gave 1e+09 points of 2: 2 count",)),
    "half": Submission("def score(): return 1", {"part": 1}),
    "nan": Submission(
        "def score(): return float('nan')", {"part": None}, ("part gave nan points",)
    ),
    "dead": Submission(
        f"import os\ndef double(values):\n    print({MARK!r})\n    os._exit(1)",
        {"data": 0},
        ("data: died: ",),
    ),
    "slow": Submission(
        "def double(values):\n    while True: pass", {"data": 0}, ("data: timeout: ",)
    ),
    "flood": Submission(
        "def double(values):\n    import os\n"
        "    for fd in range(3, 20):\n        try: os.write(fd, b'x' * 1000)\n"
        "        except OSError: pass",
        {"data": 0},
        ("data: ",),
    ),
    "nothing": Submission("del double, box, score, Box", dict.fromkeys(TESTS, 0)),
}


@dataclass
class Graded:
    """The class after its grading."""

    root: Path
    report: Report
    scores: dict[tuple[str, str], tuple[float | None, bool]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of which only the first notebook is looked at."""
    return tiny_course.make(tmp_path_factory.mktemp("verdicts") / "course", source())


@pytest.fixture(scope="module")
def class_graded(made: Path, bases: Bases) -> Graded:
    for student, submission in SUBMISSIONS.items():
        answered = released(made)
        by_name(answered)["answer"].source = f"{SOLUTION}\n{submission.text}"
        hand_in(made, student, {"sums.ipynb": answered})
    options = {"notebook": "sums", "timeout": 3, "sandbox": probe().enough}
    report = graded(made, bases, **options)
    scores = {(who, cell): tuple(more) for who, name, cell, *more in grades(made) if name == "sums"}
    return Graded(made, report, scores)  # type: ignore[arg-type]


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_the_gradebook(class_graded: Graded, student: str) -> None:
    """What a human must decide has no points and needs manual grading; a verdict has neither."""
    whole = {name: float(points) for name, (_, points) in TESTS.items()}
    expected = whole | SUBMISSIONS[student].points
    found = {name: class_graded.scores[student, name] for name in TESTS}
    assert found == {name: (points, points is None) for name, points in expected.items()}


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_what_a_human_is_told(class_graded: Graded, student: str) -> None:
    """Each oddity with its cell, in our words and none of the student's."""
    found = row(class_graded.report, student)
    expected = SUBMISSIONS[student].told
    assert len(found.human) == len(expected), found.human
    for sentence, part in zip(found.human, expected, strict=True):
        assert part in sentence and MARK not in sentence
    assert found.status == "graded"


def test_what_is_told_once(class_graded: Graded) -> None:
    """Which points are the student's word is told of the assignment, not of each student."""
    assert class_graded.report.in_process == {"sums": ["measured", "part"]}
    assert class_graded.report.warnings == []
    assert "measured, part" in to_text(class_graded.report)


def test_the_autograded_notebook(class_graded: Graded) -> None:
    """It has the outputs of the runs that count; a disputed test those of its isolated run."""
    path = autograded(class_graded.root, "object") / "sums.ipynb"
    cells = by_name(nbformat.read(path, as_version=4))
    assert [one.ename for one in cells["data"].outputs] == ["NotData"]
    assert cells["part"].outputs[0].data["text/plain"] == "2.0"
    nbformat.validate(nbformat.read(path, as_version=4))


def test_a_human_decides(class_graded: Graded, bases: Bases, tmp_path: Path) -> None:
    """What a human has entered stays when the submission is graded again."""
    root = tmp_path / "course"
    shutil.copytree(class_graded.root, root)
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as opened:
        grade = opened.find_grade("data", "sums", ASSIGNMENT, "object")
        grade.manual_score = 0.5
        opened.db.commit()
    options = {"notebook": "sums", "timeout": 3, "sandbox": probe().enough}
    graded(root, bases, force=True, students=("object",), **options)
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as opened:
        assert opened.find_grade("data", "sums", ASSIGNMENT, "object").score == 0.5


def ways(decisions: list[NotebookDecision]) -> dict[str, str]:
    """The way of each test."""
    return {test.name: test.way for one in decisions for test in one.tests}


def test_a_reference_elsewhere(made: Path, bases: Bases, tmp_path: Path) -> None:
    """Where the source has no solution, solved notebooks in a folder choose the ways."""
    root = tmp_path / "course"
    shutil.copytree(made, root)
    nbformat.write(source("def double(values): return values"), tiny_course.source_path(root))
    solved = released(root)
    by_name(solved)["answer"].source = SOLUTION
    (tmp_path / "solved").mkdir()
    nbformat.write(solved, tmp_path / "solved" / "sums.ipynb")
    here = course.load(root)

    def check(reference: Path | None) -> dict[str, str]:
        options = grading.Options(notebook="sums", reference=reference, sandbox=probe().enough)
        return ways(grading.check(here, ASSIGNMENT, options, bases))

    assert set(check(None).values()) == {"in process"}
    assert check(tmp_path / "solved") == {
        "data": "isolated",
        "attribute": "isolated",
        "measured": "in process",
        "part": "in process",
    }
