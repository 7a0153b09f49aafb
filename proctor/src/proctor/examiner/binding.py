"""Owns which names a cell's text binds, found without running it."""

import ast
import re

LONG = 300_000  # characters of a cell beyond which its syntax tree would take hundreds of megabytes
# SystemError: Python's parser miscounts its depth at times, after a recursion that went too deep
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError, SystemError)
PLAIN = re.compile(r"^(?:async\s+)?(?:def|class)\s+(\w+)|^(\w+)\s*=(?!=)", re.MULTILINE)
WITHIN = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
LOOPS = (ast.For, ast.AsyncFor)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, *WITHIN)


def bound(text, made=False):
    """The names that a cell binds at its top level, a set; of those, what it defines or assigns and not merely imports or runs through."""
    read = statements(text)
    return (
        names_in(read, made)
        if read is not None
        else {name for pair in PLAIN.findall(text) for name in pair if name}
    )


def statements(text):
    """A cell's statements, lines for the shell left out; None if it cannot be read."""
    if len(text) > LONG:
        return None
    lines = [
        line if not line.lstrip().startswith(("%", "!", "?")) else "pass"
        for line in text.split("\n")
    ]
    for attempt in (text, "\n".join(lines)):
        try:
            return ast.parse(attempt).body
        except UNREADABLE:
            continue
    return None


def names_in(statements, made=False):
    """The names bound by statements, those within loops and conditions too, those within functions not."""
    found, left = set(), list(statements)
    while left:
        node = left.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
            found |= set(globals_in(node))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, WITHIN):
            found |= {one.target.id for one in ast.walk(node) if isinstance(one, ast.NamedExpr)}
        elif made:
            pass
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
        if not isinstance(node, INNER):
            aside = (
                (
                    getattr(node, "target", None)
                    if isinstance(node, LOOPS)
                    else getattr(node, "optional_vars", None)
                )
                if made
                else None
            )
            left.extend(
                child for child in ast.iter_child_nodes(node) if child is not aside or aside is None
            )
    return found


def globals_in(function):
    """The names that a function declares global."""
    return [
        name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names
    ]


def imported(text):
    """What a cell's own import statements bind at its top level: {name: (module, attribute, "" for the module itself)}."""
    found = {}
    for node in statements(text) or []:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {name: place for name, *place in brought(node)}
        else:
            for name in names_in([node]):
                found.pop(name, None)
    return found


def imports(text):
    """All that a cell imports outside of functions: (name, module, attribute) of each."""
    found, left = [], statements(text) or []
    while left:
        node = left.pop(0)
        found += brought(node)
        if not isinstance(node, INNER):
            left = [*ast.iter_child_nodes(node), *left]
    return found


def brought(node):
    """What an import statement brings: (name, module, attribute); "" for the module itself, and as the name of what is but loaded."""
    if isinstance(node, ast.Import):
        named = [(one.asname, one.name, "") for one in node.names if one.asname]
        whole = [one.name for one in node.names if not one.asname]
        return (
            named
            + [(name.split(".")[0], name.split(".")[0], "") for name in whole]
            + [("", name, "") for name in whole if "." in name]
        )
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [(one.asname or one.name, node.module, one.name) for one in node.names]
    return []


def reads(text):
    """The names that a cell's code reads, or declares global, functions included."""
    return read_by(statements(text) or [])


def read_by(nodes):
    """The names that statements read or declare global."""
    inside = [node for one in nodes for node in ast.walk(one)]
    return {
        node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    } | {name for node in inside if isinstance(node, ast.Global) for name in node.names}


def definitions(text):
    """What each function and class of a cell's top level reads: {name: names}."""
    return {
        node.name: read_by([node])
        for node in statements(text) or []
        if isinstance(node, DEFINITIONS)
    }


def unwritten(text):
    """The functions and classes of a cell that were left for somebody to write."""
    return {
        node.name
        for node in statements(text) or []
        if isinstance(node, DEFINITIONS) and is_stub(node)
    }


def is_stub(node):
    """Whether a function does nothing, or a class is empty or has a method that does nothing."""
    body = [
        one
        for one in node.body
        if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
    ]
    if isinstance(node, ast.ClassDef):
        methods = [
            one
            for one in body
            if isinstance(one, DEFINITIONS[:2])
            and "abstract" not in "".join(map(ast.unparse, one.decorator_list))
        ]
        return (
            any(map(is_stub, methods))
            or not node.bases
            and all(isinstance(one, ast.Pass) for one in body)
        )
    return all(
        isinstance(one, ast.Pass)
        or isinstance(one, ast.Return)
        and (one.value is None or isinstance(one.value, ast.Constant) and one.value.value is None)
        or isinstance(one, ast.Raise)
        and one.exc is not None
        and "NotImplementedError" in ast.unparse(one.exc)
        for one in body
    )
