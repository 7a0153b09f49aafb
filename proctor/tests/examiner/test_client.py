"""What a test sees of a student's code behind the wire, whatever that code does."""

import contextlib
import io
import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from forked import ForkedCandidates

from proctor.codecs.frames import Channel
from proctor.examiner.client import CandidateGone, CandidateTimeout, Client
from proctor.examiner.handle import NotData

STUDENT = """
import os, sys, time
class Vector:
    def __init__(self, x): self.x = x
    def twice(self): return self.x * 2
    def itself(self): return self
class Own(ValueError): pass
class Mine(BaseException): pass
def add(a, *, b=3): return a + b
def same(x): return x
def spoil(values): values.append(9); return values
kept = []
def keep(x): kept.append(x); return kept
def ask(f, *args): return f(*args)
def catching(f):
    try: return f()
    except Exception as error: return type(error).__name__, str(error)
def prints(): print("out"); print("err", file=sys.stderr)
def raises(kind, *args): raise eval(kind)(*args)
def end(): os._exit(3)
def hang(): time.sleep(60)
vector = Vector(4)
"""
Make = Callable[..., ForkedCandidates]


@pytest.fixture(scope="module")
def shared() -> Iterator[ForkedCandidates]:
    made = ForkedCandidates(STUDENT, modules=["statistics"])
    yield made
    made.close()


@pytest.fixture
def client(shared: ForkedCandidates) -> Client:
    """A client of candidates with a student's names."""
    shared.client.cell(20)
    return shared.client


def test_names(client: Client) -> None:
    """A name is asked once a step, an unknown one is a NameError with its name."""
    assert (client.has("add"), client.has("adder")) == (True, False)
    with pytest.raises(NameError, match="name 'adder' is not defined") as caught:
        client.name("adder")
    assert caught.value.name == "adder"


def asked(client: Client) -> list[str]:
    """The kinds of what the client asks from now on."""
    kinds: list[str] = []
    request = client.request

    def noted(kind: str, *more: Any, **fields: Any) -> Any:
        kinds.append(kind)
        return request(kind, *more, **fields)

    client.request = noted  # type: ignore[method-assign]
    return kinds


def test_a_function_is_looked_up_once(candidates: Make) -> None:
    """Calls of a function that is bound anew by none of them ask for its name once."""
    client = candidates("def double(x): return 2 * x").client
    kinds = asked(client)
    assert [client.name("double")(number) for number in range(3)] == [0, 2, 4]
    assert [client.has("double") for _ in range(3)] == [True] * 3
    assert kinds == ["name", "call", "call", "call", "has"]


@pytest.mark.parametrize(
    ("end", "later"),
    [
        ("return 1", [2]),
        ("raise ValueError", [ValueError, 2]),
        ("inform(); return 1", [2, 2]),
    ],
)
def test_a_function_that_binds_its_name_anew(
    candidates: Make, end: str, later: list[object]
) -> None:
    """The name stands for the new function at once, however the call ends, in a callback too."""
    text = f"""
def value(inform):
    global value
    value = lambda inform: 2
    {end}
"""
    client = candidates(text).client
    seen: list[object] = []
    value = client.name("value")
    try:
        value(lambda: seen.append(client.name("value")(None)))
    except ValueError:
        seen.append(ValueError)
    seen.append(client.name("value")(None))
    assert seen == later


def test_a_name_that_a_call_takes_away(candidates: Make) -> None:
    """What a call deletes is not there afterwards."""
    client = candidates(
        "import math\ndef forget():\n    global math, forget\n    del math, forget"
    ).client
    assert client.has("math") and client.name("forget")() is None
    assert not client.has("math")
    with pytest.raises(NameError):
        client.name("forget")


@pytest.mark.parametrize("moved", [None, "add", [1], {"add": 1}])
def test_an_answer_that_does_not_say_what_moved(candidates: Make, moved: object) -> None:
    """Every name is asked for again then."""
    function = told("handle", 1, True, "f")
    answers = [("value", body | {"moved": moved}) for body in (function, told("tuple"), function)]
    client = candidates(main=saying(*answers)).client
    kinds = asked(client)
    client.name("f")()
    client.name("f")
    assert kinds == ["name", "call", "name"]


def test_data_is_shared(client: Client) -> None:
    """What is handed over and comes back is one object on each side, whoever changes it."""
    values = [1]
    assert client.name("spoil")(values) is values and values == [1, 9]
    first = client.name("keep")(values)
    values.append(2)
    assert client.name("keep")("x") is first and first == [[1, 9, 2], "x"]


