"""Whether the reference solution tells which names are asked of the student, and what everybody else calls so stays the instructor's."""

import functools
import math
import unittest

import pytest
from wired import Candidates

from proctor.examiner import binding
from proctor.examiner.states import States
from proctor.reference import Reference, reference

LOCKED = """
import math, unittest, functools
from math import gcd
TOL = 1e-6
CASES = [(1, 2)]
tc = unittest.TestCase()
near = functools.partial(math.isclose, rel_tol=1e-6)
def fib(n): return "slow"
class Stack:
    def __init__(self): self.items = []
    def push(self, x): self.items.append(x)
"""


class Notebook:
    """A notebook whose reference solution is known: cells are run on their sides by `given`, `answer` and `test`."""

    def __init__(self, solution, student, given=LOCKED, ordinary=""):
        self.made, self.student = Candidates(given + ordinary + "\n" + student), student
        self.names = self.made.names
        self.names.reference = reference(
            [solution], [given, ordinary], [ordinary], tests=["la, st, isclose, sqrt"]
        )
        self.names.libraries = self.names.reference.libraries()
        self.given(given + ordinary)

    def given(self, text):
        """Run an instructor's cell here."""
        self.names.begins(text)
        exec(text, self.names, self.names)
        self.names.instructor_ran(text)

    def answered(self, instead=""):
        """The student's cell has run."""
        self.names.student_ran(self.student, instead)
        return self

    def valued(self, text, expression):
        """What an expression comes to at the end of a test cell."""
        with self.names.testing(text + "\n" + expression):
            exec(text, self.names, self.names)
            return eval(expression, self.names, self.names)


@pytest.fixture
def notebook():
    """Makes notebooks, and ends their candidates."""
    made = []

    def make(*texts, **more):
        made.append(Notebook(*texts, **more))
        return made[-1]

    yield make
    for one in made:
        one.made.close()


@pytest.mark.parametrize(
    ("name", "call"),
    [("pow", "pow(2, 3)"), ("gcd", "gcd(12, 18)"), ("fib", "fib(3)"), ("sorted", "sorted([2, 1])")],
)
def test_a_name_that_the_reference_solution_defines(notebook, name, call):
    """A function that students are asked to write is theirs, be it called as a builtin, an imported function or one of a locked cell."""
    solution = f"def {name}(*args): return 'reference'"
    assert "student" == notebook(
        solution, f"def {name}(*args): return 'student'"
    ).answered().valued("", call)


def test_an_answer_that_was_not_given(notebook):
    """Who does not write it has what stands there already, as in a notebook: the builtin, the given function, nothing."""
    made = notebook(
        "def pow(b, n): pass\ndef fib(n): pass\ndef new(): pass", "other = 1"
    ).answered()
    assert (8, "slow", False) == made.valued("", "(pow(2, 3), fib(3), 'new' in globals())")


def test_a_builtins_name_with_a_value(notebook):
    """A number under a builtin's name is asked of the student if the reference solution binds one."""
    assert 9 == notebook("max = 5", "max = 9").answered().valued("", "max")


def test_a_given_class_that_the_student_derives_anew(notebook):
    """`class Stack(Stack)` makes the class the student's, with what she adds."""
    text = "class Stack(Stack):\n    def pop(self): return self.items.pop()"
    assert 3 == notebook(text, text).answered().valued("s = Stack()\ns.push(3)", "s.pop()")


@pytest.mark.parametrize(
    ("name", "expression", "expected"),
    [
        ("TOL", "TOL", 1e-6),
        ("CASES", "CASES", [(1, 2)]),
        ("tc", "type(tc)", unittest.TestCase),
        ("near", "type(near)", functools.partial),
        ("fib", "fib(1)", "slow"),
        ("gcd", "gcd(4, 6)", 2),
        ("len", "len([])", 0),
    ],
)
def test_a_name_that_the_reference_solution_does_not_bind(notebook, name, expression, expected):
    """What the instructor's cells bind and no solution does is the instructor's, whatever the student calls so."""
    assert expected == notebook(
        "def f(x): return x", f"def {name}(*args): return 'student'"
    ).answered().valued("", expression)


def test_what_a_test_bound_for_the_next_one(notebook):
    """A counter, a list and a function of an earlier test are not replaced by a student's cell between the tests."""
    made = notebook(
        "def f(x): return x",
        "total = 3\nreference = [0]\ndef ok(a, b): return True\ndef f(x): return x",
    )
    made.valued("total = 0\nreference = [1]\ndef ok(a, b): return a == b", "total")
    assert (0, [1], False) == made.answered().valued("", "(total, reference, ok(1, 2))")


def test_a_name_that_the_test_itself_binds(notebook):
    """`try: marks except NameError: marks = 0` begins at 0, whatever the student calls marks."""
    made = notebook("def f(x): return x", "marks = 3\ndef f(x): return x").answered()
    assert 0 == made.valued("try:\n    marks\nexcept NameError:\n    marks = 0", "marks")


def test_a_name_that_an_instructors_cell_failed_to_bind(notebook):
    """If a cell of the instructor's ends with an error before it binds a name, the student's stands in for it no more than before."""
    made = notebook("def f(x): return x", "TOLERANCE = 9\ndef f(x): return x").answered()
    with pytest.raises(ZeroDivisionError):
        made.given("1 / 0\nTOLERANCE = 1")
    with pytest.raises(NameError):
        made.valued("", "TOLERANCE")


