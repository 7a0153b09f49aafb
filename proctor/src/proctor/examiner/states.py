"""Owns which of a notebook's names the functions of a cell use as its state: read, declare global, or change in place."""

import ast
from dataclasses import dataclass, field

from proctor.examiner import binding

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
CHANGING = {
    "append",
    "extend",
    "insert",
    "remove",
    "pop",
    "clear",
    "sort",
    "reverse",
    "update",
    "setdefault",
    "popitem",
    "add",
    "discard",
    "subtract",
    "difference_update",
    "intersection_update",
    "symmetric_difference_update",
}


@dataclass
class States:
    """`read`: names of the notebook that functions read; `bound`: those that they declare global; `changed`: those whose data they change."""

    read: set = field(default_factory=set)
    bound: set = field(default_factory=set)
    changed: set = field(default_factory=set)


def states(texts):
    """The States of the functions and methods in these cells; a function's own variables are none."""
    found = States()
    for text in texts:
        for function in outermost(binding.statements(text) or []):
            look(function, frozenset(), found)
    return found


def outermost(nodes):
    """The functions among nodes and below, but not within each other."""
    left = list(nodes)
    while left:
        node = left.pop()
        if isinstance(node, FUNCTIONS):
            yield node
        else:
            left.extend(ast.iter_child_nodes(node))


def look(function, hidden, found):
    """Add what a function uses, and the functions in it; `hidden` are the variables of those around it."""
    body = function.body if isinstance(function.body, list) else [function.body]
    own, left = [], list(body)
    while left:
        node = left.pop()
        own.append(node)
        if not isinstance(node, FUNCTIONS):
            left.extend(ast.iter_child_nodes(node))
    declared = {name for node in own if isinstance(node, ast.Global) for name in node.names}
    variables = {
        node.id for node in own if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    given = function.args
    variables |= {
        one.arg
        for one in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg)
        if one
    }
    hidden = (hidden | variables | binding.names_in(body)) - declared
    found.bound |= declared
    found.read |= (
        {node.id for node in own if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        - hidden
    ) | declared
    found.changed |= {name for name in map(changed, own) if name and name not in hidden}
    for node in own:
        if isinstance(node, FUNCTIONS):
            look(node, hidden, found)


def changed(node):
    """The name whose data an expression changes in place, by an item or a method of a container; else None."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CHANGING
    ):
        node = node.func.value
    elif not isinstance(node, ast.Subscript) or isinstance(node.ctx, ast.Load):
        return None
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
