"""Owns opening JupyterLab on the released lesson, in the course directory, so that nbgrader's extensions find the course."""

import os
import shutil
import sys

from . import layout


def working_copy(root=layout.ROOT):
    """The learner's copy of the release, made at the first call and never overwritten: its notebook, relative to `root`.

    Work saved in release/ itself would be lost at the next `make release` or `make demo`.
    """
    copy = root / "work" / layout.ASSIGNMENT
    if not copy.exists():
        shutil.copytree(
            root / "release" / layout.ASSIGNMENT, copy, ignore=shutil.ignore_patterns("__pycache__")
        )
    return (copy / layout.NOTEBOOK).relative_to(root)


def command(lesson, *options):
    """The command that opens `lesson`: the server's root is the course, as the formgrader needs; no network is asked."""
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        "--ServerApp.root_dir=.",
        f"--LabApp.default_url=/lab/tree/{lesson}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *options,
    ]


def main():
    """Become JupyterLab, with nbgrader's programs found by name; further arguments are JupyterLab's own."""
    os.chdir(layout.ROOT)
    lesson = working_copy()
    print(
        f"Your copy of the lesson is {lesson}; it is yours, and nothing here overwrites it.",
        flush=True,
    )
    os.execve(sys.executable, command(lesson, *sys.argv[1:]), layout.environment())


if __name__ == "__main__":
    main()
