"""How an assignment is graded, as whoever starts the grading says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from proctor.pool.bases import Bases
from proctor.pool.pools import Pools, PoolSettings


def silent(text: str) -> None:
    """Tell nobody."""


def unseen(student: str | None, total: int | None = None) -> None:
    """Show no progress."""


@dataclass
class Options:
    """How an assignment is graded.

    `students` and `notebook` are globs, `timeout` seconds a cell may take instead of the course's,
    `reference` a folder with solved notebooks instead of the source's. `progress` is told of each
    student that is done, and first of how many there are; `say` of what keeps the grading waiting.
    `pools` makes Pools that stay open afterwards, where somebody waits with them for the next grading.
    """

    students: Sequence[str] = ("*",)
    notebook: str = "*"
    workers: int = 2
    timeout: float | None = None
    force: bool = False
    sandbox: bool = True
    reference: Path | None = None
    progress: Callable[..., None] = unseen
    say: Callable[[str], None] = silent
    pools: Callable[[Bases, PoolSettings], Pools] | None = None
