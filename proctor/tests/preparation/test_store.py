"""What a preparation found is kept privately, until something that it depends on changes."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tiny_course
from nbformat import from_dict
from tiny_course import ASSIGNMENT, SUMS

from proctor import course
from proctor.course import PRIVATE_FOLDER as FOLDER
from proctor.pool.shown import Shown
from proctor.preparation import NotebookDecision, TestDecision, store
from proctor.preparation.store import ShownFile, keep, kept, key_of, place_of

DECISION = NotebookDecision(
    SUMS, [TestDecision("partial", 4.0, "isolated", 1.5)], problems=["It is odd."]
)


@pytest.fixture
def support(tmp_path: Path) -> Path:
    folder = tmp_path / "support"
    folder.mkdir()
    (folder / "data.csv").write_text("1,2")
    return folder


def key(root: Path, support: Path, **conditions: Any) -> str:
    """The key of the course's first notebook now."""
    how = {"timeout": 30.0, "sandbox": True} | conditions
    notebook = tiny_course.assignment(root)
    return key_of(course.load(root), notebook, ASSIGNMENT, support, how)


def test_what_is_kept(root: Path, support: Path) -> None:
    """It is found again under its key, in a folder that only the instructor may look into."""
    here, name = course.load(root), key(root, support)
    assert keep(here, ASSIGNMENT, name, DECISION) == ""
    assert kept(here, ASSIGNMENT, SUMS, name) == DECISION
    assert kept(here, ASSIGNMENT, SUMS, "another") is None
    assert kept(here, ASSIGNMENT, "words", name) is None
    assert (root / FOLDER).stat().st_mode & 0o777 == 0o700
    assert (root / FOLDER / ".gitignore").read_text() == "*\n"
    assert os.listdir(root / FOLDER / ASSIGNMENT) == ["sums.json"]


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def change_cell(root: Path, index: int, old: str, new: str) -> None:
    """Change the text of a cell of the source."""
    path = tiny_course.source_path(root)
    data = json.loads(path.read_text())
    data["cells"][index]["source"] = [
        line.replace(old, new) for line in data["cells"][index]["source"]
    ]
    path.write_text(json.dumps(data))


CHANGES: dict[str, Callable[[Path, Path], object]] = {
    "solution": lambda root, support: change_cell(root, 3, "x * scale", "scale * x"),
    "open cell": lambda root, support: change_cell(root, 2, "factor = 3", "factor = 4"),
    "support file": lambda root, support: append(support / "data.csv", "3"),
    "new support file": lambda root, support: append_new(support / "more.csv"),
    "renamed support file": lambda root, support: (support / "data.csv").rename(support / "d.csv"),
    "imports": lambda root, support: tiny_course.configure(root, "c.Proctor.imports = ['json']"),
    "limits": lambda root, support: tiny_course.configure(
        root, "c.Proctor.limits = {'memory_bytes': 1 << 30}"
    ),
}


def append_new(path: Path) -> None:
    path.write_text("")


@pytest.mark.parametrize("what", CHANGES)
def test_what_makes_it_out_of_date(root: Path, support: Path, what: str) -> None:
    """Whatever the points of a test may depend on changes the key."""
    before = key(root, support)
    assert key(root, support) == before
    CHANGES[what](root, support)
    assert key(root, support) != before


@pytest.mark.parametrize("conditions", [{"timeout": 31.0}, {"timeout": None}, {"sandbox": False}])
def test_other_conditions(root: Path, support: Path, conditions: dict[str, Any]) -> None:
    """So do the time limit and the sandbox."""
    assert key(root, support, **conditions) != key(root, support)


def test_another_reference(root: Path, support: Path) -> None:
    """So does a solution that lies elsewhere, and a test's text in the gradebook."""
    here, notebook = course.load(root), tiny_course.assignment(root)
    keys = {key_of(here, notebook, ASSIGNMENT, support, {})}
    notebook.solved = tiny_course.submitted(tiny_course.answered(root))
    keys.add(key_of(here, notebook, ASSIGNMENT, support, {}))
    notebook.cells[4].cell.source += "\nassert True"
    keys.add(key_of(here, notebook, ASSIGNMENT, support, {}))
    recorded = notebook.cells[4].recorded
    assert recorded is not None
    notebook.cells[4].recorded = replace(recorded, points=3.0)
    keys.add(key_of(here, notebook, ASSIGNMENT, support, {}))
    assert len(keys) == 4


