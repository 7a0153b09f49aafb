"""A student's object is a handle: it can be called, indexed and asked for an attribute, no more."""

import contextlib
import copy
import inspect
import json
import operator
import os
import pickle
import unittest
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from forked import ForkedCandidates

from proctor.examiner.client import Client
from proctor.examiner.handle import WHAT, CallableHandle, Handle, NotData, Path, is_handle, link

STUDENT = """
class Yes:
    "Says yes to everything, and can be used as anything."
    n = 5
    items = [1, 2]
    def __init__(self): self.inner = self
    def __eq__(self, other): return True
    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    __hash__ = lambda self: 5
    __len__ = __int__ = __index__ = __float__ = __trunc__ = __round__ = lambda self, *a: 5
    __add__ = __sub__ = __rsub__ = __mul__ = __abs__ = __neg__ = lambda self, *a: 0
    __str__ = __repr__ = lambda self: "yes"
    __format__ = lambda self, how: "yes"
    __iter__ = lambda self: iter([1])
    __next__ = lambda self: 1
    __enter__ = lambda self: self
    __exit__ = lambda self, *error: True
    def __getitem__(self, key): return self if key == "me" else key
    def __array__(self, *a, **k):
        import numpy
        return numpy.array(5.0)
    def __getstate__(self): return {}
    def __instancecheck__(self, kind): return True
    def twice(self, n=2): return 2 * n
yes = Yes()
class Called(Yes):
    def __call__(self, *args, **named): return (args, named)
called = Called()
def same(x): return x
"""


@pytest.fixture(scope="module")
def shared() -> Iterator[ForkedCandidates]:
    made = ForkedCandidates(STUDENT)
    yield made
    made.close()


@pytest.fixture
def client(shared: ForkedCandidates) -> Client:
    """A client of candidates with a student's names; any path may give a handle."""
    shared.client.cell(20)
    return shared.client


@pytest.fixture
def yes(client: Client) -> Any:
    return client.name("yes")


def test_what_a_handle_does(client: Client, yes: Any) -> None:
    """Attributes, items and calls ask the candidate; what comes back is data, or a handle."""
    assert (yes.n, yes.items, yes.twice(), yes.twice(n=4)) == (5, [1, 2], 4, 8)
    assert (yes["x"], yes[1:2], client.name("called")(1, b=2)) == (
        "x",
        slice(1, 2),
        ((1,), {"b": 2}),
    )
    assert is_handle(yes.inner) and is_handle(client.name("Yes")().inner["me"])
    assert client.notes == []


def test_one_object_is_one_handle(client: Client, yes: Any) -> None:
    """The same object there is the same handle here, and itself when it goes back."""
    assert client.name("yes") is yes and yes.inner is yes and yes["me"] is yes
    assert client.name("same")(yes) is yes
    assert client.name("same")([yes])[0] is yes


def test_callable(client: Client, yes: Any) -> None:
    """A handle is callable if its object is."""
    assert [callable(one) for one in (yes, client.name("called"), yes.twice)] == [False, True, True]
    with pytest.raises(TypeError, match="not callable"):
        yes()


