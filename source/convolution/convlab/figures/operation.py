"""Owns the figures of parts 4, 6 and 7: flip or no flip, patches alike or not, how many positions there are."""

import torch
import torch.nn.functional as F
from matplotlib.patches import Rectangle

from .. import oracle
from ..map_source import MapSource
from ..player.player import Linked, Player
from ..printing import number, size
from .colours import BLUE, bare, grid, outline, rule
from .picture import Picture, canvas


def flip_or_not(image, kernel, conv2d=None):
    """Cross-correlation and convolution of the same image and kernel, moved together, and which one torch computes."""
    torchs = F.conv2d(image[None, None], kernel[None, None])[0, 0]
    same = (
        "cross-correlation"
        if torch.allclose(torchs.double(), oracle.feature_map(image, kernel))
        else "convolution"
    )
    players = [
        Player(image, kernel, MapSource(conv2d), "Cross-correlation: the kernel as it is", True),
        Player(image, kernel.flip(0, 1), MapSource(conv2d), "Convolution: the kernel flipped", True),
    ]
    unflipped, flipped = (number(player.target[0, 0]) for player in players)
    return Linked(
        players,
        f"The top left patch gives {unflipped} as cross-correlation and {flipped} as convolution. "
        f"torch's conv2d gives {number(torchs[0, 0])}: it computes the {same}. Move one kernel, and both move.",
    )


def alike(patches, kernel):
    """Several named patches under one kernel, and the dot product of each: `patches` maps a name to a tensor."""
    figure, axes = canvas(2.6, len(patches) + 1)
    grid(axes[0], kernel, "the kernel", fontsize=11)
    outline(axes[0], 0, 0, *kernel.shape)
    values = {name: float((patch * kernel).sum()) for name, patch in patches.items()}
    for ax, (name, patch) in zip(axes[1:], patches.items()):
        grid(ax, patch, f"{name}: {number(values[name])}", fontsize=11)
    caption = (
        "Dot product with the kernel: "
        + "; ".join(f"{name}: {number(v)}" for name, v in values.items())
        + "."
    )
    return Picture(
        figure,
        caption,
        "A kernel and patches that match it, do not, and are its opposite. " + caption,
    )


def positions(prediction, kernel_size=(3, 3)):
    """For each image size, the places a kernel's top left corner can take, counted, beside the reader's prediction.

    `prediction` maps an image size (H, W) to a predicted feature-map size (rows, columns), or to None.
    """
    figure, axes = canvas(3.3, len(prediction))
    told = []
    for ax, (shape, guess) in zip(axes, prediction.items()):
        rows, columns = oracle.size_of(shape, kernel_size)
        ax.set_xlim(-1, 12)
        ax.set_ylim(12, -1)
        ax.set_aspect("equal")
        rule(ax, *shape, color="#9a9a9a")
        ax.add_patch(Rectangle((-0.5, -0.5), columns, rows, facecolor="#cfe0f2"))
        dots = torch.cartesian_prod(torch.arange(columns), torch.arange(rows)).T
        ax.plot(*dots.numpy(), "o", color=BLUE, markersize=3)
        outline(ax, 0, 0, *kernel_size)
        verdict = (
            "no prediction yet"
            if guess is None
            else f"you: {said(guess)} {mark(guess, (rows, columns))}"
        )
        bare(ax, f"{size(shape)} → {size((rows, columns))}\n{verdict}")
        told.append(f"{size(shape)} → {size((rows, columns))} ({verdict})")
    caption = "Each dot is a place for the kernel's top left corner. " + "; ".join(told) + "."
    return Picture(
        figure, caption, "Four image grids with the kernel's possible places dotted. " + caption
    )


def said(guess):
    """The reader's prediction as text, whatever they typed."""
    return size(guess) if is_size(guess) else repr(guess)


def mark(guess, truth):
    """✓ or ✗."""
    return "✓" if is_size(guess) and tuple(guess) == truth else "✗"


def is_size(guess):
    """Whether the reader typed two whole numbers."""
    return (
        isinstance(guess, (tuple, list))
        and len(guess) == 2
        and all(isinstance(n, int) for n in guess)
    )
