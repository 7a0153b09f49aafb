"""The process that has imported everything and run the instructor's first cells, and forks a candidate
for each request.

Of a process that all notebooks share two fork servers are forked for each notebook: one has the
notebook's imports, the other has also run the cells before a student's first one.
"""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable
from typing import Any

from proctor.candidate import control, unconfined
from proctor.candidate.serve import Prepared, candidate
from proctor.kernel import environment
from proctor.kernel.outputs import bounded
from proctor.kernel.shell import Shell, prepare_libraries, undrawn, warm
from proctor.publish.folders import remove
from proctor.sandbox import Confined, Limits, SandboxError, fork_confined, prepare
from proctor.sandbox import files as sandbox_files

ITSELF = 0.1  # seconds a candidate has to end by itself
Config = dict[str, Any]


def run_prefix(shell: Shell, texts: list[tuple[str, int]]) -> list[list[Any]]:
    """Run the instructor's first cells for their names only; for each that failed its place and the
    error in words."""
    shell.take_streams()
    assert shell.display_formatter is not None
    shell.display_formatter.format = undrawn  # type: ignore[method-assign]
    failed = []
    for place, (text, count) in enumerate(texts):
        outputs, ok = shell.cell(text, count)
        if not ok:
            errors = (one for one in outputs if one["output_type"] == "error")
            words = next((f"{one['ename']}: {one['evalue']}" for one in errors), "")
            failed.append([place, words])
    del shell.display_formatter.format
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    shell.before_fork()
    return failed


class ForkServer:
    """Serves one control socket: forks a candidate, interrupts it, ends it, or forks another server."""

    def __init__(self, prepared: Prepared, config: Config, line: socket.socket) -> None:
        self.prepared, self.config, self.line = prepared, config, line
        self.current: Confined | unconfined.Unconfined | None = None
        self.extra: str | None = None
        self.others: set[int] = set()  # fork servers that were forked from this one
        self.files: list[sandbox_files.PackedFile] | None = None

    def serve(self) -> None:
        """Do what is asked until the other end is closed; then end with everything forked from it."""
        requests: dict[str, Callable[..., dict[str, Any] | None]] = {
            "fork": self.fork,
            "interrupt": self.interrupt,
            "end": self.end,
            "clone": self.clone,
        }
        with contextlib.suppress(control.Ended):
            while True:
                message, files = control.receive(self.line)
                self.reap()
                answer: dict[str, Any] = {}
                try:
                    answer = requests[message["ask"]](message, files) or {}
                except Exception as error:
                    answer = {"error": f"{error}" or type(error).__name__}
                finally:
                    for file in files:
                        os.close(file)
                control.send(self.line, answer | {"id": message["id"]})
        with contextlib.suppress(SandboxError):
            self.end()
        for pid in self.others:  # they end when their own other end is closed
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        os._exit(0)

    def fork(self, message: dict[str, Any], files: list[int]) -> None:
        """Fork a candidate that serves the socket which came along."""
        self.end()
        own = files[1] if message["own"] else None
        kept = [files[0], bounded(), bounded()]
        files += kept[1:]  # closed here once they are the candidate's
        folder, limits = self.config["folder"], Limits(**self.config["limits"])

        def main() -> None:
            printed = (kept[1], kept[2])
            candidate(self.prepared, kept[0], printed, message["reseed"], self.config["modules"])

        if self.config["sandbox"]:
            self.files = self.files or sandbox_files.pack(folder)  # nobody writes there
            self.current = fork_confined(
                main, folder, self.config["readable"], limits, set(kept), self.files, own
            )
        else:
            place = folder if own is None else self.furnished(own)
            self.current = unconfined.Unconfined(main, place, limits, kept, self.others)

    def furnished(self, own: int) -> str:
        """A folder with a student's own files beside the support files, for one candidate without
        protection."""
        self.extra = tempfile.mkdtemp(dir=os.path.dirname(self.config["folder"]))
        folder = os.path.join(self.extra, os.path.basename(self.config["folder"]))
        os.chmod(self.extra, 0o755)
        os.mkdir(folder)
        packed = sandbox_files.pack(self.config["folder"])
        sandbox_files.unpack(sandbox_files.with_student_files(packed, own), folder)
        return folder

    def interrupt(self, message: dict[str, Any], files: list[int]) -> None:
        """Let the cell that is running in the candidate see a KeyboardInterrupt."""
        if self.current:
            self.current.interrupt()

    def end(
        self, message: dict[str, Any] | None = None, files: list[int] | None = None
    ) -> dict[str, Any]:
        """End the candidate and everything it started; SandboxError if it had ended with what made its
        container, so that nobody can say what it would have done."""
        current, self.current = self.current, None
        lost = isinstance(current, Confined) and current.lost_its_container()
        ended = current.wait(ITSELF) if current else None
        if current:
            current.kill()
        if self.extra:
            remove(self.extra)
            self.extra = None
        if lost:
            raise SandboxError("the program that makes containers has ended")
        return {"reason": ended.reason if ended else ""}

    def clone(self, message: dict[str, Any], files: list[int]) -> dict[str, Any]:
        """Fork a server like this one, which serves the socket that came along."""
        close = [self.line.fileno(), *files]
        pid = fork_server(lambda: (self.prepared, {}), self.config, os.dup(files[0]), close)
        self.others.add(pid)
        return {"pid": pid}

    def reap(self) -> None:
        """Take note of servers that have ended."""
        for pid in list(self.others):
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG)[0]:
                    self.others.discard(pid)


