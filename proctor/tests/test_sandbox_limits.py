"""Owns tests of how much a candidate may use, and of what is said when it used more."""

import os
import shutil

import pytest

from proctor.sandbox.limits import MEBIBYTE, Limits
from proctor.sandbox.watch import Watch

PAGES = 100 * MEBIBYTE // os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
BUSY = "while True:\n    pass"


def test_the_memory_of_one_process(host, folder):
    """A process that asks for more memory than it may have gets a MemoryError, and what it may have it gets."""
    text = "kept = bytearray(150 << 20)\nsay(len(kept) >> 20)\nmore = bytearray(150 << 20)"
    candidate = host.start(text, folder=str(folder), memory_bytes=256 * MEBIBYTE)
    assert (150, "MemoryError") == (candidate.hear(), candidate.hear())


def test_the_memory_of_several_processes(host, folder):
    """Processes that each stay below the limit and together use more are ended, with the reason."""
    text = "import os, signal\nfor _ in range(6):\n    if not os.fork():\n        kept = b'x' * (100 << 20)\n        while True: signal.pause()\nwhile True: signal.pause()"
    found = host.run(text, folder=str(folder), memory_bytes=256 * MEBIBYTE, folder_bytes=MEBIBYTE)
    assert (-9, "The submission used more than 256 MiB of memory.") == (found.code, found.reason)


def test_memory_that_forked_processes_share(host, folder):
    """What forked processes have in common counts once: several children of a process with much memory are no offence."""
    text = """
import os
kept, children = b'x' * (100 << 20), []
for _ in range(6):
    hear, tell = os.pipe()
    child = os.fork()
    if not child:
        os.close(tell)
        os.read(hear, 1)
        os._exit(0)
    children.append((child, tell))
sum(range(10_000_000))  # long enough to be looked at
for _, tell in children: os.write(tell, b'x')
[os.waitpid(child, 0)[1] for child, _ in children]
"""
    assert [0] * 6 == host.said(
        text, folder=str(folder), memory_bytes=256 * MEBIBYTE, folder_bytes=MEBIBYTE
    )


def test_memory_that_nobody_could_count(host, folder):
    """Anonymous shared memory, which stays when it is let go of, is not to be had, nor larger buffers of sockets; files in /dev/shm are."""
    text = """
import errno, mmap, os, socket
def taken(work):
    try:
        return bool(work())
    except OSError as error:
        return errno.errorcode[error.errno]
a, b = socket.socketpair()
before = a.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * before)
file = open('/dev/shm/one', 'w+b')
file.truncate(1 << 16)
[taken(lambda: mmap.mmap(-1, 1 << 20)), taken(lambda: mmap.mmap(-1, 1 << 20, flags=mmap.MAP_PRIVATE)), taken(lambda: mmap.mmap(file.fileno(), 1 << 16)),
 os.path.exists('/dev/zero'), before == a.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)]
"""
    assert ["ENOMEM", True, True, False, True] == host.said(text, folder=str(folder))


def test_shared_memory_and_files(host, folder):
    """The folder, /tmp and /dev/shm have one size together; what is more does not fit."""
    text = f"""
import errno
def fill(path, mebibytes):
    try:
        with open(path, 'wb') as file:
            for _ in range(mebibytes): file.write(bytes(1 << 20))
    except OSError as error:
        return errno.errorcode[error.errno]
[fill('one', 6), fill('/tmp/two', 6), fill('/dev/shm/three', 6)]
"""
    assert [None, None, "ENOSPC"] == host.said(text, folder=str(folder), folder_bytes=16 * MEBIBYTE)


def test_the_size_of_a_file(host, folder):
    """A file does not grow beyond its limit, and the process that tried goes on."""
    text = "try:\n    open('large', 'wb').write(bytes(3 << 20))\nexcept OSError as error:\n    found = error.errno\nimport errno, os\n[errno.errorcode[found], os.path.getsize('large') <= 1 << 20]"
    assert ["EFBIG", True] == host.said(text, folder=str(folder), file_bytes=MEBIBYTE)


def test_the_number_of_files(host, folder):
    """There is an end to files without content too."""
    text = "import os\nnumber = 0\nwhile number < 100_000:\n    os.close(os.open(str(number), os.O_CREAT))\n    number += 1\n'no end'"
    assert "ENOSPC" == host.said(text, folder=str(folder))


def test_open_files(host, folder):
    """A process has no more files open than it may."""
    assert "EMFILE" == host.said(
        "kept = [open('/dev/null') for _ in range(1000)]", folder=str(folder), open_files=100
    )


