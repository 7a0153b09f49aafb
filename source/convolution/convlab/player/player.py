"""Owns the places where the kernel slides: one call, `slide`, with or without the learner's function."""

from html import escape

import torch

from .. import images
from ..examples import TOLERANCE
from ..map_source import MapSource
from ..mistakes import Mistake, TooSlow
from ..printing import number, size
from ..taps import taps
from . import paper, tables
from .page import packed, page

PIXELS, SECONDS = (
    150,
    2,
)  # up to how many pixels, and for how long, a learner's function is X-rayed as well
PRESETS = [
    "identity",
    "blur",
    "sharpen",
    "vertical edge",
    "horizontal edge",
    "corner",
    "emboss",
    "circle",
]
HELP = "Drag the kernel, tap a pixel, or click a table and use the arrow keys. Double-click a number to change it, or press Enter on it."


def slide(image, kernel, conv2d=None):
    """Slide `kernel` (M, N) over `image` (H, W), both 2-D tensors: a Player, which moves in a notebook and in exported HTML.

    With `conv2d`, the learner's function, the feature map is theirs: values that are wrong are crossed and dashed,
    and a sentence says how many agree. Whatever that function does, a Player comes back.
    Raises ValueError if image or kernel is no 2-D table of numbers, or the kernel larger than the image.
    """
    image, kernel = matrix(image, "image"), matrix(kernel, "kernel")
    player = Player(image, kernel, MapSource(conv2d))
    if player.hand.answers and image.numel() <= PIXELS:
        player.seen, player.remark = seen_at(conv2d, image.shape, kernel.shape)
    return player


def seen_at(conv2d, image_size, kernel_size):
    """The Taps of a function at just these sizes, with which the page can replay it, or None; and a remark if it was too slow."""
    late = " It is too slow to be replayed here, so the lesson will draw what you change."
    try:
        seen = taps(conv2d, tuple(image_size), tuple(kernel_size), SECONDS)
    except TooSlow:
        return None, late
    except Mistake:
        return None, ""
    return (
        (None, late)
        if seen.image_size != tuple(image_size)
        else (None if seen.departure else seen, "")
    )


def matrix(values, name):
    """A float32 copy of `values` as a 2-D tensor that has at least one number; ValueError says what came instead."""
    try:
        copy = torch.as_tensor(values).detach().clone()
        copy = None if copy.is_complex() or copy.layout is not torch.strided else copy.float()
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"The {name} should be a 2-D tensor of numbers, and {type(values).__name__} is none."
        ) from error
    if copy is None:
        raise ValueError(f"The {name} should be a 2-D tensor of real numbers, none left out.")
    if copy.ndim != 2 or not copy.numel():
        raise ValueError(
            f"The {name} should be a 2-D tensor (rows, columns), and came with shape {tuple(copy.shape)}."
        )
    return copy


