"""Owns the rules of Landlock: which files a process and its children may read, write and run, whatever their rights are otherwise."""

import ctypes
import os
import stat
from collections.abc import Iterable

from proctor.sandbox import kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH = 1, 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_CHAR, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 8
_MAKE_SOCK, _MAKE_FIFO, _MAKE_BLOCK, _MAKE_SYM = 1 << 9, 1 << 10, 1 << 11, 1 << 12
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_FIRST = (1 << 13) - 1
_NEWER = {2: _REFER, 3: _TRUNCATE, 5: _IOCTL_DEV}

_READ = _READ_FILE | _READ_DIR | _EXECUTE
_WRITE = (
    _READ
    | _WRITE_FILE
    | _REMOVE_DIR
    | _REMOVE_FILE
    | _MAKE_DIR
    | _MAKE_REG
    | _MAKE_SOCK
    | _MAKE_FIFO
    | _MAKE_SYM
    | _REFER
    | _TRUNCATE
)
_OF_A_FILE = _READ_FILE | _WRITE_FILE | _EXECUTE | _TRUNCATE | _IOCTL_DEV

_BIND_AND_CONNECT_TCP = 3
_ABSTRACT_SOCKETS_AND_SIGNALS = 3
_SINCE_NETWORK, _SINCE_SCOPES = 4, 6


class _Ruleset(ctypes.Structure):
    _fields_ = [
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    ]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def abi() -> int:
    """The version of Landlock that this kernel has, 0 if none."""
    if not kernel.known_machine():
        return 0
    try:
        return kernel.syscall("landlock_create_ruleset", _CREATE_RULESET, None, 0, _ASK_VERSION)
    except OSError:
        return 0


def confine(readable: Iterable[str], writable: Iterable[str], usable: Iterable[str] = ()) -> None:
    """Confine this process: see `ruleset`. TCP is refused, too, where the kernel can."""
    rules = ruleset(readable, writable, usable, network=False)
    try:
        restrict(rules)
    finally:
        os.close(rules)


def ruleset(
    readable: Iterable[str],
    writable: Iterable[str],
    usable: Iterable[str] = (),
    network: bool = True,
) -> int:
    """A descriptor of rules to `restrict` processes by: `readable` may be read and run, below `writable` everything be made, `usable` are
    single files to read and write. What does not exist is left out. Signals and abstract sockets to the outside are refused where the kernel can."""
    version = abi()
    handled = _FIRST | sum(right for since, right in _NEWER.items() if version >= since)
    ports = _BIND_AND_CONNECT_TCP if version >= _SINCE_NETWORK and not network else 0
    rules = _Ruleset(
        handled, ports, _ABSTRACT_SOCKETS_AND_SIGNALS if version >= _SINCE_SCOPES else 0
    )
    size = 24 if version >= _SINCE_SCOPES else 16 if version >= _SINCE_NETWORK else 8
    made = kernel.syscall("landlock_create_ruleset", _CREATE_RULESET, ctypes.byref(rules), size, 0)
    try:
        for paths, rights in (
            (readable, _READ),
            (writable, _WRITE),
            (usable, _READ_FILE | _WRITE_FILE | _TRUNCATE),
        ):
            for path in paths:
                _allow(made, path, rights & handled)
    except BaseException:
        os.close(made)
        raise
    return made


def restrict(rules: int) -> None:
    """Hold this process, and all it starts, to the rules from now on."""
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.syscall("landlock_restrict_self", _RESTRICT_SELF, rules, 0)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            rights &= _OF_A_FILE
        rule = _Beneath(rights, parent)
        kernel.syscall(
            "landlock_add_rule",
            _ADD_RULE,
            ruleset,
            _PATH_BENEATH,
            ctypes.byref(rule),
            0,
            about=path,
        )
    finally:
        os.close(parent)
