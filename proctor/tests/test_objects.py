"""Whether a student's object says nothing about the test's own data by what it does: arithmetic, methods, attributes put in their place."""

import pytest
from wired import Candidates

STUDENT = '''
import sys
class Zero(float):
    def note(self): return 1
class Empty(set):
    def note(self): return 1
    def __and__(self, other): return Empty(other)
class Num:
    def __sub__(self, other): return Zero(0.0)
    __rsub__ = __isub__ = __sub__
    def __truediv__(self, other): return Zero(1.0)
    __rtruediv__ = __truediv__
class Self:
    """Whatever is subtracted, it is near."""
    def __sub__(self, other): return self
    __rsub__ = __isub__ = __sub__
    def __len__(self): return 0
    def __format__(self, spec): return "0.000"
    def total_seconds(self): return 0.0
    def abs(self): return Zero(0.0)
    def item(self): return 0.0
    max = min = item
    def equal(self, other): return True
    allclose = issubset = equal
class Based(float):
    def note(self): return 1
    def __sub__(self, other):
        KNOWN[0] = other
        return 0.0
    __rsub__ = __sub__
class Near(float):
    def note(self): return 1
    def __sub__(self, other): return Near(0.0)
    __rsub__ = __sub__
class Got(set):
    def note(self): return 1
    def __sub__(self, other): return Empty()
    __rsub__ = __sub__
    def __and__(self, other): return Empty(other)
KNOWN = [1.0]
VALUES = [float("inf"), float("-inf")]
def lie(value):
    """What the candidate answers about what an object holds, once the student's code has got at that."""
    if type(value) is not Based: return float(value)
    if KNOWN[0] != 1.0: return KNOWN[0]
    VALUES.append(VALUES.pop(0))
    return VALUES[-1]
def liar():
    from proctor.candidate.objects import OPERATIONS
    OPERATIONS["plain"], KNOWN[0] = lie, 1.0
    return Based(1.0)
def num(): return Num()
def itself(): return Self()
def near(): return Near(1.0)
def got(): return Got()
'''


@pytest.fixture(scope="module")
def candidates():
    """Candidates with a student's cells, shared by the tests of this module."""
    made = Candidates(STUDENT)
    made.names.student_ran(STUDENT)
    yield made
    made.close()


@pytest.fixture
def run(candidates):
    """Runs the text of a test cell."""

    def run(text):
        candidates.remote.cell(20)
        with candidates.names.testing():
            exec(
                "import datetime, math, unittest\nimport numpy as np\nimport torch\n" + text,
                candidates.names,
                candidates.names,
            )

    return run


@pytest.mark.parametrize(
    "verdict",
    [
        "abs({} - 9.5) < 1e-6",
        "abs(9.5 - {}) < 1e-6",
        "math.fabs({} - 9.5) < 1e-9",
        "math.hypot(*[{} - 9.5]) < 1e-9",
        "({} - 9.5) ** 2 < 0.01",
        "abs({} - 9.5) / 9.5 < 0.01",
        "{} - 9.5 == 0",
        "not {} - 9.5",
        "{} / 9.5 == 1",
        "abs({} / 9.5 - 1) < 1e-9",
        "np.abs(np.array([{}]) - np.array([9.5])).max() < 1e-6",
        "np.linalg.norm(np.array([{}]) - [9.5]) < 1e-9",
        "np.allclose([{}], [9.5])",
        "sum(abs(a - b) for a, b in zip([{}], [9.5])) < 1e-9",
        "max(abs(a - b) for a, b in zip([{}], [9.5])) < 1e-9",
        "unittest.TestCase().assertAlmostEqual({}, 9.5) is None",
        "unittest.TestCase().assertAlmostEqual({}, 9.5, delta=0.01) is None",
        "np.testing.assert_almost_equal({}, 9.5) is None",
        "int({} - 9.5) == 0",
        "np.testing.assert_array_almost_equal([{}], [9.5]) is None",
    ],
)
@pytest.mark.parametrize("name", ["num", "near", "itself", "liar"])
def test_a_difference_that_the_student_tells_is_no_number(run, name, verdict):
    """Whatever a student's subtraction gives, also an object that holds a number, no test takes it for how far off the answer is."""
    with pytest.raises((AssertionError, TypeError, ValueError, OverflowError)):
        run("assert " + verdict.format(name + "()"))


