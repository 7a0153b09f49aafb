"""Which submissions a grading run takes, and what becomes of each."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
import tiny_course
from gradings import autograded, class_of, graded, grades, right, row
from in_process_pools import InProcessPools
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from tiny_course import ANSWER, ASSIGNMENT, WORDS, answered, by_name, hand_in, released

from proctor import assignment_grading, course, grading
from proctor.preparation import assignment
from proctor.preparation.store import place_of
from proctor.publish import staging
from proctor.publish.staging import PublishError, StagingFolder

Pools = type[InProcessPools]


def test_a_right_submission(root: Path, pools: Pools) -> None:
    """It has its points, and a folder with notebooks, the course's files and the student's own."""
    hand_in(root, "ada", right(root) | {"own.txt": "mine", "data.csv": "forged"})
    report = graded(root)
    found = row(report)
    assert (report.status, found.status, found.score, found.max_score) == (0, "graded", 4.5, 15.0)
    assert (found.needs_manual_grade, found.human) == (True, [])
    names = ["data.csv", "own.txt", "sums.ipynb", "timestamp.txt", "tools", "words.ipynb"]
    assert sorted(os.listdir(autograded(root))) == names
    assert (autograded(root) / "data.csv").read_text() == "1,2\n"
    assert os.listdir(root / "autograded") == ["ada"]


def test_what_the_pools_get(root: Path, pools: Pools) -> None:
    """Beside the notebooks lie the instructor's files only; the course's time limit counts."""
    tiny_course.configure(root, "c.ExecutePreprocessor.timeout = 11")
    hand_in(root, "ada", right(root) | {"own.txt": "mine"})
    graded(root)
    graded(root, force=True, timeout=5, sandbox=False)
    support = ["data.csv", "tools"]
    assert pools.opened == [
        {"support": support, "timeout": 11.0, "sandbox": True},
        {"support": support, "timeout": 5, "sandbox": False},
    ]


def test_a_second_run(root: Path, pools: Pools) -> None:
    """What was graded stays as it is, and nothing is started."""
    hand_in(root, "ada", right(root))
    graded(root)
    report = graded(root)
    assert (report.already, report.rows, len(pools.opened)) == (1, [], 1)


@pytest.mark.parametrize(
    ("timestamp", "again"),
    [
        ("2026-01-03 10:00:00 UTC", True),
        ("2026-01-01 10:00:00 UTC", False),
        ("2026-01-02 10:00:00 UTC", False),
        ("no date", True),
        (None, False),
    ],
)
def test_handed_in_again(root: Path, pools: Pools, timestamp: str | None, again: bool) -> None:
    """A newer timestamp is graded again, as by nbgrader's rule; an unreadable one if it is another."""
    folder = hand_in(root, "ada", right(root))
    graded(root)
    (folder / "timestamp.txt").unlink()
    hand_in(root, "ada", {}, timestamp)
    assert bool(graded(root).rows) == again


OTHER = "def double(x):\n    return 2 * x"


@pytest.mark.parametrize("timestamp", [None, "2026-01-02 10:00:00 UTC"])
@pytest.mark.parametrize(
    ("file", "text", "again"),
    [
        pytest.param("sums.ipynb", "another answer", True, id="another answer"),
        pytest.param("sums.ipynb", "the same", False, id="the same, written anew"),
        pytest.param("sums.ipynb", "{", True, id="a broken notebook"),
        pytest.param("own.txt", "yours", True, id="another file"),
        pytest.param("own.txt", "mine", False, id="the same file, written anew"),
        pytest.param("new.py", "x = 1", True, id="a new file"),
        pytest.param("data.csv", "forged again", False, id="a file that is the instructor's"),
        pytest.param("sums (1).ipynb", "the same", False, id="a copy beside it"),
        pytest.param(".DS_Store", "x", False, id="what a file manager leaves"),
    ],
)
def test_handed_in_again_without_a_newer_timestamp(
    root: Path, pools: Pools, timestamp: str | None, file: str, text: str, again: bool
) -> None:
    """What lies there is compared with what was graded, as it comes from a learning platform."""
    notebooks = {"another answer": answered(root, OTHER), "the same": answered(root)}
    own: dict[str, Any] = {"own.txt": "mine", "data.csv": "forged"}
    hand_in(root, "ada", right(root) | own, timestamp)
    graded(root)
    assert graded(root).rows == []
    hand_in(root, "ada", {file: notebooks.get(text, text)}, timestamp)
    assert bool(graded(root).rows) == again


