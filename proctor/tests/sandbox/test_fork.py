"""A candidate's life: how it starts, what it is given, and how it and all it started end."""

import os
import select
import signal
from pathlib import Path

import pytest
from fork_server import SECONDS, ForkServer, ServerError

START_DAEMON = """
import os, signal
if not os.fork():
    os.setsid()
    if not os.fork():
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        send("daemon")
        while True:
            signal.pause()
    os._exit(0)
ended = os.wait()
"""
WAIT_FOR_EVER = """
import signal
send("started")
while True:
    signal.pause()
"""


def test_a_candidate_runs_and_ends(server: ForkServer, folder: Path) -> None:
    """What main does is seen, and its return is the exit code 0 without a reason."""
    result = server.run("1 + 1", folder)
    assert (result.value, result.code, result.reason) == (2, 0, "")


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("raise SystemExit(3)", 3),
        ("raise SystemExit", 0),
        ("raise SystemExit('text')", 1),
        ("import os; os._exit(9)", 9),
        ("import os; os.abort()", -signal.SIGABRT),
        ("import ctypes; ctypes.string_at(0)", -signal.SIGSEGV),
    ],
)
def test_exit_codes(server: ForkServer, folder: Path, ending: str, code: int) -> None:
    """SystemExit, a plain exit and a signal are told apart by the code."""
    assert server.run(ending, folder).code == code


def test_an_exception_that_main_lets_out(server: ForkServer, folder: Path) -> None:
    """An exception ends the candidate with code 1, its traceback on standard error."""
    text = """
        import os
        os.dup2(line, 2)
        class Own(BaseException):
            pass
        raise Own
    """
    candidate = server.start(text, folder)
    assert candidate.wait(SECONDS) == [1, ""]
    assert candidate.receive_rest().splitlines()[-1] == "Own"


