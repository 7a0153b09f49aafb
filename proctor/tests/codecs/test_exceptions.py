"""Whether an exception crosses as the nearest class that both sides have, with its text, and runs nothing on its way."""

import copy
import json
import os
import subprocess
import sys
import traceback
import types
import unittest

import numpy as np
import pytest
from sides import lie

from proctor.codecs import exceptions
from proctor.codecs.encode import is_data
from proctor.codecs.exceptions import build, describe
from proctor.codecs.frames import FrameError


class Poor(ValueError):
    """A student's exception."""

    __module__ = "__main__"

    def __init__(self, balance, wanted):
        super().__init__(f"{balance} < {wanted}")
        self.balance = balance
        self.wanted = wanted


class Rude(Exception):
    """A student's exception, which cannot be shown."""

    __module__ = "__main__"

    def __str__(self):
        raise SystemExit


class Poorer(Poor):
    """One that derives from another."""

    __module__ = "__main__"

    def __str__(self):
        return "poorer"


class Stop(BaseException):
    """One that most do not catch."""

    __module__ = "__main__"


def caught(raiser):
    """The exception that a function raises."""
    try:
        raiser()
    except BaseException as error:
        return error


def deep():
    """Raise from another function."""
    raise Poor(1, 2)


RAISED = [
    lambda: 1 / 0,
    lambda: [][1],
    lambda: {}["missing"],
    lambda: {}[1, "a"],
    lambda: {}[np.int64(3)],
    lambda: int("x"),
    lambda: None.missing,
    lambda: missing,  # noqa: F821
    lambda: os.stat("/no/such/file"),
    lambda: os.rename("/no/such/file", "/no/other"),
    lambda: "ä".encode("ascii"),
    lambda: b"\xff".decode(),
    lambda: compile("a b", "<cell>", "exec"),
    lambda: compile("a b", "/home/student/module.py", "exec"),
    lambda: sys.exit(3),
    lambda: json.loads("{"),
    lambda: np.zeros(2) + np.zeros(3),
    lambda: np.linalg.inv(np.zeros((2, 2))),
    lambda: subprocess.run(["false"], check=True),
    lambda: exec("raise KeyboardInterrupt"),
    lambda: exec("assert 1 == 2, 'not equal'"),
    lambda: exec("raise UserWarning('a', 'b')"),
    lambda: exec("raise ValueError"),
    lambda: copy.Error("x") and exec("import copy; raise copy.Error('x')"),
]


@pytest.mark.parametrize("raiser", RAISED, ids=range(len(RAISED)))
def test_an_exception_that_both_sides_have_keeps_class_text_and_attributes(raiser):
    """Those of Python and of libraries are caught by the same name, and say the same."""
    error = caught(raiser)
    made = build(describe(error))
    assert (type(made), str(made)) == (type(error), str(error))
    for name in (
        "name",
        "errno",
        "strerror",
        "filename",
        "code",
        "msg",
        "pos",
        "returncode",
        "start",
    ):
        told = getattr(error, name, None)
        assert getattr(made, name, None) in (told, f"<>/{os.path.basename(str(told))}")


@pytest.mark.parametrize(
    "error, kind",
    [
        (Poor(1, 2), ValueError),
        (Poorer(1, 2), ValueError),
        (Rude(), Exception),
        (Stop("s"), Exception),
        (StopIteration(5), Exception),
        (StopAsyncIteration(), Exception),
        (type("End", (StopIteration,), {})("e"), Exception),
        (unittest.SkipTest("s"), Exception),
        (ExceptionGroup("g", [ValueError()]), Exception),
        (BaseExceptionGroup("g", [Stop()]), Exception),
        (type("Both", (KeyError, AttributeError), {})("b"), KeyError),
        (type("Lost", (OSError,), {})(2, "no file", "a.txt"), OSError),
        (type("Left", (SystemExit,), {})(4), SystemExit),
    ],
    ids=lambda one: one.__name__ if isinstance(one, type) else type(one).__name__,
)
def test_another_is_the_nearest_that_both_sides_have(error, kind):
    """A student's own is its nearest base, with the same text; none steers whoever runs the test."""
    told = describe(error)
    made = build(told)
    assert (type(made), str(made)) == (kind, told[1])
    assert made.args in (error.args, (told[1],))


def test_attributes_of_a_students_exception_are_there():
    """What a test reads of it are plain data."""
    made = build(describe(Poor(1, (2, "a"))))
    assert (made.balance, made.wanted, made.args) == (1, (2, "a"), ("1 < (2, 'a')",))


