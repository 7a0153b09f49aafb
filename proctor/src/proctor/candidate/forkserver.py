"""Owns the process that has imported everything and run the read-only prefix, and forks a candidate for each request."""

import contextlib
import gc
import importlib
import os
import signal
import socket
import sys
import tempfile

from proctor.publish.folders import remove
from proctor.sandbox import baggage, Limits, fork_confined
from proctor.candidate import control, environment as neutral, unconfined as plain
from proctor.candidate.outputs import bounded
from proctor.candidate.serve import candidate
from proctor.candidate.shell import Shell


ITSELF = 0.1  # seconds a candidate has to end by itself


def prepare(config):
    """Import what the course imports beside a fresh shell; return it and what could not be imported."""
    shell = Shell.instance()
    missing = load(config["imports"])
    warm(shell)
    return shell, missing


def load(names):
    """Import modules; return in words what could not be."""
    missing = []
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:
            missing.append(f"{name}: {type(error).__name__}: {error}")
    return missing


def warm(shell):
    """Do once, without a trace in the notebook's names, what the first cell would otherwise pay for."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    if "matplotlib.pyplot" in sys.modules:
        with contextlib.suppress(Exception):
            import matplotlib_inline.backend_inline  # noqa: F401
    try:
        shell.transform_cell("!x\n%y\nz?")
        shell.display_formatter.format({"a": [1, "b"]})
        exec(compile("1 / 0", "<warm>", "exec"), {})
    except ZeroDivisionError as error:
        shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__)


def undrawn(obj, include=None, exclude=None):
    """No format at all: what these cells show is drawn on the trusted side."""
    return {}, {}


def run_prefix(shell, texts):
    """Run the instructor's cells for their names only; return for each that failed its place and the error in words."""
    shell.take_streams()
    shell.display_formatter.format = undrawn
    failed = []
    for place, (text, count) in enumerate(texts):
        outputs, ok = shell.cell(text, count)
        if not ok:
            failed.append(
                [
                    place,
                    next(
                        (
                            f"{o['ename']}: {o['evalue']}"
                            for o in outputs
                            if o["output_type"] == "error"
                        ),
                        "",
                    ),
                ]
            )
    del shell.display_formatter.format
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    shell.before_fork()
    return failed


class Zygote:
    """Serves one control socket: forks a candidate, interrupts it, ends it, or forks a zygote like itself."""

    def __init__(self, shell, config, line):
        self.shell, self.config, self.line = shell, config, line
        self.current, self.extra, self.spared, self.luggage = None, None, set(), None

    def serve(self):
        """Do what is asked until the other end is closed; then end with everything that was forked."""
        with contextlib.suppress(control.Ended):
            while True:
                message, files = control.receive(self.line)
                self.reap()
                answer = {}
                try:
                    answer = getattr(self, message["ask"])(message, files) or {}
                except Exception as error:
                    answer = {"error": f"{error}" or type(error).__name__}
                finally:
                    for file in files:
                        os.close(file)
                control.send(self.line, answer | {"id": message["id"]})
        self.end()
        for pid in self.spared:  # they end when their own other end is closed
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        os._exit(0)

    def fork(self, message, files):
        """Fork a candidate that serves the socket which came along."""
        self.end()
        own = files[1] if message["own"] else None
        kept = [files[0], bounded(), bounded()]
        files += kept[1:]  # closed here once they are the candidate's
        folder, limits = self.config["folder"], Limits(**self.config["limits"])

        def main():
            candidate(self.shell, kept[0], kept[1:], message["reseed"], self.config["modules"])

        if self.config["sandbox"]:
            self.luggage = self.luggage or baggage.pack(
                folder
            )  # it stays as it is: nobody writes there
            self.current = fork_confined(
                main, folder, self.config["readable"], limits, kept, self.luggage, own
            )
        else:
            self.current = plain.Plain(
                main, self.furnished(own) if message["own"] else folder, limits, kept, self.spared
            )

    def furnished(self, own):
        """A folder with a student's own files beside the support files, for one candidate without protection."""
        self.extra = tempfile.mkdtemp(dir=os.path.dirname(self.config["folder"]))
        folder = os.path.join(self.extra, os.path.basename(self.config["folder"]))
        os.chmod(self.extra, 0o755)
        os.mkdir(folder)
        baggage.unpack(baggage.with_own(baggage.pack(self.config["folder"]), own), folder)
        return folder

    def interrupt(self, message, files):
        """Let the cell that is running in the candidate see a KeyboardInterrupt."""
        if self.current:
            plain.interrupt(self.current)

    def end(self, message=None, files=()):
        """End the candidate and everything it started."""
        current, self.current = self.current, None
        reason = why(current) if current else ""
        if current:
            current.kill()
        if self.extra:
            remove(self.extra)
            self.extra = None
        return {"reason": reason}

    def clone(self, message, files):
        """Fork a zygote like this one, which serves the socket that came along."""
        pid = fork_zygote(self.shell, self.config, os.dup(files[0]), [self.line.fileno(), *files])
        self.spared.add(pid)
        return {"pid": pid}

    def reap(self):
        """Take note of clones that have ended."""
        for pid in list(self.spared):
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG)[0]:
                    self.spared.discard(pid)


def why(current):
    """A candidate's reason for having ended by itself, in words, or nothing."""
    ended = current.wait(ITSELF)
    return ended.reason if ended else ""


def fork_zygote(shell, config, descriptor, close, first=lambda: {}):
    """Fork a zygote serving `descriptor`; `first` runs in it before, and what it returns is its first message."""
    pid = os.fork()
    if pid:
        os.close(descriptor)
        return pid
    try:
        for file in close:
            os.close(file)
        plain.die_with_parent()
        plain.adopt_orphans()
        line = socket.socket(fileno=descriptor)
        said = first()
        gc.collect()
        gc.freeze()
        plain.die_with_parent(False)
        if said:
            control.send(line, said)
        Zygote(shell, config, line).serve()
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(1)


def main(config, lines):
    """Be the zygote of a course: `lines` are the sockets of the state after the imports and of the state after the prefix."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.chdir(config["folder"])
    plain.die_with_parent()
    neutral.working_folder_on_path()
    shell, missing = prepare(config)
    neutral.forget("proctor", config["root"])
    gc.collect()
    gc.freeze()

    def prefix():
        neutral.reseed()
        failed = run_prefix(shell, config["prefix"])
        warm(shell)
        neutral.remember_random()
        return {"failed": failed, "random": neutral.random_states()}

    after = fork_zygote(shell, config, lines[1], [lines[0]], prefix)
    plain.adopt_orphans()
    plain.die_with_parent(False)
    line = socket.socket(fileno=lines[0])
    control.send(line, {"missing": missing})
    zygote = Zygote(shell, config, line)
    zygote.spared.add(after)
    zygote.serve()
