"""A course from its class list to the marks in Canvas, by an instructor in JupyterLab.

In a new course folder, with nbgrader's and proctor's own commands: the class list, a download of
Canvas's, the formgrader's Autograde button, a score and a comment by hand, the feedback pages, and
the file for Canvas. Wrong steps come first, as they do.
"""

import csv
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from formgrader import LARGE, TO_THE_MIDDLE, Formgrader
from hosts import JupyterLab
from nbgrader.api import Gradebook

from course import answers, layout, notebook
from course.sample_class import sample

ASSIGNMENT = layout.ASSIGNMENT
ADA, GRACE, ALAN, EMMY = "12345", "12346", "12347", "12348"
CLASS = f"""id,first_name,last_name,email
{ADA},Ada,Lovelace,ada@example.org
{GRACE},Grace,Hopper,grace@example.org
{ALAN},Alan,Turing,alan@example.org
{EMMY},Emmy,Noether,emmy@example.org
"""
# As Canvas names the files of "Download Submissions": the student's name, LATE, the numbers of
# student and upload, and the file, whose own name gets a number where it is handed in again
# (github.com/instructure/canvas-lms, lib/content_zipper.rb and app/models/attachment.rb).
FILES = {
    ADA: "lovelaceada_12345_987654_convolution.ipynb",
    GRACE: "hoppergrace_LATE_12346_987655_convolution.ipynb",
    ALAN: "turingalan_12347_987656_convolution-1.ipynb",
    EMMY: "noetheremmy_12348_987657_convolution.ipynb",
}
HANDED_IN = {ADA: "patch_sums", GRACE: "height_used_twice", ALAN: "flipped_both_axes"}
# As Canvas's Gradebook > Export writes it (lib/gradebook_exporter.rb there).
CANVAS = f"""Student,ID,SIS User ID,SIS Login ID,Section,{ASSIGNMENT} (4321)
    Points Possible,,,,,10
"Hopper, Grace",{GRACE},,grace,Lab 1,
"Lovelace, Ada",{ADA},,ada,Lab 1,
"Noether, Emmy",{EMMY},,emmy,Lab 1,
"Turing, Alan",{ALAN},,alan,Lab 1,
"Student, Test",99999,,,Lab 1,
"""
TEST, ANSWER_COMMENT = "feature_map_12x10", "conv2d-comment"  # fields of the lesson's cells
BY_HAND = 1.5  # points for this test of Grace's, which fails
COMMENT = "Rows and columns: look at **the width** once more."
COLUMN = f"{ASSIGNMENT} (4321)"
# What the answers deserve, by the list of failing tests at the head of each in tests/answers.
KNOWN = {answer.name: answer for answer in answers.load()}
WORTH = notebook.points(notebook.read(layout.SOURCE / layout.NOTEBOOK))


def deserved(answer):
    """The points of a sample answer."""
    lost = KNOWN[answer].loses
    return sum(worth for test, worth in WORTH.items() if test not in lost)


