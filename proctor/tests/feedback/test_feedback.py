"""Which feedback pages are written, by whose template, and that one student's trouble is only that student's."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_course
from nbgrader.api import Gradebook
from tiny_course import ASSIGNMENT, SUMS, WORDS

from proctor import course
from proctor.assemble.notebook import assemble
from proctor.feedback.content import Student
from proctor.feedback.generate import FeedbackJob, StudentPages, feedback, who_has_none
from proctor.feedback.short_pages import (
    NO_NOTEBOOK,
    NOT_GRADED,
    NOT_HANDED_IN,
    UNREADABLE,
    ShortPage,
    page_text,
)
from proctor.feedback.short_pages import WORDS as WORDS_OF_REASONS
from proctor.gradebook.database import GradebookConnection
from proctor.gradebook.scores import SubmissionMarks
from proctor.publish.notebook import NotebookWriter, finish
from proctor.publish.staging import write_notebook

STUDENTS = ("ada", "bob", "cyd")


@pytest.fixture(scope="module")
def graded_course(made_lab: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which three students have been graded: its folder."""
    root = tmp_path_factory.mktemp("feedback") / "course"
    shutil.copytree(made_lab, root)
    here = course.load(root)
    batch = []
    for student in STUDENTS:
        folder = here.folder("autograded", student, ASSIGNMENT)
        folder.mkdir(parents=True)
        marks = SubmissionMarks(student)
        for name in (SUMS, WORDS):
            submitted = tiny_course.submitted(tiny_course.released(root, name))
            ran = tiny_course.run(assemble(tiny_course.assignment(root, name), submitted))
            done = finish(here, ASSIGNMENT, student, name, ran)
            write_notebook(folder, name, NotebookWriter().text(done.notebook))
            marks.notebooks[name] = done.marks
        batch.append(marks)
    with GradebookConnection(here) as gradebook:
        gradebook.save(ASSIGNMENT, batch)
    return root


@pytest.fixture
def root(graded_course: Path, tmp_path: Path) -> Path:
    """A copy of that course."""
    return shutil.copytree(graded_course, tmp_path / "course")


def pages(root: Path) -> dict[str, bytes]:
    """Every page below feedback/, with its bytes."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted((root / "feedback").rglob("*.html"))
    }


PLUGIN = "import proctor.nbgrader_plugin\nproctor.nbgrader_plugin.configure(c)"
SHOWN = "c.Proctor.feedback_hidden_tests = True"
TEMPLATE = f"c.HTMLExporter.template_name = 'feedback'\n{SHOWN}"
EXPORTER = f"c.GenerateFeedback.exporter_class = 'nbconvert.exporters.HTMLExporter'\n{SHOWN}"


@pytest.mark.parametrize(
    ("settings", "workers"),
    [
        pytest.param(PLUGIN, 1, id="plugin"),
        pytest.param(PLUGIN, 2, id="plugin, two processes"),
        pytest.param(TEMPLATE, 1, id="template"),
        pytest.param(EXPORTER, 1, id="exporter"),
        pytest.param(f"{PLUGIN}\n{TEMPLATE}", 1, id="plugin and template"),
        pytest.param(f"{EXPORTER}\n{PLUGIN}", 2, id="exporter and plugin"),
    ],
)
def test_pages_are_those_of_nbgraders_command(root: Path, settings: str, workers: int) -> None:
    """With the plugin nbgrader's own command writes the same pages, byte for byte, and without it
    where the course names a template; however many processes write them."""
    tiny_course.configure(root, settings)
    report = feedback(course.load(root), ASSIGNMENT, workers=workers)
    ours = pages(root)
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_feedback", ASSIGNMENT, "--force"],
        cwd=root,
        check=True,
        capture_output=True,
    )
    assert pages(root) == ours
    assert (len(ours), len(report.pages), report.already, report.failed) == (6, 6, 0, {})
    shown = all(b"proctor-notebook" in page for page in ours.values())
    assert shown == (settings == PLUGIN)
    hidden = b"double(5)" in re.sub(rb"<[^>]*>", b"", ours[f"feedback/ada/{ASSIGNMENT}/sums.html"])
    assert hidden == (settings != PLUGIN)


def test_a_setting_that_is_no_truth(root: Path) -> None:
    """It is told what may stand there."""
    tiny_course.configure(root, "c.Proctor.feedback_hidden_tests = 'no'")
    with pytest.raises(course.CourseError, match="must be True or False, not 'no'"):
        feedback(course.load(root), ASSIGNMENT)


def test_pages_that_are_there_are_left(root: Path) -> None:
    """A second run writes nothing, unless by force."""
    here = course.load(root)
    feedback(here, ASSIGNMENT)
    again = feedback(here, ASSIGNMENT)
    assert (again.pages, again.already) == ([], 3)
    assert len(feedback(course.load(root), ASSIGNMENT, force=True).pages) == 6


def change(root: Path, what: str) -> None:
    """Change something that ada's page shows, or something that it does not show."""
    if what == "the notebook":
        path = root / "autograded" / "ada" / ASSIGNMENT / "sums.ipynb"
        path.write_text(path.read_text() + "\n")
        return
    if what == "no page":
        (root / "feedback" / "ada" / ASSIGNMENT / "sums.html").unlink()
        return
    if what == "a setting":
        tiny_course.configure(root, "c.Proctor.feedback_hidden_tests = True")
        return
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as book:
        notebook = book.find_submission_notebook(SUMS, ASSIGNMENT, "ada")
        if what == "a score":
            notebook.grades[0].manual_score = 1.5
        elif what == "extra credit":
            notebook.grades[0].extra_credit = 0.5
        elif what == "a comment":
            notebook.comments[0].manual_comment = "Well done."
        elif what == "a penalty":
            notebook.late_submission_penalty = 1.0
        elif what == "a name":
            book.find_student("ada").first_name = "Ada"
        elif what == "an e-mail address":
            book.find_student("ada").email = "ada@example.org"
        book.db.commit()


