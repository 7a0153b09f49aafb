"""A submission is walked through cell by cell: the student's in a candidate, the tests in the examiner, and every end is told."""

import os

import pytest
from nbformat import validate
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from proctor.examiner.line import DEATHS
from proctor.plan import Part, Plan
from proctor.reference import reference
from proctor.session import Template, examine_once, fill
from proctor.workers import CannotStart, Pool, close_kept

LOCKED = {"nbgrader": {"locked": True, "grade": False, "solution": False}}


def part(index, side, text, instructors=None, **metadata):
    """One cell of a plan."""
    cell = (
        new_markdown_cell(text)
        if side == "text"
        else new_code_cell(text, metadata=metadata or (LOCKED if side in ("both", "test") else {}))
    )
    return Part(index, cell, side, instructors)


def plan(*cells):
    """A plan of (side, text) pairs; more of a part may follow."""
    parts = [part(index, *cell) for index, cell in enumerate(cells)]
    return Plan(new_notebook(cells=[one.cell for one in parts]), parts)


def template(*prefix, support=None, timeout=30, **more):
    """A template with this prefix, without a sandbox."""
    return Template(
        plan(*(("both", text) for text in prefix)).parts,
        support,
        ["json"],
        timeout,
        more.pop("sandbox", False),
        **more,
    )


PREFIX = ("both", "import math\nbase = 10\nprint('prefix')\nbase")


@pytest.fixture(scope="module")
def pool():
    """Two workers behind one prefix."""
    with Pool(template(PREFIX[1], timeout=20), workers=2) as pool:
        yield pool


@pytest.fixture(scope="module")
def hasty():
    """A worker whose cells may take a second."""
    with Pool(template(PREFIX[1], timeout=1), workers=1) as pool:
        yield pool


def examined(pool, *cells):
    """The outcome of one submission that begins with the prefix."""
    ((key, outcome, finished),) = pool.examine([("one", plan(PREFIX, *cells))])
    assert ("one", None) == (key, finished)
    return outcome


def errors(outcome, index):
    """The names of a cell's errors."""
    return [
        output["ename"] for output in outcome.outputs[index] if output["output_type"] == "error"
    ]


def printed(outcome, index):
    """What a cell printed."""
    return "".join(
        output["text"] for output in outcome.outputs[index] if output["output_type"] == "stream"
    )


def kinds(outcome):
    """The kinds of events, each with its cell."""
    return [(event.kind, event.index) for event in outcome.events]


STUDENT = "def double(x):\n    return 2 * x"


def test_right_and_wrong(pool):
    """A test that holds has no error output, one that does not has the instructor's own."""
    outcome = examined(
        pool,
        ("student", STUDENT),
        ("test", "assert double(base) == 20"),
        ("test", "assert double(2) == 5, 'not five'"),
    )
    assert [] == errors(outcome, 2)
    assert ["AssertionError"] == errors(outcome, 3)
    assert "not five" == outcome.outputs[3][-1]["evalue"]
    assert [] == outcome.events


def test_prefix_outputs_and_numbers(pool):
    """The prefix's outputs come from the trusted side, cells are numbered as in a notebook run from the top, text and empty cells are not."""
    submission = plan(
        ("text", "# title"),
        PREFIX,
        ("text", "more"),
        ("student", STUDENT),
        ("student", " \n"),
        ("skip", "1 / 0"),
        ("test", "1 + 1"),
    )
    ((_, outcome, _),) = pool.examine([("one", submission)])
    assert "prefix\n" == printed(outcome, 1)
    assert {1: 1, 3: 2, 6: 3} == outcome.execution_counts
    assert 3 == outcome.outputs[6][0]["execution_count"]
    notebook = fill(submission, outcome)
    validate(notebook)
    assert [None, 1, None, 2, None, None, 3] == [
        cell.get("execution_count") for cell in notebook.cells
    ]


def test_names_of_other_cells_reach_the_tests(pool):
    """A read-only cell after the student's is run on both sides: its output is the candidate's, its names are the instructor's."""
    outcome = examined(
        pool,
        ("student", STUDENT + "\nmine = 3"),
        ("both", "four = double(2)\nprint(four)"),
        ("test", "assert four == 4\nassert mine == 3"),
    )
    assert "4\n" == printed(outcome, 2)
    assert [] == errors(outcome, 3)


