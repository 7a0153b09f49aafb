"""What is known of a class after grading: each number is the gradebook's."""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean, median
from typing import Any

import pytest
import tiny_course
from gradings import graded, right
from in_process_pools import InProcessPools
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.api import Gradebook
from tiny_course import ASSIGNMENT, SUMS, WORDS

from proctor import course, record
from proctor.class_report import ClassReport, collect, collected
from proctor.class_report.forms import to_csv, to_dict, to_text
from proctor.class_report.known import Reason, Student
from proctor.export.marks import Status
from proctor.findings import KIND

Pools = type[InProcessPools]
FOUND = {
    "name": "added",
    "text": "It adds two.",
    "means": "the scale was added",
    "advice": "Show multiplication again.",
}
LONG = """def double(x):
    total = 0
    for step in range(scale):
        if step >= 0 and x is not None:
            total = total + x
        else:
            raise ValueError("this cannot be: " + str(step) + " of " + str(scale))
    return float(total)"""
ANSWERS = {
    "ada": tiny_course.ANSWER,
    "bob": "def double(x):\n    return x + 2",
    "cyd": "def double(y):\n    # plus\n    return y + 2",
    "dan": LONG,
    "eve": LONG.replace("total", "sum_of_all").replace("step", "i"),
    "fay": tiny_course.STUB,
}
NO_RECORD = "what the gradebook and the graded notebooks tell by themselves"


def report_of(root: Path) -> ClassReport:
    """What is known of the class."""
    return collect(course.load(root), ASSIGNMENT)


def student(report: ClassReport, id: str) -> Student:
    """One of the students."""
    return next(one for one in report.students if one.id == id)


