"""The file system of a candidate: a small one in memory.

It shows, read-only, Python's own files, the system's programs and libraries, a few files of /etc
and devices, and has three folders to write to.
"""

import functools
import itertools
import os
import site
import stat
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from proctor.sandbox import syscalls
from proctor.sandbox.limits import MEBIBYTE, Limits, SandboxError

# Not /dev/zero: mapped, it is memory that nobody could count.
DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")
PROC_FILES = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat")
SYSTEM_FOLDERS = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/gnu/store",
)
_CPU_FOLDER = "/sys/devices/system/cpu"
_ETC_FILES = (
    "ld.so.cache",
    "localtime",
    "timezone",
    "locale.alias",
    "locale.conf",
    "mime.types",
    "os-release",
    "debian_version",
    "matplotlibrc",
    "fonts",
    "alternatives",
    "ssl/certs",
    "ssl/openssl.cnf",
    "ssl/cert.pem",
    "pki/tls/certs",
    "pki/tls/openssl.cnf",
    "pki/ca-trust/extracted",
    "ca-certificates/extracted",
)
_IN_INSTALLATION = ("bin", "lib", "lib64", "include", "share", "ssl", "etc/fonts")
_IN_VIRTUAL_ENVIRONMENT = ("bin", "pyvenv.cfg")
_PERMISSIONS_CHECKED = 2000

_TMP, _SHARED_MEMORY = "/tmp", "/dev/shm"
_ROOT_BYTES = 8 * MEBIBYTE
_MAX_FILES = 20_000


@dataclass(frozen=True)
class Mounts:
    """What a candidate sees of this machine.

    `binds` are (path on the machine, path for the candidate), parents first. `symlinks` are (text,
    path). `world_readable` says whether an unused user can read it all as well.
    """

    binds: tuple[tuple[str, str], ...]
    symlinks: tuple[tuple[str, str], ...]
    world_readable: bool


@functools.cache
def mounts_for(readable: tuple[str, ...]) -> Mounts:
    """The mounts of a candidate that may read `readable` besides Python and the system.

    Raises a SandboxError if something of `readable` does not exist.
    """
    for path in readable:
        if not os.path.exists(path):
            raise SandboxError(
                f"A candidate should be able to read {path}, but there is no such file or folder."
            )
    binds: dict[str, str] = {}
    symlinks: dict[str, str] = {}
    for path in (
        *SYSTEM_FOLDERS,
        *_python_folders(),
        *_etc(),
        _CPU_FOLDER,
        *map(os.path.abspath, readable),
    ):
        _add(path, binds, symlinks)
    outermost = {
        target: source for target, source in binds.items() if not _is_in_another(target, binds)
    }
    outside_binds = {
        path: text
        for path, text in symlinks.items()
        if not any(str(parent) in outermost for parent in Path(path).parents)
    }
    for device in DEVICES:
        outermost[device] = device
    return Mounts(
        binds=_sorted_pairs(outermost),
        symlinks=_sorted_pairs(outside_binds),
        world_readable=all(map(_is_world_readable, outermost.values())),
    )


