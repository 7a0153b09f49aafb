"""The base process that examiners come from, and what it prepares for a notebook."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import tempfile
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from proctor.candidate.unconfined import die_with_parent
from proctor.examiner.cells import TestCells, shell_of_tests
from proctor.examiner.results import Event
from proctor.examiner.template import Template
from proctor.examiner.worker import Shared, Worker
from proctor.kernel import pages
from proctor.kernel.environment import RandomState, random_states
from proctor.pool import work
from proctor.pool.bases import CannotStart
from proctor.pool.candidate_server import CandidateServer
from proctor.publish.folders import WorkingFolder, copy, remove
from proctor.sanitize import css

STARTING = 300.0  # seconds for a fork server's imports and prefix
FAILED = "This instructor's cell ends with an error."
SHEETS = 32  # style sheets cleaned ahead; of the 64 that stay known, a submission's find room too
LEAST, LONGEST = 200, 200_000  # characters of a style sheet that is worth it


def serve(line: socket.socket) -> None:
    """For each work that comes fork the process that prepares a notebook."""
    errors = os.dup(2)
    shell_of_tests()
    gc.collect()
    gc.freeze()  # else each notebook's process would copy all of it when it collects
    children: set[int] = set()
    with line, contextlib.suppress(OSError):
        while True:
            told, files = work.receive(line)
            pid = os.fork()
            if not pid:
                try:
                    line.close()
                    prepare(told, files)
                except BaseException:
                    os.write(errors, traceback.format_exc().encode())  # the shell has taken 2
                finally:
                    os._exit(1)
            children.add(pid)
            for file in files:
                os.close(file)
            children -= {one for one in children if os.waitpid(one, os.WNOHANG)[0]}
    for pid in children:
        os.waitpid(pid, 0)


def prepare(told: dict[str, Any], files: list[int]) -> None:
    """Prepare a notebook, fork its workers, and wait until the last has ended.

    Of the sockets, the first lives as long as the round, the second gets what the prefix shows, the
    next two are the candidates' fork servers, the others the workers'.
    """
    sys.path += [path for path in told["path"] if path not in sys.path]
    template, folder = told["template"], told["folder"]
    lines = [socket.socket(fileno=file) for file in files[2:4]]
    ends: list[Connection] = [Connection(file) for file in (*files[:2], *files[4:])]
    life, pictures, *conns = ends
    server = CandidateServer(dict(zip(("imports", "prefix"), lines, strict=True)))
    os.chdir(folder.home)
    try:
        notebook = Notebook(template, folder)
        drawer = notebook.draw(pictures, [life, *conns], lines) if told["draw"] else None
        shared = notebook.ready(server)
    except CannotStart as error:
        life.send(("failed", str(error)))
        return
    gc.collect()
    gc.freeze()
    if template.submissions >= pages.FORKS:
        pages.gather()
    numbers = reversed(range(len(conns)))
    workers = [fork_worker(shared, server, conns, life, number) for number in numbers]
    life.send(("ready", notebook.events(server)))
    for pid in workers:
        os.waitpid(pid, 0)
    with contextlib.suppress(OSError):
        life.poll(None)  # until the round closes it: what is drawn may be wanted after the last one
    if drawer is not None:
        os.kill(drawer, signal.SIGKILL)
        os.waitpid(drawer, 0)
    os._exit(0)


def fork_worker(
    shared: Shared, server: CandidateServer, conns: list[Connection], life: Connection, number: int
) -> int:
    """Fork a worker on the connection of this number; its pid. The last one, of number 0, gets the
    candidates' fork servers themselves, the others clones."""
    own = server.clone() if number else server
    pid = os.fork()
    if pid:
        conns[number].close()
        own.close()
        return pid
    try:
        for other in (life, *conns[:number]):
            other.close()
        if own is not server:
            server.close()
        die_with_parent()
        Worker(shared, own, conns[number], number).work()
    finally:
        os._exit(0)


@dataclass
class Drawn:
    """What cells of a prefix show, by place, the places of those that failed, and the modules that
    were loaded."""

    outputs: dict[int, list[NotebookNode]]
    failed: list[int]
    modules: list[str]

    def joined(self, other: Drawn) -> Drawn:
        """Both together, by place."""
        outputs = dict(sorted({**self.outputs, **other.outputs}.items()))
        failed = sorted({*self.failed, *other.failed})
        return Drawn(outputs, failed, list(dict.fromkeys([*self.modules, *other.modules])))


