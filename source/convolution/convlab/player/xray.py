"""The X-ray: which pixel, times which weight, each cell of the learner's map really reads."""

import functools
from typing import Any

import torch

from .. import images
from ..checks import wrong_values
from ..examples import Example
from ..map_source import MapSource
from ..messages import Message, message
from ..mistakes import Mistake
from ..printing import number
from ..taps import Taps, describe, taps
from . import tables
from .player import Player, matrix

SECONDS = 2  # for all calls; a busy machine must not turn plain loops into a smaller image
RIGHT, WRONG, EMPTY = tables.tint(1, 1), tables.tint(-1, 1), "#fff"
COUNTING = torch.arange(1.0, 10).reshape(3, 3)  # nine weights, none mistaken for another


def xray(conv2d: Any, image: Any = None, kernel: Any = None) -> "Xray":
    """What the learner's `conv2d` really reads: a Player with two more tables.

    `image` (H, W) and `kernel` (M, N) are what it is tried on; without them, the lesson's digit, as
    8×7 pixels so that height and width cannot be confused, and a 3×3 kernel. Whatever the function
    does, an Xray comes back. ValueError for an image or a kernel that is none.
    """
    pixels = matrix(images.digit()[:, 1:] if image is None else image, "image")
    weights = matrix(COUNTING if kernel is None else kernel, "kernel")
    try:
        (height, width), (rows, columns) = pixels.shape, weights.shape
        found = taps(conv2d, (height, width), (rows, columns), SECONDS, guess=True)
    except Mistake as mistake:
        return Xray(pixels, weights, MapSource(conv2d), None, mistake)
    pixels = pixels[: found.image_size[0], : found.image_size[1]].contiguous()
    return Xray(pixels, weights, MapSource(conv2d), found)