def test_one_that_was_raised_tells_where():
    """Its class there, the lines with their functions, the traceback, which is a note as well; not those of own files."""
    here = __file__.replace(".pyc", ".py")
    error = caught(deep)
    made = build(describe(error))
    assert made.candidate_type == "Poor"
    number, line, function = made.candidate_lines[-1]
    assert (line, function) == ("raise Poor(1, 2)", "deep")
    assert number == error.__traceback__.tb_next.tb_lineno
    assert made.candidate_traceback.endswith("Poor: 1 < 2")
    assert "in deep" in made.candidate_traceback
    assert made.__notes__ == ["In the student's code:\n" + made.candidate_traceback]
    assert build(describe(error, {here})).candidate_lines == []


def test_the_lines_of_a_notebook_are_told_rather_than_those_of_libraries():
    """Where the notebook's own code took part, its lines are what is told."""
    space = {"__name__": "__main__"}
    exec(compile("import json\ndef read():\n    json.loads('{')", "<cell>", "exec"), space)
    lines = build(describe(caught(space["read"]))).candidate_lines
    assert [function for _, _, function in lines] == ["read"]


def test_an_exception_is_a_value(sides):
    """Alone or within others, with nothing of where it was raised."""
    error = caught(deep)
    assert is_data(error)
    for way in (sides.to, sides.back):
        first, (second,) = way((error, [error]))
        assert first is second
        assert (type(first), str(first), first.balance) == (ValueError, "1 < 2", 1)
        assert not hasattr(first, "candidate_type") and not hasattr(first, "__notes__")


def test_what_is_told_crosses_as_it_is(sides):
    """It is plain data, whatever the exception holds."""
    error = Poor(1, 2)
    error.more = object()
    error.many = [object()]
    error.few = {"a": [1, (2, 3)]}
    error.large = 1 << 100_000
    error.long = "x" * 1_000_000
    error.args = (object(), 1)
    told = describe(error)
    assert sides.back(told) == told
    assert set(dict(told[3])) == {"balance", "wanted", "few"}


def test_making_one_runs_nothing_of_its_class(monkeypatch):
    """Neither __init__ nor __new__ nor a property of a class that both sides have is run."""
    ran = []

    class Busy(Exception):
        def __new__(cls, *args):
            ran.append("new")
            return super().__new__(cls, *args)

        def __init__(self, *args):
            ran.append("init")

        def __setattr__(self, name, value):
            ran.append("set")

        @property
        def told(self):
            ran.append("get")

        @told.setter
        def told(self, value):
            ran.append("set")

    Busy.__module__ = "shared"
    module = types.ModuleType("shared")
    module.Busy = Busy
    monkeypatch.setitem(sys.modules, "shared", module)
    told = (
        (("shared", "Busy"), ("builtins", "Exception")),
        "t",
        ("t",),
        (("told", 1), ("b", 2)),
        (),
        "t",
    )
    made = build(told)
    assert (type(made), str(made), made.b, ran) == (Busy, "t", 2, [])


FAMILY = (("builtins", "ValueError"), ("builtins", "Exception"))


@pytest.mark.parametrize(
    "pair",
    [
        ("unittest", "SkipTest"),
        ("unittest.case", "SkipTest"),
        ("_pytest.outcomes", "Skipped"),
        ("bdb", "BdbQuit"),
        ("proctor.codecs.frames", "FrameError"),
        ("proctor.codecs.frames", "TypeError"),
        ("proctor.codecs.exceptions", "Text"),
        ("builtins", "StopIteration"),
        ("builtins", "BaseException"),
        ("builtins", "BaseExceptionGroup"),
        ("builtins", "ExceptionGroup"),
        ("builtins", "object"),
        ("builtins", "print"),
        ("builtins", "__name__"),
        ("asyncio", "CancelledError"),
        ("no such module", "Error"),
        ("__main__", "Poor"),
        ("", ""),
        ("os.path", "os.error"),
    ],
    ids=str,
)
def test_only_ordinary_exceptions_are_found(pair):
    """Whatever class is told, it is none that would end the test or the examiner, and no other object."""
    made = build(((pair,), "text", None, (), (), ""))
    assert (type(made), str(made)) == (Exception, "text")