def test_edited_cell(pool):
    """A cell of the instructor's that the student edited runs as edited for the student, as written for the tests."""
    outcome = examined(
        pool,
        ("edited", "limit = 99\nlimit", "limit = 5"),
        ("student", "def over(x): return x > limit"),
        ("test", "assert over(50) is False\nprint(limit)"),
    )
    assert "99" == outcome.outputs[1][0]["data"]["text/plain"]
    assert [] == errors(outcome, 3)


def test_a_helper_whose_cell_was_emptied(pool):
    """A cell of the instructor's that the student emptied is the instructor's for the tests, and counts as no cell that ran."""
    outcome = examined(
        pool,
        ("student", "def near(a, b): return True"),
        ("edited", "", "def near(a, b): return a == b"),
        ("test", "assert not near(1, 2)"),
    )
    assert ([], {0: 1, 1: 2, 3: 3}) == (errors(outcome, 3), outcome.execution_counts)


def test_a_stub_in_a_cell_after_the_first_answer():
    """What the student writes in an open cell counts there, too; a helper beside it does not."""
    text = "def triple(x):\n    pass\ndef near(a, b): return a == b"
    with Pool(
        template(PREFIX[1], reference=reference([STUDENT], ordinary=[text])), workers=1
    ) as pool:
        outcome = examined(
            pool,
            ("student", STUDENT),
            ("edited", "def triple(x): return 3 * x\ndef near(a, b): return True", text),
            ("test", "assert triple(double(1)) == 6 and not near(1, 2)"),
        )
    assert [] == errors(outcome, 3)


def test_what_tests_set_for_the_students_functions():
    """A builtin, a counter, given data and a given function are one for the test and the student's functions, from the first test to the last."""
    given = "inv = {}\ntol = 1\ndef low(n): return n.lower()"
    student = "def ask(): return input() + '!'\ntk = 0\ndef tick():\n    global tk\n    tk += 1\ndef add(n): inv[low(n)] = tol"
    with Pool(template(given, reference=reference([student], [given])), workers=1) as pool:
        ((_, outcome, _),) = pool.examine(
            [
                (
                    "one",
                    plan(
                        ("both", given),
                        ("student", student),
                        (
                            "test",
                            "import builtins\nreal = builtins.input\nbuiltins.input = lambda p='': 'a'",
                        ),
                        (
                            "test",
                            "assert ask() == 'a!'\nbuiltins.input = lambda p='': 'b'\nassert ask() == 'b!'\nbuiltins.input = real\nask()",
                        ),
                        ("test", "tk = 0; tick(); tick(); assert tk == 2"),
                        ("test", "assert tk == 2"),
                        ("test", "add('a'); assert inv == {'a': 1}; inv.clear()"),
                        ("both", "inv['later'] = 2"),
                        (
                            "test",
                            "assert inv == {'later': 2}\ntol = 3; add('b'); assert inv == {'later': 2, 'b': 3}\ndef low(n): return n * 2\nadd('c'); assert inv['cc'] == 3",
                        ),
                        (
                            "test",
                            "from unittest.mock import patch\nwith patch('__main__.low', lambda n: 'patched') as low:\n    add('c')\n"
                            "assert inv['patched'] == 3\nadd('d'); assert inv['dd'] == 3",
                        ),
                    ),
                )
            ]
        )
    assert [[], ["StdinNotImplementedError"], [], [], [], [], []] == [
        errors(outcome, index) for index in (2, 3, 4, 5, 6, 8, 9)
    ]


def test_hidden_text_of_an_instructors_cell():
    """Hidden lines of cells without points run in the examiner only, in the prefix and later."""
    prefix, late = template("base = 10\nhidden = 1"), part(2, "both", "late = 3\nmore = 2")
    prefix.prefix[0].given, late.given = "base = 10", "late = 3"
    submission = plan(
        ("both", "base = 10\nhidden = 1"),
        (
            "student",
            "def f(): return sorted(name for name in globals() if name in ('base', 'hidden', 'late', 'more'))",
        ),
    )
    submission.parts[0].given = "base = 10"
    submission.parts += [
        late,
        part(3, "test", "assert (hidden, more, f()) == (1, 2, ['base', 'late'])"),
    ]
    with Pool(prefix, workers=1) as pool:
        ((_, outcome, _),) = pool.examine([("one", submission)])
    assert ([], []) == (errors(outcome, 3), outcome.events)


