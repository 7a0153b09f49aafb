"""Whether `make demo` grades the sample class as the gate does, and nobody stops the class."""

import contextlib
import io
import json
import subprocess
import sys

import nbformat
import pytest
from proctor.findings import KIND

from course import answers, demo, layout, notebook
from course.sample_class import hostile, sample, table
from proctor import sandbox

WORTH = notebook.points(notebook.read(layout.SOURCE / layout.NOTEBOOK))
NOTHING = set(WORTH)
HARMLESS = [name for name in hostile.ANSWERS if name not in hostile.HARMFUL]
# Sample students who hand in no sample answer: the cells lost, or None if it cannot be graded.
BESIDES = {
    "unsolved": NOTHING,
    "crashes": NOTHING,
    "loops-for-ever": NOTHING,
    "edited-the-checks": NOTHING,
    "deleted-graded-cells": set(),
    "broken-file": None,
    "missing-file": None,
    "patched-the-checks": NOTHING,
    "always-equal": NOTHING,
    "reads-the-target": NOTHING,
    "reads-the-solution": NOTHING,
    "eats-the-memory": NOTHING,
    "kills-the-grader": set(),
    "floods-the-output": set(),
    "script-in-the-output": set(),
    "linked-another": None,
}


@pytest.fixture(scope="module")
def graded(course_copy):
    """The sample class after a demo in a copy of the course: {student: (points, why)}."""
    (course_copy / "submitted").mkdir(exist_ok=True)
    with contextlib.redirect_stdout(io.StringIO()):
        return {student: (points, why) for student, points, why in demo.run(course_copy)}


def lost(points):
    """The graded cells without full points."""
    return {name for name, worth in WORTH.items() if points[name] != worth}


def test_the_class_is_large_and_mixed(graded):
    """At least 24 students: right ones, wrong ones, and each kind of trouble."""
    assert len(graded) >= 24
    assert sum(1 for points, _ in graded.values() if points and not lost(points)) >= 6
    assert {sample.PREFIX + name for name in BESIDES if name not in hostile.HARMFUL} <= set(graded)


@pytest.mark.parametrize("name", sample.CLASS)
def test_a_sample_answer_is_graded_as_the_gate_does(graded, name):
    """A student who hands in a sample answer loses exactly the cells that it must lose."""
    (answer,) = [answer for answer in answers.load() if answer.name == name]
    points, why = graded[sample.PREFIX + name.replace("_", "-")]
    assert lost(points) == answer.loses
    assert bool(why) == bool(answer.loses)


@pytest.mark.parametrize("name, cells", BESIDES.items())
def test_trouble_costs_only_the_student_who_makes_it(graded, name, cells):
    """Crashes, endless loops, broken or missing files and attacks cost nobody else a point."""
    if name in hostile.HARMFUL and not sandbox.probe().enough:
        pytest.skip("nothing confines it on this machine")
    points, why = graded[sample.PREFIX + name]
    assert (lost(points) if points else None) == cells
    assert why or cells == set()


def test_an_object_that_equals_everything_waits_for_a_human(graded):
    """It would pass in one process: no points are given or refused, the table shows a `?`."""
    rows = [(student, points, why) for student, (points, why) in graded.items()]
    points, _ = graded[sample.PREFIX + "always-equal"]
    assert set(points.values()) == {None}
    (line,) = [
        line
        for line in table.text(rows, WORTH).split("\n")
        if line.startswith(sample.PREFIX + "always-equal")
    ]
    assert line.split()[1:7] == ["?"] * 5 + ["0"]


@pytest.mark.parametrize(
    "name, words",
    [
        ("unsolved", "stub-still-there: the stub's `raise NotImplementedError` still runs"),
        ("flipped-both-axes", "kernel-flipped: turned by 180°"),
        ("matrix-product", "matrix-product: "),
        ("rounded-to-whole-numbers", "rounded: result rounded"),
        ("same-padding", "padded: the image was padded"),
        ("numpy-array", "returns-numpy: "),
        ("double-precision-result", "double-precision: "),
        ("clears-used-pixels", "argument-changed: "),
        ("loops-for-ever", "too-slow: "),
        ("crashes", "raises-error: "),
        ("functional-conv2d", "library-convolution: "),
        ("missing-file", "No notebook convolution.ipynb was handed in"),
        ("broken-file", "convolution.ipynb cannot be graded: It is not JSON"),
        ("linked-another", "convolution.ipynb is a symbolic link"),
        ("deleted-graded-cells", "was deleted: the instructor's stands"),
    ],
)
def test_the_table_says_why_in_a_few_words(graded, name, words):
    """Each kind of mistake can be told apart in the instructor's table."""
    _, why = graded[sample.PREFIX + name]
    assert words in why
    assert len(why) < 110


