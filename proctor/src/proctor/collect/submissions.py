"""From the files of a download to what each student has handed in."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from proctor.collect.archives import (
    BadArchive,
    Entry,
    files_below,
    inner_path,
    is_archive,
    is_other_archive,
    unpacked,
)
from proctor.collect.platforms import NOTEBOOK, FileName, is_ignored, read_name
from proctor.submission.files import is_text, shown
from proctor.submission.matching import match

UPLOADS = frozenset(["Canvas", "ILIAS"])  # where each file of a student is an upload of its own
TIMESTAMP = "timestamp.txt"  # where nbgrader finds when a submission was handed in
MOST_DEEP = 3  # archives in archives of one student


@dataclass(frozen=True)
class Received:
    """A file of a download, and what its name says."""

    name: FileName
    entry: Entry


@dataclass
class Handed:
    """What one student has handed in last: its files by name, its time as the platform's clock told
    it, whether the platform calls it late, and how it is ordered among the student's attempts."""

    student: str
    files: dict[str, bytes]
    platform: str
    time: datetime | None = None
    late: bool = False
    order: tuple[int, int] = (0, 0)
    notes: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """What tells its files from any others."""
        found = hashlib.sha256()
        for name in sorted(self.files):
            found.update(f"{len(name.encode())}:{name}:{len(self.files[name])}:".encode())
            found.update(self.files[name])
        return found.hexdigest()


@dataclass
class Download:
    """What a download holds: files by student's id, sentences about those whose files cannot be
    taken, and the names of files of which nobody knows whose they are."""

    received: dict[str, list[Received]] = field(default_factory=dict)

    refused: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def called(self, student: str) -> str:
        """A student's id and, if a file's name has it, the full name, for a human."""
        person = self.received[student][0].name.person
        return shown(f"{student} ({person})" if person else student)


@dataclass(frozen=True)
class ClassList:
    """The students that the gradebook knows: full names by id."""

    names: Mapping[str, str] = field(default_factory=dict)

    def student(self, name: FileName) -> str:
        """Who a file's name is about: of the ids the one in the list, else the only student with this
        full name, else the first id."""
        for one in name.ids:
            if one in self.names:
                return one
        wanted = _plain_name(name.person)
        same = [one for one, person in self.names.items() if wanted == _plain_name(person)]
        return same[0] if wanted and len(same) == 1 else name.ids[0]


def _plain_name(name: str) -> str:
    """A name as names compare: without the order of its parts, capitals and kinds of gaps."""
    text = unicodedata.normalize("NFKC", name).casefold().replace(",", " ")
    return " ".join(sorted(text.split()))


def read_download(folder: Path, notebooks: Collection[str], class_list: ClassList) -> Download:
    """What lies in the folder of a download, archives and loose files."""
    download = Download()
    by_id: dict[str, set[tuple[str, ...]]] = {}
    for entry in _all_entries(folder, notebooks, download):
        if is_ignored(entry.path):
            continue
        name = read_name(entry.path, notebooks)
        if isinstance(name, bool):
            download.unknown.append(entry.path)
        elif name is not None:
            student = class_list.student(name)
            by_id.setdefault(student, set()).add(name.ids)
            download.received.setdefault(student, []).append(Received(name, entry))
    for student, ids in by_id.items():
        if len(ids) > 1:
            numbers = ", ".join(sorted(shown(one[0]) for one in ids))
            download.refused[student] = (
                f"several people of the download ({numbers}) have this student's name: enter their "
                "numbers in the class list as ids"
            )
        elif not is_folder_name(student):
            download.refused[student] = "this cannot be the name of a folder, so it is no id"
    return download


def is_folder_name(student: str) -> bool:
    """Whether a student's folder may be called so."""
    bad = student in ("", ".", "..") or any(one in student for one in "/\\\0*?[]")
    return not bad and is_text(student) and student.isprintable()


def _all_entries(folder: Path, notebooks: Collection[str], download: Download) -> Iterable[Entry]:
    """The files of a download: those in its archives, and those that lie beside them."""
    for entry in files_below(folder):
        whose = read_name(entry.path, notebooks)
        if not is_archive(entry.path) or isinstance(whose, FileName):  # one student's own archive
            if is_other_archive(entry.path) and not isinstance(whose, FileName):
                download.problems.append(
                    f"{shown(entry.path)} is an archive of a kind that cannot be unpacked here: unpack it."
                )
                continue
            yield entry
            continue
        bad: list[str] = []
        try:
            inside = unpacked(entry.path, entry.read(), bad)
        except BadArchive as error:
            download.problems.append(f"{shown(entry.path)} cannot be unpacked: {error}.")
            continue
        download.problems += [f"In {shown(entry.path)}, {one}: left out." for one in bad]
        yield from inside


