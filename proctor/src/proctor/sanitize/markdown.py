"""Markdown: words, formulas and code stay as typed, what could run, load or imitate becomes text.

What comes out is rendered as nbconvert does, and read again for anything on no list.
"""

import html
import re
from collections.abc import Collection, Iterable, Mapping
from html.parser import HTMLParser

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from proctor.sanitize.images import RASTER_TYPES, clean_raster
from proctor.sanitize.text import printable, shortened, without_active_tex, words

# Of a cell: {name: {MIME type: base64}}.
Attachments = dict[str, dict[str, str]]

_NOTE = (
    "> **proctor:** parts of this text that would have run, loaded or hidden something when it is "
    "opened (HTML, links, pictures, commands in formulas) stand here as plain text, most with a "
    "space put into them.\n\n"
)
_NOT_SHOWN = (
    "[proctor does not show this text: no way was found to show it safely. "
    "It is in the submission.]"
)
_MAX_CHARACTERS = 60_000
_MAX_ATTACHMENTS = 50

# Elements without attributes, and colours.
_HARMLESS_TAG = re.compile(
    r"</?(?:b|i|em|strong|u|s|sub|sup|small|kbd|code|mark|del|ins|br|hr|p|ul|ol|li|dl|dt|dd|table|"
    r"thead|tbody|tr|td|th|blockquote|details|summary|h[1-6]|pre|center)\s{0,3}/?>"
    r"|</(?:span|font)>"
    r"|<span style=([\"'])\s*(?:background-)?color:\s*#?\w{1,30};?\s*\1>"
    r"|<font color=([\"']?)#?\w{1,30}\2>",
    re.IGNORECASE,
)
_AUTOLINK = re.compile(r"<(?:https?://[^\s<>\"'`\\]+|[\w.+-]+@[\w.-]+)>", re.IGNORECASE)
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_COMPARISON = re.compile(r"<\w+(?=[^\s\w/>:!?<-])")  # x<y) or a<b, where there is no HTML
_ENTITY = re.compile(r"&(?=(#\d{1,9};?|#[xX][0-9a-fA-F]{1,8};?|\w{1,40};?))")
_LINK = re.compile(
    # A picture of the plain kind, or the beginning of any other, of a link or of its address.
    r"!\[[^\[\]\n]*\]\(([^\s()<>\"']*)(?:[ ]+\"[^\"\n<>]*\")?\)"
    r"|!(?=\[)|\](?=\()|\](?=:)"
)
_SAFE_ADDRESS = re.compile(r"\s*<?(?:https?://|mailto:|#)", re.IGNORECASE)
_ADDRESS = re.compile(r"[(:]\s*<?\s*(\S{0,300})")
_PICTURE_FILE = re.compile(r"(?!\.)[\w-][\w./ -]{0,200}\.(?:png|jpe?g|gif)\Z", re.IGNORECASE)
_FENCE = re.compile(r"(`{3,}|~{3,})([^\n]*)")
_HEADING = re.compile(r"^( {0,3}#{1,6}[^\n]*?)[ \t#]*$", re.MULTILINE)


def clean_markdown(
    source: object, attachments: Attachments | None = None, names: Iterable[str] = ()
) -> str:
    """The text as it may be shown; empty if it is no text.

    One with nothing active in it comes back as it is, else with a note at its head. `attachments`
    is what `clean_attachments` returned. `names` are the grade_ids of the page, of which nbgrader
    makes ids: no heading may take one.
    """
    if not isinstance(source, str):
        return ""
    attached = attachments or {}
    source = printable(source).replace("\r\n", "\n").replace("\r", "\n")
    text = _plain(source, attached)
    if len(source) > _MAX_CHARACTERS:
        return _NOTE + _as_code(shortened(text, _MAX_CHARACTERS))
    taken = _page_ids(names)
    if not _renders_harmless(text, attached, taken):
        text = _HEADING.sub(r"\1 ·", text)
        if not _renders_harmless(text, attached, taken):
            text = _as_code(text)
    if text == source:
        return source
    noted = _NOTE + text
    return noted if _renders_harmless(noted, attached, taken) else _NOT_SHOWN


def clean_raw(source: object) -> str:
    """The text of a raw cell in which no HTML begins; empty if it is no text."""
    return _TAG.sub("< ", printable(source)) if isinstance(source, str) else ""


def clean_attachments(attachments: object) -> Attachments:
    """Those of a cell's attachments that are pictures."""
    kept: Attachments = {}
    if not isinstance(attachments, Mapping):
        return kept
    for name, bundle in list(attachments.items())[:_MAX_ATTACHMENTS]:
        if not isinstance(name, str) or not re.fullmatch(r"[\w.-]{1,200}", name):
            continue
        if not isinstance(bundle, Mapping):
            continue
        found = {kind: clean_raster(kind, bundle.get(kind)) for kind in RASTER_TYPES}
        pictures = {kind: content for kind, content in found.items() if content}
        if pictures:
            kept[name] = pictures
    return kept


def _page_ids(names: Iterable[str]) -> set[str]:
    """The ids that a page of formgrader has for cells of these names, and its own."""
    ids = {"top", "toc", "notebook", "notebook-container", "statusmessage"}
    for name in names:
        ids |= {name, f"{name}-comment", f"{name}_extra_credit", f"comment-{name}"}
    return ids


