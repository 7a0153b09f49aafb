"""What a candidate cannot read, write, reach or become."""

import os
import platform
import socket
import sys
import tempfile
from pathlib import Path

import pytest
from fork_server import ForkServer

HIDDEN = ("EACCES", "ENOENT", "EPERM")
READ_ONLY = (*HIDDEN, "EROFS")
SYSCALL = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
ctypes.set_errno(0)
result = libc.syscall({arguments})
[result, os.strerror(ctypes.get_errno())]
"""

only_x86_64 = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="the numbers of these calls are those of x86_64"
)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file of the course that even everybody may read."""
    tmp_path.chmod(0o755)
    path = tmp_path / "gradebook.db"
    path.write_text("secret")
    path.chmod(0o666)
    return path


def test_python_and_the_system_can_be_read(server: ForkServer, folder: Path) -> None:
    """A candidate imports what was not imported before the fork, and runs the system's programs."""
    text = """
        import colorsys, locale, sqlite3, ssl, subprocess, sys
        listed = subprocess.check_output(["ls", "/usr/bin/env"]).decode()
        [listed, subprocess.call([sys.executable, "-c", "import json"])]
    """
    assert server.value(text, folder) == ["/usr/bin/env\n", 0]


def test_what_was_made_readable(server: ForkServer, folder: Path) -> None:
    """A folder named as readable is there at its place and cannot be changed."""
    with tempfile.TemporaryDirectory() as path:
        Path(path).chmod(0o755)
        Path(path, "data").write_text("numbers")
        read = f"open('{path}/data').read()"
        change, add = f"open('{path}/data', 'w')", f"open('{path}/more', 'w')"
        assert server.value(read, folder, readable=[path]) == "numbers"
        assert server.value(change, folder, readable=[path]) in ("EROFS", "EACCES")
        assert server.value(add, folder, readable=[path]) in ("EROFS", "EACCES")
        assert (os.listdir(path), Path(path, "data").read_text()) == (["data"], "numbers")


def test_a_link_inside_what_was_made_readable(server: ForkServer, folder: Path) -> None:
    """A link named as readable, in a folder that is too, leads to what it points to."""
    with tempfile.TemporaryDirectory() as path, tempfile.TemporaryDirectory() as elsewhere:
        for place in (path, elsewhere):
            Path(place).chmod(0o755)
        Path(elsewhere, "data").write_text("numbers")
        Path(path, "packages").symlink_to(elsewhere)
        text = f"open('{path}/packages/data').read()"
        assert server.value(text, folder, readable=[path, f"{path}/packages"]) == "numbers"


@pytest.mark.parametrize(
    "text",
    [
        "open({path!r}).read()",
        "os.stat({path!r}).st_size",
        "os.listdir(os.path.dirname({path!r}))",
        "os.remove({path!r})",
        "open({path!r}, 'a')",
        "os.symlink({path!r}, 'link'); open('link').read()",
        "os.link({path!r}, 'link')",
        "os.chdir(os.path.dirname({path!r}))",
    ],
)
def test_a_file_of_the_course(server: ForkServer, folder: Path, secret: Path, text: str) -> None:
    """What lies elsewhere is not there, though its permissions would allow everybody all."""
    assert server.value("import os; " + text.format(path=str(secret)), folder) in HIDDEN
    assert secret.read_text() == "secret"


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(__file__, id="of proctor"),
        pytest.param(str(Path.home() / ".bashrc"), id="in the home folder"),
        "/etc/shadow",
        "/root",
        "/home",
        "/var/log",
        "/sys/kernel",
        "/dev/sda",
        "/dev/mem",
        "/run",
    ],
)
def test_files_of_the_machine(server: ForkServer, folder: Path, path: str) -> None:
    """Neither proctor's own files nor a home folder, logs or disks are shown."""
    text = f"import os; os.listdir({path!r}) if os.path.isdir({path!r}) else open({path!r}).read()"
    assert server.value(text, folder) in HIDDEN


