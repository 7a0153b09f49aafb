"""Owns the sample class: its submissions, one run through nbgrader from release to feedback, and the table of results."""

import argparse
import os
import re
import shutil
import sys
import threading
import time
import warnings
from pathlib import Path

import nbformat

from . import answers, layout, misconceptions, notebook, table

PREFIX = "sample-"
SELF = "me"  # whoever ran `make grade`; their work lies in work/, which the demo does not touch
MADE = ("submitted", "autograded", "feedback")
CLASS = """
patch_sums scalar_loops unfold_both_axes einsum_windows nine_shifted_products numpy_inside talks_a_lot
flipped_both_axes kernel_transposed height_used_twice same_padding stops_before_last_position
last_row_and_column_left_zero output_always_six matrix_product assigned_not_added rounded_to_whole_numbers
double_precision_result numpy_array forgot_to_return clears_used_pixels buffer_for_each_size
image_of_the_notebook arguments_swapped square_images_demanded functional_conv2d
""".split()
BROKEN = '{"cells": [ this is not a notebook'


def sample_class():
    """The sample students and what each hands in: {student id: files as {name: text}}."""
    known = {answer.name: answer for answer in answers.load()}
    work = {name.replace("_", "-"): submission(known[name].source) for name in CLASS}
    work |= {
        "unsolved": submission(answers.unsolved()),
        "crashes": submission(known["division_by_zero"].source),
        "loops-for-ever": submission(known["loop_without_end"].source),
        "deleted-graded-cells": without_graded_cells(submission(known["patch_sums"].source)),
        "edited-the-checks": submission(known["kernel_transposed"].source) | {
            "convlab/checks.py": "raise SystemExit('the checks are mine now')\n"},
        "broken-file": {layout.NOTEBOOK: BROKEN},
        "missing-file": {},
    }
    return {PREFIX + name: files for name, files in sorted(work.items())}


def submission(source):
    """The released notebook with `source` in its stub cell, as a student hands it in: {file name: text}."""
    released = notebook.read(layout.ROOT / "release" / layout.ASSIGNMENT / layout.NOTEBOOK)
    notebook.stub(released).source = source
    return {layout.NOTEBOOK: nbformat.writes(released)}


def without_graded_cells(files):
    """The same submission after its student deleted every graded cell."""
    handed_in = nbformat.reads(files[layout.NOTEBOOK], as_version=4)
    gone = [cell.id for cell in notebook.graded(handed_in).values()]
    handed_in.cells = [cell for cell in handed_in.cells if cell.id not in gone]
    return {layout.NOTEBOOK: nbformat.writes(handed_in)}


def strangers(root):
    """Students in the course directory that are not the sample class: a real class, which must not be touched."""
    found = {path.name for part in MADE for path in (root / part).glob("*/")}
    if (root / "gradebook.db").exists():
        found |= set(table.students(root))
    return sorted(student for student in found if not student.startswith(PREFIX) and student != SELF)


def clear(root):
    """Take away what an earlier demo made; nothing else is touched."""
    for part in MADE:
        for folder in [*(root / part).glob(PREFIX + "*"), *(root / part).glob(SELF)]:
            shutil.rmtree(folder)
    for file in root.glob("gradebook.db*"):
        file.unlink()


def hand_in(root, work):
    """Write every sample student's files to submitted/."""
    for student, files in work.items():
        folder = root / "submitted" / student / layout.ASSIGNMENT
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")


def enrol(root, work):
    """Enter the sample students in the gradebook, so that one who hands in nothing is listed too."""
    roll = root / "submitted" / "class.csv"
    roll.write_text("id,first_name,last_name\n" + "".join(
        f"{student},Sample,{student.removeprefix(PREFIX)}\n" for student in work), "utf-8")
    layout.run_nbgrader("db", "student", "import", roll, cwd=root)
    roll.unlink()


def shares(students, count):
    """`count` patterns that divide the students by their first letters into about equal parts, for nbgrader's --student."""
    letters = sorted(student.removeprefix(PREFIX)[0] for student in students)
    cuts = [letters[len(letters) * k // count] for k in range(1, count)]
    edges = ["0", *cuts, "{"]  # "{" is the character after "z"
    return [f"{PREFIX}[{low}-{chr(ord(high) - 1)}]*" for low, high in zip(edges, edges[1:]) if low < high]


def follow(root, command, marker, students, progress):
    """Run an nbgrader command over the class, one process a processor, and tell which students are through."""
    seen, logs = set(), []

    def watch(process):
        with process:
            for line in process.stdout:
                logs.append(line)
                student = re.search(marker + rf".*/({PREFIX}[\w-]+)/", line)
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
    progress, work = Progress(), sample_class()
    progress.step("Clearing what an earlier demo made")
    clear(root)
    progress.step("Entering the assignment in the gradebook (nbgrader generate_assignment)")
    layout.run_nbgrader("generate_assignment", layout.ASSIGNMENT, "--force", cwd=root)
    progress.step(f"Filling submitted/ with {len(work)} sample students")
    hand_in(root, work)
    enrol(root, work)
    handed_in = [student for student, files in work.items() if files]
    progress.step(f"Autograding {len(handed_in)} submissions (nbgrader autograde)")
    follow(root, "autograde", "Sanitizing", handed_in, progress)
    layout.nbgrader("autograde", layout.ASSIGNMENT, cwd=root).communicate()  # whoever found the gradebook locked
    progress.step("Writing feedback (nbgrader generate_feedback)")
    follow(root, "generate_feedback", "Converting notebook", handed_in, progress)
    progress.step("Done.\n\n")
    return table.rows(root, list(work))


def main(arguments=None):
    """Fill submitted/ with a sample class, autograde it with nbgrader, write feedback, and print a table."""
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
Feedback   {root / 'feedback' / (PREFIX + 'flipped-both-axes') / layout.ASSIGNMENT / 'convolution.html'}  (one page a student)

Try next   open that page in a browser;
           make lab, then the menu Nbgrader > Formgrader, to look through the class as an instructor;
           docs/teaching.md, for the whole round with a class of your own.""")
    return 0


if __name__ == "__main__":
    sys.exit(main())
