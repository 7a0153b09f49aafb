"""The figures of part 8: patterns found by kernels, and which outputs a pixel reaches."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from .. import images, oracle
from ..map_source import MapSource
from ..printing import number, size
from .colours import bare, grid, outline, photo, signed_map, strongest
from .picture import Picture, canvas
from .predictions import NOT_ASKED, Choice, Number, Question, reply, unknown

FEW = 3  # places that a caption names one by one
SHIFTED = ("stays", "moves along", "changes everywhere")
CIRCLE_PLACES = ("over a ring", "inside the square", "at a corner")
DRAWING_QUESTIONS: dict[str, Question] = {  # of images.drawing() and these four kernels
    "kernel": Choice("vertical edge", ("vertical edge", "horizontal edge", "corner", "circle")),
    "sign": Choice("-", ("+", "-")),
    "circle": Choice("over a ring", CIRCLE_PLACES),
}


def named(places: Sequence[Sequence[int]]) -> str:
    """A few places by row and column; of many, how many and one of them; or that there is none."""
    if not places:
        return "no place"
    words = [f"row {row}, column {column}" for row, column in places]
    if len(words) <= FEW:
        return " and ".join(words)
    return f"{len(words)} places, one of them {words[0]}"


def detectors(
    image: Tensor,
    names: Sequence[str],
    conv2d: Any = None,
    *,
    prediction: Any = NOT_ASKED,
    reveal: bool = False,
) -> Picture:
    """Several kernels, by name, above their feature maps of one image (H, W), the largest ringed.

    `prediction`, asked of the lesson's drawing alone, is a table with the keys of
    DRAWING_QUESTIONS.
    """
    source = MapSource(conv2d)
    replied = reply(DRAWING_QUESTIONS, prediction, reveal)
    figure, axes = canvas(4.4, len(names) + 1, [1.4] + [1] * len(names), rows=2)
    top, bottom = axes[: len(names) + 1], axes[len(names) + 1 :]
    photo(top[0], image, f"the image, {size(image.shape)}")
    bare(bottom[0])
    key = "above: the kernels\nbelow: their feature maps,\nthe largest value ringed"
    middle: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 10}
    bottom[0].text(0.5, 0.5, key, transform=bottom[0].transAxes, **middle)
    told = []
    for ax, below, name in zip(top[1:], bottom[1:], names, strict=True):
        kernel = images.kernel(name)
        title = f"{name}, {size(kernel.shape)}"
        if kernel.shape[0] <= 3:
            grid(ax, kernel, title, fontsize=9)
        else:
            signed_map(ax, kernel, title)
        if not replied.open:
            unknown(below, "")
            continue
        response = source(image, kernel)
        places = (response >= response.max() - 1e-6).nonzero().tolist()
        signed_map(below, response)
        for row, column in places if len(places) <= FEW else places[:1]:
            strongest(below, row, column)
        told.append(f"{name} {number(response.max())} at {named(places)}")
    caption = f"The largest values: {'; '.join(told)}.{source.sign()}"
    if replied.sentence:
        edges = oracle.feature_map(image, images.kernel("vertical edge"))
        caption = (
            f"The vertical edge kernel gives {number(edges.max())} where ink begins, from left to "
            f"right, {number(edges.min())} where it ends, and 0 where nothing changes. {caption}"
        )
    alt = (
        f"An image of {size(image.shape)} pixels, and beside it {len(names)} kernels in a row. "
        "Under each kernel stands "
    )
    alt += (
        "its feature map in colours from yellow through grey to dark blue, with a ring."
        if replied.open
        else "a question mark."
    )
    return Picture(figure, replied.before(caption), alt)


def ripple(
    image: Tensor,
    kernel: Tensor,
    row: int,
    column: int,
    conv2d: Any = None,
    *,
    prediction: Any = NOT_ASKED,
    reveal: bool = False,
) -> Picture:
    """Which values of the feature map change, and by how much, if one pixel is raised by 1.

    `prediction` is a table: how many "values" change, and whether all by the "same amount".
    """
    source = MapSource(conv2d)
    changed = image.clone()
    changed[row, column] += 1
    replied = reply(ripple_questions(image, changed, kernel), prediction, reveal)
    figure, (left, middle, right) = canvas(3.2, 3, [1.2, 0.6, 1])
    grid(left, image, f"the image; one pixel, row {row}, column {column}, gets +1", fontsize=9)
    outline(left, row, column)
    grid(middle, kernel, "the kernel")
    alt = f"A table of numbers with a frame round row {row}, column {column}; a kernel; "
    if not replied.open:
        unknown(right, "what changes?")
        return Picture(figure, replied.sentence, alt + "and a question mark.")
    moved = source(changed, kernel) - source(image, kernel)
    count = int((moved.abs() > 1e-6).sum())
    grid(right, moved, f"{count} of {moved.numel()} outputs change", fontsize=9)
    rest = (
        ""
        if source.differences
        else ", each by one of the kernel's weights; no other output reads that pixel"
    )
    caption = (
        f"Raising one pixel by 1 changes {count} of {moved.numel()} outputs{rest}.{source.sign()}"
    )
    alt += (
        f"and a table of {size(moved.shape)} differences, new feature map minus old: zeros on "
        "white, and tinted where a value changed."
    )
    return Picture(figure, replied.before(caption), alt)


def ripple_questions(image: Tensor, changed: Tensor, kernel: Tensor) -> dict[str, Question]:
    """How many values of two images' feature maps differ, and whether all by one amount."""
    moved = oracle.feature_map(changed, kernel) - oracle.feature_map(image, kernel)
    amounts = moved[moved.abs() > 1e-6]
    same = not amounts.numel() or bool(amounts.max() - amounts.min() < 1e-6)
    return {
        "values": Number(amounts.numel()),
        "same amount": Choice("yes" if same else "no", ("yes", "no")),
    }


