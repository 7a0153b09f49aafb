"""`proctor report`: collect what is known, write the files that are asked for, say the rest."""

import argparse
import json
import os
from pathlib import Path

from proctor.class_report.collected import collect
from proctor.class_report.forms import to_csv, to_dict, to_text
from proctor.course import Course
from proctor.export.table import new_file

FOLDER = "reports"


def report(course: Course, options: argparse.Namespace) -> str:
    """Write the files; what is printed. CourseError where a file cannot be written."""
    found = collect(course, options.assignment)
    written: list[Path] = []
    if options.csv:
        _write(options.csv, to_csv(found), options.force, "--csv")
        written.append(options.csv)
    if options.html or not options.json:
        # matplotlib takes a second to import, which JSON and CSV need not wait for.
        from proctor.class_report.page import page

        path = options.html or _default_place(course, options.assignment)
        data = page(found).encode("utf-8", "backslashreplace")
        _write(path, data, options.force or not options.html, "--html")
        written.append(path)
    if options.json:
        return json.dumps(to_dict(found), indent=1)
    return "\n".join([to_text(found), "", *(f"Written: {path}" for path in written)])


def _default_place(course: Course, assignment: str) -> Path:
    """Where the page is if nobody says where; the folder is made."""
    folder = course.root / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{assignment}.html"


def _write(path: Path, data: bytes, replace: bool, option: str) -> None:
    """Write a file that only this account may read, whole or not at all."""
    with new_file(path, replace, option=option) as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(data)
