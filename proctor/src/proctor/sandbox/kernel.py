"""Owns the calls to the kernel that Python 3.11 has no function for, each raising an OSError that names it; nothing is loaded before the first call."""

import ctypes
import functools
import os
import platform
import sys
import warnings

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = (
    0x20000,
    0x8000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = (
    1,
    2,
    4,
    8,
    4096,
    16384,
    1 << 18,
)
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = (
    1,
    4,
    22,
    24,
    38,
)
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID, _AT_RECURSIVE, _AT_FDCWD = 1, 2, 0x8000, -100
_LAST_CAPABILITY = 63

# Numbers of the calls for which the C library has no function; those from 424 on are the same on every machine.
_MOUNT_SETATTR = 442
_PIVOT_ROOT = {
    "x86_64": 155,
    "aarch64": 41,
    "riscv64": 41,
    "loongarch64": 41,
    "ppc64le": 203,
    "s390x": 217,
}


@functools.cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(name: str, result: int, about: str = "") -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}{f' of {about}' if about else ''}: {os.strerror(number)}")
    return result


def syscall(name: str, number: int, *arguments, about: str = "") -> int:
    """Make a call by its number; integers must fit a C long, everything else must be a ctypes value or None."""
    widened = [
        ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments
    ]
    return _checked(name, _library().syscall(ctypes.c_long(number), *widened), about)


def prctl(option: int, second=0, third=0) -> int:
    second = ctypes.c_ulong(second) if isinstance(second, int) else second
    return _checked(
        f"prctl({option})",
        _library().prctl(
            option, second, ctypes.c_ulong(third), ctypes.c_ulong(0), ctypes.c_ulong(0)
        ),
    )


def unshare(flags: int) -> None:
    _checked("unshare", _library().unshare(ctypes.c_int(flags)))


def enter(namespaces_of: int, flags: int) -> None:
    """Enter namespaces of the process (or the one namespace) behind a descriptor; a process namespace holds for the next children."""
    _checked("setns", _library().setns(ctypes.c_int(namespaces_of), ctypes.c_int(flags)))


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    words = [
        os.fsencode(word) if word is not None else None for word in (source, target, kind, data)
    ]
    _checked(
        "mount",
        _library().mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]),
        target,
    )


class _MountAttributes(ctypes.Structure):
    _fields_ = [
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    ]


def make_read_only(target: str, everything_below: bool) -> None:
    """Make a mount read-only and deaf to setuid bits; device files on it stay usable."""
    wanted = _MountAttributes(attr_set=_MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID)
    flags = _AT_RECURSIVE if everything_below else 0
    syscall(
        "mount_setattr",
        _MOUNT_SETATTR,
        _AT_FDCWD,
        os.fsencode(target),
        flags,
        ctypes.byref(wanted),
        ctypes.sizeof(wanted),
        about=target,
    )


def become_root_folder(new_root: str) -> None:
    """Let `new_root`, a mount, be the whole file system of this mount namespace."""
    os.chdir(new_root)
    syscall("pivot_root", _PIVOT_ROOT[platform.machine()], b".", b".", about=new_root)
    _checked("umount2", _library().umount2(b".", MNT_DETACH))
    os.chdir("/")


def drop_capabilities() -> None:
    """Give up every capability for good, also those that a program with a setuid bit would bring back."""
    for capability in range(_LAST_CAPABILITY + 1):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            break
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _checked(
        "capset", _library().capset(ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))
    )


def known_machine() -> bool:
    return sys.platform == "linux" and platform.machine() in _PIVOT_ROOT


def fork() -> int:
    """Fork without Python 3.12's warning of other threads: a zygote has none of Python's own, and those of a library are not used in the child."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()
