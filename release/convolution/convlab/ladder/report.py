"""The report of a climb: the rungs that hold, the one that fails, the rest; as a page and as text.

The page is static HTML, which reads well without its style too, where JupyterLab takes that away.
The text has lines of bounded length, for a terminal.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from ..findings import KIND, findings
from ..messages import Message, message, table
from ..mistakes import NotImplementedYet
from ..player import tables
from ..player.page import lean
from ..printing import number, size
from .finding import PLAIN, Finding, Sheet, sheet
from .rungs import ALL_SECONDS, FURTHER, RUNGS, Climb
from .small_cases import code

HELD, FELL, NEXT, OPEN = "✓", "✗", "→", "·"
WIDTH, INDENT = 100, 4
CROSS = "✗"
STYLE = lean(Path(__file__).parent / "report.css")
BADGES = {HELD: "#1a7f37", FELL: "#b35806", NEXT: "#1f5fa8"}
SIDE_BY_SIDE = "display:flex;flex-wrap:wrap;gap:16px"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Report:
    """How far a function climbed: `climb`, and the Finding of the rung that failed, or None.

    `outdated` is what is said first, if the function is not the one written last, `tested` which
    one it is. Where what was handed in `is_function` not, there is no ladder but that sentence.
    """

    def __init__(
        self,
        climb: Climb,
        finding: Finding | None = None,
        outdated: Message | None = None,
        tested: Message | None = None,
        language: str | None = None,
        is_function: bool = True,
    ) -> None:
        self.climb, self.finding, self.language = climb, finding, language
        self.outdated, self.tested, self.is_function = outdated, tested, is_function

    @property
    def passed(self) -> list[str]:
        """The names of the rungs that hold, from the bottom."""
        return list(self.climb.passed)

    @property
    def failed(self) -> str | None:
        """The name of the rung that fails, or None."""
        return self.climb.fell.rung if self.climb.fell else None

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """The whole ladder as (mark, name of the rung, its title)."""
        if not self.is_function:
            return []
        marks = dict.fromkeys(self.passed, HELD)
        if self.climb.fell:
            begin = isinstance(self.climb.fell.mistake, NotImplementedYet)
            marks[self.climb.fell.rung] = NEXT if begin or self.failed == FURTHER else FELL
        words = table("rungs", self.language)
        return [(marks.get(name, OPEN), name, words[name]["title"]) for name in RUNGS]

    @property
    def warning(self) -> str:
        """What is said before all else, or ""."""
        return self.outdated.text(self.language) if self.outdated else ""

    @property
    def verdict(self) -> str:
        """How far it went, in a sentence, and which version was tested if there are several."""
        if not self.is_function and self.finding and self.finding.diagnosis:
            return self.finding.diagnosis.text(self.language)
        if self.finding and isinstance(self.finding.mistake, NotImplementedYet):
            return self.say("not-begun")
        told = [message("rungs", "count", held=len(self.passed), all=len(RUNGS)), self.tested]
        return " ".join(each.text(self.language) for each in told if each)

    @property
    def end(self) -> str:
        """What is said under the ladder, if nothing that is graded fails."""
        if self.climb.late:
            return self.say("late", seconds=ALL_SECONDS, one=number(self.climb.slowest))
        if self.failed == FURTHER:
            return self.say("only-kernel")
        return "" if self.finding else self.say("all-right")

    def say(self, name: str, **facts: Any) -> str:
        """The words of this name around the ladder, in the language of this report."""
        return message("rungs", name, **facts).text(self.language)

    def __repr__(self) -> str:
        return printable(report_as_text(self))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": printable(report_as_page(self)), "text/plain": repr(self)}


class Told:
    """One Finding alone, without a ladder, as a graded cell shows it."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding

    def __repr__(self) -> str:
        return printable(finding_as_text(self.finding))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        page = framed(f'<div class="cl-finding">{finding_as_page(self.finding)}</div>')
        recorded = findings(self.finding.diagnosis, self.finding.language)
        return {"text/html": printable(page), "text/plain": repr(self), KIND: recorded}


