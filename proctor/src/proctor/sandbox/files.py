"""A folder's files, packed outside and unpacked inside a container, so that nothing is shared."""

import json
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True)
class PackedFile:
    """A folder (no content), a file (bytes) or a symbolic link (str), by its relative path."""

    path: str
    mode: int
    content: bytes | str | None


def pack(folder: str) -> list[PackedFile]:
    """Everything below `folder`, parents first; links stay links, special files are left out.

    Raises an OSError.
    """
    packed: list[PackedFile] = []
    for parent, folders, files in os.walk(folder):
        for name in sorted(folders) + sorted(files):
            path = os.path.join(parent, name)
            mode = os.lstat(path).st_mode
            relative = os.path.relpath(path, folder)
            if stat.S_ISLNK(mode):
                packed.append(PackedFile(relative, 0, os.readlink(path)))
            elif stat.S_ISDIR(mode):
                packed.append(PackedFile(relative, 0o700, None))
            elif stat.S_ISREG(mode):
                with open(path, "rb") as file:
                    permissions = stat.S_IMODE(mode) & 0o777 | 0o600
                    packed.append(PackedFile(relative, permissions, file.read()))
    return packed


def with_student_files(packed: Iterable[PackedFile], paths_fd: int) -> list[PackedFile]:
    """`packed` and a student's own files.

    `paths_fd` is an open file of JSON: {path below the folder: path to read}. Called in the
    candidate's process: what the process that forks it reads, even only the names, every later
    candidate could find in its memory. Raises an OSError or ValueError.
    """
    with open(paths_fd, "rb", closefd=False) as told:
        told.seek(0)
        sources = json.load(told)
    found = {file.path: file for file in packed}
    for path in sorted(sources):
        for parent in reversed(list(PurePath(path).parents)[:-1]):
            found.setdefault(str(parent), PackedFile(str(parent), 0o700, None))
        with open(sources[path], "rb") as source:
            found[path] = PackedFile(path, 0o600, source.read())
    return list(found.values())


def unpack(packed: Iterable[PackedFile], folder: str) -> None:
    """Write packed files into `folder`, where none of them may exist yet. Raises an OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    place = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for file in packed:
            if file.content is None:
                os.mkdir(file.path, file.mode, dir_fd=place)
            elif isinstance(file.content, str):
                os.symlink(file.content, file.path, dir_fd=place)
            else:
                write(os.open(file.path, flags, file.mode, dir_fd=place), file.content)
    finally:
        os.close(place)


def write(descriptor: int, content: bytes) -> None:
    """Write all of `content` to a descriptor and close it. Raises an OSError.

    A Python file object takes longer than that for a small file.
    """
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]
    finally:
        os.close(descriptor)