def test_the_working_folder_and_its_files(server: ForkServer, folder: Path) -> None:
    """The candidate is in the folder, where it finds copies of files, links and folders."""
    (folder / "data.csv").write_text("1,2\n")
    (folder / "tools").mkdir()
    (folder / "tools" / "run.sh").write_text("#!/bin/sh\necho ran\n")
    (folder / "tools" / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("data.csv")
    text = """
        import os, subprocess
        ran = subprocess.check_output(["tools/run.sh"]).decode()
        [os.getcwd(), open("link").read(), ran]
    """
    assert server.value(text, folder) == [str(folder), "1,2\n", "ran\n"]


def test_a_folder_used_twice(server: ForkServer, folder: Path) -> None:
    """What a candidate does to its files is neither on the disk nor there for the next one."""
    (folder / "data.csv").write_text("1,2\n")
    change = """
        import os
        open("data.csv", "w").write("changed")
        for path in ("own", "/tmp/own", "/dev/shm/own"):
            open(path, "w").close()
        sorted(os.listdir("."))
    """
    look = """
        import os
        [open("data.csv").read(), *map(os.listdir, (".", "/tmp", "/dev/shm"))]
    """
    assert server.value(change, folder) == ["data.csv", "own"]
    content, *listed = server.value(look, folder)
    assert (content, listed[0]) == ("1,2\n", ["data.csv"])
    assert not any("own" in names for names in listed)
    assert ((folder / "data.csv").read_text(), os.listdir(folder)) == ("1,2\n", ["data.csv"])


def test_only_the_descriptors_that_are_kept(server: ForkServer, folder: Path) -> None:
    """A candidate has the descriptors it was to keep and /dev/null for its standard ones."""
    server.evaluate("import os; kept = [os.open('/etc/hostname', os.O_RDONLY) for _ in range(20)]")
    text = """
        import os
        def is_open(number):
            try:
                return bool(os.fstat(number))
            except OSError:
                return False
        found = [number for number in range(256) if number != line and is_open(number)]
        [found, os.fstat(0).st_rdev == os.stat("/dev/null").st_rdev, open(0).read()]
    """
    assert server.value(text, folder) == [[0, 1, 2], True, ""]


def test_waiting(server: ForkServer, folder: Path) -> None:
    """Waiting for a candidate that goes on gives None, and its end can be asked for twice."""
    candidate = server.start("send('started'); receive()", folder)
    assert candidate.receive() == "started"
    assert (candidate.wait(0), candidate.has_ended()) == (None, False)
    candidate.send("end")
    assert candidate.receive() == "end"
    assert candidate.wait(SECONDS) == [0, ""]
    assert candidate.wait(0) == [0, ""]


def test_the_descriptor_of_a_candidate(server: ForkServer, folder: Path) -> None:
    """The descriptor of a candidate becomes readable when it has ended."""
    text = """
        import select
        from pathlib import Path
        from proctor.sandbox import Limits, fork_confined
        candidate = fork_confined(lambda: None, Path({folder!r}), [], Limits(), set())
        ready = select.select([candidate], [], [], {seconds})[0]
        found = [ready == [candidate], candidate.wait(0).code]
        found
    """
    found = server.evaluate(text.format(folder=str(folder), seconds=SECONDS))
    assert found == [True, 0]


def test_killing(server: ForkServer, folder: Path) -> None:
    """A killed candidate ended by SIGKILL without a reason; killing it again is harmless."""
    candidate = server.start(WAIT_FOR_EVER, folder)
    assert candidate.receive() == "started"
    candidate.kill()
    candidate.kill()
    assert candidate.wait(0) == [-signal.SIGKILL, ""]


def test_killing_after_the_end(server: ForkServer, folder: Path) -> None:
    """A candidate that had ended by itself keeps its code when it is killed."""
    candidate = server.start("raise SystemExit(5)", folder)
    assert candidate.wait(SECONDS) == [5, ""]
    candidate.kill()
    assert candidate.wait() == [5, ""]


def test_a_daemon_of_a_killed_candidate(server: ForkServer, folder: Path) -> None:
    """A process that left the candidate's session and parent dies when that is killed."""
    candidate = server.start(START_DAEMON + WAIT_FOR_EVER, folder)
    assert {candidate.receive(), candidate.receive()} == {"daemon", "started"}
    candidate.kill()
    assert candidate.receive_rest() == ""


def test_a_daemon_of_a_candidate_that_ends(server: ForkServer, folder: Path) -> None:
    """A process that left the candidate's session and parent dies when that ends."""
    candidate = server.start(START_DAEMON, folder)
    assert {candidate.receive(), candidate.receive()} == {"daemon", None}
    candidate.wait(SECONDS)
    assert candidate.receive_rest() == ""


def test_a_candidate_that_stopped_itself(server: ForkServer, folder: Path) -> None:
    """A stopped candidate can be killed like any other."""
    text = "import os, signal; send('started'); os.kill(os.getpid(), signal.SIGSTOP)"
    candidate = server.start(text, folder)
    assert candidate.receive() == "started"
    candidate.kill()
    assert candidate.receive_rest() == ""


def test_a_fork_bomb(server: ForkServer, folder: Path) -> None:
    """A candidate whose processes fork without end is killed with all of them."""
    text = """
        import os
        send("started")
        while True:
            try:
                os.fork()
            except OSError:
                pass
    """
    candidate = server.start(text, folder)
    assert candidate.receive() == "started"
    candidate.kill()
    assert candidate.receive_rest() == ""


def test_interrupting(server: ForkServer, folder: Path) -> None:
    """An interrupted candidate sees a KeyboardInterrupt and goes on."""
    text = """
        import signal
        try:
            send("started")
            while True:
                signal.pause()
        except KeyboardInterrupt:
            seen = "interrupted"
        seen
    """
    candidate = server.start(text, folder)
    assert candidate.receive() == "started"
    candidate.interrupt()
    assert candidate.receive() == "interrupted"
    assert candidate.wait(SECONDS) == [0, ""]
    candidate.interrupt()


def test_the_fork_server_is_killed(own_server: ForkServer, folder: Path) -> None:
    """A fork server that dies by SIGKILL takes its candidates with it."""
    candidate = own_server.start(WAIT_FOR_EVER, folder)
    assert candidate.receive() == "started"
    process = os.pidfd_open(own_server.evaluate("candidates[0].confined.pid"))
    own_server.process.kill()
    assert select.select([process], [], [], SECONDS)[0] == [process]
    os.close(process)


SHARED_FACTORY = """
import os, psutil, signal, socket
from proctor.sandbox import Limits, fork_confined

def main():
    if not os.fork():
        os.setsid()
        os.write(theirs.fileno(), b"d")
        while True:
            signal.pause()
    signal.pause()

ours, theirs = socket.socketpair()
ours.settimeout({seconds})
forked = os.fork()
if not forked:
    ours.close()
    candidate = fork_confined(main, {folder!r}, [], Limits(), {{theirs.fileno()}})
    signal.pause()
theirs.close()
told = ours.recv(1)
os.kill(forked, signal.SIGKILL)
os.waitpid(forked, 0)
programs = [one for one in psutil.Process().children() if "containers" in " ".join(one.cmdline())]
[told.decode(), ours.recv(1).decode(), len(programs)]
"""


def test_a_forked_fork_server_that_is_killed(own_server: ForkServer, folder: Path) -> None:
    """A process forked from a fork server uses the same program for its containers; when it dies by
    SIGKILL, what its candidate has started ends, though that program goes on."""
    own_server.run("1", folder)
    text = SHARED_FACTORY.format(folder=str(folder), seconds=SECONDS)
    assert own_server.evaluate(text) == ["d", "", 1]
    assert own_server.value("2", folder) == 2


OTHER_SPECS = """
import os, signal, socket
from proctor.sandbox import Limits, fork_confined, prepare

def main():
    os.write(theirs.fileno(), b"1")
    signal.sigtimedwait([], 1.5)
    os.write(theirs.fileno(), b"2")

ours, theirs = socket.socketpair()
ours.settimeout({seconds})
prepare({folder!r}, [], Limits(processes=41))
forked = os.fork()
if not forked:
    candidate = fork_confined(main, {folder!r}, [], Limits(processes=41), {{theirs.fileno()}})
    candidate.wait()
    os._exit(0)
theirs.close()
told = ours.recv(1)
for number in (42, 43):
    prepare({folder!r}, [], Limits(processes=number))
told += ours.recv(1)
os.waitpid(forked, 0)
told.decode()
"""


def test_a_program_that_others_still_use(own_server: ForkServer, folder: Path) -> None:
    """Where a process lets go of the program for its containers, for others of another kind, a
    candidate that a process forked from it has in one of them goes on."""
    own_server.run("1", folder)
    text = OTHER_SPECS.format(folder=str(folder), seconds=SECONDS)
    assert own_server.evaluate(text) == "12"


def test_several_at_once(server: ForkServer, folder: Path) -> None:
    """Candidates of one folder have each their own files and neither see nor reach each other."""
    text = """
        open("mine", "x").write("a")
        open("/tmp/mine", "x")
        open("/dev/shm/mine", "x")
        send("started")
        receive()
    """
    candidates = [server.start(text, folder), server.start(text, folder)]
    assert [candidate.receive() for candidate in candidates] == ["started"] * 2
    kill_all = """
        import errno, os, signal
        def exists(number):
            try:
                os.kill(number, 0)
            except OSError as error:
                return error.errno != errno.ESRCH
            return True
        send([number for number in range(2, 40000) if number != os.getpid() and exists(number)])
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.kill(-1, signal.SIGKILL)
    """
    killer = server.start(kill_all, folder)
    assert killer.receive() == []
    killer.wait(SECONDS)
    assert [candidate.wait(0) for candidate in candidates] == [None, None]
    for candidate in candidates:
        candidate.send("go on")
        assert (candidate.receive(), candidate.wait(SECONDS)) == ("go on", [0, ""])


def test_a_fork_server_goes_on_forking(server: ForkServer, folder: Path) -> None:
    """After candidates a fork server still forks and waits for processes of its own."""
    server.run("1", folder)
    text = """
        import os
        child = os.fork()
        if not child:
            os._exit(7)
        os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    """
    assert server.evaluate(text) == 7


def test_a_fork_of_a_fork_server(server: ForkServer, folder: Path) -> None:
    """A process forked by a fork server that has had candidates is a fork server as well."""
    server.run("1", folder)
    text = f"""
        import os, signal, sys
        from pathlib import Path
        from proctor.sandbox import Limits, fork_confined
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            try:
                candidate_reading, candidate_writing = os.pipe()
                def main():
                    try:
                        os.write(candidate_writing, b"started ")
                        while True:
                            signal.pause()
                    except KeyboardInterrupt:
                        os.write(candidate_writing, b"interrupted ")
                        while True:
                            signal.pause()
                folder = Path({str(folder)!r})
                candidate = fork_confined(main, folder, [], Limits(), {{candidate_writing}})
                seen = os.read(candidate_reading, 100)
                candidate.interrupt()
                seen += os.read(candidate_reading, 100)
                candidate.kill()
                os.write(writing, seen + str(candidate.wait().code).encode())
            except BaseException as error:
                os.write(writing, repr(error).encode())
            finally:
                os._exit(0)
        os.close(writing)
        seen = open(reading).read()
        os.waitpid(child, 0)
        seen
    """
    assert server.evaluate(text) == "started interrupted -9"


def test_a_folder_that_overlaps_what_may_be_read(server: ForkServer, folder: Path) -> None:
    """A folder within what is only to be read is refused in words."""
    refused = "SandboxError: .*must lie apart from what it may only read.*overlap"
    with pytest.raises(ServerError, match=refused):
        server.run("1", folder / "work", readable=[str(folder)])


def test_something_to_read_that_is_not_there(server: ForkServer, folder: Path) -> None:
    """A missing file to read is named before anything is started."""
    refused = "should be able to read /nowhere/at/all, but there is no such file or folder"
    with pytest.raises(ServerError, match=refused):
        server.run("1", folder, readable=["/nowhere/at/all"])


def test_after_a_refusal(server: ForkServer, folder: Path) -> None:
    """What could not be started does not keep the next candidate from running."""
    with pytest.raises(ServerError):
        server.run("1", folder / "missing")
    assert server.value("2", folder) == 2


def test_descriptors_are_given_back(server: ForkServer, folder: Path) -> None:
    """A fork server has as many descriptors open after a candidate's end as before its start."""
    count = """
        import os
        for candidate in candidates:
            candidate.line.close()
            candidate.file.close()
        len(os.listdir("/proc/self/fd"))
    """
    server.run("1", folder)
    before = server.evaluate(count)
    server.run("1", folder)
    with pytest.raises(ServerError):
        server.run("1", folder, readable=["/nowhere/at/all"])
    assert server.evaluate(count) == before


def test_signals_of_a_candidate(own_server: ForkServer, folder: Path) -> None:
    """Signals that the fork server blocks or ignores do in a candidate what they do in Python."""
    block = """
        import signal
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.getsignal(signal.SIGTERM) == signal.SIG_IGN
    """
    assert own_server.evaluate(block)
    look = """
        import signal
        blocked = list(signal.pthread_sigmask(signal.SIG_BLOCK, []))
        [blocked, signal.getsignal(signal.SIGTERM) == signal.SIG_DFL]
    """
    assert own_server.value(look, folder) == [[], True]


def test_student_files_beside_the_packed_ones(server: ForkServer, folder: Path) -> None:
    """A student's own files, named in an open file, are beside the folder's, in their folders."""
    (folder / "given.txt").write_text("given")
    (folder / "source.txt").write_text("student's")
    (folder / "paths.json").write_text(f'{{"a/b/own.txt": "{folder}/source.txt"}}')
    text = f"""
        import os
        from proctor.sandbox import Limits, files, fork_confined
        paths = open({str(folder / "paths.json")!r}, "rb")
        packed = [file for file in files.pack({str(folder)!r}) if file.path == "given.txt"]
        reading, writing = os.pipe()
        def main():
            found = [open("given.txt").read(), open("a/b/own.txt").read(), sorted(os.listdir("."))]
            os.write(writing, repr(found).encode())
        candidate = fork_confined(
            main, {str(folder)!r}, [], Limits(), {{writing}}, packed, paths.fileno()
        )
        candidate.wait()
        found = os.read(reading, 1000).decode()
        os.close(reading)
        os.close(writing)
        found
    """
    expected = repr(["given", "student's", ["a", "given.txt"]])
    assert server.evaluate(text) == expected
