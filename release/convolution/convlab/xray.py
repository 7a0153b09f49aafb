"""Owns the X-ray: which pixel, times which weight, each cell of the learner's feature map really reads, as a picture."""

import torch

from . import pictures, tables
from .mistakes import Mistake
from .paint import number
from .player import Player, matrix
from .structure import describe
from .taps import taps
from .yours import Hand

RIGHT, WRONG, EMPTY = tables.tint(1, 1), tables.tint(-1, 1), "#fff"
COUNTING = torch.arange(1.0, 10).reshape(3, 3)  # nine different weights, so that no two are mistaken for each other


def xray(conv2d, image=None, kernel=None):
    """Show what the learner's `conv2d` really reads: an Xray, a Player with "what you read" and "what you should read".

    `image` (H, W) and `kernel` (M, N) are what it is then tried on; without them, the lesson's digit, as 8×7 pixels so
    that height and width cannot be confused, and a 3×3 kernel. Whatever the function does, an Xray comes back. Raises ValueError for an image or kernel that is none.
    """
    image = matrix(pictures.digit()[:, 1:] if image is None else image, "image")
    kernel = matrix(COUNTING if kernel is None else kernel, "kernel")
    try:
        seen, mistake = taps(conv2d, tuple(image.shape), tuple(kernel.shape)), None
        image = image[:seen.image_size[0], :seen.image_size[1]].contiguous()
    except Mistake as error:
        seen, mistake = None, error
    return Xray(image, kernel, Hand(conv2d), seen, mistake)


def letter(weight):
    """The name of a kernel's weight, counted row by row: a, b, c …"""
    return chr(ord("a") + weight)


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
        if seen and not seen.departure:
            self.result = seen.replay(image, kernel)
        self.place = self.first_wrong()

    def first_wrong(self):
        """The first cell that does not read what it should, or the first that gives a wrong number, or (0, 0)."""
        if self.seen and not self.seen.right:
            for i in range(min(self.seen.size[0], self.target.shape[0])):
                for j in range(min(self.seen.size[1], self.target.shape[1])):
                    if not torch.equal(self.seen.coefficients[i, j], self.seen.expected[i, j]):
                        return i, j
        return self.wrong[0] if self.wrong else (0, 0)

    @property
    def verdict(self):
        """The sentence that says what the function reads, and what was asked less than usual."""
        if self.mistake:
            return f"Nothing to X-ray yet: {' '.join(str(self.mistake).split())}"
        return f"{describe(self.seen)} {self.seen.note}".strip()

    @property
    def whose(self):
        """How the map is called: the learner's where their own numbers are in it."""
        return "your feature map" if self.answers else "the feature map"

    @property
    def answers(self):
        """Whether the map holds the learner's own numbers."""
        return bool(self.seen) and (self.seen.departure is None or self.hand.answers)

    def sentences(self):
        """What stands above the tables: the finding first, and what the letters mean."""
        names = ", ".join(f"{letter(w)} = {number(v)}" for w, v in enumerate(self.kernel.flatten().tolist()))
        return {"verdict": self.verdict, "counted": self.counted, "letters": f"The kernel's weights by name: {names}."}

    def panes(self):
        """The tables: the feature map, what was read and what should be; then image and kernel."""
        where = f"at row {self.place[0]}, column {self.place[1]}"
        should = torch.zeros(*self.image.shape, *self.kernel.shape)
        for m in range(self.kernel.shape[0]):
            for n in range(self.kernel.shape[1]):
                should[self.place[0] + m, self.place[1] + n, m, n] = 1
        image, kernel, feature_map = super().panes()
        panels = [tables.table("should", f"what you should read {where}", self.panel(should, should))]
        if self.seen:
            read = self.panel(self.seen.coefficients[self.place], should)
            panels.insert(0, tables.table("read", f"what you read {where}", read))
        return [feature_map, *panels, image, kernel]

    @staticmethod
    def panel(coefficients, should):
        """The rows of one of the two tables: each pixel with the weights it is multiplied by."""
        rows = []
        for line, right in zip(coefficients, should):
            texts = [(spelled(pixel), spelled(expected)) for pixel, expected in zip(line, right)]
            rows.append([(text + (" ✗" if text != expected else ""), EMPTY if not text else RIGHT if text == expected else WRONG)
                         for text, expected in texts])
        return rows

    def data(self):
        """What the script needs besides: every cell's taps, and that there are two more tables."""
        data = super().data()
        return {**data, "panel": True, "yours": data["yours"] if self.answers else None, "whose": self.whose}