def backward(image: Tensor, kernel: Tensor) -> Picture:
    """The gradient of a loss with respect to the pixels, by backward() and by a flipped kernel.

    The loss is any function of the feature map whose gradient there is 1, 2, 3, …; the gradient at
    the pixels is the feature map of that table, within a border of zeros, under the flipped kernel.
    """
    pixels = image.clone().requires_grad_()
    output = oracle.feature_map(pixels, kernel)
    arriving = torch.arange(1.0, output.numel() + 1).reshape(output.shape)
    (output * arriving).sum().backward()
    assert pixels.grad is not None
    rows, columns = (n - 1 for n in kernel.shape)
    framed = torch.nn.functional.pad(arriving, (columns, columns, rows, rows))
    turned = kernel.flip(0, 1)
    slid = oracle.feature_map(framed, turned)
    gap = float((slid - pixels.grad).abs().max())
    figure, axes = canvas(3.0, 4, [1.3, 0.7, 1, 1])
    grid(axes[0], framed, "gradient at the outputs,\nin a border of zeros", fontsize=9)
    outline(axes[0], rows, columns, *arriving.shape)
    grid(axes[1], turned, "the kernel,\nflipped", fontsize=9)
    grid(axes[2], slid, "slid over it", fontsize=9)
    grid(axes[3], pixels.grad, "gradient at the pixels,\nby backward()", fontsize=9)
    caption = (
        "What backward() finds for every pixel is what the flipped kernel finds when it slides "
        f"over the gradient at the outputs: the largest difference is {number(gap)}."
    )
    alt = (
        f"Four tables in a row: {size(framed.shape)} numbers, all 0 outside a framed block of "
        f"{size(arriving.shape)}; a kernel of {size(kernel.shape)}; and two tables of "
        f"{size(image.shape)} numbers to be compared."
    )
    return Picture(figure, caption, alt)


def shift(
    image: Tensor,
    kernel: Tensor,
    right: int = 1,
    conv2d: Any = None,
    *,
    prediction: Any = NOT_ASKED,
    reveal: bool = False,
) -> Picture:
    """An image, the same image moved to the right by whole pixels, and the feature maps of both.

    Zeros enter on the left. `prediction` is one of SHIFTED: what becomes of the feature map.
    """
    source = MapSource(conv2d)
    replied = reply(Choice("moves along", SHIFTED), prediction, reveal)
    moved = images.moved_right(image, right)
    figure, axes = canvas(5.2, 2, [1.15, 1], rows=2)
    grid(axes[0], image, "the image", fontsize=9)
    grid(axes[2], moved, f"the image, moved to the right by {right}", fontsize=9)
    before = source(image, kernel)
    grid(axes[1], before, "its feature map", fontsize=9)
    alt = (
        "Two rows. Above, the drawing of the 7 as a table and its feature map; below, the same "
        f"drawing {right} further to the right and "
    )
    if not replied.open:
        unknown(axes[3], "its feature map")
        return Picture(figure, replied.sentence, alt + "a question mark.")
    after = source(moved, kernel)
    kept = before.shape[1] - right
    gap = float((after[:, right:] - before[:, :kept]).abs().max())
    grid(axes[3], after, "its feature map", fontsize=9)
    outline(axes[1], 0, 0, before.shape[0], kept)
    outline(axes[3], 0, right, before.shape[0], kept, style="--")
    caption = (
        f"Between the framed parts, {before.shape[0] * kept} values each, the largest difference "
        f"is {number(gap)}: the map has moved with the image. At the border it cannot: the map's "
        f"first values read pixels that have only now come in, its last ones have left."
        f"{source.sign()}"
    )
    alt += "its map. A solid frame leaves out the upper map's end, a dashed one the lower's start."
    return Picture(figure, replied.before(caption), alt)
