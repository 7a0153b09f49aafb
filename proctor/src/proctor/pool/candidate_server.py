"""The trusted side of the fork servers that candidates come from."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import socket
import tempfile
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from proctor.candidate import control
from proctor.pool.bases import CannotStart, environment
from proctor.publish.folders import WorkingFolder, modules_in

PATIENCE = 60  # seconds a fork server has for what takes it milliseconds


def notebook_config(
    folder: WorkingFolder,
    imports: Iterable[str],
    prefix: Iterable[tuple[str, int]],
    sandbox: bool,
    limits: Mapping[str, int],
    readable: Iterable[Path],
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
