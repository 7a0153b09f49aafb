"""Owns tests of what a candidate cannot read, write, reach or become."""

import os
import socket
import sys
import tempfile
from pathlib import Path

import pytest
from host import Host

HIDDEN = ("EACCES", "ENOENT", "EPERM")
SYSCALL = "import ctypes, os\nlibrary = ctypes.CDLL(None, use_errno=True)\nctypes.set_errno(0)\nresult = library.syscall({})\n[result, os.strerror(ctypes.get_errno())]"
REFUSED, UNKNOWN = [-1, "Operation not permitted"], [-1, "Function not implemented"]


@pytest.fixture
def secret(tmp_path):
    """A file of the course that even everybody may read."""
    tmp_path.chmod(0o755)
    path = tmp_path / "gradebook.db"
    path.write_text("secret")
    path.chmod(0o666)
    return path


def test_python_and_the_system_can_be_read(host, folder):
    """A candidate imports what was not imported before the fork, and runs the system's programs."""
    text = "import colorsys, sqlite3, subprocess, sys, locale, ssl; [subprocess.check_output(['ls', '/usr/bin/env']).decode(), subprocess.call([sys.executable, '-c', 'import json'])]"
    assert ["/usr/bin/env\n", 0] == host.said(text, folder=str(folder))


def test_what_was_made_readable(host, folder):
    """A folder named as readable is there at its place and cannot be changed."""
    with tempfile.TemporaryDirectory() as path:
        Path(path).chmod(0o755)
        Path(path, "data").write_text("numbers")
        said = host.said(
            f"say(open({path + '/data'!r}).read())\nopen({path + '/data'!r}, 'w')",
            folder=str(folder),
            readable=[path],
        )
        assert "numbers" == said
        assert host.said(f"open({path + '/more'!r}, 'w')", folder=str(folder), readable=[path]) in (
            "EROFS",
            "EACCES",
        )
        assert ["data"] == os.listdir(path)


def test_a_link_inside_what_was_made_readable(host, folder):
    """A link that is named as readable besides the folder it lies in, as an environment's packages may be, leads to what it points to."""
    with tempfile.TemporaryDirectory() as path, tempfile.TemporaryDirectory() as elsewhere:
        for place in (path, elsewhere):
            Path(place).chmod(0o755)
        Path(elsewhere, "data").write_text("numbers")
        Path(path, "packages").symlink_to(elsewhere)
        assert "numbers" == host.said(
            f"open({path + '/packages/data'!r}).read()",
            folder=str(folder),
            readable=[path, path + "/packages"],
        )


@pytest.mark.parametrize("text", ["open({!r}).read()", "import os; os.stat({!r}).st_size", "import os; os.listdir(os.path.dirname({!r}))",
                                  "import os; os.remove({!r})", "open({!r}, 'a')", "import os; os.symlink({!r}, 'link'); open('link').read()",
                                  "import os; os.link({!r}, 'link')", "import os; os.chdir(os.path.dirname({!r}))"])  # fmt: skip
def test_a_file_of_the_course(host, folder, secret, text):
    """What lies elsewhere is not there, by no way of naming it, though its permissions would allow everybody all."""
    assert host.said(text.format(str(secret)), folder=str(folder)) in HIDDEN
    assert "secret" == secret.read_text()


def test_the_proctor_package_and_the_home(host, folder):
    """Neither proctor's own files nor a home folder are shown."""
    for path in (
        __file__,
        str(Path.home() / ".bashrc"),
        "/etc/shadow",
        "/root",
        "/home",
        "/var/log",
        "/sys/kernel",
        "/dev/sda",
        "/dev/mem",
        "/run",
    ):
        assert (
            host.said(
                f"import os; os.listdir({path!r}) if os.path.isdir({path!r}) else open({path!r}).read()",
                folder=str(folder),
            )
            in HIDDEN
        )


@pytest.mark.parametrize("path", ["/proc/1/environ", "/proc/1/root", "/proc/self/environ", "/proc/self/mem", "/proc/self/maps", "/proc/kcore", "/proc/net/unix",
                                  "/proc/sys/kernel/hostname", pytest.param(f"/proc/{os.getpid()}/cmdline", id="of the process outside")])  # fmt: skip
def test_files_of_processes(host, folder, path):
    """The files in which the kernel shows processes, its own or others', cannot be read or written."""
    assert host.said(f"open({path!r}).read()", folder=str(folder)) in HIDDEN
    assert host.said(f"open({path!r}, 'w')", folder=str(folder)) in (*HIDDEN, "EROFS")


def test_only_its_own_processes_are_there(host, folder):
    """Its parent is nobody, it is not alone with one process of the room, and the numbers of the machine mean nothing to it."""
    said = host.said(f"import os\ndef exists(number):\n    try:\n        os.kill(number, 0)\n    except OSError as error:\n        return type(error).__name__\n"
                     f"[os.getppid(), exists({os.getpid()}), os.getpid() < 10]", folder=str(folder))  # fmt: skip
    assert [0, "ProcessLookupError", True] == said


