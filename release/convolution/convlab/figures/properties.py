"""The figures of part 9: a linear operator, a sparse matrix, a similarity, one dimension."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from .. import oracle
from ..map_source import MapSource
from ..printing import number, size
from .colours import BLUE, INK, ORANGE, TINTS, grid, outline, photo, reach_of, signed_map, strongest
from .picture import Picture, canvas
from .predictions import NOT_ASKED, Choice, Number, Question, Size, reply, unknown

MapFunction = Callable[[Tensor, Tensor], Tensor]


def mixture(first: Tensor, second: Tensor) -> Tensor:
    """The mixture by which linearity is tried: two times the first, less three times the second."""
    return 2 * first - 3 * second


def superposition(
    a: Tensor,
    b: Tensor,
    kernel: Tensor,
    conv2d: Any = None,
    *,
    prediction: Any = NOT_ASKED,
    reveal: bool = False,
) -> Picture:
    """The feature map of a mixture of two images, and the same mixture of their feature maps.

    `prediction` is the largest difference between the two: a number.
    """
    right = oracle.feature_map
    apart = right(mixture(a, b), kernel) - mixture(right(a, kernel), right(b, kernel))
    replied = reply(Number(float(apart.abs().max())), prediction, reveal)
    source = MapSource(conv2d)
    figure, axes = canvas(2.9, 4)
    grid(axes[0], a, "a", fontsize=8)
    grid(axes[1], b, "b", fontsize=8)
    titles = ("map of (2a − 3b)", "2 (map of a) − 3 (map of b)")
    alt = f"Two images of {size(a.shape)} numbers, named a and b, and beside them "
    if not replied.open:
        for ax, title in zip(axes[2:], titles, strict=True):
            unknown(ax, title)
        return Picture(figure, replied.sentence, alt + "two question marks.")
    first = source(mixture(a, b), kernel)
    last = mixture(source(a, kernel), source(b, kernel))
    gap = float((first - last).abs().max())
    for ax, values, title in zip(axes[2:], (first, last), titles, strict=True):
        grid(ax, values, title, fontsize=8)
    caption = (
        f"Mix, then slide, or slide, then mix: the largest difference is {gap:.1g}.{source.sign()}"
    )
    alt += f"two feature maps of {size(first.shape)}: of the mixture, and the mixture of both maps."
    return Picture(figure, replied.before(caption), alt)


def as_matrix(
    kernel: Tensor, shape: tuple[int, int], feature_map: MapFunction = oracle.feature_map
) -> Tensor:
    """The matrix (outputs, pixels) that does to a flattened image (H, W) what the kernel does.

    Its columns are the feature maps of the images that are 1 in one pixel and 0 elsewhere.
    """
    units = torch.eye(shape[0] * shape[1]).reshape(-1, *shape)
    return torch.stack([feature_map(unit, kernel).flatten() for unit in units], dim=1)


def matrix(
    kernel: Tensor,
    shape: tuple[int, int],
    conv2d: Any = None,
    *,
    prediction: Any = NOT_ASKED,
    reveal: bool = False,
) -> Picture:
    """The convolution of images of size `shape` as one matrix, its entries that are not 0 counted.

    `prediction` is a table: the matrix's "size", (rows, columns), and how many entries are "not 0".
    """
    right = as_matrix(kernel, shape)
    asked: dict[str, Question] = {
        "size": Size((right.shape[0], right.shape[1])),
        "not 0": Number(int((right != 0).sum())),
    }
    replied = reply(asked, prediction, reveal)
    figure, (ax, small) = canvas(4.0, 2, [3.4, 1])
    grid(small, kernel, "the kernel")
    if not replied.open:
        unknown(ax, "the same operation as a matrix")
        alt = "A question mark in the place of the matrix; beside it the kernel."
        return Picture(figure, replied.sentence, alt)
    source = MapSource(conv2d)
    table = as_matrix(kernel, shape, source)
    filled = int((table != 0).sum())
    distinct = len(table[table != 0].unique())
    reach = reach_of(table)
    ax.imshow(table.numpy(), cmap=TINTS, vmin=-reach, vmax=reach, interpolation="nearest")
    ax.set(xlabel=f"{table.shape[1]} pixels, row after row", ylabel=f"{table.shape[0]} outputs")
    ax.set_title(f"the same operation as one {size(table.shape)} matrix", fontsize=11)
    rest = "" if source.differences else ": the kernel's weights, repeated along diagonals"
    outputs, pixels = table.shape
    caption = (
        f"A row for each of {outputs} outputs, a column for each of {pixels} pixels. "
        f"{filled} of {table.numel()} entries are not 0, and these take only {distinct} values"
        f"{rest}.{source.sign()}"
    )
    alt = (
        "A wide table in which tints mark what is not zero, white the rest; its axes are labelled "
        "with outputs and pixels. Beside it the kernel."
    )
    return Picture(figure, replied.before(caption), alt)


def combined(first: Tensor, second: Tensor) -> Tensor:
    """The one kernel that does what two in a row do: their convolution, with the flip."""
    rows, columns = (n - 1 for n in second.shape)
    framed = torch.nn.functional.pad(first, (columns, columns, rows, rows))
    return oracle.feature_map(framed, second.flip(0, 1)).float()


def two_in_a_row(
    image: Tensor,
    first: Tensor,
    second: Tensor,
    *,
    prediction: Any = NOT_ASKED,
    reveal: bool = False,
) -> Picture:
    """Two kernels in a row, the one larger kernel that does the same, and a ReLU between the two.

    `prediction` is the size of that kernel.
    """
    one = combined(first, second)
    replied = reply(Size((one.shape[0], one.shape[1])), prediction, reveal)
    figure, axes = canvas(5.4, 3, rows=2)
    grid(axes[0], first, "the first kernel", fontsize=10)
    grid(axes[1], second, "the second kernel", fontsize=10)
    if replied.open:
        grid(axes[2], one, f"one kernel of {size(one.shape)}", fontsize=9)
    else:
        unknown(axes[2], "one kernel that does the same")
    inner = oracle.feature_map(image, first)
    maps = {
        "first, then second": oracle.feature_map(inner, second),
        "the one kernel": oracle.feature_map(image, one),
        "first, ReLU, second": oracle.feature_map(inner.relu(), second),
    }
    gap = float((maps["first, then second"] - maps["the one kernel"]).abs().max())
    negative = oracle.feature_map(oracle.feature_map(-image, first).relu(), second)
    left_over = float((maps["first, ReLU, second"] + negative).abs().max())
    alt = f"Above, two kernels of {size(first.shape)} and {size(second.shape)}, then "
    if not replied.open:
        grid(axes[3], maps["first, then second"], "first, then second", fontsize=10)
        unknown(axes[4], "the one kernel")
        unknown(axes[5], "first, ReLU, second")
        alt += "a question mark. Below, one feature map and two more question marks."
        return Picture(figure, replied.sentence, alt)
    for ax, (name, values) in zip(axes[3:], maps.items(), strict=True):
        grid(ax, values, name, fontsize=9)
    caption = (
        f"A value of the second map reads {size(second.shape)} values of the first, and these read "
        f"{size(one.shape)} pixels. "
        f"Two kernels in a row and the one larger kernel: the largest difference is {number(gap)}. "
        "With a ReLU between the two, no single kernel can do the same: its maps of an image and "
        f"of the image times −1 would add up to 0, and here they add up to as much as "
        f"{number(left_over)}."
    )
    alt += "a larger one. Below, the three feature maps they give, the third with a ReLU between."
    return Picture(figure, replied.before(caption), alt)


def normalised(
    image: Tensor, pattern: Tensor, feature_map: MapFunction = oracle.feature_map
) -> Tensor:
    """The dot product of each patch with the pattern, both brought to mean 0 and length 1."""
    ones = torch.ones_like(pattern)
    centred = pattern - pattern.mean()
    total, squares = feature_map(image, ones), feature_map(image**2, ones)
    spread = (squares - total**2 / pattern.numel()).clamp_min(1e-9).sqrt()
    return feature_map(image, centred) / (spread * centred.norm())


def search(
    image: Tensor,
    pattern: Tensor,
    place: tuple[int, int],
    conv2d: Any = None,
    *,
    prediction: Any = NOT_ASKED,
    reveal: bool = False,
) -> Picture:
    """Where the plain and the normalised dot product find `pattern`, which really is at `place`.

    `prediction`, asked of images.scene() alone, is "ring" or "square": where the plain one is
    largest.
    """
    fooled = oracle.feature_map(image, pattern)
    row, column = divmod(int(fooled.argmax()), fooled.shape[1])
    found = "ring" if (row, column) == place else "square"
    replied = reply(Choice(found, ("ring", "square")), prediction, reveal)
    figure, axes = canvas(3.2, 4, [1.3, 0.5, 1.5, 1.5])
    photo(axes[0], image, "find the ring")
    photo(axes[1], pattern, "the pattern")
    outline(axes[1], 0, 0, *pattern.shape)
    alt = (
        "A dark noisy image with a bright square in it and a faint ring, a small image of a ring, "
    )
    if not replied.open:
        unknown(axes[2], "dot product")
        unknown(axes[3], "normalised")
        return Picture(figure, replied.sentence, alt + "and two question marks.")
    outline(axes[0], *place, pattern.shape[0], pattern.shape[1], color=ORANGE)
    source = MapSource(conv2d)
    answers = {
        "dot product": source(image, pattern),
        "normalised one": normalised(image, pattern, source),
    }
    told = []
    for ax, (name, values) in zip(axes[2:], answers.items(), strict=True):
        row, column = divmod(int(values.argmax()), values.shape[1])
        signed_map(ax, values, name.removesuffix(" one"))
        strongest(ax, row, column)
        told.append(f"the {name} is largest at row {row}, column {column}")
    caption = (
        f"The pattern is at row {place[0]}, column {place[1]}; {' and '.join(told)}.{source.sign()}"
    )
    alt += (
        "and two coloured maps, each with a circle round its largest value. An orange frame in the "
        "image marks the ring."
    )
    return Picture(figure, replied.before(caption), alt)


def one_dimension(line: Tensor, beat: Tensor, starts: Sequence[int], conv2d: Any = None) -> Picture:
    """A beat (N,) slid along a signal (L,) as a 1-D kernel, and where the dot product is largest.

    `starts` are the places in the signal where the beat was put.
    """
    source = MapSource(conv2d)
    response = source(line[None], (beat - beat.mean())[None])[0]
    found = sorted(response.topk(len(starts)).indices.tolist())
    figure, (top, bottom) = canvas(3.6, 1, rows=2)
    top.plot(line.numpy(), color=INK, linewidth=1.2)
    for start in starts:
        top.axvspan(start, start + len(beat) - 1, color=BLUE, alpha=0.18)
    top.set_title(f"a signal with {len(starts)} beats (shaded)", fontsize=11)
    bottom.set_xlabel("position")
    bottom.plot(response.numpy(), color=BLUE, linewidth=1.2)
    bottom.plot(found, response[found].numpy(), "o", color=ORANGE, markersize=7)
    bottom.set_title("its dot product with the beat (mean removed) at every position", fontsize=11)
    for ax in (top, bottom):
        ax.set_xlim(0, len(line))
        ax.margins(y=0.15)
        ax.grid(alpha=0.3)
    caption = (
        f"The {len(starts)} largest values are at {', '.join(map(str, found))}; the beats begin at "
        f"{', '.join(map(str, starts))}.{source.sign()}"
    )
    alt = (
        f"Two plots, one above the other. Above, a black line that wanders up and down, "
        f"{len(starts)} short stretches of it shaded; below, a blue line with as many orange dots."
    )
    return Picture(figure, caption, alt)
