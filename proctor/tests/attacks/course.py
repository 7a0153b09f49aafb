"""The small course that is attacked: an assignment of two notebooks with hidden tests, its victims, its
canaries, and the environment it is graded in.

The tests of the first notebook, "means", are all isolated. Those of the second one, "accounts", are
mixed: two compare objects, and so are graded in process.
"""

import copy
import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

ASSIGNMENT = NOTEBOOK = "means"
SECOND = "accounts"
POINTS = {
    "checks-mean": 4,
    "checks-describe": 3,
    "checks-both": 5,
    "why": 3,
    "checks-equal": 2,
    "checks-deposit": 3,
    "checks-interest": 4,
    "checks-value": 3,
}
IN_PROCESS = ("checks-equal", "checks-value")
KINDS = ("hidden", "solution", "gradebook", "victim", "environ", "home")

RIGHT_MEAN = """
def mean_filter(values, width):
    return [float(sum(values[at:at + width])) / width for at in range(len(values) - width + 1)]
""".strip()
RIGHT_DESCRIBE = """
def describe(values):
    if not len(values):
        raise ValueError("no values")
    return {"count": len(values), "mean": sum(values) / len(values), "largest": max(values)}
""".strip()
RIGHT_ACCOUNT = """
class Account:
    def __init__(self, owner, balance=0.0):
        self.owner, self.balance, self.log = owner, float(balance), []

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError("nothing to deposit")
        self.balance += amount
        self.log.append(amount)
        return self

    def each(self, action):
        return [action(amount) for amount in self.log]

    def __eq__(self, other):
        return (self.owner, self.balance) == (other.owner, other.balance)
""".strip()
RIGHT_INTEREST = """
def interest(kind, balance, years):
    return [balance * (1 + RATES[kind]) ** year for year in range(1, years + 1)]
""".strip()
WRONG_MEAN = "def mean_filter(values, width):\n    return []"
WRONG_DESCRIBE = "def describe(values):\n    return {}"
WRONG_ACCOUNT = "class Account:\n    pass"
WRONG_INTEREST = "def interest(kind, balance, years):\n    return []"
SECOND_FULL = {name: POINTS[name] for name in list(POINTS)[4:]}
ISOLATED_ONLY = {name: SECOND_FULL[name] for name in SECOND_FULL if name not in IN_PROCESS}
FULL = {"checks-mean": 4, "checks-describe": 3, "checks-both": 5}
MEAN_ONLY = {"checks-mean": 4, "checks-both": 4}

TOOLS = '''"""Owns the numbers of this lesson."""


def ramp(length):
    return [float(value) for value in range(length)]


def same(left, right):
    return list(left) == list(right)
'''
CHECKS_MEAN = """assert mean_filter([1, 2, 3], 1) == [1.0, 2.0, 3.0]
### BEGIN HIDDEN TESTS
note = "{hidden}"
expected = [2.0, 3.0, 4.0]
got = mean_filter([1, 2, 3, 4, 5], 3)
assert got == expected, "five values"
assert not got != expected
assert len(got) == 3 and isinstance(got, list)
expected = [6.0]
assert tools.same(mean_filter([4, 8], 2), expected)
expected = [1.5, 2.5, 3.5, 4.5, 5.5]
numpy.testing.assert_allclose(mean_filter(numpy.arange(8.0), 4), expected)
values = [3, 9, 4]
mean_filter(values, 2)
assert values == [3, 9, 4], "the values were changed"
### END HIDDEN TESTS"""
CHECKS_DESCRIBE = """assert isinstance(describe([2.0, 4.0]), dict)
### BEGIN HIDDEN TESTS
note = "{hidden}"
expected = {{"count": 2, "mean": 3.0, "largest": 4.0}}
assert describe([2.0, 4.0]) == expected
assert abs(describe([0.1, 0.3])["mean"] - 0.2) < 1e-9
assert math.isclose(describe([7.0])["largest"], 7.0)
unittest.TestCase().assertEqual(describe([5.0, 1.0, 3.0])["count"], 3)
try:
    describe([])
except ValueError:
    pass
else:
    raise AssertionError("no values were described")
### END HIDDEN TESTS"""
CHECKS_BOTH = """points = 0
if all(len(mean_filter(tools.ramp(length), 2)) == length - 1 for length in (3, 5)):
    points += 2
### BEGIN HIDDEN TESTS
note = "{hidden}"
expected = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
got = mean_filter(tools.ramp(9), 3)
if len(got) == len(expected) and numpy.allclose(got, expected):
    points += 2
if points == 4 and describe([1.0, 3.0]).get("mean") == 2.0:
    points += 1
### END HIDDEN TESTS
points"""
ACCOUNTS_SETUP = """import copy
import numpy
TOLERANCE = 1e-6
RATES = {"basic": 0.0, "saver": 0.02}
def near(left, right):
    return abs(left - right) <= TOLERANCE"""
