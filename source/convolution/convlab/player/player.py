"""Where the kernel slides: `slide` and its Player, and several players that move together."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import torch
from matplotlib.figure import Figure

from .. import images, messages
from ..examples import TOLERANCE
from ..map_source import MapSource
from ..messages import Message, message
from ..mistakes import Mistake, TooSlow
from ..printing import number, size
from ..taps import Taps, taps
from . import film, static_figure, tables
from .page import packed, page
from .tables import words

PIXELS = 150  # of an image, up to which a learner's function is X-rayed as well
SECONDS = 2  # for that
PRESETS = (
    "identity",
    "blur",
    "sharpen",
    "vertical edge",
    "horizontal edge",
    "corner",
    "emboss",
    "circle",
)
TOOLS = ("speed", "preset", "stride", "padding")


def slide(
    image: Any,
    kernel: Any,
    conv2d: Any = None,
    *,
    tools: Sequence[str] = (),
) -> "Player":
    """Slide `kernel` (M, N) over `image` (H, W), both 2-D tensors, lists or arrays: a Player.

    It moves in a notebook and in exported HTML. With `conv2d`, the learner's function, the feature
    map is theirs: values that are wrong are crossed and dashed, and a sentence says how many agree.
    Whatever that function does, a Player comes back.

    `tools`, of "speed", "preset", "stride" and "padding", stand open; the others are folded away.

    ValueError if image or kernel is no 2-D table of numbers, the kernel larger than the image, or a
    tool unknown.
    """
    pixels, weights = matrix(image, "image"), matrix(kernel, "kernel")
    if not set(tools) <= set(TOOLS):
        known = [repr(tool) for tool in TOOLS]
        raise ValueError(message("player", "no-tool", tools=repr(tools), known=known).text())
    player = Player(pixels, weights, MapSource(conv2d), tools=tools)
    if player.source.answers and pixels.numel() <= PIXELS:
        player.taps, player.too_slow = taps_at(conv2d, pixels.shape, weights.shape)
    return player


def taps_at(
    conv2d: Any, image_size: Sequence[int], kernel_size: Sequence[int]
) -> tuple[Taps | None, bool]:
    """What a function reads at just these sizes, to be replayed; and whether it is too slow.

    None for the first where it is too slow, fails, or is not made of products alone.
    """
    try:
        sides, kernel_sides = (image_size[0], image_size[1]), (kernel_size[0], kernel_size[1])
        found = taps(conv2d, sides, kernel_sides, SECONDS, guess=True)
    except TooSlow:
        return None, True
    except Mistake:
        return None, False
    if found.image_size != tuple(image_size):
        return None, True
    return None if found.departure else found, False


def matrix(values: Any, name: str) -> torch.Tensor:
    """A float32 copy of `values` as a 2-D tensor with at least one number.

    ValueError says what came instead; `name` is "image" or "kernel".
    """
    called = message("player", f"the-{name}")
    try:
        copy = torch.as_tensor(values).detach().clone()
        whole = not copy.is_complex() and copy.layout is torch.strided
        copy = copy.float() if whole else copy
    except (TypeError, ValueError, RuntimeError) as error:
        kind = type(values).__name__
        raise ValueError(message("player", "no-numbers", name=called, type=kind).text()) from error
    if not whole:
        raise ValueError(message("player", "no-real-numbers", name=called).text())
    if copy.ndim != 2 or not copy.numel():
        shape = str(tuple(copy.shape))
        raise ValueError(message("player", "no-table", name=called, shape=shape).text())
    return copy


class Player:
    """An image (H, W), a kernel (M, N) and their feature map; image and kernel are float32 tensors.

    `source` draws the map: `result` is what it drew, a float64 tensor, `target` what is right,
    `caption` both in words. `place` is the position shown first, `wrong` the wrong ones, both as
    (row, column).
    """

    linked = too_slow = False
    taps: Taps | None = None

    def __init__(
        self,
        image: torch.Tensor,
        kernel: torch.Tensor,
        source: MapSource,
        title: Message | str = "",
        tools: Sequence[str] = (),
    ) -> None:
        self.image, self.kernel, self.source, self.title = image, kernel, source, title
        self.tools = tools
        self.target = MapSource()(image, kernel)
        self.result = source(image, kernel)
        self.wrong = [(i, j) for i, j, _, _ in source.differences]
        strongest = divmod(int(self.target.abs().argmax()), self.target.shape[1])
        self.place = self.wrong[0] if self.wrong else strongest if self.large else (0, 0)

    @property
    def counted(self) -> Message:
        """The sentence that counts positions: of what sizes image, kernel and feature map are."""
        return words(
            "counted",
            image=size(self.image.shape),
            kernel=size(self.kernel.shape),
            count=self.result.numel(),
            map=size(self.result.shape),
        )

    @property
    def verdict(self) -> str:
        """The sentence on whose numbers the map holds and how many agree; empty without conv2d."""
        late = message("player", "too-slow") if self.too_slow else ""
        return f"{self.source.sign() or ''} {late}".strip()

    @property
    def caption(self) -> str:
        """Both sentences: what is shown, and whose numbers they are."""
        return f"{self.counted} {self.verdict}".strip()

    @property
    def whose(self) -> str:
        """The name of the map in the script's words: the learner's where it has their numbers."""
        return "yours" if self.answers else "map"

    @property
    def answers(self) -> bool:
        """Whether the map holds the learner's own numbers."""
        return self.source.answers

    def static(self) -> str:
        """The HTML of the layer that needs no script: sentences, tables, one dot product."""
        said = "".join(paragraph(name, text) for name, text in self.sentences().items())
        panes = "".join(f"<div>{pane}</div>" for pane in self.panes())
        return (
            f'{said}<div class="cl-tables" style="display:flex;flex-wrap:wrap;gap:16px">'
            f'{panes}</div><p class="cl-sum">{tables.total(self.patch, self.kernel)}</p>'
        )

    def sentences(self) -> dict[str, Message | str | None]:
        """What stands above the tables, by name."""
        return {
            "title": self.title,
            "counted": self.counted,
            "verdict": self.verdict,
        }

    def panes(self) -> list[str]:
        """The tables, side by side where there is room: image, kernel, feature map, dot product.

        A large image and its map come first as a whole.
        """
        title = words(self.whose)
        whole = [
            tables.overview("image", words("image"), self.image) if self.large else "",
            tables.overview("map", title, self.result) if self.large else "",
        ]
        parts = [
            *whole,
            tables.numbers("image", words("image"), self.image, self.place),
            tables.numbers("kernel", words("kernel"), self.kernel),
            tables.numbers("map", title, self.result, self.place, self.wrong),
            tables.terms(self.patch, self.kernel, self.place),
        ]
        return [part for part in parts if part]

    @property
    def patch(self) -> torch.Tensor:
        """The pixels under the kernel at the position that is shown first: (M, N)."""
        (i, j), (rows, columns) = self.place, self.kernel.shape
        return self.image[i : i + rows, j : j + columns]

    def data(self) -> dict[str, Any]:
        """What the script needs: numbers, words, the learner's map if it is shown, presets."""
        presets = {name: images.kernel(name) for name in PRESETS if name != "circle" or self.large}
        return {
            "image": packed(self.image),
            "kernel": packed(self.kernel),
            "tolerance": TOLERANCE,
            "yours": packed(self.result) if self.answers else None,
            "verdict": self.verdict,
            "whose": self.whose,
            "at": self.place[0] * self.result.shape[1] + self.place[1],
            "large": self.large,
            "window": tables.WINDOW,
            "presets": {
                name: [[round(w, 9) for w in row] for row in weights.tolist()]
                for name, weights in presets.items()
            },
            "linked": self.linked,
            "taps": self.read(self.taps) if self.taps else None,
            "bilinear": self.taps is not None and not self.taps.departure,
            "open": [tool for tool in self.offered if tool in self.tools],
            "folded": (folded := [tool for tool in self.offered if tool not in self.tools]),
            "more": message(
                "player", "more", tools=[message("player", f"tool-{tool}") for tool in folded]
            ).text(),
            "words": self.words(),
        }

    offered: Sequence[str] = TOOLS

    def words(self) -> dict[str, Any]:
        """The words that the script needs, in this process's language."""
        needed = ["conv2d"] * bool(self.verdict) + self.parts()
        table = messages.table("player")
        return table["script"] | {
            name: text for part in needed for name, text in table[f"script-{part}"].items()
        }

    def parts(self) -> list[str]:
        """The parts of the script, and of its words, that only some players need."""
        return ["xray"] * bool(self.taps) + ["overview"] * self.large

    def read(self, taps: Taps) -> dict[str, Any]:
        """The taps for the script: for each cell a flat list of pixel, weight, coefficient.

        Cells, pixels and weights are counted row by row.
        """
        rows, columns = taps.size
        cells = taps.coefficients.reshape(rows * columns, self.image.numel(), self.kernel.numel())
        reads: list[list[float]] = [[] for _ in range(rows * columns)]
        for cell, pixel, weight in cells.nonzero().tolist():
            value = float(cells[cell, pixel, weight])
            reads[cell] += [pixel, weight, int(value) if value.is_integer() else value]
        return {"rows": rows, "columns": columns, "reads": reads}

    @property
    def large(self) -> bool:
        """Whether the image is shown through a window."""
        return max(self.image.shape) > tables.WHOLE

    @property
    def figure(self) -> Figure:
        """The finished map as one static matplotlib figure, for paper."""
        return static_figure.finished(self)

    def save(self, path: Any) -> None:
        """Write the static figure to `path`; its ending (.png, .pdf, .svg) chooses the format."""
        self.figure.savefig(path)

    def save_animation(self, path: Any, seconds: float = 0.5) -> Path:
        """Write the sliding kernel to `path` as a film, .gif or .mp4; return the path.

        Each position is shown for `seconds`. Errors as `film.save_animation` says.
        """
        return film.save_animation(self, path, seconds)

    def __repr__(self) -> str:
        row, column = self.place
        value = number(self.result[self.place])
        first = message("player", "first-value", row=row, column=column, value=value)
        said = [text for key, text in self.sentences().items() if key != "title"]
        return " ".join(str(text) for text in [*said, first] if text)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        html = page(self.static(), self.data(), self.parts())
        return {"text/html": html, "text/plain": repr(self)}


def paragraph(name: str, text: Message | str | None) -> str:
    """A sentence above the tables as HTML; nothing if there is none."""
    return f'<p class="cl-{name}">{escape(str(text))}</p>' if text else ""


class Linked:
    """Several Players of the same number of positions: what moves in one moves in all.

    They stand one beside or below the other under one sentence, `caption`.
    """

    def __init__(self, players: Sequence[Player], caption: Message | str) -> None:
        self.players, self.caption = players, str(caption)
        for player in players:
            player.linked = True

    def __repr__(self) -> str:
        return "\n".join(
            [self.caption, *(f"{player.title}: {player!r}" for player in self.players)]
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        inside = "".join(player._repr_mimebundle_()["text/html"] for player in self.players)
        style = "display:flex;flex-wrap:wrap;align-items:flex-end;gap:16px"
        return {
            "text/html": f"<p>{escape(self.caption)}</p>"
            f'<div class="cl-linked" style="{style}">{inside}</div>',
            "text/plain": repr(self),
        }
