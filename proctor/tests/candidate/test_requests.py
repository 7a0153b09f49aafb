"""A candidate answers what is asked of a student's names and objects, whatever these do."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from proctor.candidate.requests import MOST_PRINTED, Requests
from proctor.codecs.crossing import Crossing
from proctor.codecs.frames import Channel

STUDENT = """
import sys
class Box:
    def __init__(self, n=2): self.n = n
    def __getattr__(self, name):
        if name.startswith("_"): raise AttributeError(name)
        raise SystemExit("leaves")
box = Box()
values = [1]
def same(*args, **named): return (args, named)
def prints(n): print("x" * n); print("e", file=sys.stderr)
def leave(kind): raise kind(3)
def huge(): return bytes(70 << 20)
class Odd(Exception):
    def __str__(self): raise ValueError
def odd(): raise Odd("x" * (70 << 20))
class Hostile(list):
    def __reduce__(self): return print, ("run",)
hostile = Hostile([1])
"""


class Ends:
    """The examiner's knowledge of what is no data: the parts of its node."""

    def outgoing(self, value: Any, *, nested: bool) -> list[Any]:
        return ["handle", value[1]]

    def incoming(self, tag: str, parts: list[Any], *, nested: bool) -> Any:
        return Number((tag, *parts))

    def released(self) -> list[int]:
        return []

    def release(self, numbers: list[int]) -> None:
        """Nothing is held."""


class Number(tuple[Any, ...]):
    """A handle as it came."""


class Asking:
    """Sends requests to a candidate in this process and reads its answers."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        for one in (ours, theirs):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        self.channel = Channel(ours)
        names: dict[str, Any] = {"__name__": "__main__"}
        self.requests = Requests(names, Channel(theirs), ["statistics"], ["__name__"])
        exec(STUDENT, names)
        self.names = names
        self.crossing = Crossing(Ends(), weak=True)

    def ask(self, kind: str, **fields: Any) -> tuple[str, dict[str, Any]]:
        """The kind of an answer, and its fields."""
        self.requests.serve(kind, self.crossing.pack(**fields))
        answer, body = self.channel.receive(5)
        return answer, self.crossing.unpack(body)

    def value(self, kind: str, **fields: Any) -> Any:
        """The value that answers."""
        answer, found = self.ask(kind, **fields)
        assert answer == "value", found
        return found["value"]


@pytest.fixture
def asking() -> Iterator[Asking]:
    made = Asking()
    yield made
    made.channel.socket.close()
    made.requests.channel.socket.close()


def test_names(asking: Asking) -> None:
    """A name's value is data or the number of an object, one and the same for the same object."""
    assert asking.value("name", name="values") == [1]
    tag, number, can_be_called, kind = asking.value("name", name="box")
    assert (tag, can_be_called, kind) == ("handle", False, "Box")
    assert asking.value("name", name="box")[1] == number
    assert asking.value("name", name="hostile")[3] == "Hostile"
    assert asking.ask("name", name="nothing")[0] == "missing"
    assert [asking.value("has", name=name) for name in ("box", "nothing")] == [True, False]


def test_objects(asking: Asking) -> None:
    """An object can be called, indexed and asked for an attribute."""
    same, box = asking.value("name", name="same"), asking.value("name", name="box")
    assert asking.value("attribute", target=box, name="n") == 2
    assert asking.value("item", target=[5, 6], key=1) == 6
    arguments = {"arguments": ([1], box), "named": (("a", 2),)}
    assert asking.value("call", target=same, **arguments) == (([1], box), {"a": 2})


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit, KeyError])
def test_what_raises(asking: Asking, kind: type[BaseException]) -> None:
    """Whatever a student's code raises ends the call, not the candidate."""
    leave = asking.value("name", name="leave")
    asking.names["kind"] = kind
    target = {"target": leave, "arguments": (asking.value("name", name="kind"),), "named": ()}
    answer, found = asking.ask("call", **target)
    assert answer == "raised" and kind.__name__ in str(found["error"])
    box = asking.value("name", name="box")
    assert asking.ask("attribute", target=box, name="gone")[0] == "raised"
    assert asking.value("has", name="box")


def test_what_is_too_large(asking: Asking) -> None:
    """A value beyond the limit stays, as an object; of such an exception only its kind is told."""
    nothing = {"arguments": (), "named": ()}
    huge = asking.value("name", name="huge")
    assert asking.value("call", target=huge, **nothing)[3] == "bytes"
    odd = asking.value("name", name="odd")
    assert asking.ask("call", target=odd, **nothing)[0] == "raised"


def test_what_is_printed(asking: Asking) -> None:
    """It comes with the answer, up to a limit."""
    prints = asking.value("name", name="prints")
    for count, expected in ((3, "xxx\n"), (2 * MOST_PRINTED, "x" * MOST_PRINTED)):
        _, found = asking.ask("call", target=prints, arguments=(count,), named=())
        assert (found["stdout"], found["stderr"]) == (expected, "e\n")


def test_support_modules(asking: Asking) -> None:
    """A function of the course's own modules runs beside an object, one of another does not."""
    values = {"name": "mean", "arguments": ()}
    assert asking.value("near", target=[1, 3], module="statistics", **values) == 2
    assert asking.ask("near", target=[1, 3], module="os", **values)[0] == "raised"


def test_what_became_of_given_names(asking: Asking) -> None:
    """Of data a digest is told, of an object whether it is the one that was given."""
    body = {"text": "", "given": True}
    before = asking.requests.began(body)
    exec("table = [1]\ndef helper(): pass\nclass Base: pass", asking.names)
    asking.requests.ended(True, before)
    names = ("table", "helper", "Base", "gone")
    first = asking.value("digests", names=names)
    assert first["helper"] == first["Base"] == "same" and first["gone"] is None
    exec("table.append(2)\ndef helper(): pass", asking.names)
    second = asking.value("digests", names=names)
    assert second["table"] not in (None, first["table"])
    assert (second["helper"], second["Base"]) == (None, "same")


def test_what_is_observed(asking: Asking) -> None:
    """The names bound since the last time, and digests of all that is data."""
    asking.value("observe")
    exec("new = 3\nvalues = [2]\n_i = In = _3 = 'the shell'", asking.names)
    found = asking.value("observe")
    assert sorted(found["bound"]) == ["new", "values"]
    assert found["digests"]["box"] is None and found["digests"]["new"]
    exec("values.append(1)", asking.names)
    again = asking.value("observe")
    assert again["bound"] == [] and again["digests"]["values"] != found["digests"]["values"]


def test_objects_that_nobody_holds(asking: Asking) -> None:
    """What the examiner has let go of is not kept."""
    box = asking.value("name", name="box")
    assert asking.requests.handles
    asking.requests.release([box[1], 99])
    assert box[1] not in asking.requests.handles
