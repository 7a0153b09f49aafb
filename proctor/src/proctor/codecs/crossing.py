"""One side's view of everything that crosses: packs and unpacks messages and keeps both sides alike."""

from typing import Any, Protocol

from proctor.codecs.decode import Decoder
from proctor.codecs.encode import Encoder
from proctor.codecs.tracking import Tracking


class Ends(Protocol):
    """What a side knows of values that are no data. `nested`: the value is none of the named fields itself."""

    def outgoing(self, value: Any, *, nested: bool) -> list[Any]:
        """The node of a value: a tag of the owner's and parts that msgpack can carry; else NotPackable."""

    def incoming(self, tag: str, parts: list[Any], *, nested: bool) -> Any:
        """What a node of the other side's stands for, which may lie: ValueError and the like are refused."""

    def released(self) -> list[int]:
        """The handles that nobody holds any more since this was asked."""

    def release(self, numbers: list[int]) -> None:
        """The other side holds these handles no more."""


class Crossing:
    """One side of two; `weak` is the examiner's, which lets go of what nobody uses.

    With `imports`, functions and classes of installed libraries are named to the other side, which imports
    them; the `weak` side itself imports nothing that is named to it.
    """

    def __init__(self, ends: Ends, weak: bool, imports: bool = False) -> None:
        self.ends = ends
        self.imports = imports
        self.table = Tracking(weak)
        self.encoder: Encoder | None = None
        self.telling: list[int] = []  # of which handles the last message tells
        self.untold: list[int] = []  # of which it was to tell, but was not sent
        self.holding: Any = None
        self.came: list[Any] = []  # so that what is written to it is told, whoever holds it then

    def pack(self, **fields: Any) -> dict[str, Any]:
        """A frame's body for these values and all that changed. Send it, or call `unsent()`.

        Raises NotPackable; nothing is different then, but that a change which cannot be told is let go of.
        """
        self.encoder = None  # which keeps what the last message was made of
        encoder = Encoder(self.table, self.ends.outgoing, self.imports)
        try:
            body = encoder.message(fields, self.let_go if self.table.weak else None)
        except BaseException:
            self.still_to_tell(encoder)
            raise
        self.encoder = encoder
        self.telling = body["release"] = self.untold + self.ends.released()
        self.untold = []
        return body

    def let_go(self, told: set[int]) -> None:
        """Let go of what only the last message kept, but for what this one tells to have changed."""
        self.holding = None
        self.holding = self.table.held(told)
        self.came = []  # `holding` has it now, until the next message

    def unsent(self) -> None:
        """The last message was not sent: what it told is still to be told."""
        if self.encoder is not None:
            self.encoder.undo()
            self.still_to_tell(self.encoder)
            self.encoder = None
            self.untold = self.telling

    def still_to_tell(self, encoder: Encoder) -> None:
        """Keep what was to be told until the next message."""
        if self.table.weak:
            self.came += encoder.keep

    def unpack(self, body: dict[str, Any]) -> dict[str, Any]:
        """The named values of a frame's body; what changed on the other side is changed in place.

        Raises FrameError for whatever cannot be.
        """
        decoder = Decoder(self.table, self.ends.incoming, imports=not self.table.weak)
        fields = decoder.read(body)
        self.ends.release(decoder.release)
        if self.table.weak:
            self.came = decoder.keep
        return fields
