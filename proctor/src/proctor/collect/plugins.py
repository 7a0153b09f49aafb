"""The plugins of `nbgrader zip_collect`: they take a learning platform's download apart, and say who
handed in what.

The extractor does the work, and lays files out as `extracted/STUDENT/FILE`; the collector reads
this back for nbgrader, which copies the files and writes `timestamp.txt`.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nbgrader import api, utils
from nbgrader.apps import ZipCollectApp
from nbgrader.plugins.zipcollect import ExtractorPlugin, FileNameCollectorPlugin
from traitlets import Unicode

from proctor.collect.archives import BadArchive
from proctor.collect.platforms import FORMS, NOTEBOOK
from proctor.collect.submissions import (
    TIMESTAMP,
    ClassList,
    Download,
    Handed,
    handed_in,
    read_download,
)
from proctor.course import Course
from proctor.gradebook.database import GradebookConnection
from proctor.submission.files import shown

RECORD = "collected.json"  # beside the download: what was collected last of each student
MOST_NAMED = 20  # files of an unknown form


@dataclass
class Summary:
    """What became of a download: the number of students collected, those that have the same as before,
    what to look at by student, and the names of files that are nobody's."""

    collected: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        """The exit status: 1 if somebody may have been lost."""
        return int(bool(self.left_out or self.unknown or self.problems or not self.found))

    @property
    def found(self) -> int:
        """How many students were found in the download."""
        return len(self.collected) + len(self.unchanged) + len(self.left_out)

    def lines(self, assignment: str) -> list[str]:
        """The same for a human, the number of students last."""
        lines = [f"NOT COLLECTED: {who}: {why}." for who, why in self.left_out.items()]
        lines += [f"{who}: {what}." for who, what in self.notes.items()]
        lines += self.problems
        if self.unknown:
            forms = "; ".join(f"{form.platform}: {form.example}" for form in FORMS)
            names = ", ".join(map(shown, self.unknown[:MOST_NAMED]))
            more = ", …" if len(self.unknown) > MOST_NAMED else ""
            lines.append(
                f"NOT COLLECTED: nobody can say whose these {len(self.unknown)} files are: {names}{more}. "
                f"Known forms are {forms}; or ID_NOTEBOOK{NOTEBOOK}. Rename them, or put them into "
                f"submitted/ID/{assignment} by hand."
            )
        parts = [
            f"{len(self.collected)} student{'' if len(self.collected) == 1 else 's'} collected"
        ]
        if self.unchanged:
            parts.append(f"{len(self.unchanged)} as before")
        if self.left_out:
            parts.append(f"{len(self.left_out)} not collected, named above")
        return [*lines, f"{assignment}: {', '.join(parts)}."]


