"""Searches what a student is given for a working convolution, by running all that may be one."""

import ast
import builtins
import contextlib
import html
import importlib
import inspect
import io
import itertools
import pkgutil
import re
import sys
import textwrap
import tokenize
import tomllib
import warnings
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure

from course import notebook

SECONDS = 0.2  # for one call; plain loops need a tenth of it
LINES, STATEMENTS = 14, 8  # that are taken together
MADE = {
    "H",
    "W",
    "M",
    "N",
    "out",
}  # what a piece of code may expect to be there, besides image and kernel
SHELL = (
    "def piece({}, {}):\n    H, W, M, N, out = prepared({}, {})\n    return list(locals().values())"
)
IMPORTS = """import math, torch, numpy, numpy as np, torch.nn as nn, torch.nn.functional as F
from torch import *
__name__ = 'searched'
"""


def prepared(first, second):
    """The four sizes and an empty output, whichever of the two is the image."""
    image, kernel = sorted((first, second), key=torch.numel, reverse=True)
    (height, width), (rows, columns) = image.shape, kernel.shape
    return height, width, rows, columns, torch.zeros(height - rows + 1, width - columns + 1)


# what could be one


def snippets(text):
    """What in a text may be code: fenced, in backticks or tags, behind a colon, from `lambda` on,
    and lines in a row.
    """
    text = re.sub(r"(?m)^(\s*)(?:>>>|\.\.\.) ?", r"\1", text)
    yield from re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    yield from re.findall(r"`([^`\n]+)`", text)
    yield from map(
        html.unescape, re.findall(r"<(?:code|pre)[^>]*>(.*?)</(?:code|pre)>", text, re.DOTALL)
    )
    yield from (rest.rstrip(" .;,?!") for rest in re.findall(r"(?<=: )(?=(.*))", text))
    for words in (rest.split(" ") for rest in re.findall(r"(?=(\blambda .*))", text)):
        yield from (" ".join(words[:k]).rstrip(" .;,?!") for k in range(2, len(words) + 1))
    lines = text.split("\n")
    for first in (k for k, line in enumerate(lines) if re.search(r"[=(\[:]", line)):
        ends = range(first + 1, min(first + LINES, len(lines)) + 1)
        yield from (textwrap.dedent("\n".join(lines[first:end])) for end in ends)


