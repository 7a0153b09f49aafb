"""Temporary folders hold copies of the support files and are removed in any state."""

import os
from pathlib import Path

import pytest

from proctor.publish import folders
from proctor.publish.folders import SupportCopy, WorkingFolder


@pytest.fixture
def support(tmp_path: Path) -> Path:
    """A folder with modules, a package, and what is not to be copied."""
    folder = tmp_path / "support"
    (folder / "package").mkdir(parents=True)
    (folder / "__pycache__").mkdir()
    for name in ("helper.py", "2nd.py", "package/__init__.py", "data.csv", "__pycache__/x.pyc"):
        (folder / name).write_text("")
    (folder / "link").symlink_to("/etc/passwd")
    return folder


def test_a_working_folder(support: Path) -> None:
    """It has a copy of the support files without caches and links, and a home beside it; the copy
    stays as long as another one has it."""
    copy = SupportCopy(support)
    folder, other = WorkingFolder(copy), WorkingFolder(copy)
    del copy
    assert sorted(os.listdir(folder.work)) == ["2nd.py", "data.csv", "helper.py", "package"]
    assert folder.home.is_dir()
    folder.remove()
    assert not folder.path.exists()
    work = folder.work
    del folder
    assert work.exists()
    other.remove()
    del other
    assert not work.exists()


def test_a_working_folder_without_support_files() -> None:
    """It is empty."""
    folder = WorkingFolder(SupportCopy(None))
    assert os.listdir(folder.work) == []
    folder.remove()


def test_modules_in_a_folder(support: Path) -> None:
    """They are what Python can import from there."""
    assert folders.modules_in(support) == ["helper", "package"]


def test_removing_a_hostile_folder(tmp_path: Path) -> None:
    """A folder that was made unreadable, and deeper than Python recurses, is removed."""
    root = tmp_path / "hostile"
    (root / "closed" / "inner").mkdir(parents=True)
    (root / "closed" / "inner" / "file").write_text("x")
    (root / "closed").chmod(0)
    at = os.open(root, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("deep", dir_fd=at)
        below = os.open("deep", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)
    folders.remove(root)
    assert not os.path.lexists(root)