def printable(text: str) -> str:
    """The text with a mark for every character that a screen would obey instead of showing it."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def framed(inside: str) -> str:
    """A piece of a page with its style."""
    return f'<div class="convlab-report"><style>{STYLE}</style>{inside}</div>'


def report_as_page(report: Report) -> str:
    """The whole Report: the warning, the verdict, then the ladder."""
    first = f"<p class=cl-warning>{marked(report.warning)}</p>" if report.warning else ""
    rungs = "".join(rung_as_page(report, *line) for line in report.lines)
    if report.finding and not report.is_function:
        rungs = hints_as_page(report.finding)
    end = f"<p class=cl-end>{escape(report.end)}</p>" if report.end else ""
    return framed(f"{first}<p class=cl-count>{marked(report.verdict)}</p>{rungs}{end}")


def rung_as_page(report: Report, mark: str, name: str, title: str) -> str:
    """One rung: folded if it holds, with what was found if it fails, else its title alone."""
    head = f"{badge(mark)} {marked(title)}"
    if mark == OPEN:
        return f'<div class="cl-rung cl-open" style="opacity:.75">{head}</div>'
    if mark == HELD:
        asks = f"<p>{marked(table('rungs', report.language)[name]['asks'])}</p>"
        asked = f'<div class="cl-asked">{asks}{picture(report, name)}</div>'
        return f'<details class="cl-rung"><summary>{head}</summary>{asked}</details>'
    kind = "cl-fell" if mark == FELL else "cl-begin"
    finding = finding_as_page(report.finding) if report.finding else ""
    told = f'<div class="cl-finding">{finding}</div>'
    return f'<div class="cl-rung {kind}"><b>{head}</b>{told}</div>'


def badge(mark: str) -> str:
    """A rung's mark, in white on a colour of its own where it says something."""
    colour = BADGES.get(mark)
    style = f' style="background-color:{colour};color:#fff"' if colour else ""
    return f'<span class="cl-badge"{style}>{mark}</span>'


def finding_as_page(found: Finding) -> str:
    """One Finding: observed, tables, diagnosis, hints, each a paragraph."""
    parts = [
        paragraph(found.say("observed"), found.observed),
        side_by_side(found.sheets, found.language),
    ]
    if found.key:
        parts.append(f"<p class=cl-key>{escape(found.key)}</p>")
    if found.diagnosed:
        parts.append(paragraph(*found.diagnosed, "cl-diagnosis"))
    parts.append(hints_as_page(found))
    if found.sheets and code(found.case):
        summary, numbers = found.say("numbers"), escape(code(found.case))
        parts.append(f"<details><summary>{summary}</summary><pre>{numbers}</pre></details>")
    return "".join(parts)


def hints_as_page(found: Finding) -> str:
    """The hints that are told, each a paragraph, and how to get the next one."""
    more = f"<p class=cl-more>{found.say('more')} <code>{escape(found.more)}</code></p>"
    return "".join(paragraph(*hint) for hint in found.told) + (more if found.more else "")


def paragraph(lead: str, words: str, kind: str = "") -> str:
    """A sentence after what stands before it."""
    return f"<p{f' class={kind}' if kind else ''}><b>{escape(lead)}</b> {marked(words)}</p>"


