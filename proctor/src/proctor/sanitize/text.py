"""Owns plain text: characters that files and pages can hold, colours of a terminal and nothing else of it, bounded length."""

import re

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
ESCAPES = re.compile(
    "(?:\x1b\\[|\x9b)([0-?]*)[ -/]*([@-~])"  # control sequences, of which colours are kept
    "|(?:\x1b\\]|\x9d)[^\x07\x1b\x9c]{0,8192}(?:\x07|\x1b\\\\|\x9c)?"  # window titles, links, the clipboard
    "|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c]{0,8192}(?:\x1b\\\\|\x9c)?"  # device strings
    "|\x1b[ -/]*[0-~]?"
)
COLOURS = 1000  # nbconvert copies the rest of the text at every one of them
TEX = re.compile(  # what takes addresses, styles, names of elements or further programs
    r"\\(?=(?:href|url|style|class|cssId|data|html[A-Za-z]*|require|bbox|mmlToken|csname|includegraphics|img|input|include|special|"
    r"fcolorbox|Tip|action)(?![A-Za-z]))"
)


def legible(text):
    """The text with a mark in the place of each character that pages or UTF-8 files cannot hold."""
    return UNPRINTABLE.sub(
        "\N{REPLACEMENT CHARACTER}", text.replace("\x1b", "\N{REPLACEMENT CHARACTER}")
    )


def clean_code(text):
    """A student's code as it can be written to a file: unchanged but for lone surrogates and NULs."""
    return (
        re.sub("[\x00\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)
        if isinstance(text, str)
        else ""
    )


def terminal(text):
    """Text of a terminal: colours stay, everything else that a terminal would obey is taken out."""
    left = COLOURS

    def kept(found):
        nonlocal left
        left -= 1
        return coloured(found[1]) if found[2] == "m" and left >= 0 else ""

    return UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", ESCAPES.sub(kept, text))


def coloured(parameters):
    """One colour sequence, complete, or nothing: nbconvert fails on a colour whose numbers are missing."""
    if not re.fullmatch(r"(?:\d{0,3}(?:;\d{0,3}){0,15})", parameters):
        return ""
    numbers = [int(number or 0) for number in parameters.split(";")]
    kept = []
    while numbers:
        number = numbers.pop(0)
        if number not in (38, 48):
            kept.append(number)
            continue
        wanted = {5: 2, 2: 4}.get(numbers[0] if numbers else None)
        more, numbers = numbers[: wanted or 0], numbers[wanted or 0 :]
        if not wanted or len(more) < wanted or max(more) > 255:
            return ""
        kept += [number, *more]
    return f"\x1b[{';'.join(map(str, kept))}m"


def bounded(text, most):
    """The text, or its beginning and end with the count of what is left out between them."""
    if len(text) <= most:
        return text
    head, tail = text[: max(0, most * 9 // 10 - 100)], text[len(text) - most // 10 :]
    return f"{head}\n[… proctor left out {len(text) - len(head) - len(tail)} characters here …]\n{tail}"


def tame(text):
    """Text in which no formula carries an address, a style or a program: such commands stand there as they were typed."""
    return TEX.sub(r"\\ ", text)
