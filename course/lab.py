"""Owns opening JupyterLab on the lesson, in the course directory, so that nbgrader's extensions find the course."""

import os
import sys

from . import layout

LESSON = f"release/{layout.ASSIGNMENT}/{layout.NOTEBOOK}"


def command(*options):
    """The command that opens the lesson: the server's root is the course, as the formgrader needs."""
    return [sys.executable, "-m", "jupyterlab", "--ServerApp.root_dir=.", f"--LabApp.default_url=/lab/tree/{LESSON}",
            *options]


def main():
    """Become JupyterLab, with nbgrader's programs found by name; further arguments are JupyterLab's own."""
    os.chdir(layout.ROOT)
    os.execve(sys.executable, command(*sys.argv[1:]), layout.environment())


if __name__ == "__main__":
    main()