@pytest.mark.parametrize(
    "path",
    [
        "/proc/1/environ",
        "/proc/1/root",
        "/proc/self/environ",
        "/proc/self/mem",
        "/proc/self/maps",
        "/proc/kcore",
        "/proc/net/unix",
        "/proc/sys/kernel/hostname",
        pytest.param(f"/proc/{os.getpid()}/cmdline", id="of the process outside"),
    ],
)
def test_files_of_processes(server: ForkServer, folder: Path, path: str) -> None:
    """The files in which the kernel shows processes cannot be read or written."""
    assert server.value(f"open({path!r}).read()", folder) in HIDDEN
    assert server.value(f"open({path!r}, 'w')", folder) in READ_ONLY


def test_only_its_own_processes_are_there(server: ForkServer, folder: Path) -> None:
    """Its parent is nobody, its number is small, and the machine's numbers mean nothing to it."""
    text = f"""
        import os
        def error_of_signal(number):
            try:
                os.kill(number, 0)
            except OSError as error:
                return type(error).__name__
        [os.getppid(), error_of_signal({os.getpid()}), os.getpid() < 10]
    """
    assert server.value(text, folder) == [0, "ProcessLookupError", True]


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
        pytest.param(sys.prefix + "/bin/x", id="bin of the environment"),
        pytest.param(os.path.dirname(os.__file__) + "/x", id="standard library"),
    ],
)
def test_where_it_cannot_write(server: ForkServer, folder: Path, path: str) -> None:
    """Nothing can be made outside the writable folders."""
    assert server.value(f"open({path!r}, 'w')", folder) in READ_ONLY


def test_where_it_can_write(server: ForkServer, folder: Path) -> None:
    """The folder, /tmp, /dev/shm and /dev/null can be written to, by temporary files too."""
    text = f"""
        import multiprocessing.shared_memory, os, tempfile
        for path in ({str(folder)!r}, "/tmp", "/dev/shm"):
            with open(path + "/mine", "w") as file:
                file.write("x")
            os.rename(path + "/mine", path + "/also mine")
            os.makedirs(path + "/my own/folder")
        open("/dev/null", "w").write("x")
        memory = multiprocessing.shared_memory.SharedMemory(create=True, size=100)
        memory.unlink()
        [tempfile.TemporaryFile().write(b"four"), len(os.urandom(3))]
    """
    assert server.value(text, folder) == [4, 3]


