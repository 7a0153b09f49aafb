"""Owns the figures of part 8: patterns found by kernels, and how far one pixel's change travels."""

from .. import images
from ..map_source import MapSource
from ..printing import number, size
from .colours import bare, grid, outline, photo, signed_map, strongest
from .picture import Picture, canvas

FEW = 3


def named(places):
    """A few places by row and column; of many, how many there are and one of them; without one, that there is none."""
    if not places:
        return "no place"
    words = [f"row {row}, column {column}" for row, column in places]
    return (
        " and ".join(words) if len(words) <= FEW else f"{len(words)} places, one of them {words[0]}"
    )


def detectors(image, names, conv2d=None):
    """Several named kernels above their feature maps of one image, the largest answer of each ringed."""
    hand = MapSource(conv2d)
    figure, axes = canvas(4.4, len(names) + 1, [1.4] + [1] * len(names), rows=2)
    top, bottom = axes[: len(names) + 1], axes[len(names) + 1 :]
    photo(top[0], image, f"the image, {size(image.shape)}")
    bare(bottom[0])
    bottom[0].text(
        0.5,
        0.5,
        "above: the kernels\nbelow: their feature maps,\nthe largest answer ringed",
        ha="center",
        va="center",
        fontsize=10,
        transform=bottom[0].transAxes,
    )
    told = []
    for ax, below, name in zip(top[1:], bottom[1:], names):
        kernel = images.kernel(name)
        response = hand(image, kernel)
        places = (response >= response.max() - 1e-6).nonzero().tolist()
        small = kernel.shape[0] <= 3
        grid(ax, kernel, f"{name}, {size(kernel.shape)}", fontsize=9) if small else signed_map(
            ax, kernel, f"{name}, {size(kernel.shape)}"
        )
        signed_map(below, response)
        for row, column in places if len(places) <= FEW else places[:1]:
            strongest(below, row, column)
        told.append(f"{name} {number(response.max())} at {named(places)}")
    caption = "The largest answers: " + "; ".join(told) + "." + hand.sign()
    return Picture(figure, caption, "Kernels, and under each its feature map. " + caption)


def ripple(image, kernel, row, column, conv2d=None):
    """Change one pixel and see which outputs move: image, the two feature maps' difference, and the count."""
    hand = MapSource(conv2d)
    changed = image.clone()
    changed[row, column] += 1
    moved = hand(changed, kernel) - hand(image, kernel)
    count = int((moved.abs() > 1e-6).sum())
    figure, (left, middle, right) = canvas(3.2, 3, [1.2, 0.6, 1])
    grid(left, image, f"the image; one pixel, row {row}, column {column}, gets +1", fontsize=9)
    outline(left, row, column)
    grid(middle, kernel, "the kernel")
    grid(right, moved, f"{count} of {moved.numel()} outputs change", fontsize=9)
    rest = (
        ""
        if hand.differences
        else ", each by one of the kernel's weights; no other output reads that pixel"
    )
    caption = (
        f"Raising one pixel by 1 changes {count} of {moved.numel()} outputs{rest}.{hand.sign()}"
    )
    return Picture(
        figure,
        caption,
        "An image with one framed pixel, a kernel, and the change of the feature map, "
        "zero outside a small block. " + caption,
    )
