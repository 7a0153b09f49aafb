"""Owns reading a folder that a stranger filled: only regular files, no link followed, nothing special opened, all of it bounded."""

import fnmatch
import os
import shutil
import stat
from dataclasses import dataclass, field

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: what becomes a pipe between the look and the opening must not make the reader wait
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
DEPTH, ENTRIES = 16, 5000
SPECIAL = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


class Refused(Exception):
    """What cannot be read as a regular file, in words."""


@dataclass
class Found:
    """What lies in a folder: {relative name: size} of its regular files, and sentences about the rest."""

    files: dict[str, int] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)


def shown(name):
    """A name that a stranger chose, fit for a terminal and a report: nothing in it can move the cursor."""
    text = str(name)
    text = text if len(text) <= 80 else text[:40] + "…" + text[-30:]
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in text
    )


def is_text(name):
    """Whether a name is readable text, which not every file system asks for."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def special(mode):
    """In words, what a thing is that is neither a file nor a folder."""
    return next((words for test, words in SPECIAL if test(mode)), "neither a file nor a folder")


def open_folder(trusted, path):
    """A descriptor of the folder `path`; below the folder `trusted` no link is followed. Refused in words."""
    at = os.open(trusted, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in os.path.relpath(path, trusted).split(os.sep):
        try:
            below = os.open(part, FOLDER, dir_fd=at)
        except OSError as error:
            raise Refused(
                f"{shown(part)} is not a folder of its own (a symbolic link?), so nothing in it is read: {error.strerror}"
            ) from error
        finally:
            os.close(at)
        at = below
    return at


def matches(name, patterns):
    """Whether a base name matches one of nbgrader's ignore globs (a leading dot only by a leading dot, as glob does)."""
    return any(
        fnmatch.fnmatchcase(name, one)
        for one in patterns
        if not name.startswith(".") or one.startswith(".")
    )


def walk(folder, ignore=()):
    """Everything in the folder (a descriptor), without following or opening anything but folders."""
    found, count = Found(), 0
    waiting = [("", 0)]
    while waiting:
        above, depth = waiting.pop()
        try:
            at = reached(folder, above)
        except OSError as error:
            if not above:
                raise
            found.odd.append(f"{shown(above)} cannot be looked into ({error.strerror}): ignored.")
            continue
        try:
            with os.scandir(at) as entries:
                for entry in entries:
                    count += 1
                    if count > ENTRIES:
                        found.odd.append(
                            f"More than {ENTRIES} files and folders: the rest is not looked at."
                        )
                        return found
                    noted(found, waiting, entry, above, depth, ignore)
        finally:
            os.close(at)
    return found


def noted(found, waiting, entry, above, depth, ignore):
    """Enter one thing of a folder where it belongs: a file, a folder still to be walked, or a sentence."""
    name, mode = above + entry.name, entry.stat(follow_symlinks=False)
    if not is_text(name):
        found.odd.append(f"The name {shown(name)} is not readable text: ignored.")
        return
    if stat.S_ISREG(mode.st_mode):
        if not matches(entry.name, ignore):
            found.files[name] = mode.st_size
    elif not stat.S_ISDIR(mode.st_mode):
        found.odd.append(f"{shown(name)} is {special(mode.st_mode)}: not opened.")
    elif not matches(entry.name, ignore):
        if depth >= DEPTH:
            found.odd.append(f"{shown(name)} lies more than {DEPTH} folders deep: ignored.")
        else:
            waiting.append((name + "/", depth + 1))


def reached(folder, relative):
    """A new descriptor of the folder at a relative path such as "a/b/" ("" is the folder itself); no link is followed."""
    at = os.open(".", FOLDER, dir_fd=folder)
    for part in filter(None, relative.split("/")):
        try:
            below = os.open(part, FOLDER, dir_fd=at)
        finally:
            os.close(at)
        at = below
    return at


def opened(folder, name, limit):
    """A descriptor of a regular file of at most `limit` bytes; Refused in words if it is anything else."""
    above, _, base = name.rpartition("/")
    try:
        at = reached(folder, above)
        try:
            before = os.stat(base, dir_fd=at, follow_symlinks=False)
            if not stat.S_ISREG(before.st_mode):
                raise Refused(f"{shown(name)} is {special(before.st_mode)}, not a file")
            handle = os.open(base, FILE, dir_fd=at)
        finally:
            os.close(at)
    except OSError as error:
        raise Refused(f"{shown(name)} cannot be read: {error.strerror}") from error
    now = os.fstat(handle)
    if stat.S_ISREG(now.st_mode) and now.st_size <= limit:
        return handle
    os.close(handle)
    raise Refused(
        f"{shown(name)} is larger than {limit / 1e6:g} MB"
        if stat.S_ISREG(now.st_mode)
        else f"{shown(name)} is {special(now.st_mode)}, not a file"
    )


def read(folder, name, limit):
    """The bytes of a regular file of at most `limit` bytes; Refused in words."""
    with os.fdopen(opened(folder, name, limit), "rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise Refused(f"{shown(name)} is larger than {limit / 1e6:g} MB")
    return data


def copy(folder, name, target, limit):
    """Copy a regular file to the path `target`, which must not exist, making the folders above it."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with os.fdopen(opened(folder, name, limit), "rb") as file, open(target, "xb") as new:
        shutil.copyfileobj(file, new, 1 << 20)