@pytest.mark.parametrize(
    ("what", "renewed"),
    [
        ("a score", True),
        ("extra credit", True),
        ("a comment", True),
        ("a penalty", True),
        ("the notebook", True),
        ("no page", True),
        ("a name", True),
        ("a setting", True),
        ("an e-mail address", False),
    ],
)
def test_pages_that_show_something_older_are_renewed(root: Path, what: str, renewed: bool) -> None:
    """Without force, the pages are written again of whom something that they show has changed."""
    feedback(course.load(root), ASSIGNMENT)
    change(root, what)
    report = feedback(course.load(root), ASSIGNMENT)
    count = 3 if what == "a setting" else int(renewed)
    assert (report.renewed, report.already) == (count, 3 - count)
    assert count == 3 or all("/ada/" in page for page in report.pages)
    assert feedback(course.load(root), ASSIGNMENT).already == 3


def test_who_has_no_page_gets_a_short_one(root: Path) -> None:
    """Each page says in the student's words why there is no other; who was not yet graded has none."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as book:
        book.add_student("dan", last_name="D")
    for student, files in {
        "eve": {"sums.ipynb": "{", "words.ipynb": tiny_course.released(root, WORDS)},
        "fay": {"notes.txt": "x"},
        "gus": {"sums.ipynb": "{"},
    }.items():
        tiny_course.hand_in(root, student, files)
    (root / "submitted" / "hal").mkdir()
    (root / "submitted" / "hal" / "sums.ipynb").write_text("{}")
    here = course.load(root)
    with GradebookConnection(here) as gradebook:
        gradebook.save(ASSIGNMENT, [SubmissionMarks(student) for student in ("eve", "fay")])
    report = feedback(here, ASSIGNMENT)
    assert report.short == {
        NOT_HANDED_IN: ["dan"],
        UNREADABLE: ["eve"],
        NOT_GRADED: ["eve"],
        NO_NOTEBOOK: ["fay"],
    }
    assert report.not_yet == ["gus"]
    said = {name.split("/")[1]: page for name, page in pages(root).items() if "sums" in name}
    assert sorted(said) == ["ada", "bob", "cyd", "dan", "eve", "fay"]
    assert b"Nothing was handed in under your name." in said["dan"]
    assert b"could not be read as a notebook" in said["eve"]
    assert b"sums.ipynb is not in what you handed in" in said["fay"]
    again = feedback(here, ASSIGNMENT)
    assert (again.pages, again.short) == ([], report.short)


@pytest.mark.skipif(sys.platform == "darwin", reason="file names are text there")
def test_names_of_folders_that_are_hostile(root: Path) -> None:
    """A folder whose name is no text has no page, and no name can write elsewhere or stop the others."""
    (root / "submitted").mkdir()
    os.mkdir(os.fsencode(root / "submitted") + b"/\xff")
    os.mkdir(os.fsencode(root / "submitted") + b"/\xff/" + ASSIGNMENT.encode())
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as book:
        book.add_student("../../up", last_name="U")
        book.add_student("\x1b[2J", last_name="E")
    report = feedback(course.load(root), ASSIGNMENT)
    assert sorted(report.failed) == ["../../up", "\\udcff"]
    assert not list(root.parent.glob("**/up"))
    assert len(report.pages) == 2 * (len(STUDENTS) + 1)
    assert "\x1b" not in "\n".join(who_has_none(ASSIGNMENT, report))


def test_one_student_who_handed_in_nothing(root: Path) -> None:
    """Asked for alone, who is in the class list and has nothing graded gets the short page."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as book:
        book.add_student("dan", last_name="D")
        book.add_student("eve", last_name="E")
    done = subprocess.run(
        [sys.executable, "-m", "proctor", "feedback", ASSIGNMENT, "--student", "dan"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert {name.split("/")[1] for name in pages(root)} == {"dan"}


def test_a_short_page_gives_way(root: Path) -> None:
    """Who is graded later gets the graded page in its place, and the other way round."""
    kept = root.parent / "kept"
    (root / "autograded" / "ada").rename(kept)
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as book:
        book.find_student("ada").last_name = "L"
        book.db.commit()
    assert feedback(course.load(root), ASSIGNMENT).short == {NOT_HANDED_IN: ["ada"]}
    kept.rename(root / "autograded" / "ada")
    assert feedback(course.load(root), ASSIGNMENT).short == {}
    assert b"double" in pages(root)[f"feedback/ada/{ASSIGNMENT}/sums.html"]
    (root / "autograded" / "ada").rename(kept)
    assert feedback(course.load(root), ASSIGNMENT).short == {NOT_HANDED_IN: ["ada"]}
    assert b"Nothing was handed in" in pages(root)[f"feedback/ada/{ASSIGNMENT}/sums.html"]


def test_release_feedback_takes_short_pages(root: Path, tmp_path: Path) -> None:
    """nbgrader releases short pages beside others, and nobody has the key of who sent none."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as book:
        book.add_student("dan", last_name="D")
    for student in STUDENTS:  # as the exchange leaves it
        folder = root / "autograded" / student / ASSIGNMENT
        (folder / "timestamp.txt").write_text("2026-01-02 10:00:00 UTC")
        (folder / "submission_secret.txt").write_text(f"secret of {student}")
    feedback(course.load(root), ASSIGNMENT)
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    tiny_course.configure(root, f"c.Exchange.root = {str(exchange)!r}")
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "release_feedback", ASSIGNMENT, "--course", "lab"],
        cwd=root,
        check=True,
        capture_output=True,
    )
    assert len(list((exchange / "lab" / "feedback").glob("*.html"))) == 2 * (len(STUDENTS) + 1)


@pytest.mark.parametrize("reason", WORDS_OF_REASONS)
def test_a_short_page_needs_nothing_else(reason: str) -> None:
    """It names its language, has one heading, fetches nothing, and shows names as text."""
    page = page_text(ShortPage(Student("ada", "<b>Ada"), "<b>sums", reason))
    assert page.count("<h1>") == 1 and '<html lang="en">' in page and "<title>" in page
    assert not re.search(r"https?:|src=|href=|url\(|<script|<b>", page)


def test_some_students(root: Path) -> None:
    """Only those whose id a pattern matches get pages, and progress is told of them."""
    told = []
    report = feedback(
        course.load(root),
        ASSIGNMENT,
        ["a*"],
        progress=lambda student, total: told.append((student, total)),
    )
    assert [path.split("/")[-3:] for path in report.pages] == [
        ["ada", ASSIGNMENT, "sums.html"],
        ["ada", ASSIGNMENT, "words.html"],
    ]
    assert told == [(None, 1), ("ada", None)]


@pytest.mark.parametrize("workers", [1, 2])
def test_one_broken_notebook_costs_the_others_nothing(root: Path, workers: int) -> None:
    """A graded notebook that somebody has broken is told of, and everybody else has pages."""
    broken = root / "autograded" / "ada" / ASSIGNMENT / "sums.ipynb"
    broken.write_text("{")
    report = feedback(course.load(root), ASSIGNMENT, workers=workers)
    assert (list(report.failed), report.status) == (["ada"], 1)
    assert report.failed["ada"] != ""
    assert len([page for page in report.pages if "/ada/" not in page]) == 4


def test_a_process_that_is_killed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The student whose process was killed is told of, and another process writes the rest."""
    write = FeedbackJob.write

    def killed(self: FeedbackJob, student: str) -> StudentPages:
        if student == "ada":
            os.kill(os.getpid(), signal.SIGKILL)
        return write(self, student)

    monkeypatch.setattr(FeedbackJob, "write", killed)
    report = feedback(course.load(root), ASSIGNMENT, workers=2)
    assert report.failed == {"ada": "The process that wrote it was killed."}
    assert len(report.pages) == 4


def test_all_processes_are_killed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Students for whom no process is left are told of."""
    monkeypatch.setattr(
        FeedbackJob, "write", lambda self, student: os.kill(os.getpid(), signal.SIGKILL)
    )
    report = feedback(course.load(root), ASSIGNMENT, workers=2)
    assert sorted(report.failed) == list(STUDENTS)


def test_nobody_was_graded(root: Path) -> None:
    """It says that grading comes first."""
    shutil.rmtree(root / "autograded")
    with pytest.raises(course.CourseError, match="proctor grade ps1"):
        feedback(course.load(root), ASSIGNMENT)
