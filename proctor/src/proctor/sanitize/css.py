"""CSS: rules and declarations from a list of harmless ones.

They reach nothing beyond the element they came with. Classes and ids get a prefix.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import tinycss2
from tinycss2.serializer import serialize_identifier

from proctor.sanitize.text import words

# Begins each class and id, so that none is the page's own.
PREFIX = "student-"

_PROPERTIES = words("""
    align-content align-items align-self background background-color background-position
    background-repeat background-size border border-bottom border-bottom-color
    border-bottom-left-radius border-bottom-right-radius border-bottom-style border-bottom-width
    border-collapse border-color border-left border-left-color border-left-style border-left-width
    border-radius border-right border-right-color border-right-style border-right-width
    border-spacing border-style border-top border-top-color border-top-left-radius
    border-top-right-radius border-top-style border-top-width border-width bottom box-shadow
    box-sizing break-after break-before break-inside caption-side clear clip-path color column-count
    column-gap contain content direction display empty-cells fill fill-opacity fill-rule flex
    flex-basis flex-direction flex-flow flex-grow flex-shrink flex-wrap float font font-family
    font-feature-settings font-size font-stretch font-style font-variant font-variant-numeric
    font-weight gap grid-column grid-row grid-template-columns grid-template-rows height hyphens
    inset justify-content justify-items justify-self left letter-spacing line-height list-style
    list-style-position list-style-type margin margin-bottom margin-left margin-right margin-top
    marker marker-end marker-mid marker-start max-height max-width min-height min-width object-fit
    opacity order outline outline-color outline-offset outline-style outline-width overflow
    overflow-wrap overflow-x overflow-y padding padding-bottom padding-left padding-right
    padding-top position print-color-adjust quotes right row-gap stop-color stop-opacity stroke
    stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit
    stroke-opacity stroke-width tab-size table-layout text-align text-anchor text-decoration
    text-decoration-color text-decoration-line text-decoration-style text-indent text-overflow
    text-rendering text-shadow text-transform top transform transform-origin unicode-bidi
    vertical-align visibility white-space width word-break word-spacing word-wrap writing-mode
    z-index
""")
_MAY_NAME_A_PART = words("clip-path fill marker marker-end marker-mid marker-start stroke")
_FUNCTIONS = words("""
    attr calc clamp counter fit-content hsl hsla linear-gradient matrix max min minmax
    radial-gradient repeat repeating-linear-gradient rgb rgba rotate scale scalex scaley skew skewx
    skewy translate translatex translatey var
""")
_PSEUDO_CLASSES = words("""
    active after before checked empty first-child first-letter first-line first-of-type focus
    focus-visible focus-within hover last-child last-of-type link marker only-child only-of-type
    scope -webkit-details-marker