@pytest.mark.parametrize(
    "verdict",
    [
        "len({1, 2} - got()) == 0",
        "got() & {1, 2} == {1, 2}",
        "{1, 2} - got() == set()",
        "not {1, 2} - got()",
        "len({1, 2} - itself()) == 0",
        "len(itself() - {1, 2}) == 0",
        "itself().issubset({1, 2})",
    ],
)
def test_a_difference_of_sets_that_the_student_tells_is_no_set(run, verdict):
    """What is left of the expected set, and whether all of it was found, is not said by the student's object."""
    with pytest.raises((AssertionError, TypeError)):
        run("assert " + verdict)


@pytest.mark.parametrize(
    "verdict",
    [
        "abs((itself() - datetime.datetime(2024, 1, 15)).total_seconds()) < 1",
        "(itself() - torch.tensor(2.5)).abs() < 1e-6",
        "(itself() - 2.5).abs() < 1e-6",
        "(itself() - 2.5).item() == 0",
        "itself().allclose(torch.tensor(2.5))",
        "itself().equal(np.array([1.0]))",
        "f'{itself() - 9.5:.3f}' == '0.000'",
        "(np.array([1.0, 2.0]) - itself()).max() < 1e-6",
    ],
)
def test_what_a_difference_says_of_itself_is_not_taken(run, verdict):
    """The methods that a test asks a tensor, a date or a number for the difference give nothing plain for a student's object."""
    with pytest.raises((AssertionError, TypeError)):
        run("assert " + verdict)


def test_an_array_subtracted_in_place_counts(run):
    """`got -= expected` is arithmetic with the test's array like any other."""
    with pytest.raises(TypeError, match="not taken"):
        run("got = itself()\ngot -= np.array([1.0, 3.0])\nassert got.max() < 1e-6")


def test_what_an_object_holds_is_asked_once(run):
    """A number is the same in both comparisons, and no other one after the student's code was told what it is compared with."""
    with pytest.raises(AssertionError):
        run("assert 9.4 < liar() < 9.6")
    with pytest.raises(AssertionError):
        run("got = liar()\nassert got - 9.5 == 0")


GIVEN = """
import functools, torch
class Board:
    SIZE = 3
    best = 0
    def __init__(self, rows): self.rows = rows
    def solved(self): return self.rows == list(range(self.SIZE))
    def count(self): return len(self.rows)
    def same(self, other): return self.rows == other.rows
    @functools.cached_property
    def sure(self): return self.rows == [0, 1, 2]
    @staticmethod
    def fresh(): return Board([])
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = torch.nn.Linear(2, 1)
    def forward(self, x): return self.lin(x)
def call(model, x): return model(x)
"""
SLY = """
def method(b):
    b.solved = object
    b.count = int
    b.same = bool
    b.fresh = list
    return b
def cached(b):
    b.__dict__['sure'] = True
    return b
def constant(b):
    b.SIZE = 0
    return b
def lent(b, f):
    b.solved = f
    return b
def grown(b):
    b.sure, b.best, b.extra = b.sure, 7, 8
    return b
KEPT = torch.tensor([[7.0]])
class Fake(torch.nn.Module):
    def forward(self, x): return KEPT
def hook(model): model.register_forward_hook(lambda m, a, out: KEPT)
def pre(model): model.register_forward_pre_hook(lambda m, a: (KEPT.repeat(1, 2) * 100,))
def inner(model): next(m for m in model.modules() if type(m) is torch.nn.Linear).register_forward_hook(lambda m, a, out: KEPT)
def forward(model): model.forward = lambda x: KEPT
def other(model): model.__dict__['_forward_hooks'] = type(model._forward_hooks)()
def compiled(model): model._compiled_call_impl = lambda x: KEPT
def train(model):
    with torch.no_grad():
        for p in model.parameters(): p.fill_(1)
def own(): return torch.nn.Sequential(Fake())
def head(model): model.lin = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.ReLU())
"""


@pytest.fixture(scope="module")
def giver():
    """Candidates in which the instructor's classes are, and a student's functions on their instances."""
    made = Candidates(GIVEN + SLY)
    exec(GIVEN, made.names, made.names)
    made.names.instructor_ran(GIVEN)
    made.names.student_ran(SLY)
    yield made
    made.close()


