"""What an nbgrader course directory says of itself: settings, read by nbgrader, and folders."""

import fnmatch
import glob
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Literal

from nbconvert.exporters import NotebookExporter
from nbgrader import utils
from nbgrader.apps.autogradeapp import AutogradeApp
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    Execute,
    LimitOutput,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from sqlalchemy.engine import make_url

from proctor.feedback.hidden_tests import Delimiters, delimiters
from proctor.pool.early import PRIVATE_FOLDER
from proctor.sandbox import Limits
from proctor.waiting.socket_folder import private_folder

OWN_MODULES = "proctor."  # extension points that lead back to proctor do not run inside proctor
Step = Literal["source", "release", "submitted", "autograded", "feedback"]
SECRET_STEPS: tuple[Step, ...] = ("source", "submitted", "autograded", "feedback")


class CourseError(Exception):
    """What keeps a course or an assignment from being graded, in words for the instructor."""


def load(root: str | os.PathLike[str] | None = None) -> "Course":
    """The course in the folder `root` (default: the working directory), as nbgrader configures it.

    Raises CourseError if its settings cannot be read.
    """
    folder = Path(root or os.getcwd()).resolve()
    if not folder.is_dir():
        raise CourseError(
            f"{folder} is not a folder. "
            "Start `proctor` in the course directory, where nbgrader_config.py is."
        )
    app = AutogradeApp(raise_config_file_errors=True)
    with utils.chdir(str(folder)):
        try:
            app.initialize(["--log-level=ERROR"])
        except SystemExit:
            raise CourseError(
                f"nbgrader cannot read the settings in {folder / 'nbgrader_config.py'}; "
                "its reason is above."
            ) from None
        except Exception as error:
            raise CourseError(
                f"{folder / 'nbgrader_config.py'} cannot be read: {type(error).__name__}: {error}"
            ) from error
    return Course(app)


