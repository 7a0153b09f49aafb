"""Owns the command line: `proctor grade`, `proctor doctor`, `proctor feedback`."""

import argparse
import contextlib
import json
import os
import sys
import threading

from proctor import startup as quick

USAGE = 2
SPARE = 1  # workers beyond the processors: each waits at times, for a disk, or for a process to end


def parser():
    """What may be said on the command line."""
    top = argparse.ArgumentParser(
        prog="proctor",
        description="Grades a class of notebooks without trusting them, in any nbgrader course directory.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    grade = commands.add_parser(
        "grade",
        help="grade what has not been graded yet",
        description="Grade the submissions of an assignment that are new.",
    )
    grade.add_argument("assignment", metavar="ASSIGNMENT")
    grade.add_argument(
        "--student",
        action="append",
        metavar="GLOB",
        help="only these students (may be given again)",
    )
    grade.add_argument(
        "--notebook", default="*", metavar="GLOB", help="only these notebooks of the assignment"
    )
    grade.add_argument(
        "--workers",
        type=count,
        metavar="N",
        help="processes at work (default: one for each processor, and one more)",
    )
    grade.add_argument(
        "--timeout",
        type=seconds,
        metavar="S",
        help="seconds a cell may take (default: Execute.timeout)",
    )
    grade.add_argument("--force", action="store_true", help="grade again what was graded")
    grade.add_argument(
        "--no-sandbox",
        action="store_true",
        help="run without the protection of this machine; marks the report",
    )
    grade.add_argument("--json", action="store_true", help="print the report as JSON")
    course(grade)
    commands.add_parser("doctor", help="tell what protection this machine gives")
    feedback = commands.add_parser(
        "feedback", help="write feedback pages, as nbgrader generate_feedback"
    )
    feedback.add_argument("assignment", metavar="ASSIGNMENT")
    feedback.add_argument(
        "--student",
        action="append",
        metavar="GLOB",
        help="only these students (may be given again)",
    )
    feedback.add_argument(
        "--workers",
        type=count,
        metavar="N",
        help="processes at work (default: one for each processor)",
    )
    feedback.add_argument("--force", action="store_true", help="write again what was written")
    course(feedback)
    return top


def course(command):
    command.add_argument(
        "--course-dir",
        default=None,
        metavar="FOLDER",
        help="the course directory (default: this one)",
    )


def count(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def seconds(text):
    number = float(text)
    if not 0 < number < 1e7:
        raise argparse.ArgumentTypeError("must be more than 0")
    return number


def processors():
    """How many processors this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def main(arguments=None):
    """Do what the command line says; the exit status."""
    said = parser().parse_args(arguments)
    try:
        with beside(said):
            return done(said)
    except KeyboardInterrupt:
        print("proctor: interrupted.", file=sys.stderr)
        return 1


def done(said):
    """Do it; what keeps it from beginning is told in words."""
    quick.import_nbformat()
    from proctor.gradebook.database import GradebookError as Unsaved
    from proctor.course import CourseError

    try:
        return {"grade": graded, "doctor": doctor, "feedback": feedback}[said.command](said)
    except (CourseError, Unsaved) as error:
        print(f"proctor: {error}", file=sys.stderr)
        return USAGE if said.command != "doctor" else 1


@contextlib.contextmanager
def beside(said):
    """For `proctor grade`: while this process imports nbgrader, others try this machine's protection and prepare to examine."""
    if said.command != "grade":
        yield
        return
    from proctor.pool import process as early
    from proctor.sandbox import probe

    with early.begun():
        trial = threading.Thread(target=probe, daemon=True)
        if not said.no_sandbox:
            trial.start()
        said.trial = trial
        yield


def graded(said):
    """`proctor grade`."""
    from proctor import grading as grade, report
    from proctor.course import load

    if not said.no_sandbox:
        said.trial.join()
        protected()
    with bar(f"Grading {said.assignment}") as progress:
        result = grade.grade(
            load(said.course_dir),
            said.assignment,
            said.student or ("*",),
            said.notebook,
            said.workers or processors() + SPARE,
            said.timeout,
            said.force,
            not said.no_sandbox,
            progress,
            lambda text: print(f"proctor: {text}", file=sys.stderr),
        )
    print(json.dumps(report.to_dict(result), indent=1) if said.json else report.to_text(result))
    return result.status


def protected():
    """Refuse, in one sentence, where students' code cannot be confined."""
    from proctor.course import CourseError
    from proctor.sandbox import probe, refusal

    protection = probe()
    if not protection.enough:
        raise CourseError(refusal(protection))


def doctor(said):
    """`proctor doctor`."""
    from proctor.sandbox import probe, doctor_text

    protection = probe()
    print(doctor_text(protection))
    return 0 if protection.enough else 1


def feedback(said):
    """`proctor feedback`."""
    from proctor.course import load
    from proctor.feedback import feedback as pages

    with bar(f"Feedback on {said.assignment}") as progress:
        written = pages(
            load(said.course_dir),
            said.assignment,
            said.student or ("*",),
            said.workers or processors(),
            said.force,
            progress,
        )
    for page in written.pages:
        print(page)
    for student, reason in sorted(written.failed.items()):
        print(f"proctor: no feedback for {student}: {reason}", file=sys.stderr)
    print(
        f"{said.assignment}: {len(written.pages)} pages written, {written.already} students had theirs (--force writes them again), "
        f"{len(written.failed)} students have none."
    )
    return written.status


@contextlib.contextmanager
def bar(title):
    """A progress bar on a terminal's stderr, with rate and time left; elsewhere nothing."""
    from tqdm import tqdm

    with tqdm(
        total=0,
        desc=title,
        unit="submission",
        disable=None,
        file=sys.stderr,
        leave=False,
        dynamic_ncols=True,
    ) as line:

        def progress(student, total=None):
            if total is not None:
                line.reset(total)
            else:
                line.update()

        yield progress
