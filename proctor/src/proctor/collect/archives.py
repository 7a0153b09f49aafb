"""The files of a download, read without trusting a name or a size in it."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from proctor.submission.files import shown

MOST_FILES = 20_000
MOST_BYTES = 4 << 30  # of all that is unpacked of one archive
MOST_OF_A_FILE = 1 << 30
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
OTHER_ARCHIVES = (".rar", ".7z", ".gz")


class BadArchive(Exception):
    """An archive that cannot be unpacked; the message says why, in words."""


@dataclass(frozen=True)
class Entry:
    """A file of a download: its path with slashes, what reads it (BadArchive), and the path as the
    archive has it."""

    path: str
    read: Callable[[], bytes]
    packed_as: str = ""


def is_archive(name: str) -> bool:
    """Whether a file is unpacked, by its name."""
    return name.lower().endswith(ARCHIVES)


def is_other_archive(name: str) -> bool:
    """Whether a file is an archive of a kind that nobody here can unpack."""
    return name.lower().endswith(OTHER_ARCHIVES) and not is_archive(name)


def files_below(folder: Path) -> Iterator[Entry]:
    """The files below a folder, in the order of their paths; links are left out."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if stat.S_ISREG(os.lstat(path).st_mode):
                yield Entry(path.relative_to(folder).as_posix(), path.read_bytes)


def unpacked(name: str, content: bytes, bad: list[str] | None = None) -> list[Entry]:
    """The files in an archive; BadArchive.

    A path may be written with backslashes, as some programs of Windows' do; one that leads out of the
    archive, a link or a device makes all of it bad, or is told to the list `bad` and left out.
    """
    if not content:
        raise BadArchive("it is empty")
    is_zip = name.lower().endswith(".zip")
    try:
        found = list(_in_zip(content, bad) if is_zip else _in_tar(content, bad))
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError, ValueError) as error:
        kind = "a RAR archive" if content.startswith(b"Rar!") else ""
        kind = kind or ("a 7z archive" if content.startswith(b"7z\xbc\xaf") else "")
        reason = f"it is {kind} under another name" if kind else f"it cannot be read ({error})"
        raise BadArchive(reason) from error
    return found


def _in_zip(content: bytes, bad: list[str] | None) -> Iterator[Entry]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    infos = [info for info in archive.infolist() if not info.is_dir()]
    _check([info.file_size for info in infos])
    for info in infos:
        if info.flag_bits & 1:
            raise BadArchive("it is protected by a password")
        path = _place(info.filename, not stat.S_ISLNK(info.external_attr >> 16), bad)
        if path:

            def read(info: zipfile.ZipInfo = info) -> bytes:
                try:
                    with archive.open(info) as file:
                        return _bounded(file.read(info.file_size + 1), info.file_size)
                except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError) as error:
                    raise BadArchive(f"{shown(info.filename)} cannot be read ({error})") from error

            yield Entry(path, read, info.filename)


def _in_tar(content: bytes, bad: list[str] | None) -> Iterator[Entry]:
    archive = tarfile.open(fileobj=io.BytesIO(content))  # noqa: SIM115 (read from later)
    members = [member for member in archive if not member.isdir()]
    _check([member.size for member in members])
    for member in members:
        path = _place(member.name, member.isreg(), bad)
        if path:

            def read(member: tarfile.TarInfo = member) -> bytes:
                file = archive.extractfile(member)
                return _bounded(file.read(member.size + 1) if file else b"", member.size)

            yield Entry(path, read)


def _place(name: str, is_file: bool, bad: list[str] | None) -> str:
    """The path of a file in an archive, "" if it is left out; BadArchive if nobody is told of that."""
    try:
        if not is_file:
            raise BadArchive(f"it holds a link or a device, {shown(name)}")
        return inner_path(name)
    except BadArchive as error:
        if bad is None:
            raise
        bad.append(str(error))
        return ""


def _check(sizes: list[int]) -> None:
    """Raise BadArchive if these sizes of files are too much."""
    if len(sizes) > MOST_FILES:
        raise BadArchive(f"it holds {len(sizes)} files; at most {MOST_FILES} are unpacked")
    if sum(sizes) > MOST_BYTES or max(sizes, default=0) > MOST_OF_A_FILE:
        raise BadArchive(f"unpacked it has {sum(sizes) >> 20} MB, which is too much")


def _bounded(content: bytes, size: int) -> bytes:
    """The content of a file that said it has this size; BadArchive if it has more."""
    if len(content) > size:
        raise BadArchive("a file in it is larger than it says")
    return content


def inner_path(name: str) -> str:
    """A path in an archive with slashes, without the present folder; BadArchive if it leads out."""
    if "\0" in name:
        raise BadArchive("a name in it holds a zero")
    path = name.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or ".." in parts or (parts and parts[0][1:] == ":"):
        raise BadArchive(f"{shown(name)} leads out of it")
    return str(PurePosixPath(*parts)) if parts else ""
