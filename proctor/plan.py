"""Owns what is to be run of a notebook: its cells in order and, for each, on which side it runs."""

from dataclasses import dataclass, field

SIDES = ("text", "student", "edited", "both", "test", "candidate", "skip")


@dataclass
class Part:
    """One cell as it will stand in the autograded notebook, and where it runs."""

    index: int
    cell: object
    side: str
    instructors: str | None = None


@dataclass
class Plan:
    """A notebook to grade: its cells are the parts' cells; `problems` says in sentences what was odd in the submission.

    The first `prefix` parts run nothing but the template's prefix; 0 if the student's text runs before or within it.
    `files` are the student's own additional files, {relative name: path of a trusted copy}."""

    notebook: object
    parts: list[Part]
    problems: list[str] = field(default_factory=list)
    prefix: int = 0
    files: dict[str, str] = field(default_factory=dict)
