"""What runs on the workers of a cluster: each holds the notebooks that it has prepared, and examines
submissions in its own sandbox."""

from __future__ import annotations

import tempfile
import threading
from collections import defaultdict
from pathlib import Path
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker

from proctor.cluster.contents import (
    Assignment,
    different,
    unpacked_assignment,
    unpacked_submission,
    versions,
)
from proctor.examiner.packet import packed
from proctor.examiner.template import Template
from proctor.pool.bases import Bases, CannotStart
from proctor.pool.pool import Pool
from proctor.pool.shown import Shown

PLUGIN = "proctor"
MOST_OPEN = 4  # notebooks that a worker has prepared at a time
Answer = tuple[str, Any]  # ("done", the result as bytes) or ("refused", why)


class ShownElsewhere:
    """What the first cells show is drawn where the notebooks are written: here it is empty lists,
    each of which stands for a cell."""

    def __init__(self, template: Template) -> None:
        self.shown = Shown({part.index: [] for part in template.running()})

    def read(self) -> Shown:
        """An empty list for each of the cells."""
        return self.shown

    def write(self, shown: Shown) -> None:
        """Nothing is drawn."""


class OpenNotebook:
    """A notebook that is prepared, for one submission at a time."""

    def __init__(self, assignment: Assignment) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.bases: Bases | None = None
        try:
            template = unpacked_assignment(assignment, Path(self.folder.name) / "support")
            self.bases = Bases(template.imports)
            self.pool = Pool(self.bases, template, 1, ShownElsewhere(template))
        except BaseException:
            self.close()
            raise

    def examine(self, content: bytes) -> bytes:
        """Examine a submission; the result as bytes."""
        with tempfile.TemporaryDirectory() as folder:
            task = unpacked_submission(content, Path(folder))
            ((_, outcome, notebook),) = self.pool.examine([(None, task)])
            return packed((outcome, notebook), self.pool.prefix)

    def close(self) -> None:
        """End its processes, and remove its files."""
        if pool := getattr(self, "pool", None):
            pool.close()
        if self.bases is not None:
            self.bases.close(0.0)
        self.folder.cleanup()


class Notebooks(WorkerPlugin):
    """The notebooks that a worker has prepared, by digest; one for each of its threads that is at
    work, which stays open for the next submission."""

    name = PLUGIN
    idempotent = True  # what one grading has prepared stays for the next one

    def __init__(self) -> None:
        self.idle: dict[str, list[OpenNotebook]] = {}
        self.lock: Any = None

    def setup(self, worker: Worker) -> None:
        """Begin; a lock does not travel."""
        self.idle, self.lock = defaultdict(list), threading.Lock()

    def teardown(self, worker: Worker) -> None:
        """The worker ends: so does all that it has started."""
        with self.lock:
            closing = [one for some in self.idle.values() for one in some]
            self.idle.clear()
        for one in closing:
            one.close()

    def take(self, assignment: Assignment) -> OpenNotebook:
        """A prepared notebook that nobody uses, prepared now if there is none; CannotStart."""
        with self.lock:
            if self.idle[assignment.digest]:
                return self.idle[assignment.digest].pop()
        return OpenNotebook(assignment)

    def give_back(self, assignment: Assignment, notebook: OpenNotebook) -> None:
        """It may be used again; what was not used for longest is closed."""
        with self.lock:
            self.idle[assignment.digest].append(notebook)
            others = [digest for digest in self.idle if digest != assignment.digest]
            closing = [
                one
                for digest in others[: max(0, len(self.idle) - MOST_OPEN)]
                for one in self.idle.pop(digest)
            ]
        for one in closing:
            one.close()


def examine(assignment: Assignment, submission: bytes) -> Answer:
    """The task of a cluster: examine one submission on this worker."""
    differing = different(assignment.versions, versions())
    if differing:
        return "refused", differing
    plugin = get_worker().plugins[PLUGIN]
    assert isinstance(plugin, Notebooks)
    try:
        notebook = plugin.take(assignment)
    except CannotStart as error:
        return "refused", str(error)
    try:
        content = notebook.examine(submission)
    except BaseException:
        notebook.close()
        raise
    plugin.give_back(assignment, notebook)
    return "done", content
