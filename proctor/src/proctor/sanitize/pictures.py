"""Owns raster pictures: base64 that really is a PNG, JPEG or GIF of bounded size."""

import base64
import binascii
import re
import struct

KINDS = ("image/png", "image/jpeg", "image/gif")
ADDRESS = re.compile(
    r"\s*data:(image/(?:png|jpeg|jpg|gif));base64,([A-Za-z0-9+/=\s]*)\Z", re.IGNORECASE
)


def picture(kind, text, limits):
    """The picture as base64 without white space, or None where `text` is not a whole picture of this kind."""
    if not isinstance(text, str) or len(text) > limits.image * 3 // 2:
        return None
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
        width, height = SIZES[kind](content)
    except (binascii.Error, ValueError, struct.error, IndexError):
        return None
    if len(content) > limits.image or not 0 < width * height <= limits.pixels:
        return None
    return base64.b64encode(content).decode("ascii")


def address(text, limits):
    """A data: address of a picture, rewritten, or None for any other address."""
    found = ADDRESS.match(text) if len(text) <= limits.image * 3 // 2 else None
    kind = found and found[1].lower().replace("jpg", "jpeg")
    content = kind and picture(kind, found[2], limits)
    return f"data:{kind};base64,{content}" if content else None


def png(content):
    """Width and height from a PNG's first chunk."""
    if content[:8] != b"\x89PNG\r\n\x1a\n" or content[12:16] != b"IHDR":
        raise ValueError("no PNG")
    return struct.unpack(">II", content[16:24])


def gif(content):
    """Width and height from a GIF's head."""
    if content[:6] not in (b"GIF87a", b"GIF89a"):
        raise ValueError("no GIF")
    return struct.unpack("<HH", content[6:10])


def jpeg(content):
    """Width and height from a JPEG's first frame."""
    if content[:3] != b"\xff\xd8\xff":
        raise ValueError("no JPEG")
    at = 2
    while at < len(content):
        mark, length = struct.unpack(">HH", content[at : at + 4])
        if mark >> 8 != 0xFF or length < 2:
            break
        if 0xFFC0 <= mark <= 0xFFCF and mark not in (0xFFC4, 0xFFC8, 0xFFCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    raise ValueError("a JPEG without a frame")


SIZES = dict(zip(KINDS, (png, jpeg, gif)))