def test_what_came_again_is_graded_once(root: Path, pools: Pools) -> None:
    """After it was graded again it is compared with that, and a file older than it is not opened."""
    hand_in(root, "ada", right(root), None)
    graded(root)
    hand_in(root, "ada", {"sums.ipynb": answered(root, OTHER)}, None)
    assert len(graded(root).rows) == 1
    assert graded(root).rows == []
    shutil.copytree(root, root.parent / "copied")
    assert graded(root.parent / "copied").rows == []


def test_who_is_missing_is_told_of_the_whole_class(root: Path, pools: Pools) -> None:
    """What came in is compared with the class list, unless only some students are asked for."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as book:
        for student in ("ada", "bob"):
            book.add_student(student, last_name="L")
    for student in ("ada", "Zoe"):
        hand_in(root, student, right(root))
    (root / "submitted" / "sums.ipynb").write_text("{}")
    for _ in range(2):  # also after the grading has added Zoe to the gradebook
        report = graded(root)
        assert report.class_list is not None
        assert (list(report.class_list.missing), report.class_list.unlisted) == (["bob"], ["Zoe"])
        assert len(report.unread) == 1
        looked = grading.look(course.load(root), ASSIGNMENT)
        assert (looked.class_list, looked.unread) == (report.class_list, report.unread)
    assert graded(root, students=("ada",)).class_list is None


def test_work_beside_an_untouched_notebook(root: Path, pools: Pools) -> None:
    """A human is told of a copy that is not read if the notebook beside it is as released."""
    files: dict[str, Any] = {"sums.ipynb": released(root), "sums-Copy1.ipynb": answered(root)}
    hand_in(root, "ada", right(root) | files)
    hand_in(root, "bob", right(root) | {"sums-Copy1.ipynb": answered(root)})
    report = graded(root)
    (sentence,) = row(report, "ada").human
    assert "sums.ipynb is as released" in sentence and "sums-Copy1.ipynb" in sentence
    assert row(report, "bob").human == []


def test_an_archive_that_was_not_unpacked(root: Path, pools: Pools) -> None:
    """Where notebooks are missing and an archive lies there, it is named."""
    hand_in(root, "ada", {"work.zip": b"PK"})
    assert all("work.zip" in one and "unpack it" in one for one in row(graded(root)).human)


def test_what_looks_like_tampering(root: Path, pools: Pools) -> None:
    """What looks like tampering is told of who did it, by notebook and file, and costs no points."""
    ends = "import os\ndef never_called():\n    os._exit(0)\n"
    changed = answered(root, f"{ANSWER}\n{ends}")
    by_name(changed)["partial"].source = "4"
    files = right(root) | {"sums.ipynb": changed, "mine.py": ends}
    folder = hand_in(root, "ada", files)
    os.symlink("../../bob/ps1/sums.ipynb", folder / "bob.ipynb")
    hand_in(root, "bob", right(root))
    report = graded(root)
    assert (row(report, "ada").score, row(report, "bob").tampering) == (
        row(report, "bob").score,
        [],
    )
    starts = [one.split(", line ")[0].split(" was ")[0] for one in row(report, "ada").tampering]
    assert starts == [
        "bob.ipynb",
        "sums: The text of the locked test partial",
        "sums: double",
        "mine.py",
    ]


def test_what_cannot_be_looked_through_is_graded(root: Path, pools: Pools) -> None:
    """A text too long to be looked through for tampering is graded, and that is noted."""
    long = "\n".join(["x = 1"] * 30_000)
    notebook = answered(root)
    notebook.cells += [new_code_cell(long) for _ in range(3)]
    hand_in(root, "ada", right(root) | {"sums.ipynb": notebook})
    found = row(graded(root))
    assert found.score == 4.5
    assert "sums: Its code was not looked through for tampering (TooLong)." in found.notes


def test_force(root: Path, pools: Pools) -> None:
    """A worse answer after a better one has the worse one's points, and no file of the earlier one."""
    hand_in(root, "ada", right(root) | {"old.txt": "x"})
    graded(root)
    shutil.rmtree(root / "submitted" / "ada")
    hand_in(root, "ada", right(root) | {"sums.ipynb": released(root)})
    assert row(graded(root, force=True)).score == 1.0
    assert not (autograded(root) / "old.txt").exists()


