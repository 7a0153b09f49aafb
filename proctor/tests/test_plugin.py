"""`nbgrader autograde` and the formgrader's button, with proctor in their extension points, grade as `proctor grade` does."""

import shutil
import subprocess
import sys

import lab
import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.apps.nbgraderapp import NbGraderApp
from nbgrader.utils import chdir

from course import layout
from proctor import course, grade, nbgrader_plugin
from proctor.sandbox import probe

PROTECTED = probe().enough
SETTINGS = [
    "import proctor.nbgrader_plugin",
    f"proctor.nbgrader_plugin.configure(c, sandbox={PROTECTED})",
]
PATCHED = "import builtins\nget_ipython().run_cell = lambda *a, **k: None\ndef double(x):\n    raise SystemExit"
CLASS = {
    "ada": lab.ANSWER,
    "bob": "def double(x):\n    return x + x + 1",
    "eve": PATCHED,
    "pat": "def double(x):\n    print('warned', file=__import__('sys').stderr)\n    return x * scale",
}


def autograde(root, *arguments):
    """What nbgrader autograde says, and its exit status."""
    environment = {
        name: value for name, value in layout.environment().items() if name != "PYTHONWARNINGS"
    }
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", lab.ASSIGNMENT, *arguments],
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.stdout, done.returncode


def points(root):
    """Every automatic point: {(student, notebook, cell): points}."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as book:
        return {
            (one.student_id, notebook.name, mark.name): mark.auto_score
            for one in book.assignment_submissions(lab.ASSIGNMENT)
            for notebook in one.notebooks
            for mark in notebook.grades
        }


@pytest.fixture(scope="module")
def both(made_lab, tmp_path_factory):
    """The class graded by nbgrader autograde and by proctor grade: (what nbgrader said, its status, its folder, the other folder)."""
    root = shutil.copytree(made_lab, tmp_path_factory.mktemp("plugin") / "course")
    for student, text in CLASS.items():
        lab.hand_in(
            root,
            student,
            {
                "sums.ipynb": lab.answered(root, text),
                "words.ipynb": lab.answered(root, "word = 'yes'", lab.WORDS, "word"),
            },
        )
    lab.hand_in(root, "cyd", {"sums.ipynb": "{", "words.ipynb": lab.released(root, lab.WORDS)})
    other = shutil.copytree(root, root.parent / "other")
    lab.configure(root, *SETTINGS)
    said, status = autograde(root)
    grade.grade(course.load(other), lab.ASSIGNMENT, workers=1, sandbox=PROTECTED)
    return said, status, root, other


@pytest.mark.parametrize("student", CLASS)
def test_points_are_those_of_proctor_grade(both, student):
    """Right, wrong and hostile submissions get the same points by either command."""
    nbgraders, ours = (
        {name: score for name, score in points(root).items() if name[0] == student}
        for root in both[2:]
    )
    assert ours == nbgraders
    assert 5 == len(ours)


def test_what_a_hostile_answer_gets(both):
    """A patched shell wins nothing, and a warning on stderr loses nothing."""
    found = points(both[2])
    assert (0.0, 2.0) == (found["eve", "sums", "test-double"], found["pat", "sums", "test-double"])


def test_a_broken_notebook_is_its_owners_case(both):
    """nbgrader's exit status and log tell of it in words, and everybody else is graded."""
    said, status, root, _ = both
    assert 1 == status
    assert "sums.ipynb cannot be graded: It is not JSON" in said
    assert sorted(CLASS) == sorted(
        path.parent.name for path in (root / "autograded").glob(f"*/{lab.ASSIGNMENT}")
    )


def test_the_autograded_notebook_is_proctors(both):
    """What lies in autograded/ is what proctor grade would have written."""
    ours, nbgraders = (
        nbformat.read(root / "autograded" / "ada" / lab.ASSIGNMENT / "sums.ipynb", 4)
        for root in (both[3], both[2])
    )
    assert [(cell.source, cell.get("outputs")) for cell in ours.cells] == [
        (cell.source, cell.get("outputs")) for cell in nbgraders.cells
    ]


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # of nbgrader's own gradebook
def test_formgraders_button(both, monkeypatch):
    """The call behind the formgrader's Autograde goes the same way."""
    root = both[2]
    monkeypatch.chdir(root)
    before = points(root)
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as book:
        book.remove_submission(lab.ASSIGNMENT, "bob")
    with chdir(str(root)):
        app = NbGraderApp()
        app.load_config_file()
        done = NbGraderAPI(config=app.config).autograde(lab.ASSIGNMENT, "bob", force=True)
    assert (True, before) == (done["success"], points(root)), done.get("log")


@pytest.mark.parametrize(
    "odd",
    [
        lambda path: path.mkdir(),
        lambda path: path.write_text("2026-01-02 10:00:00 UTC" + " " * 3000 + "x"),
        lambda path: path.write_text("soon"),
    ],
)
def test_a_timestamp_that_is_none(tmp_path, odd):
    """What nbgrader would stumble over in the place of a time is set aside before it looks, and a time is left."""
    odd(tmp_path / "timestamp.txt")
    nbgrader_plugin.timestamp(tmp_path)
    assert ["timestamp-unreadable.txt"] == [path.name for path in tmp_path.iterdir()]
    (tmp_path / "timestamp.txt").write_text("2026-01-02 10:00:00 UTC")
    nbgrader_plugin.timestamp(tmp_path)
    assert (tmp_path / "timestamp.txt").is_file()


def test_settings_of_this_repository():
    """This course's own nbgrader_config.py has proctor in the extension points."""
    app = course.load(layout.ROOT).app
    assert ["proctor.nbgrader_plugin.Rebuild"] == app.config.Autograde.sanitize_preprocessors
    assert "proctor.nbgrader_plugin.Intake" == app.config.Autograde.exporter_class
