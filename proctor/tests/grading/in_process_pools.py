"""Pools for tests of a grading run: what students hand in runs in this process, without an engine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import tiny_course
from nbformat import NotebookNode

from proctor.examiner.results import Event, Outcome
from proctor.examiner.template import Task
from proctor.pool.bases import Bases
from proctor.pool.pools import PoolSettings


class InProcessPools:
    """Stands for Pools. Only for what the tests themselves hand in.

    `opened` tells how it was made. After `stop_after` submissions of a notebook comes Ctrl-C; those
    of the students `fail` cannot be examined.
    """

    opened: list[dict[str, Any]] = []
    stop_after: int | None = None
    fail: tuple[str, ...] = ()

    def __init__(self, bases: Bases, settings: PoolSettings) -> None:
        self.timeout = settings.timeout
        files = sorted(path.name for path in settings.support.iterdir())
        made = {"support": files, "timeout": settings.timeout, "sandbox": settings.sandbox}
        self.opened.append(made)

    def __enter__(self) -> InProcessPools:
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is open."""

    def pool(self, name: str) -> InProcessPools:
        """The pool of a notebook."""
        return self

    @contextlib.contextmanager
    def used(self, name: str) -> Iterator[InProcessPools]:
        """The pool of a notebook, in use."""
        yield self

    def load(self) -> None:
        """Nothing is imported ahead."""

    def close_all(self) -> None:
        """Nothing is open."""

    def warnings(self, name: str) -> list[str]:
        """What went wrong in the instructor's own cells."""
        return []

    def examine(
        self, name: str, tasks: Iterable[tuple[str, Task]]
    ) -> Iterator[tuple[str, Outcome, NotebookNode | None]]:
        """Run each plan."""
        for count, (student, task) in enumerate(tasks):
            if self.stop_after is not None and count >= self.stop_after:
                raise KeyboardInterrupt
            if student in self.fail:
                yield student, Outcome(events=[Event("crashed", None, "it fell over")]), None
            else:
                yield student, Outcome(), tiny_course.run(task.plan)
