"""What students of the course on classes and streams hand in; the text after `# --- cell` goes into that cell."""

# === nothing: hands in what was released

# === model: the instructor's own answers
# --- records/money
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
# --- records/money-why
# Because `__add__` gives `NotImplemented` for it.
# --- records/tree
def insert(root, value):
    side = "left" if value < root.value else "right"
    child = getattr(root, side)
    if child is None:
        setattr(root, side, Node(value))
    else:
        insert(child, value)


def numbers(root):
    if root is None:
        return []
    return numbers(root.left) + [root.value] + numbers(root.right)


def grown(values):
    first, *others = values
    root = Node(first)
    for value in others:
        insert(root, value)
    return root
# --- records/point
def mirrored(point):
    return Point(point.y, point.x)
# --- records/stack
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
# --- records/card
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
# --- streams/generators
def countdown(n):
    while n > 0:
        yield n
        n -= 1


def evens(numbers):
    for number in numbers:
        if number % 2 == 0:
            yield number
# --- streams/printing
def report(rows):
    for name, number in rows:
        print(f"{name}: {number:.1f}")
    print("total", sum(number for _, number in rows), sep=": ")
# --- streams/callbacks
def apply(function, values):
    return [function(value) for value in values]


def composed(f, g):
    return lambda value: f(g(value))


def insist(action, times):
    for _ in range(times):
        try:
            return action()
        except ValueError:
            continue
# --- streams/inplace
def drop_negatives(numbers):
    numbers[:] = [number for number in numbers if number >= 0]


def count_words(text, counts):
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
    return counts


def doubled(numbers):
    return [2 * number for number in numbers]
# --- streams/files
def ages(path):
    with open(path, encoding="utf-8", newline="") as file:
        return {row["name"]: int(row["age"]) for row in csv.DictReader(file)}


def save(path, lines):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
# --- streams/waiting
async def fetched(key):
    await asyncio.sleep(0)
    return NAMES[key]
# --- streams/limit
def clipped(numbers):
    return [min(number, LIMIT) for number in numbers]
# --- streams/kinds
def mean(numbers):
    return sum(numbers) / len(numbers)


def unique(things):
    return set(things)

# === other-ways: right in other ways, with helpers in cells of her own, an edited import cell, magics and a subprocess
# --- records/imports
from dataclasses import dataclass, field
import functools
import math
# --- before records/money
def checked(amount, currency):
    if currency not in CURRENCIES:
        raise KeyError("no such currency: " + currency)
    if amount > 1000:
        raise TooExpensive("too expensive: %d" % amount)
# --- records/money
@functools.total_ordering
class Money:
    """An amount in a currency."""

    def __init__(self, amount, currency="EUR"):
        checked(amount, currency)
        self.amount = amount
        self.currency = currency

    def __add__(self, other):
        return Money(self.amount + other.amount, self.currency) if isinstance(other, Money) else NotImplemented

    def __eq__(self, other):
        return isinstance(other, Money) and self.amount == other.amount

    def __lt__(self, other):
        return self.amount < other.amount

    def __repr__(self):
        return f"Money({self.amount})"

    def __str__(self):
        return "%.2f %s" % (self.amount, self.currency)

    cents = property(lambda self: int(math.floor(self.amount * 100 + 0.5)))

    def taxed(self):
        return Money(self.amount + self.amount * RATE)
# --- after records/money
%time Money(3).taxed()
!echo "this is my Money"
# --- records/tree
!echo "before the answer"
def insert(root, value):
    node = root
    while True:
        if value < node.value:
            if node.left is None:
                node.left = Node(value)
                return
            node = node.left
        else:
            if node.right is None:
                node.right = Node(value)
                return
            node = node.right


def numbers(root, found=None):
    found = [] if found is None else found
    if root:
        numbers(root.left, found)
        found.append(root.value)
        numbers(root.right, found)
    return found


def grown(values):
    values = list(values)
    root = Node(values.pop(0))
    while values:
        insert(root, values.pop(0))
    return root
# --- records/point
def mirrored(point):
    x, y = point
    return point._replace(x=y, y=x)
# --- records/stack
class EmptyStack(IndexError):
    def __str__(self):
        return "there is nothing on the stack"


