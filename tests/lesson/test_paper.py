"""Whether the player on paper and as a film shows what it should, position by position, whatever the map holds."""

import io

import numpy as np
import pytest
import torch
from convlab import images
from convlab.figures.picture import DPI
from convlab.map_source import MapSource
from convlab.player import paper
from convlab.player.player import Player
from convlab.printing import number
from matplotlib.animation import FFMpegWriter
from PIL import Image

IMAGE = torch.tensor([[-1.0, 0, 1, 2], [3, -1, 0, 1], [2, 3, -1, 0], [1, 2, 3, -1]])
KERNEL = torch.tensor([[1.0, 2], [-1, 0]])
DIGIT, EDGE = images.digit(), images.kernel("vertical edge")
FRACTIONS = torch.linspace(-3, 5, 120).reshape(12, 10)
PHOTOGRAPH = images.photograph(8)


def player(image, kernel, conv2d=None):
    """A player without the learner's taps, which neither paper nor film shows."""
    return Player(image, kernel, MapSource(conv2d))


def png(figure):
    """A figure as PNG bytes, without the date."""
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def frames(path):
    """The frames of a GIF as pixels (height, width, 3) and their times in milliseconds."""
    pixels, times = [], []
    with Image.open(path) as film:
        for position in range(film.n_frames):
            film.seek(position)
            pixels.append(np.asarray(film.convert("RGB")))
            times.append(film.info["duration"])
    return pixels, times


def words(figure):
    """All texts of a figure, titles and cells included."""
    return [
        text.get_text()
        for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))
        if text.get_text()
    ]


@pytest.fixture
def spoilt(right):
    """A conv2d that is wrong at row 1, column 2 alone."""

    def conv2d(image, kernel):
        result = right(image, kernel)
        result[1, 2] += 5
        return result

    return conv2d


def test_a_film_has_a_frame_for_each_position(tmp_path):
    """Nine positions make nine different frames of one size, half a second each, the last five times as long."""
    path = paper.save_animation(player(IMAGE, KERNEL), tmp_path / "slide.gif")
    pixels, times = frames(path)
    assert path == tmp_path / "slide.gif"
    assert times == 8 * [500] + [2500]
    assert {frame.shape for frame in pixels} == {(410, 900, 3)}
    assert len({frame.tobytes() for frame in pixels}) == 9


def test_a_film_takes_the_time_it_is_given_and_a_path_as_text(tmp_path):
    """`seconds` is how long each position stays, and a path may be a string, in capitals as well."""
    path = paper.save_animation(player(IMAGE, KERNEL), f"{tmp_path}/SLIDE.GIF", seconds=0.3)
    assert frames(path)[1] == 8 * [300] + [1500]


def test_a_small_film_is_a_small_file(tmp_path):
    """The film of the 4×4 example is smaller than 150 kB."""
    assert (
        paper.save_animation(player(IMAGE, KERNEL), tmp_path / "slide.gif").stat().st_size < 150_000
    )


def test_the_same_player_makes_the_same_film(tmp_path, flipped):
    """Two films of the same numbers are the same bytes, and so are two figures."""
    for conv2d in (None, flipped):
        one, two = (
            paper.save_animation(player(IMAGE, KERNEL, conv2d), tmp_path / name)
            for name in ("one.gif", "two.gif")
        )
        assert one.read_bytes() == two.read_bytes()
        assert png(paper.finished(player(IMAGE, KERNEL, conv2d))) == png(
            paper.finished(player(IMAGE, KERNEL, conv2d))
        )


def test_nothing_moves_but_frames_words_and_the_cells_that_come(tmp_path):
    """From frame to frame the kernel stays, and so does all of the map that was there before."""
    film = paper.Film(player(IMAGE, KERNEL))
    first, fourth, last = (film.picture(position).astype(int) for position in (0, 3, 8))
    rows = slice(0, int(film.sheet.bottom * DPI))
    across = film.sheet.axes["kernel"].get_position()
    kernel = slice(int(900 * across.x0), int(900 * across.x1))
    assert np.array_equal(first[rows, kernel], last[rows, kernel])
    x, y = film.sheet.axes["map"].transData.transform((1, 0)).astype(int)
    cell = slice(len(last) - y - 20, len(last) - y + 20), slice(x - 20, x + 20)
    assert np.array_equal(fourth[cell], last[cell])
    assert not np.array_equal(first[cell], last[cell])


