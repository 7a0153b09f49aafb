"""The seccomp filter: which system calls student code may make.

libseccomp (by pyseccomp) compiles it once; each candidate installs it.
"""

import ctypes
import errno
import functools
import os
import platform
from typing import Any

from proctor.sandbox import syscalls

_REFUSED = {
    "other processes": "ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd",
    "file systems": (
        "mount umount umount2 pivot_root chroot fsopen fsconfig fsmount fspick open_tree "
        "open_tree_attr move_mount mount_setattr statmount listmount quotactl quotactl_fd"
    ),
    "namespaces": "setns unshare",
    "keys": "keyctl add_key request_key",
    "large kernel interfaces": (
        "bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register"
    ),
    "the machine": (
        "kexec_load kexec_file_load init_module finit_module delete_module create_module "
        "query_module get_kernel_syms reboot swapon swapoff acct syslog vhangup sethostname "
        "setdomainname settimeofday stime clock_settime clock_settime64 clock_adjtime "
        "clock_adjtime64 adjtimex iopl ioperm modify_ldt vm86 vm86old"
    ),
    "ways around file permissions": (
        "open_by_handle_at name_to_handle_at fanotify_init fanotify_mark"
    ),
    "memory": "memfd_secret move_pages migrate_pages",
    "obsolete": "nfsservctl lookup_dcookie uselib _sysctl sysfs ustat",
    "how this process is confined": "personality lsm_set_self_attr",
}
# Memory that no process has mapped, so that nobody could count it (clone3: its flags, in memory,
# cannot be filtered). Refused as if the kernel had no such call, which libraries are ready for.
_NOT_IMPLEMENTED = (
    "clone3 memfd_create shmget shmat shmctl shmdt msgget msgsnd msgrcv msgctl semget semop semctl "
    "semtimedop mq_open mq_unlink ipc"
)
# Newer than the libseccomp of a long-lived distribution; the same on every processor.
_NUMBERS = {
    "memfd_secret": 447,
    "quotactl_fd": 443,
    "mount_setattr": 442,
    "process_madvise": 440,
    "statmount": 457,
    "listmount": 458,
    "lsm_set_self_attr": 460,
    "open_tree_attr": 467,
}

_NAMESPACE_FLAGS = (
    syscalls.CLONE_NEWNS,
    syscalls.CLONE_NEWCGROUP,
    syscalls.CLONE_NEWUTS,
    syscalls.CLONE_NEWIPC,
    syscalls.CLONE_NEWUSER,
    syscalls.CLONE_NEWPID,
    syscalls.CLONE_NEWNET,
)
_SECCOMP_MODE_FILTER = 2
_LOW_32_BITS = 0xFFFFFFFF
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_SOL_SOCKET = 1
_SO_SNDBUF, _SO_RCVBUF, _SO_SNDBUFFORCE, _SO_RCVBUFFORCE = 7, 8, 32, 33
_MAP_SHARED_ANONYMOUS = 0x21
_AF_UNIX = 1


@functools.cache
def program() -> bytes:
    """The filter in the kernel's own format.

    Raises an ImportError, OSError or RuntimeError if pyseccomp or libseccomp is missing.
    """
    import pyseccomp as seccomp

    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    refuse = seccomp.ERRNO(errno.EPERM)
    not_implemented = seccomp.ERRNO(errno.ENOSYS)
    no_memory = seccomp.ERRNO(errno.ENOMEM)
    ignore = seccomp.ERRNO(0)  # the caller is told that it worked

    def add(action: int, name: str, *conditions: object) -> None:
        number = seccomp.resolve_syscall(seccomp.Arch.NATIVE, name)
        if number == -1:
            number = _NUMBERS.get(name, -1)
        if number != -1:
            rules.add_rule(action, number, *conditions)

    for names in _REFUSED.values():
        for name in names.split():
            add(refuse, name)
    for name in _NOT_IMPLEMENTED.split():
        add(not_implemented, name)
    flags_position = 1 if platform.machine() == "s390x" else 0
    for flag in _NAMESPACE_FLAGS:
        add(refuse, "clone", seccomp.Arg(flags_position, seccomp.MASKED_EQ, flag, flag))
    for request in (_TIOCSTI, _TIOCLINUX):
        add(refuse, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, _LOW_32_BITS, request))
    # The supervisor needs both as they are; torch's launcher sets the first.
    for option in (syscalls.PR_SET_PDEATHSIG, syscalls.PR_SET_DUMPABLE):
        add(ignore, "prctl", seccomp.Arg(0, seccomp.MASKED_EQ, _LOW_32_BITS, option))
    # What waits in a socket is memory of no process: it must not be more than is usual.
    for option in (_SO_SNDBUF, _SO_RCVBUF, _SO_SNDBUFFORCE, _SO_RCVBUFFORCE):
        level_is_socket = seccomp.Arg(1, seccomp.EQ, _SOL_SOCKET)
        add(ignore, "setsockopt", level_is_socket, seccomp.Arg(2, seccomp.EQ, option))
    # Such memory stays when it is unmapped. A file in /dev/shm does the same and has a size limit.
    shared = seccomp.Arg(3, seccomp.MASKED_EQ, _MAP_SHARED_ANONYMOUS, _MAP_SHARED_ANONYMOUS)
    add(no_memory, "mmap", shared)
    # getppid() is 0 in the container, and kill(0) would signal the candidate's own group.
    add(ignore, "kill", seccomp.Arg(0, seccomp.EQ, 0))
    add(refuse, "socket", seccomp.Arg(0, seccomp.NE, _AF_UNIX))
    return _exported(rules)


def _exported(rules: Any) -> bytes:
    # libseccomp writes to files only. The filter is some kilobytes, a pipe holds 64.
    reading, writing = os.pipe()
    with open(reading, "rb") as source:
        with open(writing, "wb") as sink:
            rules.export_bpf(sink)
        return source.read()


class _SockFprog(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def install(instructions: bytes) -> None:
    """Put this process, and all it will start, behind the filter for good."""
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    prog = _SockFprog(len(instructions) // 8, instructions)
    syscalls.prctl(syscalls.PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(prog))
