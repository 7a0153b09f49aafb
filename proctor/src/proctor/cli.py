"""The command line: `proctor grade`, `proctor doctor`, `proctor feedback`."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from proctor import messages, startup

if TYPE_CHECKING:
    from proctor.course import Course

FAILED = 1
USAGE = 2
SPARE = 1  # workers beyond the processors: each waits at times, for a disk, or for a process to end
Progress = Callable[..., None]


def parser() -> argparse.ArgumentParser:
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
    add_course_dir(grade)
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
    add_course_dir(feedback)
    return top


def add_course_dir(command: argparse.ArgumentParser) -> None:
    """Let a command be given the course directory."""
    command.add_argument(
        "--course-dir",
        default=None,
        metavar="FOLDER",
        help="the course directory (default: this one)",
    )


def count(text: str) -> int:
    """A number of processes; raises ArgumentTypeError."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def seconds(text: str) -> float:
    """A time limit; raises ArgumentTypeError."""
    number = float(text)
    if not 0 < number < 1e7:
        raise argparse.ArgumentTypeError("must be more than 0")
    return number


def processors() -> int:
    """How many processors this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def default_workers() -> int:
    """How many processes grade if nobody says how many."""
    return processors() + SPARE


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit status."""
    options = parser().parse_args(arguments)
    # nbgrader starts alembic by its name, which an environment that is not activated does not have.
    path = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = f"{path}{os.pathsep}{messages.PROGRAMS}"
    try:
        with beside(options):
            return run(options)
    except KeyboardInterrupt:
        tell("interrupted.")
        return FAILED


def run(options: argparse.Namespace) -> int:
    """Do it, or tell what keeps it from being done; the exit status."""
    commands = {"grade": grade, "doctor": doctor, "feedback": feedback}
    try:
        startup.import_nbformat()
        return commands[options.command](options)
    except Exception as error:
        problem = messages.problem_of(error)
        if problem is None:
            raise
        tell(problem)
        return FAILED if options.command == "doctor" else USAGE


def tell(sentence: str) -> None:
    """Tell something that is no result."""
    print(f"proctor: {sentence}", file=sys.stderr)


@contextlib.contextmanager
def beside(options: argparse.Namespace) -> Iterator[None]:
    """Begin, for `proctor grade`, what can be done while this process imports nbgrader.

    Processes prepare to examine and to run students' code, and a thread tries this machine's
    protection.
    """
    if options.command != "grade":
        yield
        return
    from proctor.pool.pool import Bases
    from proctor.sandbox import probe

    with Bases() as options.bases:
        options.trial = threading.Thread(target=probe, daemon=True)
        if not options.no_sandbox:
            options.trial.start()
        yield


def load_course(options: argparse.Namespace) -> Course:
    """The course of a command.

    Raises CourseError if there is none, UnreadableConfig if nbgrader would go on without one of its
    files of settings.
    """
    from nbgrader.utils import chdir

    from proctor.config_check import config_folders, read_config
    from proctor.course import load

    root = Path(options.course_dir or os.getcwd()).resolve()
    if root.is_dir():
        sys.path.insert(0, str(root))  # as nbgrader does before it reads the settings
        with chdir(str(root)):
            read_config(config_folders(root))
    course = load(root)
    messages.require_gradebook(course, options.assignment)
    return course


def grade(options: argparse.Namespace) -> int:
    """`proctor grade`."""
    from proctor import grading, report

    if not options.no_sandbox:
        options.trial.join()
        require_protection()
    course = load_course(options)
    absent = tell_absent(course, options, "submitted")
    if absent and absent == len(options.student):
        return FAILED
    with bar(f"Grading {options.assignment}") as progress:
        how = grading.Options(
            students=options.student or ("*",),
            notebook=options.notebook,
            workers=options.workers or default_workers(),
            timeout=options.timeout,
            force=options.force,
            sandbox=not options.no_sandbox,
            progress=progress,
            say=tell,
        )
        result = grading.grade(course, options.assignment, how, options.bases)
    if options.json:
        print(json.dumps(report.to_dict(result), indent=1))
    else:
        print(report.to_text(result))
    return result.status or FAILED * bool(absent)


def tell_absent(
    course: Course, options: argparse.Namespace, step: Literal["submitted", "autograded"]
) -> int:
    """Tell of students that were named and have no folder of this step; how many there are."""
    if not options.student:
        return 0
    from proctor.gradebook.database import GradebookConnection

    with GradebookConnection(course) as gradebook:
        gradebook.assignment(options.assignment)  # an unknown assignment is told of first
    sentences = messages.absent_students(course, options.assignment, options.student, step)
    for sentence in sentences:
        tell(sentence)
    return len(sentences)


def require_protection() -> None:
    """Raise CourseError, in one sentence, where students' code cannot be confined."""
    from proctor.course import CourseError
    from proctor.sandbox import probe, refusal

    protection = probe()
    if not protection.enough:
        raise CourseError(refusal(protection))


def doctor(options: argparse.Namespace) -> int:
    """`proctor doctor`."""
    from proctor.sandbox import doctor_text, probe

    protection = probe()
    print(doctor_text(protection))
    return 0 if protection.enough else FAILED


def feedback(options: argparse.Namespace) -> int:
    """`proctor feedback`."""
    from proctor.feedback import feedback as write_feedback

    course = load_course(options)
    absent = tell_absent(course, options, "autograded")
    if absent and absent == len(options.student):
        return FAILED
    with bar(f"Feedback on {options.assignment}") as progress:
        result = write_feedback(
            course,
            options.assignment,
            options.student or ("*",),
            options.workers or processors(),
            options.force,
            progress,
        )
    for page in result.pages:
        print(page)
    for student, reason in sorted(result.failed.items()):
        tell(f"no feedback for {student}: {reason}")
    parts = [f"{len(result.pages)} pages written" if result.pages else "nothing new to write"]
    if result.already:
        parts.append(f"{result.already} students had their pages (--force writes them again)")
    if result.failed:
        parts.append(f"{len(result.failed)} students have none")
    print(f"{options.assignment}: {', '.join(parts)}.")
    return result.status or FAILED * bool(absent)


@contextlib.contextmanager
def bar(title: str) -> Iterator[Progress]:
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

        def progress(student: str | None, total: int | None = None) -> None:
            if total is not None:
                line.reset(total)
            else:
                line.update()

        yield progress
