"""Owns which system calls student code may make: a seccomp program, built once by libseccomp (pyseccomp) and installed in each candidate."""

import ctypes
import errno
import functools
import os
import platform

from proctor.sandbox import kernel

_FILTER_MODE = 2
_LOW_HALF = 0xFFFFFFFF

REFUSED = (
    "ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd "
    "mount umount umount2 pivot_root chroot setns unshare fsopen fsconfig fsmount fspick open_tree open_tree_attr move_mount mount_setattr statmount listmount "
    "keyctl add_key request_key bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register "
    "kexec_load kexec_file_load init_module finit_module delete_module create_module query_module get_kernel_syms reboot swapon swapoff "
    "open_by_handle_at name_to_handle_at memfd_secret personality quotactl quotactl_fd acct syslog vhangup nfsservctl lookup_dcookie uselib _sysctl sysfs ustat "
    "settimeofday stime clock_settime clock_settime64 clock_adjtime clock_adjtime64 adjtimex sethostname setdomainname "
    "iopl ioperm modify_ldt vm86 vm86old move_pages migrate_pages fanotify_init fanotify_mark lsm_set_self_attr"
).split()
# Memory that no process has mapped, so that nobody could count it: refused as if the kernel had no such call, which libraries are ready for.
UNKNOWN = "clone3 memfd_create shmget shmat shmctl shmdt msgget msgsnd msgrcv msgctl semget semop semctl semtimedop mq_open mq_unlink ipc".split()
# Newer than the libseccomp of a long-lived distribution; these numbers are the same on every machine.
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

_NAMESPACES = (
    kernel.CLONE_NEWNS,
    0x02000000,
    0x04000000,
    kernel.CLONE_NEWIPC,
    kernel.CLONE_NEWUSER,
    kernel.CLONE_NEWPID,
    kernel.CLONE_NEWNET,
)
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_SOL_SOCKET, _BUFFER_SIZES = 1, (7, 8, 32, 33)
_SHARED_ANONYMOUS = 0x21
_AF_UNIX = 1


@functools.cache
def program() -> bytes:
    """The filter as the kernel takes it; raises an OSError or RuntimeError if libseccomp is missing."""
    import pyseccomp as seccomp

    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    refuse, unknown, pretend = (
        seccomp.ERRNO(errno.EPERM),
        seccomp.ERRNO(errno.ENOSYS),
        seccomp.ERRNO(0),
    )

    def add(action: int, name: str, *conditions: object) -> None:
        number = seccomp.resolve_syscall(seccomp.Arch.NATIVE, name)
        number = _NUMBERS.get(name, -1) if number == -1 else number
        if number != -1:
            rules.add_rule(action, number, *conditions)

    for name in REFUSED:
        add(refuse, name)
    for name in UNKNOWN:
        add(unknown, name)
    position = 1 if platform.machine() == "s390x" else 0
    for flag in _NAMESPACES:
        add(refuse, "clone", seccomp.Arg(position, seccomp.MASKED_EQ, flag, flag))
    for request in (_TIOCSTI, _TIOCLINUX):
        add(refuse, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, _LOW_HALF, request))
    for option in (
        kernel.PR_SET_PDEATHSIG,
        kernel.PR_SET_DUMPABLE,
    ):  # the supervisor needs both as they are; torch's launcher sets the first
        add(pretend, "prctl", seccomp.Arg(0, seccomp.MASKED_EQ, _LOW_HALF, option))
    for (
        option
    ) in _BUFFER_SIZES:  # what waits in a socket is memory of no process; as much as is usual may
        add(
            pretend,
            "setsockopt",
            seccomp.Arg(1, seccomp.EQ, _SOL_SOCKET),
            seccomp.Arg(2, seccomp.EQ, option),
        )
    # It may be let go of and stays: such memory is had as a file in /dev/shm, which has a size.
    add(
        seccomp.ERRNO(errno.ENOMEM),
        "mmap",
        seccomp.Arg(3, seccomp.MASKED_EQ, _SHARED_ANONYMOUS, _SHARED_ANONYMOUS),
    )
    add(
        pretend, "kill", seccomp.Arg(0, seccomp.EQ, 0)
    )  # its parent's number is 0 in here, and would mean its own group
    add(refuse, "socket", seccomp.Arg(0, seccomp.NE, _AF_UNIX))
    reading, writing = (
        os.pipe()
    )  # the program is some kilobytes, a pipe holds sixteen times as much
    with open(reading, "rb") as source:
        with open(writing, "wb") as sink:
            rules.export_bpf(sink)
        return source.read()


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def install(instructions: bytes) -> None:
    """Put this process, and all it will start, behind the filter for good."""
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    whole = _Program(len(instructions) // 8, instructions)
    kernel.prctl(kernel.PR_SET_SECCOMP, _FILTER_MODE, ctypes.addressof(whole))
