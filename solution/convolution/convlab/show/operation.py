"""Owns the figures of parts 4, 6 and 7: flip or no flip, one position in detail, how many positions there are."""

import torch
import torch.nn.functional as F
from matplotlib.patches import Rectangle

from .. import target
from ..figure import Picture, canvas
from ..paint import BLUE, bare, grid, number, outline, rule, size
from ..yours import Hand


def flip_or_not(image, kernel, conv2d=None):
    """Cross-correlation and convolution of the same image and kernel, side by side, and which one torch computes."""
    flipped, hand = kernel.flip(0, 1), Hand(conv2d)
    unflipped_map, flipped_map = hand(image, kernel), hand(image, flipped)
    torchs = F.conv2d(image[None, None], kernel[None, None])[0, 0]
    same = "cross-correlation" if torch.allclose(torchs.double(), target.feature_map(image, kernel)) else "convolution"
    figure, axes = canvas(4.6, 3, [1.5, 1, 1.2], rows=2)
    for row, (weights, result, name) in enumerate((
            (kernel, unflipped_map, "cross-correlation"), (flipped, flipped_map, "convolution"))):
        grid(axes[3 * row], image, "the image")
        outline(axes[3 * row], 0, 0, *kernel.shape)
        grid(axes[3 * row + 1], weights, "the kernel, flipped" if row else "the kernel, as it is")
        grid(axes[3 * row + 2], result, name)
        outline(axes[3 * row + 2], 0, 0)
    caption = (f"The framed patch gives {number(unflipped_map[0, 0])} as cross-correlation and "
               f"{number(flipped_map[0, 0])} as convolution. torch's conv2d gives {number(torchs[0, 0])}: "
               f"it computes the {same}.{hand.sign()}")
    return Picture(figure, caption, "Two rows of image, kernel and result; the lower kernel is turned by 180 "
                   "degrees and gives another result. " + caption)


def one_position(patch, kernel):
    """A patch and a kernel of the same size: their products, element by element, and the sum."""
    products = patch * kernel
    figure, axes = canvas(2.5, 4, [1, 1, 1, 0.55])
    grid(axes[0], patch, "patch", fontsize=12)
    grid(axes[1], kernel, "kernel", fontsize=12)
    grid(axes[2], products, "element by element", fontsize=12)
    grid(axes[3], products.sum().reshape(1, 1), "added up", fontsize=14)
    for ax, sign in zip(axes[1:], "×=Σ"):
        ax.annotate(sign, (-0.12, 0.5), xycoords="axes fraction", fontsize=18, ha="center", va="center")
    terms = " + ".join(f"({number(x)})({number(w)})" for x, w in zip(patch.flatten(), kernel.flatten()))
    caption = f"The dot product: {terms} = {number(products.sum())}"
    return Picture(figure, caption, "A patch times a kernel, element by element, added up. " + caption)


def alike(patches, kernel):
    """Several named patches under one kernel, and the dot product of each: `patches` maps a name to a tensor."""
    figure, axes = canvas(2.6, len(patches) + 1)
    grid(axes[0], kernel, "the kernel", fontsize=11)
    outline(axes[0], 0, 0, *kernel.shape)
    values = {name: float((patch * kernel).sum()) for name, patch in patches.items()}
    for ax, (name, patch) in zip(axes[1:], patches.items()):
        grid(ax, patch, f"{name}: {number(values[name])}", fontsize=11)
    caption = "Dot product with the kernel: " + "; ".join(f"{name}: {number(v)}" for name, v in values.items()) + "."
    return Picture(figure, caption, "A kernel and patches that match it, do not, and are its opposite. " + caption)


def positions(prediction, kernel_size=(3, 3)):
    """For each image size, the places a kernel's top left corner can take, counted, beside the reader's prediction.

    `prediction` maps an image size (H, W) to a predicted feature-map size (rows, columns), or to None.
    """
    figure, axes = canvas(3.3, len(prediction))
    told = []
    for ax, (shape, guess) in zip(axes, prediction.items()):
        rows, columns = target.size_of(shape, kernel_size)
        ax.set_xlim(-1, 12)
        ax.set_ylim(12, -1)
        ax.set_aspect("equal")
        rule(ax, *shape, color="#9a9a9a")
        ax.add_patch(Rectangle((-0.5, -0.5), columns, rows, facecolor="#cfe0f2"))
        dots = torch.cartesian_prod(torch.arange(columns), torch.arange(rows)).T
        ax.plot(*dots.numpy(), "o", color=BLUE, markersize=3)
        outline(ax, 0, 0, *kernel_size)
        verdict = "no prediction yet" if guess is None else f"you: {said(guess)} {mark(guess, (rows, columns))}"
        bare(ax, f"{size(shape)} → {size((rows, columns))}\n{verdict}")
        told.append(f"{size(shape)} → {size((rows, columns))} ({verdict})")
    caption = "Each dot is a place for the kernel's top left corner. " + "; ".join(told) + "."
    return Picture(figure, caption, "Four image grids with the kernel's possible places dotted. " + caption)


def said(guess):
    """The reader's prediction as text, whatever they typed."""
    return size(guess) if is_size(guess) else repr(guess)


def mark(guess, truth):
    """✓ or ✗."""
    return "✓" if is_size(guess) and tuple(guess) == truth else "✗"


def is_size(guess):
    """Whether the reader typed two whole numbers."""
    return isinstance(guess, (tuple, list)) and len(guess) == 2 and all(isinstance(n, int) for n in guess)
