"""Owns what an examiner may read and write while it holds a student's data: nothing of the course, its own folders."""

import contextlib
import os
from pathlib import Path

from proctor.sandbox import landlock
from proctor.sandbox.filesystem import DEVICES

# A test that runs what a student returned (SQL, an archive, a template) must not reach the keys of whoever grades.
AT_HOME = (
    ".ssh",
    ".gnupg",
    ".netrc",
    ".aws",
    ".azure",
    ".kube",
    ".docker",
    ".config",
    ".git-credentials",
    ".pgpass",
    ".bash_history",
    ".python_history",
)
SHARED = ("/dev/shm", "/dev/tty", "/dev/pts", "/dev/ptmx", *DEVICES)


class Fence:
    """Made by a worker, put up in each examiner it forks. `secret`: what may be neither read nor written, even where it does not exist yet."""

    def __init__(self, secret):
        self.rules, secret = None, [Path(path).resolve() for path in secret]
        self.open = (
            []
            if not landlock.abi()
            else around("/", {*secret, *(Path.home().resolve() / name for name in AT_HOME)})
        )

    def plan(self, *folders):
        """From now on examiners may write below these folders, and nowhere else."""
        self.close()
        if landlock.abi():
            self.rules = landlock.ruleset(self.open, [*map(str, folders), "/dev/shm"], SHARED)

    def put_up(self):
        """Confine this process for good; nothing happens where the kernel cannot."""
        if self.rules is not None:
            landlock.restrict(self.rules)

    def close(self):
        """Give the rules up."""
        if self.rules is not None:
            os.close(self.rules)
            self.rules = None


def around(folder, secret):
    """The paths in `folder` that together hold everything but what is secret: a rule of Landlock holds for all that lies below."""
    open_ = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            if path in secret or entry.is_symlink():
                continue
            open_ += (
                around(path, secret) if any(path in one.parents for one in secret) else [entry.path]
            )
    return open_
