"""Which modules an assignment's notebooks will import is guessed from its files alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from proctor.pool.early import guessed_modules, in_all

SOLUTION = {"nbgrader": {"solution": True, "grade": False}}
TEST = {"nbgrader": {"solution": False, "grade": True}}
NEVER = {"proctor": {"runs": "never"}}


def write(root: Path, name: str, *cells: tuple[str, dict[str, Any]]) -> None:
    """A source notebook of the assignment "one"."""
    folder = root / "source" / "one"
    folder.mkdir(parents=True, exist_ok=True)
    made = [
        {"cell_type": "code", "source": text.splitlines(keepends=True), "metadata": about}
        for text, about in cells
    ]
    (folder / f"{name}.ipynb").write_text(json.dumps({"cells": made}))


def keep(root: Path, text: str) -> None:
    """What was kept of the notebook "a" when it was graded before."""
    folder = root / ".proctor" / "one"
    folder.mkdir(parents=True)
    (folder / "a.shown").write_text(text)


def test_imports_of_the_instructors_cells(tmp_path: Path) -> None:
    """Given cells and tests count, answers, cells that never run, and support files do not."""
    cells = [
        ("import json, os.path\nfrom math import pi", {}),
        ("%matplotlib inline\nimport chunk", {}),
        ("import torch", SOLUTION),
        ("import pandas", NEVER),
        ("import hashlib\nfrom helper.inner import x\nfrom . import y", TEST),
    ]
    write(tmp_path, "a", *cells)
    (tmp_path / "source/one/helper").mkdir()
    (tmp_path / "source/one/helper/__init__.py").write_text("")
    assert guessed_modules(tmp_path, "one") == ["json", "os.path", "math", "hashlib"]


def test_several_notebooks(tmp_path: Path) -> None:
    """What all of those that are asked for import is loaded, and nothing else."""
    write(tmp_path, "a", ("import json\nimport wave", {}))
    write(tmp_path, "b", ("import wave\nimport csv", {}))
    assert guessed_modules(tmp_path, "one") == ["wave"]
    assert guessed_modules(tmp_path, "one", "b*") == ["wave", "csv"]


def test_an_assignment_that_is_not_there(tmp_path: Path) -> None:
    """Then nobody can tell."""
    assert guessed_modules(tmp_path, "one") is None
    write(tmp_path, "a", ("import json", {}))
    assert guessed_modules(tmp_path, "one", "b*") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"modules": ["wave", "wave.inner"]}', ["wave", "wave.inner"]),
        ("{", ["json"]),
        ("[]", ["json"]),
        ("{}", ["json"]),
    ],
)
def test_what_was_loaded_before(tmp_path: Path, text: str, expected: list[str]) -> None:
    """It counts more than what the cells say, unless its file cannot be read."""
    write(tmp_path, "a", ("import json", {}))
    keep(tmp_path, text)
    assert guessed_modules(tmp_path, "one") == expected


@pytest.mark.parametrize("text", ["", "{}", '{"cells": [{"cell_type": "code"}]}'])
def test_a_notebook_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    """Nothing is loaded for it, and whoever reads it in earnest tells what is wrong."""
    write(tmp_path, "a")
    (tmp_path / "source/one/a.ipynb").write_text(text)
    assert guessed_modules(tmp_path, "one") == []


def test_modules_in_all_lists() -> None:
    """They come in the order of the first list."""
    assert in_all([["c", "a.x", "b"], ["b", "c", "a.x"]], ["a"]) == ["c", "b"]
