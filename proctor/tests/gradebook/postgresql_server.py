"""A PostgreSQL server of the tests' own, which they start, stop and throw away."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

MISSING = "needs PostgreSQL's server programs: `apt-get install postgresql`"
USER = "course"


def programs() -> Path | None:
    """The folder of the newest server programs, which Debian does not put on the path."""
    found = [Path(path) for path in glob.glob("/usr/lib/postgresql/*/bin/initdb")]
    if found:
        return max(found, key=lambda path: float(path.parts[-3])).parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


class Server:
    """A server that only this machine reaches, by a socket in a folder of its own."""

    def __init__(self) -> None:
        place = programs()
        if place is None and os.environ.get("PROCTOR_POSTGRESQL") != "required":
            pytest.skip(MISSING)
        assert place is not None, MISSING
        self.programs = place
        # Short, since the path of a socket has at most 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        self.databases = 0
        # Its programs refuse to run as root.
        self.user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if self.user is not None:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        self.run("initdb", "-D", self.data, "-A", "trust", "-U", USER, "--no-sync")
        self.start()

    @property
    def data(self) -> str:
        """The folder of its data."""
        return str(self.folder / "data")

    def run(self, program: str, *words: str) -> None:
        """Run one of its programs."""
        user = {} if self.user is None else {"user": "postgres", "group": "postgres"}
        subprocess.run(
            [self.programs / program, *words],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            timeout=120,
            extra_groups=[] if user else None,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            **user,  # type: ignore[arg-type]
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off"
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", self.data, "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        """Stop it, whoever is connected."""
        self.run("pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop")

    def new_database(self) -> str:
        """The address of a new, empty database."""
        self.databases += 1
        name = f"course{self.databases}"
        self.run("createdb", "-h", str(self.folder), "-U", USER, name)
        return f"postgresql+psycopg2://{USER}@/{name}?host={self.folder}"

    def close(self) -> None:
        """Stop it, and remove all that it had."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder)
