"""The sliding kernel as a film: a GIF or an MP4, a frame for each position."""

import math
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.animation import FFMpegWriter
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from ..figures.colours import INK, SIGNED, TINTS
from ..messages import message
from .static_figure import LINE, MARGIN, StaticFigure

if TYPE_CHECKING:
    from .player import Player

MOST = 200  # positions, up to which a film shows each
LINES = 4  # of text, into which the dot product has to fit
HOLD = 5  # times as long as the others, the last frame stays


def save_animation(player: "Player", path: str | Path, seconds: float = 0.5) -> Path:
    """Write a Player's sliding as a film, each position for `seconds`; return the path.

    The path's ending chooses the format: .gif, which needs nothing more, or .mp4, which needs the
    program ffmpeg. The last frame stays five times as long. Of more than 200 positions every n-th
    is shown and the last, and the film says so; the map is always complete up to the position
    shown. ValueError for another ending or for a time that is not between 0.02 and 60 seconds;
    RuntimeError where there is no ffmpeg or it cannot write the file.
    """
    path = Path(path)
    writers = {".gif": write_gif, ".mp4": write_mp4}
    if path.suffix.lower() not in writers:
        raise ValueError(message("player", "no-film", file=path.name).text())
    if not 0.02 <= seconds <= 60:
        raise ValueError(message("player", "no-time", seconds=str(seconds)).text())
    writers[path.suffix.lower()](player, path, seconds)
    return path


def write_gif(player: "Player", path: Path, seconds: float) -> None:
    """Write a GIF, all frames in the same colours, so that only what moves takes room."""
    film, colours = Film(player), palette()
    frames = [
        Image.fromarray(film.picture(position)).quantize(palette=colours, dither=Image.Dither.NONE)
        for position in film.positions
    ]
    times = [round(1000 * seconds)] * (len(frames) - 1) + [round(1000 * seconds * HOLD)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=times, loop=0)


def write_mp4(player: "Player", path: Path, seconds: float) -> None:
    """Write an MP4 through ffmpeg; RuntimeError says what to do where that is not possible."""
    if not FFMpegWriter.isAvailable():
        raise RuntimeError(message("player", "no-ffmpeg").text())
    film = Film(player)
    writer = FFMpegWriter(fps=1 / seconds, codec="h264")  # type: ignore[arg-type]  # any float
    first = film.picture(0)
    screen = Figure(
        (first.shape[1] / 64, first.shape[0] / 64), dpi=64
    )  # 64 divides exactly: rounding would cost pixels
    image = screen.figimage(first, origin="upper")
    try:
        with writer.saving(screen, str(path), screen.dpi):
            for position in film.positions + [film.positions[-1]] * (HOLD - 1):
                image.set_data(film.picture(position))
                writer.grab_frame()
    except (subprocess.CalledProcessError, BrokenPipeError) as error:
        said = str(getattr(error, "stderr", error))
        facts = {"file": path.name, "error": said}
        raise RuntimeError(message("player", "ffmpeg-failed", **facts).text()) from error


class Film:
    """The pictures of a film: `picture` draws a position, `positions` are those that are shown.

    What does not move is painted only twice, with the map empty and full; what a position shows of
    it is put together from the two, which takes a fraction of the time.
    """

    def __init__(self, player: "Player") -> None:
        self.every, self.count = math.ceil(player.result.numel() / MOST), player.result.numel()
        self.positions = [*range(0, self.count - 1, self.every), self.count - 1]
        self.lines = min(len(player.kernel), LINES) if player.kernel.shape[1] <= LINES else LINES
        self.drawing = drawing = StaticFigure(player, LINE * (self.lines + 2.4) + MARGIN / 2)
        self.head = drawing.text(MARGIN, drawing.bottom, "", 11)
        self.sum = drawing.text(MARGIN, drawing.bottom + 1.4 * LINE, "", 9.5, family="monospace")
        values, numbers = drawing.axes["map"], drawing.axes.get("patch")
        self.moving = [
            *drawing.frames,
            *([*numbers.images, *numbers.collections, *numbers.texts] if numbers else []),
        ]
        self.full = self.without(self.moving)
        later = {*values.images, *values.texts, *values.lines, *values.patches} - {*drawing.frames}
        self.empty = self.without([*self.moving, *later])
        self.moving = sorted([*self.moving, self.head, self.sum], key=lambda artist: artist.zorder)

    def without(self, artists: Iterable[Artist]) -> np.ndarray:
        """The figure as pixels, some artists left out: uint8 (height, width, 4)."""
        for artist in artists:
            artist.set_visible(False)
        self.canvas = FigureCanvasAgg(self.drawing.figure)
        self.canvas.draw()
        for artist in artists:
            artist.set_visible(True)
        return np.array(self.canvas.buffer_rgba())

    def picture(self, position: int) -> np.ndarray:
        """One position as pixels, uint8 (height, width, 3).

        It has the frames, the dot product, and the map filled up to there.
        """
        columns = self.drawing.player.result.shape[1]
        row, column = divmod(position, columns)
        self.drawing.frame(row, column)
        facts = {"n": position + 1, "count": self.count, "row": row, "column": column}
        name = "frame-thinned" if self.every > 1 else "frame"
        self.head.set_text(message("player", name, every=self.every, **facts).text())
        self.sum.set_text(self.drawing.dot_product(row, column, 105, self.lines))
        corners = [(-0.5, -0.5), (column + 0.5, row - 0.5), (columns - 0.5, row + 0.5)]
        edges = self.drawing.axes["map"].transData.transform(corners)
        (left, here, right), (top, above, below) = (
            (np.rint(edges) * (1, -1) + (0, len(self.empty))).astype(int).T
        )
        pixels = np.asarray(self.canvas.buffer_rgba())
        pixels[:] = self.empty
        pixels[top:above, left:right] = self.full[top:above, left:right]
        pixels[above:below, left:here] = self.full[above:below, left:here]
        for artist in self.moving:
            self.drawing.figure.draw_artist(artist)
        return pixels[..., :3].copy()


def palette() -> Image.Image:
    """The colours of a GIF as a picture: greys, the signed colours, tints, and text on them."""
    tints = [
        TINTS(np.linspace(0, 1, 31))[:, :3] * share + np.array(to_rgb(INK)) * (1 - share)
        for share in (1, 0.6, 0.3)
    ]
    greys = np.linspace((0, 0, 0), (1, 1, 1), 40)
    colours = np.concatenate([greys, SIGNED(np.linspace(0, 1, 123))[:, :3], *tints])
    picture = Image.new("P", (1, 1))
    picture.putpalette(np.rint(255 * colours).astype(np.uint8).tobytes())
    return picture