def test_student_text_before_the_prefix(pool):
    """With a student's cell above the prefix all cells are run for this submission, in their order."""
    ((_, outcome, _),) = pool.examine(
        [
            (
                "one",
                plan(
                    ("student", "print('first')"),
                    PREFIX,
                    ("student", "def f(): return base"),
                    ("test", "assert f() == 10"),
                ),
            )
        ]
    )
    assert ["first\n", "prefix\n"] == [printed(outcome, index) for index in (0, 1)]
    assert [] == errors(outcome, 3)
    assert {0: 1, 1: 2, 2: 3, 3: 4} == outcome.execution_counts


def test_submissions_do_not_meet(pool):
    """What one submission defines, here or there, the next one does not find."""
    examined(
        pool,
        ("student", STUDENT + "\nimport math\nmath.pi = 3"),
        ("test", "base = double(1)\nleft = 1\nimport math\nmath.e = 2\nopen('trace', 'w').close()"),
    )
    outcome = examined(
        pool,
        ("student", "import math\n(math.pi > 3.1, 'double' in globals())"),
        (
            "test",
            "import math, os\nassert base == 10 and math.e > 2.1 and 'left' not in globals() and not os.path.exists('trace')",
        ),
    )
    assert "(True, False)" == outcome.outputs[1][0]["data"]["text/plain"]
    assert [] == errors(outcome, 2)


def test_hidden_test_is_not_in_the_candidate(pool):
    """The text of a test never enters the candidate's memory."""
    secret = "assert 'a-" + "secret' and double(1) == 2"
    outcome = examined(
        pool,
        ("student", STUDENT),
        ("test", secret),
        (
            "student",
            """
        import gc
        parts = [thing for thing in gc.get_objects() if isinstance(thing, (list, dict))]
        sum(isinstance(value, str) and ('a-' + 'secret') in value for part in parts for value in (part.values() if isinstance(part, dict) else part))""",
        ),
    )
    assert [] == errors(outcome, 2)
    assert "0" == outcome.outputs[3][0]["data"]["text/plain"]


def test_stderr_of_a_test_is_no_error(pool):
    """What a test, or the student's code within it, writes to stderr is ordinary output; nbgrader would take the points."""
    outcome = examined(
        pool,
        (
            "student",
            "import sys\ndef noisy():\n    print('careful', file=sys.stderr)\n    return 1",
        ),
        (
            "test",
            "import warnings\nprint('a')\nassert noisy() == 1\nwarnings.warn('old')\nprint('b')",
        ),
    )
    assert [("stream", "stdout")] == [
        (output["output_type"], output["name"]) for output in outcome.outputs[2]
    ]
    assert all(word in printed(outcome, 2) for word in ("a\n", "careful", "old", "b\n"))


def test_marked_cell_runs_in_the_candidate(pool):
    """A test that must run in the student's process does, and is flagged."""
    outcome = examined(pool, ("student", STUDENT), ("candidate", "assert double(2) == 5", None))
    assert ["AssertionError"] == errors(outcome, 2)
    submission = plan(PREFIX, ("student", STUDENT))
    submission.parts.append(part(2, "candidate", "assert double(2) == 4", nbgrader={"grade": True}))
    ((_, outcome, _),) = pool.examine([("one", submission)])
    assert [("flagged", 2)] == kinds(outcome)


def test_error_in_an_instructors_cell_is_explained(pool):
    """If a test misses a name because an instructor's cell failed with the student's function, the output says so."""
    outcome = examined(
        pool,
        ("student", "def double(x): raise ValueError('no')"),
        ("both", "four = double(2)"),
        ("test", "assert four == 4"),
    )
    assert ["NameError"] == errors(outcome, 3)
    assert "ValueError: no" in printed(outcome, 3)


