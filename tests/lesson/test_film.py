"""Whether the film shows what it should, position by position, whatever the map holds."""

import numpy as np
import pytest
import torch
from convlab import images
from convlab.figures.picture import DPI
from convlab.player.film import MOST, Film, save_animation
from convlab.player.static_figure import finished
from convlab.printing import number
from matplotlib.animation import FFMpegWriter
from PIL import Image
from test_static_figure import (
    DIGIT,
    EDGE,
    IMAGE,
    KERNEL,
    PHOTOGRAPH,
    player,
    png,
    spoilt,
)

__all__ = ["spoilt"]


def frames(path):
    """The frames of a GIF as pixels (height, width, 3) and their times in milliseconds."""
    pixels, times = [], []
    with Image.open(path) as film:
        for position in range(film.n_frames):
            film.seek(position)
            pixels.append(np.asarray(film.convert("RGB")))
            times.append(film.info["duration"])
    return pixels, times


def test_a_film_has_a_frame_for_each_position(tmp_path):
    """Nine positions make nine different frames of one size, half a second each, the last five
    times as long.
    """
    path = save_animation(player(IMAGE, KERNEL), tmp_path / "slide.gif")
    pixels, times = frames(path)
    assert path == tmp_path / "slide.gif"
    assert times == 8 * [500] + [2500]
    assert {frame.shape for frame in pixels} == {(410, 900, 3)}
    assert len({frame.tobytes() for frame in pixels}) == 9


def test_a_film_takes_the_time_it_is_given_and_a_path_as_text(tmp_path):
    """`seconds` is how long each position stays, and a path may be a string, in capitals as
    well.
    """
    path = save_animation(player(IMAGE, KERNEL), f"{tmp_path}/SLIDE.GIF", seconds=0.3)
    assert frames(path)[1] == 8 * [300] + [1500]


def test_a_small_film_is_a_small_file(tmp_path):
    """The film of the 4×4 example is smaller than 150 kB."""
    assert save_animation(player(IMAGE, KERNEL), tmp_path / "slide.gif").stat().st_size < 150_000


def test_the_same_player_makes_the_same_film(tmp_path, flipped):
    """Two films of the same numbers are the same bytes, and so are two figures."""
    for conv2d in (None, flipped):
        one, two = (
            save_animation(player(IMAGE, KERNEL, conv2d), tmp_path / name)
            for name in ("one.gif", "two.gif")
        )
        assert one.read_bytes() == two.read_bytes()
        assert png(finished(player(IMAGE, KERNEL, conv2d))) == png(
            finished(player(IMAGE, KERNEL, conv2d))
        )


def test_nothing_moves_but_frames_words_and_the_cells_that_come(tmp_path):
    """From frame to frame the kernel stays, and so does all of the map that was there before."""
    film = Film(player(IMAGE, KERNEL))
    first, fourth, last = (film.picture(position).astype(int) for position in (0, 3, 8))
    rows = slice(0, int(film.drawing.bottom * DPI))
    across = film.drawing.axes["kernel"].get_position()
    kernel = slice(int(900 * across.x0), int(900 * across.x1))
    assert np.array_equal(first[rows, kernel], last[rows, kernel])
    x, y = film.drawing.axes["map"].transData.transform((1, 0)).astype(int)
    cell = slice(len(last) - y - 20, len(last) - y + 20), slice(x - 20, x + 20)
    assert np.array_equal(fourth[cell], last[cell])
    assert not np.array_equal(first[cell], last[cell])


def test_every_frame_holds_the_map_up_to_its_position():
    """A cell's colour is there from its own position on, and white before."""
    film = Film(player(IMAGE, KERNEL))
    axes, full = film.drawing.axes["map"], film.picture(8)
    for position in range(9):
        frame = film.picture(position)
        for cell in range(9):
            x, y = axes.transData.transform((cell % 3 - 0.35, cell // 3 - 0.35)).astype(int)
            expected = full[len(full) - y, x] if cell <= position else (255, 255, 255)
            assert tuple(expected) == tuple(frame[len(full) - y, x]), (position, cell)


def test_the_dot_product_is_written_out_in_each_frame():
    """Position and sum stand below the tables, laid out like the kernel, with the value of
    torch's convolution.
    """
    film = Film(player(IMAGE, KERNEL))
    film.picture(5)
    assert film.head.get_text() == "position 6 of 9, row 1, column 2"
    assert film.sum.get_text().replace("\N{NO-BREAK SPACE}", " ").split("\n") == [
        "     0 × 1    +    1 × 2   ",
        "+ (−1) × (−1) +    0 × 0   ",
        "= 3",
    ]


def test_wrong_cells_are_marked_in_the_film_when_they_come(spoilt, right):
    """Before the wrong cell the two films are alike in it; from then on they differ in ink, too."""
    films = [Film(player(DIGIT, EDGE, conv2d)) for conv2d in (right, spoilt)]
    at = films[0].drawing.axes["map"].transData.transform((2.35, 0.65)).astype(int)

    def corners(position):
        images = [film.picture(position) for film in films]
        return [picture[len(picture) - at[1] - 1, at[0]].astype(int) for picture in images]

    before, after = corners(7), corners(20)
    assert np.array_equal(*before)
    assert [sum(colour) < 3 * 128 for colour in after] == [False, True]


def test_a_photograph_is_a_picture_and_its_film_is_thinned(tmp_path):
    """A 75×64 photograph is drawn in grey with its patch in numbers; of 4526 positions one in
    23 and the last are shown.
    """
    shown = player(PHOTOGRAPH, EDGE)
    figure, film = finished(shown), Film(shown)
    assert figure.axes[0].images[0].cmap.name == "gray"
    assert len(figure.axes[0].texts) == 0 and len(figure.axes[1].texts) == 9
    assert film.positions[:3] == [0, 23, 46] and film.positions[-1] == 4525
    assert len(film.positions) <= MOST
    film.picture(46)
    assert film.head.get_text() == "position 47 of 4526 (one in 23 is shown), row 0, column 46"
    assert [text.get_text() for text in film.drawing.axes["patch"].texts[:2]] == [
        number(value) for value in PHOTOGRAPH[0, 46:48]
    ]


def test_a_thinned_film_is_written_whole(tmp_path, monkeypatch):
    """With less room every third of 36 positions is a frame, and the last."""
    monkeypatch.setattr("convlab.player.film.MOST", 15)
    pixels, times = frames(save_animation(player(DIGIT, EDGE), tmp_path / "slide.gif"))
    assert times == 12 * [500] + [2500]


@pytest.mark.parametrize("image, kernel", [(IMAGE, KERNEL), (images.drawing(), EDGE)])
@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf])
def test_values_that_are_no_numbers_are_drawn_and_crossed(
    tmp_path, image, kernel, value, monkeypatch
):
    """A map of what is no number makes a figure and a film like any other, all its cells
    crossed.
    """
    monkeypatch.setattr("convlab.player.film.MOST", 4)
    shown = player(
        image,
        kernel,
        lambda i, k: torch.full(
            tuple(a - b + 1 for a, b in zip(i.shape, k.shape, strict=True)), value
        ),
    )
    figure = finished(shown)
    assert (
        len(figure.axes[2 if image is IMAGE else 3].lines[-1].get_xdata()) == shown.result.numel()
    )
    assert len(png(figure)) > 1000
    assert len(frames(save_animation(shown, tmp_path / "slide.gif"))[0]) in (4, 5)


