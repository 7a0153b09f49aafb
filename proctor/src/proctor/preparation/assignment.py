"""What is found out of an assignment's notebooks before any submission, kept and used again."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from proctor.assemble.source import AssignmentNotebook, solved_in
from proctor.course import Course, CourseError
from proctor.pool.bases import Bases, CannotStart
from proctor.pool.pools import Pools, PoolSettings
from proctor.preparation.decision import NotebookDecision
from proctor.preparation.prepare import prepared
from proctor.preparation.store import ShownFile, keep, kept, key_of

if TYPE_CHECKING:
    from proctor.options import Options

PREPARATION_RUNS = 2  # of the reference and the release that go on at the same time


class AssignmentPreparation:
    """What is found out of the notebooks of an assignment before any submission.

    `anew`: what was found before is not used.
    """

    def __init__(
        self, course: Course, assignment: str, options: Options, anew: bool = False
    ) -> None:
        self.course, self.assignment, self.options, self.anew = course, assignment, options, anew
        self.timeout = options.timeout or course.timeout
        self.keys: dict[str, str] = {}

    def key(self, notebook: AssignmentNotebook, support: Path) -> str:
        """The key of what is found out of a notebook."""
        name = notebook.name
        if name not in self.keys:
            if self.options.reference is not None:
                notebook.solved = solved_in(self.options.reference, name)
            conditions = {"timeout": self.timeout, "sandbox": self.options.sandbox}
            self.keys[name] = key_of(self.course, notebook, self.assignment, support, conditions)
        return self.keys[name]

    def pools(
        self,
        bases: Bases,
        notebooks: dict[str, AssignmentNotebook],
        support: Path,
        submissions: int = 0,
    ) -> Pools:
        """The pools to run the notebooks of so many submissions in; 0: it is not known how many."""
        options = self.options
        prepared_before = all(self.known(one, support) for one in notebooks.values())
        several = len(notebooks) > 1  # which are prepared at the same time, each by one worker
        workers = needed_workers(options.workers, submissions, prepared_before or several)
        shown = {
            name: ShownFile(
                self.course, self.assignment, name, partial(self.key, one, support), self.anew
            )
            for name, one in notebooks.items()
        }
        settings = PoolSettings(
            notebooks, support, workers, self.timeout, options.sandbox, shown, submissions
        )
        return (options.pools or Pools)(bases, settings)

    def known(self, notebook: AssignmentNotebook, support: Path) -> NotebookDecision | None:
        """How the tests of a notebook are graded, if that was found before."""
        key = self.key(notebook, support)
        return None if self.anew else kept(self.course, self.assignment, notebook.name, key)

    def decision(
        self, pools: Pools, notebook: AssignmentNotebook, support: Path
    ) -> NotebookDecision:
        """How the tests of a notebook are graded: as it was found before, or found now."""
        known = self.known(notebook, support)
        if known is not None:
            return known
        try:
            with pools.used(notebook.name) as pool:
                found = prepared(notebook, pool, pools.timeout)
        except CannotStart as error:
            raise CourseError(str(error)) from error
        if problem := keep(self.course, self.assignment, self.key(notebook, support), found):
            found.problems.append(problem)
        return found


def needed_workers(most: int, submissions: int, prepared_before: bool) -> int:
    """How many workers have work: one for each submission, or for each run of a preparation that can
    go on at once; `most` where it is not known how many submissions there are."""
    runs = 1 if prepared_before else PREPARATION_RUNS
    return min(most, max(submissions, runs)) if submissions else most