def test_a_broken_submission(root: Path, pools: Pools) -> None:
    """It is told, has no points and no folder, is tried again the next time, and stops nobody."""
    hand_in(root, "ada", {"sums.ipynb": '{"cells": ['})
    hand_in(root, "bob", right(root))
    report = graded(root)
    assert (report.status, row(report).status, row(report, "bob").status) == (1, "failed", "graded")
    assert any("not JSON" in line for line in row(report).human)
    assert not autograded(root).exists()
    assert [one.student for one in graded(root).rows] == ["ada"]


def test_a_submission_that_breaks_later(root: Path, pools: Pools) -> None:
    """The points of an earlier submission are cleared, and its folder is gone."""
    hand_in(root, "ada", right(root))
    graded(root)
    broken: dict[str, Any] = {"sums.ipynb": "x", "words.ipynb": "x"}
    hand_in(root, "ada", broken, "2026-01-03 10:00:00 UTC")
    assert (row(graded(root)).score, autograded(root).exists()) == (0.0, False)


def test_one_of_two_notebooks_is_broken(root: Path, pools: Pools) -> None:
    """The other one is graded; the broken one waits for a human and for the next run."""
    hand_in(root, "ada", right(root) | {"sums.ipynb": "x"})
    report = graded(root)
    assert (row(report).status, row(report).score) == ("failed", 1.0)
    assert (autograded(root) / "words.ipynb").exists()
    assert [one.student for one in graded(root).rows] == ["ada"]


@pytest.mark.parametrize(
    ("handed_in", "status", "score", "human"),
    [
        pytest.param(
            ["words.ipynb"],
            "graded",
            1.0,
            ["No notebook sums.ipynb was handed in: 0 points."],
            id="one",
        ),
        pytest.param(
            [],
            "failed",
            0.0,
            [f"No notebook {name}.ipynb was handed in: 0 points." for name in ("sums", "words")],
            id="both",
        ),
    ],
)
def test_missing_notebooks(
    root: Path, pools: Pools, handed_in: list[str], status: str, score: float, human: list[str]
) -> None:
    """A missing notebook scores 0, as in stock, and is told."""
    files = {name: content for name, content in right(root).items() if name in handed_in}
    hand_in(root, "ada", files | {"essay.docx": "x"})
    found = row(graded(root))
    assert (found.status, found.score, found.human) == (status, score, human)


def test_a_submission_that_cannot_be_examined(root: Path, pools: Pools) -> None:
    """It has no points and no folder, and is told; the others are graded."""
    pools.fail = ("ada",)
    for student in ("ada", "bob"):
        hand_in(root, student, right(root))
    report = graded(root)
    assert (row(report).status, row(report, "bob").status) == ("failed", "graded")
    assert any("it fell over" in line for line in row(report).human)
    assert not autograded(root).exists()


def test_renamed_notebooks(root: Path, pools: Pools) -> None:
    """They are graded under the expected names, which is told."""
    files = right(root)
    hand_in(
        root, "ada", {"sums (1).ipynb": files["sums.ipynb"], "Words.ipynb": files["words.ipynb"]}
    )
    report = graded(root)
    assert row(report).score == 4.5
    found = sorted(path.name for path in autograded(root).glob("*.ipynb"))
    assert found == ["sums.ipynb", "words.ipynb"]
    assert sum("was taken as" in line for line in row(report).notes) == 2


def test_one_notebook_of_several(root: Path, pools: Pools) -> None:
    """A pattern of notebooks leaves the others' points and files."""
    hand_in(root, "ada", right(root))
    graded(root)
    before = (autograded(root) / "words.ipynb").read_text()
    shutil.rmtree(root / "submitted" / "ada")
    files: dict[str, Any] = {"sums.ipynb": released(root), "words.ipynb": released(root, WORDS)}
    hand_in(root, "ada", files)
    assert row(graded(root, notebook="su*", force=True)).score == 1.0
    assert (autograded(root) / "words.ipynb").read_text() == before


