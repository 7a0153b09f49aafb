"""The temporary folders of a grading run: copies of the support files, removed in any state."""

import contextlib
import os
import shutil
import stat
import subprocess
import tempfile
import weakref
from pathlib import Path


class SupportCopy:
    """A copy of the support files, for processes that only read it, in a temporary folder that is
    removed with the last of those who hold this object. None: no files."""

    def __init__(self, support: str | os.PathLike[str] | None) -> None:
        folder = Path(tempfile.mkdtemp())
        self.end = weakref.finalize(self, remove, folder)
        folder.chmod(0o755)  # a candidate may be another user
        self.path = folder / "work"
        copy(support, self.path)


class WorkingFolder:
    """A temporary folder for the processes that grade.

    `work` holds what a student's code may see beside the notebook, and may serve other notebooks as
    well; `home` is the home folder of the process that the candidates are forked from.
    """

    def __init__(self, support: SupportCopy) -> None:
        self.support = support
        self.path = Path(tempfile.mkdtemp())
        self.path.chmod(0o755)  # a candidate may be another user
        self.home, self.work = self.path / "home", support.path
        self.home.mkdir()
        copy_font_cache(self.home)

    def remove(self) -> None:
        """Remove the folder and all that is in it."""
        remove(self.path)


def copy_font_cache(home: Path) -> None:
    """Spare matplotlib in another home folder the search for fonts, some seconds, if it was made
    before."""
    for cache in (Path.home() / ".cache/matplotlib").glob("fontlist-*.json"):
        (home / ".cache/matplotlib").mkdir(parents=True, exist_ok=True)
        shutil.copy(cache, home / ".cache/matplotlib")


def copy(support: str | os.PathLike[str] | None, target: str | os.PathLike[str]) -> None:
    """Copy the support files to the new folder `target`, without caches and links; None: none."""
    if support is None:
        Path(target).mkdir()
    else:
        shutil.copytree(support, target, ignore=_not_copied)


def _not_copied(folder: str, names: list[str]) -> list[str]:
    """What of a support folder is not copied."""
    return [
        name
        for name in names
        if name in ("__pycache__", ".ipynb_checkpoints")
        or os.path.islink(os.path.join(folder, name))
    ]


def modules_in(folder: str | os.PathLike[str]) -> list[str]:
    """The names of the modules that can be imported from a folder, sorted."""
    modules = [path.stem for path in Path(folder).glob("*.py")]
    packages = [path.parent.name for path in Path(folder).glob("*/__init__.py")]
    return sorted(name for name in modules + packages if name.isidentifier())


def remove(folder: str | os.PathLike[str]) -> None:
    """Remove a folder, also if what is in it is unreadable, or lies deeper than Python recurses."""
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
