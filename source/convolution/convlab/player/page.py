"""The HTML of a player in one piece that needs no other file: tables, numbers, style and script."""

import base64
import json
import re
import zlib
from collections.abc import Collection
from pathlib import Path

import torch

HOME = Path(__file__).parent
PARTS = {path.stem: path.read_text("utf-8") for path in sorted((HOME / "script").glob("*.js"))}
OPTIONAL = frozenset({"xray", "overview"})  # parts of the script that not every page needs
MARKS = {".js": ",;{}()[]=?:!|&*+<>/-%", ".css": ",;{}>!"}
# what ends a line, and what begins one, that may be joined to another
JOINED = {".js": (",;{}([=?:|&+>", "})]?:|&+."), ".css": (",;{}", "}")}


def lean(path: Path) -> str:
    """The text of a .js or .css file without comments and needless white space."""
    return squeezed(path.read_text("utf-8"), path.suffix)


def squeezed(text: str, suffix: str) -> str:
    """A script or a style without comments, white space and the semicolon that ends a block: each
    page carries all of it.

    A comment begins a line or stands behind two spaces; a string in double quotes is left alone.
    """
    bare = re.sub(r"(^|  )// .*$", "", text, flags=re.MULTILINE)
    lines = [line.strip() for line in bare.split("\n") if line.strip()]
    between = re.compile(rf" ?([{re.escape(MARKS[suffix])}]) ?|(?<=:) ")
    short = "\n".join(
        "".join(
            part if n % 2 else between.sub(r"\1", part)
            for n, part in enumerate(re.split(r'("[^"]*")', line))
        )
        for line in lines
    )
    ends, begins = (re.escape(marks) for marks in JOINED[suffix])
    joined = re.sub(rf"(?<=[{ends}])\n|\n(?=[{begins}])", "", short)
    return joined.replace(";}", "}")


def script(needed: Collection[str] = OPTIONAL) -> str:
    """The script of a page: player.js with its parts, of the optional ones those `needed`."""

    def parts(line: re.Match[str]) -> str:
        names = line[1].split()
        return "\n".join(PARTS[name] for name in names if name not in OPTIONAL or name in needed)

    return squeezed(re.sub(r"/\* parts: (.*) \*/", parts, PARTS["player"]), ".js")


STYLE = lean(HOME / "player.css")


def packed_script(needed: Collection[str] = OPTIONAL) -> str:
    """The script as an output carries it, half as long: a short one that unpacks it once a page."""
    deflated = zlib.compress(script(needed).encode(), 9)
    text = base64.b64encode(deflated).decode("ascii")
    return squeezed(PARTS["unpack"], ".js").replace("/* packed */", text)


SCRIPTS = {  # made once: a notebook has a dozen players
    needed: packed_script(needed)
    for needed in map(frozenset, ([], ["xray"], ["overview"], ["xray", "overview"]))
}


def packed(values: torch.Tensor) -> dict[str, int | str]:
    """A 2-D tensor for the script: its size, its float32 numbers as base64, with every bit kept."""
    flat = values.detach().float().contiguous().numpy().astype("<f4")
    return {
        "rows": flat.shape[0],
        "columns": flat.shape[1],
        "data": base64.b64encode(flat.tobytes()).decode("ascii"),
    }


def harmless(data: object) -> str:
    """JSON that can stand inside a script element, whatever text is in it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def page(tables: str, data: object, needed: Collection[str] = OPTIONAL) -> str:
    """The HTML of one player: `tables` is the static layer, `data` what the script needs besides.

    `needed` names the optional parts of the script.
    """
    return (
        '<div class="convlab-player" data-lm-suppress-shortcuts="true">'
        f"<style>{STYLE}</style>{tables}"
        f'<script type="application/json">{harmless(data)}</script>'
        f"<script>{SCRIPTS[frozenset(needed)]}</script></div>"
    )
