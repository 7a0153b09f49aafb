"""`fork_confined`: fork this process into a container, give up all rights, run a function there.

It is called by a fork server, which has imported what students' code will import.
"""

import contextlib
import json
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable, Iterable

from proctor.sandbox import filesystem, landlock, namespaces, seccomp, syscalls
from proctor.sandbox.containers import Container, ContainerFactory, factory_for
from proctor.sandbox.files import PackedFile, pack, unpack, with_student_files
from proctor.sandbox.limits import Ended, Limits, SandboxError, apply_limits, memory_sizes
from proctor.sandbox.supervisor import ContainerSpec

_NAMESPACES = (
    syscalls.CLONE_NEWUSER | syscalls.CLONE_NEWNS | syscalls.CLONE_NEWNET | syscalls.CLONE_NEWIPC
)
_COUNTED_WITH_CANDIDATE = 2  # the container's supervisor and init process
_READY = b"ready"


class Confined:
    """A confined candidate, a child of this process."""

    def __init__(self, pid: int, container: Container, factory: ContainerFactory) -> None:
        self.pid = pid
        self._container = container
        self._factory = factory
        self._pidfd = os.pidfd_open(pid)
        self._ended: Ended | None = None

    def lost_its_container(self) -> bool:
        """Whether the program that made the container has ended, or the container's supervisor without
        a reason, and all in it with that: none of the candidate's doing, which cannot reach them."""
        if self._ended is None:
            poll = select.poll()
            poll.register(self._container.report, select.POLLIN)
            # Its end is closed, and nothing was said before.
            if poll.poll(0) == [(self._container.report, select.POLLHUP)]:
                return True
        return not self._factory.is_alive()

    def fileno(self) -> int:
        """A descriptor that becomes readable when the candidate has ended."""
        return self._pidfd

    def interrupt(self) -> None:
        """Let the candidate, not what it started, see a KeyboardInterrupt."""
        if self._ended is None:
            _send(self._pidfd, signal.SIGINT)

    def kill(self) -> None:
        """End the candidate and everything it started; they are dead when this returns."""
        if self._ended is None:
            _send(self._container.init, signal.SIGKILL)
            self.wait()

    def wait(self, timeout: float | None = None) -> Ended | None:
        """How the candidate ended, or None if it has not within `timeout` seconds.

        What it started is ended with it.
        """
        if self._ended is None and select.select([self._pidfd], [], [], timeout)[0]:
            _, status = os.waitpid(self.pid, 0)
            _send(self._container.init, signal.SIGKILL)
            # The supervisor closes its end when everything in the container has ended.
            report = b"".join(iter(lambda: os.read(self._container.report, 4096), b""))
            facts = [json.loads(line) for line in report.splitlines()]
            reasons = [fact["reason"] for fact in facts if "reason" in fact]
            os.close(self._pidfd)
            self._container.close()
            self._ended = Ended(os.waitstatus_to_exitcode(status), "".join(reasons[:1]))
        return self._ended


def _send(pidfd: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, number)


def prepare(
    folder: str | os.PathLike[str], readable: Iterable[str | os.PathLike[str]], limits: Limits
) -> ContainerFactory:
    """Start what `fork_confined` needs with the same arguments.

    Worth calling when a fork server starts, before it has imported much. Raises a SandboxError.
    """
    try:
        seccomp.program()
    except (ImportError, RuntimeError, OSError) as error:
        raise SandboxError(
            f"The filter of system calls could not be built: {error}. Install the system's package "
            "libseccomp2 and pip's pyseccomp."
        ) from error
    mounts = filesystem.mounts_for(tuple(sorted(os.fspath(path) for path in readable)))
    return factory_for(ContainerSpec(mounts, os.path.realpath(folder), limits))


