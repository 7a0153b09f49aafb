"""Owns trying this machine's protections, each in a process that is thrown away, as a program of its own: some could not be undone."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from proctor.sandbox import filter, identity, kernel, landlock
from proctor.sandbox.confined import fork_confined
from proctor.sandbox.limits import Limits, SandboxError
from proctor.sandbox.view import view

NAMESPACES = {
    "pid": kernel.CLONE_NEWPID,
    "net": kernel.CLONE_NEWNET,
    "ipc": kernel.CLONE_NEWIPC,
    "mount": kernel.CLONE_NEWNS,
}


def facts() -> dict:
    """What each protection says, and whether a candidate can be confined by all of them together."""
    found = {
        "landlock": landlock.abi(),
        "seccomp": _works(lambda: filter.install(filter.program())),
        "user": _works(lambda: _enter(0)),
    }
    found |= {name: _works(lambda flag=flag: _enter(flag)) for name, flag in NAMESPACES.items()}
    found["uid"] = os.geteuid()
    found["counted"] = os.geteuid() != 0 or view(()).public
    begun = time.monotonic()
    found["trouble"] = _trouble()
    return found | {"milliseconds": round(1000 * (time.monotonic() - begun))}


def _enter(flag: int) -> None:
    identity.enter_namespaces(flag, os.geteuid(), os.getegid(), os.geteuid())


def _works(attempt: Callable[[], None]) -> str:
    """Nothing if it works, else why not."""
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
        told = heard.read().decode(errors="replace")
    os.waitpid(child, 0)
    return told


def _trouble() -> str:
    """Why a candidate cannot be confined here; nothing if it was, and wrote where it may and could not read where it may not."""
    try:
        with tempfile.TemporaryDirectory() as place:
            secret, folder = Path(place, "secret"), Path(place, "folder")
            secret.write_text("secret")
            folder.mkdir()
            ended = fork_confined(lambda: _look(secret), folder, [], Limits(), set()).wait(60)
    except (SandboxError, OSError) as error:
        return str(error)
    if ended is None:
        return "A confined process did not end within a minute."
    return {0: "", 3: "A confined process could read a file that was to be hidden from it."}.get(
        ended.code, f"A confined process ended with {ended.code} {ended.reason}"
    )


def _look(secret: Path) -> None:
    """In the confined process: write in its folder, and try to read what it must not."""
    Path("mine").write_text("mine")
    try:
        secret.read_text()
    except OSError:
        return
    sys.exit(3)


if __name__ == "__main__":
    print(json.dumps(facts()))
