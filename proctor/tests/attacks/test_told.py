"""What of the attacks is told to the instructor: looked through as a grading run does it, not run."""

import contextlib
import os
from collections import Counter

import pytest

from proctor import course as courses
from proctor.assemble.notebook import assemble
from proctor.assemble.source import assignment_notebook
from proctor.gradebook.database import GradebookConnection
from proctor.publish.staging import SupportFiles
from proctor.submission.files import Refused
from proctor.submission.folder import SubmissionFolder
from proctor.tampering.code import TooLong
from proctor.tampering.files import odd_files, odd_links
from proctor.tampering.places import PrivatePlaces
from proctor.tampering.told import in_notebook, in_texts, known_of, modules_of

from . import catalogue, course
from .attack import hand_in

# Attacks by kind: how many are told of, of how many. The others hand in odd values, odd files or
# scripts, use up what there is, hang or die, which is told as such or costs nobody anything.
TOLD = {
    "points": (44, 56),
    "reading": (19, 27),
    "harm": (14, 47),
    "others": (9, 35),
    "notebook": (17, 63),
    "wire": (10, 33),
    "choice": (87, 89),
}
# Those in the catalogue that are honest, to see that nobody loses by what is done against the others.
HONEST = (
    *("nothing-wrong", "honest-but-talkative", "answer-in-another-cell", "honest-file-names"),
    *("right-but-tests-deleted", "byte-order-mark", "renamed-copy", "hangs-on-some-lengths"),
    *("loop-in-the-function", "loop-in-a-sum", "reads-from-the-keyboard", "deep-recursion"),
    *("eats-memory", "skipped-test", "one-very-long-line", "unreadable-notebook"),
)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """{student: sentences} of the whole class."""
    target = course.build(tmp_path_factory.mktemp("told"), 1)
    course.hand_in_victims(target, course.VICTIMS)
    for attack in catalogue.ATTACKS:
        hand_in(target, attack)
    here = courses.load(target.root)
    with GradebookConnection(here) as gradebook:
        recorded = gradebook.assignment(course.ASSIGNMENT)
    places = PrivatePlaces.of(here.secret)
    support = SupportFiles(here, course.ASSIGNMENT).names
    notebooks = {
        name: assignment_notebook(here, one, course.ASSIGNMENT) for name, one in recorded.items()
    }
    known = {name: known_of(one, support, places) for name, one in notebooks.items()}

    def sentences(student):
        try:
            with SubmissionFolder(here, course.ASSIGNMENT, student, list(recorded)) as folder:
                taken = folder.read(list(recorded))
        except Refused:
            return
        place = str(target.folder(student))
        yield from odd_links(place, taken.links, places)
        yield from odd_files(taken.files, support)
        for name, submitted in taken.notebooks.items():
            plan = assemble(notebooks[name], submitted)
            with contextlib.suppress(TooLong):
                yield from in_notebook(notebooks[name], submitted, plan, known[name])
            files = {one: os.path.join(place, one) for one in taken.files}
            yield from in_texts(modules_of(files), known[name])

    everybody = [*course.VICTIMS, *(attack.who for attack in catalogue.ATTACKS)]
    return {student: list(sentences(student)) for student in everybody}


def test_how_many_attacks_are_told_of(told):
    """As many attacks of each kind are told of as the table says."""
    kinds = Counter(attack.kind for attack in catalogue.ATTACKS)
    found = Counter(attack.kind for attack in catalogue.ATTACKS if told[attack.who])
    assert {kind: (found[kind], kinds[kind]) for kind in kinds} == TOLD


@pytest.mark.parametrize("name", [*course.VICTIMS, *HONEST])
def test_nothing_is_told_of_honest_students(told, name):
    """Of honest students, and of who only hangs, talks or uses up memory, nothing is told."""
    who = {attack.name: attack.who for attack in catalogue.ATTACKS}
    assert told[who.get(name, name)] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("run-code-replaced", "replaces run_code of the shell that runs the cells"),
        ("libraries-patched", "replaces tools.same, which belongs to the assignment"),
        ("builtins-patched", "replaces builtins.all, which the tests use"),
        ("expected-from-the-frame", "looks for a variable 'expected' of the functions that call"),
        ("hard-exit-in-the-function", "calls os._exit, which ends its process at once"),
        ("always-equal-list", "makes objects that are equal to everything (its class Liar)"),
        ("reads-gradebook", "gradebook.db*, where the course keeps what no student sees"),
        ("reads-parents-memory", "names /proc/*/mem, by which other processes"),
        ("kills-its-parent", "signals processes that it did not start (os.kill)"),
        ("kills-everything", "signals processes that it did not start (os.kill)"),
        ("edits-classmates-work", "/submitted, where the course keeps what no student sees"),
        ("poisons-configuration", "nbgrader_config.py, which is not a student's"),
        ("more-points", "say points=1000 instead of 4"),
        (
            "tests-unlocked",
            "The text of the locked tests checks-mean, checks-describe, checks-both",
        ),
        ("tag-skip-execution", "say the tag skip-execution"),
        ("package-named-tools", "in the place of the assignment's own module tools"),
        ("file-named-numpy", "numpy.py, line 3: its code replaces builtins.all"),
        (
            "launcher-replaced",
            "ipykernel_launcher.py was handed in, which is a name of what starts",
        ),
        ("linked-notebook-classmate", "means.ipynb was handed in as a link to "),
        ("speaks-the-protocol", "searches its process for the grader's Channel (gc)"),
        ("rewrites-what-was-found", "/.proctor/**/*, where the course keeps what no student sees"),
    ],
)
def test_what_is_told_of_an_attack(told, name, words):
    """What an attack plainly does is told in so many words."""
    assert any(words in sentence for sentence in told[name]), told[name]
