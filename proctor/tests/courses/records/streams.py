"""A notebook on generators, printing, callbacks, files and edits in place; lines after `# %% name role points` are a cell."""

# %% [markdown] title
# # Streams

# %% imports
import asyncio
import csv

# %% given locked
LIMIT = 5
NAMES = {"a": "alpha", "b": "beta"}


def twice(function):
    """A function that calls another one twice."""
    return lambda value: function(function(value))


# %% generators solution
def countdown(n):
    """Give n, n-1, … 1, one after the other."""
    ### BEGIN SOLUTION
    while n > 0:
        yield n
        n -= 1
    ### END SOLUTION


def evens(numbers):
    """Give the even ones of any numbers that can be walked through, even if they never end."""
    ### BEGIN SOLUTION
    for number in numbers:
        if number % 2 == 0:
            yield number
    ### END SOLUTION


# %% generators-countdown test 2
import types

assert list(countdown(3)) == [3, 2, 1]
counting = countdown(2)
assert isinstance(counting, types.GeneratorType)
assert next(counting) == 2
assert next(counting) == 1
try:
    next(counting)
except StopIteration:
    pass
else:
    raise AssertionError("counted too far")
assert sum(countdown(10)) == 55
assert dict(enumerate(countdown(2))) == {0: 2, 1: 1}

# %% generators-evens test 1
assert list(evens([1, 2, 3, 4])) == [2, 4]
assert list(evens(range(7))) == [0, 2, 4, 6]

# %% generators-lazy test 1
import itertools

assert list(evens(n * n for n in range(5))) == [0, 4, 16]


def numbered():
    """As many as are needed, and no more."""
    yield from range(1, 7)
    raise OverflowError("walked on although nobody asked")


assert list(itertools.islice(evens(numbered()), 3)) == [2, 4, 6]
assert list(evens({2: "two", 3: "three"}.keys())) == [2]


# %% printing solution
def report(rows):
    """Print a line for each row: its name, a colon, its number with one digit; at the end the total."""
    ### BEGIN SOLUTION
    for name, number in rows:
        print(f"{name}: {number:.1f}")
    print("total", sum(number for _, number in rows), sep=": ")
    ### END SOLUTION


# %% printing-report test 2
import io
from contextlib import redirect_stdout

with redirect_stdout(io.StringIO()) as caught:
    assert report([("a", 1), ("b", 2.25)]) is None
assert caught.getvalue() == "a: 1.0\nb: 2.2\ntotal: 3.25\n", caught.getvalue()

# %% printing-empty test 1
with redirect_stdout(io.StringIO()) as caught:
    report([])
assert caught.getvalue().strip() == "total: 0"


# %% callbacks solution
def apply(function, values):
    """A list of what `function` makes of each value."""
    ### BEGIN SOLUTION
    return [function(value) for value in values]
    ### END SOLUTION


def composed(f, g):
    """A function that calls g, then f."""
    ### BEGIN SOLUTION
    return lambda value: f(g(value))
    ### END SOLUTION


def insist(action, times):
    """Call `action` until it raises no ValueError, at most so many times; give what it returns, or None."""
    ### BEGIN SOLUTION
    for _ in range(times):
        try:
            return action()
        except ValueError:
            continue
    ### END SOLUTION


# %% callbacks-apply test 1
assert apply(lambda value: value + 1, [1, 2]) == [2, 3]
assert apply(abs, [-1, 2]) == [1, 2]
assert apply(str.upper, "ab") == ["A", "B"]
assert apply(twice(lambda value: value * 3), [1]) == [9]
assert apply(int, ["7"]) == [7]

# %% callbacks-composed test 1
assert composed(lambda x: x + 1, lambda x: x * 2)(5) == 11
assert twice(composed(len, str))(1234567890123) == 2
assert composed(len, str)(1234) == 4
assert callable(composed(len, str))

# %% callbacks-insist test 2
calls = []


def moody():
    """Fails twice."""
    calls.append(len(calls))
    if len(calls) < 3:
        raise ValueError("not yet")
    return "done"


assert insist(moody, 5) == "done"
assert calls == [0, 1, 2]
calls.clear()
assert insist(moody, 2) is None


def broken():
    """Fails in another way."""
    raise ZeroDivisionError


try:
    insist(broken, 5)
except ZeroDivisionError:
    pass
else:
    raise AssertionError("swallowed an error that is no ValueError")