@pytest.mark.parametrize(
    "text",
    [
        "socket.create_connection(('127.0.0.1', {port}))",
        "socket.create_server(('127.0.0.1', 0))",
        "socket.socket(socket.AF_INET6)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port}))",
        "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
        "socket.socket(socket.AF_VSOCK)",
        "socket.if_nameindex()",
    ],
)
def test_the_network(server: ForkServer, folder: Path, text: str) -> None:
    """No socket of a network can be made: not even the same machine is reached."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert server.value(f"import socket; {text.format(port=port)}", folder) == "EPERM"


def test_sockets_outside(server: ForkServer, folder: Path, tmp_path: Path) -> None:
    """A socket of another process is not reached, by an abstract name or by a path."""
    name, path = "\0" + os.urandom(8).hex(), str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as abstract, socket.socket(socket.AF_UNIX) as named:
        abstract.bind(name)
        named.bind(path)
        abstract.listen()
        named.listen()
        text = "import socket; socket.socket(socket.AF_UNIX).connect({!r}); 'reached'"
        assert server.value(text.format(name), folder) in ("EPERM", "ECONNREFUSED")
        assert server.value(text.format(path), folder) in HIDDEN


def test_a_pair_of_sockets(server: ForkServer, folder: Path) -> None:
    """A pair of sockets of its own works."""
    text = "import socket; a, b = socket.socketpair(); a.send(b'hi'); b.recv(9).decode()"
    assert server.value(text, folder) == "hi"


@only_x86_64
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param("101, 0, 0, 0, 0", id="ptrace"),
        pytest.param("165, b'none', b'/tmp', b'tmpfs', 0, 0", id="mount"),
        pytest.param("272, 0x10000000", id="unshare, user"),
        pytest.param("272, 0x20000", id="unshare, mount"),
        pytest.param("308, 3, 0", id="setns"),
        pytest.param("321, 0, 0, 0", id="bpf"),
        pytest.param("310, 1, 0, 0, 0, 0, 0", id="process_vm_readv"),
        pytest.param("161, b'/tmp'", id="chroot"),
        pytest.param("155, b'/tmp', b'/tmp'", id="pivot_root"),
        pytest.param("250, 0, 0", id="keyctl"),
        pytest.param("298, 0, 0, 0, 0, 0", id="perf_event_open"),
        pytest.param("323, 0", id="userfaultfd"),
        pytest.param("425, 1, 0", id="io_uring_setup"),
        pytest.param("175, 0, 0, b''", id="init_module"),
        pytest.param("304, 0, 0, 0", id="open_by_handle_at"),
        pytest.param("135, 0", id="personality"),
        pytest.param("56, 0x10000011, 0, 0, 0, 0", id="clone with a user namespace"),
        pytest.param("428, -100, b'/tmp', 0", id="open_tree"),
        pytest.param("169, 0, 0, 0, 0", id="reboot"),
    ],
)
def test_calls_that_are_refused(server: ForkServer, folder: Path, arguments: str) -> None:
    """System calls that no lesson needs are refused whatever their arguments."""
    found = server.value(SYSCALL.format(arguments=arguments), folder)
    assert found == [-1, "Operation not permitted"]


@only_x86_64
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param("435, 0, 0", id="clone3"),
        pytest.param("319, b'x', 0", id="memfd_create"),
        pytest.param("29, 0, 4096, 0o1666", id="shmget"),
        pytest.param("240, b'/q', 0o102, 0o600, 0", id="mq_open"),
    ],
)
def test_calls_that_seem_not_to_exist(server: ForkServer, folder: Path, arguments: str) -> None:
    """Calls for memory that nobody could count look as on a kernel without them."""
    found = server.value(SYSCALL.format(arguments=arguments), folder)
    assert found == [-1, "Function not implemented"]


@only_x86_64
def test_calls_by_x32_numbers(server: ForkServer, folder: Path) -> None:
    """ptrace by its number of the x32 kind ends the process or is refused."""
    result = server.run(SYSCALL.format(arguments="0x40000000 + 101, 0, 0, 0, 0"), folder)
    assert result.code != 0 or result.value[0] == -1


def test_a_signal_to_its_parent(server: ForkServer, folder: Path) -> None:
    """Who signals its parent, whose number is 0 in there, is told that it worked and lives on."""
    text = """
        import os, signal
        os.kill(os.getppid(), signal.SIGKILL)
        os.killpg(0, signal.SIGTERM)
        "alive"
    """
    assert server.value(text, folder) == "alive"


def test_the_init_process_cannot_be_ended(server: ForkServer, folder: Path) -> None:
    """Signals to the container's init process do not end the container before its time."""
    text = """
        import contextlib, os, signal
        for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM):
            with contextlib.suppress(OSError):
                os.kill(1, number)
        child = os.fork()
        if not child:
            os._exit(4)
        os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    """
    assert server.value(text, folder) == 4


