"""Owns the demo: the sample class goes from release to feedback, graded by proctor, and the table of results is printed."""

import argparse
import os
import re
import shutil
import sys
import threading
import time
import warnings
from pathlib import Path

from proctor import sandbox

from . import layout, misconceptions, notebook, sample, table

SELF = "me"  # whoever ran `make grade`; their work lies in work/, which the demo does not touch
MADE = ("submitted", "autograded", "feedback")


def strangers(root):
    """Students in the course directory that are not the sample class: a real class, which must not be touched."""
    found = {path.name for part in MADE for path in (root / part).glob("*/")}
    if (root / "gradebook.db").exists():
        found |= set(table.students(root))
    return sorted(student for student in found if not student.startswith(sample.PREFIX) and student != SELF)


def clear(root):
    """Take away what an earlier demo made; nothing else is touched."""
    for part in MADE:
        for folder in [*(root / part).glob(sample.PREFIX + "*"), *(root / part).glob(SELF)]:
            shutil.rmtree(folder)
    for file in root.glob("gradebook.db*"):
        file.unlink()


def shares(students, count):
    """`count` patterns that divide the students by their first letters into about equal parts, for nbgrader's --student."""
    letters = sorted(student.removeprefix(sample.PREFIX)[0] for student in students)
    cuts = [letters[len(letters) * k // count] for k in range(1, count)]
    edges = ["0", *cuts, "{"]  # "{" is the character after "z"
    return [f"{sample.PREFIX}[{low}-{chr(ord(high) - 1)}]*" for low, high in zip(edges, edges[1:]) if low < high]


def follow(root, command, marker, students, progress):
    """Run an nbgrader command over the class, one process a processor, and tell which students are through."""
    seen, logs = set(), []

    def watch(process):
        with process:
            for line in process.stdout:
                logs.append(line)
                student = re.search(marker + rf".*/({sample.PREFIX}[\w-]+)/", line)
                if student and student[1] not in seen:
                    seen.add(student[1])
                    progress.within(f"{len(seen)} of {len(students)}  {student[1]}")

    running = [threading.Thread(target=watch, args=[layout.nbgrader(
        command, layout.ASSIGNMENT, "--force", f"--student={share}", cwd=root)])
        for share in shares(students, os.cpu_count() or 1)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if not seen:
        raise RuntimeError(f"nbgrader {command} reached no student:\n{''.join(logs[-15:])}")


class Progress:
    """The lines that tell what is going on; on a terminal, a step's lines overwrite each other."""

    def __init__(self):
        self.begun = time.monotonic()

    def step(self, text):
        print(f"\n[{time.monotonic() - self.begun:4.0f} s] {text}", end="", flush=True)

    def within(self, text):
        if sys.stdout.isatty():
            print(f"\r[{time.monotonic() - self.begun:4.0f} s]   {text:<70}", end="", flush=True)
        else:
            print(f"\n[{time.monotonic() - self.begun:4.0f} s]   {text}", end="", flush=True)


def run(root):
    """The whole round for the sample class in the course directory `root`; returns the rows of the table."""
    progress, confined = Progress(), protected()
    work = sample.sample_class(confined)
    progress.step("Clearing what an earlier demo made")
    clear(root)
    progress.step("Entering the assignment in the gradebook (nbgrader generate_assignment)")
    layout.run_nbgrader("generate_assignment", layout.ASSIGNMENT, "--force", cwd=root)
    progress.step(f"Filling submitted/ with {len(work)} sample students")
    sample.hand_in(root, work)
    sample.enrol(root, work)
    handed_in = [student for student, files in work.items() if files]
    progress.step(f"Autograding {len(handed_in)} submissions (proctor grade)\n")
    said = layout.grade("--force", *[] if confined else ["--no-sandbox"], cwd=root)
    progress.step("Writing feedback (nbgrader generate_feedback)")
    follow(root, "generate_feedback", "Converting notebook", handed_in, progress)
    progress.step("Done.\n\n")
    return table.rows(root, list(work), said)


def protected():
    """Whether this machine can confine what students' code does; if not, say so."""
    found = sandbox.probe()
    if not found.enough:
        print(f"{sandbox.refusal(found)}\nThe demo goes on with --no-sandbox, and without the sample students who would do harm.")
    return found.enough


def main(arguments=None):
    """Fill submitted/ with a sample class, grade it with proctor, write feedback, and print a table."""
    parser = argparse.ArgumentParser(prog="course.demo", description=main.__doc__)
    parser.add_argument("--course", type=Path, default=layout.ROOT, help="the course directory (default: this one)")
    root = parser.parse_args(arguments).course.resolve()
    warnings.simplefilter("ignore")
    others = strangers(root)
    if others:
        print(f"This course holds students that are not the sample class ({', '.join(others[:5])}); nothing was touched.\n"
              "The demo clears submitted/, autograded/, feedback/ and gradebook.db. Run it in a fresh clone instead.")
        return 1
    rows = run(root)
    print(table.text(rows, notebook.points(notebook.read(layout.SOURCE / layout.NOTEBOOK))))
    diagnoses = misconceptions.collected(root)
    misconceptions.write(diagnoses, root / misconceptions.FILE)
    print(f"\nWhat the class misunderstood:\n\n{misconceptions.text(diagnoses)}")
    print(f"""
Reasons    {root / misconceptions.FILE}  (a line for each student, cell and misconception)
Gradebook  {root / 'gradebook.db'}
Feedback   {root / 'feedback' / (sample.PREFIX + 'flipped-both-axes') / layout.ASSIGNMENT / 'convolution.html'}  (one page a student)

Try next   open that page in a browser;
           make lab, then the menu Nbgrader > Formgrader, to look through the class as an instructor;
           docs/teaching.md, for the whole round with a class of your own.""")
    return 0


if __name__ == "__main__":
    sys.exit(main())
