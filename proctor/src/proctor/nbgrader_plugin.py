"""Owns the way of `nbgrader autograde` and formgrader's button into proctor, by nbgrader's documented extension points.

In nbgrader_config.py:

    import proctor.nbgrader_plugin
    proctor.nbgrader_plugin.configure(c)

What they do not reach, since it is fixed in nbgrader's Autograde, is in LEFT; `proctor grade` has none of it."""

import os
import shutil
import stat
import tempfile
import weakref
from pathlib import Path

from nbconvert.exporters import NotebookExporter
from nbformat import v4
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    Execute,
    IgnorePattern,
    LimitOutput,
    NbGraderPreprocessor,
    SaveAutoGrades,
)

from proctor.submission import files, folder as intake, notebook as sheet
from proctor.examiner import harmless
from proctor.publish import staging as write
from proctor.gradebook.database import GradebookConnection as Book
from proctor.course import Course, CourseError
from proctor.assemble.notebook import assemble as rebuild
from proctor.assemble.source import assignment_notebook as skeleton

HERE = __name__
LEFT = """\
- One submission after another: no workers, a gradebook connection for each step.
- A renamed notebook ("sums (1).ipynb") is not found: it counts as missing and scores 0.
- `nbgrader autograde --force` or a newer timestamp removes the earlier folder before the new one is made, and the new one grows in its place.
- Before the hook runs, nbgrader opens timestamp.txt of a submission that was graded before: a pipe there makes it wait for ever, a text that
  is no date ends the whole command.
- A submission's folder, or its student's, that is a symbolic link: nbgrader copies the other files through it; its notebooks are refused.
- Partial points outside 0 and a cell's maximum: SaveAutoGrades' own rules (a negative number or nan gives full points)."""


def configure(c, sandbox=True):
    """Set the extension points in a course's configuration `c`."""
    c.Autograde.exporter_class = f"{HERE}.Intake"
    c.Autograde.sanitize_preprocessors = [f"{HERE}.Rebuild"]
    c.Autograde.autograde_preprocessors = [
        Examine,
        IgnorePattern,
        "nbconvert.preprocessors.ClearMetadataPreprocessor",
        LimitOutput,
        SaveAutoGrades,
        AssignLatePenalties,
        CheckCellMetadata,
    ]
    c.Autograde.pre_convert_hook = only_files
    Examine.protected = sandbox


def only_files(notebooks=(), **_):
    """Before nbgrader copies a student's files: take links, pipes and the like out of the folder, and a timestamp that is no date.

    nbgrader tells the hook the notebooks only; the folder is theirs. Links hold no work of a student's; nothing else is removed."""
    for folder in {os.path.dirname(path) for path in notebooks}:
        for above, folders, names in os.walk(folder):
            for name in [*folders, *names]:
                path = os.path.join(above, name)
                mode = os.lstat(path).st_mode
                if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                    os.unlink(path)
                    said(
                        f"{files.shown(path)} was {files.special(mode)}: removed before it could be followed or opened."
                    )
        timestamp(Path(folder))
    notebooks[:] = [path for path in notebooks if os.path.isfile(path)]


def timestamp(folder):
    """Set a timestamp.txt aside that would end nbgrader's program."""
    path = folder / "timestamp.txt"
    if path.exists():
        try:
            if not path.is_file() or path.stat().st_size > 1000:
                raise ValueError("timestamp.txt does not hold a date and time")
            Course.timestamp(None, path.read_text(errors="replace"))
        except ValueError as error:
            path.rename(folder / "timestamp-unreadable.txt")
            said(f"{error}: it was renamed.")


def said(text):
    """Tell the instructor, in nbgrader's log."""
    from traitlets.log import get_logger

    get_logger().warning("proctor: %s", text)


