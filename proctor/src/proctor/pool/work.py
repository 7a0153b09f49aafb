"""Work for the process that examiners come from: pickled by the round, with open files beside it."""

from __future__ import annotations

import pickle
import socket
from typing import Any

LENGTH = 8  # bytes that say how long the work is
MOST_FILES = 250


def send(line: socket.socket, work: Any, files: list[int]) -> None:
    """Send work; OSError if nobody is there any more."""
    content = pickle.dumps(work)
    length = [len(content).to_bytes(LENGTH, "big")]
    sent = socket.send_fds(line, length, files) if files else 0
    line.sendall(length[0][sent:] + content)


def receive(line: socket.socket) -> tuple[Any, list[int]]:
    """Wait for work: it, and its files; OSError if the round has ended."""
    length, files, _, _ = socket.recv_fds(line, LENGTH, MOST_FILES)
    content = read(line, int.from_bytes(length + read(line, LENGTH - len(length)), "big"))
    return pickle.loads(content), files


def read(line: socket.socket, size: int) -> bytes:
    """So many bytes."""
    parts = []
    while size:
        part = line.recv(min(size, 1 << 20))
        if not part:
            raise OSError("the round has ended")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
