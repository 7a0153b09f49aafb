"""Whether a test cell finds the right thing under a name, the instructor's or the student's."""

import pytest
from wired import Candidates

from proctor.examiner.binding import bound
from proctor.reference import reference

STUDENT = """
import math
def squares(n):
    return [i ** 2 for i in range(1, n + 1)]
def sum_of_squares(n):
    return math.fsum(squares(n))
values = [1, 2]
size = 5
def read(): return size
def sum(x): return "mine"
def check(x): return True
def helper(x): return "student's"
"""
REFERENCE = (
    "def squares(n): pass\ndef sum_of_squares(n): return squares(n)\ndef read(): return size"
)


@pytest.fixture
def names():
    """Names whose student has run STUDENT; the instructor's cells can be run with `instructor`, test cells with `test`."""
    made = Candidates(STUDENT)
    made.names.reference = reference([REFERENCE])
    yield made.names
    made.close()


def instructor(names, text):
    """Run an instructor's cell."""
    exec(text, names, names)
    names.instructor_ran(text)


def test(names, text):
    """Run a test cell."""
    with names.testing(text):
        exec(text, names, names)


test.__test__ = False


def test_an_unknown_name_is_the_students(names):
    """Names that the instructor's cells did not bind are asked of the student, in functions and comprehensions too."""
    test(
        names,
        "assert [1, 4] == squares(2)\ndef inner(): return squares(1)\nassert [1] == inner()\nassert [[1]] == [squares(n) for n in [1]]",
    )


def test_a_name_that_nobody_has(names):
    """A NameError names it."""
    with pytest.raises(NameError) as caught:
        test(names, "nothing")
    assert "nothing" == caught.value.name


def test_what_is_the_instructors_stays_the_instructors(names):
    """A student shadows neither builtins, nor modules, nor functions of a locked cell, nor what was imported."""
    instructor(
        names, "import math\nfrom os.path import join as check\ndef helper(x): return 'instructor'"
    )
    names.student_ran("import math\ndef check(x): pass\ndef helper(x): pass\ndef sum(x): pass")
    test(
        names,
        "assert 6 == sum([1, 2, 3])\nassert 'instructor' == helper(1)\nassert 'a/b' == check('a', 'b')\nassert 2.0 == math.sqrt(4)",
    )


def test_what_a_student_binds_anew_stays_the_instructors(names):
    """Data and functions of the instructor's that the reference solution does not bind are the instructor's in tests."""
    instructor(names, "size = 1\ndef helper(x): return 'instructor'")
    names.student_ran('size = 5\ndef helper(x): return "student\'s"')
    test(names, "assert (1, 'instructor') == (size, helper(1))")


def test_an_open_cell_that_the_student_edited(names):
    """Plain data that an open cell binds is the student's if it was edited there; functions and callable objects are not."""
    text = "import functools\nsize = 1\nvalues = []\nsum = functools.partial(max, 1)\ndef helper(x): return 'instructor'"
    instructor(names, text)
    names.student_ran('size = 5\nsum = None\ndef helper(x): return "student\'s"', text)
    test(
        names,
        "assert 5 == size\nassert [] == values\nassert 3 == sum(3)\nassert 'instructor' == helper(1)",
    )


def test_a_deleted_function_is_missing_there(names):
    """A test that takes a student's function away, and puts it back, does so in the student's notebook."""
    test(
        names,
        """
old = squares
del squares
try:
    sum_of_squares(1)
except NameError as error:
    assert error.name == "squares"
else:
    raise AssertionError("squares was not used")
try:
    squares
except NameError:
    pass
else:
    raise AssertionError("squares is still there")
squares = old
assert 5 == sum_of_squares(2)
assert squares is old
""",
    )


def test_a_test_changes_a_variable_of_the_notebook(names):
    """Plain data for a name that an instructor's cell bound reaches the student's code; other names stay in the test."""
    instructor(names, "size = 1")
    test(names, "size = 7\nassert 7 == read()\nvalues = 'hidden'")
    assert 7 == names.remote.name("size")
    assert [1, 2] == names.remote.name("values")


def test_a_test_changes_a_variable_and_the_candidate_ends(names):
    """A fresh candidate gets what the test cell had bound and deleted before."""
    instructor(names, "size = 1")
    with names.testing():
        exec("size = 8\ndel squares", names, names)
        names.remote.give_up("died", "for the test")
        assert 8 == names["read"]()
        with pytest.raises(NameError):
            names["sum_of_squares"](1)


def test_the_tests_own_names_stay_here(names):
    """Functions, expected values and results of a test cell never reach the student's notebook."""
    test(
        names,
        "expected = [1, 4]\ndef secret(): pass\nresult = squares(2)\nassert result == expected",
    )
    for name in ("expected", "secret", "result"):
        with pytest.raises(NameError):
            names.remote.name(name)


def test_instances_of_the_instructors_class():
    """An instance of a class that both sides have crosses with its attributes, is changed in place and comes back as itself."""
    made = Candidates(
        "class Node:\n    def __init__(self, value): self.value, self.next = value, None\n"
        "def push(node, value): node.next = Node(value); node.value += 1; return node\ndef total(node): return node.value"
    )
    try:
        instructor(
            made.names,
            "class Node:\n    def __init__(self, value): self.value, self.next = value, None",
        )
        test(
            made.names,
            "node = Node(1)\nnode.same = node\nassert push(node, 5) is node\nassert (2, 5) == (node.value, node.next.value)\n"
            "node.value = 9\nassert 9 == total(node)\n"
            "assert isinstance(node.next, Node)\nclass Own: value = 4\nassert 4 == total(Own())",
        )
    finally:
        made.close()


def test_names_without_a_candidate():
    """Before there is a candidate the names are a plain dict."""
    from proctor.examiner.names import Names

    names = Names()
    instructor(names, "x = 1\nassert x == 1\ndel x\nassert 'x' not in globals()")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = b.c = 1; d[0] = 2", {"a"}),
        ("x, *y = z", {"x", "y"}),
        ("for i in n:\n  k = 1", {"i", "k"}),
        ("with a as b: pass", {"b"}),
        ("import os.path as q, sys.x\nfrom m import n as o, p", {"q", "sys", "o", "p"}),
        ("def f(x):\n  global g\n  y = 1", {"f", "g"}),
        ("class C:\n  x = 1", {"C"}),
        ("if (w := 2): pass\n[c for c in (v := d)]", {"w", "v"}),
        ("try: pass\nexcept E as e: pass", {"e"}),
        ("%matplotlib inline\n!ls\nf = 1", {"f"}),
        ("def broken(:\nx = 1", {"broken", "x"}),
        ("", set()),
        ("match p:\n  case [q, *r]: pass", {"q", "r"}),
    ],
)
def test_which_names_a_text_binds(text, expected):
    """The names a cell binds are found in its text alone."""
    assert expected == bound(text)