def test_every_frame_holds_the_map_up_to_its_position():
    """A cell's colour is there from its own position on, and white before."""
    film = paper.Film(player(IMAGE, KERNEL))
    axes, full = film.sheet.axes["map"], film.picture(8)
    for position in range(9):
        frame = film.picture(position)
        for cell in range(9):
            x, y = axes.transData.transform((cell % 3 - 0.35, cell // 3 - 0.35)).astype(int)
            expected = full[len(full) - y, x] if cell <= position else (255, 255, 255)
            assert tuple(expected) == tuple(frame[len(full) - y, x]), (position, cell)


def test_the_dot_product_is_written_out_in_each_frame():
    """Position and sum stand below the tables, laid out like the kernel, with the value of torch's convolution."""
    film = paper.Film(player(IMAGE, KERNEL))
    film.picture(5)
    assert film.head.get_text() == "position 6 of 9, row 1, column 2"
    assert film.sum.get_text().replace("\N{NO-BREAK SPACE}", " ").split("\n") == [
        "     0 × 1    +    1 × 2   ",
        "+ (−1) × (−1) +    0 × 0   ",
        "= 3",
    ]


def test_rounded_numbers_are_not_said_to_be_equal():
    """Where two decimals do not hold a number, the sum is only about the value."""
    exact, rounded = (
        paper.Sheet(player(image, KERNEL), 0).dot_product(0, 0, 100, 4)
        for image in (IMAGE / 4, IMAGE / 3)
    )
    assert exact.endswith("\n= −1") and rounded.endswith("\n≈ −1.33")


def test_a_wrong_cell_is_told_where_it_comes_up(spoilt):
    """At a wrong cell the sum is followed by the learner's value, elsewhere it is not."""
    sheet = paper.Sheet(player(IMAGE, KERNEL, spoilt), 0)
    assert sheet.dot_product(1, 2, 100, 4).endswith("\n= 3, yours: 8 ✗")
    assert sheet.dot_product(1, 1, 100, 4).endswith("\n= −4")


def test_a_large_kernel_is_written_as_far_as_it_fits():
    """Of 49 products as many are written as four lines hold, and the sum says how many there are."""
    text = paper.Sheet(player(images.drawing(), images.kernel("circle")), 0).dot_product(
        0, 0, 105, 4
    )
    assert len(text.split("\n")) == 5
    assert max(map(len, text.split("\n"))) <= 105
    assert "… (49 products)" in text


def test_wrong_cells_are_crossed_and_dashed(spoilt, right):
    """A wrong cell changes the picture besides its number and colour: a cross and a dotted frame."""
    good, bad = (paper.finished(player(DIGIT, EDGE, conv2d)) for conv2d in (right, spoilt))
    marks = [[len(line.get_xdata()) for line in figure.axes[2].lines] for figure in (good, bad)]
    dotted = [
        sum(box.get_linestyle() == ":" for box in figure.axes[2].patches) for figure in (good, bad)
    ]
    assert marks == [[0], [1]]
    assert dotted == [0, 1]
    assert png(good) != png(bad)


def test_wrong_cells_are_marked_in_the_film_when_they_come(spoilt, right):
    """Before the wrong cell the two films are alike in it; from then on they differ in ink, too."""
    films = [paper.Film(player(DIGIT, EDGE, conv2d)) for conv2d in (right, spoilt)]
    at = films[0].sheet.axes["map"].transData.transform((2.35, 0.65)).astype(int)

    def corners(position):
        images = [film.picture(position) for film in films]
        return [picture[len(picture) - at[1] - 1, at[0]].astype(int) for picture in images]

    before, after = corners(7), corners(20)
    assert np.array_equal(*before)
    assert [sum(colour) < 3 * 128 for colour in after] == [False, True]


def test_the_first_wrong_position_is_framed(spoilt):
    """On paper the frames stand on the first wrong position, or on the first."""
    for conv2d, expected in ((spoilt, (1, 2)), (None, (0, 0))):
        figure = paper.finished(player(DIGIT, EDGE, conv2d))
        for ax in (figure.axes[0], figure.axes[2]):
            (box,) = [box for box in ax.patches if box.get_linestyle() == "-"]
            assert (expected[1] - 0.5, expected[0] - 0.5) == box.get_xy()


def test_few_positions_have_a_panel_each():
    """Nine positions have nine panels with their sums, 36 have none."""
    assert len(paper.finished(player(IMAGE, KERNEL)).axes) == 3 + 9
    assert len(paper.finished(player(DIGIT, EDGE)).axes) == 3
    sums = [
        text.split("\n")[-1]
        for text in words(paper.finished(player(IMAGE, KERNEL)))
        if "×" in text and "\n" in text
    ]
    assert sums == ["= −4", "= 3", "= 5", "= −1", "= −4", "= 3", "= 7", "= −1", "= −4"]


@pytest.mark.parametrize("image, kernel", [(IMAGE, KERNEL), (DIGIT, EDGE), (FRACTIONS, EDGE)])
def test_numbers_stay_inside_their_cells(image, kernel):
    """No number of a table is wider or higher than its cell."""
    figure = paper.finished(player(image, kernel))
    figure.canvas.draw()
    for ax in figure.axes[:3]:
        (left, top), (right, bottom) = ax.transData.transform([(0, 0), (1, 1)])
        for text in ax.texts:
            box = text.get_window_extent()
            assert box.width <= right - left and box.height <= top - bottom


def test_numbers_too_long_for_their_cells_are_printed_briefly():
    """Large numbers in many cells are printed with an exponent and not too small to read."""
    figure = paper.finished(player(torch.linspace(-9e4, 9e4, 196).reshape(14, 14) + 0.25, EDGE))
    (first, *_) = [text.get_text() for text in figure.axes[0].texts]
    assert first == "−9.0e4"
    assert min(text.get_fontsize() for ax in figure.axes for text in ax.texts) >= 4.5


@pytest.mark.parametrize(
    "image, kernel",
    [(IMAGE, KERNEL), (FRACTIONS[:5, :5] - 20, EDGE / 3), (DIGIT[:3, :3], EDGE[:1, :1])],
)
def test_words_stay_on_the_page_and_off_each_other(image, kernel, flipped):
    """No text of the figure with panels runs out of it or into another one."""
    figure = paper.finished(player(image, kernel, flipped))
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.texts]
    assert all(
        box.x0 >= 0 and box.y0 >= 0 and box.x1 <= 900 and box.y1 <= figure.bbox.y1 for box in boxes
    )
    assert not any(one.overlaps(two) for i, one in enumerate(boxes) for two in boxes[:i])


def test_a_photograph_is_a_picture_and_its_film_is_thinned(tmp_path):
    """A 75×64 photograph is drawn in grey with its patch in numbers; of 4526 positions one in 23 and the last are shown."""
    shown = player(PHOTOGRAPH, EDGE)
    figure, film = paper.finished(shown), paper.Film(shown)
    assert figure.axes[0].images[0].cmap.name == "gray"
    assert len(figure.axes[0].texts) == 0 and len(figure.axes[1].texts) == 9
    assert film.positions[:3] == [0, 23, 46] and film.positions[-1] == 4525
    assert len(film.positions) <= paper.FILM
    film.picture(46)
    assert film.head.get_text() == "position 47 of 4526 (one in 23 is shown), row 0, column 46"
    assert [text.get_text() for text in film.sheet.axes["patch"].texts[:2]] == [
        number(value) for value in PHOTOGRAPH[0, 46:48]
    ]


def test_a_thinned_film_is_written_whole(tmp_path, monkeypatch):
    """With less room every third of 36 positions is a frame, and the last."""
    monkeypatch.setattr(paper, "FILM", 15)
    pixels, times = frames(paper.save_animation(player(DIGIT, EDGE), tmp_path / "slide.gif"))
    assert times == 12 * [500] + [2500]


@pytest.mark.parametrize("image, kernel", [(IMAGE, KERNEL), (images.drawing(), EDGE)])
@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf])
def test_values_that_are_no_numbers_are_drawn_and_crossed(
    tmp_path, image, kernel, value, monkeypatch
):
    """A map of what is no number makes a figure and a film like any other, all its cells crossed."""
    monkeypatch.setattr(paper, "FILM", 4)
    shown = player(
        image,
        kernel,
        lambda i, k: torch.full(tuple(a - b + 1 for a, b in zip(i.shape, k.shape)), value),
    )
    figure = paper.finished(shown)
    assert (
        len(figure.axes[2 if image is IMAGE else 3].lines[-1].get_xdata()) == shown.result.numel()
    )
    assert len(png(figure)) > 1000
    assert len(frames(paper.save_animation(shown, tmp_path / "slide.gif"))[0]) in (4, 5)


