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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tk = 0; tick(); tick()", 2),
        ("tick(); tk = 10; tick()", 11),
        ("tick(); tk += 5; tick()", 7),
        ("tk = 7", 7),
        ("tk = 3; del tk; tk = 4; tick()", 5),
        ("tk = 1; tick(); tk = 0", 0),
    ],
)
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
    made = notebook(
        "size = 1\ndef area(): return size ** 2",
        "size = 1\ndef area():\n    global size\n    size += 1\n    return (size - 1) ** 2",
    )
    assert (9, 3) == made.valued("size = 3", "(area(), size)")


@pytest.mark.parametrize(
    "solution",
    [
        "expected = 4\ndef f(): return 1",
        "expected = 4\ndef f():\n    expected = 1\n    return expected",
        "expected = 4\ndef f(expected=1): return expected",
        "def f(): return 1",
        "expected = f = lambda: 1\nexpected = [expected for f in [f]]",
    ],
)
def test_what_a_test_expects_is_not_handed_over(notebook, solution):
    """A name that the solution binds but none of its functions use stays the test's, be there a variable of theirs called so."""
    made = notebook(
        solution,
        "expected = 4\ndef f():\n    global expected\n    seen, expected = expected, 1\n    return seen",
    )
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


@pytest.mark.parametrize(
    ("text", "expression", "expected"),
    [
        ("add('a')", "inv", {"a": 1}),
        ("inv.clear(); add('b')", "inv", {"b": 1}),
        ("inv['a'] = 5; add('a')", "inv", {"a": 6}),
        ("inv = {}; add('q')", "inv", {"q": 1}),
        ("log[:] = []; add('a')", "log", ["a"]),
        ("kept = log; add('a')", "(kept is log, kept)", (True, ["a"])),
        ("add('a'); add('b')", "seen", {"a", "b"}),
        ("add('a'); add('a')", "(type(count).__name__, count['a'])", ("Counter", 2)),
        ("before = total[0]; add('a')", "total[0] - before", 1),
        ("add('a')", "shown()", "a"),
    ],
)
def test_given_data_that_the_students_function_changes(notebook, text, expression, expected):
    """Data of a locked cell that the solution's functions change by its name is one for the test and the student's code."""
    given = "from collections import Counter\ninv, log, seen, count, total = {}, [], set(), Counter(), [0]\ndef shown(): return ''.join(log)"
    made = notebook(
        "def add(n):\n    inv[n] = inv.get(n, 0) + 1\n    log.append(n), seen.add(n), count.update([n])\n    total[0] += 1",
        given=given,
    )
    assert expected == made.valued(text, expression)


def test_given_data_in_the_next_test(notebook):
    """What a test did last to such data holds in the next one, and so does what the student's cells did to it before."""
    made = notebook(
        "def add(n): log.append(n)", "def add(n): log.append(n)\nadd(0)", given="log = []"
    )
    assert [0, 1] == made.valued("add(1)", "log")
    made.valued("add(2)\nassert log.pop() == 2\nlog.append(3)", "None")
    assert ([0, 1, 3], [0, 1, 3]) == (made.valued("", "log"), made.made.remote.name("log"))
    made.valued("log = []", "None")
    assert [4] == made.valued("add(4)", "log")


@pytest.mark.parametrize(
    "solution",
    [
        "def f(): return CASES[0]",
        "def f(CASES=()): CASES.append(1)",
        "def f(): return 1",
        "CASES.append(1)\ndef f(): return CASES",
    ],
)
def test_given_data_that_the_solution_does_not_change(notebook, solution):
    """A list of cases that no function of the solution changes is the instructor's, whatever the student does to hers."""
    made = notebook(solution, "def f(): CASES.clear()\nCASES.append(9)", given="CASES = [1, 2]")
    assert [1, 2] == made.valued("f()", "CASES")


@pytest.mark.parametrize(
    "student",
    [
        "class inv(dict): pass\ninv = inv()",
        "class inv:\n    def __eq__(self, other): return True\ninv = inv()",
        "inv = None",
        "inv = [('a', 1)]",
        "del inv",
    ],
)
def test_given_data_that_the_student_replaces(notebook, student):
    """What is no such data as the instructor's is not taken for it."""
    made = notebook("def add(n): inv[n] = 1", student + "\ndef add(n): pass", given="inv = {}")
    assert (dict, False, {}) == made.valued("add('a')", "(type(inv), inv == {'a': 1}, inv)")


def test_a_constant_that_the_solutions_functions_read(notebook):
    """So are a number and a given object, for only plain data is shared."""
    made = notebook(
        "def f(): TOL.append(1); box.append(2)",
        "def f(): box.clear()\nTOL = 9",
        given="class Box(list): pass\nTOL, box = 1e-6, Box([1])",
    )
    assert (1e-6, [1]) == made.valued("f()", "(TOL, box)")


def test_a_candidate_that_raises_when_it_is_told(notebook, monkeypatch):
    """What a candidate answers at the end of a test, when it is only told what has changed, is nobody's error."""
    made = notebook("def add(n): log.append(n)", given="log = []")
    asked = made.names.remote.ask

    def ask(kind, **fields):
        if kind == "drop":
            raise SystemExit
        return asked(kind, **fields)

    monkeypatch.setattr(made.names.remote, "ask", ask)
    assert [1] == made.valued("add(1)", "log")


HELPER = "seen = []\ndef note(x): seen.append(x); return x\nclass Node: pass"


