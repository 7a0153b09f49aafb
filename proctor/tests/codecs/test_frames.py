"""Whether a frame is read only if it is one, whatever the other end sends."""

import contextlib
import socket
import struct
import threading

import msgpack
import pytest

from proctor.codecs.frames import (
    HEAD,
    LARGEST_DICT,
    MARK,
    TEXT_LIMIT,
    Channel,
    Closed,
    FrameError,
    NotPackable,
)


@pytest.fixture
def ends():
    """A channel and the bare socket at its other end."""
    here, there = socket.socketpair()
    yield Channel(here, limit=1 << 20), there
    here.close()
    there.close()


def frame(head, raw=b"", mark=MARK):
    """A frame with this msgpack and these raw bytes."""
    return HEAD.pack(mark, len(head), len(raw)) + head + raw


def test_a_frame_arrives_as_it_was_sent(ends):
    """Kind, body, raw memory and lone surrogates cross unchanged."""
    channel, there = ends
    Channel(there).send("value", {"a": [1, None, "\ud800", b"x"], "blobs": [b"one", b""]})
    assert channel.receive(5) == ("value", {"a": [1, None, "\ud800", b"x"], "blobs": [b"one", b""]})


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="not a frame"),
        pytest.param(struct.pack("!4sIQ", MARK, TEXT_LIMIT + 1, 0), id="too much text announced"),
        pytest.param(struct.pack("!4sIQ", MARK, 3, 1 << 62), id="too much memory announced"),
        pytest.param(frame(b"\xc1"), id="no msgpack"),
        pytest.param(frame(b""), id="empty"),
        pytest.param(frame(msgpack.packb([1, {}, []])), id="kind is no text"),
        pytest.param(frame(msgpack.packb(["a", [], []])), id="body is no dict"),
        pytest.param(frame(msgpack.packb(["a", {}, [5]]), b"abc"), id="lengths differ"),
        pytest.param(frame(msgpack.packb(["a", {}, [-5, 8]]), b"abc"), id="negative length"),
        pytest.param(frame(msgpack.packb(["a", {"blobs": []}, []])), id="memory within the text"),
        pytest.param(frame(msgpack.packb(["a", {b"k": 1}, []])), id="a key that is no text"),
        pytest.param(frame(b"\x91" * 100_000), id="nested deep"),
        pytest.param(frame(b"\xdd\x00\x3f\x00\x00" * 10_000), id="huge lists announced"),
        pytest.param(
            frame(b"\x93\xa1a\x80" + b"\xdd\x00\x3d\x09\x00" + b"\x90" * 4_000_000),
            id="very many lists",
        ),
        pytest.param(
            frame(msgpack.packb(["a", {"x": msgpack.Timestamp(1)}, []])), id="an extension"
        ),
        pytest.param(frame(b"\x93\xa2\xff\xff\x80\x90"), id="no utf-8"),
        pytest.param(frame(msgpack.packb(["a", {}, []]) + b"\0"), id="more than announced"),
    ],
)
def test_what_is_no_frame_is_refused(ends, data):
    """A malformed, lying or oversized frame is a FrameError."""
    channel, there = ends
    there.settimeout(5)
    sender = threading.Thread(target=lambda: sent(there, data))
    sender.start()
    try:
        with pytest.raises(FrameError):
            channel.receive(5)
    finally:
        channel.close()
        sender.join()


def sent(sock, data):
    """Send what can be sent until the other end has had enough."""
    with contextlib.suppress(OSError):
        sock.sendall(data)


def test_a_frame_that_ends_too_early(ends):
    """A frame cut off is a FrameError, as is an end without a frame."""
    channel, there = ends
    there.sendall(frame(msgpack.packb(["a", {}, []]))[:-1])
    there.close()
    with pytest.raises(Closed, match="too early"):
        channel.receive(5)
    with pytest.raises(Closed, match="gone"):
        channel.receive(5)


def test_nothing_comes_in_time(ends):
    """Waiting ends at its limit, also in the middle of a frame."""
    channel, there = ends
    there.sendall(frame(msgpack.packb(["a", {}, []]))[:-1])
    with pytest.raises(TimeoutError):
        channel.receive(0.01)


def test_the_other_end_does_not_read(ends):
    """Sending ends at its limit when nobody reads."""
    channel, _ = ends
    with pytest.raises(TimeoutError):
        channel.send("a", {"blobs": [bytes(1 << 20)]}, 0.01)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"blobs": [bytes((1 << 20) + 1)]}, id="memory"),
        pytest.param({"text": "x" * (TEXT_LIMIT + 1)}, id="text"),
        pytest.param({"value": [[]] * 3_100_000}, id="lists"),
        pytest.param({"value": b"\x90" * 3_100_000}, id="bytes that could be lists"),
    ],
)
def test_too_large_to_be_sent(ends, body):
    """A frame beyond what the other end reads is refused in words, and nothing of it is sent."""
    channel, there = ends
    with pytest.raises(NotPackable, match="too large"):
        channel.send("a", body)
    channel.send("b", {})
    assert Channel(there).receive(5) == ("b", {})


@pytest.mark.parametrize(
    "body",
    [
        {"value": object()},
        {"value": 1 << 64},
        {"blobs": [b""] * (LARGEST_DICT + 1)},
    ],
    ids=["object", "integer", "many pieces of memory"],
)
def test_what_no_frame_can_hold_is_not_sent(ends, body):
    """What the other end would refuse is refused at this one, in words, and nothing of it is sent."""
    channel, there = ends
    with pytest.raises(NotPackable):
        channel.send("a", body)
    channel.send("b", {})
    assert Channel(there).receive(5) == ("b", {})


def test_what_was_read_is_counted(ends):
    """The bytes of all frames read so far are `received`."""
    channel, there = ends
    there.sendall(frame(msgpack.packb(["a", {}, []])) * 2)
    channel.receive(5)
    first = channel.received
    channel.receive(5)
    assert first == len(frame(msgpack.packb(["a", {}, []]))) == channel.received - first
