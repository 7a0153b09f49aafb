"""Pools that stay open from one grading to the next, as long as they are what would be started anew."""

from __future__ import annotations

import ast
import functools
import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from proctor.examiner.template import Template
from proctor.pool.bases import Bases
from proctor.pool.pool import Pool
from proctor.pool.pools import Pools, PoolSettings
from proctor.preparation.store import installed, support_files
from proctor.waiting.identity import variables

INSTALLED = ("site-packages", "dist-packages", f"python{sys.version_info[0]}.{sys.version_info[1]}")


@dataclass(frozen=True)
class Conditions:
    """All that a pool was started from."""

    template: Template
    support: list[tuple[str, bytes]]
    path: list[str]
    environment: dict[str, str]
    installed: list[str]
    modules: list[tuple[str, int, int]]


class KeptPools:
    """The open pools of the assignment that was graded last, and the processes they come from."""

    def __init__(self, bases: Bases) -> None:
        self.bases = bases
        self.open: dict[str, tuple[Conditions, Pool]] = {}

    def pools(self, bases: Bases, settings: PoolSettings) -> Pools:
        """The pools of a grading, as Pools makes them; those that are open already are among them."""
        return ReusedPools(self, settings)

    def take(self, name: str, conditions: Conditions, workers: int) -> Pool | None:
        """The open pool of a notebook, if it was started from the same and has so many workers; it is
        no longer kept."""
        before, pool = self.open.pop(name, (None, None))
        if pool is not None and (before != conditions or pool.workers < workers):
            pool.close()
            return None
        return pool

    def keep(self, name: str, conditions: Conditions, pool: Pool) -> None:
        """Keep a pool that nobody works with, open for the next grading."""
        self.open[name] = conditions, pool

    def close(self) -> None:
        """Close all that is open."""
        for _, pool in self.open.values():
            pool.close()
        self.open = {}


class ReusedPools(Pools):
    """The pools of one grading, taken from those kept and given back at its end."""

    def __init__(self, kept: KeptPools, settings: PoolSettings) -> None:
        super().__init__(kept.bases, settings)
        self.kept = kept
        self.conditions: dict[str, Conditions] = {}
        for name in [name for name in kept.open if name not in settings.notebooks]:
            kept.open.pop(name)[1].close()

    def __exit__(self, *error: object) -> None:
        if error[:1] == (None,):
            for name, pool in list(self.open.items()):
                if pool.is_idle:
                    del self.open[name]
                    self.kept.keep(name, self.conditions[name], pool)
        super().__exit__(*error)

    def pool(self, name: str) -> Pool:
        """A notebook's pool."""
        if name not in self.open:
            conditions = self.conditions[name] = self.conditions_of(name)
            pool = self.kept.take(name, conditions, self.settings.workers)
            if pool is not None:
                with self.lock:
                    self.open[name] = pool
        return super().pool(name)

    def conditions_of(self, name: str) -> Conditions:
        """What a pool of this notebook would be started from now."""
        made = self.settings.template(name)
        return Conditions(
            replace(made, support=None, submissions=0),
            support_files(self.settings.support),
            list(sys.path),
            variables(),
            sorted(installed()),
            sorted(source_files(made.imports)),
        )


def source_files(modules: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    """The files (path, size, time) of those modules, and of all that they import in turn, which are
    worked on where they lie: an editable installation, a folder on the search path."""
    names = [name.partition(".")[0] for name in modules]
    seen = set(names) | set(sys.stdlib_module_names)
    while names:
        for file in files_of(names.pop()):
            about = file.stat()
            state = str(file), about.st_size, about.st_mtime_ns
            yield state
            for name in imported(*state):
                if name not in seen:
                    seen.add(name)
                    names.append(name)


def files_of(name: str) -> list[Path]:
    """The files of a module or package that no installer has put where it lies."""
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return []
    if found is None:
        return []
    if found.submodule_search_locations is not None:
        files = [file for place in found.submodule_search_locations for file in python_files(place)]
    else:
        files = [Path(found.origin)] if found.has_location and found.origin else []
    return [file for file in files if not set(INSTALLED) & set(file.resolve().parts)]


def python_files(folder: str) -> Iterator[Path]:
    """The files of Python below a folder."""
    if set(INSTALLED) & set(Path(folder).resolve().parts):
        return
    for path, folders, names in os.walk(folder):
        folders[:] = [one for one in folders if not one.startswith((".", "__pycache__"))]
        yield from (Path(path, name) for name in names if name.endswith((".py", ".so")))


@functools.lru_cache(maxsize=5000)
def imported(file: str, size: int, time: int) -> frozenset[str]:
    """The first parts of the names of modules that a file, as it is now, imports anywhere in it."""
    if not file.endswith(".py"):
        return frozenset()
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return frozenset()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return frozenset(found)
