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

import psutil
import pytest
from formgrader import LARGE, Formgrader
from hosts import JupyterLab
from nbgrader.api import Gradebook

from course import answers, layout
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
HANDED_IN = {
    "lovelaceada_12345_987654_convolution.ipynb": "patch_sums",
    "hoppergrace_LATE_12346_987655_convolution.ipynb": "height_used_twice",
    "turingalan_12347_987656_convolution-1.ipynb": "flipped_both_axes",
    "noetheremmy_12348_987657_convolution.ipynb": None,
}
# As Canvas's Gradebook > Export writes it (lib/gradebook_exporter.rb there).
CANVAS = f"""Student,ID,SIS User ID,SIS Login ID,Section,{ASSIGNMENT} (4321)
    Points Possible,,,,,10
"Hopper, Grace",{GRACE},,grace,Lab 1,
"Lovelace, Ada",{ADA},,ada,Lab 1,
"Noether, Emmy",{EMMY},,emmy,Lab 1,
"Turing, Alan",{ALAN},,alan,Lab 1,
"Student, Test",99999,,,Lab 1,
"""
BY_HAND, WAS = 1.5, 0.0  # points for one test of Grace's
TEST = "feature_map_12x10"
COMMENT = "Rows and columns: look at **image.shape[1]** once more."


@dataclass
class Course:
    """The course folder, and what its commands need."""

    root: object
    variables: dict

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
    known = {answer.name: answer.source for answer in answers.load()}
    with zipfile.ZipFile(archive / "submissions.zip", "w") as download:
        for name, answer in HANDED_IN.items():
            whole = sample.submission(known[answer])[layout.NOTEBOOK] if answer else sample.BROKEN
            download.writestr(name, whole)
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
    return told


@pytest.fixture(scope="module")
def graded(broken_settings, formgrader):
    """What Autograde says of each student: {student: dialog}."""
    students = {ADA: "autograde", GRACE: "", ALAN: "", EMMY: "autograde what is no notebook"}
    told = {student: formgrader.autograde(student, station) for student, station in students.items()}
    formgrader.take("submissions graded", formgrader.table)
    return told


@pytest.fixture(scope="module")
def reviewed(graded, formgrader):
    """Grace's submission, with a score and a comment entered by hand, and loaded anew."""
    formgrader.review(ASSIGNMENT, ASSIGNMENT, "Hopper, Grace")
    formgrader.enter(TEST, str(BY_HAND))
    formgrader.enter("conv2d-comment", COMMENT)
    formgrader.take("by hand")
    formgrader.reload()
    return formgrader


@pytest.fixture(scope="module")
def feedback(reviewed, course):
    """What writing the feedback pages told."""
    return course.run("proctor", "feedback", ASSIGNMENT)


@pytest.fixture(scope="module")
def exported(reviewed, course):
    """What the export for Canvas told."""
    (course.root / "gradebook.csv").write_text(CANVAS)
    return course.run("proctor", "export", ASSIGNMENT, "--to", "canvas", "--from", "gradebook.csv")


def test_everybody_in_canvass_download_is_collected(course, collected):
    """Late, handed in again, or no notebook at all: each has a folder under Canvas's number."""
    status, text = collected
    assert status == 0, text
    found = {path.parts[-3] for path in (course.root / "submitted").glob(f"*/*/{layout.NOTEBOOK}")}
    assert found == {ADA, GRACE, ALAN, EMMY}


def test_autograde_before_the_assignment_is_generated(too_early):
    """The button tells that nothing was generated, and the command to do so."""
    assert too_early.title == "Error"
    assert f"nbgrader generate_assignment {ASSIGNMENT}" in too_early.text


def test_autograde_with_broken_settings(broken_settings, course):
    """The button tells the line of nbgrader_config.py, and grades nothing."""
    assert broken_settings.title == "Error"
    assert "nbgrader_config.py, line " in broken_settings.text


def test_autograde_grades_each(graded, course):
    """Three have their points, in the dialog and in the gradebook."""
    assert {student: told.title for student, told in graded.items()} == {
        ADA: "Success",
        GRACE: "Success",
        ALAN: "Success",
        EMMY: "Error",
    }
    assert "10 of 10" in graded[ADA].text


def test_autograde_tells_what_is_no_notebook(graded):
    """The button says that the file is no JSON, with no word of Python's."""
    assert "It is not JSON" in graded[EMMY].text


def test_a_score_and_a_comment_by_hand_stay(reviewed, course):
    """Both are there when the page is loaded anew, and the score is in the gradebook."""
    assert reviewed.entered(TEST) == str(BY_HAND)
    assert reviewed.entered("conv2d-comment") == COMMENT


def test_the_feedback_page_has_them(feedback, course, watch, photograph):
    """The student finds the score and the comment on the page."""
    status, text = feedback
    assert status == 0, text
    path = course.root / "feedback" / GRACE / ASSIGNMENT / f"{ASSIGNMENT}.html"
    page = watch.open(path.as_uri(), offline=True, **LARGE)
    photograph(page, "top")
    assert page.locator("body").inner_text().count("Rows and columns: look at image.shape[1]") == 1


def test_canvass_file_has_the_points_of_the_gradebook(exported, course):
    """Everybody graded has the gradebook's points, the others' cells are as Canvas wrote them."""
    status, text = exported
    assert status == 0, text
    with open(course.root / f"{ASSIGNMENT}-canvas.csv", newline="") as file:
        rows = {row["ID"]: row[f"{ASSIGNMENT} (4321)"] for row in csv.DictReader(file)}
    scores = course.scores()
    print(rows, scores)