class Intake(NotebookExporter):
    """The exporter of Autograde: a submission is read as data, never by nbformat, and never through a link."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.plans, self.skeletons, self.public, self.course = {}, {}, {}, None

    def from_filename(self, filename, resources=None, **more):
        """First time (a submission): the rebuilt notebook. Second time: what the first wrote, with its plan at hand."""
        names = resources["nbgrader"]
        key = names["student"], names["assignment"], names["notebook"]
        if any(isinstance(step, Rebuild) for step in self._preprocessors):
            plan = self.plans[key] = self.rebuilt(filename, names)
        else:
            plan = self.plans.pop(key)
            resources["proctor"] = plan, self.skeletons[key[1:]], self.public[names["assignment"]]
        return self.from_notebook_node(plan.notebook, resources=resources, **more)

    def rebuilt(self, filename, names):
        """The plan of a submission; what is wrong with it is that submission's case, in words."""
        assignment, notebook = key = names["assignment"], names["notebook"]
        if self.course is None:
            self.course = Course(self.parent.parent, self.parent.coursedir)
        if key not in self.skeletons:
            with Book(self.course) as book:
                self.skeletons[key] = skeleton(
                    self.course, book.assignment(assignment)[notebook], assignment
                )
        if assignment not in self.public:
            self.public[assignment] = Public(self.course, assignment)
        place = Path(filename).parent
        folder = files.open_folder(self.course.trusted("submitted"), place)
        try:
            handed_in = sheet.read(files.read(folder, Path(filename).name, sheet.MAX_FILE_BYTES))
        except (files.Refused, sheet.Unreadable) as error:
            raise CourseError(f"{files.shown(filename)} cannot be graded: {error}") from error
        finally:
            os.close(folder)
        plan = rebuild(self.skeletons[key], handed_in)
        for problem in plan.problems:
            self.log.warning("%s: %s", names["student"], problem)
        return plan

    def from_notebook_node(self, nb, resources=None, **more):
        """As NotebookExporter, without validating what proctor made a second and third time."""
        nb, resources = super(NotebookExporter, self).from_notebook_node(nb, resources, **more)
        resources["output_extension"] = ".ipynb"
        return v4.writes_json(nb) + "\n", resources


class Rebuild(NbGraderPreprocessor):
    """Stands for ClearOutput, DeduplicateIds, OverwriteKernelspec, OverwriteCells: the exporter has rebuilt the notebook."""

    def preprocess(self, nb, resources):
        return nb, resources


class Examine(NbGraderPreprocessor):
    """Stands for Execute: the student's code runs in the candidate, the verdict is passed in the examiner."""

    protected = True

    def preprocess(self, nb, resources):
        from proctor.pool import notebooks as examiners
        from proctor.examiner import template_data as session

        plan, bones, support = resources.pop("proctor")
        course = support.course
        support.complete(
            plan,
            course.folder(
                "autograded", resources["nbgrader"]["student"], resources["nbgrader"]["assignment"]
            ),
        )
        outcome = session.examine_once(
            examiners.template(bones, support.path, course.timeout, self.protected), plan
        )
        for event in outcome.events:
            self.log.warning(
                "%s, cell %s: %s: %s",
                resources["nbgrader"]["student"],
                event.index,
                event.kind,
                event.text,
            )
        nb.cells = harmless.cleaned(plan, outcome).cells
        return nb, resources


class Public:
    """The instructor's files beside an assignment's notebooks, in a folder that lives as long as the exporter."""

    def __init__(self, course, assignment):
        self.course, self.support = course, write.Support(course, assignment)
        self.path = Path(tempfile.mkdtemp(prefix="proctor-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)
        self.support.copy(self.path)

    def complete(self, plan, place):
        """Give the plan the student's own files, which nbgrader has copied beside the notebook."""
        names = [
            str(path.relative_to(place))
            for path in place.rglob("*")
            if path.is_file() and not path.is_symlink()
        ]
        plan.files = {
            name: str(place / name)
            for name in names
            if not name.endswith(".ipynb")
            and name != intake.TIMESTAMP
            and (name not in self.support.names or name in self.support.left)
        }
