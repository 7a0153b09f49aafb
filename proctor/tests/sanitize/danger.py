"""What is dangerous in an output: a reader of pages that shares nothing with the code it tests."""

import base64
import html
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import nbformat
from nbconvert.filters.ansi import ansi2html
from nbconvert.filters.markdown_mistune import markdown2html_mistune


def words(text: str) -> set[str]:
    """The words of a text."""
    return set(text.split())


ACTIVE_TAGS = words("""
    script iframe object embed applet frame frameset base meta link form input button textarea
    select video audio source track portal foreignobject animate set animatetransform math template
    dialog marquee body html head title plaintext noscript handler listener
""")
ADDRESS_ATTRIBUTES = words("""
    href xlink:href src srcset action formaction data poster background ping cite longdesc manifest
    codebase classid usemap dynsrc lowsrc
""")
ACTIVE_ATTRIBUTES = words("srcdoc autofocus contenteditable accesskey name tabindex slot is")
# Classes on which formgrader, Bootstrap or Jupyter act.
PAGE_CLASSES = words("""
    score tabbable nbgrader_cell comment navbar navbar-fixed-top modal modal-backdrop btn
    full-credit save-icon panel jupyter-widgets jp-Cell
""")
NOT_STYLED = ("title", "alt", "href", "src", "aria-label")
STYLE = re.compile(
    r"url\s*\((?!\s*['\"]?#)|@import|expression|behavior|-moz-binding|image-set|"
    r"position\s*:\s*(?:fixed|sticky)|src\s*\(|image\s*\(|element\s*\(|paint\s*\(",
    re.IGNORECASE,
)
TEX = re.compile(r"\\(?:href|url|style|class|cssId|data|require|bbox|mmlToken|html\w*)(?![a-zA-Z])")
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x80-\x9f\ud800-\udfff]")
RASTER_MAGIC = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}
MAX_DEPTH = 600
MAX_PNG_WIDTH = 20_000
MAX_TEXT = 2_000_000


class PageReader(HTMLParser):
    """Reads a page roughly as a browser would.

    `found` lists what could run, load, cover the page or be taken for the page's own.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_style = False
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        self._depth += tag not in ("br", "img", "hr", "input", "col")
        if self._depth > MAX_DEPTH:
            self.found.append("depth")
        if tag in ACTIVE_TAGS:
            self.found.append(tag)
        for name, value in attrs:
            self._read_attribute(tag, name, value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._depth -= 1

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False
        self._depth -= 1

    def _read_attribute(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on") or name in ACTIVE_ATTRIBUTES:
            self.found.append(name)
        if name.startswith("data-"):
            self.found.append("data-")
        if name in ADDRESS_ATTRIBUTES and not is_harmless_address(tag, value):
            self.found.append(f"{name}={value[:40]}")
        if tag == "a" and name == "target" and value != "_blank":
            self.found.append("target")
        if name not in NOT_STYLED and STYLE.search(resolved_css(value)):
            self.found.append(f"style: {value[:40]}")
        if name == "class" and PAGE_CLASSES & set(value.split()):
            self.found.append(f"class {value}")
        if name == "id" and not value.startswith("student-"):
            self.found.append(f"id {value}")

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self.found += [f"formula: {data[:40]}"] if TEX.search(data) else []
            return
        if data.strip() and not re.match(r"@scope\s*\{|svg\s*\{", data.strip()):
            self.found.append("style for the whole page")
        if STYLE.search(resolved_css(data)):
            self.found.append(f"style: {data[:40]}")

    def handle_comment(self, data: str) -> None:
        self.found.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.found.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.found.append("processing instruction")

    def unknown_decl(self, data: str) -> None:
        self.found.append("declaration")


def is_harmless_address(tag: str, value: str) -> bool:
    """Whether an address leads within the page, shows a picture or is a link to elsewhere."""
    address = re.sub(r"[\x00-\x20]", "", value).lower()
    is_link = tag == "a" and re.match(r"https?://|mailto:", address)
    is_picture = re.match(r"data:image/(png|jpeg|gif);base64,[a-z0-9+/=]*$", address)
    return bool(is_link or is_picture or address.startswith("#"))


def resolved_css(text: str) -> str:
    """CSS with its escapes resolved and its comments gone."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)

    def character(found: re.Match[str]) -> str:
        return chr(min(int(found[1], 16), 0x10FFFF))

    return re.sub(r"\\([0-9a-fA-F]{1,6})\s?", character, text).replace("\\", "")


