"""The fenced place attacks run in: own processes, network and read-only machine, so that what gets loose harms nobody.

`run` starts this file again inside fresh namespaces (as process 1 there), which runs the commands one after another, listens on
127.0.0.1 for what is sent out, and says what was left running. Without namespaces the commands run unfenced, for `FENCED` cases to skip."""

import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

GIB = 2**30
NAMESPACES = [
    "unshare",
    "--mount",
    "--pid",
    "--net",
    "--ipc",
    "--fork",
    "--kill-child",
    "--mount-proc",
]


def fence():
    """The command that fences what follows it, or [] where this machine offers none."""
    if not shutil.which("unshare"):
        return []
    for command in (NAMESPACES, [*NAMESPACES, "--user", "--map-root-user"]):
        if subprocess.run([*command, "true"], capture_output=True).returncode == 0:
            return command
    return []


FENCE = fence()
FENCED = bool(FENCE)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def run(base, commands, *, port, environ, seconds=120, memory=None):
    """Run `commands` (lists of words) in `base`/course; returns what the inner `main` reports of it."""
    plan = base / "arena.json"
    plan.write_text(
        json.dumps(
            dict(
                commands=commands,
                base=str(base),
                port=port,
                environ=environ,
                seconds=seconds,
                memory=memory,
            )
        )
    )
    said = base / "said.json"
    said.unlink(missing_ok=True)
    outer = subprocess.run(
        [*FENCE, sys.executable, __file__, plan],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    if not said.exists():
        return dict(
            runs=[],
            left=[],
            sent="",
            problem=f"the arena itself ended ({outer.returncode}): {outer.stdout[-2000:]}",
        )
    return json.loads(said.read_text())


def main(plan):
    plan = json.loads(Path(plan).read_text())
    base, sent = Path(plan["base"]), []
    if os.getpid() == 1:
        raise_loopback()
        make_machine_read_only(base)
    listen(plan["port"], sent)
    runs = [one(command, plan, base) for command in plan["commands"]]
    left = left_running() if os.getpid() == 1 else []
    (base / "said.json").write_text(json.dumps(dict(runs=runs, left=left, sent="\n".join(sent))))


def one(command, plan, base):
    """Run one command with its limits: what it said, how it ended, how long it took."""
    log, begun = base / "log.txt", time.monotonic()
    limit = ["prlimit", f"--as={plan['memory']}"] if plan["memory"] else []
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*limit, *command],
            cwd=base / "course",
            env=plan["environ"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = process.wait(plan["seconds"])
        except subprocess.TimeoutExpired:
            status = "hangs"
            process.kill()
            process.wait()
    return dict(
        status=status,
        seconds=time.monotonic() - begun,
        said=log.read_bytes()[-200_000:].decode("utf-8", "replace"),
    )


def left_running():
    """The command lines still running a moment after the last command ended; a kernel may need that moment to go."""
    deadline = time.monotonic() + 3
    while True:
        reap()
        found = [
            name
            for pid in os.listdir("/proc")
            if pid.isdigit() and pid != "1" and (name := command_line(pid))
        ]
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def command_line(pid):
    try:
        state = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0]
        words = (
            Path("/proc", pid, "cmdline")
            .read_bytes()
            .replace(b"\0", b" ")
            .decode("utf-8", "replace")
        )
    except OSError:
        return ""
    return "" if state in "ZX" else words or "(no command line)"


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def listen(port, sent):
    """Collect what anything in the arena sends to 127.0.0.1."""
    server = socket.create_server(("127.0.0.1", port))

    def accept():
        while True:
            connection, _ = server.accept()
            with connection:
                connection.settimeout(2)
                try:
                    while data := connection.recv(65536):
                        sent.append(data.decode("utf-8", "replace"))
                except OSError:
                    pass

    threading.Thread(target=accept, daemon=True).start()


def raise_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14x", b"lo", 1)  # IFF_UP
        fcntl.ioctl(control, 0x8914, request)  # SIOCSIFFLAGS


def make_machine_read_only(base):
    """Leave only the attack's own folder (and /dev) to be written; where mounts may not be changed, go on without."""
    for words in (
        ["--make-rprivate", "/"],
        ["--bind", base, base],
        ["-o", "remount,bind,ro", "/"],
        ["-t", "tmpfs", "tmpfs", "/dev/shm"],
    ):
        subprocess.run(["mount", *words], capture_output=True)


if __name__ == "__main__":
    main(sys.argv[1])
