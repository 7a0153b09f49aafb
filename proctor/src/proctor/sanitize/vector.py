"""Owns SVG: the elements that draw, without script, animation, foreign content, links or anything from outside."""

import html
import re
import xml.etree.ElementTree as ElementTree
from functools import lru_cache

import nh3

from proctor.sanitize import css, pictures, text

TAGS = frozenset(
    """
    circle clipPath defs desc ellipse g image line linearGradient marker mask path pattern polygon polyline radialGradient rect stop
    svg symbol text textPath tspan use
""".split()
) - {"desc", "textPath"}
ATTRIBUTES = frozenset(
    """
    class clip-path clip-rule clipPathUnits cx cy d dominant-baseline dx dy fill fill-opacity fill-rule font-family font-size
    font-style font-weight fx fy gradientTransform gradientUnits height href id letter-spacing marker-end marker-mid marker-start
    markerHeight markerUnits markerWidth mask mask-type maskUnits offset opacity orient patternTransform patternUnits points
    preserveAspectRatio r refX refY rotate rx ry spreadMethod stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset
    stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width style text-anchor text-decoration transform version
    viewBox visibility width x x1 x2 xmlns y y1 y2
""".split()
)
PART = re.compile(r"\s*url\(\s*['\"]?#([\w.:-]{1,200})['\"]?\s*\)\s*\Z")
PLAIN = re.compile(r"[\w\s#.,%()+'-]*\Z")
SPACE = "http://www.w3.org/2000/svg"
USES = 20_000


def attribute(tag, name, value, limits):
    """What is kept of the value of an attribute that only drawings have, or None."""
    if name == "xmlns":
        return SPACE
    if name == "href" and tag == "use":
        return f"#{css.MARK}{value[1:]}" if re.fullmatch(r"#[\w.:-]{1,200}", value) else None
    if name == "href" and tag == "image":
        return pictures.address(value, limits)
    if name == "href":
        return None
    part = PART.match(value)
    if part:
        return f"url(#{css.MARK}{part[1]})"
    if name in ("width", "height") and not re.fullmatch(
        r"\s*\d{1,4}(?:\.\d*)?\s*(?:px|pt|%|em|in|cm|mm)?\s*", value
    ):
        return None
    return value if PLAIN.match(value) and "url" not in value.lower() else None


def styled(tag, name, value, limits):
    """As `attribute`, for every attribute of a drawing that stands alone."""
    if name == "class":
        return " ".join(css.MARK + word for word in value.split()[:50])
    if name == "id":
        return css.MARK + value if re.fullmatch(r"[\w.:-]{1,200}", value) else None
    return css.inline(value) or None if name == "style" else attribute(tag, name, value, limits)


@lru_cache(4)
def cleaner(limits):
    """The nh3 Cleaner for a drawing that stands alone."""
    return nh3.Cleaner(
        tags=set(TAGS),
        attributes={"*": set(ATTRIBUTES)},
        url_schemes={"data"},
        link_rel=None,
        clean_content_tags={
            "script",
            "style",
            "metadata",
            "title",
            "desc",
            "foreignObject",
            "filter",
        },
        attribute_filter=lambda tag, name, value: styled(tag, name, value, limits),
    )


def clean_svg(source, limits):
    """A harmless SVG document as text, or None where nothing can be drawn from the source."""
    if len(source) > limits.html or len(re.findall(r"<[A-Za-z]", source)) > limits.elements:
        return None
    source = text.legible(source)
    drawn = re.search(r"<svg\b.*</svg>", cleaner(limits).clean(source), re.DOTALL)
    if not drawn:
        return None
    rules = "".join(
        css.sheet(html.unescape(found))
        for found in re.findall(
            r"<style>(.*?)</style>",
            nh3.clean(
                source,
                tags={"svg", "g", "defs", "style"},
                attributes={},
                clean_content_tags={"script"},
            ),
            re.DOTALL,
        )[:20]
    )
    body = drawn[0].replace(" xlink:href=", " href=").replace("&nbsp;", "&#160;")
    if 'xmlns="' not in body[: body.index(">")]:
        body = body.replace("<svg", f'<svg xmlns="{SPACE}"', 1)
    if rules:
        first = body.index(">") + 1
        body = (
            f"{body[:first]}<style>svg{{{html.escape(rules, quote=False)}}}</style>{body[first:]}"
        )
    return body if drawable(body) else None


def drawable(body):
    """Whether this is one well-formed drawing in which no part is repeated within a repeated part."""
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError):
        return False
    uses = [element for element in root.iter() if element.tag.endswith("}use")]
    repeated = {element.get("href", "")[1:] for element in uses}
    within = {"clipPath", "marker", "mask", "pattern", "symbol"}
    for element in root.iter():
        if element.get("id") in repeated and any(
            part.tag.endswith("}use") for part in element.iter()
        ):
            return False
        if element.tag.rpartition("}")[2] in within and any(
            "url(" in value for part in element.iter() for value in part.attrib.values()
        ):
            return False
    return len(uses) <= USES
