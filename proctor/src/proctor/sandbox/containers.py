"""Containers, made ahead by a helper program that runs beside a fork server: the factory.

`ContainerFactory` is the fork server's side. The program itself, `serve`, is trusted and small: it
never holds what the fork server holds.
"""

import array
import json
import os
import select
import signal
import socket
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from proctor.sandbox import filesystem, namespaces, syscalls
from proctor.sandbox.filesystem import Mounts
from proctor.sandbox.limits import Limits, SandboxError
from proctor.sandbox.namespaces import UserIds
from proctor.sandbox.supervisor import ContainerSpec, supervise

_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from proctor.sandbox.containers import serve; serve(int(sys.argv[2]))"
)
_SECONDS = 60
_MAX_SPEC_BYTES = 1 << 20
_MAX_FACTS_BYTES = 1 << 16
_REQUEST = b"container"


@dataclass(frozen=True)
class Container:
    """Descriptors of a container, and the user of its candidate.

    `init` is the pidfd of its init process, `report` what its supervisor says, `order` where the
    supervisor is told to watch.
    """

    init: int
    report: int
    order: int
    ids: UserIds

    def close(self) -> None:
        """Close the descriptors; a container whose supervisor has got no order ends with this."""
        for descriptor in (self.init, self.report, self.order):
            os.close(descriptor)


class ContainerFactory:
    """The helper program that makes containers of one spec. Raises a SandboxError if it cannot.

    Processes forked from this one may use it as well, also at once: containers of a spec are all
    alike, so that it does not matter who gets which.
    """

    def __init__(self, spec: ContainerSpec) -> None:
        self.spec = spec
        namespaces.allow_return_from_child_pid_namespaces()
        self._socket, other_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        package = str(Path(__file__).resolve().parents[2])
        descriptor = other_end.fileno()
        with other_end:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _PROGRAM, package, str(descriptor)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[descriptor],
                env={},
                cwd="/",
            )
        self._pidfd = os.pidfd_open(self._process.pid)
        self._socket.settimeout(_SECONDS)
        self._socket.send(_spec_as_json(spec))
        self._receive()
        own = "/proc/self/ns/pid_for_children"
        self._own_pid_namespace = os.open(own, os.O_RDONLY | os.O_CLOEXEC)

    def take(self) -> Container:
        """A fresh container. Raises a SandboxError, or an OSError if the program has ended."""
        self._socket.send(_REQUEST)
        facts, (init, report, order) = self._receive()
        return Container(init, report, order, UserIds(**facts["ids"]))

    def is_alive(self) -> bool:
        """Whether the program still runs."""
        return not select.select([self._pidfd], [], [], 0)[0]

    def fork_into(self, container: Container) -> int:
        """Fork as `os.fork` does; the child is in the container's pid namespace."""
        syscalls.setns(container.init, syscalls.CLONE_NEWPID)
        child = -1
        try:
            child = syscalls.fork()
        finally:
            if child:
                syscalls.setns(self._own_pid_namespace, syscalls.CLONE_NEWPID)
        return child

    def close(self) -> None:
        """Let go of the program, which ends with the last process that holds its socket.

        It is not ended here: processes forked from this one may have candidates in its containers.
        """
        self._socket.close()
        for descriptor in (self._own_pid_namespace, self._pidfd):
            os.close(descriptor)
        # Popen takes note of its end when the next program is started.
        del self._process

    def _receive(self) -> tuple[dict[str, Any], list[int]]:
        size = array.array("i").itemsize
        try:
            text, ancillary, _, _ = self._socket.recvmsg(
                _MAX_FACTS_BYTES, socket.CMSG_SPACE(3 * size), socket.MSG_CMSG_CLOEXEC
            )
        except TimeoutError as error:
            raise SandboxError(
                f"The sandbox was not ready after {_SECONDS} seconds. Is the machine overloaded?"
            ) from error
        descriptors = array.array("i")
        for _, _, data in ancillary:
            descriptors.frombytes(data[: len(data) - len(data) % size])
        error_text = "its helper program ended without an error message"
        facts = json.loads(text) if text else {"error": error_text}
        if "error" in facts:
            for descriptor in descriptors:
                os.close(descriptor)
            raise SandboxError(
                f"The sandbox could not be set up: {facts['error']}. "
                "`proctor doctor` says what this machine lacks."
            )
        return facts, list(descriptors)


def serve(descriptor: int) -> None:
    """Be the program: read a spec from the socket `descriptor`, then answer each request.

    An answer is what a container's supervisor reports first, with the descriptors of `Container`.
    One container is made ahead. Ends when the other end of the socket is closed.
    """
    connection = socket.socket(fileno=descriptor)
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
    # The candidate, who may be another user, passes through the folders made here.
    os.umask(0o022)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started the fork server
    try:
        spec = _spec_from_json(connection.recv(_MAX_SPEC_BYTES))
        _enter_root(spec)
    except Exception as error:
        connection.send(json.dumps({"error": str(error)}).encode())
        return
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    connection.send(b"{}")
    while True:
        facts, descriptors = _make_container(spec)
        if connection.recv(len(_REQUEST)) != _REQUEST:
            return
        rights = array.array("i", descriptors)
        connection.sendmsg(
            [json.dumps(facts).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)]
        )
        for sent in descriptors:
            os.close(sent)


def _spec_as_json(spec: ContainerSpec) -> bytes:
    return json.dumps(asdict(spec)).encode()


def _spec_from_json(text: bytes) -> ContainerSpec:
    facts = json.loads(text)
    mounts = facts["mounts"]
    return ContainerSpec(
        mounts=Mounts(
            binds=tuple((source, target) for source, target in mounts["binds"]),
            symlinks=tuple((text, path) for text, path in mounts["symlinks"]),
            world_readable=mounts["world_readable"],
        ),
        folder=facts["folder"],
        limits=Limits(**facts["limits"]),
    )


def _enter_root(spec: ContainerSpec) -> None:
    """Build the root once; the mount namespace of each supervisor is a copy of this process's."""
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:
        # As root itself, who can reach Python's files wherever they lie.
        syscalls.unshare(syscalls.CLONE_NEWNS)
    else:
        namespaces.enter_new_namespaces(syscalls.CLONE_NEWNS, uid, gid, uid)
    ids = namespaces.choose_user_ids(spec.mounts.world_readable)
    filesystem.build_root(spec.mounts, spec.folder, ids.uid_inside)


def _make_container(spec: ContainerSpec) -> tuple[dict[str, Any], list[int]]:
    """Fork a supervisor; what it reports, and the descriptors of the container."""
    factory_pid = os.getpid()
    hear, report = os.pipe()
    order, give_order = os.pipe()
    if not os.fork():
        os.close(hear)
        os.close(give_order)
        supervise(spec, factory_pid, report, order)
    os.close(report)
    os.close(order)
    text = os.read(hear, _MAX_FACTS_BYTES)
    error_text = "the container's supervisor ended without an error message"
    facts: dict[str, Any] = json.loads(text) if text else {"error": error_text}
    init = [os.pidfd_open(facts["init"])] if "init" in facts else []
    return facts, [*init, hear, give_order]


_factories: list[ContainerFactory] = []


def factory_for(spec: ContainerSpec) -> ContainerFactory:
    """The factory for a spec, started at its first use by this process or one that it comes from.

    At most two are kept; the first of all stays, as most candidates are of its spec.
    """
    for factory in _factories:
        if factory.spec == spec and factory.is_alive():
            return factory
    while len(_factories) > 1:
        _factories.pop().close()
    _factories.append(ContainerFactory(spec))
    return _factories[-1]
