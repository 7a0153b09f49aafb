"""What this machine can protect from students' code: it is tried, and said in words."""

import functools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proctor.sandbox import filesystem, landlock, namespaces, seccomp, syscalls
from proctor.sandbox.fork import fork_confined
from proctor.sandbox.limits import MEBIBYTE, Limits, SandboxError

# A program of its own, because some of what is tried could not be undone.
_PROGRAM = (
    "import sys; sys.path[:] = sys.argv[1:]; "
    "from proctor.sandbox.doctor import print_facts; print_facts()"
)
_PROGRAM_SECONDS = 120
_CANDIDATE_SECONDS = 60
_SECRET_READ = 3  # the exit code of a confined process that could read a secret

_PARTS = {
    "landlock": ("Landlock", "which files may be read, written and run"),
    "seccomp": ("seccomp", "which system calls may be made"),
    "user": ("user namespace", "no rights outside, none to gain inside"),
    "pid": ("pid namespace", "other processes cannot be seen, all of its own die with it"),
    "net": ("network namespace", "no network"),
    "ipc": ("ipc namespace", "no shared memory or queues with others"),
    "mount": ("mount namespace", "an own, small file system in memory"),
}
_NAMESPACE_FLAGS = {
    "user": 0,  # every attempt makes one
    "pid": syscalls.CLONE_NEWPID,
    "net": syscalls.CLONE_NEWNET,
    "ipc": syscalls.CLONE_NEWIPC,
    "mount": syscalls.CLONE_NEWNS,
}
_REMEDIES = {
    "landlock": (
        "Linux 5.13 or newer has it, if `landlock` is in the list of /sys/kernel/security/lsm "
        "(boot parameter `lsm=`)."
    ),
    "seccomp": "Install the system's package libseccomp2 (Debian's name) and pip's pyseccomp.",
    "namespaces": (
        "As an ordinary user one needs user namespaces: "
        "`sysctl kernel.apparmor_restrict_unprivileged_userns=0` (Ubuntu) or "
        "`sysctl kernel.unprivileged_userns_clone=1` (Debian); in a container, one that may make "
        "them (Podman and Docker: --security-opt seccomp=unconfined)."
    ),
}


@dataclass(frozen=True)
class Protection:
    """What this machine offers.

    `landlock` is the version of its interface, 0 for none; the other parts are there or not, for
    `reasons`. `trouble` is why a candidate could not be confined by all of them together;
    `untried` says that not even that is known.
    """

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
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def missing(self) -> list[str]:
        """The parts that this machine lacks, by their names."""
        return [name for part, (name, _) in _PARTS.items() if not getattr(self, part)]

    @property
    def enough(self) -> bool:
        """Whether a candidate was confined by all of it."""
        return not self.trouble and not self.missing


