"""Guess, before nbgrader is imported, which modules an assignment's notebooks will import.

A wrong guess costs time and nothing else: whoever knows the notebooks has the base process replaced if
it has loaded what one of them does not.
"""

from __future__ import annotations

import ast
import contextlib
import fnmatch
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from proctor.publish.folders import modules_in

PRIVATE_FOLDER = ".proctor"  # in the course directory; `generate_assignment` copies nothing of it
SHOWN = ".shown"  # ends the name of a file with what a notebook's first cells show and load
SOURCE = "source"  # nbgrader's own name for the folder; another one is not guessed


def guessed_modules(root: Path, assignment: str, pattern: str = "*") -> list[str] | None:
    """The modules that all of the assignment's notebooks will import, or None if nobody can tell."""
    folder = root / SOURCE / assignment
    found: list[list[str]] = []
    for path in sorted(folder.glob("*.ipynb")):
        if fnmatch.fnmatchcase(path.stem, pattern):
            kept = root / PRIVATE_FOLDER / assignment / f"{path.stem}{SHOWN}"
            found.append(kept_modules(kept) or imported_modules(path))
    return in_all(found, modules_in(folder)) if found else None


def in_all(lists: Iterable[Iterable[str]], support: Iterable[str] = ()) -> list[str]:
    """The modules that are in every list, in the order of the first, without the support files'."""
    first, *others = map(list, lists)
    own, rest = set(support), [set(one) for one in others]
    return [
        name
        for name in first
        if name.partition(".")[0] not in own and all(name in one for one in rest)
    ]


def kept_modules(path: Path) -> list[str]:
    """The modules that a notebook loaded when it was graded before; none if that is not known."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return [str(name) for name in json.loads(path.read_text(encoding="utf-8"))["modules"]]
    return []


def imported_modules(path: Path) -> list[str]:
    """The modules that the instructor's cells of a source notebook import at their top."""
    found: dict[str, None] = {}
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code" and is_instructors(cell["metadata"]):
                with contextlib.suppress(SyntaxError, RecursionError):  # such as IPython's own
                    found |= dict.fromkeys(imports_of("".join(cell["source"])))
    return list(found)


def is_instructors(metadata: dict[str, Any]) -> bool:
    """Whether the cell with this metadata is run as the instructor wrote it."""
    solution = metadata.get("nbgrader", {}).get("solution")
    return not solution and metadata.get("proctor", {}).get("runs") != "never"


def imports_of(text: str) -> list[str]:
    """The modules that Python's text imports at its top; SyntaxError."""
    found = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append(node.module)
    return found
