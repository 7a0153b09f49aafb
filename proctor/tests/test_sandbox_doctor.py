"""Owns tests of what is said about a machine's protection, of older kernels, of rooms that are lost, and of grading without protection."""

import os
import subprocess
import sys

import pytest
from host import PATIENCE, ROOT, Host, Refused

from proctor import cli
from proctor.sandbox import Protection, doctor_text, kernel, landlock, probe, refusal, view
from proctor.sandbox.probe import of as of_facts

WORKS = {
    "landlock": 6,
    "seccomp": "",
    "user": "",
    "pid": "",
    "net": "",
    "ipc": "",
    "mount": "",
    "uid": 1000,
    "counted": True,
    "trouble": "",
    "milliseconds": 40,
}


@pytest.fixture
def linux(monkeypatch):
    """Words as on a Linux machine that is known."""
    monkeypatch.setattr(kernel, "known_machine", lambda: True)


def test_a_machine_with_everything(linux):
    """Every part is said to be there, what the limits are, and that a trial went well."""
    protection = of()
    text = doctor_text(protection)
    assert (True, []) == (protection.enough, protection.missing)
    assert 7 == text.count("yes ")
    assert "(version 6)" in text.splitlines()[0]
    assert "64 processes and threads, counted by the kernel, for its user" in text
    assert text.endswith(
        "Students' code is confined on this machine: a trial, start included, took 40 ms."
    )


@pytest.mark.parametrize("facts, missing, remedy", [
    ({"landlock": 0}, ["Landlock"], "/sys/kernel/security/lsm"),
    ({"seccomp": "No module named 'pyseccomp'"}, ["seccomp"], "libseccomp2"),
    ({"user": "[Errno 1] unshare", "pid": "[Errno 1] unshare"}, ["user namespace", "pid namespace"], "apparmor_restrict_unprivileged_userns"),
])  # fmt: skip
def test_a_machine_that_lacks_a_part(linux, facts, missing, remedy):
    """What is missing is named, why, what helps, and that one can grade without."""
    protection = of(trouble="It did not work.", **facts)
    text = doctor_text(protection)
    assert (False, missing) == (protection.enough, protection.missing)
    assert len(missing) == text.count("NO  ")
    assert all(reason in text for reason in facts.values() if reason)
    assert remedy in text
    assert "--no-sandbox" in text
    assert f"(it lacks {', '.join(missing)})" in refusal(protection)


def test_a_trial_that_failed_though_every_part_is_there(linux):
    """Then the trial's own words are the reason."""
    protection = of(trouble="A confined process could read a file that was to be hidden from it.")
    assert (False, []) == (protection.enough, protection.missing)
    assert "A confined process could read a file that was to be hidden from it." in doctor_text(
        protection
    )
    assert "(A confined process could read a file that was to be hidden from it)" in refusal(
        protection
    )


def test_root_whose_processes_the_kernel_does_not_count(linux):
    """It is said that they are counted otherwise."""
    assert "counted by its pid namespace and by looking every 50 ms" in doctor_text(
        of(counted=False)
    )


def test_another_system(monkeypatch):
    """Elsewhere than on Linux it is one clear sentence, and no remedy of Linux is named."""
    monkeypatch.setattr(kernel, "known_machine", lambda: False)
    monkeypatch.setattr(sys, "platform", "darwin")
    protection = probe.__wrapped__()
    assert (
        "Students' code cannot be confined on this machine (This is not Linux): `proctor doctor` says what would help, and --no-sandbox grades without protection."
        == refusal(protection)
    )
    assert "sysctl" not in doctor_text(protection)
    assert 0 == landlock.abi()