CHECKS_EQUAL = """assert Account("ann", 3) == Account("ann", 3)
### BEGIN HIDDEN TESTS
assert Account("ann", 3) != Account("bob", 3)
assert copy.copy(Account("eve", 1.5)) == Account("eve", 1.5)
### END HIDDEN TESTS"""
CHECKS_DEPOSIT = """account = Account("ann", 5)
account.deposit(2.5)
assert near(account.balance, 7.5)
### BEGIN HIDDEN TESTS
note = "{hidden}"
assert account.owner.startswith("an") and not account.owner.endswith("x")
assert len(account.log) == 1 and account.log[0] == 2.5
assert account.deposit(1).deposit(1.0).balance == 9.5
seen = []
assert account.each(lambda amount: seen.append(amount) or 2 * amount) == [5.0, 2, 2.0]
assert sum(seen) == 4.5
try:
    account.deposit(-1)
except ValueError:
    pass
else:
    raise AssertionError("less than nothing was deposited")
### END HIDDEN TESTS"""
CHECKS_INTEREST = """points = 0
if interest("basic", 10.0, 3) == [10.0, 10.0, 10.0]:
    points += 1
### BEGIN HIDDEN TESTS
note = "{hidden}"
got = interest("saver", 100.0, 2)
if len(got) == 2 and near(got[0], 102.0) and numpy.allclose(got, [102.0, 104.04]):
    points += 2
if near(statement[1], 52.02):
    points += 1
### END HIDDEN TESTS
points"""
CHECKS_VALUE = """points = 0
if Account("x") == Account("x"):
    points += 1
### BEGIN HIDDEN TESTS
if Account("x", 1) != Account("x") and not interest("basic", 1.0, 0):
    points += 1
if Account("a", 2) in [Account("b", 2), Account("a", 2)]:
    points += 1
### END HIDDEN TESTS
points"""
CONFIG = """c = get_config()
c.CourseDirectory.course_id = "attacked"
c.Execute.timeout = 4
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError()"}
"""


@dataclass
class Target:
    """One course directory under attack; `base` also holds what lies outside the course."""

    base: Path
    port: int
    canaries: dict = field(
        default_factory=lambda: {kind: f"CANARY-{kind}-{secrets.token_hex(8)}" for kind in KINDS}
    )

    @property
    def root(self):
        return self.base / "course"

    @property
    def outside(self):
        return self.base / "outside"

    def folder(self, student):
        return self.root / "submitted" / student / ASSIGNMENT

    def filled(self, text):
        """A hostile text with this target's paths and port filled in: the attacker is taken to know them."""
        for name, value in (
            ("COURSE", self.root),
            ("OUTSIDE", self.outside),
            ("PORT", self.port),
            ("HOME", self.base / "home"),
        ):
            text = text.replace("{{" + name + "}}", str(value))
        return text

    def environ(self):
        """The grader's environment: a home and a token that no student may see."""
        keep = {
            name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG") if name in os.environ
        }
        if "PYTHONPATH" in keep:
            keep["PYTHONPATH"] = os.pathsep.join(
                str(Path(part).resolve()) for part in keep["PYTHONPATH"].split(os.pathsep) if part
            )
        return keep | {
            "HOME": str(self.base / "home"),
            "TMPDIR": str(self.base / "tmp"),
            "OMP_NUM_THREADS": "1",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            "GRADER_TOKEN": self.canaries["environ"],
            "PROCTOR_WAIT": "0",
        }


def cell(kind, name, source, **nbgrader):
    made = (
        nbformat.v4.new_markdown_cell(source)
        if kind == "markdown"
        else nbformat.v4.new_code_cell(source)
    )
    made.id = name
    if nbgrader:
        made.metadata["nbgrader"] = (
            dict(
                grade_id=name,
                schema_version=3,
                grade=False,
                solution=False,
                locked=False,
                task=False,
            )
            | nbgrader
        )
    return made


def solution(canaries, name, text):
    """A solution cell, a canary in it."""
    text = f"### BEGIN SOLUTION\n# {canaries['solution']}\n{text}\n### END SOLUTION"
    return cell("code", name, text, solution=True)


def checks(canaries, name, text):
    """A test with its points."""
    text = text.format(hidden=canaries["hidden"])
    return cell("code", name, text, grade=True, locked=True, points=POINTS[name])


def notebook_of(cells):
    made = nbformat.v4.new_notebook(cells=cells)
    made.metadata["kernelspec"] = dict(name="python3", display_name="Python 3", language="python")
    return made


