"""Owns what an nbgrader course directory says of itself: its settings, read by nbgrader's own application, and its folders."""

import fnmatch
import glob
import os
import re
from dataclasses import fields
from pathlib import Path

from nbconvert.exporters import NotebookExporter
from nbgrader import utils
from nbgrader.apps.autogradeapp import AutogradeApp
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.preprocessors import AssignLatePenalties, Execute, LimitOutput, SaveAutoGrades
from sqlalchemy.engine import make_url

from proctor.sandbox import Limits

OWN = "proctor."  # extension points that lead back to proctor do not run inside proctor


class CourseError(Exception):
    """What keeps a course or an assignment from being graded, in words for the instructor."""


def load(root=None):
    """The course in the folder `root` (default: the working directory), with every setting as nbgrader would have it."""
    root = Path(root or os.getcwd()).resolve()
    if not root.is_dir():
        raise CourseError(
            f"{root} is not a folder. Start `proctor` in the course directory, where nbgrader_config.py is."
        )
    app = AutogradeApp(raise_config_file_errors=True)
    with utils.chdir(str(root)):
        try:
            app.initialize(["--log-level=ERROR"])
        except SystemExit:
            raise CourseError(
                f"nbgrader cannot read the settings in {root / 'nbgrader_config.py'}; its reason is above."
            ) from None
        except Exception as error:
            raise CourseError(
                f"{root / 'nbgrader_config.py'} cannot be read: {type(error).__name__}: {error}"
            ) from error
    return Course(app)


def registered(exporter, classes):
    """The preprocessors of these classes as nbgrader would make them, each with its settings; proctor's own left out."""
    exporter._preprocessors = []
    for kind in classes:
        name = kind if isinstance(kind, str) else f"{getattr(kind, '__module__', '')}."
        if not name.startswith(OWN):
            exporter.register_preprocessor(kind)
    made, exporter._preprocessors = exporter._preprocessors, []
    return made