def test_random_numbers_differ(pool):
    """Tests draw other random numbers for each submission."""
    drawn = {
        printed(examined(pool, ("test", "import random\nprint(random.random())")), 1)
        for _ in range(3)
    }
    assert 3 == len(drawn)


def test_seed_in_the_prefix_holds():
    """A seed set by the prefix holds for every submission, in the candidate and in the tests."""
    with Pool(template("import random\nrandom.seed(3)"), workers=1) as pool:
        text = "import random\nprint(random.random())"
        outcomes = [
            outcome
            for _, outcome, _ in pool.examine(
                (
                    n,
                    plan(
                        ("both", "import random\nrandom.seed(3)"), ("student", text), ("test", text)
                    ),
                )
                for n in range(2)
            )
        ]
    assert 1 == len({printed(outcome, index) for outcome in outcomes for index in (1, 2)})


@pytest.mark.parametrize(
    "kind", ["SystemExit", "KeyboardInterrupt", "GeneratorExit", "type('Own', (SystemExit,), {})"]
)
def test_what_leaves_fails_the_test_alone(pool, kind):
    """An exception that would end the process costs the test that does not catch it; also while a result or an error is shown."""
    text = f"class Leaves:\n    def __repr__(self): raise {kind}(0)\n    __str__ = __repr__\ndef leave(): raise {kind}(0)"
    outcome = examined(
        pool,
        ("student", text),
        ("test", "leave()"),
        ("test", "Leaves()"),
        ("test", "assert leave is None, Leaves()"),
        ("test", "raise ValueError(Leaves())"),
        ("test", "print('on')"),
    )
    assert [[True]] * 4 == [[bool(errors(outcome, index))] for index in (2, 3, 4, 5)]
    assert "on" == printed(outcome, 6).strip() and not errors(outcome, 6)
    assert [] == kinds(outcome)


def test_cell_that_hangs(hasty):
    """A student's cell that does not end is interrupted like stock does; what it defined above stays, the tests go on."""
    outcome = examined(
        hasty, ("student", STUDENT + "\nwhile True: pass"), ("test", "assert double(2) == 4")
    )
    assert ["KeyboardInterrupt", "CellTimeoutError"] == errors(outcome, 1)
    assert [] == errors(outcome, 2)
    assert [("timeout", 1)] == kinds(outcome)


def test_cell_that_hangs_and_cannot_be_interrupted(hasty):
    """A cell that ignores the interrupt costs its candidate; the cells before it are run again, it is not."""
    stubborn = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    outcome = examined(
        hasty,
        ("student", STUDENT),
        ("student", stubborn),
        ("student", "three = 3"),
        ("test", "assert double(three) == 6"),
    )
    assert ["CellTimeoutError"] == errors(outcome, 2)
    assert [] == errors(outcome, 4)
    assert [("timeout", 2)] == kinds(outcome)


def test_call_that_hangs(hasty):
    """A call that does not return costs the test at hand; the next one has a fresh candidate."""
    outcome = examined(
        hasty,
        ("student", "def f(x):\n    while x == 2: pass\n    return x"),
        ("test", "assert f(1) == 1"),
        ("test", "assert f(2) == 2"),
        ("test", "assert f(3) == 3"),
    )
    assert [[], ["CandidateTimeout"], []] == [errors(outcome, index) for index in (2, 3, 4)]
    assert [("timeout", 3)] == kinds(outcome)


def test_call_that_ends_the_process(pool):
    """A call that ends the student's process costs the test at hand, and the event says how it ended."""
    outcome = examined(
        pool,
        (
            "student",
            "import os, signal\ndef f(x):\n    if x == 2: os.kill(os.getpid(), signal.SIGKILL)\n    return x",
        ),
        ("test", "assert f(2) == 2"),
        ("test", "assert f(3) == 3"),
    )
    assert [["CandidateGone"], []] == [errors(outcome, index) for index in (2, 3)]
    assert [("died", 2)] == kinds(outcome)
    assert "SIGKILL" in outcome.events[0].text


