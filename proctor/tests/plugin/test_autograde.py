"""`nbgrader autograde` grades as `proctor grade` does."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_course
from conftest import CONFIGURED, Run
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.apps.nbgraderapp import NbGraderApp
from tiny_course import ASSIGNMENT, SUMS, WORDS

from proctor import sandbox
from proctor.sandbox import probe

AUTOGRADE = ("nbgrader", "autograde", ASSIGNMENT)
WITHOUT_SANDBOX = () if probe().enough else ("--no-sandbox",)
PATCHED = (
    "get_ipython().run_cell = lambda *a, **k: None\n"
    "class Any:\n    __eq__ = lambda self, other: True\n"
    "def double(x):\n    return Any()"
)
ANSWERS = {"ada": tiny_course.ANSWER, "bob": "def double(x):\n    return 4", "eve": PATCHED}
Contents = dict[str, object]


def hand_in_class(root: Path) -> None:
    """Hand in a right, a wrong, a hostile and an unreadable submission."""
    word = tiny_course.answered(root, "word = 'yes'", WORDS, "word")
    for student, text in ANSWERS.items():
        sums = tiny_course.answered(root, text)
        tiny_course.hand_in(root, student, {f"{SUMS}.ipynb": sums, f"{WORDS}.ipynb": word})
    tiny_course.hand_in(root, "cyd", {f"{SUMS}.ipynb": "{", f"{WORDS}.ipynb": word})


def gradebook(root: Path) -> Contents:
    """All automatic points, {(student, notebook, cell): points}."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as book:
        return {
            f"{submission.student_id} {notebook.name} {grade.name}": grade.auto_score
            for submission in book.assignment_submissions(ASSIGNMENT)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def autograded(root: Path) -> Contents:
    """All files that were autograded, {path: content}."""
    folder = root / "autograded"
    paths = sorted(folder.rglob("*"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths if path.is_file()}


def test_a_class(root: Path, run: Run, tmp_path: Path) -> None:
    """Points, files and reasons are those of `proctor grade`; the status tells that one failed."""
    hand_in_class(root)
    other = shutil.copytree(root, tmp_path / "other")
    tiny_course.configure(root, *CONFIGURED)
    status, printed = run(root, *AUTOGRADE)
    run(other, "proctor", "grade", ASSIGNMENT, *WITHOUT_SANDBOX)
    assert (1, gradebook(other), autograded(other)) == (status, gradebook(root), autograded(root))
    assert len(gradebook(root)) == 4 * 5
    assert "sums.ipynb cannot be graded: It is not JSON" in printed
    assert "Traceback" not in printed


def test_what_was_graded_before(root: Path, run: Run) -> None:
    """Who was graded is graded again with --force only; --student and --notebook choose."""
    hand_in_class(root)
    tiny_course.configure(root, *CONFIGURED)
    chosen = ("--student=[ab]*", f"--notebook={SUMS}")
    assert run(root, *AUTOGRADE, *chosen)[0] == 0
    assert {"ada", "bob"} == {name.split("/")[0] for name in autograded(root)}
    assert not any(name.endswith(f"{WORDS}.ipynb") for name in autograded(root))
    before = (root / "autograded" / "ada").stat().st_ino
    status, printed = run(root, *AUTOGRADE, *chosen)
    assert (0, before) == (status, (root / "autograded" / "ada").stat().st_ino)
    assert "2 had been graded before" in printed
    assert "2 graded" in run(root, *AUTOGRADE, *chosen, "--force")[1]


def link_to_the_source(folder: Path) -> None:
    """A link to the solution, which nbgrader would follow."""
    (folder / "solution.txt").symlink_to(folder.parents[2] / "source" / ASSIGNMENT / "sums.ipynb")


TRAPS: dict[str, Callable[[Path], None]] = {
    "link": link_to_the_source,
    "pipe": lambda folder: os.mkfifo(folder / "data.txt"),
    "piped-timestamp": lambda folder: os.mkfifo(folder / "timestamp.txt"),
    "odd-timestamp": lambda folder: (folder / "timestamp.txt").write_text("soon") and None,
}


def test_traps_for_nbgrader(root: Path, run: Run) -> None:
    """What nbgrader would follow, wait for or stumble over in a submission is none for proctor."""
    for student, trap in TRAPS.items():
        notebook = tiny_course.answered(root)
        folder = tiny_course.hand_in(root, student, {f"{SUMS}.ipynb": notebook}, timestamp=None)
        (root / "autograded" / student / ASSIGNMENT).mkdir(parents=True)
        trap(folder)
    tiny_course.configure(root, *CONFIGURED)
    assert run(root, *AUTOGRADE, "--force")[0] == 0
    points = gradebook(root)
    assert {points[f"{student} sums test-double"] for student in TRAPS} == {2.0}
    assert not any(name.endswith(("solution.txt", "data.txt")) for name in autograded(root))


@pytest.fixture
def api(root: Path) -> NbGraderAPI:
    """What the formgrader calls, in a course that proctor autogrades."""
    hand_in_class(root)
    tiny_course.configure(root, "import proctor.nbgrader_plugin")
    tiny_course.configure(root, "proctor.nbgrader_plugin.configure(c)")
    app = NbGraderApp()
    app.load_config_file()
    app.config.CourseDirectory.root = str(root)
    return NbGraderAPI(config=app.config)


def test_a_machine_that_cannot_confine(
    root: Path, api: NbGraderAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is graded there, and the sentence says what is missing."""
    without = sandbox.Protection()
    monkeypatch.setattr(sandbox, "probe", lambda: without)
    done = api.autograde(ASSIGNMENT, "ada")
    assert (done["success"], autograded(root)) == (False, {})
    assert sandbox.refusal(without) in " ".join(done["log"].split())
