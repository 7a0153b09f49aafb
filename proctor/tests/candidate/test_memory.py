"""A submission leaves nothing behind in the memory that later candidates are forked from."""

import secrets
from pathlib import Path

import pytest
from run_notebook import run, run_all, task, template
from small_notebook import answer, checks, given

from proctor.pool.bases import Bases
from proctor.pool.pool import Pool
from proctor.sandbox import probe

SCAN = r"""
import ctypes, gc, os, re
libc = ctypes.CDLL(None)
libc.write.argtypes, libc.write.restype = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t], ctypes.c_ssize_t
libc.sbrk.restype = ctypes.c_void_p
out, into = os.pipe()
objects = (*gc.get_objects(), *map(str, range(100_000)))
places = {id(one) >> 20 << 20 for one in objects} | {libc.sbrk(0) - (n << 20) for n in range(1, 40)}
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
LOOK = """
import os
names = [f"notes/{name}" for name in os.listdir("notes")]
mine = [open(name).read() for name in names]
"""


@pytest.mark.skipif(not probe().enough, reason="this machine has no sandbox")
def test_another_students_files_are_not_in_memory(tmp_path: Path) -> None:
    """A candidate that reads all of its memory finds its own files' names and content, and nothing of
    the submission before."""
    marks = [[secrets.token_hex(8) for _ in range(2)] for _ in range(2)]
    tasks = []
    for name, content in marks:
        path = tmp_path / f"CANARY-{name}.txt"
        path.write_text(f"CANARY-{content}\n" * 200)
        made = task(answer(LOOK + SCAN))
        made.plan.files = {f"notes/{path.name}": str(path)}
        tasks.append(made)
    with Bases() as bases, Pool(bases, template(), 1) as pool:
        first, second = (ran.printed("answer") for ran in run_all(pool, *tasks))
    for said, own in ((first, marks[0]), (second, marks[1])):
        assert said.startswith("True [") and all(mark in said for mark in own)
    # Pieces of what is just being read are there too, but no whole mark comes about so.
    assert not any(mark in second for mark in marks[0])


@pytest.mark.skipif(not probe().enough, reason="this machine has no sandbox")
def test_nothing_of_the_grader_is_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither variables of whoever grades, nor tests, nor cells of another notebook are in a
    candidate's memory, though examiners come from the same base process and have them all."""
    marks = [f"CANARY-{secrets.token_hex(8)}" for _ in range(4)]
    variable, test, place, other = marks
    monkeypatch.setenv("OF_THE_GRADER", variable)
    seen = f"import os\nassert os.environ['OF_THE_GRADER'] == {variable!r}  # {test}"
    first = given(f"before = {other!r}")
    more = {"secret": [f"/{place}"], "tests": [seen]}
    with Bases(["json"]) as bases:
        with Pool(bases, template(first, **more), 1) as pool:
            assert run(pool, first, checks(seen)).errors("test") == []
        with Pool(bases, template(**more), 2) as pool:
            ran = run(pool, answer(SCAN), checks(seen))
    assert ran.errors("test") == [] and ran.printed("answer") == "True []\n"
