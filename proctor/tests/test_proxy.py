"""Whether a student's objects can be used like objects, and never pass a verdict."""

import contextlib
import inspect
import io
import math
import os
import signal
import unittest

import numpy as np
import pytest
import torch
from wired import Candidates

from proctor.examiner.errors import CandidateError, CandidateGone, CandidateTimeout
from proctor.wire.crossing import Crossing
from proctor.wire.frames import Channel
from proctor.wire.pack import CannotCross

STUDENT = '''
import os, sys, time, unittest, warnings
import numpy as np
import torch

def same(x): return x
def add(a, *, b=3):
    "Adds."
    return a + b
def spoil(image):
    image[0, 0] = 99
    return image
buffer = torch.zeros(2)
def shared(x):
    buffer[:] = x
    return buffer[:]
kept = []
def keep(x):
    kept.append(x)
    return kept
def raises(kind="KeyError", *args): raise eval(kind)(*args)
class Own(ValueError):
    def __init__(self, code): self.code = code
    def __str__(self): return f"code {self.code}"
def own(): raise Own(5)
class Short(Own):
    "Too little."
    def __init__(self, need, items=()): ValueError.__init__(self, f"need {need}"); self.need, self.items = need, items
    def __str__(self): return self.args[0]
    def twice(self): return self.need * 2
def need(error): return error.need
def group(): raise ExceptionGroup("both", [ValueError("a"), KeyError("b")])
def wraps():
    try: {}["k"]
    except KeyError as error: raise RuntimeError("wrapped") from error
def catches(f):
    try: f()
    except Short as error: return f"caught {error.need}"
def ask(f, *args): return f(*args)
def numbers():
    yield 1
    got = yield 2
    yield got
def prints():
    print("out"); print("err", file=sys.stderr)
def end(): os._exit(3)
def hang():
    while True: time.sleep(1)
async def later(): return 7
class Vector:
    def __init__(self, x): self.x = x
    def __add__(self, other): return Vector(self.x + other.x)
    def __len__(self): return 2
    def __getitem__(self, place): return [self.x, 0][place]
    def __repr__(self): return f"V{self.x}"
    def __eq__(self, other): return self.x == other.x
    def __enter__(self): return self
    def __exit__(self, *error): self.x = -1; return True
    def twice(self): return self.x * 2
class Yes:
    """Says yes to everything."""
    def __eq__(self, other): return True
    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    def __sub__(self, other): return 0.0
    __rsub__ = __radd__ = __abs__ = __add__ = __mul__ = lambda self, *other: 0.0
    def __float__(self): return 5.0
    def __int__(self): return 5
    __index__ = __trunc__ = __int__
    def __array__(self, *a, **k): return np.array(5.0)
    def __hash__(self): return hash(5)
    def __len__(self): return -5 if False else 5
    def __instancecheck__(self, x): return True
yes = Yes()
class Odd:
    def __len__(self): return 3
    def __bool__(self): return True
    def __str__(self): return type("S", (str,), {"__eq__": lambda s, o: True, "__hash__": str.__hash__})("odd")
    def __getattr__(self, name):
        if name.startswith("__"): raise AttributeError(name)
        return 5
'''


@pytest.fixture(scope="module")
def candidates():
    """Candidates with a student's cells, shared by the tests of this module."""
    made = Candidates(STUDENT)
    yield made
    made.close()


@pytest.fixture
def student(candidates):
    """Gets a student's object by its name."""
    candidates.remote.cell(20)
    return candidates.remote.name


def test_a_function_is_called(student):
    """Plain data goes, plain data comes back, keywords included."""
    add = student("add")
    assert (4, 3) == (add(1), add(1, b=2))
    assert ("add", "Adds.", "(a, *, b=3)") == (
        add.__name__,
        add.__doc__,
        str(inspect.signature(add)),
    )
    assert callable(add) and inspect.isfunction(add)


def test_arguments_show_what_was_done_to_them(student):
    """A tensor written into is changed here, and is the very tensor that comes back."""
    image = torch.zeros(2, 2)
    assert student("spoil")(image) is image
    assert 99 == image[0, 0]


