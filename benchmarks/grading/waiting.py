"""The parts that a person waits for: one submission's score, feedback pages, the demo."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from course import layout

from .courses import differences, points
from .figures import Aim, Line, Verdict, line, spread, table
from .lesson_class import lesson
from .part import Findings, Settings, noise, tell
from .processes import Finished, MeasurementError, end_left_behind, run

COLD, WARM = 4.0, 1.0  # seconds from the command to the score
PAGE = 0.2  # seconds of one processor for a feedback page
DEMO = 40.0  # seconds
FEW, SOME = 2, 6  # students whose pages stock writes
STOCK_FEEDBACK = ("-m", "nbgrader", "generate_feedback")
PROCTOR_FEEDBACK = ("-m", "proctor", "feedback")


def grade_one(settings: Settings) -> Findings:
    """Grade one submission of the lesson again and again: from the command to its end."""
    assignment = lesson(settings.scratch / "lesson", 1)
    again = assignment.proctor("--force")
    times: dict[str, list[Finished]] = {"nothing prepared": [], "prepared": [], "warm": []}
    findings, waited = Findings(), []
    for _ in range(settings.runs):
        folder = assignment.course(settings.scratch / "one")
        try:
            for what, command, keep in (
                ("nothing prepared", assignment.proctor(), True),
                ("warm", again, False),
                ("prepared", again, False),
            ):
                finished = run(command, folder, keep=keep, counted=False)
                tell(f"one submission, {what}", finished)
                finished.successful()
                times[what].append(finished)
                if keep:
                    waited.append(finished.left)
                findings.unlike += differences(
                    points(folder, assignment.name),
                    assignment.expected,
                    f"{what}, proctor gives",
                    "it must get",
                )
        finally:
            end_left_behind()
            shutil.rmtree(folder)
    rows = []
    for what, limit in (("nothing prepared", COLD), ("prepared", COLD), ("warm", WARM)):
        aim = Aim(f"One submission, {what}", limit, "s")
        verdict = Verdict(aim, tuple(one.seconds for one in times[what]))
        findings.verdicts.append(verdict)
        rows.append((what, spread(verdict.values), aim.words(), verdict.words()))
    findings.text += [
        "One student's notebook, from the command `proctor grade` to its end, in seconds. Nothing "
        "prepared: the first command in a new course. Prepared: a later one, with what the first "
        "found out about the assignment. Warm: a second command soon after the first "
        + (
            "(which left processes that wait for it)."
            if all(waited)
            else "(nothing waited for it, so that it began like any other)."
        ),
        table(("one submission", "s", "aim", ""), rows),
        noise(one for some in times.values() for one in some),
    ]
    return findings


def write_feedback(settings: Settings) -> Findings:
    """Write feedback pages on one processor, all by proctor and a few by stock."""
    assignment = lesson(settings.scratch / "lesson", settings.pages)
    folder = assignment.course(settings.scratch / "feedback")
    try:
        run(assignment.proctor(), folder).successful()
        students = list(assignment.handed_in)
        runs = [feedback_by_both(folder, students) for _ in range(settings.runs)]
    finally:
        shutil.rmtree(folder)
    aim = Aim("A feedback page", PAGE, "s")
    count = len(students)
    verdict = Verdict(aim, tuple(one.whole.seconds / count for one in runs))
    stocks = [one.stock.per_piece(count) for one in runs]
    ratios = [theirs / seconds for theirs, seconds in zip(stocks, verdict.values, strict=True)]
    return Findings(
        [
            f"The pages of {count} students on one processor, start-up included. Stock wrote those "
            f"of {FEW} and of {SOME}. Besides the start a page takes proctor "
            f"{spread([one.proctor.each for one in runs])} s and stock "
            f"{spread([one.stock.each for one in runs])} s.",
            table(
                ("what", "s a page", "stock, s a page", "times stock", "aim", ""),
                [
                    (
                        "feedback",
                        spread(verdict.values),
                        spread(stocks),
                        spread(ratios),
                        aim.words(),
                        verdict.words(),
                    )
                ],
            ),
            noise(one.whole for one in runs),
        ],
        [verdict],
    )


@dataclass(frozen=True)
class FeedbackRun:
    """Feedback written by both: proctor's command for all pages, and the time of proctor and of
    stock for any number of them."""

    whole: Finished
    proctor: Line
    stock: Line


def feedback_by_both(folder: Path, students: list[str]) -> FeedbackRun:
    """Write the pages of a graded class by proctor, and of a few students by stock;
    MeasurementError if a page is missing."""
    seconds = [pages(STOCK_FEEDBACK, folder, students[:size]).seconds for size in (FEW, SOME)]
    theirs = written_pages(folder, students[:SOME])
    small, whole = (pages(PROCTOR_FEEDBACK, folder, some) for some in (students[:FEW], students))
    ours = written_pages(folder, students)
    for wanted, written in ((students[:SOME], theirs), (students, ours)):
        if len(written) < len(wanted):
            raise MeasurementError(f"only {len(written)} of {len(wanted)} feedback pages are there")
    return FeedbackRun(
        whole,
        line(FEW, small.seconds, len(students), whole.seconds),
        line(FEW, seconds[0], SOME, seconds[1]),
    )


def pages(command: tuple[str, ...], folder: Path, students: list[str]) -> Finished:
    """Write the feedback pages of these students anew, on one processor."""
    shutil.rmtree(folder / "feedback", ignore_errors=True)
    if command == STOCK_FEEDBACK:  # which takes one pattern only
        options = [f"--student=student-000[0-{len(students) - 1}]"]
    else:
        options = ["--workers=1", *(f"--student={student}" for student in students)]
    finished = run(
        [sys.executable, *command, layout.ASSIGNMENT, *options], folder, one_processor=True
    )
    tell(f"{command[1]}, {len(students)} pages", finished)
    return finished.successful()


def written_pages(folder: Path, students: list[str]) -> list[Path]:
    """The feedback pages that there are."""
    name = f"{layout.ASSIGNMENT}.html"
    found = [folder / "feedback" / one / layout.ASSIGNMENT / name for one in students]
    return [path for path in found if path.exists()]


def run_demo(settings: Settings) -> Findings:
    """Run the demo in a copy of the repository, once."""
    folder = settings.scratch / "demo"
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=layout.ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (layout.ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(layout.ROOT / name, folder / name)
    command = [sys.executable, "-m", "course.demo", "--course", str(folder)]
    finished = run(command, folder)
    tell("the demo", finished)
    finished.successful()
    aim = Aim("The demo", DEMO, "s")
    verdict = Verdict(aim, (finished.seconds,))
    return Findings(
        [
            "`make demo`, once.",
            table(
                ("what", "s", "aim", ""),
                [("the demo", spread(verdict.values), aim.words(), verdict.words())],
            ),
            noise([finished]),
        ],
        [verdict],
    )
