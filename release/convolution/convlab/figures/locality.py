"""The figures of parts 1 to 3: what flattening does to neighbours, what locality saves."""

from collections.abc import Sequence
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.patches import ConnectionPatch, Rectangle
from torch import Tensor

from ..printing import number, size
from .colours import BLUE, INK, ORANGE, TINTS, bare, grid, outline, rule, write
from .picture import Picture, canvas
from .predictions import NOT_ASKED, Choice, Number, reply, unknown

LINES = 4  # in which the figure of part 1 writes the flattened image
CURVES = ("the same", "falls faster", "flat at 0")


def flattening(
    image: Tensor,
    above: tuple[int, int],
    below: tuple[int, int],
    *,
    prediction: Any = NOT_ASKED,
    reveal: bool = False,
) -> Picture:
    """A small image (H, W) beside its flattening, and where two of its pixels stand in the vector.

    `above` and `below` are the pixels, (row, column). `prediction` is how many places apart the
    learner expects them to be: a number.
    """
    width = image.shape[1]
    places = [row * width + column for row, column in (above, below)]
    replied = reply(Number(abs(places[1] - places[0])), prediction, reveal)
    strip = image.reshape(LINES, -1)
    figure, (left, right) = canvas(3.4, 2, [1, 2.6])
    grid(left, image, "the image")
    drawn = strip if replied.open else torch.zeros_like(strip)
    right.imshow(drawn.numpy(), cmap=TINTS, vmin=-1, vmax=1)
    filled = ", filled where the pixel is 1" if replied.open else ""
    bare(right, f"the vector: its places, numbered from 0{filled}")
    right.set_ylim(LINES - 0.4, -0.6)
    right.set_xlim(-0.6, strip.shape[1] - 0.4)
    rule(right, strip.shape[0], strip.shape[1], color="#bbbbbb")
    for place in range(image.numel()):
        write(right, *divmod(place, strip.shape[1]), str(place), 8)
    pairs = zip((above, below), places, (BLUE, ORANGE), ("-", "--"), strict=True)
    for (row, column), place, colour, style in pairs:
        outline(left, row, column, color=colour, style=style)
        if replied.open:
            outline(right, *divmod(place, strip.shape[1]), color=colour, style=style)
    caption = (
        f"The framed pixels touch in the image. In the vector they sit at places {places[0]} and "
        f"{places[1]}, {abs(places[1] - places[0])} apart: one whole row."
    )
    alt = (
        f"Left, a table of zeros and ones in which the ones draw a 7; the pixel in row {above[0]}, "
        f"column {above[1]} has a solid blue frame, the one below it a dashed orange frame. Right, "
        f"a long strip of numbered boxes, broken into {LINES} lines"
    )
    alt += "; two boxes have the same two frames." if replied.open else "; no box is framed yet."
    return Picture(figure, replied.before(caption), alt)


def weights(
    dense: torch.nn.Linear,
    convolutional: torch.nn.Conv2d,
    *,
    prediction: Any = NOT_ASKED,
    reveal: bool = False,
) -> Picture:
    """The weights of two layers from one image to one map, drawn to the same scale and counted.

    `prediction` is a table of two numbers, "fully connected" and "convolutional".
    """
    counts = [sum(p.numel() for p in layer.parameters()) for layer in (dense, convolutional)]
    outputs, inputs = dense.weight.shape
    names = ("fully connected", "convolutional")
    asked = {name: Number(count) for name, count in zip(names, counts, strict=True)}
    replied = reply(asked, prediction, reveal)
    if not replied.open:
        return unweighed(inputs, outputs, replied.sentence)
    figure, axes = canvas(3.0, 2, [2.2, 1])
    window = convolutional.weight.shape[-2:]
    for ax, shape, title in zip(axes, ((outputs, inputs), window), names, strict=True):
        ax.set_xlim(-0.5, inputs + 0.5)
        ax.set_ylim(outputs + 0.5, -0.5)
        ax.set_aspect("equal")
        bare(ax)
        ax.add_patch(Rectangle((0, 0), shape[1], shape[0], facecolor="#8fb8e0"))
        line: dict[str, Any] = {"color": "white", "linewidth": 0.5, "in_layout": False}
        for k in range(1, shape[0]):
            ax.plot([0, shape[1]], [k, k], **line)
        for k in range(1, shape[1]):
            ax.plot([k, k], [0, shape[0]], **line)
        ax.set_title(f"{title}: {size(shape)} = {shape[0] * shape[1]} weights", fontsize=11)
    caption = (
        f"From {inputs} pixels to {outputs} outputs: {counts[0]} weights if every output has its "
        f"own weight for every pixel, {counts[1]} if all outputs share those of one small window."
    )
    alt = (
        f"Two tables of small squares, one square for each weight: a wide one of {outputs} rows "
        f"and {inputs} columns, and beside it, to the same scale, one of {size(window)} squares."
    )
    return Picture(figure, replied.before(caption), alt)


