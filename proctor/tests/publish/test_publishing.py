"""A graded submission is entered into the gradebook and published whole, or not at all."""

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
import tiny_course
from nbformat.v4 import new_output
from nbgrader.api import Gradebook
from tiny_course import ASSIGNMENT, SUMS, WORDS

from proctor import course
from proctor.assemble.notebook import assemble
from proctor.gradebook import database
from proctor.gradebook.database import GradebookConnection
from proctor.gradebook.scores import SubmissionMarks
from proctor.publish import staging as staging_module
from proctor.publish.batch import Batch, FinishedSubmission
from proctor.publish.notebook import NotebookWriter, finish
from proctor.publish.staging import (
    PublishError,
    StagingFolder,
    SupportFiles,
    was_interrupted,
    write_notebook,
)
from proctor.report import Report, Row


@dataclass
class Grading:
    """A grading run without an examiner: what a student handed in runs in this process."""

    root: Path
    here: course.Course
    staging: StagingFolder
    batch: Batch

    @property
    def report(self) -> Report:
        return self.batch.report

    def finish(
        self, student: str, notebooks: tuple[str, ...] = (SUMS, WORDS)
    ) -> FinishedSubmission:
        """The student's submission, graded and staged."""
        support = SupportFiles(self.here, ASSIGNMENT)
        with tiny_course.submission_folder(self.root, student) as folder:
            submission = folder.read(notebooks)
            staged = self.staging.stage(folder, submission, support)
        marks = SubmissionMarks(student, self.here.timestamp(submission.timestamp))
        for name, submitted in submission.notebooks.items():
            plan = assemble(tiny_course.assignment(self.root, name), submitted)
            done = finish(self.here, ASSIGNMENT, student, name, tiny_course.run(plan))
            write_notebook(staged.folder, name, NotebookWriter().text(done.notebook))
            marks.notebooks[name] = done.marks
        return FinishedSubmission(student, staged.folder, marks, Row(student))

    def grade(self, student: str) -> None:
        """Grade the student's submission and publish it."""
        self.batch.add(self.finish(student))
        self.batch.commit()

    def published(self, student: str) -> Path:
        return self.root / "autograded" / student / ASSIGNMENT


@pytest.fixture
def grading(root: Path) -> Iterator[Grading]:
    here = course.load(root)
    with GradebookConnection(here) as gradebook, StagingFolder(here, ASSIGNMENT) as staging:
        yield Grading(root, here, staging, Batch(gradebook, staging, Report(ASSIGNMENT)))


def hand_in(root: Path, student: str, **files: str) -> None:
    notebooks = {
        "sums.ipynb": tiny_course.answered(root),
        "words.ipynb": tiny_course.answered(root, "word = 'yes'", WORDS, "word"),
    }
    tiny_course.hand_in(root, student, notebooks | files)


def points_of(root: Path, student: str) -> dict[str, float | None]:
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as gradebook:
        return {
            grade.name: grade.auto_score
            for notebook in gradebook.find_submission(ASSIGNMENT, student).notebooks
            for grade in notebook.grades
        }


def test_a_published_submission(root: Path, grading: Grading) -> None:
    """Folder, files, modes and points are as nbgrader's autograde leaves them."""
    tiny_course.hand_in(root, "ada", {"own.txt": "mine", "data.csv": "forged", "sub/x.txt": "deep"})
    hand_in(root, "ada")
    grading.grade("ada")
    assert [(row.student, row.status) for row in grading.report.rows] == [("ada", "graded")]
    folder = grading.published("ada")
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*")) == [
        "data.csv",
        "own.txt",
        "sub/x.txt",
        "sums.ipynb",
        "timestamp.txt",
        "tools/help.py",
        "words.ipynb",
    ]
    assert (folder / "data.csv").read_text() == "1,2\n"
    assert (folder / "sums.ipynb").stat().st_mode & 0o777 == 0o444
    assert points_of(root, "ada") == {
        "test-double": 2.0,
        "partial": 1.5,
        "why": 0.0,
        "draw": None,
        "test-word": 1.0,
    }
    notebook = nbformat.read(folder / "sums.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert tiny_course.by_name(notebook)["partial"].outputs[0].data["text/plain"] == "1.5"


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        pytest.param({"data.csv": "mine"}, "mine", id="the student's"),
        pytest.param({}, "1,2\n", id="the instructor's, since there is none"),
    ],
)
def test_a_file_that_students_may_change(
    root: Path, tmp_path: Path, own: dict[str, str], expected: str
) -> None:
    """Autograde.exclude_overwriting keeps a student's version of an instructor's file."""
    tiny_course.configure(root, "c.Autograde.exclude_overwriting = {'ps1': ['./data.csv']}")
    tiny_course.hand_in(root, "ada", own)
    here = course.load(root)
    support = SupportFiles(here, ASSIGNMENT)
    with (
        StagingFolder(here, ASSIGNMENT) as staging,
        tiny_course.submission_folder(root) as folder,
    ):
        staged = staging.stage(folder, folder.read([]), support)
        assert (staged.folder / "data.csv").read_text() == expected
        assert staged.own_files == [*own, "timestamp.txt"]


