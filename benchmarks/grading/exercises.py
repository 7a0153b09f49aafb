"""Eight ordinary exercises, without torch or pictures, each with right and with wrong answers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Exercise:
    """An exercise: what is asked, answers that keep its points and answers that lose them, and the
    tests that students see and that they do not."""

    name: str
    asked: str
    points: int
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    visible: str
    hidden: str


EXERCISES = (
    Exercise(
        "mean_of_even",
        "Write `mean_of_even(numbers)`: the mean of the even numbers in a list, 0 without any.",
        1,
        (
            """
def mean_of_even(numbers):
    even = [number for number in numbers if number % 2 == 0]
    return sum(even) / len(even) if even else 0
""",
            """
def mean_of_even(numbers):
    total, count = 0, 0
    for number in numbers:
        if not number % 2:
            total += number
            count += 1
    return total / max(count, 1)
""",
        ),
        (
            """
def mean_of_even(numbers):
    return sum(number for number in numbers if number % 2 == 0) / len(numbers)
""",
            """
def mean_of_even(numbers):
    even = [number for number in numbers if number % 2 == 0]
    return sum(even) / len(even)
""",
        ),
        """
assert mean_of_even([1, 2, 4]) == 3
""",
        """
assert mean_of_even([-2, 3, 8, 0]) == 2
assert mean_of_even([1, 3]) == 0
for length in range(1, 30):
    numbers = [(7 * place) % 11 for place in range(length)]
    even = [number for number in numbers if number % 2 == 0]
    assert math.isclose(mean_of_even(numbers), sum(even) / max(1, len(even)))
""",
    ),
    Exercise(
        "word_counts",
        "Write `word_counts(text)`: how often each word occurs, in lower case, as a dictionary.",
        2,
        (
            """
def word_counts(text):
    counts = {}
    for word in text.lower().split():
        counts[word] = counts.get(word, 0) + 1
    return counts
""",
            """
from collections import Counter

def word_counts(text):
    return dict(Counter(text.lower().split()))
""",
        ),
        (
            """
def word_counts(text):
    words = text.split()
    return {word: words.count(word) for word in words}
""",
            """
def word_counts(text):
    return {word: text.lower().count(word) for word in text.lower().split()}
""",
        ),
        """
assert word_counts("one two two") == {"one": 1, "two": 2}
""",
        """
assert word_counts("") == {}
assert word_counts("The the THE a") == {"the": 3, "a": 1}
text = " ".join(["On", "and", "on", "the", "band", "played"] * 50)
assert word_counts(text) == {"on": 100, "and": 50, "the": 50, "band": 50, "played": 50}
""",
    ),
    Exercise(
        "moving_average",
        "Write `moving_average(values, width)`: the mean of each `width` neighbours, as an array.",
        2,
        (
            """
def moving_average(values, width):
    return np.convolve(values, np.ones(width) / width, mode="valid")
""",
            """
def moving_average(values, width):
    places = range(len(values) - width + 1)
    return np.array([np.mean(values[place : place + width]) for place in places])
""",
        ),
        (
            """
def moving_average(values, width):
    return np.convolve(values, np.ones(width) / width, mode="same")
""",
            """
def moving_average(values, width):
    places = range(len(values) - width)
    return np.array([np.mean(values[place : place + width]) for place in places])
""",
        ),
        """
assert np.allclose(moving_average(np.array([1.0, 2.0, 3.0]), 2), [1.5, 2.5])
""",
        """
values = np.random.default_rng(3).normal(size=200)
for width in (1, 4, 7, 200):
    sums = np.cumsum(np.concatenate([[0.0], values]))
    got = moving_average(values, width)
    assert got.shape == (201 - width,)
    assert np.allclose(got, (sums[width:] - sums[:-width]) / width)
""",
    ),
    Exercise(
        "shares",
        "Write `shares(table)`: each row of a table divided by its sum; a row of zeros stays.",
        2,
        (
            """
def shares(table):
    sums = table.sum(axis=1, keepdims=True)
    return table / np.where(sums == 0, 1, sums)
""",
            """
def shares(table):
    result = table.astype(float)
    for row in result:
        if row.sum():
            row /= row.sum()
    return result
""",
        ),
        (
            """
def shares(table):
    return table / table.sum()
""",
            """
def shares(table):
    sums = table.sum(axis=0, keepdims=True)
    return table / np.where(sums == 0, 1, sums)
""",
        ),
        """
assert np.allclose(shares(np.array([[1.0, 3.0]])), [[0.25, 0.75]])
""",
        """