def test_more_processes_than_allowed(host, folder):
    """A candidate has a bounded number of processes, and goes on if it can do without the others."""
    text = "import os, signal\nnumber = 1\ntry:\n    while number < 500:\n        if not os.fork():\n            while True: signal.pause()\n        number += 1\nexcept OSError:\n    pass\nnumber"
    assert 20 == host.said(text, folder=str(folder), processes=20)


def test_more_threads_than_allowed(host, folder):
    """Threads are counted like processes."""
    text = "import threading\nnumber, wait = 1, threading.Event()\ntry:\n    while number < 500:\n        threading.Thread(target=wait.wait, daemon=True).start()\n        number += 1\nexcept RuntimeError:\n    pass\nwait.set()\nnumber"
    assert 20 == host.said(text, folder=str(folder), processes=20)


@pytest.mark.parametrize(
    "text",
    [
        BUSY,
        "import os, signal\nfor number in range(2): os.fork()\n" + BUSY,
        "import os\nwhile True:\n    if not os.fork():\n        sum(range(300_000))\n        os._exit(0)\n    os.wait()",
    ],
)
def test_computing_time(host, folder, text):
    """A candidate that computes too long is ended with the reason, alone, with helpers or by ever new ones."""
    found = host.run(text, folder=str(folder), cpu_seconds=1)
    assert (-9, "The submission used more than 1 seconds of computing time.") == (
        found.code,
        found.reason,
    )


def test_limits_cannot_be_raised(host, folder):
    """No limit can be lifted again, its own or another's."""
    text = """
import resource
def tried(which):
    try:
        resource.setrlimit(which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (ValueError, OSError):
        return False
    return True
[tried(getattr(resource, name)) for name in ('RLIMIT_AS', 'RLIMIT_NPROC', 'RLIMIT_CPU', 'RLIMIT_FSIZE', 'RLIMIT_NOFILE', 'RLIMIT_CORE')]
"""
    assert [False] * 6 == host.said(text, folder=str(folder))


def test_many_at_once(host, folder):
    """Each of several candidates has the whole number of processes that it may have."""
    text = "import os, signal\nfor number in range(19):\n    if not os.fork():\n        while True: signal.pause()\nsay('all')\nhear()"
    candidates = [host.start(text, folder=str(folder), processes=20) for _ in range(3)]
    assert ["all"] * 3 == [candidate.hear() for candidate in candidates]
    for candidate in candidates:
        candidate.kill()


def test_orphans_do_not_count_for_ever(host, folder):
    """Processes whose parent did not wait for them vanish at their end: far more than the limit may follow one another."""
    text = """
import os
for _ in range(100):
    hear, say_end = os.pipe()
    if not os.fork():
        if not os.fork():
            os._exit(0)
        os._exit(0)
    os.wait()
    os.close(say_end)
    os.read(hear, 1)  # until the orphan has ended
    os.close(hear)
"all"
"""
    assert "all" == host.said(text, folder=str(folder), processes=20)


def process(proc, number, pages, rollup):
    """Write what the kernel shows of a process with 100 MiB, into a folder that stands for /proc."""
    fields = ["0"] * 40
    fields[17], fields[21] = "1", str(pages)
    (proc / str(number)).mkdir(exist_ok=True)
    (proc / str(number) / "stat").write_text(f"{number} (python) {' '.join(fields)}")
    if rollup is not None:
        (proc / str(number) / "smaps_rollup").write_text(f"Pss:  {rollup} kB\n")


def test_processes_that_end_while_they_are_counted(tmp_path, monkeypatch):
    """A process that ended after its size was read, and before its share was, weighs nothing: a pool of workers that closes is no offence."""
    process(tmp_path, 2, PAGES, 100 * 1024)
    for number in range(3, 9):
        process(tmp_path, number, PAGES, None)
    watching = Watch(str(tmp_path), Limits(memory_bytes=256 * MEBIBYTE, folder_bytes=0), 0)
    looked = Watch._all

    def ending(self):
        found = looked(self)
        for number in range(3, 9):
            shutil.rmtree(tmp_path / str(number), ignore_errors=True)
        return found

    monkeypatch.setattr(Watch, "_all", ending)
    assert "" == watching.look()


def test_processes_whose_shares_are_hidden(tmp_path):
    """A process that keeps its share from being read is counted with all it occupies."""
    for number in range(2, 6):
        process(tmp_path, number, PAGES, None)
    watching = Watch(str(tmp_path), Limits(memory_bytes=256 * MEBIBYTE, folder_bytes=0), 0)
    assert "The submission used more than 256 MiB of memory." == watching.look()
