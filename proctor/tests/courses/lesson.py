"""Owns this repository's own course as one to compare on: varied sample answers of tests/answers, by name."""

from course import answers, layout, sample

from .running import Course

ANSWERS = """
patch_sums flipped_both_axes clears_used_pixels functional_conv2d
""".split()


def source():
    """The files of the assignment: {name: bytes}."""
    return {
        path.relative_to(layout.SOURCE).as_posix(): path.read_bytes()
        for path in layout.SOURCE.rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and not any(part.startswith(".") for part in path.parts)
    }


def submissions():
    """What some students hand in: {student: files}."""
    known = {answer.name: answer for answer in answers.load()}
    return {name.replace("_", "-"): sample.submission(known[name].source) for name in ANSWERS} | {
        "unsolved": sample.submission(answers.unsolved()),
        "deleted-graded-cells": sample.without_graded_cells(
            sample.submission(known["patch_sums"].source)
        ),
    }


COURSE = Course(
    name="lesson",
    assignment=layout.ASSIGNMENT,
    source=source(),
    submissions=submissions(),
    settings="c.OverwriteCells.add_missing_cells = True\nc.Execute.timeout = 60\n",
)
