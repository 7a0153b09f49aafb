"""A candidate is forked from what was imported once; it looks like a kernel, owns a private folder, and ends with all it started."""

import contextlib
import os
import signal

import pytest

from proctor.folders import Folder
from proctor.plan import Part
from proctor.session import Template
from proctor.wire.frames import Channel, Closed
from proctor.zygotes import CannotStart, Zygotes
from nbformat.v4 import new_code_cell

SECONDS = 60
HELPER = "from . import numbers\n\ndef third(x):\n    return numbers.check(x) / 0\n"


def template(support, *prefix, **more):
    """A template whose prefix has these cells."""
    return Template(
        [Part(n, new_code_cell(text), "both") for n, text in enumerate(prefix)],
        support,
        more.pop("imports", ["json"]),
        sandbox=False,
        **more,
    )


@pytest.fixture(scope="module")
def support(tmp_path_factory):
    """A folder of support files: a package, a module not imported by the prefix, data."""
    folder = tmp_path_factory.mktemp("support")
    (folder / "helper").mkdir()
    (folder / "helper/__init__.py").write_text(HELPER)
    (folder / "helper/numbers.py").write_text("def check(x):\n    return x\n")
    (folder / "helper/late.py").write_text("value = 'late'\n")
    (folder / "other.py").write_text("value = 'other'\n")
    (folder / "data.txt").write_text("12")
    return folder


@contextlib.contextmanager
def started(template):
    """The zygotes of a template, ready."""
    folder = Folder(template.support)
    zygotes = Zygotes.start(template, folder)
    try:
        zygotes.ready(SECONDS)
        yield zygotes
    finally:
        zygotes.close()
        folder.remove()


@pytest.fixture(scope="module")
def zygotes(support):
    """The zygotes that most tests share."""
    with started(
        template(
            support,
            "import helper, random\nx = 5",
            "y = x + int(open('data.txt').read())\nz = random.random()",
        )
    ) as zygotes:
        yield zygotes


@pytest.fixture
def candidate(zygotes):
    """A function that forks a candidate and returns a function which runs a cell in it."""
    states = []

    def fork(state="prefix", reseed=("random",), files=(), zygotes=zygotes):
        channel = Channel(zygotes.fork(state, reseed, files))

        def run(text, wait=True):
            channel.send("run", {"text": text, "index": None, "silent": False})
            return channel.receive(SECONDS)[1]["outputs"] if wait else channel

        states.append((zygotes, state, channel))
        return run

    yield fork
    for owner, state, channel in states:
        channel.close()
        with contextlib.suppress(CannotStart):  # the test has ended it
            owner.ask(state, "end")


def value(outputs):
    """The value a cell ended with, as text."""
    return outputs[-1].get("data", {}).get("text/plain", outputs[-1])


def test_two_states(candidate):
    """A candidate finds what the prefix defined, or nothing but an empty notebook."""
    assert "(5, 17)" == value(candidate("prefix")("x, y"))
    assert "NameError" == candidate("imports")("x")[0]["ename"]


def test_numbers_go_on(candidate):
    """After the prefix the cells' numbers go on where it ended; before it they begin at 1."""
    assert 3 == candidate("prefix")("1")[0]["execution_count"]
    assert 1 == candidate("imports")("1")[0]["execution_count"]


def test_each_has_its_own_names(candidate):
    """What one candidate does to its names does not reach the next one."""
    candidate()("x = 6; helper.numbers.check = None")
    assert "(5, True)" == value(candidate()("x, callable(helper.numbers.check)"))


def test_random_numbers_differ(candidate):
    """Two candidates draw different random numbers, unless they are not to be seeded anew."""
    draw = "random.random()"
    assert value(candidate()(draw)) != value(candidate()(draw))
    assert value(candidate(reseed=())(draw)) == value(candidate(reseed=())(draw))


def test_seed_of_the_prefix_shows(support):
    """A prefix that sets a seed leaves the same random state everywhere; one that does not, leaves none that is."""
    with (
        started(template(support, "import random\nrandom.seed(4)")) as one,
        started(template(support, "import random\nrandom.seed(4)")) as two,
    ):
        assert one.random["random"] == two.random["random"]
    with (
        started(template(support, "import random")) as one,
        started(template(support, "import random")) as two,
    ):
        assert one.random["random"] != two.random["random"]


