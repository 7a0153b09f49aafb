"""Colours of numbers: orange below zero, blue above, and the sign always written or keyed.

The functions draw images, numbered tables and feature maps into matplotlib axes.
"""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.patches import Rectangle
from torch import Tensor

from ..printing import number

ORANGE, BLUE, INK, PALE = "#b35806", "#1f5fa8", "#1a1a1a", "#d9d9d9"

# Under printed numbers: tints light enough for black text; the number carries the sign.
TINTS = LinearSegmentedColormap.from_list("tints", ["#f2a154", "#ffffff", "#79aede"])
# For maps without numbers: lightness falls all the way from negative to positive, so that the sign
# is kept in grey print.
SIGNED = LinearSegmentedColormap.from_list(
    "signed", ["#ffd27a", "#f08a24", "#9a8f88", "#3f6fb0", "#06235a"]
)


def bare(ax: Axes, title: str | None = None) -> Axes:
    """Take ticks and frame away; what is left is the picture."""
    ax.set_xticks([])
    ax.set_yticks([])
    for side in ax.spines.values():
        side.set_visible(False)
    if title:
        ax.set_title(title, fontsize=11)
    return ax


def reach_of(values: Tensor) -> float:
    """The largest magnitude among the finite values, the one that gets the full colour; never 0."""
    return max(float(values.nan_to_num(0, 0, 0).abs().max()), 1e-9)


def grid(
    ax: Axes,
    values: Tensor,
    title: str | None = None,
    fontsize: float = 10,
    reach: float | None = None,
) -> Axes:
    """Draw a small 2-D tensor (H, W) as a table of numbered cells.

    `reach` is the magnitude that gets the full colour; the largest one if it is not given.
    """
    values = values.detach()
    reach = reach or reach_of(values)
    ax.imshow(values.numpy(), cmap=TINTS, vmin=-reach, vmax=reach)
    bare(ax, title)
    rows, columns = values.shape
    rule(ax, rows, columns)
    for i in range(rows):
        for j in range(columns):
            write(ax, i, j, number(values[i, j]), fontsize)
    ax.set_xlim(-0.6, columns - 0.4)
    ax.set_ylim(rows - 0.4, -0.6)
    return ax


def rule(ax: Axes, rows: int, columns: int, color: str = PALE) -> None:
    """Rule the lines between cells.

    Like what `write` writes, they are left out of the layout, which would measure each one.
    """
    edge: dict[str, Any] = {"colors": color, "linewidth": 0.8, "in_layout": False}
    ax.hlines([i - 0.5 for i in range(rows + 1)], -0.5, columns - 0.5, **edge)
    ax.vlines([j - 0.5 for j in range(columns + 1)], -0.5, rows - 0.5, **edge)


def write(ax: Axes, row: float, column: float, text: str, fontsize: float) -> None:
    """Write into one cell."""
    ax.text(
        column, row, text, ha="center", va="center", fontsize=fontsize, color=INK, in_layout=False
    )


def outline(
    ax: Axes,
    row: float,
    column: float,
    height: int = 1,
    width: int = 1,
    color: str = INK,
    style: str = "-",
) -> Rectangle:
    """Frame the cells that start at (row, column)."""
    box = Rectangle(
        (column - 0.5, row - 0.5),
        width,
        height,
        fill=False,
        edgecolor=color,
        linewidth=2.6,
        linestyle=style,
        zorder=5,
    )
    ax.add_patch(box)
    return box


def photo(ax: Axes, image: Tensor, title: str | None = None) -> Axes:
    """Draw an image of brightnesses in grey, dark to light."""
    ax.imshow(image.detach().numpy(), cmap="gray")
    return bare(ax, title)


def strongest(ax: Axes, row: int, column: int) -> None:
    """Ring one value of a map."""
    ax.plot(
        column,
        row,
        "o",
        markersize=13,
        markerfacecolor="none",
        markeredgecolor="white",
        markeredgewidth=3.6,
    )
    ax.plot(
        column,
        row,
        "o",
        markersize=13,
        markerfacecolor="none",
        markeredgecolor=INK,
        markeredgewidth=1.8,
    )


def signed_map(ax: Axes, values: Tensor, title: str | None = None) -> Axes:
    """Draw a large feature map in the signed colours, with a key that shows which is which."""
    values = values.detach()
    reach = reach_of(values)
    drawn = ax.imshow(values.numpy(), cmap=SIGNED, norm=TwoSlopeNorm(0, -reach, reach))
    key = ax.figure.colorbar(drawn, ax=ax, shrink=0.75, ticks=[-reach, 0, reach])
    key.ax.set_yticklabels([number(-reach), "0", "+" + number(reach)], fontsize=8)
    key.outline.set_visible(False)
    return bare(ax, title)