def test_a_trial_that_cannot_be_made(linux, monkeypatch):
    """A machine on which not even the trial's process runs has no protection."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    protection = probe.__wrapped__()
    assert (False, "Trying it failed: FileNotFoundError.") == (
        protection.enough,
        protection.trouble,
    )


@pytest.mark.parametrize("protection, status", [(Protection(), 1), ("enough", 0)])
def test_the_command(linux, monkeypatch, capsys, protection, status):
    """`proctor doctor` ends with 0 where code can be confined and with 1 elsewhere, and prints why."""
    protection = of() if protection == "enough" else protection
    monkeypatch.setattr("proctor.sandbox.probe", lambda: protection)
    assert status == cli.main(["doctor"])
    assert doctor_text(protection) + "\n" == capsys.readouterr().out


def test_the_command_on_this_machine(protected):
    """The command says the same in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "proctor", "doctor"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (0, "") == (run.returncode, run.stderr)
    assert "Students' code is confined on this machine" in run.stdout


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 6])
def test_older_kernels(protected, folder, version):
    """With any version of Landlock that this kernel can stand for, files are confined and the own folder is not."""
    if landlock.abi() < version:
        pytest.skip(f"this kernel's Landlock is version {landlock.abi()}")
    (folder / "secret").write_text("secret")
    (folder / "mine").mkdir()
    text = f"""
import os
from proctor.sandbox import landlock
hear, say = os.pipe()
if not os.fork():
    landlock.abi = lambda: {version}
    landlock.confine(['/usr', {os.path.dirname(os.__file__)!r}], [{str(folder / "mine")!r}], ['/dev/null'])
    try:
        open({str(folder / "secret")!r}).read()
    except OSError as error:
        os.write(say, str(error.errno).encode())
    open({str(folder / "mine")!r} + '/x', 'w').close()
    os.truncate({str(folder / "mine")!r} + '/x', 0)
    os.write(say, b' and wrote')
    os._exit(0)
os.wait()
os.close(say)
open(hear).read()
"""
    host = Host()
    try:
        assert "13 and wrote" == host.do(text)
    finally:
        host.close()


def test_a_room_that_was_lost(host, folder):
    """A room whose process was killed before it was used costs one candidate, in words, and not the next."""
    host.run("1", folder=str(folder))
    end_wardens = """
import os, psutil, signal
wardens = [child for child in psutil.Process().children() if 'sandbox.warden' in ' '.join(child.cmdline())]
ended = [process.kill() for warden in wardens for process in warden.children(recursive=True)]
psutil.wait_procs([process for warden in wardens for process in warden.children(recursive=True)])
len(ended)
"""
    assert host.do(end_wardens) >= 2
    with pytest.raises(Refused, match="SandboxError: "):
        host.run("1", folder=str(folder))
    assert 2 == host.said("2", folder=str(folder))


def test_a_warden_that_was_lost(host, folder):
    """When the process that makes the rooms is killed, the next candidate gets another one."""
    host.run("1", folder=str(folder))
    host.do(
        "import psutil\nfor child in psutil.Process().children():\n    if 'sandbox.warden' in ' '.join(child.cmdline()): child.kill(); psutil.wait_procs([child])"
    )
    assert 2 == host.said("2", folder=str(folder))


def test_without_the_filters_library(protected, folder):
    """Without libseccomp no candidate is started, and it is said what to install."""
    host = Host()
    try:
        host.do("import sys; sys.modules['pyseccomp'] = None")
        with pytest.raises(
            Refused,
            match="SandboxError: The filter of system calls could not be built: .*Install the system's package libseccomp2 and pip's pyseccomp",
        ):
            host.run("1", folder=str(folder))
    finally:
        host.close()


def test_a_zygote_with_threads(protected, folder):
    """An ordinary user's process that has threads cannot enter a namespace: it is said how to do without."""
    if os.geteuid() == 0:
        pytest.skip("root's processes may have threads")
    host = Host()
    try:
        host.do(
            "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()"
        )
        with pytest.raises(Refused, match="it has 2 threads; set OPENBLAS_NUM_THREADS=1"):
            host.run("1", folder=str(folder))
    finally:
        host.close()


def test_what_is_shown_is_sorted_and_once():
    """A view has parents before what lies below them, nothing twice, and devices and the system in it."""
    places = [where for _, where in view.view(()).shown]
    assert sorted(set(places)) == places
    assert {"/usr", "/dev/null"} <= set(places)


def of(**changed):
    return of_facts(WORKS | changed)