@pytest.mark.parametrize(
    ("permissions", "links", "shared"),
    [
        pytest.param(None, True, True, id="nobody may write"),
        pytest.param(664, True, False, id="the group may write"),
        pytest.param(None, False, False, id="a file system without links"),
    ],
)
def test_support_files_of_two_students(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    permissions: int | None,
    links: bool,
    shared: bool,
) -> None:
    """They are one file on the disk only where nobody may change it, and the same text anyway."""
    if permissions:
        tiny_course.configure(root, f"c.Autograde.permissions = {permissions!r}")
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    hand_in(root, "ada")
    hand_in(root, "bob")
    here = course.load(root)
    support = SupportFiles(here, ASSIGNMENT)
    files = []
    with StagingFolder(here, ASSIGNMENT) as staging:
        support.share(staging.new())
        for student in ("ada", "bob"):
            with tiny_course.submission_folder(root, student) as folder:
                staged = staging.stage(folder, folder.read([]), support)
                files.append(staged.folder / "data.csv")
        assert [file.read_text() for file in files] == ["1,2\n", "1,2\n"]
        assert files[0].samefile(files[1]) == shared


def no_links(*_: object) -> None:
    raise PermissionError("Operation not permitted")


def test_the_group_may_write(root: Path) -> None:
    """In a groupshared course the group may write files and folders."""
    tiny_course.configure(root, "c.CourseDirectory.groupshared = True")
    hand_in(root, "ada")
    here = course.load(root)
    with GradebookConnection(here) as gradebook, StagingFolder(here, ASSIGNMENT) as staging:
        run = Grading(root, here, staging, Batch(gradebook, staging, Report(ASSIGNMENT)))
        run.grade("ada")
    assert (run.published("ada") / "sums.ipynb").stat().st_mode & 0o777 == 0o664
    assert run.published("ada").stat().st_mode & 0o2770 == 0o2770


def test_earlier_notebooks_are_kept(root: Path, grading: Grading) -> None:
    """A run that is about one notebook leaves the other's file and points."""
    hand_in(root, "ada")
    grading.grade("ada")
    before = (grading.published("ada") / "words.ipynb").read_bytes()
    submission = grading.finish("ada", (SUMS,))
    submission.marks.untouched = (WORDS,)
    grading.batch.add(submission)
    grading.batch.commit()
    assert (grading.published("ada") / "words.ipynb").read_bytes() == before
    assert points_of(root, "ada")["test-word"] == 1.0


def test_a_submission_without_a_graded_notebook(root: Path, grading: Grading) -> None:
    """It has no folder, so that the next run grades it again; nothing stale is in the gradebook."""
    hand_in(root, "ada")
    grading.grade("ada")
    submission = grading.finish("ada", ())
    submission.marks.notebooks = {SUMS: None, WORDS: None}
    grading.batch.add(submission)
    grading.batch.commit()
    assert not grading.published("ada").exists()
    assert set(points_of(root, "ada").values()) == {None}
    assert grading.report.rows[-1].status == "failed"