def marked(words: str) -> str:
    """Text as HTML, `code` between backquotes as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(" ".join(words.split())))


def side_by_side(sheets: Sequence[Sheet], language: str | None) -> str:
    """Tables beside each other where there is room."""
    panes = "".join(
        tables.table(sheet.name, sheet.caption.text(language), sheet.rows) for sheet in sheets
    )
    return f'<div class="cl-tables" style="{SIDE_BY_SIDE}">{panes}</div>' if panes else ""


def picture(report: Report, name: str) -> str:
    """A small picture of what a rung asked, for those that ask about places; else nothing."""
    climb = report.climb
    case, sheets = climb.impulses[0], []
    if name == "size":
        pairs = [(size(each.before[0].shape), size(each.target.shape)) for each in climb.random]
        rows = [[(text, PLAIN) for text in line] for line in zip(*pairs, strict=True)]
        sheets = [Sheet("sizes", message("rungs", "sizes"), rows)]
    elif name == "window":
        image, kernel = (part[:3, :3] for part in climb.first.before)
        sheets = [
            sheet("image", "patch-of", image),
            sheet("kernel", "kernel", kernel),
            sheet("expected", "output", climb.first.target[:1, :1]),
        ]
    elif name in ("impulse", "weights"):
        image, kernel = case.before
        lit, reached = image.nonzero().tolist(), case.target.nonzero().tolist()
        dark = sheet("image", "image", image, patch=lit)
        first = dark if name == "impulse" else sheet("kernel", "kernel", kernel)
        sheets = [first, sheet("expected", "map", case.target, patch=reached)]
    return side_by_side(sheets, report.language)


def report_as_text(report: Report) -> str:
    """The whole Report: a line for each rung, and under the one that fails what was found."""
    first = [textwrap.fill(report.warning, WIDTH), ""] if report.warning else []
    lines = [*first, textwrap.fill(report.verdict, WIDTH)]
    for mark, _, title in report.lines:
        lines.append(f"{mark} {title}")
        if mark in (FELL, NEXT) and report.finding:
            lines += ["", textwrap.indent(finding_as_text(report.finding), " " * INDENT), ""]
    if report.finding and not report.is_function:
        lines += hints_as_text(report.finding)
    lines += [textwrap.fill(report.end, WIDTH)] if report.end else []
    return "\n".join(lines).rstrip()


def finding_as_text(found: Finding) -> str:
    """One Finding: observed, tables, diagnosis, hints."""
    parts = [
        sentence(found.say("observed"), found.observed),
        tables_as_text(found.sheets, found.language),
        textwrap.fill(found.key, WIDTH - INDENT),
    ]
    parts += [sentence(*found.diagnosed)] if found.diagnosed else []
    return "\n".join(filter(None, [*parts, *hints_as_text(found)]))


def hints_as_text(found: Finding) -> list[str]:
    """The hints that are told, and how to get the next one."""
    more = [f"{found.say('more')} {found.more}"] if found.more else []
    return [*(sentence(*hint) for hint in found.told), *more]


def sentence(lead: str, words: str) -> str:
    """A sentence with what stands before it, in lines of bounded length."""
    return textwrap.fill(
        f"{lead} {' '.join(words.split())}",
        WIDTH - INDENT,
        subsequent_indent="  ",
        break_on_hyphens=False,
    )


def tables_as_text(sheets: Sequence[Sheet], language: str | None = None) -> str:
    """Tables side by side, in as many bands as it takes."""
    bands: list[list[list[str]]] = []
    width = 0
    for each in sheets:
        block = table_as_lines(each, language)
        if bands and width + len(block[0]) + INDENT <= WIDTH - INDENT:
            bands[-1].append(block)
            width += len(block[0]) + INDENT
        else:
            bands.append([block])
            width = len(block[0])
    return "\n".join(band_as_text(band) for band in bands)


def table_as_lines(sheet: Sheet, language: str | None = None) -> list[str]:
    """One table as lines of equal length: its caption, its rows, crosses in their own column."""
    crossed = any(CROSS in text for row in sheet.rows for text, _ in row)
    cells = [
        [f"{text}  " if crossed and CROSS not in text else text for text, _ in row]
        for row in sheet.rows
    ]
    wide = max(len(text) for row in cells for text in row)
    rows = ["  ".join(text.rjust(wide) for text in row).rstrip() for row in cells]
    lines = [sheet.caption.text(language), *rows]
    length = max(map(len, lines))
    return [line.ljust(length) for line in lines]


def band_as_text(blocks: Sequence[list[str]]) -> str:
    """Blocks of lines, one beside the other."""
    height = max(map(len, blocks))
    filled = [block + [" " * len(block[0])] * (height - len(block)) for block in blocks]
    return "\n".join("    ".join(parts).rstrip() for parts in zip(*filled, strict=True))