class Stack(list):
    def __init__(self, *items):
        super().__init__(items)

    def push(self, item):
        self.append(item)
        return self

    def pop(self):
        try:
            return super().pop()
        except IndexError:
            raise EmptyStack from None

    def __iter__(self):
        return iter(self[::-1])

    def __enter__(self):
        return self

    def __exit__(self, *error):
        del self[:]
# --- streams/imports
import asyncio
import csv
import itertools
from collections import Counter
from pathlib import Path
# --- streams/generators
def countdown(n):
    yield from range(n, 0, -1)


def evens(numbers):
    return (number for number in numbers if not number % 2)
# --- after streams/generators
%%time
print(*countdown(3))
# --- streams/printing
def report(rows):
    lines = ["%s: %.1f" % row for row in rows] + ["total: %s" % sum(row[1] for row in rows)]
    print("\n".join(lines))
# --- streams/callbacks
def apply(function, values):
    return list(map(function, values))


class composed:
    def __init__(self, *functions):
        self.functions = functions

    def __call__(self, value):
        for function in reversed(self.functions):
            value = function(value)
        return value


def insist(action, times):
    if times:
        try:
            return action()
        except ValueError:
            return insist(action, times - 1)
# --- streams/inplace
def drop_negatives(numbers):
    for i in reversed(range(len(numbers))):
        if numbers[i] < 0:
            del numbers[i]


def count_words(text, counts):
    for word, number in Counter(text.split()).items():
        counts.setdefault(word, 0)
        counts[word] += number
    return counts


doubled = lambda numbers: list(map(lambda number: number + number, numbers))
# --- streams/files
def ages(path):
    head, *lines = Path(path).read_text("utf-8").splitlines()
    return {name: int(age) for name, age in (line.split(",") for line in lines)}


def save(path, lines):
    Path(path).write_text("".join(line + "\n" for line in lines), "utf-8")
# --- streams/waiting
async def fetched(key):
    name = await asyncio.wait_for(asyncio.sleep(0.01, NAMES[key]), 5)
    return name
# --- streams/settings
# as many as fit
WIDTH = 4
# --- after streams/waiting
print(await fetched("b"))
# --- streams/limit
def clipped(numbers):
    return [LIMIT if number > LIMIT else number for number in numbers]
# --- streams/kinds
def mean(numbers):
    total, *others = numbers
    for number in others:
        total += number
    return total / (1 + len(others))


unique = frozenset

# === half: has written half of it, and left the rest as it was
# --- records/money
class Money:
    def __init__(self, amount, currency="EUR"):
        self.amount = amount
        self.currency = currency
        self.cents = int(amount * 100)

    def __str__(self):
        return f"{self.amount} {self.currency}"

    def __eq__(self, other):
        return self.amount == other.amount

    def taxed(self):
        return Money(self.amount * 1.25)
# --- records/stack
class Stack:
    def __init__(self, *items):
        self.items = list(items)

    def push(self, item):
        self.items.append(item)
        return self

    def pop(self):
        return self.items.pop()

    def __len__(self):
        return len(self.items)
# --- streams/generators
def countdown(n):
    return list(range(n, 0, -1))


def evens(numbers):
    return [number for number in numbers if number % 2 == 0 and number < 10**4]
# --- streams/printing
def report(rows):
    total = 0
    for name, number in rows:
        print(name, ":", number)
        total += number
    print("total:", total)
# --- streams/files
def ages(path):
    found = {}
    for line in open(path, encoding="utf-8").read().split("\n")[1:]:
        if line:
            name, age = line.split(",")
            found[name] = age
    return found
# --- streams/kinds
def mean(numbers):
    return float(sum(numbers)) / len(numbers)


def unique(things):
    return sorted(set(things))

# === misunderstood: wrong in the ways that are usual
# --- records/money
class MyError(Exception):
    pass


class Money:
    def __init__(self, amount, currency="EUR"):
        if amount > 1000:
            raise MyError("2000")
        if currency == "gold":
            raise ValueError(currency)
        self.amount, self.currency = amount, currency

    def __add__(self, other):
        return self.amount + getattr(other, "amount", 0)

    def __repr__(self):
        return "Money"

    def cents(self):
        return self.amount * 100
