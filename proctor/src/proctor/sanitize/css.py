"""Owns style: rules and declarations from a list of harmless ones, which reach nothing beyond the box they came with."""

import re
from functools import lru_cache

import tinycss2
from tinycss2.serializer import serialize_identifier

MARK = "student-"  # begins each class and id, so that none is the page's own
PROPERTIES = frozenset(
    """
    align-content align-items align-self background background-color background-position background-repeat background-size
    border border-bottom border-bottom-color border-bottom-left-radius border-bottom-right-radius border-bottom-style
    border-bottom-width border-collapse border-color border-left border-left-color border-left-style border-left-width
    border-radius border-right border-right-color border-right-style border-right-width border-spacing border-style border-top
    border-top-color border-top-left-radius border-top-right-radius border-top-style border-top-width border-width bottom
    box-shadow box-sizing break-after break-before break-inside caption-side clear color column-count column-gap contain content
    direction display empty-cells fill fill-opacity fill-rule flex flex-basis flex-direction flex-flow flex-grow
    flex-shrink flex-wrap float font font-family font-feature-settings font-size font-stretch font-style font-variant
    font-variant-numeric font-weight gap grid-column grid-row grid-template-columns grid-template-rows height hyphens inset
    justify-content justify-items justify-self left letter-spacing line-height list-style list-style-position list-style-type
    margin margin-bottom margin-left margin-right margin-top max-height max-width min-height min-width object-fit opacity order
    outline outline-color outline-offset outline-style outline-width overflow overflow-wrap overflow-x overflow-y padding
    padding-bottom padding-left padding-right padding-top position print-color-adjust quotes right row-gap stop-color
    stop-opacity stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity
    stroke-width tab-size table-layout text-align text-anchor text-decoration text-decoration-color text-decoration-line
    text-decoration-style text-indent text-overflow text-rendering text-shadow text-transform top transform
    transform-origin unicode-bidi vertical-align visibility white-space width word-break word-spacing word-wrap
    writing-mode z-index clip-path marker marker-start marker-mid marker-end
""".split()
)
LOCAL = frozenset(
    ["fill", "stroke", "clip-path", "marker", "marker-start", "marker-mid", "marker-end"]
)  # may name a part: url(#a)
FUNCTIONS = frozenset(
    """
    attr calc clamp counter fit-content hsl hsla linear-gradient matrix max min minmax radial-gradient repeat
    repeating-linear-gradient rgb rgba rotate scale scalex scaley skew skewx skewy translate translatex translatey var
""".split()
)
STATES = frozenset(
    """
    active after before checked empty first-child first-letter first-line first-of-type focus focus-visible focus-within hover
    last-child last-of-type link marker only-child only-of-type scope -webkit-details-marker
""".split()
)
GROUPS = frozenset("has is not where nth-child nth-last-child nth-last-of-type nth-of-type".split())
PLAIN = frozenset(["ident", "number", "percentage", "dimension", "string", "hash", "whitespace"])
DEEP, RULES, LONG = 6, 3000, 200_000


@lru_cache(4096)
def inline(text):
    """The harmless declarations of a style attribute, as text; empty if there are none."""
    parts = tinycss2.parse_blocks_contents(text[:5000], skip_comments=True, skip_whitespace=True)
    return ";".join(
        filter(None, (declaration(part) for part in parts if part.type == "declaration"))
    )


@lru_cache(64)
def sheet(text):
    """The harmless rules of a style sheet, as text to stand in a scope."""
    if len(text) > LONG:
        return ""
    nodes = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    return block(nodes[:RULES])


def block(nodes, deep=0):
    """The harmless ones of these rules and declarations, as text."""
    if deep > DEEP:
        return ""
    return "".join(filter(None, (piece(node, deep) for node in nodes)))


def piece(node, deep):
    """One rule or declaration as text, or None."""
    if node.type == "declaration":
        text = declaration(node)
        return text and text + ";"
    if node.type == "qualified-rule":
        head = selector(node.prelude)
    elif node.type == "at-rule" and node.lower_at_keyword == "media" and node.content is not None:
        head = "@media " + tinycss2.serialize(node.prelude) if medium(node.prelude) else None
    else:
        return None
    if not head or not head.strip() or "<" in head:
        return None
    inside = block(
        tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True),
        deep + 1,
    )
    return f"{head.strip()}{{{inside}}}" if inside else None


