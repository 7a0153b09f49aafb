"""Owns starting the process that examiners come from, which may begin its imports before it is known for which course."""

import contextlib
import os
import pickle
import socket
import subprocess
import sys
import tempfile

from proctor.pool.zygotes import ROOT, alone

START = (
    f"import sys; sys.path[:1] = []; sys.path.append({ROOT!r}); from proctor import quick; quick.nbformat(); "
    "from proctor.examiner.template import start; start(int(sys.argv[1]))"
)
LENGTH = 8  # bytes that say how long the work is
waiting = []


class Process:
    """The process, which imports what it needs and then waits for its work."""

    def __init__(self):
        self.line, theirs = socket.socketpair()
        self.errors = tempfile.TemporaryFile()
        variables = {
            name: value
            for name, value in os.environ.items()
            if name not in ("PYTHONPATH", "PYTHONWARNINGS")
        } | alone()
        with theirs:
            self.running = subprocess.Popen(
                [sys.executable, "-c", START, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=self.errors,
                stderr=self.errors,
                env=variables,
                cwd="/",
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def begin(self, work, descriptors):
        """Give it its work and open files; whether it ended before is found out by whoever waits for an answer."""
        content = pickle.dumps(work)
        with contextlib.suppress(OSError), self.line:
            socket.send_fds(self.line, [len(content).to_bytes(LENGTH, "big")], descriptors)
            self.line.sendall(content)

    def last_words(self):
        """The last line of what it wrote, for the time after its end."""
        self.errors.seek(0)
        return (
            self.errors.read().decode(errors="replace").strip().splitlines()
            or ["it left no message"]
        )[-1]

    def end(self):
        """End one that has got no work."""
        self.line.close()
        self.errors.close()
        self.running.kill()
        self.running.wait()


def received(descriptor, most=250):
    """In the process: its work, and the open files that came with it; None if there is none any more."""
    with socket.socket(fileno=descriptor) as line:
        length, files, _, _ = socket.recv_fds(line, LENGTH, most)
        with line.makefile("rb") as content:
            return (pickle.load(content), files) if length else (None, [])


@contextlib.contextmanager
def begun():
    """Start a process for whoever wants one within; if nobody does, it ends."""
    one = Process()
    waiting.append(one)
    try:
        yield
    finally:
        if one in waiting:
            waiting.remove(one)
            one.end()


def process():
    """The process that was started early, or a new one."""
    return waiting.pop() if waiting else Process()