def fork_confined(
    main: Callable[[], None],
    folder: str | os.PathLike[str],
    readable: Iterable[str | os.PathLike[str]],
    limits: Limits,
    keep_fds: Iterable[int],
    packed: list[PackedFile] | None = None,
    student_paths_fd: int | None = None,
) -> Confined:
    """Fork this process (its only thread), confine the child, and let it call `main`.

    Returns when it is about to. The child is in `folder`, where it finds copies of the files; it
    may read `readable` besides Python and the system, and has the descriptors `keep_fds`.
    `packed` is what `pack` gave for `folder`, if it was called before; `student_paths_fd`
    is for `with_student_files`. Raises a SandboxError, or an OSError for `folder`.
    """
    if not hasattr(os, "fork"):
        raise SandboxError(
            "Student code runs in forked processes, which this system does not have. "
            "Grade on Linux, macOS or WSL 2."
        )
    sys.stdout.flush()
    sys.stderr.flush()
    factory = prepare(folder, readable, limits)
    if packed is None:
        packed = pack(factory.spec.folder)
    container = factory.take()
    mapped_bytes, resident_bytes = memory_sizes()
    hear, say = os.pipe()
    with open(hear, "rb") as heard:
        try:
            child = factory.fork_into(container)
            if not child:
                keep = {*keep_fds, say}
                _confine(container, factory.spec, packed, student_paths_fd, mapped_bytes, keep, say)
                _run_and_exit(main)
        except OSError as error:
            container.close()
            raise SandboxError(
                f"No process could be started for a candidate: {error}. See `proctor doctor`."
            ) from error
        finally:
            os.close(say)
        confined = Confined(child, container, factory)
        answer = heard.read()
    if answer != _READY:
        confined.kill()
        text = answer.decode(errors="replace") or "it ended without an error message"
        raise SandboxError(f"The candidate could not be confined: {text}. See `proctor doctor`.")
    os.write(container.order, str(resident_bytes).encode())
    return confined


def _confine(
    container: Container,
    spec: ContainerSpec,
    packed: list[PackedFile],
    student_paths_fd: int | None,
    mapped_bytes: int,
    keep: set[int],
    say: int,
) -> None:
    """In the child: take away what it can still reach and tell `say`, or end with the error."""
    try:
        _reset_signals()
        if student_paths_fd is not None:
            packed = with_student_files(packed, student_paths_fd)
        syscalls.close_fds_except(keep | {container.init})
        _enter_container(container, spec, packed, mapped_bytes)
        os.close(container.init)
        os.write(say, _READY)
        os.close(say)
    except BaseException as error:
        try:
            os.write(say, str(error).encode() or repr(error).encode())
        finally:
            os._exit(1)


def _enter_container(
    container: Container, spec: ContainerSpec, packed: list[PackedFile], mapped_bytes: int
) -> None:
    os.setsid()
    if container.ids.dropped:
        namespaces.drop_root(container.ids)
    syscalls.setns(container.init, _NAMESPACES)
    os.chdir(spec.folder)
    unpack(packed, spec.folder)
    syscalls.write_if_possible("/proc/self/oom_score_adj", "1000")
    apply_limits(spec.limits, mapped_bytes, other_processes=_COUNTED_WITH_CANDIDATE)
    syscalls.drop_capabilities()
    devices = filesystem.DEVICES
    readable = [target for _, target in spec.mounts.binds if target not in devices]
    readable += ["/etc", *filesystem.PROC_FILES]
    landlock.confine(readable, filesystem.writable_folders(spec.folder), devices)
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
    seccomp.install(seccomp.program())


def _reset_signals() -> None:
    """Let signals do in this process what they do in a fresh Python."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _run_and_exit(main: Callable[[], None]) -> None:
    """Call `main` and end this process whatever happens.

    No frame of the program that forked may go on in it.
    """
    code = 1
    try:
        main()
        code = 0
    except SystemExit as exit_:
        code = 0 if exit_.code is None else exit_.code if isinstance(exit_.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code & 0xFF)