def test_what_is_printed(client: Client) -> None:
    """What a call prints goes to the streams of the test."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        client.name("prints")()
    assert (out.getvalue(), err.getvalue()) == ("out\n", "err\n")


@pytest.mark.parametrize(
    ("kind", "arguments", "raised"),
    [
        ("KeyError", ("k",), KeyError),
        ("Own", ("k",), ValueError),
        ("SystemExit", (3,), SystemExit),
        ("KeyboardInterrupt", (), KeyboardInterrupt),
        ("GeneratorExit", (), GeneratorExit),
    ],
)
def test_exceptions(
    client: Client, kind: str, arguments: tuple[object, ...], raised: type[BaseException]
) -> None:
    """An exception arrives as the nearest class that both sides have."""
    with pytest.raises(raised) as caught:
        client.name("raises")(kind, *arguments)
    assert (type(caught.value), caught.value.args) == (raised, arguments)
    assert client.failure() is None


@pytest.mark.parametrize("kind", ["Mine", "StopIteration", "StopAsyncIteration"])
def test_exceptions_that_would_steer_the_test(client: Client, kind: str) -> None:
    """One that could end a loop, or that nobody catches, arrives as an ordinary one."""
    with pytest.raises(Exception, match="x") as caught:
        client.name("raises")(kind, "x")
    assert not isinstance(caught.value, (StopIteration, StopAsyncIteration))


class Thing:
    """A class of the test's own."""


@pytest.mark.parametrize(
    "value",
    [Thing(), Thing, [Thing()], {"a": (1, Thing())}, iter([1])],
    ids=["object", "class", "in a list", "in a dict", "iterator"],
)
def test_what_cannot_be_handed_over(client: Client, value: object) -> None:
    """An object of the test's own is no data, noted; the next request is served."""
    with pytest.raises(NotData, match="cannot be handed to the student's code"):
        client.name("same")(value)
    assert client.failure() == ("NotData", client.notes[0])
    assert client.name("add")(1) == 4


def test_what_is_too_large(client: Client) -> None:
    """A value beyond the limit is no data; the candidate stays."""
    channel = client.channel
    with pytest.raises(NotData, match="too large"):
        client.name("same")(bytes(70 << 20))
    assert client.name("add")(1) == 4 and client.channel is channel


def test_callbacks(client: Client) -> None:
    """A test's function is called by the student's code, may ask it in turn, and comes back itself."""
    ask = client.name("ask")

    def double(x: int) -> int:
        return 2 * x

    assert (ask(double, 4), ask(lambda x: client.name("add")(x), 1), ask(len, "abc")) == (8, 4, 3)
    assert client.name("same")(double) is double
    error = RuntimeError("mine")

    def fails() -> None:
        raise error

    with pytest.raises(RuntimeError) as caught:
        ask(fails)
    assert caught.value is error


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_callbacks_that_leave(client: Client, kind: type[BaseException]) -> None:
    """What ends a process in one place is raised here, and ends neither side."""

    def leaves() -> None:
        raise kind(3)

    with pytest.raises(kind):
        client.name("ask")(leaves)
    assert client.name("add")(1) == 4


def test_an_assertion_that_the_student_keeps_to_itself(client: Client) -> None:
    """A failed assertion in a callback fails the test, and its words do not go to the student."""

    def check() -> None:
        raise AssertionError("the answer is 42")

    assert client.name("catching")(check) == ("AssertionError", "")
    kind, text = client.failure() or ("", "")
    assert kind == "AssertionError" and text.endswith("kept that to itself: the answer is 42")


def test_an_assertion_that_the_test_sees(client: Client) -> None:
    """One that comes through to the test is the test's to catch."""

    def check() -> None:
        raise AssertionError("no")

    with pytest.raises(AssertionError):
        client.name("ask")(check)
    assert client.failure() is None


def test_another_error_that_the_student_catches(client: Client) -> None:
    """An error other than an assertion's may be what the student's code is to catch."""

    def fails() -> None:
        raise ValueError("x")

    assert client.name("catching")(fails) == ("ValueError", "x")
    assert client.failure() is None


def test_a_callback_that_gives_no_data(client: Client) -> None:
    """What a test's function returns must be data, or the test is noted."""
    assert client.name("catching")(lambda: object())[0] == "TypeError"
    kind, text = client.failure() or ("", "")
    assert kind == "NotData" and text.startswith("What a function of the test returns")


def test_a_module_of_the_course_near_an_object(client: Client) -> None:
    """A support module's function runs beside the object; other modules are refused."""
    handle = client.name("Vector")
    with pytest.raises(ImportError, match="none of the course's"):
        handle.__near__("os", "system")
    with pytest.raises(TypeError):  # statistics does run there, and says no
        handle.__near__("statistics", "mean")


# Candidates that end


def test_a_candidate_that_ends(client: Client) -> None:
    """It costs the call and the test; the next test finds a fresh one with the same names."""
    add, method = client.name("add"), client.name("vector").twice
    with pytest.raises(CandidateGone, match="ended while it was asked"):
        client.name("end")()
    kind, text = client.failure() or ("", "")
    assert kind == "CandidateGone" and text.endswith("the process ended")
    assert (add(1), method()) == (4, 8)  # by their names, in the fresh one
    client.cell(20)
    assert client.failure() is None


