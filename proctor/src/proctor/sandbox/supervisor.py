"""The supervisor of one container: the process that makes its namespaces and ends all in them.

A container is a set of namespaces, with an init process and a file system, for one candidate. The
supervisor watches what the candidate uses; its own death, too, ends the container.
"""

import gc
import json
import os
import select
import signal
from dataclasses import asdict, dataclass

from proctor.sandbox import filesystem, namespaces, syscalls
from proctor.sandbox.filesystem import Mounts
from proctor.sandbox.limits import Limits, UsageMonitor

_LEAST_PID_MAX = 301  # the first 300 are not given a second time
_SECONDS_BETWEEN_CHECKS = 0.05


@dataclass(frozen=True)
class ContainerSpec:
    """What containers are made from: mounts, the candidate's folder, limits."""

    mounts: Mounts
    folder: str
    limits: Limits


def supervise(spec: ContainerSpec, factory_pid: int, report: int, order: int) -> None:
    """Make a container, wait for an order, watch the candidate until its end; never return.

    The descriptor `report` is written to, a line of JSON each: {"init": pid, "ids": UserIds} or
    {"error": text}, and {"reason": text} if the candidate exceeds a limit. An order, read from
    `order`, is the memory of the candidate in bytes; the end of that pipe ends the container.
    """
    try:
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != factory_pid:
            return
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        ids = namespaces.choose_user_ids(spec.mounts.world_readable)
        _enter_namespaces(spec, ids)
        init = _start_init(spec.limits, report, order)
        _tell(report, init=init, ids=asdict(ids))
        resident_bytes = os.read(order, 100)
        if resident_bytes:
            _watch(UsageMonitor("/proc", spec.limits, int(resident_bytes)), report, order)
        os.kill(init, signal.SIGKILL)
        os.waitpid(init, 0)
    except BaseException as error:
        _tell(report, error=str(error) or repr(error))
    finally:
        os._exit(0)


def _tell(report: int, **facts: object) -> None:
    os.write(report, json.dumps(facts).encode() + b"\n")


def _enter_namespaces(spec: ContainerSpec, ids: namespaces.UserIds) -> None:
    if ids.dropped:
        namespaces.drop_root(ids)
    flags = (
        syscalls.CLONE_NEWNS | syscalls.CLONE_NEWPID | syscalls.CLONE_NEWNET | syscalls.CLONE_NEWIPC
    )
    namespaces.enter_new_namespaces(flags, ids.uid, ids.gid, ids.uid_inside)
    # A change of uid has cleared it.
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
    filesystem.mount_writable_folders(spec.mounts, spec.folder, spec.limits)


def _start_init(limits: Limits, report: int, order: int) -> int:
    """Start the parent of all orphans, with which the kernel ends everything in the container."""
    hear, say = os.pipe()
    init = os.fork()
    if not init:
        try:
            syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
            # The default action of an init process is to ignore them.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that orphans leave no zombies
            os.setsid()
            syscalls.close_fds_except({say})
            _mount_proc(limits)
            syscalls.drop_capabilities()
            os.write(say, b"ready")
            os.close(say)
            while True:
                signal.pause()
        except BaseException as error:
            os.write(say, str(error).encode() or repr(error).encode())
        finally:
            os._exit(1)
    os.close(say)
    said = b"".join(iter(lambda: os.read(hear, 4096), b""))
    syscalls.close_fds_except({report, order})
    if said != b"ready":
        text = said.decode(errors="replace")
        raise OSError(text or "the container's init process ended without an error message")
    return init


def _mount_proc(limits: Limits) -> None:
    """Mount a /proc that knows this container's processes only, and set limits through it."""
    flags = syscalls.MS_NOSUID | syscalls.MS_NODEV | syscalls.MS_NOEXEC
    syscalls.mount("proc", "/proc", "proc", flags)
    # Since Linux 6.14 a namespace has its own.
    pid_max = _LEAST_PID_MAX + limits.processes
    syscalls.write_if_possible("/proc/sys/kernel/pid_max", str(pid_max))
    syscalls.write_if_possible("/proc/sys/user/max_user_namespaces", "0")
    syscalls.make_read_only("/proc", recursive=False)


def _watch(monitor: UsageMonitor, report: int, order: int) -> None:
    """Return when the init process has ended or must be ended: with the reason told, or because who
    gave the order has ended."""
    gc.disable()
    while not select.select([order], [], [], 0)[0] and not signal.sigtimedwait(
        {signal.SIGCHLD}, _SECONDS_BETWEEN_CHECKS
    ):
        reason = monitor.exceeded_limit()
        if reason:
            _tell(report, reason=reason)
            return
