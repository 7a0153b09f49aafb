"""What is said about a machine's protection, older kernels, and a sandbox that cannot be set up."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fork_server import SECONDS, SOURCE, ForkServer, ServerError

from proctor import cli
from proctor.sandbox import Protection, doctor_text, filesystem, landlock, probe, refusal, syscalls
from proctor.sandbox.doctor import protection_of

SECRET_READ = "A confined process could read a file that was to be hidden from it."


def protection(**changed: Any) -> Protection:
    """The protection of a machine that has everything, or lacks what is changed."""
    facts = {
        "landlock": 6,
        "seccomp": "",
        "user": "",
        "pid": "",
        "net": "",
        "ipc": "",
        "mount": "",
        "counted": True,
        "trouble": "",
        "milliseconds": 40,
    }
    return protection_of(facts | changed)


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words as on a Linux machine that is known."""
    monkeypatch.setattr(syscalls, "is_supported", lambda: True)


def test_a_machine_with_everything(linux: None) -> None:
    """Every part is said to be there, what the limits are, and that a trial went well."""
    found = protection()
    text = doctor_text(found)
    assert (found.enough, found.missing) == (True, [])
    assert text.count("yes ") == 7
    assert "(version 6)" in text.splitlines()[0]
    assert "64 processes and threads, counted by the kernel, for its user" in text
    assert text.endswith("is confined on this machine: a trial, start included, took 40 ms.")


@pytest.mark.parametrize(
    ("facts", "missing", "remedy"),
    [
        ({"landlock": 0}, ["Landlock"], "/sys/kernel/security/lsm"),
        ({"seccomp": "No module named 'pyseccomp'"}, ["seccomp"], "libseccomp2"),
        (
            {"user": "[Errno 1] unshare", "pid": "[Errno 1] unshare"},
            ["user namespace", "pid namespace"],
            "apparmor_restrict_unprivileged_userns",
        ),
    ],
)
def test_a_machine_that_lacks_a_part(
    linux: None, facts: dict[str, Any], missing: list[str], remedy: str
) -> None:
    """What is missing is named, why, what helps, and that one can grade without."""
    found = protection(trouble="It did not work.", **facts)
    text = doctor_text(found)
    assert (found.enough, found.missing) == (False, missing)
    assert text.count("NO  ") == len(missing)
    assert all(reason in text for reason in facts.values() if reason)
    assert remedy in text
    assert "--no-sandbox" in text
    assert f"(it lacks {', '.join(missing)})" in refusal(found)


def test_a_trial_that_failed_though_every_part_is_there(linux: None) -> None:
    """Then the trial's own words are the reason."""
    found = protection(trouble=SECRET_READ)
    assert (found.enough, found.missing) == (False, [])
    assert SECRET_READ in doctor_text(found)
    assert f"({SECRET_READ.rstrip('.')})" in refusal(found)


def test_root_whose_processes_the_kernel_does_not_count(linux: None) -> None:
    """It is said that they are counted otherwise."""
    text = doctor_text(protection(counted=False))
    assert "counted by its pid namespace and by looking every 50 ms" in text


