"""Owns the candidate after the fork: it answers the examiner's requests, one after another, until the examiner is gone."""

import gc
import os
import signal
import socket
import tempfile

from proctor.codecs.frames import Channel, WireError
from proctor.candidate import environment as neutral
from proctor.candidate.objects import Objects


def candidate(shell, descriptor, files, reseed, modules):
    """Be a candidate: `descriptor` is its end of the examiner's socket, `files` take what goes to descriptors 1 and 2."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    tempfile.tempdir = None
    neutral.reseed(reseed)
    shell.take_streams(files)
    gc.enable()
    channel = Channel(socket.socket(fileno=descriptor))
    try:
        serve(shell, channel, Objects(shell.user_ns, channel, modules))
    except (WireError, KeyboardInterrupt):
        pass
    finally:
        os._exit(0)


def serve(shell, channel, objects):
    """Answer requests until the channel is closed. An interrupt reaches a cell only, never half a frame."""
    interrupted = signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        kind, body = channel.receive()
        if kind == "run":
            objects.began(body)
            signal.signal(signal.SIGINT, interrupted)
            try:
                outputs, ok = shell.cell(body["text"], body.get("index"), body.get("silent", False))
            finally:
                interrupted = signal.signal(signal.SIGINT, signal.SIG_IGN)
            channel.send("ran", {"outputs": outputs, "ok": ok, "error": None, **objects.ended()})
        else:
            objects.serve(kind, body)