def absolute(db_url, root):
    """The database's address with a full path: nbgrader reads a relative one from the course directory."""
    url = make_url(db_url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        url = url.set(database=str(Path(root, url.database)))
    return url.render_as_string(hide_password=False)


class Course:
    """One course directory: folders, limits, and the configured steps of nbgrader's two commands."""

    def __init__(self, app, coursedir=None):
        self.app, self.coursedir = app, coursedir or app.coursedir
        self.root = Path(self.coursedir.root)
        self.autograde = Autograde(coursedir=self.coursedir, parent=app)
        self.generate = GenerateAssignment(coursedir=self.coursedir, parent=app)
        kind = self.autograde.exporter_class
        kind = NotebookExporter if kind.__module__.startswith(OWN) else kind
        self.exporter = kind(parent=self.autograde, config=self.autograde.config)
        self.preparing = registered(
            kind(parent=self.generate, config=self.generate.config), self.generate.preprocessors
        )
        self.sanitizing = registered(self.exporter, self.autograde.sanitize_preprocessors)
        self.finishing = registered(self.exporter, self.autograde.autograde_preprocessors)
        self.db_url = absolute(self.coursedir.db_url, self.root)

    def step(self, kind):
        """The configured preprocessor of this class in autograding (made with its settings if the list has none)."""
        for one in self.finishing:
            if isinstance(one, kind):
                return one
        return registered(self.exporter, [kind])[0]

    @property
    def timeout(self):
        """Seconds a cell may take, or None for no limit: Execute.timeout, ExecutePreprocessor.timeout, as nbgrader inherits it."""
        seconds = self.step(Execute).timeout
        return float(seconds) if seconds and seconds > 0 else None

    @property
    def imports(self):
        """c.Proctor.imports: modules that are imported once, before any student's code, besides those that the notebook imports."""
        names = self.app.config.get("Proctor", {}).get("imports", [])
        if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
            raise CourseError(
                f"c.Proctor.imports must be a list of modules' names, such as ['scipy.signal'], not {names!r}."
            )
        return list(names)

    @property
    def limits(self):
        """c.Proctor.limits: {name: number} for some of the sandbox's Limits."""
        limits, known = (
            self.app.config.get("Proctor", {}).get("limits", {}),
            [field.name for field in fields(Limits)],
        )
        for name, value in dict(limits).items():
            if name not in known or not isinstance(value, int) or value <= 0:
                raise CourseError(
                    f"c.Proctor.limits[{name!r}] = {value!r} cannot be: the names are {', '.join(known)}, the values whole numbers."
                )
        return dict(limits)

    @property
    def secret(self):
        """Where the class's work, the solutions and the grades lie: what a test may not read while it holds a student's data."""
        folders = [self.trusted(step) for step in ("source", "submitted", "autograded", "feedback")]
        url = make_url(self.db_url)
        file = url.database if url.get_backend_name() == "sqlite" else None
        return [str(path) for path in folders] + [
            file + end for end in ("", "-journal", "-wal", "-shm") if file
        ]

    @property
    def limit_output(self):
        return self.step(LimitOutput)

    @property
    def late(self):
        return self.step(AssignLatePenalties)

    @property
    def saves_grades(self):
        return any(isinstance(one, SaveAutoGrades) and one.enabled for one in self.finishing)

    @property
    def permissions(self):
        """The mode of autograded files, e.g. 0o444."""
        return int(str(self.autograde.permissions), 8)

    def folder(self, step, student, assignment):
        """The folder of a step (source, release, submitted, autograded, feedback) for a student and an assignment."""
        name = getattr(self.coursedir, f"{step}_directory")
        return Path(os.path.normpath(self.coursedir.format_path(name, student, assignment)))

    def trusted(self, step):
        """The part of a step's path that no student names: everything above its first folder of a student or an assignment."""
        name = getattr(self.coursedir, f"{step}_directory")
        path = self.root
        for part in utils.full_split(self.coursedir.directory_structure):
            if "{student_id}" in part or "{assignment_id}" in part:
                return path
            path = path / part.format(nbgrader_step=name)
        return path

    def students(self, assignment, patterns=("*",), step="submitted"):
        """Students with a folder for the assignment whose id one of the patterns matches, as nbgrader's --student: sorted."""
        directory = getattr(self.coursedir, f"{step}_directory")
        expression = self.coursedir.format_path(
            directory, "(?P<student>.*)", re.escape(assignment), escape=True
        )
        excluded = self.coursedir.student_id_exclude.split(",")
        found = set()
        for pattern in patterns:
            for path in glob.glob(
                self.coursedir.format_path(directory, pattern, glob.escape(assignment))
            ):
                match = re.fullmatch(expression, path, re.DOTALL)  # a name may hold a line's end
                if match and match["student"] not in excluded:
                    found.add(match["student"])
        return sorted(
            found
            | {
                name
                for name in self.closed(step)
                if name not in excluded
                and any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
            }
        )

    def closed(self, step):
        """Students' folders that cannot be looked into, so that nobody knows whether the assignment is in them."""
        parts, at = utils.full_split(self.coursedir.directory_structure), self.trusted(step)
        if "{student_id}" not in parts[1:2] or not at.is_dir():
            return []
        return [
            entry.name
            for entry in os.scandir(at)
            if entry.is_dir(follow_symlinks=False) and not os.access(entry.path, os.X_OK)
        ]

    def timestamp(self, text):
        """The moment that the text of a timestamp.txt names, in UTC, or None; ValueError in words if it cannot be read."""
        if not text.strip():
            return None
        try:
            return utils.parse_utc(text.strip())
        except Exception as error:  # dateutil raises more than ValueError on hostile text
            raise ValueError(
                f"timestamp.txt does not hold a date and time ({text.strip()[:60]!r})"
            ) from error