def source_notebook(canaries):
    """The instructor's first notebook, solution and hidden tests in it."""
    return notebook_of(
        [
            cell("markdown", "intro", "# Running means", locked=True),
            cell(
                "code",
                "setup",
                "import math, unittest\nimport numpy, numpy.testing\nimport tools\n"
                "RAINFALL = [3.0, 0.0, 6.0, 9.0]",
                locked=True,
            ),
            solution(canaries, "mean", RIGHT_MEAN),
            cell("code", "look", "smooth = mean_filter(RAINFALL, 3)\nsmooth", locked=True),
            checks(canaries, "checks-mean", CHECKS_MEAN),
            solution(canaries, "describe", RIGHT_DESCRIBE),
            checks(canaries, "checks-describe", CHECKS_DESCRIBE),
            checks(canaries, "checks-both", CHECKS_BOTH),
            cell(
                "markdown",
                "why",
                "Why is the result shorter?",
                grade=True,
                solution=True,
                points=POINTS["why"],
            ),
        ]
    )


def second_notebook(canaries):
    """The instructor's second notebook, whose tests are graded both ways."""
    return notebook_of(
        [
            cell("code", "setup-accounts", ACCOUNTS_SETUP, locked=True),
            solution(canaries, "account", RIGHT_ACCOUNT),
            checks(canaries, "checks-equal", CHECKS_EQUAL),
            checks(canaries, "checks-deposit", CHECKS_DEPOSIT),
            solution(canaries, "interest", RIGHT_INTEREST),
            cell("code", "statement", 'statement = interest("saver", 50.0, 2)', locked=True),
            checks(canaries, "checks-interest", CHECKS_INTEREST),
            checks(canaries, "checks-value", CHECKS_VALUE),
        ]
    )


def build(base, port):
    """A course directory with the assignment generated by nbgrader itself; nobody has handed in anything yet."""
    target = Target(base, port)
    source = target.root / "source" / ASSIGNMENT
    for folder in (source, target.outside, base / "home", base / "tmp"):
        folder.mkdir(parents=True)
    (base / "home" / ".netrc").write_text(
        f"machine example.org password {target.canaries['home']}\n"
    )
    (target.root / "nbgrader_config.py").write_text(CONFIG)
    (source / "tools.py").write_text(TOOLS)
    nbformat.write(source_notebook(target.canaries), source / f"{NOTEBOOK}.ipynb")
    nbformat.write(second_notebook(target.canaries), source / f"{SECOND}.ipynb")
    words = [sys.executable, "-m", "nbgrader", "generate_assignment", ASSIGNMENT]
    done = subprocess.run(
        words, cwd=target.root, env=target.environ(), capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"nbgrader generate_assignment failed:\n{done.stderr[-3000:]}")
    enrol(target)
    return target


def enrol(target):
    """Put a canary where only the gradebook has it: a student's name."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{target.root / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_student("zz-half", last_name=target.canaries["gradebook"])


def released(target, name=NOTEBOOK):
    return json.loads((target.root / "release" / ASSIGNMENT / f"{name}.ipynb").read_text())


def answered(target, mean, describe, why=None):
    """The released first notebook as a student saves it with these answers, as JSON data."""
    notebook = copy.deepcopy(released(target))
    by_name(notebook, "mean")["source"] = mean
    by_name(notebook, "describe")["source"] = describe
    if why is not None:
        by_name(notebook, "why")["source"] = why
    return notebook


def answered_second(target, account, interest):
    """The released second notebook with these answers, as JSON data."""
    notebook = copy.deepcopy(released(target, SECOND))
    by_name(notebook, "account")["source"] = account
    by_name(notebook, "interest")["source"] = interest
    return notebook


def by_name(notebook, name):
    return next(each for each in notebook["cells"] if grade_id(each) == name)


def grade_id(cell):
    meta = cell["metadata"].get("nbgrader", {})
    return meta.get("grade_id") if isinstance(meta, dict) else None


@dataclass(frozen=True)
class Victim:
    """An honest student: the answers, and the points they deserve."""

    mean: str
    describe: str
    account: str
    interest: str
    deserves: dict


HALF = Victim(
    RIGHT_MEAN,
    WRONG_DESCRIBE,
    RIGHT_ACCOUNT,
    WRONG_INTEREST,
    # an empty list is right for no years
    MEAN_ONLY | {"checks-equal": 2, "checks-deposit": 3, "checks-value": 3},
)
VICTIMS = {
    "aa-half": HALF,
    "zz-half": HALF,
    "zz-right": Victim(
        RIGHT_MEAN, RIGHT_DESCRIBE, RIGHT_ACCOUNT, RIGHT_INTEREST, FULL | SECOND_FULL
    ),
}


def hand_in_victims(target, names):
    """The honest students' work, a canary in each."""
    for name in names:
        victim = VICTIMS[name]
        target.folder(name).mkdir(parents=True)
        mark = f"\n# {target.canaries['victim']}"
        first = answered(target, victim.mean + mark, victim.describe, "Because it does not fit.")
        second = answered_second(target, victim.account + mark, victim.interest)
        for notebook, file in ((first, NOTEBOOK), (second, SECOND)):
            (target.folder(name) / f"{file}.ipynb").write_text(json.dumps(notebook))
