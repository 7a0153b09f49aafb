"""Owns frames on a socket: lengths checked before anything is read, msgpack inside, raw memory beside it."""

import socket
import struct
import time

import msgpack

HEAD = struct.Struct("!4sIQ")  # mark, bytes of msgpack, bytes of raw memory
MARK = b"pr1\n"
LIMIT = 64 << 20
TEXT_LIMIT = 16 << 20  # of msgpack, which grows some thirtyfold when it becomes Python objects
CONTAINERS = bytes([*range(0x80, 0xA0), *range(0xDC, 0xE0)])
MOST_CONTAINERS = 3_000_000


class WireError(Exception):
    """What came over the wire is no frame, or says what cannot be."""


class Closed(WireError):
    """The other end of the wire is gone."""


class Channel:
    """One end of a connected stream socket. A body is a dict of plain data; its list `blobs`, if any, travels raw."""

    def __init__(self, sock, limit=LIMIT):
        self.socket, self.limit, self.received = sock, limit, 0

    def send(self, kind, body, timeout=None):
        """Send one frame; WireError before anything is sent if it is too large, Closed, TimeoutError."""
        body = dict(body)
        blobs = body.pop("blobs", [])
        head = packed([kind, body, [len(blob) for blob in blobs]])
        raw = sum(map(len, blobs))
        if len(head) > TEXT_LIMIT or raw > self.limit:
            raise WireError(
                f"a value of {len(head) + raw:,} bytes is too large to be handed over; at most {self.limit:,} are"
            )
        start = HEAD.pack(MARK, len(head), raw)
        parts = [start + head, *blobs] if raw > 65536 else [b"".join([start, head, *blobs])]
        end = None if timeout is None else time.monotonic() + timeout
        try:
            for part in parts:
                self.socket.settimeout(left(end))
                self.socket.sendall(part)
        except (BrokenPipeError, ConnectionError) as error:
            raise Closed("the other end of the wire is gone") from error

    def receive(self, timeout=None):
        """The next frame as (kind, body); WireError, Closed, TimeoutError."""
        end = None if timeout is None else time.monotonic() + timeout
        mark, size, raw = HEAD.unpack(self.read(HEAD.size, end, begins=True))
        if mark != MARK:
            raise WireError("what came is not the beginning of a frame")
        if size > TEXT_LIMIT or raw > self.limit:
            raise WireError(
                f"a frame of {size + raw:,} bytes came; at most {self.limit:,} are read"
            )
        kind, body, sizes = unpacked(self.read(size, end))
        if sum(sizes) != raw:
            raise WireError("a frame's lengths contradict each other")
        if sizes:
            body["blobs"] = [self.read(size, end) for size in sizes]
        return kind, body

    def read(self, size, end, begins=False):
        """Exactly `size` bytes."""
        data = bytearray(size)
        view, have = memoryview(data), 0
        while have < size:
            self.socket.settimeout(left(end))
            try:
                count = self.socket.recv_into(view[have:])
            except ConnectionError as error:
                raise Closed("the other end of the wire is gone") from error
            if not count:
                raise Closed(
                    "the other end of the wire is gone"
                    if begins and not have
                    else "a frame ends too early"
                )
            have += count
        self.received += size
        return data

    def fileno(self):
        """The socket's number, for select."""
        return self.socket.fileno()

    def close(self):
        """Close this end."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:  # it was no longer connected
            pass
        self.socket.close()


def left(end):
    """Seconds until `end`, None for no end; TimeoutError if it has passed."""
    if end is None:
        return None
    seconds = end - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("timed out")
    return seconds


def packed(value):
    """Plain data as msgpack; WireError if it is not plain."""
    try:
        return msgpack.packb(value, unicode_errors="surrogatepass")
    except (TypeError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise WireError(f"this cannot be put into a frame: {error}") from error


def unpacked(data):
    """The three parts of a frame's msgpack, each of its kind; WireError for anything else."""
    if len(data) - len(data.translate(None, CONTAINERS)) > MOST_CONTAINERS:
        raise WireError("a frame with too many lists came")
    try:
        parts = msgpack.unpackb(
            data,
            raw=False,
            unicode_errors="surrogatepass",
            strict_map_key=True,
            max_ext_len=0,
            max_array_len=4 << 20,
            max_map_len=1 << 16,
        )
    except (ValueError, TypeError, RecursionError, MemoryError, msgpack.UnpackException) as error:
        raise WireError(f"a frame came that is not well-formed: {type(error).__name__}") from error
    match parts:
        case [str(), dict(), list(sizes)] if (
            len(sizes) <= 1 << 16
            and all(type(size) is int and size >= 0 for size in sizes)
            and all(type(key) is str for key in parts[1])
            and "blobs" not in parts[1]
        ):
            return parts
    raise WireError("a frame came that has not the three parts of one")