def test_a_result_changes_with_a_later_call(student):
    """Results that share the student's buffer share memory here, and an earlier one shows what a later call wrote."""
    first = student("shared")(1.0)
    second = student("shared")(2.0)
    assert first.untyped_storage().data_ptr() == second.untyped_storage().data_ptr()
    assert [2, 2] == first.tolist()


def test_a_list_that_the_student_keeps(student):
    """The student's own list is one object here, and grows when it grows there."""
    first = student("keep")([1])
    second = student("keep")(2)
    assert first is second and [[1], 2] == first


def test_an_instance_is_used(student):
    """Attributes, methods, operators, len, items, with and isinstance of a student's class work."""
    Vector = student("Vector")
    vector = Vector(3)
    vector.y = 4
    assert (3, 4, 6, 2, [3, 0], "V3") == (
        vector.x,
        vector.y,
        vector.twice(),
        len(vector),
        list(vector)[:2],
        repr(vector),
    )
    assert (
        isinstance(vector, Vector)
        and not isinstance(3, Vector)
        and "Vector" == type(vector).__name__
    )
    assert vector == Vector(3) and vector != Vector(4) and "V7" == str(vector + Vector(4))
    with vector:
        pass
    assert -1 == vector.x
    with pytest.raises(TypeError):
        vector()
    assert not callable(vector) and not hasattr(vector, "nothing")


def test_a_generator_is_used(student):
    """next, send, for and isgenerator work with a student's generator."""
    made = student("numbers")()
    assert inspect.isgenerator(made) and 1 == next(made)
    assert (2, 5) == (next(made), made.send(5))
    assert [] == list(made)


def test_a_coroutine_is_awaited(student):
    """A student's async function can be run."""
    coroutine = student("later")()
    with pytest.raises(StopIteration) as end:
        coroutine.send(None)
    assert 7 == end.value.value


def test_an_object_is_the_same_as_itself(student):
    """The same object there is the same proxy here; sent back it is the object itself."""
    vector = student("Vector")(1)
    assert student("same")(vector) is vector
    assert vector in {vector: 1}


@pytest.mark.parametrize(
    "verdict",
    [
        lambda yes: yes == 5,
        lambda yes: 5 == yes,
        lambda yes: not yes != 5,
        lambda yes: yes in [5],
        lambda yes: 5 in {yes: 1},
        lambda yes: yes in {5},
        lambda yes: bool(np.float64(5) == yes),
        lambda yes: pytest.approx(5) == yes,
        lambda yes: isinstance(yes, (int, float)),
        lambda yes: [yes] == [5],
        lambda yes: {"a": yes} == {"a": 5},
        lambda yes: bool(np.all(np.array([5]) == yes)),
        lambda yes: isinstance(5, type(yes)),
        lambda yes: str(yes) == "5",
        lambda yes: isinstance(5, yes),
        lambda yes: yes is True,
    ],
)
def test_an_object_that_says_yes_is_not_believed(student, verdict):
    """An object equal to everything is equal to nothing of the test's."""
    assert not verdict(student("yes"))


@pytest.mark.parametrize(
    "verdict",
    [
        lambda yes: yes < 5,
        lambda yes: 5 >= yes,
        lambda yes: abs(yes - 5) < 1e-6,
        lambda yes: abs(5 - yes) < 1e-6,
        lambda yes: float(yes),
        lambda yes: int(yes),
        lambda yes: math.isclose(yes, 5),
        lambda yes: [0, 1, 2, 3, 4, 5][yes],
        lambda yes: np.allclose(yes, 5),
        lambda yes: np.isclose(np.array([5.0]), yes),
        lambda yes: torch.equal(yes, torch.tensor(5)),
        lambda yes: torch.allclose(torch.tensor(5.0), yes),
        lambda yes: round(yes),
        lambda yes: abs(-(yes * 1)),
        lambda yes: np.testing.assert_allclose(yes, 5),
        lambda yes: sum([yes, 1]),
    ],
)
def test_an_object_is_no_number(student, verdict):
    """Numbers are never made of a student's object, whatever it says of itself."""
    with pytest.raises((TypeError, AssertionError, ValueError)):
        verdict(student("yes"))


