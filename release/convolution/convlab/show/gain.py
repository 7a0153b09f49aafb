"""Owns the figures of part 8: patterns found by kernels, and how far one pixel's change travels."""

from .. import pictures
from ..figure import Picture, canvas
from ..paint import bare, grid, number, outline, photo, signed_map, size, strongest
from ..yours import Hand


def detectors(image, names, conv2d=None):
    """Several named kernels above their feature maps of one image, the strongest answer of each framed."""
    hand = Hand(conv2d)
    figure, axes = canvas(4.4, len(names) + 1, [1.4] + [1] * len(names), rows=2)
    top, bottom = axes[:len(names) + 1], axes[len(names) + 1:]
    photo(top[0], image, f"the image, {size(image.shape)}")
    bare(bottom[0])
    bottom[0].text(0.5, 0.5, "above: the kernels\nbelow: their feature maps,\nthe strongest answer ringed",
                   ha="center", va="center", fontsize=10, transform=bottom[0].transAxes)
    told = []
    for ax, below, name in zip(top[1:], bottom[1:], names):
        kernel = pictures.kernel(name)
        response = hand(image, kernel)
        row, column = divmod(int(response.argmax()), response.shape[1])
        small = kernel.shape[0] <= 3
        grid(ax, kernel, f"{name}, {size(kernel.shape)}", fontsize=9) if small else signed_map(ax, kernel, name)
        signed_map(below, response)
        strongest(below, row, column)
        told.append(f"{name} {number(response.max())} at row {row}, column {column}")
    caption = "The strongest answers: " + "; ".join(told) + "." + hand.sign()
    return Picture(figure, caption, "Kernels, and under each its feature map. " + caption)


def ripple(image, kernel, row, column, conv2d=None):
    """Change one pixel and see which outputs move: image, the two feature maps' difference, and the count."""
    hand = Hand(conv2d)
    changed = image.clone()
    changed[row, column] += 1
    moved = hand(changed, kernel) - hand(image, kernel)
    count = int((moved.abs() > 1e-6).sum())
    figure, (left, middle, right) = canvas(3.2, 3, [1.2, 0.6, 1])
    grid(left, image, f"the image; one pixel, row {row}, column {column}, gets +1", fontsize=9)
    outline(left, row, column)
    grid(middle, kernel, "the kernel")
    grid(right, moved, f"{count} of {moved.numel()} outputs move", fontsize=9)
    rest = "" if hand.differences else ", by the kernel's own weights; the others do not read that pixel"
    caption = f"Raising one pixel by 1 moves {count} of {moved.numel()} outputs{rest}.{hand.sign()}"
    return Picture(figure, caption, "An image with one framed pixel, a kernel, and the change of the feature map, "
                   "zero outside a small block. " + caption)

