"""Whether every control does what it says under a mouse or a finger, on each kind of page."""

import pages
import pytest
from screen import convolved, printed, table_of

GIVEN = pages.given()
WRONG = [(2, 3), (4, 1)]  # the cells in which the notebook's function `faulty` is wrong


def test_first_previous_next_last(anywhere):
    """The buttons move by one position, or to either end."""
    player, seen = anywhere("lesson"), []
    for button in ("last", "previous", "previous", "first", "next"):
        player.press(button)
        seen.append((player.position, player.here))
    assert [((n, 9), divmod(n - 1, 3)) for n in (9, 8, 7, 1, 2)] == seen


@pytest.mark.parametrize(
    "go, dead", [("first", {"first", "previous"}), ("last", {"next", "last"}), ("middle", set())]
)
def test_a_button_that_cannot_act_is_disabled(anywhere, go, dead):
    """At the first position there is no way back, at the last one no way on; Play begins anew
    there.
    """
    player = anywhere("lesson")
    player.press(*{"first": ["next", "first"], "last": ["last"], "middle": ["next"]}[go])
    moves = ("first", "previous", "play", "next", "last")
    assert dead == {name for name in moves if player.control(name).is_disabled()}
    assert player.control("play").inner_text() == "Play"


def test_a_disabled_button_does_nothing(exported):
    """Pressed at the end, by mouse or by keyboard, Next stays where it is and keeps the focus."""
    player = exported("lesson")
    player.press("last", "previous", "next")
    player.control("next").click(force=True)
    player.keys("Enter", "Space")
    assert (player.position, player.focused()) == ((9, 9), "next")


def test_one_position_has_no_buttons_that_move(anywhere):
    """A kernel as large as its image goes nowhere: only what changes numbers is there, until
    padding makes room.
    """
    player = anywhere("single")
    moves = [
        player.control(name)
        for name in ("first", "previous", "play", "next", "last", "position", "build")
    ]
    assert not any(control.is_visible() for control in moves)
    assert "Drag" not in player.text("help")
    player.choose("padding", "1")
    assert all(control.is_visible() for control in moves)
    assert "Drag" in player.text("help")
    player.press("reset")
    assert player.control("reset").is_visible() and not any(
        control.is_visible() for control in moves
    )


def test_the_rest_unfolds(anywhere):
    """Speed, other kernels, stride and padding are folded away at first, and so is what they
    need no more after Reset.
    """
    player = anywhere("lesson")
    folded = [player.control(name) for name in ("speed", "preset", "flip", "stride", "padding")]
    assert not any(control.is_visible() for control in folded)
    player.root.get_by_text("More: speed, other kernels, stride and padding").click()
    assert all(control.is_visible() for control in folded)


def test_reset_rewinds(anywhere):
    """Reset leads back to the first position, the whole map and the numbers as given, wherever
    the kernel was.
    """
    player = anywhere("lesson")
    player.control("build").check()
    player.press("last")
    player.edit("kernel", 0, 0, "5")
    player.choose("stride", "2")
    player.press("next", "reset")
    assert (player.position, player.here) == ((1, 9), (0, 0))
    assert not player.control("build").is_checked() and not player.marked("map", "later")
    assert table_of(convolved(*GIVEN["lesson"])) == player.numbers("map")


def test_reset_stops_what_plays(exported):
    """Pressed while the kernel moves by itself, Reset holds it at the first position."""
    player = exported("lesson")
    player.choose("speed", "fast")
    player.press("play", "next", "reset")
    player.page.wait_for_timeout(400)
    assert (player.position, player.control("play").inner_text()) == ((1, 9), "Play")


def test_the_pair_moves_together(exported):
    """Cross-correlation and convolution stand at one position and have one kernel, as it is and
    turned.
    """
    player = exported("pair")
    other = type(player)(player.page, player.page.locator(".convlab-player").nth(pages.COUNT - 1))
    player.press("next", "next")
    assert player.here == other.here == (0, 2)
    player.edit("kernel", 0, 0, "7")
    assert other.numbers("kernel")[1, 1] == "7"
    player.press("reset")
    assert player.here == other.here == (0, 0)


def test_nothing_plays_by_itself(exported):
    """Left alone, the kernel stays where it is."""
    player = exported.fresh("lesson")
    before = player.root.inner_html()
    player.page.wait_for_timeout(1000)
    assert before == player.root.inner_html()


