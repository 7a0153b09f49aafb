"""What may be said to `proctor export`; imports nothing, so that every command begins at once."""

import argparse
from typing import Any

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
