"""Run a small notebook once, isolated or in process, in a pool that other notebooks share."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from small_notebook import Cell, notebook

from proctor.assemble.notebook import assemble
from proctor.assemble.plan import Plan
from proctor.examiner.names import Names, imports
from proctor.examiner.results import Outcome
from proctor.examiner.session import Run, Way
from proctor.examiner.template import Task, Template
from proctor.pool.pool import Pool
from proctor.sandbox import probe


@dataclass(frozen=True)
class Ran:
    """A notebook that has run; its cells are asked for by name, or by index."""

    plan: Plan
    outcome: Outcome

    def outputs(self, cell: str | int) -> list[NotebookNode]:
        """A cell's outputs; none if it did not run."""
        places = {part.name: part.index for part in self.plan.parts}
        return self.outcome.outputs.get(places[cell] if isinstance(cell, str) else cell, [])

    def errors(self, cell: str | int) -> list[str]:
        """The names of a cell's errors."""
        return [one.ename for one in self.outputs(cell) if one.output_type == "error"]

    def printed(self, cell: str | int) -> str:
        """What a cell printed."""
        return "".join(one.text for one in self.outputs(cell) if one.output_type == "stream")

    def value(self, cell: str | int) -> str:
        """The value that a cell ended with."""
        (last,) = [one for one in self.outputs(cell) if one.output_type == "execute_result"]
        return last.data["text/plain"]

    @property
    def events(self) -> list[tuple[str, str | int | None]]:
        """The kinds of events, each with its cell."""
        parts = self.plan.parts
        return [
            (one.kind, None if one.index is None else parts[one.index].name or one.index)
            for one in self.outcome.events
        ]


def template(
    *prefix: Cell, timeout: float = 20.0, support: Path | None = None, **more: Any
) -> Template:
    """A template whose notebooks begin with these cells; confined where this machine can."""
    more.setdefault("sandbox", probe().enough)
    imported = more.pop("imports", ["json"])
    return Template(notebook(*prefix).prefix, support, imported, timeout, **more)


def task(*cells: Cell, way: Way = "isolated") -> Task:
    """The task to run a notebook, whose answers are its solutions; what these bind may be no data."""
    made = notebook(*cells)
    plan = assemble(made, made.solved)
    names = Names(handles=frozenset())
    for place, cell in enumerate(cells):
        if cell.solution is not None:
            bound = frozenset(bound_by(cell.solution))
            known = imports(cell.solution)
            libraries = {name: known[name] for name in bound & known.keys()}
            names = names.with_answers(place, bound, libraries)
            names = replace(names, handles=(names.handles or frozenset()) | bound)
        elif cell.points is None:
            names = names.with_given(place, bound_by(cell.text))
    return Task(plan, Run(way, names=names))


def bound_by(text: str) -> set[str]:
    """The names that the top of a cell binds."""
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return set()
    found = {one.name for one in body if isinstance(one, (ast.FunctionDef, ast.ClassDef))}
    for one in body:
        if isinstance(one, (ast.Import, ast.ImportFrom)):
            found |= {alias.asname or alias.name for alias in one.names}
        elif isinstance(one, ast.Assign):
            found |= {
                name.id
                for name in ast.walk(one)
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
            }
    return found


def run(pool: Pool, *cells: Cell, way: Way = "isolated") -> Ran:
    """Run a notebook whose answers are its solutions."""
    (ran,) = run_all(pool, task(*cells, way=way))
    return ran


def run_all(pool: Pool, *tasks: Task) -> list[Ran]:
    """Run some tasks; what they came to, in order."""
    found = {number: outcome for number, outcome, _ in pool.examine(enumerate(tasks))}
    return [Ran(one.plan, found[number]) for number, one in enumerate(tasks)]