def test_a_library_that_only_the_solution_imports(notebook):
    """What the reference solution imports is, in a test, this process's own import, once the student's cells bind the name."""
    solution = "import numpy.linalg as la\nimport statistics as st\nfrom math import isclose, sqrt"
    made = notebook(
        solution,
        "class la: norm = lambda *a: 0\nst = 3\nisclose = lambda *a: True\nfrom math import *",
    ).answered()
    assert (5.0, 2, False, math.sqrt) == made.valued(
        "", "(la.norm([3., 4.]), st.mean([1, 3]), isclose(1, 2), sqrt)"
    )


def test_a_library_that_the_student_does_not_import(notebook):
    """Who does not import what the solution imports has no such name, as in a notebook."""
    with pytest.raises(NameError):
        notebook("import statistics as st", "def f(x): return x").answered().valued(
            "", "st.mean([1])"
        )


def test_an_import_that_the_solution_also_defines(notebook):
    """A name that the solution imports and then binds itself is asked of the student."""
    made = notebook(
        "from math import isclose\ndef isclose(a, b): pass", "def isclose(a, b): return 'student'"
    ).answered()
    assert "student" == made.valued("", "isclose(1, 2)")


def test_a_stub_in_an_open_cell(notebook):
    """A function that an open cell leaves to be written is the student's, a helper beside it is not."""
    ordinary = "def stub(x):\n    pass  # write here\ndef close(a, b): return a == b"
    made = notebook(
        "", "def stub(x): return 2 * x\ndef close(a, b): return True", ordinary=ordinary
    ).answered(ordinary)
    assert (6, False) == made.valued("", "(stub(3), close(1, 2))")


def test_data_that_the_solution_does_not_mention(notebook):
    """A test's value for a name of the instructor's reaches the student's code only if the reference solution reads that name."""
    given = "RATE = 1\nexpected = None\ndef rate(): return RATE\nLEVEL = 1"
    made = notebook(
        "def f(): return rate() + LEVEL",
        "def f(): return (rate(), LEVEL, globals()['expected'])",
        given=given,
    ).answered()
    assert (7, 8, None) == made.valued("expected = 9.5\nRATE, LEVEL = 7, 8", "f()")


def test_the_students_names_in_dir(notebook):
    """dir() of a test has the student's names, too."""
    made = notebook("def f(x): return x", "def f(x): return x\nmine = 1").answered()
    assert (True, True, False) == made.valued(
        "", "('f' in dir(), 'mine' in dir(), 'other' in dir())"
    )


def test_what_a_reference_solution_says():
    """Definitions, assignments and empty definitions of open cells are answers, imports that are mentioned are libraries, the rest is read."""
    expected = Reference(
        frozenset({"f", "n", "g"}),
        (("np", "numpy", ""), ("*", "math", "*")),
        frozenset({"np", "n", "given", "deep"}),
        True,
        States(read={"np", "n", "given"}),
    )
    actual = reference(
        ["import numpy as np, os\nfrom math import *\nn = 1\ndef f(x): return np.sum(n, given())"],
        ["def given(): return deep", "def unread(): return other"],
        ["def g(): ..."],
        ["assert np and f"],
    )
    assert expected == Reference(
        actual.answers, actual.imports, actual.reads - {"x"}, actual.known, actual.states
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(): pass", {"f"}),
        ("def f():\n  'Doc.'", {"f"}),
        ("def f(): raise NotImplementedError", {"f"}),
        ("def f(): return None", {"f"}),
        ("def f(): return 0", set()),
        ("class C: pass", {"C"}),
        ("class C(Exception): pass", set()),
        ("class C:\n  def f(self): ...", {"C"}),
        ("class C:\n  @abstractmethod\n  def f(self): ...", set()),
        ("class C:\n  x = 1", set()),
    ],
)
def test_what_is_left_to_be_written(text, expected):
    """A function that does nothing and a class that is empty, or has such a method, are stubs."""
    assert expected == binding.unwritten(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(x): y = 1", {"f"}),
        ("class C: x = 1", {"C"}),
        ("a = b.c = 1; d: int = 2; e += 1", {"a", "d", "e"}),
        ("import a\nfrom b import c", set()),
        ("for i in n:\n  k = i", {"k"}),
        ("with a as b:\n  c = b", {"c"}),
        ("try:\n  a = 1\nexcept E as e: pass", {"a"}),
        ("if (w := 2): pass", {"w"}),
    ],
)
def test_what_a_text_makes(text, expected):
    """What a solution defines or assigns is an answer; what it imports, and what loops and with blocks run through, is not."""
    assert expected == binding.bound(text, made=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import a.b", [("a", "a", ""), ("", "a.b", "")]),
        ("import a.b as c", [("c", "a.b", "")]),
        ("from a import b as c", [("c", "a", "b")]),
        ("try:\n  from a import *\nexcept E: pass", [("*", "a", "*")]),
        ("def f():\n  import a", []),
        ("from . import a", []),
    ],
)
def test_what_is_imported(text, expected):
    """All imports outside of functions are found, in whatever form."""
    assert expected == binding.imports(text)
