"""Owns docs/parity.md: which courses proctor was compared with stock nbgrader on, and the list of differences."""

import nbformat

from course import layout

PATH = layout.ROOT / "docs" / "parity.md"
COMMAND = "cd tests/proctor && PYTHONPATH=../.. python -m courses.page"
HEAD = """# Same grades

`proctor grade` gives what stock `nbgrader autograde` (0.9.6) gives: `tests/proctor/test_parity.py` builds each course below, grades two copies
of it by the two commands, and compares every table of the two gradebooks row by row: points by cell, by notebook and in all, what waits for a
human, nbgrader's comments, late penalties, times of handing in, highest points; and the files of the autograded folders. All of it is the same.

| course | what is in it | students | graded cells of them all | the same |
|---|---|---:|---:|---:|
"""
ABOUT = {
    "guide": "nbgrader's user guide as shipped: two notebooks, cells graded by hand, answers in words, a header",
    "records": "classes, operators, trees, exceptions, generators, callbacks, printing, files, coroutines, random kinds of numbers",
    "arrays": "numpy and torch: views, in-place edits, seeds, gradients, models; penalties, folders and a database of its own",
    "lesson": "this repository's own lesson; `tests/proctor` elsewhere compares all sample answers",
}
BETWEEN = """
What a student handed in is right, half right or wrong in the usual ways: wrong types and shapes, copies for views, printed for returned,
deleted cells, syntax errors, late.

## Different, on purpose

Each line is a submission of `tests/proctor/courses/differences`, and both its grades are tested. `runs: candidate` stands for
`{"proctor": {"runs": "candidate"}}` in the metadata of the test's cell: it then runs in the student's process, as in stock, and the report
names it as the student's own word.

| what differs | example | stock | proctor | what helps |
|---|---|---|---|---|
"""
FOOT = """
## What stays in the student's process

Plain data crosses to the test: numbers, text, bytes, lists, dicts and their like, dates, paths, numpy arrays, torch tensors with their
gradients, instances of classes that the notebook gives, files in the working folder. Everything else is used from afar: its attributes,
methods and operators work, but a library that looks into it finds a stand-in. An instance of an instructor's class, or a model of `torch`'s
that the test made, does what its class does: what a student's code puts in the place of a method, a constant or a hook is dropped.

So a test of a pandas table against another one, of a sympy expression, of a masked or structured array, of the figure that a cell drew
(`plt.gca()`), or one that gives `json` a student's or scipy's subclass of `dict`, says `runs: candidate`. Better is a test of the plain data:
`table["age"].tolist() == [36, 85]`.

Of what locked cells give, tests and the student's code share lists, dicts, sets and Counters that the solution's own functions change by name,
and functions that a test defines anew; not attributes that they set on a given object or class (`config.level = 5`, `Shape.count += 1`), data that
only a given function changes, nor classes that a test defines anew.
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


def points(cells):
    """Points by cell, as a reader reads them."""
    if set(cells.values()) == {None}:
        return "none graded"
    return ", ".join(
        f"`{cell}` {'none' if given is None else given}" for cell, given in cells.items()
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
        f"| {one.why} | {one.student} | {points(one.stock)} | {points(one.proctor)} | {one.remedy} |"
        for one in differences
        if one.stock != one.proctor
    ]
    return HEAD + "\n".join(rows) + "\n" + BETWEEN + "\n".join(lines) + "\n" + FOOT


if __name__ == "__main__":
    from . import arrays, differences, guide, lesson, records

    PATH.write_text(
        text([guide.COURSE, records.COURSE, arrays.COURSE, lesson.COURSE], differences.DIFFERENCES),
        "utf-8",
    )
