"""What the guide for teachers shows is what its commands print, in a course as it describes it."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from course import answers, layout, notebook

GUIDE = layout.ROOT / "docs" / "teaching"
CLASS = """id,first_name,last_name,email
123456,Ada,Lovelace,ada@example.org
123457,Grace,Hopper,grace@example.org
123458,Dan,Dare,dan@example.org
123459,Eve,Ek,eve@example.org
"""
# As Moodle writes it (mod/assign/gradingtable.php).
WORKSHEET = "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,"
WORKSHEET += "Last modified (submission),Last modified (grade),Feedback comments\n"
for number, name in enumerate(("Ada Lovelace", "Grace Hopper", "Dan Dare", "Eve Ek"), 123456):
    WORKSHEET += f"Participant {number},{name},,Submitted for grading,,10.00,Yes,-,-,\n"
WORKSHEET += "Participant 123499,Nina Newman,,No submission,,10.00,Yes,-,-,\n"
# As Canvas's Gradebook > Export writes it (lib/gradebook_exporter.rb).
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Convolution (4321)
    Points Possible,,,,,20
"Lovelace, Ada",123456,,ada,Lab,
"Hopper, Grace",123457,,grace,Lab,EX
"Dare, Dan",123458,,dan,Lab,
"Ek, Eve",123459,,eve,Lab,
"Student, Test",99999,,,Lab,
"""


def shown(page, beginning):
    """The lines of the page's block that begins so, without their indentation."""
    blocks = re.split(r"\n\s*\n", (GUIDE / page).read_text("utf-8"))
    (block,) = [one for one in blocks if one.strip().startswith(beginning)]
    return [line.strip() for line in block.splitlines()]


def solved():
    """The released notebook with a right answer."""
    found = notebook.read(layout.ROOT / "release" / layout.ASSIGNMENT / layout.NOTEBOOK)
    (right,) = [one for one in answers.load() if one.name == "patch_sums"]
    notebook.stub(found).source = right.source
    return found


