"""Owns the messages between a worker and its zygote: lines of JSON, with file descriptors beside them."""

import json
import socket

LONGEST = 64 << 20


class Ended(Exception):
    """The other process is gone."""


def send(control, message, files=()):
    """Send a message, and open files with it."""
    line = json.dumps(message).encode() + b"\n"
    try:
        sent = socket.send_fds(control, [line], list(files)) if files else 0
        control.sendall(line[sent:])
    except OSError as error:
        raise Ended(str(error)) from error


def receive(control, timeout=None):
    """Wait for a message; return it and the files that came with it."""
    control.settimeout(timeout)
    parts, files = [], []
    while not parts or not parts[-1].endswith(b"\n"):
        try:
            part, more, flags, address = socket.recv_fds(control, 1 << 16, 4)
        except TimeoutError:
            raise
        except OSError as error:
            raise Ended(str(error)) from error
        if not part or sum(map(len, parts)) > LONGEST:
            raise Ended("it closed the connection")
        parts.append(part)
        files += more
    return json.loads(b"".join(parts)), files
