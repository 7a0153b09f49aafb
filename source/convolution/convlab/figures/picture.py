"""Owns what a figure is in this lesson: a small PNG, a caption, and a text alternative."""

import base64
import io
from html import escape

from matplotlib.figure import Figure
from PIL import Image

INCH_WIDTH = 9.0
DPI = 100
COLOURS = 128


def blank(height, height_ratios):
    """The parts of a new figure `height` inches high, one above the other: a list of subfigures."""
    figure = Figure(figsize=(INCH_WIDTH, height), dpi=DPI, layout="constrained", facecolor="white")
    return list(
        figure.subfigures(len(height_ratios), 1, height_ratios=height_ratios, squeeze=False)[:, 0]
    )


def canvas(height, columns=1, width_ratios=None, rows=1):
    """A new figure `height` inches high, with a row (or rows) of empty axes: (figure, list of axes)."""
    figure = Figure(figsize=(INCH_WIDTH, height), dpi=DPI, layout="constrained", facecolor="white")
    grid = figure.subplots(rows, columns, width_ratios=width_ratios, squeeze=False)
    return figure, list(grid.flat)


class Picture:
    """A finished figure that a notebook shows as an image with a caption, and a screen reader reads.

    `figure` is a matplotlib Figure, `caption` the sentence under it, `alt` what it shows, in words.
    """

    def __init__(self, figure, caption, alt):
        self.figure, self.caption, self.alt = figure, caption, alt
        self._png = None

    @property
    def png(self):
        """The figure as PNG bytes, drawn once, in few colours so that notebooks stay small."""
        if self._png is None:
            drawn, packed = io.BytesIO(), io.BytesIO()
            self.figure.savefig(drawn, format="png", metadata={"Software": None})
            few = Image.open(drawn).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            few.save(packed, format="png", optimize=True)
            self._png = packed.getvalue()
        return self._png

    def save(self, path):
        """Write the figure to `path`; the ending (.png, .pdf, .svg) chooses the format."""
        self.figure.savefig(path)

    def __repr__(self):
        return f"{self.caption} [Figure: {self.alt}]"

    def _repr_mimebundle_(self, include=None, exclude=None):
        payload = base64.b64encode(self.png).decode("ascii")
        html = (
            f'<figure style="margin:0"><img style="max-width:100%" alt="{escape(self.alt)}" '
            f'src="data:image/png;base64,{payload}"><figcaption>{escape(self.caption)}</figcaption></figure>'
        )
        return {"text/html": html, "text/plain": repr(self)}