def test_students_by_pattern(root: Path, pools: Pools) -> None:
    """nbgrader's globs choose the students."""
    for student in ("ada", "alan", "bob"):
        hand_in(root, student, right(root))
    report = graded(root, students=("a*",))
    assert sorted(one.student for one in report.rows) == ["ada", "alan"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"students": ("x*", "y")}, r"There is no submission of x\*, y"),
        ({"notebook": "x"}, "has no notebook 'x'; it has: sums, words"),
    ],
)
def test_nothing_that_matches(
    root: Path, pools: Pools, options: dict[str, Any], words: str
) -> None:
    """A pattern that finds nothing is told with what there is."""
    hand_in(root, "ada", right(root))
    with pytest.raises(course.CourseError, match=words):
        graded(root, **options)


def test_nobody_has_handed_in(root: Path, pools: Pools) -> None:
    """An empty class is told with the place that was looked at."""
    with pytest.raises(course.CourseError, match=f"Nobody has handed in ps1: .*{ASSIGNMENT}"):
        graded(root)


def test_an_unknown_assignment(root: Path, pools: Pools) -> None:
    """The assignments that there are are named."""
    with pytest.raises(course.CourseError, match="ps1"):
        grading.grade(course.load(root), "ps2", grading.Options(), None)  # type: ignore[arg-type]


def test_a_name_that_no_id_can_be(root: Path, pools: Pools) -> None:
    """A student's folder whose name ends a line is told, and the class is graded."""
    class_of(root, 1)
    hand_in(root, "a\nb", right(root))
    report = graded(root)
    assert {one.student: one.status for one in report.rows} == {"s0": "graded", "a\nb": "failed"}
    assert "end of a line" in row(report, "a\nb").human[0]


@pytest.mark.parametrize("create", [True, False])
def test_a_student_whom_nobody_knows(root: Path, pools: Pools, create: bool) -> None:
    """A new student is entered, unless the course says that none is to be."""
    tiny_course.configure(root, f"c.Autograde.create_student = {create}")
    class_of(root, 2)
    report = graded(root)
    assert {one.status for one in report.rows} == {"graded" if create else "failed"}
    assert bool(grades(root)) == create
    if not create:
        assert "s0 is not in the gradebook" in row(report, "s0").human[0]