def test_cell_that_ends_the_process(pool):
    """A cell that ends its process is told of in its place and not run again; the cells after it find those before it."""
    outcome = examined(
        pool,
        ("student", STUDENT),
        ("student", "import os\nos._exit(0)"),
        ("student", "double(4)"),
        ("test", "assert double(2) == 4"),
    )
    assert ["CandidateGone"] == errors(outcome, 2)
    assert "8" == outcome.outputs[3][0]["data"]["text/plain"]
    assert [] == errors(outcome, 4)
    assert [("died", 2)] == kinds(outcome)


def test_deaths_are_counted(pool):
    """After some deaths nothing more is asked of a submission's code, and the tests say so."""
    tests = [("test", f"assert f({n}) == 1") for n in range(DEATHS + 3)]
    outcome = examined(
        pool, ("student", "import os\ndef f(x): os._exit(1)"), *tests, ("test", "assert base == 10")
    )
    last = len(tests) + 1
    assert [] == errors(outcome, last + 1)
    assert all(["CandidateGone"] == errors(outcome, index) for index in range(2, last + 1))
    assert f"{DEATHS} of its processes" in outcome.outputs[last][-1]["evalue"]


def test_test_that_hangs_by_itself():
    """A test that loops without asking the candidate is interrupted, and ended if it ignores that; the others count."""
    with_little_patience = "import proctor.examiner.worker as w; w.MARGIN = 0.5\n" + PREFIX[1]
    with Pool(template(with_little_patience, timeout=1), workers=1) as pool:
        ((_, outcome, _),) = pool.examine(
            [
                (
                    "one",
                    plan(
                        ("both", with_little_patience),
                        ("student", STUDENT),
                        ("test", "while True: pass"),
                        ("test", "assert double(1) == 2"),
                        (
                            "test",
                            "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
                        ),
                        ("test", "assert double(1) == 3"),
                    ),
                )
            ]
        )
    assert [
        ["KeyboardInterrupt", "CellTimeoutError"],
        [],
        ["CellTimeoutError"],
        ["AssertionError"],
    ] == [errors(outcome, index) for index in (2, 3, 4, 5)]
    assert [("timeout", 2), ("timeout", 4)] == kinds(outcome)


def test_test_that_ends_the_examiner(pool):
    """A test that ends its own process costs that test only."""
    outcome = examined(
        pool,
        ("student", STUDENT),
        ("test", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
        ("test", "assert double(1) == 2"),
    )
    assert ["CandidateGone"] == errors(outcome, 2)
    assert [] == errors(outcome, 3)
    assert [("crashed", 2)] == kinds(outcome)


def test_lying_outputs(pool):
    """Outputs that are none, and numbers that are not the cell's, do not pass."""
    lie = """
        import gc
        recorder = get_ipython().recorder
        recorder.finished = lambda: [{"output_type": "grade"}, 5, {"output_type": "error", "ename": 3}, {"output_type": "stream", "name": "stdin", "text": "x"},
            {"output_type": "stream", "name": "stdout", "text": "ok", "more": 1}, {"output_type": "execute_result", "data": {"text/plain": "1"}, "metadata": {}, "execution_count": 99}]"""
    outcome = examined(pool, ("student", lie))
    assert [
        {"output_type": "stream", "name": "stdout", "text": "ok"},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "1"},
            "metadata": {},
            "execution_count": 2,
        },
    ] == outcome.outputs[1]


def test_many_submissions(pool):
    """Many submissions come back each with its own key, in whatever order."""

    def submissions():
        for n in range(12):
            yield n, plan(PREFIX, ("student", f"def f(): return {n}"), ("test", "print(f())"))

    assert {n: f"{n}\n" for n in range(12)} == {
        key: printed(outcome, 2) for key, outcome, _ in pool.examine(submissions())
    }


def upper(plan, outcome):
    """Stands for what is done with an outcome."""
    if "boom" in plan.parts[1].cell.source:
        raise OSError("disk full")
    return printed(outcome, 1).upper()


