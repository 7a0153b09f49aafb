"""Owns tests of a candidate's life: how it starts, what it is given, and how it and all that it started end."""

import os
import select
import signal

import pytest
from host import PATIENCE, Host, Refused

DAEMON = """
import os, signal
if not os.fork():
    os.setsid()
    if not os.fork():
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        say("daemon")
        while True:
            signal.pause()
    os._exit(0)
ended = os.wait()
"""
FOR_EVER = "say('up')\nimport signal\nwhile True: signal.pause()"


def test_a_candidate_runs_and_ends(host, folder):
    """What main does is heard, and its return is the exit code 0 without a reason."""
    found = host.run("1 + 1", folder=str(folder))
    assert (2, 0, "") == (found.said, found.code, found.reason)


@pytest.mark.parametrize("ending, code", [("raise SystemExit(3)", 3), ("raise SystemExit", 0), ("raise SystemExit('text')", 1), ("import os; os._exit(9)", 9),
                                          ("import os; os.abort()", -signal.SIGABRT), ("import ctypes; ctypes.string_at(0)", -signal.SIGSEGV)])  # fmt: skip
def test_exit_codes(host, folder, ending, code):
    """SystemExit, a plain exit and a signal are told apart by the code."""
    assert code == host.run(ending, folder=str(folder)).code


def test_an_exception_that_main_lets_out(host, folder):
    """An exception ends the candidate with code 1, its traceback on standard error."""
    candidate = host.start(
        "import os; os.dup2(line, 2)\nclass Own(BaseException): pass\nraise Own", folder=str(folder)
    )
    assert [1, ""] == candidate.wait(PATIENCE)
    assert "Own" == candidate.rest().splitlines()[-1]


