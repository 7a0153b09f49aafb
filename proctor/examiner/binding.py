"""Owns which names a cell's text binds, found without running it."""

import ast
import re

LONG = 300_000  # characters of a cell beyond which its syntax tree would take hundreds of megabytes
# SystemError: Python's parser miscounts its depth at times, after a recursion that went too deep
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError, SystemError)
PLAIN = re.compile(r"^(?:async\s+)?(?:def|class)\s+(\w+)|^(\w+)\s*=(?!=)", re.MULTILINE)
WITHIN = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, *WITHIN)


def bound(text):
    """The names that a cell binds at its top level, a set."""
    if len(text) > LONG:
        return {name for pair in PLAIN.findall(text) for name in pair if name}
    lines = [line if not line.lstrip().startswith(("%", "!", "?")) else "pass" for line in text.split("\n")]
    for attempt in (text, "\n".join(lines)):
        try:
            return names_in(ast.parse(attempt).body)
        except UNREADABLE:
            continue
    return {name for pair in PLAIN.findall(text) for name in pair if name}


def names_in(statements):
    """The names bound by statements, those within loops and conditions too, those within functions not."""
    found, left = set(), list(statements)
    while left:
        node = left.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
            found |= set(globals_in(node))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
        elif isinstance(node, WITHIN):
            found |= {one.target.id for one in ast.walk(node) if isinstance(one, ast.NamedExpr)}
        if not isinstance(node, INNER):
            left.extend(ast.iter_child_nodes(node))
    return found


def globals_in(function):
    """The names that a function declares global."""
    return [name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names]


def imported(text):
    """What a cell's own import statements bind at its top level: {name: (module, attribute, "" for the module itself)}."""
    if len(text) > LONG:
        return {}
    try:
        statements = ast.parse("\n".join("pass" if line.startswith(("%", "!", "?")) else line for line in text.split("\n"))).body
    except UNREADABLE:
        return {}
    found = {}
    for node in statements:
        if isinstance(node, ast.Import):
            found |= {one.asname: (one.name, "") for one in node.names if one.asname}
            found |= {one.name.split(".")[0]: (one.name.split(".")[0], "") for one in node.names if not one.asname}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {one.asname or one.name: (node.module, one.name) for one in node.names}
        else:
            for name in names_in([node]):
                found.pop(name, None)
    return found
