"""HTML: what is harmless of it, in a box that nothing in it can leave."""

import functools
import re

import nh3

from proctor.sanitize import css, images
from proctor.sanitize.images import SVG_ATTRIBUTES, SVG_TAGS
from proctor.sanitize.text import printable, without_active_tex, words

_TAGS = words("""
    a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup
    dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img
    ins kbd li main mark meter nav ol p pre progress q rp rt ruby s samp section small span strike
    strong sub summary sup table tbody td tfoot th thead time tr tt u ul var
""")
_LEFT_OUT_WITH_CONTENT = words("""
    applet audio canvas datalist dialog embed frame frameset head iframe link math meta noembed
    noframes noscript object optgroup option param plaintext script select style template textarea
    title video xmp
""")
_TEXT_ATTRIBUTES = words("""
    abbr align alt aria-hidden aria-label cite datetime dir lang open reversed role scope title type
    valign
""")
_SIZE_ATTRIBUTES = words("border cellpadding cellspacing height width")
_NUMBER_ATTRIBUTES = words("colspan high low max min optimum rowspan size span start value")
_COLOUR_ATTRIBUTES = words("bgcolor color face")
_ATTRIBUTES = (
    _TEXT_ATTRIBUTES
    | _SIZE_ATTRIBUTES
    | _NUMBER_ATTRIBUTES
    | _COLOUR_ATTRIBUTES
    | {"class", "id", "style"}
)
_ATTRIBUTE_VALUES = {
    **dict.fromkeys(_TEXT_ATTRIBUTES, re.compile(r".{0,2000}", re.DOTALL)),
    **dict.fromkeys(_SIZE_ATTRIBUTES, re.compile(r"\d{1,4}(?:\.\d{1,9})?(?:px|%)?")),
    **dict.fromkeys(_NUMBER_ATTRIBUTES, re.compile(r"-?\d{1,4}(?:\.\d{1,9})?")),
    **dict.fromkeys(_COLOUR_ATTRIBUTES, re.compile(r"#?[\w ,-]{1,100}")),
}
# What the cleaner itself sets on each link passes through the filter of attributes too.
_LINK_ATTRIBUTES = {"target": "_blank", "rel": "noopener noreferrer nofollow"}
_LINK = re.compile(r"(?:https?://|mailto:)[^\s\\<>\"'`]+\Z", re.IGNORECASE)
_ID = re.compile(r"[^\s<>\"'&]{1,200}")
_VOID_TAGS = words("area base br col embed hr img input link meta source track wbr")

_FORMATTING_TAG = re.compile(
    r"<(/?)(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", re.IGNORECASE
)
_OPENING_TAG = re.compile(r"<[A-Za-z]")
_TAG = re.compile(r"<(/?)([A-Za-z][\w-]*)")
_SCRIPT = re.compile(
    r"<(?:script|iframe|object|embed|video|audio|canvas)|\son\w+\s*=|javascript:", re.IGNORECASE
)

_MAX_CHARACTERS = 2_000_000
_MAX_DEPTH = 250
_MAX_CLASSES = 50
_MAX_SHEETS = 100
# nh3 needs time that grows with the square of these.
_MAX_ELEMENTS = 20_000
_MAX_ENTITIES = 100_000
_MAX_SEPARATORS = 100_000  # each could begin an attribute of one element
_MAX_REPEATED = 1_000_000

BOX_STYLE = (
    "contain:content!important;position:relative!important;isolation:isolate!important;"
    "overflow:auto!important;max-width:100%!important;max-height:12000px!important"
)
_SCRIPT_LEFT_OUT = (
    "A script or something else that would run was taken out here by proctor: what is shown does "
    "not answer to the mouse."
)


class Refused(ValueError):
    """HTML that is not shown; the message says why."""