@pytest.mark.parametrize("rows, columns", [(8, 8), (3, 3), (1, 9), (17, 17)])
def test_a_map_of_another_size_is_drawn_as_it_is(rows, columns):
    """Cells that the target has not are crossed, and the words say that the kernel has no
    position there.
    """
    shown = player(DIGIT, EDGE)
    shown.result = torch.zeros(rows, columns, dtype=torch.float64)
    film = Film(shown)
    assert film.picture(film.count - 1).shape == film.picture(0).shape
    assert film.drawing.wrong[6:].all() and film.drawing.wrong[:, 6:].all()
    if columns > 6:
        assert (
            film.drawing.dot_product(0, 8 if columns > 8 else 6, 100, 4)
            == "The kernel has no position here; yours: 0 ✗"
        )
    assert len(png(finished(shown))) > 1000


@pytest.mark.parametrize(
    "image, kernel",
    [((1, 1), (1, 1)), ((3, 3), (3, 3)), ((1, 40), (1, 3)), ((9, 1), (1, 1)), ((30, 30), (20, 20))],
)
def test_odd_sizes_are_drawn(tmp_path, image, kernel, monkeypatch):
    """One pixel, one position, a line, a column, a kernel too large for numbers: a figure and a
    film each.
    """
    monkeypatch.setattr("convlab.player.film.MOST", 4)
    shown = player(torch.ones(image) / -3, torch.ones(kernel) / 7)
    assert len(png(shown.figure)) > 1000
    assert save_animation(shown, tmp_path / "slide.gif").stat().st_size > 1000


@pytest.mark.parametrize("name", ["slide.webm", "slide", "slide.gif.txt", ".gif"])
def test_another_ending_is_refused_and_the_possible_ones_named(tmp_path, name):
    """A path that ends in neither .gif nor .mp4 writes nothing and says what is possible."""
    with pytest.raises(ValueError, match=r"written as \.gif or \.mp4"):
        save_animation(player(IMAGE, KERNEL), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), 0.001])
def test_a_time_that_is_none_is_refused(tmp_path, seconds):
    """A frame has to stay for a time that players can keep."""
    with pytest.raises(ValueError, match="between 0.02 and 60 seconds"):
        save_animation(player(IMAGE, KERNEL), tmp_path / "slide.gif", seconds)


def test_without_ffmpeg_the_message_says_what_to_do(tmp_path, monkeypatch):
    """Where ffmpeg is missing, an MP4 is refused with what to install and what works without."""
    monkeypatch.setattr(FFMpegWriter, "isAvailable", classmethod(lambda writer: False))
    with pytest.raises(
        RuntimeError, match=r"ffmpeg is needed.*Install it.*write a \.gif: it needs nothing"
    ):
        save_animation(player(IMAGE, KERNEL), tmp_path / "slide.mp4")
    assert list(tmp_path.iterdir()) == []


def test_an_ffmpeg_that_fails_is_told(tmp_path, monkeypatch):
    """What ffmpeg says when it cannot write is in the message, with what to do."""
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\ncat > /dev/null\necho no such encoder >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(RuntimeError, match=r"could not write slide\.mp4: no such encoder"):
        save_animation(player(IMAGE, KERNEL), tmp_path / "slide.mp4")


@pytest.mark.skipif(
    not FFMpegWriter.isAvailable(), reason="needs the program ffmpeg: apt install ffmpeg"
)
def test_an_mp4_is_written(tmp_path):
    """With ffmpeg the film is an MP4 file: it begins with an ftyp box."""
    path = save_animation(player(IMAGE, KERNEL), tmp_path / "slide.mp4")
    assert path.read_bytes()[4:8] == b"ftyp"
    assert path.stat().st_size < 150_000
