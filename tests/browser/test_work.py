"""How little players ask of a browser: what they share, when they come to life, what a step writes."""

import pages
from playwright.sync_api import Page
from screen import Player

AT_FIRST = """addEventListener("DOMContentLoaded", () => {
    window.alive = document.querySelectorAll(".convlab-player.live").length;
})"""
WRITTEN = """(root) => {
    const seen = new MutationObserver(() => {});
    seen.observe(root, {attributes: true, characterData: true, childList: true, subtree: true});
    root.querySelector("[name=next]").click();
    return new Set(seen.takeRecords().map(({target}) => target)).size;
}"""
STYLES = """() => [
    document.adoptedStyleSheets.length,
    [...document.querySelectorAll(".convlab-player style")].filter((own) => !own.sheet.disabled).length,
]"""


def loaded(browser, page, script="") -> Page:
    """The exported page in a window of its own, opened with a script."""
    opened = browser.new_context(offline=True).new_page()
    opened.add_init_script(script)
    opened.goto(page.as_uri())
    return opened


def test_no_player_comes_to_life_while_the_page_loads(browser, page):
    """When the page is read to its end none is alive yet, and soon after all are, seen or not."""
    opened = loaded(browser, page, AT_FIRST)
    assert opened.evaluate("alive") == 0
    opened.wait_for_function(
        "(count) => document.querySelectorAll('.convlab-player.live').length === count",
        arg=pages.COUNT,
    )
    opened.context.close()


def test_a_key_brings_all_players_to_life_at_once(browser, page):
    """Even where the page never has nothing to do, Tab finds the controls of every player."""
    busy = "window.requestIdleCallback = () => {}"
    opened = loaded(browser, page, busy)
    last = opened.locator(".convlab-player").last
    assert not last.evaluate("(root) => root.matches('.live')")
    opened.keyboard.press("Tab")
    assert opened.locator(".convlab-player.live").count() == pages.COUNT
    opened.context.close()


def test_all_players_share_one_style_that_outlives_each(browser, page):
    """Each brings its style, one is in force; the others keep theirs when the first is taken away."""
    opened = loaded(browser, page)
    assert opened.evaluate(STYLES) == [1, 0]
    opened.locator(".convlab-player").first.evaluate("(root) => root.remove()")
    player = Player(opened, opened.locator(".convlab-player").first).ready()
    cell = player.cell("image", 0, 0)
    assert cell.evaluate("(td) => getComputedStyle(td).height") == "32px"
    assert opened.evaluate(STYLES) == [1, 0]
    opened.context.close()


def test_a_step_writes_only_what_changes(exported):
    """Of the 300 cells of a 12×10 image with its map, one step touches those of two columns."""
    player = exported("drawn")
    player.press("next")
    assert player.root.evaluate(WRITTEN) <= 60
