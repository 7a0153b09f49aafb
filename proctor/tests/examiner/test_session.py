"""A notebook is run cell by cell: the student's in a candidate, the tests in the examiner."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from run_notebook import Ran, run, run_all, task, template
from small_notebook import Cell, answer, checks, given

from proctor.examiner.candidates import DEATHS
from proctor.examiner.session import Way
from proctor.pool.bases import Bases
from proctor.pool.pool import Pool

PREFIX = given("import math\nbase = 10\nprint('prefix')\nbase")
DOUBLE = "def double(x):\n    return 2 * x"
BOTH_WAYS = pytest.mark.parametrize("way", ["isolated", "in process"])


@pytest.fixture(scope="module")
def pool(bases: Bases) -> Iterator[Pool]:
    """Two workers behind one prefix."""
    with Pool(bases, template(PREFIX), 2) as made:
        yield made


@pytest.fixture(scope="module")
def hasty(bases: Bases) -> Iterator[Pool]:
    """A worker whose cells may take a second, and which waits for no process long."""
    impatient = given("import proctor.examiner.worker as worker\nworker.MARGIN = 0.5", "impatient")
    with Pool(bases, template(PREFIX, impatient, timeout=1), 1) as made:
        made.impatient = impatient  # type: ignore[attr-defined]
        yield made


def hurried(hasty: Pool, *cells: object, way: Way = "isolated") -> Ran:
    """A notebook with that prefix, run."""
    return run(hasty, PREFIX, hasty.impatient, *cells, way=way)  # type: ignore[attr-defined,arg-type]


@BOTH_WAYS
def test_right_and_wrong(pool: Pool, way: Way) -> None:
    """A test that holds has no error, one that does not has the instructor's own."""
    ran = run(
        pool,
        PREFIX,
        answer(DOUBLE),
        checks("assert double(base) == 20", "right"),
        checks("assert double(2) == 5, 'not five'", "wrong"),
        way=way,
    )
    assert (ran.errors("right"), ran.errors("wrong")) == ([], ["AssertionError"])
    assert ran.outputs("wrong")[-1].evalue == "not five"
    assert ran.events == []


@BOTH_WAYS
def test_outputs_and_numbers(pool: Pool, way: Way) -> None:
    """Cells are numbered as in a notebook run from its top; empty ones have no number."""
    ran = run(pool, PREFIX, answer(DOUBLE), answer(" ", "none"), checks("1 + 1"), way=way)
    assert (ran.printed(0), ran.value(0)) == ("prefix\n", "10")
    assert ran.outcome.execution_counts == {0: 1, 1: 2, 3: 3}
    assert (ran.value("test"), ran.outputs("test")[0].execution_count) == ("2", 3)


@BOTH_WAYS
def test_cells_after_the_answer(pool: Pool, way: Way) -> None:
    """A later cell of the instructor's has the answer's names, and its own reach the tests."""
    ran = run(
        pool,
        PREFIX,
        answer(DOUBLE + "\nmine = 3"),
        given("four = double(2)\nprint(four)", "between"),
        checks("assert (four, mine, double(four)) == (4, 3, 8)"),
        way=way,
    )
    assert (ran.printed("between"), ran.errors("test")) == ("4\n", [])


def test_an_edited_cell(pool: Pool) -> None:
    """A cell that the student edited counts as edited there, and as it was written for the tests."""
    made = task(
        PREFIX,
        given("limit = 5", "limit"),
        answer("def over(x): return x > limit"),
        checks("assert over(50) is False and limit == 5"),
    )
    edited = made.plan.parts[1]
    edited.cell.source, edited.side, edited.examiner_source = (
        "limit = 99\nlimit",
        "edited",
        "limit = 5",
    )
    (ran,) = run_all(pool, made)
    assert (ran.value("limit"), ran.errors("test")) == ("99", [])


def test_hidden_text_of_a_given_cell(bases: Bases) -> None:
    """It runs where the tests run, and not in the student's process."""
    shown = "base = 10"
    made = task(
        given(f"{shown}\nhidden = 1"),
        answer("def names(): return sorted({'hidden', 'late', 'more', 'base'} & set(globals()))"),
        given("late = 3\nmore = 2", "late"),
        checks("assert (hidden, more, names()) == (1, 2, ['base', 'late'])"),
    )
    for part, text in ((made.plan.parts[0], shown), (made.plan.parts[2], "late = 3")):
        part.candidate_source = text
    about = template(given(f"{shown}\nhidden = 1"))
    about.prefix[0].candidate_source = shown
    with Pool(bases, about, 1) as pool:
        (ran,) = run_all(pool, made)
    assert (ran.errors("test"), ran.events) == ([], [])


