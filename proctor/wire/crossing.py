"""Owns one side's view of everything that crosses: packs and unpacks messages and keeps both sides alike."""

from .pack import Packer
from .table import Table
from .unpack import Unpacker


class Crossing:
    """One side: `ends.outgoing(value, packer)` and `ends.incoming(tag, parts, unpacker)` know what is no plain data, and
    `ends.special(value, packer)` what is more than plain data; `ends.released()` and `ends.release(numbers)` are told which
    handles nobody holds any more, `ends.arrived()` that a message was read."""

    def __init__(self, ends, weak):
        self.ends, self.table, self.holding = ends, Table(weak), None

    def pack(self, *, answering=False, **fields):
        """A frame's body for these values and all that changed. Send it, or call `unsent()`."""
        self.packer = None
        if self.table.weak:
            self.holding = None  # what only the last message kept may go now
            self.holding = self.table.held()
        self.packer = Packer(self.table, self.ends.outgoing, self.ends.special, answering)
        body = self.packer.message(fields)
        body["release"] = self.ends.released()
        return body

    def unsent(self):
        """The last message was not sent."""
        self.packer.undo()

    def unpack(self, body):
        """The named values of a frame's body."""
        self.ends.release(body.get("release"))
        fields = Unpacker(self.table, self.ends.incoming).read(body)
        self.ends.arrived()
        return fields
