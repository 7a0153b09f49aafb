"""Opens JupyterLab on a copy of the release, in the course directory as nbgrader needs it."""

import os
import shutil
import sys
from pathlib import Path

from . import layout


def working_copy(root: Path = layout.ROOT) -> Path:
    """The notebook of the learner's copy of the release, relative to `root`.

    The copy is made at the first call and never overwritten. Work saved in
    release/ itself would be lost at the next `make release` or `make demo`.
    """
    copy = root / "work" / layout.ASSIGNMENT
    if not copy.exists():
        shutil.copytree(
            root / "release" / layout.ASSIGNMENT, copy, ignore=shutil.ignore_patterns("__pycache__")
        )
    return (copy / layout.NOTEBOOK).relative_to(root)


def command(lesson: Path, *options: str) -> list[str]:
    """The command that opens `lesson`; the formgrader needs the course as the server's root.

    No network is asked, by pages that are exported from there neither.
    """
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        "--ServerApp.root_dir=.",
        f"--LabApp.default_url=/lab/tree/{lesson}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--HTMLExporter.filters=markdown2html=course.formulas.MarkdownFilter",
        *options,
    ]


def main() -> None:
    """Become JupyterLab; further arguments are JupyterLab's own."""
    os.chdir(layout.ROOT)
    lesson = working_copy()
    print(
        f"Your copy of the lesson is {lesson}; it is yours, and nothing here overwrites it.",
        flush=True,
    )
    os.execve(sys.executable, command(lesson, *sys.argv[1:]), layout.environment())


if __name__ == "__main__":
    main()