def declaration(node):
    """One declaration as text, or None where property or value is on no list."""
    name = node.name if node.name.startswith("--") else node.lower_name
    if name.startswith("--"):
        good = re.fullmatch(r"--[\w-]{1,60}", name)
    else:
        good = name in PROPERTIES
    if not good or not harmless(node.value, name):
        return None
    value = "".join(shown(token) for token in node.value).strip()
    if name == "position" and value.lower() not in ("static", "relative", "absolute"):
        return None
    if name == "contain" and value.lower() not in ("inline-size", "none"):
        return None
    return (
        None
        if "<" in value or not value
        else f"{name}:{value}{'!important' if node.important else ''}"
    )


def shown(token):
    """A value's token as text; the name of a part of a picture gets the mark that its id has."""
    return f"url(#{MARK}{token.value[1:]})" if token.type == "url" else token.serialize()


def harmless(tokens, name, deep=0):
    """Whether a value is made of plain tokens and listed functions only: nothing in it can name another place."""
    return deep <= DEEP and all(
        token.type in PLAIN
        or token.type == "literal"
        and token.value in ",/*+-"
        or token.type == "function"
        and token.lower_name in FUNCTIONS
        and harmless(token.arguments, name, deep + 1)
        or token.type == "() block"
        and harmless(token.content, name, deep + 1)
        or token.type == "url"
        and not deep
        and name in LOCAL
        and re.fullmatch(r"#[\w.:-]{1,200}", token.value)
        for token in tokens
    )


def medium(tokens, deep=0):
    """Whether a media query is made of words and sizes only."""
    return deep <= DEEP and all(
        token.type in ("ident", "whitespace", "dimension", "number")
        or token.type == "literal"
        and token.value in ",:"
        or token.type == "() block"
        and medium(token.content, deep + 1)
        for token in tokens
    )


def selector(tokens, deep=0, counted=False):
    """A selector as text, with marked classes and ids, or None where any of it is on no list."""
    said, before = "", ""
    for token in tokens if deep <= DEEP else ():
        text = simple(token, before, deep, counted)
        if text is None:
            return None
        said, before = said + text, token.value if token.type == "literal" else ""
    return said or None


def simple(token, before, deep, counted):
    """One token of a selector as text, `before` being the mark that stands before it; None if it is on no list."""
    kind = token.type
    if kind == "whitespace":
        return " "
    if kind == "comment":
        return ""
    if kind == "literal":
        return (
            token.value
            if token.value in tuple(".:>+~,*&") or counted and token.value in tuple("+-")
            else None
        )
    if kind == "hash":
        return f"#{MARK}{serialize_identifier('a' + token.value)[1:]}"
    if kind == "ident" and before == ".":
        return MARK + serialize_identifier("a" + token.value)[1:]
    if kind == "ident" and before == ":":
        return token.lower_value if token.lower_value in STATES else None
    if kind == "ident":
        return (
            None
            if token.lower_value in ("html", "body", "head")
            else serialize_identifier(token.value)
        )
    if kind in ("number", "dimension"):
        return token.serialize() if counted else None
    if kind == "function" and before == ":" and token.lower_name in GROUPS:
        inside = selector(token.arguments, deep + 1, token.lower_name.startswith("nth-"))
        return inside and f"{token.lower_name}({inside})"
    if kind == "[] block":
        return attribute(token)
    return None


def attribute(token):
    """An attribute's selector as text; classes and ids are asked for by their own marks only."""
    fine = all(
        part.type in ("ident", "string", "whitespace")
        or part.type == "literal"
        and part.value in ("=", "~=", "^=", "$=", "*=", "|=")
        for part in token.content
    )
    names = [part.lower_value for part in token.content if part.type == "ident"][:1]
    return (
        token.serialize() if fine and names and names[0] not in ("class", "id", "style") else None
    )
