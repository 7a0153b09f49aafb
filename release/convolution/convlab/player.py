"""Owns the places where the kernel slides: one call, `slide`, with or without the learner's function."""

from . import checks
from .figure import Picture, blank
from .paint import INK, grid, number, outline, signed_map, size
from .yours import Hand

NUMBERED = 14
FRAMES = 9


def slide(image, kernel, conv2d=None):
    """Slide `kernel` (M, N) over `image` (H, W): image, kernel and feature map, and each position if they are few.

    With `conv2d`, the learner's function, the feature map is theirs: values that are wrong are crossed and dashed,
    and the caption says how many agree. Whatever that function does, a Picture comes back.
    """
    hand = Hand(conv2d)
    result = hand(image, kernel)
    few = result.numel() <= FRAMES and max(image.shape) <= NUMBERED
    parts = blank(4.4 if few or len(image) > 8 else 3.4, [2.6, 1] if few else [1])
    overview(parts[0], image, kernel, result, hand)
    if few:
        frames(parts[1], image, kernel, result)
    caption = (f"{size(image.shape)} pixels, a {size(kernel.shape)} kernel: {result.numel()} positions, "
               f"a {size(result.shape)} feature map.{hand.sign()}")
    return Picture(parts[0].figure, caption, "An image with one position of the kernel framed, the kernel, and the "
                   f"feature map with that position's value framed; its first value is {number(result[0, 0])}. {caption}")


def overview(figure, image, kernel, result, hand):
    """Image, kernel and the finished feature map in one row; the first wrong position framed, or the first of all."""
    axes = figure.subplots(1, 3, width_ratios=[1.3, 0.7, 1.2])
    row, column = hand.differences[0][:2] if hand.differences else (0, 0)
    theirs = "your feature map" if hand.answers else "the feature map"
    for ax, values, title in zip(axes, (image, kernel, result), ("the image", "the kernel", theirs)):
        if max(values.shape) <= NUMBERED:
            grid(ax, values, title, fontsize=10 if max(values.shape) <= 6 else 7)
        else:
            signed_map(ax, values, title)
    outline(axes[0], row, column, *kernel.shape)
    outline(axes[2], row, column)
    for i, j, _, _ in hand.differences:
        outline(axes[2], i, j, color=INK, style=":")
        axes[2].text(j + 0.3, i - 0.25, "✗", fontsize=8, color=INK, ha="center", va="center")


def frames(figure, image, kernel, result):
    """One small panel a position: the patch the kernel looks at and the number it leaves in the feature map."""
    rows, columns = result.shape
    axes = figure.subplots(1, rows * columns, squeeze=False)[0]
    for position, ax in enumerate(axes):
        i, j = divmod(position, columns)
        grid(ax, image, f"{position + 1}: {number(result[i, j])}", fontsize=6.5)
        outline(ax, i, j, *kernel.shape)


def check(conv2d):
    """Try the learner's function on all four image sizes, print a line for each, and show the first wrong one."""
    wrong = None
    for shape in checks.SIZES:
        case = checks.example(*shape)
        mistake = checks.mistake(conv2d, case)
        if isinstance(mistake, checks.NotImplementedYet):
            print(mistake)
            return None
        told = "✓ right" if mistake is None else f"✗ {mistake}".replace("\n", "\n" + 9 * " ")
        print(f"{size(shape):>5}  {told}")
        wrong = wrong or (case if mistake else None)
    if wrong is None:
        print("All four sizes are right. The graded cells below ask a little more.")
        return None
    return slide(*wrong.before, conv2d)
