"""Whose a name is in the isolated run, found by what the reference's run was seen to do."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Import:
    """What an import statement of the solution binds: a module, or an attribute of one."""

    module: str
    attribute: str = ""

    def value(self) -> Any:
        """What it is here; ImportError or AttributeError."""
        module = importlib.import_module(self.module)
        return getattr(module, self.attribute) if self.attribute else module

    def possible(self) -> bool:
        """Whether this machine has it."""
        try:
            self.value()
        except Exception:  # whatever an import may raise
            return False
        return True


@dataclass(frozen=True)
class Names:
    """What the names of a notebook mean where its tests run.

    `answers`: by the place of a solution cell in the notebook, the names it binds: asked of the
    candidate once it has run. `given`: likewise, what the instructor's cells bind: the examiner's
    own. `shared`: given data that the solution changes: asked of the candidate. `imports`: what
    solution cells import: this machine's. `idle`: places of the instructor's cells that bind nothing
    which a test was seen to read: they run in the candidate only. `handles`: at which paths the reference gave objects that
    are no data; None while that is being found out.
    """

    answers: Mapping[int, frozenset[str]] = field(default_factory=dict)
    given: Mapping[int, frozenset[str]] = field(default_factory=dict)
    shared: frozenset[str] = NONE
    imports: Mapping[str, Import] = field(default_factory=dict)
    idle: frozenset[int] = frozenset()
    handles: frozenset[str] | None = None

    def to_json(self) -> dict[str, Any]:
        """The same as data for JSON."""
        return {
            "answers": {str(place): sorted(names) for place, names in self.answers.items()},
            "given": {str(place): sorted(names) for place, names in self.given.items()},
            "shared": sorted(self.shared),
            "imports": {name: [one.module, one.attribute] for name, one in self.imports.items()},
            "idle": sorted(self.idle),
            "handles": None if self.handles is None else sorted(self.handles),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Names:
        """What `to_json` gave."""
        return cls(
            answers=by_place(data["answers"]),
            given=by_place(data["given"]),
            shared=frozenset(data["shared"]),
            imports={name: Import(*one) for name, one in data["imports"].items()},
            idle=frozenset(data["idle"]),
            handles=None if data["handles"] is None else frozenset(data["handles"]),
        )

    def with_given(self, place: int, bound: Iterable[str]) -> Names:
        """The same, with what an instructor's cell was seen to bind."""
        known = self.given.get(place, NONE)
        return replace(self, given={**self.given, place: known | frozenset(bound)})

    def with_answers(self, place: int, bound: frozenset[str], new: Mapping[str, Import]) -> Names:
        """The same, with what a solution cell was seen to bind, and what of it are imports."""
        answers = {**self.answers, place: self.answers.get(place, NONE) | bound}
        kept = {name: one for name, one in self.imports.items() if name not in bound}
        return replace(self, answers=answers, imports={**kept, **new})

    def with_idle(self, read: Iterable[str]) -> Names:
        """The same, with the cells that bind nothing of what was read."""
        needed = frozenset(read)
        idle = {place for place, names in self.given.items() if names.isdisjoint(needed)}
        return replace(self, idle=frozenset(idle))

    def with_shared(self, names: Iterable[str]) -> Names:
        """The same, with given data that was seen to change."""
        return replace(self, shared=self.shared | frozenset(names))


def by_place(data: Mapping[str, Iterable[str]]) -> dict[int, frozenset[str]]:
    """Names by the place of the cell that binds them."""
    return {int(place): frozenset(names) for place, names in data.items()}


def imports(text: str) -> dict[str, Import]:
    """What the import statements at the top of a cell bind and nothing else in it does.

    Only those that this machine can follow are told.
    """
    try:
        body = ast.parse(TransformerManager().transform_cell(text)).body
    except (SyntaxError, ValueError, RecursionError):
        return {}
    found: dict[str, Import] = {}
    for node in body:
        if isinstance(node, ast.Import):
            for one in node.names:
                whole = one.name if one.asname else one.name.split(".")[0]
                found[one.asname or whole] = Import(whole)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for one in node.names:
                found[one.asname or one.name] = Import(node.module, one.name)
    others = {
        name.id
        for node in body
        for name in ast.walk(node)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    }
    others |= {node.name for node in body if isinstance(node, DEFINITIONS)}
    return {name: one for name, one in found.items() if name not in others and one.possible()}
