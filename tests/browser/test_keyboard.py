"""Whether everything can be done by keyboard alone, on each kind of page; the focus is always
reached by Tab.
"""

import pages
import pytest
from screen import convolved, printed, table_of

GIVEN = pages.given()
FOLDED = ["speed", "preset", "flip", "stride", "padding"]
TABLES = ["image", "kernel", "map"]


def stops(player, begin):
    """Where Tab stops from a control on, until it leaves the player."""
    player.tab_to(begin)
    visited = [begin]
    while True:
        player.keys("Tab")
        at = player.focused()
        if at is None:
            return visited
        visited.append(at[0] if isinstance(at, tuple) else at)


def test_tab_visits_every_control_that_acts_and_each_table_once(anywhere):
    """Tab goes through the buttons that act, the fold, its controls once it is open, image,
    kernel and map; no more.
    """
    player = anywhere("lesson")
    moves = ["play", "next", "last", "position", "build", "reset", "more"]
    assert [*moves, *TABLES] == stops(player, "play")
    player.press("next")
    player.unfold("stride")
    moves = ["first", "previous", *moves]
    assert [*moves, *FOLDED, *TABLES] == stops(player, "first")


@pytest.mark.parametrize(
    "name, wanted",
    [
        ("single", ["reset", "more", *TABLES]),
        ("photo", ["play", "next", "last", "position", "build", "reset", "more", *TABLES]),
    ],
)
def test_no_tab_stop_is_empty(exported, name, wanted):
    """With one position, and with small pictures, Tab stops only at what acts."""
    player = exported(name)
    assert wanted == stops(player, wanted[0])


def test_a_table_too_wide_for_its_place_is_a_tab_stop(exported):
    """Where the dot product is wider than the screen, Tab stops there, and arrow keys scroll it."""
    player = exported("drawn", viewport={"width": 250, "height": 640})
    assert "cl-pane" in stops(player, "map")


def test_unfold_by_keyboard(anywhere):
    """Enter on More unfolds the rest, Enter again folds it."""
    player = anywhere("lesson")
    inside = player.control("stride")
    assert not inside.is_visible()
    player.tab_to("more")
    player.keys("Enter")
    assert inside.is_visible()
    player.keys("Enter")
    assert not inside.is_visible()


def test_next_keeps_the_focus_at_the_end_and_gives_it_up_for_good(exported):
    """Pressed to the end by keyboard, Next keeps the focus, says that it is disabled, and is
    then no tab stop.
    """
    player = exported("lesson")
    player.press("last", "previous")
    player.tab_to("next")
    player.keys("Enter", "Enter")
    assert (player.position, player.focused()) == ((9, 9), "next")
    assert player.control("next").get_attribute("aria-disabled") == "true"
    player.keys("Shift+Tab", "Tab")
    assert player.focused() == "position"


def test_shift_tab_goes_back(anywhere):
    """Shift and Tab lead out of the map to the kernel and the image."""
    player = anywhere("lesson")
    player.tab_to("map")
    for table in ("kernel", "image"):
        player.keys("Shift+Tab")
        assert player.focused()[0] == table


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_buttons(anywhere, key):
    """Enter and the space bar press the focused button."""
    player, seen = anywhere("lesson"), []
    for button in ("last", "previous", "first", "next"):
        player.tab_to(button)
        player.keys(key)
        seen.append(player.position[0])
    assert seen == [9, 8, 1, 2]


def test_play_and_pause(anywhere):
    """The space bar on Play starts and stops it, and the focus stays where it is."""
    player = anywhere("lesson")
    player.tab_to("speed")
    player.keys("End")
    player.tab_to("play")
    player.keys("Space")
    player.page.wait_for_function(
        "(slider) => slider.value >= 3", arg=player.control("position").element_handle()
    )
    player.keys("Space")
    stopped = player.position
    player.page.wait_for_timeout(400)
    assert (stopped, "play") == (player.position, player.focused())


def test_slider(anywhere):
    """On the slider, arrow keys go one position on or back, Home and End to the ends."""
    player, seen = anywhere("lesson"), []
    player.tab_to("position")
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "End", "Home"):
        player.keys(key)
        seen.append((player.position[0], player.here))
    assert [(n, divmod(n - 1, 3)) for n in (2, 3, 2, 9, 1)] == seen


def test_lists_and_check_box(anywhere):
    """Speed, preset, stride and padding are chosen by arrow keys, the check box by the space
    bar; reset takes back.
    """
    from convlab import images

    player, (image, kernel) = anywhere("drawn"), GIVEN["drawn"]
    for name, keys in (
        ("speed", ["Home"]),
        ("preset", ["ArrowDown"] * 2),
        ("stride", ["ArrowDown"]),
        ("padding", ["End"]),
    ):
        player.tab_to(name)
        player.keys(*keys)
    player.tab_to("build")
    player.keys("Space")
    assert player.control("build").is_checked() and player.marked("map", "later")
    player.keys("Space")
    assert not player.control("build").is_checked() and not player.marked("map", "later")
    chosen = player.control("preset").locator("option:checked").inner_text()
    assert player.control("speed").locator("option:checked").inner_text() == "slow"
    assert table_of(convolved(image, images.kernel(chosen), 2, 2)) == player.numbers("map")
    player.tab_to("flip")
    player.keys("Enter")
    player.tab_to("reset")
    player.keys("Space")
    assert table_of(convolved(image, kernel)) == player.numbers("map")


