"""The base process of a round, from which its examiners and candidates are forked, seen from the round.

It is started before nbgrader is imported, so this module imports little.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import site
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

from proctor.candidate import control
from proctor.pool import work
from proctor.publish.folders import copy_font_cache

ROOT = str(Path(__file__).resolve().parents[2])
START = (
    "import gc, sys; gc.disable(); sys.path[0] = sys.argv[2]; sys.path += [p for p in sys.argv[4:5] if p]; "
    "from proctor.pool.base import start; "
    "start(int(sys.argv[1]), sys.argv[2], sys.argv[3])"
)
ROOM = "-" * 200  # on the command line, where a kernel's own will be shown
KEPT = ("PATH", "LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
LEFT_OUT = ("PYTHONPATH", "PYTHONWARNINGS")  # of the examiners' variables
THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB")
INLINE = "module://matplotlib_inline.backend_inline"
EXAMINERS, CANDIDATES = "examiners", "candidates"  # what is forked from the base process
PATIENCE = 60.0  # seconds for a message to be taken
LOADING = 300.0  # seconds for the base process to import libraries
ANSWERING = 0.1  # seconds for the rest of a message that has begun to come
ENDING = 15  # seconds for the processes to end by themselves


class CannotStart(Exception):
    """No candidate can be had; the message says why, in words."""


class ProcessEnded(CannotStart):
    """A process that others come from has ended, so that it may help to start anew."""


def one_thread() -> dict[str, str]:
    """The variables that keep libraries from starting threads, without which a process cannot be
    forked, and from a GPU."""
    threads = {f"{name}_NUM_THREADS": "1" for name in THREADS} | {"VECLIB_MAXIMUM_THREADS": "1"}
    return threads | {"MPLBACKEND": INLINE, "CUDA_VISIBLE_DEVICES": ""}


def environment(home: Path) -> dict[str, str]:
    """The variables a candidate sees: what programs need, nothing of whoever grades."""
    kept = {
        name: value for name, value in os.environ.items() if name in KEPT or name.startswith("LC_")
    }
    own = {"HOME": str(home), "TMPDIR": tempfile.gettempdir(), "PWD": str(home)}
    return kept | one_thread() | own


def graders_environment() -> dict[str, str]:
    """The variables an examiner sees: those of whoever grades."""
    kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    return kept | one_thread()


def last_line(errors: IO[bytes]) -> str:
    """The last line of what a process wrote."""
    try:
        errors.seek(0)
    except ValueError:  # it was closed, for another one has taken the process's place
        return "it left no message"
    lines = errors.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it left no message"


def is_silent(line: socket.socket) -> bool:
    """Whether nothing can be read, not even that the other end is closed."""
    try:
        return not select.select([line], [], [], 0)[0]
    except (OSError, ValueError):
        return False


class BaseProcess:
    """A process that imports libraries, and forks what examines and what candidates come from.

    It knows nothing of the course, and has a candidate's environment.
    """

    def __init__(self) -> None:
        self.home = tempfile.TemporaryDirectory()
        os.chmod(self.home.name, 0o755)  # a candidate may be another user
        copy_font_cache(Path(self.home.name))
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        self.line, theirs = socket.socketpair()
        place = Path(self.home.name)
        user = site.getusersitepackages()  # which another HOME would hide
        arguments = [str(theirs.fileno()), ROOT, str(place), user if user in sys.path else "", ROOM]
        with theirs:
            self.running = subprocess.Popen(
                [sys.executable, "-c", START, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=self.errors,
                stderr=self.errors,
                cwd=place,
                env=environment(place),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def alive(self) -> bool:
        """Whether it still serves."""
        return self.running.poll() is None

    def fork(self, role: str, files: Iterable[int], load: Iterable[str] = ()) -> None:
        """Have it import libraries and fork a process for a role with these files; CannotStart.

        What such a process is to know goes to it through the files, and never to the base process.
        """
        try:
            control.send(self.line, {"load": list(load), "fork": role}, list(files))
        except control.Ended as error:
            raise ProcessEnded(
                f"What candidates come from has ended: {self.last_words()}"
            ) from error

    def last_words(self) -> str:
        """The last line of what it wrote."""
        return last_line(self.errors)

    def close(self, patience: float = ENDING) -> None:
        """Let it end with all that comes from it, after some seconds by force."""
        self.line.close()
        try:
            self.running.wait(patience)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()
        self.errors.close()
        self.home.cleanup()


class ExaminerBase:
    """The process that all examiners of a round come from, forked from the base process.

    Only it gets the variables of whoever grades, and only after the fork.
    """

    def __init__(self, base: BaseProcess, load: Iterable[str]) -> None:
        self.line, theirs = socket.socketpair()
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        with theirs:
            base.fork(EXAMINERS, [theirs.fileno(), self.errors.fileno()], load)
        self.begin(graders_environment(), [])

    def alive(self) -> bool:
        """Whether it still serves: it never says anything, so what can be read is its end."""
        return is_silent(self.line)

    def begin(self, what: Any, descriptors: list[int]) -> None:
        """Give it a notebook to prepare; that it has ended shows where an answer is waited for."""
        with contextlib.suppress(OSError):
            work.send(self.line, what, descriptors)

    def last_words(self) -> str:
        """The last line of what it wrote."""
        return last_line(self.errors)

    def close(self) -> None:
        """Let it end, of which the base process takes note."""
        self.line.close()
        self.errors.close()


class CandidateBase:
    """The process that all fork servers of a round come from, forked from the base process.

    It has a shell that no cell has run in, and what makes containers.
    """

    def __init__(self, base: BaseProcess) -> None:
        self.base, self.served = base, False
        self.line, self.theirs = socket.socketpair()
        # While our copy of its socket is open, only the end of a pipe tells that it has ended.
        ended, held = os.pipe()
        self.ended = open(ended, "rb", buffering=0)  # noqa: SIM115 (closed with the process)
        try:
            base.fork(CANDIDATES, [self.theirs.fileno(), held])
        finally:
            os.close(held)

    def alive(self) -> bool:
        """Whether it still serves: after its first message it says nothing but its end."""
        return not self.served or is_silent(self.line)

    def serve(self, config: Mapping[str, Any], lines: list[int]) -> None:
        """Have the two fork servers of a notebook forked, on the sockets `lines`; CannotStart."""
        # All that it is told itself, since its memory is that of every notebook's candidates.
        containers = {name: config[name] for name in ("sandbox", "folder", "readable", "limits")}
        ours, theirs = socket.socketpair()
        try:
            with ours, theirs:
                if not self.served:
                    self.wait()
                control.send(self.line, containers, [theirs.fileno()])
                # Until it has come: a socket that is only on its way to another process is now and
                # then taken for garbage by Linux, with what was sent to it.
                if self.line in select.select([ours, self.line], [], [], PATIENCE)[0]:
                    raise control.Ended("it has ended")
                control.receive(ours, ANSWERING)
                control.send(ours, dict(config), lines)
        except (control.Ended, TimeoutError) as error:
            raise ProcessEnded(
                f"What candidates come from has ended: {self.base.last_words()}"
            ) from error

    def wait(self) -> None:
        """Wait until it has begun to serve; control.Ended, TimeoutError."""
        line, ended = self.line.fileno(), self.ended.fileno()
        heard = select.select([line, ended], [], [], LOADING)[0]
        if not heard:
            raise TimeoutError
        if line not in heard:
            raise control.Ended("it ended before it began")
        control.receive(self.line, PATIENCE)
        self.theirs.close()  # not before, for the same reason as above
        self.line.settimeout(PATIENCE)
        self.served = True

    def close(self) -> None:
        """Let it end, of which the base process takes note."""
        self.line.close()
        self.theirs.close()
        self.ended.close()


class Bases:
    """What the processes of a round come from, started at once and replaced if it ends.

    Pools may be started from several threads; all that is asked of `examiners` and `candidates` is
    asked with the `lock` held.

    `early` are modules that the notebooks will probably import, None if that is not known yet; only
    what all of them import stays loaded, see `load`.
    """

    def __init__(self, early: Iterable[str] | None = None) -> None:
        self.process = BaseProcess()
        self.forked: tuple[ExaminerBase, CandidateBase] | None = None
        self.loaded: list[str] = []
        self.replaced = 0  # how often: what came from the ones before is gone
        self.lock = threading.RLock()  # held by whoever starts from them
        if early is not None:
            self.begin(early)

    def __enter__(self) -> Bases:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def examiners(self) -> ExaminerBase:
        """The process that examiners come from."""
        return self.both()[0]

    @property
    def candidates(self) -> CandidateBase:
        """The process that candidates come from."""
        return self.both()[1]

    def both(self) -> tuple[ExaminerBase, CandidateBase]:
        """The two processes that are forked from the base process, forked if they were not yet."""
        if self.forked is None:
            self.begin([])
        assert self.forked is not None
        return self.forked

    def begin(self, names: Iterable[str]) -> None:
        """Load modules, and then fork the processes that examiners and candidates come from."""
        self.loaded = list(names)
        self.forked = ExaminerBase(self.process, self.loaded), CandidateBase(self.process)

    def load(self, names: Iterable[str]) -> None:
        """See that nothing else is loaded than some of these modules, or all if nothing was yet."""
        names = list(names)
        if self.forked is None:
            self.begin(names)
        elif not set(self.loaded) <= set(names):
            self.replace(names)

    def renew(self) -> None:
        """See that all processes are there."""
        alive = self.process.alive() and all(one.alive() for one in self.both())
        if not alive:
            self.replace(self.loaded)

    def replace(self, names: Iterable[str]) -> None:
        """Start anew with these modules."""
        self.replaced += 1
        self.close(0.0)
        self.process = BaseProcess()
        self.begin(names)

    def close(self, patience: float = ENDING) -> None:
        """Let all of them end, after some seconds by force."""
        for one in self.forked or ():
            one.close()
        self.forked = None
        self.process.close(patience)