def clean_html(source: str) -> str:
    """Harmless HTML in its box. Raises Refused where it is too large or has nothing to show."""
    if len(source) > _MAX_CHARACTERS:
        raise Refused(f"this HTML of {len(source)} characters is longer than {_MAX_CHARACTERS}")
    source = _bounded(printable(source))
    body = without_active_tex(_cleaner().clean(source))
    if _depth(body) > _MAX_DEPTH:
        raise Refused(f"this HTML has elements in more than {_MAX_DEPTH} others")
    if not _can_be_seen(body):
        raise Refused("without what could run, nothing is left of this HTML")
    rules = _style_rules(source)
    style = f"<style>@scope{{{rules}}}</style>" if rules else ""
    title = f' title="{_SCRIPT_LEFT_OUT}"' if _SCRIPT.search(source) else ""
    return f'<div style="{BOX_STYLE}"{title}><div>{style}{body}</div></div>'


def _bounded(source: str) -> str:
    """The source, if a parser will be done with it soon; formatting may be turned into spans."""
    opened = len(_OPENING_TAG.findall(source))
    if opened > _MAX_ELEMENTS:
        raise Refused(f"this HTML has {opened} elements, more than {_MAX_ELEMENTS}")
    if source.count("&") > _MAX_ENTITIES or _separators(source) > _MAX_SEPARATORS:
        raise Refused("this HTML is too intricate")
    # An unclosed one is repeated in every paragraph after it.
    may_repeat = source.count("<") * opened > _MAX_REPEATED
    if may_repeat and len(_FORMATTING_TAG.findall(source)) * opened > _MAX_REPEATED:
        return _FORMATTING_TAG.sub(r"<\1span", source)
    return source


def _separators(source: str) -> int:
    """How many there are outside of long words, as far as there can be too many."""
    if len(source) <= _MAX_SEPARATORS:
        return 0
    return len(re.findall(r"[\s/\"']+", re.sub(r"[\w+/]{200,}", "", source)))


@functools.cache
def _cleaner() -> nh3.Cleaner:
    svg_tags = SVG_TAGS - {"use", "image"}
    attributes = {"*": set(_ATTRIBUTES), "a": {"href"}, "img": {"src"}}
    attributes |= {tag: set(SVG_ATTRIBUTES) for tag in svg_tags}
    return nh3.Cleaner(
        tags=set(_TAGS | svg_tags),
        clean_content_tags=set(_LEFT_OUT_WITH_CONTENT),
        attributes=attributes,
        attribute_filter=_clean_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel=_LINK_ATTRIBUTES["rel"],
        set_tag_attribute_values={"a": {"target": _LINK_ATTRIBUTES["target"]}},
    )


def _clean_attribute(tag: str, name: str, value: str) -> str | None:
    """What is kept of an attribute's value, or None."""
    if name == "class":
        return " ".join(css.PREFIX + word for word in value.split()[:_MAX_CLASSES])
    if name == "style":
        return css.clean_declarations(value) or None
    if name == "id":
        return css.PREFIX + value if _ID.fullmatch(value) else None
    if tag in SVG_TAGS:
        return images.clean_svg_attribute(tag, name, value)
    if name == "src":
        return images.clean_address(value) if tag == "img" else None
    if name == "href":
        return value if tag == "a" and _LINK.match(value) else None
    if name in _LINK_ATTRIBUTES:
        return value if value == _LINK_ATTRIBUTES[name] else None
    pattern = _ATTRIBUTE_VALUES.get(name)
    return value if pattern and pattern.fullmatch(value) else None


def _style_rules(source: str) -> str:
    if "<style" not in source.lower():
        return ""
    only_style = nh3.clean(source, tags={"style"}, clean_content_tags={"script"}, attributes={})
    sheets = re.findall(r"<style>(.*?)</style>", only_style, re.DOTALL)[:_MAX_SHEETS]
    return "".join(map(css.clean_sheet, sheets))


def _depth(body: str) -> int:
    """In how many elements the innermost one stands, in HTML of which every element is closed."""
    depth = deepest = 0
    for closing, name in _TAG.findall(body):
        if name not in _VOID_TAGS:
            depth += -1 if closing else 1
            deepest = max(depth, deepest)
    return deepest


def _can_be_seen(body: str) -> bool:
    """Whether there is a letter, a picture, a drawing, a rule or a bar."""
    return bool(
        re.search(r"<img [^>]*src=|<(?:svg|hr|progress|meter)\b", body)
        or re.sub(r"<[^>]*>|&nbsp;|\s", "", body)
    )
