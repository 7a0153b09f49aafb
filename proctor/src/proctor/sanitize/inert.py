"""Owns the second look: markdown as nbconvert renders it, read again for anything active or anything of the page's own."""

import re
from html.parser import HTMLParser

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

ELEMENTS = frozenset(
    """
    a b blockquote br center code dd del details div dl dt em font h1 h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p pre s small
    span strong sub summary sup table tbody td th thead tr u ul
""".split()
)
ATTRIBUTES = frozenset(
    "alt checked class color disabled href id src start style title type".split()
)
STYLE = re.compile(r"\s*(?:text-align|color|background-color)\s*:\s*[#\w]+\s*;?\s*")
CLASSES = re.compile(r"[\w +#.-]*")
PICTURE = re.compile(
    r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=]*|(?![/\\])[\w./%-]+", re.IGNORECASE
)
INTRICATE = (
    (r"\\begin\b", 300),
    (r"\\\\[(\[]", 1000),
    (r"\n[^\S\n]*:", 3000),
)  # nbconvert needs time that grows with their square


def trouble(source, attachments, taken):
    """What is wrong with the text as nbconvert shows it, in words, or None; `taken` are ids that it may not have."""
    if any(len(re.findall(pattern, source)) > most for pattern, most in INTRICATE):
        return "it is too intricate"
    try:
        rendered = MarkdownWithMath(
            renderer=IPythonRenderer(escape=False, attachments=attachments)
        ).render(source)
    except Exception as error:  # whatever a renderer of markdown trips over would trip the instructor's page as well
        return f"nbconvert cannot show it: {error}"
    look = Look(taken)
    look.feed(rendered)
    look.close()
    return look.found


class Look(HTMLParser):
    """Reads HTML and keeps the first thing that is on no list, in `found`."""

    def __init__(self, taken):
        super().__init__()
        self.taken, self.found = taken, None

    def handle_starttag(self, tag, attrs):
        """Hold an element and its attributes against the lists."""
        if tag not in ELEMENTS:
            self.found = self.found or f"<{tag}>"
        for name, value in attrs:
            if name not in ATTRIBUTES or not self.good(tag, name, value or ""):
                self.found = self.found or f"<{tag} {name}>"

    def good(self, tag, name, value):
        """Whether an attribute's value is harmless."""
        if name == "href":
            return re.match(r"https?://|mailto:|#|[^:/\\.&%?]*\Z", value, re.IGNORECASE)
        if name == "src":
            return PICTURE.fullmatch(value)
        if name == "style":
            return STYLE.fullmatch(value)
        if name == "class":
            return CLASSES.fullmatch(value)
        return (
            value not in self.taken
            if name == "id"
            else tag != "input" or name != "type" or value == "checkbox"
        )

    def handle_decl(self, decl):
        """Note a declaration."""
        self.found = self.found or "a declaration"

    handle_comment = handle_pi = unknown_decl = handle_decl