def uses() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """What a test may try with an object that is no data."""
    for names in WHAT.values():
        for name in names.split():
            yield f"__{name}__", lambda h, name=f"__{name}__": getattr(type(h), name)(h)
    yield "json", json.dumps
    yield "json-nested", lambda h: json.dumps({"a": [h]})
    yield "numpy", np.array
    yield "numpy-nested", lambda h: np.array([h, 1.0])
    yield "numpy-compared", lambda h: np.array([5.0]) == h
    yield "numpy-close", lambda h: np.isclose(h, 5)
    yield "isinstance", lambda h: isinstance(h, int)
    yield "isinstance-of", lambda h: isinstance(5, h)
    yield "issubclass", lambda h: issubclass(h, int)
    yield "copy", copy.copy
    yield "deepcopy", lambda h: copy.deepcopy([h])
    yield "pickle", pickle.dumps
    yield "f-string", lambda h: f"{h}"
    yield "percent", lambda h: "%s" % h  # noqa: UP031
    yield "print", print
    yield "sorted", lambda h: sorted([h, 1])
    yield "sum", lambda h: sum([h, 1])
    yield "max", lambda h: max(h, 1)
    yield "range", range
    yield "index", lambda h: [0] * h
    yield "key", lambda h: {h: 1}
    yield "set", lambda h: {h}
    yield "in", lambda h: 5 in h
    yield "in-list", lambda h: h in [5]
    yield "equal-list", lambda h: [h] == [5]
    yield "reflected", lambda h: [5].index(h)
    yield "if", lambda h: 1 if h else 2
    yield "not", operator.not_
    yield "for", lambda h: [one for one in h]
    yield "unpacked", lambda h: print(*h)
    yield "with", lambda h: contextlib.ExitStack().enter_context(h)
    yield "open", open
    yield "class", lambda h: h.__class__
    yield "dict", vars
    yield "doc", lambda h: h.__doc__
    yield "name", lambda h: h.__name__
    yield "hasattr", lambda h: hasattr(h, "__len__")
    yield "signature", inspect.signature
    yield "source", inspect.getsource
    yield "isfunction", inspect.isfunction
    yield "setattr", lambda h: setattr(h, "n", 1)
    yield "setitem", lambda h: operator.setitem(h, 0, 1)
    yield "isclose", lambda h: unittest.TestCase().assertAlmostEqual(h, 5)


@pytest.mark.parametrize("use", [pytest.param(use, id=name) for name, use in uses()])
@pytest.mark.parametrize("name", ["yes", "called"])
def test_what_needs_data_is_noted(client: Client, name: str, use: Callable[[Any], Any]) -> None:
    """Whatever else a test does with an object is NotData, though the object would answer."""
    handle = client.name(name)
    with pytest.raises(NotData, match=f"{name} is an object .* and no data, so it cannot be"):
        use(handle)
    assert client.failure() == ("NotData", client.notes[0])


@pytest.mark.parametrize(
    "caught",
    [
        "try:\n    ok = yes == 5\nexcept Exception:\n    ok = True",
        "try:\n    ok = yes == 5\nexcept BaseException:\n    ok = True",
        "try:\n    ok = yes == 5\nexcept:\n    ok = True",
        "try:\n    ok = yes == 5\nfinally:\n    ok = True\n    raise SystemExit",
        "with contextlib.suppress(BaseException):\n    yes == 5",
        "with unittest.TestCase().assertRaises(Exception):\n    yes == 5",
        "with pytest.raises(Exception):\n    yes == 5",
        "for ok in (1,):\n    try:\n        hash(yes)\n    finally:\n        break",
    ],
    ids=["except", "base", "bare", "finally", "suppress", "assertRaises", "raises", "break"],
)
def test_a_note_cannot_be_caught(client: Client, yes: Any, caught: str) -> None:
    """A test that catches the exception has failed all the same."""
    names = {"yes": yes, "contextlib": contextlib, "unittest": unittest, "pytest": pytest}
    with contextlib.suppress(SystemExit):
        exec(caught, names)
    kind, text = client.failure() or ("", "")
    assert kind == "NotData" and text.startswith("yes is an object of the class Yes")


def test_a_note_is_of_one_cell(client: Client, yes: Any) -> None:
    """What one test did is not held against the next."""
    with pytest.raises(NotData):
        bool(yes)
    client.cell(20)
    assert client.failure() is None


def test_types_of_handles_say_nothing(client: Client, yes: Any) -> None:
    """`type(a) is type(b)` cannot be refused, so it never holds of two objects of a student's."""
    assert (type(yes) is type(client.name("Yes")())) is False
    assert issubclass(type(yes), Handle) and issubclass(type(client.name("same")), CallableHandle)


