"""Landlock: which files a process and its children may read, write and run, whoever they are."""

import ctypes
import os
import stat
from collections.abc import Iterable

from proctor.sandbox import syscalls

# System calls and the arguments of theirs that are used here.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION, _RULE_PATH_BENEATH = 1, 1

# Rights to files.
_EXECUTE = 1 << 0
_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
_REMOVE_DIR = 1 << 4
_REMOVE_FILE = 1 << 5
_MAKE_DIR = 1 << 7
_MAKE_REG = 1 << 8
_MAKE_SOCK = 1 << 9
_MAKE_FIFO = 1 << 10
_MAKE_SYM = 1 << 12
_REFER = 1 << 13
_TRUNCATE = 1 << 14
_IOCTL_DEV = 1 << 15
_ALL_OF_ABI_1 = (1 << 13) - 1
_ADDED_BY_ABI = {2: _REFER, 3: _TRUNCATE, 5: _IOCTL_DEV}

_READ = _READ_FILE | _READ_DIR | _EXECUTE
_READ_AND_WRITE = (
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
_USE_FILE = _READ_FILE | _WRITE_FILE | _TRUNCATE
_APPLIES_TO_FILES = _READ_FILE | _WRITE_FILE | _EXECUTE | _TRUNCATE | _IOCTL_DEV

_BIND_TCP_AND_CONNECT_TCP = 3
_ABI_WITH_NETWORK = 4
_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 3
_ABI_WITH_SCOPES = 6


class _RulesetAttributes(ctypes.Structure):
    _fields_ = [
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    ]


class _PathBeneathAttributes(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


def abi() -> int:
    """The version of Landlock that this kernel has, 0 if it has none."""
    if not syscalls.is_supported():
        return 0
    try:
        return syscalls.syscall(
            "landlock_create_ruleset", _CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION
        )
    except OSError:
        return 0


def confine(readable: Iterable[str], writable: Iterable[str], usable: Iterable[str] = ()) -> None:
    """Make a `ruleset` without TCP and restrict this process by it. Raises an OSError."""
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
    """Make a descriptor of rules to `restrict` processes by.

    `readable` files and folders may be read and run, below `writable` folders everything may be
    made, `usable` are single files to read and write; a path that does not exist is left out.
    Signals and connections by abstract sockets to the outside are refused where the kernel can,
    and so is TCP without `network`. Raises an OSError.
    """
    version = abi()
    handled = _ALL_OF_ABI_1
    for since, right in _ADDED_BY_ABI.items():
        if version >= since:
            handled |= right
    attributes, size = _RulesetAttributes(handled_access_fs=handled), 8
    if version >= _ABI_WITH_NETWORK:
        attributes.handled_access_net = 0 if network else _BIND_TCP_AND_CONNECT_TCP
        size = 16
    if version >= _ABI_WITH_SCOPES:
        attributes.scoped = _SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS
        size = 24
    made = syscalls.syscall(
        "landlock_create_ruleset", _CREATE_RULESET, ctypes.byref(attributes), size, 0
    )
    try:
        for paths, rights in (
            (readable, _READ),
            (writable, _READ_AND_WRITE),
            (usable, _USE_FILE),
        ):
            for path in paths:
                _allow(made, path, rights & handled)
    except BaseException:
        os.close(made)
        raise
    return made


def restrict(rules: int) -> None:
    """Hold this process, and all it starts, to the rules from now on. Raises an OSError."""
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    syscalls.syscall("landlock_restrict_self", _RESTRICT_SELF, rules, 0)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            rights &= _APPLIES_TO_FILES
        attributes = _PathBeneathAttributes(rights, parent)
        syscalls.syscall(
            "landlock_add_rule",
            _ADD_RULE,
            rules,
            _RULE_PATH_BENEATH,
            ctypes.byref(attributes),
            0,
            about=path,
        )
    finally:
        os.close(parent)