@pytest.mark.parametrize(
    "kind, args, given",
    [
        ("UnicodeDecodeError", ("ascii", b"a", -1000, -999, "r"), ()),
        ("UnicodeDecodeError", ("ascii", b"a", 0, 1 << 60, "r"), ()),
        ("UnicodeEncodeError", ("ascii", "a", 1 << 60, (1 << 60) + 1, "r"), ()),
        ("UnicodeEncodeError", ("a", "a", "a", "a", "a"), ()),
        ("UnicodeDecodeError", (), (("start", -1000), ("object", b"a"), ("end", -999))),
        ("UnicodeTranslateError", ("a", 5, 6, "r"), ()),
        ("OSError", (1, 2, 3, 4, 5), ()),
        ("KeyError", ("a", "b"), ()),
    ],
)
def test_arguments_that_lie_do_no_harm(kind, args, given):
    """Numbers that Python would read memory by are never set; the text is the one that was told."""
    family = (("builtins", kind), ("builtins", "ValueError"))
    made = build((family, "text", args, given, (), "trace"))
    assert str(made) == "text"
    assert not isinstance(made, exceptions.UNICODE)
    assert ": text\n" in "".join(traceback.format_exception(made))


def test_a_syntax_error_that_lies_leads_to_no_file():
    """Nobody who shows it reads a line from a file, or makes room for a huge mark below one."""
    given = (
        ("msg", "text"),
        ("filename", "/etc/passwd"),
        ("lineno", 1),
        ("text", "x"),
        ("offset", 1),
        ("end_offset", 1 << 40),
    )
    told = (("builtins", "SyntaxError"),), "text (passwd, line 1)", ("text",), given, (), "trace"
    made = build(told)
    assert (type(made), str(made)) == (SyntaxError, "text (passwd, line 1)")
    assert (made.filename, made.end_offset) == ("<>/passwd", None)
    assert len("".join(traceback.format_exception(made))) < 200


@pytest.mark.parametrize(
    "given",
    [
        (("__class__", 1), ("__dict__", 1), ("__traceback__", 1), ("__notes__", "a")),
        (("with_traceback", 1), ("add_note", 2), ("args", 3), ("errno", object)),
        (("a b", 1), ("", 1), (5, 6), (None, 1)),
    ],
)
def test_attributes_that_lie_hide_nothing(given):
    """Neither a method nor what Python itself keeps of an exception is set."""
    made = build((FAMILY, "text", ("text",), given, (), ""))
    assert (type(made), made.args, vars(made)) == (ValueError, ("text",), {})


@pytest.mark.parametrize(
    "told",
    [
        None,
        (),
        5,
        (FAMILY, "t", (), (), ()),
        (FAMILY, 5, (), (), (), ""),
        (FAMILY, "t", 5, (), (), ""),
        (FAMILY, "t", (range(2),), (), (), ""),
        (FAMILY, "t", (1 << 10_000,), (), (), ""),
        (FAMILY, "t", (), 5, (), ""),
        (FAMILY, "t", (), (), 5, ""),
        (FAMILY, "t", (), (), (), 5),
        ((), "t", (), (), (), ""),
        (((("builtins", "ValueError"),) * 100), "t", (), (), (), ""),
        ((("builtins",),), "t", (), (), (), ""),
        ((("builtins", 5),), "t", (), (), (), ""),
        ((FAMILY,), "t", (), (), (), ""),
        ((["builtins", "ValueError"],), "t", (), (), (), ""),
    ],
    ids=repr,
)
def test_what_is_not_told_as_an_exception_is_refused(sides, told):
    """A lie about an exception is a FrameError, also where it comes as a value."""
    with pytest.raises(FrameError, match="told"):
        build(told)
    if type(told) is tuple and len(told) == 6:
        body = sides.candidate.pack(value=told)
        body["nodes"][-1][0] = "exception"
        with pytest.raises(FrameError):
            sides.examiner.unpack(body)


def test_lines_that_lie_are_left_out():
    """Only what is told as a line is one; long texts are cut."""
    lines = ((1, "a", "f"), 5, ("1", "a", "f"), [1, "a", "f"], (1, "a"))
    made = build((FAMILY, "t" * 100_000, None, (), lines, "t" * 100_000))
    assert made.candidate_lines == [[1, "a", "f"]]
    assert len(str(made)) == len(made.candidate_traceback) == exceptions.MOST_TEXT


def test_an_exception_of_a_lying_node_is_refused(sides):
    """It holds no handles and is no known object."""
    with pytest.raises(FrameError):
        sides.examiner.unpack(lie(["tuple"], ["exception", [0], "t", None, [0], [0], ""]))
