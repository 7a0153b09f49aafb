"""Owns HTML that a stranger wrote: what is harmless of it, in a box that nothing in it can leave."""

import re
from functools import lru_cache

import nh3

from proctor.sanitize import css, pictures, text, vector

TAGS = frozenset(
    """
    a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn div dl dt em
    figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark meter nav ol p pre progress q rp rt ruby
    s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var
""".split()
)
LEFT_OUT = frozenset(
    """
    applet audio canvas datalist dialog embed form frame frameset head iframe link math meta noembed noframes noscript object
    optgroup option param plaintext script select style template textarea title video xmp
""".split()
) - {"form"}
WORDS = frozenset(
    "abbr align alt aria-hidden aria-label cite datetime dir lang open reversed role scope title type valign".split()
)
SIZES = frozenset("border cellpadding cellspacing height width".split())
COUNTS = frozenset("colspan high low max min optimum rowspan size span start value".split())
COLOURS = frozenset("bgcolor color".split())
ATTRIBUTES = WORDS | SIZES | COUNTS | COLOURS | {"class", "id", "style", "face"}
FORMATTING = re.compile(
    r"<(/?)(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", re.IGNORECASE
)
OPENED = re.compile(r"<[A-Za-z]")
MARKS = re.compile(r"<(/?)([A-Za-z][\w-]*)")
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
DEEP, INTRICATE, WORDY = 250, 1_000_000, 100_000
ENTITIES = 100_000  # of "&" in a piece; nh3 needs time that grows with the square of them
SCRIPT = re.compile(
    r"<(?:script|iframe|object|embed|video|audio|canvas)|\son\w+\s*=|javascript:", re.IGNORECASE
)
BOX = (
    "contain:content!important;position:relative!important;isolation:isolate!important;overflow:auto!important;"
    "max-width:100%!important;max-height:12000px!important"
)
SAID = "A script or something else that would run was taken out here by proctor: what is shown does not answer to the mouse."


class Refused(ValueError):
    """HTML that is not shown; the message says why."""


def clean_html(source, limits):
    """Harmless HTML in its box. Raises Refused where it is too large or has nothing to show."""
    if len(source) > limits.html:
        raise Refused(f"this HTML of {len(source)} characters is longer than {limits.html}")
    source = bearable(text.legible(source), limits)
    body = text.tame(cleaner(limits).clean(source))
    if depth(body) > DEEP:
        raise Refused(f"this HTML has elements in more than {DEEP} others")
    if not visible(body):
        raise Refused("without what could run, nothing is left of this HTML")
    rules = styles(source)
    style = f"<style>@scope{{{rules}}}</style>" if rules else ""
    title = f' title="{SAID}"' if SCRIPT.search(source) else ""
    return f'<div style="{BOX}"{title}><div>{style}{body}</div></div>'


def bearable(source, limits):
    """The source, if a parser will be done with it soon; where formatting is intricate it is turned into mere spans."""
    opened = len(OPENED.findall(source))
    if opened > limits.elements:
        raise Refused(f"this HTML has {opened} elements, more than {limits.elements}")
    if source.count("&") > ENTITIES:
        raise Refused("this HTML is too intricate")
    if (
        len(re.findall(r"[\s/\"']+", re.sub(r"[\w+/]{200,}", "", source))) > WORDY
    ):  # each could begin an attribute of one element
        raise Refused("this HTML is too intricate")
    if (
        len(FORMATTING.findall(source)) * opened > INTRICATE
    ):  # each unclosed one is repeated in every paragraph after it
        return FORMATTING.sub(r"<\1span", source)
    return source


@lru_cache(4)
def cleaner(limits):
    """The nh3 Cleaner for HTML."""
    attributes = {"*": set(ATTRIBUTES), "a": {"href"}, "img": {"src"}}
    attributes |= {tag: set(vector.ATTRIBUTES) for tag in vector.TAGS - {"use", "image"}}
    return nh3.Cleaner(
        tags=set(TAGS | vector.TAGS) - {"use", "image"},
        clean_content_tags=set(LEFT_OUT),
        attributes=attributes,
        attribute_filter=lambda tag, name, value: attribute(tag, name, value, limits),
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def attribute(tag, name, value, limits):
    """What is kept of an attribute's value, or None."""
    if tag in vector.TAGS and name not in ("class", "id", "style"):
        return vector.attribute(tag, name, value, limits)
    if name == "class":
        return " ".join(css.MARK + word for word in value.split()[:50])
    if name == "id":
        return css.MARK + value if re.fullmatch(r"[^\s<>\"'&]{1,200}", value) else None
    if name == "style":
        return css.inline(value) or None
    if name == "src":
        return pictures.address(value, limits) if tag == "img" else None
    if name == "href":
        return (
            value
            if tag == "a"
            and re.match(r"(?:https?://|mailto:)[^\s\\<>\"'`]+\Z", value, re.IGNORECASE)
            else None
        )
    if name in SIZES:
        return value if re.fullmatch(r"\d{1,4}(?:\.\d{1,9})?(?:px|%)?", value) else None
    if name in COUNTS:
        return value if re.fullmatch(r"-?\d{1,4}(?:\.\d{1,9})?", value) else None
    if name in COLOURS or name == "face":
        return value if re.fullmatch(r"#?[\w ,-]{1,100}", value) else None
    return value if len(value) <= 2000 else None


def styles(source):
    """The harmless rules of all style elements, as text for a scope."""
    if "<style" not in source.lower():
        return ""
    only = nh3.clean(source, tags={"style"}, clean_content_tags={"script"}, attributes={})
    return "".join(
        css.sheet(found) for found in re.findall(r"<style>(.*?)</style>", only, re.DOTALL)[:100]
    )


def depth(body):
    """In how many elements the innermost one stands; `body` is as a serialiser wrote it, every element closed."""
    deep = deepest = 0
    for closing, name in MARKS.findall(body):
        if name not in VOID:
            deep += -1 if closing else 1
            deepest = max(deep, deepest)
    return deepest


def visible(body):
    """Whether anything can be seen: a letter, a picture, a drawing, a rule or a bar."""
    return bool(
        re.search(r"<img [^>]*src=|<(?:svg|hr|progress|meter)\b", body)
        or re.sub(r"<[^>]*>|&nbsp;|\s", "", body)
    )