def texts(code):
    """The docstrings, other strings and comments of a piece of Python: (line, text)."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, inspect.cleandoc(node.value)
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    comments = [
        (token.start[0], token.string.lstrip("#"))
        for token in tokens
        if token.type == tokenize.COMMENT
    ]
    for _, block in itertools.groupby(
        enumerate(comments), lambda pair: pair[1][0] - pair[0]
    ):  # those in a row
        block = [comment for _, comment in block]
        yield block[0][0], textwrap.dedent("\n".join(text for _, text in block))


def callables(tree, known, whole=False):
    """Every function, method, class, lambda and run of statements in `tree`, among the names
    `known`: (line, callable).

    With `whole`, the statements of `tree` are taken only all together.
    """
    known = {**known, "prepared": prepared}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            node.decorator_list = []
            yield node.lineno, made(node, known, node.name)
        elif isinstance(node, ast.Lambda):
            yield (
                node.lineno,
                made(ast.Assign([ast.Name("found", ast.Store())], node), dict(known), "found"),
            )
        bodies = [getattr(node, part, None) for part in ("body", "orelse", "finalbody")]
        for body in bodies if node is tree or not whole else []:
            for first, end in itertools.combinations(
                range(len(body) + 1 if isinstance(body, list) else 0), 2
            ):
                if (first, end) == (0, len(body)) or end - first <= STATEMENTS and not whole:
                    yield body[first].lineno, piece(body[first:end], known)


def piece(statements, known):
    """A function of the two names that these statements need, which returns all they make; None if
    they need not two.
    """
    nodes = [node for statement in statements for node in ast.walk(statement)]
    loaded = {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    stored = {node.id for node in nodes if isinstance(node, ast.Name)} - loaded
    stored |= {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    stored |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    needed = loaded - stored - MADE - set(known) - set(dir(builtins)) | loaded & {"image", "kernel"}
    if len(needed) != 2:
        return None
    *before, last = statements
    if isinstance(last, ast.Expr):
        last = ast.Assign([ast.Name("found", ast.Store())], last.value)
    (shell,) = ast.parse(SHELL.format(*needed, *needed)).body
    shell.body[1:1] = [*before, last]
    return made(shell, dict(known), "piece")


def made(statement, names, name):
    """What `name` is once the statement was executed among these names; None if it cannot be."""
    with contextlib.suppress(Exception):
        exec(
            compile(ast.fix_missing_locations(ast.Module([statement], [])), "<searched>", "exec"),
            names,
        )
        return names[name]


# trying one


def doors(found, image, kernel):
    """Calls without arguments, each one way of getting something out of `found` with an image and a
    kernel.
    """

    def calling(function, *arguments):
        return lambda: function(*(part.clone() if part is not None else None for part in arguments))

    for first, second in ((image, kernel), (kernel, image)):
        yield calling(found, first, second)
        yield calling(found, None, first, second)  # a method that needs no self
        inner = got(calling(found, first))
        yield calling(inner, second)
    for make in (lambda *_: found(), found):
        thing = got(calling(make, image, kernel))
        own = type(thing).__module__.startswith("searched")
        for name in [name for name in dir(thing) if own and name[0] != "_"]:
            yield calling(
                lambda *pair, name=name, make=make: getattr(make(*pair), name), image, kernel
            )
            yield calling(
                lambda *pair, name=name, make=make: getattr(make(*pair), name)(), image, kernel
            )
            method = got(lambda name=name, thing=thing: getattr(thing, name))
            yield from (calling(method, image, kernel), calling(method, kernel, image))
        yield from (calling(thing, image, kernel), calling(thing, kernel, image))


def got(door):
    """What this call returns, or None."""
    from convlab import calling

    try:
        with calling.at_most(SECONDS):
            return door()
    except KeyboardInterrupt:
        raise
    except BaseException:  # whatever a piece of code does when it is run
        return None


def holds(value, target):
    """Whether `value`, or something in it, has just the numbers of `target`."""
    with contextlib.suppress(Exception):
        came = np.asarray(value.detach() if isinstance(value, torch.Tensor) else value, dtype=float)
        if came.size == target.numel():
            return bool(
                np.allclose(
                    came.ravel(), target.numpy().ravel(), atol=1e-3 * float(target.abs().max())
                )
            )
    if type(value).__module__.startswith("searched"):
        value = list(getattr(value, "__dict__", {}).values())
    return (
        isinstance(value, (list, tuple))
        and len(value) <= 30
        and any(holds(part, target) for part in value)
    )


def verdict(found):
    """What yields a right feature map when `found` is called: "its own" work, a "library", or
    "nothing" does.
    """
    from convlab import checks

    case, again, by = checks.example(8, 8), checks.example(8, 8), "nothing"
    for k, door in enumerate(doors(found, *case.before)):
        if holds(got(door), case.target):
            same = next(itertools.islice(doors(found, *again.before), k, None), None)
            try:
                if same and holds(
                    checks.from_scratch(lambda image, kernel, same=same: same())(*again.before),
                    again.target,
                ):
                    return "its own"
            except checks.LibraryConvolution:
                by = "library"
    return by


# searching everything


def everything(folder, path):
    """All that is to be tried in the convlab of `folder` and the notebook at `path`: (place,
    callable).
    """
    common = {}
    exec(IMPORTS, common)
    common = {
        name: value for name, value in common.items() if not hasattr(builtins, name)
    }  # torch has a range and a sum, too
    lesson = list(enumerate(notebook.read(path).cells))
    written = [(f"{cell.cell_type} {k}", cell.source) for k, cell in lesson]
    cells = [(f"code {k}", cell.source, common) for k, cell in lesson if cell.cell_type == "code"]
    for place, code, names in [*modules(folder), *cells]:
        for name, value in names.items() if names is not common else ():
            theirs = inspect.isroutine(value) or inspect.isclass(value)
            if not theirs or value.__module__ == names["__name__"]:
                yield f"{place} {name}", value
        yield from (
            (f"{place} line {line}", found) for line, found in callables(ast.parse(code), names)
        )
        written += [(f"{place} line {line}", text) for line, text in texts(code)]
    for file in (
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.suffix not in (".py", ".pyc")
    ):
        text = file.read_text("utf-8")
        written += [
            (file.name, part)
            for part in [text, *(strings(tomllib.loads(text)) if file.suffix == ".toml" else [])]
        ]
    seen = set()
    for place, snippet in (
        (place, snippet) for place, text in written for snippet in snippets(text)
    ):
        if snippet not in seen:
            seen.add(snippet)
            with contextlib.suppress(SyntaxError, ValueError, RecursionError):
                tree = ast.parse(snippet.strip("\n"))
                yield from (
                    (f"{place}: {snippet}", found)
                    for _, found in callables(tree, common, whole=True)
                )


def modules(folder):
    """Every module of convlab, imported under another name: (place, code, its names)."""
    spec = importlib.util.spec_from_file_location(
        "searched", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    sys.modules["searched"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["searched"])
    for name in [
        "searched",
        *(part.name for part in pkgutil.walk_packages([str(folder)], "searched.")),
    ]:
        file = Path(importlib.import_module(name).__file__)
        yield str(file.relative_to(folder)), file.read_text("utf-8"), dict(vars(sys.modules[name]))


def strings(entry):
    """All texts in a table of messages."""
    parts = entry.values() if isinstance(entry, dict) else entry
    return [entry] if isinstance(entry, str) else [text for part in parts for text in strings(part)]


def search(folder, path):
    """In a worker: how many callables were tried, and where a right feature map came from: {its
    own, library, nothing: places}.
    """
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    Figure.__init__ = None  # whoever goes on to draw is not waited for
    found = {"its own": [], "library": [], "nothing": []}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for place, candidate in everything(folder, path):
            if callable(candidate):
                found[verdict(candidate)].append(place)
    return found
