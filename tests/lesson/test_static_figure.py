"""Whether the static figure shows what it should, whatever the map holds."""

import io

import pytest
import torch
from convlab import images
from convlab.map_source import MapSource
from convlab.player.player import Player
from convlab.player.static_figure import StaticFigure, finished

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


def test_rounded_numbers_are_not_said_to_be_equal():
    """Where two decimals do not hold a number, the sum is only about the value."""
    exact, rounded = (
        StaticFigure(player(image, KERNEL), 0).dot_product(0, 0, 100, 4)
        for image in (IMAGE / 4, IMAGE / 3)
    )
    assert exact.endswith("\n= −1") and rounded.endswith("\n≈ −1.33")


def test_a_wrong_cell_is_told_where_it_comes_up(spoilt):
    """At a wrong cell the sum is followed by the learner's value, elsewhere it is not."""
    drawing = StaticFigure(player(IMAGE, KERNEL, spoilt), 0)
    assert drawing.dot_product(1, 2, 100, 4).endswith("\n= 3, yours: 8 ✗")
    assert drawing.dot_product(1, 1, 100, 4).endswith("\n= −4")


def test_a_large_kernel_is_written_as_far_as_it_fits():
    """Of 49 products as many are written as four lines hold, and the sum says how many there
    are.
    """
    text = StaticFigure(player(images.drawing(), images.kernel("circle")), 0).dot_product(
        0, 0, 105, 4
    )
    assert len(text.split("\n")) == 5
    assert max(map(len, text.split("\n"))) <= 105
    assert "… (49 products)" in text


def test_wrong_cells_are_crossed_and_dashed(spoilt, right):
    """A wrong cell changes the picture besides its number and colour: a cross and a dotted
    frame.
    """
    good, bad = (finished(player(DIGIT, EDGE, conv2d)) for conv2d in (right, spoilt))
    marks = [[len(line.get_xdata()) for line in figure.axes[2].lines] for figure in (good, bad)]
    dotted = [
        sum(box.get_linestyle() == ":" for box in figure.axes[2].patches) for figure in (good, bad)
    ]
    assert marks == [[0], [1]]
    assert dotted == [0, 1]
    assert png(good) != png(bad)


def test_the_first_wrong_position_is_framed(spoilt):
    """On paper the frames stand on the first wrong position, or on the first."""
    for conv2d, expected in ((spoilt, (1, 2)), (None, (0, 0))):
        figure = finished(player(DIGIT, EDGE, conv2d))
        for ax in (figure.axes[0], figure.axes[2]):
            (box,) = [box for box in ax.patches if box.get_linestyle() == "-"]
            assert (expected[1] - 0.5, expected[0] - 0.5) == box.get_xy()


def test_few_positions_have_a_panel_each():
    """Nine positions have nine panels with their sums, 36 have none."""
    assert len(finished(player(IMAGE, KERNEL)).axes) == 3 + 9
    assert len(finished(player(DIGIT, EDGE)).axes) == 3
    sums = [
        text.split("\n")[-1]
        for text in words(finished(player(IMAGE, KERNEL)))
        if "×" in text and "\n" in text
    ]
    assert sums == ["= −4", "= 3", "= 5", "= −1", "= −4", "= 3", "= 7", "= −1", "= −4"]


@pytest.mark.parametrize("image, kernel", [(IMAGE, KERNEL), (DIGIT, EDGE), (FRACTIONS, EDGE)])
def test_numbers_stay_inside_their_cells(image, kernel):
    """No number of a table is wider or higher than its cell."""
    figure = finished(player(image, kernel))
    figure.canvas.draw()
    for ax in figure.axes[:3]:
        (left, top), (right, bottom) = ax.transData.transform([(0, 0), (1, 1)])
        for text in ax.texts:
            box = text.get_window_extent()
            assert box.width <= right - left and box.height <= top - bottom


def test_numbers_too_long_for_their_cells_are_printed_briefly():
    """Large numbers in many cells are printed with an exponent and not too small to read."""
    figure = finished(player(torch.linspace(-9e4, 9e4, 196).reshape(14, 14) + 0.25, EDGE))
    (first, *_) = [text.get_text() for text in figure.axes[0].texts]
    assert first == "−9.0e4"
    assert min(text.get_fontsize() for ax in figure.axes for text in ax.texts) >= 4.5


@pytest.mark.parametrize(
    "image, kernel",
    [(IMAGE, KERNEL), (FRACTIONS[:5, :5] - 20, EDGE / 3), (DIGIT[:3, :3], EDGE[:1, :1])],
)
def test_words_stay_on_the_page_and_off_each_other(image, kernel, flipped):
    """No text of the figure with panels runs out of it or into another one."""
    figure = finished(player(image, kernel, flipped))
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.texts]
    assert all(
        box.x0 >= 0 and box.y0 >= 0 and box.x1 <= 900 and box.y1 <= figure.bbox.y1 for box in boxes
    )
    assert not any(one.overlaps(two) for i, one in enumerate(boxes) for two in boxes[:i])


def test_a_pixel_that_is_no_number_is_no_mistake():
    """An image with a NaN makes a map with NaN, of which nothing is crossed without a learner's
    function.
    """
    image = IMAGE.clone()
    image[1, 1] = torch.nan
    figure = finished(player(image, KERNEL))
    assert "nan" in words(figure)
    assert len(figure.axes[2].lines[-1].get_xdata()) == 0


def test_a_learners_words_are_drawn_as_they_are():
    """Formulas, unknown signs and long messages of an error neither break the caption nor
    overflow it.
    """

    def conv2d(image, kernel):
        raise ValueError("$\\frac{$ 漢 \x1b[31m " + "much too long " * 200)

    figure = finished(player(IMAGE, KERNEL, conv2d))
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
