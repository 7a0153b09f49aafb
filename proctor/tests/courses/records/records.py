"""A notebook on classes, exceptions and operators; lines after `# %% name role points` are a cell."""

# %% [markdown] title
# # Money, trees and stacks

# %% imports
from dataclasses import dataclass, field

# %% given locked
from collections import namedtuple

RATE = 0.25
CURRENCIES = ["EUR", "CHF"]
Point = namedtuple("Point", "x y")


class TooExpensive(ValueError):
    """What you raise for an amount of more than 1000."""


class Node:
    """One number of a tree: smaller ones to the left, others to the right."""

    def __init__(self, value):
        self.value = value
        self.left = None
        self.right = None


# %% money solution
### BEGIN SOLUTION
@dataclass(order=True)
class Money:
    amount: float
    currency: str = "EUR"

    def __post_init__(self):
        if self.currency not in CURRENCIES:
            raise KeyError(self.currency)
        if self.amount > 1000:
            raise TooExpensive(f"{self.amount} is too much")

    def __add__(self, other):
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.amount + other.amount, self.currency)

    def __str__(self):
        return f"{self.amount:.2f} {self.currency}"

    @property
    def cents(self):
        return round(self.amount * 100)

    def taxed(self):
        return Money(self.amount * (1 + RATE), self.currency)


### END SOLUTION

# %% try-money
Money(3) + Money(4)

# %% money-attributes test 1
purse = Money(3)
assert purse.amount == 3
assert purse.currency == "EUR"
assert Money(2.5, currency="CHF").cents == 250
purse.amount = 7
assert purse.cents == 700, "the cents do not follow the amount"

# %% money-operators test 2
assert Money(3) + Money(4) == Money(7)
assert Money(3) != Money(4)
assert Money(3) < Money(4) <= Money(4)
assert max([Money(3), Money(9), Money(5)]).amount == 9
assert [price.amount for price in sorted([Money(3), Money(1), Money(2)])] == [1, 2, 3]
try:
    Money(3) + "4"
except TypeError:
    pass
else:
    raise AssertionError("added a text to money")

# %% money-text test 1
assert str(Money(3)) == "3.00 EUR"
assert f"{Money(2.5, 'CHF')}" == "2.50 CHF"
assert "Money" in repr(Money(3))
assert type(Money(3)).__name__ == "Money"
assert isinstance(Money(3), Money)
assert not isinstance(3, Money)

# %% money-errors test 2
import pytest

with pytest.raises(TooExpensive):
    Money(2000)
with pytest.raises(ValueError, match="2000"):
    Money(2000)
with pytest.raises(KeyError):
    Money(1, "gold")
with pytest.raises(AttributeError):
    Money(1).colour

# %% money-rate test 1
### BEGIN HIDDEN TESTS
before = RATE
RATE = 0.5
try:
    assert abs(Money(10).taxed().amount - 15) < 1e-9, "the rate is written into the method"
finally:
    RATE = before
### END HIDDEN TESTS
assert abs(Money(10).taxed().amount - 12.5) < 1e-9

# %% money-steps test 3
earned = 0
for amount, expected in [(1, 100), (2.5, 250), (0.29, 29)]:
    try:
        earned += Money(amount).cents == expected
    except Exception:
        pass
earned

# %% [markdown] money-why manual 2
# Why does `Money` not let itself be added to a text?


# %% tree solution
def insert(root, value):
    """Put a new node with `value` at its place under `root`."""
    ### BEGIN SOLUTION
    side = "left" if value < root.value else "right"
    child = getattr(root, side)
    if child is None:
        setattr(root, side, Node(value))
    else:
        insert(child, value)
    ### END SOLUTION


def numbers(root):
    """All numbers of the tree, in order."""
    ### BEGIN SOLUTION
    if root is None:
        return []
    return numbers(root.left) + [root.value] + numbers(root.right)
    ### END SOLUTION


def grown(values):
    """A tree of these numbers."""
    ### BEGIN SOLUTION
    first, *others = values
    root = Node(first)
    for value in others:
        insert(root, value)
    return root
    ### END SOLUTION


# %% tree-insert test 2
root = Node(5)
assert insert(root, 3) is None
insert(root, 8)
insert(root, 6)
assert root.left.value == 3
assert root.right.left.value == 6
assert root.right.right is None
assert isinstance(root.left, Node)

# %% tree-numbers test 1
assert numbers(None) == []
tree = Node(5)
tree.left = Node(2)
tree.left.right = Node(3)
assert numbers(tree) == [2, 3, 5]

# %% tree-grown test 2
tree = grown([5, 3, 8, 6])
assert isinstance(tree, Node)
assert (tree.value, tree.left.value, tree.right.left.value) == (5, 3, 6)
insert(tree, 4)
assert numbers(tree) == [3, 4, 5, 6, 8]


# %% point solution
def mirrored(point):
    """The point on the other side of the diagonal."""
    ### BEGIN SOLUTION
    return Point(point.y, point.x)
    ### END SOLUTION


# %% point-mirrored test 1
swapped = mirrored(Point(1, 2))
assert swapped == (2, 1)
assert swapped.x == 2 and swapped.y == 1
assert swapped._replace(x=0) == Point(0, 1)


# %% stack solution
### BEGIN SOLUTION
class EmptyStack(Exception):
    pass


class Stack:
    def __init__(self, *items):
        self.items = list(items)

    def push(self, item):
        self.items.append(item)
        return self

    def pop(self):
        if not self.items:
            raise EmptyStack("nothing left")
        return self.items.pop()

    def __len__(self):
        return len(self.items)

    def __iter__(self):
        return reversed(self.items)

    def __contains__(self, item):
        return item in self.items

    def __getitem__(self, index):
        return self.items[index]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.items.clear()


### END SOLUTION

# %% stack-use test 2
stack = Stack(1, 2)
stack.push(3).push([4])
assert len(stack) == 4
assert stack.pop() == [4]
assert stack.pop() == 3
assert list(stack) == [2, 1]
assert 2 in stack and 7 not in stack
assert stack[0] == 1
assert stack
assert not Stack()

# %% stack-empty test 1
try:
    Stack().pop()
except EmptyStack as error:
    assert "nothing" in str(error)
else:
    raise AssertionError("popped from an empty stack")
assert issubclass(EmptyStack, Exception)

# %% stack-with test 1
with Stack(1, 2, 3) as stack:
    assert len(stack) == 3
assert len(stack) == 0


# %% card solution
### BEGIN SOLUTION
class Card:
    def __init__(self, suit, rank):
        self.suit, self.rank = suit, rank

    def __eq__(self, other):
        if isinstance(other, str):
            return other == f"{self.suit}{self.rank}"
        return (self.suit, self.rank) == (other.suit, other.rank)

    def __hash__(self):
        return hash((self.suit, self.rank))

    def __float__(self):
        return float(self.rank)


### END SOLUTION

# %% card-same test 2 runs=candidate
assert len({Card("♥", 7), Card("♥", 7), Card("♠", 7)}) == 2
assert Card("♥", 7) == "♥7"
assert float(Card("♥", 7)) == 7
