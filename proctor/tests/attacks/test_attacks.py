"""No attack succeeds against proctor: one class of all attackers together and three honest students,
graded once."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

import pytest

from proctor.examiner.worker import snapshot

from . import arena, catalogue, course, judge
from .attack import hand_in

SECONDS = 3000
MEMORY = (
    12 * arena.GIB
)  # what is refused must not cost this machine its memory if it is not refused
WORKERS = (
    "4"  # two for each processor of a small machine: most attackers wait until their time is up
)
PROCTOR = [sys.executable, "-m", "proctor"]


def protected():
    """Whether `proctor doctor` finds the protection that hostile code needs."""
    said = subprocess.run([*PROCTOR, "doctor"], capture_output=True, text=True)
    return said.returncode == 0


PROTECTED = protected()


def skipped(attack):
    """Why an attack is not tried on this machine, in words; None where it is."""
    if attack.fenced and not arena.FENCED:
        return "this machine has no namespaces to fence the attack in, should it succeed"
    if attack.dangerous and not PROTECTED:
        return "`proctor doctor` says that this machine has no sandbox: proctor refuses to grade here without --no-sandbox"
    return None


TRIED = [attack for attack in catalogue.ATTACKS if not skipped(attack)]


@dataclass
class Battle:
    """What is left when the class is graded."""

    target: course.Target
    arena: dict
    before: judge.Before
    points: dict
    waiting: dict
    report: dict


@pytest.fixture(scope="module")
def battle(tmp_path_factory):
    """The class handed in and graded by `proctor grade`, a second time for those who had handed in something better before."""
    target = course.build(tmp_path_factory.mktemp("attacks"), arena.free_port())
    earlier = [attack for attack in TRIED if attack.earlier]
    for attack in earlier:
        hand_in(target, attack, only=attack.earlier)
    run(target, ["grade", course.ASSIGNMENT])
    for attack in earlier:
        shutil.rmtree(target.folder(attack.who))
    course.hand_in_victims(target, course.VICTIMS)
    for attack in TRIED:
        hand_in(target, attack)
    before = judge.Before.of(target)
    fought = run(
        target,
        ["grade", course.ASSIGNMENT, "--force", "--json", "--workers", WORKERS],
        ["feedback", course.ASSIGNMENT],
    )
    said = fought["runs"][0]["said"] if fought["runs"] else fought["problem"]
    return Battle(
        target, fought, before, judge.points(target), judge.waiting(target), report_in(said)
    )


def run(target, *commands):
    extra = [] if PROTECTED else ["--no-sandbox"]
    return arena.run(
        target.base,
        [[*PROCTOR, *words, *(extra if words[0] == "grade" else [])] for words in commands],
        port=target.port,
        environ=target.environ(),
        seconds=SECONDS,
        memory=MEMORY,
    )


def report_in(said):
    """The JSON in what proctor said, which may have other lines around it; what it said, where there is none."""
    for at in (
        place
        for place, letter in enumerate(said)
        if letter == "{" and said[place - 1 : place] in ("", "\n")
    ):
        try:
            return json.JSONDecoder().raw_decode(said[at:])[0]
        except ValueError:
            pass
    return {"said": said}


def test_grading_ends_with_a_report(battle):
    """A class with all attackers in it is graded to its end, some could not be, and the report is readable."""
    grade = battle.arena["runs"][0]
    assert (grade["status"], "said" in battle.report) == (1, False), grade["said"][-3000:]


@pytest.mark.parametrize(
    "attack",
    [pytest.param(attack, id=f"{attack.kind}-{attack.name}") for attack in catalogue.ATTACKS],
)
def test_attack_wins_nothing(battle, attack):
    """The attacker gets what the answer deserves, and reads, leaves and smuggles nothing."""
    if reason := skipped(attack):
        pytest.skip(reason)
    assert list(judge.personal(battle.target, attack, battle.points)) == []


def test_the_reference_chooses_how_a_test_is_graded(battle):
    """Whatever the class hands in, the tests that the reference sends in process are, and no others."""
    assert {course.SECOND: sorted(course.IN_PROCESS)} == battle.report["in_process"]


@pytest.mark.parametrize(
    "attack", [attack for attack in TRIED if attack.kind == "choice"], ids=lambda one: one.name
)
def test_an_attack_on_the_choice_waits_for_a_human_at_most(battle, attack):
    """A cell of an attacker's waits for a human only where the attack brought about a dispute."""
    assert set(battle.waiting.get(attack.who, ())) <= set(attack.waits)


def test_no_honest_student_waits_for_a_human(battle):
    """The class's attackers send no classmate's test to a human."""
    assert {name: [] for name in course.VICTIMS} == {
        name: battle.waiting.get(name) for name in course.VICTIMS
    }


def test_the_report_tells_of_attackers_and_of_no_honest_student(battle):
    """What looks like tampering is told of attackers (test_told.py says of how many), and of nobody else."""
    told = {row["student"] for row in battle.report["rows"] if row["tampering"]}
    assert {"run-code-replaced", "kills-its-parent", "linked-files", "tests-unlocked"} <= told
    assert not told & {*course.VICTIMS, "nothing-wrong", "honest-file-names"}


def test_a_dispute_is_told_without_the_students_words(battle):
    """What a human is told of a cell that waits holds no name that the student gave to a class."""
    told = [
        sentence
        for row in battle.report["rows"]
        if row["student"] == "boasts-in-a-class-name"
        for sentence in row["human"]
    ]
    assert len(told) == 2
    assert not [one for one in told if "BOAST" in one or judge.OWNED in one]


@pytest.mark.parametrize("name", course.VICTIMS)
def test_classmates_get_what_they_deserve(battle, name):
    """An honest student in a class of attackers gets the points of the work."""
    assert course.VICTIMS[name].deserves == judge.worth(battle.points.get(name, {}))


def test_the_world_around_is_untouched(battle):
    """Nothing is sent, written outside, changed, or left running by the class as a whole."""
    assert (
        list(
            judge.general(
                battle.target, battle.arena, battle.before, list(course.VICTIMS), battle.points
            )
        )
        == []
    )


def rewritten(folder):
    about = (folder / "tools.py").stat()
    (folder / "tools.py").write_text("x = 2")
    os.utime(folder / "tools.py", ns=(about.st_atime_ns, about.st_mtime_ns))


def compiled(folder):
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "tools.cpython-311.pyc").write_bytes(b"")


@pytest.mark.parametrize("change", [lambda folder: None, rewritten, compiled])
def test_what_a_test_leaves_in_its_folder_is_seen(tmp_path, change):
    """A test that ran a student's text leaves nothing to the next submission: not a file whose time
    was set back, nor bytecode."""
    (tmp_path / "tools.py").write_text("x = 1")
    before = snapshot(tmp_path)
    change(tmp_path)
    assert (before != snapshot(tmp_path)) == (change in (rewritten, compiled))


def test_every_attack_is_known_by_one_name():
    """No two attacks share a name or a student, so that each is judged by itself."""
    names = [attack.who for attack in catalogue.ATTACKS]
    assert len(set(names)) == len(names)


def test_without_a_sandbox_grading_is_refused_in_words(tmp_path):
    """A machine without protection is told so in a sentence that names --no-sandbox; a machine with it says what it has."""
    said = subprocess.run([*PROCTOR, "doctor"], capture_output=True, text=True)
    assert "landlock" in (said.stdout + said.stderr).lower()
    assert PROTECTED or "--no-sandbox" in said.stdout + said.stderr
