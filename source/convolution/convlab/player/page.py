"""Owns putting the player's static tables, its numbers, style and script into one piece of HTML that needs nothing else."""

import base64
import json
import re
from pathlib import Path


def lean(name):
    """The text of a file beside this one without comments and needless white space: each page carries all of it."""
    text = re.sub(
        r"(^|  )// .*$",
        "",
        (Path(__file__).parent.parent / name).read_text("utf-8"),
        flags=re.MULTILINE,
    )
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    marks = ",;{}=?|&*+<>/-" if name.endswith(".js") else ",;{}"
    return "\n".join(line if "`" in line else squeezed(line, marks) for line in lines)


def squeezed(line, marks):
    """One line without the white space round these punctuation marks, colons and brackets; strings are left alone."""
    code = re.split(r'("[^"]*")', line)
    return "".join(
        part if n % 2 else re.sub(rf" ?([{re.escape(marks)}]) ?|(?<=:) ", r"\1", part)
        for n, part in enumerate(code)
    )


SCRIPT, STYLE = lean("player/player.js"), lean("player/player.css")


def packed(values):
    """A 2-D tensor for the script: its size, and its float32 numbers as base64, every bit kept."""
    flat = values.detach().float().contiguous().numpy().astype("<f4")
    return {
        "rows": flat.shape[0],
        "columns": flat.shape[1],
        "data": base64.b64encode(flat.tobytes()).decode("ascii"),
    }


def harmless(data):
    """JSON that can stand inside a script element, whatever text is in it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def page(tables, data):
    """The HTML of one player: `tables` is the static layer, `data` what the script needs to bring it to life."""
    return (
        f'<div class="convlab-player" data-lm-suppress-shortcuts="true"><style>{STYLE}</style>{tables}'
        f'<script type="application/json">{harmless(data)}</script><script>{SCRIPT}</script></div>'
    )