def test_other_packages(root: Path, support: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So does what is installed."""
    before = key(root, support)
    monkeypatch.setattr(store, "installed", lambda: ["numpy-1.0.dist-info"])
    assert key(root, support) != before


def test_what_does_not_matter(root: Path, support: Path) -> None:
    """Caches of Python beside the support files, and what students hand in, change nothing."""
    before = key(root, support)
    (support / "__pycache__").mkdir()
    (support / "__pycache__" / "help.pyc").write_bytes(b"x")
    tiny_course.hand_in(root, "ada", {"sums.ipynb": tiny_course.answered(root)})
    assert key(root, support) == before


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"key": "k"}',
        '{"key": "k", "decision": {"notebook": 1}}',
        '{"key": "k", "decision": {"tests": [{"x": 1}]}}',
        '{"key": "k", "decision": 3}',
        '{"key": "k", "decision": {"notebook": "a", "tests": [], "names": {"answers": []}}}',
    ],
)
def test_a_file_that_cannot_be_used(root: Path, content: str) -> None:
    """It is as if there were none."""
    here = course.load(root)
    assert keep(here, ASSIGNMENT, "k", DECISION) == ""
    place_of(here, ASSIGNMENT, SUMS).write_text(content)
    assert kept(here, ASSIGNMENT, SUMS, "k") is None


def test_a_place_that_cannot_be_written(root: Path) -> None:
    """It is told in words, and nothing is lost but time."""
    (root / FOLDER).write_text("in the way")
    told = keep(course.load(root), ASSIGNMENT, "k", DECISION)
    assert "cannot be written" in told and "prepared again" in told


SHOWN = Shown({0: [from_dict({"output_type": "stream", "name": "stdout", "text": "x"})]}, ["wave"])


def shown_file(root: Path, key: str = "k", anew: bool = False) -> ShownFile:
    """Where what the first notebook shows is kept."""
    return ShownFile(course.load(root), ASSIGNMENT, SUMS, lambda: key, anew)


def test_what_the_first_cells_show(root: Path) -> None:
    """It is found again under its key, unless everything is to be found anew."""
    assert shown_file(root).read() is None
    shown_file(root).write(SHOWN)
    assert shown_file(root).read() == SHOWN
    assert shown_file(root, "another").read() is None
    assert shown_file(root, anew=True).read() is None
    assert (root / FOLDER).stat().st_mode & 0o777 == 0o700
    assert os.listdir(root / FOLDER / ASSIGNMENT) == ["sums.shown"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"key": "k"}', '{"key": "k", "outputs": 3}'])
def test_a_damaged_file_of_what_is_shown(root: Path, content: str) -> None:
    """It is as if there were none, and is replaced the next time."""
    kept = shown_file(root)
    kept.write(SHOWN)
    kept.path.write_text(content)
    assert kept.read() is None
    kept.write(SHOWN)
    assert kept.read() == SHOWN


def test_a_place_where_nothing_can_be_kept(root: Path) -> None:
    """What is shown is drawn again the next time."""
    (root / FOLDER).write_text("in the way")
    shown_file(root).write(SHOWN)
    assert shown_file(root).read() is None


def test_students_do_not_get_it(root: Path) -> None:
    """`nbgrader generate_assignment` copies nothing of it into the release."""
    assert keep(course.load(root), ASSIGNMENT, "k", DECISION) == ""
    shutil.rmtree(root / "release")
    tiny_course.generate(root, ASSIGNMENT)
    names = [path.name for path in (root / "release").rglob("*")]
    assert "sums.ipynb" in names and not {FOLDER, "sums.json"} & set(names)


def test_the_folders_of_what_is_installed() -> None:
    """A folder inside another one's packages, as setuptools adds when imported, changes no key."""
    path = ["/e/bin", "/e/site-packages", "/e/site-packages/setuptools/_vendor", "/work"]
    assert store.places_of_packages(path) == ["/e/bin", "/e/site-packages", "/work"]
