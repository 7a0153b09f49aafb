"""A figure as the notebook shows it: a small PNG, a caption, a text alternative, and a dark theme.

In a dark theme, images and tables of numbers stay as they are. What is around them (titles, labels,
curves) is drawn a second time in light ink on nothing, and lies behind what is left of the picture.
"""

import base64
import io
import math
from html import escape
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.text import Text
from PIL import Image

from . import dark

INCH_WIDTH = 9.0
DPI = 100
COLOURS = 128
DARK_COLOURS = 48
# CSS pixels. In a window too narrow for it, the place that the notebook's program gives to outputs
# scrolls; a scrolling box of ours would need a tab stop in wide windows too. The page that nbgrader
# writes as feedback has such a place, but leaves it without a style.
LEAST_TEXT = 10

STYLE = """<style>
.convlab-picture .cl-layers { width: 900px; max-width: 100%; min-width: var(--least, 590px); }
.convlab-picture .cl-layers img { width: 100%; display: block; }
.output_subarea:has(> .convlab-picture) { overflow-x: auto; }
@media print { .convlab-picture .cl-layers { min-width: 0; } }
@media screen { :is([data-jp-theme-light="false"], .vscode-dark, [theme="dark"]) .convlab-picture {
  .cl-layers { background: var(--dark) 0 0 / 100% 100% no-repeat; }
  img { clip-path: var(--kept); }
} }
</style>"""


def blank(height: float, height_ratios: list[float]) -> list[SubFigure]:
    """The parts of a new figure `height` inches high, one above the other."""
    figure = Figure(figsize=(INCH_WIDTH, height), dpi=DPI, layout="constrained", facecolor="white")
    return list(
        figure.subfigures(len(height_ratios), 1, height_ratios=height_ratios, squeeze=False)[:, 0]
    )


def canvas(
    height: float, columns: int = 1, width_ratios: list[float] | None = None, rows: int = 1
) -> tuple[Figure, list[Axes]]:
    """A new figure `height` inches high with empty axes, row by row: (figure, axes)."""
    figure = Figure(figsize=(INCH_WIDTH, height), dpi=DPI, layout="constrained", facecolor="white")
    grid = figure.subplots(rows, columns, width_ratios=width_ratios, squeeze=False)
    return figure, list(grid.flat)


class Picture:
    """A finished figure: a notebook shows an image with a caption, a screen reader reads it.

    `figure` is a matplotlib Figure, `caption` the sentence under it, `alt` what it shows, in words.
    """

    def __init__(self, figure: Figure, caption: str, alt: str) -> None:
        self.figure, self.caption, self.alt = figure, caption, alt
        self._png: bytes | None = None
        self._dark_png = b""
        self._kept: list[dark.Box] = []

    @property
    def png(self) -> bytes:
        """The figure as PNG bytes, drawn once, in few colours so that notebooks stay small."""
        if self._png is None:
            self._png = packed(dark.drawn(self.figure).convert("RGB"), COLOURS)
        return self._png

    @property
    def dark_png(self) -> bytes:
        """What is around the images and tables, in light ink on nothing, as PNG bytes."""
        if not self._dark_png:
            light = self.png  # which also settles the layout
            size = Image.open(io.BytesIO(light)).size
            self._kept = dark.image_boxes(self.figure, size)
            self._dark_png = packed(dark.surroundings(self.figure, self._kept), DARK_COLOURS)
        return self._dark_png

    @property
    def least_width(self) -> int:
        """The CSS pixels below which the picture's smallest text would be hard to read."""
        sizes = [
            float(text.get_fontsize())
            for text in self.figure.findobj(Text)
            if text.get_visible() and text.get_text().strip()
        ]
        scale = LEAST_TEXT / (min(sizes, default=LEAST_TEXT) * DPI / 72)
        return min(math.ceil(INCH_WIDTH * DPI * scale), int(INCH_WIDTH * DPI))

    def save(self, path: str) -> None:
        """Write the figure to `path`; the ending (.png, .pdf, .svg) chooses the format."""
        self.figure.savefig(path)

    def __repr__(self) -> str:
        return f"{self.caption} [Figure: {self.alt}]"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        layers = (
            f"--dark:url({data_url(self.dark_png)});--kept:{dark.clip_path(self._kept)};"
            f"--least:{self.least_width}px"
        )
        html = (
            f'<figure style="margin:0" class="convlab-picture">{STYLE}'
            f'<div class="cl-layers" style="{layers}">'
            f'<img style="max-width:100%" alt="{escape(self.alt)}" src="{data_url(self.png)}">'
            f"</div><figcaption>{escape(self.caption)}</figcaption></figure>"
        )
        return {"text/html": html, "text/plain": repr(self)}


def packed(image: Image.Image, colours: int) -> bytes:
    """An image as PNG bytes in so many colours."""
    method = Image.Quantize.FASTOCTREE if image.mode == "RGBA" else Image.Quantize.MEDIANCUT
    few, file = image.quantize(colours, method, dither=Image.Dither.NONE), io.BytesIO()
    few.save(file, format="png", optimize=True)
    return file.getvalue()


def data_url(png: bytes) -> str:
    """PNG bytes as an address that holds them."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