@BOTH_WAYS
def test_a_student_above_the_prefix(pool: Pool, way: Way) -> None:
    """With a student's cell before the instructor's all of them run for this submission."""
    ran = run(
        pool,
        answer("print('first')\ndef f(): return base", "first"),
        PREFIX,
        checks("assert f() == 10"),
        way=way,
    )
    assert [ran.printed(0), ran.printed(1), ran.errors("test")] == ["first\n", "prefix\n", []]
    assert ran.outcome.execution_counts == {0: 1, 1: 2, 2: 3}


@BOTH_WAYS
def test_submissions_do_not_meet(pool: Pool, way: Way) -> None:
    """What one defines, changes or writes, here or there, the next one does not find."""
    leaves = task(
        PREFIX,
        answer("import math\nmath.pi = left = 3"),
        checks("import math\nbase, math.e, gone = 1, 2, 3\nopen('trace', 'w').close()"),
        way=way,
    )
    finds = task(
        PREFIX,
        answer("found = math.pi < 3.1 or 'left' in globals()\nfound"),
        checks(
            "import os\nassert base == 10 and math.e > 2.1 and not os.path.exists('trace')\n"
            "assert 'gone' not in globals()"
        ),
        way=way,
    )
    for ran in run_all(pool, leaves, finds, leaves, finds)[1::2]:
        assert (ran.value("answer"), ran.errors("test")) == ("False", [])


FOUND = """
import gc
kinds = (list, dict, tuple)
parts = [part for part in gc.get_objects() if isinstance(part, kinds)]
values = (v for part in parts for v in (part.values() if isinstance(part, dict) else part))
sum(isinstance(value, str) and ('a-' + 'secret') in value for value in values)
"""


@pytest.mark.parametrize(("way", "found"), [("isolated", False), ("in process", True)])
def test_where_the_text_of_a_test_is(pool: Pool, way: Way, found: bool) -> None:
    """In an isolated run no text of a test is in the memory of the student's process."""
    secret = "assert 'a-" + "secret' and double(1) == 2"
    ran = run(pool, PREFIX, answer(DOUBLE), checks(secret), answer(FOUND, "look"), way=way)
    assert (ran.errors("test"), ran.value("look") != "0") == ([], found)


@BOTH_WAYS
def test_stderr_of_a_test(pool: Pool, way: Way) -> None:
    """It is ordinary output, for which nbgrader would take the points."""
    ran = run(
        pool,
        PREFIX,
        answer("import sys\ndef noisy():\n    print('careful', file=sys.stderr)\n    return 1"),
        checks("import warnings\nassert noisy() == 1\nwarnings.warn('old')\nprint('b')"),
        way=way,
    )
    assert [(one.output_type, one.name) for one in ran.outputs("test")] == [("stream", "stdout")]
    assert all(word in ran.printed("test") for word in ("careful", "old", "b\n"))


@BOTH_WAYS
def test_random_numbers_differ(pool: Pool, way: Way) -> None:
    """Each submission draws its own, the student's code as well as the tests."""
    draw = "import random\nprint(random.random())"
    one = task(PREFIX, answer(draw), checks(draw), way=way)
    drawn = [ran.printed(cell) for ran in run_all(pool, one, one) for cell in ("answer", "test")]
    assert len(set(drawn)) == 4


@BOTH_WAYS
def test_a_seed_of_the_prefix(bases: Bases, way: Way) -> None:
    """A seed that the instructor's first cells set holds for every submission, on both sides."""
    seed, draw = given("import random\nrandom.seed(3)"), "print(random.random())"
    with Pool(bases, template(seed), 1) as pool:
        one = task(seed, answer(draw), checks(draw), way=way)
        first, second = run_all(pool, one, one)
    assert first.printed("answer") == second.printed("answer") != ""
    assert first.printed("test") == second.printed("test") != ""


@pytest.mark.parametrize("kind", ["SystemExit", "KeyboardInterrupt", "GeneratorExit"])
def test_what_leaves_fails_the_test_alone(pool: Pool, kind: str) -> None:
    """An exception that would end the process costs the test that does not catch it."""
    leave = f"class Own({kind}): pass\ndef leave(kind={kind}): raise kind(0)\n"
    ran = run(
        pool,
        PREFIX,
        answer(leave),
        checks("leave()", "its-own"),
        checks("leave(Own)", "derived"),
        checks(f"try:\n    leave()\nexcept {kind}:\n    print('caught')", "caught"),
    )
    assert ran.errors("its-own") and ran.errors("derived")
    assert (ran.printed("caught"), ran.errors("caught"), ran.events) == ("caught\n", [], [])


# What hangs, and what ends


