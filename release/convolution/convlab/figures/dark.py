"""Draws what is around a figure's images in colours for a dark theme.

Images and tables of numbers keep their colours in every theme, since colour is their content.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import same_color, to_rgba
from matplotlib.figure import Figure, SubFigure
from matplotlib.image import AxesImage
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from PIL import Image

from .colours import BLUE, INK, ORANGE, PALE

Box = tuple[int, int, int, int]  # left, top, right, bottom, as shares of the picture in 1/10000

WHOLE = 10_000
EDGE = 3  # pixels around an image that belong to it: the frames of its cells
LIGHT_INK = "#e6e6e6"
# What is drawn in another colour on dark ground, with the same contrast as on white.
ON_DARK = {
    INK: LIGHT_INK,
    "black": LIGHT_INK,
    "#333333": LIGHT_INK,
    BLUE: "#8ab8ee",
    ORANGE: "#f2a154",
    PALE: "#5f5f5f",
    "#cfe0f2": "#27476b",  # the positions of a kernel
}


def drawn(figure: Figure) -> Image.Image:
    """The figure as an RGBA image.

    `savefig` would lay out and draw it twice, and pack it as a PNG that is unpacked at once.
    """
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    size = canvas.get_width_height()
    return Image.frombytes("RGBA", size, bytes(canvas.buffer_rgba()))


def image_boxes(figure: Figure, size: tuple[int, int]) -> list[Box]:
    """Where the figure's images are in its picture of `size` (width, height) in pixels.

    The figure must have been drawn.
    """
    width, height = size
    boxes = set()
    for image in figure.findobj(AxesImage):
        area = image.get_window_extent()
        edges = (
            (area.x0 - EDGE) / width,
            1 - (area.y1 + EDGE) / height,
            (area.x1 + EDGE) / width,
            1 - (area.y0 - EDGE) / height,
        )
        left, top, right, bottom = (round(WHOLE * min(max(edge, 0), 1)) for edge in edges)
        boxes.add((left, top, right, bottom))
    return sorted(boxes)


def clip_path(boxes: list[Box]) -> str:
    """The boxes as a value of CSS's clip-path; what is outside of them is not shown."""
    points = []
    for left, top, right, bottom in boxes:
        corners = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
        points += [(0, 0), *corners, (0, 0)]  # there and back along one line, which shows nothing
    shares = ",".join(f"{100 * x / WHOLE:g}% {100 * y / WHOLE:g}%" for x, y in points)
    return f"polygon({shares or '0 0'})"


def surroundings(figure: Figure, boxes: list[Box]) -> Image.Image:
    """The figure in light ink on nothing, without what is in the boxes: an RGBA image."""
    with light_ink(figure):
        image = drawn(figure)
    width, height = image.size
    for left, top, right, bottom in boxes:
        place = (
            round(left * width / WHOLE),
            round(top * height / WHOLE),
            round(right * width / WHOLE),
            round(bottom * height / WHOLE),
        )
        image.paste((0, 0, 0, 0), place)
    return image


@contextmanager
def light_ink(figure: Figure) -> Iterator[None]:
    """Within it, the figure's ink is light and its ground is clear; afterwards all is as before."""
    undo: list[Callable[[], Any]] = []

    def change(artist: Artist, name: str) -> None:
        before = getattr(artist, f"get_{name}")()
        after = on_dark(before)
        if after is not None:
            setter = getattr(artist, f"set_{name}")
            undo.append(lambda: setter(before))
            setter(after)

    engine = figure.get_layout_engine()
    figure.set_layout_engine("none")  # everything stays where it is
    parts = [part for part in figure.findobj() if isinstance(part, (Figure, SubFigure))]
    unwanted: list[Artist] = [part.patch for part in parts]
    unwanted += [axes.patch for axes in figure.axes]
    unwanted += figure.findobj(AxesImage)
    unwanted += [legend.get_frame() for legend in figure.findobj(Legend)]
    unwanted += [text for text in figure.findobj(Text) if not text.get_in_layout()]  # in cells
    hidden = [artist for artist in unwanted if artist.get_visible()]
    for artist in hidden:
        artist.set_visible(False)
    for artist in figure.findobj():
        if isinstance(artist, (Text, Line2D)):
            change(artist, "color")
        if isinstance(artist, Line2D):
            change(artist, "markeredgecolor")
        if isinstance(artist, Patch):
            change(artist, "edgecolor")
            change(artist, "facecolor")
    try:
        yield
    finally:
        for step in reversed(undo):
            step()
        for artist in hidden:
            artist.set_visible(True)
        figure.set_layout_engine(engine)


def on_dark(colour: Any) -> tuple[float, ...] | None:
    """The colour in the place of `colour` on dark ground, as opaque as that; None for the same."""
    for dark, light in ON_DARK.items():
        if same_color(to_rgba(colour)[:3], to_rgba(dark)[:3]):
            return (*to_rgba(light)[:3], to_rgba(colour)[3])
    return None
