"""Owns the report in a terminal: lines of bounded length, tables side by side where there is room."""

import textwrap

from .. import messages

WIDTH = 100


def report(told):
    """The whole Report: a line for each rung, and under the one that fails what was found."""
    lines = [told.verdict]
    for mark, _, title in told.lines:
        lines.append(f"{mark} {title}")
        if mark in "✗→":
            lines += ["", textwrap.indent(finding(told.finding), "    "), ""]
    lines += [textwrap.fill(told.end, WIDTH)] if told.end else []
    return "\n".join(lines).rstrip()


def finding(found):
    """One Finding: observed, tables, diagnosis, hints."""
    parts = [
        sentence(messages.say("rungs", "observed"), found.observed),
        tables(found.sheets),
        textwrap.fill(found.key, WIDTH - 4),
    ]
    parts += [sentence(*found.diagnosed)] if found.diagnosed else []
    parts += [sentence(*hint) for hint in found.told]
    parts += [f"{messages.say('rungs', 'more')} {found.more}"] if found.more else []
    return "\n".join(filter(None, parts))


def sentence(lead, words):
    """A sentence with what stands before it, in lines of bounded length."""
    return textwrap.fill(
        f"{lead} {' '.join(words.split())}",
        WIDTH - 4,
        subsequent_indent="  ",
        break_on_hyphens=False,
    )


def tables(sheets):
    """Tables side by side, in as many bands as it takes."""
    bands, width = [], 0
    for sheet in sheets:
        block = lines(sheet)
        if bands and width + len(block[0]) + 4 <= WIDTH - 4:
            bands[-1].append(block)
            width += len(block[0]) + 4
        else:
            bands.append([block])
            width = len(block[0])
    return "\n".join(beside(band) for band in bands)


def lines(sheet):
    """One table as lines of equal length: its caption, then its rows, crosses in a column of their own."""
    crossed = any("✗" in text for row in sheet.rows for text, _ in row)
    cells = [
        [f"{text}  " if crossed and "✗" not in text else text for text, _ in row]
        for row in sheet.rows
    ]
    wide = max(len(text) for row in cells for text in row)
    rows = ["  ".join(text.rjust(wide) for text in row).rstrip() for row in cells]
    length = max(map(len, [sheet.caption, *rows]))
    return [line.ljust(length) for line in [sheet.caption, *rows]]


def beside(blocks):
    """Blocks of lines, one beside the other."""
    height = max(map(len, blocks))
    filled = [block + [" " * len(block[0])] * (height - len(block)) for block in blocks]
    return "\n".join("    ".join(parts).rstrip() for parts in zip(*filled))