class PlatformExtractor(ExtractorPlugin):
    """Takes the download of Moodle, Canvas, Blackboard, Brightspace or ILIAS apart, by student.

    One student's broken archive, or files that cannot be told apart, stop nobody else. A submission
    that is there already is replaced by a newer one only.
    """

    timezone = Unicode(
        "",
        help="The time zone of the times in names of files (default: Exchange.timezone).",
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.times: dict[str, str] = {}
        self.destination = Path()
        if isinstance(self.parent, ZipCollectApp):
            folder = archive_folder(self.parent)
            if not folder.is_dir():  # nbgrader would say so and end with status 0
                self.parent.fail(
                    f"There is no folder {folder}: make it, and put the download into it."
                )

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Lay the files of the download in `archive_path` out in `extracted_path`, by student, have
        nbgrader copy them, tell what became of it, and end the command: with status 1 if somebody
        was not collected."""
        app, self.destination = self.parent, Path(extracted_path)
        course = Course(app, app.coursedir)
        assignment = app.coursedir.assignment_id
        notebooks = notebooks_of(course, assignment)
        if not notebooks:
            app.fail(
                f"There is no notebook of {assignment} in the folders source and release, so that "
                "nobody can say what was handed in: is the name right, and was it generated?"
            )
        known, due = class_list_of(course, assignment)
        download = read_download(Path(archive_path), notebooks, known)
        summary = Summary(unknown=download.unknown, problems=download.problems)
        record = Record(self.destination.parent / RECORD)
        for student in sorted(download.received):
            self._collect(course, student, download, notebooks, record, due, summary)
        # nbgrader has no place for what is to be told after it has copied the files.
        if summary.collected:
            app.process_extracted_files()
        record.write()
        for line in summary.lines(assignment):
            (self.log.warning if summary.status else self.log.info)("%s", line)
        raise SystemExit(summary.status)

    def _collect(
        self,
        course: Course,
        student: str,
        download: Download,
        notebooks: list[str],
        record: Record,
        due: datetime | None,
        summary: Summary,
    ) -> None:
        """Lay out one student's files, or say in the summary why not."""
        called = download.called(student)
        if student in download.refused:
            summary.left_out[called] = download.refused[student]
            return
        try:
            handed = handed_in(student, download.received[student], notebooks)
        except (BadArchive, ValueError, OSError) as error:
            summary.left_out[called] = f"{error}"
            return
        moment = self._moment(handed, due)
        there = course.folder("submitted", student, self.parent.coursedir.assignment_id)
        reason = record.reason_to_keep(handed, moment, there)
        if reason is None:
            summary.unchanged.append(student)
            return
        if reason:
            summary.left_out[called] = reason
            return
        try:
            for name, content in handed.files.items():
                path = self.destination / student / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        except OSError as error:  # a name that is too long, a file where a folder is to be
            shutil.rmtree(self.destination / student, ignore_errors=True)
            summary.left_out[called] = f"{shown(name)} cannot be written: {error.strerror}"
            return
        if moment is not None:
            self.times[student] = moment.isoformat(" ")
        if handed.late and handed.time is None:
            handed.notes.append(
                "late by the platform's word, which does not tell the time"
                + (": taken as a second late" if due else "; the assignment has no due date here")
            )
        if handed.notes:
            summary.notes[called] = "; ".join(handed.notes)
        record.note(handed, moment)
        summary.collected.append(student)

    def _moment(self, handed: Handed, due: datetime | None) -> datetime | None:
        """When a submission was handed in, in UTC; None if that is not known."""
        if handed.time is not None:
            zone = self.timezone or str(
                self.config.get("Exchange", {}).get("timezone", "") or "UTC"
            )
            return utils.parse_utc(f"{handed.time.isoformat(' ')} {zone}")
        return due + timedelta(seconds=1) if due is not None and handed.late else None


class PlatformCollector(FileNameCollectorPlugin):
    """Reads what the PlatformExtractor has laid out: `extracted/STUDENT/FILE`."""

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """Whose file this is, its name in the submission, and the submission's time if it is known."""
        extractor = self.parent.extractor_plugin_inst
        parts = Path(submitted_file).relative_to(extractor.destination).parts
        found = {"student_id": parts[0], "file_id": os.path.join(*parts[1:])}
        if parts[0] in extractor.times:
            found["timestamp"] = extractor.times[parts[0]]
        return found


class Record:
    """What was collected last of each student, kept beside the download as JSON."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, dict[str, Any]] = {}
        try:
            read = json.loads(path.read_text("utf-8"))
            self.known = {who: one for who, one in read.items() if isinstance(one, dict)}
        except (OSError, ValueError, AttributeError):
            pass  # nothing was collected yet, or nobody can tell what

    def reason_to_keep(self, handed: Handed, moment: datetime | None, there: Path) -> str | None:
        """Why what lies in the folder `there` stays: "" if it is replaced, None if it is the same."""
        if not there.is_dir() or not os.listdir(there):
            return ""
        before = self.known.get(handed.student)
        if before is not None and before.get("digest") == handed.digest:
            return None
        try:
            earlier = Course.timestamp((there / TIMESTAMP).read_text("utf-8"))
        except (OSError, ValueError):
            earlier = None
        if moment is not None and earlier is not None:
            if moment < earlier:
                return f"what lies in {there} is newer ({earlier} UTC) and stays"
            return ""
        if before is None:
            return (
                f"something else lies in {there}, and nobody can say which is newer: move it away if "
                "the download's is to be taken"
            )
        if tuple(before.get("order", ())) > handed.order:
            return f"what lies in {there} is a later attempt and stays"
        return ""

    def note(self, handed: Handed, moment: datetime | None) -> None:
        """Take in what is collected of a student now."""
        self.known[handed.student] = {
            "digest": handed.digest,
            "order": list(handed.order),
            "time": moment.isoformat(" ") if moment else None,
        }

    def write(self) -> None:
        """Keep it for the next time."""
        text = json.dumps(self.known, indent=1, sort_keys=True, ensure_ascii=True)
        self.path.write_text(text + "\n", "utf-8")


def archive_folder(app: ZipCollectApp) -> Path:
    """Where an assignment's download lies, by the settings of `nbgrader zip_collect`."""
    place = app.collect_directory_structure.format(
        downloaded=app.downloaded_directory,
        assignment_id=app.coursedir.assignment_id,
        collect_step=app.archive_directory,
    )
    return Path(app.coursedir.root, place)


def notebooks_of(course: Course, assignment: str) -> list[str]:
    """The names of an assignment's notebooks, by its source and what was released."""
    found = {
        path.stem
        for step in ("source", "release")
        for path in course.folder(step, ".", assignment).glob(f"*{NOTEBOOK}")
    }
    return sorted(found)


def class_list_of(course: Course, assignment: str) -> tuple[ClassList, datetime | None]:
    """The students of the gradebook, and when the assignment is due; nothing if there is no gradebook."""
    url = course.db_url
    file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None
    if file is not None and not file.exists():
        return ClassList(), None

    def question(gradebook: api.Gradebook) -> tuple[ClassList, datetime | None]:
        names = {
            one.id: f"{one.first_name or ''} {one.last_name or ''}" for one in gradebook.students
        }
        dates = [one.duedate for one in gradebook.assignments if one.name == assignment]
        return ClassList(names), dates[0] if dates else None

    with GradebookConnection(course) as connection:
        return connection.query(question)