@pytest.mark.parametrize(
    "path",
    [
        "/x",
        "/etc/x",
        "/usr/x",
        "/usr/bin/x",
        "/var/x",
        "/proc/x",
        "/dev/x",
        sys.prefix + "/bin/x",
        os.path.dirname(os.__file__) + "/x",
    ],
)
def test_where_it_cannot_write(host, folder, path):
    """Nothing can be made outside the private folders."""
    assert host.said(f"open({path!r}, 'w')", folder=str(folder)) in (*HIDDEN, "EROFS")


def test_where_it_can_write(host, folder):
    """The folder, /tmp, /dev/shm and /dev/null can be written to, by temporary files and shared memory too."""
    text = f"""
import multiprocessing.shared_memory, os, tempfile
for path in ({str(folder)!r}, '/tmp', '/dev/shm'):
    with open(path + '/mine', 'w') as file: file.write('x')
    os.rename(path + '/mine', path + '/also mine')
    os.makedirs(path + '/my own/folder')
open('/dev/null', 'w').write('x')
memory = multiprocessing.shared_memory.SharedMemory(create=True, size=100)
memory.unlink()
[tempfile.TemporaryFile().write(b'four'), len(os.urandom(3))]
"""
    assert [4, 3] == host.said(text, folder=str(folder))


@pytest.mark.parametrize("how", ["socket.create_connection(('127.0.0.1', PORT))", "socket.create_server(('127.0.0.1', 0))", "socket.socket(socket.AF_INET6)",
                                 "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', PORT))", "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
                                 "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)", "socket.socket(socket.AF_VSOCK)", "socket.if_nameindex()"])  # fmt: skip
def test_the_network(host, folder, how):
    """No socket of any network can be made, so that not even a listener on the same machine is reached."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert "EPERM" == host.said(
            f"import socket\n{how.replace('PORT', str(listener.getsockname()[1]))}\n'reached'",
            folder=str(folder),
        )


def test_sockets_outside(host, folder, tmp_path):
    """A socket of another process is not reached, by an abstract name or by a path; a pair of its own works."""
    name = "\0" + os.urandom(8).hex()
    with socket.socket(socket.AF_UNIX) as abstract, socket.socket(socket.AF_UNIX) as named:
        abstract.bind(name)
        named.bind(str(tmp_path / "socket"))
        for listener in (abstract, named):
            listener.listen()
        connect = "import socket; socket.socket(socket.AF_UNIX).connect({!r}); 'reached'"
        assert host.said(connect.format(name), folder=str(folder)) in ("EPERM", "ECONNREFUSED")
        assert host.said(connect.format(str(tmp_path / "socket")), folder=str(folder)) in HIDDEN
    assert "hi" == host.said(
        "import socket; ours, theirs = socket.socketpair(); ours.send(b'hi'); theirs.recv(9).decode()",
        folder=str(folder),
    )


@pytest.mark.parametrize("call", ["101, 0, 0, 0, 0", "165, b'none', b'/tmp', b'tmpfs', 0, 0", "272, 0x10000000", "272, 0x20000", "308, 3, 0", "321, 0, 0, 0",
                                  "310, 1, 0, 0, 0, 0, 0", "161, b'/tmp'", "155, b'/tmp', b'/tmp'", "250, 0, 0", "298, 0, 0, 0, 0, 0", "323, 0", "425, 1, 0", "175, 0, 0, b''",
                                  "304, 0, 0, 0", "135, 0", "56, 0x10000011, 0, 0, 0, 0", "428, -100, b'/tmp', 0", "169, 0, 0, 0, 0"])  # fmt: skip
def test_calls_that_are_refused(host, folder, call):
    """ptrace, mount, unshare, setns, bpf, process_vm_readv, chroot, pivot_root, keyctl, perf, userfaultfd, io_uring, modules, open_by_handle_at, personality,
    clone with a namespace, open_tree and reboot are refused whatever the arguments."""
    only_x86()
    assert REFUSED == host.said(SYSCALL.format(call), folder=str(folder))


@pytest.mark.parametrize(
    "call", ["435, 0, 0", "319, b'x', 0", "29, 0, 4096, 0o1666", "240, b'/q', 0o102, 0o600, 0"]
)
def test_calls_that_seem_not_to_exist(host, folder, call):
    """clone3, memfd_create, shmget and mq_open, whose memory nobody could count, look like those of an older kernel."""
    only_x86()
    assert UNKNOWN == host.said(SYSCALL.format(call), folder=str(folder))


def test_calls_of_the_other_kind(host, folder):
    """A call by its 32-bit number or of the x32 kind is not a way around: it ends the process or is refused."""
    only_x86()
    found = host.run(SYSCALL.format("0x40000000 + 101, 0, 0, 0, 0"), folder=str(folder))
    assert found.code != 0 or found.said[0] == -1


def test_a_signal_to_its_parents_number(host, folder):
    """Whoever signals its parent, whose number is 0 in there, is told that it worked and lives on."""
    assert "alive" == host.said(
        "import os, signal; os.kill(os.getppid(), signal.SIGKILL); os.killpg(0, signal.SIGTERM); 'alive'",
        folder=str(folder),
    )


def test_the_first_process_cannot_be_ended(host, folder):
    """Signals to the room's first process, and to everything, do not end the room before its time."""
    text = "import os, signal\nfor number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM):\n    try:\n        os.kill(1, number)\n    except OSError:\n        pass\n" \
           "child = os.fork()\nif not child: os._exit(4)\nos.waitstatus_to_exitcode(os.waitpid(child, 0)[1])"  # fmt: skip
    assert 4 == host.said(text, folder=str(folder))


