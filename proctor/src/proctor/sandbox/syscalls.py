"""System calls for which Python 3.11 has no function; each raises an OSError that names the call.

No library is loaded before the first call, so that this module can be imported on any system.
"""

import ctypes
import functools
import os
import platform
import sys
import warnings
from collections.abc import Iterable

CLONE_NEWNS = 0x20000
CLONE_NEWCGROUP = 0x2000000
CLONE_NEWUTS = 0x4000000
CLONE_NEWIPC = 0x8000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4

_MNT_DETACH = 2
_MOUNT_ATTR_RDONLY = 1
_MOUNT_ATTR_NOSUID = 2
_AT_RECURSIVE = 0x8000
_AT_FDCWD = -100
_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63

# Numbers of the calls for which the C library has no function either; those from 424 on are the
# same on every processor.
_MOUNT_SETATTR = 442
_PIVOT_ROOT = {
    "x86_64": 155,
    "aarch64": 41,
    "riscv64": 41,
    "loongarch64": 41,
    "ppc64le": 203,
    "s390x": 217,
}


def is_supported() -> bool:
    """Whether this is Linux on a processor whose call numbers are known."""
    return sys.platform == "linux" and platform.machine() in _PIVOT_ROOT


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(name: str, result: int, about: str = "") -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}{f' of {about}' if about else ''}: {os.strerror(number)}")
    return result


def syscall(name: str, number: int, *arguments: object, about: str = "") -> int:
    """Make a call by its number.

    Integers must fit a C long, everything else must be bytes, a ctypes value or None. `name` and
    `about` are for the error message.
    """
    widened = [
        ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments
    ]
    return _checked(name, _libc().syscall(ctypes.c_long(number), *widened), about)


def prctl(option: int, second: int = 0, third: int = 0) -> int:
    """Change something about this process; `second` and `third` mean what `option` says."""
    arguments = [ctypes.c_ulong(argument) for argument in (second, third, 0, 0)]
    return _checked(f"prctl({option})", _libc().prctl(option, *arguments))


def unshare(flags: int) -> None:
    """Enter new namespaces (a pid namespace holds for the next children)."""
    _checked("unshare", _libc().unshare(ctypes.c_int(flags)))


def setns(descriptor: int, flags: int) -> None:
    """Enter the namespace behind a descriptor, or those of the process behind a pidfd.

    A pid namespace holds for the next children.
    """
    _checked("setns", _libc().setns(ctypes.c_int(descriptor), ctypes.c_int(flags)))


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """Mount a file system of the given kind, or with MS_BIND a file or folder, at `target`."""
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    result = _libc().mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3])
    _checked("mount", result, target)


class _MountAttributes(ctypes.Structure):
    _fields_ = [
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    ]


def make_read_only(target: str, recursive: bool) -> None:
    """Make a mount read-only and ignore setuid bits on it; device files on it stay usable."""
    attributes = _MountAttributes(attr_set=_MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID)
    syscall(
        "mount_setattr",
        _MOUNT_SETATTR,
        _AT_FDCWD,
        os.fsencode(target),
        _AT_RECURSIVE if recursive else 0,
        ctypes.byref(attributes),
        ctypes.sizeof(attributes),
        about=target,
    )


def pivot_root(new_root: str) -> None:
    """Let `new_root`, a mount, be the whole file system of this mount namespace."""
    os.chdir(new_root)
    syscall("pivot_root", _PIVOT_ROOT[platform.machine()], b".", b".", about=new_root)
    _checked("umount2", _libc().umount2(b".", _MNT_DETACH))
    os.chdir("/")


def drop_capabilities() -> None:
    """Give up every capability for good, also those that a setuid program would bring back."""
    for capability in range(_LAST_CAPABILITY + 1):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            break
    prctl(PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    no_capabilities = (ctypes.c_uint32 * 6)()
    _checked("capset", _libc().capset(ctypes.byref(header), ctypes.byref(no_capabilities)))


def fork() -> int:
    """Fork without Python 3.12's warning of other threads.

    A process that starts candidates has no threads of Python's own, and those of a library are not
    used in the child.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def close_fds_except(kept: Iterable[int]) -> None:
    """Close every other descriptor; those of 0, 1 and 2 that are not kept become /dev/null."""
    kept = set(kept)
    null = os.open("/dev/null", os.O_RDWR)
    for standard in {0, 1, 2} - kept:
        os.dup2(null, standard)
    limits = sorted(kept | {0, 1, 2})
    for low, high in zip(limits, [*limits[1:], os.sysconf("SC_OPEN_MAX")], strict=True):
        os.closerange(low + 1, high)


def write_if_possible(path: str, text: str) -> None:
    """Write to a file of /proc that not every kernel or user may write to."""
    try:
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
    except OSError:
        pass
