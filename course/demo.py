"""The demo: the sample class goes from release to feedback, and the table of results is printed."""

import argparse
import shutil
import sys
import time
import warnings
from pathlib import Path

import proctor.sandbox as sandbox

from . import layout, notebook
from .sample_class import sample, table

SELF = "me"  # whoever ran `make grade`; their work lies in work/, which the demo does not touch
MADE = ("submitted", "autograded", "feedback")


def strangers(root: Path) -> list[str]:
    """Students of a real class, which must not be touched: all but the sample class."""
    found = {path.name for part in MADE for path in (root / part).glob("*/")}
    if (root / "gradebook.db").exists():
        found |= set(table.students(root))
    return sorted(
        student for student in found if not student.startswith(sample.PREFIX) and student != SELF
    )


def other_assignments(root: Path) -> list[str]:
    """Assignments besides the lesson in the gradebook, which the demo would delete with it."""
    if not (root / "gradebook.db").exists():
        return []
    return sorted(name for name in table.assignments(root) if name != layout.ASSIGNMENT)


def clear(root: Path) -> None:
    """Take away what an earlier demo made; nothing else is touched."""
    for part in MADE:
        for folder in [*(root / part).glob(sample.PREFIX + "*"), *(root / part).glob(SELF)]:
            shutil.rmtree(folder)
    for file in root.glob("gradebook.db*"):
        file.unlink()


class Progress:
    """The lines that tell what is going on."""

    def __init__(self) -> None:
        self.begun = time.monotonic()

    def step(self, text: str) -> None:
        """Print a line that begins with the seconds since the start."""
        print(f"\n[{time.monotonic() - self.begun:4.0f} s] {text}", end="", flush=True)


def run(root: Path) -> list[table.Row]:
    """The whole round for the sample class in the course directory `root`: the table's rows."""
    progress = Progress()
    progress.step("Clearing what an earlier demo made")
    clear(root)
    progress.step("Entering the assignment in the gradebook (nbgrader generate_assignment)")
    entering = layout.nbgrader("generate_assignment", layout.ASSIGNMENT, "--force", cwd=root)
    confined = protected()
    work = sample.sample_class(confined)
    progress.step(f"Filling submitted/ with {len(work)} sample students")
    sample.hand_in(root, work)
    layout.ended(entering)
    sample.enrol(root, work)
    progress.step(f"Autograding {sum(map(bool, work.values()))} submissions (proctor grade)\n")
    said = layout.grade("--force", *[] if confined else ["--no-sandbox"], cwd=root)
    progress.step("Writing feedback (proctor feedback)\n")
    layout.feedback("--force", cwd=root)
    progress.step("Done.\n\n")
    return table.rows(root, list(work), said)


def protected() -> bool:
    """Whether this machine can confine what students' code does; if not, say so."""
    found = sandbox.probe()
    if not found.enough:
        print(
            f"{sandbox.refusal(found)}\nThe demo goes on with --no-sandbox, "
            "and without the sample students who would do harm."
        )
    return found.enough


def main(arguments: list[str] | None = None) -> int:
    """Fill submitted/ with a sample class, grade it, write feedback, and print a table."""
    parser = argparse.ArgumentParser(prog="course.demo", description=main.__doc__)
    parser.add_argument(
        "--course", type=Path, default=layout.ROOT, help="the course directory (default: this one)"
    )
    root = parser.parse_args(arguments).course.resolve()
    warnings.simplefilter("ignore")
    others = strangers(root)
    if others:
        print(
            f"This course holds students that are not the sample class ({', '.join(others[:5])}); "
            "nothing was touched.\nThe demo clears submitted/, autograded/, feedback/ and "
            "gradebook.db. Run it in a fresh clone instead."
        )
        return 1
    assignments = other_assignments(root)
    if assignments:
        print(
            f"The gradebook of this course holds other assignments ({', '.join(assignments)}); "
            "nothing was touched.\nThe demo is of the lesson alone and begins with a new "
            "gradebook.db, in which their due dates would be missing. Run it in a fresh clone "
            "instead."
        )
        return 1
    rows = run(root)
    print(table.text(rows, notebook.points(notebook.read(layout.SOURCE / layout.NOTEBOOK))))
    print(f"\nThe class at a glance (proctor report):\n\n{layout.report(cwd=root)}", end="")
    page = f"{sample.PREFIX}flipped-both-axes/{layout.ASSIGNMENT}/convolution.html"
    print(f"""
Gradebook  {root / "gradebook.db"}
Feedback   {root / "feedback" / page}  (one page a student)

Try next   open the report and that page in a browser;
           make lab, then the menu Nbgrader > Formgrader, to see the class as an instructor;
           docs/teaching.md, for the whole round with a class of your own.""")
    return 0


if __name__ == "__main__":
    sys.exit(main())
