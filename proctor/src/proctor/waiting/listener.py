"""Where commands come to a waiting grader: a thread that answers at once, also while it is at work."""

from __future__ import annotations

import contextlib
import hmac
import os
import queue
import select
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

from proctor.waiting.connection import Connection
from proctor.waiting.request import silence
from proctor.waiting.socket_folder import SocketFolder

HELLO = 2.0  # seconds that a command has to say what it wants
Work = tuple[Connection, dict[str, Any]]


class Listener(threading.Thread):
    """Takes one work at a time into `works`; None there means that nothing more comes.

    `fits` says whether what was started before is what a command would start itself.
    """

    def __init__(
        self,
        folder: SocketFolder | None,
        fits: Callable[[dict[str, Any]], bool],
        on_listening: Callable[[tuple[int, int]], None],
    ) -> None:
        super().__init__(daemon=True)
        self.fits, self.folder = fits, folder
        self.works: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self.current: Connection | None = None
        self.interrupted, self.abandoned = False, False
        self.lock = threading.Lock()
        self.wake, self.woken = socket.socketpair()
        self.listener: socket.socket | None = None
        self.secret = ""
        with contextlib.suppress(OSError):
            made = folder.listen() if folder is not None else None
            if made is not None and folder is not None and folder.own is not None:
                self.listener, self.secret = made
                on_listening(folder.own)

    def begin(self, line: Connection, work: dict[str, Any]) -> None:
        """Take the first work, which came without being asked for, and answer from now on."""
        self.current = line
        self.works.put((line, work))
        self.start()

    def run(self) -> None:
        """Answer until there is nobody to answer to."""
        while self.listener is not None or self.current is not None:
            current = self.current
            lines = [one for one in (self.woken, self.listener, current) if one is not None]
            try:
                ready, _, _ = select.select(lines, [], [])
            except (OSError, ValueError):  # one of them was closed at this moment
                continue
            if self.woken in ready and not self.woken.recv(1 << 10):
                break
            if current is not None and current in ready:
                self.hear(current)
            if self.listener is not None and self.listener in ready:
                with contextlib.suppress(OSError):
                    self.answer(Connection(self.listener.accept()[0]))

    def hear(self, line: Connection) -> None:
        """Whoever asked for the work at hand says something: that it is to end, or nothing any more."""
        with self.lock:
            if self.current is not line:
                return
            try:
                line.line.settimeout(None)
                heard = line.line.recv(1 << 10, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            except OSError:
                heard = b""
            if not heard:
                self.current, self.abandoned = None, True
                silence()
            self.interrupted = True
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    def answer(self, line: Connection) -> None:
        """Say to a command whether its work is taken."""
        try:
            if line.user() != os.geteuid():
                raise OSError("somebody else's process")
            work = line.receive(HELLO)
            if not hmac.compare_digest(str(work.pop("secret", "")), self.secret):
                raise OSError("a process that may not read this user's files")
            if self.current is not None:
                line.send({"answer": "busy"}, seconds=HELLO)
            elif not self.fits(work):
                self.close()
                line.send({"answer": "other"}, seconds=HELLO)
                self.works.put(None)
            else:
                line.send({"answer": "taken"}, seconds=HELLO)
                self.current, self.interrupted, self.abandoned = line, False, False
                self.works.put((line, work))
                return
        except (OSError, ValueError, TypeError):
            pass
        line.close()

    def done(self, line: Connection, message: dict[str, Any]) -> None:
        """The work is done: say so, and be ready for the next."""
        with self.lock:
            self.current = None
            with contextlib.suppress(OSError):
                line.send(message, seconds=HELLO)
        self.wake.send(b"\n")
        line.close()

    def close(self) -> None:
        """Take nothing any more, and be found no more."""
        if self.folder is not None:
            self.folder.remove()
        if self.listener is not None:
            self.listener.close()
            self.listener = None

    def is_found(self) -> bool:
        """Whether commands come here."""
        return self.listener is not None and self.folder is not None and self.folder.is_own()
