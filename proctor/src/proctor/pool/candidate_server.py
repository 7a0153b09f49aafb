"""The trusted side of the fork servers that candidates come from."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import site
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from proctor.candidate import control
from proctor.publish.folders import WorkingFolder, modules_in

ROOT = str(Path(__file__).resolve().parents[2])
START = (
    "import sys; sys.path[0] = sys.argv[2]; sys.path += [p for p in sys.argv[4:5] if p]; "
    "from proctor.candidate.__main__ import start; "
    "start(int(sys.argv[1]), sys.argv[2], sys.argv[3])"
)
ROOM = "-" * 200  # on the command line, where a kernel's own will be shown
KEPT = ("PATH", "LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB")
INLINE = "module://matplotlib_inline.backend_inline"
PATIENCE = 60  # seconds a fork server has for what takes it milliseconds


class CannotStart(Exception):
    """No candidate can be had; the message says why, in words."""


def one_thread() -> dict[str, str]:
    """The variables that keep libraries from starting threads, without which a process cannot be
    forked, and from a GPU."""
    threads = {f"{name}_NUM_THREADS": "1" for name in THREADS} | {"VECLIB_MAXIMUM_THREADS": "1"}
    return threads | {"MPLBACKEND": INLINE, "CUDA_VISIBLE_DEVICES": ""}


def environment(home: Path) -> dict[str, str]:
    """The variables a candidate sees: what programs need, nothing of whoever grades."""
    kept = {
        name: value for name, value in os.environ.items() if name in KEPT or name.startswith("LC_")
    }
    own = {"HOME": str(home), "TMPDIR": tempfile.gettempdir(), "PWD": str(home)}
    return kept | one_thread() | own


class BaseProcess:
    """The process that all fork servers of a round are forked from, started before it is needed."""

    def __init__(self) -> None:
        self.home = tempfile.TemporaryDirectory()
        os.chmod(self.home.name, 0o755)  # a candidate may be another user
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        self.line, theirs = socket.socketpair()
        place = Path(self.home.name)
        user = site.getusersitepackages()  # which another HOME would hide
        arguments = [str(theirs.fileno()), ROOT, str(place), user if user in sys.path else "", ROOM]
        with theirs:
            self.running = subprocess.Popen(
                [sys.executable, "-c", START, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=self.errors,
                stderr=self.errors,
                cwd=place,
                env=environment(place),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def alive(self) -> bool:
        """Whether it still serves."""
        return self.running.poll() is None

    def serve(self, config: dict[str, Any], lines: list[int]) -> None:
        """Fork the two fork servers of a notebook, on the sockets `lines`."""
        try:
            control.send(self.line, config, lines)
        except control.Ended as error:
            raise CannotStart(
                f"What candidates come from has ended: {self.last_words()}"
            ) from error

    def last_words(self) -> str:
        """The last line of what it wrote."""
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it left no message"

    def close(self) -> None:
        """Let it end."""
        self.line.close()
        try:
            self.running.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()
        self.errors.close()
        self.home.cleanup()


def notebook_config(
    folder: WorkingFolder,
    imports: Iterable[str],
    prefix: Iterable[tuple[str, int]],
    sandbox: bool,
    limits: Mapping[str, int],
    readable: Iterable[Path],
    submissions: int = 0,
) -> dict[str, Any]:
    """What the base process is told of a notebook."""
    return {
        "home": str(folder.home),
        "folder": str(folder.work),
        "environment": environment(folder.home),
        "imports": list(imports),
        "prefix": list(prefix),
        "sandbox": sandbox,
        "limits": dict(limits),
        "readable": [str(path) for path in readable],
        "modules": modules_in(folder.work),
        "submissions": submissions,
    }


class CandidateServer:
    """The two states of a notebook to fork a candidate from, "imports" and "prefix": each a socket to
    the process that holds it."""

    def __init__(self, lines: dict[str, socket.socket]) -> None:
        self.lines = lines
        self.numbers, self.lock = itertools.count(), threading.Lock()
        self.failed: list[tuple[int, str]] = []
        self.missing: list[str] = []
        self.random: dict[str, str] = {}

    def ready(self, seconds: float) -> None:
        """Wait until both states can be forked from; CannotStart."""
        try:
            self.missing = control.receive(self.lines["imports"], seconds)[0]["missing"]
            message = control.receive(self.lines["prefix"], seconds)[0]
            self.failed, self.random = message["failed"], message["random"]
        except (control.Ended, TimeoutError, OSError) as error:
            raise CannotStart(
                "The process that candidates are forked from did not start: "
                f"{str(error) or type(error).__name__}."
            ) from error

    def ask(
        self,
        state: str,
        request: str,
        attached: Iterable[int] = (),
        seconds: float = PATIENCE,
        **more: Any,
    ) -> dict[str, Any]:
        """Ask the fork server of a state and wait for its answer; CannotStart."""
        with self.lock:
            number = f"{os.getpid()}-{next(self.numbers)}"
            try:
                message = {"ask": request, "id": number, **more}
                control.send(self.lines[state], message, list(attached))
                while True:
                    answer, unwanted = control.receive(self.lines[state], seconds)
                    for file in unwanted:
                        os.close(file)
                    if answer.get("id") == number:  # not one that nobody waited for any longer
                        break
            except (control.Ended, TimeoutError) as error:
                raise CannotStart(
                    "The process that candidates are forked from does not answer any more."
                ) from error
        if "error" in answer:
            raise CannotStart(f"A candidate could not be started: {answer['error']}")
        return answer

    def fork(self, state: str, reseed: Iterable[str], files: Mapping[str, str]) -> socket.socket:
        """A socket to a fresh candidate with a student's own files {name: path}; the one before is
        ended.

        The names go in a file that the fork server hands on unread: its memory is that of every
        later candidate.
        """
        ours, theirs = socket.socketpair()
        with theirs, contextlib.ExitStack() as stack:
            attached = [theirs.fileno()]
            if files:
                own = stack.enter_context(tempfile.TemporaryFile())
                own.write(json.dumps(dict(files)).encode())
                own.flush()
                attached.append(own.fileno())
            try:
                self.ask(state, "fork", attached, reseed=list(reseed), own=bool(files))
            except CannotStart:
                ours.close()
                raise
        return ours

    def clone(self) -> CandidateServer:
        """The same two states, held by processes of their own."""
        lines = {}
        for state in self.lines:
            ours, theirs = socket.socketpair()
            with theirs:
                self.ask(state, "clone", [theirs.fileno()])
            lines[state] = ours
        other = CandidateServer(lines)
        other.random = self.random
        return other

    def close(self) -> None:
        """Let the processes end."""
        for line in self.lines.values():
            line.close()