def test_nothing_of_the_grader_shows(candidate, monkeypatch):
    """Neither environment, nor modules, arguments, command line or open files tell that this is no ordinary kernel."""
    run = candidate()
    seen = eval(value(run("import os, sys\ndict(os.environ)")))
    assert {"HOME", "TMPDIR", "PATH"} <= set(seen)
    assert not [
        name for name in seen if "NBGRADER" in name or "PROCTOR" in name or "PYTEST" in name
    ]
    assert "[]" == value(
        run("[name for name in sys.modules if 'proctor' in name or 'nbgrader' in name]")
    )
    assert "'ipykernel_launcher.py'" == value(run("os.path.basename(sys.argv[0])"))
    assert "True" == value(
        run(
            "'ipykernel_launcher' in open('/proc/self/cmdline').read() and 'proctor' not in open('/proc/self/cmdline').read()"
        )
    )
    assert "1" == value(run("import threading; threading.active_count()"))
    assert (
        int(value(run("len(os.listdir('/proc/self/fd'))"))) <= 10
    )  # 0, 1, 2, the socket, two for output, the loop's three, the list's own
    assert "[]" == value(
        run(
            "[path for path in sys.path if os.path.exists(os.path.join(path, 'proctor', 'session.py')) and 'site-packages' not in path]"
        )
    )


def test_private_folder(candidate):
    """A candidate works in its own folder with the support files; what it writes there the next one does not find."""
    run = candidate()
    assert "['data.txt', 'helper', 'other.py']" == value(
        run("import os\nsorted(n for n in os.listdir() if n[0] not in '._')")
    )
    where = eval(
        value(
            run(
                "open('mine', 'w').close(); open('data.txt', 'w').close(); open('other.py', 'w').write('value = 0'); os.getcwd()"
            )
        )
    )
    assert "(True, True)" == value(
        run(
            "os.environ['HOME'] == os.getcwd(), __import__('tempfile').gettempdir() == os.environ['TMPDIR']"
        )
    )
    run = candidate()
    assert "(False, '12', 'other')" == value(
        run("import os, other\nos.path.exists('mine'), open('data.txt').read(), other.value")
    )
    assert not os.path.exists(where)


def test_files_of_a_student(candidate, tmp_path):
    """A student's own files lie beside the support files, for this candidate only."""
    (tmp_path / "own.py").write_text("value = 'own'")
    assert "'own'" == value(
        candidate(
            "imports",
            files={"own.py": str(tmp_path / "own.py"), "sub/own.txt": str(tmp_path / "own.py")},
        )("import own, os\nos.stat('sub/own.txt')\nown.value")
    )
    assert "ModuleNotFoundError" == candidate("imports")("import own")[0]["ename"]


def test_support_modules_stay_valid(candidate):
    """A module imported by the prefix can import more of its package, and its lines stand in a traceback."""
    run = candidate()
    assert "'late'" == value(run("import helper.late\nhelper.late.value"))
    trace = "\n".join(run("helper.third(1)")[0]["traceback"])
    assert "third" in trace and "numbers" in trace


def test_standard_library_before_support_files(tmp_path, candidate):
    """A support file named like a module of the standard library does not stand in for it, as in a kernel."""
    (tmp_path / "fractions.py").write_text("value = 'mine'")
    with started(template(tmp_path, "import fractions")) as zygotes:
        assert "Fraction(1, 2)" == value(candidate(zygotes=zygotes)("fractions.Fraction(1, 2)"))


def test_everything_started_ends(candidate, zygotes):
    """Processes that a candidate started are dead when it has ended, also those that left its session and parent."""
    run = candidate()
    pids = eval(
        value(
            run("""
import os, subprocess, sys
child = subprocess.Popen(["sleep", "1000"])
reading, writing = os.pipe()
if not os.fork():
    os.setsid()
    if not os.fork():
        import signal
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        os.write(writing, str(os.getpid()).encode())
        while True:
            signal.pause()
    os._exit(0)
os.wait()
[os.getpid(), child.pid, int(os.read(reading, 20))]
""")
        )
    )
    assert all(alive(pid) for pid in pids)
    zygotes.ask("prefix", "end")
    assert [] == [pid for pid in pids if alive(pid)]


