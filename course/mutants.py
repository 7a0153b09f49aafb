"""Makes first-order mutants of the right answers: each has one change.

Changed is an operator, an index, a constant or a statement.
"""

import ast
import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from . import layout
from .answers import Answer

Place = tuple[ast.AST, str, int | None]  # parent, field, index within the field

EQUIVALENT = layout.ANSWERS / "equivalent.txt"
OPERATORS: dict[type[ast.AST], list[type[ast.AST]]] = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Add, ast.MatMult],
    ast.Div: [ast.Mult],
    ast.FloorDiv: [ast.Mult],
    ast.Mod: [ast.FloorDiv],
    ast.Pow: [ast.Mult],
    ast.MatMult: [ast.Mult],
    ast.Lt: [ast.LtE, ast.GtE],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.LtE],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.And: [ast.Or],
    ast.Or: [ast.And],
}


@dataclass(frozen=True)
class Mutant:
    """One right answer with one change: `label` names answer, place and change."""

    label: str
    source: str


def places(tree: ast.AST) -> Iterator[Place]:
    """Every (parent, field, index or None) of a tree, so that the node there can be exchanged."""
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, list):
                yield from ((parent, field, index) for index in range(len(value)))
            elif isinstance(value, ast.AST):
                yield parent, field, None


def node_at(parent: ast.AST, field: str, index: int | None) -> Any:
    """The node at a place."""
    value = getattr(parent, field)
    return value if index is None else value[index]


def changes(node: Any, parent: ast.AST, field: str) -> list[ast.AST]:
    """The nodes that may stand in the place of `node`: each one a mutation."""
    if type(node) in OPERATORS:
        return [operator() for operator in OPERATORS[type(node)]]
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return [ast.Constant(not node.value)]
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return [ast.Constant(node.value + 1), ast.Constant(node.value - 1)]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return [node.operand]
    if isinstance(node, ast.stmt):
        return statement_changes(node, parent)
    if isinstance(node, ast.Tuple) and len(node.elts) == 2:
        return [ast.Tuple(node.elts[::-1], node.ctx)]
    if isinstance(parent, (ast.Subscript, ast.Slice)) and field in ("slice", "lower", "upper"):
        return index_changes(node)
    return []


def statement_changes(node: ast.stmt, parent: ast.AST) -> list[ast.AST]:
    """A statement dropped; for `+=` also turned into `=`."""
    text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    if (
        text
        or isinstance(node, ast.Pass)
        or isinstance(parent, ast.Module)
        and isinstance(node, ast.FunctionDef)
    ):
        return []
    if isinstance(node, ast.AugAssign):
        return [ast.Pass(), ast.Assign([node.target], node.value)]
    return [ast.Pass()]


def index_changes(node: Any) -> list[ast.AST]:
    """An index that is a name or a sum, one further.

    Constants, slices and tuples have changes of their own.
    """
    if isinstance(node, (ast.Constant, ast.Slice, ast.Tuple)):
        return []
    return [ast.BinOp(node, ast.Add(), ast.Constant(1))]


def of(answer: Answer) -> list[Mutant]:
    """All first-order mutants of one answer."""
    tree = ast.parse(answer.source)
    before = ast.unparse(tree)
    made = []
    for number, (parent, field, index) in enumerate(places(tree)):
        node = node_at(parent, field, index)
        for change in changes(node, parent, field):
            fresh = copy.deepcopy(tree)
            there, _, _ = list(places(fresh))[number]
            put(there, field, index, copy.deepcopy(change))
            after = ast.unparse(ast.fix_missing_locations(fresh))
            if after != before:
                place = told(parent, there, node, change)
                made.append(Mutant(f"{answer.name}, {place}", after))
    return made


def put(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    """Put `node` at a place."""
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def told(parent: ast.AST, changed_parent: ast.AST, node: Any, change: Any) -> str:
    """`line, column: old → new` of the node or, for an operator, of the expression around it."""
    if not hasattr(node, "lineno"):
        node, change = parent, changed_parent
    old, new = (
        ast.unparse(ast.fix_missing_locations(part)).split("\n")[0] for part in (node, change)
    )
    return f"line {node.lineno}, column {node.col_offset}: {old} → {new}"


def all_of(right: Iterable[Answer]) -> list[Mutant]:
    """The mutants of several answers, each label once."""
    return list({mutant.label: mutant for answer in right for mutant in of(answer)}.values())


def equivalent() -> dict[str, str]:
    """The mutants that are right answers too: {label: why}.

    The file has labels, and below them an indented reason.
    """
    listed: dict[str, str] = {}
    current: list[str] = []
    for line in EQUIVALENT.read_text("utf-8").splitlines() if EQUIVALENT.exists() else []:
        if line.startswith("    "):
            listed.update(dict.fromkeys(current, line.strip()))
            current = []
        elif line.strip() and not line.startswith("#"):
            current.append(line.strip())
    return listed
