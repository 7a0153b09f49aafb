"""The pools of a grading run: opened when they are needed, a few at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from small_notebook import answer, checks, given, notebook

from proctor.course import CourseError
from proctor.pool import pools
from proctor.pool.bases import Bases, CannotStart
from proctor.pool.pools import NO_LIMIT, OPEN, Pools, PoolSettings, cpu_seconds, imports, template
from proctor.sandbox import Limits


class FakePool:
    """Notes that it is opened and closed."""

    log: list[str] = []
    broken = False

    def __init__(
        self, bases: object, template: Any, workers: int, kept: object, support: object
    ) -> None:
        if self.broken:
            raise CannotStart("there is no memory")
        self.name = template.prefix[0].cell.source
        self.log.append(f"+{self.name}")

    def __enter__(self) -> "FakePool":
        return self

    def __exit__(self, *error: object) -> None:
        self.log.append(f"-{self.name}")

    def warnings(self) -> list[str]:
        return [f"odd {self.name}"]

    def examine(self, tasks: object) -> Iterator[str]:
        yield self.name
        raise CannotStart("it ended")


class FakeBases:
    """Notes what it has loaded."""

    def __init__(self) -> None:
        self.loaded: list[list[str]] = []

    def load(self, names: list[str]) -> None:
        self.loaded.append(names)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakePool]:
    monkeypatch.setattr(pools, "Pool", FakePool)
    monkeypatch.setattr(FakePool, "log", [])
    return FakePool


def opened(names: str, support: Path) -> Pools:
    """Pools for notebooks of these names, whose first cell is the name."""
    made = {name: notebook(given(name)) for name in names}
    return Pools(cast(Bases, FakeBases()), PoolSettings(made, support))


def test_a_few_are_open(fake: type[FakePool], tmp_path: Path) -> None:
    """The one that was asked for longest ago is closed for a new one; all are closed at the end."""
    assert OPEN == 4
    with opened("abcde", tmp_path) as found:
        for name in "abcdabe":
            assert cast(FakePool, found.pool(name)).name == name
        assert fake.log == ["+a", "+b", "+c", "+d", "-c", "+e"]
        assert found.warnings("c") == ["c: odd c"]  # though it is closed
    assert sorted(fake.log[-4:]) == ["-a", "-b", "-d", "-e"]
    assert found.warnings("x") == []


def test_one_that_is_used_stays_open(fake: type[FakePool], tmp_path: Path) -> None:
    """It is not closed for a new one, however long ago it was asked for; one more is open then."""
    with opened("abcdef", tmp_path) as found:
        with found.used("a"), found.used("b"):
            for name in "cde":
                found.pool(name)
            assert fake.log[4:] == ["-c", "+e"]
        found.pool("f")
        assert "-a" in fake.log and "-b" not in fake.log


def test_pools_that_were_closed(fake: type[FakePool], tmp_path: Path) -> None:
    """A thread that opens one late is told that the grading has ended, and its pool is closed."""
    found = opened("a", tmp_path)
    found.close_all()
    with pytest.raises(CourseError, match="The grading has ended"):
        found.pool("a")
    assert fake.log == ["+a", "-a"]


def test_what_cannot_start(
    fake: type[FakePool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told as what keeps the course from being graded."""
    with opened("a", tmp_path) as found:
        assert next(results := found.examine("a", [])) == "a"  # type: ignore[comparison-overlap]
        with pytest.raises(CourseError, match="it ended"):
            next(results)
    monkeypatch.setattr(FakePool, "broken", True)
    with opened("a", tmp_path) as found, pytest.raises(CourseError, match="there is no memory"):
        found.pool("a")


@pytest.mark.parametrize(
    ("kernel", "fine"),
    [
        ({}, True),
        ({"name": "python3"}, True),
        ({"name": "x", "language": "ipython"}, True),
        ({"name": "ir", "language": "R"}, False),
        ({"name": "bash"}, False),
    ],
)
def test_notebooks_of_another_language(kernel: dict[str, str], fine: bool) -> None:
    """They are refused in words, with what grades them."""
    made = notebook(given("x"))
    made.notebook.metadata.kernelspec = kernel
    settings = PoolSettings({"small": made}, Path("/nowhere"))
    if fine:
        Pools(cast(Bases, None), settings)
    else:
        with pytest.raises(CourseError, match="Use `nbgrader autograde` for it"):
            Pools(cast(Bases, None), settings)


def test_imports_of_a_notebook() -> None:
    """What the instructor's cells import at their top, and no answer; unreadable cells are passed."""
    made = notebook(
        given("%matplotlib inline\nimport json, os.path\ndef f():\n    import wave"),
        given("from math import pi\nfrom . import helper\nimport json"),
        given("import ("),
        answer("import torch", stub="import numpy"),
        checks("import hashlib as h"),
    )
    made.imports = ["scipy.signal"]
    assert imports(made) == ["scipy.signal", "json", "os.path", "math", "hashlib"]


def test_conditions_of_a_notebook() -> None:
    """The time limit decides how long a run may compute; the course's limits come on top."""
    made = notebook(given("x"), answer("y"), checks("z"))
    made.limits, made.secret = {"memory_bytes": 7}, ["/secret"]
    found = template(made, Path("/s"), 100.0, False)
    assert (found.timeout, found.sandbox, found.support) == (100.0, False, Path("/s"))
    assert found.limits == {"cpu_seconds": max(600, Limits().cpu_seconds), "memory_bytes": 7}
    assert (found.tests, found.secret) == (["z"], ["/secret"])
    assert template(made, Path("/s"), None, True).timeout == NO_LIMIT
    assert cpu_seconds(made, 0.1) == Limits().cpu_seconds
