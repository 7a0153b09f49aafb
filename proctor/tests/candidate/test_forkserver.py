"""A candidate is forked from what was imported once; it looks like a kernel, has a folder of its own,
and ends with all it started."""

import contextlib
import os
import signal
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from proctor.codecs.frames import Channel, Closed
from proctor.pool.bases import BaseProcess, CandidateBase, CannotStart
from proctor.pool.candidate_server import CandidateServer, notebook_config
from proctor.publish.folders import SupportCopy, WorkingFolder

SECONDS = 60
HELPER = "from . import numbers\n\ndef third(x):\n    return numbers.check(x) / 0\n"
Run = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def base() -> Iterator[CandidateBase]:
    """What all fork servers of this module are forked from."""
    process = BaseProcess()
    made = CandidateBase(process)
    yield made
    made.close()
    process.close()


@pytest.fixture(scope="module")
def support(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Support files: a package, a module that the prefix does not import, data."""
    folder = tmp_path_factory.mktemp("support")
    (folder / "helper").mkdir()
    (folder / "helper/__init__.py").write_text(HELPER)
    (folder / "helper/numbers.py").write_text("def check(x):\n    return x\n")
    (folder / "helper/late.py").write_text("value = 'late'\n")
    (folder / "other.py").write_text("value = 'other'\n")
    (folder / "data.txt").write_text("12")
    return folder


@contextlib.contextmanager
def started(
    base: CandidateBase, support: Path | None, *prefix: str, imports: Iterable[str] = ("json",)
) -> Iterator[CandidateServer]:
    """The fork servers of a notebook, without a sandbox."""
    folder = WorkingFolder(SupportCopy(support))
    lines = [socket.socketpair() for _ in range(2)]
    texts = [(text, count) for count, text in enumerate(prefix, 1)]
    config = notebook_config(folder, imports, texts, False, {}, [])
    base.serve(config, [theirs.fileno() for _, theirs in lines])
    for _, theirs in lines:
        theirs.close()
    server = CandidateServer(
        dict(zip(("imports", "prefix"), (one for one, _ in lines), strict=True))
    )
    try:
        server.ready(SECONDS)
        yield server
    finally:
        server.close()
        folder.remove()


@pytest.fixture(scope="module")
def server(base: CandidateBase, support: Path) -> Iterator[CandidateServer]:
    """The fork servers that most tests share."""
    prefix = "import helper, random\nx = 5", "y = x + int(open('data.txt').read())"
    with started(base, support, *prefix) as made:
        yield made


class Candidates:
    """Forks candidates, each a function that runs a cell; all end with the test."""

    def __init__(self, server: CandidateServer) -> None:
        self.server = server
        self.forked: list[tuple[CandidateServer, str, Channel]] = []

    def __call__(
        self,
        state: str = "prefix",
        reseed: Iterable[str] = ("random",),
        files: Mapping[str, str] | None = None,
        server: CandidateServer | None = None,
    ) -> Run:
        owner = server or self.server
        channel = Channel(owner.fork(state, reseed, files or {}))
        self.forked.append((owner, state, channel))

        def run(text: str, wait: bool = True) -> Any:
            channel.send("run", {"text": text, "count": None, "given": False})
            return channel.receive(SECONDS)[1]["outputs"] if wait else channel

        return run

    def close(self) -> None:
        """End them."""
        for owner, state, channel in self.forked:
            channel.close()
            with contextlib.suppress(CannotStart):  # the test has ended it
                owner.ask(state, "end")


@pytest.fixture
def candidate(server: CandidateServer) -> Iterator[Candidates]:
    made = Candidates(server)
    yield made
    made.close()


def value(outputs: list[dict[str, Any]]) -> str:
    """The value a cell ended with, as text."""
    return outputs[-1].get("data", {}).get("text/plain", outputs[-1])


def test_two_states(candidate: Candidates) -> None:
    """A candidate finds what the prefix defined, or nothing but an empty notebook; numbers go on."""
    assert value(candidate("prefix")("x, y")) == "(5, 17)"
    assert candidate("imports")("x")[0]["ename"] == "NameError"
    numbers = [candidate(state)("1")[0]["execution_count"] for state in ("prefix", "imports")]
    assert numbers == [3, 1]


def test_each_has_its_own_names(candidate: Candidates) -> None:
    """What one candidate does to its names and modules does not reach the next one."""
    candidate()("x = 6; helper.numbers.check = None")
    assert value(candidate()("x, callable(helper.numbers.check)")) == "(5, True)"


def test_random_numbers(candidate: Candidates) -> None:
    """Two candidates draw different random numbers, unless they are not to be seeded anew."""
    draw = "random.random()"
    assert value(candidate()(draw)) != value(candidate()(draw))
    assert value(candidate(reseed=())(draw)) == value(candidate(reseed=())(draw))


@pytest.mark.parametrize(("text", "same"), [("random.seed(4)", True), ("pass", False)])
def test_a_seed_of_the_prefix(base: CandidateBase, text: str, same: bool) -> None:
    """A prefix that sets a seed leaves the same random state everywhere, another one does not."""
    prefix = f"import random\n{text}"
    with started(base, None, prefix) as one, started(base, None, prefix) as two:
        assert (one.random["random"] == two.random["random"]) == same


HIDDEN = {
    "sorted(n for n in os.environ if 'NBGRADER' in n or 'PROCTOR' in n or 'PYTEST' in n)": "[]",
    "{'HOME', 'TMPDIR', 'PATH'} <= set(os.environ)": "True",
    "[name for name in sys.modules if 'proctor' in name or 'nbgrader' in name]": "[]",
    "os.path.basename(sys.argv[0])": "'ipykernel_launcher.py'",
    "'ipykernel_launcher' in open('/proc/self/cmdline').read()": "True",
    "'proctor' in open('/proc/self/cmdline').read()": "False",
    "__import__('threading').active_count()": "1",
    # 0, 1, 2, the socket, two for output, the loop's three, the list's own
    "len(os.listdir('/proc/self/fd')) <= 10": "True",
}


def test_nothing_of_the_grader_shows(
    candidate: Candidates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither environment, modules, command line nor open files tell that this is no kernel."""
    run = candidate()
    run("import os, sys")
    assert {text: value(run(text)) for text in HIDDEN} == HIDDEN


def test_a_folder_of_its_own(candidate: Candidates) -> None:
    """A candidate works beside the support files; what it writes there the next one does not find."""
    run = candidate()
    listed = "import os, tempfile\nsorted(n for n in os.listdir() if n[0] not in '._')"
    assert value(run(listed)) == "['data.txt', 'helper', 'other.py']"
    run("open('mine', 'w').close(); open('data.txt', 'w').close(); open('other.py', 'w').close()")
    where = eval(value(run("os.getcwd()")))
    same = "os.environ['HOME'] == os.getcwd(), tempfile.gettempdir() == os.environ['TMPDIR']"
    assert value(run(same)) == "(True, True)"
    run = candidate()
    found = "import os, other\nos.path.exists('mine'), open('data.txt').read(), other.value"
    assert value(run(found)) == "(False, '12', 'other')"
    assert not os.path.exists(where)


def test_files_of_a_student(candidate: Candidates, tmp_path: Path) -> None:
    """A student's own files lie beside the support files, for this candidate only."""
    (tmp_path / "own.py").write_text("value = 'own'")
    files = {"own.py": str(tmp_path / "own.py"), "sub/own.txt": str(tmp_path / "own.py")}
    run = candidate("imports", files=files)
    assert value(run("import own, os\nos.stat('sub/own.txt')\nown.value")) == "'own'"
    assert candidate("imports")("import own")[0]["ename"] == "ModuleNotFoundError"


def test_support_modules_stay_valid(candidate: Candidates) -> None:
    """A module of the prefix can import more of its package, and its lines stand in a traceback."""
    run = candidate()
    assert value(run("import helper.late\nhelper.late.value")) == "'late'"
    trace = "\n".join(run("helper.third(1)")[0]["traceback"])
    assert "third" in trace and "numbers" in trace


def test_the_standard_library_comes_first(
    base: CandidateBase, tmp_path: Path, candidate: Candidates
) -> None:
    """A support file named like a module of Python's does not stand in for it, as in a kernel."""
    (tmp_path / "fractions.py").write_text("value = 'mine'")
    with started(base, tmp_path, "import fractions") as server:
        run = candidate(server=server)
        assert value(run("fractions.Fraction(1, 2)")) == "Fraction(1, 2)"


STARTS = """
import os, signal, subprocess, sys
child = subprocess.Popen(["sleep", "1000"])
reading, writing = os.pipe()
if not os.fork():
    os.setsid()
    if not os.fork():
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        os.write(writing, str(os.getpid()).encode())
        while True:
            signal.pause()
    os._exit(0)
os.wait()
[os.getpid(), child.pid, int(os.read(reading, 20))]
"""


@pytest.mark.parametrize("state", ["prefix", "imports"])
def test_everything_started_ends(
    candidate: Candidates, server: CandidateServer, state: str
) -> None:
    """Processes that a candidate started end with it, also those that left session and parent."""
    pids = eval(value(candidate(state)(STARTS)))
    assert all(map(psutil.pid_exists, pids))
    server.ask(state, "end")
    assert not any(map(psutil.pid_exists, pids))


def test_an_unreadable_folder(candidate: Candidates, server: CandidateServer) -> None:
    """A candidate's folder vanishes, whatever it did to it."""
    run = candidate()
    run("import os\nos.makedirs('a/b/c'); open('a/b/c/d', 'w').close()")
    where = eval(value(run("[os.chmod(path, 0) for path in ('a/b', 'a', '.')]\nos.getcwd()")))
    server.ask("prefix", "end")
    assert not os.path.exists(os.path.dirname(where))


def test_an_interrupt(candidate: Candidates, server: CandidateServer) -> None:
    """A cell that does not end can be interrupted; what it defined before stays."""
    run = candidate()
    begun = Path(eval(value(run("import os\nos.getcwd()"))), "begun")
    channel: Any = run(
        "def f(): return 7\nprint('x')\nopen('begun', 'w').close()\nwhile True: pass", wait=False
    )
    while not begun.exists():
        pass
    server.ask("prefix", "interrupt")
    stream, error = channel.receive(SECONDS)[1]["outputs"]
    assert (stream["text"], error["ename"]) == ("x\n", "KeyboardInterrupt")
    server.ask("prefix", "interrupt")  # too late, which changes nothing
    assert value(run("f()")) == "7"


def test_a_death_is_told(candidate: Candidates, server: CandidateServer) -> None:
    """Of a candidate that was killed the reason is told; its socket is closed."""
    with pytest.raises(Closed):
        candidate()("import os\nos.kill(os.getpid(), 9)")
    assert "SIGKILL" in server.ask("prefix", "end")["reason"]


def test_a_fork_server_that_is_killed(base: CandidateBase, candidate: Candidates) -> None:
    """It is told of in words, its candidate does not outlive it, the other state goes on."""
    with started(base, None, "x = 1") as server:
        run = candidate(server=server)
        with pytest.raises(Closed):
            run("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nsignal.pause()")
        with pytest.raises(CannotStart, match="does not answer any more"):
            server.fork("prefix", (), {})
        assert value(candidate("imports", server=server)("1")) == "1"


def test_a_request_that_fails(server: CandidateServer, candidate: Candidates) -> None:
    """What a fork server cannot do is told in words, and it goes on."""
    with pytest.raises(CannotStart, match="could not be started: .*no such file"):
        server.fork("prefix", (), {"own.py": "/no such file"})
    assert value(candidate()("x")) == "5"


def test_a_clone(candidate: Candidates, server: CandidateServer) -> None:
    """A clone serves candidates of its own; it ends when nobody holds it."""
    clone = server.clone()
    runs = [candidate(), candidate(server=clone)]
    told = [eval(value(run("import os\n(x, os.getppid())"))) for run in runs]
    assert [x for x, _ in told] == [5, 5] and len({parent for _, parent in told}) == 2
    assert clone.random == server.random
    clone.close()
    with pytest.raises(Closed):
        while True:  # it may answer once more before it is ended
            runs[1]("1")
    assert value(runs[0]("1")) == "1"


def test_what_fails_while_it_prepares(base: CandidateBase) -> None:
    """An error of the prefix and a missing import are told, and keep nothing from being served."""
    with started(base, None, "1 / 0", "y = 2", imports=["json", "no_such_module_here"]) as server:
        assert server.failed == [[0, "ZeroDivisionError: division by zero"]]
        assert server.missing == [
            "no_such_module_here: ModuleNotFoundError: No module named 'no_such_module_here'"
        ]


def test_the_end_of_all(base: CandidateBase, candidate: Candidates) -> None:
    """When the fork servers are closed no process of theirs is left; Ctrl-C is not for them."""
    with started(base, None, "x = 1") as server:
        run = candidate(server=server)
        pid = int(value(run("import os\nos.getppid()")))
        os.kill(pid, signal.SIGINT)
        assert value(run("1")) == "1"
    with pytest.raises(Closed):
        while True:  # it may answer once more before it is ended
            run("1")
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(20)
    assert base.alive()