def test_text_that_lies_is_text(student):
    """str() of an object gives exactly a str."""
    assert str is type(str(student("Odd")()))
    assert "x" != str(student("Odd")())


def test_exceptions_arrive_as_themselves(student):
    """Builtin, library and the student's own exceptions can be caught by their classes, with message and lines."""
    with pytest.raises(KeyError) as caught:
        student("raises")("KeyError", "k")
    assert ("k",) == caught.value.args
    assert "raises" == caught.value.candidate_lines[-1][2]
    assert (
        "KeyError" in caught.value.candidate_traceback and "KeyError" == caught.value.candidate_type
    )
    with pytest.raises(np.linalg.LinAlgError, match="singular"):
        student("raises")("np.linalg.LinAlgError", "singular")
    with pytest.raises(student("Own"), match="code 5") as own:
        student("own")()
    assert isinstance(own.value, ValueError) and 5 == own.value.code


@pytest.mark.parametrize(
    "kind",
    [
        "StopIteration",
        "unittest.SkipTest",
        "type('Skipped', (unittest.SkipTest,), {})",
        "type('Mine', (BaseException,), {})",
    ],
)
def test_exceptions_that_steer_the_test_are_ordinary(student, kind):
    """What would skip a test, or end a loop, is an error of the student's like any other."""
    with pytest.raises(Exception, match="x") as caught:
        student("raises")(kind, "x")
    assert not isinstance(caught.value, (unittest.SkipTest, StopIteration))
    assert "unittest" in kind or isinstance(caught.value, CandidateError)


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_exceptions_that_leave_arrive_as_themselves(student, kind):
    """A test can catch them, as in one process; also when its own function raised them there."""

    def fails():
        raise kind(3)

    for call in (lambda: student("raises")(kind.__name__, 3), lambda: student("ask")(fails)):
        with pytest.raises(kind) as caught:
            call()
        assert (kind, (3,)) == (type(caught.value), caught.value.args)
        assert kind is not SystemExit or 3 == caught.value.code


def test_a_group_of_exceptions_arrives_whole(student):
    """With its message and what it holds, to be caught by the part."""
    seen = []
    try:
        student("group")()
    except* ValueError as group:
        seen += [str(one) for one in group.exceptions]
    except* KeyError as group:
        seen += [one.args for one in group.exceptions]
    assert ["a", ("b",)] == seen
    with pytest.raises(ExceptionGroup) as caught:
        student("group")()
    assert "In the student's code" in caught.value.__notes__[0]


def test_an_exception_tells_what_it_was_raised_from(student):
    """Its cause and its context are exceptions, too."""
    with pytest.raises(RuntimeError) as caught:
        student("wraps")()
    assert [KeyError, KeyError, True] == [
        type(caught.value.__cause__),
        type(caught.value.__context__),
        caught.value.__suppress_context__,
    ]
    assert ("k",) == caught.value.__cause__.args


def test_a_students_exception_is_made_and_raised_by_the_test(student):
    """It is what the student's code makes of it: attributes, text, methods, and its own again when it comes back there."""
    made = student("Short")(5, items=[1])
    assert ("need 5", 5, [1], 10, ("need 5",)) == (
        str(made),
        made.need,
        made.items,
        made.twice(),
        made.args,
    )
    assert "Too little." == student("Short").__doc__ and isinstance(made, student("Own"))
    with pytest.raises(student("Own"), match="need 7"):
        raise student("Short")(7)
    with pytest.raises(TypeError):
        student("Short")()
    assert (
        not hasattr(made, "missing")
        and student("same")(made) is not None
        and student("need")(made) == 5
    )

    def fails():
        raise made

    assert "caught 5" == student("catches")(fails)


def test_an_exception_of_the_tests_is_handed_over(student):
    """One of Python's own is the same there; thrown into a generator, too."""
    assert ("x", 1) == student("same")(ValueError("x", 1)).args
    numbers = student("numbers")()
    next(numbers)
    with pytest.raises(KeyError, match="mine"):
        numbers.throw(KeyError("mine"))


