"""Which cell of the notebook defines `conv2d`, and how its last run ended.

A cell that does not compile, or stops in an earlier line, leaves the `conv2d` of before behind.
What is then asked of it is true of a version that the learner no longer looks at. The kernel knows
better: after each cell, IPython tells what ran and how it ended. Where no version is left, the
NameError of a later cell says where the answer's cell stopped.
"""

from __future__ import annotations

import ast
import collections
import contextlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython

from . import calling
from .messages import Message, message

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

NAME = "conv2d"
IN_TEXT = re.compile(rf"^\s*(async\s+)?def\s+{NAME}\b|^{NAME}\s*=(?!=)", re.MULTILINE)
LARGEST = 20_000_000  # bytes of a saved notebook that is looked at
LONGEST = 120  # characters of a line of code that are told
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True)
class Run:
    """One run of a cell that defines `conv2d`: its text, its number In [count], when it ended.

    `cell` is the notebook's name for the cell, None where it gives none. `made` is what the name
    `conv2d` stood for afterwards, and `fresh` whether this run has put it there. `failure` is, for
    a run that ended in an error, a name in mistakes.toml, "not-compiled" or "not-reached", and the
    facts `line`, `code` and `error`.
    """

    source: str
    count: int | None
    cell: str | None
    ended: float
    made: Any
    fresh: bool
    failure: tuple[str, dict[str, Any]] | None


class Runs:
    """The runs of all cells that define `conv2d` in one notebook, in their order."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.all: list[Run] = []
        self.made = self.present()

    def present(self) -> Any:
        """What the name `conv2d` stands for in the notebook now, or None."""
        return dict.get(self.shell.user_ns, NAME)  # a grader's namespace asks elsewhere

    def after_cell(self, result: ExecutionResult) -> None:
        """Called by IPython after each cell."""
        source = getattr(result.info, "raw_cell", None) or ""
        made, before = self.present(), self.made
        self.made = made
        fresh = made is not before and made is not None
        ended_well = result.error_before_exec is None and result.error_in_exec is None
        if not fresh and (ended_well or not defines(source, self.shell)):
            return
        failure = failed(result, source)
        if fresh or failure:
            cell = getattr(result.info, "cell_id", None)
            count = getattr(result, "execution_count", None)
            self.all.append(Run(source, count, cell, time.time(), made, fresh, failure))


def defines(source: str, shell: InteractiveShell | None = None) -> bool:
    """Whether a cell of this text gives the name `conv2d` a value, or looks so if it is broken."""
    if NAME not in source:
        return False
    if source.lstrip().startswith("%%"):  # to Python, what follows is a text
        return bool(IN_TEXT.search(source))
    tree = parsed(source, shell)
    if tree is None:
        return bool(IN_TEXT.search(source))
    return any(binds(node) for node in outside_functions(tree))


def parsed(source: str, shell: InteractiveShell | None) -> ast.Module | None:
    """The tree of a cell, or None if it does not compile."""
    with contextlib.suppress(SyntaxError, ValueError):
        return ast.parse(source)
    with contextlib.suppress(SyntaxError, ValueError):  # there may be magics in it
        return ast.parse(shell.transform_cell(source)) if shell else None
    return None


def outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when the cell runs, not only when something in it is called."""
    waiting = collections.deque([node])
    while waiting:
        for child in ast.iter_child_nodes(waiting.popleft()):
            yield child
            if not isinstance(child, SCOPES):
                waiting.append(child)


def binds(node: ast.AST) -> bool:
    """Whether a node gives the name `conv2d` a value."""
    if isinstance(node, ast.Name):
        return node.id == NAME and isinstance(node.ctx, ast.Store)
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return node.name == NAME
    return isinstance(node, ast.alias) and (node.asname or node.name) == NAME


def failed(result: ExecutionResult, source: str) -> tuple[str, dict[str, Any]] | None:
    """How a cell's run failed, as a name in mistakes.toml and its facts; None if it did not."""
    error = result.error_before_exec or result.error_in_exec
    if error is None:
        return None
    if isinstance(error, SyntaxError) and result.error_before_exec:
        name, line = "not-compiled", error.lineno or 1
        told = f"{type(error).__name__}: {error.msg}"
    else:
        lines = calling.own_lines(error)
        name, line = "not-reached", lines[0][0] if lines else 1
        told = calling.described(error)
    written = source.splitlines()
    line += next((k for k, each in enumerate(written) if each.strip()), 0)  # IPython cuts them off
    code = written[line - 1].strip() if 0 < line <= len(written) else ""
    return name, {"line": line, "code": code[:LONGEST], "error": told}