def test_an_object_that_ended_with_its_process(client: Client) -> None:
    """An object without a name cannot be found again in a fresh process."""
    made = client.name("Vector")(5)
    with pytest.raises(CandidateGone):
        client.name("end")()
    with pytest.raises(CandidateGone, match="of a process that has ended"):
        made.twice()


def test_a_candidate_that_ends_again_and_again(client: Client) -> None:
    """In one cell there are only so many candidates."""
    for _ in range(2):
        with pytest.raises(CandidateGone):
            client.name("end")()
    with pytest.raises(CandidateGone, match="not started again"):
        client.name("add")


def test_a_candidate_that_hangs(client: Client) -> None:
    """No answer in time ends the candidate, and the test has failed."""
    hang = client.name("hang")
    client.cell(0.1)
    with pytest.raises(CandidateTimeout):
        hang()
    assert (client.failure() or "")[0] == "CandidateGone"
    assert client.losses[0][0] == "timeout"
    client.cell(20)
    assert client.name("add")(1) == 4


class Alarm(BaseException):
    """A test's own limit."""


@pytest.mark.parametrize("kind", [Alarm, TimeoutError])
def test_an_alarm_of_the_test(client: Client, kind: type[BaseException]) -> None:
    """An alarm is raised in the test; no late answer is taken for that of the next call."""

    def ring(*_: object) -> None:
        raise kind("my own limit")

    hang = client.name("hang")
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(kind, match="my own limit"):
            hang()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert client.losses[0][0] == "timeout"
    assert client.name("add")(1) == 4


# Candidates that lie

PLAIN = {"fields": {"value": 1, "stdout": "", "stderr": ""}, "nodes": [], "drop": [], "blobs": []}
CALLBACK = {"number": 7, "arguments": [0], "named": [0]}


def told(*node: object, **fields: object) -> dict[str, Any]:
    """An answer whose value is this node."""
    return {**PLAIN, "fields": {"value": [0], **fields}, "nodes": [list(node)]}


def saying(*answers: tuple[str, dict[str, Any]]) -> Callable[[Channel], None]:
    """A candidate that gives these answers, whatever it is asked."""

    def main(channel: Channel) -> None:
        for kind, body in answers:
            channel.receive()
            channel.send(kind, body)
        channel.receive()

    return main


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("bogus", PLAIN),
        ("ran", PLAIN),
        ("value", {}),
        ("value", {**PLAIN, "fields": {}}),
        ("value", {"fields": {}, "nodes": []}),
        ("value", told("handle", 1)),
        ("value", told("handle", "x", True, "f")),
        ("value", told("handle", 1, 1, "f")),
        ("value", told("handle", 1, True, 5)),
        ("value", told("handle", [0], True, "f")),
        ("value", told("callback", 1)),
        ("value", told("imported", "os", "system")),
        ("value", told("yours", 1)),
        ("value", told("known", 4)),
        ("value", told()),
        ("callback", PLAIN),
        ("callback", {**told("tuple"), "fields": CALLBACK}),
        ("raised", PLAIN),
        ("raised", {**PLAIN, "fields": {"error": None, "origin": 0}}),
        ("raised", told("tuple", 1, 2, 3)),
    ],
    ids=lambda value: str(value)[:70],
)
def test_a_lie_ends_the_candidate(candidates: Make, kind: str, body: dict[str, Any]) -> None:
    """An answer that cannot be is CandidateGone for the test, which has failed for good."""
    client = candidates(main=saying((kind, body))).client
    with pytest.raises(CandidateGone):
        client.name("x")
    assert client.channel is None and client.losses[0][0] == "refused"
    assert (client.failure() or "")[0] == "CandidateGone"


@pytest.mark.parametrize("content", [b"\xff" * 100, b"", b"\x00\x00\x00\x00", b"\x90" * 9])
def test_bytes_that_are_no_frame(candidates: Make, content: bytes) -> None:
    """Noise on the wire, or its end, costs the candidate."""

    def main(channel: Channel) -> None:
        channel.receive()
        os.write(channel.socket.fileno(), content)

    client = candidates(main=main).client
    with pytest.raises(CandidateGone):
        client.name("x")
    assert client.channel is None and client.failure() is not None


def test_a_flood_of_answers(candidates: Make) -> None:
    """More bytes than a cell may receive end the candidate; a new cell has its own."""

    def main(channel: Channel) -> None:
        while True:
            channel.receive()
            channel.send("value", {**PLAIN, "fields": {"value": b"x" * (1 << 20)}})

    client = candidates(main=main).client
    client.budget = 3 << 20
    for _ in range(2):
        client.cell(20)
        client.name("x"), client.name("y")
    with pytest.raises(CandidateGone, match="bytes of answers"):
        client.name("z")


def test_a_flood_of_callbacks(candidates: Make) -> None:
    """A test's function that is called without end costs the candidate when the time is up."""
    client = candidates("def flood(f):\n    while True: f()").client
    flood, calls = client.name("flood"), []
    client.cell(0.3)
    with pytest.raises(CandidateTimeout):
        flood(lambda: calls.append(1))
    assert calls and client.channel is None
