"""docs/parity.md: which courses proctor was compared with stock nbgrader on, and the differences."""

from pathlib import Path

import nbformat

PATH = Path(__file__).resolve().parents[2] / "docs" / "parity.md"
COMMAND = "cd proctor/tests && python -m courses.page"
HEAD = """# Same grades

`proctor grade` gives what stock `nbgrader autograde` (0.9.6) gives: `tests/test_parity.py` builds each course below, grades two copies
of it by the two commands, and compares every table of the two gradebooks row by row: points by cell, by notebook and in all, what waits for a
human, nbgrader's comments, late penalties, times of handing in, highest points; and the files of the autograded folders. All of it is the same.

| course | what is in it | students | graded cells of them all | the same |
|---|---|---:|---:|---:|
"""
ABOUT = {
    "guide": "nbgrader's user guide as shipped: two notebooks, cells graded by hand, answers in words, a header",
    "records": "classes, operators, trees, exceptions, generators, callbacks, printing, files, coroutines, random kinds of numbers",
    "arrays": "numpy and torch: views, in-place edits, seeds, gradients, models; penalties, folders and a database of its own",
}
BETWEEN = """
What a student handed in is right, half right or wrong in the usual ways: wrong types and shapes, copies for views, printed for returned,
deleted cells, syntax errors, late.

## Different, on purpose

Each line is a submission of `tests/courses/differences`, and both its grades are tested. "A human" means that proctor gives no points and the cell
*needs manual grade*. Everything else that a test may do with a student's objects has the points that stock gives: such tests are graded in process.

| what differs | example | stock | proctor |
|---|---|---|---|
"""
FOOT = """
## Why these

The first ones cost an honest student points in stock for something that says nothing about the answer, or leave a class ungraded. The others come of
the rule that isolated tests see only the instructor's own names and plain data: there the verdict is not the student's word.
"""


def graded(course):
    """How many cells of a course's notebooks are graded, by a test or by hand."""
    books = [
        nbformat.reads(content.decode(), 4) if isinstance(content, bytes) else content
        for name, content in course.source.items()
        if name.endswith(".ipynb")
    ]
    about = [cell.metadata.get("nbgrader", {}) for book in books for cell in book.cells]
    return sum(bool(one.get("grade") or one.get("task")) for one in about)


def points(cells, nothing="none"):
    """Points by cell, as a reader reads them."""
    if set(cells.values()) == {None} and len(cells) > 1:
        return "none graded"
    return ", ".join(
        f"`{cell}` {nothing if given is None else given}" for cell, given in cells.items()
    )


def text(courses, differences):
    """The whole page."""
    rows = []
    for course in courses:
        cells = len(course.submissions) * graded(course)
        rows.append(
            f"| {course.name} | {ABOUT[course.name]} | {len(course.submissions)} | {cells} | {cells} |"
        )
    lines = [
        f"| {one.why} | {one.student} | {points(one.stock)} | {points(one.proctor, 'a human')} |"
        for one in differences
        if one.stock != one.proctor
    ]
    return HEAD + "\n".join(rows) + "\n" + BETWEEN + "\n".join(lines) + "\n" + FOOT


if __name__ == "__main__":
    from . import arrays, differences, guide, records

    PATH.write_text(
        text([guide.COURSE, records.COURSE, arrays.COURSE], differences.DIFFERENCES),
        "utf-8",
    )
