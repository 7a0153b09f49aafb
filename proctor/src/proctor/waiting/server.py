"""The waiting grader: a process that does one command, and then others of the same course, as long as
what it has imported and started is what each of them would import and start itself."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from proctor import startup
from proctor.waiting.cleanup import Cleanup
from proctor.waiting.client import DEFAULT
from proctor.waiting.connection import Connection
from proctor.waiting.listener import Listener
from proctor.waiting.request import process_state, terminal
from proctor.waiting.socket_folder import SocketFolder

STARTING = 30.0  # seconds for the first work to come
TICK = 5.0  # seconds between two looks at whether to wait any longer
FAILED = 1  # the exit status of a defect


class Stopped(BaseException):
    """This process was asked to end."""


def main(descriptor: int) -> None:
    """Do the work that comes on a socket, then wait for more of it; the end of this process."""
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX"))
    if os.fork():
        os._exit(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.chdir("/")
    line = Connection(socket.socket(fileno=descriptor))
    try:
        work = line.receive(STARTING)
        line.send({"answer": "taken"}, seconds=STARTING)
    except OSError:
        os._exit(1)
    try:
        place = SocketFolder(work["identity"]["root"])
    except OSError:
        place = None  # it does this work, and nobody finds it afterwards
    cleanup = Cleanup(place)
    try:
        with contextlib.suppress(Stopped):
            Server(place, work, cleanup).serve(line, work)
    finally:
        cleanup.close()


class Server:
    """Does one work after another."""

    def __init__(self, place: SocketFolder | None, work: dict[str, Any], cleanup: Cleanup) -> None:
        startup.import_nbformat()
        from proctor.pool.bases import Bases

        signal.signal(signal.SIGTERM, self.stop)
        self.identity, self.root = work["identity"], work["identity"]["root"]
        self.bases = Bases(probable_modules(self.root, work))
        self.listener = Listener(place, self.fits, cleanup.note_place)
        self.at_work, self.busy, self.ending = False, True, False
        self.seconds = DEFAULT
        self.state: list[Any] | None = None
        self.trial = threading.Thread(target=try_protection, daemon=True)
        self.trial.start()

    def stop(self, number: int, frame: object) -> None:
        """End as soon as what was begun is safe."""
        self.ending = True
        if self.at_work:
            raise KeyboardInterrupt
        if not self.busy:
            raise Stopped

    def serve(self, line: Connection, work: dict[str, Any]) -> None:
        """Do this work and all that follows it."""
        from proctor.waiting.pools import KeptPools

        with self.bases:
            self.kept = KeptPools(self.bases)
            self.listener.begin(line, work)
            try:
                while True:
                    found = self.next()
                    if found is None:
                        break
                    self.busy = True
                    self.do(*found)
                    self.busy = False
            finally:
                self.busy = True
                self.listener.close()
                self.kept.close()
                self.listener.wake.close()

    def next(self) -> tuple[Connection, dict[str, Any]] | None:
        """The next work; None if none is waited for any longer."""
        until = time.monotonic() + self.seconds
        while True:
            left = until - time.monotonic()
            if left <= 0 or not self.wanted():
                self.ending = True
            if self.ending:
                self.listener.close()
            try:
                return self.listener.works.get(
                    block=not self.ending, timeout=max(0.0, min(TICK, left))
                )
            except queue.Empty:
                if self.ending:
                    return None

    def wanted(self) -> bool:
        """Whether a command could come, and would find what it needs."""
        return (
            self.listener.is_found()
            and os.path.isdir(self.root)
            and os.path.exists(sys.executable)
            and os.path.exists(__file__)
        )

    def fits(self, work: dict[str, Any]) -> bool:
        """Whether a command may be done here: nothing has changed that it would notice."""
        return work["identity"] == self.identity and self.state == state(self.root)

    def do(self, line: Connection, work: dict[str, Any]) -> None:
        """Do a work and answer."""
        before = state(self.root) if self.state is None else self.state
        files, line.files = line.files, []
        message: dict[str, Any] = {"status": FAILED}
        try:
            with terminal(files):
                for file in files:
                    os.close(file)
                message |= self.done(line, work)
                with contextlib.suppress(OSError):
                    sys.stdout.flush()
        finally:
            self.state = before
            if self.listener.interrupted or not self.seconds:
                self.ending = True
            if self.ending:
                self.listener.close()
                self.kept.close()
            self.listener.done(line, message)
            if too_large():
                self.ending = True  # not |=, by which a signal meanwhile would be forgotten

    def done(self, line: Connection, work: dict[str, Any]) -> dict[str, Any]:
        """Do a work in its own surroundings: what is to be answered."""
        kinds: dict[str, Callable[..., dict[str, Any]]] = {
            "command": self.command,
            "autograde": self.autograde,
        }
        try:
            with process_state(work):
                self.at_work = True
                signal.signal(signal.SIGINT, signal.default_int_handler)
                try:
                    if self.listener.interrupted:
                        raise KeyboardInterrupt
                    return kinds[work["kind"]](line, work)
                finally:
                    signal.signal(signal.SIGINT, signal.SIG_IGN)
                    self.at_work = False
        except KeyboardInterrupt:  # before the work could begin, or when it was done
            print("proctor: interrupted.", file=sys.stderr)
            return {"status": FAILED}
        except BaseException:
            traceback.print_exc()
            self.ending = True
            return {"status": FAILED}

    def command(self, line: Connection, work: dict[str, Any]) -> dict[str, Any]:
        """A command of proctor: its exit status."""
        from proctor import cli

        options = cli.parser().parse_args(work["words"])
        options.bases, options.pools, options.trial = self.bases, self.kept.pools, self.trial
        try:
            status = cli.run(options)
        except KeyboardInterrupt:
            cli.tell("interrupted.")
            status = cli.FAILED
        course = getattr(options, "course", None)
        self.seconds = chosen_time(work["seconds"], course)
        return {"status": status}

    def autograde(self, line: Connection, work: dict[str, Any]) -> dict[str, Any]:
        """What nbgrader's Autograde asks for: whether some could not be graded, or what keeps all from
        being; the lines of its log are sent meanwhile."""
        from nbgrader.apps.autogradeapp import AutogradeApp

        from proctor import messages
        from proctor.cli import require_protection
        from proctor.course import Course
        from proctor.nbgrader_plugin import Order, graded
        from proctor.waiting import settings
        from proctor.waiting.relay import Relay

        order, logs = Order(**work["order"]), Relay(line)
        app = AutogradeApp(config=settings.decoded_config(work["config"]))
        with logs.instead_of_handlers(app.log, work["level"]):
            try:
                if order.sandbox:
                    self.trial.join()
                    require_protection()
                course = Course(app, settings.decoded_course(work["course"], app))
                failed = graded(course, order, app.log, self.bases, self.kept.pools)
            except Exception as error:
                problem = messages.problem_of(error)
                if problem is None:
                    raise
                return {"status": FAILED, "problem": problem}
        self.seconds = chosen_time(work["seconds"], course)
        return {"status": int(failed)}


def chosen_time(told: float | None, course: Any) -> float:
    """Seconds to wait for the next command: as it was told, or as the course says."""
    if told is not None:
        return told
    return DEFAULT if course is None or course.wait is None else float(course.wait)


def probable_modules(root: str, work: dict[str, Any]) -> list[str] | None:
    """The modules that the notebooks of this work will probably import; None if nobody can tell."""
    from proctor import cli
    from proctor.pool.early import guessed_modules

    if work["kind"] == "command":
        options = cli.parser().parse_args(work["words"])
        return guessed_modules(Path(root), options.assignment, options.notebook)
    return guessed_modules(Path(root), work["order"]["assignment"])


def try_protection() -> None:
    """Try this machine's protection, for the first who asks."""
    from proctor.sandbox import probe

    probe()


def state(root: str) -> list[Any]:
    """The settings that nbgrader reads for a course and the files of Python beside them, and all that
    is installed, each with its time."""
    from proctor.config_check import CONFIG_NAME, LOADERS, config_folders
    from proctor.preparation.store import installed

    files: set[Path] = set()
    for folder in config_folders(root):
        own = {folder / f"{CONFIG_NAME}{suffix}" for suffix in LOADERS}
        files |= own
        if any(map(os.path.lexists, own)):
            files |= set(folder.glob("*.py"))
    return [sorted(filter(None, map(about, files))), sorted(installed())]


def about(path: Path) -> tuple[str, int, int] | None:
    """A file's size and time; None if there is none."""
    with contextlib.suppress(OSError):
        found = path.stat()
        return str(path), found.st_size, found.st_mtime_ns
    return None


def too_large() -> bool:
    """Whether this process and all that it keeps use more memory than they may."""
    from proctor.waiting.memory import allowed, used

    return used() > allowed()
