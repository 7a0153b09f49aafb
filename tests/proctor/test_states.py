"""Whether what a test sets, and the student's functions use by its name in the notebook, is one thing for both, and nothing else is."""

import pytest
from test_answers_names import Notebook

from proctor.examiner.states import States, states

TICK = "tk = 0\ndef tick():\n    global tk\n    tk += 1\n    return tk"


@pytest.fixture
def notebook():
    """Makes notebooks, and ends their candidates."""
    made = []

    def make(solution, student=None, **more):
        made.append(Notebook(solution, student or solution, **more).answered())
        return made[-1]
    yield make
    for one in made:
        one.made.close()


@pytest.mark.parametrize(("text", "expected"), [
    ("tk = 0; tick(); tick()", 2), ("tick(); tk = 10; tick()", 11), ("tick(); tk += 5; tick()", 7), ("tk = 7", 7),
    ("tk = 3; del tk; tk = 4; tick()", 5), ("tk = 1; tick(); tk = 0", 0)])
def test_a_number_that_a_test_resets(notebook, text, expected):
    """A number that the solution's functions declare global is the student's after a test has set it, also in the next test."""
    made = notebook(TICK)
    assert (expected, expected) == (made.valued(text, "tk"), made.valued("", "tk"))


def test_a_given_number_that_a_test_resets(notebook):
    """So is one that a locked cell binds first."""
    made = notebook("def tick():\n    global cnt\n    cnt += 1", given="cnt = 0")
    assert (6, 6) == (made.valued("cnt = 5; tick()", "cnt"), made.made.remote.name("cnt"))


def test_a_list_of_the_students_that_a_test_empties(notebook):
    """Data that the solution's functions change in place is one for the test and the student's code, in the next test too."""
    made = notebook("log = [0]\ndef note(x): log.append(x)")
    assert [1] == made.valued("log = []; note(1)", "log")
    assert [1, 2] == made.valued("note(2)", "log")


def test_a_setting_that_functions_read(notebook):
    """A number that the solution's functions only read reaches the student's, and stays what the test has set."""
    made = notebook("size = 1\ndef area(): return size ** 2", "size = 1\ndef area():\n    global size\n    size += 1\n    return (size - 1) ** 2")
    assert (9, 3) == made.valued("size = 3", "(area(), size)")


@pytest.mark.parametrize("solution", [
    "expected = 4\ndef f(): return 1", "expected = 4\ndef f():\n    expected = 1\n    return expected", "expected = 4\ndef f(expected=1): return expected",
    "def f(): return 1", "expected = f = lambda: 1\nexpected = [expected for f in [f]]"])
def test_what_a_test_expects_is_not_handed_over(notebook, solution):
    """A name that the solution binds but none of its functions use stays the test's, be there a variable of theirs called so."""
    made = notebook(solution, "expected = 4\ndef f():\n    global expected\n    seen, expected = expected, 1\n    return seen")
    assert (4, 9.5) == made.valued("expected = 9.5", "(f(), expected)")


def test_what_the_student_does_not_bind(notebook):
    """A state of the solution that the student's cells do not have is not made there."""
    made = notebook(TICK, "def tick(): return 'tk' in globals()")
    assert (False, 0) == made.valued("tk = 0", "(tick(), tk)")


def test_a_state_and_a_fresh_candidate(notebook):
    """A fresh candidate is told what the test has set."""
    made = notebook(TICK)
    with made.names.testing():
        exec("tk = 5", made.names, made.names)
        made.names.remote.give_up("died", "for the test")
        assert 6 == made.names["tick"]()


@pytest.mark.parametrize(("text", "read", "bound", "changed"), [
    ("x = y\nprint([a for a in x])", "", "", ""), ("def f(a, *b, c=d, **e): g = a + b; return h(g, c, e)", "h", "", ""),
    ("def f():\n  global n\n  n = 1", "n", "n", ""), ("def f():\n  n = 1\n  def g():\n    nonlocal n\n    n = m", "m", "", ""),
    ("def f():\n  n = 1\n  def g():\n    global n\n    n = 2\n  return n", "n", "n", ""), ("class C:\n  def f(self): self.n = n.append(k)", "n k", "", "n"),
    ("f = lambda x: x + y", "y", "", ""), ("def f(d):\n  d[0] = 1\n  e[1][2] += 3\n  del g[0]\n  h[0].pop()\n  k = i[0]", "e g h i", "", "e g h"),
    ("d[0] = 1; e.append(2)", "", "", ""), ("def f():\n  for i in n: i.pop()\n  with o as p: p[0] = 1", "n o", "", ""),
    ("async def f(): return await x", "x", "", ""), ("def f(:", "", "", ""), ("def f():\n  import m\n  class C: k = 1\n  return m, C, k", "", "", "")])
def test_which_states_functions_have(text, read, bound, changed):
    """What functions read, declare global and change in place is found in their text; their own variables are not."""
    assert States(*(set(names.split()) for names in (read, bound, changed))) == states([text])
