"""A student's code does not reach the grader that waits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tiny_course
from sites import Site, hand_in

from proctor.examiner.protection import around
from proctor.sandbox import probe
from proctor.waiting.socket_folder import private_folder

SEARCH = """
import glob, json, os, socket
found, reached = [], []
places = ["{runtime}", "{temporary}", "/run/user", "/run", "/tmp", "/proc/self/fd", "/dev/shm"]
for place in places:
    for depth in ("/", "/*/", "/*/*/"):  # no deeper: a machine's /tmp may hold a million files
        found += glob.glob(place + depth + "*.s[oe]c*et")
try:
    with open("/proc/net/unix") as file:
        found += [line.split()[-1] for line in file if "proctor" in line]
except OSError:
    pass
for path in [*found, *{known}]:
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(path)
            reached.append(path)
    except OSError:
        pass
    try:
        with open(path) as file:
            reached.append(file.read())
    except OSError:
        pass
print("SEARCHED", json.dumps([found, reached]))
"""


@pytest.mark.skipif(not probe().enough, reason="needs a machine that can confine")
def test_a_submission_that_looks_for_it(site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    """It finds neither socket nor secret, even where it knows their names, and reaches nothing."""
    assert site.grade()[0] == 0
    known = [str(path) for path in site.runtime.rglob("*.*")]
    assert len(known) == 2
    text = SEARCH
    for name, value in {
        "{runtime}": str(site.runtime),
        "{temporary}": str(site.temporary),
        "{known}": repr(known),
    }.items():
        text = text.replace(name, value)
    exec(text, {})
    there = json.loads(capfd.readouterr().out.partition("SEARCHED ")[2])
    secrets = [Path(path).read_text() for path in known if path.endswith(".secret")]
    assert set(known) <= set(there[0]) and set(secrets) <= set(there[1])
    hand_in(site.root, "eve", text + tiny_course.ANSWER)
    grader = site.grader()
    assert site.grade("--student=eve")[0] == 0
    assert grader == site.grader()
    (page,) = [
        content for name, content in site.files().items() if "eve" in name and "sums" in name
    ]
    assert "SEARCHED [[], []]" in page


def test_a_test_that_obeys_a_student(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test may read while it holds a student's data has no folder of waiting graders in it, so
    that their secret stays one, and the course names that folder as secret."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    folder = private_folder()
    folder.mkdir(mode=0o700)
    (tmp_path / "other").mkdir()
    allowed = around(tmp_path, {folder})
    assert allowed == [str(tmp_path / "other")]
