"""Owns the way into the sandbox: `fork_confined`, called by a zygote, and the handle on what it started."""

import json
import os
import select
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from proctor.sandbox import baggage, filter, inside, rooms
from proctor.sandbox.keeper import Plan
from proctor.sandbox.limits import Ended, Limits, SandboxError, sizes
from proctor.sandbox.view import view


class Confined:
    """A confined candidate, a child of this process."""

    def __init__(self, pid: int, room: rooms.Room) -> None:
        self.pid = pid
        self._room = room
        self._candidate = os.pidfd_open(pid)
        self._ended: Ended | None = None

    def fileno(self) -> int:
        """A descriptor that becomes readable when the candidate has ended."""
        return self._candidate

    def interrupt(self) -> None:
        """Let the candidate, not what it started, see a KeyboardInterrupt."""
        if self._ended is None:
            _send(self._candidate, signal.SIGINT)

    def kill(self) -> None:
        """End the candidate and everything it started; they are dead when this returns."""
        if self._ended is None:
            _send(self._room.first, signal.SIGKILL)
            self.wait()

    def wait(self, timeout: float | None = None) -> Ended | None:
        """How the candidate ended, or None if it has not within `timeout` seconds. What it left behind is ended with it."""
        if self._ended is None and select.select([self._candidate], [], [], timeout)[0]:
            _, status = os.waitpid(self.pid, 0)
            _send(self._room.first, signal.SIGKILL)
            said = b"".join(
                iter(lambda: os.read(self._room.report, 4096), b"")
            )  # its end is the room's
            facts = [json.loads(line) for line in said.splitlines()]
            reasons = [fact["reason"] for fact in facts if "reason" in fact]
            os.close(self._candidate)
            self._room.close()
            self._ended = Ended(os.waitstatus_to_exitcode(status), "".join(reasons[:1]))
        return self._ended


def _send(process: int, number: int) -> None:
    try:
        signal.pidfd_send_signal(process, number)
    except ProcessLookupError:
        pass


def prepare(folder: Path, readable: Iterable[Path], limits: Limits) -> rooms.Rooms:
    """Start what `fork_confined` needs with the same arguments; worth calling at a zygote's start, before it has imported much."""
    try:
        filter.program()
    except (ImportError, RuntimeError, OSError) as error:
        raise SandboxError(
            f"The filter of system calls could not be built: {error}. Install the system's package libseccomp2 and pip's pyseccomp."
        ) from error
    shown = view(tuple(sorted(os.fspath(path) for path in readable)))
    return rooms.rooms_for(Plan(shown, os.path.realpath(folder), limits))


def fork_confined(
    main: Callable[[], None],
    folder: Path,
    readable: list[Path],
    limits: Limits,
    keep_fds: set[int],
    luggage: list[baggage.Item] | None = None,
    own: int | None = None,
) -> Confined:
    """Fork this process (its only thread), confine the child, and let it call `main`. Returns when it is about to.

    `luggage`: what was packed of `folder` before, if it was. `own`: an open file that tells of more files, see `baggage.with_own`.
    """
    if not hasattr(os, "fork"):
        raise SandboxError(
            "Student code runs in forked processes, which this system does not have. Grade on Linux, macOS or WSL 2."
        )
    sys.stdout.flush()
    sys.stderr.flush()
    ready_rooms = prepare(folder, readable, limits)
    luggage = baggage.pack(ready_rooms.plan.folder) if luggage is None else luggage
    room = ready_rooms.take()
    mapped, resident = sizes()
    hear, say = os.pipe()
    with open(hear, "rb") as heard:
        try:
            child = ready_rooms.fork_in(room)
            if not child:
                _candidate(main, room, ready_rooms.plan, luggage, own, mapped, set(keep_fds), say)
        except OSError as error:
            room.close()
            raise SandboxError(
                f"No process could be started for a candidate: {error}. See `proctor doctor`."
            ) from error
        finally:
            os.close(say)
        confined = Confined(child, room)
        trouble = heard.read()
    if trouble != b"ready":
        confined.kill()
        raise SandboxError(
            f"The candidate could not be confined: {trouble.decode(errors='replace') or 'it ended without a word'}. See `proctor doctor`."
        )
    os.write(room.order, str(resident).encode())
    return confined


def _candidate(
    main: Callable[[], None],
    room: rooms.Room,
    plan: Plan,
    luggage: list[baggage.Item],
    own: int | None,
    mapped: int,
    keep: set[int],
    say: int,
) -> None:
    try:
        inside.reset_signals()
        luggage = luggage if own is None else baggage.with_own(luggage, own)
        inside.keep_only(keep | {say, room.first})
        inside.become_candidate(
            room.first, room.who, plan.shown, plan.folder, luggage, plan.limits, mapped
        )
        os.close(room.first)
        os.write(say, b"ready")
        os.close(say)
    except BaseException as error:
        os.write(say, str(error).encode() or repr(error).encode())
        os._exit(1)
    inside.run_and_exit(main)
