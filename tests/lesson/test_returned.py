"""Whether what came back instead of a float32 table is named for what it is, with true words on the numbers in it."""

import asyncio
import collections
import contextlib
import functools
import io
import itertools
import re
import time
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from samples import correlated, windows

from convlab import checks
from convlab.diagnosis import returned
from convlab.diagnosis.ask import Asked
from convlab.examples import SIZES, example
from convlab.mistakes import Raised, WrongType
from course import answers
from course.gate import LEFT_OVER, why


@dataclass
class Answered:
    """A learner's own object around the map."""

    result: torch.Tensor


class Called:
    """A learner's own object that has to be called once more."""

    def __init__(self, image):
        self.image = image

    def __call__(self, kernel):
        """The map."""
        return correlated(self.image, kernel)


class Hostile:
    """Raises whatever is asked of it."""

    def __getattribute__(self, name):
        raise RuntimeError(name)

    def __repr__(self):
        raise RuntimeError("repr")

    def __eq__(self, other):
        raise RuntimeError("eq")

    __hash__ = None


class HostileList(list):
    """A list that never comes to an end, and has no length."""

    def __iter__(self):
        return itertools.repeat(self)

    def __len__(self):
        raise RuntimeError("len")


class HostileTensor(torch.Tensor):
    """A tensor with which nothing can be done."""

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        raise RuntimeError(str(function))


Pair = collections.namedtuple("Pair", "map size")


def generator(image, kernel):
    """Rows one by one."""
    yield from correlated(image, kernel)


async def later(image, kernel):
    """The map, but not yet."""
    return correlated(image, kernel)


async def later_rows(image, kernel):
    """Rows one by one, but not yet."""
    for row in correlated(image, kernel):
        yield row


def printing(image, kernel):
    """Shows the map and returns nothing."""
    print(correlated(image, kernel))


def endless(image, kernel):
    """Numbers without end."""
    return itertools.count()


def flipped(image, kernel):
    """A map of the right size with wrong numbers."""
    return correlated(image, kernel.flip(0, 1))


