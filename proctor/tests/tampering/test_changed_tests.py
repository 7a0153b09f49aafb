"""Tests that come back otherwise than they were released, and what comes back so by honest means."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
import tiny_course
from nbformat import NotebookNode

from proctor.tampering.changed_tests import changed_tests

DOUBLE, PARTIAL = "test-double", "partial"
Change = Callable[[NotebookNode], None]


def written(text: str, *names: str) -> Change:
    """A change of the text of tests."""

    def change(found: NotebookNode) -> None:
        for name in names or (DOUBLE,):
            tiny_course.by_name(found)[name].source = text

    return change


def claiming(name: str = DOUBLE, **claims: Any) -> Change:
    """A change of what nbgrader's metadata of a test say."""
    return lambda found: tiny_course.by_name(found)[name].metadata.nbgrader.update(claims)


def tagged(*tags: str) -> Change:
    """Tags on a test."""
    return lambda found: tiny_course.by_name(found)[DOUBLE].metadata.update(tags=list(tags))


def copied(found: NotebookNode) -> None:
    """A copy of a test below it, in which something is tried out."""
    cell = tiny_course.by_name(found)[DOUBLE].copy()
    cell["source"] = "assert double(3) == 7"
    found.cells.append(NotebookNode(cell))


def without_metadata(found: NotebookNode) -> None:
    """No cell says what it is."""
    for cell in found.cells:
        cell.metadata = NotebookNode()


def told(root: Path, change: Change) -> list[str]:
    """What is told of a notebook that was changed so."""
    found = tiny_course.answered(root)
    change(found)
    return list(changed_tests(tiny_course.assignment(root), tiny_course.submitted(found)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (written("assert True"), "The text of the locked test test-double was changed."),
        (
            written("assert double(2) != 4", DOUBLE, PARTIAL),
            "The text of the locked tests test-double, partial was changed.",
        ),
        (claiming(points=1000), "test test-double say points=1000 instead of 2."),
        (claiming(points=-1e308), "say points=-1e+308 instead of 2."),
        (claiming(grade=False), "The metadata of the test test-double say grade=False."),
        (claiming(solution=True, locked=False), "say solution=True."),
        (tagged("skip-execution"), "say the tag skip-execution."),
    ],
)
def test_a_changed_test_is_told_of(root: Path, change: Change, words: str) -> None:
    """What was changed is told with the test's name, and that the released one was graded."""
    sentences = told(root, change)
    assert len(sentences) == 1
    assert words in sentences[0]
    assert "What the instructor released was graded." in sentences[0]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda found: None, id="as released"),
        pytest.param(written("assert double(2) == 4\n\n"), id="an empty line"),
        pytest.param(written("# mine\nassert  double(2)==4 # ok"), id="comments and spaces"),
        pytest.param(written("print(double(2))\nassert double(2) == 4"), id="something printed"),
        pytest.param(written("# assert double(2) == 4"), id="commented out"),
        pytest.param(written("assert double(2) == 4v"), id="no Python"),
        pytest.param(written(""), id="emptied"),
        pytest.param(copied, id="a copy to try out"),
        pytest.param(tagged("mine", "remove-output", "raises-exception"), id="other tags"),
        pytest.param(claiming(locked=False), id="nbgrader locks a test in any case"),
        pytest.param(claiming(schema_version=1, points=2.0), id="another schema"),
        pytest.param(claiming(points="2", grade="yes", checksum=[1]), id="of other kinds"),
        pytest.param(without_metadata, id="an editor that keeps no metadata"),
        pytest.param(lambda found: found.cells.pop(4), id="deleted"),
    ],
)
def test_nothing_is_told_of_what_honest_students_do(root: Path, change: Change) -> None:
    """Slips, what is tried out in a test, and what editors lose are told of by nothing."""
    assert told(root, change) == []


def test_an_earlier_release_is_no_change(root: Path) -> None:
    """Who works on what was released before a test was corrected has changed nothing."""
    earlier = tiny_course.released(root)
    source = nbformat.read(tiny_course.source_path(root), as_version=4)
    cell = tiny_course.by_name(source)[DOUBLE]
    cell.source = cell.source.replace("assert double(2) == 4", "assert double(3) == 6")
    cell.metadata.nbgrader.points = 3
    nbformat.write(source, tiny_course.source_path(root))
    shutil.rmtree(root / "release")
    tiny_course.generate(root, tiny_course.ASSIGNMENT)
    own = tiny_course.assignment(root)
    assert tiny_course.released(root) != earlier
    assert list(changed_tests(own, tiny_course.submitted(earlier))) == []
    written("assert True")(earlier)
    assert len(list(changed_tests(own, tiny_course.submitted(earlier)))) == 2
