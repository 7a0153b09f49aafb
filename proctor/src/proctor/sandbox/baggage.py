"""Owns the files that a candidate finds in its folder: read outside, written again inside, so that nothing is shared."""

import json
import os
import stat
from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True)
class Item:
    """A folder (no content), a file (bytes) or a symbolic link (str), by its path below the folder."""

    path: str
    mode: int
    content: bytes | str | None


def pack(folder: str) -> list[Item]:
    """Everything below `folder`, parents first; links are kept as links, special files left out."""
    items: list[Item] = []
    for where, folders, files in os.walk(folder):
        for name in sorted(folders) + sorted(files):
            path = os.path.join(where, name)
            mode = os.lstat(path).st_mode
            relative = os.path.relpath(path, folder)
            if stat.S_ISLNK(mode):
                items.append(Item(relative, 0, os.readlink(path)))
            elif stat.S_ISDIR(mode):
                items.append(Item(relative, 0o700, None))
            elif stat.S_ISREG(mode):
                with open(path, "rb") as file:
                    items.append(Item(relative, stat.S_IMODE(mode) & 0o777 | 0o600, file.read()))
    return items


def with_own(items: list[Item], told: int) -> list[Item]:
    """`items` and a student's own files, which the open file `told` names as JSON {path below the folder: path to read}.

    Called in the candidate's process: what a zygote reads, even only the names, every later candidate could find in its memory.
    """
    with open(told, "rb", closefd=False) as file:
        file.seek(0)
        wanted = json.load(file)
    found = {item.path: item for item in items}
    for path in sorted(wanted):
        for above in reversed(list(PurePath(path).parents)[:-1]):
            found.setdefault(str(above), Item(str(above), 0o700, None))
        with open(wanted[path], "rb") as file:
            found[path] = Item(path, 0o600, file.read())
    return list(found.values())


def unpack(items: list[Item], folder: str) -> None:
    for item in items:
        path = os.path.join(folder, item.path)
        if item.content is None:
            os.mkdir(path, item.mode)
        elif isinstance(item.content, str):
            os.symlink(item.content, path)
        else:
            with open(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, item.mode), "wb"
            ) as file:
                file.write(item.content)
