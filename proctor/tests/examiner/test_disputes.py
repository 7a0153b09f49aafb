"""An isolated test that failed for no fault of the answer goes to a human; a verdict stays one."""

import re
from dataclasses import dataclass

import pytest
from small_notebook import Graded, answer, checks, engine, given, notebook

from proctor.pool.bases import Bases

MARK = "IGNORE-THE-TEST-AND-GIVE-THE-POINT"  # what a student would like to be read
GIVEN = """
import sys
names = ["b", "a"]
def shout(text): return text.upper()
"""
SOLUTION = """
class Pair:
    def __init__(self, a, b): self.a, self.b = a, b
def pair(): return Pair(1, 2)
def numbers(): return [3, 1]
def word(): return "ok"
def greet(): return shout("hey")
def first(): return min(names)
def place(): return 1
def bad(): return False
"""
TESTS = [
    checks("expected = 4\nassert word() == 'ok'", "binds"),
    checks("assert pair().a + numbers()[0] == expected", "needs"),
    checks("assert numbers()[0] == 3 and len(numbers()) == 2", "data"),
    checks("assert word() == 'ok' and word().startswith('o')", "text"),
    checks("assert greet() == shout('hey')", "helper"),
    checks("assert first() == 'a' and names.index(first()) == place()", "given-data"),
    checks(
        "if bad() and 'proctor.examiner.session' in sys.modules:\n    import os\n    os._exit(3)",
        "crash",
    ),
    checks("0.25 + 0.75 * (len(numbers()) == 2)", "part"),
    checks("assert isinstance(pair(), Pair)", "in-process"),
]
NAMES = [test.name for test in TESTS]


@dataclass(frozen=True)
class Submission:
    """Further lines of an answer, and the points of the tests that they cost, None for a human."""

    text: str
    points: dict[str, float | None]
    why: str = ""


CLASS = f"type({MARK!r}, (list,), {{'startswith': lambda *a: True}})"
SUBMISSIONS = {
    "right": Submission("", {}),
    "another-object": Submission(
        "class Numbers(list): pass\ndef numbers(): return Numbers([3, 1])",
        {"needs": None, "data": None, "part": None},
        "numbers() gave an object of a class of its own, where the reference solution gives data",
    ),
    "an-object-that-is-wrong": Submission(
        "class Numbers(list): pass\ndef numbers(): return Numbers([7])",
        {"needs": 0, "data": 0, "part": None},  # in process it has a quarter of the point
    ),
    "an-object-that-agrees": Submission(
        "class Yes:\n    def __eq__(self, other): return True\n"
        "    def startswith(self, start): return True\ndef word(): return Yes()",
        {"binds": None, "text": None},
    ),
    "a-class-with-a-message": Submission(
        f"def numbers(): return {CLASS}([3, 1])", {"needs": None, "data": None, "part": None}
    ),
    "helper-rebound": Submission(
        "def shout(text): return text + '!'",
        {"helper": None},
        "it reads shout, which the submission has changed",
    ),
    "helper-rebound-and-wrong": Submission(
        "def shout(text): return text + '!'\ndef greet(): return 'hi'", {"helper": 0}
    ),
    "given-data-sorted": Submission(
        "names.sort()\ndef place(): return 0",
        {"given-data": None},
        "it reads names, which the submission has changed",
    ),
    "given-data-sorted-and-wrong": Submission(
        "names.sort()\ndef place(): return 2", {"given-data": 0}
    ),
    "the-engine-ends": Submission(
        "def bad(): return True", {"crash": None}, "The examiner's process ended"
    ),
    "wrong-data": Submission("def word(): return 'no'", {"binds": 0, "text": 0}),
    "an-error": Submission("def first(): raise ValueError('a')", {"given-data": 0}),
    "no-answer": Submission("del first, Pair", {"needs": 0, "given-data": 0, "in-process": 0}),
    "the-process-ends": Submission("import os\ndef place(): os._exit(0)", {"given-data": 0}),
    "the-process-is-killed": Submission(
        "import os\ndef word(): os.kill(os.getpid(), 9)", {"binds": 0, "text": 0}
    ),
    "no-end": Submission("def place():\n    while True: pass", {"given-data": 0}),
    "noise-on-the-wire": Submission(
        "import os\ndef place():\n"
        "    for fd in range(3, 30):\n"
        "        try: os.write(fd, b'\\xff' * 500)\n"
        "        except OSError: pass\n"
        "    return 1",
        {"given-data": 0},
    ),
    "a-forged-answer": Submission(
        "import gc\ndef place():\n"
        "    for one in gc.get_objects():\n"
        "        if type(one).__name__ == 'Channel':\n"
        "            one.send('bogus', {'fields': {}, 'nodes': [], 'drop': [], 'blobs': []})\n"
        "    return 1",
        {"given-data": 0},
    ),
}


@pytest.fixture(scope="module")
def graded(bases: Bases) -> dict[str, Graded]:
    """All submissions, graded by one pool."""
    cells = [given(GIVEN), answer(SOLUTION), *TESTS]
    with engine(bases, notebook(*cells), timeout=3, workers=2) as made:
        decision = made.prepare()
        ways = {test.name: (test.way, test.why) for test in decision.tests}
        assert {name for name, (way, _) in ways.items() if way == "in process"} == {"in-process"}, (
            ways
        )
        texts = [SOLUTION + one.text for one in SUBMISSIONS.values()]
        return dict(zip(SUBMISSIONS, made.grade(decision, *texts), strict=True))


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_points(graded: dict[str, Graded], name: str) -> None:
    """What was noted, read a changed name or ended the engine is disputed if it passes in process."""
    expected = dict.fromkeys(NAMES, 1.0) | SUBMISSIONS[name].points
    assert graded[name].points == expected


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_what_is_told(graded: dict[str, Graded], name: str) -> None:
    """Of each disputed test a human is told why, in our words and none of the student's."""
    found, submission = graded[name], SUBMISSIONS[name]
    disputed = [test for test, points in submission.points.items() if points is None]
    assert [cell for kind, cell in found.events if kind == "human"] == disputed
    assert list(found.outcome.disputed) == disputed
    for sentence in found.outcome.disputed.values():
        assert MARK not in sentence and submission.why in sentence
        assert sentence.startswith("Isolated, this test failed")
    assert MARK not in str(found.outcome.events)


def test_a_disputed_test_shows_its_isolated_run(graded: dict[str, Graded]) -> None:
    """Nothing of what the test put out in process is in the notebook."""
    assert graded["another-object"].errors("data") == ["NotData"]
    assert graded["helper-rebound"].errors("helper") == ["AssertionError"]


@pytest.mark.parametrize(
    ("name", "test", "lines"),
    [
        ("an-error", "given-data", ["----> 1 assert first() == 'a'", "raise ValueError('a')"]),
        ("another-object", "data", ["----> 1 assert numbers()[0] == 3"]),
        ("no-answer", "given-data", ["----> 1 assert first() == 'a'", "'first' is not defined"]),
        ("the-process-ends", "given-data", ["----> 1 assert first() == 'a'"]),
    ],
)
def test_an_error_shows_nothing_of_the_engine(
    graded: dict[str, Graded], name: str, test: str, lines: list[str]
) -> None:
    """A student reads the test's line and the own one, and no line of what lies between."""
    told = "\n".join(graded[name].outputs(test)[-1].traceback)
    told = re.sub("\x1b\\[[0-9;]*m", "", told)
    assert all(line in told for line in lines)
    assert "site-packages" not in told and "src/proctor" not in told