def _sorted_pairs(by_target: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((source, target) for target, source in sorted(by_target.items()))


def _add(path: str, binds: dict[str, str], symlinks: dict[str, str]) -> None:
    if os.path.islink(path) and not path.startswith("/etc/"):
        symlinks[path] = os.readlink(path)
        path = os.path.normpath(os.path.join(os.path.dirname(path), symlinks[path]))
    real = os.path.realpath(path)
    if os.path.exists(real):
        binds[path] = binds[real] = real


def _is_in_another(target: str, binds: dict[str, str]) -> bool:
    """Whether a parent that is bound brings this along already, at the same place in it."""
    for parent in map(str, Path(target).parents):
        if parent in binds:
            in_parent = os.path.join(binds[parent], os.path.relpath(target, parent))
            return os.path.realpath(target) == os.path.normpath(in_parent)
    return False


def _python_folders() -> list[str]:
    installation = {sys.base_prefix, sys.base_exec_prefix}
    found = [os.path.join(prefix, name) for prefix in installation for name in _IN_INSTALLATION]
    # Only what belongs to it: it may have been made in the course folder itself.
    environment = {sys.prefix, sys.exec_prefix}
    found += [
        os.path.join(prefix, name) for prefix in environment for name in _IN_VIRTUAL_ENVIRONMENT
    ]
    paths = sysconfig.get_paths()
    found += [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    if site.ENABLE_USER_SITE:
        found.append(site.getusersitepackages())
    # Those that a .pth file adds.
    found += [
        path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")
    ]
    return [path for path in found if os.path.lexists(path)]


def _etc() -> list[str]:
    names = [*_ETC_FILES]
    if os.path.isdir("/etc"):
        names += [name for name in os.listdir("/etc") if name.startswith("python")]
    return [path for name in names if os.path.exists(path := os.path.join("/etc", name))]


@functools.cache
def _is_world_readable(path: str) -> bool:
    """Whether everybody may read it, judged by its first files.

    Whoever installs Python for themselves only does so throughout.
    """
    if path in SYSTEM_FOLDERS:
        return True
    below = (
        os.path.join(folder, name)
        for folder, folders, files in os.walk(path)
        for name in folders + files
    )
    try:
        first = itertools.islice(itertools.chain([path], below), _PERMISSIONS_CHECKED)
        return all(map(_everybody_may_read, first))
    except OSError:
        return False


def _everybody_may_read(path: str) -> bool:
    mode = os.lstat(path).st_mode
    needed = stat.S_IROTH | stat.S_IXOTH if stat.S_ISDIR(mode) else stat.S_IROTH
    return mode & needed == needed


def writable_folders(folder: str) -> list[str]:
    """The only places where a candidate may write: /tmp, /dev/shm and its own folder."""
    return [_TMP, _SHARED_MEMORY, folder]


def build_root(mounts: Mounts, folder: str, uid_inside: int) -> None:
    """Let `mounts` be all that this process sees from now on.

    The writable folders are still empty and cannot be written to. Needs a mount namespace of its
    own. Raises an OSError, or a SandboxError if `folder` overlaps what may only be read.
    """
    _refuse_overlap(mounts, folder)
    root = folder  # any folder would do to build in; nothing below this one has to be shown
    syscalls.mount("none", "/", None, syscalls.MS_REC | syscalls.MS_PRIVATE)
    flags = syscalls.MS_NOSUID | syscalls.MS_NODEV
    syscalls.mount("tmpfs", root, "tmpfs", flags, f"mode=755,size={_ROOT_BYTES}")
    for path in writable_folders(folder):
        os.makedirs(root + path, exist_ok=True)
    for source, target in mounts.binds:
        _bind_read_only(source, root + target)
    for text, path in mounts.symlinks:
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        os.symlink(text, root + path)
    _write_etc(root, uid_inside)
    os.mkdir(root + "/proc")
    syscalls.mount("/proc", root + "/proc", None, syscalls.MS_BIND | syscalls.MS_REC)
    syscalls.make_read_only(root, recursive=False)
    syscalls.pivot_root(root)


def mount_writable_folders(mounts: Mounts, folder: str, limits: Limits) -> None:
    """Put one file system of limited size behind the writable folders.

    For a process in a mount namespace of its own, after `build_root`. Raises an OSError.
    """
    covered = {
        target: os.open(target, os.O_PATH | os.O_CLOEXEC)
        for _, target in mounts.binds
        if _is_below_a_writable_folder(target)
    }
    flags = syscalls.MS_NOSUID | syscalls.MS_NODEV
    options = f"mode=700,size={limits.folder_bytes},nr_inodes={_MAX_FILES}"
    syscalls.mount("tmpfs", folder, "tmpfs", flags, options)
    tmpfs = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    for number, path in enumerate(writable_folders(folder)):
        source = f"/proc/self/fd/{tmpfs}/{number}"
        os.mkdir(source, 0o700)
        os.makedirs(path, exist_ok=True)
        syscalls.mount(source, path, None, syscalls.MS_BIND)
    for target, before in covered.items():
        _bind_read_only(f"/proc/self/fd/{before}", target)
        os.close(before)
    os.close(tmpfs)


def _refuse_overlap(mounts: Mounts, folder: str) -> None:
    for source, target in mounts.binds:
        if (
            Path(folder).is_relative_to(target)
            or Path(folder).is_relative_to(source)
            or Path(source).is_relative_to(folder)
        ):
            raise SandboxError(
                "A candidate's folder must lie apart from what it may only read, "
                f"but {folder} and {source} overlap."
            )


def _is_below_a_writable_folder(target: str) -> bool:
    return any(Path(target).is_relative_to(path) for path in (_TMP, _SHARED_MEMORY))


def _bind_read_only(source: str, target: str) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
    syscalls.mount(source, target, None, syscalls.MS_BIND | syscalls.MS_REC)
    syscalls.make_read_only(target, recursive=True)


def _write_etc(root: str, uid_inside: int) -> None:
    texts = {
        "passwd": (
            "root:x:0:0:root:/root:/bin/sh\n"
            f"user:x:{uid_inside}:{uid_inside}::{_TMP}:/bin/sh\n"
            "nobody:x:65534:65534::/:/bin/false\n"
        ),
        "group": f"root:x:0:\nuser:x:{uid_inside}:\nnogroup:x:65534:\n",
        "hosts": "127.0.0.1 localhost\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    }
    os.makedirs(root + "/etc", exist_ok=True)
    for name, text in texts.items():
        with open(f"{root}/etc/{name}", "w", encoding="ascii") as file:
            file.write(text)
