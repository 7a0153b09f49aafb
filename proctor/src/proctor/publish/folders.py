"""Owns the temporary folders of a round: copies of the support files, removed whatever was done to them."""

import contextlib
import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path


class Folder:
    """A temporary folder: `work` holds what a student may see beside the notebook, `home` is the zygote's own."""

    def __init__(self, support):
        self.path = Path(tempfile.mkdtemp())
        self.path.chmod(0o755)  # a candidate may be another user
        self.home, self.work = self.path / "home", self.path / "work"
        self.home.mkdir()
        copy(support, self.work)
        self.remember_fonts()

    def remember_fonts(self):
        """Spare matplotlib the search for fonts, some seconds, if it was made before."""
        for cache in (Path.home() / ".cache/matplotlib").glob("fontlist-*.json"):
            (self.home / ".cache/matplotlib").mkdir(parents=True, exist_ok=True)
            shutil.copy(cache, self.home / ".cache/matplotlib")

    def remove(self):
        """Remove it all."""
        remove(self.path)


def copy(support, place):
    """Copy the support files, without caches and links; `support` may be None for none."""
    if support is None:
        Path(place).mkdir()
    else:
        shutil.copytree(support, place, ignore=left_out)


def left_out(folder, names):
    """What of a support folder is not copied."""
    return [
        name
        for name in names
        if name in ("__pycache__", ".ipynb_checkpoints")
        or os.path.islink(os.path.join(folder, name))
    ]


def modules_in(folder):
    """The names of the modules that can be imported from a folder."""
    names = [path.stem for path in Path(folder).glob("*.py")] + [
        path.parent.name for path in Path(folder).glob("*/__init__.py")
    ]
    return sorted(name for name in names if name.isidentifier())


def remove(folder):
    """Remove a folder, also if what is in it was made unreadable, or lies deeper than Python goes."""
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if os.path.lexists(folder):
        with contextlib.suppress(OSError):
            os.chmod(folder, stat.S_IRWXU)
        for path, names, _ in os.walk(folder):
            for name in names:
                with contextlib.suppress(OSError):
                    if not os.path.islink(os.path.join(path, name)):
                        os.chmod(os.path.join(path, name), stat.S_IRWXU)
        with contextlib.suppress(RecursionError):
            shutil.rmtree(folder, ignore_errors=True)
    if os.path.lexists(folder) and shutil.which("rm"):
        subprocess.run(["rm", "-rf", str(folder)], stderr=subprocess.DEVNULL, check=False)