def test_a_pixel_that_is_no_number_is_no_mistake():
    """An image with a NaN makes a map with NaN, of which nothing is crossed without a learner's function."""
    image = IMAGE.clone()
    image[1, 1] = torch.nan
    figure = paper.finished(player(image, KERNEL))
    assert "nan" in words(figure)
    assert len(figure.axes[2].lines[-1].get_xdata()) == 0


@pytest.mark.parametrize("rows, columns", [(8, 8), (3, 3), (1, 9), (17, 17)])
def test_a_map_of_another_size_is_drawn_as_it_is(rows, columns):
    """Cells that the target has not are crossed, and the words say that the kernel has no position there."""
    shown = player(DIGIT, EDGE)
    shown.result = torch.zeros(rows, columns, dtype=torch.float64)
    film = paper.Film(shown)
    assert film.picture(film.count - 1).shape == film.picture(0).shape
    assert film.sheet.wrong[6:].all() and film.sheet.wrong[:, 6:].all()
    if columns > 6:
        assert (
            film.sheet.dot_product(0, 8 if columns > 8 else 6, 100, 4)
            == "The kernel has no position here; yours: 0 ✗"
        )
    assert len(png(paper.finished(shown))) > 1000


@pytest.mark.parametrize(
    "image, kernel",
    [((1, 1), (1, 1)), ((3, 3), (3, 3)), ((1, 40), (1, 3)), ((9, 1), (1, 1)), ((30, 30), (20, 20))],
)
def test_odd_sizes_are_drawn(tmp_path, image, kernel, monkeypatch):
    """One pixel, one position, a line, a column, a kernel too large for numbers: a figure and a film each."""
    monkeypatch.setattr(paper, "FILM", 4)
    shown = player(torch.ones(image) / -3, torch.ones(kernel) / 7)
    assert len(png(shown.figure)) > 1000
    assert paper.save_animation(shown, tmp_path / "slide.gif").stat().st_size > 1000