VALUES = {
    "nothing": ("returns-nothing", lambda i, k: None, "None came back."),
    "printed": ("returns-nothing", printing, "What it prints is only shown"),
    "appended": ("returns-nothing", lambda i, k: [].append(correlated(i, k)), "None came back."),
    "nested": ("returns-list", lambda i, k: correlated(i, k).tolist(), "The numbers in it are the right feature map."),
    "nested, wrong": ("returns-list", lambda i, k: flipped(i, k).tolist(), "some of the numbers in it are not right yet"),
    "nested too long": ("returns-list", lambda i, k: i.tolist(), "a list of length 8, and not a tensor."),
    "rows": ("returns-list", lambda i, k: tuple(correlated(i, k)), "a tuple of length 6, and not a tensor. The numbers"),
    "rows of arrays": ("returns-list", lambda i, k: list(correlated(i, k).numpy()), "are the right feature map."),
    "numbers in a row": ("returns-list", lambda i, k: correlated(i, k).flatten().tolist(), "are the right feature map."),
    "rows of length one more axis": ("returns-list", lambda i, k: list(correlated(i, k)[:, None]), "a list of length 6, and not a tensor."),
    "empty": ("returns-list", lambda i, k: [], "a list of length 0"),
    "zeros and ones": ("returns-list", lambda i, k: [[0, 1]] * 6, "a list of length 6, and not a tensor."),
    "gigantic": ("returns-list", lambda i, k: [0.5] * 10**6, "a list of length 1000000, and not a tensor."),
    "map in a list": ("returns-list", lambda i, k: [correlated(i, k)], "has the map inside, and not the map itself."),
    "map and loss": ("returns-several", lambda i, k: (correlated(i, k), 0.5), "The map among them is right."),
    "size and map": ("returns-several", lambda i, k: [(6, 6), correlated(i, k)], "The map among them is right."),
    "named tuple": ("returns-several", lambda i, k: Pair(flipped(i, k), (6, 6)), "some numbers of the map among them are not right yet."),
    "two maps": ("returns-several", lambda i, k: (correlated(i, k), flipped(i, k)), "2 things in a tuple, where the map alone was expected."),
    "map too large and text": ("returns-several", lambda i, k: (i, "done"), "where the map alone was expected."),
    "array": ("returns-numpy", lambda i, k: correlated(i, k).numpy(), "Its numbers are the right feature map."),
    "double array": ("returns-numpy", lambda i, k: correlated(i, k).double().numpy(), "Its numbers are the right feature map."),
    "wrong array": ("returns-numpy", lambda i, k: np.zeros((6, 6)), "some of its numbers are not right yet."),
    "array of objects": ("returns-numpy", lambda i, k: np.array([None, "a"], dtype=object), "and not a torch tensor."),
    "function": ("returns-function", lambda i, k: lambda: correlated(i, k), "`conv2d(image, kernel)()` gives the right feature map."),
    "built-in method": ("returns-function", lambda i, k: correlated(i, k).contiguous, "`contiguous` itself"),
    "partial": ("returns-function", lambda i, k: functools.partial(correlated, i), "`conv2d(image, kernel)(kernel)` gives"),
    "object to be called": ("returns-function", lambda i, k: Called(i), "`conv2d(image, kernel)(kernel)` gives"),
    "function of the place": ("returns-function", lambda i, k: lambda i, j: 1, "and it was not."),
    "generator": ("returns-generator", generator, "Once asked, it gives the right feature map."),
    "generator expression": ("returns-generator", lambda i, k: (row for row in flipped(i, k)), "is not the right feature map yet."),
    "map object": ("returns-generator", lambda i, k: map(torch.Tensor.tolist, correlated(i, k)), "a map object"),
    "zip object": ("returns-generator", lambda i, k: zip(i, k), "a zip object"),
    "iterator": ("returns-generator", lambda i, k: iter(correlated(i, k).tolist()), "which hands out its items one by one"),
    "count": ("returns-generator", endless, "an itertools.count"),
    "coroutine": ("returns-generator", later, "Once asked, it gives the right feature map."),
    "asynchronous generator": ("returns-generator", later_rows, "async_generator"),
    "text": ("not-a-tensor", lambda i, k: str(correlated(i, k)), "returned text, and not a tensor."),
    "dictionary": ("not-a-tensor", lambda i, k: {"map": correlated(i, k)}, "One of its entries is the right feature map."),
    "dataclass": ("not-a-tensor", lambda i, k: Answered(correlated(i, k)), "One of its attributes holds the right feature map."),
    "dataclass, wrong": ("not-a-tensor", lambda i, k: Answered(flipped(i, k)), "Answered, and not a tensor."),
    "class": ("not-a-tensor", lambda i, k: Answered, "a type, and not a tensor."),
    "size": ("not-a-tensor", lambda i, k: i.shape, "a torch.Size, and not a tensor."),
    "yes": ("not-a-tensor", lambda i, k: True, "a bool, and not a tensor."),
    "words": ("not-a-tensor", lambda i, k: ["a", "b"], "a list, and not a tensor."),
    "range": ("not-a-tensor", lambda i, k: range(6), "a range, and not a tensor."),
    "an error": ("not-a-tensor", lambda i, k: ValueError("no"), "a ValueError, and not a tensor."),
    "number": ("single-number", lambda i, k: float(correlated(i, k).sum()), "It is the sum of all values of the right feature map."),
    "numpy's number": ("single-number", lambda i, k: correlated(i, k).numpy().mean(), "It is the mean of all values"),
    "zero": ("single-number", lambda i, k: 0, "a single number."),
    "not a number": ("single-number", lambda i, k: float("nan"), "a single number."),
    "no number for rectangles": ("size-refused", lambda i, k: correlated(i, k) if i.shape[0] == i.shape[1] else -1,
                                 "For images of size 8×8 and 10×10 your function returns a map, for 12×8 and 12×10 it does not"),
    "nothing for large ones": ("size-refused", lambda i, k: correlated(i, k) if i.numel() < 110 else None, "returns None."),
}
TENSORS = {
    "sum": ("single-number", lambda i, k: correlated(i, k).sum(), "It is the sum of all values of the right feature map."),
    "first": ("single-number", lambda i, k: correlated(i, k)[0, 0], "It is the right value of output (0, 0) alone."),
    "last, on one axis": ("single-number", lambda i, k: correlated(i, k)[5:, 5], "It is the right value of output (5, 5) alone."),
    "double": ("double-precision", lambda i, k: correlated(i.double(), k.double()), "The numbers themselves are right."),
    "double and flipped": ("double-precision", lambda i, k: flipped(i, k).double(), "some of the numbers are not right yet."),
    "double and too large": ("double-precision", lambda i, k: i.double(), "float64, where float32 was expected."),
    "half": ("half-precision", lambda i, k: correlated(i, k).half(), "Apart from that rounding they are right."),
    "half all along": ("half-precision", lambda i, k: flipped(i.half(), k.half()), "further off than this rounding explains."),
    "brain float": ("half-precision", lambda i, k: correlated(i, k).bfloat16(), "about 2 digits"),
    "cut off": ("integer-output", lambda i, k: correlated(i, k).int(), "without all that stands behind the decimal point."),
    "rounded": ("integer-output", lambda i, k: correlated(i, k).round().long(), "the right numbers rounded to whole ones."),
    "floored": ("integer-output", lambda i, k: correlated(i, k).floor().short(), "the right numbers rounded down."),
    "flipped and cut off": ("integer-output", lambda i, k: flipped(i, k).int(), "whole numbers (int32), where float32 was expected."),
    "positive": ("boolean-output", lambda i, k: correlated(i, k) > 0, "True stands where the right feature map is greater than 0."),
    "all true": ("boolean-output", lambda i, k: correlated(i, k).bool(), "All of them are True."),
    "negative": ("boolean-output", lambda i, k: correlated(i, k) < 0, "True and False instead of numbers."),
    "complex": ("complex-output", lambda i, k: correlated(i, k).to(torch.complex64), "Their real parts are the right feature map"),
    "complex and wrong": ("complex-output", lambda i, k: correlated(i, k) * 1j, "complex numbers (complex64)"),
    "batch": ("extra-axis", lambda i, k: correlated(i, k)[None], "size 1×6×6, where two axes were expected"),
    "channel last": ("extra-axis", lambda i, k: correlated(i, k)[..., None], "The numbers are right."),
    "batch, flipped": ("extra-axis", lambda i, k: flipped(i, k)[None, None], "some of the numbers are not right yet."),
    "batch, too large": ("extra-axis", lambda i, k: i[None], "size 1×8×8, where two axes were expected: rows and columns."),
    "batch of doubles": ("extra-axis+double-precision", lambda i, k: correlated(i, k)[None].double(), "The numbers are right."),
    "row": ("flattened", lambda i, k: correlated(i, k).flatten(), "The numbers are right, and in the right order."),
    "batch of rows": ("flattened", lambda i, k: correlated(i, k).reshape(1, 1, -1), "(size 1×1×36)"),
    "row by columns": ("flattened", lambda i, k: correlated(i, k).T.flatten(), "or their order, are not right yet."),
    "products": ("not-summed", lambda i, k: windows(i, k), "Added up along the axes of length 3 and 3, it is the right feature map."),
    "half summed": ("not-summed", lambda i, k: windows(i, k).sum(2), "Added up along the axes of length 3, it is the right"),
    "nine last": ("not-summed", lambda i, k: windows(i, k).flatten(2), "Added up along the axes of length 9, it is the right"),
    "nine first": ("not-summed", lambda i, k: windows(i, k).flatten(2).movedim(2, 0), "Added up along the axes of length 9, it is"),
    "flipped products": ("not-summed", lambda i, k: windows(i, k.flip(0, 1)) * 0 + windows(i, torch.ones(3, 3)) * k.flip(0, 1),
                         "it has the feature map's size."),
    "three copies": (None, lambda i, k: correlated(i, k).expand(3, 6, 6), ""),
    "sums of columns": (None, lambda i, k: correlated(i, k).sum(0), ""),
    "sparse": (None, lambda i, k: correlated(i, k).to_sparse(), ""),
    "hostile": (None, lambda i, k: torch.ones(6, 6).as_subclass(HostileTensor), ""),
    "nothing in it": (None, lambda i, k: torch.zeros(0), ""),
    "a right map": (None, correlated, ""),
    "a wrong map": (None, flipped, ""),
}