def test_another_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere than on Linux it is one clear sentence, and no remedy of Linux is named."""
    monkeypatch.setattr(sys, "platform", "darwin")
    found = probe.__wrapped__()
    assert refusal(found) == (
        "Students' code cannot be confined on this machine (This is not Linux): "
        "`proctor doctor` says what would help, and --no-sandbox grades without protection."
    )
    assert "sysctl" not in doctor_text(found)
    assert landlock.abi() == 0


def test_a_trial_that_cannot_be_made(linux: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which not even the trial's process runs has no protection."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    found = probe.__wrapped__()
    assert (found.enough, found.trouble) == (False, "Trying it failed: FileNotFoundError.")


@pytest.mark.parametrize("enough", [True, False])
def test_the_command(
    linux: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    enough: bool,
) -> None:
    """`proctor doctor` ends with 0 where code can be confined, else with 1, and says why."""
    found = protection() if enough else Protection()
    monkeypatch.setattr("proctor.sandbox.probe", lambda: found)
    assert cli.main(["doctor"]) == (0 if enough else 1)
    assert capsys.readouterr().out == doctor_text(found) + "\n"


def test_the_command_on_this_machine(protected: None) -> None:
    """The command says the same in a process of its own."""
    command = [sys.executable, "-m", "proctor", "doctor"]
    run = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, timeout=SECONDS)
    assert (run.returncode, run.stderr) == (0, "")
    assert "Students' code is confined on this machine" in run.stdout


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 6])
def test_older_kernels(protected: None, folder: Path, version: int) -> None:
    """With each version of Landlock, files are confined and the own folder is not."""
    if landlock.abi() < version:
        pytest.skip(f"this kernel's Landlock is version {landlock.abi()}")
    (folder / "secret").write_text("secret")
    (folder / "own").mkdir()
    text = f"""
        import os
        from proctor.sandbox import landlock
        reading, writing = os.pipe()
        if not os.fork():
            landlock.abi = lambda: {version}
            readable = ["/usr", {os.path.dirname(os.__file__)!r}]
            landlock.confine(readable, ["{folder}/own"], ["/dev/null"])
            try:
                open("{folder}/secret").read()
            except OSError as error:
                os.write(writing, str(error.errno).encode())
            open("{folder}/own/x", "w").close()
            os.truncate("{folder}/own/x", 0)
            os.write(writing, b" and wrote")
            os._exit(0)
        os.wait()
        os.close(writing)
        open(reading).read()
    """
    server = ForkServer()
    try:
        assert server.evaluate(text) == "13 and wrote"
    finally:
        server.close()


FIND_FACTORY = """
import contextlib, psutil, time
(factory,) = [
    child
    for child in psutil.Process().children()
    if "proctor.sandbox.containers" in " ".join(child.cmdline())
]
"""


def test_a_container_that_was_lost(own_server: ForkServer, folder: Path) -> None:
    """A container that was ended before it was used costs one candidate, not the next."""
    end_container = """
while not any(supervisor.children() for supervisor in factory.children()):
    time.sleep(0.01)
processes = factory.children(recursive=True)
for process in processes:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()
psutil.wait_procs(processes)
"ended"
"""
    own_server.run("1", folder)
    assert own_server.evaluate(FIND_FACTORY + end_container) == "ended"
    with pytest.raises(ServerError, match="SandboxError: "):
        own_server.run("1", folder)
    assert own_server.value("2", folder) == 2


def test_a_container_factory_that_was_lost(own_server: ForkServer, folder: Path) -> None:
    """When the program that makes containers is killed, the next candidate gets another one."""
    end_factory = """
factory.kill()
psutil.wait_procs([factory])
"ended"
"""
    own_server.run("1", folder)
    assert own_server.evaluate(FIND_FACTORY + end_factory) == "ended"
    assert own_server.value("2", folder) == 2


def test_without_libseccomp(own_server: ForkServer, folder: Path) -> None:
    """Without the filter's library no candidate is started, and it is said what to install."""
    own_server.evaluate("import sys; sys.modules['pyseccomp'] = None")
    refused = (
        "SandboxError: The filter of system calls could not be built: .*"
        "Install the system's package libseccomp2 and pip's pyseccomp"
    )
    with pytest.raises(ServerError, match=refused):
        own_server.run("1", folder)


def test_a_fork_server_with_threads(own_server: ForkServer, folder: Path) -> None:
    """An ordinary user's process with threads is told how to do without them; root's may have."""
    start_thread = """
        import os, threading
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        os.geteuid()
    """
    if own_server.evaluate(start_thread) == 0:
        assert own_server.value("1", folder) == 1
        return
    with pytest.raises(ServerError, match="it has 2 threads; set OPENBLAS_NUM_THREADS=1"):
        own_server.run("1", folder)


def test_the_factory_imports_only_the_standard_library() -> None:
    """The trusted program is small: it imports none of the packages that proctor uses."""
    program = "import sys; sys.path.insert(0, sys.argv[1]); import proctor.sandbox.containers; "
    program += "print(*(name.partition('.')[0] for name in sys.modules))"
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, SOURCE],
        capture_output=True,
        text=True,
        check=True,
    )
    own = {"proctor", "__main__"}
    assert set(run.stdout.split()) - own <= set(sys.stdlib_module_names)


def test_mounts_are_sorted_and_once() -> None:
    """Parents come before what lies below them, nothing twice; devices and the system are there."""
    targets = [target for _, target in filesystem.mounts_for(()).binds]
    assert targets == sorted(set(targets))
    assert {"/usr", "/dev/null"} <= set(targets)
