"""How little players ask of a browser: what they share, when they live, what a step writes."""

import pages
from playwright.sync_api import Page
from screen import Player, table_of

BUSY = "window.later = []; window.requestIdleCallback = (act) => later.push(act)"
COUNTED = """
    window.unpacked = 0;
    window.DecompressionStream = class extends DecompressionStream {
        constructor(format) { super(format); unpacked += 1; }
    };
"""
PACKED = """() => new Set([...document.querySelectorAll(".convlab-player > script:not([type])")]
    .map((script) => script.text)).size"""
DRAWN = """(root) => [...root.querySelectorAll("canvas")].map((canvas) =>
    canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean))"""
WRITTEN = """(root) => {
    const seen = new MutationObserver(() => {});
    seen.observe(root, {attributes: true, characterData: true, childList: true, subtree: true});
    root.querySelector("[name=next]").click();
    return new Set(seen.takeRecords().map(({target}) => target)).size;
}"""
STYLES = """() => [
    document.adoptedStyleSheets.length,
    [...document.querySelectorAll(".convlab-player style")]
        .filter((own) => !own.sheet.disabled).length,
]"""


def loaded(browser, page, script="") -> Page:
    """The exported page in a window of its own, opened with a script."""
    opened = browser.new_context(offline=True).new_page()
    opened.add_init_script(script)
    opened.goto(page.as_uri())
    return opened


def test_far_players_come_to_life_when_the_page_has_nothing_else_to_do(browser, page):
    """While the page is busy only what is near the window is alive; afterwards every player is."""
    opened = loaded(browser, page, BUSY)
    players = opened.locator(".convlab-player")
    players.first.and_(opened.locator(".live")).wait_for()
    assert not players.last.evaluate("(root) => root.matches('.live')")
    opened.evaluate("later.forEach((act) => act())")
    assert opened.locator(".convlab-player.live").count() == pages.COUNT
    opened.context.close()


def test_a_key_brings_all_players_to_life_at_once(browser, page):
    """Even where the page never has nothing to do, Tab finds the controls of every player."""
    opened = loaded(browser, page, BUSY)
    last = opened.locator(".convlab-player").last
    assert not last.evaluate("(root) => root.matches('.live')")
    opened.keyboard.press("Tab")
    assert opened.locator(".convlab-player.live").count() == pages.COUNT
    opened.context.close()


def test_all_players_share_one_style_that_outlives_each(browser, page):
    """Each brings its style, one is in force; it stays when the first player is taken away."""
    opened = loaded(browser, page)
    assert opened.evaluate(STYLES) == [1, 0]
    opened.locator(".convlab-player").first.evaluate("(root) => root.remove()")
    player = Player(opened, opened.locator(".convlab-player").first).ready()
    cell = player.cell("image", 0, 0)
    assert cell.evaluate("(td) => getComputedStyle(td).height") == "32px"
    assert opened.evaluate(STYLES) == [1, 0]
    opened.context.close()


def test_a_page_unpacks_each_script_once(browser, page):
    """Players whose scripts are the same share what one of them has unpacked."""
    opened = loaded(browser, page, COUNTED)
    opened.keyboard.press("Tab")
    last = opened.locator(".convlab-player").last
    last.and_(opened.locator(".live")).wait_for(state="attached")
    assert opened.evaluate("unpacked") == opened.evaluate(PACKED) < pages.COUNT
    opened.context.close()


def test_an_older_browser_unpacks_numbers_and_script_too(browser, page):
    """One that cannot read base64 by itself brings all players to life, with the same numbers."""
    opened = loaded(browser, page, "delete Uint8Array.fromBase64")
    player = Player(opened, opened.locator(".convlab-player").first).ready()
    assert player.numbers("image") == table_of(pages.given()["lesson"][0])
    opened.keyboard.press("Tab")
    assert opened.locator(".convlab-player.live").count() == pages.COUNT
    opened.context.close()


def test_a_large_image_is_drawn_when_it_comes_near_the_window(browser, page):
    """A player that was brought to life far from it has empty overviews until then."""
    opened = loaded(browser, page)
    root = opened.locator(".convlab-player").nth(pages.NAMES.index("photo"))
    root.and_(opened.locator(".live")).wait_for(state="attached")
    assert root.evaluate(DRAWN) == [False, False]
    Player(opened, root).ready()
    opened.wait_for_function(f"(root) => ({DRAWN})(root).every(Boolean)", arg=root.element_handle())
    opened.context.close()


def test_a_step_writes_only_what_changes(exported):
    """Of the 300 cells of a 12×10 image with its map, one step touches those of two columns."""
    player = exported("drawn")
    player.press("next")
    assert player.root.evaluate(WRITTEN) <= 60
