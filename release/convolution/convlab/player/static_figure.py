"""A player as one static matplotlib figure: image, kernel and feature map side by side."""

import math
import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from ..checks import wrong_values
from ..examples import Example
from ..figures.colours import INK, grid, outline, photo, reach_of, signed_map
from ..figures.picture import DPI, INCH_WIDTH
from ..messages import Message, message
from ..printing import number, told_apart
from .tables import WHOLE, bracketed, words

TINY = 4.5  # points, below which numbers are rather printed briefly
FEW = 50  # wrong cells of a large map, up to which their crosses may be larger than they are
CROSSES = 5000  # more only take time: they touch each other long before
SPACE = "\N{NO-BREAK SPACE}"
PANELS, PANEL_LINES = 9, 9  # positions, up to which each gets a panel; lines of text in it
MARGIN, TITLE, CELL = 0.25, 0.35, 0.62  # inches: round the figure, a title, the largest cell
LINE, CHARACTER = 0.2, 0.06  # inches: a line of small text, a character of the sums at 7 points

if TYPE_CHECKING:
    from .player import Player

Box = tuple[float, float, float, float]  # left, top, width, height in inches


def told(name: str, /, **facts: object) -> str:
    """A text of the player's messages, in words."""
    return message("player", name, **facts).text()


def finished(player: "Player") -> Figure:
    """The finished map of a Player: image, kernel and feature map, and the caption below.

    The player's place is framed: the first wrong position, or the first. Wrong cells are crossed
    and dashed. If there are at most nine positions, each has a panel with its dot product. Large
    images and maps are drawn without numbers.
    """
    caption = textwrap.wrap(
        drawable(" ".join(player.caption.split())), 118, max_lines=6, placeholder=" …"
    )
    panels = lines_of_panels(player)
    high = TITLE + max(
        panel_cell(player) * (len(player.image) + 0.2),
        0.13 * min(player.kernel.numel(), PANEL_LINES),
    )
    drawing = StaticFigure(player, high * len(panels) + LINE * len(caption) + MARGIN)
    drawing.frame(*player.place)
    for i, line in enumerate(panels):
        for j, position in enumerate(line):
            panel(
                drawing,
                position,
                j * INCH_WIDTH / len(panels[0]),
                drawing.bottom + i * high,
                INCH_WIDTH / len(panels[0]),
            )
    drawing.text(MARGIN, drawing.height - LINE * len(caption) - MARGIN / 2, "\n".join(caption), 9)
    return drawing.figure


def drawable(text: str) -> str:
    """A learner's text with a replacement for what the font has not."""
    font = get_font(findfont(FontProperties()))
    return "".join(
        sign if sign == " " or font.get_char_index(ord(sign)) else "\N{REPLACEMENT CHARACTER}"
        for sign in text
    )


def lines_of_panels(player: "Player") -> list[list[tuple[int, int]]]:
    """The positions (row, column) that get a panel, line by line; none where there are too many."""
    if player.result.numel() > PANELS or max(player.image.shape) > WHOLE:
        return []
    rows, columns = player.result.shape
    every = [(i, j) for i in range(rows) for j in range(columns)]
    wide = columns if columns in (2, 3) else 3
    return [every[k : k + wide] for k in range(0, len(every), wide)]


def panel_cell(player: "Player") -> float:
    """How large a cell of the image is in a panel, in inches."""
    return min(0.24, 1.15 / max(player.image.shape))


def panel(
    drawing: "StaticFigure", position: tuple[int, int], left: float, top: float, width: float
) -> None:
    """Draw one position: the image with its patch framed, and beside it the dot product."""
    player, cell = drawing.player, panel_cell(drawing.player)
    wide, high = (cell * (length + 0.2) for length in reversed(player.image.shape))
    drawing.text(left + MARGIN, top, told("place", row=position[0], column=position[1]), 9)
    ax = drawing.table(
        (left + MARGIN, top + 0.22, wide, high), player.image, None, player.image, size=8
    )
    outline(ax, *position, *player.kernel.shape).set_linewidth(1.8)
    room = int((width - wide - 1.3 * MARGIN) / CHARACTER)
    terms = drawing.dot_product(*position, room, PANEL_LINES)
    drawing.text(left + MARGIN + wide + 0.06, top + 0.25, terms, 7, family="monospace")