def test_an_instructors_function_is_called_back(student):
    """A function of the test's works there, even one that calls the student's again; its own error comes back as itself."""
    error = RuntimeError("mine")

    def fails():
        raise error

    assert 42 == student("ask")(lambda x: x + 1, 41)
    assert 4 == student("ask")(lambda x: student("add")(x), 1)
    assert 1.0 == student("ask")(math.cos, 0) and "3" == student("ask")(str, 3)
    assert [0, 2] == student("ask")(torch.relu, torch.tensor([-1.0, 2.0])).tolist()
    assert student("ask")(lambda f: f, len) is not None
    with pytest.raises(RuntimeError) as caught:
        student("ask")(fails)
    assert caught.value is error


def test_a_function_comes_back_as_itself(student):
    """An instructor's function handed back is the function; a type or dtype is the type or dtype."""

    def function():
        pass

    same = student("same")
    assert same(function) is function
    assert (int, torch.float32, np.dtype("f4"), torch.Size([2])) == tuple(
        map(same, (int, torch.float32, np.dtype("f4"), torch.Size([2])))
    )


def test_what_cannot_be_handed_over(student):
    """An object of the test's own is refused in words, and everything goes on."""

    class Secret:
        pass

    with pytest.raises(CannotCross, match="Secret cannot be handed"):
        student("same")(Secret())
    assert 4 == student("add")(1)


def test_what_is_printed_is_written_here(student):
    """What a call prints can be redirected where the test stands."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        student("prints")()
    assert ("out\n", "err\n") == (out.getvalue(), err.getvalue())


def test_a_candidate_that_ends(candidates, student):
    """A function that ends its process costs this call; the next finds a fresh candidate, and functions asked by name go on."""
    add, vector = student("add"), student("Vector")(1)
    with pytest.raises(CandidateGone, match="ended"):
        student("end")()
    assert [("died", "the process ended")] == candidates.remote.losses
    assert 4 == add(1)
    assert student("add") is add
    with pytest.raises(CandidateGone, match="has ended"):
        vector.x  # noqa: B018


def test_a_candidate_that_ends_again_and_again(candidates, student):
    """After a few ends in one cell there is no further start; the next cell has one again."""
    for _ in range(4):
        with pytest.raises(CandidateGone):
            student("end")()
    with pytest.raises(CandidateGone, match="not started again"):
        student("add")
    candidates.remote.cell(20)
    assert 4 == student("add")(1)


def test_an_exceptions_class_outlives_its_candidate(candidates, student):
    """A test that holds it makes its exceptions with the next candidate; one made before still tells what it told."""
    kind = student("Short")
    before = kind(5)
    with pytest.raises(CandidateGone):
        student("end")()
    assert (6, 12, 5) == (kind(6).need, kind(6).twice(), before.need)
    with pytest.raises(CandidateGone):
        before.twice()


def test_a_candidate_that_hangs(candidates, student):
    """No answer in time ends the candidate, not the test."""
    hang = student("hang")
    candidates.remote.cell(0.1)
    with pytest.raises(CandidateTimeout):
        hang()
    candidates.remote.cell(20)
    assert 4 == student("add")(1)


class Alarm(BaseException):
    """A test's own limit."""


def test_an_alarm_of_the_tests_own(candidates, student):
    """An alarm while waiting is raised in the test, and no late answer is taken for that of the next call."""

    def ring(*_):
        raise Alarm

    before = signal.signal(signal.SIGALRM, ring)
    hang = student("hang")
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(Alarm):
            hang()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert candidates.remote.lost
    assert 4 == student("add")(1)


def test_a_module_of_the_course_runs_near_the_object():
    """`__near__` runs a support module's function beside the student's object; other modules are refused."""
    made = Candidates(STUDENT, modules=["statistics"])
    try:
        vector = made.remote.name("Vector")(3)
        assert 1.5 == vector.__near__("statistics", "mean")
        with pytest.raises(ImportError, match="none of the course's"):
            vector.__near__("os", "system")
    finally:
        made.close()