def test_play_and_pause(anywhere):
    """Play moves on; the same button pauses; played to the end, it stops there, and the next
    time begins anew.
    """
    player = anywhere("lesson")
    player.choose("speed", "fast")
    player.press("play")
    player.page.wait_for_function(
        "(slider) => slider.value >= 4", arg=player.control("position").element_handle()
    )
    player.press("play")
    paused = player.position
    player.page.wait_for_timeout(400)
    assert paused == player.position
    player.press("play")
    player.page.wait_for_function(
        "(slider) => slider.value == 9", arg=player.control("position").element_handle()
    )
    assert player.control("play").inner_text() == "Play"
    player.press("play")
    player.page.wait_for_function(
        "(slider) => slider.value < 9", arg=player.control("position").element_handle()
    )
    player.press("play", "reset")


def test_three_speeds(exported):
    """Slow, medium and fast differ, each at least by half, when changed while playing."""
    player, seconds = exported("drawn"), {}
    player.press("play")
    for speed in ("slow", "medium", "fast"):
        player.choose("speed", speed)
        seconds[speed] = player.root.evaluate("""(root) => new Promise((done) => {
            const slider = root.querySelector("[name=position]"), times = [];
            let before = slider.value;
            const look = () => {
                if (slider.value !== before) times.push(performance.now());
                before = slider.value;
                if (times.length > 1) done((times[1] - times[0]) / 1000);
                else requestAnimationFrame(look);
            };
            look();
        })""")
    player.press("play")
    assert seconds["slow"] > 1.5 * seconds["medium"] > 1.5 * 1.5 * seconds["fast"] > 0


def test_scrub(anywhere):
    """A press in the middle of the slider goes to the middle; a drag to its right end goes to
    the last position.
    """
    player = anywhere("lesson")
    player.control("position").scroll_into_view_if_needed()
    box = player.control("position").bounding_box()
    middle = box["y"] + box["height"] / 2
    player.page.mouse.move(box["x"] + box["width"] / 2, middle)
    player.page.mouse.down()
    assert (player.position, player.here) == ((5, 9), (1, 1))
    player.page.mouse.move(box["x"] + box["width"], middle, steps=4)
    player.page.mouse.up()
    assert (player.position, player.here) == ((9, 9), (2, 2))


def test_drag_the_kernel(anywhere):
    """The kernel is taken at the pixel under the mouse and follows it, and is let go where the
    button is.
    """
    player = anywhere("drawn")
    player.press("first")
    player.cell("image", 2, 2).hover()
    player.page.mouse.down()
    for row, column in ((3, 3), (4, 5), (6, 7)):
        player.cell("image", row, column).hover()
        assert player.here == (row - 2, column - 2)
    player.page.mouse.up()
    player.cell("image", 1, 1).hover()
    assert player.position == (4 * 8 + 5 + 1, 80)


def test_press_a_pixel(anywhere):
    """A press beside the kernel puts its middle there, and inside the image at the edge."""
    player = anywhere("drawn")
    for pixel, corner in (((8, 6), (7, 5)), ((11, 9), (9, 7)), ((0, 4), (0, 3))):
        player.cell("image", *pixel).click()
        player.root.locator(".cl-status").hover()
        assert player.here == corner


