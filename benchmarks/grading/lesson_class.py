"""The lesson with a class of any size: sample answers, right and wrong ones and some unsolved."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from course import answers, layout, notebook
from course.sample_class import sample

from .courses import Assignment, release

RIGHT, WRONG, UNSOLVED = "right", "wrong", "unsolved"
MIX = "RRWRRWRRWRRRWRRWRRWU"  # of 20 students: right, wrong, unsolved
KINDS = {"R": RIGHT, "W": WRONG, "U": UNSOLVED}
NEVER_ENDS = "loop_without_end"  # its time is a limit's, and not the grader's
# In a whole notebook the picture's call comes first, so that it loses more than it does by itself.
FIRST_CALL = "size_of_the_first_call"
EACH_WRONG = 7  # every seventh of the wrong answers: about as many as there are right ones


@dataclass(frozen=True)
class Member:
    """A student of the class, with the name and the text of the answer handed in."""

    student: str
    answer: str
    source: str


def members(count: int) -> list[Member]:
    """The first `count` students of the class; a larger class begins with a smaller one."""
    known = answers.load()
    right = [answer for answer in known if answer.right]
    left_out = (NEVER_ENDS, FIRST_CALL)
    wrong = [answer for answer in known if not answer.right and answer.name not in left_out]
    pools = {RIGHT: cycle(right), WRONG: cycle(wrong[::EACH_WRONG])}
    unsolved = answers.unsolved()

    def handed_in() -> Iterator[tuple[str, str]]:
        for letter in cycle(MIX):
            kind = KINDS[letter]
            if kind == UNSOLVED:
                yield UNSOLVED, unsolved
            else:
                answer = next(pools[kind])
                yield answer.name, answer.source

    return [
        Member(f"student-{number:04}", *answer)
        for number, answer in zip(range(count), handed_in(), strict=False)
    ]


def lesson(folder: Path, count: int) -> Assignment:
    """The lesson, released in `folder`, with a class of `count` students."""
    if not (folder / "gradebook.db").exists():
        shutil.rmtree(folder, ignore_errors=True)
        parts = [path for path in layout.SOURCE.iterdir() if not path.name.startswith((".", "__"))]
        release(folder, layout.ASSIGNMENT, parts)
    students = members(count)
    worth = notebook.points(notebook.read(layout.SOURCE / layout.NOTEBOOK))
    lost = {answer.name: answer.loses for answer in answers.load()} | {UNSOLVED: frozenset(worth)}
    written = functools.cache(sample.submission)
    return Assignment(
        layout.ASSIGNMENT,
        folder,
        {member.student: written(member.source) for member in students},
        {
            (member.student, layout.ASSIGNMENT, cell): 0 if cell in lost[member.answer] else most
            for member in students
            for cell, most in worth.items()
        },
    )


def stock_sample(students: list[str], many: int, few: int) -> tuple[list[str], list[str]]:
    """Students to measure stock nbgrader on, `many` and, of these, `few`.

    They are at the end of the first round of the mix, where answers are wrong, right and unsolved.
    """
    chosen = students[: len(MIX)][-many:]
    return chosen, chosen[:few]
