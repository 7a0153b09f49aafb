"""The pools of a round: one for each notebook, a few of them open at a time."""

from __future__ import annotations

import ast
import contextlib
import math
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

from proctor.assemble.source import AssignmentNotebook
from proctor.course import CourseError
from proctor.examiner.template import Task, Template
from proctor.pool.candidate_server import CannotStart
from proctor.pool.pool import Bases, Pool, Result
from proctor.sandbox import Limits

NO_LIMIT = 7 * 86400.0  # seconds; Execute.timeout = None
RUNS = 2  # of a preparation that can go on at once
OPEN = 4  # pools that are open at a time


class Pools:
    """Pools by notebook, opened when they are first asked for; CourseError in words if one cannot
    start. Of many only the last few stay open."""

    def __init__(
        self,
        bases: Bases,
        notebooks: dict[str, AssignmentNotebook],
        support: Path,
        workers: int,
        timeout: float | None,
        sandbox: bool,
        submissions: int = 0,
    ) -> None:
        self.bases, self.notebooks, self.support, self.workers = bases, notebooks, support, workers
        self.timeout, self.sandbox = timeout or NO_LIMIT, sandbox
        self.submissions = submissions
        self.open: OrderedDict[str, Pool] = OrderedDict()
        self.told: dict[str, list[str]] = {}
        for notebook in notebooks.values():
            python_only(notebook)

    def __enter__(self) -> Pools:
        return self

    def __exit__(self, *error: object) -> None:
        for name in list(self.open):
            self.close(name)

    def close(self, name: str) -> None:
        """Close a notebook's pool."""
        with self.open.pop(name) as pool:
            self.told.setdefault(name, pool.warnings())

    @property
    def needed(self) -> int:
        """How many workers a pool gets: not more than it has work for, or a preparation's runs."""
        return min(self.workers, max(self.submissions, RUNS)) if self.submissions else self.workers

    def pool(self, name: str) -> Pool:
        """A notebook's pool."""
        if name not in self.open:
            while len(self.open) >= OPEN:
                self.close(next(iter(self.open)))
            made = template(self.notebooks[name], self.support, self.timeout, self.sandbox)
            made.submissions = self.submissions
            try:
                self.open[name] = Pool(self.bases, made, self.needed)
            except CannotStart as error:
                raise CourseError(str(error)) from error
        self.open.move_to_end(name)
        return self.open[name]

    def examine(self, name: str, tasks: Iterable[tuple[str, Task]]) -> Iterator[Result]:
        """(key, outcome, notebook) of each (key, task), as they are done."""
        try:
            yield from self.pool(name).examine(tasks)
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
    found, magic = dict.fromkeys(notebook.imports), TransformerManager()
    for own in notebook.cells:
        if own.cell.cell_type == "code" and own.side in ("given", "test", "candidate"):
            with contextlib.suppress(SyntaxError, ValueError, RecursionError):
                for node in ast.parse(magic.transform_cell(own.cell.source)).body:
                    if isinstance(node, ast.Import):
                        found |= dict.fromkeys(alias.name for alias in node.names)
                    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                        found[node.module] = None
    return list(found)