@dataclass
class Course:
    """The course folder, and what its commands need."""

    root: Path
    variables: dict[str, str]

    def run(self, program, *words):
        """Run a command in it: its exit status, and all that it printed."""
        done = subprocess.run(
            [sys.executable, "-m", program, *words],
            cwd=self.root,
            env=layout.environment() | self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        print(f"$ {program} {' '.join(words)}\n{done.stdout}")
        return done.returncode, done.stdout

    def scores(self):
        """The points of everybody whose submission is in the gradebook: {student: points}."""
        with Gradebook(f"sqlite:///{self.root}/gradebook.db") as book:
            return {one.student.id: one.score for one in book.assignment_submissions(ASSIGNMENT)}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A new course folder: the lesson's source, the settings, the class list."""
    root, runtime = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("runtime")
    runtime.chmod(0o700)
    shutil.copytree(layout.SOURCE, root / "source" / ASSIGNMENT)
    shutil.copy(layout.ROOT / "nbgrader_config.py", root)
    (root / "class.csv").write_text(CLASS)
    yield Course(root, {"PROCTOR_WAIT": "300", "XDG_RUNTIME_DIR": str(runtime)})
    end_waiting_graders(str(runtime))


def end_waiting_graders(runtime):
    """End the graders that commands with this runtime folder have left waiting."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("XDG_RUNTIME_DIR") == runtime:
                found.append(process)
        except psutil.Error:
            pass
    for process in found:
        process.terminate()
    psutil.wait_procs(found, timeout=60)


@pytest.fixture(scope="module")
def server(course, tmp_path_factory):
    """JupyterLab in the course folder; it starts while the first commands run."""
    folder = tmp_path_factory.mktemp("jupyter")
    with JupyterLab(course.root, folder, **course.variables) as running:
        yield running


@pytest.fixture(scope="module")
def formgrader(server, browser, photograph_stations):
    """The formgrader of the course."""
    opened = Formgrader(browser, server, photograph_stations)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def collected(course, server):
    """What collecting Canvas's download told: exit status and text."""
    archive = course.root / "downloaded" / ASSIGNMENT / "archive"
    archive.mkdir(parents=True)
    texts = {
        student: sample.submission(KNOWN[answer].source)[layout.NOTEBOOK]
        for student, answer in HANDED_IN.items()
    } | {EMMY: sample.BROKEN}
    with zipfile.ZipFile(archive / "submissions.zip", "w") as download:
        for student, name in FILES.items():
            download.writestr(name, texts[student])
    assert course.run("nbgrader", "db", "student", "import", "class.csv")[0] == 0
    return course.run("nbgrader", "zip_collect", ASSIGNMENT)


@pytest.fixture(scope="module")
def too_early(collected, formgrader):
    """What Autograde says where the assignment was never generated."""
    formgrader.frame.locator("#main-table td.name").first.wait_for()
    formgrader.take("assignments", formgrader.table)
    formgrader.submissions(ASSIGNMENT)
    formgrader.take("submissions", formgrader.table)
    return formgrader.autograde(ADA, "autograde without generate_assignment")


@pytest.fixture(scope="module")
def broken_settings(too_early, course, formgrader):
    """What Autograde says where nbgrader_config.py has an error."""
    assert course.run("nbgrader", "generate_assignment", ASSIGNMENT, "--force")[0] == 0
    settings = course.root / "nbgrader_config.py"
    whole = settings.read_text()
    settings.write_text(whole.replace("proctor.nbgrader_plugin.configure(c)", "configure(c"))
    told = formgrader.autograde(ADA, "autograde with broken settings")
    settings.write_text(whole)
    return told, formgrader.status(ADA)


@pytest.fixture(scope="module")
def graded(broken_settings, formgrader):
    """What Autograde says of each student, and the list then: {student: (dialog, status)}."""
    stations = {ADA: "autograde", GRACE: "", ALAN: "", EMMY: "autograde what is no notebook"}
    told = {
        student: formgrader.autograde(student, station) for student, station in stations.items()
    }
    formgrader.take("submissions graded", formgrader.table)
    return {student: (dialog, formgrader.status(student)) for student, dialog in told.items()}


@pytest.fixture(scope="module")
def review(graded, formgrader):
    """Grace's submission as it opens: where its first graded cell is, in pixels from the top, and
    how many cells are to be seen; then how many are once the first fold was pressed."""
    formgrader.review(ASSIGNMENT, ASSIGNMENT, "Hopper, Grace")
    formgrader.take("submission opened")
    cells = formgrader.frame.locator("#notebook-container > .cell:visible")
    first = formgrader.frame.locator(".nbgrader_cell").first
    top = first.evaluate("(cell) => cell.getBoundingClientRect().top")
    folded = cells.count()
    fold = formgrader.frame.locator(".proctor-fold").first
    fold.click()
    unfolded = cells.count()
    formgrader.take("lesson unfolded", fold)
    fold.click()
    return top, folded, unfolded


@pytest.fixture(scope="module")
def reviewed(review, formgrader):
    """Grace's submission with a score and a comment by hand, loaded anew: what stands in both."""
    formgrader.enter(ANSWER_COMMENT, COMMENT)
    formgrader.enter(TEST, str(BY_HAND))
    formgrader.reload()
    formgrader.take("score by hand", formgrader.field(TEST))
    formgrader.take("comment by hand", formgrader.field(ANSWER_COMMENT))
    return [formgrader.field(name).input_value() for name in (TEST, ANSWER_COMMENT)]


@pytest.fixture(scope="module")
def feedback(reviewed, course):
    """What writing the feedback pages told: exit status and text."""
    return course.run("proctor", "feedback", ASSIGNMENT)


@pytest.fixture(scope="module")
def exported(reviewed, course):
    """What the export for Canvas told: exit status and text."""
    (course.root / "gradebook.csv").write_text(CANVAS)
    return course.run("proctor", "export", ASSIGNMENT, "--to", "canvas", "--from", "gradebook.csv")


def test_everybody_in_canvass_download_is_collected(course, collected):
    """Late, handed in again, or no notebook at all: each has a folder under Canvas's number."""
    status, text = collected
    assert status == 0, text
    found = (course.root / "submitted").glob(f"*/{ASSIGNMENT}/{layout.NOTEBOOK}")
    assert {path.parts[-3] for path in found} == set(FILES)


def test_autograde_before_the_assignment_is_generated(too_early):
    """The button tells that nothing was generated, and the command to do so."""
    assert too_early.title == "Error"
    assert f"`nbgrader generate_assignment {ASSIGNMENT}`" in too_early.text


def test_autograde_with_broken_settings(broken_settings, course):
    """The button tells the line of nbgrader_config.py, and grades nothing."""
    dialog, status = broken_settings
    assert dialog.title == "Error"
    assert f"{course.root / 'nbgrader_config.py'}, line " in dialog.text
    assert "SyntaxError" in dialog.text
    assert status == ("needs autograding", "")


@pytest.mark.parametrize("student", HANDED_IN)
def test_autograde_grades(graded, student):
    """The button answers with the points that the answer deserves, and the list shows them."""
    dialog, status = graded[student]
    points, worth = deserved(HANDED_IN[student]), sum(WORTH.values())
    assert dialog.title == "Success", dialog.text
    assert f"{points:g} of {worth:g}" in dialog.text
    assert status == ("graded", f"{points:g} / {worth:g}")


def test_autograde_tells_what_is_no_notebook(graded):
    """The button says that the file is no JSON, and the list shows no points."""
    dialog, status = graded[EMMY]
    assert dialog.title == "Error"
    assert f"{layout.NOTEBOOK} cannot be graded: It is not JSON" in dialog.text
    assert status == ("needs autograding", "")


def test_a_submission_opens_at_the_first_graded_cell(review):
    """The answer is on the first screen, and the cells of the lesson are behind a button."""
    top, folded, unfolded = review
    assert 0 <= top < 400
    assert folded == len(WORTH) + 1
    assert unfolded > 5 * folded


def test_a_score_and_a_comment_by_hand_stay(reviewed, course):
    """Both are there when the page is loaded anew, and the points are in the gradebook."""
    assert reviewed == [str(BY_HAND), COMMENT]
    assert course.scores()[GRACE] == deserved(HANDED_IN[GRACE]) + BY_HAND


def test_the_feedback_page_has_them(feedback, course, watch, photograph):
    """The student finds the points, the score and the comment by hand on the page."""
    status, text = feedback
    assert status == 0, text
    path = course.root / "feedback" / GRACE / ASSIGNMENT / f"{ASSIGNMENT}.html"
    page = watch.open(path.as_uri(), offline=True, **LARGE)
    photograph(page, "top")
    points, worth = deserved(HANDED_IN[GRACE]) + BY_HAND, sum(WORTH.values())
    assert page.locator(".total").inner_text() == f"{points:g} of {worth:g} points"
    line = page.locator(".tests li", has_text=TEST)
    assert f"{BY_HAND:g} of {WORTH[TEST]:g}" in line.inner_text()
    comment = page.locator(".comment")
    assert comment.locator("strong").inner_text() == "the width"
    comment.evaluate(TO_THE_MIDDLE)
    photograph(page, "comment")


def test_the_feedback_page_shows_what_unfolds(feedback, course, watch):
    """The lesson's hints keep the triangle that the page's own style takes from a summary."""
    path = course.root / "feedback" / GRACE / ASSIGNMENT / f"{ASSIGNMENT}.html"
    page = watch.opened(path.as_uri(), offline=True, **LARGE)
    hints = page.locator("summary", has_text="Hint")
    assert hints.count() == 3
    shown = "(all) => all.map((one) => getComputedStyle(one).display)"
    assert set(hints.evaluate_all(shown)) == {"list-item"}


def test_who_handed_in_no_notebook_has_a_page_too(feedback, course, watch, photograph):
    """It names the file that could not be read, so that the student can hand in another one."""
    path = course.root / "feedback" / EMMY / ASSIGNMENT / f"{ASSIGNMENT}.html"
    page = watch.open(path.as_uri(), offline=True, **LARGE)
    photograph(page)
    assert layout.NOTEBOOK in page.locator("body").inner_text()


def test_canvass_file_has_the_points_of_the_gradebook(exported, course):
    """Who is graded has the gradebook's points there; every other cell is as Canvas wrote it."""
    status, text = exported
    assert status == 0, text
    assert "Emmy Noether" in text
    expected = list(csv.DictReader(CANVAS.splitlines()))
    scores = course.scores()
    for row in expected:
        if row["ID"] in HANDED_IN:
            row[COLUMN] = f"{scores[row['ID']]:g}"
    assert expected[1][COLUMN] == "7.5"
    with open(course.root / f"{ASSIGNMENT}-canvas.csv", newline="") as file:
        assert list(csv.DictReader(file)) == expected


def test_the_pages_had_no_errors(reviewed, formgrader):
    """No page of the formgrader wrote an error, or asked for anything elsewhere."""
    assert formgrader.watch.taken() == []
