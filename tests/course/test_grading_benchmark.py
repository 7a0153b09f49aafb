"""The benchmark of grading: its arithmetic, its classes and what it holds grades against."""

import json
import math
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy
import pytest

from benchmarks.grading import __main__ as command
from benchmarks.grading import lesson_class, ordinary_class, process_tree, profile
from benchmarks.grading.courses import differences
from benchmarks.grading.exercises import EXERCISES
from benchmarks.grading.figures import Aim, Verdict, line, number, spread, table
from benchmarks.grading.part import Findings, Settings
from benchmarks.grading.process_tree import MAIN, STAGES, UNKNOWN, Seen, Stat
from benchmarks.grading.processes import Finished, MeasurementError
from course import answers, layout

EXAMINERS = STAGES[process_tree.EXAMINERS]
CANDIDATES = STAGES[process_tree.CANDIDATES]
LEAVES_A_PROCESS = """
import json, sys
from pathlib import Path
from benchmarks.grading import processes

command = ["sh", "-c", "sleep 100 & exit 3"]
kept = processes.run(command, Path("."), keep=True, counted=False)
waiting = len(processes.left_behind())
ended = processes.run(command, Path("."), counted=False)
print(json.dumps([kept.status, kept.left, waiting, ended.left, len(processes.left_behind())]))
"""


@pytest.mark.parametrize(
    ("few", "many", "start", "each"),
    [
        ((2, 25.0), (8, 85.0), 5.0, 10.0),
        ((1, 3.0), (2, 6.0), 0.0, 3.0),
        ((2, 10.0), (4, 24.0), 0.0, 6.0),  # the smaller was lucky: no start below 0
    ],
)
def test_a_class_is_foretold_from_two_samples(few, many, start, each):
    """A start that the class shares, and the time of one more submission."""
    found = line(*few, *many)
    assert (found.start, found.each) == (start, each)
    assert found.per_piece(100) == each + start / 100


@pytest.mark.parametrize("sizes", [(5, 5), (8, 2), (0, 3)])
def test_two_samples_must_differ(sizes):
    """Without a smaller and a larger sample there is no line."""
    with pytest.raises(ValueError, match="two different sizes"):
        line(sizes[0], 1.0, sizes[1], 2.0)


@pytest.mark.parametrize(
    ("values", "least", "words", "missed"),
    [
        ((71.0, 75.0, 70.0), True, "reached", False),
        ((71.0, 69.0, 75.0), True, "reached in 2 of 3 runs", True),
        ((3.0,), True, "missed", True),
        ((3.0, 70.0), False, "reached", False),
        ((70.1,), False, "missed", True),
    ],
)
def test_an_aim_is_reached_only_if_no_run_contradicts(values, least, words, missed):
    """One run that misses it is told, and counts as a miss."""
    verdict = Verdict(Aim("times stock", 70.0, "times", least), values)
    assert (verdict.words(), verdict.missed) == (words, missed)
    assert words in verdict.sentence()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234.4, "1,234"),
        (57.06, "57.1"),
        (1.616, "1.62"),
        (0.1634, "0.163"),
        (-0.5, "−0.500"),
        (-0.0001, "0.000"),
    ],
)
def test_a_figure_has_the_digits_that_say_something(value, text):
    """About three digits, whatever its size."""
    assert number(value) == text


def test_several_runs_are_told_with_their_spread():
    """The median, the least and the most; one run is told as it is."""
    assert (spread([3.0, 1.0, 2.0]), spread([2.0])) == ("2.00 (1.00 to 3.00)", "2.00")


def test_a_table_is_markdown():
    """A head, a line that aligns figures to the right, a row."""
    assert table(("what", "s"), [("a", "1")]) == "| what | s |\n| --- | --: |\n| a | 1 |"


@pytest.mark.parametrize("name", ["python", "a (b) c", ") S 1 ("])
def test_a_process_is_read_whatever_its_name(name):
    """Spaces and brackets in a program's name move no field."""
    fields = ["S", "7", *"0" * 9, "100", "50", "300", "20", *"0" * 4, "9000", "0"]
    stat = process_tree.parsed(f"42 ({name}) {' '.join(fields)}\n")
    tick = 1 / process_tree.TICKS
    assert (stat.parent, stat.began) == (7, 9000)
    assert (stat.own, stat.waited) == pytest.approx((150 * tick, 320 * tick))


def test_what_is_no_process_is_refused():
    """A line that ends too early is an error, and no process without time."""
    with pytest.raises(ValueError, match="not a line of"):
        process_tree.parsed("42 (python) S 7")