class Course:
    """A course folder with the lesson, and what its commands print."""

    def __init__(self, root):
        self.root = root
        shutil.copy(layout.ROOT / "nbgrader_config.py", root)
        caches = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(layout.ROOT / "source", root / "source", ignore=caches)
        self.run("nbgrader generate_assignment convolution --force")

    def run(self, command):
        """What a command prints, its lines without nbgrader's prefix and indentation."""
        binaries = Path(sys.executable).parent
        environment = os.environ | {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
        program, *words = command.split()
        done = subprocess.run(
            [str(binaries / program), *words],
            cwd=self.root,
            env=environment | {"PROCTOR_WAIT": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
        text = re.sub(r"^\[\w+ \| \w+\] ", "", done.stdout + done.stderr, flags=re.MULTILINE)
        return [line.strip() for line in text.splitlines()]

    def download(self, files):
        """Put a download into its folder."""
        archive = self.root / "downloaded" / "convolution" / "archive"
        shutil.rmtree(archive, ignore_errors=True)
        archive.mkdir(parents=True)
        with zipfile.ZipFile(archive / "all.zip", "w") as packed:
            for name, data in files.items():
                packed.writestr(name, data)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course of the guide's examples, collected and graded: Ada's is right, Grace's as it was
    released, Dan's no notebook, and Eve handed in nothing."""
    made = Course(tmp_path_factory.mktemp("course"))
    (made.root / "class.csv").write_text(CLASS)
    (made.root / "worksheet.csv").write_text(WORKSHEET)
    (made.root / "gradebook.csv").write_text(CANVAS)
    made.run("nbgrader db student import class.csv")
    right = made.root / "right.ipynb"
    notebook.write(solved(), right)
    released = layout.ROOT / "release" / layout.ASSIGNMENT / layout.NOTEBOOK
    name = "{}_assignsubmission_file_convolution.ipynb"
    made.download(
        {
            name.format("Ada Lovelace_123456"): right.read_bytes(),
            name.format("Grace Hopper_123457"): released.read_bytes(),
            name.format("Dan Dare_123458"): b"no notebook",
        }
    )
    made.run("nbgrader zip_collect convolution")
    made.run("proctor grade convolution")
    made.run("proctor feedback convolution")
    made.reported = made.run("proctor report convolution")  # before a test hands in anything late
    return made


def test_collecting(course):
    """A broken zip, a late file and the number of students are told in the guide's words."""
    lines = shown("collect.md", "NOT COLLECTED")
    course.run("nbgrader db assignment add convolution --duedate=2026-11-30")
    released = (layout.ROOT / "release" / layout.ASSIGNMENT / layout.NOTEBOOK).read_bytes()
    course.download(
        {
            "Ben Okri_2_assignsubmission_file_work.zip": b"Rar!\x1a\x07\x01\x00",
            "hopper_LATE_12346_987655_convolution.ipynb": released,
            "cyd_convolution.ipynb": released,
        }
    )
    printed = course.run("nbgrader zip_collect convolution")
    for student in ("12346", "cyd"):
        shutil.rmtree(course.root / "submitted" / student)
    assert printed[-len(lines) :] == lines


@pytest.mark.parametrize(
    "beginning",
    [
        "proctor export convolution --to moodle --feedback",
        "proctor export convolution --to moodle --from worksheet.csv\n",
        "proctor export convolution --to canvas",
    ],
)
def test_returning(course, beginning):
    """What an export tells is what the guide shows."""
    blocks = re.split(r"\n\s*\n", (GUIDE / "return.md").read_text("utf-8"))
    (block,) = [one for one in blocks if one.strip().startswith(beginning)]
    command, *lines = [line.strip() for line in block.splitlines()]
    assert course.run(command) == lines


def test_the_plain_file(course):
    """Its columns and the lines of the guide are in it."""
    lines = shown("return.md", "assignment,duedate,timestamp")
    course.run("proctor export convolution --to csv")
    written = (course.root / "convolution-grades.csv").read_text("utf-8").splitlines()
    written = [re.sub(r"^convolution,[^,]*,", "convolution,,", line) for line in written]
    assert [line for line in lines if line not in written] == []


def test_dates(course):
    """A due date is shown in UTC, lateness is told, and the penalty is taken off."""
    page = (GUIDE / "dates.md").read_text("utf-8")
    course.run("nbgrader db assignment add convolution --duedate=2026-11-30T22:59:00")
    assert "convolution (due: 2026-11-30 22:59:00)" in page
    assert "convolution (due: 2026-11-30 22:59:00)" in course.run("nbgrader db assignment list")
    place = course.root / "submitted" / "123456" / "convolution" / "timestamp.txt"
    place.write_text("2026-12-01 08:00:00 UTC")
    settings = course.root / "nbgrader_config.py"
    before = settings.read_text()
    settings.write_text(before + 'c.LateSubmissionPlugin.penalty_method = "zero"\n')
    printed = course.run("proctor grade convolution --student 123456 --force")
    settings.write_text(before)
    place.unlink()
    assert 'c.LateSubmissionPlugin.penalty_method = "zero"' in page
    told = [line.replace("123456:", "ada:") for line in printed]
    assert "ada: 9.0 hours late, penalty 10." in told
    assert "ada: 9.0 hours late, penalty 10." in page
    assert any(line.endswith("10 of 10  late: −10") for line in printed)


def test_looking(course):
    """What `proctor report` tells of the guide's class is what its page shows."""
    page = (GUIDE / "look.md").read_text("utf-8")
    *printed, written = course.reported
    assert written == f"Written: {course.root / 'reports' / 'convolution.html'}"
    blocks = re.split(r"\n\s*\n", page)
    shown_there = [[line.strip() for line in block.strip().splitlines()] for block in blocks]
    parts = "\n".join(printed).strip().split("\n\n")
    assert [part for part in parts if part.splitlines() not in shown_there] == []
    assert len(parts) == 5
