"""Owns a student's markdown: words, formulas and code stay as they were typed; what could run, load or imitate is made plain text."""

import html
import re

from proctor.sanitize import pictures, text
from proctor.sanitize.inert import trouble
from proctor.sanitize.limits import Limits

NOTE = (
    "> **proctor:** parts of this text that would have run, loaded or hidden something when it is opened (HTML, links, pictures, "
    "commands in formulas) stand here as plain text, most with a space put into them.\n\n"
)
LATER = "[proctor does not show this text: no way was found to show it safely. It is in the submission.]"
LONG = 60_000
HARMLESS = re.compile(  # elements without attributes, and colours
    r"</?(?:b|i|em|strong|u|s|sub|sup|small|kbd|code|mark|del|ins|br|hr|p|ul|ol|li|dl|dt|dd|table|thead|tbody|tr|td|th|blockquote|"
    r"details|summary|h[1-6]|pre|center)\s{0,3}/?>|</(?:span|font)>"
    r"|<span style=([\"'])\s*(?:background-)?color:\s*#?\w{1,30};?\s*\1>|<font color=([\"']?)#?\w{1,30}\2>",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"<(?:https?://[^\s<>\"'`\\]+|[\w.+-]+@[\w.-]+)>", re.IGNORECASE)
TAG = re.compile(r"<(?=[A-Za-z/!?])")
COMPARISON = re.compile(r"<\w+(?=[^\s\w/>:!?<-])")  # x<y) or a<b, where no HTML is about
ENTITY = re.compile(r"&(?=(#\d{1,9};?|#[xX][0-9a-fA-F]{1,8};?|\w{1,40};?))")
LINK = re.compile(
    r"!\[[^\[\]\n]*\]\(([^\s()<>\"']*)(?:[ ]+\"[^\"\n<>]*\")?\)"  # a picture of the plain kind
    r"|!(?=\[)|\](?=\()|\](?=:)"
)
SAFE = re.compile(r"\s*<?(?:https?://|mailto:|#)", re.IGNORECASE)
NEXT = re.compile(r"[(:]\s*<?\s*(\S{0,300})")
FILE = re.compile(r"(?!\.)[\w-][\w./ -]{0,200}\.(?:png|jpe?g|gif)\Z", re.IGNORECASE)
FENCE = re.compile(r"(`{3,}|~{3,})([^\n]*)")
HEADING = re.compile(r"^( {0,3}#{1,6}[^\n]*?)[ \t#]*$", re.MULTILINE)


def clean_markdown(source, attachments=None, names=()):
    """The text as it may be shown; one that has nothing active in it comes back as it is, else with a note at its head.

    `attachments` is what `clean_attachments` returned. `names` are ids of the page (grade_ids) that no heading may take.
    """
    if not isinstance(source, str):
        return ""
    source, attached = text.legible(source), attachments or {}
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    if len(source) > LONG:
        return NOTE + verbatim(text.bounded(plain(source, attached), LONG))
    taken = ids(names)
    shown = plain(source, attached)
    if trouble(shown, attached, taken):
        shown = HEADING.sub(r"\1 ·", shown)
    if trouble(shown, attached, taken):
        shown = verbatim(shown)
    if shown == source:
        return source
    return NOTE + shown if not trouble(NOTE + shown, attached, taken) else LATER


def clean_raw(source):
    """A student's raw text, in which no HTML begins."""
    return TAG.sub("< ", text.legible(source)) if isinstance(source, str) else ""


def clean_attachments(attachments, limits=Limits()):
    """Those of a cell's attachments that are pictures, by name."""
    kept = {}
    for name, bundle in list(attachments.items())[:50] if isinstance(attachments, dict) else ():
        good = (
            isinstance(name, str)
            and re.fullmatch(r"[\w.-]{1,200}", name)
            and isinstance(bundle, dict)
        )
        found = (
            {kind: pictures.picture(kind, bundle.get(kind), limits) for kind in pictures.KINDS}
            if good
            else {}
        )
        if any(found.values()):
            kept[name] = {kind: content for kind, content in found.items() if content}
    return kept


def ids(names):
    """The ids that a page of formgrader has for cells of these names, and its own."""
    return (
        {f"{name}{end}" for name in names for end in ("", "-comment", "_extra_credit")}
        | {f"comment-{name}" for name in names}
        | {"top", "toc", "notebook", "notebook-container", "statusmessage"}
    )


def plain(source, attachments):
    """The source with everything active made plain text."""
    mixed = bool(HARMLESS.search(source))
    source = ENTITY.sub(lambda found: "&amp;" if meant(found[1]) else "&", source)
    source = TAG.sub(lambda found: "<" if allowed(source, found.start(), mixed) else "< ", source)
    source = LINK.sub(lambda found: linked(source, found, attachments), source)
    source = FENCE.sub(
        lambda found: f"{found[1]}text {found[2]}" if "mermaid" in decoded(found[2]) else found[0],
        source,
    )
    return text.tame(source)


def decoded(part):
    """What a markdown parser makes of a part: entities and escapes resolved."""
    return html.unescape(part).replace("\\", "").lower()


def meant(entity):
    """Whether an entity stands for a letter, a digit or a mark with which commands and addresses are written."""
    said = html.unescape(f"&{entity}")
    return (
        any(
            letter.isascii() and (letter.isalnum() or letter in "\\:$(){}[]/\t\n")
            for letter in said
        )
        and said != f"&{entity}"
        and not said.startswith(("<", ">", "&", '"', "'"))
    )


def allowed(source, at, mixed):
    """Whether the `<` at this place begins nothing, or something harmless."""
    if HARMLESS.match(source, at) or ADDRESS.match(source, at):
        return True
    return not mixed and bool(COMPARISON.match(source, at))


def linked(source, found, attachments):
    """The beginning of a link or a picture as it may stand, or with a space that makes it text."""
    if found[1] is not None:
        address = found[1]
        good = (
            address[11:] in attachments
            if address.startswith("attachment:")
            else FILE.match(address) and ".." not in address and "//" not in address
        )
        return found[0] if good else f"! {found[0][1:].replace('](', '] (')}"
    if found[0] == "!":
        return "! "
    address = NEXT.match(source, found.end())
    if (
        SAFE.match(source, found.end() + 1)
        or len(address[1]) < 300
        and not re.search(r"[:/\\.&%?]", address[1])
    ):
        return found[0]
    return f"{found[0]} "


def verbatim(source):
    """The text as one block of code, whatever marks it has in it."""
    source = re.sub("`{40}", r"\g<0> ", source)
    longest = max((len(run) for run in re.findall(r"`+", source)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{source}\n{fence}\n"
