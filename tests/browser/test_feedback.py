"""Whether a student's feedback page keeps the players, with the student's own numbers."""

import pages
from screen import printed

GIVEN = pages.given()


def test_the_feedback_page_has_the_players_and_the_score(feedback, photograph):
    """Beside the score every player is alive, and the learner's own wrong numbers are in it."""
    player = feedback("faulty")
    assert player.page.locator(".total").inner_text() == "1 of 1 points"
    assert player.page.locator(".convlab-player.live").count() == pages.COUNT
    theirs = GIVEN["faulty"](*GIVEN["square"])
    player.press("first", "wrong")
    assert f"yours: {printed(theirs[2, 3])} ✗" in player.text("sum")
    photograph(player.page)


def test_what_unfolds_has_its_triangle_on_the_feedback_page(feedback):
    """The page's own style takes the triangle from a summary; the player keeps it."""
    player = feedback("faulty")
    summaries = player.root.locator("summary")
    assert summaries.count()
    shown = "(all) => all.map((one) => getComputedStyle(one).display)"
    assert set(summaries.evaluate_all(shown)) == {"list-item"}