table = np.arange(12.0).reshape(4, 3)
table[2] = 0
got = shares(table)
assert got.shape == table.shape
assert np.allclose(got.sum(axis=1), [1, 1, 0, 1])
assert np.allclose(got[1], [3 / 12, 4 / 12, 5 / 12])
""",
    ),
    Exercise(
        "flattened",
        "Write `flattened(nested)`: the numbers in lists within lists, however deep, as one list.",
        2,
        (
            """
def flattened(nested):
    result = []
    for item in nested:
        if isinstance(item, list):
            result.extend(flattened(item))
        else:
            result.append(item)
    return result
""",
            """
def flattened(nested):
    waiting, result = list(reversed(nested)), []
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(reversed(item))
        else:
            result.append(item)
    return result
""",
        ),
        (
            """
def flattened(nested):
    return [number for part in nested for number in (part if isinstance(part, list) else [part])]
""",
            """
def flattened(nested):
    result = []
    for item in nested:
        if isinstance(item, list):
            result.append(flattened(item))
        else:
            result.append(item)
    return result
""",
        ),
        """
assert flattened([1, 2]) == [1, 2]
""",
        """
assert flattened([1, [2, [3, []]], 4]) == [1, 2, 3, 4]
assert flattened([[[[5]]]]) == [5]
deep = [0]
for number in range(1, 40):
    deep = [deep, number]
assert flattened(deep) == list(range(40))
""",
    ),
    Exercise(
        "longest_run",
        "Write `longest_run(items)`: the length of the longest run of equal neighbours in a list.",
        1,
        (
            """
def longest_run(items):
    longest = run = 0
    for place, item in enumerate(items):
        run = run + 1 if place and items[place - 1] == item else 1
        longest = max(longest, run)
    return longest
""",
            """
import itertools

def longest_run(items):
    return max((len(list(group)) for _, group in itertools.groupby(items)), default=0)
""",
        ),
        (
            """
def longest_run(items):
    return max(items.count(item) for item in items)
""",
            """
def longest_run(items):
    longest, run = 1, 1
    for before, item in zip(items, items[1:]):
        if before == item:
            run += 1
        else:
            longest, run = max(longest, run), 1
    return longest
""",
        ),
        """
assert longest_run([1, 1, 2]) == 2
""",
        """
assert longest_run([]) == 0
assert longest_run([1, 2, 1, 1, 1]) == 3
assert longest_run(list("aabbbacccc")) == 4
assert longest_run([1, 2, 1, 2, 1]) == 1
""",
    ),
    Exercise(
        "distances",
        "Write `distances(points)`: the distance of each point from each, from an array of points.",
        3,
        (
            """
def distances(points):
    steps = points[:, None, :] - points[None, :, :]
    return np.sqrt((steps**2).sum(axis=2))
""",
            """
def distances(points):
    size = len(points)
    result = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            result[i, j] = np.linalg.norm(points[i] - points[j])
    return result
""",
        ),
        (
            """
def distances(points):
    steps = points[:, None, :] - points[None, :, :]
    return np.abs(steps).sum(axis=2)
""",
            """
def distances(points):
    steps = points[:, None, :] - points[None, :, :]
    return (steps**2).sum(axis=2)
""",
        ),
        """
assert np.allclose(distances(np.array([[0.0, 0.0], [0.0, 2.0]]))[0, 0], 0)
""",
        """
points = np.random.default_rng(5).normal(size=(25, 3))
got = distances(points)
assert got.shape == (25, 25)
for i in range(25):
    assert np.allclose(got[i], [math.dist(points[i], other) for other in points])
""",
    ),
    Exercise(
        "merged",
        "Write `merged(first, second)`: two ordered lists as one, in order, both as they were.",
        2,
        (
            """
def merged(first, second):
    return sorted(first + second)
""",
            """
def merged(first, second):
    result, i, j = [], 0, 0
    while i < len(first) and j < len(second):
        if first[i] <= second[j]:
            result.append(first[i])
            i += 1
        else:
            result.append(second[j])
            j += 1
    return result + first[i:] + second[j:]
""",
        ),
        (
            """
def merged(first, second):
    result = []
    while first and second:
        result.append((first if first[0] <= second[0] else second).pop(0))
    return result + first + second
""",
            """
def merged(first, second):
    return sorted(set(first) | set(second))
""",
        ),
        """
assert merged([1, 3], [2]) == [1, 2, 3]
""",
        """
assert merged([], []) == []
assert merged([1, 1, 2], [1]) == [1, 1, 1, 2]
first, second = list(range(0, 90, 3)), list(range(0, 60, 2))
assert merged(first, second) == sorted(list(range(0, 90, 3)) + list(range(0, 60, 2)))
assert (len(first), len(second)) == (30, 30)
""",
    ),
)
