"""The figures of parts 4 to 7: flip or no flip, sliding, one dot product, how many positions."""

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from matplotlib.patches import Rectangle
from torch import Tensor

from .. import oracle
from ..examples import SIZES
from ..map_source import MapSource
from ..player.player import Linked, Player, slide
from ..printing import number, size
from .colours import BLUE, INK, bare, grid, outline, rule
from .picture import Picture, canvas
from .predictions import (
    MISSING,
    NOT_ASKED,
    STILL_HIDDEN,
    Answer,
    Choice,
    Number,
    Question,
    Size,
    answer,
    is_true,
    reply,
    unknown,
)


def torchs_choice(image: Tensor, kernel: Tensor) -> tuple[float, str]:
    """torch's own first number for this image and kernel, and whether it is "without" the flip."""
    torchs = F.conv2d(image[None, None], kernel[None, None])[0, 0]
    unflipped = torch.allclose(torchs.double(), oracle.feature_map(image, kernel))
    return float(torchs[0, 0]), "without" if unflipped else "with"


def flip_at_one_position(
    image: Tensor, kernel: Tensor, *, prediction: Any = NOT_ASKED, reveal: bool = False
) -> Picture:
    """The top left patch of an image under a kernel and under the flipped kernel, and both sums.

    `prediction` is a table: the sums "without the flip" and "with the flip", and for "torch" the
    word "without" or "with".
    """
    patch = image[: kernel.shape[0], : kernel.shape[1]]
    kernels = {"without the flip": kernel, "with the flip": kernel.flip(0, 1)}
    sums = {name: float((patch * weights).sum()) for name, weights in kernels.items()}
    torchs, chosen = torchs_choice(image, kernel)
    asked: dict[str, Question] = {name: Number(value) for name, value in sums.items()}
    asked["torch"] = Choice(chosen, ("without", "with"))
    replied = reply(asked, prediction, reveal)
    figure, axes = canvas(4.2, 4, [1.2, 1, 1, 0.9], rows=2)
    for row, (name, weights) in zip((axes[:4], axes[4:]), kernels.items(), strict=True):
        grid(row[0], image, "the image", fontsize=10)
        outline(row[0], 0, 0, *kernel.shape)
        grid(row[1], weights, f"the kernel {name}", fontsize=11)
        if replied.open:
            grid(row[2], patch * weights, "patch times kernel", fontsize=11)
            total(row[3], sums[name])
        else:
            unknown(row[2], "patch times kernel")
            unknown(row[3], "added up")
    caption = (
        f"The top left patch gives {number(sums['without the flip'])} as cross-correlation and "
        f"{number(sums['with the flip'])} as convolution. torch's conv2d gives {number(torchs)} "
        f"there: it works {chosen} the flip."
    )
    alt = (
        "Two rows, above for the kernel as it is, below for the kernel turned by half a turn. Each "
        f"has the image with a frame round {size(kernel.shape)} pixels, the kernel, "
    )
    alt += "their products, and the sum." if replied.open else "and two question marks."
    return Picture(figure, replied.before(caption), alt)


def total(ax: Any, value: float) -> None:
    """Write one sum large where a table could stand."""
    bare(ax, "added up")
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    ax.text(0.5, 0.5, number(value), ha="center", va="center", fontsize=26, color=INK)


def flip_or_not(image: Tensor, kernel: Tensor, conv2d: Any = None) -> Linked:
    """Cross-correlation and convolution of one image, moved together, and which one is torch's."""
    _, chosen = torchs_choice(image, kernel)
    same = {"without": "cross-correlation", "with": "convolution"}[chosen]
    kernels = {
        "Cross-correlation: the kernel as it is": kernel,
        "Convolution: the kernel flipped": kernel.flip(0, 1),
    }
    return Linked(
        [Player(image, turned, MapSource(conv2d), name) for name, turned in kernels.items()],
        f"One image under two kernels: torch's conv2d computes the {same}. Move one kernel, and "
        "both move.",
    )


def sliding(
    image: Tensor, kernel: Tensor, *, prediction: Any = NOT_ASKED, reveal: bool = False
) -> Picture | Linked:
    """A kernel that slides over an image, once the learner has predicted the feature map's size."""
    rows, columns = oracle.size_of(image.shape, kernel.shape)
    replied = reply(Size((rows, columns)), prediction, reveal)
    if replied.open:
        caption = (
            f"The kernel's top left corner can stand in {rows} rows and {columns} columns: "
            f"{rows * columns} positions."
        )
        return answered_by_player(image, kernel, "The kernel on its way", replied.before(caption))
    return unanswered(image, kernel, "the image", "the feature map", replied.sentence)