def test_the_readme_shows_what_the_demo_prints(graded):
    """Each line of the README's table is a line of the real one."""
    rows = [(student, points, why) for student, (points, why) in graded.items()]
    printed = table.text(rows, WORTH).split("\n")
    readme = (layout.ROOT / "README.md").read_text("utf-8")
    *shown, count = readme[readme.index("student   ") :].split("\n```")[0].split("\n")
    assert len(shown) >= 8
    assert [line for line in shown if line not in printed] == []
    assert count == f"{len(sample.sample_class())} students, 10 points each"


def test_nobodys_script_gets_into_a_page(graded, course_copy):
    """A script in displayed HTML is in no page, and the rest of the HTML is."""
    name = sample.PREFIX + "script-in-the-output"
    outputs = [
        output
        for cell in notebook.read(
            course_copy / "autograded" / name / "convolution" / "convolution.ipynb"
        ).cells
        for output in cell.get("outputs", [])
        if "My pictures!" in str(output)
    ]
    assert outputs
    assert "formgrader/api" not in str(outputs)
    page = (course_copy / "feedback" / name / "convolution" / "convolution.html").read_text("utf-8")
    assert "<script>fetch" not in page


def test_everybody_gets_feedback(graded, course_copy):
    """There is a page for each student: with score and pictures, or with why nothing was graded."""
    for student, (points, _) in graded.items():
        page = course_copy / "feedback" / student / "convolution" / "convolution.html"
        text = page.read_text("utf-8")
        if points is None:
            assert "convolution.ipynb" in text
            assert "assert" not in text
        elif points:
            total = sum(score or 0 for score in points.values())
            assert f"<strong>{total:g}</strong> of 10 points" in text
            assert text.count("<figure") >= 12
            assert text.count('convlab-player"') >= 7


def test_the_names_in_the_grades_are_those_of_the_answers_heads(graded, course_copy):
    """In every cell that failed, a misconception is recorded that the answer's head names."""
    for answer in answers.load():
        if answer.name in sample.CLASS:
            student = sample.PREFIX + answer.name.replace("_", "-")
            path = course_copy / "autograded" / student / layout.ASSIGNMENT / layout.NOTEBOOK
            found = table.found(nbformat.read(path, as_version=4))
            assert set(found) == answer.loses
            assert {"+".join(one.name for one in those) for those in found.values()} <= {
                "+".join(names) for names in answer.diagnoses
            }


def test_the_feedback_page_shows_the_diagnosis_with_its_picture(graded, course_copy):
    """Who flipped the kernel finds the tables and the sentence once, under the short name."""
    page = (
        course_copy / "feedback" / "sample-flipped-both-axes" / "convolution" / "convolution.html"
    ).read_text("utf-8")
    above, _, notebook = page.partition('<details id="proctor-notebook"')
    assert above.count('convlab-report"') == 1 and above.count("<h3><bdi>kernel-flipped") == 1
    assert "The kernel is turned by 180°" in above and "WrongValue [kernel-flipped]" in notebook


def test_a_second_demo_starts_afresh_and_gives_the_same_table(graded, course_copy, monkeypatch):
    """Run again, with a part of the class, the demo clears its own traces and finds the same."""
    some = [
        "sample-patch-sums",
        "sample-flipped-both-axes",
        "sample-broken-file",
        "sample-missing-file",
    ]
    whole = sample.sample_class()
    monkeypatch.setattr(
        sample, "sample_class", lambda *confined: {student: whole[student] for student in some}
    )
    again = {student: (points, why) for student, points, why in demo.run(course_copy)}
    assert again == {student: graded[student] for student in some}
    assert sorted(path.name for path in (course_copy / "submitted").glob("sample-*")) == sorted(
        some
    )


def test_a_real_class_is_never_touched(tmp_path, capsys):
    """In a course with other students, the demo stops before it changes anything, and says so."""
    work = tmp_path / "submitted" / "ada" / "convolution" / "convolution.ipynb"
    work.parent.mkdir(parents=True)
    work.write_text("her work")
    assert demo.main(["--course", str(tmp_path)]) == 1
    assert (
        "students that are not the sample class (ada); nothing was touched"
        in capsys.readouterr().out
    )
    assert work.read_text() == "her work"


def test_a_second_assignment_is_never_taken_from_the_gradebook(tmp_path, capsys):
    """Where the gradebook has another assignment, the demo stops and leaves its due date."""
    with table.gradebook(tmp_path) as book:
        book.add_assignment(layout.ASSIGNMENT)
        book.add_assignment("pooling", duedate="2026-11-30 22:59:00 UTC")
    assert demo.main(["--course", str(tmp_path)]) == 1
    assert "holds other assignments (pooling); nothing was touched" in capsys.readouterr().out
    with table.gradebook(tmp_path) as book:
        assert str(book.find_assignment("pooling").duedate) == "2026-11-30 22:59:00"


