"""How much a candidate may use, and what is said when it used more."""

import os
import shutil
from pathlib import Path

import pytest
from fork_server import ForkServer

from proctor.sandbox.limits import MEBIBYTE, Limits, UsageMonitor

FOREVER = "while True:\n    pass"
MEMORY_LIMITS = {"memory_bytes": 256 * MEBIBYTE, "folder_bytes": MEBIBYTE}
MEMORY_EXCEEDED = "The submission used more than 256 MiB of memory."


def test_the_memory_of_one_process(server: ForkServer, folder: Path) -> None:
    """A process gets the memory it may have, and a MemoryError if it asks for more."""
    text = """
        kept = bytearray(150 << 20)
        send(len(kept) >> 20)
        more = bytearray(150 << 20)
    """
    candidate = server.start(text, folder, memory_bytes=256 * MEBIBYTE)
    assert (candidate.receive(), candidate.receive()) == (150, "MemoryError")


def test_the_memory_of_several_processes(server: ForkServer, folder: Path) -> None:
    """Processes that each stay below the limit and together use more are ended."""
    text = """
        import os, signal
        for _ in range(6):
            if not os.fork():
                kept = b"x" * (100 << 20)
                while True:
                    signal.pause()
        while True:
            signal.pause()
    """
    result = server.run(text, folder, **MEMORY_LIMITS)
    assert (result.code, result.reason) == (-9, MEMORY_EXCEEDED)


def test_memory_that_forked_processes_share(server: ForkServer, folder: Path) -> None:
    """What forked processes have in common counts once."""
    text = """
        import os
        kept, children = b"x" * (100 << 20), []
        for _ in range(6):
            reading, writing = os.pipe()
            child = os.fork()
            if not child:
                os.close(writing)
                os.read(reading, 1)
                os._exit(0)
            children.append((child, writing))
        sum(range(10_000_000))  # long enough to be looked at
        for _, writing in children:
            os.write(writing, b"x")
        [os.waitpid(child, 0)[1] for child, _ in children]
    """
    assert server.value(text, folder, **MEMORY_LIMITS) == [0] * 6


def test_memory_that_nobody_could_count(server: ForkServer, folder: Path) -> None:
    """Anonymous shared memory and larger socket buffers are refused, files in /dev/shm are not."""
    text = """
        import errno, mmap, os, socket
        def attempt(work):
            try:
                return bool(work())
            except OSError as error:
                return errno.errorcode[error.errno]
        def buffer_size():
            return one_end.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        one_end, other_end = socket.socketpair()
        before = buffer_size()
        one_end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * before)
        file = open("/dev/shm/one", "w+b")
        file.truncate(1 << 16)
        [
            attempt(lambda: mmap.mmap(-1, 1 << 20)),
            attempt(lambda: mmap.mmap(-1, 1 << 20, flags=mmap.MAP_PRIVATE)),
            attempt(lambda: mmap.mmap(file.fileno(), 1 << 16)),
            os.path.exists("/dev/zero"),
            before == buffer_size(),
        ]
    """
    assert server.value(text, folder) == ["ENOMEM", True, True, False, True]


def test_shared_memory_and_files(server: ForkServer, folder: Path) -> None:
    """The folder, /tmp and /dev/shm have one size together; what is more does not fit."""
    text = """
        import errno
        def fill(path):
            try:
                with open(path, "wb") as file:
                    for _ in range(6):
                        file.write(bytes(1 << 20))
            except OSError as error:
                return errno.errorcode[error.errno]
        [fill("one"), fill("/tmp/two"), fill("/dev/shm/three")]
    """
    found = server.value(text, folder, folder_bytes=16 * MEBIBYTE)
    assert found == [None, None, "ENOSPC"]


def test_the_size_of_a_file(server: ForkServer, folder: Path) -> None:
    """A file does not grow beyond its limit, and the process that tried goes on."""
    text = """
        import errno, os
        try:
            open("large", "wb").write(bytes(3 << 20))
        except OSError as error:
            number = error.errno
        [errno.errorcode[number], os.path.getsize("large") <= 1 << 20]
    """
    assert server.value(text, folder, file_bytes=MEBIBYTE) == ["EFBIG", True]


def test_the_number_of_files(server: ForkServer, folder: Path) -> None:
    """There is an end to files without content too."""
    text = """
        import os
        for number in range(100_000):
            os.close(os.open(str(number), os.O_CREAT))
        "no end"
    """
    assert server.value(text, folder) == "ENOSPC"


def test_open_files(server: ForkServer, folder: Path) -> None:
    """A process has no more files open than it may."""
    text = "kept = [open('/dev/null') for _ in range(1000)]"
    assert server.value(text, folder, open_files=100) == "EMFILE"


def test_more_processes_than_allowed(server: ForkServer, folder: Path) -> None:
    """A candidate has a bounded number of processes and goes on if it can do without more."""
    text = """
        import os, signal
        number = 1
        try:
            while number < 500:
                if not os.fork():
                    while True:
                        signal.pause()
                number += 1
        except OSError:
            pass
        number
    """
    assert server.value(text, folder, processes=20) == 20


