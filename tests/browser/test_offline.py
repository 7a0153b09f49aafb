"""Whether the exported page is whole by itself: offline, on paper, and with hostile text in it."""

import pages
from screen import Player, convolved, table_of

GIVEN = pages.given()


def test_every_player_comes_to_life_offline(exported, photograph):
    """Without a network each player of the page is alive, without an error or a request."""
    page = exported.fresh("lesson").page
    for n, name in enumerate([*pages.NAMES, "linked"]):
        player = Player(page, page.locator(".convlab-player").nth(n)).ready()
        photograph(player.root, name)
    assert page.locator(".convlab-player.live").count() == pages.COUNT


def test_print_shows_the_whole_map(exported, photograph):
    """On paper a map that is partly built is whole, without controls; then it is as before."""
    player = exported("drawn")
    player.control("build").check()
    player.press("next")
    assert player.marked("map", "later")
    before = player.numbers("map")
    player.page.evaluate("""() => addEventListener("beforeprint", () => {
        window.paper = [...document.querySelectorAll(".convlab-player")].map((root) =>
            [...root.querySelectorAll("table.cl-map td[data-row] span")]
                .map((span) => span.textContent));
    })""")
    player.page.pdf()
    expected = table_of(convolved(*GIVEN["drawn"]))
    assert [expected[cell] for cell in sorted(expected)] == player.page.evaluate("paper")[
        pages.NAMES.index("drawn")
    ]
    assert before == player.numbers("map")
    player.page.emulate_media(media="print")
    assert not player.control("next").is_visible()
    assert all(
        player.root.locator(f"table.cl-{table}").is_visible()
        for table in ("image", "kernel", "map", "terms")
    )
    photograph(player.root)
    player.page.emulate_media(media="screen")


def test_text_of_a_student_stays_text(anywhere):
    """An error message full of tags and closing scripts is shown as it is, and runs nothing."""
    player = anywhere("hostile")
    assert "</script><img src=nowhere onerror=" in player.text("verdict")
    assert player.page.evaluate("window.taken === undefined")
    assert table_of(convolved(*GIVEN["lesson"])) == player.numbers("map")
