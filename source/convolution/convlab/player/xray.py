"""Owns the X-ray: which pixel, times which weight, each cell of the learner's feature map really reads, as a picture."""

import torch

from .. import images
from ..checks import wrong_values
from ..examples import Example
from ..map_source import MapSource
from ..mistakes import Mistake
from ..printing import number
from ..taps import Taps, describe, taps
from . import tables
from .player import Player, matrix

SECONDS = 2  # for all calls; a busy machine must not turn an X-ray of plain loops into one of a smaller image
RIGHT, WRONG, EMPTY = tables.tint(1, 1), tables.tint(-1, 1), "#fff"
COUNTING = torch.arange(1.0, 10).reshape(
    3, 3
)  # nine different weights, so that no two are mistaken for each other


def xray(conv2d, image=None, kernel=None):
    """Show what the learner's `conv2d` really reads: an Xray, a Player with "what you read" and "what you should read".

    `image` (H, W) and `kernel` (M, N) are what it is then tried on; without them, the lesson's digit, as 8×7 pixels so
    that height and width cannot be confused, and a 3×3 kernel. Whatever the function does, an Xray comes back.
    Raises ValueError for an image or kernel that is none.
    """
    image = matrix(images.digit()[:, 1:] if image is None else image, "image")
    kernel = matrix(COUNTING if kernel is None else kernel, "kernel")
    try:
        seen, mistake = taps(conv2d, tuple(image.shape), tuple(kernel.shape), SECONDS), None
        image = image[: seen.image_size[0], : seen.image_size[1]].contiguous()
    except Mistake as error:
        seen, mistake = None, error
    return Xray(image, kernel, MapSource(conv2d), seen, mistake)


def letter(weight):
    """The name of a kernel's weight, counted row by row: a, b, c …, z, a1, b1 …"""
    return chr(ord("a") + weight % 26) + (str(weight // 26) if weight >= 26 else "")


def spelled(coefficients):
    """What one cell does with one pixel, `coefficients` (M, N) telling with which weights: "a", "−b", "2c+d" or ""."""
    flat = coefficients.flatten().tolist()
    signs = {1: "", -1: "\N{MINUS SIGN}"}
    return "+".join(signs.get(c, number(c)) + letter(w) for w, c in enumerate(flat) if c)


class Xray(Player):
    """A Player with the X-ray's two tables; `seen` is what the function read (Taps), or `mistake` why nothing could be."""

    def __init__(self, image, kernel, hand, seen, mistake):
        super().__init__(image, kernel, hand)
        self.seen, self.mistake = seen, mistake
        self.foretold = self.replayed()
        if self.foretold is not None:
            self.result = self.foretold
        astray = self.astray()
        off = wrong_values(self.result, Example(image, kernel)) & self.answers
        self.wrong = [tuple(cell) for cell in (off | astray).nonzero().tolist()]
        rows, columns = self.target.shape
        shown = [cell for cell in self.wrong if cell[0] < rows and cell[1] < columns]
        self.place = ([cell for cell in shown if off[cell] and astray[cell]] or shown or [(0, 0)])[
            0
        ]

    def replayed(self):
        """What the taps foretell for this image and kernel: float64, or None if they do not foretell the learner's map."""
        if (
            not self.seen
            or self.seen.departure
            or not (self.image.isfinite().all() and self.kernel.isfinite().all())
        ):
            return None
        foretold = self.seen.replay(self.image, self.kernel).float().double()
        near = 4 * Example(self.image, self.kernel).tolerance
        return (
            foretold
            if not self.hand.answers or ((foretold - self.result).abs() <= near).all()
            else None
        )

    def astray(self):
        """Which cells of the map that is shown read anything but their patch: a boolean tensor of its size."""
        wrong = torch.zeros(self.result.shape, dtype=torch.bool)
        if not self.seen or self.seen.right or self.seen.size != tuple(self.result.shape):
            return wrong
        rows, columns = map(min, self.seen.size, self.target.shape)
        should = torch.zeros_like(self.seen.coefficients)
        should[:rows, :columns] = self.seen.expected[:rows, :columns]
        return (self.seen.coefficients != should).flatten(2).any(dim=2)

    @property
    def verdict(self):
        """The sentence that says what the function reads, and what was asked less than usual."""
        first = f"{self.hand.outdated} " if self.hand.outdated else ""
        if self.mistake:
            return f"{first}Nothing to X-ray: {' '.join(str(self.mistake).split())}"
        drawn = "" if self.answers or not self.hand.message else f" {self.hand.message}"
        unlike = (
            ""
            if self.seen.departure or self.foretold is not None
            else (
                " On this image and kernel it gives other numbers than these foretell, and those are shown."
            )
        )
        facts = [*describe(self.seen), *[self.seen.note] * bool(self.seen.note)]
        told = " ".join(fact.text() for fact in facts)
        return " ".join(f"{first}{told}{unlike}{drawn}".split())

    @property
    def answers(self):
        """Whether the map holds the learner's own numbers."""
        return self.foretold is not None or bool(self.seen) and self.hand.answers

    def sentences(self):
        """What stands above the tables: the finding first, and what the letters mean."""
        last = letter(self.kernel.numel() - 1)
        return {
            "verdict": self.verdict,
            "counted": self.counted,
            "letters": f"The letters a to {last} stand for the kernel's weights, row by row. What is not as it should be is "
            "crossed. Under image, kernel and dot product stands what should happen.",
        }

    def panes(self):
        """The tables: the feature map, what was read and what should be; then image and kernel."""
        where = f"at row {self.place[0]}, column {self.place[1]}"
        should = Taps(tuple(self.image.shape), tuple(self.kernel.shape), None).expected[self.place]
        image, kernel, feature_map, terms = super().panes()[-4:]
        panels = [
            tables.table("should", f"what you should read {where}", self.panel(should, should))
        ]
        if self.seen:
            read = self.panel(self.seen.coefficients[self.place], should)
            panels.insert(0, tables.table("read", f"what you read {where}", read))
        return [feature_map, *panels, image, kernel, terms]

    @staticmethod
    def panel(coefficients, should):
        """The rows of one of the two tables: each pixel with the weights it is multiplied by."""
        rows = []
        for line, right in zip(coefficients, should):
            texts = [(spelled(pixel), spelled(expected)) for pixel, expected in zip(line, right)]
            rows.append(
                [
                    (
                        text + (" ✗" if text != expected else ""),
                        EMPTY if not text else RIGHT if text == expected else WRONG,
                    )
                    for text, expected in texts
                ]
            )
        return rows

    def data(self):
        """What the script needs besides: that there are two more tables, and whether the taps foretell the map."""
        return {**super().data(), "panel": True, "bilinear": self.foretold is not None}
