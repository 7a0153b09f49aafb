"""Whether pointing at a cell shows what belongs to it, under the mouse and under the focus,
with stride and padding too.
"""

import pages
import pytest
from screen import convolved, printed

GIVEN = pages.given()
IMAGE, KERNEL = GIVEN["drawn"]
WHAT_IF = [(1, 0), (2, 0), (1, 1), (3, 2)]


def patch(row, column, stride=1, padding=0):
    """The pixels that a cell of the map reads."""
    return {
        (row * stride - padding + i, column * stride - padding + j)
        for i in range(3)
        for j in range(3)
    }


def readers(pixel, stride, padding):
    """The cells of the map that read a pixel."""
    rows, columns = convolved(IMAGE, KERNEL, stride, padding).shape
    return {
        (i, j) for i in range(rows) for j in range(columns) if pixel in patch(i, j, stride, padding)
    }


def opened(host, stride, padding):
    """The 12×10 player with the map whole, at its first position, with this stride and padding."""
    player = host("drawn")
    player.choose("stride", str(stride))
    player.choose("padding", str(padding))
    player.press("first")
    player.page.mouse.move(0, 0)
    return player


@pytest.mark.parametrize("stride, padding", WHAT_IF)
def test_a_map_cell_under_the_mouse_shows_its_patch(exported, stride, padding):
    """Its patch and its dot product are shown; when the mouse leaves, the kernel is back where
    it was.
    """
    player, result = opened(exported, stride, padding), convolved(IMAGE, KERNEL, stride, padding)
    for cell in ((1, 2), (result.shape[0] - 1, result.shape[1] - 1)):
        player.cell("map", *cell).hover()
        assert patch(*cell, stride, padding) == player.marked("image", "patch")
        assert printed(result[cell]) == player.summands()[2]
    player.root.locator(".cl-counted").hover()
    assert patch(0, 0, stride, padding) == player.marked("image", "patch")
    assert player.position[0] == 1


@pytest.mark.parametrize("stride, padding", WHAT_IF)
def test_a_pixel_under_the_mouse_shows_the_cells_that_read_it(exported, stride, padding):
    """All cells that read it are marked, at a corner one, in the middle up to nine, and counted
    in the status line.
    """
    player = opened(exported, stride, padding)
    for pixel in ((0, 0), (5, 4), (11, 9), (3, 9)):
        player.cell("image", *pixel).hover()
        assert readers(pixel, stride, padding) == player.marked("map", "reads")
        assert f"read by {len(readers(pixel, stride, padding))} cell" in player.text("status")


@pytest.mark.parametrize("stride, padding", WHAT_IF)
def test_a_weight_under_the_mouse_shows_where_it_acts(exported, stride, padding):
    """The pixel it multiplies now is marked, and so is every pixel it ever multiplies."""
    player = opened(exported, stride, padding)
    player.press("next")
    rows, columns = convolved(IMAGE, KERNEL, stride, padding).shape
    for weight in ((0, 0), (1, 2), (2, 2)):
        player.cell("kernel", *weight).hover()
        acts = (weight[0] - padding, stride + weight[1] - padding)
        assert {acts} == player.marked("image", "acts")
        assert {
            (i * stride + weight[0] - padding, j * stride + weight[1] - padding)
            for i in range(rows)
            for j in range(columns)
        } == player.marked("image", "region")


def test_the_same_under_the_focus(anywhere):
    """By keyboard: the focused map cell's patch, the cells that read the focused pixel, where
    the focused weight acts.
    """
    player = opened(anywhere, 1, 0)
    player.tab_to("map")
    player.keys("ArrowDown", "ArrowRight", "ArrowRight")
    assert patch(1, 2) == player.marked("image", "patch")
    player.to_the_corner("image")
    player.keys("ArrowDown")
    assert readers((1, 0), 1, 0) == player.marked("map", "reads")
    player.to_the_corner("kernel")
    player.keys("ArrowRight")
    (acts,) = player.marked("image", "acts")
    assert (player.here[0], player.here[1] + 1) == acts
    assert {(i, j + 1) for i in range(10) for j in range(8)} == player.marked("image", "region")


def test_under_the_mouse_on_each_kind_of_page(anywhere):
    """Patch, readers and the weight's place show in JupyterLab and in feedback as in the
    exported page.
    """
    player = opened(anywhere, 1, 0)
    player.cell("map", 4, 5).hover()
    assert patch(4, 5) == player.marked("image", "patch")
    player.cell("image", 6, 6).hover()
    assert readers((6, 6), 1, 0) == player.marked("map", "reads")
    player.cell("kernel", 2, 0).hover()
    assert {(2, 0)} == player.marked("image", "acts")


def test_padding_is_told_from_pixels(exported):
    """Cells of padding are marked as such, and only these."""
    player = opened(exported, 1, 2)
    outside = {(i, j) for i in range(-2, 14) for j in range(-2, 12)} - {
        (i, j) for i in range(12) for j in range(10)
    }
    assert outside == player.marked("image", "pad")
