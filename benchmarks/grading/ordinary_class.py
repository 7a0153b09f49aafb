"""Two ordinary assignments: one notebook of many students, and many notebooks of one student."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from .courses import Assignment, release
from .exercises import EXERCISES, Exercise

ORDINARY, SMALL, ALONE = "ordinary", "small", "student"
IMPORTS = "import math\n\nimport numpy as np"
UNSOLVED_EACH = 13  # every thirteenth student hands in what was released
WRONG_EACH = 5  # of the answers of the others every fifth is wrong


def source(exercises: Sequence[Exercise], title: str) -> NotebookNode:
    """The instructor's notebook with these exercises, solutions and hidden tests included."""
    cells = [
        new_markdown_cell(f"# {title}", id="title"),
        new_code_cell(IMPORTS, id="imports"),
    ]
    for exercise in exercises:
        cells += [
            new_markdown_cell(exercise.asked, id=f"asked-{exercise.name}"),
            graded_cell(exercise.name, solution(exercise), solution=True),
            graded_cell(f"test_{exercise.name}", tests(exercise), points=exercise.points),
        ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def solution(exercise: Exercise) -> str:
    """The answer's cell as the instructor has it."""
    return f"### BEGIN SOLUTION{exercise.right[0]}### END SOLUTION"


def tests(exercise: Exercise) -> str:
    """The test's cell as the instructor has it."""
    hidden = f"### BEGIN HIDDEN TESTS{exercise.hidden}### END HIDDEN TESTS"
    return f"{exercise.visible.strip()}\n{hidden}"


def graded_cell(
    name: str, text: str, solution: bool = False, points: int | None = None
) -> NotebookNode:
    """A cell that nbgrader knows: a `solution`'s, or a test's that is worth `points`."""
    about = {
        "grade_id": name,
        "schema_version": 3,
        "solution": solution,
        "grade": points is not None,
        "locked": points is not None,
        "task": False,
    }
    if points is not None:
        about["points"] = points
    return new_code_cell(text, id=name.replace("_", "-"), metadata={"nbgrader": about})


def answer(exercise: Exercise, number: int) -> tuple[str | None, bool]:
    """What a student hands in for an exercise, None for nothing, and whether it is right.

    `number` is the student's place in the class, plus the exercise's: kinds and answers go round.
    """
    if number % WRONG_EACH == 0:
        return exercise.wrong[number // WRONG_EACH % len(exercise.wrong)], False
    return exercise.right[number % len(exercise.right)], True


def filled_in(released: NotebookNode, texts: Mapping[str, str | None]) -> str:
    """A released notebook with answers {name: text} in its cells, as text."""
    notebook = nbformat.from_dict(released)
    for cell in notebook.cells:
        text = texts.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if text is not None:
            cell.source = text.strip()
    return nbformat.writes(notebook)


def ordinary(folder: Path, students: int) -> Assignment:
    """One notebook with all exercises, released in `folder`, with a class of so many students."""
    release(folder, ORDINARY, {f"{ORDINARY}.ipynb": source(EXERCISES, "Lists and arrays")})
    released = nbformat.read(folder / "release" / ORDINARY / f"{ORDINARY}.ipynb", as_version=4)
    handed_in, expected = {}, {}
    for number in range(students):
        student = f"student-{number:04}"
        solved = number % UNSOLVED_EACH != UNSOLVED_EACH - 1
        texts: dict[str, str | None] = {}
        for place, exercise in enumerate(EXERCISES):
            texts[exercise.name], right = answer(exercise, number + place)
            worth = exercise.points if solved and right else 0
            expected[student, ORDINARY, f"test_{exercise.name}"] = float(worth)
        handed_in[student] = {f"{ORDINARY}.ipynb": filled_in(released, texts if solved else {})}
    return Assignment(ORDINARY, folder, handed_in, expected)


def small(folder: Path, notebooks: int) -> Assignment:
    """So many notebooks with two exercises each, released in `folder`, handed in by one student."""
    pairs = {
        f"part-{number:02}": [EXERCISES[(number + more) % len(EXERCISES)] for more in range(2)]
        for number in range(1, notebooks + 1)
    }
    release(folder, SMALL, {f"{name}.ipynb": source(pair, name) for name, pair in pairs.items()})
    handed_in, expected = {}, {}
    for number, (name, pair) in enumerate(pairs.items()):
        released = nbformat.read(folder / "release" / SMALL / f"{name}.ipynb", as_version=4)
        texts: dict[str, str | None] = {}
        for place, exercise in enumerate(pair):
            texts[exercise.name], right = answer(exercise, 3 * number + place)
            worth = exercise.points if right else 0
            expected[ALONE, name, f"test_{exercise.name}"] = float(worth)
        handed_in[f"{name}.ipynb"] = filled_in(released, texts)
    return Assignment(SMALL, folder, {ALONE: handed_in}, expected)
