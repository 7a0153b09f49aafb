"""Pictures: base64 that really is a PNG, JPEG or GIF, and SVG of which only what draws is left."""

import base64
import binascii
import functools
import html
import re
import struct
import xml.etree.ElementTree as ElementTree

import nh3

from proctor.sanitize import css
from proctor.sanitize.text import printable, words

_MAX_BYTES = 8_000_000
_MAX_PIXELS = 50_000_000
_DATA_ADDRESS = re.compile(
    r"\s*data:(image/(?:png|jpeg|jpg|gif));base64,([A-Za-z0-9+/=\s]*)\Z", re.IGNORECASE
)


def clean_raster(kind: str, text: object) -> str | None:
    """A picture as base64 without white space.

    None where `text` is no whole picture of the MIME type `kind`, one of RASTER_TYPES, or one that
    is too large.
    """
    if not isinstance(text, str) or len(text) > _MAX_BYTES * 3 // 2:
        return None
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
        width, height = _SIZES[kind](content)
    except (binascii.Error, ValueError, struct.error, IndexError):
        return None
    if len(content) > _MAX_BYTES or not 0 < width * height <= _MAX_PIXELS:
        return None
    return base64.b64encode(content).decode("ascii")


def clean_address(text: str) -> str | None:
    """A data: address of a picture, rewritten, or None for any other address."""
    found = _DATA_ADDRESS.match(text) if len(text) <= _MAX_BYTES * 3 // 2 else None
    if not found:
        return None
    kind = found[1].lower().replace("jpg", "jpeg")
    content = clean_raster(kind, found[2])
    return f"data:{kind};base64,{content}" if content else None


def _png_size(content: bytes) -> tuple[int, int]:
    """Width and height from a PNG's first chunk."""
    if content[:8] != b"\x89PNG\r\n\x1a\n" or content[12:16] != b"IHDR":
        raise ValueError("no PNG")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _gif_size(content: bytes) -> tuple[int, int]:
    """Width and height from a GIF's head."""
    if content[:6] not in (b"GIF87a", b"GIF89a"):
        raise ValueError("no GIF")
    width, height = struct.unpack("<HH", content[6:10])
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Width and height from a JPEG's first frame."""
    if content[:3] != b"\xff\xd8\xff":
        raise ValueError("no JPEG")
    position = 2
    while position < len(content):
        marker, length = struct.unpack(">HH", content[position : position + 4])
        if marker >> 8 != 0xFF or length < 2:
            break
        is_frame = 0xFFC0 <= marker <= 0xFFCF and marker not in (0xFFC4, 0xFFC8, 0xFFCC)
        if is_frame:
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return width, height
        position += 2 + length
    raise ValueError("a JPEG without a frame")


_SIZES = {"image/png": _png_size, "image/jpeg": _jpeg_size, "image/gif": _gif_size}
RASTER_TYPES = tuple(_SIZES)

SVG_TAGS = words("""
    circle clipPath defs ellipse g image line linearGradient marker mask path pattern polygon
    polyline radialGradient rect stop svg symbol text tspan use
""")
SVG_ATTRIBUTES = words("""
    class clip-path clip-rule clipPathUnits cx cy d dominant-baseline dx dy fill fill-opacity
    fill-rule font-family font-size font-style font-weight fx fy gradientTransform gradientUnits
    height href id letter-spacing marker-end marker-mid marker-start markerHeight markerUnits
    markerWidth mask mask-type maskUnits offset opacity orient patternTransform patternUnits points
    preserveAspectRatio r refX refY rotate rx ry spreadMethod stop-color stop-opacity stroke
    stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit
    stroke-opacity stroke-width style text-anchor text-decoration transform version viewBox
    visibility width x x1 x2 xmlns y y1 y2
""")
_LEFT_OUT_WITH_CONTENT = words("script style metadata title desc foreignObject filter")
_NAMESPACE = "http://www.w3.org/2000/svg"
_NAME = r"[\w.:-]{1,200}"
_PART = re.compile(rf"\s*url\(\s*['\"]?#({_NAME})['\"]?\s*\)\s*\Z")
_PLAIN_VALUE = re.compile(r"[\w\s#.,%()+'-]*\Z")
_LENGTH = re.compile(r"\s*\d{1,4}(?:\.\d*)?\s*(?:px|pt|%|em|in|cm|mm)?\s*")
_MAX_CHARACTERS = 2_000_000
_MAX_ELEMENTS = 20_000
_MAX_CLASSES = 50
_MAX_SHEETS = 20
_MAX_USES = 20_000
_REFER_TO_PARTS = words("clipPath marker mask pattern symbol")


