"""The feedback pages of a class of five, graded and written by proctor: a right, a half right, a
hostile, a crashed and a missing submission.

Hostile text stands in every place that a student controls: the id, the name, a further file's name,
the answer, a text, outputs, the message of an error; and in a comment, which may quote it.
"""

import shutil
import subprocess
import sys

import nbformat
import pytest
from nbgrader.api import Gradebook
from rules import violations

from course import answers, layout
from course.sample_class import sample

ASSIGNMENT = layout.ASSIGNMENT
KNOWN = {answer.name: answer.source for answer in answers.load()}
RIGHT, HALF, CRASHED, MISSING = "ada", "grace", "alan", "emmy"
EVIL = "<script>said('script')</script><img src=x onerror=said('img')>\u202e</style></details>"
HOSTILE = "eve\"'><b onmouseover=said(1)>&amp;"  # the name of a folder, too
LONG = "W" * 3000
HOSTILE_ANSWER = f"""
from IPython.display import HTML, display

EVIL = {EVIL!r}
display(HTML(EVIL + "<div style='position:fixed;inset:0;width:9999px'>over all</div>"))
svg = "<svg xmlns='http://www.w3.org/2000/svg'>" + EVIL + "</svg>"
display({{"text/markdown": EVIL, "image/svg+xml": svg}}, raw=True)
print("\\x1b[31m" + EVIL)


def conv2d(image, kernel):
    raise ValueError(EVIL + {LONG!r} + r"$\\href{{javascript:said(2)}}{{x}}$")
"""
HOSTILE_TEXT = f"# {EVIL}\n\n# proctor-tests\n\n[x](javascript:said(3)) {EVIL} {LONG}\n"
CRASH = "import os\n\n\ndef conv2d(image, kernel):\n    os.abort()\n"
COMMENT = f"Look at *part 5* again. {EVIL}"
EVERYBODY = {
    RIGHT: "right",
    HALF: "half right",
    HOSTILE: "hostile",
    CRASHED: "crashed",
    MISSING: "missing",
}
WIDTHS = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 320, "height": 640}}
MOST_BYTES = 400_000
HIDDEN = "compared.repeated()"  # stands in the hidden tests, and nowhere else in the notebook


def run(root, *words):
    """Run a command of the course; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=root,
        env=layout.environment() | {"PROCTOR_WAIT": "0"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def hand_in(root, student, source, files=None, text=""):
    """Hand in an answer and further files; a text is put at the head of the notebook."""
    mine = nbformat.reads(sample.submission(source)[layout.NOTEBOOK], as_version=4)
    if text:
        mine.cells.insert(1, nbformat.v4.new_markdown_cell(text))
    folder = root / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    nbformat.write(mine, folder / layout.NOTEBOOK)
    for name, content in (files or {}).items():
        (folder / name).write_text(content)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The course with the feedback pages: its folder."""
    root = tmp_path_factory.mktemp("feedback") / "course"
    shutil.copytree(layout.SOURCE, root / "source" / ASSIGNMENT)
    shutil.copy(layout.ROOT / "nbgrader_config.py", root)
    run(root, "nbgrader", "generate_assignment", ASSIGNMENT)
    hand_in(root, RIGHT, KNOWN["patch_sums"])
    hand_in(root, HALF, KNOWN["height_used_twice"], {"notes.txt": "mine"})
    hand_in(
        root, HOSTILE, HOSTILE_ANSWER, {f"{EVIL.replace('/', '')[:99]}.txt": EVIL}, HOSTILE_TEXT
    )
    hand_in(root, CRASHED, CRASH)
    run(root, "proctor", "grade", ASSIGNMENT)
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        book.add_student(MISSING, first_name="Emmy", last_name=EVIL)
        book.update_or_create_student(HALF, first_name="Grace", last_name="Hopper")
        book.update_or_create_student(HOSTILE, first_name=EVIL, last_name=LONG)
        for student in (HALF, HOSTILE):
            mine = book.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student)
            book.find_comment("conv2d", ASSIGNMENT, ASSIGNMENT, student).manual_comment = COMMENT
            mine.late_submission_penalty = 1.0 if student == HALF else None
        book.db.commit()
    run(root, "proctor", "feedback", ASSIGNMENT)
    return root


@pytest.fixture
def opened(root, watch):
    """Opens a student's page, watched and offline: a function from the student and options."""

    def page_of(student, size="wide", **options):
        address = path_of(root, student).as_uri()
        return watch.open(address, offline=True, viewport=WIDTHS[size], **options)

    return page_of


