"""A pool examines many submissions of a notebook; whatever ends meanwhile, each has a result."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest
from run_notebook import run, run_all, task, template
from small_notebook import Cell, answer, checks, given, shown

from proctor.examiner.template import Task
from proctor.pool.bases import (
    CANDIDATES,
    BaseProcess,
    Bases,
    CandidateBase,
    CannotStart,
    ProcessEnded,
)
from proctor.pool.pool import Pool
from proctor.publish.folders import SupportCopy

PREFIX = given("import os, signal\nbase = 10\nprint('prefix')")


@pytest.fixture(scope="module")
def pool(bases: Bases) -> Iterator[Pool]:
    with Pool(bases, template(PREFIX), 2) as made:
        yield made


def test_many_submissions(pool: Pool) -> None:
    """Each comes back with its own key, in whatever order."""
    tasks = (
        (n, task(PREFIX, answer(f"def f(): return {n}"), checks("print(f())"))) for n in range(12)
    )
    found = {key: outcome.outputs[2][0]["text"] for key, outcome, _ in pool.examine(tasks)}
    assert found == {n: f"{n}\n" for n in range(12)}


def test_no_submissions(pool: Pool) -> None:
    """Nothing comes of nothing, and the pool is there for the next ones."""
    assert list(pool.examine([])) == []
    assert run(pool, PREFIX, checks("assert base == 10")).errors("test") == []


def test_tasks_are_asked_for_as_they_are_needed(pool: Pool) -> None:
    """Of a large class only a few submissions are read ahead."""
    begun = []

    def tasks() -> Iterator[tuple[int, Task]]:
        for n in range(12):
            begun.append(n)
            yield n, task(PREFIX, answer(f"x = {n}"))

    for count, _ in enumerate(pool.examine(tasks()), 1):
        assert len(begun) <= count + 2 * pool.workers + 1
    assert len(begun) == 12


def test_a_worker_that_is_killed(bases: Bases) -> None:
    """Its submission is examined by another one, and given up if that is killed too."""
    deadly = task(PREFIX, checks("os.kill(os.getppid(), signal.SIGKILL)"))
    good = task(PREFIX, checks("assert base == 10"))
    with Pool(bases, template(PREFIX, sandbox=False), 1) as pool:
        first, second = run_all(pool, deadly, good)
    assert (first.events, second.events) == ([("crashed", None)], [])
    assert "ended, and so did the next one" in first.outcome.events[0].text
    assert second.errors("test") == []


BREAKS = """
import gc, os, socket
if not os.path.exists({broken!r}):
    open({broken!r}, "w").close()
    gc.unfreeze()
    for one in gc.get_objects():
        if type(one).__name__ == "CandidateServer":
            for line in one.lines.values():
                line.shutdown(socket.SHUT_RDWR)
end()
"""


def test_a_fork_server_that_is_lost(bases: Bases, tmp_path: Path) -> None:
    """An examiner that cannot fork candidates hands its submission back, to be examined anew."""
    breaks = checks(BREAKS.format(broken=str(tmp_path / "broken")), "breaks")
    ends = answer("def end(): os._exit(1)\ndef number(): return 42")
    with Pool(bases, template(PREFIX, sandbox=False), 1) as pool:
        ran = run(pool, PREFIX, ends, breaks, checks("print(number())"))
        assert pool.starts == 2
    assert (ran.printed("test"), ran.errors("breaks")) == ("42\n", ["CandidateGone"])


SLOW = answer("import time\ntime.sleep(3)\ndef number(): return 42")


def container_programs(bases: Bases) -> tuple[list[psutil.Process], list[psutil.Process]]:
    """The programs that make containers, and the supervisors of containers, which they fork."""
    found = []
    for one in psutil.Process(bases.process.running.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "sandbox.containers" in " ".join(one.cmdline()):
                found.append((one, one.ppid()))
    numbers = {one.pid for one, _ in found}
    makers = [one for one, parent in found if parent not in numbers]
    made_by = {one.pid for one in makers}
    return makers, [one for one, parent in found if parent in made_by]


@pytest.mark.parametrize("which", [0, 1], ids=["what makes containers", "its supervisor"])
def test_a_container_that_ends_before_its_candidate(bases: Bases, which: int) -> None:
    """A candidate that ends with it loses nothing: the submission is examined anew."""
    found: list[Any] = []
    with Pool(bases, template(PREFIX), 1) as pool:
        work = task(PREFIX, SLOW, checks("assert number() == 42"))
        thread = threading.Thread(target=lambda: found.extend(run_all(pool, work)))
        thread.start()
        while not getattr(pool, "open", None):
            time.sleep(0.01)
        time.sleep(1)  # the candidate runs meanwhile, for three seconds
        # The older supervisor is that of the candidate; a container is made ahead.
        for one in sorted(container_programs(bases)[which], key=lambda one: one.create_time())[:1]:
            with contextlib.suppress(psutil.Error):
                one.kill()
        thread.join(60)
    (ran,) = found
    assert (ran.errors("test"), ran.events) == ([], []), ran.outcome.events


def test_a_pool_that_is_started_anew_draws(bases: Bases) -> None:
    """What its first cells show is drawn, though a process had begun with that before."""
    shown = given("print('shown')")
    with Pool(bases, template(shown, PREFIX), 1) as pool:
        pool.end()
        pool.start()
        assert [one["text"] for outputs in pool.prefix.values() for one in outputs][:1] == [
            "shown\n"
        ]


def examiners_process(bases: Bases) -> psutil.Process:
    """The process that examiners come from, as soon as it is there."""
    assert bases.examiners.alive()
    base = psutil.Process(bases.process.running.pid)
    while not base.children():
        time.sleep(0.01)
    return base.children()[0]


def wait_for_end(process: psutil.Process) -> None:
    """Return when a process has ended, even if its parent has not taken note of it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        while process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)


