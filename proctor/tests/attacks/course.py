"""Owns the small course that is attacked: an assignment with hidden tests, its victims, its canaries, and the environment it is graded in."""

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
POINTS = {"checks-mean": 4, "checks-describe": 3, "checks-both": 5, "why": 3}
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
WRONG_MEAN = "def mean_filter(values, width):\n    return []"
WRONG_DESCRIBE = "def describe(values):\n    return {}"
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
CONFIG = f"""c = get_config()
c.CourseDirectory.course_id = "attacked"
c.Execute.timeout = 4
c.ClearSolutions.code_stub = {{"python": "raise NotImplementedError()"}}
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


def source_notebook(canaries):
    """The instructor's notebook, solution and hidden tests in it."""

    def solution(text):
        return f"### BEGIN SOLUTION\n# {canaries['solution']}\n{text}\n### END SOLUTION"

    def checks(name, text):
        return cell(
            "code",
            name,
            text.format(hidden=canaries["hidden"]),
            grade=True,
            locked=True,
            points=POINTS[name],
        )

    notebook = nbformat.v4.new_notebook(
        cells=[
            cell("markdown", "intro", "# Running means", locked=True),
            cell(
                "code",
                "setup",
                "import math, unittest\nimport numpy, numpy.testing\nimport tools\nRAINFALL = [3.0, 0.0, 6.0, 9.0]",
                locked=True,
            ),
            cell("code", "mean", solution(RIGHT_MEAN), solution=True),
            cell("code", "look", "smooth = mean_filter(RAINFALL, 3)\nsmooth", locked=True),
            checks("checks-mean", CHECKS_MEAN),
            cell("code", "describe", solution(RIGHT_DESCRIBE), solution=True),
            checks("checks-describe", CHECKS_DESCRIBE),
            checks("checks-both", CHECKS_BOTH),
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
    notebook.metadata["kernelspec"] = dict(
        name="python3", display_name="Python 3", language="python"
    )
    return notebook


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


def released(target):
    return json.loads((target.root / "release" / ASSIGNMENT / f"{NOTEBOOK}.ipynb").read_text())


def answered(target, mean, describe, why=None):
    """The released notebook as a student saves it with these answers, as JSON data."""
    notebook = copy.deepcopy(released(target))
    by_name(notebook, "mean")["source"] = mean
    by_name(notebook, "describe")["source"] = describe
    if why is not None:
        by_name(notebook, "why")["source"] = why
    return notebook


def by_name(notebook, name):
    return next(each for each in notebook["cells"] if grade_id(each) == name)


def grade_id(cell):
    meta = cell["metadata"].get("nbgrader", {})
    return meta.get("grade_id") if isinstance(meta, dict) else None


VICTIMS = {
    "aa-half": (RIGHT_MEAN, WRONG_DESCRIBE, MEAN_ONLY),
    "zz-half": (RIGHT_MEAN, WRONG_DESCRIBE, MEAN_ONLY),
    "zz-right": (RIGHT_MEAN, RIGHT_DESCRIBE, FULL),
}


def hand_in_victims(target, names):
    """The honest students' work, a canary in each."""
    for name in names:
        mean, describe, _ = VICTIMS[name]
        target.folder(name).mkdir(parents=True)
        notebook = answered(
            target, f"{mean}\n# {target.canaries['victim']}", describe, "Because it does not fit."
        )
        (target.folder(name) / f"{NOTEBOOK}.ipynb").write_text(json.dumps(notebook))