def test_who_it_is(host, folder):
    """The candidate is an ordinary user with no capability, no supplementary group and no way to another uid."""
    text = """
import ctypes, os
library = ctypes.CDLL(None, use_errno=True)
header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(*[1] * 6)
library.capget(ctypes.byref(header), ctypes.byref(data))
def tried(call, *arguments):
    try:
        return call(*arguments)
    except OSError as error:
        return type(error).__name__
ids = {*os.getresuid(), *os.getresgid()}
[len(ids) == 1 and 0 not in ids, sum(data), library.prctl(39, 0, 0, 0, 0), [library.prctl(23, which, 0, 0, 0) for which in range(0, 38, 7)],
 tried(os.setuid, 0), tried(os.setgid, 0), tried(os.setgroups, []), tried(os.chown, '.', 0, 0), tried(os.mknod, 'x', 0o60600, os.makedev(8, 0)),
 tried(os.nice, -5)]
"""
    said = host.said(text, folder=str(folder))
    assert [True, 0, 1, [0] * 6] == said[:4]
    assert {"PermissionError"} == set(said[4:]) - {"OSError"}


def test_programs_with_a_setuid_bit(host, folder):
    """A setuid program runs as the same user as everything else."""
    program = next(
        (
            path
            for path in ("/usr/bin/su", "/usr/bin/passwd", "/usr/bin/mount")
            if os.path.exists(path) and os.stat(path).st_mode & 0o4000
        ),
        None,
    )
    if program is None:
        pytest.skip("this system has no setuid program to try")
    assert (
        host.said(
            "import subprocess; subprocess.run(['su', '-c', 'id'], capture_output=True, stdin=subprocess.DEVNULL).returncode",
            folder=str(folder),
        )
        != 0
    )


def test_the_environment_is_the_zygotes(host, folder):
    """What the process that started the zygote has in its environment afterwards does not come along."""
    os.environ["A_TOKEN_OF_THE_INSTRUCTOR"] = "secret"
    try:
        assert None is host.said(
            "import os; os.environ.get('A_TOKEN_OF_THE_INSTRUCTOR')", folder=str(folder)
        )
    finally:
        del os.environ["A_TOKEN_OF_THE_INSTRUCTOR"]


def test_programs_it_starts_are_confined_as_well(host, folder, secret):
    """A program of its own, started afresh, meets the same walls."""
    text = f"import subprocess; subprocess.run(['cat', {str(secret)!r}], capture_output=True).returncode"
    assert 1 == host.said(text, folder=str(folder))


@pytest.mark.parametrize("where", ["/tmp", "/var/tmp"])
def test_where_the_folder_may_lie(host, secret, where):
    """A folder in /tmp or anywhere else, with a secret beside it and another above, is all that is seen there."""
    with tempfile.TemporaryDirectory(dir=where) as outer:
        os.chmod(outer, 0o755)
        Path(outer, "secret").write_text("secret")
        Path(outer, "work").mkdir()
        text = "import os\ntry:\n    seen = os.listdir('..')\nexcept OSError:\n    seen = []\n[os.getcwd(), 'secret' in seen, os.path.exists('../secret')]"
        assert [f"{outer}/work", False, False] == host.said(text, folder=f"{outer}/work")


def test_a_strict_umask(protected, folder):
    """A zygote whose files nobody else may read confines all the same."""
    host = Host(umask=0o077)
    try:
        assert ["x", 0o077] == host.said(
            "import os; open('f', 'w').write('x'); umask = os.umask(0); [open('f').read(), umask]",
            folder=str(folder),
        )
    finally:
        host.close()


def test_root_whose_files_others_cannot_read(protected, folder):
    """Started by root with something to read that only root may read, the candidate reads it, and has none of root's rights."""
    if os.geteuid() != 0:
        pytest.skip("only root has files that an unused user could not read")
    with tempfile.TemporaryDirectory() as path:
        Path(path, "data").write_text("numbers")
        Path(path, "data").chmod(0o600)
        host = Host()
        try:
            text = f"import os\ntry:\n    os.setuid(0)\n    became = True\nexcept OSError:\n    became = False\n[open({path + '/data'!r}).read(), os.getuid() == 0, became]"
            assert ["numbers", False, False] == host.said(text, folder=str(folder), readable=[path])
        finally:
            host.close()


def only_x86():
    if os.uname().machine != "x86_64":
        pytest.skip("the numbers of these calls are those of x86_64")
