"""Owns the report as static HTML, which reads well without its style too, where JupyterLab takes that away."""

import re
from html import escape
from pathlib import Path

from .. import messages
from ..player import tables
from ..player.page import lean
from ..printing import size
from .cases import code
from .finding import PLAIN, Sheet, sheet

STYLE = lean(Path(__file__).parent / "report.css")
BADGES = {"✓": "#1a7f37", "✗": "#b35806", "→": "#1f5fa8"}
SIDE_BY_SIDE = "display:flex;flex-wrap:wrap;gap:16px"


def framed(inside):
    """A piece of a page with its style."""
    return f'<div class="convlab-report"><style>{STYLE}</style>{inside}</div>'


def report(told):
    """The whole Report: the verdict, then the ladder."""
    rungs = "".join(rung(told, *line) for line in told.lines)
    end = f"<p class=cl-end>{escape(told.end)}</p>" if told.end else ""
    return framed(f"<p class=cl-count>{escape(told.verdict)}</p>{rungs}{end}")


def alone(found):
    """One Finding without a ladder."""
    return framed(f'<div class="cl-finding">{finding(found)}</div>')


def rung(told, mark, name, title):
    """One rung: folded if it holds, with what was found if it fails, its title alone if it was not asked."""
    head = f"{badge(mark)} {marked(title)}"
    if mark == "·":
        return f'<div class="cl-rung cl-open" style="opacity:.75">{head}</div>'
    if mark == "✓":
        asked = f"<p>{marked(messages.table('rungs')[name]['asks'])}</p>{picture(told.climb, name)}"
        return f'<details class="cl-rung"><summary>{head}</summary><div class="cl-asked">{asked}</div></details>'
    kind = "cl-fell" if mark == "✗" else "cl-begin"
    return f'<div class="cl-rung {kind}"><b>{head}</b><div class="cl-finding">{finding(told.finding)}</div></div>'


def badge(mark):
    """A rung's mark, in white on a colour of its own where it says something."""
    colour = BADGES.get(mark)
    style = f' style="background-color:{colour};color:#fff"' if colour else ""
    return f'<span class="cl-badge"{style}>{mark}</span>'


def finding(found):
    """One Finding: observed, tables, diagnosis, hints, each a paragraph."""
    parts = [
        paragraph(messages.say("rungs", "observed"), found.observed),
        side_by_side(found.sheets),
    ]
    parts += [f"<p class=cl-key>{escape(found.key)}</p>"] if found.key else []
    parts += [paragraph(*found.diagnosed, "cl-diagnosis")] if found.diagnosed else []
    parts += [paragraph(*hint) for hint in found.told]
    parts += (
        [f"<p class=cl-more>{messages.say('rungs', 'more')} <code>{found.more}</code></p>"]
        if found.more
        else []
    )
    parts += (
        [
            f"<details><summary>{messages.say('rungs', 'numbers')}</summary><pre>{escape(code(found.case))}</pre></details>"
        ]
        if found.sheets and code(found.case)
        else []
    )
    return "".join(parts)


def paragraph(lead, words, kind=""):
    """A sentence after what stands before it."""
    return f"<p{f' class={kind}' if kind else ''}><b>{escape(lead)}</b> {marked(words)}</p>"


def marked(words):
    """Text as HTML, `code` between backquotes as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(" ".join(words.split())))


def side_by_side(sheets):
    """Tables beside each other where there is room."""
    panes = "".join(tables.table(sheet.name, sheet.caption, sheet.rows) for sheet in sheets)
    return f'<div class="cl-tables" style="{SIDE_BY_SIDE}">{panes}</div>' if panes else ""


def picture(climb, name):
    """A small picture of what a rung asked, for those that ask about places; else nothing."""
    case = climb.impulses[0]
    if name == "size":
        pairs = [(size(each.before[0].shape), size(each.target.shape)) for each in climb.random]
        rows = [[(text, PLAIN) for text in line] for line in zip(*pairs)]
        return side_by_side([Sheet("sizes", "image, and map below it", rows)])
    if name == "window":
        image, kernel = (part[:3, :3] for part in climb.first.before)
        return side_by_side(
            [
                sheet("image", "patch", image),
                sheet("kernel", "kernel", kernel),
                sheet("expected", "output (0, 0)", climb.first.target[:1, :1]),
            ]
        )
    if name in ("impulse", "weights"):
        first = (
            sheet("image", "image", case.before[0], patch=case.before[0].nonzero().tolist())
            if name == "impulse"
            else sheet("kernel", "kernel", case.before[1])
        )
        return side_by_side(
            [first, sheet("expected", "map", case.target, patch=case.target.nonzero().tolist())]
        )
    return ""
