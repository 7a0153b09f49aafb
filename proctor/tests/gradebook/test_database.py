"""Entries in the gradebook are nbgrader's own, in one transaction, and a human's points stay."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import tiny_course
from nbgrader.api import Gradebook, SubmittedAssignment
from sqlalchemy.exc import OperationalError
from tiny_course import ASSIGNMENT

from proctor import course
from proctor.gradebook import database, scores
from proctor.gradebook.database import GradebookConnection, GradebookError, Total
from proctor.gradebook.scores import NotebookMarks, SubmissionMarks

MARKS = {
    "sums": NotebookMarks(
        {"test-double": 2.0, "partial": 1.5, "why": None},
        {"double": None, "why": None, "draw": None},
    ),
    "words": NotebookMarks({"test-word": 1.0}, {"word": "No response."}),
}
ADA = SubmissionMarks("ada", notebooks={**MARKS})
EVE = SubmissionMarks("eve", notebooks={**MARKS})

# {cell: (automatic points, a human's points, whether a human must look)}
Grades = dict[str, tuple[float | None, float | None, bool]]


def save(
    root: Path, *batch: SubmissionMarks, say: Callable[[str], None] = lambda text: None
) -> dict[str, list[str] | scores.NotEntered]:
    with GradebookConnection(course.load(root), say) as gradebook:
        return gradebook.save(ASSIGNMENT, list(batch))


def opened(root: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{root}/gradebook.db", "lab")


def grades_of(root: Path, student: str = "ada") -> Grades:
    with opened(root) as gradebook:
        return {
            grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
            for notebook in gradebook.find_submission(ASSIGNMENT, student).notebooks
            for grade in notebook.grades
        }


def comments_of(root: Path, student: str = "ada") -> dict[str, str | None]:
    with opened(root) as gradebook:
        return {
            comment.name: comment.auto_comment
            for notebook in gradebook.find_submission(ASSIGNMENT, student).notebooks
            for comment in notebook.comments
        }


def grade_by_hand(root: Path) -> None:
    """Give 1 point everywhere, as somebody does with formgrader."""
    with opened(root) as gradebook:
        for notebook in gradebook.find_submission(ASSIGNMENT, "ada").notebooks:
            for grade in notebook.grades:
                grade.manual_score, grade.needs_manual_grade = 1.0, False
        gradebook.db.commit()


def test_what_the_gradebook_knows(root: Path) -> None:
    """Cells, points, flags and kernel come as generate_assignment recorded them."""
    with GradebookConnection(course.load(root)) as gradebook:
        found = gradebook.assignment(ASSIGNMENT)
    assert list(found) == ["sums", "words"]
    notebook = found["sums"]
    assert set(notebook.cells) == {"setup", "double", "test-double", "partial", "why", "draw"}
    cell = notebook.cells["why"]
    assert (cell.grade, cell.solution, cell.task, cell.locked, cell.points) == (
        True,
        True,
        False,
        False,
        3.0,
    )
    assert notebook.kernelspec is not None
    assert (notebook.kernelspec["name"], notebook.max_score) == ("python3", 14.0)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("ps2", r"no assignment 'ps2' \(it has: empty, ps1\)", id="unknown"),
        pytest.param("empty", "has no notebooks", id="without notebooks"),
    ],
)
def test_an_assignment_that_was_not_generated(root: Path, name: str, reason: str) -> None:
    """An assignment that the gradebook does not have is told, with those that there are."""
    with opened(root) as gradebook:
        gradebook.add_assignment("empty")
    with (
        GradebookConnection(course.load(root)) as connection,
        pytest.raises(course.CourseError, match=reason),
    ):
        connection.assignment(name)


def test_a_first_entry(root: Path) -> None:
    """Student, scores, comments and who must look are entered as SaveAutoGrades does."""
    assert save(root, ADA) == {"ada": []}
    assert grades_of(root) == {
        "test-double": (2.0, None, False),
        "partial": (1.5, None, False),
        "why": (None, None, True),
        "draw": (None, None, True),
        "test-word": (1.0, None, False),
    }
    assert comments_of(root) == {
        "double": None,
        "why": None,
        "draw": None,
        "word": "No response.",
    }


def test_totals(root: Path) -> None:
    """The totals are formgrader's; a student without an entry has none."""
    save(root, ADA)
    with GradebookConnection(course.load(root)) as gradebook:
        assert gradebook.totals(ASSIGNMENT, ["ada", "eve"]) == {"ada": Total(4.5, 15.0, True, 0.0)}


def submission(**fields: Any) -> SubmissionMarks:
    return SubmissionMarks("ada", **fields)


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param(
            submission(notebooks={"sums": None, "words": None}),
            {
                "test-double": (None, None, True),
                "partial": (None, None, True),
                "why": (None, None, True),
                "draw": (None, None, True),
                "test-word": (None, None, True),
            },
            id="nothing stale survives a submission that could not be graded",
        ),
        pytest.param(
            submission(notebooks={"sums": MARKS["sums"]}, missing=("words",)),
            {"test-word": (0.0, None, False), "test-double": (2.0, None, False)},
            id="a notebook that was not handed in scores 0 and asks nobody",
        ),
        pytest.param(
            submission(notebooks={"sums": None}, untouched=("words",)),
            {"test-word": (1.0, None, False), "test-double": (None, None, True)},
            id="a notebook that the run is not about keeps its points",
        ),
        pytest.param(
            submission(
                notebooks={"sums": NotebookMarks({"partial": None}), "words": MARKS["words"]}
            ),
            {"partial": (None, None, True), "test-word": (1.0, None, False)},
            id="points that wait for a human",
        ),
    ],
)
def test_a_second_entry(root: Path, second: SubmissionMarks, expected: Grades) -> None:
    """A second entry replaces every automatic score of the notebooks that it is about."""
    save(root, ADA)
    save(root, second)
    assert grades_of(root).items() >= expected.items()