@pytest.fixture
def test(giver):
    """Runs the text of a test cell beside the instructor's classes."""

    def test(text):
        giver.remote.cell(20)
        with giver.names.testing():
            exec(text, giver.names, giver.names)

    return test


@pytest.mark.parametrize(
    "verdict",
    [
        "method(Board([5])).solved()",
        "method(Board([5])).count() == 0",
        "method(Board([5])).same(Board([0]))",
        "method(Board([5])).fresh() == []",
        "cached(Board([5])).sure",
        "constant(Board([])).solved()",
        "lent(Board([5]), lambda x=True: x).solved()",
    ],
)
def test_nothing_stands_in_for_what_an_instructors_class_does(test, verdict):
    """Neither a type, nor a function lent by the test, nor a kept value stands in for a method, nor another number for a constant."""
    with pytest.raises(AssertionError):
        test("assert " + verdict)


def test_what_an_instructors_class_lets_be_set(test):
    """A student's code sets attributes, also those for which the class has a beginning; the test may put its own function on an instance."""
    test(
        "b = grown(Board([0, 1, 2]))\nassert b.sure and b.best == 7 and b.extra == 8 and Board.best == 0"
    )
    test(
        "b = Board([5])\nb.solved, b.SIZE = lambda: 'mine', 5\ngrown(b)\nassert b.solved() == 'mine' and b.SIZE == 5 and b.best == 7"
    )


@pytest.mark.parametrize("way", ["hook", "pre", "inner", "forward", "compiled"])
@pytest.mark.parametrize("model", ["Net()", "torch.nn.Sequential(torch.nn.Linear(2, 1))"])
def test_a_tests_model_computes_by_itself(test, way, model):
    """Neither a hook nor another forward() of the student's answers for a model that the test made."""
    test(
        f"import torch\nmodel = {model}\nx = torch.zeros(1, 2)\nexpected = model(x)\n{way}(model)\nassert torch.equal(model(x), expected)"
    )


def test_a_models_hooks_stay_its_own_in_another_dict(test):
    """A dict put in the place of a model's hooks may hold no more than that one, however late something is put in."""
    test(
        "import torch\nmodel = Net()\nx = torch.zeros(1, 2)\nexpected = model(x)\nother(model)\nhook(model)\nhook(model)\nassert torch.equal(model(x), expected)"
    )


def test_a_students_layers_and_weights_count(test):
    """A model of the student's own, the weights of the test's model, and other layers in it are the student's to set; the test has its hooks."""
    test("""
import torch
assert own()(torch.zeros(1, 2)).item() == 7
model = Net()
train(model)
assert model(torch.ones(1, 2)).item() == 3
head(model)
assert len(model.lin) == 2 and model(torch.ones(1, 2)).item() >= 0
seen = []
model.register_forward_hook(lambda m, a, out: seen.append(out))
train(model)
model(torch.ones(1, 2))
assert len(seen) == 1
""")


HOSTILE = """
import dataclasses
class Lie:
    def __getattr__(self, name): raise AttributeError(name)
    __dataclass_fields__ = 5
class Meta(type):
    def __getattribute__(self, name):
        answers = {"__mro__": 5, "__flags__": "x", "__abstractmethods__": ["a"], "__wrapped__": self}
        return answers[name] if name in answers else type.__getattribute__(self, name)
class Odd(metaclass=Meta): pass
class Sum:
    def __add__(self, other): return 9.5
"""


def test_what_a_class_says_of_itself_has_the_form_it_has():
    """Fields, bases, flags and operations of a class are checked; what is none is no attribute or a TypeError, and no verdict comes out of an operation."""
    made = Candidates(HOSTILE)
    try:
        Lie, Odd, Sum = map(made.remote.name, ("Lie", "Odd", "Sum"))
        assert not hasattr(Lie(), "__dataclass_fields__") and not hasattr(
            Odd, "__dataclass_fields__"
        )
        for name in ("__mro__", "__flags__", "__abstractmethods__"):
            with pytest.raises(TypeError, match="of the student's object gave"):
                getattr(Odd, name)
        assert "__add__" in vars(Sum) and not hasattr(Sum, "__sub__")
        with pytest.raises(TypeError, match="not taken"):
            Sum.__add__(Sum(), 3)
        with pytest.raises(TypeError):
            Sum.__add__(5, 4.5)
    finally:
        made.close()