class Notebook:
    """The examiner's side of a notebook, its first cells run."""

    def __init__(self, template: Template, folder: WorkingFolder) -> None:
        self.template, self.folder = template, folder
        self.known = frozenset(sys.modules)
        self.parts = template.running()
        self.place = self.move_to("examiner")
        self.cells = TestCells(template.imports)
        RandomState().reseed()
        self.random = RandomState()

    def move_to(self, name: str) -> Any:
        """Have a folder of one's own with the support files, and work in it."""
        place = self.folder.path / name
        remove(place)
        copy(self.folder.work, place)
        os.chdir(place)
        return place

    def draw(self, pictures: Connection, ends: list[Connection], lines: list[socket.socket]) -> int:
        """Have the prefix run in two processes beside this one, with the same random numbers, for what
        it shows: nobody waits for that to begin. Each draws the next cell that is not drawn yet."""
        pid = os.fork()
        if pid:
            pictures.close()
            return pid
        try:
            die_with_parent()
            for end in ends:
                end.close()
            for line in lines:
                line.close()
            claims = Path(tempfile.mkdtemp(dir=self.folder.path))  # a pool may be started anew
            helper = self.drawn_by_another(claims) if len(self.parts) > 1 else None
            drawn = self.drawn("drawn", claims)
            pictures.send(drawn.joined(helper.recv()) if helper else drawn)
        finally:
            os._exit(0)

    def drawn_by_another(self, claims: Path) -> Connection:
        """Have a further process draw; what it sends."""
        ours, theirs = Pipe(duplex=False)
        if os.fork():
            theirs.close()
            return ours
        try:
            die_with_parent()
            ours.close()
            theirs.send(self.drawn("drawn-2", claims))
        finally:
            os._exit(0)

    def drawn(self, folder: str, claims: Path) -> Drawn:
        """Run the prefix in a folder of its own, and draw what those cells show that no other process
        has claimed before, by a file in the folder `claims`."""

        def is_claimed(place: int) -> bool:
            try:
                (claims / str(place)).touch(exist_ok=False)
            except FileExistsError:
                return False
            return True

        self.move_to(folder)
        self.random.reseed(())
        outputs, failed = self.cells.prefix(self.parts, is_claimed)
        return Drawn(outputs, failed, self.modules())

    def modules(self) -> list[str]:
        """What the notebook's imports and first cells have loaded besides the support files, in the
        order in which it was loaded."""
        place = os.path.join(os.path.realpath(self.folder.path), "")
        return self.template.imports + [
            name
            for name, module in list(sys.modules.items())
            if name not in self.known and not lies_in(place, module)
        ]

    def ready(self, server: CandidateServer) -> Shared:
        """Run the prefix for its names, read what can be read ahead, wait for the candidates' side."""
        _, self.failed = self.cells.prefix(self.parts)
        prefix: dict[int, list[NotebookNode]] = {part.index: [] for part in self.parts}
        self.cells.read_ahead(self.template.tests)
        for text in style_sheets(str(self.place))[:SHEETS]:
            css.clean_sheet(text)
        server.ready(STARTING)
        random, states = RandomState(), random_states()
        fixed = {name for name, state in states.items() if server.random.get(name) == state}
        return Shared(self.template, self.folder, self.cells, random, frozenset(fixed), prefix)

    def events(self, server: CandidateServer) -> list[Event]:
        """What went wrong in the prefix on either side; what it shows comes from elsewhere."""
        events = [Event("crashed", index, FAILED) for index in self.failed]
        for place, text in server.failed:
            index = self.template.binding()[place][1].index
            if index not in self.failed:
                words = f"In a student's process this cell ends with an error: {text}"
                events.append(Event("crashed", index, words))
        words = "This could not be imported: "
        return events + [Event("crashed", None, words + text) for text in server.missing]


def style_sheets(folder: str) -> list[str]:
    """The texts in loaded modules of an instructor's folder that look like a style sheet: they will
    stand in what these modules show, and cleaning them takes long."""
    place = os.path.join(os.path.realpath(folder), "")
    found: dict[str, None] = {}
    for module in list(sys.modules.values()):
        if lies_in(place, module):
            found |= dict.fromkeys(text for text in vars(module).values() if is_style_sheet(text))
    return list(found)


def lies_in(place: str, module: object) -> bool:
    """Whether a module's file lies in a folder, given with the separator at its end and without links,
    as the path of a module that was found in the present folder is too."""
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and file.startswith(place)


def is_style_sheet(value: object) -> bool:
    """Whether a module's global is text that may be a style sheet."""
    return (
        type(value) is str
        and LEAST <= len(value) <= LONGEST
        and value.count("{") == value.count("}") > 0
        and "<" not in value
    )
