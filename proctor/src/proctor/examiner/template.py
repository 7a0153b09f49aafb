"""Owns the process that prepares what all submissions of a notebook share, and forks the workers from it."""

import contextlib
import gc
import os
import pickle
import signal
import sys
from multiprocessing.connection import Connection

from proctor.candidate import environment as neutral
from proctor.candidate.unconfined import die_with_parent
from proctor.pool.process import received
from proctor.publish.folders import copy, modules_in, remove
from proctor.examiner.results import FAILED, Event, Outcome
from proctor.pool.zygotes import CannotStart, Zygotes
from proctor.examiner import ahead
from proctor.examiner.cells import Cells
from proctor.examiner.line import Line
from proctor.examiner.names import Names
from proctor.examiner.remote import Remote
from proctor.examiner.worker import STARTING, Worker


class Shared:
    """What the workers inherit: the examiner's shell after the prefix, and how to get candidates. Of the round's `ends`, which
    are closed in a process that has no use for them, `pictures` gets what the prefix shows."""

    def __init__(self, template, folder, finish, pictures, ends):
        self.template, self.folder, self.finish = template, folder, finish
        self.zygotes = Zygotes.start(template, folder)
        place = self.move_to("examiner")
        self.line = Line(self.zygotes, template.timeout)
        self.line.remote = Remote(self.line.connect, self.line.kill, seconds=template.timeout)
        names = Names(reference=template.reference)
        self.cells = Cells(names, template.imports)
        neutral.reseed()
        neutral.remember_random()
        self.drawer = self.draw(pictures, ends)
        self.prefix, self.failed = self.cells.prefix(template.prefix, shown=False)
        ahead.read_cells(self.cells.shell, template.tests)
        ahead.clean_sheets(place)
        names.remote = self.line.remote
        names.remote.told.seeds = self.cells.seeds
        names.remote.alike.modules = frozenset(modules_in(folder.work))
        self.zygotes.ready(STARTING)
        neutral.remember_random()
        self.line.fixed = neutral.random_states()
        theirs = self.zygotes.random
        self.fixed_libraries = [
            name for name, state in self.line.fixed.items() if theirs.get(name) == state
        ]

    def move_to(self, name):
        """Have a folder of one's own with the support files, as the one before had, and work in it."""
        place = self.folder.path / name
        remove(place)
        copy(self.folder.work, place)
        os.chdir(place)
        return place

    def draw(self, pictures, ends):
        """Run the prefix in a process beside this one, with the same random numbers, for what it shows: nobody waits for that to begin."""
        if pid := os.fork():
            pictures.close()
            return pid
        try:
            die_with_parent()
            for end in (*ends, *self.zygotes.lines.values()):
                end.close()
            self.move_to("drawn")
            neutral.reseed(())
            pictures.send(self.cells.prefix(self.template.prefix))
        finally:
            os._exit(0)

    def report(self):
        """What went wrong in the prefix on either side; what it shows comes from elsewhere."""
        events = [Event("crashed", index, FAILED) for index in self.failed]
        places = [part.index for part in self.template.prefix if part.index in self.prefix]
        events += [
            Event(
                "crashed",
                places[place],
                f"In a student's process this cell ends with an error: {text}",
            )
            for place, text in self.zygotes.failed
            if places[place] not in self.failed
        ]
        events += [
            Event("crashed", None, f"This could not be imported: {text}")
            for text in self.zygotes.missing
        ]
        return Outcome(events=events)


def start(descriptor):
    """Wait for work at the descriptor, prepare, fork the workers, and wait until the last has ended."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    work, files = received(descriptor)
    if work is None:
        return
    sys.path += [path for path in work["path"] if path not in sys.path]
    life, pictures, *conns = map(Connection, files)
    template, folder, finish = pickle.loads(work["task"])
    os.chdir(folder.home)
    try:
        shared = Shared(template, folder, finish, pictures, [life, *conns])
    except CannotStart as error:
        life.send(("failed", str(error)))
        return
    gc.collect()
    gc.freeze()
    workers = []
    for number, conn in enumerate(conns):
        zygotes = shared.zygotes.clone()
        workers.append(os.fork())
        if not workers[-1]:
            try:
                for other in (life, *conns[number + 1 :]):
                    other.close()
                for line in shared.zygotes.lines.values():
                    line.close()
                die_with_parent()
                Worker(shared, zygotes, conn, number).work()
            finally:
                os._exit(0)
        conn.close()
        for line in zygotes.lines.values():
            line.close()
    life.send(("ready", shared.report()))
    die_with_parent(False)
    for pid in workers:
        os.waitpid(pid, 0)
    with contextlib.suppress(OSError):
        life.poll(
            None
        )  # until the round closes it: what is drawn may be wanted when the last worker has ended
    os.kill(shared.drawer, signal.SIGKILL)
    os.waitpid(shared.drawer, 0)
    shared.zygotes.close()
    os._exit(0)