def test_the_working_folder_and_its_files(host, folder):
    """The candidate is in the folder, where it finds copies of the files, links and folders that lie there."""
    (folder / "data.csv").write_text("1,2\n")
    (folder / "tools").mkdir()
    (folder / "tools" / "run.sh").write_text("#!/bin/sh\necho ran\n")
    (folder / "tools" / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("data.csv")
    said = host.said(
        "import os, subprocess\n[os.getcwd(), open('link').read(), subprocess.check_output(['tools/run.sh']).decode()]",
        folder=str(folder),
    )
    assert [str(folder), "1,2\n", "ran\n"] == said


def test_a_folder_served_twice(host, folder):
    """What a candidate does to its files is neither on the disk nor there for the next one."""
    (folder / "data.csv").write_text("1,2\n")
    change = "import os; open('data.csv', 'w').write('changed'); open('own', 'w').close(); sorted(os.listdir('.'))"
    look = "import os; [open('data.csv').read(), sorted(os.listdir('.')), os.listdir('/tmp'), os.listdir('/dev/shm')]"
    assert ["data.csv", "own"] == host.said(
        change
        + "; open('/tmp/own', 'w').close(); open('/dev/shm/own', 'w').close()"
        + "; sorted(os.listdir('.'))",
        folder=str(folder),
    )
    found = host.said(look, folder=str(folder))
    assert ["1,2\n", ["data.csv"]] == found[:2]
    assert not any("own" in listed for listed in found[2:])
    assert ("1,2\n", ["data.csv"]) == ((folder / "data.csv").read_text(), os.listdir(folder))


def test_only_the_descriptors_that_are_kept(host, folder):
    """A candidate has the descriptors it was to keep and /dev/null for its standard ones, nothing else of the zygote."""
    host.do("import os; kept = [os.open('/etc/hostname', os.O_RDONLY) for _ in range(20)]")
    text = """
import os
def is_open(number):
    try:
        return bool(os.fstat(number))
    except OSError:
        return False
[[number for number in range(256) if number != line and is_open(number)], os.fstat(0).st_rdev == os.stat('/dev/null').st_rdev, open(0).read()]
"""
    assert [[0, 1, 2], True, ""] == host.said(text, folder=str(folder))


def test_waiting(host, folder):
    """Waiting a while for a candidate that goes on says None, its descriptor becomes readable when it has ended, and its end can be asked for twice."""
    candidate = host.start("say('up'); hear()", folder=str(folder))
    assert ("up", None, False) == (candidate.hear(), candidate.wait(0), candidate.ended())
    candidate.say("end")
    assert "end" == candidate.hear()
    assert [0, ""] == candidate.wait(PATIENCE)
    assert [0, ""] == candidate.wait(0)


def test_killing(host, folder):
    """A killed candidate ended by SIGKILL without a reason, and killing it again is harmless."""
    candidate = host.start(FOR_EVER, folder=str(folder))
    assert "up" == candidate.hear()
    candidate.kill()
    candidate.kill()
    assert [-signal.SIGKILL, ""] == candidate.wait(0)


def test_killing_after_the_end(host, folder):
    """A candidate that had ended by itself keeps its code when it is killed."""
    candidate = host.start("raise SystemExit(5)", folder=str(folder))
    assert [5, ""] == candidate.wait(PATIENCE)
    candidate.kill()
    assert [5, ""] == candidate.wait()


@pytest.mark.parametrize("ends", ["killed", "by itself"])
def test_a_daemon(host, folder, ends):
    """A process that left the candidate's session and parent dies with it, however it ends: its descriptors are closed."""
    candidate = host.start(DAEMON + (FOR_EVER if ends == "killed" else ""), folder=str(folder))
    assert {"daemon", "up" if ends == "killed" else None} == {candidate.hear(), candidate.hear()}
    candidate.kill() if ends == "killed" else candidate.wait(PATIENCE)
    assert "" == candidate.rest()


def test_a_candidate_that_stopped_itself(host, folder):
    """A stopped candidate can be killed like any other."""
    candidate = host.start(
        "import os, signal; say('up'); os.kill(os.getpid(), signal.SIGSTOP)", folder=str(folder)
    )
    assert "up" == candidate.hear()
    candidate.kill()
    assert "" == candidate.rest()


def test_a_fork_bomb(host, folder):
    """A candidate whose processes fork without end is killed with all of them."""
    text = "import os\nsay('up')\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"
    candidate = host.start(text, folder=str(folder))
    assert "up" == candidate.hear()
    candidate.kill()
    assert "" == candidate.rest()


def test_interrupting(host, folder):
    """An interrupted candidate sees a KeyboardInterrupt and goes on."""
    text = "import signal\ntry:\n    say('up')\n    while True: signal.pause()\nexcept KeyboardInterrupt:\n    seen = 'interrupted'\nseen"
    candidate = host.start(text, folder=str(folder))
    assert "up" == candidate.hear()
    candidate.interrupt()
    assert "interrupted" == candidate.hear()
    assert [0, ""] == candidate.wait(PATIENCE)
    candidate.interrupt()


def test_the_zygote_is_killed(protected, folder):
    """A zygote that dies by SIGKILL takes its candidates with it."""
    host = Host()
    candidate = host.start(FOR_EVER, folder=str(folder))
    assert "up" == candidate.hear()
    process = os.pidfd_open(host.do("candidates[0].confined.pid"))
    host.process.kill()
    assert [process] == select.select([process], [], [], PATIENCE)[0]
    os.close(process)
    host.close()


def test_several_at_once(host, folder):
    """Candidates of one folder have each their own files and neither see nor reach each other."""
    text = "import os, signal; open('mine', 'x').write('a'); open('/tmp/mine', 'x'); open('/dev/shm/mine', 'x'); say('up'); hear()"
    first, second = host.start(text, folder=str(folder)), host.start(text, folder=str(folder))
    assert ("up", "up") == (first.hear(), second.hear())
    reach = "import os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nos.kill(-1, signal.SIGKILL)"
    third = host.start(f"import errno, os\ndef alive(number):\n    try:\n        os.kill(number, 0)\n    except OSError as error:\n        return error.errno != errno.ESRCH\n    return True\n"
                       "say([number for number in range(2, 40000) if number != os.getpid() and alive(number)])\n" + reach, folder=str(folder))  # fmt: skip
    assert [] == third.hear()
    third.wait(PATIENCE)
    assert (None, None) == (first.wait(0), second.wait(0))
    for candidate in (first, second):
        candidate.say("go on")
        assert ("go on", [0, ""]) == (candidate.hear(), candidate.wait(PATIENCE))


def test_a_zygote_goes_on_forking(host, folder):
    """After candidates a zygote still forks processes of its own, which see the machine's numbers of processes and each other."""
    host.run("1", folder=str(folder))
    text = "import os\nchild = os.fork()\nif not child: os._exit(7)\nos.waitstatus_to_exitcode(os.waitpid(child, 0)[1])"
    assert 7 == host.do(text)


def test_a_clone_of_a_zygote(host, folder):
    """A process forked by a zygote that has had candidates starts candidates too, interrupts and kills them."""
    text = f"""
import os, signal, sys
from pathlib import Path
from proctor.sandbox import Limits, fork_confined
hear, say = os.pipe()
child = os.fork()
if not child:
    code = 1
    try:
        ours, theirs = os.pipe()
        def main():
            try:
                os.write(theirs, b"u")
                while True: signal.pause()
            except KeyboardInterrupt:
                os.write(theirs, b"i")
                while True: signal.pause()
        candidate = fork_confined(main, Path({str(folder)!r}), [], Limits(), {{theirs}})
        heard = os.read(ours, 1)
        candidate.interrupt()
        heard += os.read(ours, 1)
        candidate.kill()
        os.write(say, heard + str(candidate.wait().code).encode())
    except BaseException as error:
        os.write(say, repr(error).encode())
    finally:
        os._exit(0)
os.close(say)
said = open(hear).read()
os.waitpid(child, 0)
said
"""
    host.run("1", folder=str(folder))
    assert "ui-9" == host.do(text)


def test_a_folder_that_overlaps_what_may_be_read(host, folder):
    """A folder within what is only to be read is refused in words, not served half."""
    with pytest.raises(
        Refused, match="SandboxError: .*must lie apart from what it may only read.*overlap"
    ):
        host.run("1", folder=str(folder / "work"), readable=[str(folder)])


def test_something_to_read_that_is_not_there(host, folder):
    """A missing file to read is named before anything is started."""
    with pytest.raises(
        Refused, match="should be able to read /nowhere/at/all, but there is no such file or folder"
    ):
        host.run("1", folder=str(folder), readable=["/nowhere/at/all"])


def test_after_a_refusal(host, folder):
    """What could not be started does not keep the next candidate from running."""
    with pytest.raises(Refused):
        host.run("1", folder=str(folder / "missing"))
    assert 2 == host.said("2", folder=str(folder))


def test_descriptors_are_given_back(host, folder):
    """A zygote has as many descriptors open after a candidate's end as before it started."""
    count = "import os; len(os.listdir('/proc/self/fd'))"
    host.run("1", folder=str(folder))
    before = host.do(
        "[candidate.line.close() or candidate.file.close() for candidate in candidates]; " + count
    )
    host.run("1", folder=str(folder))
    with pytest.raises(Refused):
        host.run("1", folder=str(folder), readable=["/nowhere/at/all"])
    assert before == host.do("candidates[-1].line.close(); candidates[-1].file.close(); " + count)
