"""A course directory in a temporary folder, and grading copies of it with stock nbgrader and with proctor."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from . import making, tables

SETTINGS = """
import os, sys
here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
c = get_config()
c.CourseDirectory.course_id = "parity"
c.Execute.timeout = 60
c.Execute.iopub_timeout = 60
"""


@dataclass(frozen=True)
class Course:
    """A course to compare on; `source` maps file names to text, bytes or notebooks, `submissions` students to Submission or files."""

    name: str
    assignment: str
    source: dict
    submissions: dict
    settings: str = ""
    files: dict = field(default_factory=dict)  # beside nbgrader_config.py
    folders: dict = field(
        default_factory=dict
    )  # nbgrader's step: the folder's name, where it is another
    order: str = "{step}/{student}/{assignment}"
    database: str = "gradebook.db"
    due: object = None

    def folder(self, step, student):
        """Where a student's files of a step lie."""
        return self.order.format(
            step=self.folders.get(step, step), student=student, assignment=self.assignment
        )

    def url(self, root):
        """The database's address."""
        return f"sqlite:///{root / self.database}"


def environment(**more):
    """The environment in which both graders are started: warnings as a kernel shows them, and proctor found from any folder."""
    programs = str(Path(sys.executable).parent)  # nbgrader starts alembic by its name
    path = programs + os.pathsep + os.environ.get("PATH", "")
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    return {**kept, "PATH": path, "OMP_NUM_THREADS": "1", **more}


def built(course, root):
    """The course directory with its assignment released and everything handed in."""
    write(root / course.folder("source", "."), course.source)
    write(root, {"nbgrader_config.py": SETTINGS + course.settings, **course.files})
    status, said = run(["nbgrader", "generate_assignment", course.assignment], root)
    assert status == 0, said[-3000:]
    with Gradebook(course.url(root), "parity") as book:
        book.update_or_create_assignment(course.assignment, duedate=course.due)
    released = {
        path.stem: nbformat.read(path, as_version=nbformat.NO_CONVERT)
        for path in (root / course.folder("release", ".")).glob("*.ipynb")
    }
    for student, work in course.submissions.items():
        files = making.handed_in(released, work) if isinstance(work, making.Submission) else work
        write(root / course.folder("submitted", student), files)
    return root


def write(folder, files):
    """Write files of text, bytes or notebooks under a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(
                content if isinstance(content, str) else nbformat.writes(content), "utf-8"
            )


def run(command, root, **more):
    """Run a command in the course directory: its exit status and all it said; half an hour is more than any course takes."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=root,
        env=environment(**more),
        text=True,
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        timeout=1800,
    )
    return done.returncode, done.stdout


def stock(course):
    """Stock nbgrader's command for the whole class."""
    return ["nbgrader", "autograde", course.assignment]


def proctor(course):
    """Our command for the whole class."""
    return ["proctor", "grade", course.assignment, *os.environ.get("PROCTOR_OPTIONS", "").split()]


@dataclass(frozen=True)
class Graded:
    """A course after grading: its directory, the gradebook by table, the command's exit status and what it said."""

    course: Course
    root: Path
    book: dict
    status: int
    said: str

    def autograded(self, student):
        """The names of the files in a student's autograded folder."""
        folder = self.root / self.course.folder("autograded", student)
        return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def graded(course, root, command):
    """Grade the course directory `root` with a command."""
    status, said = run(command(course), root)
    return Graded(course, root, tables.read(course.url(root)), status, said)


def both(course, folder):
    """Grade two copies of the course, at the same time: (stock, proctor)."""
    original = built(course, folder / "original")
    copies = [shutil.copytree(original, folder / name) for name in ("stock", "proctor")]
    with ThreadPoolExecutor(2) as pool:
        return tuple(pool.map(graded, [course, course], copies, [stock, proctor]))
