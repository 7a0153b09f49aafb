"""Whether the X-ray shows what the learner's function reads, and replays that function on
edited numbers, with no kernel.
"""

import pages
import pytest
from screen import convolved, printed, table_of

GIVEN = pages.given()
LETTERS = "abcdefghi"
DIGIT = GIVEN["images"].digit()[:, 1:]
COUNTING = GIVEN["torch"].arange(1.0, 10).reshape(3, 3)


def laid(letters, row, column):
    """The pixels that have a letter when nine letters lie on the patch of a cell: {(row,
    column): letter}.
    """
    return {(row + n // 3, column + n % 3): letter for n, letter in enumerate(letters)}


def filled(texts):
    """The cells of a table that say something, without the cross of a wrong one."""
    return {cell: text.replace("✗", "").strip() for cell, text in texts.items() if text}


def agrees(player, image, kernel):
    """Whether the map is the flipping function's own, called here, with every cell wrong, since
    all read a turned kernel.
    """
    expected = table_of(GIVEN["flipped"](image, kernel))
    assert expected == player.numbers("map")
    assert set(expected) == player.marked("map", "wrong")
    return True


def test_what_you_read_against_what_you_should_read(anywhere, photograph):
    """For the cell under the mouse, one table has the weights where they should be, the other
    one where they really are.
    """
    player = anywhere("xray")
    for cell in ((0, 0), (2, 3), (5, 4)):
        player.cell("map", *cell).hover()
        assert laid(LETTERS, *cell) == filled(player.numbers("should"))
        assert laid(LETTERS[::-1], *cell) == filled(player.numbers("read"))
        assert set(laid(LETTERS, *cell)) - {(cell[0] + 1, cell[1] + 1)} == player.marked(
            "read", "wrong"
        )
        for table, caption in (("read", "what you read"), ("should", "what you should read")):
            assert player.root.locator(f".cl-{table} caption").inner_text().startswith(caption)
    assert "turned by 180°" in player.text("verdict")
    photograph(player.root)


def test_the_same_by_keyboard(exported):
    """The panels follow the focus in the map, and the buttons."""
    player = exported("xray")
    player.press("first")
    player.tab_to("map")
    player.keys("ArrowDown", "ArrowRight", "ArrowRight")
    assert laid(LETTERS[::-1], 1, 2) == filled(player.numbers("read"))
    player.press("next")
    assert laid(LETTERS[::-1], 1, 3) == filled(player.numbers("read"))


def test_the_pixel_shows_the_cells_that_really_read_it(exported):
    """A pixel under the mouse marks the cells of the learner's map that read it."""
    player = exported("xray")
    player.cell("image", 3, 4).hover()
    assert {(i, j) for i in (1, 2, 3) for j in (2, 3, 4)} == player.marked("map", "reads")


def test_replay_after_edits_is_the_function_itself(anywhere):
    """Edited pixels, weights, a preset and a turned kernel give the map that the learner's own
    function gives for them.
    """
    player, image, kernel = anywhere("xray"), DIGIT.clone(), COUNTING.clone()
    assert agrees(player, image, kernel)
    for table, values, row, column, text in (
        ("image", image, 0, 0, "5"),
        ("image", image, 7, 6, "-2.5"),
        ("kernel", kernel, 0, 2, "-4"),
        ("kernel", kernel, 1, 1, "0.3"),
    ):
        values[row, column] = float(text)
        player.edit(table, row, column, text)
        assert agrees(player, image, kernel)
    player.press("flip")
    assert agrees(player, image, kernel.flip(0, 1))
    player.choose("preset", "sharpen")
    assert agrees(player, image, GIVEN["images"].kernel("sharpen"))
    player.choose("preset", "corner")
    assert agrees(player, image, GIVEN["images"].kernel("corner"))
    player.press("reset")
    assert agrees(player, DIGIT, COUNTING)


@pytest.mark.parametrize("position", ["first", "last"])
def test_the_sum_tells_the_learners_value_from_the_right_one(exported, position):
    """Beside the right dot product stands what the learner's function made of it, even if by
    chance it is the same.
    """
    player = exported("xray")
    player.press(position)
    cell = player.here
    theirs, expected = GIVEN["flipped"](DIGIT, COUNTING)[cell], convolved(DIGIT, COUNTING)[cell]
    assert printed(expected) == player.summands()[2]
    assert f"yours: {printed(theirs)} ✗" in player.text("sum")


def test_without_an_x_ray_edits_fall_back_to_the_right_map(exported):
    """A player that cannot replay shows torch's numbers for edited ones, says so, and on reset
    the learner's again.
    """
    player, (image, kernel) = exported("faulty"), [part.clone() for part in GIVEN["square"]]
    image[4, 4] = 3
    player.edit("image", 4, 4, "3")
    assert table_of(convolved(image, kernel)) == player.numbers("map")
    assert "Drawn by the lesson" in player.text("verdict")
    assert set() == player.marked("map", "wrong")
    player.press("reset")
    assert table_of(GIVEN["faulty"](*GIVEN["square"])) == player.numbers("map")
