"""A fork server for tests of the sandbox, as this user and as an ordinary one."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fork_server import SOURCE, ForkServer

from proctor.sandbox import probe

ORDINARY_USER = 1000


@pytest.fixture(scope="session")
def protected() -> None:
    """Skip where students' code cannot be confined."""
    if not probe().enough:
        reason = probe().trouble or ", ".join(probe().missing)
        pytest.skip(f"students' code cannot be confined on this machine: {reason}")


USERS = ["this user", "an ordinary user"]


@pytest.fixture(scope="module", params=USERS)
def server(request: pytest.FixtureRequest, protected: None) -> Iterator[ForkServer]:
    """A fork server: of whoever runs the tests and, if that is root, of an ordinary user too."""
    yield from opened_for(request.param)


@pytest.fixture(params=USERS)
def own_server(request: pytest.FixtureRequest, protected: None) -> Iterator[ForkServer]:
    """As `server`, for one test that changes it."""
    yield from opened_for(request.param)


def opened_for(user: str) -> Iterator[ForkServer]:
    """A fork server, closed when it is not needed any more."""
    if user == "this user":
        opened = ForkServer()
    elif os.geteuid() == 0:
        opened = ForkServer(python_for_everybody(), ORDINARY_USER)
    else:
        pytest.skip("these tests run as an ordinary user anyway")
    yield opened
    opened.close()


def python_for_everybody() -> str:
    """A Python that an ordinary user can run, or the test is skipped."""
    program = "import sys; sys.path.insert(0, sys.argv[1]); import proctor.sandbox"
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            subprocess.run(
                [python, "-c", program, SOURCE],
                user=ORDINARY_USER,
                group=ORDINARY_USER,
                extra_groups=[],
                check=True,
                capture_output=True,
                cwd="/",
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    pytest.skip("no Python here, or not this package, can be read by an ordinary user")


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that everybody may read, as a fork server's is."""
    with tempfile.TemporaryDirectory() as path:
        os.chmod(path, 0o755)
        yield Path(path)
