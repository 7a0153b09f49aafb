"""Candidates for tests: forked from this process, without a shell and without a sandbox."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import warnings
from collections.abc import Callable, Sequence

from proctor.candidate.requests import Requests
from proctor.codecs.frames import Channel, Closed
from proctor.examiner.client import Client

Main = Callable[[Channel], None]


class ForkedCandidates:
    """Candidates in which `text` has run; `main` is one that speaks otherwise, perhaps lies.

    `client` speaks with them. `modules` are those of the support files.
    """

    def __init__(
        self, text: str = "", main: Main | None = None, modules: Sequence[str] = ()
    ) -> None:
        self.text, self.modules = text, modules
        self.main = main or self.serve
        self.pids: dict[Channel, int] = {}
        self.client = Client(self)
        self.client.cell(20)

    def serve(self, channel: Channel) -> None:
        """Answer until the other end is closed."""
        names = {"__name__": "__main__"}
        exec(self.text, names)
        requests = Requests(names, channel, self.modules, before=["__name__", "__builtins__"])
        with contextlib.suppress(Closed):
            while True:
                kind, body = channel.receive()
                if kind == "run":
                    before = requests.began(body)
                    exec(body["text"], names)
                    changed = requests.ended(bool(body["given"]), before)
                    channel.send("ran", {"outputs": [], "ok": True, **changed})
                else:
                    requests.serve(kind, body)

    def connect(self) -> Channel:
        """A channel to a fresh candidate."""
        ours, theirs = socket.socketpair()
        with warnings.catch_warnings():
            # Of threads in this process, which the child does not need.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if not pid:
            try:
                ours.close()
                self.main(Channel(theirs))
            finally:
                os._exit(0)
        theirs.close()
        channel = Channel(ours)
        self.pids[channel] = pid
        return channel

    def kill(self, channel: Channel) -> None:
        """End the candidate behind a channel."""
        channel.close()
        pid = self.pids.pop(channel)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    def close(self) -> None:
        """End all of them."""
        for channel in list(self.pids):
            self.kill(channel)