def letter(weight: int) -> str:
    """The name of a kernel's weight, counted row by row: a, b, c …, z, a1, b1 …"""
    return chr(ord("a") + weight % 26) + (str(weight // 26) if weight >= 26 else "")


def spelled(coefficients: torch.Tensor) -> str:
    """What one cell does with one pixel: "a", "−b", "2c+d" or "".

    `coefficients` (M, N) tell how often each weight is multiplied by it.
    """
    flat = coefficients.flatten().tolist()
    signs = {1: "", -1: "\N{MINUS SIGN}"}
    return "+".join(signs.get(c, number(c)) + letter(w) for w, c in enumerate(flat) if c)


class Xray(Player):
    """A Player with the X-ray's two tables: what each cell reads, and what it should read.

    `taps` is what the function read, or `mistake` why nothing could be. `replayed` is the map that
    the taps foretell, a float64 tensor, or None where the learner's own map is another.
    """

    offered = ("speed", "preset")

    def __init__(
        self,
        image: torch.Tensor,
        kernel: torch.Tensor,
        source: MapSource,
        found: Taps | None,
        mistake: Mistake | None = None,
    ) -> None:
        super().__init__(image, kernel, source)
        self.taps, self.mistake = found, mistake
        self.replayed = self.replay()
        if self.replayed is not None:
            self.result = self.replayed
        astray = self.astray()
        off = wrong_values(self.result, Example(image, kernel)) & self.answers
        self.wrong = [(i, j) for i, j in (off | astray).nonzero().tolist()]
        rows, columns = self.target.shape
        shown = [cell for cell in self.wrong if cell[0] < rows and cell[1] < columns]
        both = [cell for cell in shown if off[cell] and astray[cell]]
        self.place = (both or shown or [(0, 0)])[0]

    def replay(self) -> torch.Tensor | None:
        """The map that the taps foretell, float64, or None if the learner's is another."""
        finite = self.image.isfinite().all() and self.kernel.isfinite().all()
        if not self.taps or self.taps.departure or not finite:
            return None
        foretold = self.taps.replay(self.image, self.kernel).float().double()
        near = 4 * Example(self.image, self.kernel).tolerance
        same = not self.source.answers or ((foretold - self.result).abs() <= near).all()
        return foretold if same else None

    def astray(self) -> torch.Tensor:
        """Which cells of the shown map read anything but their patch: booleans of its size."""
        wrong = torch.zeros(self.result.shape, dtype=torch.bool)
        if not self.taps or self.taps.right or self.taps.size != tuple(self.result.shape):
            return wrong
        rows, columns = map(min, self.taps.size, self.target.shape)
        should = torch.zeros_like(self.taps.coefficients)
        should[:rows, :columns] = self.taps.expected[:rows, :columns]
        return (self.taps.coefficients != should).flatten(2).any(dim=2)

    @property
    def verdict(self) -> str:
        """What the function reads, what was asked less than usual, and whose numbers are shown."""
        parts: list[Message | None] = [self.source.outdated]
        if self.mistake:
            told = " ".join(str(self.mistake).split())
            parts += [message("player", "nothing-to-x-ray", mistake=told)]
        if self.taps:
            replayed = self.taps.departure or self.replayed is not None
            parts += [*self.facts, self.taps.note]
            parts += [None if replayed else message("player", "not-replayed")]
            parts += [None if self.answers else self.source.message]
        return " ".join(" ".join(map(str, filter(None, parts))).split())

    @functools.cached_property
    def facts(self) -> tuple[Message, ...]:
        """What the taps show, none if there are no taps."""
        return describe(self.taps) if self.taps else ()

    @property
    def answers(self) -> bool:
        """Whether the map holds the learner's own numbers."""
        return self.replayed is not None or bool(self.taps) and self.source.answers

    def sentences(self) -> dict[str, Message | str | None]:
        """What stands above the tables: the finding first, and what the letters mean."""
        last = letter(self.kernel.numel() - 1)
        return {
            "verdict": self.verdict,
            "counted": self.counted,
            "letters": message("player", "letters", last=last),
        }

    def panes(self) -> list[str]:
        """The tables: the feature map, what was read and what should be; then image and kernel."""
        row, column = self.place
        should = self.expected()
        *whole, image, kernel, feature_map, terms = super().panes()
        caption = message("player", "should-at", row=row, column=column)
        panels = [tables.table("should", caption, self.panel(should, should))]
        if self.taps:
            read = self.panel(self.taps.coefficients[self.place], should)
            caption = message("player", "read-at", row=row, column=column)
            panels.insert(0, tables.table("read", caption, read))
        return [*whole, feature_map, *panels, image, kernel, terms]

    def expected(self) -> torch.Tensor:
        """What the cell at `place` should read of each pixel: float64 (H, W, M, N)."""
        right = torch.zeros(*self.image.shape, *self.kernel.shape, dtype=torch.float64)
        (row, column), (rows, columns) = self.place, self.kernel.shape
        m, n = torch.cartesian_prod(torch.arange(rows), torch.arange(columns)).T
        right[row + m, column + n, m, n] = 1
        return right

    @staticmethod
    def panel(coefficients: torch.Tensor, should: torch.Tensor) -> list[list[tables.Cell]]:
        """The rows of one of the two tables: each pixel with the weights it is multiplied by."""
        rows = []
        for line, right in zip(coefficients, should, strict=True):
            row = []
            for pixel, expected in zip(line, right, strict=True):
                text, wanted = spelled(pixel), spelled(expected)
                colour = EMPTY if not text else RIGHT if text == wanted else WRONG
                row.append((text + (" ✗" if text != wanted else ""), colour))
            rows.append(row)
        return rows

    def parts(self) -> list[str]:
        """The parts of the script that this page needs: those of the X-ray even without taps."""
        return ["xray"] + ["overview"] * self.large

    def data(self) -> dict[str, Any]:
        """What the script needs besides: that there are two more tables, and may it replay."""
        return {**super().data(), "panel": True, "bilinear": self.replayed is not None}