def in_page(page: str) -> list[str]:
    """What is dangerous in a piece of HTML."""
    reader = PageReader()
    reader.feed(page)
    reader.close()
    return reader.found


def in_markdown(text: str) -> list[str]:
    """What is dangerous in markdown as nbconvert shows it, where headings have ids."""
    found = in_page(markdown2html_mistune(text))
    return [one for one in found if one != "input" and not one.startswith("id ")]


def in_svg(text: str) -> list[str]:
    """What is dangerous in an SVG."""
    found = in_page(re.sub(r"<\?xml.*?\?>|<!DOCTYPE[^>[]*>", "", text))
    found += ["entities"] if "<!ENTITY" in text else []
    return found + (["repeated"] if repeats_repeated_parts(text) else [])


def repeats_repeated_parts(svg: str) -> bool:
    """Whether parts that are used use parts."""
    used = set(re.findall(r'href=.#([^"\']*)', svg))
    try:
        elements = list(ElementTree.fromstring(svg).iter())
    except ElementTree.ParseError:
        return False
    return any(
        element.get("id") in used and any(part.tag.endswith("use") for part in element.iter())
        for element in elements
    )


def in_raster(kind: str, text: str) -> list[str]:
    """What is wrong with a picture's base64."""
    if re.search(r"[^A-Za-z0-9+/=\s]", text):
        return ["no base64"]
    content = base64.b64decode(text + "==="[: -len(text) % 4])
    is_wide = kind == "image/png" and int.from_bytes(content[16:20], "big") > MAX_PNG_WIDTH
    is_kind = content.startswith(RASTER_MAGIC[kind])
    return [] if is_kind and not is_wide else ["not what it is called"]


def in_text(text: str) -> list[str]:
    """What is wrong with printed text: what fails or hides in a page, or cannot be written."""
    try:
        page = ansi2html(text)
    except Exception as error:
        return [f"nbconvert fails: {error!r}"]
    found = ["unprintable"] if UNSEEN.search(text) else []
    found += ["escape"] if "\x1b" in page else []
    return found + (["long"] if len(text) > MAX_TEXT else [])


def in_formula(text: str) -> list[str]:
    """What is dangerous in a formula."""
    return [f"formula: {text[:40]}"] if TEX.search(html.unescape(text)) else []


IN_TYPE: dict[str, Callable[[str], list[str]]] = {
    "text/html": in_page,
    "text/markdown": in_markdown,
    "image/svg+xml": in_svg,
    "text/plain": in_text,
    "text/latex": in_formula,
}


def in_output(output: Any) -> list[str]:
    """What is dangerous, or no output of nbformat 4.5, in one output."""
    try:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(id="a")])
        notebook.cells[0].outputs = [output]
        nbformat.validate(notebook)
        nbformat.writes(notebook).encode()
    except Exception as error:
        return [f"no output: {type(error).__name__}"]
    if output["output_type"] == "stream":
        return in_text("".join(output["text"]))
    if output["output_type"] == "error":
        texts = [output["ename"], output["evalue"], *output["traceback"]]
        return [one for text in texts for one in in_text(text)]
    found: list[str] = []
    for kept in output["metadata"].values():
        if not isinstance(kept, dict) or set(kept) - {"width", "height"}:
            found.append("metadata")
    for kind, value in output["data"].items():
        text = "".join(value) if isinstance(value, (str, list)) else json.dumps(value)
        if kind in RASTER_MAGIC:
            found += in_raster(kind, text)
        elif kind in IN_TYPE:
            found += IN_TYPE[kind](text)
        else:
            found.append(f"form {kind}")
    return found