def path_of(root, student):
    """A student's page."""
    return root / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"


@pytest.mark.parametrize(
    ("student", "said"),
    [
        (RIGHT, ["ada", "10 of 10 points", "feature_map_12x10 2 of 2 right", "Your answer"]),
        (
            HALF,
            [
                "Grace Hopper grace",
                "5 of 10 points (6, less 1 for handing in late)",
                "feature_map_12x10 0 of 2 sides-mixed-up",
                "feature_map_8x8 2 of 2 right",
                "In feature_map_12x10, feature_map_12x8",
                "Look at part 5 again.",
            ],
        ),
        (HOSTILE, ["0 of 10 points", "Your answer", "Look at part 5 again."]),
        (CRASHED, ["0 of 10 points", "os.abort()", "feature_map_8x8 0 of 2"]),
        (MISSING, ["Emmy", "Nothing was handed in under your name."]),
    ],
    ids=EVERYBODY.values(),
)
def test_a_page_says_first_what_matters(root, opened, photograph, student, said):
    """Points, each test's finding, the answer and the comments stand above the folded notebook, on
    three screens at most; each finding stands once, and no hidden test."""
    page = opened(student)
    text = " ".join(page.locator("main").inner_text().split())
    assert [words for words in said if words not in text] == []
    names = page.locator(".finding h3 bdi:first-child").all_inner_texts()
    assert len(names) == len(set(names))
    assert page.evaluate("document.documentElement.scrollHeight") <= 2700
    assert path_of(root, student).stat().st_size <= MOST_BYTES
    assert HIDDEN not in page.locator("body").text_content()
    photograph(page.locator("html"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("student", EVERYBODY, ids=EVERYBODY.get)
def test_axe_finds_nothing_and_nothing_sticks_out(opened, photograph, student, theme, size):
    """In light and dark, wide and narrow, axe finds nothing in a page as it opens, and it needs no
    scrolling sideways."""
    page = opened(student, size, color_scheme=theme)
    assert violations(page.locator("html")) == []
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]
    photograph(page.locator("html"))


@pytest.mark.parametrize("size", WIDTHS)
def test_hostile_text_runs_nothing_and_covers_nothing(opened, size):
    """With the notebook unfolded too, no script of the student's ran, nothing was asked for, no
    text left its place, and what is clicked is what is seen."""
    page = opened(HOSTILE, size)
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.locator("#proctor-notebook > summary").click()
    assert page.locator("#proctor-notebook").evaluate("(details) => details.open")
    assert page.evaluate("typeof said") == "undefined"
    assert page.locator("[onerror], [onmouseover], a[href^='javascript' i]").count() == 0
    width, inner = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= inner
    page.locator(".tests a").first.click()
    assert page.url.endswith("#feature_map_8x8")
    assert dialogs == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_test_links_to_its_cell(opened, scripts):
    """A test's line says which cell it leads to, and unfolds the notebook there, scripts or not."""
    page = opened(RIGHT, java_script_enabled=scripts)
    cell = page.locator("#proctor-notebook .nbgrader_cell", has_text="from_scratch").last
    assert not cell.is_visible()
    page.get_by_role("link", name="from_scratch").first.click()
    cell.wait_for(state="visible")
    box = cell.bounding_box()
    assert box and -50 < box["y"] < WIDTHS["wide"]["height"]


@pytest.mark.parametrize("student", [RIGHT, HALF])
def test_players_move_whatever_else_was_handed_in(opened, student):
    """The lesson's moving pictures are alive once the notebook is unfolded, with a further file
    beside the notebook as without."""
    page = opened(student)
    page.locator("#proctor-notebook > summary").click()
    page.locator(".convlab-player.live").first.wait_for(state="attached")
    assert page.locator(".convlab-player.live").count() == page.locator(".convlab-player").count()
    assert page.locator(".convlab-player").count() >= 4


def test_it_prints_whole(opened):
    """On paper the folded notebook is there."""
    page = opened(RIGHT)
    page.emulate_media(media="print")
    box = page.locator("#proctor-notebook .cell").nth(5).bounding_box()
    assert box and box["height"] > 10
    page.emulate_media(media="screen")


def test_the_course_may_show_hidden_tests(root, opened):
    """With its setting, a renewed page has the text of the hidden tests."""
    settings = root / "nbgrader_config.py"
    settings.write_text(f"{settings.read_text()}\nc.Proctor.feedback_hidden_tests = True\n")
    run(root, "proctor", "feedback", ASSIGNMENT, "--student", RIGHT)
    assert HIDDEN in opened(RIGHT).locator("body").text_content()
