"""A zip of feedback pages, named so that a platform gives each to its student.

- Canvas (“Upload Submissions”) reads two numbers out of a file's name, the user's and that of the file
  that the user handed in, as its own download wrote them: `lovelaceada_12345_987654_ps1.ipynb`, with
  `_LATE` behind the name where it was late (infer_comment_context_from_filename in
  app/models/abstract_assignment.rb of github.com/instructure/canvas-lms).
- Moodle (“Upload multiple feedback files in a zip”) reads the participant's number out of a folder's
  name, `Ada Lovelace_123456_assignfeedback_file_` (mod/assign/feedback/file/importziplib.php of
  github.com/moodle/moodle).
"""

import os
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from nbgrader.apps import ZipCollectApp

from proctor.course import Course
from proctor.export.canvas import canvas_ids, read_canvas
from proctor.export.filling import Request, Summary
from proctor.export.marks import AssignmentMarks, ExportError, StudentMarks
from proctor.export.moodle import read_moodle
from proctor.export.table import quoted
from proctor.submission import files

MAX_PAGE_BYTES = 200_000_000
MAX_DOWNLOADED = 20_000  # names in a download
FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)  # the same pages are the same bytes
UNSAFE = re.compile(r'[/\\:*?"<>|]')


@dataclass(frozen=True)
class CanvasName:
    """The name of a file in Canvas's download: before the numbers, the numbers, the student's name."""

    before: str
    owner: str
    user: str
    attachment: str
    file: str


def write_feedback(
    course: Course,
    marks: AssignmentMarks,
    request: Request,
    names: Mapping[tuple[str, str], str],
    file: BinaryIO,
) -> Summary:
    """Write the pages that have a name in `names`, {(student, notebook): place in the zip}.

    Nothing else of the folders of feedback goes along: a student's own .html may lie there, and
    `submission_secret.txt`, which opens that student's feedback.
    """
    summary, taken = Summary("feedback page"), set()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for student in filter(request.wants, marks.students):
            pages = list(_pages(course, marks, student))
            if not pages:
                summary.leave("no feedback page", student.called)
            for notebook, data in pages:
                name = names.get((student.student, notebook))
                if name is None:
                    summary.leave("the platform's name of it is not known", student.called)
                    continue
                if name.casefold() in taken:
                    summary.leave("another page has the same name", student.called)
                    continue
                taken.add(name.casefold())
                entry = zipfile.ZipInfo(name, FIRST_MOMENT)
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
                summary.entered += 1
    if not summary.entered:
        reasons = " ".join(summary.lines(Path("nothing"))[1:]).strip()
        raise ExportError(
            f"There is no page to send: {reasons}. `proctor feedback` writes the pages; the names of "
            "Canvas's files come from --download, the numbers of Moodle's participants from --from."
        )
    return summary


def _pages(
    course: Course, marks: AssignmentMarks, student: StudentMarks
) -> Iterator[tuple[str, bytes]]:
    """A student's pages, by notebook; what is a link or too large is none."""
    folder = course.folder("feedback", student.student, marks.assignment)
    if not folder.is_dir():
        return
    try:
        descriptor = files.open_folder(course.trusted("feedback"), folder)
    except (files.Refused, OSError):
        return
    try:
        for notebook in marks.notebooks:
            try:
                yield notebook, files.read(descriptor, f"{notebook}.html", MAX_PAGE_BYTES)
            except files.Refused:
                continue
    finally:
        os.close(descriptor)


def plain_names(marks: AssignmentMarks) -> dict[tuple[str, str], str]:
    """Names for sending by hand: `<student>.html`, or `<student>/<notebook>.html` of several."""
    several = len(marks.notebooks) > 1
    return {
        (student.student, notebook): (
            f"{safe(student.student)}/{safe(notebook)}.html"
            if several
            else f"{safe(student.student)}.html"
        )
        for student in marks.students
        for notebook in marks.notebooks
    }


def moodle_names(marks: AssignmentMarks, request: Request) -> dict[tuple[str, str], str]:
    """Names by the participants' numbers: the worksheet's, else ids that are numbers themselves."""
    people = {
        student.student: (student.student, f"{student.first_name} {student.last_name}".strip())
        for student in marks.students
        if student.student.isascii() and student.student.isdecimal()
    }
    if request.source is not None:
        worksheet = read_moodle(request.source)
        found = worksheet.matching(marks, request.match)
        lines = {line.number: line for line in worksheet.table.lines}
        people = {
            student.student: (
                worksheet.number(lines[at]),
                worksheet.full_name(lines[at]),
            )
            for at, student in found.students.items()
        }
    return {
        (student, notebook): (
            f"{field(name) or 'Participant'}_{number}_assignfeedback_file_/{safe(notebook)}.html"
        )
        for student, (number, name) in people.items()
        if number
        for notebook in marks.notebooks
    }