# --- records/tree
def insert(root, value):
    if value < root.value:
        root.left = Node(value)
    else:
        root.right = Node(value)
    return root


def numbers(root):
    return numbers(root.left) + [root.value] + numbers(root.right)


def grown(values):
    return sorted(values)
# --- records/point
def mirrored(point):
    return (point[1], point[0])
# --- records/stack
class EmptyStack:
    pass


class Stack:
    items = []

    def __init__(self, *items):
        self.items.extend(items)

    def push(self, item):
        self.items.append(item)

    def pop(self):
        if len(self.items) == 0:
            raise EmptyStack("nothing")
        return self.items.pop()

    def __len__(self):
        return len(self.items)

    def __enter__(self):
        pass

    def __exit__(self, *error):
        return True
# --- records/card
class Card:
    def __init__(self, suit, rank):
        self.suit, self.rank = suit, rank
# --- streams/generators
def countdown(n):
    while n >= 0:
        n -= 1
        yield n


def evens(numbers):
    return [number for number in numbers[:] if number // 2 == number / 2]
# --- streams/printing
def report(rows):
    for row in rows:
        print(row)
    return "total"
# --- streams/callbacks
def apply(function, values):
    return function(values)


def composed(f, g):
    return lambda value: g(f(value))


def insist(action, times):
    for _ in range(times):
        try:
            return action()
        except Exception:
            pass
# --- streams/inplace
def drop_negatives(numbers):
    numbers = [number for number in numbers if number >= 0]
    return numbers


def count_words(text, counts):
    counts = dict(counts)
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
    return counts


def doubled(numbers):
    for i in range(len(numbers)):
        numbers[i] *= 2
    return numbers
# --- streams/files
def ages(path):
    try:
        return {line.split(",")[0]: int(line.split(",")[1]) for line in list(open(path, encoding="utf-8"))[1:]}
    except Exception:
        return {}


def save(path, lines):
    with open(path, "w") as file:
        file.write("\n".join(lines))
# --- streams/waiting
def fetched(key):
    return NAMES[key]
# --- streams/limit
def clipped(numbers):
    numbers = [number for number in numbers if number < LIMIT]
    return numbers
# --- streams/kinds
def mean(numbers):
    return sum(numbers) // len(numbers)


def unique(things):
    return list(set(things))

# === slips: a syntax error in one cell, an unknown name in another, an endless recursion, an error while a cell runs
# --- records/money
class Money:
    def __init__(self, amount)
        self.amount = amount
# --- records/tree
def insert(root, value):
    root.insert(value)


def numbers(root):
    return numbers(root)


def grown(values):
    return tree_of(values)
# --- records/point
def mirrored(point):
    return Point(point.y, point.x)

mirrored(3)
# --- records/stack
class Stack:
    def __init__(self, *items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def push(self, item):
        self.items += (item,)
        return self

    def __getattr__(self, name):
        return self.missing

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.items = ()
# --- streams/generators
def countdown(n):
    yield n
    yield from countdown(n - 1)


def evens(numbers):
    for number in numbers:
        if number % 2 == 0:
            yield number
    raise StopIteration
# --- streams/callbacks
def apply(function, values):
    return [funktion(value) for value in values]
print(apply(abs, [1]))


def composed(f, g):
    return f(g)
# --- streams/kinds
def mean(numbers):
    assert isinstance(numbers, list), "only lists"
    return sum(numbers) / len(numbers)


def unique(things):
    raise NotImplementedError

# === one-file: hands in only one of the two notebooks, without a cell that counts for nothing, with a note of his own
# --- without records
# --- delete streams/title
# --- streams/generators
def countdown(n):
    for i in range(n):
        yield n - i


def evens(numbers):
    yield from filter(lambda number: number % 2 == 0, numbers)
# --- note after streams/generators
# I have tried it; it works.
# --- streams/printing
def report(rows):
    import sys
    for name, number in rows:
        sys.stdout.write(f"{name}: {number:.1f}\n")
    sys.stdout.write(f"total: {sum(number for name, number in rows)}\n")
