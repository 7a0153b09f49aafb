"""Owns tests of a round: what is due, what becomes of each submission, and that stopping at any moment loses nothing."""

import os
import shutil
import sqlite3

import lab
import nbformat
import pytest
from nbgrader.api import Gradebook

from proctor import batch, course, grade, write


@pytest.fixture
def examiners(monkeypatch):
    """The examiner that needs no processes."""
    monkeypatch.setattr(lab.Examiners, "asked", [])
    monkeypatch.setattr(lab.Examiners, "stop_after", None)
    monkeypatch.setattr(lab.Examiners, "fail", ())
    return lab.Examiners


def graded(root, **more):
    return grade.grade(course.load(root), lab.ASSIGNMENT, examiners=lab.Examiners, **more)


def right(root):
    return {
        "sums.ipynb": lab.answered(root),
        "words.ipynb": lab.answered(root, "word = 'yes'", lab.WORDS, "word"),
    }


def row(report, student="ada"):
    return next(one for one in report.rows if one.student == student)


def autograded(root, student="ada"):
    return root / "autograded" / student / lab.ASSIGNMENT


def gradebook(root):
    """Every automatic score and comment of the class, without ids."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as opened:
        return sorted(
            [
                (
                    one.student_id,
                    notebook.name,
                    grade.name,
                    grade.auto_score,
                    grade.needs_manual_grade,
                )
                for one in opened.assignment_submissions(lab.ASSIGNMENT)
                for notebook in one.notebooks
                for grade in notebook.grades
            ],
            key=str,
        )


def whole(root):
    """Every file below autograded/, with its text."""
    return {
        str(path.relative_to(root)): path.read_text()
        for path in sorted((root / "autograded").rglob("*"))
        if path.is_file()
    }


def test_a_right_submission(root, examiners):
    """Points, folder, files and modes are as nbgrader's autograde leaves them."""
    lab.hand_in(
        root, "ada", right(root) | {"own.txt": "mine", "data.csv": "forged", "sub/x.txt": "deep"}
    )
    report = graded(root)
    found = row(report)
    assert (0, "graded", 4.5, 15.0, True, []) == (
        report.status,
        found.status,
        found.score,
        found.max_score,
        found.needs_manual_grade,
        found.human,
    )
    place = autograded(root)
    assert [
        "data.csv",
        "own.txt",
        "sub",
        "sums.ipynb",
        "timestamp.txt",
        "tools",
        "words.ipynb",
    ] == sorted(os.listdir(place))
    assert ("1,2\n", 0o444) == (
        (place / "data.csv").read_text(),
        (place / "sums.ipynb").stat().st_mode & 0o777,
    )
    assert ["ada"] == os.listdir(root / "autograded")
    notebook = nbformat.read(place / "sums.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert "1.5" == lab.by_name(notebook)["partial"].outputs[0].data["text/plain"]


def test_the_candidate_sees_the_instructors_files_only(root, examiners):
    """What the pools get beside the notebooks holds no notebook and no student's file; the course's time counts."""
    lab.configure(root, "c.ExecutePreprocessor.timeout = 11")
    lab.hand_in(root, "ada", right(root) | {"own.txt": "mine"})
    graded(root)
    assert [{"support": ["data.csv", "tools"], "timeout": 11.0, "sandbox": True}] == examiners.asked


def test_a_students_file_that_the_course_lets_them_change(root, examiners):
    """Autograde.exclude_overwriting keeps a student's version; if there is none, the instructor's is there."""
    lab.configure(root, "c.Autograde.exclude_overwriting = {'ps1': ['data.csv', 'tools/help.py']}")
    lab.hand_in(root, "ada", right(root) | {"data.csv": "mine"})
    graded(root)
    assert ("mine", "HELP = 1\n") == (
        (autograded(root) / "data.csv").read_text(),
        (autograded(root) / "tools" / "help.py").read_text(),
    )


def test_a_second_round_has_nothing_to_do(root, examiners):
    """What was graded stays as it is, without starting anything."""
    lab.hand_in(root, "ada", right(root))
    graded(root)
    report = graded(root)
    assert (1, [], 1) == (report.already, report.rows, len(examiners.asked))


@pytest.mark.parametrize(
    "timestamp, again",
    [
        ("2026-01-03 10:00:00 UTC", True),
        ("2026-01-01 10:00:00 UTC", False),
        ("2026-01-02 10:00:00 UTC", False),
        ("no date", True),
        (None, False),
    ],
)
def test_handed_in_again(root, examiners, timestamp, again):
    """A newer timestamp is graded again, as by nbgrader's rule; one that cannot be read if it is another."""
    lab.hand_in(root, "ada", right(root))
    graded(root)
    (root / "submitted" / "ada" / lab.ASSIGNMENT / "timestamp.txt").unlink()
    lab.hand_in(root, "ada", {}, timestamp)
    assert again == bool(graded(root).rows)


def test_force_grades_again_and_leaves_nothing_stale(root, examiners):
    """A worse answer after a better one has the worse one's points, and the earlier folder's files are gone."""
    lab.hand_in(root, "ada", right(root) | {"old.txt": "x"})
    graded(root)
    shutil.rmtree(root / "submitted" / "ada")
    lab.hand_in(root, "ada", right(root) | {"sums.ipynb": lab.released(root)})
    found = row(graded(root, force=True))
    assert (1.0, False) == (found.score, (autograded(root) / "old.txt").exists())


def test_a_broken_submission_does_not_stop_the_class(root, examiners):
    """Broken JSON is that student's case: told, without points, and tried again in the next round."""
    lab.hand_in(root, "ada", {"sums.ipynb": '{"cells": ['})
    lab.hand_in(root, "bob", right(root))
    report = graded(root)
    assert (1, "failed", "graded") == (report.status, row(report).status, row(report, "bob").status)
    assert any("not JSON" in line for line in row(report).human)
    assert not autograded(root).exists()
    assert ["ada"] == [one.student for one in graded(root).rows]


def test_a_submission_that_breaks_after_it_was_graded(root, examiners):
    """The points of the earlier submission are cleared, its folder is gone."""
    lab.hand_in(root, "ada", right(root))
    graded(root)
    lab.hand_in(root, "ada", {"sums.ipynb": "x", "words.ipynb": "x"}, "2026-01-03 10:00:00 UTC")
    assert (0.0, False) == (row(graded(root)).score, autograded(root).exists())


def test_one_of_two_notebooks_is_broken(root, examiners):
    """The other one is graded; the broken one waits for a human and for the next round."""
    lab.hand_in(root, "ada", right(root) | {"sums.ipynb": "x"})
    report = graded(root)
    assert ("failed", 1.0) == (row(report).status, row(report).score)
    assert (autograded(root) / "words.ipynb").exists()
    assert ["ada"] == [one.student for one in graded(root).rows]


def test_a_missing_notebook_scores_zero(root, examiners):
    """As in stock; it is told, and does not make the round fail."""
    lab.hand_in(root, "ada", {"words.ipynb": right(root)["words.ipynb"]})
    report = graded(root)
    assert (0, 1.0) == (report.status, row(report).score)
    assert ["No notebook sums.ipynb was handed in: 0 points."] == row(report).human


def test_a_folder_without_any_notebook(root, examiners):
    """It is told, and has 0 points, as nbgrader gives."""
    lab.hand_in(root, "ada", {"essay.docx": "x"})
    report = graded(root)
    assert (1, "failed", [0.0] * 5) == (
        report.status,
        row(report).status,
        [entry[3] for entry in gradebook(root)],
    )


def test_the_examiner_fails(root, examiners):
    """A submission that could not be examined has no points and no folder, and is told."""
    examiners.fail = ("ada",)
    for student in ("ada", "bob"):
        lab.hand_in(root, student, right(root))
    report = graded(root)
    assert ("failed", "graded", False) == (
        row(report).status,
        row(report, "bob").status,
        autograded(root).exists(),
    )
    assert any("it fell over" in line for line in row(report).human)


def test_a_renamed_notebook(root, examiners):
    """It is graded under the expected name, and the renaming is told."""
    lab.hand_in(
        root,
        "ada",
        {"sums (1).ipynb": lab.answered(root), "Words.ipynb": right(root)["words.ipynb"]},
    )
    report = graded(root)
    assert 4.5 == row(report).score
    assert sorted(name for name in os.listdir(autograded(root)) if name.endswith(".ipynb")) == [
        "sums.ipynb",
        "words.ipynb",
    ]
    assert 2 == sum("was taken as" in line for line in row(report).notes)


def test_one_notebook_of_several(root, examiners):
    """--notebook grades the one and leaves the other's points and file."""
    lab.hand_in(root, "ada", right(root))
    graded(root)
    before = (autograded(root) / "words.ipynb").read_text()
    shutil.rmtree(root / "submitted" / "ada")
    lab.hand_in(
        root,
        "ada",
        {"sums.ipynb": lab.released(root), "words.ipynb": lab.released(root, lab.WORDS)},
    )
    found = row(graded(root, notebook="su*", force=True))
    assert (1.0, before) == (found.score, (autograded(root) / "words.ipynb").read_text())


def test_students_by_pattern(root, examiners):
    """--student takes nbgrader's globs."""
    for student in ("ada", "alan", "bob"):
        lab.hand_in(root, student, right(root))
    assert ["ada", "alan"] == sorted(one.student for one in graded(root, students=("a*",)).rows)


@pytest.mark.parametrize(
    "more, words", [({"students": ("x*",)}, "no submission"), ({"notebook": "x"}, "sums, words")]
)
def test_nothing_that_matches(root, examiners, more, words):
    """A pattern that finds nothing is told with what there is."""
    lab.hand_in(root, "ada", right(root))
    with pytest.raises(course.CourseError, match=words):
        graded(root, **more)


def test_an_unknown_assignment(root, examiners):
    """The assignments that there are are named."""
    with pytest.raises(course.CourseError, match="ps1"):
        grade.grade(course.load(root), "ps2", examiners=examiners)


def test_nobody_has_handed_in(root, examiners):
    """An empty class is told."""
    with pytest.raises(course.CourseError, match="Nobody"):
        graded(root)


def class_of(root, count=6):
    for number in range(count):
        lab.hand_in(root, f"s{number}", right(root))


def test_ctrl_c_and_again(root, examiners, tmp_path):
    """What was finished before Ctrl-C is kept; the next round grades the rest; the end is as if nothing had happened."""
    class_of(root)
    shutil.copytree(root, tmp_path / "calm")
    graded(tmp_path / "calm")
    examiners.stop_after = 3
    first = graded(root)
    assert (True, 1) == (first.interrupted, first.status)
    examiners.stop_after = None
    second = graded(root)
    assert 6 == len(first.rows) + len(second.rows)
    assert (gradebook(tmp_path / "calm"), whole(tmp_path / "calm")) == (
        gradebook(root),
        whole(root),
    )


class Killed(BaseException):
    """Stands for kill -9: nothing of this process runs after it, as far as the course can see."""


STEPS = ["put_aside", "settle", "save", "publish"]


@pytest.mark.parametrize("moment", range(1, 4))
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_moment_of_a_commit(
    root, examiners, monkeypatch, tmp_path, step, moment, after
):
    """Killed before or after any step of the commit, and started again: everything ends as if it had never stopped."""
    class_of(root, 3)
    shutil.copytree(root, tmp_path / "calm")
    graded(tmp_path / "calm", force=True)
    graded(root)
    shutil.rmtree(root / "submitted" / "s1")
    lab.hand_in(
        root, "s1", right(root) | {"sums.ipynb": lab.released(root)}, "2026-01-05 10:00:00 UTC"
    )
    shutil.copytree(
        root / "submitted" / "s1", tmp_path / "calm" / "submitted" / "s1", dirs_exist_ok=True
    )
    graded(tmp_path / "calm")
    monkeypatch.setattr(batch, "SIZE", 2)
    with monkeypatch.context() as patch:
        patch.setattr(
            write.Staging, "__exit__", lambda self, *_: os.close(self.handle)
        )  # a killed process tidies nothing
        kill(patch, step, moment, after)
        try:
            graded(root, force=True)
        except Killed:
            pass
    graded(root)
    assert (gradebook(tmp_path / "calm"), whole(tmp_path / "calm")) == (
        gradebook(root),
        whole(root),
    )
    assert [] == list((root / "autograded").glob(".*"))


def kill(patch, step, moment, after):
    """Make the process end at the given call of a step, before or after it."""
    from proctor.book import Book

    owner = Book if step == "save" else write.Staging
    real, calls = getattr(owner, step), []

    def dying(self, *arguments):
        calls.append(step)
        dead = len(calls) > moment or (len(calls) == moment and not after)
        if dead:
            raise Killed
        result = real(self, *arguments)
        if len(calls) == moment:
            raise Killed
        return result

    patch.setattr(owner, step, dying)


def test_the_disk_is_full(root, examiners, monkeypatch):
    """A submission that cannot be written is told; with room again the next round grades it."""
    class_of(root, 2)
    real = write.notebook

    def full(folder, name, node):
        with write.explained():
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, "notebook", full)
    report = graded(root)
    assert (1, False) == (report.status, (root / "autograded" / "s0").exists())
    assert any("The disk is full" in line for line in row(report, "s0").human)
    monkeypatch.setattr(write, "notebook", real)
    assert 0 == graded(root).status


