"""Frames on a stream socket: lengths checked before anything is read, msgpack inside, raw memory beside it."""

import contextlib
import socket
import struct
import time
from typing import Any

import msgpack

HEAD = struct.Struct("!4sIQ")  # mark, bytes of msgpack, bytes of raw memory
MARK = b"pr1\n"
LIMIT = 64 << 20  # bytes of raw memory in a frame
TEXT_LIMIT = 16 << 20  # bytes of msgpack, which grows some thirtyfold as Python objects
CONTAINERS = bytes([*range(0x80, 0xA0), *range(0xDC, 0xE0)])  # with which msgpack begins one
MOST_CONTAINERS = 3_000_000
LONGEST_LIST = 4 << 20
LARGEST_DICT = 1 << 16


class FrameError(Exception):
    """What came is no frame, or says what cannot be."""


class Closed(FrameError):
    """The other end of the socket is gone."""


class NotPackable(TypeError):
    """A value that cannot be handed over; the message says which."""


class Channel:
    """One end of a connected stream socket; `received` counts the bytes read so far.

    A frame is a kind and a body, a dict of plain data; the body's list `blobs`, if any, travels raw.
    """

    def __init__(self, sock: socket.socket, limit: int = LIMIT) -> None:
        self.socket = sock
        self.limit = limit
        self.received = 0

    def send(self, kind: str, body: dict[str, Any], timeout: float | None = None) -> None:
        """Send one frame within `timeout` seconds.

        Raises NotPackable before anything is sent if it is too large, Closed and TimeoutError.
        """
        blobs = body.get("blobs", ())
        if len(blobs) > LARGEST_DICT:
            raise NotPackable(f"{len(blobs):,} arrays at once are too many to be handed over")
        head = packed(
            [
                kind,
                {name: value for name, value in body.items() if name != "blobs"},
                [len(blob) for blob in blobs],
            ]
        )
        raw = sum(map(len, blobs))
        if len(head) > TEXT_LIMIT or raw > self.limit:
            raise too_large(len(head) + raw, self.limit)
        start = HEAD.pack(MARK, len(head), raw)
        parts = [start + head, *blobs] if raw > 65536 else [b"".join([start, head, *blobs])]
        end = None if timeout is None else time.monotonic() + timeout
        try:
            for part in parts:
                self.socket.settimeout(left(end))
                self.socket.sendall(part)
        except ConnectionError as error:
            raise Closed("the other end of the socket is gone") from error

    def receive(self, timeout: float | None = None) -> tuple[str, dict[str, Any]]:
        """The next frame as (kind, body), within `timeout` seconds.

        Raises FrameError, Closed and TimeoutError.
        """
        end = None if timeout is None else time.monotonic() + timeout
        mark, size, raw = HEAD.unpack(self.read(HEAD.size, end, begins=True))
        if mark != MARK:
            raise FrameError("what came is not the beginning of a frame")
        if size > TEXT_LIMIT or raw > self.limit:
            raise FrameError(
                f"a frame of {size + raw:,} bytes came; at most {self.limit:,} are read"
            )
        kind, body, sizes = unpacked(self.read(size, end))
        if sum(sizes) != raw:
            raise FrameError("a frame's lengths contradict each other")
        if sizes:
            memory = memoryview(self.read(raw, end))
            body["blobs"] = []
            at = 0
            for size in sizes:
                body["blobs"].append(memory[at : at + size])
                at += size
        return kind, body

    def read(self, size: int, end: float | None, begins: bool = False) -> bytearray:
        """Exactly `size` bytes."""
        data = bytearray(size)
        view, have = memoryview(data), 0
        while have < size:
            self.socket.settimeout(left(end))
            try:
                count = self.socket.recv_into(view[have:])
            except ConnectionError as error:
                raise Closed("the other end of the socket is gone") from error
            if not count:
                raise Closed(
                    "the other end of the socket is gone"
                    if begins and not have
                    else "a frame ends too early"
                )
            have += count
        self.received += size
        return data

    def fileno(self) -> int:
        """The socket's number, for select."""
        return self.socket.fileno()

    def close(self) -> None:
        """Close this end."""
        with contextlib.suppress(OSError):  # it was no longer connected
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def left(end: float | None) -> float | None:
    """Seconds until `end`, None for no end; TimeoutError if it has passed."""
    if end is None:
        return None
    seconds = end - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("timed out")
    return seconds


def too_large(size: int, limit: int = LIMIT) -> NotPackable:
    """What is raised for a value of `size` bytes."""
    return NotPackable(
        f"a value of {size:,} bytes is too large to be handed over; at most {limit:,} are"
    )


def packed(value: list[Any]) -> bytes:
    """Plain data as msgpack; NotPackable if it is not plain, or more than the other end reads."""
    try:
        data: bytes = msgpack.packb(value, unicode_errors="surrogatepass")
    except (TypeError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise NotPackable(f"this cannot be put into a frame: {error}") from error
    if crowded(data):
        raise too_large(len(data))
    return data


def crowded(data: bytes | bytearray) -> bool:
    """Whether there may be more containers in this msgpack than are read."""
    return (
        len(data) > MOST_CONTAINERS
        and len(data) - len(data.translate(None, CONTAINERS)) > MOST_CONTAINERS
    )


def unpacked(data: bytearray) -> list[Any]:
    """The three parts of a frame's msgpack, each of its kind; FrameError for anything else."""
    if crowded(data):
        raise FrameError("a frame with too many lists came")
    try:
        parts = msgpack.unpackb(
            data,
            raw=False,
            unicode_errors="surrogatepass",
            strict_map_key=True,
            max_ext_len=0,
            max_array_len=LONGEST_LIST,
            max_map_len=LARGEST_DICT,
        )
    except (ValueError, TypeError, RecursionError, MemoryError, msgpack.UnpackException) as error:
        raise FrameError(f"a frame came that is not well-formed: {type(error).__name__}") from error
    match parts:
        case [str(), dict(), list(sizes)] if (
            len(sizes) <= LARGEST_DICT
            and all(type(size) is int and size >= 0 for size in sizes)
            and all(type(key) is str for key in parts[1])
            and "blobs" not in parts[1]
        ):
            return parts
    raise FrameError("a frame came that has not the three parts of one")