class Player:
    """An image (H, W), a kernel (M, N) and their feature map, to be slid by hand; float32 tensors.

    `hand` draws the map: `result` is what it drew, a float64 tensor, `target` what is right, `caption` both in words.
    """

    linked, remark = False, ""

    def __init__(self, image, kernel, hand, title=""):
        self.image, self.kernel, self.hand, self.title = image, kernel, hand, title
        self.target = MapSource()(image, kernel)
        self.result = hand(image, kernel)
        self.wrong = [(i, j) for i, j, _, _ in hand.differences]
        self.place = (
            self.wrong[0]
            if self.wrong
            else divmod(int(self.target.abs().argmax()), self.target.shape[1])
            if self.large
            else (0, 0)
        )
        self.seen = None

    @property
    def counted(self):
        """The sentence that counts positions: of what sizes image, kernel and feature map are."""
        count = self.result.numel()
        return (
            f"{size(self.image.shape)} pixels, a {size(self.kernel.shape)} kernel: {count} position{'s' * (count != 1)}, "
            f"a {size(self.result.shape)} feature map."
        )

    @property
    def verdict(self):
        """The sentence that says whose numbers are in the map and how many agree; empty without a learner's function."""
        return (self.hand.sign() + self.remark).strip()

    @property
    def caption(self):
        """Both sentences: what is shown, and whose numbers they are."""
        return f"{self.counted} {self.verdict}".strip()

    @property
    def whose(self):
        """How the map is called: the learner's where their own numbers are in it."""
        return "your feature map" if self.answers else "the feature map"

    @property
    def answers(self):
        """Whether the map holds the learner's own numbers."""
        return self.hand.answers

    def static(self):
        """The HTML of the layer that needs no script: sentences, tables, the dot product at one position."""
        said = "".join(
            f'<p class="cl-{name}">{escape(text)}</p>'
            for name, text in self.sentences().items()
            if text
        )
        panes = "".join(f"<div>{pane}</div>" for pane in self.panes())
        return (
            f'{said}<div class="cl-tables" style="display:flex;flex-wrap:wrap;gap:16px">{panes}</div>'
            f'<p class="cl-sum">{tables.total(self.patch, self.kernel)}</p>'
        )

    def sentences(self):
        """What stands above the tables, by name."""
        return {"title": self.title, "counted": self.counted, "verdict": self.verdict}

    def panes(self):
        """The tables, side by side where there is room: image, kernel, feature map, dot product; first what is large as a whole."""
        parts = [
            tables.numbers("image", "the image", self.image, self.place),
            tables.numbers("kernel", "the kernel", self.kernel),
            tables.numbers("map", self.whose, self.result, self.place, self.wrong),
            tables.terms(self.patch, self.kernel, self.place),
        ]
        whole = (
            [
                tables.overview("image", "the image", self.image),
                tables.overview("map", self.whose, self.result),
            ]
            if self.large
            else []
        )
        return whole + parts

    @property
    def patch(self):
        """The pixels under the kernel at the position that is shown first: (M, N)."""
        (i, j), (rows, columns) = self.place, self.kernel.shape
        return self.image[i : i + rows, j : j + columns]

    def data(self):
        """What the script needs: the numbers, the learner's map if it is in the picture, and the presets that fit."""
        presets = {name: images.kernel(name) for name in PRESETS if name != "circle" or self.large}
        return {
            "image": packed(self.image),
            "kernel": packed(self.kernel),
            "tolerance": TOLERANCE,
            "help": HELP,
            "yours": packed(self.result) if self.answers else None,
            "verdict": self.verdict,
            "whose": self.whose,
            "at": self.place[0] * self.result.shape[1] + self.place[1],
            "whole": tables.WHOLE,
            "window": tables.WINDOW,
            "presets": {
                name: [[round(w, 9) for w in row] for row in weights.tolist()]
                for name, weights in presets.items()
            },
            "linked": self.linked,
            "taps": self.read() if self.seen else None,
            "bilinear": bool(self.seen) and not self.seen.departure,
        }

    def read(self):
        """The taps for the script: for each cell a flat list of pixel, weight, coefficient, all counted row by row."""
        rows, columns = self.seen.size
        cells = self.seen.coefficients.reshape(
            rows * columns, self.image.numel(), self.kernel.numel()
        )
        reads = [[] for _ in range(rows * columns)]
        for cell, pixel, weight in cells.nonzero().tolist():
            coefficient = float(cells[cell, pixel, weight])
            reads[cell] += [
                pixel,
                weight,
                int(coefficient) if coefficient.is_integer() else coefficient,
            ]
        return {"rows": rows, "columns": columns, "reads": reads}

    @property
    def large(self):
        """Whether the image is shown through a window."""
        return max(self.image.shape) > tables.WHOLE

    @property
    def figure(self):
        """The finished map as one static matplotlib figure, for paper."""
        return paper.finished(self)

    def save(self, path):
        """Write the static figure to `path`; the ending (.png, .pdf, .svg) chooses the format."""
        self.figure.savefig(path)

    def save_animation(self, path, seconds=0.5):
        """Write the sliding kernel to `path` as a film for slides, .gif or .mp4, `seconds` a position; return the path."""
        return paper.save_animation(self, path, seconds)

    def __repr__(self):
        first = number(self.result[self.place])
        return f"{self.caption} At row {self.place[0]}, column {self.place[1]} the feature map is {first}."

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": page(self.static(), self.data()), "text/plain": repr(self)}