class StaticFigure:
    """Image, kernel and feature map of a player side by side, `below` inches of room under them.

    `axes` holds the three by name, and "patch", the pixels under the kernel, where the image is too
    large to carry its numbers. Lengths are in inches from the upper left corner; `bottom` is where
    the free room begins.
    """

    def __init__(self, player: "Player", below: float) -> None:
        self.player, boxes = player, places(player)
        self.wrong = wrong_values(player.result, Example(player.image, player.kernel)).numpy()
        self.bottom = max(top + height for _, top, _, height in boxes.values()) + MARGIN / 2
        # an even number of pixels, as MP4 needs it
        self.height = math.ceil(10 * (self.bottom + below)) / 10
        self.figure = Figure(figsize=(INCH_WIDTH, self.height), dpi=DPI, facecolor="white")
        shown: dict[str, tuple[torch.Tensor, Message | str, torch.Tensor]] = {
            "image": (player.image, words("image"), player.image),
            "patch": (patch(player, 0, 0), told("under-the-kernel"), player.image),
            "kernel": (player.kernel, words("kernel"), player.kernel),
            "map": (player.result, words(player.whose), player.result),
        }
        self.printed: dict[Axes, Callable[[float], str]] = {}
        self.axes = {name: self.table(boxes[name], *shown[name]) for name in boxes}
        self.frames = (
            framed(self.axes["image"], player.kernel.shape),
            framed(self.axes["map"], (1, 1)),
        )
        self.widest = [longest(part, bracketed) for part in (player.image, player.kernel)]
        self.mark()

    def table(
        self,
        box: Box,
        values: torch.Tensor,
        title: Message | str | None,
        whole: torch.Tensor,
        size: float = 11,
    ) -> Axes:
        """Draw a small tensor as numbered cells, a large one as a picture, into a box.

        `whole` is what it is a part of: the numbers of any part fit the cells, in the same colours.
        `size` is that of the numbers, in points at most.
        """
        heading = None if title is None else str(title)
        left, top, width, height = box
        ax = self.figure.add_axes(
            (
                left / INCH_WIDTH,
                1 - (top + height) / self.height,
                width / INCH_WIDTH,
                height / self.height,
            ),
            anchor="N",
        )
        if max(values.shape) <= WHOLE:
            cell = 72 * min(width / (values.shape[1] + 0.2), height / (len(values) + 0.2))
            self.printed[ax] = number if 1.5 * cell / longest(whole, number) > TINY else brief
            grid(
                ax,
                values,
                heading,
                min(size, cell / 2, 1.5 * cell / longest(whole, self.printed[ax])),
                reach_of(whole),
            )
            self.fill(ax, values)
        elif values is self.player.image and float(values.min()) >= 0:
            photo(ax, values, heading)
        else:
            signed_map(ax, values, heading).set_anchor("N")
        return ax

    def fill(self, ax: Axes, values: torch.Tensor) -> None:
        """Put other numbers into a table that was drawn, printed as long as its cells permit."""
        ax.images[0].set_data(values.numpy())
        for text, value in zip(ax.texts, values.flatten().tolist(), strict=True):
            text.set_text(self.printed[ax](value))

    def text(self, left: float, top: float, words: str, size: float, **more: Any) -> Text:
        """Write from an upper left corner on; a learner's $ is a dollar and no formula."""
        return self.figure.text(
            left / INCH_WIDTH,
            1 - top / self.height,
            words,
            fontsize=size,
            color=INK,
            va="top",
            linespacing=1.35,
            parse_math=False,
            **more,
        )

    def frame(self, row: int, column: int) -> None:
        """Frame one position: its patch in the image, its value in the map; number the patch."""
        for box in self.frames:
            box.set_xy((column - 0.5, row - 0.5))
        if "patch" in self.axes:
            self.fill(self.axes["patch"], patch(self.player, row, column))

    def mark(self) -> None:
        """Cross the wrong cells, and dash those with numbers; among thousands, every n-th."""
        i, j = (at[:: math.ceil(self.wrong.sum() / CROSSES) or 1] for at in self.wrong.nonzero())
        numbered, ax = max(self.wrong.shape) <= WHOLE, self.axes["map"]
        cell = 72 * INCH_WIDTH * ax.get_position().width / self.wrong.shape[1]
        size, away = (
            (max(0.16 * cell, 5.5), 0.35)
            if numbered
            else (0.6 * cell if len(i) > FEW else max(cell, 7), 0)
        )
        (line,) = ax.plot(
            j + away, i - away, "x", color=INK, markersize=size, markeredgewidth=max(size / 6, 0.4)
        )
        if not numbered and len(i) <= FEW:
            line.set_path_effects([withStroke(linewidth=3, foreground="white")])
        for at in zip(i, j, strict=True) if numbered else ():
            outline(ax, *at, style=":")

    def dot_product(self, row: int, column: int, width: int, lines: int) -> str:
        """The sum at one position, as far as it fits `lines` lines of `width` characters."""
        player = self.player
        if row >= len(player.target) or column >= player.target.shape[1]:
            return told("no-position", theirs=number(player.result[row, column]))
        total = float(player.target[row, column])
        answer = number(total)
        if self.wrong[row, column]:
            theirs, expected = told_apart(player.result[row, column], total)
            answer = told("expected-yours", theirs=theirs, expected=expected)
        pixels, weights = patch(player, row, column).tolist(), player.kernel.tolist()
        terms = [
            [
                f"{bracketed(p):>{self.widest[0]}} × {bracketed(w):<{self.widest[1]}}".replace(
                    " ", SPACE
                )
                for p, w in zip(*both, strict=True)
            ]
            for both in zip(pixels, weights, strict=True)
        ]
        rows = ["+ " * (i > 0) + "  " * (i == 0) + " + ".join(line) for i, line in enumerate(terms)]
        if len(rows) > lines or max(map(len, rows)) > width:
            rows = textwrap.wrap(
                f" +{SPACE}".join(sum(terms, [])),
                width,
                max_lines=lines,
                placeholder=" " + told("more-products", count=player.kernel.numel()),
                initial_indent=2 * SPACE,
            )
        equals = "=" if all(map(exact, [*sum(pixels, []), *sum(weights, []), total])) else "≈"
        return "\n".join([*rows, f"{equals} {answer}"])