def handed_in(student: str, received: list[Received], notebooks: Collection[str]) -> Handed:
    """What a student has handed in last; BadArchive if an archive of it cannot be unpacked, ValueError
    in words if files of one attempt cannot be told apart."""
    newest = _newest(received)
    last = max(newest, key=lambda one: (one.name.attempt, one.name.number)).name
    handed = Handed(
        student,
        {},
        last.platform,
        max((one.name.time for one in newest if one.name.time), default=None),
        any(one.name.late for one in newest),
        (last.attempt, last.number),
    )
    whose: dict[str, str] = {}
    for one in newest:
        for path, content in _contents(one, notebooks, handed):
            if handed.files.get(path, content) != content:
                raise ValueError(
                    f"two different files are {shown(path)} ({shown(whose[path])}, "
                    f"{shown(one.entry.path)}): leave the right one in the download's folder"
                )
            handed.files[path], whose[path] = content, one.entry.path
    if handed.files.pop(TIMESTAMP, None) is not None:
        handed.notes.append(f"a {TIMESTAMP} was handed in and left out, for it would be believed")
    _name_notebooks(handed, notebooks)
    return handed


def _newest(received: list[Received]) -> list[Received]:
    """The files of a student's last attempt; where each file is an upload of its own, the last one of
    each name."""
    alone = [one for one in received if one.name.platform in UPLOADS]
    together = [one for one in received if one.name.platform not in UPLOADS]
    times = [one.name.time for one in together if one.name.time is not None]
    if times:
        together = [one for one in together if one.name.time == max(times)]
    found: dict[str, Received] = {}
    for one in alone:
        before = found.setdefault(one.name.file, one)
        if (one.name.attempt, one.name.number) > (before.name.attempt, before.name.number):
            found[one.name.file] = one
    return [*together, *found.values()]


def _contents(
    one: Received, notebooks: Collection[str], handed: Handed
) -> Iterable[tuple[str, bytes]]:
    """The files that a received file holds: its own, or those in it if it is an archive."""
    name = one.name.file
    if is_other_archive(name):
        raise BadArchive(f"{shown(name)} is an archive of a kind that cannot be unpacked here")
    if not is_archive(name):
        yield inner_path(name) or PurePosixPath(one.entry.path).name, one.entry.read()
        return
    try:
        inside, odd = _unpacked_deep(name, one.entry.read())
    except BadArchive as error:
        raise BadArchive(f"{shown(name)} cannot be unpacked: {error}") from error
    if odd:
        handed.notes.append(
            f"{shown(name)} has backslashes for slashes, as some programs of Windows' pack; they were "
            "taken for folders"
        )
    yield from _without_common_folder(dict(inside), notebooks).items()


def _unpacked_deep(
    name: str, content: bytes, depth: int = 1
) -> tuple[list[tuple[str, bytes]], bool]:
    """The files in a student's archive and in archives in it, by path, and whether a path had
    backslashes; BadArchive."""
    found: list[tuple[str, bytes]] = []
    odd = False
    for entry in unpacked(name, content):
        if is_ignored(entry.path):
            continue
        odd |= "\\" in entry.packed_as
        if is_archive(entry.path) and depth < MOST_DEEP:
            folder = PurePosixPath(entry.path).parent
            inside, also_odd = _unpacked_deep(entry.path, entry.read(), depth + 1)
            found += [(str(folder / path), inner) for path, inner in inside]
            odd |= also_odd
        else:
            found.append((entry.path, entry.read()))
    return found, odd


def _without_common_folder(files: dict[str, bytes], notebooks: Collection[str]) -> dict[str, bytes]:
    """The files with the folder that holds the notebooks taken for the submission itself."""
    folders = {
        str(PurePosixPath(path).parent)
        for path in files
        if match([PurePosixPath(path).name], notebooks)[0]
    }
    if not folders or "." in folders:
        return files
    folder = min(folders, key=lambda one: (one.count("/"), one))
    inside = {
        path[len(folder) + 1 :]: content
        for path, content in files.items()
        if path.startswith(folder + "/")
    }
    outside = {
        path: content for path, content in files.items() if not path.startswith(folder + "/")
    }
    return outside | inside


def _name_notebooks(handed: Handed, notebooks: Collection[str]) -> None:
    """Give recognised notebooks the assignment's names, and note what is missing."""
    at_top = [name for name in handed.files if "/" not in name]
    matched, problems = match(at_top, notebooks)
    for notebook, name in matched.items():
        if name != notebook + NOTEBOOK:
            handed.files[notebook + NOTEBOOK] = handed.files.pop(name)
    handed.notes += [one.rstrip(".") for one in problems]
    if not matched:
        names = ", ".join(shown(name) for name in sorted(handed.files)[:5]) or "nothing"
        handed.notes.append(f"no notebook of the assignment is among what was handed in ({names})")