@BOTH_WAYS
def test_a_cell_that_hangs(hasty: Pool, way: Way) -> None:
    """It is interrupted, as stock does; what it defined above stays, and the tests go on."""
    ran = hurried(
        hasty,
        answer(DOUBLE + "\nwhile True: pass"),
        checks("assert double(2) == 4"),
        way=way,
    )
    assert ran.errors("answer") == ["KeyboardInterrupt", "CellTimeoutError"]
    assert (ran.errors("test"), ran.events) == ([], [("timeout", "answer")])


@BOTH_WAYS
def test_a_cell_that_ignores_the_interrupt(hasty: Pool, way: Way) -> None:
    """It costs its process; the cells before it are run again, it is not."""
    stubborn = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    ran = hurried(
        hasty,
        answer(DOUBLE),
        answer(stubborn, "stubborn"),
        answer("three = 3", "after"),
        checks("assert double(three) == 6"),
        way=way,
    )
    assert ran.errors("stubborn") == ["CellTimeoutError"]
    assert (ran.errors("test"), ran.events) == ([], [("timeout", "stubborn")])


def test_what_hangs_again_costs_less(hasty: Pool) -> None:
    """After a cell has used up its time the next ones have less, so that hanging costs once."""
    slow = "def f():\n    while True: pass"
    ran = hurried(hasty, answer(slow), *(checks("f()", f"test{n}") for n in range(4)))
    assert all(ran.errors(f"test{n}") for n in range(4))
    assert ran.outcome.seconds < 15


def test_a_call_that_hangs(hasty: Pool) -> None:
    """It costs the test at hand; the next one has a fresh process."""
    ran = hurried(
        hasty,
        answer("import time\ndef f(x):\n    while x == 2: pass\n    return x"),
        checks("assert f(1) == 1", "before"),
        checks("assert f(2) == 2", "hangs"),
        checks("assert f(3) == 3", "after"),
    )
    assert (ran.errors("before"), ran.errors("after")) == ([], [])
    assert ran.errors("hangs") and ran.events == [("timeout", "hangs")]


CAUGHT = {
    "raises": "import pytest\nwith pytest.raises(BaseException):\n    f(2)",
    "unittest": "import unittest\nwith unittest.TestCase().assertRaises(Exception):\n    f(2)",
    "except": "try:\n    f(2)\n    ok = False\nexcept BaseException:\n    ok = True\nassert ok",
    "partial": "try:\n    f(2)\nexcept Exception:\n    pass\n1",
}


@pytest.mark.parametrize(
    "end", ["os._exit(0)", "time.sleep(60)", "os.close(3) or os.closerange(3, 99)"]
)
def test_an_end_is_no_exception_that_a_test_asked_for(hasty: Pool, end: str) -> None:
    """A test that expects an error is not passed by a process that ends or hangs."""
    ran = hurried(
        hasty,
        answer(f"import os, time\ndef f(x):\n    if x == 2: {end}\n    return x"),
        *(checks(text, name) for name, text in CAUGHT.items()),
        checks("assert f(3) == 3", "after"),
    )
    for name in CAUGHT:
        assert ran.outputs(name)[0].output_type == "error"
    assert ran.errors("after") == []
    assert [cell for _, cell in ran.events] == list(CAUGHT)


@BOTH_WAYS
def test_a_cell_that_ends_its_process(pool: Pool, way: Way) -> None:
    """It is told of in its place and not run again; the cells after it find those before it."""
    ran = run(
        pool,
        PREFIX,
        answer(DOUBLE),
        answer("import os\nos.kill(os.getpid(), 9)", "ends"),
        answer("double(4)", "after"),
        checks("assert double(2) == 4"),
        way=way,
    )
    assert (ran.errors("ends"), ran.value("after"), ran.errors("test")) == (
        ["CandidateGone"],
        "8",
        [],
    )
    assert ran.events == [("died", "ends")]


@BOTH_WAYS
def test_a_fresh_process_runs_no_cell_that_only_shows(pool: Pool, way: Way) -> None:
    """Its names are needed by nobody; a cell for pictures of the answer is run again for its names."""
    ran = run(
        pool,
        PREFIX,
        answer(DOUBLE),
        Cell("size = double(1)", side="candidate"),
        Cell("sizes = [size]\nsizes", side="shown"),
        answer("import os\nos.kill(os.getpid(), 9)", "ends"),
        answer("size, 'sizes' in globals()", "after"),
        way=way,
    )
    assert (ran.value(3), ran.value("after")) == ("[2]", "(2, False)")


def test_deaths_are_counted(pool: Pool) -> None:
    """After some of them nothing more is asked of a submission's code."""
    tests = [checks(f"assert f({n}) == 1", f"test{n}") for n in range(DEATHS + 2)]
    ran = run(
        pool,
        PREFIX,
        answer("import os\ndef f(x): os._exit(1)"),
        *tests,
        checks("assert base == 10", "own"),
    )
    assert all(ran.errors(test.name or "") == ["CandidateGone"] for test in tests)
    assert f"{DEATHS} of its processes" in ran.outputs(tests[-1].name or "")[-1].evalue
    assert ran.errors("own") == []