@pytest.fixture
def root_of_class(root: Path, pools: Pools, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A class of nine: six answers, a broken file, somebody who handed in nothing, one not graded yet.

    Where a test fails it records that 2 was added. Bob is late, and Ada's text was graded by hand.
    """
    run = tiny_course.run

    def run_and_find(plan: Any) -> NotebookNode:
        notebook = run(plan)
        for cell in notebook.cells:
            failed = cell.cell_type == "code" and any(
                output.output_type == "error" and output.ename == "AssertionError"
                for output in cell.outputs
            )
            if failed:
                data = {KIND: [FOUND], "text/html": "<b>2 + 2</b>"}
                cell.outputs.insert(0, new_output("display_data", data=data))
        return notebook

    monkeypatch.setattr(tiny_course, "run", run_and_find)
    tiny_course.configure(
        root,
        "def penalty(self, student, score, late):\n    return 1.5",
        "from nbgrader.plugins import LateSubmissionPlugin",
        "LateSubmissionPlugin.late_submission_penalty = penalty",
    )
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2026-01-02 12:00:00 UTC")
        for id in (*ANSWERS, "gus", "hal"):
            gradebook.add_student(id, first_name=id.title(), last_name="Test")
    for id, answer in ANSWERS.items():
        handed_in = "2026-01-02 15:30:00 UTC" if id == "bob" else "2026-01-02 10:00:00 UTC"
        files = right(root) | {"sums.ipynb": tiny_course.answered(root, answer)}
        tiny_course.hand_in(root, id, files, handed_in)
    tiny_course.hand_in(root, "gus", right(root) | {"sums.ipynb": "{", "words.ipynb": "{"})
    graded(root)
    tiny_course.hand_in(root, "ida", right(root))
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as gradebook:
        for name, points in (("why", 2.5), ("draw", 5)):
            grade = gradebook.find_grade(name, SUMS, ASSIGNMENT, "ada")
            grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()
    return root


@pytest.fixture(params=["recorded", NO_RECORD])
def graded_class(request: pytest.FixtureRequest, root_of_class: Path) -> Path:
    """The class with the record of its grading, and without."""
    if request.param == NO_RECORD:
        record.path_of(course.load(root_of_class), ASSIGNMENT).unlink()
    return root_of_class


@pytest.fixture
def gradebook(graded_class: Path) -> Iterator[Gradebook]:
    """nbgrader's own object for the gradebook."""
    with Gradebook(f"sqlite:///{graded_class}/gradebook.db", "lab") as opened:
        yield opened


def test_scores_are_the_gradebooks(graded_class: Path, gradebook: Gradebook) -> None:
    """Score, penalty and the points of each cell are nbgrader's, those by hand too, and so is their
    mean; who was not graded is not in it."""
    report = report_of(graded_class)
    expected = {}
    for submission in gradebook.assignment_submissions(ASSIGNMENT):
        penalty = submission.late_submission_penalty or 0
        if submission.student_id in ANSWERS:
            expected[submission.student_id] = submission.score - penalty
            one = student(report, submission.student_id)
            assert one.penalty == penalty
            assert one.hours_late == submission.total_seconds_late / 3600
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    points = one.points[notebook.name, grade.name]
                    assert (points or 0) == grade.score
                    assert (points is None) == (grade.auto_score is grade.manual_score is None)
    assert {one.id: one.score for one in report.graded} == expected
    assert student(report, "bob").penalty == 1.5  # as much as a notebook has points: 0.5, and 1
    assert report.summary == {
        "mean": pytest.approx(fmean(expected.values())),
        "median": median(expected.values()),
        "lowest": min(expected.values()),
        "highest": max(expected.values()),
    }
    assert report.max_score == gradebook.find_assignment(ASSIGNMENT).max_score
    assert sum(count for _, count in report.distribution) == len(expected)


def test_pass_rates_are_the_gradebooks(graded_class: Path, gradebook: Gradebook) -> None:
    """How many have all, some and none of a cell's points, and how many wait, is counted by
    nbgrader's own grades."""
    report = report_of(graded_class)
    assert len(report.tests) == 5
    for test in report.tests:
        grades = [gradebook.find_grade(test.name, test.notebook, ASSIGNMENT, id) for id in ANSWERS]
        decided = [
            one for one in grades if one.auto_score is not None or one.manual_score is not None
        ]
        assert test.max_score == grades[0].max_score
        assert test.full == sum(one.score == one.max_score for one in decided)
        assert test.none == sum(one.score == 0 for one in decided)
        assert test.part == len(decided) - test.full - test.none
        assert test.waiting == len(grades) - len(decided)
        rate = test.full / len(decided) if decided else None
        assert test.pass_rate == rate
    by_name = {test.name: test for test in report.tests}
    assert (by_name["test-double"].full, by_name["test-double"].none) == (3, 3)
    assert (by_name["why"].part, by_name["why"].none) == (1, 5)
    assert (by_name["draw"].full, by_name["draw"].waiting) == (1, 5)


def test_who_needs_a_human(graded_class: Path) -> None:
    """Who handed in nothing, was not graded or waits for a decision is told, and why."""
    report = report_of(graded_class)
    reasons = {one.id: one.reasons for one in report.students}
    waits = [Reason.MANUAL]
    assert reasons == {
        "ada": [],
        **dict.fromkeys(("bob", "cyd", "dan", "eve", "fay"), waits),
        "gus": [Reason.NOT_GRADED],
        "hal": [Reason.NOT_HANDED_IN],
        "ida": [Reason.NOT_GRADED],
    }
    assert [one.status for one in report.students] == [
        Status.GRADED,
        *[Status.NEEDS_MANUAL_GRADE] * 5,
        Status.NOT_GRADED,
        Status.NOT_HANDED_IN,
        Status.NOT_GRADED,
    ]
    assert student(report, "cyd").sentences == ["sums: draw waits for a human."]
    assert student(report, "ida").sentences == ["Handed in, and not graded yet."]
    assert [one.id for one in report.late] == ["bob"]
    assert student(report, "bob").hours_late == 3.5


def test_what_was_misunderstood(graded_class: Path) -> None:
    """Names are counted by student, with what they mean, advice, and the picture of one answer; an
    error without a name is counted by its last line."""
    (found,) = report_of(graded_class).misunderstood
    assert (found.name, found.students) == ("added", ("bob", "cyd"))
    assert (found.means, found.advice) == ("the scale was added", "Show multiplication again.")
    assert found.cells == ((SUMS, "test-double"),)
    assert found.example is not None
    assert found.example.student == "bob"
    assert "<b>2 + 2</b>" in found.example.picture


def test_advice_counts_a_student_once(graded_class: Path) -> None:
    """What could be done is told with how many students it is for."""
    assert report_of(graded_class).advice == [("Show multiplication again.", 2, ["added"])]


def test_alike_answers(graded_class: Path) -> None:
    """Answers that differ in names only are a group; short ones are counted and not listed; answers
    as released, and one cell's worth of them, are none."""
    report = report_of(graded_class)
    (group,) = report.alike
    assert (group.students, group.cells, group.of) == (("dan", "eve"), ("double",), 5)
    assert not group.as_solution
    assert group.example is not None
    assert group.example.code == LONG
    assert report.short_alike == 2  # bob's and cyd's sums, everybody's words


def test_the_courses_own_solution(root_of_class: Path) -> None:
    """Of a group it is told if the course's own solution is the same."""
    source = tiny_course.sums()
    tiny_course.by_name(source)["double"].source = f"### BEGIN SOLUTION\n{LONG}\n### END SOLUTION"
    tiny_course.source_path(root_of_class).write_text(json.dumps(source))
    (group,) = report_of(root_of_class).alike
    assert group.as_solution


def test_errors_without_a_name(root: Path, pools: Pools) -> None:
    """Errors that several students share are counted by test and last line."""
    for id in ("ada", "bob"):
        tiny_course.hand_in(
            root, id, right(root) | {"sums.ipynb": tiny_course.answered(root, "1 / 0")}
        )
    graded(root)
    report = report_of(root)
    errors = {(one.cell, one.error): one.students for one in report.errors}
    assert errors["test-double", "NameError: name 'double' is not defined"] == ("ada", "bob")


def test_a_test_without_points(root: Path, pools: Pools, tmp_path: Path) -> None:
    """A test that is worth nothing has no pass rate: its points say nothing."""
    source = tiny_course.sums()
    tiny_course.by_name(source)["partial"].metadata.nbgrader.points = 0
    other = tiny_course.make(tmp_path / "other", source)
    tiny_course.hand_in(other, "ada", right(other))
    graded(other)
    report = report_of(other)
    assert [test.name for test in report.tests] == ["test-double", "why", "draw", "test-word"]
    assert report.max_score == 11


def test_attempts_are_compared(root: Path, pools: Pools) -> None:
    """Who was graded again is told with both results; one notebook graded alone leaves the other."""
    tiny_course.hand_in(root, "ada", right(root) | {"sums.ipynb": tiny_course.answered(root, "0")})
    tiny_course.hand_in(root, "bob", right(root))
    tiny_course.hand_in(root, "cyd", {"sums.ipynb": "{"})
    graded(root)
    graded(root, force=True)
    assert [(one.student, one.cells) for one in report_of(root).changes] == [
        ("ada", ()),
        ("bob", ()),
    ]
    tiny_course.hand_in(root, "ada", right(root), "2026-01-03 10:00:00 UTC")
    graded(root)
    graded(root, force=True, notebook=WORDS)
    tiny_course.hand_in(root, "ada", {"words.ipynb": tiny_course.released(root, WORDS)})
    graded(root, force=True, notebook=WORDS)
    ada, bob = report_of(root).changes
    assert (ada.before, ada.after, ada.resubmitted, ada.cells) == (4.5, 3.5, True, ("test-word",))
    assert (bob.before, bob.after, bob.resubmitted, bob.cells) == (4.5, 4.5, False, ())


def test_another_programs_grading(root: Path, pools: Pools) -> None:
    """Where a notebook was graded since by another program, what was recorded of it is not told."""
    tiny_course.hand_in(root, "ada", {"sums.ipynb": tiny_course.answered(root, LONG)})
    graded(root)
    assert student(report_of(root), "ada").sentences[0].startswith("No notebook words.ipynb")
    folder = root / "autograded" / "ada" / ASSIGNMENT
    shutil.copy(folder / "sums.ipynb", folder / "copy")
    (folder / "sums.ipynb").unlink()
    (folder / "sums.ipynb").write_text((folder / "copy").read_text() + "\n\n")
    ada = student(report_of(root), "ada")
    assert ada.sentences == ["sums: draw waits for a human."]
    assert report_of(root).recorded == 0


def test_an_interrupted_run_can_be_seen(root: Path, pools: Pools) -> None:
    """After Ctrl-C the report shows what was graded, and names the rest."""
    for id in ("ada", "bob", "cyd"):
        tiny_course.hand_in(root, id, {"sums.ipynb": tiny_course.answered(root)})
    pools.stop_after = 2
    graded(root, notebook=SUMS)
    report = report_of(root)
    assert [one.id for one in report.graded] == ["ada", "bob"]
    assert report.recorded == 2
    assert student(report, "cyd").reasons == [Reason.NOT_GRADED]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": [1]}', "\xff"])
def test_a_notebook_that_cannot_be_read(root: Path, pools: Pools, text: str) -> None:
    """A graded notebook that somebody destroyed costs what it would have shown, and no more."""
    tiny_course.hand_in(root, "ada", right(root))
    graded(root)
    file = root / "autograded" / "ada" / ASSIGNMENT / "sums.ipynb"
    file.unlink()
    file.write_bytes(text.encode("latin-1"))
    assert student(report_of(root), "ada").score == 4.5


def test_nobody_was_graded(root: Path) -> None:
    """Before any grading the report is there, and says so."""
    report = report_of(root)
    assert (report.graded, report.summary, report.misunderstood) == ([], {}, [])
    assert to_text(report) == "ps1: 0 students, 0 graded."
    assert to_dict(report)["summary"] == {}


def test_csv_and_json_hold_the_same(graded_class: Path) -> None:
    """The CSV has a line for each graded student's cells and one for each other student; its points,
    and those of the JSON, are the report's."""
    report = report_of(graded_class)
    lines = list(csv.DictReader(io.StringIO(to_csv(report).decode())))
    assert len(lines) == len(ANSWERS) * 5 + 3
    found = {(line["student_id"], line["cell"]): line["points"] for line in lines if line["cell"]}
    assert found == {
        (one.id, cell): "" if points is None else str(points)
        for one in report.graded
        for (_, cell), points in one.points.items()
    }
    (line,) = [one for one in lines if (one["student_id"], one["cell"]) == ("bob", "test-double")]
    assert (line["found"], line["found_text"]) == ("added", "It adds two.")
    assert (line["hours_late"], line["late_submission_penalty"]) == ("3.50", "1.5")
    data = json.loads(json.dumps(to_dict(report)))
    assert {one["id"]: one["score"] for one in data["students"]} == {
        one.id: one.score for one in report.students
    }
    assert data["misunderstood"][0]["share"] == pytest.approx(2 / 6)
    assert data["tests"][0] == {
        "notebook": SUMS,
        "name": "test-double",
        "max_score": 2.0,
        "all": 3,
        "some": 0,
        "none": 3,
        "waiting": 0,
        "pass_rate": 0.5,
    }


def test_tampering_is_told_first(root: Path, pools: Pools) -> None:
    """What a grading recorded as tampering is the first reason to look, apart from all else."""
    tiny_course.hand_in(root, "ada", right(root))
    graded(root)
    here = course.load(root)
    (grading,) = record.read(here, ASSIGNMENT)["ada"]
    grading.tampering = ["It ends the grader."]
    record.Record(here, ASSIGNMENT).add(grading)
    ada = student(report_of(root), "ada")
    assert ada.reasons == [Reason.TAMPERING, Reason.MANUAL]
    assert ada.tampering == ["It ends the grader."]
    assert ada.sentences == ["sums: draw waits for a human."]


def test_pictures_have_room(root_of_class: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When all pictures together are too much, further findings are told without one."""
    monkeypatch.setattr(collected, "MAX_PICTURES", 0)
    (found,) = report_of(root_of_class).misunderstood
    assert (found.students, found.example) == (("bob", "cyd"), None)


def test_events_are_told_until_a_human_has_decided(root: Path, pools: Pools) -> None:
    """What happened while grading is a reason and a sentence; a test that a human had to decide is
    neither, once somebody has."""
    tiny_course.hand_in(root, "ada", right(root))
    graded(root)
    here = course.load(root)
    (grading,) = record.read(here, ASSIGNMENT)["ada"]
    text = "it looped\x1b[31m\nfor ever"
    grading.notebooks[SUMS].events = [
        record.RecordedEvent("timeout", "double", text),
        record.RecordedEvent("timeout", "test-double", text),
        record.RecordedEvent("human", "partial", "compare yourself"),
        record.RecordedEvent("human", "draw", "look at it"),
    ]
    record.Record(here, ASSIGNMENT).add(grading)
    ada = student(report_of(root), "ada")
    assert ada.reasons == [Reason.TIMED_OUT, Reason.MANUAL]
    assert ada.sentences == [
        "sums: double, test-double: timeout: it looped\x1b[31m for ever",
        "sums: draw: human: look at it",
    ]
