"""Owns image, kernel and feature map side by side as matplotlib draws them: where they stand, numbers, frames, crosses."""

import math
import textwrap

import torch
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from ..checks import wrong_values
from ..examples import Example
from ..figures.colours import INK, grid, outline, photo, reach_of, signed_map
from ..figures.picture import DPI, INCH_WIDTH
from ..printing import number, told_apart
from .tables import WHOLE, bracketed

TINY = 4.5  # points, below which numbers are rather printed briefly
FEW = 50  # wrong cells of a large map, up to which their crosses may be larger than they are
CROSSES = 5000  # more only take time: they touch each other long before
SPACE = "\N{NO-BREAK SPACE}"
MARGIN, TITLE, CELL = 0.25, 0.35, 0.62  # inches: round the figure, a title, the largest cell


class Sheet:
    """Image, kernel and feature map of a player side by side, and room of `below` inches under them for text.

    `axes` holds the three by name, and "patch", the pixels under the kernel, where the image is too large to carry
    its numbers. Lengths are in inches from the upper left corner; `bottom` is where the free room begins.
    """

    def __init__(self, player, below):
        self.player, boxes = player, places(player)
        self.wrong = wrong_values(player.result, Example(player.image, player.kernel)).numpy()
        self.bottom = max(top + height for _, top, _, height in boxes.values()) + MARGIN / 2
        self.height = (
            math.ceil(10 * (self.bottom + below)) / 10
        )  # an even number of pixels, as MP4 needs it
        self.figure = Figure(figsize=(INCH_WIDTH, self.height), dpi=DPI, facecolor="white")
        shown = {
            "image": (player.image, "the image"),
            "patch": (patch(player, 0, 0), "under the kernel", player.image),
            "kernel": (player.kernel, "the kernel"),
            "map": (player.result, player.whose),
        }
        self.axes = {name: self.table(boxes[name], *shown[name]) for name in boxes}
        self.frames = (
            framed(self.axes["image"], player.kernel.shape),
            framed(self.axes["map"], (1, 1)),
        )
        self.widest = [longest(part, bracketed) for part in (player.image, player.kernel)]
        self.mark()

    def table(self, box, values, title, whole=None, size=11):
        """Draw a small tensor as numbered cells, a large one as a picture, into a box (left, top, width, height).

        `whole` is what it is a part of, if anything: the numbers of any part then fit the cells, in the same colours.
        """
        left, top, width, height = box
        whole = values if whole is None else whole
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
            ax.printed = number if 1.5 * cell / longest(whole, number) > TINY else brief
            grid(
                ax,
                values,
                title,
                min(size, cell / 2, 1.5 * cell / longest(whole, ax.printed)),
                reach_of(whole),
            )
            fill(ax, values)
        elif values is self.player.image and float(values.min()) >= 0:
            photo(ax, values, title)
        else:
            signed_map(ax, values, title).set_anchor("N")
        return ax

    def text(self, left, top, words, size, **more):
        """Write at a place, the words' upper left corner; a learner's $ is a dollar and no formula."""
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

    def frame(self, row, column):
        """Frame one position: its patch in the image, its value in the map; write the patch's numbers, if large."""
        for box in self.frames:
            box.set_xy((column - 0.5, row - 0.5))
        if "patch" in self.axes:
            fill(self.axes["patch"], patch(self.player, row, column))

    def mark(self):
        """Cross the wrong cells of the map, and dash those with numbers; among thousands, cross every n-th."""
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
        for at in zip(i, j) if numbered else ():
            outline(ax, *at, style=":")

    def dot_product(self, row, column, width, lines):
        """The sum at one position, written out as far as it fits into `lines` lines of `width` characters."""
        player = self.player
        if row >= len(player.target) or column >= player.target.shape[1]:
            return f"The kernel has no position here; yours: {number(player.result[row, column])} ✗"
        total = float(player.target[row, column])
        answer = number(total)
        if self.wrong[row, column]:
            answer = "{1}, yours: {0} ✗".format(*told_apart(player.result[row, column], total))
        pixels, weights = patch(player, row, column).tolist(), player.kernel.tolist()
        terms = [
            [
                f"{bracketed(p):>{self.widest[0]}} × {bracketed(w):<{self.widest[1]}}".replace(
                    " ", SPACE
                )
                for p, w in zip(*both)
            ]
            for both in zip(pixels, weights)
        ]
        rows = ["+ " * (i > 0) + "  " * (i == 0) + " + ".join(line) for i, line in enumerate(terms)]
        if len(rows) > lines or max(map(len, rows)) > width:
            rows = textwrap.wrap(
                f" +{SPACE}".join(sum(terms, [])),
                width,
                max_lines=lines,
                placeholder=f" … ({player.kernel.numel()} products)",
                initial_indent=2 * SPACE,
            )
        equals = "=" if all(map(exact, [*sum(pixels, []), *sum(weights, []), total])) else "≈"
        return "\n".join([*rows, f"{equals} {answer}"])


def places(player):
    """Where the parts of a sheet go: {name: (left, top, width, height)} in inches; cells are equally large, if numbered."""
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
    gap, left, boxes = (INCH_WIDTH - cell * sum(columns)) / 4, 0, {}
    for name, shape in zip(("image", "kernel", "map"), (image, kernel, result)):
        boxes[name] = (left := left + gap, TITLE, cell * (shape[1] + 0.2), cell * (shape[0] + 0.2))
        left += boxes[name][2]
    return boxes


def patch(player, row, column):
    """The pixels under the kernel at one position: float32, of the kernel's size, NaN where there is no pixel."""
    rows, columns = player.kernel.shape
    there = player.image[row : row + rows, column : column + columns]
    values = torch.full((rows, columns), math.nan)
    values[: len(there), : there.shape[1]] = there
    return values


def framed(ax, shape):
    """A frame of `shape` (rows, columns) in a table or a picture; there in a white one, so that it is seen on dark, too."""
    box = outline(ax, 0, 0, *shape)
    if not ax.texts:
        box.set_path_effects([withStroke(linewidth=5, foreground="white")])
    return box


def fill(ax, values):
    """Put other numbers into a table that was drawn, printed as long as its cells permit."""
    ax.images[0].set_data(values.numpy())
    for text, value in zip(ax.texts, values.flatten().tolist()):
        text.set_text(ax.printed(value))


def brief(value):
    """A value in at most about six characters, two digits if need be: for cells that have not room for `number`."""
    text = number(value)
    return (
        text
        if len(text) <= 6
        else f"{value:.1e}".replace("e+0", "e").replace("e+", "e").replace("-", "\N{MINUS SIGN}")
    )


def longest(values, printed):
    """The number of characters of the longest number of a tensor, as `printed` prints it."""
    return max(len(printed(value)) for value in set(values.flatten().tolist()))


def exact(value):
    """Whether a number is what is printed of it."""
    return math.isclose(
        value, float(number(value).replace("\N{MINUS SIGN}", "-")), rel_tol=1e-6, abs_tol=1e-9
    )
