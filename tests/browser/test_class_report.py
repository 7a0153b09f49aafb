"""The report of a class in a browser: from a file, light and dark, narrow, on paper, and with
hostile text in every place that others choose.
"""

import shutil

import pytest
from classes import made_class
from proctor.class_report.page import page as page_of
from rules import TEXTS, contrast, faint, violations
from test_page import HOSTILE

from course import answers, layout
from course.sample_class import sample

WIDE = {"viewport": {"width": 1100, "height": 1400}}
NARROW = {"viewport": {"width": 320, "height": 900}}
THEMES = {
    "light": WIDE,
    "dark": WIDE | {"color_scheme": "dark"},
    "narrow": NARROW,
    "narrow-dark": NARROW | {"color_scheme": "dark"},
}
ANSWERS = ("patch_sums", "flipped_both_axes", "height_used_twice", "numpy_array")
WIDTH = "() => document.documentElement.scrollWidth"
GROUND = "() => getComputedStyle(document.body).backgroundColor"
UNFOLD = "() => document.querySelectorAll('details').forEach((one) => one.open = true)"
# What is wider than the page, and in no box that scrolls by itself.
SPILLED = """() => [...document.querySelectorAll("main *, header *")]
    .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .filter((one) => !one.closest(".wide, .picture, .code"))
    .map((one) => one.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The page of a small class of sample students that proctor has graded: its path."""
    root = tmp_path_factory.mktemp("class")
    shutil.copy(layout.ROOT / "nbgrader_config.py", root)
    caches = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(layout.ROOT / "source", root / "source", ignore=caches)
    layout.run_nbgrader("generate_assignment", layout.ASSIGNMENT, "--force", cwd=root)
    known = {one.name: one.source for one in answers.load()}
    work = {f"sample-{name}": sample.submission(known[name]) for name in ANSWERS}
    work["sample-twin"] = sample.submission(known["patch_sums"].replace("rows", "lines"))
    work["sample-flipper"] = sample.submission(known["flipped_both_axes"])
    work["sample-broken"] = {layout.NOTEBOOK: "{"}
    sample.hand_in(root, work)
    sample.enrol(root, {**work, "sample-absent": {}})
    layout.grade(*sample_options(), cwd=root)
    layout.report(cwd=root)
    return root / "reports" / f"{layout.ASSIGNMENT}.html"


def sample_options():
    """How a class is graded where this machine can confine nobody."""
    from proctor import sandbox

    return [] if sandbox.probe().enough else ["--no-sandbox"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Writes the page of a class with everything in it, with a text behind each word: its path."""
    folder = tmp_path_factory.mktemp("made")

    def write(name, hostile=""):
        path = folder / f"{name}.html"
        text = page_of(made_class(lambda word: word + hostile))
        path.write_text(text, "utf-8", "backslashreplace")
        return path

    return write


@pytest.fixture(params=["real", "made"])
def either(request, made):
    """The page of the sample students, and of the class with everything in it."""
    return request.getfixturevalue("real") if request.param == "real" else made("whole")


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing(watch, either, theme, photograph):
    """In light and dark, wide and narrow; folded as it opens, and unfolded."""
    page = watch.open(either.as_uri(), **THEMES[theme])
    assert violations(page.locator("html")) == []
    page.evaluate(UNFOLD)
    assert violations(page.locator("html")) == []
    photograph(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_contrast(watch, either, theme):
    """Every text outside the plots has at least 4.5 to 1 on what is painted behind it."""
    page = watch.open(either.as_uri(), **THEMES[theme])
    page.evaluate(UNFOLD)
    page.evaluate("() => document.querySelectorAll('svg').forEach((one) => one.remove())")
    assert faint(page.locator("body"), TEXTS, 4.5) == []


def test_bars_differ_from_the_page(watch, made):
    """In light and dark each colour of a plot has at least 3 to 1 on the page."""
    for theme in ("light", "dark"):
        page = watch.open(made("whole").as_uri(), **THEMES[theme])
        colours = page.evaluate(
            """() => ["--full", "--part", "--none", "--waiting", "--ink"].map((name) => {
                const probe = document.body.appendChild(document.createElement("i"));
                probe.style.color = `var(${name})`;
                const found = getComputedStyle(probe).color;
                probe.remove();
                return found;
            })"""
        )
        ground = page.evaluate(GROUND)
        assert [colour for colour in colours if contrast(colour, ground) < 3] == []


@pytest.mark.parametrize("theme", ["light", "narrow"])
def test_it_fits(watch, either, theme):
    """Nothing makes the page scroll sideways; what is wide scrolls in a box of its own."""
    page = watch.open(either.as_uri(), **THEMES[theme])
    page.evaluate(UNFOLD)
    assert (
        page.evaluate("() => document.documentElement.scrollWidth") <= page.viewport_size["width"]
    )
    assert page.evaluate(SPILLED) == []


def test_it_reads_without_script(watch, either):
    """Where no script runs, all of it is there: the page has none."""
    page = watch.open(either.as_uri(), **WIDE, java_script_enabled=False)
    assert page.locator("script").count() == 0
    assert page.get_by_role("heading", name="Who needs a human").is_visible()
    assert page.get_by_role("img", name="Bar chart").count() == 3


def test_links_lead_into_the_page(watch, either):
    """Each link of the page's list of parts leads to a heading."""
    page = watch.open(either.as_uri(), **WIDE)
    for link in page.locator("nav a").all():
        assert page.locator(f"h2{link.get_attribute('href')}").count() == 1


def test_it_prints(watch, either, photograph):
    """On paper it is dark on light whatever the screen, what is folded is unfolded, and nothing is
    cut off at the right.
    """
    page = watch.open(either.as_uri(), **NARROW | {"viewport": {"width": 718, "height": 1000}})
    page.emulate_media(media="print", color_scheme="dark")
    assert (
        page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    folded = page.locator("details:not([open]) > :not(summary)")
    heights = folded.evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().height)")
    assert heights
    assert min(heights) > 0
    assert page.evaluate(WIDTH) <= 718
    photograph(page)
    printed = page.pdf(format="A4")
    assert printed.startswith(b"%PDF")
    page.emulate_media(media="screen", color_scheme="light")


def test_pictures_of_answers(watch, real):
    """What the class misunderstood is shown with the lesson's own pictures, and who is alike."""
    page = watch.open(real.as_uri(), **WIDE)
    cards = page.locator("article.card")
    first = cards.first
    assert first.get_by_role("heading").inner_text().startswith("2 of 6: ")
    assert first.locator(".picture table").first.is_visible()
    alike = cards.filter(has_text="2 of 6 answers to conv2d")
    assert [one.locator("li").all_inner_texts() for one in alike.all()] == [
        ["sample-patch_sums", "sample-twin"],
        ["sample-flipped_both_axes", "sample-flipper"],
    ]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_runs_nothing_and_breaks_no_layout(watch, made, name):
    """Narrow and wide, nothing runs, nothing is asked for, and nothing leaves the page."""
    path = made("hostile", HOSTILE[name])
    for options in (WIDE, NARROW):
        page, dialogs = watch.open(path.as_uri(), **options), []
        page.on(
            "dialog", lambda dialog, all=dialogs: (all.append(dialog.message), dialog.dismiss())
        )
        page.evaluate(UNFOLD)
        assert (
            page.evaluate("() => document.documentElement.scrollWidth")
            <= (page.viewport_size["width"])
        )
        assert page.evaluate(SPILLED) == []
        assert dialogs == []
