"""Owns a notebook's text as nbformat writes it; a cell that comes again in the next submission is not made into text again."""

import hashlib
import json
import os

from nbformat import NotebookNode, v4
from nbformat.v4.nbjson import BytesEncoder

CELLS, LONGEST = 1000, 4_000_000  # kept of a notebook, and characters of one


class Writer:
    """Writes a class's notebooks of one name: of each place in them it knows the last cell's digest and, if it came twice, its text."""

    def __init__(self):
        self.known = {}

    def text(self, notebook):
        """What `nbformat.v4.writes_json` would return: that indents in Python, which takes most of a notebook's time here."""
        empty = written(notebook, [])
        frame = (
            empty,
            len(
                os.path.commonprefix(
                    [
                        empty,
                        written(notebook, [NotebookNode(cell_type="raw", metadata=NotebookNode())]),
                    ]
                )
            ),
        )
        cells = [
            self.cell(place, cell, notebook, frame) for place, cell in enumerate(notebook.cells)
        ]
        return empty[: frame[1]] + ",".join(cells) + "\n " * bool(cells) + empty[frame[1] :]

    def cell(self, place, cell, notebook, frame):
        """A cell's text between the brackets of the list of cells."""
        digest = hashlib.blake2b(
            json.dumps(cell, sort_keys=True, cls=BytesEncoder).encode()
        ).digest()  # compact JSON is made in C
        before, text = self.known.get(place, (None, None))
        if before != digest or text is None:
            empty, start = frame
            whole = written(notebook, [cell])
            text = whole[start : len(whole) - len(empty) + start].removesuffix("\n ")
        if place < CELLS:
            self.known[place] = digest, text if before == digest and len(text) <= LONGEST else None
        return text


def written(notebook, cells):
    """The text of a notebook with these cells instead of its own."""
    return v4.writes_json(NotebookNode({**notebook, "cells": cells}))
