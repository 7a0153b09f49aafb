"""Owns the course on numpy, torch and plots, with late penalties, folders and a database of its own names."""

import datetime
from pathlib import Path

from .. import making
from ..running import Course

HERE = Path(__file__).parent

COURSE = Course(
    name="arrays",
    assignment="week-3",
    source={"arrays.ipynb": making.notebook((HERE / "arrays.py").read_text("utf-8"))},
    submissions=making.students((HERE / "submissions.py").read_text("utf-8")),
    files={"penalty.py": (HERE / "penalty.py").read_text("utf-8")},
    folders={
        "source": "teacher",
        "submitted": "handed_in",
        "autograded": "marked",
        "release": "given",
    },
    order="{step}/{assignment}/{student}",
    database="marks/points.db",
    due=datetime.datetime(2026, 1, 10, 12, 0),
    settings="""
import penalty
os.makedirs(os.path.join(here, "marks"), exist_ok=True)
c.CourseDirectory.db_url = "sqlite:///" + os.path.join(here, "marks", "points.db")
c.CourseDirectory.directory_structure = os.path.join("{nbgrader_step}", "{assignment_id}", "{student_id}")
c.CourseDirectory.source_directory = "teacher"
c.CourseDirectory.submitted_directory = "handed_in"
c.CourseDirectory.autograded_directory = "marked"
c.CourseDirectory.release_directory = "given"
c.AssignLatePenalties.plugin_class = penalty.PerDay
""",
)
