"""The base process: it imports libraries, and forks what examiners and candidates come from.

Its memory is that of every candidate. It has a candidate's environment, is told names of modules and
nothing else, and what a forked process is to know comes through that process's own socket.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable

from proctor import startup
from proctor.candidate import control, forkserver, unconfined
from proctor.kernel import environment
from proctor.pool import work
from proctor.pool.bases import CANDIDATES, EXAMINERS


def start(descriptor: int, root: str, home: str) -> None:
    """Let go of the standard input and of the place of this package, look like a kernel, serve."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    del sys.path[0]
    if root not in sys.path:
        sys.path_importer_cache.pop(root, None)
    environment.look_like_a_kernel(home)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    unconfined.die_with_parent()
    serve(socket.socket(fileno=descriptor))


def serve(line: socket.socket) -> None:
    """For each message import modules, and fork a process for a role with the files that came along."""
    children: set[int] = set()
    with contextlib.suppress(control.Ended):
        while True:
            message, files = control.receive(line)
            with startup.importing(), environment.noting_generators() as made:
                environment.load(message["load"])  # what is missing is told of each notebook
            pid = os.fork()
            if not pid:
                try:
                    line.close()
                    for generator in made if message["fork"] == EXAMINERS else ():
                        generator.seed()
                    ROLES[message["fork"]](files)
                except BaseException:
                    traceback.print_exc(file=sys.__stderr__)  # a shell has taken the other
                finally:
                    os._exit(1)
            children.add(pid)
            for file in files:
                os.close(file)
            children -= {one for one in children if os.waitpid(one, os.WNOHANG)[0]}
    for pid in children:  # they end when their own other ends are closed
        os.waitpid(pid, 0)


def candidates(files: list[int]) -> None:
    """Be what the fork servers of notebooks come from; that the second file is open says that it is
    there."""
    unconfined.die_with_parent()
    forkserver.serve_notebooks(socket.socket(fileno=files[0]))


def examiners(files: list[int]) -> None:
    """Be what examiners come from: take the environment of whoever grades, and import what only a
    trusted process has."""
    line, errors = socket.socket(fileno=files[0]), files[1]
    unconfined.die_with_parent()
    for stream in (1, 2):
        os.dup2(errors, stream)
    os.close(errors)
    variables, _ = work.receive(line)
    os.environ.clear()
    os.environ.update(variables)
    os.chdir("/")
    with startup.importing():
        startup.import_nbformat()
        from proctor.examiner import process
    process.serve(line)


ROLES: dict[str, Callable[[list[int]], None]] = {CANDIDATES: candidates, EXAMINERS: examiners}