def fork_server(
    prepare: Callable[[], tuple[Prepared, dict[str, Any]]],
    config: Config,
    descriptor: int,
    close: list[int],
) -> int:
    """Fork a ForkServer on `descriptor`; `prepare` runs in it before, and gives its first message."""
    pid = os.fork()
    if pid:
        os.close(descriptor)
        return pid
    try:
        for file in close:
            os.close(file)
        unconfined.die_with_parent()
        unconfined.adopt_orphans()
        line = socket.socket(fileno=descriptor)
        prepared, first = prepare()
        gc.collect()
        gc.freeze()
        unconfined.die_with_parent(False)
        if first:
            control.send(line, first)
        ForkServer(prepared, config, line).serve()
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)  # the shell has taken the other
    finally:
        os._exit(1)


def serve_notebooks(line: socket.socket) -> None:
    """Be what the fork servers of all notebooks come from: for each socket that comes, fork those of a
    notebook, which are told there what they are to know.

    It has a shell that no cell has run in, and keeps what makes containers, which all can share. Its
    memory is that of every candidate, so it is told nothing of any notebook but what these need.
    """
    unconfined.adopt_orphans()
    environment.forget("proctor")
    environment.working_folder_on_path()
    control.send(line, {"ready": True})
    shell = Shell.instance()
    warm(shell)
    gc.collect()
    gc.freeze()
    children: set[int] = set()
    with contextlib.suppress(control.Ended):
        while True:
            containers, files = control.receive(line)
            if containers["sandbox"]:
                with contextlib.suppress(SandboxError, OSError):  # told where a candidate is wanted
                    limits = Limits(**containers["limits"])
                    prepare(containers["folder"], containers["readable"], limits)
            pid = os.fork()
            if not pid:
                line.close()
                serve(shell, socket.socket(fileno=files[0]))
            children.add(pid)
            for file in files:
                os.close(file)
            children -= {one for one in children if os.waitpid(one, os.WNOHANG)[0]}
    for pid in children:  # they end when their own other ends are closed
        os.waitpid(pid, 0)


def serve(shell: Shell, told: socket.socket) -> None:
    """Be the fork server of a notebook after its imports, with that after its first cells below it.

    The socket tells the notebook's config and brings the sockets of the two, on each of which the
    first message says what went wrong. Never returns.
    """
    try:
        unconfined.adopt_orphans()  # which is not handed on to a forked process
        with told:
            control.send(told, {"ready": True})
            config, lines = control.receive(told)
        os.environ.update(config["environment"])
        environment.look_like_a_kernel(config["home"])
        os.chdir(config["folder"])
        shell.begin_here()
        names = frozenset(shell.user_ns)
        missing = environment.load(config["imports"])
        prepare_libraries()
        gc.collect()
        gc.freeze()

        def after_prefix() -> tuple[Prepared, dict[str, Any]]:
            environment.RandomState().reseed()
            failed = run_prefix(shell, config["prefix"])
            random = environment.RandomState()
            return Prepared(shell, random, names), {
                "failed": failed,
                "random": environment.random_states(),
            }

        after = fork_server(after_prefix, config, lines[1], [lines[0]])
        line = socket.socket(fileno=lines[0])
        control.send(line, {"missing": missing})
        server = ForkServer(Prepared(shell, environment.RandomState(), names), config, line)
        server.others.add(after)
        server.serve()
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(1)