def explained(conv2d, sizes=SIZES):
    """The Diagnosis of the first of these image sizes at which it returns no float32 table; None if there is none."""
    for shape in sizes:
        case = example(*shape, seed=7)
        result = Asked(conv2d).answer(*case.before)
        mistake = checks.mistake_in(checks.is_float32_tensor, result, case) if type(result) is not HostileTensor else None
        if mistake or type(result) is HostileTensor or result.ndim != 2:
            return returned.explain(conv2d, mistake, case, result), case
    return returned.explain(conv2d, None, case, result), case


def untrue(sentence, conv2d, case):
    """The claims on numbers that do not hold when the function is asked again."""
    result, right = Asked(conv2d).answer(*case.before), case.target
    near = functools.partial(torch.allclose, atol=1e-4)
    claims = {
        r"numbers (themselves )?are right|(is|are) the right feature map\.$": lambda: near(as_map(result, right), right),
        "not all": lambda: not near(as_map(result, right), right),
        "sum of all values": lambda: abs(float(result) - float(right.sum())) < 1e-2,
        "mean of all values": lambda: abs(float(result) - float(right.mean())) < 1e-2,
        r"output \(0, 0\) alone": lambda: abs(float(result) - float(right[0, 0])) < 1e-4,
        "behind the decimal point": lambda: torch.equal(result.double(), right.trunc()),
        "greater than 0": lambda: torch.equal(result, right > 0),
        "All of them are True": lambda: bool(result.all()),
        "Added up along": lambda: any(
            result.sum(axes).shape == right.shape and (near(result.sum(axes).double(), right) or "it has" in sentence)
            for count in (1, 2) for axes in itertools.combinations(range(result.ndim), count)),
        "real parts": lambda: near(result.real.double(), right),
        "None came back|returns None": lambda: result is None,
        "a single number": lambda: torch.as_tensor(result).numel() == 1,
    }
    return [words for words, holds in claims.items() if re.search(words, sentence) and not holds()]


