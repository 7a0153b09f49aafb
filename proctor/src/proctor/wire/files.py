"""Owns that the files a student's code and a test write are there for both: regular ones, of limited size, never code, never a given one."""

import os
import re
import stat
import time

MOST_BYTES, MOST_IN_ALL, MOST_FILES, DEEP = 4 << 20, 16 << 20, 200, 4
ROOM = 100 << 20  # of what is taken in all; nothing after that
PART = re.compile(r"[^/\0.][^/\0]{0,120}")
CODE = re.compile(
    r"(?i)\.(py\w*|so|dll|dylib|ipynb|dist-info|egg-info|egg-link|pth)$|^(matplotlibrc|conftest.*|.*\.(cfg|toml|ini))$"
)
FRESH = 50_000_000  # nanoseconds for which the time of a change does not tell it from the next one


class Files:
    """One side's folders, by place; what lies in them at first is given, and neither sent nor overwritten where `strict`."""

    def __init__(self, strict, **places):
        self.strict, self.places = strict, {}
        self.given, self.known, self.mark, self.waiting, self.room = set(), {}, None, False, ROOM
        self.allowed = {}  # as which the other side may write a file anew
        for place, path in places.items():
            self.add(place, path)

    def add(self, place, path):
        """Watch a folder, too."""
        self.places[place] = os.path.abspath(path)
        self.given |= set(self.found(place, every=True))
        self.mark = None

    def found(self, place, every=False):
        """What lies in a place: {(place, name): status}, names of folders end in a slash; packages and very many only with `every`."""
        found, left = {}, [("", 0)]
        while left and (every or len(found) < 4 * MOST_FILES):
            above, depth = left.pop()
            with os.scandir(os.path.join(self.places[place], above)) as entries:
                for entry in entries:
                    about, name = entry.stat(follow_symlinks=False), above + entry.name
                    if not fits(entry.name):
                        continue
                    if stat.S_ISREG(about.st_mode):
                        found[place, name] = about
                    elif (
                        stat.S_ISDIR(about.st_mode)
                        and depth < DEEP
                        and (
                            every
                            or not os.path.exists(
                                os.path.join(self.places[place], name, "__init__.py")
                            )
                        )
                    ):
                        found[place, name + "/"] = about
                        left.append((name + "/", depth + 1))
        return found

    def look(self):
        """What tells, at little cost, that nothing was written since it was looked at last; None if it cannot tell."""
        watched = [*self.places.values(), *(self.path(key) for key in self.known)]
        try:
            times = [(about.st_mtime_ns, about.st_size) for about in map(os.lstat, watched)]
        except OSError:
            return None
        return None if max(times)[0] > time.time_ns() - FRESH else times

    def path(self, key):
        """Where a file or folder is on this side."""
        return os.path.join(self.places[key[0]], key[1])

    def changed(self, wanted=lambda name: True, asked=lambda name: True):
        """What was written since the last time, of what is wanted: [[place, name, content]]; "" for a folder, None for what is gone.
        The other side is `asked` for its own work on some."""
        self.allowed |= {
            key: known[0] for key, known in self.known.items() if known and asked(key[1])
        }
        if not self.waiting and self.mark is not None and self.look() == self.mark:
            return []
        now = {
            key: about
            for place in self.places
            for key, about in self.found(place).items()
            if key not in self.given
        }
        told, room, self.waiting = [], MOST_IN_ALL, False
        for key, about in now.items():
            if not wanted(key[1]):
                self.waiting = True
            elif key[1].endswith("/"):
                told += [] if key in self.known else [[*key, ""]]
                self.known[key] = None
            elif about.st_size <= min(MOST_BYTES, room) and len(told) < MOST_FILES:
                content = self.news(key, about)
                if asked(key[1]):
                    self.allowed[key] = self.known[key][0]
                told += [] if content is None else [[*key, content]]
                room -= len(content or b"")
        for key in [key for key in self.known if key not in now]:
            del self.known[key]
            told.append([*key, None])
        self.mark = self.look()
        return told

    def news(self, key, about):
        """What a file holds, if both sides do not know it yet."""
        stamp = (about.st_mtime_ns, about.st_size)
        before = self.known.get(key)
        if before and before[0] == stamp and about.st_mtime_ns < before[1] - FRESH:
            return None
        with open(
            os.open(self.path(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb"
        ) as file:
            content = file.read(MOST_BYTES + 1)
        self.known[key] = stamp, time.time_ns(), content
        return None if len(content) > MOST_BYTES or before and before[2] == content else content

    def take(self, told):
        """Write what the other side has written, which may lie about it; ValueError for what is no such message."""
        if type(told) is not list or len(told) > 5 * MOST_FILES:
            raise ValueError("no files")
        for place, name, content in told:
            if (
                type(place) is not str
                or type(name) is not str
                or place not in self.places
                or not (
                    content is None
                    or content == ""
                    or type(content) in (bytes, bytearray)
                    and len(content) <= MOST_BYTES
                )
            ):
                raise ValueError("no file")
            parts = name.removesuffix("/").split("/")
            self.room -= 1000 + len(content or b"")
            if (
                self.room > 0
                and len(parts) <= DEEP + 1
                and all(map(fits, parts))
                and not (self.strict and self.ours((place, name)))
            ):
                self.put(place, parts, name.endswith("/"), content)
        if told:
            self.mark = None

    def ours(self, key):
        """Whether a file is not for the other side to write: a given one, or one with something of ours that it was not asked to work on."""
        try:
            about = os.lstat(self.path(key))
        except (OSError, ValueError):
            return key in self.given
        written = stat.S_ISREG(about.st_mode) and about.st_size > 0
        return (
            key in self.given
            or written
            and self.allowed.get(key) != (about.st_mtime_ns, about.st_size)
        )

    def put(self, place, parts, folder, content):
        """Write, make or remove one; what stands in the way stays."""
        path = self.places[place]
        key = place, "/".join(parts) + "/" * folder
        try:
            for part in parts[: None if folder and content is not None else -1]:
                path = os.path.join(path, part)
                if not os.path.lexists(path):
                    os.mkdir(path)
                if not stat.S_ISDIR(os.lstat(path).st_mode):
                    return
            path = self.path(key)
            if content is None:
                if self.known.pop(key, self) is not self:
                    os.rmdir(path) if folder else os.unlink(path)
                return
            if not folder:
                with open(
                    os.open(
                        path,
                        os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK,
                        0o644,
                    ),
                    "wb",
                ) as file:
                    file.write(content)
            about = os.lstat(path)
            self.known[key] = (
                None
                if folder
                else ((about.st_mtime_ns, about.st_size), time.time_ns(), bytes(content))
            )
            self.allowed[key] = about.st_mtime_ns, about.st_size
        except OSError:
            return


def fits(name):
    """Whether a name is one of a file that may cross: not hidden, and nothing that Python would run or be told by."""
    return bool(PART.fullmatch(name)) and not CODE.search(name) and name != "__pycache__"


def mentioned(value, depth=0):
    """All the text in an argument, in one: what it could be a path in."""
    if issubclass(type(value), str):
        return str.__str__(value)
    if type(value).__module__ == "pathlib":
        return str(value)
    if depth < 3 and type(value) in (list, tuple, set):
        return "\0".join(mentioned(one, depth + 1) for one in list(value)[:100])
    if depth < 3 and type(value) is dict:
        return "\0".join(
            mentioned(one, depth + 1) for pair in list(value.items())[:100] for one in pair
        )
    return ""
