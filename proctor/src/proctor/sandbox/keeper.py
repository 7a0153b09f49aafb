"""Owns one room: the process that makes its namespaces, starts their first process, watches the candidate, and ends all that it started."""

import gc
import json
import os
import signal
from dataclasses import dataclass

from proctor.sandbox import identity, inside, kernel, room
from proctor.sandbox.limits import Limits
from proctor.sandbox.view import View
from proctor.sandbox.watch import Watch

_LEAST_PID_MAX = 301
_SECONDS_BETWEEN_LOOKS = 0.05


@dataclass(frozen=True)
class Plan:
    """What rooms are made from."""

    shown: View
    folder: str
    limits: Limits


def keep(plan: Plan, warden: int, report: int, order: int) -> None:
    """Make a room, tell on `report` its first process, wait for `order`, watch until the end, and never return."""
    try:
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != warden:
            return
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        who = identity.choose(plan.shown.public)
        _enter(plan, who)
        first = _start_first_process(plan.limits, report, order)
        tell(
            report,
            first=first,
            outside=who.outside,
            group=who.group,
            inside=who.inside,
            dropped=who.dropped,
        )
        told = os.read(order, 100)
        if told:
            _watch(Watch("/proc", plan.limits, int(told)), first, report)
        os.kill(first, signal.SIGKILL)
        os.waitpid(first, 0)
    except BaseException as error:
        tell(report, error=str(error) or repr(error))
    finally:
        os._exit(0)


def tell(report: int, **facts: object) -> None:
    os.write(report, json.dumps(facts).encode() + b"\n")


def _enter(plan: Plan, who: identity.Identity) -> None:
    if who.dropped:
        identity.drop_root(who)
    flags = kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC
    identity.enter_namespaces(flags, who.outside, who.group, who.inside)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of uid has cleared it
    room.furnish(plan.shown, plan.folder, plan.limits)


def _start_first_process(limits: Limits, report: int, order: int) -> int:
    """The parent of all orphans of the room: with it the kernel ends everything that is in there."""
    hear, say = os.pipe()
    first = os.fork()
    if not first:
        try:
            kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)  # which a first process is deaf to
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # orphans vanish by themselves
            os.setsid()
            inside.keep_only({say})
            _make_own_proc(limits)
            kernel.drop_capabilities()
            os.write(say, b"ready")
            os.close(say)
            while True:
                signal.pause()
        except BaseException as error:
            os.write(say, str(error).encode() or repr(error).encode())
        finally:
            os._exit(1)
    os.close(say)
    heard = b"".join(iter(lambda: os.read(hear, 4096), b""))
    inside.keep_only({report, order})
    if heard != b"ready":
        raise OSError(
            heard.decode(errors="replace") or "the room's first process ended without a word"
        )
    return first


def _make_own_proc(limits: Limits) -> None:
    """A /proc that knows only this room's processes, then read-only; limits that the namespace itself has are set through it."""
    kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    inside.try_write(
        "/proc/sys/kernel/pid_max", str(_LEAST_PID_MAX + limits.processes)
    )  # since Linux 6.14 a namespace has its own
    inside.try_write("/proc/sys/user/max_user_namespaces", "0")
    kernel.make_read_only("/proc", everything_below=False)


def _watch(watch: Watch, first: int, report: int) -> None:
    """Return when the first process has ended or, with a reason told, must end."""
    gc.disable()
    while not signal.sigtimedwait({signal.SIGCHLD}, _SECONDS_BETWEEN_LOOKS):
        reason = watch.look()
        if reason:
            tell(report, reason=reason)
            return
