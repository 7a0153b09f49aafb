"""Owns the file system a candidate sees: a small one in memory that shows a view of this machine, read-only, and three private folders."""

import os
from pathlib import Path

from proctor.sandbox import kernel
from proctor.sandbox.limits import MEBIBYTE, Limits, SandboxError
from proctor.sandbox.view import View

TEMPORARY, SHARED_MEMORY = "/tmp", "/dev/shm"
_FILES_AT_MOST = 20_000


def private_folders(folder: str) -> list[str]:
    """The only places where a candidate may write."""
    return [TEMPORARY, SHARED_MEMORY, folder]


def build(shown: View, folder: str, uid: int) -> None:
    """Let a view be all that this process sees from now on; the private folders are still empty and closed. Needs a mount namespace of its own."""
    refuse_overlap(shown, folder)
    root = folder  # any folder would do to build in; nothing below this one has to be shown
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount(
        "tmpfs", root, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, f"mode=755,size={8 * MEBIBYTE}"
    )
    for private in private_folders(folder):
        os.makedirs(root + private, exist_ok=True)
    for what, where in shown.shown:
        _show(what, root + where)
    for text, where in shown.links:
        os.makedirs(os.path.dirname(root + where), exist_ok=True)
        os.symlink(text, root + where)
    _write_etc(root, uid)
    os.mkdir(root + "/proc")
    kernel.mount("/proc", root + "/proc", None, kernel.MS_BIND | kernel.MS_REC)
    kernel.make_read_only(root, everything_below=False)
    kernel.become_root_folder(root)


def furnish(shown: View, folder: str, limits: Limits) -> None:
    """Put one file system of limited size behind the private folders. For a process in a mount namespace of its own, in the room."""
    covered = {
        where: os.open(where, os.O_PATH | os.O_CLOEXEC)
        for _, where in shown.shown
        if _below_a_private_one(where)
    }
    kernel.mount(
        "tmpfs",
        folder,
        "tmpfs",
        kernel.MS_NOSUID | kernel.MS_NODEV,
        f"mode=700,size={limits.folder_bytes},nr_inodes={_FILES_AT_MOST}",
    )
    shelf = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    for number, private in enumerate(private_folders(folder)):
        compartment = f"/proc/self/fd/{shelf}/{number}"
        os.mkdir(compartment, 0o700)
        os.makedirs(private, exist_ok=True)
        kernel.mount(compartment, private, None, kernel.MS_BIND)
    for where, before in covered.items():
        _show(f"/proc/self/fd/{before}", where)
        os.close(before)
    os.close(shelf)


def refuse_overlap(shown: View, folder: str) -> None:
    for what, where in shown.shown:
        if (
            Path(folder).is_relative_to(where)
            or Path(folder).is_relative_to(what)
            or Path(what).is_relative_to(folder)
        ):
            raise SandboxError(
                f"A candidate's folder must lie apart from what it may only read, but {folder} and {what} overlap."
            )


def _below_a_private_one(where: str) -> bool:
    return any(Path(where).is_relative_to(private) for private in (TEMPORARY, SHARED_MEMORY))


def _show(what: str, where: str) -> None:
    if os.path.isdir(what):
        os.makedirs(where, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(where), exist_ok=True)
        os.close(os.open(where, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
    kernel.mount(what, where, None, kernel.MS_BIND | kernel.MS_REC)
    kernel.make_read_only(where, everything_below=True)


def _write_etc(root: str, uid: int) -> None:
    texts = {
        "passwd": f"root:x:0:0:root:/root:/bin/sh\nuser:x:{uid}:{uid}::{TEMPORARY}:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n",
        "group": f"root:x:0:\nuser:x:{uid}:\nnogroup:x:65534:\n",
        "hosts": "127.0.0.1 localhost\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    }
    os.makedirs(root + "/etc", exist_ok=True)
    for name, text in texts.items():
        with open(f"{root}/etc/{name}", "w", encoding="ascii") as file:
            file.write(text)