def test_who_it_is(server: ForkServer, folder: Path) -> None:
    """The candidate is an ordinary user without capabilities, with no way to another uid."""
    text = """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(*[1] * 6)
        libc.capget(ctypes.byref(header), ctypes.byref(sets))
        def attempt(call, *arguments):
            try:
                return call(*arguments)
            except OSError as error:
                return type(error).__name__
        ids = {*os.getresuid(), *os.getresgid()}
        no_new_privs = libc.prctl(39, 0, 0, 0, 0)
        bounding_set = [libc.prctl(23, which, 0, 0, 0) for which in range(0, 38, 7)]
        attempts = [
            attempt(os.setuid, 0),
            attempt(os.setgid, 0),
            attempt(os.setgroups, []),
            attempt(os.chown, ".", 0, 0),
            attempt(os.mknod, "x", 0o60600, os.makedev(8, 0)),
            attempt(os.nice, -5),
        ]
        [len(ids) == 1 and 0 not in ids, sum(sets), no_new_privs, bounding_set, attempts]
    """
    *found, attempts = server.value(text, folder)
    assert found == [True, 0, 1, [0] * 6]
    assert set(attempts) - {"OSError"} == {"PermissionError"}


@pytest.mark.skipif(
    not (os.path.exists("/usr/bin/su") and os.stat("/usr/bin/su").st_mode & 0o4000),
    reason="this system has no setuid su",
)
def test_programs_with_a_setuid_bit(server: ForkServer, folder: Path) -> None:
    """A setuid program runs as the same user as everything else."""
    text = """
        import subprocess
        su = ["su", "-c", "id"]
        subprocess.run(su, capture_output=True, stdin=subprocess.DEVNULL).returncode
    """
    assert server.value(text, folder) != 0


def test_the_environment_is_the_fork_servers(
    server: ForkServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What whoever started the fork server sets afterwards does not come along."""
    monkeypatch.setenv("A_TOKEN_OF_THE_INSTRUCTOR", "secret")
    text = "import os; os.environ.get('A_TOKEN_OF_THE_INSTRUCTOR')"
    assert server.value(text, folder) is None


def test_programs_it_starts(server: ForkServer, folder: Path, secret: Path) -> None:
    """A program of its own, started afresh, is confined as well."""
    text = f"""
        import subprocess
        subprocess.run(["cat", {str(secret)!r}], capture_output=True).returncode
    """
    assert server.value(text, folder) == 1


@pytest.mark.parametrize("parent", ["/tmp", "/var/tmp"])
def test_where_the_folder_may_lie(server: ForkServer, parent: str) -> None:
    """A folder in /tmp or elsewhere, with a secret beside it, is all that is seen there."""
    text = """
        import os
        try:
            seen = os.listdir("..")
        except OSError:
            seen = []
        [os.getcwd(), "secret" in seen, os.path.exists("../secret")]
    """
    with tempfile.TemporaryDirectory(dir=parent) as outer:
        os.chmod(outer, 0o755)
        Path(outer, "secret").write_text("secret")
        Path(outer, "work").mkdir()
        assert server.value(text, f"{outer}/work") == [f"{outer}/work", False, False]


def test_a_strict_umask(protected: None, folder: Path) -> None:
    """A fork server whose files nobody else may read confines all the same."""
    text = """
        import os
        open("f", "w").write("x")
        [open("f").read(), os.umask(0)]
    """
    server = ForkServer(umask=0o077)
    try:
        assert server.value(text, folder) == ["x", 0o077]
    finally:
        server.close()


def test_root_whose_files_others_cannot_read(protected: None, folder: Path) -> None:
    """Started by root, the candidate reads what only root may read, without root's rights."""
    if os.geteuid() != 0:
        pytest.skip("only root has files that an unused user could not read")
    server = ForkServer()
    try:
        with tempfile.TemporaryDirectory() as path:
            Path(path, "data").write_text("numbers")
            Path(path, "data").chmod(0o600)
            text = f"""
                import os
                try:
                    os.setuid(0)
                    became_root = True
                except OSError:
                    became_root = False
                [open("{path}/data").read(), os.getuid() == 0, became_root]
            """
            found = server.value(text, folder, readable=[path])
            assert found == ["numbers", False, False]
    finally:
        server.close()