def as_map(result, right):
    """The numbers in tensors, arrays, lists and generators, as a table of the right size, or of zeros if they are not as many."""
    if isinstance(result, (list, tuple)):
        result = torch.cat([torch.as_tensor(row, dtype=torch.float64).flatten() for row in result]) if len(result) else torch.zeros(1)
    result = torch.as_tensor(result)
    result = (result.real if result.is_complex() else result).double()
    while result.numel() > right.numel() and result.shape[-1] in (3, 9):
        result = result.sum(-1)
    if result.numel() > right.numel():
        result = result.sum(0)
    return result.reshape(right.shape) if result.numel() == right.numel() else torch.zeros(right.shape).double()


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_is_no_tensor_is_named(name):
    """What came back instead of a tensor is named for its kind, and it is said whether the right numbers are in it."""
    expected, conv2d, words = VALUES[name]
    found, _ = explained(conv2d)
    assert (found.name, words in found.sentence) == (expected, True), found.sentence


@pytest.mark.parametrize("name", TENSORS)
def test_a_tensor_of_another_form_is_named(name):
    """Axes and types of number are named, numbers judged apart from them; what has no name gets none."""
    expected, conv2d, words = TENSORS[name]
    found, case = explained(conv2d, [(8, 8)])
    assert (found and found.name) == expected
    assert expected is None or words in found.sentence, found.sentence
    assert expected is None or untrue(found.sentence, conv2d, case) == []


