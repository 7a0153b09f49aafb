"""A student's own files leave nothing behind in the memory that later candidates are forked from."""

import secrets

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from proctor.plan import Part, Plan
from proctor.sandbox import probe
from proctor.session import Template
from proctor.workers import Pool

SCAN = r"""
import ctypes, gc, os, re
libc = ctypes.CDLL(None)
libc.write.argtypes, libc.write.restype = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t], ctypes.c_ssize_t
libc.sbrk.restype = ctypes.c_void_p
out, into = os.pipe()
places = {id(one) >> 20 << 20 for one in (*gc.get_objects(), *map(str, range(100_000)))} | {libc.sbrk(0) - (n << 20) for n in range(1, 40)}
found, seen = set(), 0
for place in places:
    before = b""
    for at in range(place, place + (1 << 20), 4096):
        taken = libc.write(into, at, 4096)
        page = os.read(out, taken) if taken > 0 else b""
        seen += len(page)
        found |= set(re.findall(rb"CAN[A]RY-([0-9a-f]{16})", before[-64:] + page))
        before = page
print(seen > 1 << 22, sorted(one.decode() for one in found))
"""


def plan(text, files=()):
    """A submission of one cell, with its own files."""
    part = Part(0, new_code_cell(text), "student")
    return Plan(new_notebook(cells=[part.cell]), [part], files=dict(files))


@pytest.mark.skipif(not probe().enough, reason="this machine has no sandbox")
def test_another_students_files_are_not_in_memory(tmp_path):
    """A candidate that reads all of its memory finds its own files' content and names, and none of the submission before."""
    marks = [secrets.token_hex(8) for _ in range(4)]
    for place, mark in enumerate(marks[::2]):
        (tmp_path / f"CANARY-{mark}.txt").write_text(f"CANARY-{marks[2 * place + 1]}\n" * 200)
    first, last = [
        {f"notes/CANARY-{mark}.txt": str(tmp_path / f"CANARY-{mark}.txt")} for mark in marks[::2]
    ]
    look = "import os\nmine = open(next(f'notes/{name}' for name in os.listdir('notes'))).read()\n"
    with Pool(Template([], None, ["json"], 60), workers=1) as pool:
        said = [
            outcome.outputs[0][0]["text"]
            for files in (first, last)
            for _, outcome, _ in pool.examine([("one", plan(look + SCAN, files))])
        ]
    # What reads its own memory meets pieces of what it is just reading, too; a mark of 16 digits does not come about so.
    assert [[True] * 3, [True] * 3] == [
        ["True [" in text, *(mark in text for mark in own)]
        for text, own in zip(said, (marks[:2], marks[2:]))
    ]
    assert [] == [mark for mark in marks[:2] if mark in said[1]]