def test_a_learners_words_are_drawn_as_they_are():
    """Formulas, unknown signs and long messages of an error neither break the caption nor overflow it."""

    def conv2d(image, kernel):
        raise ValueError("$\\frac{$ 漢 \x1b[31m " + "much too long " * 200)

    figure = paper.finished(player(IMAGE, KERNEL, conv2d))
    assert len(png(figure)) > 1000
    (caption,) = [text for text in words(figure) if "positions" in text]
    assert "$\\frac{$ \N{REPLACEMENT CHARACTER}" in caption
    assert caption.count("\n") <= 5
    assert "the feature map" in words(figure)


@pytest.mark.parametrize("name", ["slide.pdf", "slide.svg", "slide.png"])
def test_the_figure_is_saved_in_any_format(tmp_path, name, flipped):
    """Paper, drawing and picture: matplotlib writes them all without a warning."""
    player(IMAGE, KERNEL, flipped).save(tmp_path / name)
    assert (tmp_path / name).stat().st_size > 5000


@pytest.mark.parametrize("name", ["slide.webm", "slide", "slide.gif.txt", ".gif"])
def test_another_ending_is_refused_and_the_possible_ones_named(tmp_path, name):
    """A path that ends in neither .gif nor .mp4 writes nothing and says what is possible."""
    with pytest.raises(ValueError, match=r"written as \.gif or \.mp4"):
        paper.save_animation(player(IMAGE, KERNEL), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), 0.001])
def test_a_time_that_is_none_is_refused(tmp_path, seconds):
    """A frame has to stay for a time that players can keep."""
    with pytest.raises(ValueError, match="between 0.02 and 60 seconds"):
        paper.save_animation(player(IMAGE, KERNEL), tmp_path / "slide.gif", seconds)


def test_without_ffmpeg_the_message_says_what_to_do(tmp_path, monkeypatch):
    """Where ffmpeg is missing, an MP4 is refused with what to install and what works without."""
    monkeypatch.setattr(FFMpegWriter, "isAvailable", classmethod(lambda writer: False))
    with pytest.raises(
        RuntimeError, match=r"ffmpeg is needed.*Install it.*write a \.gif: it needs nothing"
    ):
        paper.save_animation(player(IMAGE, KERNEL), tmp_path / "slide.mp4")
    assert list(tmp_path.iterdir()) == []


def test_an_ffmpeg_that_fails_is_told(tmp_path, monkeypatch):
    """What ffmpeg says when it cannot write is in the message, with what to do."""
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\ncat > /dev/null\necho no such encoder >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(RuntimeError, match=r"could not write slide\.mp4: no such encoder"):
        paper.save_animation(player(IMAGE, KERNEL), tmp_path / "slide.mp4")


@pytest.mark.skipif(
    not FFMpegWriter.isAvailable(), reason="needs the program ffmpeg: apt install ffmpeg"
)
def test_an_mp4_is_written(tmp_path):
    """With ffmpeg the film is an MP4 file: it begins with an ftyp box."""
    path = paper.save_animation(player(IMAGE, KERNEL), tmp_path / "slide.mp4")
    assert path.read_bytes()[4:8] == b"ftyp"
    assert path.stat().st_size < 150_000