@pytest.mark.parametrize("name", ["nested", "nested, wrong", "rows", "numbers in a row", "array", "wrong array", "number", "numpy's number",
                                  "nothing", "nothing for large ones"])
def test_what_is_said_of_numbers_holds_when_asked_again(name):
    """The numbers in lists and arrays are right, or wrong, as told."""
    _, conv2d, _ = VALUES[name]
    found, case = explained(conv2d)
    assert untrue(found.sentence, conv2d, case) == []


@pytest.mark.parametrize("conv2d", [
    lambda i, k: HostileList([1]), endless, lambda i, k: Hostile(), lambda i, k: [Hostile()] * 5, lambda i, k: (HostileList(),),
    lambda i, k: torch.ones(6, 6).as_subclass(HostileTensor), lambda i, k: {1: Hostile()}, lambda i, k: Hostile,
    lambda i, k: [[[0.5] * 1000] * 1000] * 1000, lambda i, k: iter(int, 1), lambda i, k: collections.UserDict()],
    ids=["list", "count", "object", "objects", "list in a tuple", "tensor", "dictionary", "class", "a thousand million", "iterator", "user"])
def test_nothing_that_comes_back_stops_or_breaks_the_search(conv2d):
    """Objects that raise or never end are looked at for a moment only, and nothing is raised."""
    case = example(8, 8, seed=1)
    began = time.perf_counter()
    found = returned.explain(conv2d, WrongType("no tensor"), case, Asked(conv2d).answer(*case.before))
    assert found is None or found.name in ("not-a-tensor", "returns-list", "returns-generator", "returns-several")
    assert time.perf_counter() - began < 3


def test_what_was_raised_is_not_explained_as_returned():
    """An error that ended the call is none that came back."""
    case = example(8, 8, seed=1)
    assert returned.explain(lambda i, k: 1 / 0, Raised("no"), case, ZeroDivisionError("division by zero")) is None


def test_a_coroutine_is_closed_and_its_map_seen():
    """Nobody is warned of a coroutine that was never awaited, and one that waits for something gives no map."""
    async def slow(image, kernel):
        await asyncio.sleep(0)
        return correlated(image, kernel)

    found, _ = explained(slow)
    assert (found.name, "Once asked" in found.sentence) == ("returns-generator", False)


def test_an_interruption_is_not_swallowed():
    """Ctrl-C ends the search."""
    class Interrupting(list):
        def __iter__(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        returned.explain(lambda i, k: None, WrongType(""), example(8, 8, seed=1), Interrupting())


@pytest.mark.parametrize("answer", [answer for answer in answers.load() if answer.right], ids=lambda answer: answer.name)
def test_no_right_answer_is_explained(answer):
    """A right map is never said to be of a wrong form."""
    namespace = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(LEFT_OVER + answer.source, namespace)
    for shape in SIZES:
        case = example(*shape, seed=2)
        result = Asked(namespace["conv2d"]).answer(*case.before)
        assert returned.explain(namespace["conv2d"], WrongType("said so"), case, result) is None


def test_every_sample_answer_that_returns_another_form_is_named_as_its_head_says():
    """Names of sample answers are those of their heads, and no sample answer of another kind gets a name."""
    named = 0
    for answer in answers.load():
        if answer.file not in ("wrong_type.py", "wrong_interface.py", "wrong_size.py"):
            continue
        namespace = {"__name__": "__main__"}
        exec(LEFT_OVER, namespace)
        why(answer.source, "answer", namespace, io.StringIO())
        conv2d = namespace.get("conv2d")
        for case in (example(*shape, seed=5) for shape in SIZES if callable(conv2d)):
            with contextlib.redirect_stdout(io.StringIO()):
                result = Asked(conv2d).answer(*case.before)
            found = None
            if not isinstance(result, BaseException):
                found = returned.explain(conv2d, WrongType(""), case, result)
            if found:
                assert (answer.name, found.names in answer.diagnoses) == (answer.name, True), found
                named += 1
                break
    assert named >= 35