# %% inplace solution
def drop_negatives(numbers):
    """Take the negative numbers out of the list itself."""
    ### BEGIN SOLUTION
    numbers[:] = [number for number in numbers if number >= 0]
    ### END SOLUTION


def count_words(text, counts):
    """Add the words of the text to the counts, and give the counts back."""
    ### BEGIN SOLUTION
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
    return counts
    ### END SOLUTION


def doubled(numbers):
    """A new list with each number doubled."""
    ### BEGIN SOLUTION
    return [2 * number for number in numbers]
    ### END SOLUTION


# %% inplace-drop test 1
numbers = [1, -2, 3, -4]
same = numbers
assert drop_negatives(numbers) is None
assert numbers == [1, 3]
assert same is numbers

# %% inplace-count test 1
counts = {"a": 1}
assert count_words("a b a", counts) is counts
assert counts == {"a": 3, "b": 1}
assert list(counts) == ["a", "b"]

# %% inplace-new test 1
before = [1, 2]
after = doubled(before)
assert after == [2, 4]
assert before == [1, 2]
assert after is not before
grid = [[1, 2], [3]]
first = grid[0]
drop_negatives(first)
first.append(-1)
assert grid == [[1, 2, -1], [3]]


# %% files solution
def ages(path):
    """The ages by name, from a table with the columns name and age; ValueError for an age that is no number."""
    ### BEGIN SOLUTION
    with open(path, encoding="utf-8", newline="") as file:
        return {row["name"]: int(row["age"]) for row in csv.DictReader(file)}
    ### END SOLUTION


def save(path, lines):
    """Write the lines to a file."""
    ### BEGIN SOLUTION
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    ### END SOLUTION


# %% files-read test 1
assert ages("people.csv") == {"Ada": 36, "Grace": 85, "Źdźbło": 7}

# %% files-missing test 1
try:
    ages("nobody.csv")
except FileNotFoundError:
    pass
else:
    raise AssertionError("read a file that is not there")

# %% files-from-test test 1
with open("more.csv", "w", encoding="utf-8") as file:
    file.write("name,age\nTim,5\nTom,x\n")
try:
    ages("more.csv")
except ValueError:
    pass
else:
    raise AssertionError("took x for a number")

# %% files-saved test 1
save("lines.txt", ["one", "two"])
with open("lines.txt", encoding="utf-8") as file:
    assert file.read() == "one\ntwo\n"


# %% waiting solution
async def fetched(key):
    """After a moment, the name behind the key."""
    ### BEGIN SOLUTION
    await asyncio.sleep(0)
    return NAMES[key]
    ### END SOLUTION


# %% waiting-fetched test 2
assert await fetched("a") == "alpha"
assert await asyncio.gather(fetched("a"), fetched("b")) == ["alpha", "beta"]

# %% settings
WIDTH = 5  # try others

# %% settings-width test 1
assert WIDTH > 2


# %% limit solution
def clipped(numbers):
    """The numbers, none above LIMIT."""
    ### BEGIN SOLUTION
    return [min(number, LIMIT) for number in numbers]
    ### END SOLUTION


# %% limit-clipped test 1
assert clipped([3, 9]) == [3, LIMIT]
assert clipped([]) == []


# %% kinds solution
def mean(numbers):
    """The mean of numbers of any kind."""
    ### BEGIN SOLUTION
    return sum(numbers) / len(numbers)
    ### END SOLUTION


def unique(things):
    """The different things."""
    ### BEGIN SOLUTION
    return set(things)
    ### END SOLUTION


# %% kinds-numbers test 2
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

assert mean([1, 2]) == 1.5
assert mean([10**40, 10**40]) == 1e40
assert mean([Fraction(1, 3), Fraction(2, 3)]) == Fraction(1, 2)
assert type(mean([Decimal("0.1"), Decimal("0.3")])) is Decimal
assert mean((1j, 3j)) == 2j
assert unique("abca") == {"a", "b", "c"}
assert unique([date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=1)]) == {
    date(2026, 1, 1),
    date(2026, 1, 2),
}
assert unique([b"\x00", "\ud800", (1, (2,)), None, True]) == {
    b"\x00",
    "\ud800",
    (1, (2,)),
    None,
    True,
}

# %% kinds-share test 4
import math

parts = [
    mean([2, 4]) == 3,
    mean([0.1]) == 0.1,
    math.isnan(mean([math.nan, 1])),
    unique([]) == set(),
]
print(sum(parts), "of", len(parts))
float(sum(parts))
