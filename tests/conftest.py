"""What several tests need: two functions, a fresh copy of the course, one thread for torch."""

import os
import shutil
import subprocess

import pytest
import torch

from course import layout

os.environ["PROCTOR_WAIT"] = "0"  # no grader stays after a test


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
