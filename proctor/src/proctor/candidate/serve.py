"""The candidate after the fork: it answers the examiner's requests, one after another."""

from __future__ import annotations

import gc
import os
import signal
import socket
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass

from proctor.candidate.requests import Requests
from proctor.codecs.frames import Channel, FrameError
from proctor.kernel.environment import RandomState
from proctor.kernel.shell import Shell


@dataclass(frozen=True)
class Prepared:
    """What a candidate is forked with: a shell, its random state, and the names before any cell."""

    shell: Shell
    random: RandomState
    names: frozenset[str]


def candidate(
    prepared: Prepared,
    descriptor: int,
    files: tuple[int, int],
    reseed: Iterable[str],
    modules: Iterable[str],
) -> None:
    """Be a candidate until the examiner is gone.

    `descriptor` is its end of the examiner's socket, `files` take what goes to descriptors 1 and 2,
    `reseed` names the libraries that get new random numbers, `modules` are the support files'.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    tempfile.tempdir = None
    prepared.random.reseed(reseed)
    prepared.shell.take_streams(files)
    gc.enable()
    channel = Channel(socket.socket(fileno=descriptor))
    requests = Requests(prepared.shell.user_ns, channel, modules, prepared.names)
    try:
        serve(prepared.shell, channel, requests)
    except (FrameError, KeyboardInterrupt):
        pass
    finally:
        os._exit(0)


def serve(shell: Shell, channel: Channel, requests: Requests) -> None:
    """Answer until the channel is closed. An interrupt reaches a cell only, never half a frame."""
    interrupted = signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        kind, body = channel.receive()
        if kind != "run":
            requests.serve(kind, body)
            continue
        before = requests.began(body)
        signal.signal(signal.SIGINT, interrupted)
        try:
            outputs, ok = shell.cell(body["text"], body["count"])
        finally:
            interrupted = signal.signal(signal.SIGINT, signal.SIG_IGN)
        changed = requests.ended(bool(body["given"]), before)
        channel.send("ran", {"outputs": outputs, "ok": ok, **changed})
