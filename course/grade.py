"""Grades one's own working copy with the hidden tests, as student `me`."""

import argparse
import shutil
import sys
from pathlib import Path

import proctor.sandbox as sandbox

from . import demo, layout, notebook
from .sample_class import table

STUDENT = demo.SELF


def main(arguments: list[str] | None = None) -> int:
    """Grade work/convolution with the hidden tests, print the points, write a feedback page."""
    parser = argparse.ArgumentParser(prog="course.grade", description=main.__doc__)
    parser.add_argument(
        "--course", type=Path, default=layout.ROOT, help="the course directory (default: this one)"
    )
    root = parser.parse_args(arguments).course.resolve()
    work = root / "work" / layout.ASSIGNMENT / layout.NOTEBOOK
    if not work.exists():
        print(
            f"There is nothing to grade yet: {work.relative_to(root)} does not exist. "
            "`make lab` makes it."
        )
        return 1
    submitted = root / "submitted" / STUDENT / layout.ASSIGNMENT
    submitted.mkdir(parents=True, exist_ok=True)
    shutil.copy(work, submitted / layout.NOTEBOOK)
    print(
        "Grading work/convolution as you last saved it, with the hidden tests (proctor grade) ...",
        flush=True,
    )
    layout.run_nbgrader("generate_assignment", layout.ASSIGNMENT, "--force", cwd=root)
    confined = [] if sandbox.probe().enough else ["--no-sandbox"]  # it is one's own work, after all
    said = layout.grade("--force", f"--student={STUDENT}", *confined, cwd=root)
    if (root / "autograded" / STUDENT / layout.ASSIGNMENT).exists():
        layout.feedback("--force", f"--student={STUDENT}", cwd=root)
    print(
        table.text(
            table.rows(root, [STUDENT], said),
            notebook.points(notebook.read(layout.SOURCE / layout.NOTEBOOK)),
        )
    )
    page = root / "feedback" / STUDENT / layout.ASSIGNMENT / "convolution.html"
    print(f"\nThe page with everything: {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