def test_comments_of_an_earlier_entry(root: Path) -> None:
    """A submission that could not be graded has no automatic comment of an earlier one."""
    save(root, ADA)
    save(root, submission(notebooks={"sums": None, "words": None}))
    assert set(comments_of(root).values()) == {None}


def test_a_task_after_its_notebook_had_been_missing(root: Path) -> None:
    """Zero points for a missing notebook do not stay with a task that was handed in since."""
    save(root, submission(missing=("sums", "words")))
    save(root, ADA)
    assert grades_of(root)["draw"] == (None, None, True)


def test_what_a_human_entered_stays(root: Path) -> None:
    """A manual score is still there and to be looked at, as in stock; a task's stays settled."""
    save(root, ADA)
    grade_by_hand(root)
    save(root, ADA)
    grades = grades_of(root)
    assert (grades["partial"], grades["draw"]) == ((1.5, 1.0, True), (None, 1.0, False))


@pytest.mark.parametrize(
    ("method", "penalties", "told"),
    [
        pytest.param("none", {"sums": None, "words": None}, "12.0 hours late.", id="none"),
        pytest.param(
            "zero", {"sums": 3.5, "words": 1.0}, "12.0 hours late, penalty 3.5.", id="all points"
        ),
    ],
)
def test_a_late_submission(
    root: Path, method: str, penalties: dict[str, float | None], told: str
) -> None:
    """A late submission is penalised as AssignLatePenalties and its configured plugin say."""
    tiny_course.configure(root, f"c.LateSubmissionPlugin.penalty_method = '{method}'")
    with opened(root) as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2026-01-01 00:00:00 UTC")
    moment = course.load(root).timestamp("2026-01-01 12:00:00 UTC")
    entered = save(root, submission(timestamp=moment, notebooks={**MARKS}))["ada"]
    with opened(root) as gradebook:
        found: SubmittedAssignment = gradebook.find_submission(ASSIGNMENT, "ada")
        assert {one.name: one.late_submission_penalty for one in found.notebooks} == penalties
    assert isinstance(entered, list) and entered[0] == told


def test_students_must_be_known_if_the_course_says_so(root: Path) -> None:
    """With Autograde.create_student off an unknown student is told, the others are entered."""
    tiny_course.configure(root, "c.Autograde.create_student = False")
    with opened(root) as gradebook:
        gradebook.add_student("ada")
    told = save(root, ADA, EVE)
    assert told["ada"] == []
    assert isinstance(told["eve"], scores.NotEntered)
    assert grades_of(root)["test-double"] == (2.0, None, False)


def test_all_of_a_batch_or_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If one entry of a batch fails, none of it is in the gradebook."""
    real = scores.enter

    def enter(gradebook: Gradebook, here: course.Course, name: str, marks: SubmissionMarks) -> Any:
        if marks.student == "eve":
            raise RuntimeError
        return real(gradebook, here, name, marks)

    monkeypatch.setattr(scores, "enter", enter)
    with pytest.raises(RuntimeError):
        save(root, ADA, EVE)
    with opened(root) as gradebook:
        assert gradebook.students == []


def test_a_gradebook_locked_for_a_while(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another program writes, the batch waits, says so, and is entered in the end."""
    monkeypatch.setattr(database, "WAIT", 0.05)
    other = sqlite3.connect(root / "gradebook.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    told = []

    def say(text: str) -> None:
        told.append(text)
        other.execute("COMMIT")

    save(root, ADA, say=say)
    other.close()
    assert told == [database.LOCKED]
    assert grades_of(root)["test-double"] == (2.0, None, False)


def test_a_gradebook_locked_for_ever(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some attempts the batch is given up in words."""
    monkeypatch.setattr(database, "ATTEMPTS", 2)
    monkeypatch.setattr(database, "WAIT", 0.01)
    other = sqlite3.connect(root / "gradebook.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(GradebookError, match="locked by another program"):
        save(root, ADA)
    other.close()


def test_a_gradebook_that_cannot_be_written(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waiting does not help is told at once, in words."""
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    monkeypatch.setattr(
        scores, "enter", mock.Mock(side_effect=OperationalError("INSERT", None, full))
    )
    told: list[str] = []
    with pytest.raises(GradebookError, match="cannot be written .database or disk is full"):
        save(root, ADA, say=told.append)
    assert told == []


def old_schema(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("ALTER TABLE notebook RENAME COLUMN kernelspec TO kernel")
    other.close()


def no_database(path: Path) -> None:
    path.write_text("hello" * 500)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(old_schema, "nbgrader db upgrade", id="of another nbgrader"),
        pytest.param(no_database, "cannot be read", id="no database"),
        pytest.param(Path.unlink, "run `nbgrader generate_assignment --force`", id="missing"),
    ],
)
def test_a_gradebook_that_cannot_be_used(
    root: Path, change: Callable[[Path], None], reason: str
) -> None:
    """It is told with what to do, and none is made in its place."""
    path = root / "gradebook.db"
    change(path)
    existed = path.exists()
    with (
        pytest.raises(course.CourseError, match=reason),
        GradebookConnection(course.load(root)) as gradebook,
    ):
        gradebook.assignment(ASSIGNMENT)
    assert path.exists() == existed
