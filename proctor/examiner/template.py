"""Owns the process that prepares what all submissions of a notebook share, and forks the workers from it."""

import gc
import os
import pickle
import signal
import sys
from multiprocessing.connection import Connection

from ..candidate import neutral
from ..candidate.plain import die_with_parent
from ..folders import copy, modules_in, remove
from ..results import Event, Outcome
from ..zygotes import CannotStart, Zygotes
from .cells import Cells
from .line import Line
from .names import Names
from .remote import Remote
from .worker import STARTING, Worker


class Shared:
    """What the workers inherit: the examiner's shell after the prefix, and how to get candidates."""

    def __init__(self, template, folder, finish):
        self.template, self.folder, self.finish = template, folder, finish
        self.zygotes = Zygotes.start(template, folder)
        place = folder.path / "examiner"
        remove(place)
        copy(folder.work, place)
        os.chdir(place)
        self.line = Line(self.zygotes, template.timeout)
        self.line.remote = Remote(self.line.connect, self.line.kill, seconds=template.timeout)
        names = Names()
        self.cells = Cells(names, template.imports)
        self.prefix, self.failed = self.cells.prefix(template.prefix)
        names.remote = self.line.remote
        names.remote.told.seeds = self.cells.seeds
        names.remote.alike.modules = frozenset(modules_in(folder.work))
        self.zygotes.ready(STARTING)
        neutral.remember_random()
        self.line.fixed = neutral.random_states()
        theirs = self.zygotes.random
        self.fixed_libraries = [name for name, state in self.line.fixed.items() if theirs.get(name) == state]

    def report(self):
        """The prefix's Outcome, with what went wrong in it on either side."""
        events = [Event("crashed", index, "This instructor's cell ends with an error.") for index in self.failed]
        places = [part.index for part in self.template.prefix if part.index in self.prefix]
        events += [Event("crashed", places[place], f"In a student's process this cell ends with an error: {text}")
                   for place, text in self.zygotes.failed if places[place] not in self.failed]
        events += [Event("crashed", None, f"This could not be imported: {text}") for text in self.zygotes.missing]
        return Outcome(outputs=self.prefix, events=events)


def start():
    """Prepare, fork the workers, and wait until the last has ended."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    config = pickle.load(sys.stdin.buffer)
    sys.path += [path for path in config["path"] if path not in sys.path]
    life, *conns = [Connection(descriptor) for descriptor in config["conns"]]
    template, folder, finish = pickle.loads(config["work"])
    try:
        shared = Shared(template, folder, finish)
    except CannotStart as error:
        life.send(("failed", str(error)))
        return
    gc.collect()
    gc.freeze()
    for number, conn in enumerate(conns):
        zygotes = shared.zygotes.clone()
        if not os.fork():
            try:
                for other in (life, *conns[number + 1:]):
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
    for conn in conns:
        os.wait()
    shared.zygotes.close()
    os._exit(0)
