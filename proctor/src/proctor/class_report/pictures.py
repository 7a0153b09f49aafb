"""The picture of a finding as a page may show it: harmless, and of a size that can be read."""

import base64
import html
import re

from nbformat import NotebookNode

from proctor.sanitize import clean_outputs
from proctor.sanitize.html import BOX_STYLE

MAX_CHARACTERS = 400_000
IMAGES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif")
# What was cleaned when it was graded is taken out of its box, and cleaned again with its styles.
BOX = re.compile(
    rf'<div style="{re.escape(BOX_STYLE)}"[^<>]*><div>(?:<style>@scope\{{(.*?)\}}</style>)?(.*)'
    r"</div></div>",
    re.DOTALL,
)


def shown_picture(output: NotebookNode | None) -> tuple[str, str]:
    """The picture of an output: harmless HTML, or else the data: address of an image.

    Both are empty where there is none, or it is too large.
    """
    if output is None:
        return "", ""
    data = {kind: _text(value) for kind, value in output.get("data", {}).items()}
    if isinstance(given := data.get("text/html"), str):
        data["text/html"] = _unboxed(given)
    (cleaned,) = clean_outputs([{**output, "data": data}])
    found = cleaned.get("data", {})
    if "text/html" in found:
        return (found["text/html"], "") if len(found["text/html"]) <= MAX_CHARACTERS else ("", "")
    for kind in IMAGES:
        if kind in found and len(found[kind]) <= MAX_CHARACTERS:
            return "", image_address(kind, found[kind])
    return "", ""


def says(picture: str, text: str) -> bool:
    """Whether a picture has a text in it, so that it need not be said twice."""
    words = html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", picture, flags=re.DOTALL))
    told, there = ("".join(one.replace("`", "").split()) for one in (text, words))
    return told in there


def image_address(kind: str, content: str) -> str:
    """The data: address of an image: base64 but for SVG, which is text."""
    if kind == "image/svg+xml":
        return f"data:{kind};base64,{base64.b64encode(content.encode()).decode()}"
    return f"data:{kind};base64,{content}"


def _unboxed(source: str) -> str:
    """HTML as it was before it was cleaned and put into its box; other HTML as it is."""
    box = BOX.fullmatch(source)
    return source if box is None else f"<style>{box[1] or ''}</style>{box[2]}"


def _text(value: object) -> object:
    """A text of nbformat, which may be a list of lines."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return value
