"""The command line: `proctor check`, `grade`, `watch`, `feedback`, `report`, `export` and `doctor`."""

from __future__ import annotations

import argparse
import contextlib
import fnmatch
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from proctor import messages, startup
from proctor.arguments import parser
from proctor.waiting import client

if TYPE_CHECKING:
    from proctor.course import Course
    from proctor.grading import Options

FAILED = 1
USAGE = 2
SPARE = 1  # workers beyond the processors: each waits at times, for a disk, or for a process to end
WAITED_FOR = ("grade", "check")  # commands that a waiting grader does
Progress = Callable[..., None]


def processors() -> int:
    """How many processors this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def default_workers() -> int:
    """How many processes grade if nobody says how many."""
    return processors() + SPARE


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says, here or in the course's waiting grader; the exit status."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    options = parser().parse_args(words)
    # nbgrader starts alembic by its name, which an environment that is not activated does not have.
    path = os.environ.get("PATH", os.defpath)
    if str(messages.PROGRAMS) not in path.split(os.pathsep):
        os.environ["PATH"] = f"{path}{os.pathsep}{messages.PROGRAMS}"
    try:
        if options.command in WAITED_FOR and not getattr(options, "scheduler", None):
            status = client.run_command(words, options.course_dir or os.getcwd(), options.wait)
            if status is not None:
                return status
        with beside(options):
            status = run(options)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        tell("interrupted.")
        return FAILED
    except BrokenPipeError:  # who read the output, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def run(options: argparse.Namespace) -> int:
    """Do it, or tell what keeps it from being done; the exit status."""
    commands = {
        "check": check,
        "grade": grade,
        "watch": watch,
        "doctor": doctor,
        "feedback": feedback,
        "report": report_class,
        "export": export,
    }
    try:
        with startup.importing():
            startup.import_nbformat()
            from proctor import course  # noqa: F401
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
    """Begin, for a command that runs notebooks, what can be done while this process imports nbgrader.

    Processes prepare to examine and to run students' code, and a thread tries this machine's
    protection.
    """
    if options.command not in ("check", "grade", "watch"):
        yield
        return
    from proctor.pool.bases import Bases
    from proctor.pool.early import guessed_modules

    root = Path(options.course_dir or os.getcwd())
    options.pools = None
    with contextlib.ExitStack() as stack:
        if options.command == "watch":  # it is at work for days, and may be killed
            from proctor.waiting.cleanup import Cleanup

            stack.callback(Cleanup(None).close)
        early = guessed_modules(root, options.assignment, options.notebook)
        options.bases = stack.enter_context(Bases(early))
        from proctor.sandbox import probe

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
    with startup.importing():
        from proctor import grading, report

    course = protected_course(options)
    absent = tell_absent(course, options, "submitted")
    if absent and absent == len(options.student):
        return FAILED
    with contextlib.ExitStack() as stack:
        if options.scheduler:
            from proctor.cluster import connected

            options.pools = stack.enter_context(connected(options.scheduler, tell)).pools
        progress = stack.enter_context(bar(f"Grading {options.assignment}"))
        how = run_options(options, progress, options.student or ("*",), options.force)
        result = grading.grade(course, options.assignment, how, options.bases)
    if options.json:
        print(json.dumps(report.to_dict(result), indent=1))
    else:
        print(report.to_text(result))
    return result.status or FAILED * bool(absent)


def watch(options: argparse.Namespace) -> int:
    """`proctor watch`."""
    from proctor import grading, report
    from proctor.waiting.pools import KeptPools
    from proctor.waiting.request import current_mask, process_state
    from proctor.watch import Changes, Exchange, Interrupts, only_watcher, submissions_folder
    from proctor.watch import watch as watch_submissions

    options.reference = options.reference and options.reference.absolute()
    path = list(sys.path)
    first = protected_course(options)
    options.course_dir = str(first.root)
    place = {"folder": str(first.root), "path": path, "mask": current_mask()}
    kept = KeptPools(options.bases)
    options.pools = kept.pools
    problems: set[str] = set()

    def grade(students: Sequence[str]) -> report.Report | None:
        try:
            with process_state(place), bar(f"Grading {options.assignment}") as progress:
                how = run_options(options, progress, students)
                course = load_course(options)
                result = grading.grade(course, options.assignment, how, options.bases)
        except Exception as error:
            problem = messages.problem_of(error)
            if problem is None:
                raise
            if problem not in problems:
                problems.add(problem)
                tell(problem)
            return None
        problems.clear()
        if result.rows:
            text = json.dumps(report.to_dict(result)) if options.json else report.to_text(result)
            print(text, flush=True)
        return result

    exchange = Exchange(load_course(options), options.assignment) if options.collect else None

    def collect() -> None:
        try:
            if exchange is not None:
                exchange.collect()
        except Exception as error:  # what is in the exchange, others have made
            problem = f"The exchange cannot be collected from: {error or type(error).__name__}"
            if problem not in problems:
                problems.add(problem)
                tell(problem)

    with (
        contextlib.closing(kept),
        only_watcher(first, options.assignment),
        Changes(
            [
                submissions_folder(first, options.assignment),
                *(exchange.folders if exchange is not None else ()),
            ]
        ) as changes,
        Interrupts() as interrupts,
    ):
        tell(f"waiting for submissions of {options.assignment}; Ctrl-C ends it.")
        patterns = options.student or ("*",)
        ended = watch_submissions(
            first,
            options.assignment,
            patterns,
            grade,
            changes.wait,
            collect,
            lambda: interrupts.noted,
        )
        if not options.student and not options.json:
            print("\n".join(report.class_text(grading.look(first, options.assignment))), end="")
    return FAILED if ended is not None else 0


def check(options: argparse.Namespace) -> int:
    """`proctor check`."""
    with startup.importing():
        from proctor import grading
        from proctor.preparation import report

    course = protected_course(options)
    with bar(f"Checking {options.assignment}", "notebook") as progress:
        how = run_options(options, progress)
        decisions = grading.check(course, options.assignment, how, options.bases)
    if options.json:
        print(json.dumps(report.as_json(decisions), indent=1))
    else:
        print(report.text(options.assignment, decisions))
    return report.status(decisions)


def protected_course(options: argparse.Namespace) -> Course:
    """The course of a command that runs notebooks, where these can be confined; CourseError."""
    if not options.no_sandbox:
        options.trial.join()
        require_protection()
    options.course = load_course(options)
    return options.course


def run_options(
    options: argparse.Namespace,
    progress: Progress,
    students: Sequence[str] = ("*",),
    force: bool = False,
) -> Options:
    """What was said on the command line, for a grading."""
    from proctor.grading import Options

    return Options(
        students=students,
        notebook=options.notebook,
        workers=options.workers or default_workers(),
        timeout=options.timeout,
        force=force,
        sandbox=not options.no_sandbox,
        reference=options.reference and options.reference.absolute(),
        progress=progress,
        say=tell,
        pools=options.pools,
    )


def tell_absent(
    course: Course, options: argparse.Namespace, step: Literal["submitted", "autograded"]
) -> int:
    """Tell of students that were named and have no folder of this step; how many there are."""
    if not options.student:
        return 0
    from proctor.gradebook.database import GradebookConnection

    with GradebookConnection(course) as gradebook:
        gradebook.assignment(options.assignment)  # an unknown assignment is told of first
        known = [one.id for one in gradebook.students()] if step == "autograded" else []
    # Of whom the gradebook knows, feedback says by itself why there is no page.
    asked = [one for one in options.student if not fnmatch.filter(known, one)]
    sentences = messages.absent_students(course, options.assignment, asked, step)
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
    from proctor.feedback.generate import feedback as write_feedback
    from proctor.feedback.generate import who_has_none

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
    new = result.pages or result.failed
    parts = [f"{len(result.pages)} pages written" if new else "nothing new to write"]
    if result.renewed:
        parts.append(f"of {result.renewed} students they replace older ones")
    if result.already:
        parts.append(f"{result.already} students had their pages (--force writes them again)")
    if result.failed:
        parts.append(f"{len(result.failed)} students have none")
    for line in who_has_none(options.assignment, result):
        print(line)
    print(f"{options.assignment}: {', '.join(parts)}.")
    return result.status or FAILED * bool(absent)


def report_class(options: argparse.Namespace) -> int:
    """`proctor report`."""
    from proctor.class_report.command import report

    print(report(load_course(options), options))
    return 0


def export(options: argparse.Namespace) -> int:
    """`proctor export`."""
    from proctor.export.plugins import export_assignment

    print("\n".join(export_assignment(load_course(options), options)))
    return 0


@contextlib.contextmanager
def bar(title: str, unit: str = "submission") -> Iterator[Progress]:
    """A progress bar on a terminal's stderr, with rate and time left; elsewhere nothing."""
    from tqdm import tqdm

    with tqdm(
        total=0,
        desc=title,
        unit=unit,
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
