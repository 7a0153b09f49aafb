"""A small process that cleans up behind a grader that waits or watches, even one that was killed."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import Any

from proctor.candidate.unconfined import close_all_but
from proctor.publish.folders import remove
from proctor.waiting.socket_folder import SocketFolder


class Cleanup:
    """Removes this process's temporary folders and what it has in its `place`, once it has ended."""

    def __init__(self, place: SocketFolder | None) -> None:
        reading, self.writing = os.pipe()
        self.process = os.fork()
        if not self.process:
            self.work(reading, place)
        os.close(reading)
        sys.addaudithook(self.note)

    def note(self, event: str, details: tuple[Any, ...]) -> None:
        """Take note of a temporary folder that is about to be made."""
        if event == "tempfile.mkdtemp":
            with contextlib.suppress(OSError):
                os.write(self.writing, os.fsencode(details[0]) + b"\0")

    def note_place(self, own: tuple[int, int]) -> None:
        """Take note of the socket that was made."""
        os.write(self.writing, b"socket %d %d\0" % own)

    def work(self, reading: int, place: SocketFolder | None) -> None:
        """In the process: wait until the other one has ended, and remove."""
        try:
            close_all_but({reading} if place is None else {reading, place.folder})
            for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            content = b""
            while part := os.read(reading, 1 << 16):
                content += part
            for name in content.split(b"\0")[:-1]:
                if name.startswith(b"socket ") and place is not None:
                    device, inode = name.split()[1:]
                    place.own = int(device), int(inode)
                elif name.startswith(b"/"):
                    remove(os.fsdecode(name))
            if place is not None:
                place.remove()
        finally:
            os._exit(0)

    def close(self) -> None:
        """Let it do its work, and wait for it."""
        os.close(self.writing)
        os.waitpid(self.process, 0)
