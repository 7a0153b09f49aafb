"""The folder in which the waiting graders of a user are found, and nobody else's.

Each course has two files there: a socket, and a secret that whoever speaks to the socket must know.
Students' code sees neither; the tests that work with a student's data may not read the secret.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import socket
import stat
from pathlib import Path

BACKLOG = 8
SECRET_BYTES = 32


class Untrusted(OSError):
    """A folder or process of somebody else stands where one of this user's was expected."""


def private_folder() -> Path:
    """The folder of this user's waiting graders, whether or not it is there."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(runtime) and is_private(runtime) and os.access(runtime, os.W_OK):
        return Path(runtime, "proctor")
    return Path(os.environ.get("TMPDIR") or "/tmp", f"proctor-{os.geteuid()}")


def is_private(folder: str) -> bool:
    """Whether a folder is there, belongs to this user, and nobody else has any right to it."""
    try:
        os.close(open_private(folder))
    except OSError:
        return False
    return True


def open_private(folder: str | os.PathLike[str]) -> int:
    """A descriptor of a folder that is this user's alone; OSError, of which Untrusted is one."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    about = os.fstat(descriptor)
    if about.st_uid != os.geteuid() or stat.S_IMODE(about.st_mode) & 0o077:
        os.close(descriptor)
        raise Untrusted(f"{folder} is not a folder of this user alone")
    return descriptor


class SocketFolder:
    """The two files of one course, in a folder that was checked; OSError if there is no such folder.

    They are named through the descriptor of the folder, so that nobody can put another in its place.
    """

    def __init__(self, root: str) -> None:
        folder = private_folder()
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, 0o700)
        self.folder = open_private(folder)
        name = hashlib.blake2b(os.fsencode(root), digest_size=10).hexdigest()
        self.socket, self.secret = f"{name}.socket", f"{name}.secret"
        self.own: tuple[int, int] | None = None

    def close(self) -> None:
        """Let go of the folder; a listener is not ended by this."""
        os.close(self.folder)

    def path(self, name: str) -> str:
        """A short path of a file in the folder."""
        return f"/proc/self/fd/{self.folder}/{name}"

    def connect(self, seconds: float) -> socket.socket:
        """A connection to the waiting grader of the course; OSError if there is none."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(seconds)
            connection.connect(self.path(self.socket))
        except BaseException:
            connection.close()
            raise
        return connection

    def read_secret(self) -> str:
        """What the waiting grader of the course wants to be told; OSError."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(self.secret, flags, dir_fd=self.folder), encoding="ascii") as file:
            return file.read()

    def listen(self) -> tuple[socket.socket, str] | None:
        """A socket where the course's grader is found from now on, and the secret; None where
        another one is found already. OSError."""
        with contextlib.suppress(OSError):
            self.connect(1.0).close()
            return None
        secret, end = secrets.token_hex(SECRET_BYTES), f".{os.getpid()}"
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(self.path(self.socket + end))
            listener.listen(BACKLOG)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            written = os.open(self.secret + end, flags, 0o600, dir_fd=self.folder)
            with open(written, "w", encoding="ascii") as file:
                file.write(secret)
            about = os.stat(self.socket + end, dir_fd=self.folder, follow_symlinks=False)
            for name in (self.secret, self.socket):
                os.rename(name + end, name, src_dir_fd=self.folder, dst_dir_fd=self.folder)
        except BaseException:
            listener.close()
            for name in (self.secret, self.socket):
                with contextlib.suppress(OSError):
                    os.unlink(name + end, dir_fd=self.folder)
            raise
        self.own = about.st_dev, about.st_ino
        return listener, secret

    def is_own(self) -> bool:
        """Whether the socket that is found is the one that `listen` made."""
        try:
            about = os.stat(self.socket, dir_fd=self.folder, follow_symlinks=False)
        except OSError:
            return False
        return self.own == (about.st_dev, about.st_ino)

    def remove(self) -> None:
        """Remove what `listen` made, unless it was replaced meanwhile, and the folder if it is empty."""
        names = (self.socket, self.secret) if self.own is not None and self.is_own() else ()
        for name in names:
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=self.folder)
        self.own = None
        with contextlib.suppress(OSError):
            os.rmdir(os.readlink(f"/proc/self/fd/{self.folder}"))
