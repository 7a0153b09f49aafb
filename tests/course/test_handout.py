"""Whether a student who has only a part of the handout is told what is missing."""

import importlib.util
import re
import subprocess
import sys
import tomllib

import pytest

from course import layout, notebook

README = (layout.SOURCE / "README.md").read_text("utf-8")
PYTHON = tomllib.loads((layout.ROOT / "pyproject.toml").read_text("utf-8"))["project"][
    "requires-python"
].removeprefix(">=")


@pytest.fixture(scope="module")
def first_cell():
    """The code of the lesson's first cell."""
    cells = notebook.read(layout.SOURCE / layout.NOTEBOOK).cells
    return next(cell.source for cell in cells if cell.cell_type == "code")


def test_a_notebook_alone_says_what_must_lie_beside_it(first_cell, tmp_path):
    """In a bare Python, the first cell names the folder, the Python and the packages it needs."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", first_cell], cwd=tmp_path, capture_output=True, text=True
    )
    (told,) = [line for line in done.stderr.splitlines() if line.startswith("ImportError: ")]
    assert "the folder convlab beside it, Python 3.11 or newer" in told
    assert "missing: convlab, torch, matplotlib. See README.md, beside convlab" in told


@pytest.mark.parametrize("missing", ["convlab", "torch", "matplotlib"])
def test_only_what_is_missing_is_called_so(first_cell, monkeypatch, missing):
    """Each of the three is named when it is the one that cannot be found."""
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == missing else found(name)
    )
    with pytest.raises(ImportError, match=f"missing: {missing}\\."):
        exec(first_cell, {})


def test_an_old_python_is_told(first_cell, monkeypatch):
    """With all packages there, a Python that is too old is the reason."""
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    monkeypatch.setattr(sys, "version", "3.10.4 (main)")
    with pytest.raises(ImportError, match=r"Python: 3\.10\.4; missing: nothing\."):
        exec(first_cell, {})


def test_with_everything_there_the_first_cell_imports(first_cell):
    """Nothing is raised, and the names of the lesson are there."""
    names = {}
    exec(first_cell, names)
    assert {"torch", "check", "slide", "xray"} <= names.keys()


def test_the_students_page_names_what_is_needed(first_cell):
    """README.md and the first cell ask for the Python of pyproject.toml, and the same packages."""
    for text in (README, first_cell):
        assert f"Python {PYTHON} or newer" in text.replace('"\n        "', "")
        assert "torch" in text and "matplotlib" in text
    for name in re.findall(r"^\| `([\w./]+)` \|", README, re.MULTILINE):
        assert (layout.SOURCE / name).exists(), name


def test_the_students_page_tells_nothing_of_the_teachers_side():
    """Neither the solution, nor hidden tests, nor commands of this repository are named."""
    assert not re.search(r"solution|hidden|make |source/|release/", README)
