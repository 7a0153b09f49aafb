"""Messages between a command and the waiting grader: lines of JSON, with open files beside the first."""

from __future__ import annotations

import json
import os
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

LONGEST = 16 << 20  # bytes of a message
MOST_FILES = 3
CREDENTIALS = struct.Struct("3i")  # pid, user and group of the process at the other end


class Ended(OSError):
    """The other process is gone, or says what no message is."""


class Connection:
    """One end of a connection; `files` are the open files that have come so far."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self.files: list[int] = []
        self._read = b""

    def fileno(self) -> int:
        """The descriptor, to wait on."""
        return self.line.fileno()

    def user(self) -> int:
        """The user whose process is at the other end."""
        told = self.line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
        return int(CREDENTIALS.unpack(told)[1])

    def send(
        self, message: dict[str, Any], files: Sequence[int] = (), seconds: float | None = None
    ) -> None:
        """Send a message, and open files with it; Ended, TimeoutError."""
        text = json.dumps(message).encode() + b"\n"
        self.line.settimeout(seconds)
        try:
            sent = socket.send_fds(self.line, [text], list(files)) if files else 0
            self.line.sendall(text[sent:])
        except TimeoutError:
            raise
        except OSError as error:
            raise Ended(str(error)) from error

    def receive(self, seconds: float | None = None) -> dict[str, Any]:
        """Wait for a message; Ended, TimeoutError."""
        until = None if seconds is None else time.monotonic() + seconds
        while b"\n" not in self._read:
            if until is not None and until <= time.monotonic():
                raise TimeoutError("the other process does not answer")
            self.line.settimeout(None if until is None else max(0.01, until - time.monotonic()))
            try:
                part, files, _, _ = socket.recv_fds(self.line, 1 << 16, MOST_FILES)
            except TimeoutError:
                raise
            except OSError as error:
                raise Ended(str(error)) from error
            self.files += files
            if not part or len(self._read) > LONGEST:
                raise Ended("the connection was closed")
            self._read += part
        line, _, self._read = self._read.partition(b"\n")
        try:
            message = json.loads(line)
        except ValueError as error:
            raise Ended("what came is no message") from error
        if not isinstance(message, dict):
            raise Ended("what came is no message")
        return message

    def close(self) -> None:
        """Close it, and the files that came."""
        self.line.close()
        for file in self.files:
            os.close(file)
        self.files = []
