"""Measures grading a class: stock nbgrader, stock in two processes, and proctor."""

import argparse
import os
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "proctor" / "tests")]

from courses import tables  # noqa: E402
from grading_floor import floor  # noqa: E402
from grading_measure import Run, busy, measured  # noqa: E402

from course import answers, layout, notebook  # noqa: E402
from course.sample_class import sample  # noqa: E402

RIGHT, WRONG, UNSOLVED = "right", "wrong", "unsolved"
MIX = [
    RIGHT,
    RIGHT,
    WRONG,
    RIGHT,
    RIGHT,
    WRONG,
    RIGHT,
    RIGHT,
    WRONG,
    RIGHT,
    RIGHT,
    RIGHT,
    WRONG,
    RIGHT,
    RIGHT,
    WRONG,
    RIGHT,
    RIGHT,
    WRONG,
    UNSOLVED,
]  # of 20 students
SETTINGS = """
c = get_config()
c.CourseDirectory.course_id = "convolution"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", ".*_cache"]
c.OverwriteCells.add_missing_cells = True
c.Execute.timeout = 60
"""


def members(count):
    """The class: [(student, answer's name, answer's text)], the two halves of it told apart by the
    first letter.
    """
    known = answers.load()
    pools = {
        RIGHT: [answer for answer in known if answer.right],
        WRONG: [
            answer for answer in known if not answer.right and answer.name != "loop_without_end"
        ][::7],
    }
    taken = Counter()
    for i in range(count):
        kind = MIX[i % len(MIX)]
        student = f"{'ab'[i % 2]}-{i:04}"
        if kind == UNSOLVED:
            yield student, UNSOLVED, answers.unsolved()
        else:
            answer = pools[kind][taken[kind] % len(pools[kind])]
            taken[kind] += 1
            yield student, answer.name, answer.source


def course(folder, students):
    """A course directory with the released assignment and these students' submissions; its path."""
    shutil.copytree(
        layout.SOURCE,
        folder / "source" / layout.ASSIGNMENT,
        ignore=shutil.ignore_patterns("__pycache__", ".ipynb*"),
    )
    (folder / "nbgrader_config.py").write_text(SETTINGS, "utf-8")
    layout.run_nbgrader("generate_assignment", layout.ASSIGNMENT, cwd=folder)
    sample.hand_in(folder, {student: sample.submission(source) for student, _, source in students})
    return folder


def grades(folder):
    """The automatic points in a course's gradebook: {(student, cell): points}, without whom nothing
    was graded for.
    """
    book = tables.read(f"sqlite:///{folder / 'gradebook.db'}")
    return {
        (student, cell): values[0]
        for (student, _, cell), values in book["grades"].items()
        if values[0] is not None
    }


def unlike(found, students):
    """How many graded cells have other points than the sample answer says it must get, and how many
    have none.
    """
    worth = notebook.points(notebook.read(layout.SOURCE / layout.NOTEBOOK))
    lost = {answer.name: answer.loses for answer in answers.load()} | {UNSOLVED: frozenset(worth)}
    expected = {
        (student, cell): 0 if cell in lost[name] else points
        for student, name, _ in students
        for cell, points in worth.items()
    }
    return [
        f"{student} ({cell}): {found[student, cell]:g}, not {points:g}"
        for (student, cell), points in expected.items()
        if (student, cell) in found and found[student, cell] != points
    ], sum(key not in found for key in expected)


def ways(arguments):
    """The ways to grade, by name: the commands that run at the same time."""
    nbgrader = [sys.executable, "-m", "nbgrader", "autograde", layout.ASSIGNMENT]
    found = {
        "stock": [nbgrader],
        "stock, two processes": [[*nbgrader, "--student=a-*"], [*nbgrader, "--student=b-*"]],
    }
    alone = ["--wait", "0"]  # each run begins anew
    words = ["grade", layout.ASSIGNMENT, *alone, *arguments.proctor]
    proctor = [sys.executable, "-m", "proctor", *words]
    return {
        name: commands
        for name, commands in (found | {"proctor": [proctor]}).items()
        if name.startswith(tuple(arguments.ways))
    }


def compared(size, arguments, scratch):
    """Grade a class of `size` in every way: a Run for each."""
    for name, commands in ways(arguments).items():
        count = min(size, arguments.stock_sample or size) if name.startswith("stock") else size
        students = list(members(count))
        folder = course(scratch / f"{name}-{size}".replace(" ", "-").replace(",", ""), students)
        before = busy()
        run = measured(commands, folder, {**layout.environment(), "PYTHONPATH": str(ROOT)})
        found = grades(folder)
        others, missing = unlike(found, students)
        yield Run(name, size, count, *run, others, missing, before, found)
        shutil.rmtree(folder)


def line(run, stock):
    """One row of the table; `stock` is stock nbgrader's run of the same size, or None."""
    each = run.seconds / run.graded
    ratio = f"{stock.seconds / stock.graded / each:.1f}" if stock else "–"
    sample = "" if run.graded == run.size else f" (measured on {run.graded})"
    return (
        f"| {run.way} | {run.size}{sample} | {run.seconds:.1f} | {each:.3f} | {ratio} | "
        f"{run.memory / 2**20:,.0f} | "
        f"{len(run.others)} | {run.missing} | {run.busy} |"
    )


def main():
    """Print a markdown table of seconds, ratio to stock and peak memory, and whether all ways gave
    the same points.
    """
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[20, 100])
    parser.add_argument(
        "--stock-sample",
        type=int,
        metavar="N",
        help="measure stock on N submissions only (it is linear)",
    )
    parser.add_argument(
        "--ways", nargs="+", default=["stock", "proctor"], help="only the ways whose names begin so"
    )
    parser.add_argument(
        "--proctor",
        nargs=argparse.REMAINDER,
        default=[],
        help="all that follows goes to `proctor grade`",
    )
    arguments = parser.parse_args()
    kinds = ", ".join(f"{count} {kind}" for kind, count in Counter(MIX).items())
    print(
        f"The class: of 20 students {kinds}; "
        "answers cycled from "
        f"tests/answers, none that never ends. {os.cpu_count()} processors. Start-up is included.\n"
    )
    print(
        "| way | submissions | seconds | s/submission | times stock | peak MB, all processes | "
        "other points | cells without points | "
        "busy before |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|",
        flush=True,
    )
    told = []
    with tempfile.TemporaryDirectory() as scratch:
        for size in arguments.sizes:
            stock = None
            for run in compared(size, arguments, Path(scratch)):
                stock = run if run.way == "stock" else stock
                print(line(run, stock), flush=True)
                told += [f"{run.way}, {size}: {text}" for text in run.others]
                told += [
                    f"{run.way}, {size}: the command ended with status {status}"
                    for status in run.statuses
                    if status
                ]
                told += [
                    f"{run.way}, {size}: {key} has {run.found[key]:g}, stock {points:g}"
                    for key, points in (stock.found if stock else {}).items()
                    if key in run.found and run.found[key] != points
                ]
    answer, rest = floor([source for _, _, source in members(20)])
    print(
        "\nThe floor, cells run plainly in one warm process: the answer and the graded cells "
        f"{answer * 1000:.0f} ms a submission, "
        f"every cell from the answer on {rest * 1000:.0f} ms (median of 20)."
    )
    print(
        "\n".join(["", "Not as expected:", *told])
        if told
        else "\nEvery run gave the points that the sample answers must get."
    )
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