@functools.cache
def probe() -> Protection:
    """Try what this machine can do, in a process of its own."""
    if not syscalls.is_supported():
        if sys.platform != "linux":
            return Protection()
        return Protection(trouble="This is not Linux on a processor that is known here.")
    # Wherever pyseccomp was found, and this package.
    places = [os.path.abspath(place) for place in sys.path]
    places.append(str(Path(__file__).resolve().parents[2]))
    kept = {name: os.environ[name] for name in ("TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    try:
        run = subprocess.run(
            [sys.executable, "-I", "-c", _PROGRAM, *places],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PROGRAM_SECONDS,
            cwd="/",
            env=kept,
        )
        facts = json.loads(run.stdout)
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        return Protection(trouble=f"Trying it failed: {type(error).__name__}.", untried=True)
    return protection_of(facts)


def protection_of(facts: dict[str, Any]) -> Protection:
    """The protection that what `print_facts` printed comes to."""
    reasons = {part: facts[part] for part in _PARTS if part != "landlock" and facts[part]}
    limits = Limits()
    counted = "by its pid namespace and by looking every 50 ms"
    if facts["counted"]:
        counted = "by the kernel, for its user"
    return Protection(
        landlock=facts["landlock"],
        **{part: not facts[part] for part in _PARTS if part != "landlock"},
        process_limit=f"{limits.processes} processes and threads, counted {counted}",
        memory_limit=(
            f"{limits.memory_bytes // MEBIBYTE} MiB for each process by the kernel, "
            "for all together by looking every 50 ms"
        ),
        trouble=facts["trouble"],
        milliseconds=facts["milliseconds"],
        reasons=reasons,
    )


def doctor_text(protection: Protection) -> str:
    """What `proctor doctor` prints."""
    lines = []
    for part, (name, meaning) in _PARTS.items():
        lines.append(f"{'yes' if getattr(protection, part) else 'NO ':<4} {name:<18} {meaning}")
    if protection.landlock:
        lines[0] += f" (version {protection.landlock})"
    lines += [f"     {_PARTS[part][0]}: {reason}" for part, reason in protection.reasons.items()]
    if protection.enough:
        lines += [
            f"     processes          {protection.process_limit}",
            f"     memory             {protection.memory_limit}",
            "",
            "Students' code is confined on this machine: "
            f"a trial, start included, took {protection.milliseconds} ms.",
        ]
        return "\n".join(lines)
    why_not = f"Students' code cannot be confined on this machine. {protection.trouble}".rstrip()
    lines += ["", why_not]
    if syscalls.is_supported():
        lacking = {
            part if part in _REMEDIES else "namespaces"
            for part in _PARTS
            if not getattr(protection, part)
        }
        lines += [remedy for part, remedy in _REMEDIES.items() if part in lacking]
    lines.append(
        "`proctor grade --no-sandbox` grades without protection; "
        "the verdict is still passed outside the student's process."
    )
    return "\n".join(lines)


def refusal(protection: Protection) -> str:
    """Why nothing is graded, in one sentence."""
    why = protection.trouble.rstrip(".")
    if protection.missing and not protection.untried and syscalls.is_supported():
        why = f"it lacks {', '.join(protection.missing)}"
    return (
        f"Students' code cannot be confined on this machine ({why}): "
        "`proctor doctor` says what would help, and --no-sandbox grades without protection."
    )


def print_facts() -> None:
    """Be the program: try each part in a process that is thrown away, and all together.

    Prints JSON: {"landlock": version, each other part: why not or "", "counted": whether the kernel
    counts a candidate's processes, "trouble" and "milliseconds" of a trial of it all}.
    """
    facts: dict[str, Any] = {
        "landlock": landlock.abi(),
        "seccomp": _error_of(lambda: seccomp.install(seccomp.program())),
    }
    for part, flags in _NAMESPACE_FLAGS.items():
        facts[part] = _error_of(functools.partial(_enter_new_namespaces, flags))
    facts["counted"] = os.geteuid() != 0 or filesystem.mounts_for(()).world_readable
    begun = time.monotonic()
    facts["trouble"] = _trouble_confining()
    facts["milliseconds"] = round(1000 * (time.monotonic() - begun))
    print(json.dumps(facts))


def _enter_new_namespaces(flags: int) -> None:
    uid = os.geteuid()
    namespaces.enter_new_namespaces(flags, uid, os.getegid(), uid)


def _error_of(attempt: Callable[[], None]) -> str:
    """The error that `attempt` ends with in a fork; empty if it works."""
    hear, say = os.pipe()
    child = os.fork()
    if not child:
        try:
            attempt()
        except BaseException as error:
            os.write(say, (str(error) or repr(error)).encode()[:4096])
        finally:
            os._exit(0)
    os.close(say)
    with open(hear, "rb") as heard:
        text = heard.read().decode(errors="replace")
    os.waitpid(child, 0)
    return text


def _trouble_confining() -> str:
    """Why a candidate cannot be confined here.

    Empty if it was, and wrote where it may and could not read where it may not.
    """
    import tempfile  # here, because the container factory imports this module and needs none

    try:
        with tempfile.TemporaryDirectory() as place:
            secret, folder = Path(place, "secret"), Path(place, "folder")
            secret.write_text("secret")
            folder.mkdir()
            candidate = fork_confined(lambda: _try_files(secret), folder, [], Limits(), set())
            ended = candidate.wait(_CANDIDATE_SECONDS)
    except (SandboxError, OSError) as error:
        return str(error)
    if ended is None:
        return "A confined process did not end within a minute."
    if ended.code == _SECRET_READ:
        return "A confined process could read a file that was to be hidden from it."
    if ended.code:
        return f"A confined process ended with {ended.code} {ended.reason}"
    return ""


def _try_files(secret: Path) -> None:
    """In the confined process: write in its folder, and try to read what it must not."""
    Path("mine").write_text("mine")
    try:
        secret.read_text()
    except OSError:
        return
    sys.exit(_SECRET_READ)