def test_what_nobody_holds_is_let_go(client: Client) -> None:
    """The candidate forgets objects for which no test has a handle any more."""
    made = client.name("Yes")
    first = link(made()).number
    for _ in range(50):
        made()
    assert len(client.numbers) <= 5
    assert link(made()).number > first  # a number is never used again


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        ([], "box"),
        (["()"], "box()"),
        (["()", "()"], "box()"),
        (["()", ".next"], "box….next"),
        (["()", ".next", ".next", ".next"], "box….next"),
        ([".items", "[]", ".price"], "box….price"),
        ([".items", "[]", "[]"], "box….items[]"),
        ([".items", "*"], "box….items*"),
    ],
)
def test_paths(steps: list[str], path: str) -> None:
    """A path is the name it begins with and the last step, so that length does not matter."""
    found = Path("box", "box")
    for step in steps:
        found = found.step(step)
    assert str(found) == path


LIST = """
class Node:
    def __init__(self, value, next=None): self.value, self.next = value, next
def linked(n): return Node(n, linked(n - 1)) if n else None
"""


def test_linked_lists_of_any_length(candidates: Callable[..., ForkedCandidates]) -> None:
    """What the reference gave for a short list is expected of a long one."""

    def length(node: Any) -> int:
        count = 0
        while node is not None:
            node, count = node.next, count + 1
        return count

    client = candidates(LIST).client
    assert length(client.name("linked")(2)) == 2
    client.expected = frozenset(client.handles)
    assert length(client.name("linked")(30)) == 30
    assert client.notes == []


REFERENCE = """
class Box:
    def __init__(self): self.items, self.inner = [1], None
    def size(self): return 1
def make(): return Box()
def word(): return "ok"
def words(): return ["ok"]
def check(): return True
total = 5
"""
LIES = """
class Lie(str):
    def __eq__(self, other): return True
    def __getattr__(self, name): return Lie()
    def startswith(self, *a): return True
    def __call__(self, *a): return True
    def __getitem__(self, key): return True
    __hash__ = None
class Box:
    def __init__(self): self.items, self.inner = Lie(), Lie()
    def size(self): return Lie()
def make(): return Box()
def word(): return Lie("no")
def words(): return [Lie("no")]
def check(): return Lie()
total = Lie()
"""


@pytest.mark.parametrize(
    ("test", "path"),
    [
        ("word() == 'ok'", "word()"),
        ("word().startswith('o')", "word()"),
        ("words()[0].startswith('o')", "words()*"),
        ("check()", "check()"),
        ("check() is True", "check()"),
        ("total.bit_length() == 3", "total"),
        ("make().items[0]", "make….items"),
        ("make().size().bit_length()", "make….size()"),
        ("make().inner is None or make().inner()", "make….inner"),
    ],
)
def test_an_object_where_the_reference_has_data(
    candidates: Callable[..., ForkedCandidates], test: str, path: str
) -> None:
    """An object of a student's is never asked whether it is right."""
    reference = candidates(REFERENCE).client
    assert eval(test, {}, Names(reference))
    submission = candidates(LIES).client
    submission.expected = frozenset(reference.handles)
    with pytest.raises(NotData, match="where the reference solution gives data"):
        eval(test, {}, Names(submission))
    assert [note.split(" gave ")[0] for note in submission.notes] == [path]
    assert "Lie" not in submission.notes[0]  # which the student has written


def test_an_object_handed_to_a_function_of_the_tests(
    candidates: Callable[..., ForkedCandidates],
) -> None:
    """What the student's code calls a test's function with is noted, too."""
    client = candidates(LIES + "def feed(f): return f(Lie())").client
    client.expected = frozenset({"feed"})
    with contextlib.suppress(NotData):
        client.name("feed")(lambda one: one.startswith("o"))
    assert client.notes[0].startswith("feed()* gave an object")


class Names(dict[str, Any]):
    """A student's names in an expression."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def __missing__(self, name: str) -> Any:
        return self.client.name(name)


def test_a_handle_needs_no_process_to_be_refused(
    candidates: Callable[..., ForkedCandidates],
) -> None:
    """What is no data is so, too, after its process has ended."""
    made = candidates(STUDENT)
    yes = made.client.name("yes")
    (pid,) = made.pids.values()
    os.kill(pid, 9)
    with pytest.raises(NotData):
        bool(yes == 5)
