"""Sites with a course, and a way to wait."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sites import SOON, Site, hand_in


@pytest.fixture
def site(root: Path, tmp_path: Path) -> Iterator[Site]:
    """The tiny course with two students' work, for a user with folders of their own."""
    yield from made_site(root, tmp_path)


@pytest.fixture(scope="module")
def shared_site(made_lab: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site for tests that leave its grader waiting, for the next test."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copytree(made_lab, folder / "course")
    yield from made_site(folder / "course", folder)


def made_site(root: Path, folder: Path) -> Iterator[Site]:
    """A site in a folder; what waits is ended."""
    found = Site(root, folder / "runtime", folder / "temporary")
    found.runtime.mkdir(mode=0o700)
    found.temporary.mkdir(mode=0o755)
    for student in ("ada", "bob"):
        hand_in(root, student)
    yield found
    for grader in found.graders():
        grader.terminate()
    assert found.left() == []


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Wait until something holds."""

    def until(holds: Callable[[], object]) -> None:
        end = time.monotonic() + SOON
        while not holds():
            assert time.monotonic() < end, "it did not come about"
            time.sleep(0.05)

    return until
