"""User and pid namespaces: which user ids a candidate has, and who may enter its namespaces."""

import functools
import os
import signal
from dataclasses import dataclass

from proctor.sandbox import syscalls
from proctor.sandbox.limits import SandboxError

# Beyond what distributions, containers and systemd hand out. The process's id, at most 4 million,
# is added.
_UNUSED_IDS = 2_100_000_000
_ORDINARY_ID = 1000


@dataclass(frozen=True)
class UserIds:
    """`uid` and `gid` count for the machine, `uid_inside` is what the candidate reads of itself.

    `dropped` says that root gives up its own ids for these.
    """

    uid: int
    gid: int
    uid_inside: int
    dropped: bool


def choose_user_ids(world_readable: bool) -> UserIds:
    """The ids of a candidate started by this process.

    RLIMIT_NPROC does not hold for root's processes. So root becomes an unused user, unless that
    one could not read Python's files (not `world_readable`) or does not exist in a container.
    """
    uid, unused = os.geteuid(), _UNUSED_IDS + os.getpid()
    if uid == 0 and world_readable and _is_mapped(unused):
        return UserIds(unused, unused, _ORDINARY_ID, dropped=True)
    return UserIds(uid, os.getegid(), uid or _ORDINARY_ID, dropped=False)


def _is_mapped(number: int) -> bool:
    """Whether this user namespace has such a user and group; a container's may have few."""
    for name in ("/proc/self/uid_map", "/proc/self/gid_map"):
        with open(name, encoding="ascii") as lines:
            ranges = [tuple(map(int, line.split())) for line in lines]
        if not any(first <= number < first + count for first, _, count in ranges):
            return False
    return True


def drop_root(ids: UserIds) -> None:
    """Become the user `ids` names, for good."""
    os.setgroups([])
    os.setresgid(ids.gid, ids.gid, ids.gid)
    os.setresuid(ids.uid, ids.uid, ids.uid)
    # Without this the process's files in /proc would still be root's.
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)


def enter_new_namespaces(flags: int, uid: int, gid: int, uid_inside: int) -> None:
    """Enter new namespaces and a new user namespace in which only this user exists.

    A pid namespace holds for the next children. Raises an OSError where that is forbidden.
    """
    syscalls.unshare(flags | syscalls.CLONE_NEWUSER)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/gid_map", f"{uid_inside} {gid} 1")
    _write("/proc/self/uid_map", f"{uid_inside} {uid} 1")


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


@functools.cache  # for the whole process, and every process forked from it
def allow_return_from_child_pid_namespaces() -> None:
    """Let this process fork into a pid namespace below its own more than once.

    Coming back from there needs capabilities over the own one. Root has them; for an ordinary user
    a new one is made, for all further children. Raises a SandboxError if that fails.
    """
    if _has_capabilities_over_own():
        return
    try:
        uid, gid = os.geteuid(), os.getegid()
        enter_new_namespaces(syscalls.CLONE_NEWPID, uid, gid, uid)
    except OSError as error:
        threads = len(os.listdir("/proc/self/task"))
        reason = str(error)
        if threads > 1:
            reason = (
                f"it has {threads} threads; set OPENBLAS_NUM_THREADS=1 and OMP_NUM_THREADS=1 for it"
            )
        raise SandboxError(
            "The process that starts candidates could not enter a user namespace: "
            f"{reason}. `proctor doctor` says more."
        ) from error
    _start_init()


def _has_capabilities_over_own() -> bool:
    own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    try:
        syscalls.setns(own, syscalls.CLONE_NEWPID)
    except OSError:
        return False
    finally:
        os.close(own)
    return True


def _start_init() -> None:
    """Start the init process, with which a pid namespace ends.

    It waits until this process, and all that was forked from it, are gone: then the other end of
    the pipe, which stays open here, is closed.
    """
    hear, _ = os.pipe()
    if syscalls.fork():
        os.close(hear)
        return
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that orphans leave no zombies
        os.setsid()
        syscalls.close_fds_except({hear})
        os.read(hear, 1)
    finally:
        os._exit(0)
