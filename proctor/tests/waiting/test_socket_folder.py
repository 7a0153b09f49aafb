"""A waiting grader is found by its own user, and by nobody's trick."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from proctor.waiting.connection import Connection, Ended
from proctor.waiting.socket_folder import SocketFolder, private_folder

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without a runtime folder: the folder for temporary files."""
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def missing(folder: Path) -> None:
    """There is no such folder."""


def open_to_others(folder: Path) -> None:
    """Others may look into it."""
    folder.mkdir()
    folder.chmod(0o755)


def a_file(folder: Path) -> None:
    """It is no folder."""
    folder.write_text("")


@pytest.mark.parametrize("make", [missing, open_to_others, a_file])
def test_a_runtime_folder_that_is_not_ones_own(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None]
) -> None:
    """A runtime folder that is not the user's alone is not used."""
    make(temporary / "runtime")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(temporary / "runtime"))
    assert private_folder() == temporary / f"proctor-{os.geteuid()}"


def test_a_runtime_folder_that_cannot_be_written(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A runtime folder in which nothing can be made is not used."""
    (temporary / "runtime").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(temporary / "runtime"))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert private_folder().parent == temporary


def somebody_elses(folder: Path) -> None:
    """It belongs to another user."""
    folder.mkdir(mode=0o700)
    try:
        os.chown(folder, 12345, -1)
    except PermissionError:
        pytest.skip("only root can give a folder away")


def a_link(folder: Path) -> None:
    """It leads elsewhere."""
    (folder.parent / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to("elsewhere")


@pytest.mark.parametrize("make", [somebody_elses, a_link, open_to_others, a_file])
def test_a_folder_that_is_not_ones_own(temporary: Path, make: Callable[[Path], None]) -> None:
    """Where the folder of sockets is somebody else's, or open to them, there is no waiting grader."""
    make(private_folder())
    with pytest.raises(OSError):
        SocketFolder("/course")


def test_what_is_made(temporary: Path) -> None:
    """The folder and what is in it can be read by the user alone, and all of it goes."""
    own = SocketFolder("/course")
    made = own.listen()
    assert made is not None and made[1] == own.read_secret()
    files = list(private_folder().iterdir())
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in files if path.is_file()} == {0}
    assert stat.S_IMODE(private_folder().stat().st_mode) == 0o700
    own.remove()
    assert list(temporary.iterdir()) == []
    made[0].close()
    own.close()


def test_a_stale_socket(temporary: Path) -> None:
    """A socket whose process has ended is replaced; one whose process is there is not."""
    first, second, third = SocketFolder("/course"), SocketFolder("/course"), SocketFolder("/course")
    made = first.listen()
    assert made is not None
    assert second.listen() is None
    made[0].close()
    again = third.listen()
    assert again is not None and third.is_own() and not first.is_own()
    first.remove()
    assert third.is_own()
    for one in (first, second, third):
        one.close()
    again[0].close()


def test_messages_that_are_none() -> None:
    """What is no line of JSON, or is too long, ends a connection."""
    for content in (b"no message\n", b"[1]\n", b""):
        ours, theirs = socket.socketpair()
        theirs.sendall(content)
        theirs.close()
        with pytest.raises(Ended):
            Connection(ours).receive(5)
        ours.close()


def test_messages_that_come_together() -> None:
    """Several messages and files that come at once are told apart."""
    ours, theirs = socket.socketpair()
    one, other = Connection(ours), Connection(theirs)
    one.send({"a": 1}, [0])
    one.send({"b": "é\udc80"})
    assert (other.receive(5), other.receive(5)) == ({"a": 1}, {"b": "é\udc80"})
    assert (len(other.files), other.user()) == (1, os.geteuid())
    with pytest.raises(TimeoutError):
        other.receive(0.01)
    one.close()
    other.close()
