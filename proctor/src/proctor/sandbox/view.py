"""Owns what of this machine a candidate may see at all: Python's own files, the system's programs and libraries, a few files of /etc, devices."""

import functools
import itertools
import os
import site
import stat
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from proctor.sandbox.limits import SandboxError

SYSTEM = (
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
DEVICES = (
    "/dev/null",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
)  # not zero: mapped, it is memory that nobody could count
PROCESS_FILES = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat")
_ETC = (
    "ld.so.cache localtime timezone locale.alias locale.conf mime.types os-release debian_version matplotlibrc fonts alternatives "
    "ssl/certs ssl/openssl.cnf ssl/cert.pem pki/tls/certs pki/tls/openssl.cnf pki/ca-trust/extracted ca-certificates/extracted"
).split()
_OF_AN_INSTALLATION = ("bin", "lib", "lib64", "include", "share", "ssl", "etc/fonts")
_OF_AN_ENVIRONMENT = ("bin", "pyvenv.cfg")
_LOOKED_AT = 2000


@dataclass(frozen=True)
class View:
    """What to show. `shown`: (what, where) pairs, parents first. `links`: (text, where). `public`: an unused uid can read it all as well."""

    shown: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]
    public: bool


@functools.cache
def view(readable: tuple[str, ...]) -> View:
    """What a candidate sees that may read `readable` besides Python and the system."""
    shown: dict[str, str] = {}
    links: dict[str, str] = {}
    wanted = [
        *SYSTEM,
        *_python_folders(),
        *_etc(),
        "/sys/devices/system/cpu",
        *(os.path.abspath(path) for path in readable),
    ]
    for path in wanted:
        _show(path, shown, links)
    missing = [path for path in readable if not os.path.exists(path)]
    if missing:
        raise SandboxError(
            f"A candidate should be able to read {missing[0]}, but there is no such file or folder."
        )
    outermost = {where: what for where, what in shown.items() if not _below_another(where, shown)}
    own_links = {
        where: text
        for where, text in links.items()
        if not any(str(parent) in outermost for parent in Path(where).parents)
    }
    for device in DEVICES:
        outermost[device] = device
    return View(_pairs(outermost), _pairs(own_links), all(map(_public, outermost.values())))


def _pairs(by_place: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((what, where) for where, what in sorted(by_place.items()))


def _show(path: str, shown: dict[str, str], links: dict[str, str]) -> None:
    if os.path.islink(path) and not path.startswith("/etc/"):
        links[path] = os.readlink(path)
        path = os.path.join(os.path.dirname(path), links[path])
        path = os.path.normpath(path)
    real = os.path.realpath(path)
    if os.path.exists(real):
        shown[path] = shown[real] = real


def _below_another(where: str, shown: dict[str, str]) -> bool:
    """Whether a shown parent brings this along already, at the same place in it."""
    for parent in map(str, Path(where).parents):
        if parent in shown:
            return os.path.realpath(where) == os.path.normpath(
                os.path.join(shown[parent], os.path.relpath(where, parent))
            )
    return False


def _python_folders() -> list[str]:
    """Of a virtual environment only what belongs to it: it may have been made in the course folder itself."""
    found = [
        os.path.join(prefix, name)
        for prefix in {sys.base_prefix, sys.base_exec_prefix}
        for name in _OF_AN_INSTALLATION
    ]
    found += [
        os.path.join(prefix, name)
        for prefix in {sys.prefix, sys.exec_prefix}
        for name in _OF_AN_ENVIRONMENT
    ]
    paths = sysconfig.get_paths()
    found += [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    if site.ENABLE_USER_SITE:
        found.append(site.getusersitepackages())
    found += [
        path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")
    ]  # those that a .pth file adds
    return [path for path in found if os.path.lexists(path)]


def _etc() -> list[str]:
    found = [os.path.join("/etc", name) for name in _ETC]
    if os.path.isdir("/etc"):
        found += [
            os.path.join("/etc", name) for name in os.listdir("/etc") if name.startswith("python")
        ]
    return [path for path in found if os.path.exists(path)]


@functools.cache
def _public(path: str) -> bool:
    """Whether everybody may read it, judged by its first files: whoever installs privately does so throughout."""
    entries = itertools.chain(
        [path],
        (
            os.path.join(folder, name)
            for folder, folders, files in os.walk(path)
            for name in folders + files
        ),
    )
    try:
        return path in SYSTEM or all(map(_everybody_may, itertools.islice(entries, _LOOKED_AT)))
    except OSError:
        return False


def _everybody_may(path: str) -> bool:
    mode = os.lstat(path).st_mode
    needed = stat.S_IROTH | stat.S_IXOTH if stat.S_ISDIR(mode) else stat.S_IROTH
    return mode & needed == needed
