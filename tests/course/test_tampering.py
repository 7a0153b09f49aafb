"""What of the lesson's answers looks like tampering to proctor: of honest ones, nothing."""

import ast
import shutil

import pytest
from proctor.assemble.notebook import assemble
from proctor.assemble.source import assignment_notebook
from proctor.gradebook.database import GradebookConnection
from proctor.publish.staging import SupportFiles
from proctor.submission import notebook as submissions
from proctor.tampering.places import PrivatePlaces
from proctor.tampering.told import in_notebook, in_texts, known_of

from course import answers, layout, mutants
from course.sample_class import hostile, sample
from proctor import course as courses

SETTINGS = 'c = get_config()\nc.CourseDirectory.course_id = "told"\n'


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    """The lesson as proctor grades it, and what is known of it."""
    root = tmp_path_factory.mktemp("told")
    shutil.copytree(
        layout.SOURCE,
        root / "source" / layout.ASSIGNMENT,
        ignore=shutil.ignore_patterns("__pycache__", ".ipynb*"),
    )
    (root / "nbgrader_config.py").write_text(SETTINGS, "utf-8")
    layout.run_nbgrader("generate_assignment", layout.ASSIGNMENT, cwd=root)
    here = courses.load(root)
    with GradebookConnection(here) as book:
        ((_, recorded),) = book.assignment(layout.ASSIGNMENT).items()
    own = assignment_notebook(here, recorded, layout.ASSIGNMENT)
    support = SupportFiles(here, layout.ASSIGNMENT).names
    return own, known_of(own, support, PrivatePlaces.of(here.secret))


def told(lesson, source):
    """What is told of a submission with this answer."""
    own, known = lesson
    handed_in = submissions.read(sample.submission(source)[layout.NOTEBOOK].encode())
    return list(in_notebook(own, handed_in, assemble(own, handed_in), known))


def test_nothing_is_told_of_any_sample_answer(lesson):
    """No right answer, no wrong one, nor the released notebook itself is called tampering."""
    known = [*answers.load(), *answers.load(answers.LADDER)]
    assert len(known) > 350
    accused = {one.name: words for one in known if (words := told(lesson, one.source))}
    assert (accused, told(lesson, answers.unsolved())) == ({}, [])


def test_nothing_is_told_of_any_mutant(lesson):
    """No right answer that was changed in one place by a machine is called tampering."""
    made = mutants.all_of([one for one in answers.load() if one.right])
    assert len(made) > 1500
    trees = [ast.parse(one.source) for one in made]
    _, known = lesson
    assert [ast.unparse(one) for one in trees if list(in_texts({"conv2d": one}, known))] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("patched-the-checks", ["functions of convlab.checks", "checks.right_again", ".mistake"]),
        ("always-equal", ["decides what a library's comparisons give (__torch_function__"]),
        ("reads-the-target", ["looks for a variable 'case' of the functions that call it"]),
        ("reads-the-solution", ["names source/*/*.ipynb"]),
        ("kills-the-grader", ["signals processes that it did not start (os.kill)"]),
        ("eats-the-memory", []),
        ("floods-the-output", []),
        ("script-in-the-output", []),
    ],
)
def test_what_is_told_of_the_hostile_members(lesson, name, words):
    """Who tries to win points, to read or to end the grader is told of, and by what; who uses up
    what there is, or shows a script, is not."""
    sentences = told(lesson, hostile.ANSWERS[name])
    assert len(sentences) == len(words)
    assert all(one in sentence for one, sentence in zip(words, sentences, strict=True))