def test_a_locked_gradebook_fails_the_batch_only(root, examiners, monkeypatch):
    """If the gradebook stays locked, no folder appears; later everything is graded."""
    from proctor import book

    monkeypatch.setattr(book, "ATTEMPTS", 1)
    monkeypatch.setattr(book, "WAIT", 0.01)
    class_of(root, 2)
    other = sqlite3.connect(root / "gradebook.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert 1 == graded(root).status
    assert not (root / "autograded" / "s0").exists()
    other.close()
    assert 0 == graded(root).status


def test_two_rounds_at_once(root, examiners):
    """A second round of the same assignment is refused in words."""
    class_of(root, 1)
    here = course.load(root)
    with write.Staging(here, lab.ASSIGNMENT):
        with pytest.raises(course.CourseError, match="Another"):
            graded(root)


def test_a_student_whom_the_gradebook_does_not_take(root, examiners):
    """One id that the database refuses fails alone; the rest of its batch is entered."""
    class_of(root, 2)
    monkey = "x" * 20
    lab.hand_in(root, monkey, right(root))
    from proctor import scores

    real = scores.enter
    try:
        scores.enter = lambda gradebook, here, assignment, one: (
            1 / 0 if one.student == monkey else real(gradebook, here, assignment, one)
        )
        report = graded(root)
    finally:
        scores.enter = real
    assert {"s0": "graded", "s1": "graded", monkey: "failed"} == {
        one.student: one.status for one in report.rows
    }


def test_a_name_that_no_id_can_be(root, examiners):
    """A student's folder whose name ends a line is told of, so that nobody is passed over in silence, and the class is graded."""
    class_of(root, 1)
    lab.hand_in(root, "a\nb", right(root))
    report = graded(root)
    assert {"s0": "graded", "a\nb": "failed"} == {one.student: one.status for one in report.rows}
    assert ["end of a line" in row.human[0] for row in report.rows if row.status == "failed"] == [
        True
    ]


def test_nothing_in_the_course_but_autograded_and_the_gradebook_changes(root, examiners):
    """submitted/, source/ and release/ are read only."""
    lab.hand_in(root, "ada", right(root))
    before = {
        path: path.stat().st_mtime_ns
        for step in ("submitted", "source", "release")
        for path in (root / step).rglob("*")
    }
    graded(root)
    assert before == {
        path: path.stat().st_mtime_ns
        for step in ("submitted", "source", "release")
        for path in (root / step).rglob("*")
    }


def test_group_shared_course(root, examiners):
    """In a groupshared course the group may write files and folders."""
    lab.configure(root, "c.CourseDirectory.groupshared = True")
    lab.hand_in(root, "ada", right(root))
    graded(root)
    assert (0o664, 0o2770) == (
        (autograded(root) / "sums.ipynb").stat().st_mode & 0o777,
        autograded(root).stat().st_mode & 0o2770,
    )


def test_configured_steps_after_execute_are_taken(root, examiners):
    """LimitOutput and IgnorePattern work on the notebook before its points are determined, as in stock."""
    lab.configure(root, "c.LimitOutput.max_lines = 3")
    lab.hand_in(
        root,
        "ada",
        right(root)
        | {
            "sums.ipynb": lab.answered(root, lab.ANSWER + "\nfor number in range(9): print(number)")
        },
    )
    graded(root)
    notebook = nbformat.read(autograded(root) / "sums.ipynb", as_version=4)
    assert "0\n1\n... Output truncated ..." == lab.by_name(notebook)["double"].outputs[0].text
