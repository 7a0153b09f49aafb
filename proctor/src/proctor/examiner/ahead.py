"""Owns what is done once, before the forks, so that not every examiner does it again: known cells read, style sheets cleaned."""

import contextlib
import os
import sys

from proctor.sanitize import css

SHEETS = 32  # of the 64 that stay known, so that those of a submission find room too
LEAST = 200  # characters from which a sheet is worth it


def read_cells(shell, texts):
    """Let the shell know these cells: IPython's transformations and ipykernel's hash are pure Python, and slow."""
    manager, compiler = shell.input_transformer_manager, shell.compile
    steps = transformers(manager)
    transformed, hashed = {}, {}
    for text in texts:
        with contextlib.suppress(Exception):  # what cannot be read shows where it runs
            transformed[text] = manager.transform_cell(text)
            hashed[text] = os.path.basename(compiler.get_code_name(text, text, 0))
    transform_cell, get_code_name = shell.transform_cell, compiler.get_code_name

    def known_cell(text):
        if (
            text in transformed and transformers(manager) == steps
        ):  # an instructor's cell may have added one
            return transformed[text]
        return transform_cell(text)

    def known_name(text, code, number):
        if text in hashed and "IPYKERNEL_CELL_NAME" not in os.environ:
            return os.path.join(
                os.path.dirname(get_code_name("", "", number)), hashed[text]
            )  # the folder has the process's number
        return get_code_name(text, code, number)

    shell.transform_cell, compiler.get_code_name = known_cell, known_name


def transformers(manager):
    """All that may change a cell's text."""
    return [*manager.cleanup_transforms, *manager.line_transforms, *manager.token_transformers]


def clean_sheets(folder):
    """Clean the style sheets that modules in an instructor's folder hold as text: they will stand in what these modules show."""
    for text in sheets(folder)[:SHEETS]:
        css.sheet(text)


def sheets(folder):
    """The texts in loaded modules of this folder that look like a style sheet."""
    place, found = os.path.join(os.path.realpath(folder), ""), {}
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and os.path.realpath(file).startswith(place):
            found |= dict.fromkeys(
                value for value in vars(module).values() if looks_like_one(value)
            )
    return list(found)


def looks_like_one(value):
    """Whether a module's global is text that may be a style sheet."""
    return (
        type(value) is str
        and LEAST <= len(value) <= css.LONG
        and value.count("{") == value.count("}") > 0
        and "<" not in value
    )
