"""Plain text: characters that files and pages can hold, colours of a terminal, bounded length."""

import re

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ESCAPE_SEQUENCES = re.compile(
    # Control sequences, of which colours are kept.
    "(?:\x1b\\[|\x9b)([0-?]*)[ -/]*([@-~])"
    # Commands of the operating system: window titles, links, the clipboard.
    "|(?:\x1b\\]|\x9d)[^\x07\x1b\x9c]{0,8192}(?:\x07|\x1b\\\\|\x9c)?"
    # Strings for the device.
    "|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c]{0,8192}(?:\x1b\\\\|\x9c)?"
    "|\x1b[ -/]*[0-~]?"
)
_MAX_COLOURS = 1000  # nbconvert copies the rest of the text at every one of them
# Commands of formulas that take addresses, styles, names of elements or further programs.
_ACTIVE_TEX = re.compile(
    r"\\(?=(?:href|url|style|class|cssId|data|html[A-Za-z]*|require|bbox|mmlToken|csname|"
    r"includegraphics|img|input|include|special|fcolorbox|Tip|action)(?![A-Za-z]))"
)
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def words(text: str) -> frozenset[str]:
    """The words of a text, for lists of names."""
    return frozenset(text.split())


def printable(text: str) -> str:
    """The text with a mark in the place of each character that pages or files cannot hold."""
    return _UNPRINTABLE.sub(_REPLACEMENT, text.replace("\x1b", _REPLACEMENT))


def clean_code(text: object) -> str:
    """A student's code as it can be written to a file; empty if it is no text.

    Only lone surrogates and NULs are replaced.
    """
    return re.sub("[\x00\ud800-\udfff]", _REPLACEMENT, text) if isinstance(text, str) else ""


def terminal_text(text: str) -> str:
    """Text with its colours, without everything else that a terminal would obey."""
    colours_left = _MAX_COLOURS

    def kept(found: re.Match[str]) -> str:
        nonlocal colours_left
        colours_left -= 1
        return _colour(found[1]) if found[2] == "m" and colours_left >= 0 else ""

    return _UNPRINTABLE.sub(_REPLACEMENT, _ESCAPE_SEQUENCES.sub(kept, text))


def _colour(parameters: str) -> str:
    """A whole colour sequence, or nothing: nbconvert fails on one whose numbers are missing."""
    if not re.fullmatch(r"\d{0,3}(?:;\d{0,3}){0,15}", parameters):
        return ""
    numbers = [int(number or 0) for number in parameters.split(";")]
    kept: list[int] = []
    while numbers:
        number = numbers.pop(0)
        if number not in (38, 48):
            kept.append(number)
            continue
        # 38 and 48 are followed by 5 and a colour's number, or by 2 and red, green and blue.
        length = {5: 2, 2: 4}.get(numbers[0], 0) if numbers else 0
        colour, numbers = numbers[:length], numbers[length:]
        if not length or len(colour) < length or max(colour) > 255:
            return ""
        kept += [number, *colour]
    return f"\x1b[{';'.join(map(str, kept))}m"


def shortened(text: str, length: int) -> str:
    """The text, or its beginning and end with the count of what is left out between them."""
    if len(text) <= length:
        return text
    head = text[: max(0, length * 9 // 10 - 100)]
    tail = text[len(text) - length // 10 :]
    left_out = len(text) - len(head) - len(tail)
    return f"{head}\n[… proctor left out {left_out} characters here …]\n{tail}"


def without_active_tex(text: str) -> str:
    """The text with a space in each command that would make a formula active: they are shown."""
    return _ACTIVE_TEX.sub(r"\\ ", text)