def test_tap_and_drag_with_a_finger(exported):
    """A tap moves the kernel, and a finger drags it on without scrolling the page."""
    player = exported("drawn", has_touch=True)
    player.cell("image", 8, 6).tap()
    assert player.position == (7 * 8 + 5 + 1, 80)
    player.page.wait_for_timeout(500)  # or else it would be a double tap, which edits
    touch, scrolled = (
        player.page.context.new_cdp_session(player.page),
        player.page.evaluate("scrollY"),
    )
    for kind, cell in (
        ("touchStart", (8, 6)),
        ("touchMove", (6, 5)),
        ("touchMove", (4, 4)),
        ("touchEnd", None),
    ):
        box = cell and player.cell("image", *cell).bounding_box()
        touch.send(
            "Input.dispatchTouchEvent",
            {
                "type": kind,
                "touchPoints": box
                and [{"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}]
                or [],
            },
        )
    assert player.position == (3 * 8 + 3 + 1, 80)
    assert scrolled == player.page.evaluate("scrollY")


def test_the_map_is_built_step_by_step(anywhere):
    """Asked for, the map shows only the cells up to the current one; else all."""
    player, expected = anywhere("lesson"), table_of(convolved(*GIVEN["lesson"]))
    player.control("build").check()
    player.press("first", "next", "next", "next")
    later = set(sorted(expected)[4:])
    assert later == player.marked("map", "later")
    assert {
        cell: "" if cell in later else text for cell, text in expected.items()
    } == player.numbers("map")
    player.control("build").uncheck()
    assert (set(), expected) == (player.marked("map", "later"), player.numbers("map"))


def test_edit_by_double_click(anywhere):
    """A pixel and a weight are edited in place, by Enter or by leaving, and the map follows."""
    player, (image, kernel) = anywhere("lesson"), [part.clone() for part in GIVEN["lesson"]]
    image[3, 0], kernel[0, 1] = 7.5, -3
    player.edit("image", 3, 0, "7.5")
    player.edit("kernel", 0, 1, "−3", end="Tab")
    assert table_of(convolved(image, kernel)) == player.numbers("map")
    player.press("reset")
    assert table_of(convolved(*GIVEN["lesson"])) == player.numbers("map")


def test_what_if_controls(anywhere):
    """Preset, turn, stride and padding act on the map, and reset takes them back."""
    from convlab import images

    player, (image, kernel) = anywhere("drawn"), GIVEN["drawn"]
    player.choose("preset", "corner")
    player.press("flip")
    player.choose("stride", "3")
    player.choose("padding", "2")
    assert table_of(convolved(image, images.kernel("corner").flip(0, 1), 3, 2)) == player.numbers(
        "map"
    )
    player.press("reset")
    assert table_of(convolved(image, kernel)) == player.numbers("map")


def test_next_wrong_cell(anywhere):
    """The button leads from one wrong cell to the next and round; such cells are crossed and
    dashed, and counted.
    """
    player, expected = anywhere("faulty"), convolved(*GIVEN["square"])
    assert set(WRONG) == player.marked("map", "wrong")
    player.press("first")
    for cell in (*WRONG, WRONG[0]):
        player.press("wrong")
        assert player.here == cell
    sign = player.cell("map", 2, 3).evaluate("""(td) => td.textContent
        + getComputedStyle(td.querySelector("span"), "::after").content
        + getComputedStyle(td).borderTopStyle""")
    assert "✗" in sign and "dashed" in sign
    theirs = GIVEN["faulty"](*GIVEN["square"])[2, 3]
    assert (
        f"34 of 36 cells agree; first difference at row 2, column 3: yours {printed(theirs)}, "
        f"expected {printed(expected[2, 3])}"
    ) in player.text("verdict")


def test_a_window_follows_on_a_photograph(anywhere):
    """The tables show the part around the kernel, wherever it goes, and the small pictures take
    it along.
    """
    player = anywhere("photo")
    for go, corner in (("last", (72, 61)), ("first", (0, 0))):
        player.press(go)
        assert player.here == corner
        assert {
            (corner[0] + i, corner[1] + j) for i in range(3) for j in range(3)
        } == player.marked("image", "patch")
    for thumb, size, middle in ((0, (75, 64), (36, 31)), (1, (73, 62), (36, 31))):
        player.root.locator("canvas.cl-thumb").nth(thumb).scroll_into_view_if_needed()
        box = player.root.locator("canvas.cl-thumb").nth(thumb).bounding_box()
        at = [
            box[start] + box[length] * (centre + (1.5 if thumb == 0 else 0.5)) / whole
            for start, length, centre, whole in (
                ("x", "width", middle[1], size[1]),
                ("y", "height", middle[0], size[0]),
            )
        ]
        player.page.mouse.move(*at)
        player.page.mouse.down()
        assert player.here == middle
        player.page.mouse.move(at[0] + 10 * box["width"] / size[1], at[1], steps=3)
        player.page.mouse.up()
        assert player.here == (middle[0], middle[1] + 10)


@pytest.mark.parametrize("name", ["drawn", "photo"])
def test_the_players_of_a_page_do_not_meddle_with_each_other(exported, name):
    """What is done to one player leaves the others as they were."""
    player, other = exported(name), exported("lesson")
    before = other.root.inner_html()
    player.press("last")
    player.choose("stride", "2")
    player.edit("kernel", 0, 0, "5")
    assert before == other.root.inner_html()