def test_finish():
    """What follows an examination runs beside it; its result is handed on, its failure is told."""
    with Pool(template(PREFIX[1]), workers=2, finish=upper) as pool:
        found = {
            key: (finished, kinds(outcome))
            for key, outcome, finished in pool.examine(
                [
                    ("good", plan(PREFIX, ("student", "print('a')"))),
                    ("bad", plan(PREFIX, ("student", "boom = 1"))),
                ]
            )
        }
    assert {"good": ("A\n", []), "bad": (None, [("crashed", None)])} == found


def test_worker_killed():
    """A killed worker's submissions are examined by another one, or by a new one if there is none."""
    with Pool(template("import os, signal"), workers=1) as pool:
        prefix = ("both", "import os, signal")
        deadly = plan(prefix, ("test", "os.kill(os.getppid(), signal.SIGKILL)"))
        found = {
            key: kinds(outcome)
            for key, outcome, _ in pool.examine(
                [("deadly", deadly), ("good", plan(prefix, ("test", "1")))]
            )
        }
    assert {"deadly": [("crashed", None)], "good": []} == found


def test_leaving_ends_all(pool):
    """Leaving in the midst of a round, as Ctrl-C does, leaves no process and no folder behind."""
    with pytest.raises(KeyboardInterrupt):
        with Pool(template(PREFIX[1]), workers=2) as other:
            for _ in other.examine(
                (
                    n,
                    plan(
                        PREFIX,
                        ("student", "import os\nos.getpid()" if not n else "while True: pass"),
                    ),
                )
                for n in range(4)
            ):
                raise KeyboardInterrupt
    assert not os.path.exists(other.folder.path)
    with pytest.raises(ProcessLookupError):
        os.killpg(other_pid(other), 0)


def other_pid(pool):
    """The process group of a pool that has ended."""
    return pool.ended


def test_template_that_cannot_start(tmp_path):
    """Without a process to work with, the reason is told in words."""
    with pytest.raises(CannotStart, match="ended while it started"):
        Pool(template("import os\nos._exit(1)"), workers=1)


def test_errors_of_the_prefix_are_told():
    """An error in the instructor's own cells is told with the cell it is in."""
    with Pool(template("x = 1", "1 / 0"), workers=1) as pool:
        assert [("crashed", 1)] == kinds(pool.prefix)


def test_once():
    """A single submission is examined, and the next one of the same template by the same processes."""
    same = template(PREFIX[1])
    try:
        cells = (
            PREFIX,
            ("student", STUDENT),
            ("test", "import os\nassert double(2) == 4\nprint(os.getppid())"),
        )
        first, second = (examine_once(same, plan(*cells)) for _ in range(2))
        assert printed(first, 2) == printed(second, 2) != ""
    finally:
        close_kept()


def test_support_files(tmp_path):
    """Both sides find the support files beside them; what a student does to them no test sees."""
    (tmp_path / "helper.py").write_text("value = 1")
    (tmp_path / "data.txt").write_text("data")
    with Pool(template("import helper", support=tmp_path), workers=1) as pool:
        ((_, outcome, _),) = pool.examine(
            [
                (
                    "one",
                    plan(
                        ("both", "import helper"),
                        (
                            "student",
                            "helper.value = 2\nopen('data.txt', 'w').close()\nopen('json.py', 'w').close()",
                        ),
                        (
                            "test",
                            "import helper, json\nassert helper.value == 1 and json.dumps(1) == '1'\nassert open('data.txt').read() == 'data'",
                        ),
                    ),
                )
            ]
        )
    assert [] == errors(outcome, 2)


CAUGHT = {
    "raises": "import pytest\nwith pytest.raises(Exception):\n    f(2)",
    "unittest": "import unittest\nwith unittest.TestCase().assertRaises(Exception):\n    f(2)",
    "except": "try:\n    f(2)\n    ok = False\nexcept Exception:\n    ok = True\nassert ok",
    "partial": "try:\n    f(2)\nexcept Exception:\n    pass\n2",
}