class Course:
    """One course directory: folders, limits, and the configured steps of nbgrader's two commands.

    `preparing` are the preprocessors of generate_assignment, `sanitizing` and `finishing` those of
    autograde. Settings that are proctor's own raise CourseError when they are asked for.
    """

    def __init__(self, app: AutogradeApp, coursedir: CourseDirectory | None = None) -> None:
        self.app = app
        self.coursedir = coursedir or app.coursedir
        self.root = Path(self.coursedir.root)
        self.autograde = Autograde(coursedir=self.coursedir, parent=app)
        self.generate = GenerateAssignment(coursedir=self.coursedir, parent=app)
        exporter_class = self.autograde.exporter_class
        if exporter_class.__module__.startswith(OWN_MODULES):
            exporter_class = NotebookExporter
        self.exporter = exporter_class(parent=self.autograde, config=self.autograde.config)
        self.preparing = _preprocessors(
            exporter_class(parent=self.generate, config=self.generate.config),
            self.generate.preprocessors,
        )
        self.sanitizing = _preprocessors(self.exporter, self.autograde.sanitize_preprocessors)
        self.finishing = _preprocessors(self.exporter, self.autograde.autograde_preprocessors)
        self.db_url = _absolute_url(self.coursedir.db_url, self.root)

    def step(self, kind: type[NbGraderPreprocessor]) -> NbGraderPreprocessor:
        """autograde's configured preprocessor of a class, or a new one if the list has none."""
        for one in self.finishing:
            if isinstance(one, kind):
                return one
        return _preprocessors(self.exporter, [kind])[0]

    @property
    def timeout(self) -> float | None:
        """Seconds a cell may take, None for no limit.

        The setting is Execute.timeout or ExecutePreprocessor.timeout, as nbgrader inherits it.
        """
        seconds = self.step(Execute).timeout
        return float(seconds) if seconds and seconds > 0 else None

    @property
    def imports(self) -> list[str]:
        """c.Proctor.imports: modules that are imported once, before any student's code.

        They are imported besides those that the notebook itself imports.
        """
        names = self.app.config.get("Proctor", {}).get("imports", [])
        if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
            raise CourseError(
                "c.Proctor.imports must be a list of modules' names, such as ['scipy.signal'], "
                f"not {names!r}."
            )
        return list(names)

    @property
    def limits(self) -> dict[str, int]:
        """c.Proctor.limits: {name: number} for some of the sandbox's Limits."""
        limits = self.app.config.get("Proctor", {}).get("limits", {})
        known = [field.name for field in fields(Limits)]
        for name, value in dict(limits).items():
            if name not in known or not isinstance(value, int) or value <= 0:
                raise CourseError(
                    f"c.Proctor.limits[{name!r}] = {value!r} cannot be: "
                    f"the names are {', '.join(known)}, the values whole numbers."
                )
        return dict(limits)

    @property
    def wait(self) -> float | None:
        """c.Proctor.wait: seconds that a grader waits for the next command; None if it is not said."""
        seconds = self.app.config.get("Proctor", {}).get("wait")
        if seconds is not None and (not isinstance(seconds, (int, float)) or seconds < 0):
            raise CourseError(f"c.Proctor.wait must be a number of seconds, not {seconds!r}.")
        return seconds

    @property
    def hidden_tests(self) -> Delimiters | None:
        """What encloses the tests that feedback leaves out, None if it shows them."""
        try:
            return delimiters(self.app.config)
        except ValueError as error:
            raise CourseError(str(error)) from None

    @property
    def secret(self) -> list[str]:
        """Where the class's work, the solutions, the grades and what a preparation found lie.

        A test may not read them while it holds a student's data.
        """
        folders = [str(self.trusted(step)) for step in SECRET_STEPS]
        url = make_url(self.db_url)
        file = url.database if url.get_backend_name() == "sqlite" else None
        ends = ("", "-journal", "-wal", "-shm") if file else ()
        files = [f"{file}{end}" for end in ends]
        return [*folders, str(self.private), str(private_folder()), *files]

    @property
    def private(self) -> Path:
        """The folder of what is found out of the course's tests, for nobody but the instructor."""
        return self.root / PRIVATE_FOLDER

    @property
    def limit_output(self) -> LimitOutput:
        """The configured limits of what a cell may put out."""
        return self.step(LimitOutput)

    @property
    def late(self) -> AssignLatePenalties:
        """The configured step for late penalties."""
        return self.step(AssignLatePenalties)

    @property
    def saves_grades(self) -> bool:
        """Whether autograde enters points into the gradebook."""
        return any(isinstance(one, SaveAutoGrades) and one.enabled for one in self.finishing)

    @property
    def permissions(self) -> int:
        """The mode of autograded files, e.g. 0o444."""
        return int(str(self.autograde.permissions), 8)

    def folder(self, step: Step, student: str, assignment: str) -> Path:
        """The folder of a step for a student ("." for source and release) and an assignment."""
        name = getattr(self.coursedir, f"{step}_directory")
        return Path(os.path.normpath(self.coursedir.format_path(name, student, assignment)))

    def trusted(self, step: Step) -> Path:
        """The part of a step's path that no student names.

        It is everything above its first folder of a student or an assignment.
        """
        name = getattr(self.coursedir, f"{step}_directory")
        path = self.root
        for part in utils.full_split(self.coursedir.directory_structure):
            if "{student_id}" in part or "{assignment_id}" in part:
                return path
            path = path / part.format(nbgrader_step=name)
        return path

    def students(
        self, assignment: str, patterns: Sequence[str] = ("*",), step: Step = "submitted"
    ) -> list[str]:
        """Students with a folder for the assignment, sorted.

        Of these the ones whose id matches one of the globs, as nbgrader's --student.
        """
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
                if match:
                    found.add(match["student"])
        found |= {name for name in self._unreadable(step) if _matches_any(name, patterns)}
        return sorted(found.difference(excluded))

    def _unreadable(self, step: Step) -> list[str]:
        """Students' folders that cannot be looked into: the assignment may be in them."""
        parts, folder = utils.full_split(self.coursedir.directory_structure), self.trusted(step)
        if "{student_id}" not in parts[1:2] or not folder.is_dir():
            return []
        return [
            entry.name
            for entry in os.scandir(folder)
            if entry.is_dir(follow_symlinks=False) and not os.access(entry.path, os.X_OK)
        ]

    @staticmethod
    def timestamp(text: str) -> datetime | None:
        """The moment that the text of a timestamp.txt names, in UTC; None if the text is empty.

        Raises ValueError in words if it cannot be read.
        """
        if not text.strip():
            return None
        try:
            return utils.parse_utc(text.strip())
        except Exception as error:  # dateutil raises more than ValueError on hostile text
            raise ValueError(
                f"timestamp.txt does not hold a date and time ({text.strip()[:60]!r})"
            ) from error


def _preprocessors(
    exporter: NotebookExporter, kinds: Iterable[type | str]
) -> list[NbGraderPreprocessor]:
    """The preprocessors of these classes as nbgrader makes them, with their settings.

    Proctor's own are left out.
    """
    exporter._preprocessors = []
    for kind in kinds:
        name = kind if isinstance(kind, str) else f"{getattr(kind, '__module__', '')}."
        if not name.startswith(OWN_MODULES):
            exporter.register_preprocessor(kind)
    made, exporter._preprocessors = exporter._preprocessors, []
    return made


def _absolute_url(db_url: str, root: Path) -> str:
    """The database's address with a full path.

    nbgrader reads a relative one from the course directory.
    """
    url = make_url(db_url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        url = url.set(database=str(Path(root, url.database)))
    return url.render_as_string(hide_password=False)


def _matches_any(name: str, patterns: Sequence[str]) -> bool:
    """Whether a name matches one of the globs."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
