"""The sample class of the demo: who is in it, and what each of them hands in."""

from collections.abc import Mapping
from pathlib import Path

import nbformat

from .. import answers, layout, notebook
from . import hostile, table

Files = Mapping[str, str | Path]

PREFIX = "sample-"
CLASS = [
    "patch_sums",
    "scalar_loops",
    "unfold_both_axes",
    "einsum_windows",
    "nine_shifted_products",
    "numpy_inside",
    "talks_a_lot",
    "flipped_both_axes",
    "kernel_transposed",
    "height_used_twice",
    "same_padding",
    "stops_before_last_position",
    "last_row_and_column_left_zero",
    "output_always_six",
    "matrix_product",
    "assigned_not_added",
    "rounded_to_whole_numbers",
    "double_precision_result",
    "numpy_array",
    "forgot_to_return",
    "clears_used_pixels",
    "buffer_for_each_size",
    "image_of_the_notebook",
    "arguments_swapped",
    "square_images_demanded",
    "functional_conv2d",
]
BROKEN = '{"cells": [ this is not a notebook'


def sample_class(confined: bool = True) -> dict[str, Files]:
    """The sample students and what each hands in: {student id: {file name: content}}.

    The content is text, or the Path that a link leads to. Without protection (not
    `confined`) nobody takes part whose submission would harm the machine.
    """
    known = {answer.name: answer for answer in answers.load()}
    work: dict[str, Files] = {
        name.replace("_", "-"): submission(known[name].source) for name in CLASS
    }
    work |= {
        name: submission(source)
        for name, source in hostile.ANSWERS.items()
        if confined or name not in hostile.HARMFUL
    }
    work |= {
        "unsolved": submission(answers.unsolved()),
        "crashes": submission(known["division_by_zero"].source),
        "loops-for-ever": submission(known["loop_without_end"].source),
        "deleted-graded-cells": without_graded_cells(submission(known["patch_sums"].source)),
        "edited-the-checks": submission(known["kernel_transposed"].source)
        | {"convlab/checks.py": "raise SystemExit('the checks are mine now')\n"},
        "broken-file": {layout.NOTEBOOK: BROKEN},
        "linked-another": {layout.NOTEBOOK: hostile.LINK / layout.ASSIGNMENT / layout.NOTEBOOK},
        "missing-file": {},
    }
    return {PREFIX + name: files for name, files in sorted(work.items())}


def submission(source: str) -> dict[str, str]:
    """The released notebook with `source` in its stub cell: {file name: text}."""
    released = notebook.read(layout.ROOT / "release" / layout.ASSIGNMENT / layout.NOTEBOOK)
    notebook.stub(released).source = source
    return {layout.NOTEBOOK: nbformat.writes(released)}


def without_graded_cells(files: dict[str, str]) -> dict[str, str]:
    """The same submission after its student deleted every graded cell."""
    handed_in = nbformat.reads(files[layout.NOTEBOOK], as_version=4)
    gone = [cell.id for cell in notebook.graded(handed_in).values()]
    handed_in.cells = [cell for cell in handed_in.cells if cell.id not in gone]
    return {layout.NOTEBOOK: nbformat.writes(handed_in)}


def hand_in(root: Path, work: Mapping[str, Files]) -> None:
    """Write every sample student's files to submitted/."""
    for student, files in work.items():
        folder = root / "submitted" / student / layout.ASSIGNMENT
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            if isinstance(content, Path):
                (folder / name).symlink_to(content)
            else:
                (folder / name).write_text(content, encoding="utf-8")


def enrol(root: Path, work: Mapping[str, Files]) -> None:
    """Enter the sample students in the gradebook: who hands in nothing is listed too."""
    with table.gradebook(root) as book:
        for student in work:
            names = {"first_name": "Sample", "last_name": student.removeprefix(PREFIX)}
            book.update_or_create_student(student, **names)
