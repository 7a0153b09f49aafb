"""Owns what is to be run of a notebook: its cells in order and, for each, on which side it runs."""

from dataclasses import dataclass, field

SIDES = ("text", "student", "edited", "both", "test", "candidate", "skip")


@dataclass
class Part:
    """One cell as it will stand in the autograded notebook, and where it runs. `instructors` is what runs in the examiner, `given`
    what runs in the candidate, where that is not the cell's text."""

    index: int
    cell: object
    side: str
    instructors: str | None = None
    given: str | None = None

    @property
    def examiners(self):
        """The text that runs in the examiner."""
        return self.cell.source if self.instructors is None else self.instructors

    @property
    def candidates(self):
        """The text that runs in the candidate."""
        return self.cell.source if self.given is None else self.given


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
