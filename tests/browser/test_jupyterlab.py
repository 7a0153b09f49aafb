"""Whether the players live with JupyterLab: its keys, its trust, its themes, its windows."""

import pages
import pytest
from rules import TEXTS, faint, violations
from screen import Player, convolved, table_of

KEYS = [
    "ArrowDown",
    "ArrowUp",
    "ArrowLeft",
    "ArrowRight",
    *"xcvzabddmyr1",
    "Escape",
    "Shift+Enter",
    "Shift+M",
    "k",
    "j",
]
PLACES = ["next", "play", "position", "speed", "build", "image", "kernel", "map"]
GIVEN = pages.given()


def state(notebook):
    """The notebook as JupyterLab has it: kinds, numbers and sources of cells, active one, mode."""
    return notebook.page.evaluate("""() => [
        [...document.querySelectorAll(".jp-Notebook .jp-Cell")].map((cell) => [
            cell.className.includes("jp-CodeCell"),
            cell.querySelector(".jp-InputPrompt")?.textContent,
            cell.querySelector(".cm-content")?.textContent]),
        [...document.querySelectorAll(".jp-Notebook .jp-Cell")]
            .findIndex((cell) => cell.matches(".jp-mod-active")),
        document.querySelector(".jp-Notebook").classList.contains("jp-mod-commandMode")]""")


def test_the_keys_would_act_outside_the_player(lab):
    """In command mode the arrow moves from a cell to another one: the next test is not empty."""
    lab.cell("lesson").locator(".jp-InputPrompt").click()
    before = state(lab)
    lab.page.keyboard.press("ArrowDown")
    lab.page.wait_for_timeout(200)
    assert (before[1] + 1, True) == tuple(state(lab)[1:])


@pytest.mark.parametrize("place", PLACES)
def test_no_key_in_the_player_moves_or_cuts_a_cell(lab, place):
    """With the focus on a control or a table, no shortcut moves, cuts, turns or runs a cell."""
    player = lab("faulty")
    lab.cell("faulty").locator(".jp-InputPrompt").click()
    before = state(lab)
    assert before[2]
    player.tab_to(place)
    for key in KEYS:
        player.keys(key)
        if player.root.evaluate("(root) => root.querySelector('td input') !== null"):
            player.keys("Escape")
    player.page.wait_for_timeout(200)
    assert before == state(lab)
    assert player.focused() is not None


def test_no_key_moves_or_cuts_a_cell_in_notebook_7(server, browser):
    """There, where the program looks at keys before the page, the players keep theirs too."""
    notebook = server.open(browser, "again.ipynb", place="notebooks")
    player = notebook("faulty")
    notebook.cell("faulty").locator(".jp-InputPrompt").click()
    before = state(notebook)
    for place in PLACES:
        player.tab_to(place)
        player.keys("x", "ArrowDown", "ArrowUp", "d", "d", "a", "m", "Shift+Enter", "Escape")
        assert player.focused() is not None
    assert before == state(notebook)
    assert [
        complaint for complaint in notebook.watch.taken() if complaint.startswith("request")
    ] == []
    notebook.watch.close()


def test_scrolled_out_and_back_the_player_is_as_it_was(lab):
    """A player that JupyterLab takes out and puts back keeps its position and its numbers."""
    player = lab("lesson")
    player.press("next", "next")
    player.edit("image", 0, 0, "6")
    player.press("last", "previous", "previous")
    before = player.numbers("map"), player.position
    lab(pages.NAMES[-1])
    player = Player(lab.page, lab.cell("lesson").locator(".convlab-player"))
    assert before == (player.numbers("map"), player.position)
    player.press("next")
    assert player.position[0] == 8


def test_run_again_the_cell_has_a_fresh_player(lab):
    """Running the cell again replaces the player by one that works and is at its first position."""
    player = lab("lesson")
    player.press("last")
    old = player.root.element_handle()
    lab.cell("set-up").locator(".jp-InputPrompt").click()
    lab.page.keyboard.press("Shift+Enter")
    lab.cell("lesson").locator(".jp-InputPrompt").click()
    lab.page.keyboard.press("Shift+Enter")
    lab.page.wait_for_function("(old) => !old.isConnected", arg=old)
    player = lab("lesson")
    assert player.position == (1, 9)
    player.press("last")
    assert player.here == (2, 2)


@pytest.fixture(scope="module", params=["JupyterLab Light", "JupyterLab Dark"])
def strange(request, server, browser):
    """The same notebook, not trusted, in either theme."""
    notebook = server.open(browser, "untrusted.ipynb", request.param)
    yield notebook
    notebook.watch.close()


@pytest.fixture
def stranger(strange):
    """The same, watched."""
    yield strange
    assert strange.watch.taken() == []


def test_untrusted_tables_read_well_alone(stranger, photograph):
    """Without script and style, tables with captions, headers and numbers do not overlap."""
    for name in pages.NAMES:
        seen = stranger.cell(name).locator(".jp-OutputArea-output")
        assert seen.locator("script, style, button, input, .live").count() == 0
        tables = seen.locator("table:visible")
        assert tables.count() >= 3
        for table in tables.all():
            assert table.locator("caption").inner_text()
            assert table.locator("th[scope=row]").count() >= 1
            assert table.locator("th[scope=col]").count() >= 1
        assert seen.locator("p").first.inner_text()
        assert overlaps(seen) == []
        assert faint(seen, TEXTS, 4.5) == []
        assert violations(seen) == []
        photograph(seen, name)


def test_untrusted_numbers_are_torchs(stranger):
    """The static tables hold the image, the kernel and the whole feature map."""
    for name in ("lesson", "drawn"):
        image, kernel = GIVEN[name]
        found = (
            stranger.cell(name)
            .locator(".jp-OutputArea-output table")
            .evaluate_all("""(tables) => tables.map((table) =>
            [...table.tBodies[0].rows].map((row) =>
                [...row.querySelectorAll("td")].map((td) => td.textContent.trim())))""")
        )
        for values in (image, kernel, convolved(image, kernel)):
            texts = table_of(values)
            assert [
                [texts[i, j] for j in range(values.shape[1])] for i in range(len(values))
            ] in found


def overlaps(seen):
    """What lies on each other in an output, in pairs, and the cells whose text runs out of them."""
    return seen.evaluate("""(seen) => {
        const found = [], start = (block) => block.textContent.slice(0, 40);
        const blocks = [...seen.querySelectorAll("table, p, img")]
            .map((block) => [block, block.getBoundingClientRect()]);
        for (const [one, a] of blocks) for (const [other, b] of blocks)
            if (one !== other && !one.contains(other) && !other.contains(one)
                && a.left < b.right - 1 && b.left < a.right - 1
                && a.top < b.bottom - 1 && b.top < a.bottom - 1)
                found.push([start(one), start(other)]);
        for (const cell of seen.querySelectorAll("td, th"))
            if (cell.scrollWidth > cell.clientWidth + 1) found.push(cell.textContent);
        return found;
    }""")
