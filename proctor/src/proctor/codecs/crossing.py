"""Owns one side's view of everything that crosses: packs and unpacks messages and keeps both sides alike."""

from proctor.codecs.encode import Packer
from proctor.codecs.tracking import Table
from proctor.codecs.decode import Unpacker


class Crossing:
    """One side: `ends.outgoing(value, packer)` and `ends.incoming(tag, parts, unpacker)` know what is no plain data, and
    `ends.special(value, packer)` what is more than plain data; `ends.released()` and `ends.release(numbers)` are told which
    handles nobody holds any more, `ends.arrived(filled)` that a message was read, and which containers it told of."""

    def __init__(self, ends, weak):
        self.ends, self.table, self.holding, self.came = ends, Table(weak), None, []

    def pack(self, *, answering=False, **fields):
        """A frame's body for these values and all that changed. Send it, or call `unsent()`."""
        self.packer = Packer(self.table, self.ends.outgoing, self.ends.special, answering)
        try:
            body = self.packer.message(fields, self.let_go if self.table.weak else None)
        except BaseException:
            self.came += self.packer.keep  # what was to be told is still to be told
            raise
        body["release"] = self.ends.released()
        return body

    def let_go(self, told):
        """Let go of what only the last message kept, but for what this one tells to have changed."""
        self.holding = None
        self.holding = self.table.held(told)
        self.came = []  # `holding` has it now, until the next message

    def unsent(self):
        """The last message was not sent."""
        self.packer.undo()
        self.came += self.packer.keep

    def unpack(self, body):
        """The named values of a frame's body."""
        self.ends.release(body.get("release"))
        unpacker = Unpacker(self.table, self.ends.incoming)
        fields = unpacker.read(body)
        self.came = (
            unpacker.keep if self.table.weak else []
        )  # the next message tells what is written to it, whoever holds it then
        self.ends.arrived([entry.value for _, entry in unpacker.fills])
        return fields
