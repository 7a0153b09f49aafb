"""Whether a picture is small, and a dark theme changes only what is around images and tables."""

import io
import re

import pytest
import torch
from convlab.figures import dark
from convlab.figures.colours import BLUE, INK, grid
from convlab.figures.picture import Picture, canvas
from matplotlib.colors import to_rgb
from PIL import Image


def table_and_curve():
    """A picture with a table of numbers at the left and a blue curve at the right."""
    figure, (left, right) = canvas(2, 2)
    grid(left, torch.arange(9.0).reshape(3, 3), "a table", fontsize=9)
    right.plot([0, 1, 2], [0, 3, 1], color=BLUE)
    right.set_title("a curve")
    return Picture(figure, "A table and a curve.", "Nine numbers, and a line that rises and falls.")


@pytest.fixture(scope="module")
def picture():
    """A picture, drawn in both themes."""
    drawn = table_and_curve()
    assert drawn.dark_png
    return drawn


def opened(png):
    """PNG bytes as an image."""
    return Image.open(io.BytesIO(png))


def near(colour, wanted, distance=12):
    """Whether two colours, 0 to 255 and a matplotlib colour, are so near in each part."""
    parts = zip(colour[:3], to_rgb(wanted), strict=True)
    return all(abs(part - 255 * share) <= distance for part, share in parts)


def test_both_pictures_have_one_size_and_the_dark_one_is_small(picture):
    """What is added for the dark theme lies exactly behind the light picture."""
    light, behind = opened(picture.png), opened(picture.dark_png)
    assert light.size == behind.size == (900, 200)
    assert len(picture.dark_png) < len(picture.png)


def test_the_boxes_of_images_are_cut_out_and_the_rest_is_clear(picture):
    """Behind the table nothing is drawn; the ground around it and the curve's is clear."""
    behind = opened(picture.dark_png).convert("RGBA")
    (box,) = picture._kept
    left, top, right, bottom = (
        round(share * length / dark.WHOLE)
        for share, length in zip(box, (900, 200, 900, 200), strict=True)
    )
    assert behind.crop((left + 1, top + 1, right - 1, bottom - 1)).getextrema()[3] == (0, 0)
    clear = sum(pixels for pixels, colour in behind.getcolors(1000) if colour[3] == 0)
    assert clear > 0.8 * 900 * 200


def test_ink_is_light_and_the_curve_lighter_than_on_white(picture):
    """Titles and axes are drawn in light ink, blue as a lighter blue, and no dark ink is left."""
    behind = opened(picture.dark_png).convert("RGBA")
    opaque = [colour for _, colour in behind.getcolors(1000) if colour[3] > 240]
    assert any(near(colour, dark.LIGHT_INK) for colour in opaque)
    assert any(near(colour, dark.ON_DARK[BLUE]) for colour in opaque)
    assert not any(near(colour, INK) or near(colour, BLUE) for colour in opaque)


def test_a_legend_has_no_light_ground_in_the_dark_theme():
    """Its words are light there, and would be lost on the frame's white."""
    figure, (axes,) = canvas(2, 1)
    axes.plot([0, 1, 2], [0, 3, 1], color=BLUE, label="a curve with a legend")
    axes.legend(loc="center")
    behind = opened(Picture(figure, "A curve.", "A line.").dark_png).convert("RGBA")
    white = sum(pixels for pixels, each in behind.getcolors(5000) if each[3] and near(each, "w"))
    assert white == 0
    assert axes.get_legend().get_frame().get_visible()


def test_drawing_for_the_dark_theme_leaves_the_figure_as_it_was(picture):
    """A figure that was drawn in both themes is still the light one when it is saved."""
    again, fresh = io.BytesIO(), io.BytesIO()
    picture.figure.savefig(again, format="png")
    table_and_curve().figure.savefig(fresh, format="png")
    assert again.getvalue() == fresh.getvalue()


@pytest.mark.parametrize(
    "boxes, path",
    [
        ([], "polygon(0 0)"),
        (
            [(0, 0, 5000, 10_000)],
            "polygon(0% 0%,0% 0%,50% 0%,50% 100%,0% 100%,0% 0%,0% 0%)",
        ),
    ],
)
def test_boxes_become_a_path_that_keeps_them(boxes, path):
    """Each box is walked round once from the corner of the picture; none keeps nothing."""
    assert dark.clip_path(boxes) == path


@pytest.mark.parametrize("fontsize, width", [(8, 810), (9, 720), (11, 590), (5, 900)])
def test_the_least_width_keeps_the_smallest_text_ten_pixels_high(fontsize, width):
    """900 pixels at 100 dpi: a text of 8 points is 11 pixels high, and 10 in a picture of 810."""
    figure, (ax,) = canvas(1)
    ax.set_axis_off()
    ax.text(0, 0, "words", fontsize=fontsize)
    assert Picture(figure, "A word.", "A word.").least_width == width


def test_the_notebook_gets_one_image_with_its_words(picture):
    """The HTML has one `img`, a caption, both pictures as data, and asks no other place."""
    html = picture._repr_mimebundle_()["text/html"]
    assert html.count("<img") == 1 and html.count("data:image/png;base64,") == 2
    assert picture.alt in html and f"<figcaption>{picture.caption}</figcaption>" in html
    assert not re.search(r"https?:", html)