def test_a_full_disk(root: Path, pools: Pools, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written is told; with room again the next run grades it."""
    class_of(root, 2)

    def full(folder: Path, name: str, text: str) -> None:
        with staging._in_words():
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(assignment_grading, "write_notebook", full)
        report = graded(root)
    assert (report.status, autograded(root, "s0").exists()) == (1, False)
    assert any("The disk is full" in line for line in row(report, "s0").human)
    assert graded(root).status == 0


@pytest.mark.parametrize("error", [PublishError("no"), ValueError("no"), RecursionError()])
@pytest.mark.parametrize("step", ["assemble", "finish"])
def test_a_step_that_fails(
    root: Path, pools: Pools, monkeypatch: pytest.MonkeyPatch, step: str, error: Exception
) -> None:
    """Whatever one submission is, or a configured step does with it, the class goes on."""
    class_of(root, 2)
    real = getattr(assignment_grading, step)
    calls = []

    def failing(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 1:
            raise error
        return real(*arguments)

    monkeypatch.setattr(assignment_grading, step, failing)
    report = graded(root)
    assert sorted(one.status for one in report.rows) == ["failed", "graded"]
    failed = next(one for one in report.rows if one.status == "failed")
    assert len(failed.human) == 1 and failed.human[0]


def test_two_runs_at_once(root: Path, pools: Pools) -> None:
    """A second run of the same assignment is refused in words."""
    class_of(root, 1)
    with (
        StagingFolder(course.load(root), ASSIGNMENT),
        pytest.raises(course.CourseError, match="Another"),
    ):
        graded(root)


def test_what_changes_in_the_course(root: Path, pools: Pools) -> None:
    """The source, the release and what was handed in are read only."""
    hand_in(root, "ada", right(root))
    folders = ("submitted", "source", "release")

    def seen() -> dict[Path, int]:
        paths = (path for step in folders for path in (root / step).rglob("*"))
        return {path: path.stat().st_mtime_ns for path in paths}

    before = seen()
    graded(root)
    assert seen() == before
    made = {path.name for path in root.iterdir()} - {*folders, "nbgrader_config.py"}
    assert made == {"autograded", "gradebook.db", ".proctor"}


def test_configured_steps(root: Path, pools: Pools) -> None:
    """LimitOutput and the like work on a notebook before its points are determined, as in stock."""
    tiny_course.configure(root, "c.LimitOutput.max_lines = 3")
    answer = tiny_course.ANSWER + "\nfor number in range(9): print(number)"
    hand_in(root, "ada", right(root) | {"sums.ipynb": answered(root, answer)})
    graded(root)
    notebook = nbformat.read(autograded(root) / "sums.ipynb", as_version=4)
    output = tiny_course.by_name(notebook)["double"].outputs[0]
    assert output.text == "0\n1\n... Output truncated ..."


def test_progress(root: Path, pools: Pools) -> None:
    """It is told of how many submissions there are, then of each one that is done."""
    class_of(root, 3)
    hand_in(root, "ada", {"sums.ipynb": "x"})
    told: list[tuple[str | None, int | None]] = []
    graded(root, progress=lambda student, total=None: told.append((student, total)))
    assert told[0] == (None, 4)
    assert sorted(told[1:]) == [(name, None) for name in ("ada", "s0", "s1", "s2")]


# The preparation of a grading


def decision_file(root: Path) -> dict[str, Any]:
    """What is kept of the first notebook."""
    return json.loads(place_of(course.load(root), ASSIGNMENT, "sums").read_text())


def test_a_preparation_is_made_once(
    root: Path, pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept for the next run, and made anew when the time limit or the source is another."""
    made = []
    real = assignment.prepared
    monkeypatch.setattr(
        assignment, "prepared", lambda notebook, *more: made.append(notebook.name) or real(notebook)
    )
    hand_in(root, "ada", right(root))
    for options, expected in (
        ({}, ["sums", "words"]),
        ({}, []),
        ({"timeout": 7}, ["sums", "words"]),
        ({"timeout": 7}, []),
        ({"sandbox": False}, ["sums", "words"]),
    ):
        made.clear()
        graded(root, force=True, **options)
        assert sorted(made) == expected
    cell = nbformat.v4.new_code_cell("factor = 4", id="factor")
    tiny_course.change_source(root, 2, cell)
    made.clear()
    graded(root, force=True, sandbox=False)
    assert made == ["sums"]


def test_check(root: Path, pools: Pools) -> None:
    """A check prepares every notebook anew, needs no submission, and keeps what it found."""
    here = course.load(root)
    decisions = grading.check(here, ASSIGNMENT, grading.Options(), None)  # type: ignore[arg-type]
    assert [one.notebook for one in decisions] == ["sums", "words"]
    assert decision_file(root)["decision"]["notebook"] == "sums"
    assert not (root / "autograded").exists() or os.listdir(root / "autograded") == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file"),
        ("x", "cannot be read: It is not JSON"),
    ],
)
def test_a_reference_that_cannot_be_read(
    root: Path, pools: Pools, tmp_path: Path, content: str | None, words: str
) -> None:
    """Solved notebooks that were named must be there."""
    hand_in(root, "ada", right(root))
    if content is not None:
        (tmp_path / "sums.ipynb").write_text(content)
    with pytest.raises(course.CourseError, match=words):
        graded(root, reference=tmp_path)


@pytest.mark.parametrize(
    ("submissions", "prepared_before", "needed"),
    [(0, True, 3), (0, False, 3), (1, True, 1), (1, False, 2), (2, True, 2), (40, False, 3)],
)
def test_no_more_workers_than_work(submissions: int, prepared_before: bool, needed: int) -> None:
    """A pool has a worker for each submission, and two where a preparation runs first, up to those
    that were asked for; all, where it is not known how many there are."""
    assert assignment.needed_workers(3, submissions, prepared_before) == needed
