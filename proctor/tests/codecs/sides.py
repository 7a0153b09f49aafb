"""An examiner's side and a candidate's in one process, for the tests of what crosses between them."""

import socket

from proctor.codecs.crossing import Crossing
from proctor.codecs.frames import Channel, NotPackable


class Ends:
    """Hands over the names of the types of what is no data, if `odd`; else nothing."""

    def __init__(self, odd):
        self.odd = odd
        self.let_go = []
        self.gone = []

    def outgoing(self, value, *, nested):
        if not self.odd:
            raise NotPackable(f"no {type(value).__name__}")
        return ["odd", type(value).__name__, nested]

    def incoming(self, tag, parts, *, nested):
        if not self.odd or tag != "odd":
            raise ValueError(tag)
        return Odd(*parts, nested)

    def released(self):
        told, self.let_go = self.let_go, []
        return told

    def release(self, numbers):
        self.gone += numbers


class Odd:
    """What came for something that is no data."""

    def __init__(self, name, sent_nested, came_nested):
        assert sent_nested == came_nested
        self.name = name
        self.nested = came_nested


class Sides:
    """Both sides; frames are packed and read as on a socket."""

    def __init__(self, odd=False):
        self.examiner = Crossing(Ends(odd), weak=True, imports=True)
        self.candidate = Crossing(Ends(odd), weak=False)

    def to(self, value=None):
        """A value on its way to the candidate."""
        return self.candidate.unpack(over(self.examiner.pack(value=value)))["value"]

    def back(self, value=None):
        """A value on its way to the examiner."""
        return self.examiner.unpack(over(self.candidate.pack(value=value)))["value"]


def over(body):
    """A body as a socket hands it over."""
    here, there = socket.socketpair()
    with here, there:
        here.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        Channel(here).send("x", body, 5)
        return Channel(there).receive(5)[1]


def lie(*nodes, fields=None, blobs=(bytes(16),), **more):
    """A message with these nodes; the last is the value."""
    return {
        "fields": {"value": [len(nodes) - 1]} if fields is None else fields,
        "nodes": list(nodes),
        "drop": [],
        "blobs": [bytearray(one) for one in blobs],
        **more,
    }
