"""What may be said on the command line; imports nothing much, so that every command begins at once."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from proctor.waiting import client

EPILOG = """\
what is entered:
  A score is final when the submission was graded and no cell waits for a human. All others
  are left as the platform's file has them, and are named: submissions with a cell that needs
  manual grading, submissions that could not be or have not been graded, and students who
  handed in nothing. --needs-manual-grade, --not-graded and --not-handed-in enter something
  all the same. Nobody gets a 0 without being asked for.

how students are found:
  Canvas: ID, SIS User ID and SIS Login ID, compared with nbgrader's lms_user_id, id and
  e-mail address. Moodle: the number in Identifier, ID number, Email address. All columns
  count; where two of them point to different students, nothing is written until --match says
  which is to be believed.

The same exporters work in nbgrader's own command:
  nbgrader export --exporter=proctor.export.CanvasExport --assignment='["ps1"]'
      --CanvasExport.source=gradebook.csv --to=ps1.csv
"""


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
    add_run_options(grade)
    add_wait(grade)
    add_student(grade)
    grade.add_argument("--force", action="store_true", help="grade again what was graded")
    grade.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="have a Dask cluster examine the submissions (tcp://host:8786, tls://host:8786)",
    )
    watch = commands.add_parser(
        "watch",
        help="grade each submission as soon as it is there, until Ctrl-C",
        description="Grade what is new, and from then on each submission as soon as it lies in "
        "submitted/, until Ctrl-C. The processes that grade stay ready for the next one. If it is killed, "
        "start it again: it grades what is missing.",
    )
    add_run_options(watch)
    add_student(watch)
    watch.add_argument(
        "--collect",
        action="store_true",
        help="also collect from the exchange, as nbgrader collect --update",
    )
    watch.set_defaults(force=False)
    check = commands.add_parser(
        "check",
        help="tell how each test of an assignment is graded, before the term",
        description="Run the reference solution and the unsolved release, and tell of each test its "
        "points on both, how it is graded, and what keeps it from being isolated. The exit status is "
        "1 if a test passes on the release or fails on the reference.",
    )
    add_run_options(check)
    add_wait(check)
    commands.add_parser("doctor", help="tell what protection this machine gives")
    feedback = commands.add_parser(
        "feedback", help="write feedback pages, as nbgrader generate_feedback"
    )
    feedback.add_argument("assignment", metavar="ASSIGNMENT")
    add_student(feedback)
    feedback.add_argument(
        "--workers",
        type=count,
        metavar="N",
        help="processes at work (default: one for each processor)",
    )
    feedback.add_argument("--force", action="store_true", help="write again what was written")
    add_course_dir(feedback)
    add_report(commands)
    export = add_export(commands)
    add_student(export)
    add_course_dir(export)
    return top


def add_report(commands: Any) -> None:
    """Add `proctor report` to the commands."""
    command = commands.add_parser(
        "report",
        help="show the class at a glance: what to show again, who needs a human, scores, tests",
        description="Tell what is known of a class that was graded: on the terminal, and as a page "
        "to open in a browser or to print. It holds names and marks.",
    )
    command.add_argument("assignment", metavar="ASSIGNMENT")
    command.add_argument(
        "--html",
        type=Path,
        metavar="FILE",
        help="write the page here (default: reports/ASSIGNMENT.html in the course directory, which "
        "is replaced)",
    )
    command.add_argument(
        "--csv",
        type=Path,
        metavar="FILE",
        help="write a line for each student and test, too",
    )
    command.add_argument(
        "--json", action="store_true", help="print all of it as JSON, and write only what is named"
    )
    command.add_argument(
        "--force", action="store_true", help="replace a file that was named and is there already"
    )
    add_course_dir(command)


def add_run_options(command: argparse.ArgumentParser) -> None:
    """What commands that run notebooks have in common."""
    command.add_argument("assignment", metavar="ASSIGNMENT")
    command.add_argument(
        "--notebook", default="*", metavar="GLOB", help="only these notebooks of the assignment"
    )
    command.add_argument(
        "--reference",
        type=Path,
        metavar="FOLDER",
        help="solved notebooks, instead of the source's own solutions",
    )
    command.add_argument(
        "--workers",
        type=count,
        metavar="N",
        help="processes at work (default: one for each processor, and one more)",
    )
    command.add_argument(
        "--timeout",
        type=seconds,
        metavar="S",
        help="seconds a cell may take (default: Execute.timeout)",
    )
    command.add_argument(
        "--no-sandbox",
        action="store_true",
        help="run without the protection of this machine; marks the report",
    )
    command.add_argument("--json", action="store_true", help="print the result as JSON")
    add_course_dir(command)


def add_student(command: argparse.ArgumentParser) -> None:
    """Let a command be told which students."""
    command.add_argument(
        "--student",
        action="append",
        metavar="GLOB",
        help="only these students (may be given again)",
    )


def add_wait(command: argparse.ArgumentParser) -> None:
    """Let a command be told how long a grader waits after it."""
    command.add_argument(
        "--wait",
        type=waiting_seconds,
        metavar="S",
        help="seconds that a grader then waits for the next command, which it begins at once "
        f"(default: PROCTOR_WAIT, c.Proctor.wait or {client.DEFAULT:g}; 0: none stays)",
    )


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


def waiting_seconds(text: str) -> float:
    """How long a grader waits; raises ArgumentTypeError."""
    number = float(text)
    if not 0 <= number <= 86400:
        raise argparse.ArgumentTypeError("must be from 0 to 86400")
    return number


def add_export(commands: Any) -> argparse.ArgumentParser:
    """Add the command to those of the program; returns it."""
    command: argparse.ArgumentParser = commands.add_parser(
        "export",
        help="write marks, or feedback pages, as Canvas or Moodle reads them",
        description="Write an assignment's marks into the file that Canvas or Moodle exported, for "
        "its import, or into a CSV file for anybody; with --feedback write a zip of the feedback "
        "pages, named as the platform expects.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("assignment", metavar="ASSIGNMENT")
    command.add_argument(
        "--to", dest="platform", required=True, choices=("canvas", "moodle", "csv")
    )
    command.add_argument(
        "--from",
        dest="source",
        metavar="FILE",
        help="the CSV file that Canvas's Gradebook > Export, or Moodle's “Download grading "
        "worksheet”, wrote; it is not changed",
    )
    command.add_argument(
        "--output",
        dest="to",
        metavar="FILE",
        help="the file to write (default: ASSIGNMENT-canvas.csv and so on, in the working directory)",
    )
    command.add_argument(
        "--force", action="store_true", default=None, help="replace a file that is there already"
    )
    command.add_argument(
        "--column",
        metavar="NAME",
        help="Canvas: the assignment's column, by its title, its number or all of it (default: the "
        "one called like the assignment)",
    )
    command.add_argument("--match", metavar="COLUMN", help="find students by this column only")
    command.add_argument(
        "--scale",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="where the platform has another maximum: multiply all points, or enter them as they are "
        "(not said: nothing is written)",
    )
    for name, choice, words in (
        ("needs-manual-grade", "score", "submissions with cells that wait for a human"),
        ("not-graded", "zero", "submissions that could not be, or have not been graded"),
        ("not-handed-in", "zero", "students who handed in nothing"),
    ):
        command.add_argument(
            f"--{name}",
            choices=("leave", choice),
            help=f"{words} (default: leave)",
        )
    command.add_argument(
        "--feedback",
        action="store_true",
        default=None,
        help="write a zip of the feedback pages, and no marks",
    )
    command.add_argument(
        "--download",
        metavar="FILE",
        help="Canvas: the zip of “Download Submissions”, whose names the pages get (default: what "
        "lies in downloaded/ASSIGNMENT/archive)",
    )
    return command
