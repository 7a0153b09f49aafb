"""Owns the player on paper and as a film: the finished map as one figure, its making as a GIF or an MP4."""

import math
import pathlib
import subprocess
import textwrap

import numpy as np
from matplotlib.animation import FFMpegWriter
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from PIL import Image

from ..figures.colours import INK, SIGNED, TINTS, outline
from ..figures.picture import INCH_WIDTH
from .sheet import MARGIN, TITLE, Sheet
from .tables import WHOLE

PANELS = 9  # positions, up to which each gets a panel
FILM = 200  # positions, up to which a film shows each
LINES, PANEL_LINES = 4, 9  # into which the dot product has to fit, in a film and in a panel
HOLD = 5  # times as long as the others, the last frame stays
LINE = 0.2  # inches: a line of small text


def finished(player):
    """The finished map of a Player on paper: a matplotlib Figure of image, kernel and feature map, the caption below.

    The player's place is framed: the first wrong position, or the first. Wrong cells are crossed and dashed. If there are
    at most nine positions, each has a panel with its dot product. Large images and maps are drawn without numbers.
    """
    caption = textwrap.wrap(
        drawable(" ".join(player.caption.split())), 118, max_lines=6, placeholder=" …"
    )
    panels = lines_of_panels(player)
    high = TITLE + max(
        panel_cell(player) * (len(player.image) + 0.2),
        0.13 * min(player.kernel.numel(), PANEL_LINES),
    )
    sheet = Sheet(player, high * len(panels) + LINE * len(caption) + MARGIN)
    sheet.frame(*player.place)
    for i, line in enumerate(panels):
        for j, position in enumerate(line):
            panel(
                sheet,
                position,
                j * INCH_WIDTH / len(panels[0]),
                sheet.bottom + i * high,
                INCH_WIDTH / len(panels[0]),
            )
    sheet.text(MARGIN, sheet.height - LINE * len(caption) - MARGIN / 2, "\n".join(caption), 9)
    return sheet.figure


def drawable(text):
    """A learner's text with a replacement for what the font has not."""
    font = get_font(findfont(FontProperties()))
    return "".join(
        sign if sign == " " or font.get_char_index(ord(sign)) else "\N{REPLACEMENT CHARACTER}"
        for sign in text
    )


def lines_of_panels(player):
    """The positions (row, column) that get a panel, line by line; none where there are too many."""
    if player.result.numel() > PANELS or max(player.image.shape) > WHOLE:
        return []
    rows, columns = player.result.shape
    places, wide = (
        [(i, j) for i in range(rows) for j in range(columns)],
        columns if columns in (2, 3) else 3,
    )
    return [places[k : k + wide] for k in range(0, len(places), wide)]


def panel_cell(player):
    """How large a cell of the image is in a panel, in inches."""
    return min(0.24, 1.15 / max(player.image.shape))


def panel(sheet, position, left, top, width):
    """One position: the image with its patch framed, and beside it the dot product."""
    player, cell = sheet.player, panel_cell(sheet.player)
    wide, high = (cell * (length + 0.2) for length in reversed(player.image.shape))
    sheet.text(left + MARGIN, top, f"row {position[0]}, column {position[1]}", 9)
    ax = sheet.table((left + MARGIN, top + 0.22, wide, high), player.image, None, size=8)
    outline(ax, *position, *player.kernel.shape).set_linewidth(1.8)
    room = int(
        (width - wide - 1.3 * MARGIN) / 0.06
    )  # inches a character of the typeface at 7 points
    terms = sheet.dot_product(*position, room, PANEL_LINES)
    sheet.text(left + MARGIN + wide + 0.06, top + 0.25, terms, 7, family="monospace")


def save_animation(player, path, seconds=0.5):
    """Write a Player's sliding as a film, each position for `seconds`; return the path, a pathlib.Path.

    The path's ending chooses the format: .gif, which needs nothing more, or .mp4, which needs the program ffmpeg.
    The last frame stays five times as long. Of more than 200 positions every n-th is shown and the last, and the film
    says so; the map is always complete up to the position shown. Raises ValueError for another ending or for a time
    that is not between 0.02 and 60 seconds, and RuntimeError where there is no ffmpeg or it cannot write the file.
    """
    path = pathlib.Path(path)
    writers = {".gif": write_gif, ".mp4": write_mp4}
    if path.suffix.lower() not in writers:
        raise ValueError(
            f"{path.name}: a film is written as .gif or .mp4, and the path's ending chooses which."
        )
    if not 0.02 <= seconds <= 60:
        raise ValueError(f"seconds={seconds}: a frame stays between 0.02 and 60 seconds.")
    writers[path.suffix.lower()](player, path, seconds)
    return path


