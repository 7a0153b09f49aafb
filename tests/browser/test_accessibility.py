"""Whether the players meet WCAG 2.2 AA, as far as a program can tell, in light and dark,
narrow, still, and by structure.
"""

import pages
import pytest
from rules import RINGS, TEXTS, faint, violations

NARROW = {"viewport": {"width": 320, "height": 640}}
STILL = {"reduced_motion": "reduce"}
GIVEN = pages.given()
KINDS = ["drawn", "faulty", "photo", "xray"]  # the players that differ in what they show


@pytest.fixture(params=["light", "dark"])
def either_theme(request):
    """The trusted notebook in JupyterLab, in the light and in the dark theme."""
    return request.getfixturevalue("lab" if request.param == "light" else "dark_lab")


@pytest.mark.parametrize(
    "name, options",
    [("drawn", {}), *((name, NARROW) for name in [*KINDS, "single", "pair"])],
    ids=["drawn-wide", *KINDS, "single", "pair"],
)
def test_axe_finds_nothing_in_the_exported_page(exported, name, options):
    """Each player as it opens; then unfolded, with a box open to edit a weight, and a highlight
    on.
    """
    player = exported(name, **options)
    assert violations(player.root) == []
    player.unfold_all().cell("kernel", 0, 0).press("Enter")
    player.cell("map", 0, 0).hover()
    assert player.root.locator("td input").count() == 1
    assert violations(player.root) == []


def test_axe_finds_nothing_after_a_what_if(exported):
    """With padding, a stride and a map that is partly built, and with less motion asked for."""
    player = exported("drawn", **STILL)
    player.choose("padding", "1")
    player.choose("stride", "2")
    player.control("build").check()
    player.press("next")
    assert violations(player.root) == []


def test_axe_finds_nothing_in_the_feedback_page(feedback):
    """Nor in the page a student gets back."""
    assert violations(feedback("faulty").root) == []


@pytest.mark.parametrize("name", KINDS)
def test_axe_finds_nothing_in_jupyterlab(either_theme, name):
    """In both themes, each player unfolded and with a highlight on."""
    player = either_theme(name).unfold_all()
    player.cell("kernel", 1, 1).hover()
    assert violations(player.root) == []


@pytest.mark.parametrize("name", KINDS)
def test_text_and_rings_have_contrast(either_theme, name, photograph):
    """In both themes: text at least 4.5 to 1 on every cell's colour; rings, focus and controls'
    edges at least 3 to 1.
    """
    player, lines = either_theme(name).unfold_all(), []
    for table in ("kernel", "image"):
        player.cell(table, 1, 1).hover()
        lines += faint(player.root, RINGS, 3)
    player.tab_to("reset")
    while player.focused():
        lines += faint(player.root, RINGS, 3)
        player.keys("Tab")
    assert (faint(player.root, TEXTS, 4.5), sorted(set(lines))) == ([], [])
    photograph(player.root)


@pytest.mark.parametrize("name", pages.NAMES)
def test_it_fits_320_pixels(exported, name, photograph):
    """On a narrow screen the player makes nothing scroll sideways but its own tables, and loses
    no control.
    """
    player = exported(name, **NARROW).unfold_all()
    width, inner, right = player.root.evaluate(
        "(root) => [root.clientWidth, root.scrollWidth, root.getBoundingClientRect().right]"
    )
    assert inner <= width
    assert right <= 320
    for control in player.root.locator("button, select, input, summary, p").all():
        box = control.bounding_box()
        assert box is None or box["x"] >= 0 and box["x"] + box["width"] <= 320, (
            control.get_attribute("name")
        )
    photograph(player.root)