""")
_PSEUDO_FUNCTIONS = words("has is not where nth-child nth-last-child nth-last-of-type nth-of-type")
_VALUE_TOKENS = words("ident number percentage dimension string hash whitespace")
_POSITIONS = words("static relative absolute")
_CONTAIN = words("inline-size none")
_PART = re.compile(r"#[\w.:-]{1,200}")

_MAX_DEPTH = 6
_MAX_RULES = 3000
_MAX_SHEET = 200_000
_MAX_ATTRIBUTE = 5000

# A node or token of tinycss2, whose classes have no types.
Node = Any


@lru_cache(4096)
def clean_declarations(text: str) -> str:
    """The harmless declarations of a style attribute; empty if there are none."""
    nodes = tinycss2.parse_blocks_contents(
        text[:_MAX_ATTRIBUTE], skip_comments=True, skip_whitespace=True
    )
    found = (_declaration(node) for node in nodes if node.type == "declaration")
    return ";".join(filter(None, found))


@lru_cache(64)
def clean_sheet(text: str) -> str:
    """The harmless rules of a style sheet, to stand in an @scope; empty if there are none."""
    if len(text) > _MAX_SHEET:
        return ""
    nodes = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    return _block(nodes[:_MAX_RULES])


def _block(nodes: Iterable[Node], depth: int = 0) -> str:
    if depth > _MAX_DEPTH:
        return ""
    return "".join(filter(None, (_rule_or_declaration(node, depth) for node in nodes)))


def _rule_or_declaration(node: Node, depth: int) -> str | None:
    if node.type == "declaration":
        text = _declaration(node)
        return text and text + ";"
    if node.type == "qualified-rule":
        head = _selector(node.prelude)
    elif node.type == "at-rule" and node.lower_at_keyword == "media" and node.content is not None:
        head = f"@media {tinycss2.serialize(node.prelude)}" if _is_plain(node.prelude) else None
    else:
        return None
    if not head or not head.strip() or "<" in head:
        return None
    nodes = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
    block = _block(nodes, depth + 1)
    return f"{head.strip()}{{{block}}}" if block else None


def _declaration(node: Node) -> str | None:
    """One declaration, or None where property or value is on no list."""
    if node.name.startswith("--"):
        name, known = node.name, re.fullmatch(r"--[\w-]{1,60}", node.name) is not None
    else:
        name, known = node.lower_name, node.lower_name in _PROPERTIES
    if not known or not _is_harmless(node.value, name):
        return None
    value = "".join(map(_serialized, node.value)).strip()
    if name == "position" and value.lower() not in _POSITIONS:
        return None
    if name == "contain" and value.lower() not in _CONTAIN:
        return None
    if not value or "<" in value:
        return None
    return f"{name}:{value}{'!important' if node.important else ''}"


def _serialized(token: Node) -> str:
    # The name of a drawing's part gets the prefix that its id has.
    return f"url(#{PREFIX}{token.value[1:]})" if token.type == "url" else token.serialize()


def _is_harmless(tokens: Iterable[Node], name: str, depth: int = 0) -> bool:
    """Whether a value is made of plain tokens and listed functions: it cannot name a place."""
    return depth <= _MAX_DEPTH and all(
        token.type in _VALUE_TOKENS
        or (token.type == "literal" and token.value in ",/*+-")
        or (
            token.type == "function"
            and token.lower_name in _FUNCTIONS
            and _is_harmless(token.arguments, name, depth + 1)
        )
        or (token.type == "() block" and _is_harmless(token.content, name, depth + 1))
        or (
            token.type == "url"
            and depth == 0
            and name in _MAY_NAME_A_PART
            and _PART.fullmatch(token.value)
        )
        for token in tokens
    )


def _is_plain(tokens: Iterable[Node], depth: int = 0) -> bool:
    """Whether a media query is made of words and sizes only."""
    return depth <= _MAX_DEPTH and all(
        token.type in ("ident", "whitespace", "dimension", "number")
        or (token.type == "literal" and token.value in ",:")
        or (token.type == "() block" and _is_plain(token.content, depth + 1))
        for token in tokens
    )


def _selector(tokens: Iterable[Node], depth: int = 0, counting: bool = False) -> str | None:
    """A selector with prefixed classes and ids, or None where any of it is on no list.

    `counting`: it is the argument of nth-child or the like.
    """
    if depth > _MAX_DEPTH:
        return None
    text, mark_before = "", ""
    for token in tokens:
        part = _selector_part(token, mark_before, depth, counting)
        if part is None:
            return None
        text += part
        mark_before = token.value if token.type == "literal" else ""
    return text or None


def _selector_part(token: Node, mark_before: str, depth: int, counting: bool) -> str | None:
    """One token of a selector, `mark_before` standing before it; None if it is on no list."""
    match token.type:
        case "whitespace":
            return " "
        case "comment":
            return ""
        case "literal":
            allowed = ".:>+~,*&" + ("+-" if counting else "")
            return token.value if token.value in tuple(allowed) else None
        case "hash":
            return f"#{PREFIX}{_identifier_part(token.value)}"
        case "ident":
            if mark_before == ".":
                return PREFIX + _identifier_part(token.value)
            if mark_before == ":":
                return token.lower_value if token.lower_value in _PSEUDO_CLASSES else None
            is_page = token.lower_value in ("html", "body", "head")
            return None if is_page else serialize_identifier(token.value)
        case "number" | "dimension":
            return token.serialize() if counting else None
        case "function":
            if mark_before != ":" or token.lower_name not in _PSEUDO_FUNCTIONS:
                return None
            counts = token.lower_name.startswith("nth-")
            argument = _selector(token.arguments, depth + 1, counts)
            return argument and f"{token.lower_name}({argument})"
        case "[] block":
            return _attribute_selector(token)
    return None


def _identifier_part(text: str) -> str:
    """An identifier as it stands after a prefix, where it may begin with a digit."""
    return serialize_identifier("a" + text)[1:]


def _attribute_selector(block: Node) -> str | None:
    """An attribute's selector; classes and ids are selected by . and # only."""
    harmless = all(
        token.type in ("ident", "string", "whitespace")
        or (token.type == "literal" and token.value in ("=", "~=", "^=", "$=", "*=", "|="))
        for token in block.content
    )
    name = next((token.lower_value for token in block.content if token.type == "ident"), None)
    if not harmless or name in (None, "class", "id", "style"):
        return None
    return block.serialize()