@pytest.mark.parametrize(
    ("text", "expression", "expected"),
    [
        ("def note(x): return -x", "use([1, 2])", [-1, -2]),
        ("calls = []\ndef note(x): calls.append(x)\nuse([1, 2])", "calls", [1, 2]),
        (
            "from unittest.mock import Mock\nnote = Mock(return_value=3)\nuse([1])",
            "(use([1]), note.call_count)",
            ([3], 2),
        ),
        ("old = note\ndef note(x): return old(x) + 1", "(use([1]), seen)", ([2], [1])),
        ("note = lambda x: 5", "use([1])", [5]),
    ],
)
def test_a_given_function_that_a_test_replaces(notebook, text, expression, expected):
    """The student's code calls what a test defines under the name of a given function that the solution's functions call."""
    made = notebook("def use(xs): return [note(x) for x in xs]", given=HELPER)
    assert expected == made.valued(text, expression)


def test_a_given_function_that_a_test_puts_back(notebook):
    """In the next tests the student's code still calls the test's function, until a test puts the given one back, and her own is used again."""
    made = notebook(
        "def use(xs): return [note(x) for x in xs]",
        "def use(xs): return [note(x) for x in xs]\ndef where(): return list(seen)",
        given=HELPER,
    )
    assert [2] == made.valued("kept = note\ndef note(x): return 2 * x", "use([1])")
    assert [2, 3] == made.valued("", "use([1])") + made.valued("def note(x): return 3", "use([1])")
    assert ([1], [1]) == made.valued("note = kept", "(use([1]), where())")
    assert ([2], [1, 2]) == made.valued("", "(use([2]), where())")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def check():\n    global tk\n    tk = 3\n    tick()\n    return tk\ngot = check()", 4),
        (
            "def reset():\n    global tk\n    tk = 0\nreset(); tick(); reset(); tick(); got = tick()",
            2,
        ),
        ("def reset():\n    global tk\n    tk = 0\ntick(); reset(); got = tk", 0),
        ("tk = 4\ndef reset():\n    global tk\n    tk = 7\nreset(); got = tick()", 8),
    ],
)
def test_what_a_tests_function_declares_global(notebook, text, expected):
    """A test's function that resets the number by a `global` statement does what an assignment does."""
    assert expected == notebook(TICK).valued(text, "got")


@pytest.mark.parametrize(
    "solution",
    [
        "def use(xs): return xs",
        "def use(xs, note=abs): return note(xs)",
        "note\ndef use(xs): return xs",
    ],
)
def test_a_given_function_that_the_solution_does_not_call(notebook, solution):
    """A test's function for a name that no function of the solution uses is not to be called by the student's code."""
    made = notebook(solution, "def use(xs): return [note(x) for x in xs]", given=HELPER)
    assert [1] == made.valued("def note(x): return 'hidden'", "use([1])")


@pytest.mark.parametrize(
    "text",
    [
        "class Node: hidden = 1",
        "class Other: hidden = 1\nNode = Other()",
        "Node = 5",
        "async def note(x): return 'hidden'",
        "class note: hidden = 1",
    ],
)
def test_what_does_not_stand_in_for_a_function(notebook, text):
    """Classes, objects and numbers of a test's under such names stay in the test."""
    solution = "def use(): return (note(1), Node.__name__, hasattr(Node, 'hidden'))"
    assert (1, "Node", False) == notebook(solution, given=HELPER).valued(text, "use()")


def test_a_function_in_the_place_of_one_that_the_student_shadows(notebook):
    """Who has defined the given function anew gets the test's, and then that of hers again; the test never sees hers."""
    made = notebook(
        "def use(): return note(1)",
        "def note(x): return 'mine'\ndef use(): return note(1)",
        given=HELPER,
    )
    assert ("mine", 1) == made.valued("", "(use(), note(1))")
    assert (0, "mine", 1) == made.valued(
        "old = note\ndef note(x): return 0\ngot = use()\nnote = old", "(got, use(), note(1))"
    )


def test_a_replaced_function_and_a_fresh_candidate(notebook):
    """A fresh candidate calls the test's function, and one of the next test the given one, once it is put back."""
    made = notebook("def use(): return note(1)", given=HELPER)
    with made.names.testing():
        exec("old = note\ndef note(x): return 7", made.names, made.names)
        made.names.remote.give_up("died", "for the test")
        assert 7 == made.names["use"]()
    assert 1 == made.valued("note = old", "use()")


@pytest.mark.parametrize(
    ("text", "read", "bound", "changed"),
    [
        ("x = y\nprint([a for a in x])", "", "", ""),
        ("def f(a, *b, c=d, **e): g = a + b; return h(g, c, e)", "h", "", ""),
        ("def f():\n  global n\n  n = 1", "n", "n", ""),
        ("def f():\n  n = 1\n  def g():\n    nonlocal n\n    n = m", "m", "", ""),
        ("def f():\n  n = 1\n  def g():\n    global n\n    n = 2\n  return n", "n", "n", ""),
        ("class C:\n  def f(self): self.n = n.append(k)", "n k", "", "n"),
        ("f = lambda x: x + y", "y", "", ""),
        (
            "def f(d):\n  d[0] = 1\n  e[1][2] += 3\n  del g[0]\n  h[0].pop()\n  k = i[0]",
            "e g h i",
            "",
            "e g h",
        ),
        ("d[0] = 1; e.append(2)", "", "", ""),
        ("def f():\n  for i in n: i.pop()\n  with o as p: p[0] = 1", "n o", "", ""),
        ("async def f(): return await x", "x", "", ""),
        ("def f(:", "", "", ""),
        ("def f():\n  import m\n  class C: k = 1\n  return m, C, k", "", "", ""),
    ],
)
def test_which_states_functions_have(text, read, bound, changed):
    """What functions read, declare global and change in place is found in their text; their own variables are not."""
    assert States(*(set(names.split()) for names in (read, bound, changed))) == states([text])