@pytest.mark.parametrize("options", [{}, NARROW], ids=["wide", "320-pixels"])
@pytest.mark.parametrize("name", pages.NAMES)
def test_targets_are_large_enough(exported, name, options):
    """Everything that can be pressed is at least 24 pixels high and wide."""
    boxes = (
        exported(name, **options)
        .unfold_all()
        .root.evaluate("""(root) =>
        [...root.querySelectorAll("button, select, input, canvas, summary, [role=gridcell]")]
            .filter((target) => target.getClientRects().length)
            .map((target) => {
                const {width, height} = target.getBoundingClientRect();
                const name = target.name || target.closest("table")?.className || target.className;
                return [name, width, height];
            })""")
    )
    assert len(boxes) > 24
    assert [box for box in boxes if min(box[1:]) < 24] == []


def test_tables_are_grids_with_one_tab_stop(exported):
    """Image, kernel and map are named grids of grid cells with headers; in each, one cell takes
    the Tab.
    """
    player = exported("drawn")
    for name, rows, columns in (
        ("the image", 12, 10),
        ("the kernel", 3, 3),
        ("the feature map", 10, 8),
    ):
        grid = player.root.get_by_role("grid", name=name, exact=False)
        assert grid.count() == 1
        assert (
            rows * columns
            == grid.get_by_role("gridcell").and_(player.root.locator("[data-row]")).count()
        )
        assert grid.locator('[tabindex="0"]').count() == 1
        assert rows + columns == grid.locator("th[scope]").count()
        assert grid.locator("caption").inner_text()


def test_controls_have_names_and_roles(exported):
    """A screen reader finds the controls by role and name."""
    player = exported("faulty").unfold_all().root
    assert player.get_by_role("slider", name="position").count() == 1
    assert player.get_by_role("checkbox", name="step by step").count() == 1
    for name in ("First", "Previous", "Play", "Next", "Last", "Next wrong cell", "Reset"):
        assert player.get_by_role("button", name=name, exact=True).count() == 1
    for name in ("speed", "kernel", "stride", "padding"):
        assert player.get_by_role("combobox", name=name).count() == 1
    for name in ("Move the kernel", "What if"):
        assert player.get_by_role("group", name=name).count() == 1


def test_the_slider_and_the_status_say_where_the_kernel_is(exported):
    """Position, row, column and value stand in aria-valuetext, and in the status line."""
    from screen import printed

    player, theirs = exported("faulty"), GIVEN["faulty"](*GIVEN["square"])
    player.press("first", *["next"] * 15)
    expected = f"position 16 of 36, row 2, column 3: {printed(theirs[2, 3])}"
    assert expected == player.control("position").get_attribute("aria-valuetext")
    assert expected == player.text("status")
    assert player.root.locator(".cl-status").get_attribute("role") == "status"


def test_the_status_is_silent_while_playing(exported):
    """Playing, the status line is not read out; stopped, it is again."""
    player, live = exported("lesson"), []
    for _ in range(2):
        live.append(player.root.locator(".cl-status").get_attribute("aria-live"))
        player.press("play")
    live.append(player.root.locator(".cl-status").get_attribute("aria-live"))
    assert live == ["polite", "off", "polite"]


def test_a_wrong_cell_says_so_in_words(exported):
    """A wrong cell's name has the learner's value, the word wrong and the expected value."""
    from screen import convolved, printed

    player, square = exported("faulty"), GIVEN["square"]
    theirs, expected = GIVEN["faulty"](*square)[4, 1], convolved(*square)[4, 1]
    assert f"{printed(theirs)}, wrong, expected {printed(expected)}" == player.cell(
        "map", 4, 1
    ).get_attribute("aria-label")


def test_steps_have_no_motion_when_less_is_asked_for(exported):
    """With reduced motion nothing is animated, and playing still goes from step to step."""
    player = exported("lesson", **STILL)
    player.choose("speed", "fast")
    player.press("play")
    player.page.wait_for_function(
        "(slider) => slider.value >= 3", arg=player.control("position").element_handle()
    )
    assert player.page.evaluate("document.getAnimations().length") == 0
