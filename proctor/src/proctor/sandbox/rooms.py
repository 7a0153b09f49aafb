"""Owns the zygote's side of the warden: starting it, and taking a room from it."""

import array
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from proctor.sandbox import identity, inside, kernel
from proctor.sandbox.keeper import Plan
from proctor.sandbox.limits import SandboxError
from proctor.sandbox.warden import write_plan

_PATIENCE = 60
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from proctor.sandbox.warden import serve; serve(int(sys.argv[2]))"

_ruling = False
_open: list["Rooms"] = []


@dataclass(frozen=True)
class Room:
    """Descriptors of the room's first process, of what its keeper reports, and of where the keeper takes its order; and who lives there."""

    first: int
    report: int
    order: int
    who: identity.Identity

    def close(self) -> None:
        """Let go of it; a room whose keeper has got no order ends with this."""
        for descriptor in (self.first, self.report, self.order):
            os.close(descriptor)


class Rooms:
    """The rooms of one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.owner = os.getpid()
        _become_parent_of_namespaces()
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        package = str(Path(__file__).resolve().parents[2])
        with theirs:
            self._warden = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _PROGRAM, package, str(theirs.fileno())],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=[theirs.fileno()], env={}, cwd="/",
            )  # fmt: skip
        self._link.settimeout(_PATIENCE)
        self._link.send(write_plan(plan))
        self._facts(self._receive()[0])
        self._home = os.open("/proc/self/ns/pid_for_children", os.O_RDONLY | os.O_CLOEXEC)

    def take(self) -> Room:
        self._link.send(b"room")
        text, descriptors = self._receive()
        try:
            facts = self._facts(text)
        except SandboxError:
            for descriptor in descriptors:
                os.close(descriptor)
            raise
        who = identity.Identity(facts["outside"], facts["group"], facts["inside"], facts["dropped"])
        return Room(*descriptors, who)

    def alive(self) -> bool:
        return self._warden.poll() is None

    def fork_in(self, room: Room) -> int:
        """Fork; the child is in the room's process namespace."""
        kernel.enter(room.first, kernel.CLONE_NEWPID)
        child = -1
        try:
            child = kernel.fork()
        finally:
            if child:
                kernel.enter(self._home, kernel.CLONE_NEWPID)
        return child

    def close(self) -> None:
        """End the warden and with it all rooms."""
        self._link.close()
        os.close(self._home)
        self._warden.kill()
        self._warden.wait()

    def _receive(self) -> tuple[bytes, list[int]]:
        size = array.array("i").itemsize
        try:
            text, extra, _, _ = self._link.recvmsg(
                1 << 16, socket.CMSG_SPACE(3 * size), socket.MSG_CMSG_CLOEXEC
            )
        except TimeoutError as error:
            raise SandboxError(
                f"The sandbox was not ready after {_PATIENCE} seconds. Is the machine overloaded?"
            ) from error
        descriptors = array.array("i")
        for _, _, data in extra:
            descriptors.frombytes(data[: len(data) - len(data) % size])
        return text, list(descriptors)

    def _facts(self, text: bytes) -> dict:
        facts = (
            json.loads(text) if text else {"error": "the warden of the rooms ended without a word"}
        )
        if "error" in facts:
            raise SandboxError(
                f"The sandbox could not be set up: {facts['error']}. `proctor doctor` says what this machine lacks."
            )
        return facts


def _become_parent_of_namespaces() -> None:
    """Only who rules a process namespace may come back to it from one below; root rules its own, a user makes one for all further children."""
    global _ruling
    if _ruling or _rules_its_own():
        return
    try:
        identity.enter_namespaces(kernel.CLONE_NEWPID, os.geteuid(), os.getegid(), os.geteuid())
    except OSError as error:
        threads = len(os.listdir("/proc/self/task"))
        why = (
            f"it has {threads} threads; set OPENBLAS_NUM_THREADS=1 and OMP_NUM_THREADS=1 for it"
            if threads > 1
            else str(error)
        )
        raise SandboxError(
            f"The process that starts candidates could not enter a user namespace: {why}. `proctor doctor` says more."
        ) from error
    _ruling = True  # and so will every process forked from this one
    _start_first_process()


def _rules_its_own() -> bool:
    own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    try:
        kernel.enter(own, kernel.CLONE_NEWPID)
    except OSError:
        return False
    finally:
        os.close(own)
    return True


def _start_first_process() -> None:
    """A process namespace ends with its first process. This one waits until the zygote, and all that was forked from it, are gone."""
    hear, say = os.pipe()
    if kernel.fork():
        os.close(hear)
        return
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # orphans vanish by themselves
        os.setsid()
        inside.keep_only({hear})
        os.read(hear, 1)
    finally:
        os._exit(0)


def rooms_for(plan: Plan) -> Rooms:
    """The warden of a plan, started at its first use. The first of all stays, as most candidates are of its plan."""
    _open[:] = [rooms for rooms in _open if rooms.owner == os.getpid()]
    for rooms in _open:
        if rooms.plan == plan and rooms.alive():
            return rooms
    while len(_open) > 1:
        _open.pop().close()
    _open.append(Rooms(plan))
    return _open[-1]