def alive(pid):
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_unreadable_folder_is_removed(candidate, zygotes):
    """A candidate's folder vanishes, whatever it did to it."""
    run = candidate()
    where = eval(
        value(
            run(
                "import os\nos.makedirs('a/b/c'); open('a/b/c/d', 'w').close(); os.chmod('a/b', 0); os.chmod('a', 0); os.chmod('.', 0)\nos.getcwd()"
            )
        )
    )
    zygotes.ask("prefix", "end")
    assert not os.path.exists(os.path.dirname(where))


def test_interrupt(candidate, zygotes):
    """A cell that does not end can be interrupted, and what it defined before stays."""
    run = candidate()
    where = value(run("import os\nos.getcwd()"))
    channel = run(
        "import os\ndef f(): return 7\nprint('x')\nopen('begun', 'w').close()\nwhile True: pass",
        wait=False,
    )
    folder = eval(where)
    while not os.path.exists(os.path.join(folder, "begun")):
        pass
    zygotes.ask("prefix", "interrupt")
    outputs = channel.receive(SECONDS)[1]["outputs"]
    assert ["stream", "error"] == [output["output_type"] for output in outputs]
    assert "KeyboardInterrupt" == outputs[1]["ename"]
    assert "7" == value(run("f()"))


def test_interrupt_between_cells_is_ignored(candidate, zygotes):
    """An interrupt that comes too late changes nothing."""
    run = candidate()
    run("1")
    zygotes.ask("prefix", "interrupt")
    assert "2" == value(run("2"))


def test_death_is_told(candidate, zygotes):
    """Of a candidate that was killed, the reason is told; its socket is closed."""
    run = candidate()
    with pytest.raises(Closed):
        run("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    assert "SIGKILL" in zygotes.ask("prefix", "end")["reason"]


def test_zygote_killed(support, candidate):
    """A zygote that was killed is told of in words, and its candidate does not outlive it."""
    with started(template(support, "x = 1")) as zygotes:
        run = candidate(zygotes=zygotes)
        with pytest.raises(Closed):
            run("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nsignal.pause()")
        with pytest.raises(CannotStart, match="does not answer any more"):
            zygotes.fork("prefix", ())
        assert "imports" in zygotes.lines and zygotes.ask("imports", "end") is not None


def test_clone(zygotes, candidate):
    """A clone serves candidates of its own; it ends when nobody holds it."""
    clone = zygotes.clone()
    runs = [candidate(), candidate(zygotes=clone)]
    told = [eval(value(run("import os\n(x, os.getppid())"))) for run in runs]
    assert [5, 5] == [x for x, _ in told]
    assert 2 == len({parent for _, parent in told})
    clone.close()
    with pytest.raises(Closed):
        while True:  # it may answer once more before it is ended
            runs[1]("1")
    assert "1" == value(runs[0]("1"))


def test_prefix_error_and_missing_import_are_told(support):
    """What fails while the zygote prepares is told, and does not keep it from serving."""
    with started(
        template(support, "1 / 0", "y = 2", imports=["json", "no_such_module_here"])
    ) as zygotes:
        assert [[0, "ZeroDivisionError: division by zero"]] == zygotes.failed
        assert [
            "no_such_module_here: ModuleNotFoundError: No module named 'no_such_module_here'"
        ] == zygotes.missing


def test_end_of_all(support, candidate):
    """When the zygotes are closed, no process of theirs is left."""
    with started(template(support, "x = 1")) as zygotes:
        run = candidate(zygotes=zygotes)
        zygote = int(value(run("import os\nos.getppid()")))
        os.kill(zygote, signal.SIGINT)  # Ctrl-C is not for it
        assert "1" == value(run("1"))
    with pytest.raises(Closed):
        run("1")
    assert not alive(zygotes.process.pid)