def test_instances_of_a_given_class_are_forgotten():
    """What nobody holds any more is not kept, on either side; what is held is the same when it comes again."""
    given = "class Node:\n    def __init__(self, v): self.v = v\n"
    made = Candidates(
        given
        + "kept = []\ndef node(v): return Node(v)\ndef keep(n): kept[:] = [n]\ndef again(): return kept[0]\n"
        "def known():\n    import gc\n    return sum(type(one) is Node for one in gc.get_objects())"
    )
    try:
        exec(given, made.names, made.names)
        made.names.instructor_ran(given)
        exec("for i in range(1000): assert node(i).v == i", made.names, made.names)
        assert len(made.remote.alike.records.known) < 10 and made.remote.name("known")() < 400
        exec(
            "n = Node(5)\nkeep(n)\nassert again() is n\nn.v = 6\nassert again().v == 6",
            made.names,
            made.names,
        )
    finally:
        made.close()


def answering(*answers):
    """A candidate that gives these answers, whatever is asked."""

    def main(channel):
        for kind, body in answers:
            channel.receive()
            channel.send(kind, body)
        channel.receive()

    return main


PLAIN = {"fields": {"value": 1, "stdout": "", "stderr": ""}, "nodes": [], "drop": []}


def told(*node, **fields):
    """An answer whose value is this node."""
    return {"fields": {"value": [0], **fields}, "nodes": [list(node)], "drop": []}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("bogus", PLAIN),
        ("value", {}),
        ("value", {"fields": {}, "nodes": []}),
        ("value", told("handle", 0, "function", 1, "f", "m", "f")),
        ("value", told("handle", 1, "god", 1, "f", "m", "f")),
        ("value", told("handle", 1, "function", -1, "f", "m", "f")),
        ("value", told("handle", 1)),
        ("value", told("handle", 1, "function", 1, 5, "m", "f")),
        ("value", told("handle", "x", "function", 1, "f", "m", "f")),
        ("value", told("callback", 1)),
        ("value", told("import", "os", "system")),
        ("value", told("yours", 1)),
        ("value", told("name", "x")),
        ("value", told("error class", 1, 5)),
        ("callback", PLAIN),
        ("callback", {"fields": {"number": 7, "args": None, "kwargs": None}, "nodes": []}),
        ("raised", PLAIN),
        ("ran", PLAIN),
        ("missing", {}),
        ("raised", {"fields": {"error": [0]}, "nodes": [["tuple", 1, 2, 3, 4, 5, 6]]}),
        ("raised", {"fields": {"error": None, "origin": [0]}, "nodes": [["list", 1]]}),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_candidate_that_lies_is_ended(kind, body):
    """An answer that cannot be costs the candidate, and the test sees CandidateGone, nothing else."""
    made = Candidates(main=answering((kind, body)))
    try:
        with pytest.raises(CandidateGone):
            made.remote.name("x")
        assert made.remote.lost
    finally:
        made.close()


def test_a_candidate_that_claims_a_lot():
    """More answers than a cell's budget end the candidate."""

    def flood(channel):
        crossing = Crossing(None, weak=False)
        while True:
            channel.receive()
            channel.send("value", {"fields": {"value": b"x" * (1 << 20)}, "nodes": [], "drop": []})

    made = Candidates(main=flood)
    try:
        made.remote.budget = 3 << 20
        made.remote.name("x")
        with pytest.raises(CandidateGone, match="bytes of answers"):
            for _ in range(3):
                made.remote.name("x")
    finally:
        made.close()


def test_a_function_that_hands_back_too_much(candidates, student):
    """A callback whose result cannot be handed over is an error in the test; the next call finds a candidate in step."""
    with pytest.raises(CannotCross):
        student("ask")(lambda: object())
    with pytest.raises(CannotCross, match="too large"):
        student("ask")(lambda: bytes(70 << 20))
    assert 4 == student("add")(1)


def test_an_alarm_that_raises_a_timeout(student):
    """A TimeoutError of the test's own handler arrives as that."""

    def ring(*_):
        raise TimeoutError("my own limit")

    before = signal.signal(signal.SIGALRM, ring)
    hang = student("hang")
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(TimeoutError, match="my own limit"):
            hang()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert 4 == student("add")(1)
