"""Owns what this machine's protection is, in facts and in words: `probe`, `doctor_text`, `refusal`."""

import functools
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from proctor.sandbox import kernel
from proctor.sandbox.limits import MEBIBYTE, Limits

_SECONDS = 120
_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; import runpy; runpy.run_module('proctor.sandbox.trial', run_name='__main__')"

_WHAT = {
    "landlock": ("Landlock", "which files may be read, written and run"),
    "seccomp": ("seccomp", "which system calls may be made"),
    "user": ("user namespace", "no rights outside, none to gain inside"),
    "pid": ("pid namespace", "other processes cannot be seen, all of its own die with it"),
    "net": ("network namespace", "no network"),
    "ipc": ("ipc namespace", "no shared memory or queues with others"),
    "mount": ("mount namespace", "an own, small file system in memory"),
}
_REMEDIES = {
    "landlock": "Linux 5.13 or newer has it, if `landlock` is in the list of /sys/kernel/security/lsm (boot parameter `lsm=`).",
    "seccomp": "Install the system's package libseccomp2 (Debian's name) and pip's pyseccomp.",
    "namespaces": "As an ordinary user one needs user namespaces: `sysctl kernel.apparmor_restrict_unprivileged_userns=0` (Ubuntu) or "
    "`sysctl kernel.unprivileged_userns_clone=1` (Debian); in a container, one that may make them (Podman and Docker: --security-opt seccomp=unconfined).",
}


@dataclass(frozen=True)
class Protection:
    """What this machine offers. `landlock` is the version of its interface, 0 for none; `trouble` is why a whole trial failed."""

    landlock: int = 0
    seccomp: bool = False
    user: bool = False
    pid: bool = False
    net: bool = False
    ipc: bool = False
    mount: bool = False
    process_limit: str = "none"
    memory_limit: str = "none"
    trouble: str = "This is not Linux."
    milliseconds: int = 0
    untried: bool = False
    reasons: dict = field(default_factory=dict)

    @property
    def missing(self) -> list[str]:
        """The parts that this machine lacks, by their names."""
        return [name for part, (name, _) in _WHAT.items() if not getattr(self, part)]

    @property
    def enough(self) -> bool:
        """Whether a candidate was confined by all of it."""
        return not self.trouble and not self.missing


@functools.cache
def probe() -> Protection:
    """Try what this machine can do, in a process of its own."""
    if not kernel.known_machine():
        return Protection(
            trouble="This is not Linux on a processor that is known here."
            if sys.platform == "linux"
            else "This is not Linux."
        )
    places = [os.path.abspath(place) for place in sys.path] + [
        str(Path(__file__).resolve().parents[2])
    ]  # wherever pyseccomp was found
    here = {name: os.environ[name] for name in ("TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    try:
        program = [sys.executable, "-I", "-c", _PROGRAM, *places]
        run = subprocess.run(
            program,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            cwd="/",
            env=here,
        )
        found = json.loads(run.stdout)
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        return Protection(trouble=f"Trying it failed: {type(error).__name__}.", untried=True)
    return of(found)


def of(found: dict) -> Protection:
    """The protection that a trial's facts come to."""
    reasons = {name: found[name] for name in _WHAT if name != "landlock" and found[name]}
    limits = Limits()
    counted = (
        "by the kernel, for its user"
        if found["counted"]
        else "by its pid namespace and by looking every 50 ms"
    )
    return Protection(
        landlock=found["landlock"], **{name: not found[name] for name in _WHAT if name != "landlock"},
        process_limit=f"{limits.processes} processes and threads, counted {counted}",
        memory_limit=f"{limits.memory_bytes // MEBIBYTE} MiB for each process by the kernel, for all together by looking every 50 ms",
        trouble=found["trouble"], milliseconds=found["milliseconds"], reasons=reasons,
    )  # fmt: skip


def doctor_text(protection: Protection) -> str:
    """What `proctor doctor` prints."""
    lines = [
        f"{'yes' if getattr(protection, part) else 'NO ':<4} {name:<18} {meaning}"
        for part, (name, meaning) in _WHAT.items()
    ]
    if protection.landlock:
        lines[0] += f" (version {protection.landlock})"
    lines += [f"     {_WHAT[part][0]}: {reason}" for part, reason in protection.reasons.items()]
    if protection.enough:
        lines += [f"     processes          {protection.process_limit}", f"     memory             {protection.memory_limit}", "",
                  f"Students' code is confined on this machine: a trial, start included, took {protection.milliseconds} ms."]  # fmt: skip
        return "\n".join(lines)
    lines += [
        "",
        f"Students' code cannot be confined on this machine. {protection.trouble}".rstrip(),
    ]
    lacking = {
        part if part in _REMEDIES else "namespaces"
        for part in _WHAT
        if not getattr(protection, part)
    }
    if kernel.known_machine():
        lines += [_REMEDIES[part] for part in _REMEDIES if part in lacking]
    lines += [
        "`proctor grade --no-sandbox` grades without protection; the verdict is still passed outside the student's process."
    ]
    return "\n".join(lines)


def refusal(protection: Protection) -> str:
    """Why nothing is graded, in one sentence."""
    lacking = protection.missing and not protection.untried and kernel.known_machine()
    why = f"it lacks {', '.join(protection.missing)}" if lacking else protection.trouble.rstrip(".")
    return f"Students' code cannot be confined on this machine ({why}): `proctor doctor` says what would help, and --no-sandbox grades without protection."
