"""Owns the figures of part 9: linear, one sparse matrix, learned, a similarity, in any number of dimensions."""

import torch

from .. import images, oracle
from ..map_source import MapSource
from ..printing import size
from .colours import BLUE, INK, ORANGE, TINTS, grid, outline, photo, reach_of, signed_map, strongest
from .picture import Picture, canvas


def superposition(a, b, kernel, conv2d=None):
    """Convolve a mixture of two images, and mix their two feature maps: the same numbers come out."""
    hand = MapSource(conv2d)
    mixed_first = hand(2 * a - 3 * b, kernel)
    mixed_last = 2 * hand(a, kernel) - 3 * hand(b, kernel)
    gap = float((mixed_first - mixed_last).abs().max())
    figure, axes = canvas(2.9, 4)
    for ax, values, title in zip(
        axes,
        (a, b, mixed_first, mixed_last),
        ("a", "b", "map of (2a − 3b)", "2 (map of a) − 3 (map of b)"),
    ):
        grid(ax, values, title, fontsize=8)
    caption = (
        f"Mix, then slide, or slide, then mix: the largest difference is {gap:.1g}.{hand.sign()}"
    )
    return Picture(
        figure, caption, "Two images and the two results, equal cell by cell. " + caption
    )


def as_matrix(kernel, shape, feature_map=oracle.feature_map):
    """The matrix (outputs, pixels) that does to a flattened image (H, W) what the kernel does to the image.

    Its columns are the feature maps of the images that are 1 in one pixel and 0 elsewhere.
    """
    units = torch.eye(shape[0] * shape[1]).reshape(-1, *shape)
    return torch.stack([feature_map(unit, kernel).flatten() for unit in units], dim=1)


def matrix(kernel, shape, conv2d=None):
    """The convolution as one matrix: how few of its entries are not 0, and that the same ones return."""
    hand = MapSource(conv2d)
    table = as_matrix(kernel, shape, hand)
    filled = int((table != 0).sum())
    distinct = len(table[table != 0].unique())
    reach = reach_of(table)
    figure, (ax, small) = canvas(4.0, 2, [3.4, 1])
    ax.imshow(table.numpy(), cmap=TINTS, vmin=-reach, vmax=reach, interpolation="nearest")
    ax.set(xlabel=f"{table.shape[1]} pixels, row after row", ylabel=f"{table.shape[0]} outputs")
    ax.set_title(f"the same map as one {size(table.shape)} matrix", fontsize=11)
    grid(small, kernel, "the kernel")
    rest = "" if hand.differences else ": the kernel's weights, repeated along diagonals"
    caption = (
        f"{filled} of {table.numel()} entries are not 0, and these take only {distinct} values{rest}."
        f"{hand.sign()}"
    )
    return Picture(
        figure, caption, "A wide matrix, empty but for nine thin repeated diagonals. " + caption
    )


def learning(losses, learned, true):
    """How a kernel's loss fell during gradient descent, and the learned kernel beside the true one."""
    figure, (left, middle, right) = canvas(2.9, 3, [1.8, 1, 1])
    left.semilogy(losses, color=BLUE, linewidth=2)
    left.set(xlabel="step", ylabel="mean squared error")
    left.grid(alpha=0.3)
    grid(middle, learned, "the learned kernel", fontsize=11)
    grid(right, true, "the true one", fontsize=11)
    gap = float((learned.detach() - true).abs().max())
    caption = (
        f"In {len(losses)} steps the error fell from {losses[0]:.2f} to {losses[-1]:.6f}; "
        f"the weights found are within {gap:.2f} of the true ones."
    )
    return Picture(
        figure, caption, "A falling curve, and two kernels with the same numbers. " + caption
    )


def scene(seed=2):
    """A noisy float32 picture (24, 36) with a small pattern (7, 7) in it, and a bright patch that is not the pattern.

    Returns (scene, pattern, place): `place` is the (row, column) of the pattern's top left pixel.
    """
    chance = torch.Generator().manual_seed(seed)
    pattern = (images.ring(7) > 0).float()
    picture = 0.1 * torch.rand(24, 36, generator=chance)
    picture[12:19, 6:13] += 0.8 * pattern
    picture[4:12, 24:32] += 2.0
    return picture, pattern, (12, 6)


def normalised(image, pattern, feature_map=oracle.feature_map):
    """The dot product of every patch with the pattern after both have mean 0 and length 1: from -1 to 1."""
    ones = torch.ones_like(pattern)
    centred = pattern - pattern.mean()
    total, squares = feature_map(image, ones), feature_map(image**2, ones)
    spread = (squares - total**2 / pattern.numel()).clamp_min(1e-9).sqrt()
    return feature_map(image, centred) / (spread * centred.norm())


def search(image, pattern, place, conv2d=None):
    """Where the plain and the normalised dot product find `pattern` in `image`; `place` is where it really is."""
    hand = MapSource(conv2d)
    answers = {
        "dot product": hand(image, pattern),
        "normalised one": normalised(image, pattern, hand),
    }
    figure, axes = canvas(3.2, 4, [1.3, 0.5, 1.5, 1.5])
    photo(axes[0], image, "find the ring")
    outline(axes[0], *place, *pattern.shape, color=ORANGE)
    photo(axes[1], pattern, "the pattern")
    outline(axes[1], 0, 0, *pattern.shape)
    told = []
    for ax, (name, answer) in zip(axes[2:], answers.items()):
        row, column = divmod(int(answer.argmax()), answer.shape[1])
        signed_map(ax, answer, name.removesuffix(" one"))
        strongest(ax, row, column)
        told.append(f"the {name} is largest at row {row}, column {column}")
    caption = (
        f"The pattern is at row {place[0]}, column {place[1]}; {' and '.join(told)}.{hand.sign()}"
    )
    return Picture(
        figure,
        caption,
        "A noisy scene with a ring and a bright square, and two maps of answers. " + caption,
    )


def one_dimension(line, beat, starts, conv2d=None):
    """A signal, the beat slid along it as a 1-D kernel, and where the answers peak."""
    hand = MapSource(conv2d)
    response = hand(line[None], (beat - beat.mean())[None])[0]
    found = sorted(response.topk(len(starts)).indices.tolist())
    figure, (top, bottom) = canvas(3.6, 1, rows=2)
    top.plot(line.numpy(), color=INK, linewidth=1.2)
    for start in starts:
        top.axvspan(start, start + len(beat) - 1, color=BLUE, alpha=0.18)
    top.set_title("a signal with three beats (shaded)", fontsize=11)
    bottom.set_xlabel("position")
    bottom.plot(response.numpy(), color=BLUE, linewidth=1.2)
    bottom.plot(found, response[found].numpy(), "o", color=ORANGE, markersize=7)
    bottom.set_title("its dot product with the beat (mean removed) at every position", fontsize=11)
    for ax in (top, bottom):
        ax.set_xlim(0, len(line))
        ax.margins(y=0.15)
        ax.grid(alpha=0.3)
    caption = (
        f"The {len(starts)} largest answers are at {', '.join(map(str, found))}; the beats begin at "
        f"{', '.join(map(str, starts))}.{hand.sign()}"
    )
    return Picture(
        figure,
        caption,
        "A wavy line with three short beats, and a response with three peaks. " + caption,
    )
