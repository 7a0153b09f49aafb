"""Keeps feedback pages light: a program that several outputs bring along is there once, and of the
pictures of a lesson that students have anyway, the largest give way to their descriptions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from nbformat import NotebookNode
from nbgrader import utils

MOST_OF_A_PAGE = 400_000  # bytes
SMALL_PICTURE = 2_000  # characters; leaving it out would gain nothing
ADDRESS = r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+"
DESCRIBED = re.compile(rf"""\bsrc=["']?({ADDRESS})""")
STYLED = re.compile(rf"url\({ADDRESS}\)")
NOTHING = "url(data:,)"
NOTE_PLACE = "<!-- proctor: pictures left out -->"
NOTE = (
    '<p class="quiet">To keep this page small, {} of the larger pictures from before the first answer are '
    "left out: their descriptions stand in their place. Your own copy of the notebook has them.</p>"
)
LONG = 2500  # characters; longer than an attribute that a student's cleaned HTML can have
SCRIPT = re.compile(rf"<script>(.{{{LONG},}}?)</script>", re.DOTALL)
# The program is given the place of the one that stood there, so that it finds what is beside it.
STAND_IN = (
    "<script>((here,program)=>{program.textContent=document.getElementById(`proctor-script-%d`)"
    ".textContent;here.replaceWith(program)})(document.currentScript,document.createElement(`script`))"
    "</script>"
)


def html_outputs(cells: Iterable[NotebookNode]) -> list[NotebookNode]:
    """The outputs that are shown as HTML."""
    return [
        output
        for cell in cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if isinstance(output.get("data", {}).get("text/html"), str)
    ]


def said_once(cells: Iterable[NotebookNode]) -> list[str]:
    """Take programs that several outputs have out of them.

    Returns the programs; the page has each in an element of its own, whose id is "proctor-script-" and
    its number from 1, where it does not run.
    """
    outputs = html_outputs(cells)
    counted = Counter(
        text for output in outputs for text in SCRIPT.findall(output.data["text/html"])
    )
    programs = [text for text, times in counted.items() if times > 1]
    numbers = {text: number for number, text in enumerate(programs, 1)}

    def program(match: re.Match[str]) -> str:
        number = numbers.get(match[1])
        return STAND_IN % number if number else match[0]

    for output in outputs:
        output.data["text/html"] = SCRIPT.sub(program, output.data["text/html"])
    return programs


def lesson_pictures(cells: Iterable[NotebookNode]) -> list[str]:
    """The pictures that stand before the first answer, as they are written on the page; first those of
    styles, which say nothing, then those with a description, the largest of each first."""
    styled: set[str] = set()
    described: set[str] = set()
    for cell in cells:
        if utils.is_solution(cell) or utils.is_task(cell):
            return [
                *sorted(styled, key=len, reverse=True),
                *sorted(described, key=len, reverse=True),
            ]
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            text = str(data.get("text/html", ""))
            styled.update(STYLED.findall(text))
            described.update(f' src="{address}"' for address in DESCRIBED.findall(text))
            described.update(
                f' src="data:{kind};base64,{data[kind]}"'
                for kind in ("image/png", "image/jpeg")
                if isinstance(data.get(kind), str)
            )
    return []


def lightened(page: str, pictures: Iterable[str], most: int = MOST_OF_A_PAGE) -> str:
    """A page of at most so many bytes, as far as leaving out these pictures, in their order, can help.

    A picture that is left out keeps its place and its description, which browsers show there.
    """
    weight, left_out = len(page.encode()) + len(NOTE), 0
    for written in pictures:
        if weight <= most or len(written) < SMALL_PICTURE:
            continue
        instead = NOTHING if written.startswith("url") else ""
        count = page.count(written)
        page = page.replace(written, instead)
        weight -= count * (len(written) - len(instead))
        left_out += count * (not instead)
    return page.replace(NOTE_PLACE, NOTE.format(left_out) if left_out else "", 1)
