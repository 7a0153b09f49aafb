"""Turns the formulas of exported pages into MathML, which browsers draw without a network.

nbconvert leaves `$…$` in its pages for MathJax, a program that they load from another place.
nbgrader_config.py puts `MarkdownFilter` in the place of nbconvert's filter of that name.
"""

import html
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

from jinja2 import pass_context
from jinja2.runtime import Context
from latex2mathml.converter import convert_to_element
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

TEXTS = 500  # whose HTML is kept
MAX_CHARACTERS = 2000  # of a formula; the converter recurses
# What the converter writes for ordinary formulas. \href, \class and \style are not among it:
# a student's formulas go through here as well.
ELEMENTS = {
    *("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "mstyle"),
    *("msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd"),
    *("menclose", "mpadded", "mphantom"),
}
ATTRIBUTES = {
    *("xmlns", "display", "displaystyle", "scriptlevel", "mathvariant", "mathcolor", "accent"),
    *("form", "fence", "separator", "stretchy", "minsize", "maxsize", "linethickness", "notation"),
    *("width", "height", "depth", "lspace", "rspace", "columnalign", "columnspacing"),
    *("columnlines", "rowlines", "rowspacing"),
}
NAMESPACE = "http://www.w3.org/1998/Math/MathML"


class Renderer(IPythonRenderer):
    """nbconvert's renderer of Markdown, with MathML in the place of TeX."""

    def inline_math(self, body: str) -> str:
        """A formula within a line."""
        return mathml(body, "inline") or super().inline_math(body)

    def block_math(self, body: str) -> str:
        """A formula on a line of its own."""
        return mathml(body, "block") or super().block_math(body)

    def latex_environment(self, name: str, body: str) -> str:
        """An environment such as `align`."""
        tex = f"\\begin{{{name}}}{body}\\end{{{name}}}"
        return mathml(tex, "block") or super().latex_environment(name, body)


def mathml(tex: str, display: str) -> str | None:
    """The `<math>` element of a formula; `display` is `inline` or `block`.

    None for a formula that cannot be told in harmless MathML: it stays as it was typed.
    """
    if len(tex) > MAX_CHARACTERS:
        return None
    try:
        element = convert_to_element(tex, xmlns=NAMESPACE, display=display)
        written = {part.tag for part in element.iter()}
        attributes = {name for part in element.iter() for name in part.attrib}
        if not written <= ELEMENTS or not attributes <= ATTRIBUTES:
            return None
        for part in element.iter():  # the converter writes characters as entities
            part.text = html.unescape(part.text) if part.text else part.text
        return ElementTree.tostring(element, encoding="unicode")
    except Exception:  # the converter raises many kinds for TeX that it does not know
        return None


@pass_context
class MarkdownFilter:
    """The HTML of Markdown cells, for nbconvert's templates; the same text is drawn once.

    nbconvert makes one for each exporter.
    """

    def __init__(self) -> None:
        self.drawn = lru_cache(maxsize=TEXTS)(drawn)

    def __call__(self, context: Context, source: str) -> str:
        """The HTML of a cell."""
        attachments: dict[str, Any] = context.get("cell", {}).get("attachments", {})
        return drawn(source, attachments) if attachments else self.drawn(source)


def drawn(source: str, attachments: dict[str, Any] | None = None) -> str:
    """The HTML of a Markdown text; `attachments` are the pictures that its cell carries."""
    renderer = Renderer(escape=False, attachments=attachments)
    return MarkdownWithMath(renderer=renderer).render(source)