@pytest.mark.parametrize("way", CAUGHT)
@pytest.mark.parametrize("end", ["os._exit(0)", "time.sleep(60)"])
def test_a_test_that_expects_an_error_is_not_passed_by_an_end(hasty, way, end):
    """A process that ends or hangs is no exception that a test asked for: the test at hand fails, and only that one."""
    outcome = examined(
        hasty,
        ("student", f"import os, time\ndef f(x):\n    if x == 2: {end}\n    return x"),
        ("test", CAUGHT[way]),
        ("test", "assert f(3) == 3"),
    )
    assert [["CandidateGone"], []] == [errors(outcome, index) for index in (2, 3)]
    assert "error" == outcome.outputs[2][0]["output_type"]
    assert [2] == [index for _, index in kinds(outcome)]


FEED = "def feed(xs, callback):\n    for x in xs:\n        {}callback(x)\n{}"
SWALLOWS = FEED.format("try: ", "        except Exception: pass")


def test_an_assertion_in_a_callback_counts(pool):
    """An assertion of the test's that failed within the student's code fails the test, though that code caught it; one that the test caught does not."""
    check = "seen = []\ndef check(t):\n    assert t in (1, 3)\n    seen.append(t)\n"
    swallowed = examined(
        pool,
        ("student", SWALLOWS),
        ("test", check + "feed([1, 2, 3], check)\nassert seen"),
        ("test", check + "feed([1, 3], check)\nassert seen"),
    )
    told = examined(
        pool,
        ("student", FEED.format("", "")),
        ("test", check + "try:\n    feed([1, 2, 3], check)\nexcept AssertionError:\n    pass"),
    )
    assert [["AssertionError"], []] == [errors(swallowed, index) for index in (2, 3)]
    assert [] == errors(told, 2)


def test_other_errors_in_a_callback_are_the_students_to_catch(pool):
    """A function of the test's may raise what the student's code is to catch."""
    outcome = examined(
        pool, ("student", SWALLOWS), ("test", "def bad(x): raise ValueError(x)\nfeed([1, 2], bad)")
    )
    assert [] == errors(outcome, 2)


SHOWN = """import random
from IPython.display import HTML, display
class Slow:
    def _repr_html_(self):
        print("drawn")
        return f"<b>{number}</b>"
number = random.random()
print(number)
Slow()"""


def test_prefix_is_drawn_beside():
    """What the prefix shows is drawn in another process, where its random numbers are the ones that the tests see."""
    with Pool(template(SHOWN), workers=1) as pool:
        ((_, outcome, _),) = pool.examine(
            [("one", plan(("both", SHOWN), ("test", "print(number)")))]
        )
    number = printed(outcome, 1).strip()
    assert (f"{number}\ndrawn\n", f"<b>{number}</b>") == (
        printed(outcome, 0),
        outcome.outputs[0][1]["data"]["text/html"],
    )


def test_outputs_of_the_prefix_are_each_submissions_own():
    """Whoever changes what the prefix shows in one submission changes no other's."""
    with Pool(template(PREFIX[1]), workers=1) as pool:
        first, second = [
            outcome
            for _, outcome, _ in pool.examine([(n, plan(PREFIX, ("test", "1"))) for n in range(2)])
        ]
    first.outputs[0][0]["text"] = "changed"
    assert "prefix\n" == printed(second, 0)


def test_error_while_drawing_is_told():
    """An error that comes only when something of the prefix is drawn is told once."""
    with Pool(
        template(
            "class Bad:\n    def _ipython_display_(self):\n        raise SystemExit\nBad()", "1 / 0"
        ),
        workers=1,
    ) as pool:
        assert [("crashed", 1), ("crashed", 0)] == kinds(pool.prefix)


def test_drawing_keeps_nobody_waiting(tmp_path):
    """While the prefix is still drawn, submissions are examined one after another; their results come when it is."""
    last = str(tmp_path / "last")
    slow = f"import os, time\nclass Slow:\n    def _repr_html_(self):\n        while not os.path.exists({last!r}): time.sleep(0.05)\n        return 'drawn'\nSlow()"
    with Pool(template(slow), workers=1) as pool:
        texts = ["1", "2", f"open({last!r}, 'w').close()"]
        found = [
            outcome
            for _, outcome, _ in pool.examine(
                [(n, plan(("both", slow), ("test", text))) for n, text in enumerate(texts)]
            )
        ]
    assert ["drawn"] * 3 == [outcome.outputs[0][0]["data"]["text/html"] for outcome in found]