def test_a_test_that_hangs_by_itself(hasty: Pool) -> None:
    """It is interrupted, and ended if it ignores that; the other tests count."""
    ignores = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    ran = hurried(
        hasty,
        answer(DOUBLE),
        checks("while True: pass", "hangs"),
        checks("assert double(1) == 2", "right"),
        checks(f"{ignores}while True: pass", "ignores"),
        checks("assert double(1) == 3", "wrong"),
    )
    assert ran.errors("hangs") == ["KeyboardInterrupt", "CellTimeoutError"]
    assert [ran.errors(name) for name in ("right", "ignores", "wrong")] == [
        [],
        ["CellTimeoutError"],
        ["AssertionError"],
    ]
    assert ran.events == [("timeout", "hangs"), ("timeout", "ignores")]


def test_a_test_that_ends_the_examiner(pool: Pool) -> None:
    """It costs that test only."""
    ran = run(
        pool,
        PREFIX,
        answer(DOUBLE),
        checks("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "ends"),
        checks("assert double(1) == 2", "after"),
    )
    assert (ran.errors("ends"), ran.errors("after")) == (["CandidateGone"], [])
    assert ran.events == [("crashed", "ends")]


# What the student's code says


LIE = """
recorder = get_ipython().recorder
recorder.finished = lambda: [
    {"output_type": "grade"}, 5, None, {"output_type": "error", "ename": 3},
    {"output_type": "stream", "name": "stdin", "text": "x"},
    {"output_type": "stream", "name": "stdout", "text": "ok", "more": 1},
    {"output_type": "execute_result", "data": {"text/plain": "1"}, "metadata": {},
     "execution_count": 99},
]"""


def test_outputs_that_lie(pool: Pool) -> None:
    """Those that are none do not pass, the others are made of what outputs have."""
    assert run(pool, PREFIX, answer(LIE)).outputs("answer") == [
        {"output_type": "stream", "name": "stdout", "text": "ok"},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "1"},
            "metadata": {},
            "execution_count": 2,
        },
    ]


FEED = "def feed(xs, callback):\n    for x in xs:\n        {}callback(x)\n{}"


@pytest.mark.parametrize(
    ("feed", "test", "errors"),
    [
        (
            FEED.format("try: ", "        except Exception: pass"),
            "feed([1, 2], check)",
            ["AssertionError"],
        ),
        (FEED.format("try: ", "        except Exception: pass"), "feed([1], check)", []),
        (FEED.format("", ""), "try:\n    feed([2], check)\nexcept AssertionError:\n    pass", []),
        (FEED.format("try: ", "        except Exception: pass"), "feed([1], bad)", []),
    ],
    ids=["swallowed", "holds", "caught by the test", "another error"],
)
def test_an_assertion_in_a_callback(pool: Pool, feed: str, test: str, errors: list[str]) -> None:
    """One that failed within the student's code fails the test, whatever that code caught."""
    check = "def check(t):\n    assert t == 1\ndef bad(t):\n    raise ValueError(t)\n"
    assert run(pool, PREFIX, answer(feed), checks(check + test)).errors("test") == errors


def test_support_files(bases: Bases, tmp_path: Path) -> None:
    """Both sides find the support files; what a student does to them no test sees."""
    (tmp_path / "helper.py").write_text("value = 1")
    (tmp_path / "data.txt").write_text("data")
    prefix = given("import helper")
    test = "import json\nassert (helper.value, json.dumps(1), open('data.txt').read()) == (1, '1', 'data')"
    spoil = "helper.value = 2\nopen('data.txt', 'w').close()\nopen('json.py', 'w').close()"
    with Pool(bases, template(prefix, support=tmp_path), 1) as pool:
        ran = run(pool, prefix, answer("print(open('data.txt').read())\n" + spoil), checks(test))
        again = run(pool, prefix, answer("print(open('data.txt').read(), helper.value)"))
    assert (ran.printed("answer"), ran.errors("test")) == ("data\n", [])
    assert again.printed("answer") == "data 1\n"


def test_files_of_the_student(pool: Pool, tmp_path: Path) -> None:
    """A student's own files lie beside the notebook, for this submission only."""
    (tmp_path / "own.py").write_text("value = 'mine'")
    mine = task(PREFIX, answer("import own\nprint(own.value, open('sub/a').read())"))
    mine.plan.files = {"own.py": str(tmp_path / "own.py"), "sub/a": str(tmp_path / "own.py")}
    other = task(PREFIX, answer("import own"))
    first, second = run_all(pool, mine, other)
    assert first.printed("answer") == "mine value = 'mine'\n"
    assert second.errors("answer") == ["ModuleNotFoundError"]