def clean_svg_attribute(tag: str, name: str, value: str) -> str | None:
    """What is kept of the value of an attribute that only SVG has, or None."""
    if name == "xmlns":
        return _NAMESPACE
    if name == "href":
        if tag == "use":
            return f"#{css.PREFIX}{value[1:]}" if re.fullmatch(f"#{_NAME}", value) else None
        return clean_address(value) if tag == "image" else None
    part = _PART.match(value)
    if part:
        return f"url(#{css.PREFIX}{part[1]})"
    if name in ("width", "height") and not _LENGTH.fullmatch(value):
        return None
    return value if _PLAIN_VALUE.match(value) and "url" not in value.lower() else None


def _clean_attribute(tag: str, name: str, value: str) -> str | None:
    """As `clean_svg_attribute`, for every attribute of an SVG that stands alone."""
    if name == "class":
        return " ".join(css.PREFIX + word for word in value.split()[:_MAX_CLASSES])
    if name == "id":
        return css.PREFIX + value if re.fullmatch(_NAME, value) else None
    if name == "style":
        return css.clean_declarations(value) or None
    return clean_svg_attribute(tag, name, value)


@functools.cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(SVG_TAGS),
        attributes={"*": set(SVG_ATTRIBUTES)},
        url_schemes={"data"},
        link_rel=None,
        clean_content_tags=set(_LEFT_OUT_WITH_CONTENT),
        attribute_filter=_clean_attribute,
    )


def clean_svg(source: str) -> str | None:
    """A harmless SVG document, or None where nothing can be drawn from the source.

    Script, animation, foreign content, links and whatever comes from outside are left out.
    """
    opened = len(re.findall(r"<[A-Za-z]", source))
    if len(source) > _MAX_CHARACTERS or opened > _MAX_ELEMENTS:
        return None
    source = printable(source)
    found = re.search(r"<svg\b.*</svg>", _cleaner().clean(source), re.DOTALL)
    if not found:
        return None
    svg = found[0].replace(" xlink:href=", " href=").replace("&nbsp;", "&#160;")
    if 'xmlns="' not in svg[: svg.index(">")]:
        svg = svg.replace("<svg", f'<svg xmlns="{_NAMESPACE}"', 1)
    rules = _style_rules(source)
    if rules:
        first = svg.index(">") + 1
        style = f"<style>svg{{{html.escape(rules, quote=False)}}}</style>"
        svg = svg[:first] + style + svg[first:]
    return svg if _can_be_drawn(svg) else None


def _style_rules(source: str) -> str:
    only_style = nh3.clean(
        source,
        tags={"svg", "g", "defs", "style"},
        attributes={},
        clean_content_tags={"script"},
    )
    sheets = re.findall(r"<style>(.*?)</style>", only_style, re.DOTALL)[:_MAX_SHEETS]
    return "".join(css.clean_sheet(html.unescape(sheet)) for sheet in sheets)


def _can_be_drawn(svg: str) -> bool:
    """Whether it is well-formed XML, and no part is repeated within a repeated part."""
    try:
        root = ElementTree.fromstring(svg)
    except (ElementTree.ParseError, ValueError):
        return False
    uses = [element for element in root.iter() if element.tag.endswith("}use")]
    repeated = {element.get("href", "")[1:] for element in uses}
    for element in root.iter():
        if element.get("id") in repeated and any(
            part.tag.endswith("}use") for part in element.iter()
        ):
            return False
        if element.tag.rpartition("}")[2] in _REFER_TO_PARTS and any(
            "url(" in value for part in element.iter() for value in part.attrib.values()
        ):
            return False
    return len(uses) <= _MAX_USES