def test_more_threads_than_allowed(server: ForkServer, folder: Path) -> None:
    """Threads are counted like processes."""
    text = """
        import threading
        number, end = 1, threading.Event()
        try:
            while number < 500:
                threading.Thread(target=end.wait, daemon=True).start()
                number += 1
        except RuntimeError:
            pass
        end.set()
        number
    """
    assert server.value(text, folder, processes=20) == 20


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(FOREVER, id="alone"),
        pytest.param(
            "import os\nfor number in range(2):\n    os.fork()\n" + FOREVER, id="with others"
        ),
        pytest.param(
            """
            import os
            while True:
                if not os.fork():
                    sum(range(300_000))
                    os._exit(0)
                os.wait()
            """,
            id="by ever new processes",
        ),
    ],
)
def test_computing_time(server: ForkServer, folder: Path, text: str) -> None:
    """A candidate that computes too long is ended with the reason."""
    result = server.run(text, folder, cpu_seconds=1)
    expected = (-9, "The submission used more than 1 seconds of computing time.")
    assert (result.code, result.reason) == expected


@pytest.mark.parametrize(
    "name",
    [
        "RLIMIT_AS",
        "RLIMIT_NPROC",
        "RLIMIT_CPU",
        "RLIMIT_FSIZE",
        "RLIMIT_NOFILE",
        "RLIMIT_CORE",
    ],
)
def test_limits_cannot_be_raised(server: ForkServer, folder: Path, name: str) -> None:
    """No limit can be lifted again."""
    text = f"""
        import resource
        resource.setrlimit(resource.{name}, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    """
    assert server.value(text, folder) in ("ValueError", "EPERM")


def test_many_at_once(server: ForkServer, folder: Path) -> None:
    """Each of several candidates has the whole number of processes that it may have."""
    text = """
        import os, signal
        for _ in range(19):
            if not os.fork():
                while True:
                    signal.pause()
        send("all started")
        receive()
    """
    candidates = [server.start(text, folder, processes=20) for _ in range(3)]
    assert [candidate.receive() for candidate in candidates] == ["all started"] * 3
    for candidate in candidates:
        candidate.kill()


def test_orphans_do_not_count_for_ever(server: ForkServer, folder: Path) -> None:
    """Processes whose parent did not wait for them vanish at their end."""
    text = """
        import os
        for _ in range(100):
            reading, writing = os.pipe()
            if not os.fork():
                os.fork()
                os._exit(0)
            os.wait()
            os.close(writing)
            os.read(reading, 1)  # until the orphan has ended
            os.close(reading)
        "all"
    """
    assert server.value(text, folder, processes=20) == "all"


def write_process(proc: Path, number: int, shared_kilobytes: int | None) -> None:
    """Write what the kernel shows of a process with 100 MiB into a folder that stands for /proc."""
    fields = ["0"] * 40
    fields[17], fields[21] = "1", str(100 * MEBIBYTE // os.sysconf("SC_PAGE_SIZE"))
    (proc / str(number)).mkdir(exist_ok=True)
    (proc / str(number) / "stat").write_text(f"{number} (python) {' '.join(fields)}")
    if shared_kilobytes is not None:
        (proc / str(number) / "smaps_rollup").write_text(f"Pss:  {shared_kilobytes} kB\n")


@pytest.fixture
def monitor(tmp_path: Path) -> UsageMonitor:
    """A monitor of a folder that stands for /proc, with 256 MiB allowed."""
    return UsageMonitor(str(tmp_path), Limits(memory_bytes=256 * MEBIBYTE, folder_bytes=0), 0)


def test_processes_that_end_while_they_are_counted(
    tmp_path: Path, monitor: UsageMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that ended after its size was read, and before its share was, counts nothing."""
    write_process(tmp_path, 2, 100 * 1024)
    for number in range(3, 9):
        write_process(tmp_path, number, None)
    find_all = UsageMonitor._all

    def find_all_before_they_end(self: UsageMonitor) -> dict[str, list[str]]:
        found = find_all(self)
        for number in range(3, 9):
            shutil.rmtree(tmp_path / str(number), ignore_errors=True)
        return found

    monkeypatch.setattr(UsageMonitor, "_all", find_all_before_they_end)
    assert monitor.exceeded_limit() == ""


def test_processes_whose_shares_are_hidden(tmp_path: Path, monitor: UsageMonitor) -> None:
    """A process that keeps its share from being read is counted with all it occupies."""
    for number in range(2, 6):
        write_process(tmp_path, number, None)
    assert monitor.exceeded_limit() == MEMORY_EXCEEDED


def test_the_init_process_counts_nothing(tmp_path: Path, monitor: UsageMonitor) -> None:
    """Process 1 of the container is trusted and not the candidate's."""
    for number in range(1, 4):
        write_process(tmp_path, number, None)
    assert monitor.exceeded_limit() == ""