def test_a_locked_gradebook(root: Path, grading: Grading, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the gradebook stays locked no folder appears, and the reason is told."""
    monkeypatch.setattr(database, "ATTEMPTS", 1)
    hand_in(root, "ada")
    submission = grading.finish("ada")
    other = sqlite3.connect(root / "gradebook.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    grading.batch.gradebook._opened.engine.dispose()
    monkeypatch.setattr(database, "WAIT", 0.01)
    grading.batch.add(submission)
    grading.batch.commit()
    other.close()
    (row,) = grading.report.rows
    assert (row.status, "locked by another program" in row.human[0]) == ("failed", True)
    assert not grading.published("ada").exists()
    assert not submission.folder.exists()


def test_one_that_the_gradebook_does_not_take(root: Path, grading: Grading) -> None:
    """Of a batch only the submission that the gradebook refuses fails."""
    for student in ("ada", "bob", "eve"):
        hand_in(root, student)
        submission = grading.finish(student)
        if student == "bob":
            submission.marks.notebooks[SUMS] = object()  # type: ignore[assignment]
        grading.batch.add(submission)
    grading.batch.commit()
    assert {row.student: row.status for row in grading.report.rows} == {
        "ada": "graded",
        "bob": "failed",
        "eve": "graded",
    }
    assert [grading.published(student).exists() for student in ("ada", "bob", "eve")] == [
        True,
        False,
        True,
    ]


def test_a_full_disk(root: Path, grading: Grading, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written is told as what it is."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    hand_in(root, "ada")
    submission = grading.finish("ada")
    monkeypatch.setattr(staging_module.os, "rename", full)
    with pytest.raises(PublishError, match="not graded. The disk is full: make room"):
        grading.staging.publish(submission.folder, "ada")


def test_two_runs_at_once(root: Path, grading: Grading) -> None:
    """A second run of the same assignment is refused in words, one of another is not."""
    with (
        pytest.raises(course.CourseError, match="Another `proctor grade ps1` is at work"),
        StagingFolder(grading.here, ASSIGNMENT),
    ):
        pass
    with StagingFolder(grading.here, "ps2"):
        assert was_interrupted(grading.here, "ps2")


def test_what_a_killed_run_left(root: Path) -> None:
    """Its staging folder is removed by the next run, in whatever state it is."""
    here = course.load(root)
    left = root / "autograded" / ".proctor-ps1" / "1" / "closed"
    left.mkdir(parents=True)
    (left / "sums.ipynb").write_text("half")
    left.chmod(0o500)
    assert was_interrupted(here, ASSIGNMENT)
    with StagingFolder(here, ASSIGNMENT) as staging:
        assert os.listdir(staging.path) == []
    assert not was_interrupted(here, ASSIGNMENT)


def test_configured_steps_after_execute(root: Path) -> None:
    """LimitOutput and the like work on a notebook before its points are determined, as in stock."""
    tiny_course.configure(root, "c.LimitOutput.max_lines = 3")
    here = course.load(root)
    answer = tiny_course.ANSWER + "\nfor number in range(9): print(number)"
    submitted = tiny_course.submitted(tiny_course.answered(root, answer))
    ran = tiny_course.run(assemble(tiny_course.assignment(root), submitted))
    done = finish(here, ASSIGNMENT, "ada", SUMS, ran, {"partial": "Look."})
    output = tiny_course.by_name(done.notebook)["double"].outputs[0]
    assert output.text == "0\n1\n... Output truncated ..."
    assert done.marks.points == {"test-double": 2.0, "partial": None, "why": 0}
    assert done.marks.problems == ["Look."]


@pytest.mark.parametrize(
    ("lines", "step", "own"),
    [
        pytest.param(9, "nbgrader.preprocessors.LimitOutput", False, id="the usual steps"),
        pytest.param(9, "nbconvert.preprocessors.ClearOutputPreprocessor", True, id="another step"),
        pytest.param(3, "nbgrader.preprocessors.LimitOutput", False, id="usual, and it cuts"),
    ],
)
def test_outputs_that_a_class_shares(root: Path, lines: int, step: str, own: bool) -> None:
    """What another step than the usual ones may change is copied; the usual ones change it once."""
    steps = ["nbgrader.preprocessors.Execute", step, "nbgrader.preprocessors.SaveAutoGrades"]
    tiny_course.configure(root, f"c.Autograde.autograde_preprocessors = {steps}")
    tiny_course.configure(root, f"c.LimitOutput.max_lines = {lines}")
    here = course.load(root)
    shared = [new_output("stream", text="a\nb\nc\nd")]
    texts = []
    for student in ("ada", "bob"):
        notebook = tiny_course.run(assemble(tiny_course.assignment(root), None))
        code = next(cell for cell in notebook.cells if cell.cell_type == "code")
        code.outputs = shared
        done = finish(here, ASSIGNMENT, student, SUMS, notebook)
        assert (done.notebook is not notebook) == own
        texts.append(NotebookWriter().text(done.notebook))
    assert texts[0] == texts[1]
    assert (shared[0].text == "a\nb\nc\nd") == (lines > 3)


def test_a_course_that_saves_no_grades(root: Path) -> None:
    """Without SaveAutoGrades among the course's steps there are no marks."""
    tiny_course.configure(
        root, "c.Autograde.autograde_preprocessors = ['nbgrader.preprocessors.Execute']"
    )
    plan = assemble(tiny_course.assignment(root), None)
    done = finish(course.load(root), ASSIGNMENT, "ada", SUMS, tiny_course.run(plan))
    assert done.marks.points == {}
