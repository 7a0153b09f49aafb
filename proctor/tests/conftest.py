"""Owns what several tests of proctor share: a tiny nbgrader course, made once and copied for each test, and processes that start candidates."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import lab
import pytest
from host import ROOT, Host

from proctor.sandbox import probe

ORDINARY = 1000


@pytest.fixture(scope="session")
def made_lab(tmp_path_factory):
    """A course of two notebooks as `nbgrader generate_assignment` leaves it: its folder, which nobody changes."""
    return lab.make(tmp_path_factory.mktemp("lab") / "course")


@pytest.fixture
def root(made_lab, tmp_path, monkeypatch):
    """A copy of the tiny course, the working directory of this test."""
    shutil.copytree(made_lab, tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    return tmp_path / "course"


@pytest.fixture(scope="session")
def protected():
    """Skip where students' code cannot be confined."""
    if not probe().enough:
        pytest.skip(
            f"students' code cannot be confined on this machine: {probe().trouble or ', '.join(probe().missing)}"
        )


@pytest.fixture(scope="module", params=["this user", "an ordinary user"])
def host(request, protected):
    """A process that starts candidates: as whoever runs the tests and, if that is root, as an ordinary user as well."""
    opened = Host() if request.param == "this user" else Host(readable_python(), ORDINARY)
    yield opened
    opened.close()


def readable_python():
    """A Python that an ordinary user can run, or the test is skipped."""
    if os.geteuid() != 0:
        pytest.skip("these tests run as an ordinary user anyway")
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            subprocess.run(
                [
                    python,
                    "-c",
                    "import sys; sys.path.append(sys.argv[1]); import proctor.sandbox",
                    ROOT,
                ],
                user=ORDINARY,
                group=ORDINARY,
                extra_groups=[],
                check=True,
                capture_output=True,
                cwd="/",
            )
            return python
        except (OSError, subprocess.CalledProcessError):
            continue
    pytest.skip("no Python here, or not this repository, can be read by an ordinary user")


@pytest.fixture
def folder():
    """An empty folder that everybody may read, as a zygote's is."""
    with tempfile.TemporaryDirectory() as path:
        os.chmod(path, 0o755)
        yield Path(path)
