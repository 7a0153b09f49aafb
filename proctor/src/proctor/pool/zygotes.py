"""Owns starting a zygote with a clean environment and asking it, from the trusted side, for candidates."""

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
from pathlib import Path

from proctor.candidate import control
from proctor.publish.folders import modules_in

ROOT = str(Path(__file__).resolve().parents[2])
START = f"import sys; sys.path[0] = {ROOT!r}; from proctor.candidate.__main__ import start; start()"
ROOM = "-" * 200  # on the command line, where a kernel's own will be shown
KEPT = ("PATH", "LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
INLINE = "module://matplotlib_inline.backend_inline"
PATIENCE = 60  # seconds a zygote has for what takes it milliseconds


class CannotStart(Exception):
    """No candidate can be had; the message says why, in words."""


def alone():
    """The variables that keep libraries from starting threads, without which a process cannot be forked, and from a GPU."""
    return dict.fromkeys(THREADS, "1") | {"MPLBACKEND": INLINE, "CUDA_VISIBLE_DEVICES": ""}


def environment(home):
    """The variables a candidate sees: what programs need, nothing of whoever grades."""
    kept = {
        name: value for name, value in os.environ.items() if name in KEPT or name.startswith("LC_")
    }
    return kept | alone() | {"HOME": str(home), "TMPDIR": tempfile.gettempdir(), "PWD": str(home)}


class Zygotes:
    """The two states to fork a candidate from, "imports" and "prefix", each a socket to the process that holds it."""

    def __init__(self, lines, process=None):
        self.lines, self.process = lines, process
        self.numbers, self.lock = itertools.count(), threading.Lock()
        self.failed, self.missing, self.random = [], [], {}

    @classmethod
    def start(cls, template, folder):
        """Start the process; `ready` waits until it can serve."""
        ours, theirs = zip(socket.socketpair(), socket.socketpair())
        config = {
            "root": ROOT,
            "home": str(folder.home),
            "folder": str(folder.work),
            "environment": environment(folder.home),
            "paths": [path for path in sys.path if path == site.getusersitepackages()],
            "imports": list(template.imports),
            "prefix": template.texts(),
            "sandbox": template.sandbox,
            "limits": dict(template.limits),
            "readable": [str(path) for path in template.readable],
            "modules": modules_in(folder.work),
            "lines": [line.fileno() for line in theirs],
        }
        with open(folder.path / "errors", "wb") as errors:
            process = subprocess.Popen(
                [sys.executable, "-c", START, ROOM],
                stdin=subprocess.PIPE,
                stdout=errors,
                stderr=errors,
                cwd=folder.home,
                env=environment(folder.home),
                pass_fds=config["lines"],
                start_new_session=True,
            )
        for line in theirs:
            line.close()
        with process.stdin:
            process.stdin.write(json.dumps(config).encode())
        zygotes = cls(dict(zip(("imports", "prefix"), ours)), process)
        zygotes.errors = folder.path / "errors"
        return zygotes

    def ready(self, seconds):
        """Wait until both states can be forked from."""
        try:
            self.missing = control.receive(self.lines["imports"], seconds)[0]["missing"]
            message = control.receive(self.lines["prefix"], seconds)[0]
            self.failed, self.random = message["failed"], message["random"]
        except (control.Ended, TimeoutError, OSError) as error:
            last = self.errors.read_text(errors="replace").strip().splitlines()[-1:]
            raise CannotStart(
                "The process that candidates are forked from did not start: "
                f"{last[0] if last else 'it was not ready after ' + str(seconds) + ' seconds'}"
            ) from error

    def ask(self, state, request, attached=(), seconds=PATIENCE, **more):
        """Ask the zygote of a state and wait for its answer."""
        with self.lock:
            number = f"{os.getpid()}-{next(self.numbers)}"
            try:
                control.send(self.lines[state], {"ask": request, "id": number, **more}, attached)
                while True:
                    answer, unwanted = control.receive(self.lines[state], seconds)
                    for file in unwanted:
                        os.close(file)
                    if answer.get("id") == number:  # not one that an examiner no longer waited for
                        break
            except (control.Ended, TimeoutError) as error:
                raise CannotStart(
                    "The process that candidates are forked from does not answer any more."
                ) from error
        if "error" in answer:
            raise CannotStart(f"A candidate could not be started: {answer['error']}")
        return answer

    def fork(self, state, reseed, files=()):
        """A socket to a fresh candidate with a student's own files {name: path}; the one before is ended.

        The names go in a file that the zygote hands on unread: its memory is that of every later candidate.
        """
        ours, theirs = socket.socketpair()
        with theirs, contextlib.ExitStack() as stack:
            attached = [theirs.fileno()]
            if files:
                own = stack.enter_context(tempfile.TemporaryFile())
                own.write(json.dumps(files).encode())
                own.flush()
                attached.append(own.fileno())
            try:
                self.ask(state, "fork", attached, reseed=list(reseed), own=bool(files))
            except CannotStart:
                ours.close()
                raise
        return ours

    def clone(self):
        """The same two states, held by processes of their own."""
        lines = {}
        for state in self.lines:
            ours, theirs = socket.socketpair()
            with theirs:
                self.ask(state, "clone", [theirs.fileno()])
            lines[state] = ours
        zygotes = Zygotes(lines)
        zygotes.random = self.random
        return zygotes

    def close(self):
        """Let the processes end, and wait for the one that was started here."""
        for line in self.lines.values():
            line.close()
        if self.process is not None:
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
