"""Reading a folder that a stranger filled.

Only regular files are read, no link is followed, nothing special is opened, all of it is bounded.
"""

import fnmatch
import os
import shutil
import stat
from collections.abc import Collection
from dataclasses import dataclass, field

FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: what becomes a pipe between the look and the opening must not make the reader wait.
FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
MAX_DEPTH, MAX_ENTRIES = 16, 5000
SPECIAL_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


class Refused(Exception):
    """A thing that cannot be read as a regular file or folder; the message says why."""


@dataclass
class FolderContents:
    """What lies in a folder: {relative name: bytes} of its regular files, sentences on the rest.

    `links` are what its symbolic links say, which are not followed: {relative name: path}.
    """

    files: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)


def shown(name: object) -> str:
    """A name that a stranger chose, fit for a terminal: nothing in it can move the cursor."""
    text = str(name)
    text = text if len(text) <= 80 else text[:40] + "…" + text[-30:]
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in text
    )


def is_text(name: str) -> bool:
    """Whether a name is valid Unicode, which not every file system asks for."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def special(mode: int) -> str:
    """In words, what a thing with this st_mode is, if it is neither a file nor a folder."""
    return next(
        (words for is_kind, words in SPECIAL_KINDS if is_kind(mode)), "neither a file nor a folder"
    )


def open_folder(trusted: str | os.PathLike[str], path: str | os.PathLike[str]) -> int:
    """A descriptor of the folder `path`; below the folder `trusted` no link is followed.

    Raises Refused if there is a link or no folder, OSError if `trusted` cannot be opened.
    """
    descriptor = os.open(trusted, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in os.path.relpath(path, trusted).split(os.sep):
        try:
            below = os.open(part, FOLDER_FLAGS, dir_fd=descriptor)
        except OSError as error:
            raise Refused(
                f"{shown(part)} is not a folder of its own (a symbolic link?), "
                f"so nothing in it is read: {error.strerror}"
            ) from error
        finally:
            os.close(descriptor)
        descriptor = below
    return descriptor


def matches(name: str, patterns: Collection[str]) -> bool:
    """Whether a base name matches one of nbgrader's ignore globs.

    A leading dot is matched by a leading dot only, as glob does.
    """
    return any(
        fnmatch.fnmatchcase(name, pattern)
        for pattern in patterns
        if not name.startswith(".") or pattern.startswith(".")
    )


def walk(folder: int, ignore: Collection[str] = ()) -> FolderContents:
    """Everything in the folder (a descriptor), without following or opening anything but folders.

    Raises OSError if the folder itself cannot be read.
    """
    contents, count = FolderContents(), 0
    waiting = [("", 0)]
    while waiting:
        above, depth = waiting.pop()
        try:
            descriptor = _open_below(folder, above)
        except OSError as error:
            if not above:
                raise
            contents.problems.append(
                f"{shown(above)} cannot be looked into ({error.strerror}): ignored."
            )
            continue
        try:
            with os.scandir(descriptor) as entries:
                for entry in entries:
                    count += 1
                    if count > MAX_ENTRIES:
                        contents.problems.append(
                            f"More than {MAX_ENTRIES} files and folders: the rest is not looked at."
                        )
                        return contents
                    _sort_entry(contents, waiting, entry, above, depth, ignore)
                    if entry.is_symlink() and is_text(above + entry.name):
                        target = os.readlink(entry.name, dir_fd=descriptor)
                        contents.links[above + entry.name] = target
        finally:
            os.close(descriptor)
    return contents


def _sort_entry(
    contents: FolderContents,
    waiting: list[tuple[str, int]],
    entry: os.DirEntry[str],
    above: str,
    depth: int,
    ignore: Collection[str],
) -> None:
    """Enter one thing of a folder as a file, a folder still to be walked, or a sentence."""
    name = above + entry.name
    mode = entry.stat(follow_symlinks=False)
    if not is_text(name):
        contents.problems.append(f"The name {shown(name)} is not readable text: ignored.")
        return
    if stat.S_ISREG(mode.st_mode):
        if not matches(entry.name, ignore):
            contents.files[name] = mode.st_size
    elif not stat.S_ISDIR(mode.st_mode):
        contents.problems.append(f"{shown(name)} is {special(mode.st_mode)}: not opened.")
    elif not matches(entry.name, ignore):
        if depth >= MAX_DEPTH:
            contents.problems.append(
                f"{shown(name)} lies more than {MAX_DEPTH} folders deep: ignored."
            )
        else:
            waiting.append((name + "/", depth + 1))


def _open_below(folder: int, relative: str) -> int:
    """A new descriptor of the folder at a relative path such as "a/b/"; no link is followed.

    "" is the folder itself.
    """
    descriptor = os.open(".", FOLDER_FLAGS, dir_fd=folder)
    for part in filter(None, relative.split("/")):
        try:
            below = os.open(part, FOLDER_FLAGS, dir_fd=descriptor)
        finally:
            os.close(descriptor)
        descriptor = below
    return descriptor


def open_file(folder: int, name: str, limit: int) -> int:
    """A descriptor of a regular file of at most `limit` bytes; raises Refused if it is none."""
    above, _, base = name.rpartition("/")
    try:
        parent = _open_below(folder, above)
        try:
            before = os.stat(base, dir_fd=parent, follow_symlinks=False)
            if not stat.S_ISREG(before.st_mode):
                raise Refused(f"{shown(name)} is {special(before.st_mode)}, not a file")
            descriptor = os.open(base, FILE_FLAGS, dir_fd=parent)
        finally:
            os.close(parent)
    except OSError as error:
        raise Refused(f"{shown(name)} cannot be read: {error.strerror}") from error
    now = os.fstat(descriptor)
    if stat.S_ISREG(now.st_mode) and now.st_size <= limit:
        return descriptor
    os.close(descriptor)
    if stat.S_ISREG(now.st_mode):
        raise Refused(f"{shown(name)} is larger than {limit / 1e6:g} MB")
    raise Refused(f"{shown(name)} is {special(now.st_mode)}, not a file")


def read(folder: int, name: str, limit: int) -> bytes:
    """The bytes of a regular file of at most `limit` bytes; raises Refused."""
    with os.fdopen(open_file(folder, name, limit), "rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise Refused(f"{shown(name)} is larger than {limit / 1e6:g} MB")
    return data


def copy(folder: int, name: str, target: str, limit: int) -> None:
    """Copy a regular file to the path `target`, which must not exist, making the folders above it.

    Raises Refused if it is no regular file of at most `limit` bytes, OSError if it cannot be
    written.
    """
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with os.fdopen(open_file(folder, name, limit), "rb") as source, open(target, "xb") as new:
        shutil.copyfileobj(source, new, 1 << 20)
