"""Owns what a round of grading hands to its workers, and grading a single submission."""

from dataclasses import dataclass, field
from pathlib import Path

from proctor.examiner.reference import Reference


@dataclass
class Template:
    """What all submissions of one notebook share: the instructor's cells before a student's first one, and the conditions.

    `support` is a folder of what a student may see beside the notebook; `readable` are more places a candidate may read;
    `secret` are places of the course that not even a test may, where it works with a student's data.
    """

    prefix: list
    support: Path | None
    imports: list = ()
    timeout: float = 30
    sandbox: bool = True
    limits: dict = field(default_factory=dict)
    readable: list = ()
    secret: list = ()
    reference: Reference = field(default_factory=Reference)
    tests: list = ()  # texts of the test cells, as most plans have them

    def texts(self):
        """The prefix as the zygote runs it: each cell's text and number."""
        return [(part.candidates, count) for count, part in enumerate(filter(runs, self.prefix), 1)]

    def key(self):
        """What makes two templates the same, as text."""
        cells = [(part.side, part.candidates, part.examiners) for part in self.prefix]
        names = [
            *map(sorted, (self.reference.answers, self.reference.reads)),
            self.reference.imports,
            self.reference.known,
        ]
        return repr(
            (
                cells,
                str(self.support),
                self.imports,
                self.timeout,
                self.sandbox,
                sorted(self.limits.items()),
                self.readable,
                self.secret,
                names,
            )
        )


def examine_once(template, plan):
    """Grade one submission. The processes stay for the next one of the same template, and end when this program does."""
    from proctor.pool.pool import kept_pool

    return next(kept_pool(template).examine([(0, plan)]))[1]


def fill(plan, outcome):
    """Write what came out into the plan's notebook, and return it."""
    for part in plan.parts:
        if part.cell.cell_type == "code":
            part.cell.outputs = outcome.outputs.get(part.index, [])
            part.cell.execution_count = outcome.execution_counts.get(part.index)
    return plan.notebook


def runs(part):
    """Whether a part is code that is run at all."""
    return (
        part.side not in ("text", "skip")
        and part.cell.cell_type == "code"
        and bool(part.cell.source.strip())
    )