def process(pid, parent, own, waited, last, *signs):
    """A process as it was last seen."""
    return Seen(pid, parent, Stat(parent, pid, own, waited), 0.0, last, set(signs))


def test_time_is_told_by_the_role_of_who_used_it():
    """A child that was seen has its own row; one that was not is its parent's children's time."""
    base = "python -c from proctor.examiner.process import serve"
    seen = [
        process(1, 0, 3.0, 10.0, 9.0, "python -m proctor grade"),  # has waited for 2
        process(2, 1, 1.0, 8.5, 8.0, base),  # has waited for 3, seen, and for what took 0.5
        process(3, 2, 2.0, 6.0, 7.0, base),
        process(4, 1, 0.25, 0.0, 9.0, "something else"),
    ]
    assert process_tree.shares(seen, 1) == pytest.approx(
        {
            MAIN: 3.0,
            EXAMINERS[0]: 1.0,
            EXAMINERS[1]: 2.0 + 0.5,
            EXAMINERS[2]: 6.0,
            UNKNOWN: 0.25 + 10.0 - 1.0 - 8.5,
        }
    )


def test_what_comes_from_one_base_process_is_told_apart():
    """By its folder what examines, by its command line what makes containers; all else is the
    candidates', wherever that works."""
    seen = [
        process(1, 0, 1.0, 0.0, 9.0, "proctor grade"),
        process(2, 1, 2.0, 0.0, 9.0, "from proctor.pool.base import start"),
        process(3, 2, 4.0, 0.0, 9.0, "ipykernel_launcher", "in /tmp/a/work"),
        process(4, 3, 8.0, 0.0, 9.0, "from proctor.sandbox.containers import serve", "in /"),
        process(5, 4, 16.0, 0.0, 9.0, "from proctor.sandbox.containers import serve", "in /"),
        process(6, 3, 32.0, 0.0, 9.0, "ipykernel_launcher", "in /"),
        process(7, 2, 64.0, 0.0, 9.0, "ipykernel_launcher", "in /tmp/a", "in /"),
        process(8, 7, 128.0, 0.0, 9.0, "ipykernel_launcher", "in /tmp/a/examiner"),
    ]
    assert process_tree.shares(seen, 1) == {
        MAIN: 1.0,
        STAGES[process_tree.IMPORTS][0]: 2.0,
        CANDIDATES[0]: 4.0,
        "containers": 24.0,
        CANDIDATES[1]: 32.0,
        EXAMINERS[0]: 64.0,
        EXAMINERS[1]: 128.0,
    }


def test_a_waiting_grader_is_the_main_process_too():
    """What works for a command, and stays when that ends, is no other process."""
    grader = process(5, 99, 4.0, 0.0, 9.0, "from proctor.waiting.server import main")
    seen = [process(1, 0, 1.0, 0.0, 9.0, "proctor grade"), grader]
    assert process_tree.shares(seen, 1) == {MAIN: 5.0}


def test_stages_are_told_apart_by_two_sizes_and_a_kept_preparation():
    """A submission takes the difference; the start is the rest; the preparation comes on top."""
    fresh, small, large = {"a": 13.0, "b": 1.0}, {"a": 9.0}, {"a": 49.0, "c": 8.0}
    assert profile.split(fresh, small, large, 20, 100) == {
        "a": (4.0, -1.0, 0.5),
        "b": (1.0, 0.0, 0.0),
        "c": (0.0, -2.0, 0.1),
    }


def test_what_no_look_met_is_a_stage_of_its_own():
    """The system's count of all processes, less what was told apart."""
    watched = process_tree.Watched({MAIN: 3.0})
    finished = Finished(4.0, 5.0, True, 0.0, 0, "", 0, watched)
    assert profile.stage_seconds(finished, 2) == {
        MAIN: 3.0,
        profile.UNCOUNTED: 2.0,
        profile.SUM: 5.0,
        profile.CLOCK: 4.0,
        profile.WAITING: 3.0,
    }


CELL = ("ada", "part", "test")


@pytest.mark.parametrize(
    ("found", "wanted", "words"),
    [
        ({CELL: 1.0}, {CELL: 1}, []),
        ({CELL: 1.0}, {CELL: 2}, ["ada, part (test): proctor gives 1, stock 2"]),
        ({}, {CELL: 2}, ["ada, part (test): proctor gives no points at all, stock 2"]),
        ({CELL: 0.5}, {}, ["ada, part (test): proctor gives 0.5, stock no points at all"]),
    ],
)
def test_every_cell_of_other_points_is_told(found, wanted, words):
    """Other points, missing ones, and ones that nobody expected."""
    assert list(differences(found, wanted, "proctor gives", "stock")) == words


