"""The pools of a round: one for each notebook, a few of them open at a time."""

from __future__ import annotations

import contextlib
import math
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

from proctor.assemble.source import AssignmentNotebook
from proctor.course import CourseError
from proctor.examiner.template import Task, Template
from proctor.pool.bases import Bases, CannotStart
from proctor.pool.early import imports_of, in_all
from proctor.pool.pool import Pool, Result
from proctor.pool.shown import NOTHING_KEPT, KeptShown
from proctor.publish.folders import SupportCopy, modules_in
from proctor.sandbox import Limits

NO_LIMIT = 7 * 86400.0  # seconds; Execute.timeout = None
OPEN = 4  # pools that are open at a time


@dataclass(frozen=True)
class PoolSettings:
    """What the pools of one grading are made from.

    `support` is a folder with the support files, `timeout` the seconds a cell may take (None: no
    limit), `shown` by notebook where what its first cells show is kept, `submissions` how many are to
    be graded (0: it is not known).
    """

    notebooks: dict[str, AssignmentNotebook]
    support: Path
    workers: int = 2
    timeout: float | None = None
    sandbox: bool = True
    shown: Mapping[str, KeptShown] = field(default_factory=dict)
    submissions: int = 0

    def template(self, name: str) -> Template:
        """What all submissions of the notebook of this name share."""
        made = template(self.notebooks[name], self.support, self.timeout, self.sandbox)
        made.submissions = self.submissions
        # The same for all notebooks, so that their containers are alike.
        most = max(cpu_seconds(one, made.timeout) for one in self.notebooks.values())
        made.limits = {"cpu_seconds": most} | self.notebooks[name].limits
        return made


class Pools:
    """Pools by notebook, opened when they are first asked for; CourseError in words if one cannot
    start. Of many only the last few stay open.

    Several threads may open pools of different notebooks.
    """

    def __init__(self, bases: Bases, settings: PoolSettings) -> None:
        self.bases, self.settings = bases, settings
        self.timeout = settings.timeout or NO_LIMIT
        self.loaded = False
        self.support: SupportCopy | None = None  # one for all, so that their containers are alike
        self.lock, self.closed = threading.RLock(), False
        self.open: OrderedDict[str, Pool] = OrderedDict()
        self.users: Counter[str] = Counter()
        self.told: dict[str, list[str]] = {}
        for notebook in settings.notebooks.values():
            python_only(notebook)

    def __enter__(self) -> Pools:
        return self

    def __exit__(self, *error: object) -> None:
        self.close_all()

    def close_all(self) -> None:
        """Close all pools, for good."""
        with self.lock:
            self.closed = True
            closing, self.open = self.open, OrderedDict()
        for name, pool in closing.items():
            self.close(name, pool)

    def close(self, name: str, pool: Pool) -> None:
        """Close a notebook's pool, which nobody finds open any more."""
        with pool:
            self.told.setdefault(name, pool.warnings())

    @contextlib.contextmanager
    def used(self, name: str) -> Iterator[Pool]:
        """A notebook's pool, which stays open in this context."""
        with self.lock:
            self.users[name] += 1
        try:
            yield self.pool(name)
        finally:
            with self.lock:
                self.users[name] -= 1

    def pool(self, name: str) -> Pool:
        """A notebook's pool."""
        with self.lock:
            if name in self.open:
                self.open.move_to_end(name)
                return self.open[name]
            unused = [one for one in self.open if not self.users[one]]
            closing = [
                (one, self.open.pop(one)) for one in unused[: max(0, len(self.open) + 1 - OPEN)]
            ]
        for one, other in closing:
            self.close(one, other)
        made, workers = self.settings.template(name), self.settings.workers
        try:
            self.load()
            pool = Pool(self.bases, made, workers, self.shown(name), self.support)
        except CannotStart as error:
            raise CourseError(str(error)) from error
        with self.lock:
            if not self.closed:
                self.open[name] = pool
                return pool
        self.close(name, pool)
        raise CourseError("The grading has ended.")

    def shown(self, name: str) -> KeptShown:
        """Where what a notebook's first cells show is kept."""
        return self.settings.shown.get(name, NOTHING_KEPT)

    def load(self) -> None:
        """Once, have what all notebooks import loaded where their processes come from."""
        with self.lock:
            if self.loaded:
                return
            modules = []
            for name, notebook in self.settings.notebooks.items():
                shown = self.shown(name).read()
                modules.append([*imports(notebook), *(shown.modules if shown else ())])
            self.bases.load(in_all(modules, modules_in(self.settings.support)))
            self.support = SupportCopy(self.settings.support)
            self.loaded = True

    def examine(self, name: str, tasks: Iterable[tuple[str, Task]]) -> Iterator[Result]:
        """(key, outcome, notebook) of each (key, task), as they are done."""
        try:
            with self.used(name) as pool:
                yield from pool.examine(tasks)
        except CannotStart as error:
            raise CourseError(str(error)) from error

    def warnings(self, name: str) -> list[str]:
        """What went wrong in the instructor's own cells, before any student's."""
        if name in self.open:
            self.told[name] = self.open[name].warnings()
        return [f"{name}: {text}" for text in self.told.get(name, [])]


def template(
    notebook: AssignmentNotebook, support: Path, timeout: float | None, sandbox: bool
) -> Template:
    """What all submissions of a notebook share."""
    seconds = timeout or NO_LIMIT
    return Template(
        prefix=notebook.prefix,
        support=support,
        imports=imports(notebook),
        timeout=seconds,
        sandbox=sandbox,
        limits={"cpu_seconds": cpu_seconds(notebook, seconds)} | notebook.limits,
        secret=notebook.secret,
        tests=[own.cell.source for own in notebook.cells if own.side == "test"],
    )


def cpu_seconds(notebook: AssignmentNotebook, timeout: float) -> int:
    """Seconds of computing for a run: each of its cells may take all its time, and be run once more."""
    return max(Limits().cpu_seconds, math.ceil(2 * timeout * len(notebook.cells)))


def python_only(notebook: AssignmentNotebook) -> None:
    """Refuse a notebook of another language, in words."""
    kernel = notebook.notebook.metadata.get("kernelspec", {})
    language = kernel.get("language") or kernel.get("name") or "python"
    if not language.startswith(("python", "ipython")):
        raise CourseError(
            f"{notebook.name} is a notebook in {language}; proctor grades Python. "
            "Use `nbgrader autograde` for it."
        )


def imports(notebook: AssignmentNotebook) -> list[str]:
    """The modules that the instructor's cells import at their top, to be imported once before any
    student's code."""
    found = dict.fromkeys(notebook.imports)
    for own in notebook.cells:
        if own.cell.cell_type == "code" and own.side in ("given", "test", "candidate", "shown"):
            found |= dict.fromkeys(imports_of_cell(own.cell.source))
    return list(found)


def imports_of_cell(text: str) -> list[str]:
    """The modules that a cell imports at its top; none if it cannot be read."""
    with contextlib.suppress(SyntaxError, ValueError, RecursionError):
        return imports_of(text)
    with contextlib.suppress(SyntaxError, ValueError, RecursionError):  # such as with a %magic
        return imports_of(TransformerManager().transform_cell(text))
    return []
