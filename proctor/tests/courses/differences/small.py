"""A small notebook on which proctor's grades differ from stock's on purpose; lines after `# %% name role points` are a cell."""

# %% setup locked
import math

FACTOR = 2


class Shape:
    """What has a name."""

    def name(self):
        return type(self).__name__


# %% helper
def close(a, b):
    """Whether two numbers are as good as the same."""
    return abs(a - b) < 1e-9


# %% square solution
def square(x):
    """x times x."""
    ### BEGIN SOLUTION
    return x * x
    ### END SOLUTION


# %% square-positive test 1
assert square(3) == 9

# %% square-negative test 2
assert square(-3) == 9

# %% square-caught test 16
try:
    square(-3)
except Exception:
    pass

# %% square-sum test 4
assert sum([square(1), square(2)]) == 5
assert math.sqrt(square(5)) == 5

# %% square-source test 8
import inspect

assert "pow" not in inspect.getsource(square)

# %% square-close test 16
assert close(square(0.1), 0.01)


# %% scaled solution
def scaled(x):
    """FACTOR times x."""
    ### BEGIN SOLUTION
    return FACTOR * x
    ### END SOLUTION


# %% scaled-factor test 1
assert scaled(3) == 3 * FACTOR


# %% describe solution
### BEGIN SOLUTION
def describe(self):
    return "a " + self.name()


Shape.describe = describe
### END SOLUTION

# %% describe-shape test 1
assert Shape().describe() == "a Shape"

# %% describe-shape-inside test 2 runs=candidate
assert Shape().describe() == "a Shape"

# %% mean solution
### BEGIN SOLUTION
import statistics as st

half = st.mean([0, 1])
### END SOLUTION

# %% mean-half test 1
assert half == st.mean([0, 1])


# %% price solution
class Price:
    """A price that equals its number, and can stand in a set."""

    def __init__(self, amount):
        self.amount = amount

    ### BEGIN SOLUTION
    def __eq__(self, other):
        return self.amount == getattr(other, "amount", other)

    def __hash__(self):
        return hash(self.amount)

    def __sub__(self, other):
        return self.amount - getattr(other, "amount", other)

    def __float__(self):
        return float(self.amount)

    def __mul__(self, other):
        return Price(self.amount * other)

    ### END SOLUTION


# %% price-equal test 1
assert Price(3) == Price(3)
assert Price(3) != Price(4)

# %% price-number test 2
assert Price(3) == 3

# %% price-set test 4
assert len({Price(3), Price(3)}) == 1

# %% price-minus test 32
assert Price(5) - 2 == 3

# %% price-minus-price test 64
assert Price(5) - Price(2) == 3

# %% price-array test 2048
import numpy as np

assert (Price(5) * np.array([1, 2])).amount.tolist() == [5, 10]

# %% price-times test 4096
assert (Price(5) * 2).amount == 10

# %% price-float test 128
assert float(Price(5)) == 5

# %% price-type test 512
assert type(Price(5)) is Price

# %% price-type-equal test 1024
assert type(Price(5)) == Price
assert isinstance(Price(5), Price)


# %% price-derived test 256
class Sale(Price):
    """Half of a price."""

    def half(self):
        return self.amount / 2


assert Sale(6).half() == 3

# %% price-number-inside test 8 runs=candidate
assert Price(3) == 3

# %% price-set-inside test 16 runs=candidate
assert len({Price(3), Price(3)}) == 1


# %% hour solution
class Hour(int):
    """An hour of the day; 1 follows 24 hours after."""

    ### BEGIN SOLUTION
    def __add__(self, other):
        return Hour((int(self) + int(other)) % 24)

    def late(self):
        return self > 21

    ### END SOLUTION


# %% hour-number test 1
assert Hour(23) + 2 == 1

# %% hour-hour test 2
assert Hour(23) + Hour(2) == 1
assert (Hour(23) + 23).late()


# %% money solution
class Money:
    """An amount that is added to and subtracted from."""

    def __init__(self, amount):
        self.amount = amount

    ### BEGIN SOLUTION
    def __sub__(self, other):
        return Money(self.amount - getattr(other, "amount", other))

    def abs(self):
        return abs(self.amount)

    def __format__(self, spec):
        return format(self.amount, spec)

    ### END SOLUTION


# %% money-abs test 1
assert (Money(3) - 5).abs() == 2

# %% money-shown test 2
assert f"{Money(5) - 3:.2f}" == "2.00"

# %% money-amount test 4
assert (Money(5) - 3).amount == 2
assert (Money(3) - Money(5)).abs() == 2
assert f"{Money(5) - Money(3):.2f}" == "2.00"

# %% day solution
import datetime


class Span:
    """Some days."""

    def __init__(self, days):
        self.days = days