def canvas_names(
    marks: AssignmentMarks, request: Request, downloaded: Sequence[str]
) -> dict[tuple[str, str], str]:
    """Names by those of the files that were downloaded from Canvas.

    The user's number is a student's id in the gradebook, or leads to it through the file of Canvas's
    gradebook; else the name before the numbers is the id. Raises ExportError where these differ.
    """
    students = {student.student: student.student for student in marks.students}
    by_number = {
        student.lms_user_id or student.student: student.student for student in marks.students
    }
    if request.source is not None:
        file = read_canvas(request.source)
        by_number = canvas_ids(file.matching(marks, request.match), file.table)
    by_student: dict[str, list[CanvasName]] = defaultdict(list)
    for name in sorted(filter(None, map(canvas_name, downloaded)), key=_order):
        candidates = {by_number.get(name.user), students.get(name.owner)} - {None}
        if len(candidates) > 1:
            raise ExportError(
                f"The downloaded file of Canvas's user {name.user} fits several students of the "
                f"gradebook: {quoted(sorted(map(str, candidates)))}."
            )
        for student in candidates:
            by_student[str(student)].append(name)
    return {
        (student, notebook): _canvas_page(_of_notebook(names, notebook), notebook)
        for student, names in by_student.items()
        for notebook in marks.notebooks
    }


def canvas_name(path: str) -> CanvasName | None:
    """The parts of a downloaded file's name by Canvas's own rule; None if it has no two numbers."""
    base = path.replace("\\", "/").rpartition("/")[2]
    parts = base.split("_")
    numbers = [at for at, part in enumerate(parts) if part.isascii() and part.isdecimal()]
    if base.startswith(".") or len(numbers) < 2 or parts[-1].startswith("link"):
        return None
    first, second = numbers[:2]
    before = "_".join(field(part) for part in parts[:first])
    owner = "_".join(part for part in parts[:first] if part != "LATE")
    return CanvasName(before, owner, parts[first], parts[second], "_".join(parts[second + 1 :]))


def _order(name: CanvasName) -> tuple[str, ...]:
    """What names are sorted by, so that the same download gives the same zip."""
    return name.file, name.attachment, name.user


def _of_notebook(names: Sequence[CanvasName], notebook: str) -> CanvasName:
    """The downloaded file that a notebook came in: the one called so, else the student's first.

    Canvas writes `ps1-1.ipynb` where a student hands `ps1.ipynb` in again.
    """
    called = re.compile(re.escape(notebook) + r"(-\d+)?\.ipynb", re.IGNORECASE)
    return next((name for name in names if called.fullmatch(name.file)), names[0])


def _canvas_page(name: CanvasName, notebook: str) -> str:
    """The page's name for Canvas: what was downloaded, with the page in the place of the notebook."""
    return f"{name.before or 'student'}_{name.user}_{name.attachment}_{safe(notebook)}.html"


def collected_archive(course: Course, assignment: str) -> Path:
    """The folder of downloads that `nbgrader zip_collect` reads, by its own settings."""
    said = course.app.config.get("ZipCollectApp", {})

    def setting(name: str) -> str:
        return str(said.get(name, ZipCollectApp.class_traits()[name].default_value))

    path = setting("collect_directory_structure").format(
        downloaded=setting("downloaded_directory"),
        assignment_id=assignment,
        collect_step=setting("archive_directory"),
    )
    return course.root / path


def downloaded_names(path: Path) -> list[str]:
    """The names of the files in a downloaded zip, or in a folder and the zips in it.

    Only names are read. Raises ExportError if the path is neither.
    """
    if not path.exists():
        raise ExportError(
            f"{path} is not there: --download names the zip of Canvas's “Download Submissions”."
        )
    if not path.is_dir():
        return _zip_names(path)
    names: list[str] = []
    for folder, _, inside in os.walk(path):
        for name in sorted(inside):
            names.append(name)
            if name.lower().endswith(".zip") and canvas_name(name) is None:
                names += _zip_names(Path(folder, name))
    return names


def _zip_names(path: Path) -> list[str]:
    """The names of the files in a zip."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise ExportError(
            f"{path} is not a zip that can be read ({error}): --download names the zip of Canvas's "
            "“Download Submissions”."
        ) from error
    if len(names) > MAX_DOWNLOADED:
        raise ExportError(f"{path} has more than {MAX_DOWNLOADED} files: it is no class's work.")
    return names


def safe(name: str) -> str:
    """A name as one part of a path on any system: no separators, nothing hidden, nothing unprinted."""
    return _cleaned(name) or "unnamed"


def field(name: str) -> str:
    """A name as one field of a platform's file name, whose fields are parted by `_`; may be empty."""
    return _cleaned(name.replace("_", " "))


def _cleaned(name: str) -> str:
    """A name without what leads elsewhere or cannot be seen."""
    text = "".join(one if one.isprintable() else " " for one in name)
    return UNSAFE.sub(" ", text).strip(" .~")
