"""Owns the figures of parts 1 to 3: why an image wants a local operation, and what locality saves."""

import torch
from matplotlib.patches import ConnectionPatch, Rectangle

from ..printing import number, size
from .colours import BLUE, INK, ORANGE, TINTS, bare, grid, outline, rule, write
from .picture import Picture, canvas


def flattening(image, above, below):
    """A small image beside its flattening, with two touching pixels followed into the vector.

    `above` and `below` are (row, column) places in `image` (H, W).
    """
    height, width = image.shape
    places = [row * width + column for row, column in (above, below)]
    figure, (left, right) = canvas(3.4, 2, [1, 2.6])
    grid(left, image, f"the image, {size(image.shape)}")
    strip = image.reshape(4, -1)
    right.imshow(strip.numpy(), cmap=TINTS, vmin=-1, vmax=1)
    bare(
        right,
        f"the vector: its {image.numel()} places, numbered from 0, filled where the pixel is 1",
    )
    right.set_ylim(3.6, -0.6)
    right.set_xlim(-0.6, strip.shape[1] - 0.4)
    length = strip.shape[1]
    rule(right, *strip.shape, color="#bbbbbb")
    for place in range(image.numel()):
        line, at = divmod(place, length)
        write(right, line, at, str(place), 8)
    for (row, column), place, colour, style in zip(
        (above, below), places, (BLUE, ORANGE), ("-", "--")
    ):
        outline(left, row, column, color=colour, style=style)
        outline(right, place % length, place // length)
        right.patches[-1].set(
            xy=(place % length - 0.5, place // length - 0.5), edgecolor=colour, linestyle=style
        )
    apart = abs(places[1] - places[0])
    caption = (
        f"The framed pixels touch in the image. In the vector they sit at places {places[0]} and {places[1]}, "
        f"{apart} apart: one whole row."
    )
    return Picture(
        figure,
        caption,
        f"An {size(image.shape)} drawing of a 7 beside its 64 numbers in a line. {caption}",
    )


def weights(dense, convolutional):
    """The weights of a fully connected and of a convolutional layer, drawn to the same scale and counted."""
    counts = [sum(p.numel() for p in layer.parameters()) for layer in (dense, convolutional)]
    outputs, inputs = dense.weight.shape
    figure, axes = canvas(3.0, 2, [2.2, 1])
    window = convolutional.weight.shape[-2:]
    for ax, shape, title in zip(
        axes, ((outputs, inputs), window), ("fully connected", "convolutional")
    ):
        ax.set_xlim(-0.5, inputs + 0.5)
        ax.set_ylim(outputs + 0.5, -0.5)
        ax.set_aspect("equal")
        bare(ax)
        ax.add_patch(Rectangle((0, 0), shape[1], shape[0], facecolor="#8fb8e0"))
        for k in range(1, shape[0]):
            ax.plot([0, shape[1]], [k, k], color="white", linewidth=0.5, in_layout=False)
        for k in range(1, shape[1]):
            ax.plot([k, k], [0, shape[0]], color="white", linewidth=0.5, in_layout=False)
        ax.set_title(f"{title}: {size(shape)} = {shape[0] * shape[1]} weights", fontsize=11)
    caption = (
        f"From 8×8 pixels to 6×6 outputs: {counts[0]} weights fully connected, {counts[1]} convolutional. "
        "Each small square is one weight."
    )
    return Picture(
        figure,
        caption,
        "Two weight tables to the same scale, a wide one and a tiny one. " + caption,
    )


def correlation(image, distance):
    """How alike two pixels `distance` apart are: the correlation over all such pairs, down and across, -1 to 1."""
    first = torch.cat([image[distance:].flatten(), image[:, distance:].flatten()])
    second = torch.cat([image[:-distance].flatten(), image[:, :-distance].flatten()])
    return float(torch.corrcoef(torch.stack([first, second]))[0, 1])


def likeness(image, distances=range(1, 41)):
    """A photograph and its shuffled pixels, each with how alike two pixels are as a function of their distance."""
    order = torch.randperm(image.numel(), generator=torch.Generator().manual_seed(0))
    shuffled = image.flatten()[order].reshape(image.shape)
    curves = [[correlation(picture, d) for d in distances] for picture in (image, shuffled)]
    figure, (left, middle, right) = canvas(3.2, 3, [1, 1, 2.2])
    for ax, picture, title in (
        (left, image, "the photograph"),
        (middle, shuffled, "the same pixels, shuffled"),
    ):
        ax.imshow(picture.numpy(), cmap="gray")
        bare(ax, title)
    for curve, colour, style, name in zip(
        curves, (BLUE, ORANGE), ("-", "--"), ("photograph", "shuffled")
    ):
        right.plot(distances, curve, style, color=colour, linewidth=2)
        right.annotate(
            name,
            (distances[-1], curve[-1]),
            xytext=(0, 6),
            textcoords="offset points",
            ha="right",
            color=colour,
            fontsize=10,
        )
    right.set(xlabel="distance between two pixels", ylabel="correlation", ylim=(-0.15, 1.05))
    right.grid(alpha=0.3)
    caption = (
        f"Neighbours in the photograph correlate at {number(curves[0][0])}, pixels {distances[-1]} apart at "
        f"{number(curves[0][-1])}; shuffled, even neighbours correlate at {number(curves[1][0])}."
    )
    return Picture(
        figure,
        caption,
        "A portrait, its shuffled pixels, and two curves against distance: the "
        "photograph's falls slowly from near 1, the shuffled one lies at 0. " + caption,
    )


def reach(image, window=3):
    """Which pixels one output reads: all of them in a fully connected layer, a small patch under a kernel."""
    figure, axes = canvas(3.4, 2)
    height, width = image.shape
    row, column = height // 2 - 1, width // 2 - 1
    patch = [(i, j) for i in range(row, row + window) for j in range(column, column + window)]
    everything = [(i, j) for i in range(height) for j in range(width)]
    for ax, pixels, title in zip(
        axes, (everything, patch), ("fully connected", "through a kernel")
    ):
        ax.imshow((image * 0.35).numpy(), cmap="Greys", vmin=0, vmax=1)
        bare(ax, f"{title}: one output reads {len(pixels)} pixels")
        ax.set_xlim(-0.7, width + 4)
        ax.set_ylim(height - 0.3, -0.7)
        outline(ax, 0, 0, height, width)
        target = (width + 2, height / 2 - 0.5)
        for i, j in pixels:
            ax.add_patch(
                Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, edgecolor=BLUE, linewidth=1)
            )
            ax.add_patch(
                ConnectionPatch(
                    (j, i),
                    target,
                    "data",
                    "data",
                    color=BLUE,
                    alpha=0.45,
                    linewidth=0.8,
                    in_layout=False,
                )
            )
        ax.plot(*target, "s", markersize=16, color="white", markeredgecolor=INK, markeredgewidth=2)
    caption = f"One output: {len(everything)} pixels on the left, {len(patch)} neighbouring ones on the right."
    return Picture(figure, caption, "Lines from the pixels of an image to one output. " + caption)
