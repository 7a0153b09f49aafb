"""Owns what counts as dangerous in an output: a reader of pages of its own, which shares nothing with the code under test."""

import base64
import html
import json
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import nbformat
from nbconvert.filters.ansi import ansi2html
from nbconvert.filters.markdown_mistune import markdown2html_mistune

RUN = {
    "script",
    "iframe",
    "object",
    "embed",
    "applet",
    "frame",
    "frameset",
    "base",
    "meta",
    "link",
    "form",
    "input",
    "button",
    "textarea",
    "select",
    "video",
    "audio",
    "source",
    "track",
    "portal",
    "foreignobject",
    "animate",
    "set",
    "animatetransform",
    "math",
    "template",
    "dialog",
    "marquee",
    "body",
    "html",
    "head",
    "title",
    "plaintext",
    "noscript",
    "handler",
    "listener",
}
ADDRESSES = {
    "href",
    "xlink:href",
    "src",
    "srcset",
    "action",
    "formaction",
    "data",
    "poster",
    "background",
    "ping",
    "cite",
    "longdesc",
    "manifest",
    "codebase",
    "classid",
    "usemap",
    "dynsrc",
    "lowsrc",
}
OWN = {
    "score",
    "tabbable",
    "nbgrader_cell",
    "comment",
    "navbar",
    "navbar-fixed-top",
    "modal",
    "modal-backdrop",
    "btn",
    "full-credit",
    "save-icon",
    "panel",
    "jupyter-widgets",
    "jp-Cell",
}  # classes on which formgrader, Bootstrap or Jupyter act
STYLE = re.compile(
    r"url\s*\((?!\s*['\"]?#)|@import|expression|behavior|-moz-binding|image-set|position\s*:\s*(?:fixed|sticky)|"
    r"src\s*\(|image\s*\(|element\s*\(|paint\s*\(",
    re.IGNORECASE,
)
TEX = re.compile(r"\\(?:href|url|style|class|cssId|data|require|bbox|mmlToken|html\w*)(?![a-zA-Z])")
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x80-\x9f\ud800-\udfff]")


class Walker(HTMLParser):
    """Reads a page as a browser would, roughly, and lists what could run, load, cover or be taken for the page's own."""

    def __init__(self):
        super().__init__()
        self.found, self.styling, self.depth = [], False, 0

    def handle_starttag(self, tag, attrs):
        self.styling = tag == "style"
        self.depth += tag not in ("br", "img", "hr", "input", "col")
        if self.depth > 600:
            self.found.append("depth")
        if tag in RUN:
            self.found.append(tag)
        for name, value in attrs:
            self.attribute(tag, name, value or "")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.depth -= 1

    def handle_endtag(self, tag):
        self.styling, self.depth = False, self.depth - 1

    def attribute(self, tag, name, value):
        said = re.sub(r"[\x00-\x20]", "", value).lower()
        if name.startswith("on") or name in (
            "srcdoc",
            "autofocus",
            "contenteditable",
            "accesskey",
            "name",
            "tabindex",
            "slot",
            "is",
        ):
            self.found.append(name)
        if name.startswith("data-"):
            self.found.append("data-")
        if name in ADDRESSES and not (
            tag == "a"
            and re.match(r"https?://|mailto:", said)
            or re.match(r"data:image/(png|jpeg|gif);base64,[a-z0-9+/=]*$", said)
            or said.startswith("#")
        ):
            self.found.append(f"{name}={value[:40]}")
        if tag == "a" and name == "target" and value != "_blank":
            self.found.append("target")
        if STYLE.search(css(value)) and name not in ("title", "alt", "href", "src", "aria-label"):
            self.found.append(f"style: {value[:40]}")
        if name == "class" and OWN & set(value.split()):
            self.found.append(f"class {value}")
        if name == "id" and not value.startswith("student-"):
            self.found.append(f"id {value}")

    def handle_data(self, data):
        if self.styling:
            outside = re.match(r"@scope\s*\{|svg\s*\{", data.strip()) is None
            self.found += ["style for the whole page"] if outside and data.strip() else []
            self.found += [f"style: {data[:40]}"] if STYLE.search(css(data)) else []
        elif TEX.search(data):
            self.found.append(f"formula: {data[:40]}")

    def handle_comment(self, data):
        self.found.append("comment")

    handle_decl = handle_pi = unknown_decl = handle_comment


def css(text):
    """Style with its escapes resolved and its comments gone."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(
        r"\\([0-9a-fA-F]{1,6})\s?", lambda found: chr(min(int(found[1], 16), 0x10FFFF)), text
    ).replace("\\", "")


def in_page(page):
    """What is dangerous in a piece of HTML."""
    walker = Walker()
    walker.feed(page)
    walker.close()
    return walker.found


def in_markdown(text):
    """What is dangerous in markdown as nbconvert shows it, and in its raw tags, which other renderers might see otherwise."""
    return [
        one
        for one in in_page(markdown2html_mistune(text))
        if one != "input" and not one.startswith("id ")
    ]


def in_drawing(text):
    """What is dangerous in an SVG."""
    found = in_page(re.sub(r"<\?xml.*?\?>|<!DOCTYPE[^>[]*>", "", text))
    return (
        found + (["entities"] if "<!ENTITY" in text else []) + (["repeated"] if bomb(text) else [])
    )


def bomb(text):
    """Whether parts that are used use parts."""
    used = set(re.findall(r'href=.#([^"\']*)', text))
    try:
        elements = list(ElementTree.fromstring(text).iter())
    except ElementTree.ParseError:
        return False
    return any(
        element.get("id") in used and any(part.tag.endswith("use") for part in element.iter())
        for element in elements
    )


def in_picture(kind, text):
    """What is wrong with a picture's base64."""
    if re.search(r"[^A-Za-z0-9+/=\s]", text):
        return ["no base64"]
    content = base64.b64decode(text + "==="[: -len(text) % 4])
    magic = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}[kind]
    wide = kind == "image/png" and int.from_bytes(content[16:20], "big") > 20_000
    return [] if content.startswith(magic) and not wide else ["not what it is called"]


def in_text(text):
    """What is wrong with printed text: what fails or hides in a page, or cannot be written."""
    try:
        page = ansi2html(text)
    except Exception as error:
        return [f"nbconvert fails: {error!r}"]
    found = ["unprintable"] if UNSEEN.search(text) else []
    return (
        found + (["escape"] if "\x1b" in page else []) + (["long"] if len(text) > 2_000_000 else [])
    )


LOOK = {
    "text/html": in_page,
    "text/markdown": in_markdown,
    "image/svg+xml": in_drawing,
    "text/plain": in_text,
    "text/latex": lambda text: [f"formula: {text[:40]}"] if TEX.search(html.unescape(text)) else [],
}


def in_output(output):
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
        return [
            one
            for text in [output["ename"], output["evalue"], *output["traceback"]]
            for one in in_text(text)
        ]
    found = (
        ["metadata"]
        if any(
            set(kept) - {"width", "height"} if isinstance(kept, dict) else True
            for kept in output["metadata"].values()
        )
        else []
    )
    for kind, value in output["data"].items():
        text = "".join(value) if isinstance(value, (str, list)) else json.dumps(value)
        found += (
            in_picture(kind, text)
            if kind in ("image/png", "image/jpeg", "image/gif")
            else LOOK.get(kind, lambda text, kind=kind: [f"form {kind}"])(text)
        )
    return found