def write_gif(player, path, seconds):
    """Write the film as a GIF, all frames in the same colours, so that only what moves takes room."""
    film, colours = Film(player), palette()
    frames = [
        Image.fromarray(film.picture(position)).quantize(palette=colours, dither=Image.Dither.NONE)
        for position in film.positions
    ]
    times = [round(1000 * seconds)] * (len(frames) - 1) + [round(1000 * seconds * HOLD)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=times, loop=0)


def write_mp4(player, path, seconds):
    """Write the film as an MP4 through ffmpeg; RuntimeError says what to do where that is not possible."""
    if not FFMpegWriter.isAvailable():
        raise RuntimeError(
            "To write an .mp4 the program ffmpeg is needed, and this machine has none. Install it (conda "
            "install ffmpeg, apt install ffmpeg, brew install ffmpeg), or write a .gif: it needs nothing."
        )
    film, writer = Film(player), FFMpegWriter(fps=1 / seconds, codec="h264")
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
        raise RuntimeError(
            f"ffmpeg could not write {path.name}: {getattr(error, 'stderr', error)} "
            "Try another ffmpeg, or write a .gif: it needs none."
        ) from error


class Film:
    """The pictures of a film: `picture` draws a position; `positions` are those that are shown, in order.

    What does not move is painted only twice, with the map empty and full; what a position shows of it is put together
    from the two, which takes a fraction of the time.
    """

    def __init__(self, player):
        every, self.count = math.ceil(player.result.numel() / FILM), player.result.numel()
        self.positions = [*range(0, self.count - 1, every), self.count - 1]
        self.note = f" (one in {every} is shown)" if every > 1 else ""
        self.lines = min(len(player.kernel), LINES) if player.kernel.shape[1] <= LINES else LINES
        self.sheet = sheet = Sheet(player, LINE * (self.lines + 2.4) + MARGIN / 2)
        self.head = sheet.text(MARGIN, sheet.bottom, "", 11)
        self.sum = sheet.text(MARGIN, sheet.bottom + 1.4 * LINE, "", 9.5, family="monospace")
        values, numbers = sheet.axes["map"], sheet.axes.get("patch")
        self.moving = [
            *sheet.frames,
            *([*numbers.images, *numbers.collections, *numbers.texts] if numbers else []),
        ]
        self.full = self.without(self.moving)
        later = {*values.images, *values.texts, *values.lines, *values.patches} - {*sheet.frames}
        self.empty = self.without([*self.moving, *later])
        self.moving = sorted([*self.moving, self.head, self.sum], key=lambda artist: artist.zorder)

    def without(self, artists):
        """The figure as pixels, some artists left out: uint8 (height, width, 4)."""
        for artist in artists:
            artist.set_visible(False)
        canvas = FigureCanvasAgg(self.sheet.figure)
        canvas.draw()
        for artist in artists:
            artist.set_visible(True)
        return np.array(canvas.buffer_rgba())

    def picture(self, position):
        """One position as pixels: the frames, the dot product, the map filled up to there; uint8 (height, width, 3)."""
        columns = self.sheet.player.result.shape[1]
        row, column = divmod(position, columns)
        self.sheet.frame(row, column)
        self.head.set_text(
            f"position {position + 1} of {self.count}{self.note}, row {row}, column {column}"
        )
        self.sum.set_text(self.sheet.dot_product(row, column, 105, self.lines))
        corners = [(-0.5, -0.5), (column + 0.5, row - 0.5), (columns - 0.5, row + 0.5)]
        edges = self.sheet.axes["map"].transData.transform(corners)
        (left, here, right), (top, above, below) = (
            (np.rint(edges) * (1, -1) + (0, len(self.empty))).astype(int).T
        )
        pixels = np.asarray(self.sheet.figure.canvas.buffer_rgba())
        pixels[:] = self.empty
        pixels[top:above, left:right] = self.full[top:above, left:right]
        pixels[above:below, left:here] = self.full[above:below, left:here]
        for artist in self.moving:
            self.sheet.figure.draw_artist(artist)
        return pixels[..., :3].copy()


def palette():
    """The colours of a GIF as a picture: greys, the signed colours, the tints and how text blends with them."""
    tints = [
        TINTS(np.linspace(0, 1, 31))[:, :3] * share + np.array(to_rgb(INK)) * (1 - share)
        for share in (1, 0.6, 0.3)
    ]
    greys = np.linspace((0, 0, 0), (1, 1, 1), 40)
    colours = np.concatenate([greys, SIGNED(np.linspace(0, 1, 123))[:, :3], *tints])
    picture = Image.new("P", (1, 1))
    picture.putpalette(np.rint(255 * colours).astype(np.uint8).tobytes())
    return picture
