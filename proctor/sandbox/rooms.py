"""Owns the zygote's side of the warden: starting it, and taking a room from it."""

import array
import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from proctor.sandbox import identity, kernel
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
        self._home = _home(self)

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
        self._warden.kill()
        self._warden.wait()

    def _receive(self) -> tuple[bytes, list[int]]:
        size = array.array("i").itemsize
        try:
            text, extra, _, _ = self._link.recvmsg(1 << 16, socket.CMSG_SPACE(3 * size), socket.MSG_CMSG_CLOEXEC)
        except TimeoutError as error:
            raise SandboxError(f"The sandbox was not ready after {_PATIENCE} seconds. Is the machine overloaded?") from error
        descriptors = array.array("i")
        for _, _, data in extra:
            descriptors.frombytes(data[: len(data) - len(data) % size])
        return text, list(descriptors)

    def _facts(self, text: bytes) -> dict:
        facts = json.loads(text) if text else {"error": "the warden of the rooms ended without a word"}
        if "error" in facts:
            raise SandboxError(f"The sandbox could not be set up: {facts['error']}. `proctor doctor` says what this machine lacks.")
        return facts


def _become_parent_of_namespaces() -> None:
    """Only who rules a user namespace may start children in another process namespace; root rules one already."""
    global _ruling
    if _ruling or os.geteuid() == 0:
        return
    try:
        identity.enter_namespaces(0, os.geteuid(), os.getegid(), os.geteuid())
    except OSError as error:
        threads = len(os.listdir("/proc/self/task"))
        why = f"it has {threads} threads; set OPENBLAS_NUM_THREADS=1 and OMP_NUM_THREADS=1 for it" if threads > 1 else str(error)
        raise SandboxError(f"The process that starts candidates could not enter a user namespace: {why}. `proctor doctor` says more.") from error
    _ruling = True  # and so will every process forked from this one


def _home(rooms: Rooms) -> int:
    """Where a zygote's other children go: root may return to its own process namespace; a user may not, and leaves one room empty for them."""
    if os.geteuid() == 0:
        return os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    if _open:
        return _open[0]._home
    spare = rooms.take()
    rooms.spare = spare  # its keeper ends it when its order is closed
    return spare.first


def rooms_for(plan: Plan) -> Rooms:
    """The warden of a plan, started at its first use. The first of all stays, as it holds the namespace that a user's zygote comes back to."""
    _open[:] = [rooms for rooms in _open if rooms.owner == os.getpid()]
    for rooms in _open:
        if rooms.plan == plan and rooms.alive():
            return rooms
    for rooms in _open[1:]:
        rooms.close()
    _open[1:] = [Rooms(plan)]
    return _open[-1]