def one_position(
    patch: Tensor, kernel: Tensor, *, prediction: Any = NOT_ASKED, reveal: bool = False
) -> Picture | Linked:
    """A patch and a kernel of one size, to be changed, once their dot product was predicted."""
    value = float((patch * kernel).sum())
    replied = reply(Number(value), prediction, reveal)
    if replied.open:
        caption = f"The {patch.numel()} products add up to {number(value)}."
        return answered_by_player(patch, kernel, "One position", replied.before(caption))
    return unanswered(patch, kernel, "the patch", "the sum", replied.sentence)


def answered_by_player(image: Tensor, kernel: Tensor, title: str, sentence: str) -> Linked:
    """The player of an image and a kernel, with a title and the answer to a prediction."""
    player = slide(image, kernel)
    player.title = title
    return Linked([player], sentence)


def unanswered(image: Tensor, kernel: Tensor, left: str, right: str, sentence: str) -> Picture:
    """An image, a kernel and a question mark: what stands for a player before its prediction."""
    figure, axes = canvas(2.9, 3)
    grid(axes[0], image, left, fontsize=11)
    outline(axes[0], 0, 0, *kernel.shape)
    grid(axes[1], kernel, "the kernel", fontsize=11)
    unknown(axes[2], right)
    alt = (
        f"A table of numbers for {left}, a frame at its top left as large as the kernel; then the "
        f"kernel, and a question mark in the place of {right}."
    )
    return Picture(figure, sentence, alt)


def alike(patches: Mapping[str, Tensor], kernel: Tensor) -> Picture:
    """Several patches, by name, under one kernel, and the dot product of each."""
    figure, axes = canvas(2.6, len(patches) + 1)
    grid(axes[0], kernel, "the kernel", fontsize=11)
    outline(axes[0], 0, 0, *kernel.shape)
    values = {name: float((patch * kernel).sum()) for name, patch in patches.items()}
    for ax, (name, patch) in zip(axes[1:], patches.items(), strict=True):
        grid(ax, patch, f"{name}: {number(values[name])}", fontsize=11)
    told = "; ".join(f"{name}: {number(value)}" for name, value in values.items())
    tables = ", ".join(patches)
    alt = (
        f"A framed {size(kernel.shape)} kernel, and in a row beside it, each under its name and a "
        f"number, patches as large as the kernel: {tables}."
    )
    return Picture(figure, f"Dot product with the kernel: {told}.", alt)


def positions(
    prediction: Any, kernel_size: tuple[int, int] = (3, 3), *, reveal: bool = False
) -> Picture:
    """For each image size, the places that a kernel's top left corner can take, and how many.

    `prediction` is a table from an image size (H, W) to the predicted size of the feature map, or
    None; the places are drawn for those that have a prediction.
    """
    table = prediction if isinstance(prediction, Mapping) else {}
    sizes = [shape for shape in table if is_size(shape, kernel_size)] or SIZES
    figure, axes = canvas(3.4, max(len(sizes), 3))
    told, hidden, given = [], 0, False
    for ax, shape in zip(axes, sizes, strict=False):
        truth = oracle.size_of(shape, kernel_size)
        answered = answer(Size(truth), table.get(shape), size(shape))
        opened = answered.right is not None or is_true(reveal)
        ax.set(xlim=(-1, 12), ylim=(12, -1), aspect="equal")
        rule(ax, shape[0], shape[1], color="#9a9a9a")
        if opened:
            ax.add_patch(Rectangle((-0.5, -0.5), truth[1], truth[0], facecolor="#cfe0f2"))
            dots = torch.cartesian_prod(torch.arange(truth[1]), torch.arange(truth[0])).T
            ax.plot(*dots.numpy(), "o", color=BLUE, markersize=3)
        outline(ax, 0, 0, *kernel_size)
        bare(ax, f"{size(shape)} → {size(truth) if opened else '?'}\n{mark(answered)}")
        told.append(answered.sentence)
        if opened and answered.right is None:
            told.append(f"The feature map is {size(truth)}.")
        hidden += not opened
        given = given or answered.given
    for ax in axes[len(sizes) :]:
        bare(ax)
    if hidden < len(sizes):
        told.append("Each dot is a place for the kernel's top left corner.")
    if hidden:
        told = [*told, STILL_HIDDEN] if given else [MISSING]
    alt = (
        f"{len(sizes)} grids, one for each image, with a frame of {size(kernel_size)} boxes at the "
        "top left of each. Where a prediction was entered, a shaded block of dots marks the places "
        "that the frame's corner can take."
    )
    return Picture(figure, " ".join(told), alt)


def mark(answered: Answer) -> str:
    """What a title says of an answer."""
    if answered.right is None:
        return "not readable" if answered.given else "no prediction yet"
    return "you: right ✓" if answered.right else "you: wrong ✗"


def is_size(shape: Any, kernel_size: tuple[int, int]) -> bool:
    """Whether this is the size of an image that holds the kernel and is not too large to draw."""
    return (
        isinstance(shape, tuple)
        and len(shape) == 2
        and all(type(n) is int and k <= n <= 12 for n, k in zip(shape, kernel_size, strict=True))
    )
