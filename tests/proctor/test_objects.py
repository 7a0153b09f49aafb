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
            exec("import datetime, math, unittest\nimport numpy as np\nimport torch\n" + text, candidates.names, candidates.names)
    return run


@pytest.mark.parametrize("verdict", [
    "abs({} - 9.5) < 1e-6", "abs(9.5 - {}) < 1e-6", "math.fabs({} - 9.5) < 1e-9", "math.hypot(*[{} - 9.5]) < 1e-9", "({} - 9.5) ** 2 < 0.01",
    "abs({} - 9.5) / 9.5 < 0.01", "{} - 9.5 == 0", "not {} - 9.5", "{} / 9.5 == 1", "abs({} / 9.5 - 1) < 1e-9", "np.abs(np.array([{}]) - np.array([9.5])).max() < 1e-6",
    "np.linalg.norm(np.array([{}]) - [9.5]) < 1e-9", "np.allclose([{}], [9.5])", "sum(abs(a - b) for a, b in zip([{}], [9.5])) < 1e-9",
    "max(abs(a - b) for a, b in zip([{}], [9.5])) < 1e-9", "unittest.TestCase().assertAlmostEqual({}, 9.5) is None",
    "unittest.TestCase().assertAlmostEqual({}, 9.5, delta=0.01) is None", "np.testing.assert_almost_equal({}, 9.5) is None", "int({} - 9.5) == 0",
    "np.testing.assert_array_almost_equal([{}], [9.5]) is None",
])
@pytest.mark.parametrize("name", ["num", "near", "itself", "liar"])
def test_a_difference_that_the_student_tells_is_no_number(run, name, verdict):
    """Whatever a student's subtraction gives, also an object that holds a number, no test takes it for how far off the answer is."""
    with pytest.raises((AssertionError, TypeError, ValueError, OverflowError)):
        run("assert " + verdict.format(name + "()"))


@pytest.mark.parametrize("verdict", ["len({1, 2} - got()) == 0", "got() & {1, 2} == {1, 2}", "{1, 2} - got() == set()", "not {1, 2} - got()", "len({1, 2} - itself()) == 0",
                                     "len(itself() - {1, 2}) == 0", "itself().issubset({1, 2})"])
def test_a_difference_of_sets_that_the_student_tells_is_no_set(run, verdict):
    """What is left of the expected set, and whether all of it was found, is not said by the student's object."""
    with pytest.raises((AssertionError, TypeError)):
        run("assert " + verdict)


@pytest.mark.parametrize("verdict", [
    "abs((itself() - datetime.datetime(2024, 1, 15)).total_seconds()) < 1", "(itself() - torch.tensor(2.5)).abs() < 1e-6", "(itself() - 2.5).abs() < 1e-6",
    "(itself() - 2.5).item() == 0", "itself().allclose(torch.tensor(2.5))", "itself().equal(np.array([1.0]))", "f'{itself() - 9.5:.3f}' == '0.000'",
    "(np.array([1.0, 2.0]) - itself()).max() < 1e-6",
])
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