def test_a_larger_class_begins_with_a_smaller_one():
    """So a sample's students are in every class."""
    assert lesson_class.members(130)[:20] == lesson_class.members(20)


def test_the_class_is_mixed_and_its_answers_end():
    """Of 20 students 13 are right, 6 wrong, 1 unsolved; the endless loop is in no class."""
    right = {answer.name for answer in answers.load() if answer.right}
    class_ = lesson_class.members(400)
    kinds = Counter(
        "right" if one.answer in right else "unsolved" if one.answer == "unsolved" else "wrong"
        for one in class_
    )
    assert kinds == {"right": 260, "wrong": 120, "unsolved": 20}
    assert lesson_class.NEVER_ENDS not in {one.answer for one in class_}


@pytest.mark.parametrize("many", [3, 5, 20])
def test_stock_is_measured_on_every_kind_of_answer(many):
    """The sample has a wrong, a right and an unsolved answer; the smaller one is part of it."""
    right = {answer.name for answer in answers.load() if answer.right}
    class_ = {one.student: one.answer for one in lesson_class.members(100)}
    sample, few = lesson_class.stock_sample(list(class_), many, 2)
    chosen = [class_[student] for student in sample]
    assert (len(sample), few) == (many, sample[:2])
    assert "unsolved" in chosen
    assert {answer in right for answer in chosen if answer != "unsolved"} == {True, False}


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_an_exercise_tells_right_from_wrong(exercise):
    """Its right answers pass its tests, its wrong ones do not."""
    tests = exercise.visible + exercise.hidden

    def passes(answer):
        try:
            exec(answer + tests, {"math": math, "np": numpy})
        except Exception:
            return False
        return True

    assert all(map(passes, exercise.right))
    assert not any(map(passes, exercise.wrong))


def test_ordinary_answers_go_round():
    """In a class of 40 every answer to every exercise is handed in, and a fifth is wrong."""
    handed_in = [
        ordinary_class.answer(exercise, number + place)
        for number in range(40)
        for place, exercise in enumerate(EXERCISES)
    ]
    known = {text for exercise in EXERCISES for text in (*exercise.right, *exercise.wrong)}
    assert {text for text, _ in handed_in} == known
    assert sum(not right for _, right in handed_in) == len(handed_in) // 5


def test_an_answer_is_filled_into_its_cell_only():
    """The tests of the released notebook stay, and so do cells without an answer."""
    released = ordinary_class.source(EXERCISES[:2], "two")
    filled = json.loads(ordinary_class.filled_in(released, {"mean_of_even": "\nmine\n"}))
    texts = {cell["id"]: "".join(cell["source"]) for cell in filled["cells"]}
    assert texts["mean-of-even"] == "mine"
    assert texts["word-counts"] == ordinary_class.solution(EXERCISES[1])
    assert texts["test-mean-of-even"] == ordinary_class.tests(EXERCISES[0])


def test_what_a_command_leaves_behind_is_found_and_ended():
    """It waits for the next command where it is kept, and is ended after that one."""
    done = subprocess.run(
        [sys.executable, "-c", LEAVES_A_PROCESS],
        cwd=layout.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [3, 1, 1, 2, 0]


@pytest.mark.parametrize("error", [MeasurementError("no luck"), ZeroDivisionError("no luck")])
def test_a_part_that_fails_says_why(error):
    """It raises nothing, so that the parts after it are measured."""

    def measure(settings):
        raise error

    assert "no luck" in command.measured(command.Part("A part", measure, 1), Settings(Path()))


@pytest.mark.parametrize(
    ("found", "status", "words"),
    [
        (Findings(), 0, "Every grade is as it must be"),
        (Findings(verdicts=[Verdict(Aim("A page", 0.2, "s"), (0.3,))]), 0, "A page: 0.300, aim"),
        (Findings(unlike=["ada (cell): 1, not 2"]), 1, "ada (cell): 1, not 2"),
        (Findings(failed=["400 submissions: no luck"]), 1, "400 submissions: no luck"),
        ("no luck", 1, "One submission, from the command to the score: no luck"),
    ],
)
def test_the_status_says_whether_grades_hold(found, status, words):
    """A missed aim is told only; another grade, or a part without a measurement, gives status 1."""
    lines, got = command.conclusion({"one": found})
    assert got == status
    assert words in "\n".join(lines)


def test_parts_are_chosen_by_name():
    """Without names all but the long demo; a name that is none is told with those that are."""
    assert set(command.PARTS) - set(command.chosen([])) == {"demo"}
    assert list(command.chosen(["demo", "one"])) == ["one", "demo"]
    with pytest.raises(SystemExit, match="no part 'two'; there are one,"):
        command.chosen(["two"])