def test_arrow_keys_in_the_map_move_the_position(anywhere):
    """In the map the arrows go from cell to cell, and stop at its edges."""
    player, seen = anywhere("lesson"), []
    player.press("first")
    player.tab_to("map")
    for key in (
        "ArrowUp",
        "ArrowDown",
        "ArrowRight",
        "ArrowRight",
        "ArrowRight",
        "ArrowLeft",
        "ArrowUp",
    ):
        player.keys(key)
        seen.append(player.here)
        assert ("map", *player.here) == player.focused()
    assert seen == [(0, 0), (1, 0), (1, 1), (1, 2), (1, 2), (1, 1), (0, 1)]


def test_arrow_keys_in_the_image_move_the_kernel(anywhere):
    """In the image the arrows move the focus, and the kernel goes with it, its middle on the
    pixel, inside the image.
    """
    player, seen = anywhere("drawn"), []
    player.press("first")
    player.to_the_corner("image")
    for key in (
        "ArrowDown",
        "ArrowDown",
        "ArrowDown",
        "ArrowRight",
        "ArrowRight",
        "ArrowUp",
        "ArrowLeft",
    ):
        player.keys(key)
        seen.append((player.focused(), player.here))
    assert [
        (("image", *pixel), corner)
        for pixel, corner in (
            ((1, 0), (0, 0)),
            ((2, 0), (1, 0)),
            ((3, 0), (2, 0)),
            ((3, 1), (2, 0)),
            ((3, 2), (2, 1)),
            ((2, 2), (1, 1)),
            ((2, 1), (1, 0)),
        )
    ] == seen


def test_arrow_keys_in_the_kernel_move_the_focus_only(anywhere):
    """In the kernel the arrows go from weight to weight; the position stays."""
    player, seen = anywhere("drawn"), []
    before = player.position
    player.to_the_corner("kernel")
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft"):
        player.keys(key)
        seen.append(player.focused())
    assert [("kernel", *at) for at in ((0, 1), (1, 1), (2, 1), (2, 1), (2, 0))] == seen
    assert before == player.position


@pytest.mark.parametrize(
    "opening, typed, value",
    [(["Enter"], "12", 12), (["F2"], "-1.5", -1.5), (["4"], "2", 42), (["-"], "3", -3)],
)
def test_edit(anywhere, opening, typed, value):
    """Enter, F2, a digit or a minus opens a weight or pixel; Enter commits; the focus returns
    to the cell.
    """
    player, (image, kernel) = anywhere("lesson"), [part.clone() for part in GIVEN["lesson"]]
    for table, values in (("kernel", kernel), ("image", image)):
        _, row, column = player.tab_to(table)
        values[row, column] = value
        player.keys(*opening)
        player.page.keyboard.type(typed)
        player.keys("Enter")
        assert (table, row, column) == player.focused()
    assert table_of(convolved(image, kernel)) == player.numbers("map")


def test_escape_cancels_an_edit(anywhere):
    """Escape leaves the number as it was and gives the focus back to the cell."""
    player = anywhere("lesson")
    _, row, column = player.tab_to("kernel")
    player.keys("Enter", "9", "9", "Escape")
    assert (("kernel", row, column), table_of(GIVEN["lesson"][1])) == (
        player.focused(),
        player.numbers("kernel"),
    )


def test_what_is_no_number_is_refused_with_a_sentence(exported):
    """Text in the place of a number changes nothing, and the status says so."""
    player = exported("lesson")
    _, row, column = player.tab_to("kernel")
    player.keys("Enter", "t", "w", "o", "Enter")
    assert table_of(GIVEN["lesson"][1]) == player.numbers("kernel")
    assert "two" in player.text("status") and "no number" in player.text("status")


def test_next_wrong_cell(anywhere):
    """The button is reached by Tab and pressed by Enter."""
    player = anywhere("faulty")
    player.press("first")
    player.tab_to("wrong")
    player.keys("Enter")
    assert player.here == (2, 3)
    player.keys("Enter")
    assert player.here == (4, 1)


def test_the_window_follows_the_keys(anywhere):
    """On the photograph the arrows in the map take the window along, and the focus stays in it."""
    player = anywhere("photo")
    player.press("first")
    player.tab_to("map")
    player.keys(*["ArrowRight"] * 12, *["ArrowDown"] * 11)
    assert (player.here, player.focused()) == ((11, 12), ("map", 11, 12))
    assert printed(convolved(*GIVEN["photo"])[11, 12]) == player.numbers("map")[11, 12]
