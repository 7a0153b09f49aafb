"""What nbconvert does to a rendered page, cell by cell: a cell that many pages share, once.

nbconvert parses each page with BeautifulSoup, gives pictures a text and boxes a place in the order
of the tab key, and writes the page again.
"""

import html
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence

from bs4 import BeautifulSoup, Comment, Tag

KEPT_CHARACTERS = 10_000_000  # a page of many pictures has a million
CELL = re.compile(r'<div class="(?:cell|jp-Cell)\b')
ENDED_VOID = re.compile(
    r"</(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)\b", re.IGNORECASE
)
NO_TEXT = "No description has been provided for this image"
BOXES = (".jp-Notebook div.jp-Cell-inputWrapper", ".jp-Notebook div.jp-OutputArea-output")


class KeptTexts:
    """Texts by what they were made from; those that were not asked for longest go first."""

    def __init__(self, characters: int = KEPT_CHARACTERS) -> None:
        self.room = characters
        self.texts: OrderedDict[Hashable, str] = OrderedDict()

    def get(self, key: Hashable) -> str | None:
        """What is kept for this key, or None."""
        text = self.texts.get(key)
        if text is not None:
            self.texts.move_to_end(key)
        return text

    def keep(self, key: Hashable, text: str) -> None:
        """Keep a text for a key."""
        if key in self.texts:
            return
        self.texts[key] = text
        self.room -= len(text)
        while self.room < 0:
            self.room += len(self.texts.popitem(last=False)[1])

    def made(self, key: Hashable, make: Callable[[], str]) -> str:
        """What is kept for this key; it is made if nothing is."""
        text = self.get(key)
        if text is None:
            text = make()
            self.keep(key, text)
        return text


def tidied(page: str) -> str:
    """What nbconvert makes of a rendered page: parsed, and written again with what is missing."""
    return balanced(page)


def tidy(soup: BeautifulSoup, text: str) -> None:
    """Give pictures without a text one, and make JupyterLab's boxes focusable; `text` is parsed."""
    if "<img" in text.lower():
        for picture in soup.find_all("img", alt=False):
            picture.attrs["alt"] = NO_TEXT
    if "jp-Notebook" in text:
        for box in BOXES:
            for found in soup.select(box):
                found.attrs["tabindex"] = "0"


def balanced(part: str) -> str:
    """A part of a page, tidied: all that is opened in it is closed in it, and nothing else."""
    soup = BeautifulSoup(part, "html.parser")
    tidy(soup, part)
    return str(soup)


class Tidying:
    """Tidies pages, and keeps what their cells became, by the whole text of a cell.

    A cell is parsed apart from its page only where that makes no difference: a mark before and one
    after it are found where they were put, between the cells, and no unfinished tag, comment or
    string outlives a mark.
    """

    def __init__(self) -> None:
        self.cells = KeptTexts()
        self.name = "m" + secrets.token_hex(16)  # no page can hold it
        self.comment = f"{self.name} '\"]]>"
        self.mark = f'<!--{self.comment}--><i id="{self.name}"></i>'

    def page(self, page: str) -> str:
        """A rendered page, tidied."""
        starts = [found.start() for found in CELL.finditer(page)]
        if len(starts) < 2 or ENDED_VOID.search(page):
            return tidied(page)
        text = page[: starts[0]] + self.mark + page[starts[-1] :]
        frame = BeautifulSoup(text, "html.parser")
        marks = self.marks(frame)
        if len(marks) != 1:
            return tidied(page)
        cells = self.tidied_cells(
            [page[begin:end] for begin, end in zip(starts, starts[1:], strict=False)],
            [tag for tag in marks[0].parents if tag is not frame][::-1],
        )
        if cells is None:
            return tidied(page)
        tidy(frame, text)
        before, after = str(frame).split(self.mark)
        return "".join([before, *cells, after])

    def tidied_cells(self, cells: Sequence[str], around: Sequence[Tag]) -> list[str] | None:
        """Cells within these tags, the outermost first; None if one cannot be told from the rest."""
        opened = "".join(
            f'<{tag.name} class="{html.escape(" ".join(tag.get("class") or ()))}">'
            for tag in around
        )
        known = {cell: self.cells.get((opened, cell)) for cell in cells}
        new = [cell for cell, kept in known.items() if kept is None]
        if new:
            text = opened + self.mark + "".join(cell + self.mark for cell in new)
            soup = BeautifulSoup(text, "html.parser")
            marks = self.marks(soup)
            inner = marks[0].parent if marks else None
            depth = len(list(inner.parents)) if inner else 0
            if (
                inner is None
                or depth != len(around)
                or len(marks) != len(new) + 1
                or any(mark.parent is not inner for mark in marks)
            ):
                return None
            tidy(soup, text)
            for cell, done in zip(new, inner.decode_contents().split(self.mark)[1:], strict=False):
                known[cell] = done
                self.cells.keep((opened, cell), done)
        return [known[cell] or "" for cell in cells]

    def marks(self, soup: BeautifulSoup) -> list[Tag]:
        """The tags of the marks that came through whole."""
        return [
            tag
            for tag in soup.find_all("i", id=self.name)
            if isinstance(tag.previous_sibling, Comment) and tag.previous_sibling == self.comment
        ]