@pytest.mark.parametrize(
    "names, text, reason",
    [
        (["turned"], "conv2d: wrong.", "turned: means turned"),
        (["turned", "moved"], "wrong", "turned+moved: means turned; means moved"),
        ([], "conv2d: wrong.\nmore", "wrong value: conv2d: wrong."),
        ([], "word " * 40, "wrong value: " + "word " * 15 + "…"),
    ],
)
def test_the_reason_is_a_name_and_what_it_means_or_the_first_line(names, text, reason):
    """What a test found comes before its error, of which the table has one short line."""
    found = [{"name": name, "text": "…", "means": f"means {name}"} for name in names]
    cell = nbformat.v4.new_code_cell(
        metadata={"nbgrader": {"grade": True, "grade_id": "feature_map_8x8"}},
        outputs=[
            nbformat.v4.new_output("display_data", data={KIND: found}),
            nbformat.v4.new_output("error", ename="WrongValue", evalue=text, traceback=[]),
        ],
    )
    assert table.why(nbformat.v4.new_notebook(cells=[cell])) == reason


def test_the_table_has_a_line_for_each_student():
    """Student, points by cell, total and reason are one line; who was not graded has dashes."""
    rows = [("a", dict.fromkeys(WORTH, 2.0), ""), ("b", None, "nothing was handed in")]
    lines = table.text(rows, WORTH).split("\n")
    assert lines[0].split() == [
        "student",
        "8×8",
        "12×10",
        "10×10",
        "12×8",
        "scratch",
        "total",
        "why",
    ]
    assert lines[2].split() == ["a", "2", "2", "2", "2", "2", "10"]
    assert lines[3].split()[:7] == ["b", "-", "-", "-", "-", "-", "-"]
    assert lines[-1] == "2 students, 10 points each"


def test_deleted_graded_cells_are_really_gone_from_that_submission():
    """The sample student who deletes the graded cells hands in a notebook without them."""
    files = sample.sample_class()["sample-deleted-graded-cells"]
    assert notebook.graded(nbformat.reads(files[layout.NOTEBOOK], as_version=4)) == {}


def test_who_would_harm_the_machine_takes_part_only_where_that_is_prevented():
    """Without protection the class is the same but for those who kill, flood and eat memory."""
    whole, harmless = set(sample.sample_class()), set(sample.sample_class(confined=False))
    assert whole - harmless == {sample.PREFIX + name for name in hostile.HARMFUL}
    assert harmless < whole


def test_a_link_is_handed_in_as_a_link(tmp_path):
    """The sample student who hands in another's work has a link in submitted/, and no file."""
    work = sample.sample_class()
    sample.hand_in(
        tmp_path, {name: work[sample.PREFIX + name] for name in ("linked-another", "patch-sums")}
    )
    linked = tmp_path / "submitted" / "linked-another" / "convolution" / "convolution.ipynb"
    assert linked.is_symlink()
    assert (
        linked.parent / linked.readlink()
        == linked.parent / hostile.LINK / "convolution" / "convolution.ipynb"
    )


@pytest.fixture(scope="module")
def lost_beside_the_tests():
    """What each harmless attack loses where its process is that of the tests: {name: {cell: why}}.

    Each runs in a fork of one process, which has imported torch.
    """
    code = """
import json
import os
import sys

from course import gate
from course.sample_class import hostile

gate.prepare()
tests = gate.cells()
for name in sys.argv[1:]:
    if os.fork() == 0:
        print(json.dumps([name, gate.lost("import torch\\n" + hostile.ANSWERS[name], tests)]))
        sys.stdout.flush()
        os._exit(0)
    os.wait()
"""
    done = subprocess.run(
        [sys.executable, "-c", code, *HARMLESS],
        cwd=layout.SOURCE,
        env=layout.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(map(json.loads, done.stdout.splitlines()))


@pytest.mark.parametrize("name", HARMLESS)
def test_each_attack_would_get_all_points_where_the_verdict_is_in_the_students_process(
    name, lost_beside_the_tests
):
    """Run in one process, beside the course's source, the graded cells give it every point."""
    assert lost_beside_the_tests[name] == {}


def test_a_round_that_cannot_begin_is_told(tmp_path, capfd):
    """Where proctor grades nobody, its words are on stderr, and the demo does not go on."""
    with pytest.raises(RuntimeError, match="proctor grade ended with status"):
        layout.grade("--no-sandbox", cwd=tmp_path)
    assert capfd.readouterr().err


def test_what_proctor_says_is_the_reason_where_a_notebook_names_none(graded, course_copy):
    """A sentence of the round is in the table, cut between words; a diagnosis goes first."""
    said = {
        "sample-patch-sums": ["word " * 40, "another"],
        "sample-flipped-both-axes": ["a sentence"],
    }
    rows = table.rows(course_copy, list(said), said)
    assert rows[0][2] == "word " * 15 + "…" and rows[1][2].startswith("kernel-flipped: ")
