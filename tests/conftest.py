"""What several tests need: two functions, a fresh copy of the course, one thread for torch.

Also in which order two processes take the files: the slowest first, so that both end together.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import torch
from xdist.scheduler import LoadScopeScheduling

from course import layout

os.environ["PROCTOR_WAIT"] = "0"  # no grader stays after a test

SLOWEST = (
    *("browser", "test_gate", "test_demo", "test_diagnoses", "test_same_grades", "test_lab"),
    *("test_solution", "test_grade", "test_release", "test_isolation", "test_notebook"),
)


def together(path):
    """The name of what runs in one process, since it shares what is slow to make.

    That is a file, or all that needs the browser.
    """
    return "browser" if path.parent.name == "browser" else path.stem


def pytest_collection_modifyitems(items):
    """Put the slowest files first."""
    ranks = {name: rank for rank, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: ranks.get(together(item.path), len(ranks)))


class Scheduling(LoadScopeScheduling):
    """Gives each process the next file, or all that needs the browser, in this order."""

    def _split_scope(self, nodeid):
        return together(Path(nodeid.split("::")[0]))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Divide the tests among pytest-xdist's processes."""
    config.option.loadscopereorder = False  # by the number of tests, which says little here
    return Scheduling(config, log)


@pytest.fixture
def right():
    """A right conv2d, written for these tests."""

    def conv2d(image, kernel):
        windows = image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
        return (windows * kernel).sum(dim=(2, 3))

    return conv2d


@pytest.fixture
def flipped(right):
    """A conv2d that flips the kernel: wrong, of the right size."""
    return lambda image, kernel: right(image, kernel.flip(0, 1))


@pytest.fixture(scope="session")
def course_copy(tmp_path_factory):
    """A copy of the course as git would hand it out, for nbgrader to write in: its root."""
    root = tmp_path_factory.mktemp("course") / "course"
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=layout.ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in names:
        if not (layout.ROOT / name).is_file():  # deleted, and not yet committed
            continue
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(layout.ROOT / name, root / name)
    return root


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny tensors, one thread: no test waits for another process's turn."""
    torch.set_num_threads(1)