@pytest.mark.parametrize("which", ["examiners", "candidates"])
def test_a_base_process_that_is_killed(which: str) -> None:
    """The next pool has a new one."""
    with Bases() as bases:
        ended = examiners_process(bases)
        if which == "candidates":
            bases.process.running.kill()
            bases.process.running.wait()
        else:
            ended.kill()
        wait_for_end(ended)
        with Pool(bases, template(PREFIX), 1) as pool:
            assert run(pool, PREFIX, checks("assert base == 10")).errors("test") == []


def test_bases_that_nobody_needs() -> None:
    """Their processes end with them."""
    with Bases() as bases:
        pids = examiners_process(bases).pid, bases.process.running.pid
        assert all(map(psutil.pid_exists, pids))
    assert not any(map(psutil.pid_exists, pids))


def test_what_a_base_process_said_last() -> None:
    """The words of one that could not prepare a notebook are known."""
    with Bases() as bases:
        with open(os.devnull) as file:
            bases.examiners.begin("no work", [file.fileno()] * 5)
        bases.examiners.line.shutdown(socket.SHUT_WR)
        wait_for_end(examiners_process(bases))
        assert bases.examiners.last_words().startswith("TypeError: string indices")


def test_a_base_that_ends_while_a_pool_starts(
    bases: Bases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pool starts once more, with new processes to come from."""
    serve, ended = CandidateBase.serve, [ProcessEnded("it ended")]

    def served(base: CandidateBase, config: Mapping[str, Any], lines: list[int]) -> None:
        if ended:
            base.base.running.kill()
            raise ended.pop()
        serve(base, config, lines)

    monkeypatch.setattr(CandidateBase, "serve", served)
    with Pool(bases, template(PREFIX), 1) as pool:
        assert run(pool, PREFIX, checks("assert base == 10")).errors("test") == []
    assert not ended


def test_what_candidates_come_from_ends_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is told at once, and nobody waits for it until its time is up."""
    fork = BaseProcess.fork

    def without_a_socket(
        base: BaseProcess, role: str, files: Iterable[int], load: Iterable[str] = ()
    ) -> None:
        first, *others = files
        with open(os.devnull) as nothing:
            fork(base, role, [nothing.fileno() if role == CANDIDATES else first, *others], load)

    monkeypatch.setattr(BaseProcess, "fork", without_a_socket)
    with Bases() as bases:
        begun = time.monotonic()
        with pytest.raises(ProcessEnded, match="Socket operation on non-socket"):
            bases.candidates.serve(dict.fromkeys(("sandbox", "folder", "readable", "limits")), [])
        assert time.monotonic() - begun < 60


def test_leaving(bases: Bases) -> None:
    """Leaving in the midst, as Ctrl-C does, leaves no process and no folder behind."""
    tasks = [task(PREFIX, answer("1" if not n else "while True: pass")) for n in range(4)]
    support = SupportCopy(None)
    with Pool(bases, template(PREFIX), 1, support=support):
        pass  # what makes containers stays for the next pool, with a container that is made ahead
    before = len(children())
    interrupted = pytest.raises(KeyboardInterrupt)
    with interrupted, Pool(bases, template(PREFIX), 2, support=support) as pool:
        assert len(children()) > before
        for _ in pool.examine(enumerate(tasks)):
            raise KeyboardInterrupt
    assert not os.path.exists(pool.folder.path)
    end = time.monotonic() + 20
    while len(children()) > before and time.monotonic() < end:
        time.sleep(0.1)
    assert len(children()) <= before


def test_a_pool_that_is_closed_at_work(bases: Bases) -> None:
    """A thread that waits for its results is told, and does not wait on."""
    ended: list[Exception] = []
    with Pool(bases, template(PREFIX), 1) as pool:

        def work() -> None:
            try:
                run_all(pool, task(PREFIX, answer("while True: pass")))
            except Exception as error:
                ended.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        while not getattr(pool, "open", None):
            time.sleep(0.01)
    thread.join(20)
    assert not thread.is_alive() and isinstance(ended[0], CannotStart)


def children() -> set[int]:
    """The processes below this one that are at work."""
    found = set()
    for one in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if one.status() != psutil.STATUS_ZOMBIE:
                found.add(one.pid)
    return found


@pytest.mark.parametrize(
    "text", ["import os\nos._exit(1)", "import os, signal\nos.kill(os.getpid(), 9)"]
)
def test_a_notebook_that_cannot_start(bases: Bases, text: str) -> None:
    """Without a process to work with, the reason is told in words, and other notebooks go on."""
    with pytest.raises(CannotStart, match="ended while it started"):
        Pool(bases, template(given(text)), 1)
    with Pool(bases, template(PREFIX), 1) as pool:
        assert run(pool, PREFIX, checks("assert base == 10")).errors("test") == []


def test_errors_of_the_prefix(bases: Bases) -> None:
    """An error in the instructor's own cells is told once, one of a missing import by its name."""
    bad = given("1 / 0", "bad")
    with Pool(bases, template(PREFIX, bad, imports=["no_such_module_here"]), 1) as pool:
        ran = run(pool, PREFIX, bad, checks("assert base == 10"))
        warnings = pool.warnings()
    assert (ran.errors("bad"), ran.errors("test")) == (["ZeroDivisionError"], [])
    assert warnings[0] == "This instructor's cell ends with an error."
    assert "no_such_module_here: ModuleNotFoundError" in warnings[1]
    assert len(warnings) == 2


SHOWN = """
import random
class Slow:
    def _repr_html_(self):
        print("drawn")
        return f"<b>{number}</b>"
number = random.random()
print(number)
Slow()"""


def test_what_the_prefix_shows(bases: Bases) -> None:
    """It is drawn in a process beside the others, with the random numbers that the tests see."""
    shown = given(SHOWN)
    with Pool(bases, template(shown), 1) as pool:
        first, second = run_all(pool, *[task(shown, checks("print(number)"))] * 2)
    number = first.printed("test").strip()
    assert first.printed(0) == second.printed(0) == f"{number}\ndrawn\n"
    assert first.outputs(0)[1].data["text/html"] == f"<b>{number}</b>"


def test_a_cell_that_is_only_shown(bases: Bases) -> None:
    """It is drawn once for all submissions, runs beside no answer and no test, and stands in each
    notebook with its number; what follows it runs as if it had run."""
    prefix = (given("base = 10"), shown("drawn = 1\nprint('drawn')"), given("print('after')"))
    looks = "print(base, 'drawn' in globals())"
    with Pool(bases, template(*prefix), 1) as pool:
        tasks = [task(*prefix, answer(looks), checks(looks, "test")) for _ in range(2)]
        for ran in run_all(pool, *tasks):
            assert (ran.printed(1), ran.printed(2)) == ("drawn\n", "after\n")
            assert ran.printed("answer") == ran.printed("test") == "10 False\n"
            assert [ran.outcome.execution_counts[n] for n in range(4)] == [1, 2, 3, 4]
        assert pool.warnings() == []


def test_a_cell_that_is_only_shown_after_an_edited_one(pool: Pool) -> None:
    """Where a submission's own first cells run, it runs among them, for what it shows there."""
    ran = run(pool, given("base = 11"), shown("print(base)"), answer("print(base + 1)"))
    assert (ran.printed(1), ran.printed("answer")) == ("11\n", "12\n")


def test_an_error_while_drawing(bases: Bases) -> None:
    """An error that comes only when something is shown is told, too."""
    bad = given("class Bad:\n    def _ipython_display_(self):\n        raise SystemExit\nBad()")
    with Pool(bases, template(bad), 1) as pool:
        assert pool.warnings() == ["This instructor's cell ends with an error."]
        assert pool.failed == [0]


def drawn_after(file: Path) -> Cell:
    """A cell of the instructor's whose picture is not drawn before there is this file."""
    return given(
        "import os, time\nclass Slow:\n    def _repr_html_(self):\n"
        f"        while not os.path.exists({str(file)!r}): time.sleep(0.05)\n"
        "        return 'drawn'\nSlow()"
    )


def test_drawing_keeps_nobody_waiting(bases: Bases, tmp_path: Path) -> None:
    """While the prefix is drawn, submissions are examined; their results come when it is."""
    last = tmp_path / "last"
    slow = drawn_after(last)
    texts = ["1", "2", f"open({str(last)!r}, 'w').close()"]
    with Pool(bases, template(slow, sandbox=False), 1) as pool:
        found = run_all(pool, *(task(slow, checks(text)) for text in texts))
    assert [ran.outputs(0)[0].data["text/html"] for ran in found] == ["drawn"] * 3


def test_a_run_that_needs_no_prefix_is_handed_on_before_it_is_drawn(
    bases: Bases, tmp_path: Path
) -> None:
    """A preparation looks at tests only: its results come while the prefix is still drawn."""
    last = tmp_path / "last"
    slow = drawn_after(last)
    made = task(slow, checks("1"))
    with Pool(bases, template(slow, sandbox=False), 1) as pool:
        ((_, early, _),) = pool.examine([(0, made)], with_prefix=False)
        assert pool.drawing
        last.touch()
        ((_, late, _),) = pool.examine([(0, made)])
    assert (early.outputs[0], early.outputs[1]) == ([], late.outputs[1])
    assert late.outputs[0][0].data["text/html"] == "drawn"
