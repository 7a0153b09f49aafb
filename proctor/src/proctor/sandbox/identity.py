"""Owns who a candidate is to the kernel: an unused uid when started by root, else the ordinary user, in a user namespace of its own."""

import os
from dataclasses import dataclass

from proctor.sandbox import kernel

_UNUSED = 2_100_000_000  # beyond what distributions, containers and systemd hand out; the process's id is added, at most 4 million
_ORDINARY = 1000
NAMESPACES = (
    kernel.CLONE_NEWUSER
    | kernel.CLONE_NEWNS
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWIPC
)


@dataclass(frozen=True)
class Identity:
    """`outside` and `group` are what the machine counts and checks by; `inside` is what the candidate reads of itself; `dropped`: no longer root."""

    outside: int
    group: int
    inside: int
    dropped: bool


def choose(everybody_may_read: bool) -> Identity:
    """Root's processes are not counted by RLIMIT_NPROC, so root becomes an unused uid, unless that one could not read Python's files or is not to be had."""
    uid, unused = os.geteuid(), _UNUSED + os.getpid()
    if uid == 0 and everybody_may_read and _known(unused):
        return Identity(unused, unused, _ORDINARY, dropped=True)
    return Identity(uid, os.getegid(), uid or _ORDINARY, dropped=False)


def _known(number: int) -> bool:
    """Whether there is such a user and group here: in a container's user namespace there may be few."""
    for name in ("/proc/self/uid_map", "/proc/self/gid_map"):
        with open(name, encoding="ascii") as lines:
            ranges = [tuple(map(int, line.split())) for line in lines]
        if not any(first <= number < first + count for first, _, count in ranges):
            return False
    return True


def drop_root(identity: Identity) -> None:
    os.setgroups([])
    os.setresgid(identity.group, identity.group, identity.group)
    os.setresuid(identity.outside, identity.outside, identity.outside)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # else its files in /proc would still be root's


def enter_namespaces(flags: int, outside: int, group: int, inside: int) -> None:
    """Enter new namespaces, a user namespace among them where only this user exists (a process namespace holds for the children)."""
    kernel.unshare(flags | kernel.CLONE_NEWUSER)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/gid_map", f"{inside} {group} 1")
    _write("/proc/self/uid_map", f"{inside} {outside} 1")


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