def watch() -> None:
    """Have the runs of cells noted from now on; without effect outside IPython, or if they are.

    A NameError about `conv2d` then ends in a line that says where its cell stopped.
    """
    shell = get_ipython()
    if shell is None or runs() is not None:
        return
    shell.events.register("post_run_cell", Runs(shell).after_cell)
    if not shell.custom_exceptions:  # IPython has one place for it, which a learner may have filled
        shell.set_custom_exc((NameError,), show_name_error)


def show_name_error(
    shell: InteractiveShell,
    kind: type[BaseException],
    error: NameError,
    traceback: TracebackType | None,
    tb_offset: int | None = None,
) -> None:
    """Show a NameError as IPython does, and below it, for `conv2d`, why there is none."""
    if error.name == NAME and NAME not in shell.user_ns:
        error.add_note(str(why_missing() or message("mistakes", "not-defined.look")))
    shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)


def why_missing() -> Message | None:
    """Where the cell that defines `conv2d` stopped, if there is none; None if nobody knows."""
    noted = runs()
    run = noted.all[-1] if noted and noted.all else None
    if run is None or run.failure is None or run.fresh:
        return None
    name, facts = run.failure
    return message("mistakes", f"{name}.look", **facts)


def runs() -> Runs | None:
    """The runs noted in this notebook, or None: they belong to the function IPython calls."""
    shell = get_ipython()
    noted = shell.events.callbacks["post_run_cell"] if shell is not None else []
    for function in noted:
        owner = getattr(function, "__self__", None)
        if isinstance(owner, Runs):
            return owner
    return None


def outdated(conv2d: Callable[..., Any] | None = None) -> Message | None:
    """The sentence that this function, by default the notebook's, is not the one written last.

    None if it is, if nobody knows, or if it is not the notebook's `conv2d` at all.
    """
    noted = runs()
    if noted is None or not noted.all:
        return None
    present, run = noted.present(), noted.all[-1]
    asked = present if conv2d is None else calling.unwrapped(conv2d)[0]
    if asked is None or asked is not present:
        return None
    if run.failure and not run.fresh:
        name, facts = run.failure
        return message("mistakes", f"outdated.{name}", **facts)
    if asked is run.made and saved_differently(run, noted.shell):
        return message("mistakes", "outdated.not-run")
    return None


def tested(conv2d: Callable[..., Any]) -> Message | None:
    """The sentence that says which of several versions of the notebook's `conv2d` this one is."""
    noted = runs()
    asked = calling.unwrapped(conv2d)[0]
    if noted is None or asked is None or asked is not noted.present():
        return None
    versions = [run for run in noted.all if run.fresh]
    if not versions or versions[-1].made is not asked or versions[-1].count is None:
        return None
    last = versions[-1]
    others = [
        run for run in versions if run.cell != last.cell and run.source != last.source and run.count
    ]
    if others and last.cell is not None:
        return message("rungs", "tested-of-two", other=others[-1].count, count=last.count)
    if any(run.source != last.source for run in noted.all):
        return message("rungs", "tested", count=last.count)
    return None


def saved_differently(run: Run, shell: InteractiveShell) -> bool:
    """Whether the notebook was saved after this run with another text of the cell that ran."""
    path = saved_notebook(shell)
    try:
        about = path.stat() if path else None
        if path is None or about is None or about.st_mtime <= run.ended or about.st_size > LARGEST:
            return False
        cells = json.loads(path.read_text("utf-8"))["cells"]
        code = {
            cell.get("id"): "".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"
        }
    except (OSError, ValueError, KeyError, TypeError):  # a file that is no notebook of ours
        return False
    if run.cell in code:
        return code[run.cell] != run.source
    definitions = [source for source in code.values() if defines(source, shell)]
    return bool(definitions) and run.source not in definitions


def saved_notebook(shell: InteractiveShell) -> Path | None:
    """The file of this notebook, as far as Jupyter or VS Code tells; None if not."""
    told = os.environ.get("JPY_SESSION_NAME") or dict.get(shell.user_ns, "__vsc_ipynb_file__")
    return Path(told) if isinstance(told, str) and told.endswith(".ipynb") else None