def places(player: "Player") -> dict[str, Box]:
    """Where the parts of a figure go, by name; cells are equally large, if numbered."""
    image, kernel, result = player.image.shape, player.kernel.shape, player.result.shape
    if max(image) > WHOLE:
        high = min(3.9, max(3.1 * image[0] / image[1], 2.6, (kernel[0] + 0.2) / 2 + TITLE))
        half = (high - TITLE) / 2
        middle = {
            "patch": (3.55, TITLE, 1.8, half),
            "kernel": (3.55, high - half + TITLE, 1.8, half),
        }
        whole = {"kernel": (3.55, TITLE, 1.8, high)}
        return {
            "image": (MARGIN, TITLE, 3.1, high),
            **(middle if max(kernel) <= WHOLE else whole),
            "map": (5.55, TITLE, 3.3, high),
        }
    columns = [shape[1] + 0.2 for shape in (image, kernel, result)]
    cell = min(CELL, (INCH_WIDTH - 4 * MARGIN) / sum(columns), 4.4 / (image[0] + 0.2))
    gap, left, boxes = (INCH_WIDTH - cell * sum(columns)) / 4, 0.0, {}
    for name, shape in zip(("image", "kernel", "map"), (image, kernel, result), strict=True):
        boxes[name] = (left := left + gap, TITLE, cell * (shape[1] + 0.2), cell * (shape[0] + 0.2))
        left += boxes[name][2]
    return boxes


def patch(player: "Player", row: int, column: int) -> torch.Tensor:
    """The pixels under the kernel at one position: float32 (M, N), NaN where there is no pixel."""
    rows, columns = player.kernel.shape
    there = player.image[row : row + rows, column : column + columns]
    values = torch.full((rows, columns), math.nan)
    values[: len(there), : there.shape[1]] = there
    return values


def framed(ax: Axes, shape: Sequence[int]) -> Rectangle:
    """A frame of `shape` (rows, columns) in a table or, with a white edge, in a dark picture."""
    box = outline(ax, 0, 0, shape[0], shape[1])
    if not ax.texts:
        box.set_path_effects([withStroke(linewidth=5, foreground="white")])
    return box


def brief(value: float) -> str:
    """A value in about six characters, two digits if need be: for cells too small for `number`."""
    text = number(value)
    return (
        text
        if len(text) <= 6
        else f"{value:.1e}".replace("e+0", "e").replace("e+", "e").replace("-", "\N{MINUS SIGN}")
    )


def longest(values: torch.Tensor, printed: Callable[[float], str]) -> int:
    """The number of characters of the longest number of a tensor, as `printed` prints it."""
    return max(len(printed(value)) for value in set(values.flatten().tolist()))


def exact(value: float) -> bool:
    """Whether a number is what is printed of it."""
    return math.isclose(
        value, float(number(value).replace("\N{MINUS SIGN}", "-")), rel_tol=1e-6, abs_tol=1e-9
    )