class Day:
    """A day, from which a date is subtracted."""

    def __init__(self, *date):
        self.date = datetime.date(*date)

    ### BEGIN SOLUTION
    def __sub__(self, other):
        return Span((self.date - getattr(other, "date", other)).days)

    ### END SOLUTION


# %% day-date test 1
import datetime

assert (Day(2024, 1, 15) - datetime.date(2024, 1, 1)).days == 14

# %% day-day test 2
assert (Day(2024, 1, 15) - Day(2024, 1, 1)).days == 14


# %% bag solution
class Bag:
    """Things without an order."""

    def __init__(self, things):
        self.things = list(things)

    def __iter__(self):
        return iter(self.things)

    ### BEGIN SOLUTION
    def issubset(self, other):
        return all(thing in list(other) for thing in self.things)

    ### END SOLUTION


# %% bag-set test 1
assert Bag([1]).issubset({1, 2})

# %% bag-bag test 2
assert Bag([1]).issubset(Bag([1, 2]))
assert set(Bag([1])) <= {1, 2}


# %% tally solution
def tally(path="tally.txt"):
    """Count on in a file."""
    ### BEGIN SOLUTION
    with open(path) as file:
        count = int(file.read())
    with open(path, "w") as file:
        file.write(str(count + 1))
    ### END SOLUTION


# %% tally-default test 1
with open("tally.txt", "w") as file:
    file.write("4")
tally()
with open("tally.txt") as file:
    assert file.read() == "5"

# %% tally-given test 2
with open("other.txt", "w") as file:
    file.write("4")
tally("other.txt")
with open("other.txt") as file:
    assert file.read() == "5"


# %% tries solution
def tries(work):
    """Whether some work ends without an error."""
    ### BEGIN SOLUTION
    try:
        work()
    except Exception:
        return False
    return True
    ### END SOLUTION


# %% tries-assertion test 1
def wrong():
    assert 1 == 2


assert not tries(wrong)


# %% tries-error test 2
def wrong():
    raise ValueError("no")


assert not tries(wrong)


# %% board locked
class Board:
    """A board of a size, and who has played on it."""

    SIZE = 3
    player = None


# %% grow solution
def grow(board):
    """Make a board larger."""
    ### BEGIN SOLUTION
    board.SIZE += 1
    board.player = "somebody"
    return board
    ### END SOLUTION


# %% grow-constant test 1
assert grow(Board()).SIZE == 4

# %% grow-attribute test 2
assert grow(Board()).player == "somebody"


# %% ask solution
def ask():
    """The number that is typed."""
    ### BEGIN SOLUTION
    return int(input("Number? "))
    ### END SOLUTION


# %% ask-mock test 1
from unittest.mock import patch

with patch("builtins.input", return_value="7"):
    assert ask() == 7

# %% ask-mock-inside test 2 runs=candidate
from unittest.mock import patch

with patch("builtins.input", return_value="7"):
    assert ask() == 7

# %% roll solution
import random


def roll():
    """The number of a die."""
    ### BEGIN SOLUTION
    return random.randint(1, 6)
    ### END SOLUTION


# %% roll-numbers test 1
assert {roll() for _ in range(200)} == {1, 2, 3, 4, 5, 6}

# %% roll-after test 2
import random

random.seed(1)
roll()
after = random.random()
random.seed(1)
random.randint(1, 6)
assert after == random.random()

# %% quiet solution
import warnings


class Quiet:
    """A with block that a division by zero ends without an error."""

    def __enter__(self):
        return self

    ### BEGIN SOLUTION
    def __exit__(self, kind, error, trace):
        return kind is ZeroDivisionError

    ### END SOLUTION


def old():
    """Warn that this is old."""
    ### BEGIN SOLUTION
    warnings.warn("old", DeprecationWarning)
    ### END SOLUTION


# %% quiet-block test 1
with Quiet():
    1 / 0

# %% quiet-entered test 2
with Quiet() as quiet:
    assert isinstance(quiet, Quiet)

# %% quiet-warned test 4
import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    old()
assert len(caught) == 1

# %% keep solution
import pickle


def keep(path, things):
    """Write things to a file, pickled."""
    ### BEGIN SOLUTION
    with open(path, "wb") as file:
        pickle.dump(things, file)
    ### END SOLUTION


# %% keep-loaded test 1
keep("things.pickle", [1, {2: "b"}])
with open("things.pickle", "rb") as file:
    assert pickle.load(file) == [1, {2: "b"}]

# %% keep-object test 2
import pickle

keep("price.pickle", Price(3))
with open("price.pickle", "rb") as file:
    assert pickle.load(file).amount == 3

# %% last test 1
assert FACTOR == 2
