"""Messages between a process and its fork server: lines of JSON, with open files beside them."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from typing import Any

LONGEST = 64 << 20
MOST_FILES = 4


class Ended(Exception):
    """The other process is gone."""


def send(control: socket.socket, message: dict[str, Any], files: Sequence[int] = ()) -> None:
    """Send a message, and open files with it; Ended."""
    line = json.dumps(message).encode() + b"\n"
    try:
        sent = socket.send_fds(control, [line], list(files)) if files else 0
        control.sendall(line[sent:])
    except OSError as error:
        raise Ended(str(error)) from error


def receive(
    control: socket.socket, timeout: float | None = None
) -> tuple[dict[str, Any], list[int]]:
    """Wait for a message: it, and the files that came with it; Ended, TimeoutError."""
    control.settimeout(timeout)
    parts: list[bytes] = []
    files: list[int] = []
    while not parts or not parts[-1].endswith(b"\n"):
        try:
            part, more, _, _ = socket.recv_fds(control, 1 << 16, MOST_FILES)
        except TimeoutError:
            raise
        except OSError as error:
            raise Ended(str(error)) from error
        if not part or len(parts) > LONGEST >> 10:
            raise Ended("it closed the connection")
        parts.append(part)
        files += more
    return json.loads(b"".join(parts)), files