def unweighed(inputs: int, outputs: int, sentence: str) -> Picture:
    """Pixels and outputs of a layer with the weights between them left open."""
    figure, (left, middle, right) = canvas(3.0, 3)
    for ax, count, title in ((left, inputs, "the pixels"), (right, outputs, "the outputs")):
        side = round(count**0.5)
        ax.set(xlim=(-0.7, side - 0.3), ylim=(side - 0.3, -0.7), aspect="equal")
        rule(ax, side, side, color="#9a9a9a")
        bare(ax, title)
    unknown(middle, "how many weights?")
    alt = "A square of empty boxes for the pixels, a question mark, a smaller one for the outputs."
    return Picture(figure, sentence, alt)


def correlation(image: Tensor, distance: int) -> float:
    """The correlation, −1 to 1, of the pairs of pixels `distance` apart, down or across."""
    first = torch.cat([image[distance:].flatten(), image[:, distance:].flatten()])
    second = torch.cat([image[:-distance].flatten(), image[:, :-distance].flatten()])
    return float(torch.corrcoef(torch.stack([first, second]))[0, 1])


def likeness(
    image: Tensor,
    distances: Sequence[int] = range(1, 41),
    *,
    prediction: Any = NOT_ASKED,
    reveal: bool = False,
) -> Picture:
    """How alike two pixels are, by their distance, in a photograph and in its shuffled pixels.

    `prediction` is one of CURVES: how the shuffled photograph's curve compares with the other.
    """
    replied = reply(Choice("flat at 0", CURVES), prediction, reveal)
    order = torch.randperm(image.numel(), generator=torch.Generator().manual_seed(0))
    shuffled = image.flatten()[order].reshape(image.shape)
    pictures = (image, shuffled) if replied.open else (image,)
    curves = [[correlation(picture, d) for d in distances] for picture in pictures]
    figure, (left, middle, right) = canvas(3.2, 3, [1, 1, 2.2])
    titled = ((left, image, "the photograph"), (middle, shuffled, "the same pixels, shuffled"))
    for ax, picture, title in titled:
        ax.imshow(picture.numpy(), cmap="gray")
        bare(ax, title)
    styles = ((BLUE, "-", "photograph"), (ORANGE, "--", "shuffled"))
    for curve, (colour, style, name) in zip(curves, styles, strict=False):
        right.plot(distances, curve, style, color=colour, linewidth=2)
        place = (distances[-1], curve[-1])
        above: dict[str, Any] = {"xytext": (0, 6), "textcoords": "offset points", "ha": "right"}
        right.annotate(name, place, color=colour, fontsize=10, **above)
    right.set(xlabel="distance between two pixels", ylabel="correlation", ylim=(-0.15, 1.05))
    right.grid(alpha=0.3)
    alt = (
        "A portrait in grey, then a square of grey noise, then a plot of correlation against "
        "distance: the photograph's solid curve begins near 1 and falls slowly"
    )
    if not replied.open:
        return Picture(figure, replied.sentence, alt + ", and no other is drawn yet.")
    caption = (
        f"Neighbours in the photograph correlate at {number(curves[0][0])}, pixels {distances[-1]} "
        f"apart at {number(curves[0][-1])}; shuffled, even neighbours correlate at "
        f"{number(curves[1][0])}."
    )
    alt += ", the dashed one of the noise runs along 0."
    return Picture(figure, replied.before(caption), alt)


def reach(image: Tensor, window: int = 3) -> Picture:
    """Which pixels one output reads: all if fully connected, a small patch under a kernel."""
    figure, axes = canvas(3.4, 2)
    height, width = image.shape
    row, column = height // 2 - 1, width // 2 - 1
    patch = [(i, j) for i in range(row, row + window) for j in range(column, column + window)]
    everything = [(i, j) for i in range(height) for j in range(width)]
    titles = ("fully connected", "through a kernel")
    for ax, pixels, title in zip(axes, (everything, patch), titles, strict=True):
        ax.imshow((image * 0.35).numpy(), cmap="Greys", vmin=0, vmax=1)
        bare(ax, f"{title}: one output reads {len(pixels)} pixels")
        ax.set_xlim(-0.7, width + 4)
        ax.set_ylim(height - 0.3, -0.7)
        outline(ax, 0, 0, height, width)
        connect(ax, pixels, (width + 2, height / 2 - 0.5))
    caption = (
        f"One output: it depends on all {len(everything)} pixels on the left, on {len(patch)} "
        "neighbouring ones on the right."
    )
    alt = (
        "The drawing of the 7 twice, with one square beside each. On the left blue lines fan out "
        f"from every pixel to the square, on the right only from a block of {size((window,) * 2)}."
    )
    return Picture(figure, caption, alt)


def connect(ax: Axes, pixels: list[tuple[int, int]], target: tuple[float, float]) -> None:
    """Draw a line from each of these pixels to one output at `target` (x, y)."""
    line: dict[str, Any] = {"color": BLUE, "alpha": 0.45, "linewidth": 0.8, "in_layout": False}
    for i, j in pixels:
        frame = Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, edgecolor=BLUE, linewidth=1)
        ax.add_patch(frame)
        ax.add_patch(ConnectionPatch((j, i), target, "data", "data", **line))
    ax.plot(*target, "s", markersize=16, color="white", markeredgecolor=INK, markeredgewidth=2)