def _plain(source: str, attachments: Attachments) -> str:
    """The source with everything active made plain text."""
    has_html = bool(_HARMLESS_TAG.search(source))
    source = _ENTITY.sub(lambda found: "&amp;" if _hides_something(found[1]) else "&", source)
    before_tags = source
    source = _TAG.sub(
        lambda found: "<" if _may_begin(before_tags, found.start(), has_html) else "< ", source
    )
    before_links = source
    source = _LINK.sub(lambda found: _link(before_links, found, attachments), source)
    source = _FENCE.sub(_fence, source)
    return without_active_tex(source)


def _hides_something(entity: str) -> bool:
    """Whether an entity stands for something with which commands and addresses are written."""
    character = html.unescape(f"&{entity}")
    if character == f"&{entity}" or character.startswith(("<", ">", "&", '"', "'")):
        return False
    return any(
        letter.isascii() and (letter.isalnum() or letter in "\\:$(){}[]/\t\n")
        for letter in character
    )


def _may_begin(source: str, position: int, has_html: bool) -> bool:
    """Whether the `<` at this position begins nothing, or something harmless."""
    if _HARMLESS_TAG.match(source, position) or _AUTOLINK.match(source, position):
        return True
    return not has_html and bool(_COMPARISON.match(source, position))


def _link(source: str, found: re.Match[str], attachments: Attachments) -> str:
    """The beginning of a link or a picture as it is, or with a space that makes it text."""
    text, address = found[0], found[1]
    if address is not None:
        if address.startswith("attachment:"):
            harmless = address.removeprefix("attachment:") in attachments
        else:
            is_file = _PICTURE_FILE.match(address) is not None
            harmless = is_file and ".." not in address and "//" not in address
        return text if harmless else f"! {text[1:].replace('](', '] (')}"
    if text == "!":
        return "! "
    following = _ADDRESS.match(source, found.end())
    assert following is not None  # _LINK looked ahead for its first character
    is_word = len(following[1]) < 300 and not re.search(r"[:/\\.&%?]", following[1])
    if is_word or _SAFE_ADDRESS.match(source, found.end() + 1):
        return text
    return f"{text} "


def _fence(found: re.Match[str]) -> str:
    """The beginning of a block of code, which JupyterLab does not draw as a diagram."""
    language = html.unescape(found[2]).replace("\\", "").lower()
    return f"{found[1]}text {found[2]}" if "mermaid" in language else found[0]


def _as_code(text: str) -> str:
    """The text as one block of code, whatever backticks it has in it."""
    text = re.sub("`{40}", r"\g<0> ", text)
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}\n"


_RENDERED_TAGS = words("""
    a b blockquote br center code dd del details div dl dt em font h1 h2 h3 h4 h5 h6 hr i img input
    ins kbd li mark ol p pre s small span strong sub summary sup table tbody td th thead tr u ul
""")
_RENDERED_ATTRIBUTES = words("alt checked class color disabled href id src start style title type")
_RENDERED_VALUES = {
    "href": re.compile(r"(?:https?://|mailto:|#).*|[^:/\\.&%?]*", re.IGNORECASE | re.DOTALL),
    "src": re.compile(
        r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=]*|(?![/\\])[\w./%-]+", re.IGNORECASE
    ),
    "style": re.compile(r"\s*(?:text-align|color|background-color)\s*:\s*[#\w]+\s*;?\s*"),
    "class": re.compile(r"[\w +#.-]*"),
}
# nbconvert needs time that grows with the square of their number.
_SLOW = {
    re.compile(r"\\begin\b"): 300,
    re.compile(r"\\\\[(\[]"): 1000,
    re.compile(r"\n[^\S\n]*:"): 3000,
}


def _renders_harmless(source: str, attachments: Attachments, taken_ids: Collection[str]) -> bool:
    """Whether nbconvert makes harmless HTML of the text, within a bounded time."""
    if any(len(pattern.findall(source)) > most for pattern, most in _SLOW.items()):
        return False
    renderer = IPythonRenderer(escape=False, attachments=attachments)
    try:
        rendered = MarkdownWithMath(renderer=renderer).render(source)
    except Exception:  # whatever it is would stop the instructor's page as well
        return False
    check = _RenderedCheck(taken_ids)
    check.feed(rendered)
    check.close()
    return check.harmless


class _RenderedCheck(HTMLParser):
    """Reads HTML; `harmless` says whether each element, attribute and value is on a list."""

    def __init__(self, taken_ids: Collection[str]) -> None:
        super().__init__()
        self._taken_ids = taken_ids
        self.harmless = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.harmless &= tag in _RENDERED_TAGS and all(
            self._is_listed(tag, name, value or "") for name, value in attrs
        )

    def _is_listed(self, tag: str, name: str, value: str) -> bool:
        if name not in _RENDERED_ATTRIBUTES:
            return False
        if name in _RENDERED_VALUES:
            return _RENDERED_VALUES[name].fullmatch(value) is not None
        if name == "id":
            return value not in self._taken_ids
        return tag != "input" or name != "type" or value == "checkbox"

    def handle_comment(self, data: str) -> None:
        self.harmless = False

    def handle_decl(self, decl: str) -> None:
        self.harmless = False

    def handle_pi(self, data: str) -> None:
        self.harmless = False

    def unknown_decl(self, data: str) -> None:
        self.harmless = False
