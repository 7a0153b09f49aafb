"""Owns a candidate for tests: a forked process without a sandbox, which runs cells by exec and serves the rest."""

import contextlib
import os
import signal
import socket
import warnings

from proctor.candidate.objects import Objects
from proctor.examiner.names import Names
from proctor.examiner.remote import Remote
from proctor.wire.frames import Channel, Closed


def serve(channel, namespace, modules):
    """Answer until the other end is closed."""
    objects = Objects(namespace, channel, modules)
    with contextlib.suppress(Closed):
        while True:
            kind, body = channel.receive()
            if kind == "run":
                objects.began(body)
                exec(body["text"], namespace)
                channel.send("ran", {"outputs": [], "ok": True, **objects.ended()})
            else:
                objects.serve(kind, body)


def forked(main):
    """Fork a process that runs main(its channel); our channel and its number."""
    ours, theirs = socket.socketpair()
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # torch's threads, which the child does not need
        child = os.fork()
    if child:
        theirs.close()
        return Channel(ours), child
    try:
        ours.close()
        main(Channel(theirs))
    finally:
        os._exit(0)


class Candidates:
    """Candidates with the same cells, and the Remote that speaks with them; `main` may be one that lies."""

    def __init__(self, text="", main=None, modules=(), seconds=20.0, respawns=3):
        self.text, self.children = text, {}
        self.main = main or (lambda channel: serve(channel, self.namespace(), modules))
        self.remote = Remote(self.connect, self.kill, seconds, respawns)
        self.names = Names(self.remote, {"__name__": "__main__"})

    def namespace(self):
        """The student's names after the cells."""
        space = {"__name__": "__main__"}
        exec(self.text, space)
        return space

    def connect(self):
        """A fresh one."""
        channel, child = forked(self.main)
        self.children[channel] = child
        return channel

    def kill(self, channel):
        """End one."""
        channel.close()
        os.kill(self.children[channel], signal.SIGKILL)
        os.waitpid(self.children.pop(channel), 0)

    def close(self):
        """End all."""
        for channel in list(self.children):
            self.kill(channel)
